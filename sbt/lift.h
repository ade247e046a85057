/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The LLVM lifter: one run of guest code -> optimised x86-64, thousands of instructions a second.  Its output obeys the same
 * contract as the template emitter's (pcmap/xabi.h, pcmap/unit.h), so units of both kinds link to one another.
 * What it refuses is a template's business: refusing is an answer, not a failure.
 *
 * Not every leader of a run is an entry point here: the start, the words behind calls and engine steps, loop headers and
 * large shared continuations are.  Jumps from elsewhere to other words find no entry in the unit.
 */
#ifndef ATHANOR_SBT_LIFT_H
#define ATHANOR_SBT_LIFT_H

#include "base/err.h"
#include "emit/template.h"
#include "isa/block.h"
#include "pcmap/unit.h"

struct lifter;

struct lift_opts {
	unsigned max_insns;  /* refuse runs that lift to more instructions than this, duplicates counted; 0: a default */
	bool verify;         /* run LLVM's verifier on what was built: for tests */
	const char *dump_ir; /* append the optimised IR of every run to this file, or NULL */
};

/**
 * lifter_create - set up LLVM for x86-64
 * @opts: borrowed for the call, NULL: defaults; the dump_ir string must outlive the lifter
 * Errors: ST_UNSUPPORTED LLVM has no x86-64 target; ST_NOMEM
 * The code made does not depend on the host it is made on.  One lifter serves one thread; several may exist.
 */
enum status lifter_create(const struct lift_opts *opts, struct lifter **out, struct err *e) MUST_CHECK;
void lifter_destroy(struct lifter *l); /* accepts NULL */

/**
 * lift_run - translate a scanned run
 * @run:  from run_scan()
 * @opts: as for template_translate(): mode flags, sites, host features
 * @u:    buffers and capacities set by the caller, lengths reset here; on failure contents are undefined
 * The unit is marked UNIT_LLVM and UNIT_FIXED: guest addresses are folded into its code.
 * Errors: ST_UNSUPPORTED this run is better left to the template emitter, with the reason; ST_FULL a buffer of @u is too small
 * Cost:   about 2000-4000 guest instructions a second; allocates
 */
enum status lift_run(struct lifter *l, const struct run *run, const struct template_opts *opts, struct unit *u, struct err *e) MUST_CHECK;

#endif
