/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where guest time comes from: the host's clock, or the number of instructions executed (-icount).
 *
 * Counted time depends on nothing outside the machine: instruction n executes at n * 2^shift nanoseconds plus what WAIT has skipped, on
 * every accelerator and tier.
 */
#ifndef ATHANOR_VM_GUEST_TIME_H
#define ATHANOR_VM_GUEST_TIME_H

#include "base/types.h"

struct guest_time {
	bool counted;
	bool sleep;          /* counted: what is skipped is also slept, so that an idle guest leaves the host alone */
	unsigned shift;      /* counted: an instruction takes 2^shift ns */
	uint64_t start_ns;   /* host time at which guest time is 0 */
	uint64_t skipped_ns; /* counted: spent waiting */
};

/* guest_time_now - nanoseconds since the start.  @insns: executed since the start.  */
uint64_t guest_time_now(const struct guest_time *t, uint64_t insns);

/* guest_time_insns - how many instructions may run before guest time @due_ns; UINT64_MAX: time does not hang on them, or never.  */
uint64_t guest_time_insns(const struct guest_time *t, uint64_t due_ns, uint64_t insns);

#endif
