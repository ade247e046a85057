/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Registers as rows: names for the log, reset values, masks; what a register does beyond storing is a hook.
 * Rows of a table are sorted by offset and do not overlap (the tests hold every table to that).
 */
#ifndef ATHANOR_DEV_REG_H
#define ATHANOR_DEV_REG_H

#include "dbt-runtime/dev/dev.h"

struct reg {
	const char *name;
	uint32_t off;
	unsigned width;      /* bytes: 1, 2, 4 */
	uint32_t reset;
	uint32_t readable;   /* bits that read as stored; others read 0 */
	uint32_t writable;   /* bits a write stores */
	uint32_t w1c;        /* bits a written one clears */
	uint32_t rclr;       /* bits a read clears */
	uint32_t (*read)(struct dev *, const struct reg *, uint32_t stored);  /* what is read instead; may be NULL */
	void (*write)(struct dev *, const struct reg *, uint32_t old, uint32_t val); /* after storing; @val as written; may be NULL */
	const char *ref;     /* where it is described */
};

/* reg_find - the row that holds byte @off; NULL: none.  */
const struct reg *reg_find(const struct reg *regs, size_t n, uint32_t off);

/**
 * reg_read, reg_write - an access through the table; fit for dev_ops.read and .write
 * An access acts on every register it touches, in order of address.  Bytes without a row read 0; an access to nothing else is
 * logged (-d unimp), once per offset and direction.  Never fail.
 */
uint32_t reg_read(struct dev *d, uint32_t off, unsigned width);
void reg_write(struct dev *d, uint32_t off, unsigned width, uint32_t val);

void reg_reset(struct dev *d); /* every stored value to its row's reset value */

/* reg_value - the stored value of register @off, which must have a row.  */
uint32_t *reg_value(struct dev *d, uint32_t off);

#endif
