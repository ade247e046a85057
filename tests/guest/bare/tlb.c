/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Translation of data addresses: page sizes, halves, ASID, global, valid, dirty, segments.  What the four instructions do to the array
 * is tlb_array.c's; code in mapped pages is fetch.c's.
 * MD00090, "TLB-based virtual address translation", "Virtual memory"; MD00343, "Memory management".
 */
#include "tests/guest/bare/bare.h"

#define KUSEG 0x40000000u /* aligned to two of the largest pages */
#define KSEG2 0xc0000000u
#define FRAME TEST_RAM
#define EVEN 0x11223344u
#define ODD 0x55667788u
#define RW (LO_V | LO_D)

static const struct { const char *name; uint32_t size; } sizes[] = {
	{ "4K", 0x1000 }, { "16K", 0x4000 }, { "64K", 0x10000 }, { "256K", 0x40000 }, { "1M", 0x100000 }, { "4M", 0x400000 },
	{ "16M", 0x1000000 }, { "64M", 0x4000000 }, { "256M", 0x10000000 },
};

static const char *size_name(uint32_t row) { return sizes[row].name; }
static uint32_t mask_of(uint32_t size) { return (2 * size - 1) & 0xffffe000u; }

/* The word at physical address @pa is at @va, and stores arrive there.  */
static void maps(uint32_t va, uint32_t pa)
{
	uint32_t value = test_random();

	word_at(KSEG0(pa)) = value;
	eq_word("word through the TLB", va, value);
	eq("exception code of a store", store(va, ~value), EXC_NONE);
	eq("word as stored", word_at(KSEG0(pa)), ~value);
}

static void miss(uint32_t va)
{
	load(va);
	expect(EXC_TLBL, VECTOR_REFILL, (uint32_t)do_load, false);
	eq("BadVAddr", trap.badvaddr, va);
	store(va, 0);
	expect(EXC_TLBS, VECTOR_REFILL, (uint32_t)do_store, false);
}

/* The frames of a pair: below the largest size they differ; of 256 MiB there is one only, and the odd page is told by its D bit.  */
static void page_size_at(uint32_t va, uint32_t size)
{
	uint32_t even = size < 0x10000000u ? FRAME : 0, odd = size < 0x10000000u ? FRAME + size : 0;
	uint32_t inner = size < 0x10000000u ? 0 : FRAME, last = size - 4;

	tlb_set(3, va, 0, mask_of(size), LO(even, RW), LO(odd, RW));
	eq("PageMask as written", cp0_get(CP0_PAGEMASK), mask_of(size));
	maps(va + inner, even + inner);
	maps(va + inner + size / 4, even + inner + size / 4);
	maps(va + last, even + last);
	maps(va + size + inner, odd + inner);
	maps(va + size + inner + 4, odd + inner + 4);
	maps(va + size + last, odd + last);
	if (va == KUSEG)
		miss(va - 4);
	if (va + 2 * size < 0x80000000u || va >= KSEG2)
		miss(va + 2 * size);
	tlb_set(3, va, 0, mask_of(size), LO(even, RW), LO(odd, LO_V));
	eq("store to the last word of the even page", store(va + last, 0), EXC_NONE);
	eq("store to the last word of the odd page", store(va + size + last, 0), EXC_MOD);
	tlb_set(3, va, 0, mask_of(size), LO(even, LO_D), LO(odd, LO_V));
	eq("load from the even page", load(va + last), EXC_TLBL);
	eq("vector", trap.vector, VECTOR_GENERAL);
	eq("load from the odd page", load(va + size + last), EXC_NONE);
}

static void page_size(uint32_t row)
{
	page_size_at(KUSEG, sizes[row].size);
	tlb_clear();
	page_size_at(KSEG2, sizes[row].size);
	tlb_clear();
	cp0_set(CP0_PAGEMASK, 0xffffffffu); /* MD00090 PageMask: writing ones shows the sizes there are */
	eq("PageMask", cp0_get(CP0_PAGEMASK), mask_of(0x10000000u));
}

/* Two sizes beside each other in one region of the address space, and one inside the other's hole.  */
static void mixed_sizes(uint32_t row)
{
	(void)row;
	tlb_set(0, KUSEG, 0, mask_of(0x10000), LO(FRAME, RW), LO(FRAME + 0x10000, RW));
	tlb_set(1, KUSEG + 0x20000, 0, 0, LO(FRAME + 0x21000, RW), LO(FRAME + 0x20000, RW));
	tlb_set(2, KUSEG + 0x22000, 0, 0, LO(FRAME + 0x23000, RW), LO(FRAME + 0x22000, RW));
	tlb_set(3, KUSEG + 0x100000, 0, mask_of(0x100000 / 4), LO(FRAME + 0x100000, RW), LO(FRAME + 0x140000, RW));
	maps(KUSEG + 0xfffc, FRAME + 0xfffc);
	maps(KUSEG + 0x1fffc, FRAME + 0x1fffc);
	maps(KUSEG + 0x20010, FRAME + 0x21010);
	maps(KUSEG + 0x21010, FRAME + 0x20010);
	maps(KUSEG + 0x22010, FRAME + 0x23010);
	maps(KUSEG + 0x23010, FRAME + 0x22010);
	miss(KUSEG + 0x24000);
	maps(KUSEG + 0x17fff0, FRAME + 0x17fff0);
	miss(KUSEG + 0x180000);
}

static void set_asid(uint32_t asid) { cp0_set(CP0_ENTRYHI, asid); }

/* Mapped segments, of which kseg2 and kseg3 have address spaces too.  */
static const uint32_t bases[] = { KUSEG, KSEG2, 0xe0000000u };

static const char *base_name(uint32_t row)
{
	static const char *const names[] = { "kuseg", "kseg2", "kseg3" };

	return names[row];
}

/* The same address in nine address spaces, of which each differs from the first in one bit; in a tenth there is nothing.  */
static void asid(uint32_t row)
{
	uint32_t va = bases[row], ids[9], lo;

	for (unsigned i = 0; i < 9; i++) {
		ids[i] = i ? 0x55u ^ 1u << (i - 1) : 0x55u;
		lo = FRAME + 0x2000 * i;
		word_at(KSEG0(lo)) = 100 + i;
		word_at(KSEG0(lo + 0x1000)) = 200 + i;
		tlb_set(i, va, ids[i], 0, LO(lo, RW), LO(lo + 0x1000, RW));
	}
	for (unsigned k = 0; k < 36; k++) {
		unsigned i = k * 2 % 9;

		set_asid(ids[i]);
		eq_word("even page of this ASID", va, 100 + i);
		eq_word("odd page of this ASID", va + 0x1000, 200 + i);
		set_asid(0xaa);
		miss(va);
		eq("EntryHi.ASID after the miss", trap.entryhi & 0xff, 0xaa);
	}
	set_asid(ids[8]);
	eq("store", store(va, 7), EXC_NONE);
	set_asid(ids[0]);
	eq_word("the first address space", va, 100);
	set_asid(ids[8]);
	eq_word("the one written to", va, 7);
}

/* Global: G of both halves.  */
static void global(uint32_t row)
{
	uint32_t va = bases[row];

	word_at(KSEG0(FRAME)) = EVEN;
	word_at(KSEG0(FRAME + 0x1000)) = ODD;
	for (unsigned g = 0; g < 4; g++) {
		tlb_set(0, va, 9, 0, LO(FRAME, RW | (g & 1)), LO(FRAME + 0x1000, RW | g >> 1));
		eq_word("with its ASID", va + 0x1000, ODD);
		set_asid(10);
		eq("exception with another ASID", load(va + 0x1000), g == 3 ? EXC_NONE : EXC_TLBL);
		eq("exception with another ASID, even page", load(va), g == 3 ? EXC_NONE : EXC_TLBL);
	}
	set_asid(9);
	eq_word("with its ASID again", va, EVEN);
}

/* Each bit of permission at once when it is written, in both directions.  */
static void permissions(uint32_t row)
{
	static const uint8_t lo[] = { 0, LO_V, LO_V | LO_D, LO_V, LO_D, 0, LO_V | LO_D, 0, LO_D, LO_V | LO_D, LO_D };

	(void)row;
	word_at(KSEG0(FRAME)) = EVEN;
	for (unsigned i = 0; i < ARRAY_LEN(lo); i++) {
		tlb_set(5, KSEG2, 0, 0, LO(FRAME, lo[i]), LO(FRAME + 0x1000, RW));
		eq("load", load(KSEG2), lo[i] & LO_V ? EXC_NONE : EXC_TLBL);
		eq("vector", trap.count ? trap.vector : VECTOR_GENERAL, VECTOR_GENERAL);
		eq("store", store(KSEG2, EVEN), !(lo[i] & LO_V) ? EXC_TLBS : lo[i] & LO_D ? EXC_NONE : EXC_MOD);
		eq("vector", trap.count ? trap.vector : VECTOR_GENERAL, VECTOR_GENERAL);
		eq("load behind the store", load(KSEG2), lo[i] & LO_V ? EXC_NONE : EXC_TLBL);
		eq("the odd page", store(KSEG2 + 0x1000, 1), EXC_NONE);
	}
}

/* Another frame, at once.  */
static void remap(uint32_t row)
{
	(void)row;
	for (unsigned i = 0; i < 8; i++)
		word_at(KSEG0(FRAME + 0x1000 * i + 0x10)) = 1000 + i;
	for (unsigned i = 0; i < 40; i++) {
		tlb_set(0, KUSEG, 0, 0, LO(FRAME + 0x1000 * (i % 8), RW), LO(FRAME + 0x1000 * ((i + 3) % 8), RW));
		eq_word("even", KUSEG + 0x10, 1000 + i % 8);
		eq_word("odd", KUSEG + 0x1010, 1000 + (i + 3) % 8);
	}
}

/* Two addresses of one frame.  */
static void alias(uint32_t row)
{
	uint32_t v;

	(void)row;
	tlb_set(0, KUSEG, 0, 0, LO(FRAME, RW), LO(FRAME, RW));
	tlb_set(1, KSEG2, 0, mask_of(0x4000), LO(FRAME, RW), LO(FRAME, LO_V));
	for (unsigned i = 0; i < 20; i++) {
		v = test_random();
		eq("store", store(KUSEG + 8, v), EXC_NONE);
		eq_word("other half", KUSEG + 0x1008, v);
		eq_word("other entry", KSEG2 + 8, v);
		eq_word("its odd half", KSEG2 + 0x4008, v);
		eq("store", store(KSEG2 + 8, ~v), EXC_NONE);
		eq_word("the first", KUSEG + 8, ~v);
		eq("word in kseg1", word_at(KSEG1(FRAME + 8)), ~v);
	}
}

/* kseg0 and kseg1 are not mapped, whatever the TLB holds.  */
static void unmapped_segments(uint32_t row)
{
	(void)row;
	tlb_set(0, KSEG0(FRAME), 0, 0, LO(FRAME + 0x8000, RW | LO_G), LO(FRAME + 0x9000, RW | LO_G));
	tlb_set(1, KSEG1(FRAME), 0, 0, LO(FRAME + 0x8000, LO_G), LO(FRAME + 0x9000, LO_G));
	word_at(KSEG1(FRAME)) = EVEN;
	word_at(KSEG1(FRAME + 0x8000)) = ODD;
	eq_word("kseg0", KSEG0(FRAME), EVEN);
	eq_word("kseg1", KSEG1(FRAME), EVEN);
	eq("store to kseg1", store(KSEG1(FRAME), ODD), EXC_NONE);
	eq_word("kseg0 after the store", KSEG0(FRAME), ODD);
}

/* MD00090, "Special behavior for the kuseg segment when StatusERL = 1": an unmapped, uncached region, whatever the TLB holds.  */
static void kuseg_with_erl(uint32_t row)
{
	const void *code = CODE(MFC0(T0, C0_STATUS), ORI(T1, T0, ST_ERL), MTC0(T1, C0_STATUS), EHB, LW(V0, 0, A0), SW(A1, 4, A0),
		MTC0(T0, C0_STATUS), EHB, RETURN);

	(void)row;
	for (unsigned i = 0; i < 6; i++) {
		if (i == 2)
			tlb_set(0, FRAME, 0, 0, LO(FRAME + 0x8000, RW), LO(FRAME + 0x9000, RW));
		if (i == 4)
			tlb_set(0, FRAME, 0, 0, 0, 0);
		word_at(KSEG0(FRAME + 0x10)) = EVEN + i;
		word_at(KSEG0(FRAME + 0x8010)) = ODD;
		eq("exception", guarded(code, FRAME + 0x10, ODD + i, 0, 0), 0);
		eq("word", trap.gpr[V0], EVEN + i);
		eq("word as stored", word_at(KSEG0(FRAME + 0x14)), ODD + i);
		if (i == 2 || i == 3)
			eq_word("mapped again", FRAME + 0x10, ODD);
		else
			eq("mapped again", load(FRAME + 0x10), EXC_TLBL);
	}
	/* kseg2 is mapped as ever, and the vector is still Status.EXL's matter */
	guarded(code, KSEG2, 0, 0, 0);
	expect(EXC_TLBL, VECTOR_REFILL, (uint32_t)code + 16, false);
	eq("Status.ERL", trap.status & ST_ERL, ST_ERL);
}

/* Parts of a misaligned word on two pages, of which one is missing: BadVAddr tells which; nothing was written or loaded.  */
static void unaligned_pairs(uint32_t row)
{
	bool big = (cp0_get(CP0_CONFIG) & 0x8000u) != 0;
	uint32_t border = KUSEG + 0x1000, at = border - 2, first = big ? at : at + 3, second = big ? at + 3 : at;
	const uint32_t *loads = CODE(LWL(V0, 0, A0), LWR(V0, 0, A1), RETURN), *stores = CODE(SWL(A2, 0, A0), SWR(A2, 0, A1), RETURN);

	(void)row;
	for (unsigned i = 0; i < 4; i++) {
		tlb_set(0, KUSEG, 0, 0, LO(FRAME, i & 1 ? RW : 0), LO(FRAME + 0x1000, i & 2 ? RW : 0));
		word_at(KSEG0(FRAME + 0xffc)) = word_at(KSEG0(FRAME + 0x1000)) = EVEN;
		guarded(loads, first, second, 0, 0);
		eq("exception of the load", trap_code(), i == 3 ? EXC_NONE : EXC_TLBL);
		if (i == 3)
			eq("word", trap.gpr[V0], 0x33441122u);
		if (i == 0 || (i == 1 && first >= border) || (i == 2 && first < border))
			eq("BadVAddr", trap.badvaddr, first);
		else if (i < 3)
			eq("BadVAddr", trap.badvaddr, second);
		guarded(stores, first, second, ODD, 0);
		eq("exception of the store", trap_code(), i == 3 ? EXC_NONE : EXC_TLBS);
		eq("even page", word_at(KSEG0(FRAME + 0xffc)) == EVEN, i != 3 && !(i == 1 && first < border));
		if (i == 0)
			eq("odd page", word_at(KSEG0(FRAME + 0x1000)), EVEN);
		if (i == 3) {
			guarded(loads, first, second, 0, 0);
			eq("word as stored", trap.gpr[V0], ODD);
		}
	}
}

/* A handler of the usual kind: an invalid page becomes valid, a clean one dirty, and the access goes on.  */
static unsigned repairs;

static bool repair(struct trap *t)
{
	unsigned code = t->cause >> 2 & 31u;
	uint32_t lo;

	repairs++;
	if (code != EXC_MOD && code != EXC_TLBL && code != EXC_TLBS)
		return false;
	tlbp();
	if (cp0_get(CP0_INDEX) >> 31)
		return false;
	tlbr();
	lo = code == EXC_MOD ? LO_D : LO_V;
	if (t->badvaddr & 0x1000u)
		cp0_set(CP0_ENTRYLO1, cp0_get(CP0_ENTRYLO1) | lo);
	else
		cp0_set(CP0_ENTRYLO0, cp0_get(CP0_ENTRYLO0) | lo);
	tlbwi();
	return true;
}

static void repaired(uint32_t row)
{
	(void)row;
	trap_hook = repair;
	word_at(KSEG0(FRAME)) = EVEN;
	word_at(KSEG0(FRAME + 0x1000)) = ODD;
	tlb_set(7, KUSEG, 0, 0, LO(FRAME, 0), LO(FRAME + 0x1000, 0));
	repairs = 0;
	eq("load", guarded((const void *)do_load, KUSEG + 0x1000, 0, 0, 0), 0);
	eq("word", trap.gpr[V0], ODD);
	eq("exceptions", repairs, 1);
	eq("store", guarded((const void *)do_store, KUSEG, 5, 0, 0), 0);
	eq("exceptions", repairs, 3); /* TLBS, then Mod */
	eq("store", guarded((const void *)do_store, KUSEG + 0x1000, 6, 0, 0), 0);
	eq("exceptions", repairs, 4);
	eq("even page", word_at(KSEG0(FRAME)), 5);
	eq("odd page", word_at(KSEG0(FRAME + 0x1000)), 6);
}

static const struct test tests[] = {
	{ "page-size", page_size, ARRAY_LEN(sizes), size_name },
	{ "mixed-sizes", mixed_sizes, 0, NULL },
	{ "asid", asid, 3, base_name },
	{ "global", global, 3, base_name },
	{ "permissions", permissions, 0, NULL },
	{ "remap", remap, 0, NULL },
	{ "alias", alias, 0, NULL },
	{ "unmapped-segments", unmapped_segments, 0, NULL },
	{ "kuseg-with-erl", kuseg_with_erl, 0, NULL },
	{ "unaligned-pairs", unaligned_pairs, 0, NULL },
	{ "repaired", repaired, 0, NULL },
};

const struct group tlb_group = { "tlb", tests, ARRAY_LEN(tests) };
