/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of dbt: what it means, and what every mistake is answered with.
 */
#include <check.h>
#include <string.h>

#include "dbt-runtime/vm/options.h"
#include "dbt-runtime/vm/sandbox.h"

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

START_TEST(time_and_chance)
{
	static const char *const args[] = { "-kernel", "k", "-icount", "5,sleep=off", "-rtc", "base=2001-02-03T04:05:06", "-seed", "77", "-chaos",
					    "seed=9,period=50,migrate=off", NULL };
	static const char *const plain[] = { "-kernel", "k", NULL };
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_msg(parse(&o, args, &e) == ST_OK, "%s", e.text);
	ck_assert(o.icount.on && !o.icount.sleep && o.icount.shift == 5);
	ck_assert(o.rtc_set && o.rtc_base == 981173106);
	ck_assert(o.seed_set && o.seed == 77);
	ck_assert(o.chaos.on && !o.chaos.migrate && o.chaos.seed == 9 && o.chaos.period == 50);
	ck_assert_int_eq(parse(&o, plain, &e), ST_OK);
	ck_assert(!o.icount.on && !o.rtc_set && !o.seed_set && !o.chaos.on);
}
END_TEST

START_TEST(sandbox_or_not)
{
	static const char *const off[] = { "-kernel", "k", "-sandbox", "off", NULL }, *const on[] = { "-kernel", "k", "-sandbox", "on", NULL };
	static const char *const plain[] = { "-kernel", "k", NULL };
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_int_eq(parse(&o, off, &e), ST_OK);
	ck_assert(!o.sandbox);
	ck_assert_int_eq(parse(&o, plain, &e), ST_OK);
	ck_assert(o.sandbox == sandbox_built());
	ck_assert_int_eq(parse(&o, on, &e), sandbox_built() ? ST_OK : ST_UNSUPPORTED);
	ck_assert(o.sandbox);
}
END_TEST

START_TEST(drives)
{
	static const char *const args[] = { "-kernel", "k", "-drive", "file=a", "-drive", "if=virtio,readonly=on,format=raw,file=b,,c=d",
					    "-pflash", "e,f", NULL };
	struct vm_options o;
	struct err e = ERR_INIT;

	ck_assert_msg(parse(&o, args, &e) == ST_OK, "%s", e.text);
	ck_assert_uint_eq(o.drives.n, 3);
	ck_assert_str_eq(o.drives.drive[0].file, "a");
	ck_assert(!o.drives.drive[0].flash && !o.drives.drive[0].readonly && !o.drives.drive[0].raw);
	ck_assert_str_eq(o.drives.drive[1].file, "b,c=d");
	ck_assert(!o.drives.drive[1].flash && o.drives.drive[1].readonly && o.drives.drive[1].raw);
	ck_assert_str_eq(o.drives.drive[2].file, "e,f");
	ck_assert(o.drives.drive[2].flash && !o.drives.drive[2].readonly);
}
END_TEST

START_TEST(long_file_names)
{
	char value[OPTS_VALUE_MAX + 64] = "file=";
	struct drive_options o = { .n = 0 };
	struct err e = ERR_INIT;

	memset(value + 5, 'x', OPTS_VALUE_MAX - 1);
	ck_assert_msg(drive_option_add(&o, value, &e) == ST_OK, "%s", e.text);
	ck_assert_uint_eq(strlen(o.drive[0].file), OPTS_VALUE_MAX - 1);
	memset(value + 5, 'x', OPTS_VALUE_MAX);
	ck_assert_int_eq(drive_option_add(&o, value, &e), ST_USAGE);
	ck_assert_int_eq(drive_option_add_flash(&o, value, &e), ST_USAGE);
	ck_assert_uint_eq(o.n, 1);
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
	{ { "-kernel", "k", "-icount", "auto" }, ST_UNSUPPORTED, "-icount: shift=auto" },
	{ { "-kernel", "k", "-icount", "shift=11" }, ST_USAGE, "-icount: '11' is too large: at most 10" },
	{ { "-kernel", "k", "-icount", "align=on" }, ST_USAGE, "-icount: 'align=on': there are shift=N" },
	{ { "-kernel", "k", "-icount", "3,,sleep=on" }, ST_USAGE, "-icount: '3,sleep=on': there are shift=N" },
	{ { "-kernel", "k", "-icount", "3," }, ST_USAGE, "missing" },
	{ { "-kernel", "k", "-icount", "3,sleep=maybe" }, ST_USAGE, "neither on nor off" },
	{ { "-kernel", "k", "-icount", "" }, ST_USAGE, "-icount" },
	{ { "-kernel", "k", "-rtc", "base=tomorrow" }, ST_USAGE, "-rtc: base=tomorrow" },
	{ { "-kernel", "k", "-rtc", "base=2000-13-01" }, ST_USAGE, "-rtc" },
	{ { "-kernel", "k", "-rtc", "base=2001-02-29" }, ST_USAGE, "-rtc: base=2001-02-29" },
	{ { "-kernel", "k", "-sandbox", "maybe" }, ST_USAGE, "-sandbox: 'maybe' is neither on nor off" },
	{ { "-kernel", "k", "-rtc", "clock=vm" }, ST_USAGE, "-rtc: 'clock=vm': there are base" },
	{ { "-kernel", "k", "-seed", "x" }, ST_USAGE, "-seed: 'x' is not a number" },
	{ { "-kernel", "k", "-chaos", "1,period=0" }, ST_USAGE, "-chaos: period=0" },
	{ { "-kernel", "k", "-chaos", "1,often=yes" }, ST_USAGE, "-chaos: 'often=yes': there are seed" },
	{ { "-kernel", "k", "-chaos", "1", "-profile", "p" }, ST_USAGE, "migrate=off" },
	{ { "-kernel", "k", "-drive", "a" }, ST_USAGE, "-drive: 'a': a value is missing" },
	{ { "-kernel", "k", "-drive", "" }, ST_USAGE, "-drive" },
	{ { "-kernel", "k", "-drive", "file=" }, ST_USAGE, "-drive: 'file=': something is missing" },
	{ { "-kernel", "k", "-drive", "if=virtio" }, ST_USAGE, "-drive: file=F is missing" },
	{ { "-kernel", "k", "-drive", "file=a,,,if=virtio,," }, ST_USAGE, "-drive: if=virtio, is neither" },
	{ { "-kernel", "k", "-drive", "file=a,if=ide" }, ST_USAGE, "-drive: if=ide is neither virtio nor pflash" },
	{ { "-kernel", "k", "-drive", "file=a,format=qcow2" }, ST_UNSUPPORTED, "qemu-img convert" },
	{ { "-kernel", "k", "-drive", "file=a,readonly=yes" }, ST_USAGE, "-drive: 'yes' is neither on nor off" },
	{ { "-kernel", "k", "-drive", "file=a,cache=none" }, ST_USAGE, "-drive: 'cache': there are file=F" },
	{ { "-kernel", "k", "-drive", "file=a", "-drive", "file=b", "-drive", "file=c", "-drive", "file=d" }, ST_USAGE, "-drive: more than 3" },
	{ { "-kernel", "k", "-drive", "file=a,if=pflash", "-pflash", "b" }, ST_USAGE, "-pflash: more than one" },
	{ { "-kernel", "k", "-pflash", "" }, ST_USAGE, "-pflash: '' is not a file name" },
	{ { "-initrd", "i" }, ST_USAGE, "-initrd needs -kernel" },
	{ { "-append", "a" }, ST_USAGE, "-append needs -kernel" },
	{ { "-dtb", "d" }, ST_USAGE, "-dtb needs -kernel" },
	{ { "-bios", "m", "-kernel", "k" }, ST_USAGE, "-bios and -kernel together" },
	{ { "-bios", "m", "-append", "a" }, ST_USAGE, "-append needs -kernel" },
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
	tcase_add_test(t, time_and_chance);
	tcase_add_test(t, sandbox_or_not);
	tcase_add_test(t, drives);
	tcase_add_test(t, long_file_names);
	tcase_add_loop_test(t, each_action, 0, (int)ARRAY_LEN(actions));
	tcase_add_loop_test(t, each_mistake, 0, (int)ARRAY_LEN(wrong));
	suite_add_tcase(s, t);
	return s;
}
