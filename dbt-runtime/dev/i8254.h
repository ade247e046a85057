/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 8254 programmable interval timer: three counters, the first of them wired to an interrupt.  */
#ifndef ATHANOR_DEV_I8254_H
#define ATHANOR_DEV_I8254_H

#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"

#define I8254_HZ 1193182u

struct i8254_cfg {
	const char *name;
	struct clock *clock;
	struct irq out0;
};

struct i8254_counter {
	uint64_t loaded_ns;      /* when counting began */
	uint32_t count;          /* 1..65536 (1..10000 in BCD) */
	uint16_t latch;
	uint8_t mode, rw, bcd;   /* rw: 1 low byte, 2 high byte, 3 low then high */
	uint8_t status;
	uint8_t low;             /* first of two bytes written */
	uint8_t latched;         /* bytes of the latch still to be read */
	bool status_latched, second_write, second_read, loaded;
};

struct i8254 {
	struct dev dev;
	struct i8254_cfg cfg;
	struct i8254_counter counter[3];
	struct timer timer;
};

void i8254_init(struct i8254 *p, const struct i8254_cfg *cfg);

#endif
