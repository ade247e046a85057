/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Au1500's SDRAM controller and static bus controller: what is decoded where.  The board's map does not follow them.  */
#ifndef ATHANOR_DEV_AU1X00_MEMORY_H
#define ATHANOR_DEV_AU1X00_MEMORY_H

#include "dbt-runtime/dev/reg.h"

#define AU1X00_SDRAM_REGS 14
#define AU1X00_STATIC_REGS 14

struct au1x00_sdram {
	struct dev dev;
	uint32_t values[AU1X00_SDRAM_REGS];
};

struct au1x00_static {
	struct dev dev;
	uint32_t values[AU1X00_STATIC_REGS];
};

void au1x00_sdram_init(struct au1x00_sdram *s, const char *name);
void au1x00_static_init(struct au1x00_static *s, const char *name);

#endif
