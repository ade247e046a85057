/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLB as an array: what TLBWI, TLBWR, TLBR and TLBP do to it, Wired, Random, duplicates, and refills that push entries out.
 * MD00086, the instructions' pages; MD00090 Index, Random, Wired, EntryHi, EntryLo, PageMask; MD00343 for what a 24K adds.
 */
#include "tests/guest/bare/bare.h"

#define KUSEG 0x10000000u
#define FRAME TEST_RAM
#define RW (LO_V | LO_D)
#define INDEX_P 0x80000000u

static const uint32_t masks[] = { 0, 0x6000, 0x1e000, 0x7e000, 0x1fe000, 0x7fe000, 0x1ffe000, 0x7ffe000, 0x1fffe000 };

struct entry { uint32_t hi, mask, lo0, lo1; };

static struct entry read_entry(unsigned index)
{
	struct entry e;

	cp0_set(CP0_INDEX, index);
	tlbr();
	e.hi = cp0_get(CP0_ENTRYHI);
	e.mask = cp0_get(CP0_PAGEMASK);
	e.lo0 = cp0_get(CP0_ENTRYLO0);
	e.lo1 = cp0_get(CP0_ENTRYLO1);
	return e;
}

static void eq_entry(unsigned index, const struct entry *e)
{
	struct entry got = read_entry(index);

	eq("EntryHi of TLBR", got.hi, e->hi);
	eq("PageMask of TLBR", got.mask, e->mask);
	eq("EntryLo0 of TLBR", got.lo0, e->lo0);
	eq("EntryLo1 of TLBR", got.lo1, e->lo1);
}

/* Every entry with every page size: what is written is read; G is the AND of both (MD00086 TLBR).  */
static void round_trip(uint32_t row)
{
	uint32_t mask = masks[row];

	for (unsigned g = 0; g < 4; g++) {
		for (unsigned i = 0; i < tlb_size(); i++)
			tlb_set(i, 0x80000000u + 0x2000 * i, 0, 0, 0, 0);
		for (unsigned i = 0; i < tlb_size(); i++) {
			uint32_t va = (KUSEG + i * 2 * (mask + 0x2000)) & ~mask, lo = (i * 0x155u & 0xffu) << 20 >> 6 & ~mask >> 7;
			struct entry e = { va | (0xa0 + i), mask, lo | (i & 7) << 3 | (i & 3) << 1, lo | (~i & 7) << 3 | LO_D };

			tlb_set(i, va, 0xa0 + i, mask, e.lo0 | (g & 1), e.lo1 | g >> 1);
			e.lo0 |= g == 3;
			e.lo1 |= g == 3;
			cp0_set(CP0_ENTRYHI, 0x5a000011u);
			cp0_set(CP0_PAGEMASK, mask ? 0 : 0x6000);
			cp0_set(CP0_ENTRYLO0, 0x3ffffe);
			cp0_set(CP0_ENTRYLO1, 0x3ffffe);
			eq_entry(i, &e);
			if (g == 3) /* the address space is too small for as many global pairs of the largest pages */
				tlb_set(i, 0x80000000u + 0x2000 * i, 0, 0, 0, 0);
		}
	}
	cp0_set(CP0_ENTRYHI, 0);
}

static const char *mask_name(uint32_t row)
{
	static const char *const names[] = { "4K", "16K", "64K", "256K", "1M", "4M", "16M", "64M", "256M" };

	return names[row];
}

static void fill(unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		tlb_set(i, KUSEG + 0x2000 * i, 0x20, 0, LO(FRAME + 0x2000 * i, RW), LO(FRAME + 0x2000 * i + 0x1000, LO_V));
}

static uint32_t probe(uint32_t va_asid)
{
	cp0_set(CP0_ENTRYHI, va_asid);
	tlbp();
	return cp0_get(CP0_INDEX);
}

/* MD00086 TLBP: VPN2 under the entry's mask, and ASID or G; V does not matter; P on a miss.  */
static void probes(uint32_t row)
{
	unsigned n = tlb_size();

	(void)row;
	fill(0, n);
	for (unsigned i = 0; i < n; i++) {
		eq("Index", probe((KUSEG + 0x2000 * i) | 0x20), i);
		eq("Index.P with another ASID", probe((KUSEG + 0x2000 * i) | 0x21) & INDEX_P, INDEX_P);
	}
	eq("EntryHi is as it was", cp0_get(CP0_ENTRYHI), (KUSEG + 0x2000 * (n - 1)) | 0x21);
	eq("Index.P beyond", probe((KUSEG + 0x2000 * n) | 0x20) & INDEX_P, INDEX_P);
	tlb_set(4, 0x20000000u, 0x20, 0x1fe000, 0, 0); /* 1 MiB pages, both invalid */
	eq("Index of a large page's inside", probe(0x201fe000u | 0x20), 4);
	eq("Index.P behind it", probe(0x20200000u | 0x20) & INDEX_P, INDEX_P);
	tlb_set(5, 0x20200000u, 0x20, 0, LO(FRAME, LO_G), LO(FRAME, LO_G));
	eq("Index of a global entry", probe(0x20200000u | 0x77), 5);
	tlb_set(5, 0x20200000u, 0x20, 0, LO(FRAME, LO_G), LO(FRAME, RW));
	eq("Index.P: G of one half only", probe(0x20200000u | 0x77) & INDEX_P, INDEX_P);
	cp0_set(CP0_INDEX, 5);
	eq("Index can be written after a miss, but for P", cp0_get(CP0_INDEX), INDEX_P | 5);
	cp0_set(CP0_ENTRYHI, 0);
}

/* MD00090 Random, Wired: Wired <= Random < entries; writing Wired sets Random to its upper bound; neither takes other bits.  */
static void random_bounds(uint32_t row)
{
	uint32_t n = tlb_size(), seen = 0, r;

	cp0_set(CP0_WIRED, row);
	eq("Wired", cp0_get(CP0_WIRED), row);
	r = cp0_get(CP0_RANDOM);
	eq("Random is in its bounds", r >= row && r < n, 1);
	for (unsigned i = 0; i < 600; i++) {
		if (test_random() & 1)
			tlbwr();
		r = cp0_get(CP0_RANDOM);
		eq("Random is in its bounds", r >= row && r < n, 1);
		seen |= 1u << r;
		cp0_set(CP0_ENTRYHI, KUSEG + 0x2000 * i);
	}
	cp0_set(CP0_RANDOM, 0xffffffffu);
	r = cp0_get(CP0_RANDOM);
	eq("Random takes no write", r >= row && r < n, 1);
	eq("values of Random met", seen, (n < 32 ? (1u << n) - 1 : 0xffffffffu) & ~((1u << row) - 1));
	cp0_set(CP0_ENTRYHI, 0);
}

/* TLBWR writes none of the wired entries, and each of the others sooner or later.  */
static void wired_entries(uint32_t row)
{
	unsigned n = tlb_size(), kept = 0;

	fill(0, n);
	cp0_set(CP0_WIRED, row);
	for (unsigned i = 0; i < 400; i++) {
		cp0_set(CP0_PAGEMASK, 0);
		cp0_set(CP0_ENTRYHI, (0x50000000u + 0x2000 * i) | 0x20);
		cp0_set(CP0_ENTRYLO0, LO(FRAME, RW));
		cp0_set(CP0_ENTRYLO1, LO(FRAME, RW));
		tlbwr();
	}
	for (unsigned i = 0; i < n; i++) {
		struct entry e = { (KUSEG + 0x2000 * i) | 0x20, 0, LO(FRAME + 0x2000 * i, RW), LO(FRAME + 0x2000 * i + 0x1000, LO_V) };

		if (i < row)
			eq_entry(i, &e);
		else
			kept += read_entry(i).hi == e.hi;
	}
	eq("entries that are not wired and still there", kept, 0);
	cp0_set(CP0_WIRED, 0);
	cp0_set(CP0_ENTRYHI, 0);
}

static const char *wired_name(uint32_t row)
{
	static const char *const names[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15" };

	return names[row];
}

/* What TLBWR pushed out is out: TLBP finds what TLBR shows, nothing else.  */
static void pushed_out(uint32_t row)
{
	unsigned n = tlb_size();

	(void)row;
	for (unsigned i = 0; i < 5 * n; i++) {
		cp0_set(CP0_ENTRYHI, (KUSEG + 0x2000 * i) | 0x20);
		cp0_set(CP0_ENTRYLO0, LO(FRAME + 0x2000 * i, RW));
		cp0_set(CP0_ENTRYLO1, LO(FRAME + 0x2000 * i, RW));
		tlbwr();
	}
	for (unsigned i = 0; i < 5 * n; i++) {
		uint32_t va = KUSEG + 0x2000 * i;
		bool missing = (probe(va | 0x20) & INDEX_P) != 0;

		eq("exception code of a load behind TLBP", load(va), missing ? EXC_TLBL : EXC_NONE);
	}
	for (unsigned i = 0; i < 5 * n; i++) {
		uint32_t hi = (KUSEG + 0x2000 * i) | 0x20, found = probe(hi), in_array = INDEX_P;

		for (unsigned k = 0; k < n; k++)
			if (read_entry(k).hi == hi)
				in_array = k;
		eq("Index", found & INDEX_P ? INDEX_P : found, in_array);
	}
	cp0_set(CP0_ENTRYHI, 0);
}

/* Ways to be sure that an entry is gone without knowing where TLBWR put it: every index that is not wired is overwritten, or looked at.
   In between others may come.  */
enum sweep { ASCENDING, DESCENDING, ASCENDING_WITH_REFILLS, DESCENDING_WITH_REFILLS, LOOKING, LOOKING_WITH_REFILLS, ONLY_INDEX };

static void random_entry(uint32_t va)
{
	cp0_set(CP0_PAGEMASK, 0);
	cp0_set(CP0_ENTRYHI, va | 0x20);
	cp0_set(CP0_ENTRYLO0, LO(FRAME, RW));
	cp0_set(CP0_ENTRYLO1, LO(FRAME + 0x1000, RW));
	tlbwr();
}

static void sweep(enum sweep way, unsigned n, uint32_t first, uint32_t end)
{
	bool down = way == DESCENDING || way == DESCENDING_WITH_REFILLS;

	for (unsigned k = 0; k < n; k++) {
		unsigned i = down ? n - 1 - k : k;
		uint32_t hi = way >= LOOKING ? read_entry(i).hi : 0;

		if (way < LOOKING || (hi >= first && hi < end))
			tlb_set(i, 0x80000000u + 0x2000 * i, 0, 0, 0, 0);
		if (way == ASCENDING_WITH_REFILLS || way == DESCENDING_WITH_REFILLS || way == LOOKING_WITH_REFILLS)
			random_entry(0x50000000u + 0x2000 * k);
	}
}

static void swept(uint32_t row)
{
	unsigned n = tlb_size(), pages = 3 * n, wired = row & 1 ? 3 : 0;

	for (unsigned i = 0; i < n; i++)
		tlb_set(i, 0x80000000u + 0x2000 * i, 0, 0, 0, 0);
	cp0_set(CP0_WIRED, row == ONLY_INDEX ? n - 1 : wired);
	for (unsigned i = 0; i < pages; i++) {
		random_entry(KUSEG + 0x2000 * i);
		eq("load", load(KUSEG + 0x2000 * i), EXC_NONE);
	}
	if (row == ONLY_INDEX) /* each TLBWR took the place of the one before */
		random_entry(0x50000000u);
	else
		sweep((enum sweep)row, n, KUSEG, KUSEG + 0x2000 * pages);
	cp0_set(CP0_ENTRYHI, 0x20);
	for (unsigned i = 0; i < pages; i++) {
		unsigned code = load(KUSEG + 0x2000 * i);

		if (row == ONLY_INDEX)
			eq_not_qemu("MD00086 TLBWR", "exception code behind TLBWR", code, EXC_TLBL);
		else
			eq("exception code behind the sweep", code, EXC_TLBL);
	}
	cp0_set(CP0_WIRED, 0);
	cp0_set(CP0_ENTRYHI, 0);
}

static const char *sweep_name(uint32_t row)
{
	static const char *const names[] = { "ascending", "descending", "ascending-with-refills", "descending-with-refills", "looking",
		"looking-with-refills", "only-index" };

	return names[row];
}

/* Refills of far more pages than there are entries, by TLBWR from Context as an operating system does it.  */
static unsigned refills;
static uint32_t shift; /* the page table: page p is at frame p ^ shift */

static bool refill(struct trap *t)
{
	uint32_t vpn2 = t->context >> 4 & 0x7ffffu, first = (2 * vpn2 - (KUSEG >> 12)) ^ shift;

	refills++;
	if (t->vector != VECTOR_REFILL || (t->badvaddr & 0xf0000000u) != KUSEG)
		return false;
	cp0_set(CP0_ENTRYLO0, LO(FRAME + 0x1000 * first, RW));
	cp0_set(CP0_ENTRYLO1, LO(FRAME + 0x1000 * (first ^ 1), RW));
	tlbwr();
	return true;
}

static void refilled(uint32_t row)
{
	unsigned pages = 16 * tlb_size();

	(void)row;
	trap_hook = refill;
	shift = 0;
	for (unsigned p = 0; p < pages; p++)
		word_at(KSEG0(FRAME + 0x1000 * p + 0x80)) = 0xabc00000u + p;
	refills = 0;
	for (unsigned i = 0; i < 3 * pages; i++) {
		unsigned p = i < pages ? i : test_random() % pages;

		eq("load", guarded((const void *)do_load, KUSEG + 0x1000 * p + 0x80, 0, 0, 0), 0);
		eq("word", trap.gpr[V0], 0xabc00000u + p);
	}
	eq("refills, at least one for each pair", refills >= pages / 2, 1);
	/* Another page table for the same addresses: the array is swept, as a kernel does it.  */
	shift = 6;
	tlb_clear();
	cp0_set(CP0_ENTRYHI, 0);
	refills = 0;
	for (unsigned p = 0; p < pages; p++) {
		eq("load", guarded((const void *)do_load, KUSEG + 0x1000 * p + 0x80, 0, 0, 0), 0);
		eq("word of the new page table", trap.gpr[V0], 0xabc00000u + (p ^ shift));
	}
	eq("refills after the sweep", refills >= pages / 2, 1);
	/* And for another ASID, the old one's entries being of no account.  */
	shift = 0;
	cp0_set(CP0_ENTRYHI, 1);
	for (unsigned p = 0; p < pages; p++) {
		eq("load", guarded((const void *)do_load, KUSEG + 0x1000 * p + 0x80, 0, 0, 0), 0);
		eq("word with another ASID", trap.gpr[V0], 0xabc00000u + p);
	}
}

/* MD00343, machine check: a write that would give an address two valid entries raises it, sets Status.TS and is not done.  */
static void duplicate(uint32_t row)
{
	static const struct { uint32_t va, asid, mask, lo0, lo1; bool dup; } second[] = {
		{ KUSEG, 0x20, 0, LO(FRAME, RW), LO(FRAME, RW), true },
		{ KUSEG, 0x20, 0, LO(FRAME, LO_V), 0, true },
		{ KUSEG, 0x21, 0, LO(FRAME, RW), LO(FRAME, RW), false },
		{ KUSEG, 0x21, 0, LO(FRAME, RW | LO_G), LO(FRAME, RW | LO_G), true },
		{ KUSEG, 0x21, 0, LO(FRAME, RW | LO_G), LO(FRAME, RW), false },
		{ KUSEG & ~0x1fffffu, 0x20, 0x1fe000, LO(FRAME, RW), LO(FRAME, RW), true },
		{ KUSEG + 0x2000, 0x20, 0, LO(FRAME, RW), LO(FRAME, RW), false },
	};
	uint32_t *write = CODE(TLBWI, RETURN), *write_random = CODE(TLBWR, RETURN);
	struct entry before = { 0x60000020u, 0, LO(FRAME, RW), LO(FRAME, RW) };

	for (unsigned random = 0; random < 2; random++) {
		uint32_t code;

		tlb_clear();
		tlb_set(3, KUSEG, 0x20, 0, LO(FRAME, RW), LO(FRAME, RW));
		tlb_set(tlb_size() - 1, 0x60000000u, 0x20, 0, LO(FRAME, RW), LO(FRAME, RW));
		cp0_set(CP0_WIRED, tlb_size() - 1);
		cp0_set(CP0_PAGEMASK, second[row].mask);
		cp0_set(CP0_ENTRYHI, second[row].va | second[row].asid);
		cp0_set(CP0_ENTRYLO0, second[row].lo0);
		cp0_set(CP0_ENTRYLO1, second[row].lo1);
		guarded(random ? write_random : write, 0, 0, 0, 0);
		code = trap_code();
		eq_not_qemu("MD00343 Machine check", "exception code", code, second[row].dup ? EXC_MCHECK : EXC_NONE);
		if (code == EXC_MCHECK) {
			expect(EXC_MCHECK, VECTOR_GENERAL, (uint32_t)(random ? write_random : write), false);
			eq("Status.TS", trap.status >> 21 & 1, 1);
			eq_entry(tlb_size() - 1, &before);
		}
		cp0_set(CP0_WIRED, 0);
		cp0_set(CP0_STATUS, 0);
	}
	/* An entry may be written again where it is.  */
	tlb_set(3, KUSEG, 0x20, 0, LO(FRAME, RW), LO(FRAME, RW));
	tlb_set(3, KUSEG, 0x20, 0, LO(FRAME, LO_V), LO(FRAME, RW));
	cp0_set(CP0_ENTRYHI, 0);
}

static const char *duplicate_name(uint32_t row)
{
	static const char *const names[] = { "same", "same-half-valid", "other-asid", "global", "half-global", "larger", "neighbour" };

	return names[row];
}

/* TLBR takes ASID from the entry: the address space is another one at once.  MD00086 TLBR.  */
static void read_changes_asid(uint32_t row)
{
	(void)row;
	word_at(KSEG0(FRAME)) = 1;
	word_at(KSEG0(FRAME + 0x2000)) = 2;
	tlb_set(0, KUSEG, 0x31, 0, LO(FRAME, RW), LO(FRAME, RW));
	tlb_set(1, KUSEG, 0x32, 0, LO(FRAME + 0x2000, RW), LO(FRAME + 0x2000, RW));
	for (unsigned i = 0; i < 6; i++) {
		(void)read_entry(i & 1);
		eq_word("word", KUSEG, 1 + (i & 1));
	}
	cp0_set(CP0_ENTRYHI, 0);
}

/* MD00086 TLBWI: an entry is gone when another takes its place, valid or not.  */
static void overwritten(uint32_t row)
{
	(void)row;
	for (unsigned i = 0; i < tlb_size(); i++) {
		tlb_set(i, KUSEG, 0, 0, LO(FRAME, RW), LO(FRAME, RW));
		eq("load", load(KUSEG), EXC_NONE);
		tlb_set(i, KUSEG + 0x2000, 0, 0, LO(FRAME, RW), LO(FRAME, RW));
		eq("load from the old address", load(KUSEG), EXC_TLBL);
		eq("vector", trap.vector, VECTOR_REFILL);
		eq("load from the new one", load(KUSEG + 0x2000), EXC_NONE);
		tlb_set(i, 0x80000000u + 0x2000 * i, 0, 0, 0, 0);
		cp0_set(CP0_ENTRYHI, 0);
		eq("load after it was cleared", load(KUSEG + 0x2000), EXC_TLBL);
		eq("vector", trap.vector, VECTOR_REFILL);
	}
}

static const struct test tests[] = {
	{ "round-trip", round_trip, ARRAY_LEN(masks), mask_name },
	{ "probe", probes, 0, NULL },
	{ "random", random_bounds, 16, wired_name },
	{ "wired", wired_entries, 16, wired_name },
	{ "pushed-out", pushed_out, 0, NULL },
	{ "swept", swept, 7, sweep_name },
	{ "refill", refilled, 0, NULL },
	{ "duplicate", duplicate, 7, duplicate_name },
	{ "read-changes-asid", read_changes_asid, 0, NULL },
	{ "overwritten", overwritten, 0, NULL },
};

const struct group tlb_array_group = { "tlb_array", tests, ARRAY_LEN(tests) };
