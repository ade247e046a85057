/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a program that shows a difference to a small one that still does.
 */
#ifndef ATHANOR_TESTS_FUZZ_ISA_MINIMISE_H
#define ATHANOR_TESTS_FUZZ_ISA_MINIMISE_H

#include <stdio.h>

#include "tests/fuzz-isa/dry.h"

/* minimise - shrink @p as long as @differs says so; asks it @tries times at most.  Returns how often it asked.  */
unsigned minimise(struct dry *d, struct program *p, bool (*differs)(void *opaque, const struct program *p), void *opaque, unsigned tries);

/* program_print - as a row of cases.def, with a listing in comments.  */
void program_print(FILE *f, const struct program *p, const char *name);

#endif
