/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#include "dbt-runtime/vm/chaos.h"

#define FEW 64u /* instructions: an accident close behind the last one */

uint64_t random_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t chaos_insns(const struct chaos *c, uint64_t insns)
{
	if (!c->on)
		return UINT64_MAX;
	return insns < c->next ? c->next - insns : 0;
}

bool chaos_happens(struct chaos *c, uint64_t insns)
{
	uint64_t r;

	if (!c->on || insns < c->next)
		return false;
	r = random_next(&c->state);
	c->next = insns + 1 + (r >> 32) % (r % 16 ? 2 * c->period : FEW);
	return true;
}

bool chaos_migrates(struct chaos *c)
{
	return c->migrate && random_next(&c->state) % 16 == 0;
}
