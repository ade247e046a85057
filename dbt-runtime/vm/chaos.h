/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fault injection: when something is to go wrong, and which number chooses what.  What can go wrong is the accelerators' to know
 * (accel_ops.disturb).  Depends on the seed alone.
 */
#ifndef ATHANOR_VM_CHAOS_H
#define ATHANOR_VM_CHAOS_H

#include "base/types.h"

struct chaos {
	uint64_t state, period;
	uint64_t next;       /* instruction count at which the next accident is due */
	uint64_t disturbed, migrated;
	bool on, migrate;
};

/* random_next - SplitMix64: 64 bits from a state that may be any number.  */
uint64_t random_next(uint64_t *state);

/* chaos_insns - instructions until the next accident, @insns having been executed; 0: now; UINT64_MAX: there is no chaos.  */
uint64_t chaos_insns(const struct chaos *c, uint64_t insns);

/* chaos_happens - an accident is due at @insns: the next one will be 1 to twice the period later, now and then close behind.  */
bool chaos_happens(struct chaos *c, uint64_t insns);

/* chaos_migrates - is this accident one that hands the machine to another accelerator?  One in sixteen is.  */
bool chaos_migrates(struct chaos *c);

#endif
