/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers that are the same in each run.  */
#ifndef ATHANOR_TESTS_HARNESS_RANDOM_H
#define ATHANOR_TESTS_HARNESS_RANDOM_H

#include <stdint.h>

/* xorshift64*; @state: anything but 0.  */
static inline uint32_t random32(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

#endif
