/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Board registers of the Pb1500 (a CPLD): board type, switches, resets, power, lights.  */
#ifndef ATHANOR_DEV_PB1500_BCSR_H
#define ATHANOR_DEV_PB1500_BCSR_H

#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"

#define PB1500_BCSR_REGS 8
#define PB1500_HEX_REGS 2

struct pb1500_bcsr_cfg {
	const char *name, *hex_name;
	bool big_endian;             /* as switch 1 says */
	struct irq reset, poweroff;  /* raised when the guest asks for it */
};

struct pb1500_bcsr {
	struct dev dev;
	struct dev hex;              /* the second bank: two hexadecimal digits */
	struct pb1500_bcsr_cfg cfg;
	uint32_t values[PB1500_BCSR_REGS], hex_values[PB1500_HEX_REGS];
};

void pb1500_bcsr_init(struct pb1500_bcsr *b, const struct pb1500_bcsr_cfg *cfg);

#endif
