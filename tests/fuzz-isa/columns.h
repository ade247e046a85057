/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The columns of the comparison: who runs an image, and what came of it.
 */
#ifndef ATHANOR_TESTS_FUZZ_ISA_COLUMNS_H
#define ATHANOR_TESTS_FUZZ_ISA_COLUMNS_H

#include "tests/fuzz-isa/fuzz.h"

/* The first is the dry run of each program alone.  */
enum column { COLUMN_DRY, COLUMN_REF, COLUMN_TEMPLATE, COLUMN_KVM, COLUMN_LLVM, COLUMN_QEMU, COLUMNS };

struct outcome {
	uint8_t *ram;                   /* as it is at the end; IMAGE_RAM bytes */
	uint64_t insns[SLOTS];          /* instructions from the start of a program to its end, handlers included; not of QEMU */
	uint64_t tiers[TIER_COUNT];
	uint64_t io_count, io_hash;     /* device accesses, with the instruction counts at which they happened */
	unsigned ended;                 /* programs that came to their end */
	char failed[160];               /* it did not get to the end, and why; empty: it did */
};

/* column_missing - NULL: it can be run here; else the reason why not.  */
const char *column_missing(enum column k, bool big_endian);
const char *column_name(enum column k);

/* column_run - run @n programs, which stand in @m and its list.  */
void column_run(enum column k, const struct image *m, const struct program *p, unsigned n, struct outcome *out);
void outcome_free(struct outcome *o);

/* outcome_ended - program @p has come to its end */
bool outcome_ended(const struct image *m, const struct program *p, const struct outcome *o);

/* What differs between two outcomes of program @p, or NULL.  @qemu: compare what QEMU is expected to have in common.  Static text.  */
const char *outcome_difference(const struct image *m, const struct program *p, const struct outcome *want, const struct outcome *got,
			       bool qemu);

/* What differs between two of our engines apart from the programs' slots, or NULL.  */
const char *outcome_machine_difference(const struct outcome *want, const struct outcome *got);

#endif
