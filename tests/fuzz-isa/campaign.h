/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Running many programs through all columns, and what came of it.
 */
#ifndef ATHANOR_TESTS_FUZZ_ISA_CAMPAIGN_H
#define ATHANOR_TESTS_FUZZ_ISA_CAMPAIGN_H

#include "tests/fuzz-isa/columns.h"
#include "tests/fuzz-isa/dry.h"

struct tally {
	struct coverage cover;
	struct { uint64_t programs, insns, tiers[TIER_COUNT]; double seconds; } column[COLUMNS];
	double generating;
	unsigned differences;
	unsigned endless;      /* programs that do not end even when interpreted: nothing behind them in their batch is compared */
};

struct batch {
	bool big_endian;
	uint32_t flags;        /* FUZZ_OURS or 0 */
	unsigned n, nllvm;     /* programs; those of them that LLVM translates */
	bool kvm;              /* in a VM, too */
	uint64_t seed;         /* of the first program; the others follow */
};

/* batch_run - generate and compare.  Differences are printed, minimised, as rows for cases.def.  */
void batch_run(const struct batch *b, struct tally *t);

/* case_difference - compare one program in all columns that can be had; NULL: none.  Static text.  */
const char *case_difference(const struct program *p, bool big_endian);

/* find_difference - what @k makes of @p, seen through @spoil, which changes its image first (NULL: nothing does); and make @p as
   small as @tries allow.  NULL: no difference, @p is unchanged.  Static text.  */
const char *find_difference(struct dry *d, struct program *p, enum column k, bool big_endian, void (*spoil)(struct image *m),
			    unsigned tries);

void tally_print(const struct tally *t);

#endif
