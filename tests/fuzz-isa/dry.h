/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A program's dry run: step by step in the interpreter, with everything watched.  Tells whether the program keeps to itself and ends,
 * and counts what it executes.
 */
#ifndef ATHANOR_TESTS_FUZZ_ISA_DRY_H
#define ATHANOR_TESTS_FUZZ_ISA_DRY_H

#include "tests/fuzz-isa/fuzz.h"

enum explained {
#define EXPLAINED(name, what, why) EXPLAINED_##name,
#include "tests/fuzz-isa/explained.def"
#undef EXPLAINED
	EXPLAINED_COUNT
};

enum event { EV_INT, EV_MOD, EV_REFILL_LOAD, EV_REFILL_STORE, EV_REFILL_FETCH, EV_TLBL, EV_TLBL_FETCH, EV_TLBS, EV_ADEL, EV_ADEL_FETCH,
	     EV_ADES, EV_SYS, EV_BP, EV_RI, EV_CPU0, EV_CPU1, EV_CPU2, EV_OV, EV_TR, EV_MCHECK, EV_OTHER, EVENTS };

struct coverage {
	uint64_t programs, insns, exceptions;
	uint64_t rows[INSN_COUNT];
	uint64_t slots[INSN_COUNT];             /* rows in a delay slot */
	uint64_t events[EVENTS][2][2];          /* in a slot, user mode */
	uint64_t nested[EVENTS];                /* with EXL set */
	uint64_t explained[EXPLAINED_COUNT];
	uint64_t modes[4];                      /* instructions in kseg0/kseg1, mapped kernel code, user code, others */
	uint64_t code_writes;                   /* stores to the program's own code */
};

void coverage_add(struct coverage *to, const struct coverage *from);
void coverage_print(const struct coverage *v);
/* What of all that can be reached has not been, or NULL.  Static text.  */
const char *coverage_missing(const struct coverage *v);

struct dry;
struct dry *dry_create(bool big_endian);
void dry_destroy(struct dry *d);

/* dry_run - false: word @culprit of p->code should not be there (or cannot be told apart from what should not)
   @out: what was executed; may be NULL.  */
bool dry_run(struct dry *d, const struct program *p, unsigned *culprit, struct coverage *out);

/* dry_slot - the program's slot as the last run has left it: SLOT_SIZE bytes */
const uint8_t *dry_slot(const struct dry *d);

#endif
