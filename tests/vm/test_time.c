/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counted time and the moments of chaos: functions of what they are given, and of nothing else.
 */
#include <check.h>

#include "base/host_time.h"
#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/vm/chaos.h"
#include "dbt-runtime/vm/guest_time.h"

Suite *time_suite(void);

START_TEST(counted_time_is_the_instructions)
{
	struct guest_time t = { .counted = true, .shift = 3, .skipped_ns = 100 };

	ck_assert_uint_eq(guest_time_now(&t, 0), 100);
	ck_assert_uint_eq(guest_time_now(&t, 1000), 8100);
	t.shift = 0;
	ck_assert_uint_eq(guest_time_now(&t, 1000), 1100);
}
END_TEST

/* The first instruction count at which the moment has come, no earlier and no later.  */
START_TEST(a_moment_is_an_instruction)
{
	for (unsigned shift = 0; shift <= 10; shift++)
		for (uint64_t due = 0; due < 5000; due += 7) {
			struct guest_time t = { .counted = true, .shift = shift, .skipped_ns = 33 };
			uint64_t insns = 11, n = guest_time_insns(&t, due, insns);

			ck_assert_uint_ge(guest_time_now(&t, insns + n), due);
			if (n)
				ck_assert_uint_lt(guest_time_now(&t, insns + n - 1), due);
		}
}
END_TEST

START_TEST(no_moment_no_instruction)
{
	struct guest_time counted = { .counted = true }, real = { .start_ns = 0 };

	ck_assert_uint_eq(guest_time_insns(&counted, CLOCK_NEVER, 5), UINT64_MAX);
	ck_assert_uint_eq(guest_time_insns(&real, 1000, 5), UINT64_MAX);
}
END_TEST

START_TEST(real_time_passes)
{
	struct guest_time real = { .start_ns = host_ns() - 5000 };
	uint64_t a = guest_time_now(&real, 0), b = guest_time_now(&real, 0);

	ck_assert_uint_ge(a, 5000);
	ck_assert_uint_ge(b, a);
}
END_TEST

/* The same seed, the same accidents; whoever stops in between does not move them.  */
START_TEST(accidents_depend_on_the_seed)
{
	struct chaos a = { .on = true, .state = 5, .period = 1000 }, b = a, other = a;
	unsigned different = 0;

	other.state = 6;
	for (unsigned i = 0; i < 200; i++) {
		uint64_t at = a.next;

		ck_assert_uint_eq(chaos_insns(&a, at), 0);
		if (at)
			ck_assert(!chaos_happens(&b, at - 1));
		ck_assert(chaos_happens(&a, at) && chaos_happens(&b, at));
		ck_assert_uint_eq(a.next, b.next);
		ck_assert(a.next > at && a.next <= at + 2 * a.period);
		ck_assert_uint_eq(chaos_insns(&a, at), a.next - at);
		ck_assert(chaos_happens(&other, other.next));
		different += other.next != a.next;
	}
	ck_assert_uint_gt(different, 190);
}
END_TEST

START_TEST(without_chaos_nothing_happens)
{
	struct chaos none = { .period = 1000 };

	ck_assert_uint_eq(chaos_insns(&none, 77), UINT64_MAX);
	ck_assert(!chaos_happens(&none, 77));
}
END_TEST

Suite *time_suite(void)
{
	Suite *s = suite_create("time");
	TCase *t = tcase_create("time");

	tcase_add_test(t, counted_time_is_the_instructions);
	tcase_add_test(t, a_moment_is_an_instruction);
	tcase_add_test(t, no_moment_no_instruction);
	tcase_add_test(t, real_time_passes);
	tcase_add_test(t, accidents_depend_on_the_seed);
	tcase_add_test(t, without_chaos_nothing_happens);
	suite_add_tcase(s, t);
	return s;
}
