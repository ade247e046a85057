/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a bus master reaches guest memory.  A range that is not all memory is refused as a whole: nothing is transferred.
 * A write tells the accelerator first (I4), so it belongs between two runs of the guest: from a back end or a timer.
 */
#ifndef ATHANOR_DEV_DMA_H
#define ATHANOR_DEV_DMA_H

#include "base/types.h"

struct dma {
	bool (*read)(void *opaque, gpa pa, void *bytes, size_t n);
	bool (*write)(void *opaque, gpa pa, const void *bytes, size_t n);
	void *opaque;
};

static inline bool dma_read(const struct dma *d, gpa pa, void *bytes, size_t n) { return d->read(d->opaque, pa, bytes, n); }
static inline bool dma_write(const struct dma *d, gpa pa, const void *bytes, size_t n) { return d->write(d->opaque, pa, bytes, n); }

#endif
