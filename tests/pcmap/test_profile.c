/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Profile files: round trip, merging, and refusal of whatever is cut or changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pcmap/profile.h"
#include "tests/harness/suites.h"
#include "tests/harness/temp_dir.h"

static char path[128];

static void make_dir(void)
{
	temp_dir_make();
	snprintf(path, sizeof path, "%s/p", temp_dir);
}

static void drop_dir(void)
{
	unlink(path);
	ck_assert_uint_eq(temp_dir_entries(), 0); /* nothing else was left there */
	temp_dir_drop();
}

static struct profile_page *page(gva at, uint32_t flags, uint8_t fill)
{
	static struct profile_page p;

	memset(&p, 0, sizeof p);
	p.page = at;
	p.flags = flags;
	p.bytes[0] = fill;
	p.bytes[4095] = 0xee;
	page_bit_set(p.leaders, 3);
	page_bit_set(p.leaders, 1023);
	p.sites[7] = SITE_SLOW;
	p.samples[3] = 40000;
	return &p;
}

static void write_three(void)
{
	struct profile p = PROFILE_INIT(ISA_R2);
	struct err e = ERR_INIT;

	ck_assert_int_eq(profile_add(&p, page(0x80200000, UNIT_KERNEL, 1), NULL), ST_OK);
	ck_assert_int_eq(profile_add(&p, page(0x80100000, UNIT_KERNEL, 2), NULL), ST_OK);
	ck_assert_int_eq(profile_add(&p, page(0x80100000, UNIT_KERNEL, 1), NULL), ST_OK);
	ck_assert_msg(profile_write(path, &p, &e) == ST_OK, "%s", e.text);
	profile_free(&p);
}

START_TEST(round_trip)
{
	struct profile p;
	struct err e = ERR_INIT;

	write_three();
	ck_assert_msg(profile_read(path, &p, &e) == ST_OK, "%s", e.text);
	ck_assert_int_eq(p.rev, ISA_R2);
	ck_assert_uint_eq(p.npages, 3);
	ck_assert_mem_eq(&p.pages[0], page(0x80100000, UNIT_KERNEL, 1), sizeof p.pages[0]);
	ck_assert_mem_eq(&p.pages[1], page(0x80100000, UNIT_KERNEL, 2), sizeof p.pages[1]);
	ck_assert_mem_eq(&p.pages[2], page(0x80200000, UNIT_KERNEL, 1), sizeof p.pages[2]);
	profile_free(&p);
}
END_TEST

START_TEST(merges)
{
	struct profile p = PROFILE_INIT(ISA_R2);
	struct profile_page *more;

	write_three();
	more = page(0x80100000, UNIT_KERNEL, 2);
	page_bit_set(more->leaders, 9);
	more->sites[7] = SITE_USER;
	more->samples[9] = 5;
	ck_assert_int_eq(profile_add(&p, more, NULL), ST_OK);
	ck_assert_int_eq(profile_add(&p, page(0x00400000, UNIT_MAPPED, 2), NULL), ST_OK);
	ck_assert_int_eq(profile_write(path, &p, NULL), ST_OK);
	profile_free(&p);
	ck_assert_int_eq(profile_read(path, &p, NULL), ST_OK);
	ck_assert_uint_eq(p.npages, 4);
	ck_assert_uint_eq(p.pages[0].page, 0x00400000);
	ck_assert_uint_eq(p.pages[2].bytes[0], 2);
	ck_assert_uint_eq(p.pages[2].samples[3], 65535); /* 80000 saturates */
	ck_assert_uint_eq(p.pages[2].samples[9], 5);
	ck_assert_uint_eq(p.pages[2].sites[7], SITE_USER | SITE_SLOW);
	ck_assert(page_bit(p.pages[2].leaders, 9) && page_bit(p.pages[2].leaders, 3) && !page_bit(p.pages[1].leaders, 9));
	profile_free(&p);
}
END_TEST

START_TEST(another_release_refused)
{
	struct profile p = PROFILE_INIT(ISA_R1);
	struct err e = ERR_INIT;

	write_three();
	ck_assert_int_eq(profile_add(&p, page(0x80300000, UNIT_KERNEL, 2), NULL), ST_OK);
	ck_assert_int_eq(profile_write(path, &p, &e), ST_STALE);
	ck_assert_msg(strstr(e.text, "offset 0xc"), "%s", e.text);
	profile_free(&p);
	ck_assert_int_eq(profile_read(path, &p, NULL), ST_OK);
	ck_assert_uint_eq(p.npages, 3);
	profile_free(&p);
}
END_TEST

START_TEST(damaged_file_left_alone)
{
	struct profile p = PROFILE_INIT(ISA_R2);
	struct file_bytes b;

	ck_assert_int_eq(file_write(path, "something else", 14, NULL), ST_OK);
	ck_assert_int_eq(profile_add(&p, page(0x80300000, UNIT_KERNEL, 2), NULL), ST_OK);
	ck_assert_int_eq(profile_write(path, &p, NULL), ST_FORMAT);
	profile_free(&p);
	ck_assert_int_eq(file_read(path, 100, &b, NULL), ST_OK);
	ck_assert_uint_eq(b.size, 14);
	file_bytes_free(&b);
}
END_TEST

static struct file_bytes three(void)
{
	struct file_bytes b;

	write_three();
	ck_assert_int_eq(file_read(path, 1 << 20, &b, NULL), ST_OK);
	return b;
}

START_TEST(every_length_refused)
{
	struct file_bytes b = three();

	for (size_t n = 0; n < b.size; n++) {
		struct err e = ERR_INIT;
		struct profile p;
		uint8_t *cut = malloc(n + 1);

		memcpy(cut, b.at, n);
		ck_assert_msg(profile_parse("cut", cut, n, &p, &e) == ST_FORMAT, "accepted at length %zu", n);
		ck_assert_msg(strstr(e.text, "cut: offset 0x"), "%s", e.text);
		ck_assert_ptr_null(p.pages);
		free(cut);
	}
	file_bytes_free(&b);
}
END_TEST

START_TEST(every_flip_refused)
{
	struct file_bytes b = three();

	for (size_t i = 0; i < b.size; i++) {
		struct err e = ERR_INIT;
		struct profile p;

		b.at[i] ^= (uint8_t)(1u << i % 8);
		ck_assert_msg(profile_parse("bad", b.at, b.size, &p, &e) != ST_OK, "accepted with byte %zu changed", i);
		ck_assert_msg(strstr(e.text, "bad: offset 0x"), "%s", e.text);
		b.at[i] ^= (uint8_t)(1u << i % 8);
	}
	file_bytes_free(&b);
}
END_TEST

START_TEST(longer_refused)
{
	struct file_bytes b = three();
	struct profile p;
	uint8_t *more = calloc(1, b.size + 8);

	memcpy(more, b.at, b.size);
	ck_assert_int_eq(profile_parse("long", more, b.size + 8, &p, NULL), ST_FORMAT);
	free(more);
	file_bytes_free(&b);
}
END_TEST

START_TEST(zeros_take_no_room)
{
	struct file_bytes b = three();

	ck_assert_uint_lt(b.size, 40 + 3 * 250);
	file_bytes_free(&b);
}
END_TEST

START_TEST(same_bytes_each_time)
{
	struct file_bytes a = three(), b;

	ck_assert_int_eq(unlink(path), 0);
	b = three();
	ck_assert_uint_eq(a.size, b.size);
	ck_assert_mem_eq(a.at, b.at, a.size);
	file_bytes_free(&a);
	file_bytes_free(&b);
}
END_TEST

START_TEST(unwritable)
{
	struct profile p = PROFILE_INIT(ISA_R2);
	char none[128];

	ck_assert_int_eq(profile_add(&p, page(0x80300000, UNIT_KERNEL, 2), NULL), ST_OK);
	snprintf(none, sizeof none, "%s/none/p", temp_dir);
	ck_assert_int_eq(profile_write(none, &p, NULL), ST_IO);
	profile_free(&p);
}
END_TEST

Suite *profile_suite(void);
Suite *profile_suite(void)
{
	Suite *s = suite_create("profile");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, make_dir, drop_dir);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, round_trip);
	tcase_add_test(t, merges);
	tcase_add_test(t, another_release_refused);
	tcase_add_test(t, damaged_file_left_alone);
	tcase_add_test(t, every_length_refused);
	tcase_add_test(t, every_flip_refused);
	tcase_add_test(t, longer_refused);
	tcase_add_test(t, zeros_take_no_room);
	tcase_add_test(t, same_bytes_each_time);
	tcase_add_test(t, unwritable);
	suite_add_tcase(s, t);
	return s;
}
