/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the Malta board, shared by its files.  */
#ifndef ATHANOR_BOARD_MALTA_H
#define ATHANOR_BOARD_MALTA_H

#include "dbt-runtime/board/board.h"
#include "dbt-runtime/dev/cfi_flash.h"
#include "dbt-runtime/dev/gt64120.h"
#include "dbt-runtime/dev/i8042.h"
#include "dbt-runtime/dev/i8237.h"
#include "dbt-runtime/dev/i8254.h"
#include "dbt-runtime/dev/i8259.h"
#include "dbt-runtime/dev/malta_fpga.h"
#include "dbt-runtime/dev/mc146818.h"
#include "dbt-runtime/dev/ns16550.h"
#include "dbt-runtime/dev/piix4.h"

/* MALTA_<NAME> and MALTA_<NAME>_SIZE; int cannot hold them all, so they are constants of their own type.  */
#define MEMORY(name, base, size) static const gpa MALTA_##name __attribute__((unused)) = (base); \
	static const uint64_t MALTA_##name##_SIZE __attribute__((unused)) = (size);
#include "dbt-runtime/board/malta.def"

#define MALTA_DEVS_MAX 24
#define MALTA_PIIX4_SLOT 10u
#define MALTA_SERIALS 3u

struct malta {
	struct board board;
	struct mem_map *isa;         /* fixed I/O ports */
	struct mem_map *pci_memory;  /* empty: reads all ones, and logs */
	struct mem_map *local;       /* what the GT-64120 does not decode: reads 0, and logs */
	struct pci_bus pci;
	struct gt64120 gt;
	struct piix4 piix4;
	struct i8259 pic[2];
	struct i8254 pit;
	struct i8042 kbc;
	struct i8237 dma[2];
	struct dma_page dma_page;
	struct mc146818 rtc;
	struct ns16550 uart[MALTA_SERIALS];
	struct malta_fpga fpga;
	struct cfi_flash flash;
	struct dev *dev[MALTA_DEVS_MAX]; /* for reset and end */
	unsigned ndevs;
};

static inline uint64_t malta_low_ram(const struct malta *m)
{
	return m->board.cfg.ram_size < MALTA_RAM_LOW_SIZE ? m->board.cfg.ram_size : MALTA_RAM_LOW_SIZE;
}

/* malta_rom_write - the boot ROM's contents: vectors and what they point to.  */
enum status malta_rom_write(struct malta *m, struct err *e) MUST_CHECK;

/* malta_boot - board_ops.boot.  */
enum status malta_boot(struct board *b, const struct board_boot *boot, struct board_entry *entry, struct err *e);

#endif
