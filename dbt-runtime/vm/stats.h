/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statistics of one run as a JSON object: what was executed by which tier, how often and why translated code was left, what it cost.
 */
#ifndef ATHANOR_VM_STATS_H
#define ATHANOR_VM_STATS_H

#include "base/err.h"
#include "dbt-runtime/accel/accel.h"
#include "dbt-runtime/vm/options.h"
#include "isa/cpu.h"

struct engine_stats;

struct stats_mark {
	const char *text;
	bool seen;               /* on the console */
	bool counted;            /* tiers hold the numbers of that moment */
	uint64_t ns;             /* host time since start */
	uint64_t insns;          /* executed since start */
	uint64_t tiers[TIER_COUNT];
	struct accel_count count[ACCEL_COUNTS_MAX];
};

struct stats {
	const char *accel, *machine, *cpu;
	uint64_t tiers[TIER_COUNT];      /* of earlier lives of the processor, when it has been reset */
	uint64_t exits_poll, exits_wait, exits_stop;
	uint64_t total_ns, waiting_ns;
	uint64_t disturbed, migrated;    /* by -chaos */
	unsigned resets;
	unsigned ncounts;
	struct accel_count count[ACCEL_COUNTS_MAX]; /* the accelerator's own */
	unsigned nmarks;
	struct stats_mark mark[VM_MARKERS_MAX];
};

/* stats_write - write the object to @path, atomically.  Errors: ST_IO, ST_NOMEM; nothing is left behind.  */
enum status stats_write(const char *path, const struct stats *s, const struct cpu *c, const struct engine_stats *es,
			struct err *e) MUST_CHECK;

#endif
