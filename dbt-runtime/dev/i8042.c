/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the keyboard controller's ports and commands (IBM PS/2 Technical Reference, "Keyboard and Auxiliary Device
 * Controller").  Scan code translation applies to the keyboard's identification only: no keys come from here.
 * Invariant: an interrupt wire is high exactly while the output buffer holds a byte of its source and the mode byte enables it.
 */
#include "dbt-runtime/dev/i8042.h"

#include "base/log.h"

enum { MODE_KBD_INT = 1, MODE_AUX_INT = 2, MODE_SYS = 4, MODE_KBD_OFF = 0x10, MODE_AUX_OFF = 0x20, MODE_TRANSLATE = 0x40 };
enum { STATUS_FULL = 1, STATUS_SYS = 4, STATUS_COMMAND = 8, STATUS_UNLOCKED = 0x10, STATUS_AUX = 0x20 };

static struct i8042 *self(struct dev *d) { return (struct i8042 *)d; }

static void update(struct i8042 *k)
{
	irq_set(&k->cfg.kbd, k->full && !k->from_aux && (k->mode & MODE_KBD_INT));
	irq_set(&k->cfg.aux, k->full && k->from_aux && (k->mode & MODE_AUX_INT));
}

/* Move the next byte into the empty output buffer.  */
static void fill(struct i8042 *k)
{
	if (k->full)
		return;
	if (k->replying) {
		k->out = k->reply;
		k->from_aux = k->reply_aux;
		k->replying = false;
		k->full = true;
	} else if (!(k->mode & MODE_KBD_OFF) && ps2_read(&k->keyboard, &k->out)) {
		if ((k->mode & MODE_TRANSLATE) && k->out == 0x83)
			k->out = 0x41;
		k->from_aux = false;
		k->full = true;
	} else if (!(k->mode & MODE_AUX_OFF) && ps2_read(&k->mouse, &k->out)) {
		k->from_aux = true;
		k->full = true;
	}
	update(k);
}

/* An answer of the controller replaces whatever waits in the output buffer.  */
static void answer(struct i8042 *k, uint8_t byte, bool aux)
{
	k->full = false;
	update(k); /* an edge for the next byte */
	k->reply = byte;
	k->reply_aux = aux;
	k->replying = true;
	fill(k);
}

static void set_outport(struct i8042 *k, uint8_t val)
{
	k->outport = val;
	if (!(val & 1))
		irq_set(&k->cfg.reset, true);
}

static void command(struct i8042 *k, uint8_t val)
{
	switch (val) {
	case 0x20:
		answer(k, k->mode, false);
		break;
	case 0x60: case 0xd1: case 0xd2: case 0xd3: case 0xd4:
		k->command = val;
		break;
	case 0xa7:
		k->mode |= MODE_AUX_OFF;
		break;
	case 0xa8:
		k->mode &= (uint8_t)~MODE_AUX_OFF;
		fill(k);
		break;
	case 0xa9:
	case 0xab:
		answer(k, 0, false);
		break;
	case 0xaa:
		k->system_flag = true;
		answer(k, 0x55, false);
		break;
	case 0xad:
		k->mode |= MODE_KBD_OFF;
		break;
	case 0xae:
		k->mode &= (uint8_t)~MODE_KBD_OFF;
		fill(k);
		break;
	case 0xc0:
		answer(k, 0x80, false);
		break;
	case 0xd0:
		answer(k, (uint8_t)(k->outport | (k->full && !k->from_aux ? 0x10 : 0) | (k->full && k->from_aux ? 0x20 : 0)), false);
		break;
	default:
		if (val >= 0xf0) { /* pulse the output bits that are 0 */
			if (!(val & 1))
				irq_set(&k->cfg.reset, true);
		} else {
			log_line(LOG_unimp, "%s: command 0x%02x", k->dev.name, val);
		}
		break;
	}
}

static void argument(struct i8042 *k, uint8_t command_byte, uint8_t val)
{
	switch (command_byte) {
	case 0x60:
		k->mode = val;
		k->system_flag = val & MODE_SYS;
		update(k);
		fill(k);
		break;
	case 0xd1:
		set_outport(k, val);
		break;
	case 0xd2:
		answer(k, val, false);
		break;
	case 0xd3:
		answer(k, val, true);
		break;
	case 0xd4:
		ps2_write(&k->mouse, val);
		k->mode &= (uint8_t)~MODE_AUX_OFF;
		fill(k);
		break;
	default:
		break;
	}
}

static struct i8042 *of_command(struct dev *d) { return (struct i8042 *)((char *)d - offsetof(struct i8042, command_dev)); }

static void command_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct i8042 *k = of_command(d);

	(void)off;
	(void)width;
	k->command = 0;
	k->last_was_command = true;
	command(k, (uint8_t)val);
}

static void data_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct i8042 *k = self(d);
	uint8_t waiting = k->command;

	(void)off;
	(void)width;
	k->command = 0;
	k->last_was_command = false;
	if (waiting) {
		argument(k, waiting, (uint8_t)val);
		return;
	}
	ps2_write(&k->keyboard, (uint8_t)val);
	k->mode &= (uint8_t)~MODE_KBD_OFF; /* the controller enables the interface to send */
	fill(k);
}

static uint32_t status_read(struct dev *d, uint32_t off, unsigned width)
{
	const struct i8042 *k = of_command(d);

	(void)off;
	(void)width;
	return (k->full ? STATUS_FULL : 0u) | (k->full && k->from_aux ? STATUS_AUX : 0u) | (k->system_flag ? STATUS_SYS : 0u) |
		(k->last_was_command ? STATUS_COMMAND : 0u) | STATUS_UNLOCKED;
}

static uint32_t data_read(struct dev *d, uint32_t off, unsigned width)
{
	struct i8042 *k = self(d);
	uint8_t val = k->out;

	(void)off;
	(void)width;
	k->full = false;
	update(k); /* low between two bytes: the interrupt controller looks for edges */
	fill(k);
	return val;
}

static void i8042_reset(struct dev *d, enum reset_kind kind)
{
	struct i8042 *k = self(d);

	(void)kind;
	ps2_init(&k->keyboard, false);
	ps2_init(&k->mouse, true);
	k->mode = MODE_KBD_INT | MODE_AUX_INT;
	k->outport = 0xcf; /* A20 on, not in reset */
	k->command = k->out = 0;
	k->full = k->replying = k->system_flag = k->last_was_command = false;
	update(k);
}

static const struct dev_ops ops = {
	.kind = "i8042", .span = 1, .widths = 1, .order = IO_LITTLE, .read = data_read, .write = data_write, .reset = i8042_reset,
};

static const struct dev_ops command_ops = {
	.kind = "i8042-command", .span = 1, .widths = 1, .order = IO_LITTLE, .read = status_read, .write = command_write,
};

void i8042_init(struct i8042 *k, const struct i8042_cfg *cfg)
{
	*k = (struct i8042){ .cfg = *cfg };
	dev_init(&k->dev, &ops, cfg->name, NULL);
	dev_init(&k->command_dev, &command_ops, cfg->command_name, NULL);
	i8042_reset(&k->dev, RESET_COLD);
}
