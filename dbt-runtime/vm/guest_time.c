/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/guest_time.h"

#include "base/host_time.h"
#include "dbt-runtime/dev/clock.h"

uint64_t guest_time_now(const struct guest_time *t, uint64_t insns)
{
	return t->counted ? (insns << t->shift) + t->skipped_ns : host_ns() - t->start_ns;
}

uint64_t guest_time_insns(const struct guest_time *t, uint64_t due_ns, uint64_t insns)
{
	uint64_t now = guest_time_now(t, insns), one = UINT64_C(1) << t->shift;

	if (!t->counted || due_ns == CLOCK_NEVER)
		return UINT64_MAX;
	return due_ns <= now ? 0 : (due_ns - now + one - 1) >> t->shift;
}
