/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the command sets of the AT keyboard and the PS/2 mouse (with the wheel extensions), IBM PS/2 Technical
 * Reference, "Keyboard" and "Mouse".  No keys or movements come from here.
 */
#include "dbt-runtime/dev/ps2.h"

enum { ACK = 0xfa, RESEND = 0xfe, BAT_OK = 0xaa, ECHO = 0xee };

static void queue(struct ps2 *p, uint8_t byte)
{
	if (p->n == PS2_QUEUE)
		return;
	p->queue[(p->head + p->n++) % PS2_QUEUE] = byte;
}

bool ps2_read(struct ps2 *p, uint8_t *byte)
{
	if (!p->n)
		return false;
	*byte = p->queue[p->head];
	p->head = (p->head + 1) % PS2_QUEUE;
	p->n--;
	return true;
}

static void defaults(struct ps2 *p)
{
	p->enabled = false;
	p->remote = p->scaling = false;
	p->rate = 100;
	p->resolution = 2;
	p->set = 2;
	p->command = 0;
}

void ps2_init(struct ps2 *p, bool mouse)
{
	*p = (struct ps2){ .mouse = mouse };
	defaults(p);
	p->enabled = !mouse;
}

static void kbd_argument(struct ps2 *p, uint8_t byte)
{
	uint8_t command = p->command;

	p->command = 0;
	queue(p, ACK);
	if (command != 0xf0)
		return; /* lamps, typematic rate */
	if (byte == 0)
		queue(p, p->set);
	else if (byte <= 3)
		p->set = byte;
}

static void kbd_write(struct ps2 *p, uint8_t byte)
{
	if (p->command && byte < 0xed) { /* a command in place of an argument is taken as one */
		kbd_argument(p, byte);
		return;
	}
	p->command = 0;
	switch (byte) {
	case 0xed:
	case 0xf0:
	case 0xf3:
		p->command = byte;
		queue(p, ACK);
		break;
	case 0xee:
		queue(p, ECHO);
		break;
	case 0xf2:
		queue(p, ACK);
		queue(p, 0xab);
		queue(p, 0x83);
		break;
	case 0xf4:
	case 0xf5:
	case 0xf6:
		p->n = 0;
		defaults(p);
		p->enabled = byte != 0xf5;
		queue(p, ACK);
		break;
	case 0xf7: case 0xf8: case 0xf9: case 0xfa: case 0xfb: case 0xfc: case 0xfd:
		queue(p, ACK);
		break;
	case 0xff:
		p->n = 0;
		defaults(p);
		p->enabled = true;
		queue(p, ACK);
		queue(p, BAT_OK);
		break;
	default:
		queue(p, RESEND);
		break;
	}
}

/* Sample rates 200, 100, 80 unlock the wheel; then 200, 200, 80 five buttons.  */
static void knock(struct ps2 *p)
{
	static const uint8_t wheel[] = { 200, 100, 80 }, buttons[] = { 200, 200, 80 };
	const uint8_t *want = p->type == 3 ? buttons : wheel;

	if (p->type == 4)
		return;
	if (p->rate != want[p->knock])
		p->knock = 0;
	if (p->rate == want[p->knock])
		p->knock++;
	if (p->knock == sizeof wheel) {
		p->type = p->type ? 4 : 3;
		p->knock = 0;
	}
}

static void packet(struct ps2 *p)
{
	queue(p, 8); /* bit 3 is always set */
	queue(p, 0);
	queue(p, 0);
	if (p->type)
		queue(p, 0);
}

static void mouse_command(struct ps2 *p, uint8_t byte)
{
	queue(p, ACK);
	switch (byte) {
	case 0xe6:
	case 0xe7:
		p->scaling = byte == 0xe7;
		break;
	case 0xe8:
	case 0xf3:
		p->command = byte;
		break;
	case 0xe9:
		queue(p, (uint8_t)((p->remote ? 0x40 : 0) | (p->enabled ? 0x20 : 0) | (p->scaling ? 0x10 : 0)));
		queue(p, p->resolution);
		queue(p, p->rate);
		break;
	case 0xea:
	case 0xf0:
		p->remote = byte == 0xf0;
		break;
	case 0xeb:
		packet(p);
		break;
	case 0xec:
	case 0xee:
		p->wrap = byte == 0xee;
		break;
	case 0xf2:
		queue(p, p->type);
		break;
	case 0xf4:
	case 0xf5:
		p->enabled = byte == 0xf4;
		break;
	case 0xf6:
		defaults(p);
		break;
	case 0xff:
		defaults(p);
		p->type = p->knock = 0;
		queue(p, BAT_OK);
		queue(p, 0);
		break;
	default:
		/* The acknowledgement was wrong: the mouse asks for the command again.  */
		p->queue[(p->head + p->n - 1) % PS2_QUEUE] = RESEND;
		break;
	}
}

static void mouse_write(struct ps2 *p, uint8_t byte)
{
	if (p->wrap && byte != 0xec && byte != 0xff) {
		queue(p, byte);
		return;
	}
	p->wrap = false;
	if (!p->command) {
		p->n = 0; /* a new command aborts the answer to the one before */
		mouse_command(p, byte);
		return;
	}
	if (p->command == 0xe8)
		p->resolution = byte & 3;
	else
		p->rate = byte;
	if (p->command == 0xf3)
		knock(p);
	p->command = 0;
	queue(p, ACK);
}

void ps2_write(struct ps2 *p, uint8_t byte)
{
	if (p->mouse)
		mouse_write(p, byte);
	else
		kbd_write(p, byte);
}
