/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for fitting an access to the widths a device has.  Not for finding the device, nor for byte order between the
 * device and the processor.
 * Invariant: a device function is only ever called with an aligned offset inside its span and a width it declared.
 */
#include "dbt-runtime/mem/bus.h"

/* The width to use instead: the widest that is narrower than asked for, else the narrowest there is; 0: none fits the span.  */
static unsigned fit(const struct io *io, uint32_t off, unsigned width)
{
	for (unsigned w = width / 2; w; w /= 2)
		if (io->widths & w)
			return w;
	for (unsigned w = width * 2; w <= 4; w *= 2)
		if (io->widths & w)
			return (off & ~(w - 1)) + w <= io->span ? w : 0;
	return 0;
}

uint32_t io_read(const struct io *io, uint32_t off, unsigned width)
{
	uint32_t val = 0;
	unsigned w;

	if (io->widths & width)
		return io->read(io->opaque, off, width) & io_mask(width);
	w = fit(io, off, width);
	if (!w)
		return 0;
	if (w > width)
		return io->read(io->opaque, off & ~(w - 1), w) >> (8 * (off & (w - 1))) & io_mask(width);
	for (unsigned i = 0; i < width; i += w)
		val |= (io->read(io->opaque, off + i, w) & io_mask(w)) << (8 * i);
	return val;
}

void io_write(const struct io *io, uint32_t off, unsigned width, uint32_t val)
{
	unsigned w;

	val &= io_mask(width);
	if (io->widths & width) {
		io->write(io->opaque, off, width, val);
		return;
	}
	w = fit(io, off, width);
	if (!w)
		return;
	if (w > width) {
		io->write(io->opaque, off & ~(w - 1), w, val << (8 * (off & (w - 1))));
		return;
	}
	for (unsigned i = 0; i < width; i += w, val >>= 8 * w)
		io->write(io->opaque, off + i, w, val & io_mask(w));
}
