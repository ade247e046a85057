/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for accesses to devices that are described by rows.  Little end first: byte n of a register is at off + n.
 */
#include "dbt-runtime/dev/reg.h"

#include <assert.h>

#include "base/log.h"

const struct reg *reg_find(const struct reg *regs, size_t n, uint32_t off)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (regs[mid].off <= off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo && off - regs[lo - 1].off < regs[lo - 1].width ? &regs[lo - 1] : NULL;
}

uint32_t *reg_value(struct dev *d, uint32_t off)
{
	const struct reg *r = reg_find(d->ops->regs, d->ops->nregs, off);

	assert(r);
	return &d->values[r - d->ops->regs];
}

void reg_reset(struct dev *d)
{
	for (size_t i = 0; i < d->ops->nregs; i++)
		d->values[i] = d->ops->regs[i].reset;
}

static uint32_t width_mask(unsigned width) { return width >= 4 ? UINT32_MAX : (1u << (8 * width)) - 1; }

uint32_t reg_read(struct dev *d, uint32_t off, unsigned width)
{
	const struct reg *r = reg_find(d->ops->regs, d->ops->nregs, off);
	uint32_t *v, val;
	unsigned shift;

	if (!r) {
		log_line(LOG_unimp, "%s: read of %u bytes at 0x%03x: no such register", d->name, width, off);
		return 0;
	}
	v = &d->values[r - d->ops->regs];
	shift = 8 * (off - r->off);
	val = r->read ? r->read(d, r, *v) : *v & r->readable;
	*v &= ~(r->rclr & width_mask(width) << shift);
	return (val & width_mask(r->width)) >> shift & width_mask(width);
}

void reg_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	const struct reg *r = reg_find(d->ops->regs, d->ops->nregs, off);
	uint32_t *v, old, lanes;
	unsigned shift;

	if (!r) {
		log_line(LOG_unimp, "%s: write of 0x%x, %u bytes at 0x%03x: no such register", d->name, val, width, off);
		return;
	}
	v = &d->values[r - d->ops->regs];
	old = *v;
	shift = 8 * (off - r->off);
	lanes = (width_mask(width) << shift) & width_mask(r->width);
	val = val << shift & lanes;
	*v = ((old & ~(r->writable & lanes)) | (val & r->writable)) & ~(val & r->w1c);
	if (r->write)
		r->write(d, r, old, val);
}
