/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory of the mirrors inside a VM: given when touched, given back when zeroed, taken back when it is zero and there is no other.
 * The code runs here as it does there; only the processor that forgets translations is played.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dbt-runtime/inside/windows.c"

Suite *mirrors_suite(void);

#define POOL 8u
#define TABLES 64u
#define TABLES_PA 0x140000000ull
#define POOL_PA 0x150000000ull

static struct box *b;
static unsigned forgotten;

void inside_forget(uint64_t addr)
{
	(void)addr;
	forgotten++;
}

static void *memory(size_t n)
{
	void *p = aligned_alloc(GUEST_PAGE_SIZE, n);

	ck_assert_ptr_nonnull(p);
	return memset(p, 0, n);
}

static void setup(void)
{
	b = memory((sizeof *b + GUEST_PAGE_MASK) & ~(size_t)GUEST_PAGE_MASK);
	pages_init(&b->pages, memory(TABLES * PAGES_TABLE), TABLES_PA, TABLES);
	b->mirrors = (struct mirrors){ .at = memory(POOL * GUEST_PAGE_SIZE), .pa = POOL_PA, .npages = POOL };
	forgotten = 0;
}

static void teardown(void)
{
	free(b->mirrors.at);
	free(b->pages.at);
	free(b);
}

static uint64_t mirror(unsigned w, uint64_t off) { return XABI_WINDOW_BASE + w * XABI_WINDOW_STRIDE + XABI_WINDOW_MIRROR + off; }

/* The memory behind a mirror address; NULL: none.  */
static uint32_t *behind(uint64_t addr)
{
	uint64_t entry = pages_entry(&b->pages, addr);

	return entry ? (uint32_t *)(void *)(b->mirrors.at + ((entry & PTE_ADDRESS) - POOL_PA)) : NULL;
}

START_TEST(mirrors_only)
{
	ck_assert(!mirror_fill(b, 0));
	ck_assert(!mirror_fill(b, XABI_WINDOW_BASE + XABI_WINDOW_DATA));
	ck_assert(!mirror_fill(b, mirror(0, 1ull << 32))); /* the guard */
	ck_assert(!mirror_fill(b, mirror(XABI_WINDOWS_MAX, 0)));
	ck_assert(!mirror_fill(b, mirror(0, 0) - 1));
	ck_assert(mirror_fill(b, mirror(0, 0x80001234u)));
	ck_assert_ptr_nonnull(behind(mirror(0, 0x80001000u)));
	ck_assert_ptr_null(behind(mirror(0, 0x80002000u)));
	ck_assert(mirror_fill(b, mirror(XABI_WINDOWS_MAX - 1, 0xffffffffu)));
	ck_assert_uint_eq(pages_entry(&b->pages, mirror(0, 0x80001000u)) & (PTE_NX | PTE_USER | PTE_WRITE), PTE_NX | PTE_USER | PTE_WRITE);
}
END_TEST

START_TEST(zeroed_ranges_give_back)
{
	for (unsigned round = 0; round < 50; round++) {
		for (unsigned i = 0; i < POOL; i++) {
			ck_assert(mirror_fill(b, mirror(i % 3, i * 0x400000u)));
			ck_assert_uint_eq(*behind(mirror(i % 3, i * 0x400000u)), 0);
			*behind(mirror(i % 3, i * 0x400000u)) = 77;
		}
		ck_assert(!mirror_fill(b, mirror(3, 0))); /* all are in use */
		for (unsigned w = 0; w < 3; w++)
			host_zero(b, mirror(w, 0), 1ull << 32);
		ck_assert_uint_gt(forgotten, round);
		for (unsigned i = 0; i < POOL; i++)
			ck_assert_ptr_null(behind(mirror(i % 3, i * 0x400000u)));
	}
}
END_TEST

START_TEST(pages_of_zeros_are_taken_back)
{
	for (unsigned i = 0; i < POOL; i++)
		ck_assert(mirror_fill(b, mirror(i, i * 0x1000u)));
	for (unsigned i = 0; i < POOL; i += 2)
		behind(mirror(i, i * 0x1000u))[1023] = i + 1;
	for (unsigned i = 0; i < POOL / 2; i++) {
		ck_assert(mirror_fill(b, mirror(20, i * 0x1000u)));
		*behind(mirror(20, i * 0x1000u)) = 5;
	}
	ck_assert_uint_eq(forgotten, 1);
	ck_assert(!mirror_fill(b, mirror(21, 0)));
	for (unsigned i = 0; i < POOL; i++) {
		if (i % 2)
			ck_assert_ptr_null(behind(mirror(i, i * 0x1000u)));
		else
			ck_assert_uint_eq(behind(mirror(i, i * 0x1000u))[1023], i + 1);
	}
}
END_TEST

Suite *mirrors_suite(void)
{
	Suite *s = suite_create("mirrors");
	TCase *t = tcase_create("mirrors");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, mirrors_only);
	tcase_add_test(t, zeroed_ranges_give_back);
	tcase_add_test(t, pages_of_zeros_are_taken_back);
	suite_add_tcase(s, t);
	return s;
}
