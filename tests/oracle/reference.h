/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The interpreter over two pages of RAM, one of code and one of data, at the addresses a user program has: with Status.ERL set,
 * user addresses are physical addresses.
 */
#ifndef ATHANOR_TESTS_ORACLE_REFERENCE_H
#define ATHANOR_TESTS_ORACLE_REFERENCE_H

#include "tests/oracle/program.h"

enum reference_end {
	END_EXIT,      /* the program left to its exit */
	END_SIGNAL,    /* an exception with a signal of its own */
	END_UNWANTED,  /* something a program should not do */
};

/* reference_run - run @p from its start; fills out, data_out, insns and executed.  @culprit: index of the word that ended it.  */
enum reference_end reference_run(struct reference *r, struct program *p, gva exit, unsigned *culprit);

/* The signal Linux for MIPS sends for the exception in Cause (arch/mips/kernel/traps.c), 0: none of those that occur here.  */
uint32_t reference_signal(const struct cpu *c);

#endif
