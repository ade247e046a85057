/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * .xo files of a running machine: what is bad is a warning with the reason once a file, and no more; the rest goes on being used.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "dbt-runtime/vm/translations.h"
#include "pcmap/key.h"
#include "tests/harness/suites.h"
#include "tests/pcmap/xo_sample.h"

Suite *translations_suite(void);

static char path[64], log_path[64];
static struct translations t;

static void set_up(void)
{
	size_t size;
	uint8_t *image = sample_make(false, &size);
	struct err e = ERR_INIT;

	snprintf(path, sizeof path, "%s/athanor-xo-XXXXXX", P_tmpdir);
	snprintf(log_path, sizeof log_path, "%s/athanor-log-XXXXXX", P_tmpdir);
	close(mkstemp(path));
	close(mkstemp(log_path));
	ck_assert_msg(file_write(path, image, size, &e) == ST_OK, "%s", e.text);
	free(image);
	log_mask = 0;
	ck_assert_ptr_nonnull(freopen(log_path, "a", stderr));
}

static void tear_down(void)
{
	translations_close(&t);
	unlink(path);
	unlink(log_path);
}

static bool open_sample(void)
{
	const char *const paths[] = { path };

	translations_open(&t, paths, 1, cpu_model_find("24Kc"), false);
	if (!t.n && !(key_host_features() & XO_HOST_BMI2)) {
		test_skip("translations: the sample", "its code needs BMI2, which this processor does not have");
		return false;
	}
	ck_assert_uint_eq(t.n, 1);
	return true;
}

/* How often @what stands in the log.  */
static unsigned logged(const char *what)
{
	struct file_bytes f;
	unsigned n = 0;

	fflush(NULL);
	ck_assert_int_eq(file_read(log_path, 1u << 20, &f, NULL), ST_OK);
	for (const char *p = (const char *)f.at; (p = strstr(p, what)) != NULL; p++)
		n++;
	file_bytes_free(&f);
	return n;
}

/* Damage the source bytes of page record @i, of which nothing is known when the file is opened.  */
static void damage(uint32_t i)
{
	int fd = open(path, O_WRONLY);
	uint8_t want[GUEST_PAGE_SIZE];
	struct file_bytes f;

	ck_assert_int_eq(file_read(path, 1u << 20, &f, NULL), ST_OK);
	memset(want, 0x11 * (int)(i + 1), sizeof want); /* what the sample's pages are full of */
	for (size_t at = 0; at + sizeof want <= f.size; at++)
		if (!memcmp(f.at + at, want, sizeof want)) {
			ck_assert_int_eq(pwrite(fd, "?", 1, (off_t)at), 1);
			break;
		}
	file_bytes_free(&f);
	close(fd);
}

START_TEST(damage_met_late)
{
	if (!open_sample())
		return;
	ck_assert_ptr_nonnull(translations_read(&t, 0, 0));
	damage(0);
	damage(2);
	ck_assert_ptr_null(translations_read(&t, 0, 2));
	ck_assert_uint_eq(logged("warning"), 1);
	ck_assert_uint_eq(logged(path), 1);
	ck_assert_uint_eq(logged("the checksum of page 0x80100000 (record 2) does not fit"), 1);
	ck_assert_ptr_null(translations_read(&t, 0, 2));
	ck_assert_ptr_null(translations_read(&t, 0, 0));
	ck_assert_ptr_nonnull(translations_read(&t, 0, 1));
	ck_assert_uint_eq(translations_read(&t, 0, 1)->src[0], 0x22);
	ck_assert_uint_eq(logged("warning"), 1); /* a second bad page is no news */
	ck_assert_uint_eq(logged(path), 1);
}
END_TEST

START_TEST(all_of_it_on_request)
{
	log_mask = 1u << LOG_cache;
	if (!open_sample())
		return;
	damage(0);
	damage(1);
	ck_assert_ptr_null(translations_read(&t, 0, 0));
	ck_assert_ptr_null(translations_read(&t, 0, 1));
	ck_assert_ptr_null(translations_read(&t, 0, 1));
	ck_assert_uint_eq(logged("warning"), 1);
	ck_assert_uint_eq(logged("does not fit"), 2);
}
END_TEST

START_TEST(cut_while_open)
{
	if (!open_sample())
		return;
	ck_assert_int_eq(truncate(path, 5000), 0);
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 3; i++)
			ck_assert_ptr_null(translations_read(&t, 0, i));
	ck_assert_uint_eq(logged("has become shorter; running without this page"), 1);
	ck_assert_uint_eq(logged("warning"), 1);
}
END_TEST

Suite *translations_suite(void)
{
	Suite *s = suite_create("translations");
	TCase *c = tcase_create("translations");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, damage_met_late);
	tcase_add_test(c, all_of_it_on_request);
	tcase_add_test(c, cut_while_open);
	suite_add_tcase(s, c);
	return s;
}
