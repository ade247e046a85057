/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a bus master reaches guest memory.  */
#ifndef ATHANOR_DEV_DMA_H
#define ATHANOR_DEV_DMA_H

#include "base/types.h"

/* The host's view of guest RAM [pa, pa+len), as mem_borrow; NULL: it is not RAM.  */
struct dma {
	uint8_t *(*borrow)(void *opaque, gpa pa, uint64_t len, bool write);
	void *opaque;
};

static inline uint8_t *dma_borrow(const struct dma *d, gpa pa, uint64_t len, bool write) { return d->borrow(d->opaque, pa, len, write); }

#endif
