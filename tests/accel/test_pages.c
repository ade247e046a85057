/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page tables against a flat table of what each page shows, and against a processor that never forgets a translation unless told.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "dbt-runtime/inside/pages.h"
#include "tests/emit/guestcode.h"

Suite *pages_suite(void);

#define PAGE 4096u
#define LARGE_PAGES 512u
#define TABLES 64u
#define TABLES_PA 0x140000000ull
#define BASE (0x200080000000ull - 3 * 0x200000ull) /* crosses a boundary of 2 GiB, and so of tables of two levels */
#define NPAGES (6 * LARGE_PAGES)
#define BITS (PTE_WRITE | PTE_NX)

struct page { uint64_t pa; uint64_t bits; bool present, large, kept /* mapped without access */; };

static struct pages tables;
static struct page want[NPAGES], held[NPAGES]; /* what was asked for; what a processor may still use */

static uint64_t addr_of(unsigned i) { return BASE + (uint64_t)i * PAGE; }

static void setup(void)
{
	uint64_t *at = aligned_alloc(PAGE, TABLES * PAGES_TABLE);

	ck_assert_ptr_nonnull(at);
	memset(at, 0, TABLES * PAGES_TABLE);
	memset(want, 0, sizeof want);
	memset(held, 0, sizeof held);
	pages_init(&tables, at, TABLES_PA, TABLES);
}

static void teardown(void) { free(tables.at); }

static struct page look(unsigned i)
{
	uint64_t entry = pages_entry(&tables, addr_of(i));
	bool large = entry & PTE_LARGE;
	uint64_t pa = entry & PTE_ADDRESS;

	if (large)
		pa += (uint64_t)(addr_of(i) / PAGE % LARGE_PAGES) * PAGE;
	return (struct page){ .pa = entry ? pa : 0, .bits = entry & BITS, .present = entry, .large = large };
}

static bool same(const struct page *a, const struct page *b)
{
	return a->present == b->present && (!a->present || (a->pa == b->pa && a->bits == b->bits));
}

static void forget(void)
{
	uint64_t one = (tables.stale_addr - BASE) / PAGE;

	for (unsigned i = 0; i < NPAGES; i++)
		if (tables.stale == STALE_MANY ||
		    (tables.stale == STALE_ONE && (i == one || (held[i].large && addr_of(i) >> 21 == tables.stale_addr >> 21))))
			held[i].present = false;
	tables.stale = STALE_NONE;
}

/* What a processor still holds is what the tables say, or less of the same page.  */
static void check(void)
{
	forget();
	for (unsigned i = 0; i < NPAGES; i++) {
		struct page now = look(i), h = held[i];

		/* An assertion that holds costs a system call: only those that do not are made.  */
		if (!same(&want[i], &now))
			ck_abort_msg("page %u: %d 0x%llx, not %d 0x%llx", i, now.present, (unsigned long long)now.pa, want[i].present,
				     (unsigned long long)want[i].pa);
		h.bits |= now.bits & PTE_WRITE;
		if (h.present && !same(&h, &now))
			ck_abort_msg("page %u: a translation was not forgotten", i);
		if (now.present && i % 3)
			held[i] = now; /* touched */
	}
}

static void do_map(unsigned from, unsigned n, uint64_t pa, uint64_t bits)
{
	ck_assert(pages_map(&tables, addr_of(from), pa, (uint64_t)n * PAGE, bits | PTE_USER));
	for (unsigned i = from; i < from + n; i++)
		want[i] = (struct page){ .pa = pa + (uint64_t)(i - from) * PAGE, .bits = bits, .present = true };
	check();
}

static void do_protect(unsigned from, unsigned n, uint64_t rights)
{
	ck_assert(pages_protect(&tables, addr_of(from), (uint64_t)n * PAGE, rights));
	for (unsigned i = from; i < from + n; i++) {
		bool mapped = want[i].present || want[i].kept;

		want[i].bits = (want[i].bits & ~PTE_WRITE) | (rights & PTE_WRITE);
		want[i].present = mapped && rights;
		want[i].kept = mapped && !rights;
	}
	check();
}

static void do_unmap(unsigned from, unsigned n)
{
	ck_assert(pages_unmap(&tables, addr_of(from), (uint64_t)n * PAGE));
	for (unsigned i = from; i < from + n; i++)
		want[i] = (struct page){ .present = false };
	check();
}

START_TEST(large_pages_and_their_parts)
{
	do_map(LARGE_PAGES, 2 * LARGE_PAGES, 0x80000000, PTE_WRITE | PTE_NX);
	ck_assert(look(LARGE_PAGES).large && look(3 * LARGE_PAGES - 1).large);
	do_protect(LARGE_PAGES + 7, 1, PTE_PRESENT);
	ck_assert(!look(LARGE_PAGES).large && look(2 * LARGE_PAGES).large);
	do_unmap(2 * LARGE_PAGES + 511, 1);
	do_protect(LARGE_PAGES + 7, 1, PTE_PRESENT | PTE_WRITE);
	ck_assert_int_eq(tables.stale, STALE_NONE);
	do_map(LARGE_PAGES, LARGE_PAGES, 0x80200000, PTE_WRITE); /* one large page again, over a table */
	ck_assert(look(LARGE_PAGES).large);
	do_unmap(0, NPAGES);
	do_map(3, LARGE_PAGES * 2, 0x80001000, PTE_NX); /* not aligned alike: small ones */
	ck_assert(!look(LARGE_PAGES).large);
}
END_TEST

/* Access is taken away and given back: of what was mapped in between, and of nothing that was unmapped.  */
START_TEST(kept_without_access)
{
	do_map(LARGE_PAGES, LARGE_PAGES + 9, 0x80000000, PTE_WRITE | PTE_NX);
	ck_assert(look(LARGE_PAGES).large);
	do_protect(0, NPAGES, 0);
	do_protect(2 * LARGE_PAGES + 3, 2, PTE_PRESENT);
	ck_assert_int_eq(tables.stale, STALE_NONE);
	do_map(2 * LARGE_PAGES + 6, 1, 0x5000, PTE_NX);
	do_unmap(2 * LARGE_PAGES + 8, 1);
	do_unmap(LARGE_PAGES + 11, 1); /* cuts a large page that is kept */
	do_protect(LARGE_PAGES + 20, LARGE_PAGES, PTE_PRESENT);
	do_protect(0, NPAGES, PTE_PRESENT | PTE_WRITE);
	do_protect(0, NPAGES, 0);
	do_unmap(0, NPAGES);
	do_protect(0, NPAGES, PTE_PRESENT);
}
END_TEST

START_TEST(at_random)
{
	struct rng r = { .state = 88172645463325252ull + 7919 * (uint64_t)_i };

	for (unsigned k = 0; k < 400; k++) {
		unsigned n = rng_chance(&r, 60) ? LARGE_PAGES * (1 + rng_below(&r, 2)) : 1 + rng_below(&r, 40);
		unsigned from = rng_chance(&r, 60) ? rng_below(&r, 4) * LARGE_PAGES : rng_below(&r, NPAGES - n);
		uint64_t pa = rng_chance(&r, 128) ? addr_of(from) % 0x40000000 : (uint64_t)rng_below(&r, 1000) * PAGE;

		switch (rng_below(&r, 4)) {
		case 0: case 1:
			do_map(from, n, pa, rng_chance(&r, 128) ? PTE_WRITE : PTE_NX);
			break;
		case 2:
			do_protect(from, n, rng_chance(&r, 128) ? PTE_PRESENT : rng_chance(&r, 128) ? PTE_PRESENT | PTE_WRITE : 0);
			break;
		default:
			do_unmap(from, n);
			break;
		}
	}
	/* Nothing is lost: all tables come back.  */
	do_unmap(0, NPAGES);
	ck_assert(pages_unmap(&tables, 0, 1ull << 47));
	for (unsigned k = 0; k < 200; k++) {
		do_map(0, NPAGES - 1, 0x1000, 0);
		ck_assert(pages_unmap(&tables, 0, 1ull << 47));
		memset(want, 0, sizeof want);
		check();
	}
}
END_TEST

START_TEST(out_of_tables)
{
	unsigned n = 0;

	while (pages_map(&tables, (uint64_t)n << 30, 0x1000, PAGE, PTE_WRITE))
		n++;
	ck_assert_uint_gt(n, 20);
	for (unsigned i = 0; i < n; i++)
		ck_assert_uint_eq(pages_entry(&tables, (uint64_t)i << 30) & PTE_ADDRESS, 0x1000);
	ck_assert(pages_unmap(&tables, 0, 1ull << 47));
	ck_assert_int_eq(tables.stale, STALE_MANY);
	ck_assert(pages_map(&tables, 0, 0, 1ull << 30, 0));
}
END_TEST

static unsigned visited;

static void visit(void *opaque, uint64_t addr, uint64_t *entry)
{
	ck_assert_ptr_eq(opaque, &visited);
	ck_assert_uint_eq(*entry & PTE_ADDRESS, 0x1000 + (addr - addr_of(5)));
	visited++;
}

START_TEST(each_small_page_once)
{
	do_map(5, 700, 0x1000, 0);
	visited = 0;
	pages_each(&tables, addr_of(0), (uint64_t)NPAGES * PAGE, visit, &visited);
	ck_assert_uint_eq(visited, 700);
	visited = 0;
	pages_each(&tables, addr_of(100), 10 * PAGE, visit, &visited);
	ck_assert_uint_eq(visited, 10);
}
END_TEST

Suite *pages_suite(void)
{
	Suite *s = suite_create("pages");
	TCase *t = tcase_create("pages");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, large_pages_and_their_parts);
	tcase_add_test(t, kept_without_access);
	tcase_add_loop_test(t, at_random, 0, 20);
	tcase_add_test(t, out_of_tables);
	tcase_add_test(t, each_small_page_once);
	suite_add_tcase(s, t);
	return s;
}
