/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Au1500's DMA controller: eight channels of the Au1000's kind, 256 bytes of registers each.  */
#ifndef ATHANOR_DEV_AU1X00_DMA_H
#define ATHANOR_DEV_AU1X00_DMA_H

#include "dbt-runtime/dev/reg.h"

#define AU1X00_DMA_CHANNELS 8
#define AU1X00_DMA_REGS 7 /* of a channel */

struct au1x00_dma {
	struct dev dev;
	uint32_t values[AU1X00_DMA_CHANNELS * AU1X00_DMA_REGS];
};

void au1x00_dma_init(struct au1x00_dma *m, const char *name);

#endif
