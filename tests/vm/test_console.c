/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Console back ends over pipes that stand in for standard input and output.  Each test runs in a process of its own.
 */
#define _GNU_SOURCE
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "dbt-runtime/vm/console.h"

Suite *console_suite(void);

static int keys, screen, real_stdout; /* our ends of the pipes */
static struct console *con;
static unsigned quits, inputs, breaks, marks[VM_MARKERS_MAX];

static void on_quit(void *opaque) { (void)opaque; quits++; }
static void on_marker(void *opaque, unsigned i) { (void)opaque; marks[i]++; }
static void on_input(void *device) { (void)device; inputs++; }
static void on_break(void *device) { (void)device; breaks++; }

static const struct console_events events = { .marker = on_marker, .quit = on_quit };
static const char *const markers[] = { "athanor# ", "aab", "login:" };

static void set_up(void)
{
	static const struct vm_serial_option stdio = { SERIAL_STDIO, NULL };
	struct err e = ERR_INIT;
	int in[2], out[2];

	real_stdout = dup(STDOUT_FILENO);
	ck_assert_int_eq(pipe(in) | pipe(out), 0);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	keys = in[1];
	screen = out[0];
	close(in[0]);
	close(out[1]);
	ck_assert_int_eq(console_create(&stdio, markers, 3, &events, &con, &e), ST_OK);
	con->chardev.on_input = on_input;
	con->chardev.on_break = on_break;
}

static void tear_down(void)
{
	console_destroy(con);
	dup2(real_stdout, STDOUT_FILENO);
}

static void type(const char *text, size_t n)
{
	ck_assert_int_eq(write(keys, text, n), (ssize_t)n);
	console_poll(con);
}

static void expect_guest_gets(const char *text, size_t n)
{
	uint8_t got[CONSOLE_INPUT];

	ck_assert_uint_eq(chardev_poll(&con->chardev), n);
	ck_assert_uint_eq(chardev_read(&con->chardev, got, sizeof got), n);
	ck_assert_int_eq(memcmp(got, text, n), 0);
}

static const struct { const char *keys, *guest; unsigned quits, breaks; } escapes[] = {
	{ "ls\r", "ls\r", 0, 0 }, { "a\001xb", "ab", 1, 0 }, { "\001\001", "\001", 0, 0 }, { "\001\001x", "\001x", 0, 0 },
	{ "\001bz", "z", 0, 1 }, { "\001hz", "z", 0, 0 }, { "\001cz", "z", 0, 0 }, { "\001qz", "z", 0, 0 },
	{ "\003\004\032", "\003\004\032", 0, 0 },
};

START_TEST(escape_keys)
{
	type(escapes[_i].keys, strlen(escapes[_i].keys));
	expect_guest_gets(escapes[_i].guest, strlen(escapes[_i].guest));
	ck_assert_uint_eq(quits, escapes[_i].quits);
	ck_assert_uint_eq(breaks, escapes[_i].breaks);
}
END_TEST

START_TEST(escape_split_between_reads)
{
	type("a\001", 2);
	expect_guest_gets("a", 1);
	type("x", 1);
	ck_assert_uint_eq(quits, 1);
	ck_assert_uint_eq(chardev_poll(&con->chardev), 0);
}
END_TEST

START_TEST(nothing_is_lost_when_the_guest_is_slow)
{
	static uint8_t sent[20000], got[20000];
	size_t in = 0, out = 0;

	for (size_t i = 0; i < sizeof sent; i++)
		sent[i] = (uint8_t)('a' + i % 23);
	ck_assert_int_eq(write(keys, sent, sizeof sent), sizeof sent);
	while (out < sizeof sent) {
		for (unsigned k = 0; k < 20; k++)
			console_poll(con);
		in = chardev_poll(&con->chardev);
		ck_assert_uint_le(in, CONSOLE_INPUT);
		ck_assert_int_eq(console_fd(con), in < CONSOLE_INPUT ? STDIN_FILENO : -1);
		ck_assert_uint_gt(chardev_read(&con->chardev, got + out, 7), 0);
		out += 7 < sizeof sent - out ? 7 : sizeof sent - out;
	}
	ck_assert_int_eq(memcmp(sent, got, sizeof sent), 0);
}
END_TEST

START_TEST(end_of_input_is_quiet)
{
	type("q", 1);
	close(keys);
	expect_guest_gets("q", 1);
	console_poll(con);
	ck_assert_int_eq(console_fd(con), -1);
	ck_assert_uint_eq(inputs, 1);
	console_poll(con);
	ck_assert_uint_eq(quits, 0);
}
END_TEST

static void guest_says(const char *text) { chardev_write(&con->chardev, (const uint8_t *)text, strlen(text)); }

START_TEST(output_in_order)
{
	char got[16384], want[16384];
	size_t n = 0;

	for (unsigned i = 0; i < 1000; i++)
		n += (size_t)snprintf(want + n, sizeof want - n, "line %u\r\n", i);
	for (size_t i = 0; i < n; i++)
		chardev_write(&con->chardev, (const uint8_t *)want + i, 1);
	console_flush(con);
	ck_assert_int_eq(read(screen, got, sizeof got), (ssize_t)n);
	ck_assert_int_eq(memcmp(got, want, n), 0);
}
END_TEST

START_TEST(markers_found_once)
{
	guest_says("athanor#");
	ck_assert_uint_eq(marks[0], 0);
	guest_says(" ");
	ck_assert_uint_eq(marks[0], 1);
	guest_says("athanor# athanor# ");
	ck_assert_uint_eq(marks[0], 1);
	guest_says("aaab"); /* a match that begins inside a failed one */
	ck_assert_uint_eq(marks[1], 1);
	guest_says("logilogin");
	ck_assert_uint_eq(marks[2], 0);
	guest_says(":");
	ck_assert_uint_eq(marks[2], 1);
}
END_TEST

START_TEST(reader_gone)
{
	signal(SIGPIPE, SIG_IGN);
	close(screen);
	for (unsigned i = 0; i < 2000; i++)
		guest_says("to nobody\r\n");
	console_flush(con);
	guest_says("login:");
	ck_assert_uint_eq(marks[2], 1);
}
END_TEST

START_TEST(file_back_end)
{
	struct err e = ERR_INIT;
	char path[64];
	struct vm_serial_option o = { SERIAL_FILE, path };
	struct file_bytes f;
	struct console *c;

	snprintf(path, sizeof path, "%s/athanor-console-XXXXXX", P_tmpdir);
	close(mkstemp(path));
	ck_assert_int_eq(console_create(&o, markers, 0, &events, &c, &e), ST_OK);
	ck_assert_int_eq(console_fd(c), -1);
	chardev_write(&c->chardev, (const uint8_t *)"kept\001x", 6);
	ck_assert_uint_eq(chardev_read(&c->chardev, (uint8_t *)path, 1), 0);
	console_destroy(c);
	ck_assert_int_eq(file_read(path, 100, &f, &e), ST_OK);
	ck_assert_str_eq((char *)f.at, "kept\001x");
	file_bytes_free(&f);
	unlink(path);
	ck_assert_uint_eq(quits, 0);
}
END_TEST

START_TEST(file_that_cannot_be)
{
	struct vm_serial_option o = { SERIAL_FILE, "/nonexistent/log" };
	struct err e = ERR_INIT;
	struct console *c;

	ck_assert_int_eq(console_create(&o, markers, 0, &events, &c, &e), ST_IO);
	ck_assert_ptr_nonnull(strstr(e.text, "/nonexistent/log"));
}
END_TEST

Suite *console_suite(void)
{
	Suite *s = suite_create("console");
	TCase *t = tcase_create("console");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, escape_keys, 0, (int)(sizeof escapes / sizeof escapes[0]));
	tcase_add_test(t, escape_split_between_reads);
	tcase_add_test(t, nothing_is_lost_when_the_guest_is_slow);
	tcase_add_test(t, end_of_input_is_quiet);
	tcase_add_test(t, output_in_order);
	tcase_add_test(t, markers_found_once);
	tcase_add_test(t, reader_gone);
	tcase_add_test(t, file_back_end);
	tcase_add_test(t, file_that_cannot_be);
	suite_add_tcase(s, t);
	return s;
}
