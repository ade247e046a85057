/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the Pb1500 board, shared by its files.  */
#ifndef ATHANOR_BOARD_PB1500_H
#define ATHANOR_BOARD_PB1500_H

#include "dbt-runtime/board/board.h"
#include "dbt-runtime/dev/amd_flash.h"
#include "dbt-runtime/dev/au1000_mac.h"
#include "dbt-runtime/dev/au1x00_ac97.h"
#include "dbt-runtime/dev/au1x00_dma.h"
#include "dbt-runtime/dev/au1x00_gpio2.h"
#include "dbt-runtime/dev/au1x00_ic.h"
#include "dbt-runtime/dev/au1x00_memory.h"
#include "dbt-runtime/dev/au1x00_pci.h"
#include "dbt-runtime/dev/au1x00_sys.h"
#include "dbt-runtime/dev/au1x00_uart.h"
#include "dbt-runtime/dev/au1x00_usbh.h"
#include "dbt-runtime/dev/ds1693.h"
#include "dbt-runtime/dev/pb1500_bcsr.h"
#include "dbt-runtime/dev/virtio_blk.h"

/* PB1500_<NAME> and PB1500_<NAME>_SIZE.  */
enum {
#define MEMORY(name, base, size) PB1500_##name = (base), PB1500_##name##_SIZE = (size),
#include "dbt-runtime/board/pb1500.def"
};

#define PB1500_DEVS_MAX 48
#define PB1500_SERIALS 2u
#define PB1500_ICS 2u
#define PB1500_DISKS 3u
#define PB1500_FLASHES 2u
#define PB1500_NICS 2u

struct pb1500 {
	struct board board;
	struct au1x00_ic ic[PB1500_ICS];
	struct au1x00_sys sys;
	struct au1x00_uart uart[PB1500_SERIALS];
	struct pb1500_bcsr bcsr;
	struct au1x00_gpio2 gpio2;
	struct au1x00_ac97 ac97;
	struct au1x00_usbh usbh;
	struct au1x00_sdram sdram;
	struct au1x00_static chips;
	struct au1x00_dma dma;
	struct au1x00_pci pci;
	struct au1000_mac mac[PB1500_NICS];
	struct ds1693 rtc;
	struct amd_flash flash[PB1500_FLASHES];
	struct virtio_blk disk[PB1500_DISKS];
	struct dev *dev[PB1500_DEVS_MAX]; /* for reset and end */
	unsigned ndevs;
};

/* pb1500_args - where arguments and environment go: the last 64 KiB of RAM.  Linux 6.1 gives away the lowest pages before it has read the
   network address.  */
static inline uint32_t pb1500_args(const struct pb1500 *m) { return (uint32_t)m->board.cfg.ram_size - 0x10000; }

/* pb1500_boot - board_ops.boot.  */
enum status pb1500_boot(struct board *b, const struct board_boot *boot, struct board_entry *entry, struct err *e);

#endif
