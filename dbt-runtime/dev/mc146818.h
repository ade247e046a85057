/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MC146818 real-time clock with 128 bytes of CMOS memory, as in a PC.  */
#ifndef ATHANOR_DEV_MC146818_H
#define ATHANOR_DEV_MC146818_H

#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"

struct mc146818_cfg {
	const char *name;
	struct clock *clock;
	struct irq irq;
	int64_t base;          /* seconds since 1970 at clock time 0 */
};

struct mc146818 {
	struct dev dev;        /* two ports: index, value */
	struct mc146818_cfg cfg;
	uint8_t cmos[128];     /* time registers are valid while SET stops the clock; else they are computed */
	uint8_t index;
	int64_t offset;        /* seconds since 1970 minus clock seconds */
	uint8_t day_shift;     /* the weekday is whatever the guest wrote */
	uint64_t flags_ns;     /* when the flags of register C were last brought up to date */
	struct timer second, periodic;
};

void mc146818_init(struct mc146818 *r, const struct mc146818_cfg *cfg);

#endif
