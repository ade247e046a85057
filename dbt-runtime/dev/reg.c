/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for accesses to devices that are described by rows.  Little end first: byte n of a register is at off + n.
 */
#include "dbt-runtime/dev/reg.h"

#include <assert.h>

#include "base/log.h"

_Static_assert(DEV_MISSED == 32, "five bits of hash");

const struct reg *reg_find(const struct reg *regs, size_t n, uint32_t off)
{
	size_t lo = 0, hi = n, guess;

	if (!n)
		return NULL;
	guess = (off - regs[0].off) >> (regs[0].width >> 1); /* where it is in a table without gaps */
	if (guess < n && off - regs[guess].off < regs[guess].width)
		return &regs[guess];
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

/* The part of an access to one register: @val is of @width bytes at @off, inside row @r.  */
static uint32_t part_read(struct dev *d, const struct reg *r, uint32_t off, unsigned width)
{
	uint32_t *v = &d->values[r - d->ops->regs], val;
	unsigned shift = 8 * (off - r->off);

	val = r->read ? r->read(d, r, *v) : *v & r->readable;
	*v &= ~(r->rclr & io_mask(width) << shift);
	return (val & io_mask(r->width)) >> shift & io_mask(width);
}

static void part_write(struct dev *d, const struct reg *r, uint32_t off, unsigned width, uint32_t val)
{
	uint32_t *v = &d->values[r - d->ops->regs], old = *v;
	unsigned shift = 8 * (off - r->off);
	uint32_t lanes = (io_mask(width) << shift) & io_mask(r->width);

	val = val << shift & lanes;
	*v = ((old & ~(r->writable & lanes)) | (val & r->writable)) & ~(val & r->w1c);
	if (r->write)
		r->write(d, r, old, val);
}

/* How many of @width bytes at @off belong to row @r; without a row one.  */
static unsigned part(const struct reg *r, uint32_t off, unsigned width)
{
	unsigned n = r ? r->off + r->width - off : 1;

	return n < width ? n : width;
}

/* Once per offset and direction.  A slot already taken by another is reused: then a line may repeat.  */
static void log_missed(struct dev *d, uint32_t off, unsigned width, bool write)
{
	uint32_t key = off << 2 | (write ? 2u : 0) | 1u, *slot = &d->missed[(key * 0x9e3779b1u) >> 27];

	if (!log_enabled(LOG_unimp) || *slot == key)
		return;
	*slot = key;
	log_line(LOG_unimp, "%s: %s of %u bytes at 0x%03x: no such register", d->name, write ? "write" : "read", width, off);
}

uint32_t reg_read(struct dev *d, uint32_t off, unsigned width)
{
	uint32_t val = 0;
	bool any = false;

	for (unsigned i = 0, n; i < width; i += n) {
		const struct reg *r = reg_find(d->ops->regs, d->ops->nregs, off + i);

		n = part(r, off + i, width - i);
		if (r)
			val |= part_read(d, r, off + i, n) << (8 * i);
		any |= r != NULL;
	}
	if (!any)
		log_missed(d, off, width, false);
	return val;
}

void reg_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	bool any = false;

	for (unsigned i = 0, n; i < width; i += n) {
		const struct reg *r = reg_find(d->ops->regs, d->ops->nregs, off + i);

		n = part(r, off + i, width - i);
		if (r)
			part_write(d, r, off + i, n, val >> (8 * i) & io_mask(n));
		any |= r != NULL;
	}
	if (!any)
		log_missed(d, off, width, true);
}
