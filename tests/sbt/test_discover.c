/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Discovery on small hand-assembled images: which words are code, why, and what is left alone.
 */
#include <stdlib.h>
#include <string.h>

#include "sbt/discover.h"
#include "tests/harness/suites.h"

#define BASE 0x80100000u

/* MD00086 encodings.  */
#define NOP 0u
#define JR_RA 0x03e00008u
#define JR(r) ((uint32_t)(r) << 21 | 0x8u)
#define JAL(to) (0x0c000000u | ((to) >> 2 & 0x03ffffffu))
#define J(to) (0x08000000u | ((to) >> 2 & 0x03ffffffu))
#define BEQ(rs, rt, words) (0x10000000u | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((uint32_t)(words) & 0xffffu))
#define LUI(rt, i) (0x3c000000u | (uint32_t)(rt) << 16 | ((uint32_t)(i) & 0xffffu))
#define ADDIU(rt, rs, i) (0x24000000u | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((uint32_t)(i) & 0xffffu))
#define SLTIU(rt, rs, i) (0x2c000000u | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((uint32_t)(i) & 0xffffu))
#define SLL(rd, rt, n) ((uint32_t)(rt) << 16 | (uint32_t)(rd) << 11 | (uint32_t)(n) << 6)
#define ADDU(rd, rs, rt) ((uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | (uint32_t)(rd) << 11 | 0x21u)
#define LW(rt, off, rs) (0x8c000000u | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((uint32_t)(off) & 0xffffu))
#define SYSCALL 0xcu

static struct image img;
static struct found found;
static struct err err;

static void set_up(void)
{
	image_init(&img);
	img.loaded = true;
	memset(&found, 0, sizeof found);
}

static void tear_down(void)
{
	found_free(&found);
	image_free(&img);
}

/* @n words at @at, little- or big-endian as img says.  */
static void put(gva at, const uint32_t *words, size_t n, bool executable)
{
	uint8_t *b = malloc(n * 4);

	for (size_t i = 0; i < n; i++)
		for (unsigned k = 0; k < 4; k++)
			b[4 * i + k] = (uint8_t)(words[i] >> (img.big_endian ? 24 - 8 * k : 8 * k));
	ck_assert_int_eq(image_region_add(&img, "test", at, b, n * 4, executable, &err), ST_OK);
	free(b);
}

static void find(gva entry)
{
	ck_assert_int_eq(image_seed_add(&img, entry, REASON_ENTRY, &err), ST_OK);
	ck_assert_msg(image_finish(&img, &err) == ST_OK, "%s", err.text);
	ck_assert_msg(discover(&img, ISA_R2, &found, &err) == ST_OK, "%s", err.text);
}

static unsigned page_index(gva at)
{
	for (unsigned i = 0; i < img.npages; i++)
		if (img.pages[i].page == (at & ~GUEST_PAGE_MASK))
			return i;
	ck_abort_msg("no page");
}

static bool is_code(gva at) { return page_bit(found.pages[page_index(at)].code, (at & GUEST_PAGE_MASK) / 4); }
static bool is_leader(gva at) { return page_bit(found.pages[page_index(at)].leaders, (at & GUEST_PAGE_MASK) / 4); }

#define ASSERT_LEADER(at, why) do { \
	ck_assert_msg(is_leader(at), "0x%08x is no leader", (at)); \
	ck_assert_str_eq(reason_name((enum reason)found.pages[page_index(at)].reason[((at) & GUEST_PAGE_MASK) / 4]), #why); \
} while (0)

static void descent(bool big_endian)
{
	const uint32_t words[] = {
		/* 00 */ BEQ(4, 0, 3), NOP,           /* to 10, falls to 08 */
		/* 08 */ J(BASE + 0x20), NOP,
		/* 10 */ JAL(BASE + 0x30), NOP,       /* returns to 18 */
		/* 18 */ JR_RA, NOP,
		/* 20 */ SYSCALL,                     /* the engine's; comes back at 24 */
		/* 24 */ JR_RA, NOP,
		/* 2c */ 0xffffffffu,                 /* nothing leads here */
		/* 30 */ JR_RA, ADDIU(2, 0, 1),
		/* 38 */ JR_RA, NOP,                  /* nothing leads here either */
	};

	img.big_endian = big_endian;
	put(BASE, words, ARRAY_LEN(words), true);
	find(BASE);
	ASSERT_LEADER(BASE, ENTRY);
	ASSERT_LEADER(BASE + 0x08, FALL);
	ASSERT_LEADER(BASE + 0x10, BRANCH);
	ASSERT_LEADER(BASE + 0x18, RETURN);
	ASSERT_LEADER(BASE + 0x20, BRANCH);
	ASSERT_LEADER(BASE + 0x24, RETURN);
	ASSERT_LEADER(BASE + 0x30, CALL);
	ck_assert(is_code(BASE + 0x34));
	ck_assert(!is_leader(BASE + 0x34));
	ck_assert(!is_code(BASE + 0x2c));
	ck_assert(!is_code(BASE + 0x38));
	ck_assert_uint_eq(img.pages[0].flags, UNIT_KERNEL | (big_endian ? UNIT_BE : 0u));
}

START_TEST(little_endian) { descent(false); }
END_TEST
START_TEST(big_endian) { descent(true); }
END_TEST

START_TEST(across_pages)
{
	/* Plain code runs off the page, and a branch stands in the last word with its slot on the next page.  */
	const uint32_t end[] = { NOP, NOP };
	const uint32_t next[] = { NOP, BEQ(4, 0, 1020), NOP, JR_RA, NOP };
	const uint32_t far[] = { BEQ(5, 0, 3) };
	const uint32_t after[] = { NOP, JR_RA, NOP, JR_RA, NOP };

	put(BASE + 0xff8, end, 2, true);
	put(BASE + 0x1000, next, ARRAY_LEN(next), true);
	put(BASE + 0x1ffc, far, 1, true);
	put(BASE + 0x2000, after, ARRAY_LEN(after), true);
	ck_assert_int_eq(image_seed_add(&img, BASE + 0x1ffc, REASON_SYMBOL, &err), ST_OK);
	find(BASE + 0xff8);
	ASSERT_LEADER(BASE + 0x1000, FALL);
	ASSERT_LEADER(BASE + 0x1ffc, SYMBOL);
	ASSERT_LEADER(BASE + 0x2004, FALL);   /* behind the slot */
	ASSERT_LEADER(BASE + 0x200c, BRANCH);
	ck_assert(!is_leader(BASE + 0x2000));
}
END_TEST

static void jump_table(unsigned bound_reg, unsigned n, bool lo_in_load)
{
	const uint32_t words[] = {
		/* 00 */ SLTIU(2, bound_reg, n), BEQ(2, 0, 9), SLL(4, 4, 2),
		/* 0c */ LUI(3, 0x8020), lo_in_load ? NOP : ADDIU(3, 3, 0x100), ADDU(4, 4, 3), LW(4, lo_in_load ? 0x100 : 0, 4), NOP,
		/* 20 */ JR(4), NOP,
		/* 28 */ NOP, JR_RA, NOP,
		/* 34 */ JR_RA, NOP, JR_RA, NOP, JR_RA, NOP,
	};
	const uint32_t table[] = { BASE + 0x34, BASE + 0x3c, BASE + 0x44 };

	put(BASE, words, ARRAY_LEN(words), true);
	put(0x80200100, table, 3, false);
	find(BASE);
}

START_TEST(table_read)
{
	jump_table(4, 2, _i);
	ck_assert_uint_eq(found.tables, 1);
	ASSERT_LEADER(BASE + 0x34, TABLE);
	ASSERT_LEADER(BASE + 0x3c, TABLE);
	/* Beyond the bound; but it is an address in data behind the end of code.  */
	ASSERT_LEADER(BASE + 0x44, ADDRESS);
	ck_assert_uint_eq(found.table_words, 2);
	ck_assert_uint_eq(found.lost_jumps, 0);
}
END_TEST

START_TEST(table_without_bound)
{
	jump_table(9, 2, false); /* compares another register */
	ck_assert_uint_eq(found.tables, 0);
	ck_assert_uint_eq(found.lost_jumps, 1);
}
END_TEST

START_TEST(table_ends_with_its_bytes)
{
	jump_table(4, 1000, false);
	ck_assert_uint_eq(found.tables, 1);
	ck_assert_uint_eq(found.table_words, 3);
}
END_TEST

START_TEST(computed_address)
{
	uint32_t words[] = {
		/* 00 */ LUI(4, 0x8010), ADDIU(4, 4, _i ? 0x2c : 0x20), JR_RA, NOP,
		/* 10 */ LUI(5, 0x8010), ADDIU(5, 5, 0x34), NOP, NOP, /* not reached: proves nothing */
		/* 20 */ JR_RA, NOP, NOP,
		/* 2c */ JR_RA, NOP,
		/* 34 */ JR_RA, NOP,
	};

	put(BASE, words, ARRAY_LEN(words), true);
	find(BASE);
	ck_assert(!is_code(BASE + 0x10));
	ck_assert(!is_code(BASE + 0x34));
	if (_i) {
		ASSERT_LEADER(BASE + 0x2c, ADDRESS);
	} else { /* no end of code ahead of it: it may be the middle of something */
		ck_assert(!is_leader(BASE + 0x20));
	}
}
END_TEST

START_TEST(wild_targets)
{
	/* Branches to nowhere, to unaligned table entries and around the top of memory end quietly.  */
	const uint32_t words[] = { BEQ(4, 0, -4), NOP, JAL(0x8ff00000), NOP, 0xffffffffu };
	const uint32_t top[] = { NOP, NOP };

	put(BASE, words, ARRAY_LEN(words), true);
	put(0xfffffff8u, top, 2, true);
	ck_assert_int_eq(image_seed_add(&img, 0xfffffff8u, REASON_SYMBOL, &err), ST_OK);
	ck_assert_int_eq(image_seed_add(&img, BASE + 2, REASON_SYMBOL, &err), ST_OK);
	ck_assert_int_eq(image_seed_add(&img, 4, REASON_SYMBOL, &err), ST_OK);
	find(BASE);
	ck_assert(is_code(BASE + 0x10));
	ck_assert(is_code(0xfffffffcu));
	ck_assert_uint_eq(img.npages, 2);
}
END_TEST

START_TEST(overlap_refused)
{
	const uint32_t words[] = { NOP, NOP };

	put(BASE, words, 2, true);
	put(BASE + 4, words, 2, true);
	ck_assert_int_eq(image_finish(&img, &err), ST_FORMAT);
	ck_assert_ptr_nonnull(strstr(err.text, "0x80100004-0x8010000b overlaps 0x80100000-0x80100007"));
}
END_TEST

/* What only a profile knows is where an exception came back to, if straight code leads there and no poll was seen.  */
START_TEST(middles_of_blocks)
{
	const uint32_t words[] = {
		/* 00 */ NOP, LW(2, 0, 4), ADDIU(4, 4, 4), LW(3, 0, 4), BEQ(2, 3, -4), NOP,
		/* 18 */ SYSCALL, NOP, NOP, JR_RA, NOP,
	};
	static const struct { unsigned at; bool leader, resumed; uint16_t samples; } rows[] = {
		{ 0x04, true, false, 0 },   /* target of the branch */
		{ 0x08, false, true, 0 },
		{ 0x0c, true, false, 1 },   /* a run looked at its clock here */
		{ 0x14, true, false, 0 },   /* a slot, jumped into */
		{ 0x18, true, false, 0 },   /* behind a branch */
		{ 0x1c, true, false, 0 },   /* behind an instruction that may not come back */
		{ 0x20, false, true, 0 },
	};

	put(BASE, words, ARRAY_LEN(words), true);
	ck_assert_int_eq(image_seed_add(&img, BASE, REASON_ENTRY, &err), ST_OK);
	ck_assert_msg(image_finish(&img, &err) == ST_OK, "%s", err.text);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		page_bit_set(img.pages[0].leaders, rows[i].at / 4);
		img.pages[0].samples[rows[i].at / 4] = rows[i].samples;
	}
	ck_assert_msg(discover(&img, ISA_R2, &found, &err) == ST_OK, "%s", err.text);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_msg(is_leader(BASE + rows[i].at) == rows[i].leader, "leader at %02x", rows[i].at);
		ck_assert_msg(page_bit(found.pages[0].resumed, rows[i].at / 4) == rows[i].resumed, "resumed at %02x", rows[i].at);
	}
}
END_TEST

START_TEST(modes)
{
	ck_assert_uint_eq(image_mode(0x00400000), UNIT_MAPPED);
	ck_assert_uint_eq(image_mode(0x7ffffffc), UNIT_MAPPED);
	ck_assert_uint_eq(image_mode(0x80000000), UNIT_KERNEL);
	ck_assert_uint_eq(image_mode(0xbfc00000), UNIT_KERNEL);
	ck_assert_uint_eq(image_mode(0xc0000000), UNIT_KERNEL | UNIT_MAPPED);
}
END_TEST

Suite *discover_suite(void);
Suite *discover_suite(void)
{
	Suite *s = suite_create("discover");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, little_endian);
	tcase_add_test(t, big_endian);
	tcase_add_test(t, across_pages);
	tcase_add_loop_test(t, table_read, 0, 2);
	tcase_add_test(t, table_without_bound);
	tcase_add_test(t, table_ends_with_its_bytes);
	tcase_add_loop_test(t, computed_address, 0, 2);
	tcase_add_test(t, wild_targets);
	tcase_add_test(t, overlap_refused);
	tcase_add_test(t, middles_of_blocks);
	tcase_add_test(t, modes);
	suite_add_tcase(s, t);
	return s;
}
