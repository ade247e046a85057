/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The log: which lines come out, where, and what an unknown category is answered with.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

Suite *log_suite(void);

static char path[64];

static void set_up(void)
{
	snprintf(path, sizeof path, "%s/athanor-log-XXXXXX", P_tmpdir);
	ck_assert_int_ge(close(mkstemp(path)), 0);
}

static void tear_down(void) { unlink(path); }

START_TEST(chosen_categories_only)
{
	struct err e = ERR_INIT;
	struct file_bytes f;

	ck_assert_int_eq(log_select("unimp,cache", &e), ST_OK);
	ck_assert(log_enabled(LOG_unimp) && log_enabled(LOG_cache) && !log_enabled(LOG_exec) && !log_enabled(LOG_dev));
	ck_assert_int_eq(log_to_file(path, &e), ST_OK);
	log_line(LOG_unimp, "read of %d", 42);
	log_line(LOG_exec, "not to be seen");
	log_line(LOG_cache, "done");
	ck_assert_int_eq(file_read(path, 4096, &f, &e), ST_OK);
	ck_assert_str_eq((const char *)f.at, "unimp: read of 42\ncache: done\n");
	file_bytes_free(&f);
}
END_TEST

START_TEST(a_long_line_is_cut_but_stays_one_line)
{
	struct err e = ERR_INIT;
	struct file_bytes f;
	char text[5000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = 0;
	ck_assert_int_eq(log_select("all", &e), ST_OK);
	ck_assert_int_eq(log_to_file(path, &e), ST_OK);
	log_line(LOG_dev, "%s", text);
	log_line(LOG_dev, "next");
	ck_assert_int_eq(file_read(path, 8192, &f, &e), ST_OK);
	ck_assert_ptr_eq(strchr((char *)f.at, '\n') + 1, strstr((char *)f.at, "dev: next\n"));
	file_bytes_free(&f);
}
END_TEST

static const struct { const char *list, *says; } wrong[] = {
	{ "unipm", "'unimp'" }, { "unimp,", "''" }, { "", "''" }, { "unimp,zzz", "'zzz'" }, { "exec,execc", "'execc'" },
};

START_TEST(unknown_category)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(log_select(wrong[_i].list, &e), ST_USAGE);
	ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s", e.text);
	for (unsigned i = 0; i < LOG_CATEGORIES; i++)
		ck_assert_msg(strstr(e.text, log_category_name(i)) != NULL, "%s", e.text);
	ck_assert_uint_eq(log_mask, 0);
}
END_TEST

START_TEST(file_that_cannot_be)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(log_to_file("/nonexistent/log", &e), ST_IO);
	ck_assert_ptr_eq(strstr(e.text, "/nonexistent/log: "), e.text);
}
END_TEST

Suite *log_suite(void)
{
	Suite *s = suite_create("log");
	TCase *t = tcase_create("lines"), *w = tcase_create("wrong");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, chosen_categories_only);
	tcase_add_test(t, a_long_line_is_cut_but_stays_one_line);
	suite_add_tcase(s, t);
	tcase_add_loop_test(w, unknown_category, 0, (int)ARRAY_LEN(wrong));
	tcase_add_test(w, file_that_cannot_be);
	suite_add_tcase(s, w);
	return s;
}
