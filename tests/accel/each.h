/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests that run once on each accelerator: loop tests over EACH.  */
#ifndef ATHANOR_TESTS_ACCEL_EACH_H
#define ATHANOR_TESTS_ACCEL_EACH_H

#include "tests/engine/rig.h"

#define EACH 3

/* The accelerator of round @i; NULL: not here, which is said.  */
const struct accel_ops *each_or_skip(int i, const char *test);
/* As rig_exit, but for what only says that the timer was set.  */
enum accel_exit each_exit(struct rig *g, uint64_t insns);

/* A test NAME(ops) with NAME_on for tcase_add_loop_test.  */
#define ON_EACH(name) \
	static void name(const struct accel_ops *ops); \
	START_TEST(name##_on) \
	{ \
		const struct accel_ops *ops = each_or_skip(_i, #name); \
		if (ops) \
			name(ops); \
	} \
	END_TEST \
	static void name(const struct accel_ops *ops)

#endif
