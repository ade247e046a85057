/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interrupt controller of the Au1000 family: 32 inputs, two request lines.  A chip has two of these.  */
#ifndef ATHANOR_DEV_AU1X00_IC_H
#define ATHANOR_DEV_AU1X00_IC_H

#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"

#define AU1X00_IC_REGS 18

struct au1x00_ic_cfg {
	const char *name;
	uint32_t idle;       /* levels of the inputs before anything drives them: 1 for what is active low */
	struct irq req[2];
};

struct au1x00_ic {
	struct dev dev;
	struct au1x00_ic_cfg cfg;
	uint32_t values[AU1X00_IC_REGS];
	uint32_t level;      /* of the inputs */
	uint32_t seen;       /* what the edge detectors saw last: inputs, or the test bit */
};

void au1x00_ic_init(struct au1x00_ic *ic, const struct au1x00_ic_cfg *cfg);

/* au1x00_ic_set - an input wire: fit for struct irq; au1x00_ic_set_low puts an inverter into it, for sources that are active low.  */
void au1x00_ic_set(void *ic, unsigned line, bool level);
void au1x00_ic_set_low(void *ic, unsigned line, bool level);

#endif
