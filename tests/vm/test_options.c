/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of dbt: what it means, and what every mistake is answered with.
 */
#include <check.h>
#include <string.h>

#include "dbt-runtime/vm/options.h"

Suite *options_suite(void);

#define ARGS_MAX 12

static enum status parse(struct vm_options *o, const char *const *args, struct err *e)
{
	char *argv[ARGS_MAX + 2] = { (char *)"dbt" };
	int argc = 1;

	for (; args[argc - 1]; argc++)
		argv[argc] = (char *)args[argc - 1];
	return vm_options_parse(o, argc, argv, e);
}

START_TEST(everything_given)
{
	static const char *const args[] = { "-M", "malta", "-cpu", "24Kc", "-m", "128M", "-kernel", "k", "-accel", "ref", "-nographic", NULL };
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_int_eq(parse(&o, args, &e), ST_OK);
	ck_assert_int_eq(o.action, ACTION_RUN);
	ck_assert_str_eq(o.machine, "malta");
	ck_assert_str_eq(o.cpu, "24Kc");
	ck_assert_uint_eq(o.ram, 128u << 20);
	ck_assert_str_eq(o.accel, "ref");
	ck_assert_uint_eq(o.nserials, 1);
	ck_assert_int_eq(o.serial[0].kind, SERIAL_STDIO);
	ck_assert(!o.no_reboot);
}
END_TEST

START_TEST(lists_keep_their_order)
{
	static const char *const args[] = { "-kernel", "k", "-serial", "null", "-serial", "file:out:1", "-xo", "a", "-xo", "b", NULL };
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_int_eq(parse(&o, args, &e), ST_OK);
	ck_assert_uint_eq(o.nserials, 2);
	ck_assert_int_eq(o.serial[0].kind, SERIAL_NULL);
	ck_assert_int_eq(o.serial[1].kind, SERIAL_FILE);
	ck_assert_str_eq(o.serial[1].path, "out:1");
	ck_assert_uint_eq(o.nxo, 2);
	ck_assert_str_eq(o.xo[1], "b");
}
END_TEST

static const struct { const char *args[ARGS_MAX]; enum vm_action action; } actions[] = {
	{ { "-help" }, ACTION_HELP }, { { "--help" }, ACTION_HELP }, { { "-h" }, ACTION_HELP }, { { "-version" }, ACTION_VERSION },
	{ { "-M", "help" }, ACTION_LIST_MACHINES }, { { "-cpu", "help" }, ACTION_LIST_CPUS }, { { "-d", "help" }, ACTION_LIST_LOG },
	{ { "-cache", "none", "-kernel", "k" }, ACTION_RUN },
};

START_TEST(each_action)
{
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_int_eq(parse(&o, actions[_i].args, &e), ST_OK);
	ck_assert_int_eq(o.action, actions[_i].action);
}
END_TEST

static const struct { const char *args[ARGS_MAX]; enum status s; const char *says; } wrong[] = {
	{ { NULL }, ST_USAGE, "-kernel FILE" },
	{ { "vmlinux" }, ST_USAGE, "'vmlinux'" },
	{ { "-kernal", "k" }, ST_USAGE, "did you mean '-kernel'" },
	{ { "-kernel" }, ST_USAGE, "FILE must follow" },
	{ { "-kernel", "k", "-m", "0" }, ST_USAGE, "without RAM" },
	{ { "-kernel", "k", "-m", "lots" }, ST_USAGE, "-m: 'lots' is not a number" },
	{ { "-kernel", "k", "-m", "12Q" }, ST_USAGE, "-m: '12Q' is not a size" },
	{ { "-kernel", "k", "-m", "99999999G" }, ST_USAGE, "too large" },
	{ { "-kernel", "k", "-m", "-1" }, ST_USAGE, "not a number" },
	{ { "-kernel", "k", "-serial", "tcp::4444" }, ST_USAGE, "tcp::4444" },
	{ { "-kernel", "k", "-serial", "file:" }, ST_USAGE, "file:PATH" },
	{ { "-kernel", "k", "-serial", "stdio", "-serial", "stdio" }, ST_USAGE, "one port only" },
	{ { "-kernel", "k", "-serial", "null", "-serial", "null", "-serial", "null", "-serial", "null" }, ST_USAGE, "more than 3" },
	{ { "-kernel", "k", "-stats-marker", "" }, ST_USAGE, "empty" },
	{ { "-kernel", "k", "-cache", "dir" }, ST_UNSUPPORTED, "-cache: 'dir'" },
	{ { "-initrd", "i" }, ST_USAGE, "-initrd needs -kernel" },
	{ { "-append", "a" }, ST_USAGE, "-append needs -kernel" },
	{ { "-dtb", "d" }, ST_USAGE, "-dtb needs -kernel" },
};

START_TEST(each_mistake)
{
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_int_eq(parse(&o, wrong[_i].args, &e), wrong[_i].s);
	ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s", e.text);
	ck_assert_ptr_null(strchr(e.text, '\n'));
	ck_assert_int_eq(status_exit_code(e.status), 1);
}
END_TEST

Suite *options_suite(void)
{
	Suite *s = suite_create("options");
	TCase *t = tcase_create("parse");

	tcase_add_test(t, everything_given);
	tcase_add_test(t, lists_keep_their_order);
	tcase_add_loop_test(t, each_action, 0, (int)ARRAY_LEN(actions));
	tcase_add_loop_test(t, each_mistake, 0, (int)ARRAY_LEN(wrong));
	suite_add_tcase(s, t);
	return s;
}
