/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of suites of one test program, generated from the names of its test_*.c files.
 */
#ifndef ATHANOR_TESTS_HARNESS_SUITES_H
#define ATHANOR_TESTS_HARNESS_SUITES_H

#include <check.h>

struct suite_row {
	const char *name;
	Suite *(*make)(void);
};

extern const struct suite_row suites[]; /* ends with a NULL name */
extern const char suites_folder[];

/* test_skip - say that something was not tested, and why; counted in the summary.  Works from forked tests too.  */
void test_skip(const char *name, const char *reason);

#endif
