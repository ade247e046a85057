/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Surroundings of the monitor's network code: a wire with a peer on it, time that passes when nothing comes, an environment.
 */
#ifndef ATHANOR_TESTS_FIRMWARE_FAKES_H
#define ATHANOR_TESTS_FIRMWARE_FAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/firmware/frames.h"
#include "tests/harness/random.h"

struct wire {
	/* What the peer does when we send.  */
	void (*sent)(const uint8_t *frame, unsigned n);
	/* Frames that are on their way to us.  */
	uint8_t queue[16][FRAME_MAX];
	unsigned size[16], head, tail;
	unsigned nsent;
	uint8_t last[FRAME_MAX];   /* what we sent last */
	unsigned last_n;
	uint32_t ms;
	uint32_t break_at;         /* Ctrl-C is typed then; 0: never */
	bool no_gateway, second;   /* the environment: no gateway; the second MAC */
};
extern struct wire wire;

/* An empty wire, time 1000.  */
void wire_start(void (*sent)(const uint8_t *frame, unsigned n));
void wire_put(const uint8_t *frame, unsigned n); /* lost if too many are on their way */

#endif
