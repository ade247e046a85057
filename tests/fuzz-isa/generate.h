/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random programs with structure.
 */
#ifndef ATHANOR_TESTS_FUZZ_ISA_GENERATE_H
#define ATHANOR_TESTS_FUZZ_ISA_GENERATE_H

#include "tests/fuzz-isa/dry.h"

/* program_generate - fill @p from @seed for @slot; what the dry run does not want becomes NOP
   @flags: FUZZ_OURS or 0; others are added.  @tally: what it executes, and what had to go.  */
void program_generate(struct program *p, struct dry *d, uint64_t seed, unsigned slot, uint32_t flags, struct coverage *tally);

#endif
