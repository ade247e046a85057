/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 8237A DMA controller: its registers, as software sees them when nothing is ever transferred; and the PC's page registers.  */
#ifndef ATHANOR_DEV_I8237_H
#define ATHANOR_DEV_I8237_H

#include "dbt-runtime/dev/dev.h"

struct i8237 {
	struct dev dev;           /* 16 registers, a port or two apart */
	unsigned stride_log2;
	uint16_t value[8], base[8]; /* address and count of each channel */
	uint8_t mode[4], command, request, mask;
	bool second;              /* the byte pointer flip-flop */
};

struct dma_page {
	struct dev dev;
	uint8_t page[16];
};

void i8237_init(struct i8237 *c, const char *name, unsigned stride_log2);
void dma_page_init(struct dma_page *p, const char *name);

#endif
