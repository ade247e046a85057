/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One 8259A interrupt controller and its edge/level control register; two of them make the PC pair.  */
#ifndef ATHANOR_DEV_I8259_H
#define ATHANOR_DEV_I8259_H

#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"

struct i8259_cfg {
	const char *name, *elcr_name;
	struct irq intr;       /* INT output */
	struct i8259 *slave;   /* on input 2; NULL: none */
	uint8_t elcr_mask;     /* inputs whose trigger mode can be chosen */
};

struct i8259 {
	struct dev dev;        /* two ports */
	struct dev elcr_dev;   /* one port */
	struct i8259_cfg cfg;
	uint8_t irr, imr, isr, lines, elcr;
	uint8_t base;          /* ICW2 */
	uint8_t lowest;        /* the input after this one has the highest priority: rotation */
	uint8_t init;          /* which ICW comes next; 0: none */
	bool icw4, single, nested, auto_eoi, rotate_on_eoi, special_mask, read_isr, poll;
};

void i8259_init(struct i8259 *p, const struct i8259_cfg *cfg);

/* i8259_set - level of input @line; fit for struct irq with the controller as opaque.  */
void i8259_set(void *p, unsigned line, bool level);

/* i8259_pair_set - inputs 0-7 of the master, 8-15 of its slave.  */
void i8259_pair_set(void *master, unsigned line, bool level);

/* i8259_ack - an interrupt acknowledge cycle of the pair: the vector.  Input 7's if nothing is pending (8259A data sheet, "spurious").  */
uint8_t i8259_ack(struct i8259 *master);

#endif
