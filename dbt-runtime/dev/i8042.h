/* SPDX-License-Identifier: GPL-3.0-or-later */
/* i8042 keyboard controller of a PS/2, with keyboard and mouse attached.  */
#ifndef ATHANOR_DEV_I8042_H
#define ATHANOR_DEV_I8042_H

#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/ps2.h"

struct i8042_cfg {
	const char *name, *command_name;
	struct irq kbd, aux;
	struct irq reset;      /* a pulse on output port bit 0 */
};

struct i8042 {
	struct dev dev;        /* the data port */
	struct dev command_dev; /* status when read, command when written */
	struct i8042_cfg cfg;
	struct ps2 keyboard, mouse;
	uint8_t mode;          /* the "command byte" */
	uint8_t outport;
	uint8_t command;       /* whose argument is written to the data port next; 0: none */
	uint8_t out;           /* output buffer */
	bool full, from_aux;
	uint8_t reply;         /* the controller's own answer, ahead of the devices' */
	bool replying, reply_aux;
	bool system_flag, last_was_command;
};

void i8042_init(struct i8042 *k, const struct i8042_cfg *cfg);

#endif
