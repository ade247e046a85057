/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Command lines: every way an option can be written, and every way it can be wrong.
 */
#include <check.h>
#include <string.h>

#include "base/opts.h"

Suite *opts_suite(void);

enum { FILE_OPT = 7, FLAG_OPT };

static const struct opt rows[] = {
	{ "kernel", "FILE", "a file", FILE_OPT },
	{ "nographic", NULL, "a flag", FLAG_OPT },
	{ "M", "NAME", "one letter", 9 },
};

static struct opts line(int argc, char **argv)
{
	return (struct opts){ .rows = rows, .nrows = ARRAY_LEN(rows), .argc = argc, .argv = argv, .at = 1 };
}

struct one { const char *argv[3]; int id; const char *value; };

static const struct one good[] = {
	{ { "-kernel", "a" }, FILE_OPT, "a" },
	{ { "--kernel", "a" }, FILE_OPT, "a" },
	{ { "--kernel=a" }, FILE_OPT, "a" },
	{ { "--kernel=" }, FILE_OPT, "" },
	{ { "-kernel", "-x" }, FILE_OPT, "-x" },
	{ { "-nographic" }, FLAG_OPT, NULL },
	{ { "-M", "malta" }, 9, "malta" },
	{ { "word" }, 0, "word" },
	{ { "-" }, 0, "-" },
	{ { "--", "-kernel" }, 0, "-kernel" },
};

START_TEST(accepts)
{
	char *argv[4] = { (char *)"tool", (char *)good[_i].argv[0], (char *)good[_i].argv[1], NULL };
	struct opts o = line(good[_i].argv[1] ? 3 : 2, argv);
	const struct opt *row;
	const char *value;
	struct err e = ERR_INIT;

	ck_assert_int_eq(opts_next(&o, &row, &value, &e), ST_OK);
	ck_assert_int_eq(row ? row->id : 0, good[_i].id);
	if (good[_i].value)
		ck_assert_str_eq(value, good[_i].value);
	else
		ck_assert_ptr_null(value);
	ck_assert_int_eq(opts_next(&o, &row, &value, &e), ST_OK);
	ck_assert(!row && !value);
}
END_TEST

static const struct { const char *arg, *says; } wrong[] = {
	{ "-kernle", "did you mean '-kernel'" },
	{ "--kern", "did you mean '--kernel'" },
	{ "-nografic", "did you mean '-nographic'" },
	{ "-zzzzz", "-help lists them" },
	{ "-kernel", "FILE must follow" },
	{ "--nographic=1", "takes no value" },
};

START_TEST(refuses)
{
	char *argv[] = { (char *)"tool", (char *)wrong[_i].arg, NULL };
	struct opts o = line(2, argv);
	const struct opt *row;
	const char *value;
	struct err e = ERR_INIT;

	ck_assert_int_eq(opts_next(&o, &row, &value, &e), ST_USAGE);
	ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s", e.text);
	ck_assert_ptr_nonnull(strstr(e.text, wrong[_i].arg));
	ck_assert_ptr_null(strchr(e.text, '\n'));
}
END_TEST

static const struct { const char *text; enum status s; uint64_t value; } sizes[] = {
	{ "256", ST_OK, 256u << 20 }, { "256M", ST_OK, 256u << 20 }, { "1g", ST_OK, 1u << 30 }, { "64k", ST_OK, 65536 },
	{ "0x10", ST_OK, 16u << 20 }, { "0", ST_OK, 0 }, { "2G", ST_OK, 2048ull << 20 },
	{ "", ST_USAGE, 0 }, { "M", ST_USAGE, 0 }, { "12X", ST_USAGE, 0 }, { "12MM", ST_USAGE, 0 }, { "-5", ST_USAGE, 0 },
	{ " 5", ST_USAGE, 0 }, { "+5", ST_USAGE, 0 }, { "1.5G", ST_USAGE, 0 }, { "2049", ST_USAGE, 0 }, { "3G", ST_USAGE, 0 },
	{ "99999999999999999999", ST_USAGE, 0 }, { "17592186044416G", ST_USAGE, 0 },
};

START_TEST(sizes_are_exact)
{
	struct err e = ERR_INIT;
	uint64_t v = 77;

	ck_assert_int_eq(opts_size(sizes[_i].text, 1u << 20, 2048ull << 20, &v, &e), sizes[_i].s);
	ck_assert_uint_eq(v, sizes[_i].s == ST_OK ? sizes[_i].value : 77);
	ck_assert((sizes[_i].s == ST_OK) == (e.text[0] == 0));
}
END_TEST

START_TEST(numbers)
{
	struct err e = ERR_INIT;
	uint64_t v = 0;

	ck_assert_int_eq(opts_number("0x80100000", UINT32_MAX, &v, &e), ST_OK);
	ck_assert_uint_eq(v, 0x80100000u);
	ck_assert_int_eq(opts_number("4294967296", UINT32_MAX, &v, &e), ST_USAGE);
	ck_assert_int_eq(opts_number("12k", UINT32_MAX, &v, &e), ST_USAGE);
	ck_assert_int_eq(opts_number("", UINT32_MAX, &v, &e), ST_USAGE);
	ck_assert_uint_eq(v, 0x80100000u);
}
END_TEST

static const char *const names[] = { "malta", "pb1500" };

static const char *name_at(const void *unused, unsigned i)
{
	(void)unused;
	return i < 2 ? names[i] : NULL;
}

START_TEST(suggestions)
{
	ck_assert_str_eq(opts_nearest("matla", name_at, NULL), "malta");
	ck_assert_str_eq(opts_nearest("pb1505", name_at, NULL), "pb1500");
	ck_assert_ptr_null(opts_nearest("virt", name_at, NULL));
	ck_assert_ptr_null(opts_nearest("", name_at, NULL));
	ck_assert_ptr_null(opts_nearest("m", name_at, NULL));
	ck_assert_ptr_null(opts_nearest("a-name-that-is-far-longer-than-any-option-there-could-be", name_at, NULL));
}
END_TEST

Suite *opts_suite(void)
{
	Suite *s = suite_create("opts");
	TCase *t = tcase_create("lines");

	tcase_add_loop_test(t, accepts, 0, (int)ARRAY_LEN(good));
	tcase_add_loop_test(t, refuses, 0, (int)ARRAY_LEN(wrong));
	tcase_add_loop_test(t, sizes_are_exact, 0, (int)ARRAY_LEN(sizes));
	tcase_add_test(t, numbers);
	tcase_add_test(t, suggestions);
	suite_add_tcase(s, t);
	return s;
}
