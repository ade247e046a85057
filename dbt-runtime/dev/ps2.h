/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What hangs on the two PS/2 ports: an AT keyboard and a mouse, as far as a host talks to them.  */
#ifndef ATHANOR_DEV_PS2_H
#define ATHANOR_DEV_PS2_H

#include "base/types.h"

#define PS2_QUEUE 64 /* a power of two */

struct ps2 {
	bool mouse;
	uint8_t queue[PS2_QUEUE];  /* towards the host */
	unsigned head, n;
	uint8_t command;           /* whose argument comes next; 0: none */
	bool enabled, remote, wrap, scaling;
	uint8_t rate, resolution, type;
	uint8_t knock;             /* how much of a wheel mouse's unlocking sequence was seen */
	uint8_t set;               /* scan code set of the keyboard */
};

void ps2_init(struct ps2 *p, bool mouse); /* as after power on */
void ps2_write(struct ps2 *p, uint8_t byte); /* a byte from the host; answers are queued */
bool ps2_read(struct ps2 *p, uint8_t *byte); /* false: nothing queued */

#endif
