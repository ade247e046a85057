/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What all device models share.  A device knows its registers and nothing else: no address, no processor, no host time.
 * struct dev is the first member of each device; <kind>_init fills it in the caller's memory and receives wires, clock and
 * chardev in a <kind>_cfg.
 */
#ifndef ATHANOR_DEV_DEV_H
#define ATHANOR_DEV_DEV_H

#include "base/err.h"
#include "base/types.h"
#include "dbt-runtime/mem/bus.h"

enum reset_kind { RESET_COLD, RESET_WARM }; /* power on; reset line */

struct dev;
struct reg;

struct dev_ops {
	const char *kind;
	uint32_t span;         /* bytes */
	unsigned widths;       /* mask of 1, 2, 4 */
	enum io_order order;
	uint32_t (*read)(struct dev *, uint32_t off, unsigned width);
	void (*write)(struct dev *, uint32_t off, unsigned width, uint32_t val);
	void (*reset)(struct dev *, enum reset_kind); /* may be NULL */
	void (*fini)(struct dev *);                   /* may be NULL */
	const struct reg *regs;                       /* may be NULL */
	size_t nregs;
};

#define DEV_MISSED 32

struct dev {
	const struct dev_ops *ops;
	const char *name;      /* of this instance, in log lines */
	uint32_t *values;      /* stored values of ops->regs, one each; the device's own memory; NULL without regs */
	struct io io;          /* what the map is given: &dev->io */
	uint32_t missed[DEV_MISSED]; /* accesses to registers without a row that were logged */
};

/* dev_init - tie @d to its ops; values may be NULL.  Does not reset.  */
void dev_init(struct dev *d, const struct dev_ops *ops, const char *name, uint32_t *values);

/* dev_reset, dev_fini - through ops; stored registers get their reset values first.  */
void dev_reset(struct dev *d, enum reset_kind kind);
void dev_fini(struct dev *d); /* accepts NULL and a zeroed device */

#endif
