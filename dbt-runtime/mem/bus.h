/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a device is to whoever decodes addresses: a span of offsets, the access widths it knows, two functions.
 * Width, alignment and byte order are settled before either function is called; see map.h.
 */
#ifndef ATHANOR_MEM_BUS_H
#define ATHANOR_MEM_BUS_H

#include "base/types.h"

/* Order of the bytes of a wider register, as the device's data lines are wired.  */
enum io_order {
	IO_NATIVE, /* as the processor's: the value is passed as it is */
	IO_LITTLE  /* least significant byte at the lowest address: PCI, ISA */
};

struct io {
	const char *name;
	uint32_t span;       /* bytes */
	unsigned widths;     /* mask of 1, 2, 4 */
	enum io_order order;
	void *opaque;
	/* @off is a multiple of @width, @off + @width <= span, @width is in the mask; values are zero-extended.  */
	uint32_t (*read)(void *opaque, uint32_t off, unsigned width);
	void (*write)(void *opaque, uint32_t off, unsigned width, uint32_t val);
};

/* Of @width bytes: 1, 2 or 4 (wider: all ones); @val, zero-extended, with its other end first.  */
static inline uint32_t io_mask(unsigned width) { return width >= 4 ? UINT32_MAX : (1u << (8 * width)) - 1; }
static inline uint32_t io_swap(uint32_t val, unsigned width)
{
	if (width == 4)
		return __builtin_bswap32(val);
	return width == 2 ? __builtin_bswap16((uint16_t)val) : val;
}

/**
 * io_read - one access of @width bytes at @off, whatever widths the device has
 * @off:   multiple of @width; @off + @width <= io->span
 * @width: 1, 2 or 4
 * Wider than the device can: split into its widest unit, lowest address first.  Narrower than it can: its narrowest unit is
 * read and the bytes are picked.  The value is in the device's order (little end first when split).  Never fails.
 */
uint32_t io_read(const struct io *io, uint32_t off, unsigned width);

/* io_write - likewise; a write narrower than the device can reaches it as its narrowest unit, other bytes zero.  */
void io_write(const struct io *io, uint32_t off, unsigned width, uint32_t val);

#endif
