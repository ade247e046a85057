/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The statistics file: valid JSON whatever the user's markers contain, and tiers that add up.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "dbt-runtime/engine/engine.h"
#include "dbt-runtime/vm/stats.h"

Suite *stats_suite(void);

static struct cpu cpu;
static struct engine_stats engine_numbers;

static struct file_bytes written(const struct stats *s)
{
	struct err e = ERR_INIT;
	struct file_bytes f;
	char path[64];

	snprintf(path, sizeof path, "%s/athanor-stats-XXXXXX", P_tmpdir);
	close(mkstemp(path));
	ck_assert_int_eq(stats_write(path, s, &cpu, &engine_numbers, &e), ST_OK);
	ck_assert_int_eq(file_read(path, 1u << 20, &f, &e), ST_OK);
	unlink(path);
	return f;
}

/* A recogniser of JSON: returns the end of the value at @p, NULL if it is none.  */
static const char *value(const char *p);

static const char *space(const char *p) { return p + strspn(p, " \n\t\r"); }

static const char *string(const char *p)
{
	for (p++; *p && *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p == '\\' && !strchr("\"\\/bfnrtu", *++p))
			return NULL;
	}
	return *p ? p + 1 : NULL;
}

static const char *object(const char *p)
{
	for (p = space(p + 1); *p != '}'; p = space(p)) {
		if (*p != '"' || !(p = string(p)) || *(p = space(p)) != ':' || !(p = value(space(p + 1))))
			return NULL;
		p = space(p);
		if (*p == ',' && *(p = space(p + 1)) != '"')
			return NULL;
		else if (*p != '"' && *p != '}')
			return NULL;
	}
	return p + 1;
}

static const char *value(const char *p)
{
	size_t n;

	if (*p == '"')
		return string(p);
	if (*p == '{')
		return object(p);
	n = strspn(p, "0123456789.");
	return n ? p + n : NULL;
}

START_TEST(is_json)
{
	struct stats s = { .accel = "ref", .machine = "malta", .cpu = "24Kc", .nmarks = 4 };
	struct file_bytes f;
	const char *end;

	s.mark[0] = (struct stats_mark){ .text = "say \"hi\"\\\n\001", .seen = true, .counted = true, .ns = 1500000000 };
	s.mark[1] = (struct stats_mark){ .text = "never" };
	s.mark[2] = (struct stats_mark){ .text = "athanor# ", .seen = true, .counted = true, .ns = 2000000000, .tiers = { 1, 2, 3 } };
	s.mark[3] = (struct stats_mark){ .text = "too late to count", .seen = true };
	f = written(&s);
	end = value((const char *)f.at);
	ck_assert_msg(end && !*space(end), "%s", (char *)f.at);
	ck_assert_ptr_nonnull(strstr((char *)f.at, "\"say \\\"hi\\\"\\\\\\u000a\\u0001\": 1.500000"));
	ck_assert_ptr_nonnull(strstr((char *)f.at, "\"athanor# \": {\"xo\": 1, \"template\": 2, \"interp\": 3}"));
	ck_assert_ptr_null(strstr((char *)f.at, "never"));
	file_bytes_free(&f);
}
END_TEST

START_TEST(tiers_add_up_over_resets)
{
	struct stats s = { .accel = "ref", .machine = "malta", .cpu = "24Kc", .tiers = { 100, 20, 3 } };
	struct file_bytes f;

	cpu.tier_insns[TIER_XO] = 4000;
	cpu.tier_insns[TIER_TEMPLATE] = 500;
	cpu.tier_insns[TIER_INTERP] = 60;
	f = written(&s);
	ck_assert_ptr_nonnull(strstr((char *)f.at, "\"guest_instructions\": 4683,"));
	ck_assert_ptr_nonnull(strstr((char *)f.at, "\"tiers\": {\"xo\": 4100, \"template\": 520, \"interp\": 63}"));
	file_bytes_free(&f);
}
END_TEST

/* Whatever the engine counts is told: each counter's number stands somewhere.  */
START_TEST(every_counter_is_told)
{
	struct stats s = { .accel = "ref", .machine = "malta", .cpu = "24Kc", .exits_poll = 7001, .exits_wait = 7002, .exits_stop = 7003,
			   .waiting_ns = 7004000000000u, .total_ns = 7005000000000u, .disturbed = 7006, .migrated = 7007, .resets = 7008 };
	uint64_t *counter = (uint64_t *)&engine_numbers;
	const unsigned n = sizeof engine_numbers / sizeof *counter;
	struct file_bytes f;
	char number[32];

	for (unsigned i = 0; i < n; i++)
		counter[i] = 9000 + i;
	engine_numbers.translate_ns = 8000000000000u;
	f = written(&s);
	for (unsigned i = 0; i < n; i++) {
		uint64_t shown = counter[i] < 1000000000u ? counter[i] : counter[i] / 1000000000u; /* seconds */

		snprintf(number, sizeof number, ": %llu", (unsigned long long)shown);
		ck_assert_msg(strstr((char *)f.at, number), "counter %u%s", i, number);
	}
	for (unsigned i = 7001; i <= 7008; i++) {
		snprintf(number, sizeof number, ": %u", i);
		ck_assert_msg(strstr((char *)f.at, number), "%s", number);
	}
	file_bytes_free(&f);
}
END_TEST

/* What an accelerator counts by itself: in all, by the second, and at the markers.  */
START_TEST(an_accelerator_counts)
{
	struct stats s = { .accel = "kvm", .machine = "malta", .cpu = "24Kc", .total_ns = 4000000000u, .ncounts = 2, .nmarks = 1 };
	struct file_bytes f;
	const char *end;

	s.count[0] = (struct accel_count){ "poll", 6 };
	s.count[1] = (struct accel_count){ "inside_ns", 2000000000 };
	s.mark[0] = (struct stats_mark){ .text = "athanor# ", .seen = true, .counted = true, .count = { { "poll", 2 }, { "inside_ns", 7 } } };
	f = written(&s);
	end = value((const char *)f.at);
	ck_assert_msg(end && !*space(end), "%s", (char *)f.at);
	ck_assert_ptr_nonnull(strstr((char *)f.at, "\"vm\": {\"poll\": 6, \"inside_ns\": 2000000000}"));
	ck_assert_ptr_nonnull(strstr((char *)f.at, "\"vm_per_second\": {\"poll\": 1.5, \"inside_ns\": 500000000.0}"));
	ck_assert_ptr_nonnull(strstr((char *)f.at, "\"vm_at\": {\"athanor# \": {\"poll\": 2, \"inside_ns\": 7}}"));
	file_bytes_free(&f);
}
END_TEST

Suite *stats_suite(void)
{
	Suite *s = suite_create("stats");
	TCase *t = tcase_create("json");

	tcase_add_test(t, is_json);
	tcase_add_test(t, tiers_add_up_over_resets);
	tcase_add_test(t, every_counter_is_told);
	tcase_add_test(t, an_accelerator_counts);
	suite_add_tcase(s, t);
	return s;
}
