/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole files: what is read is what is there, what is written appears at once or not at all.
 */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/harness/suites.h"
#include "tests/harness/temp_dir.h"

Suite *file_suite(void);

static char path[128];

static void set_up(void)
{
	temp_dir_make();
	snprintf(path, sizeof path, "%s/out", temp_dir);
}

static void expect(const char *text)
{
	struct file_bytes f;
	struct err e = ERR_INIT;

	ck_assert_int_eq(file_read(path, 1u << 20, &f, &e), ST_OK);
	ck_assert_uint_eq(f.size, strlen(text));
	ck_assert_str_eq((const char *)f.at, text);
	file_bytes_free(&f);
	ck_assert_ptr_null(f.at);
}

START_TEST(round_trip)
{
	struct err e = ERR_INIT;
	struct stat st;
	mode_t old = umask(027);

	ck_assert_int_eq(file_write(path, "hello", 5, &e), ST_OK);
	expect("hello");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0640);
	ck_assert_int_eq(file_write(path, "", 0, &e), ST_OK);
	expect("");
	ck_assert_uint_eq(temp_dir_entries(), 1);
	umask(old);
}
END_TEST

START_TEST(old_contents_until_commit)
{
	struct err e = ERR_INIT;
	struct file_out *f;

	ck_assert_int_eq(file_write(path, "old", 3, &e), ST_OK);
	ck_assert_int_eq(file_out_open(path, &f, &e), ST_OK);
	ck_assert_int_eq(file_out_write(f, "new ", 4, &e), ST_OK);
	expect("old");
	ck_assert_int_eq(file_out_write(f, "text", 4, &e), ST_OK);
	ck_assert_int_eq(file_out_commit(f, &e), ST_OK);
	expect("new text");
	ck_assert_uint_eq(temp_dir_entries(), 1);
}
END_TEST

START_TEST(abort_leaves_nothing)
{
	struct err e = ERR_INIT;
	struct file_out *f;

	ck_assert_int_eq(file_out_open(path, &f, &e), ST_OK);
	ck_assert_int_eq(file_out_write(f, "half", 4, &e), ST_OK);
	ck_assert_uint_le(temp_dir_entries(), 1);
	file_out_abort(f);
	ck_assert_uint_eq(temp_dir_entries(), 0);
	file_out_abort(NULL);
}
END_TEST

START_TEST(killed_while_writing)
{
	int fd = open(temp_dir, O_TMPFILE | O_WRONLY, 0600), status;
	struct err e = ERR_INIT;
	struct file_out *f;
	pid_t pid;

	if (fd < 0) {
		test_skip("killed_while_writing", "this file system has no files without a name");
		return;
	}
	close(fd);
	ck_assert_int_eq(file_write(path, "old", 3, &e), ST_OK);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		if (file_out_open(path, &f, &e) == ST_OK && file_out_write(f, "new", 3, &e) == ST_OK)
			raise(SIGKILL);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	ck_assert_uint_eq(temp_dir_entries(), 1);
	expect("old");
}
END_TEST

START_TEST(links_are_followed)
{
	struct err e = ERR_INIT;
	const char *target = temp_path("target");
	struct stat st;

	ck_assert_int_eq(file_write(target, "old", 3, &e), ST_OK);
	ck_assert_int_eq(symlink("target", path), 0);
	ck_assert_int_eq(file_write(path, "new", 3, &e), ST_OK);
	ck_assert_int_eq(lstat(path, &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	expect("new");
}
END_TEST

START_TEST(devices_are_written_not_replaced)
{
	struct err e = ERR_INIT;
	struct stat st;

	ck_assert_int_eq(file_write("/dev/null", "gone", 4, &e), ST_OK);
	ck_assert_int_eq(stat("/dev/null", &st), 0);
	ck_assert(S_ISCHR(st.st_mode));
	ck_assert_int_eq(file_write("/dev/full", "gone", 4, &e), ST_IO);
	ck_assert_ptr_eq(strstr(e.text, "/dev/full: "), e.text);
}
END_TEST

START_TEST(unwritable)
{
	struct err e = ERR_INIT;
	char inside[160];

	ck_assert_int_eq(file_write("/nonexistent/x", "a", 1, &e), ST_IO);
	ck_assert_ptr_eq(strstr(e.text, "/nonexistent/x: "), e.text);
	ck_assert_int_eq(file_write(temp_dir, "a", 1, &e), ST_IO);
	ck_assert_ptr_nonnull(strstr(e.text, "directory"));
	ck_assert_int_eq(file_write(path, "a", 1, &e), ST_OK);
	snprintf(inside, sizeof inside, "%s/x", path);
	ck_assert_int_eq(file_write(inside, "a", 1, &e), ST_IO);
}
END_TEST

START_TEST(read_limits)
{
	struct err e = ERR_INIT;
	struct file_bytes f = { NULL, 0 };

	ck_assert_int_eq(file_write(path, "12345678", 8, &e), ST_OK);
	ck_assert_int_eq(file_read(path, 7, &f, &e), ST_FORMAT);
	ck_assert_ptr_null(f.at);
	ck_assert_int_eq(file_read(path, 8, &f, &e), ST_OK);
	file_bytes_free(&f);
	ck_assert_int_eq(file_read("/dev/zero", 100000, &f, &e), ST_FORMAT);
	ck_assert_int_eq(file_read(temp_dir, 100, &f, &e), ST_IO);
	ck_assert_ptr_nonnull(strstr(e.text, "directory"));
	ck_assert_int_eq(file_read("/nonexistent", 100, &f, &e), ST_IO);
	ck_assert_ptr_null(f.at);
}
END_TEST

START_TEST(files_without_a_size)
{
	struct err e = ERR_INIT;
	struct file_bytes f;

	ck_assert_int_eq(file_read("/proc/self/status", 1u << 20, &f, &e), ST_OK);
	ck_assert_uint_gt(f.size, 100);
	ck_assert_uint_eq(strlen((char *)f.at), f.size);
	file_bytes_free(&f);
}
END_TEST

/* In a process of its own: Check needs its output.  */
START_TEST(standard_descriptors_are_never_ours)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		int fd, bad = 0;
		char c;

		close(0);
		close(1);
		bad |= !file_std_open();
		fd = open(path, O_RDWR | O_CREAT, 0600);
		bad |= (fd <= 2) << 1 | (read(0, &c, 1) != 0) << 2 | (write(1, "x", 1) >= 0) << 3;
		_exit(bad);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

Suite *file_suite(void)
{
	Suite *s = suite_create("file");
	TCase *t = tcase_create("files");

	tcase_add_checked_fixture(t, set_up, temp_dir_drop);
	tcase_add_test(t, round_trip);
	tcase_add_test(t, old_contents_until_commit);
	tcase_add_test(t, abort_leaves_nothing);
	tcase_add_test(t, killed_while_writing);
	tcase_add_test(t, links_are_followed);
	tcase_add_test(t, devices_are_written_not_replaced);
	tcase_add_test(t, unwritable);
	tcase_add_test(t, read_limits);
	tcase_add_test(t, files_without_a_size);
	tcase_add_test(t, standard_descriptors_are_never_ours);
	suite_add_tcase(s, t);
	return s;
}
