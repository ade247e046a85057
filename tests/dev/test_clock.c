/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtual time: order of timers, deadlines, cancelling, timers that arm themselves again.  */
#include <check.h>

#include "tests/dev/fakes.h"

Suite *clock_suite(void);

static struct fake_time time_now;
static struct timer timers[4];
static char order[16];
static unsigned fired;

static void fire(void *opaque)
{
	if (fired < sizeof order - 1)
		order[fired] = (char)('0' + ((struct timer *)opaque - timers));
	fired++;
}

static void set_up(void)
{
	fake_time_init(&time_now);
	for (unsigned i = 0; i < 4; i++)
		timer_init(&timers[i], &time_now.clock, fire, &timers[i]);
	fired = 0;
	for (unsigned i = 0; i < sizeof order; i++)
		order[i] = 0;
}

START_TEST(timers_fire_in_order_of_time)
{
	ck_assert_uint_eq(clock_next_deadline(&time_now.clock), CLOCK_NEVER);
	timer_set(&timers[0], 300);
	timer_set(&timers[1], 100);
	timer_set(&timers[2], 200);
	timer_set(&timers[3], 100);
	ck_assert_uint_eq(time_now.sooner, 2);
	ck_assert_uint_eq(clock_next_deadline(&time_now.clock), 100);
	clock_run_due(&time_now.clock);
	ck_assert_uint_eq(fired, 0);
	time_now.now = 250;
	clock_run_due(&time_now.clock);
	ck_assert_str_eq(order, "132");
	ck_assert_uint_eq(clock_next_deadline(&time_now.clock), 300);
	fake_time_pass(&time_now, 50);
	ck_assert_str_eq(order, "1320");
	ck_assert_uint_eq(clock_next_deadline(&time_now.clock), CLOCK_NEVER);
}
END_TEST

START_TEST(set_again_and_cancel)
{
	timer_set(&timers[0], 100);
	timer_set(&timers[1], 200);
	timer_set(&timers[0], 300);
	ck_assert_uint_eq(clock_next_deadline(&time_now.clock), 200);
	timer_cancel(&timers[1]);
	timer_cancel(&timers[1]);
	ck_assert_uint_eq(clock_next_deadline(&time_now.clock), 300);
	timer_set(&timers[0], CLOCK_NEVER);
	ck_assert(!timers[0].armed);
	fake_time_pass(&time_now, 1000);
	ck_assert_uint_eq(fired, 0);
}
END_TEST

static void again(void *opaque)
{
	fired++;
	timer_set(opaque, time_now.now ? time_now.now - 1 : 0);
}

START_TEST(a_timer_that_stays_in_the_past_does_not_hang)
{
	timer_init(&timers[0], &time_now.clock, again, &timers[0]);
	time_now.now = 10;
	timer_set(&timers[0], 0);
	clock_run_due(&time_now.clock);
	ck_assert_uint_gt(fired, 1);
	ck_assert(timers[0].armed);
}
END_TEST

START_TEST(ticks_and_nanoseconds)
{
	static const uint32_t hz[] = { 1, 32768, 1193182, 3579545, 160000000, 4294967295u };

	for (unsigned i = 0; i < ARRAY_LEN(hz); i++)
		for (uint64_t ticks = 0; ticks < 4000; ticks = ticks * 3 + 1) {
			uint64_t ns = ticks_to_ns(ticks, hz[i]);

			if (hz[i] <= NS_PER_S) /* a moment so rounded is never early, and never a tick late */
				ck_assert_uint_eq(ns_to_ticks(ns, hz[i]), ticks);
		}
}
END_TEST

Suite *clock_suite(void)
{
	Suite *s = suite_create("clock");
	TCase *t = tcase_create("timers");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, timers_fire_in_order_of_time);
	tcase_add_test(t, set_again_and_cancel);
	tcase_add_test(t, a_timer_that_stays_in_the_past_does_not_hang);
	tcase_add_test(t, ticks_and_nanoseconds);
	suite_add_tcase(s, t);
	return s;
}
