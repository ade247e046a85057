/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLB: the array as the manual has it, and the extension's visibility rules (isa/tlb.h), one test each.
 */
#include <check.h>

#include "tests/isa/guest.h"

Suite *tlb_suite(void);

#define VA 0x00400000u
#define RW (TLB_LO_V | TLB_LO_D)

static struct guest *g;

static void set_up(void) { g = guest_open("24Kc", false); }
static void tear_down(void) { guest_close(g); }

static struct mmu_result look(gva va, enum access a)
{
	struct mmu_result r;

	mmu_translate(&g->cpu, va, a, &r);
	return r;
}

static void asid(uint8_t a) { cp0_write(&g->cpu, 10, 0, a); }

static bool extended(gva va)
{
	bool e;
	unsigned index;

	return tlb_find(g->cpu.tlb, va, (uint8_t)g->cpu.entryhi, &e, &index) && e;
}

/* Write random entries elsewhere until the one for @va has left the array.  */
static void push_out(gva va)
{
	uint32_t hi = g->cpu.entryhi & 0xffu;

	for (unsigned i = 0; !extended(va); i++) {
		ck_assert_uint_lt(i, 1000);
		ck_assert(guest_tlbwr(g, 0xd0000000u + 0x2000 * i, 0, ENTRYLO(0x3000, TLB_LO_V | TLB_LO_G), TLB_LO_G));
		asid((uint8_t)hi);
	}
	g->drops = 0;
}

static void put_extended(gva va, uint8_t a, uint32_t lo0, uint32_t lo1)
{
	ck_assert(guest_tlbwr(g, va, a, lo0, lo1));
	push_out(va);
}

START_TEST(pair_and_bits)
{
	struct mmu_result r;

	ck_assert(guest_tlbwi(g, 3, VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x9000, TLB_LO_V)));
	r = look(VA + 0x123, ACCESS_STORE);
	ck_assert(r.exc == EXC_NONE && r.pa == 0x7123 && r.writable && !r.global && r.mapped);
	r = look(VA + 0x1123, ACCESS_LOAD);
	ck_assert(r.exc == EXC_NONE && r.pa == 0x9123 && !r.writable);
	r = look(VA + 0x1123, ACCESS_STORE);
	ck_assert(r.exc == EXC_MOD && !r.refill);
	ck_assert(guest_tlbwi(g, 3, VA, 5, ENTRYLO(0x7000, RW), 0));
	r = look(VA + 0x1000, ACCESS_LOAD);
	ck_assert(r.exc == EXC_TLBL && !r.refill);
	r = look(VA + 0x1000, ACCESS_STORE);
	ck_assert(r.exc == EXC_TLBS && !r.refill);
	r = look(VA + 0x2000, ACCESS_FETCH);
	ck_assert(r.exc == EXC_TLBL && r.refill);
	asid(6);
	r = look(VA, ACCESS_LOAD);
	ck_assert(r.exc == EXC_TLBL && r.refill);
}
END_TEST

START_TEST(global_needs_both_halves)
{
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x7000, RW | TLB_LO_G), ENTRYLO(0x8000, RW)));
	asid(6);
	ck_assert_int_eq(look(VA, ACCESS_LOAD).exc, EXC_TLBL);
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x7000, RW | TLB_LO_G), ENTRYLO(0x8000, RW | TLB_LO_G)));
	asid(6);
	ck_assert_int_eq(look(VA, ACCESS_LOAD).exc, EXC_NONE);
	ck_assert(look(VA, ACCESS_LOAD).global);
}
END_TEST

START_TEST(page_sizes)
{
	static const struct { uint32_t mask, size; } sizes[] = {
		{ 0, 0x1000 }, { 0x6000, 0x4000 }, { 0x1e000, 0x10000 }, { 0x7e000, 0x40000 }, { 0x1fe000, 0x100000 },
		{ 0x7fe000, 0x400000 }, { 0x1ffe000, 0x1000000 }, { 0x7ffe000, 0x4000000 }, { 0x1fffe000, 0x10000000 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(sizes); i++) {
		uint32_t size = sizes[i].size;

		cp0_write(&g->cpu, 5, 0, sizes[i].mask);
		ck_assert_uint_eq(cp0_read(&g->cpu, 5, 0), sizes[i].mask);
		ck_assert(guest_tlbwi(g, 1, 0x40000000u, 1, ENTRYLO(0x20000000u, RW), ENTRYLO(0x30000000u, RW)));
		ck_assert_uint_eq(look(0x40000000u + size - 1, ACCESS_LOAD).pa, 0x20000000u + size - 1);
		ck_assert_uint_eq(look(0x40000000u + size, ACCESS_LOAD).pa, 0x30000000u);
		ck_assert_uint_eq(look(0x40000000u + 2 * size - 1, ACCESS_LOAD).pa, 0x30000000u + size - 1);
		ck_assert_int_eq(look(0x40000000u + 2 * size, ACCESS_LOAD).exc, EXC_TLBL);
	}
	cp0_write(&g->cpu, 5, 0, 0x1e000); /* frame bits below the page size do not count */
	ck_assert(guest_tlbwi(g, 1, 0x40000000u, 1, ENTRYLO(0x2000f000u, RW), ENTRYLO(0x30001000u, RW)));
	ck_assert_uint_eq(look(0x40000010u, ACCESS_LOAD).pa, 0x20000010u);
	ck_assert_uint_eq(look(0x40018010u, ACCESS_LOAD).pa, 0x30008010u);
	cp0_write(&g->cpu, 5, 0, 0x2000); /* one bit is no size */
	ck_assert_uint_eq(cp0_read(&g->cpu, 5, 0), 0);
	cp0_write(&g->cpu, 5, 0, 0x18000); /* not from bit 13 up */
	ck_assert_uint_eq(cp0_read(&g->cpu, 5, 0), 0);
}
END_TEST

START_TEST(read_probe)
{
	cp0_write(&g->cpu, 5, 0, 0x6000);
	ck_assert(guest_tlbwi(g, 7, 0x00408000u, 9, ENTRYLO(0x10000, RW | TLB_LO_G), ENTRYLO(0x14000, 0x18)));
	cp0_write(&g->cpu, 10, 0, 0x0040a009); /* inside the pair */
	tlb_probe(&g->cpu);
	ck_assert_uint_eq(g->cpu.index, 7);
	asid(1);
	cp0_write(&g->cpu, 5, 0, 0);
	tlb_read(&g->cpu);
	ck_assert_uint_eq(g->cpu.entryhi, 0x00408009);
	ck_assert_uint_eq(g->cpu.pagemask, 0x6000);
	ck_assert_uint_eq(g->cpu.entrylo0, ENTRYLO(0x10000, RW)); /* G of one half only: not global */
	ck_assert_uint_eq(g->cpu.entrylo1, ENTRYLO(0x14000, 0x18));
	cp0_write(&g->cpu, 10, 0, 0x00408001);
	tlb_probe(&g->cpu);
	ck_assert_uint_eq(g->cpu.index >> 31, 1);
}
END_TEST

START_TEST(random_respects_wired)
{
	bool hit[16] = { false };

	cp0_write(&g->cpu, 6, 0, 5);
	ck_assert_uint_eq(g->cpu.random, 15);
	for (int i = 0; i < 2000; i++) {
		uint32_t r = cp0_read(&g->cpu, 1, 0);

		ck_assert(r >= 5 && r < 16);
		hit[r] = true;
	}
	for (int i = 5; i < 16; i++)
		ck_assert(hit[i]);
	for (unsigned i = 0; i < 200; i++) {
		ck_assert(guest_tlbwr(g, VA + 0x2000 * i, 1, ENTRYLO(0x1000, RW), 0));
		ck_assert(g->cpu.random >= 5 && g->cpu.random < 16);
	}
	cp0_write(&g->cpu, 6, 0, 15); /* one left */
	ck_assert_uint_eq(cp0_read(&g->cpu, 1, 0), 15);
}
END_TEST

START_TEST(duplicates)
{
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x7000, RW), 0));
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x8000, RW), 0)); /* itself */
	ck_assert(!guest_tlbwi(g, 1, VA, 5, ENTRYLO(0x7000, RW), 0));
	ck_assert(guest_tlbwi(g, 1, VA, 6, ENTRYLO(0x7000, RW), 0)); /* another ASID */
	ck_assert(!guest_tlbwi(g, 2, VA, 7, ENTRYLO(0x7000, RW | TLB_LO_G), TLB_LO_G)); /* global meets both */
	ck_assert(guest_tlbwi(g, 2, VA, 5, 0, 0)); /* translates nothing: takes its place */
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x8000, RW), 0)); /* and gives it back */
	cp0_write(&g->cpu, 5, 0, 0x6000);
	ck_assert(!guest_tlbwi(g, 3, VA, 5, 0, ENTRYLO(0x7000, RW))); /* larger, around it */
	ck_assert_uint_eq(look(VA, ACCESS_LOAD).pa, 0x8000); /* refused writes leave the array alone; the ASID is 5 */
}
END_TEST

START_TEST(duplicate_is_a_machine_check)
{
	static const uint32_t code[] = { 0x42000002 }; /* tlbwi */

	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x7000, RW), 0));
	cp0_write(&g->cpu, 0, 0, 1);
	guest_run(g, code, 1, 1);
	ck_assert_uint_eq(g->cpu.pc, 0x80000180u);
	ck_assert_uint_eq(g->cpu.cause >> 2 & 31, EXC_MCHECK);
	ck_assert_uint_eq(g->cpu.status & 0x200000, 0x200000); /* TS */
}
END_TEST

/* --- the extension --- */

/* Of entries that overlap, the one written last answers, wherever it is; what is remembered of the other is reported as gone.  */
START_TEST(the_last_of_overlapping_answers)
{
	ck_assert(guest_tlbwi(g, 5, VA, 1, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW)));
	asid(1);
	ck_assert_int_eq(look(VA, ACCESS_LOAD).exc, EXC_NONE);
	for (unsigned i = 0; i < 2; i++) { /* behind it, in front of it */
		g->drops = 0;
		ck_assert(guest_tlbwi(g, i ? 2 : 9, VA, 1, ENTRYLO(0x7000, 0), ENTRYLO(0x8000, 0)));
		ck_assert_int_eq(look(VA, ACCESS_LOAD).exc, EXC_TLBL);
		ck_assert(!look(VA, ACCESS_LOAD).refill);
		ck_assert_uint_eq(g->drops, 1);
		ck_assert(guest_tlbwi(g, 5, VA, 1, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW)));
		ck_assert_int_eq(look(VA, ACCESS_LOAD).exc, EXC_NONE);
	}
}
END_TEST

/* An entry of one address space takes the place of a global one in all of them, and the other way round.  */
START_TEST(overlapping_across_address_spaces)
{
	ck_assert(guest_tlbwi(g, 5, VA, 0, ENTRYLO(0x7000, RW | TLB_LO_G), ENTRYLO(0x8000, RW | TLB_LO_G)));
	ck_assert(guest_tlbwi(g, 2, VA, 1, ENTRYLO(0x7000, 0), ENTRYLO(0x8000, 0)));
	asid(2);
	ck_assert(look(VA, ACCESS_LOAD).exc == EXC_TLBL && look(VA, ACCESS_LOAD).refill);
	asid(1);
	ck_assert(look(VA, ACCESS_LOAD).exc == EXC_TLBL && !look(VA, ACCESS_LOAD).refill);
	ck_assert(guest_tlbwi(g, 5, VA, 0, ENTRYLO(0x7000, RW | TLB_LO_G), ENTRYLO(0x8000, RW | TLB_LO_G)));
	for (uint8_t a = 0; a < 3; a++) {
		asid(a);
		ck_assert_int_eq(look(VA, ACCESS_LOAD).exc, EXC_NONE);
	}
}
END_TEST

START_TEST(ext_keeps_evicted)
{
	struct mmu_result r;

	put_extended(VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	r = look(VA + 0x1010, ACCESS_STORE);
	ck_assert(r.exc == EXC_NONE && r.pa == 0x8010 && r.writable && !r.global);
	asid(6);
	ck_assert(look(VA, ACCESS_LOAD).refill); /* of another address space */
	asid(5);
	ck_assert(look(VA, ACCESS_LOAD).exc == EXC_NONE);
	ck_assert_uint_eq(g->drops, 0);
}
END_TEST

START_TEST(ext_never_raises_modified_or_invalid)
{
	struct mmu_result r;

	put_extended(VA, 5, ENTRYLO(0x7000, TLB_LO_V), 0);
	ck_assert_int_eq(look(VA, ACCESS_LOAD).exc, EXC_NONE);
	r = look(VA, ACCESS_STORE);
	ck_assert(r.exc == EXC_TLBS && r.refill);
	ck_assert_uint_eq(g->drops, 1);
	ck_assert(look(VA, ACCESS_LOAD).refill); /* gone for good */
	put_extended(VA, 5, ENTRYLO(0x7000, TLB_LO_V), 0);
	r = look(VA + 0x1000, ACCESS_LOAD);
	ck_assert(r.exc == EXC_TLBL && r.refill && g->drops == 1 && g->last_drop.vpn2 == VA && g->last_drop.asid == 5);
}
END_TEST

/* The engine looks before it knows whether the access comes to that: an address error has precedence (MD00090, exception priority).  */
START_TEST(ext_look_drops_nothing)
{
	struct mmu_result r;

	put_extended(VA, 5, ENTRYLO(0x7000, TLB_LO_V), 0);
	asid(5);
	g->drops = 0;
	ck_assert_ptr_nonnull(mmu_lookup(&g->cpu, VA, ACCESS_STORE, &r));
	ck_assert(r.exc == EXC_TLBS && r.refill);
	ck_assert(extended(VA));
	ck_assert_uint_eq(g->drops, 0);
	ck_assert_ptr_null(mmu_lookup(&g->cpu, VA, ACCESS_LOAD, &r));
	ck_assert_uint_eq(r.pa, 0x7000);
}
END_TEST

START_TEST(ext_probe_drops)
{
	put_extended(VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	cp0_write(&g->cpu, 10, 0, VA | 5);
	tlb_probe(&g->cpu);
	ck_assert_uint_eq(g->cpu.index >> 31, 1);
	ck_assert_uint_eq(g->drops, 1);
	ck_assert(look(VA, ACCESS_LOAD).refill);
}
END_TEST

START_TEST(ext_write_drops_overlaps)
{
	put_extended(VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	put_extended(VA + 0x2000, 6, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	ck_assert(guest_tlbwi(g, 0, VA, 6, ENTRYLO(0x9000, RW), 0)); /* another space: no overlap */
	asid(5);
	ck_assert(extended(VA));
	g->drops = 0;
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x9000, RW), 0));
	ck_assert_uint_ge(g->drops, 1);
	ck_assert(!extended(VA));
	ck_assert(guest_tlbwi(g, 0, 0x00800000u, 5, 0, 0)); /* what TLBWI overwrites is not kept */
	ck_assert(!extended(VA) && look(VA, ACCESS_LOAD).refill);
	asid(6);
	ck_assert(extended(VA + 0x2000));
	ck_assert(guest_tlbwi(g, 1, VA + 0x2000, 1, ENTRYLO(0x9000, RW | TLB_LO_G), TLB_LO_G)); /* global: every space */
	asid(6);
	ck_assert(!extended(VA + 0x2000));
	ck_assert_uint_eq(look(VA + 0x2000, ACCESS_LOAD).pa, 0x9000);
}
END_TEST

START_TEST(ext_large_page_drops_what_it_covers)
{
	put_extended(VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	put_extended(VA + 0x10000, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	cp0_write(&g->cpu, 5, 0, 0x6000);
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x20000, RW), 0));
	asid(5);
	ck_assert_uint_eq(look(VA + 0x2000, ACCESS_LOAD).pa, 0x22000);
	ck_assert(!extended(VA) && extended(VA + 0x10000));
	cp0_write(&g->cpu, 5, 0, 0);
	ck_assert(guest_tlbwi(g, 0, 0x00c00000u, 5, 0, 0));
	ck_assert(look(VA, ACCESS_LOAD).refill);
}
END_TEST

START_TEST(ext_large_or_useless_not_kept)
{
	cp0_write(&g->cpu, 5, 0, 0x6000);
	ck_assert(guest_tlbwi(g, 8, VA, 5, ENTRYLO(0x20000, RW), 0));
	cp0_write(&g->cpu, 5, 0, 0);
	ck_assert(guest_tlbwi(g, 9, VA + 0x10000, 5, 0, 0)); /* no half is valid */
	g->drops = 0;
	for (unsigned i = 0; i < 400; i++)
		ck_assert(guest_tlbwr(g, 0xd0000000u + 0x2000 * i, 0, ENTRYLO(0x3000, TLB_LO_V | TLB_LO_G), TLB_LO_G));
	asid(5);
	ck_assert(look(VA, ACCESS_LOAD).refill && look(VA + 0x10000, ACCESS_LOAD).refill);
	ck_assert_uint_eq(g->drops, 1); /* the large one; the other showed nothing */
}
END_TEST

static void sweep(void)
{
	for (unsigned i = g->cpu.wired; i < 16; i++)
		ck_assert(guest_tlbwi(g, i, 0x80000000u + 0x2000 * i, 0, 0, 0));
}

START_TEST(ext_sweep_drops_all)
{
	cp0_write(&g->cpu, 6, 0, 2);
	put_extended(VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	for (unsigned i = 2; i < 15; i++)
		ck_assert(guest_tlbwi(g, i, 0x80000000u + 0x2000 * i, 0, 0, 0));
	ck_assert_uint_eq(g->sweeps, 0); /* one index is missing */
	asid(5);
	ck_assert(extended(VA));
	ck_assert(guest_tlbwi(g, 15, 0x80000000u + 0x2000 * 15, 0, 0, 0));
	ck_assert_uint_eq(g->sweeps, 1);
	asid(5);
	ck_assert(look(VA, ACCESS_LOAD).refill);
	sweep();
	ck_assert_uint_eq(g->sweeps, 1); /* nothing left to tell about */
}
END_TEST

/* TLBWR between the steps of a sweep: what was there before is gone all the same if the steps go from end to end; in another order they
   count from the last TLBWR.  */
START_TEST(ext_sweep_with_tlbwr)
{
	for (unsigned i = 0; i < 16; i++) {
		put_extended(VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
		for (unsigned k = 0; k < 16; k++) {
			unsigned index = _i == 0 ? k : _i == 1 ? 15 - k : k ^ 1;

			asid(5);
			ck_assert_msg(extended(VA), "dropped after %u steps", k);
			ck_assert(guest_tlbwi(g, index, 0x80000000u + 0x2000 * index, 0, 0, 0));
			if (k == i)
				ck_assert(guest_tlbwr(g, 0x00600000u + 0x2000 * i, 5, ENTRYLO(0x7000, RW), 0));
		}
		ck_assert_uint_eq(g->sweeps, _i < 2 ? i + 1 : i == 15 ? 1 : 0);
		asid(5);
		ck_assert(_i < 2 || i == 15 ? look(VA, ACCESS_LOAD).refill : extended(VA));
	}
}
END_TEST

/* To look at every index is to know as much as to write it.  */
START_TEST(ext_looked_for)
{
	put_extended(VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW));
	for (unsigned i = 0; i < 16; i++) {
		ck_assert_uint_eq(g->sweeps, 0);
		g->cpu.index = i;
		tlb_read(&g->cpu);
	}
	ck_assert_uint_eq(g->sweeps, 1);
	asid(5);
	ck_assert(look(VA, ACCESS_LOAD).refill);
}
END_TEST

/* One index for TLBWR: what was there is gone.  */
START_TEST(ext_not_with_one_index)
{
	cp0_write(&g->cpu, 6, 0, 15);
	ck_assert(guest_tlbwr(g, VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW)));
	ck_assert(guest_tlbwr(g, VA + 0x2000, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x8000, RW)));
	ck_assert(look(VA, ACCESS_LOAD).refill);
	ck_assert_uint_eq(g->drops, 1);
}
END_TEST

START_TEST(upgrade_is_no_drop)
{
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x7000, TLB_LO_V), 0));
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x7000, RW), ENTRYLO(0x9000, RW)));
	ck_assert_uint_eq(g->drops, 0);
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0x7000, TLB_LO_V), ENTRYLO(0x9000, RW))); /* D lost */
	ck_assert_uint_eq(g->drops, 1);
	ck_assert(guest_tlbwi(g, 0, VA, 5, ENTRYLO(0xa000, TLB_LO_V), ENTRYLO(0x9000, RW))); /* frame changed */
	ck_assert_uint_eq(g->drops, 2);
	put_extended(0x00800000u, 5, ENTRYLO(0x7000, TLB_LO_V), 0);
	ck_assert(guest_tlbwr(g, 0x00800000u, 5, ENTRYLO(0x7000, RW), 0)); /* from the extension back into the array, with more */
	ck_assert_uint_eq(g->drops, 0);
	ck_assert(!extended(0x00800000u));
}
END_TEST

/* The guest cannot tell the extension from a TLB that happens to have the entry: a reference without one is compared.  */
START_TEST(ext_is_invisible)
{
	static uint32_t frame[64];
	uint32_t seed = 7;

	for (int n = 0; n < 200000; n++) {
		unsigned page, op;
		struct mmu_result r;

		seed = seed * 1664525u + 1013904223u;
		page = seed >> 20 & 63;
		op = seed >> 27;
		if (op < 24) { /* use it as a kernel does: refill on a miss */
			r = look(VA + 0x2000 * page, ACCESS_LOAD);
			if (r.exc == EXC_NONE)
				ck_assert_uint_eq(r.pa, frame[page]);
			else
				ck_assert(r.refill && guest_tlbwr(g, VA + 0x2000 * page, 5, ENTRYLO(frame[page], TLB_LO_V), 0));
		} else if (op < 31) { /* change a mapping, and flush it as Linux does: probe, then overwrite if there */
			frame[page] = (seed >> 8 & 0xfff) << 12;
			cp0_write(&g->cpu, 10, 0, (VA + 0x2000 * page) | 5);
			tlb_probe(&g->cpu);
			if (!(g->cpu.index >> 31)) {
				unsigned i = g->cpu.index;

				ck_assert(guest_tlbwi(g, i, 0x80000000u + 0x2000 * i, 5, 0, 0));
			}
			asid(5);
		} else if ((seed >> 8 & 63) == 0) { /* change all, flush all */
			for (unsigned i = 0; i < 64; i++)
				frame[i] ^= 0x1000000u;
			sweep();
			asid(5);
		}
	}
}
END_TEST

START_TEST(set_conflicts_evict)
{
	for (unsigned i = 0; i < 40000; i++)
		ck_assert(guest_tlbwr(g, 0x2000 * i, (uint8_t)(i >> 14), ENTRYLO(0x7000, RW), 0));
	ck_assert_uint_ge(g->drops, 40000 - 8192 - 16);
}
END_TEST

START_TEST(wide_addresses)
{
	guest_close(g);
	g = guest_open("au1500", false);
	ck_assert(guest_tlbwi(g, 31, VA, 5, ENTRYLO(GUEST_HIGH, RW), ENTRYLO(0xfe0000000ull, RW)));
	ck_assert(look(VA + 4, ACCESS_LOAD).pa == GUEST_HIGH + 4);
	ck_assert(look(VA + 0x1004, ACCESS_LOAD).pa == 0xfe0000004ull);
	guest_close(g);
	g = guest_open("24Kc", false);
	ck_assert(guest_tlbwi(g, 0, VA, 5, 0x3fffffc6u, 0));
	ck_assert_uint_eq(look(VA, ACCESS_LOAD).pa, 0xfffff000u); /* 32 bits */
}
END_TEST

START_TEST(segments)
{
	static const struct { gva va; uint64_t pa; } direct[] = {
		{ 0x80000000u, 0 }, { 0x9fffffffu, 0x1fffffff }, { 0xa0000000u, 0 }, { 0xbfc00000u, 0x1fc00000 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(direct); i++) {
		struct mmu_result r = look(direct[i].va, ACCESS_STORE);

		ck_assert(r.exc == EXC_NONE && r.pa == direct[i].pa && !r.mapped && r.writable && r.global);
	}
	ck_assert(look(0xc0000000u, ACCESS_LOAD).refill && look(0xe0000000u, ACCESS_STORE).refill && look(0, ACCESS_LOAD).refill);
	g->cpu.status = ST_ERL;
	ck_assert(look(0x1234, ACCESS_LOAD).pa == 0x1234 && !look(0x1234, ACCESS_LOAD).mapped);
	ck_assert(look(0xc0000000u, ACCESS_LOAD).refill);
	g->cpu.status = ST_UM;
	ck_assert_int_eq(look(0x80000000u, ACCESS_LOAD).exc, EXC_ADEL);
	ck_assert_int_eq(look(0xffffffffu, ACCESS_FETCH).exc, EXC_ADEL);
	ck_assert_int_eq(look(0xc0000000u, ACCESS_STORE).exc, EXC_ADES);
	ck_assert(look(0x7ffff000u, ACCESS_LOAD).refill);
	g->cpu.status = ST_UM | ST_EXL; /* kernel mode */
	ck_assert_int_eq(look(0x80000000u, ACCESS_LOAD).exc, EXC_NONE);
}
END_TEST

Suite *tlb_suite(void)
{
	Suite *s = suite_create("tlb");
	TCase *a = tcase_create("array"), *e = tcase_create("extension");

	tcase_add_checked_fixture(a, set_up, tear_down);
	tcase_add_test(a, pair_and_bits);
	tcase_add_test(a, global_needs_both_halves);
	tcase_add_test(a, page_sizes);
	tcase_add_test(a, read_probe);
	tcase_add_test(a, random_respects_wired);
	tcase_add_test(a, duplicates);
	tcase_add_test(a, duplicate_is_a_machine_check);
	tcase_add_test(a, the_last_of_overlapping_answers);
	tcase_add_test(a, overlapping_across_address_spaces);
	tcase_add_test(a, wide_addresses);
	tcase_add_test(a, segments);
	tcase_add_checked_fixture(e, set_up, tear_down);
	tcase_add_test(e, ext_keeps_evicted);
	tcase_add_test(e, ext_never_raises_modified_or_invalid);
	tcase_add_test(e, ext_look_drops_nothing);
	tcase_add_test(e, ext_probe_drops);
	tcase_add_test(e, ext_write_drops_overlaps);
	tcase_add_test(e, ext_large_page_drops_what_it_covers);
	tcase_add_test(e, ext_large_or_useless_not_kept);
	tcase_add_test(e, ext_sweep_drops_all);
	tcase_add_loop_test(e, ext_sweep_with_tlbwr, 0, 3);
	tcase_add_test(e, ext_looked_for);
	tcase_add_test(e, ext_not_with_one_index);
	tcase_add_test(e, upgrade_is_no_drop);
	tcase_add_test(e, ext_is_invisible);
	tcase_add_test(e, set_conflicts_evict);
	tcase_set_timeout(e, 60);
	suite_add_tcase(s, a);
	suite_add_tcase(s, e);
	return s;
}
