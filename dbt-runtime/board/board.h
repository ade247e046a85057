/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A board: a constant table of devices, addresses and wires, and what its monitor leaves behind for a kernel.
 * It owns its memory map and devices; the processor, the console and time belong to whoever assembles the machine.
 */
#ifndef ATHANOR_BOARD_BOARD_H
#define ATHANOR_BOARD_BOARD_H

#include "base/err.h"
#include "base/types.h"
#include "dbt-runtime/dev/blockdev.h"
#include "dbt-runtime/dev/chardev.h"
#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/nic.h"
#include "dbt-runtime/mem/map.h"

struct board;

#define BOARD_SERIAL_MAX 4
#define BOARD_NICS_MAX 2
#define BOARD_DISKS_MAX 3

enum board_request { BOARD_RESET, BOARD_POWEROFF };

/* What the machine gives a board; borrowed for the board's lifetime.  */
struct board_cfg {
	uint64_t ram_size;              /* bytes; checked by create */
	bool big_endian;
	struct clock *clock;
	struct chardev *serial[BOARD_SERIAL_MAX]; /* NULL: not connected */
	struct nic *nic[BOARD_NICS_MAX];          /* NULL: no cable */
	uint8_t mac[BOARD_NICS_MAX][6];           /* of nic[i], for the environment of a kernel that is loaded directly */
	struct blockdev *disk[BOARD_DISKS_MAX];   /* NULL: none */
	struct blockdev *pflash;                  /* contents of the flash; NULL: erased, and not kept */
	struct irq cpu_irq;             /* .line is ignored: lines 0..5 are Cause.IP2..IP7 */
	/* The guest asked for it.  Called from within a device access: note it and stop the run, do not reset here.  */
	void (*request)(void *opaque, enum board_request);
	void *opaque;
	int64_t rtc_base;               /* seconds since 1970-01-01 UTC at clock time 0 */
	void (*entropy)(void *opaque, uint8_t *bytes, size_t n); /* for the guest's random generator at each boot; NULL: none is passed on */
};

/* What was loaded, for the hand-off.  Physical addresses.  */
struct board_boot {
	gva entry;
	gpa initrd;                     /* initrd_size 0: none */
	uint64_t initrd_size;
	gpa dtb;                        /* dtb_size 0: none */
	uint64_t dtb_size;
	const char *append;             /* kernel command line; NULL: empty */
	const char *kernel;             /* file name, argv[0]; NULL: "" */
};

/* Processor state for the kernel's first instruction, to be applied after cpu_reset.  */
struct board_entry {
	uint32_t pc;
	uint32_t gpr[32];
	uint32_t status_clear;          /* Status bits the boot code has cleared */
};

struct board_ops {
	const char *name;               /* as after -M */
	const char *description;
	const char *default_cpu;        /* name of a struct cpu_model row */
	const char *release2_cpu;       /* what the board takes "24Kc" for: its own processor with the instructions of release 2; NULL: the 24Kc */
	uint64_t default_ram, max_ram;
	unsigned serials, nics, disks;  /* how many of cfg->serial, cfg->nic, cfg->disk it has */
	uint64_t pflash_size;           /* bytes that cfg->pflash must have; 0: takes none */
	gpa monitor;                    /* where -bios goes: the reset vector is its first word */
	uint64_t monitor_size;          /* 0: takes no monitor */

	/* Errors: ST_USAGE ram_size; ST_NOMEM, ST_HOST.  @cfg is copied.  The board is reset (cold).  */
	enum status (*create)(const struct board_cfg *cfg, struct board **out, struct err *e);
	void (*destroy)(struct board *); /* accepts NULL */
	void (*reset)(struct board *, enum reset_kind);
	/* Where an initrd goes: @low, first byte after the kernel (physical).  ST_FULL: does not fit.  */
	enum status (*place_initrd)(struct board *, uint64_t low, uint64_t size, gpa *at, struct err *e);
	/* Where a device tree goes.  */
	enum status (*place_dtb)(struct board *, uint64_t low, uint64_t size, gpa *at, struct err *e);
	/* After reset and loading: do what the monitor would have done, write arguments and environment, say how to enter.
	   ST_FULL: the command line is too long.  */
	enum status (*boot)(struct board *, const struct board_boot *, struct board_entry *, struct err *e);
};

/* First member of each board.  */
struct board {
	const struct board_ops *ops;
	struct mem_map *map;            /* frozen; loaders use mem_write on it, the processor mem_load and mem_store */
	struct board_cfg cfg;
};

extern const struct board_ops board_malta, board_pb1500;

/* For the wires of a board: input @line (0..5) of the processor; and what a device raises when the guest asks for @what.  */
struct irq board_cpu_wire(const struct board *b, unsigned line);
struct irq board_request_wire(struct board *b, enum board_request what);

/* board_find - NULL: unknown.  board_at - for listings; NULL past the last.  */
const struct board_ops *board_find(const char *name);
const struct board_ops *board_at(unsigned i);

#endif
