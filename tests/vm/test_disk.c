/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Image files: what is refused, who may use one at the same time, and what happens when one changes under a running machine.  */
#define _GNU_SOURCE
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbt-runtime/vm/drives.h"
#include "tests/harness/temp_dir.h"

Suite *disk_suite(void);

#define SIZE 8192u

static char path[128];
static struct err e;

static void make(const char *first, off_t size)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, first, strlen(first), 0), (ssize_t)strlen(first));
	ck_assert_int_eq(ftruncate(fd, size), 0);
	close(fd);
}

static void set_up(void)
{
	temp_dir_make();
	snprintf(path, sizeof path, "%s/image", temp_dir);
	e = (struct err)ERR_INIT;
	make("hello", SIZE);
}

static struct disk *open_image(bool readonly)
{
	struct disk *d = NULL;

	ck_assert_msg(disk_open(path, readonly, false, &d, &e) == ST_OK, "%s", e.text);
	return d;
}

static enum status get(struct disk *d, uint64_t at, void *bytes, size_t n)
{
	return disk_blockdev(d)->ops->read(disk_blockdev(d), at, bytes, n, &e);
}

static enum status put(struct disk *d, uint64_t at, const void *bytes, size_t n)
{
	return disk_blockdev(d)->ops->write(disk_blockdev(d), at, bytes, n, &e);
}

static void says(enum status got, enum status want, const char *text)
{
	ck_assert_msg(got == want, "status %d instead of %d: %s", got, want, e.text);
	ck_assert_msg(strstr(e.text, text) && !strncmp(e.text, path, strlen(path)), "'%s' does not say '%s'", e.text, text);
	ck_assert_ptr_null(strchr(e.text, '\n'));
}

START_TEST(reads_and_writes)
{
	struct disk *d = open_image(false);
	char bytes[16] = "";

	ck_assert_uint_eq(disk_blockdev(d)->size, SIZE);
	ck_assert(!disk_blockdev(d)->readonly);
	ck_assert_int_eq(get(d, 0, bytes, 5), ST_OK);
	ck_assert_str_eq(bytes, "hello");
	ck_assert_int_eq(put(d, SIZE - 3, "end", 3), ST_OK);
	ck_assert_int_eq(disk_blockdev(d)->ops->flush(disk_blockdev(d), &e), ST_OK);
	disk_close(d);
	d = open_image(true);
	ck_assert_int_eq(get(d, SIZE - 4, bytes, 4), ST_OK);
	ck_assert_mem_eq(bytes, "\0end", 4);
	disk_close(d);
}
END_TEST

START_TEST(read_only_is_not_written)
{
	struct disk *d = open_image(true);
	char bytes[8] = "";

	ck_assert(disk_blockdev(d)->readonly);
	says(put(d, 0, "xxxxx", 5), ST_USAGE, "is read-only");
	ck_assert_int_eq(disk_blockdev(d)->ops->flush(disk_blockdev(d), &e), ST_OK);
	ck_assert_int_eq(get(d, 0, bytes, 5), ST_OK);
	ck_assert_str_eq(bytes, "hello");
	disk_close(d);
}
END_TEST

static const struct { const char *first; off_t size; bool raw; const char *says; } images[] = {
	{ "", 0, false, "empty; 'truncate" }, { "x", 513, false, "513 bytes are not a multiple of 512" }, { "x", 511, true, "511 bytes" },
	{ "QFI\xfb", SIZE, false, "is a qcow2 image" }, { "KDMV", SIZE, false, "is a vmdk image" }, { "QED", SIZE, false, "is a qed image" },
};

START_TEST(each_bad_image)
{
	struct disk *d = NULL;

	make(images[_i].first, images[_i].size);
	says(disk_open(path, false, images[_i].raw, &d, &e), ST_FORMAT, images[_i].says);
	ck_assert_ptr_null(d);
}
END_TEST

START_TEST(raw_is_raw_if_the_user_says_so)
{
	struct disk *d = NULL;

	make("QFI\xfb", SIZE);
	ck_assert_msg(disk_open(path, false, true, &d, &e) == ST_OK, "%s", e.text);
	disk_close(d);
}
END_TEST

START_TEST(what_is_no_file)
{
	struct disk *d = NULL;

	ck_assert_int_eq(unlink(path), 0);
	says(disk_open(path, false, false, &d, &e), ST_IO, "cannot open for reading and writing: No such file");
	ck_assert_int_eq(mkfifo(path, 0600), 0); /* must not be waited for */
	says(disk_open(path, true, false, &d, &e), ST_FORMAT, "is neither a file nor a block device");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	says(disk_open(path, true, false, &d, &e), ST_FORMAT, "is neither a file nor a block device");
	says(disk_open(path, false, false, &d, &e), ST_IO, "Is a directory");
	ck_assert_int_eq(rmdir(path), 0);
}
END_TEST

START_TEST(one_writer_or_many_readers)
{
	struct disk *d = open_image(false), *other = NULL;

	says(disk_open(path, false, false, &other, &e), ST_USAGE, "is in use by another machine");
	says(disk_open(path, true, false, &other, &e), ST_USAGE, "is in use by another machine");
	disk_close(d);
	d = open_image(true);
	other = open_image(true);
	disk_close(d);
	d = NULL;
	says(disk_open(path, false, false, &d, &e), ST_USAGE, "readonly=on lets several share it");
	disk_close(other);
	disk_close(open_image(false));
}
END_TEST

START_TEST(cut_off_meanwhile)
{
	struct disk *d = open_image(false);
	char bytes[1024];
	struct stat st;

	ck_assert_int_eq(truncate(path, 1000), 0);
	ck_assert_int_eq(get(d, 0, bytes, 1000), ST_OK);
	says(get(d, 512, bytes, 512), ST_HOST, "is shorter than the 8192 bytes");
	says(get(d, 4096, bytes, 512), ST_HOST, "is shorter");
	says(put(d, 4096, bytes, 512), ST_HOST, "is shorter");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 1000);
	ck_assert_int_eq(truncate(path, SIZE), 0);
	ck_assert_int_eq(put(d, 4096, bytes, 512), ST_OK);
	disk_close(d);
}
END_TEST

START_TEST(grown_meanwhile)
{
	struct disk *d = open_image(false);

	ck_assert_int_eq(truncate(path, 10 * SIZE), 0);
	ck_assert_uint_eq(disk_blockdev(d)->size, SIZE);
	disk_close(d);
}
END_TEST

START_TEST(closing_nothing)
{
	struct drives d = { .flash = NULL };

	disk_close(NULL);
	ck_assert_ptr_null(disk_blockdev(NULL));
	drives_close(&d);
}
END_TEST

/* --- what a board takes --- */

static const struct board_ops no_disks = { .name = "bare" };
static const struct board_ops one_of_each = { .name = "small", .disks = 1, .pflash_size = UINT64_C(1) << 20 };

static enum status open_drives(const struct board_ops *b, unsigned disks, bool flash, struct drives *d)
{
	struct drive_options o = { .n = 0 };

	for (unsigned i = 0; i < disks + flash; i++) {
		snprintf(o.drive[o.n].file, sizeof o.drive[o.n].file, "%s", path);
		o.drive[o.n].readonly = true;
		o.drive[o.n++].flash = i == disks;
	}
	return drives_open(d, &o, b, &e);
}

START_TEST(boards_take_what_they_have_places_for)
{
	struct drives d = { .flash = NULL };

	ck_assert_int_eq(open_drives(&no_disks, 1, false, &d), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "-drive: "));
	ck_assert_ptr_nonnull(strstr(e.text, "board bare takes no disks"));
	ck_assert_int_eq(open_drives(&no_disks, 0, true, &d), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "board bare has no flash"));
	drives_close(&d);
	ck_assert_int_eq(open_drives(&one_of_each, 2, false, &d), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "at most 1 disks"));
	drives_close(&d);
	ck_assert_int_eq(open_drives(&one_of_each, 0, true, &d), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "8192 bytes; the flash of board small has 1048576"));
	ck_assert_ptr_nonnull(strstr(e.text, "head -c 1M /dev/zero | tr"));
	drives_close(&d);
	make("x", 1 << 20);
	ck_assert_msg(open_drives(&one_of_each, 1, true, &d) == ST_OK, "%s", e.text);
	ck_assert(d.disk[0] && d.flash);
	drives_close(&d);
	ck_assert(!d.disk[0] && !d.flash);
	disk_close(open_image(false)); /* no lock is left */
}
END_TEST

Suite *disk_suite(void)
{
	Suite *s = suite_create("disk");
	TCase *t = tcase_create("image");

	tcase_add_checked_fixture(t, set_up, temp_dir_drop);
	tcase_add_test(t, reads_and_writes);
	tcase_add_test(t, read_only_is_not_written);
	tcase_add_loop_test(t, each_bad_image, 0, (int)ARRAY_LEN(images));
	tcase_add_test(t, raw_is_raw_if_the_user_says_so);
	tcase_add_test(t, what_is_no_file);
	tcase_add_test(t, one_writer_or_many_readers);
	tcase_add_test(t, cut_off_meanwhile);
	tcase_add_test(t, grown_meanwhile);
	tcase_add_test(t, closing_nothing);
	tcase_add_test(t, boards_take_what_they_have_places_for);
	suite_add_tcase(s, t);
	return s;
}
