/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Au1500's second GPIO block: pins 200..215, and their wires to interrupt controller 1.  */
#ifndef ATHANOR_DEV_AU1X00_GPIO2_H
#define ATHANOR_DEV_AU1X00_GPIO2_H

#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/reg.h"

#define AU1X00_GPIO2_REGS 5

struct au1x00_gpio2 {
	struct dev dev;
	struct irq ic1;        /* .line is ignored: lines are the inputs of interrupt controller 1 */
	uint32_t values[AU1X00_GPIO2_REGS];
	uint32_t outside;      /* level on each pin, if it is an input; nothing connected: high */
};

void au1x00_gpio2_init(struct au1x00_gpio2 *g, const char *name, const struct irq *ic1);

/* au1x00_gpio2_set - the board drives pin 200 + @line: fit for struct irq; au1x00_gpio2_set_low puts an inverter into the wire, for sources
   that are active low.  Levels from outside are not changed by a reset.  */
void au1x00_gpio2_set(void *gpio2, unsigned line, bool level);
void au1x00_gpio2_set_low(void *gpio2, unsigned line, bool level);

#endif
