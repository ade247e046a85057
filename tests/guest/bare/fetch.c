/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Instruction fetch: address errors, TLB exceptions of fetches in both positions, code in mapped pages whose mapping, ASID or neighbour
 * changes, jumps across regions, code in every segment.
 * MD00090, "Exceptions", "Virtual memory"; MD00086 J, JR.
 */
#include "tests/guest/bare/bare.h"

#define KUSEG 0x00400000u
#define KSEG2 0xc0000000u
#define REGION 0x10000000u
#define CONFIG1_CA 4u
#define WORDS GUEST_PAGE_WORDS
#define RW (LO_V | LO_D)

/* Pages of code: "return N"; physical addresses.  */
static uint32_t answer(uint32_t n) { return code_page((const uint32_t[]){ ADDIU(V0, ZERO, n), RETURN }, 3); }

/* A page whose last word is @last and whose word before that is @before; the rest, and the words of @first, come first.  */
static uint32_t page_with_end(uint32_t before, uint32_t last)
{
	static uint32_t words[WORDS];

	for (unsigned i = 0; i < WORDS; i++)
		words[i] = NOP;
	words[WORDS - 2] = before;
	words[WORDS - 1] = last;
	return code_page(words, WORDS);
}

static void map(unsigned index, uint32_t va, uint32_t asid, uint32_t even, uint32_t odd)
{
	tlb_set(index, va, asid, 0, even ? LO(even, RW) : 0, odd ? LO(odd, RW) : 0);
}

static void eq_call(const char *what, uint32_t va, uint32_t expected)
{
	unsigned code = call(va, 0);

	if (code != EXC_NONE)
		eq("exception code of a call", code, EXC_NONE);
	else
		eq(what, trap.gpr[V0], expected);
}

/* MD00090, "Address error exception": a jump to a misaligned address is noticed at the fetch; EPC and BadVAddr are that address.  With
   MIPS16e (Config1.CA) bit 0 is the instruction set, not part of the address.  */
static void misaligned_at(uint32_t target, bool missing)
{
	const uint32_t *jump = CODE(NOP, JR(A0), ADDIU(V0, ZERO, 7)), *link = CODE(JALR(T8, A0), ADDIU(V0, ZERO, 8));

	if ((target & 1u) && (cp0_get(CP0_CONFIG1) & CONFIG1_CA))
		return;
	guarded(jump, target, 0, 0, 0);
	if (missing) {
		eq_not_qemu("MD00090 Exception priority", "exception code", trap_code(), EXC_ADEL);
		if (trap_code() != EXC_ADEL)
			return;
	}
	expect(EXC_ADEL, VECTOR_GENERAL, target, false);
	eq("BadVAddr", trap.badvaddr, target);
	eq("the slot was executed", trap.gpr[V0], 7);
	guarded(link, target, 0, 0, 0);
	expect(EXC_ADEL, VECTOR_GENERAL, target, false);
	eq("link register", trap.gpr[T8], (uint32_t)link + 8);
	eq("the slot was executed", trap.gpr[V0], 8);
}

static void misaligned(uint32_t row)
{
	(void)row;
	for (unsigned i = 1; i < 4; i++)
		misaligned_at((uint32_t)CODE(RETURN) + i, false);
}

static void misaligned_and_missing(uint32_t row)
{
	(void)row;
	misaligned_at(0x00800001u, true);
	misaligned_at(0x00800002u, true);
	misaligned_at(0xc0800ffeu, true);
}

/* A fetch that finds no entry, or an invalid one: the exception belongs to the target, not to the jump.  */
static void faults(uint32_t row)
{
	static const struct { uint32_t va; bool refill; } rows[] = {
		{ 0x00800124, true }, { KUSEG + 0x1ffc, false }, { 0xc0800ffc, true }, { 0xe0000000, true }, { KUSEG + 0x1000, false },
	};
	const uint32_t *jump = CODE(JR(A0), ADDIU(V0, ZERO, 7));

	(void)row;
	cp0_set(CP0_CONTEXT, 0xff800000u);
	map(0, KUSEG, 0, answer(1), 0);
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		guarded(jump, rows[i].va, 0, 0, 0);
		expect(EXC_TLBL, rows[i].refill ? VECTOR_REFILL : VECTOR_GENERAL, rows[i].va, false);
		eq("BadVAddr", trap.badvaddr, rows[i].va);
		eq("Context", trap.context, 0xff800000u | rows[i].va >> 13 << 4);
		eq("EntryHi", trap.entryhi, rows[i].va & 0xffffe000u);
		eq("the slot was executed", trap.gpr[V0], 7);
	}
	eq_call("the page that is there", KUSEG, 1);
}

/* Control runs off a page into one that is not there.  */
static void runs_off(uint32_t row)
{
	uint32_t first = page_with_end(ADDIU(V0, ZERO, 5), ADDIU(V0, V0, 6));

	(void)row;
	for (unsigned invalid = 0; invalid < 2; invalid++) {
		uint32_t va = KSEG2 + (invalid ? 0 : 0x1000);

		tlb_clear();
		map(0, KSEG2, 0, invalid ? first : 0, invalid ? 0 : first);
		call(va + 0xff8, 0);
		expect(EXC_TLBL, invalid ? VECTOR_GENERAL : VECTOR_REFILL, va + 0x1000, false);
		eq("BadVAddr", trap.badvaddr, va + 0x1000);
		eq("what was executed", trap.gpr[V0], 11);
		map(invalid ? 0 : 1, KSEG2 + (invalid ? 0 : 0x2000), 0, invalid ? first : answer(12), invalid ? answer(13) : 0);
		eq_call("with the next page", va + 0xff8, invalid ? 13 : 12);
	}
}

/* A branch in the last word of a page; its slot, in the next one, is missing, then there.  */
static void slot_on_another_page(uint32_t row)
{
	static const struct { uint32_t branch; bool taken, link, likely_not; } rows[] = {
		{ BEQ(ZERO, ZERO), true, false, false }, { BEQ(A1, ZERO), false, false, false }, { BGEZAL(ZERO), true, true, false },
		{ JR(A1), true, false, false }, { JALR(RA, A1), true, true, false }, { BEQL(A1, A1), true, false, false },
		{ BNEL(A1, A1), false, false, true },
	};
	uint32_t target = KSEG2 + 0x1010, va = KSEG2 + 0xff4, branch = rows[row].branch, even, odd;

	if (branch >> 26)
		branch = BRANCH(branch, (target - (KSEG2 + 0x1000)) / 4);
	even = page_with_end(ADDIU(V0, ZERO, 1), branch);
	*(volatile uint32_t *)KSEG0(even + 0xff4) = MOVE(T8, RA);
	odd = code_page((const uint32_t[]){ ADDIU(V0, V0, 2), JR(T8), ADDIU(V0, V0, 4), NOP, JR(T8), ADDIU(V0, V0, 8) }, 6);
	code_sync((const void *)KSEG0(even + 0xff4), 3);
	for (unsigned i = 0; i < 3; i++) {
		map(0, KSEG2, 0, even, i == 1 ? odd : 0);
		guarded((const void *)va, 0, target, 0, 0);
		if (rows[row].likely_not && i != 1) { /* the slot is nullified; what comes behind it is missing too */
			expect(EXC_TLBL, VECTOR_GENERAL, KSEG2 + 0x1004, false);
		} else if (i != 1) {
			expect(EXC_TLBL, VECTOR_GENERAL, KSEG2 + 0xffc, true);
			eq("BadVAddr", trap.badvaddr, KSEG2 + 0x1000);
			eq("V0", trap.gpr[V0], 1);
			if (rows[row].link)
				eq("link register", trap.gpr[RA], KSEG2 + 0x1004);
		} else {
			eq("exception", trap_code(), EXC_NONE);
			eq("result", trap.gpr[V0], rows[row].likely_not ? 5 : rows[row].taken ? 11 : 7);
		}
	}
}

static const char *straddle_name(uint32_t row)
{
	static const char *const names[] = { "beq", "beq-not-taken", "bgezal", "jr", "jalr", "beql", "bnel-not-taken" };

	return names[row];
}

/* The handler maps what is missing and the code goes on: at the branch for a slot, at the word itself otherwise.  */
static uint32_t page_of[4];
static unsigned maps;

static bool map_missing(struct trap *t)
{
	unsigned pair = t->badvaddr >> 13 & 1u;

	maps++;
	if ((t->badvaddr & 0xffffc000u) != KSEG2)
		return false;
	tlb_set(8 + pair, KSEG2 + 0x2000 * pair, 0, 0, LO(page_of[2 * pair], RW), LO(page_of[2 * pair + 1], RW));
	return true;
}

static void goes_on(uint32_t row)
{
	(void)row;
	page_of[0] = answer(99);
	page_of[1] = page_with_end(MOVE(T8, RA), BRANCH(BGEZAL(ZERO), 3));
	page_of[2] = code_page((const uint32_t[]){ ADDIU(V0, ZERO, 2), NOP, NOP, JR(T8), ADDIU(V0, V0, 8) }, 5);
	page_of[3] = answer(98);
	trap_hook = map_missing;
	maps = 0;
	eq("exception", guarded((const void *)(KSEG2 + 0x1ff8), 0, 0, 0, 0), 0);
	eq("result", trap.gpr[V0], 10);
	eq("exceptions", maps, 2);
	eq("exception", guarded((const void *)(KSEG2 + 0x1ff8), 0, 0, 0, 0), 0);
	eq("result", trap.gpr[V0], 10);
	eq("exceptions", maps, 2);
}

/* The same address: other ASID, other code.  */
static void asid_chooses(uint32_t row)
{
	uint32_t a = answer(1), b = answer(2), c = answer(3), va = row ? KSEG2 : KUSEG;

	map(0, va, 0x21, a, b);
	map(1, va, 0xa1, b, c);
	map(2, va, 0x20, 0, a);
	for (unsigned i = 0; i < 12; i++) {
		cp0_set(CP0_ENTRYHI, 0x21);
		eq_call("ASID 0x21", va, 1);
		eq_call("ASID 0x21, odd page", va + 0x1000, 2);
		cp0_set(CP0_ENTRYHI, 0xa1);
		eq_call("ASID 0xa1", va, 2);
		eq_call("ASID 0xa1, odd page", va + 0x1000, 3);
		cp0_set(CP0_ENTRYHI, 0x20);
		eq("ASID 0x20", call(va, 0), EXC_TLBL);
		eq_call("ASID 0x20, odd page", va + 0x1000, 1);
	}
}

static const char *segment_name(uint32_t row) { return row ? "kseg2" : "kuseg"; }

/* Code of one ASID calls itself into another: what follows the MTC0 is fetched from a global page.  */
static void asid_changed_by_global_code(uint32_t row)
{
	uint32_t a = answer(1), b = answer(2), global;

	(void)row;
	global = code_page((const uint32_t[]){ MOVE(T8, RA), MTC0(A0, C0_ENTRYHI), EHB, JALR(RA, A1), NOP, MOVE(T0, V0), MTC0(A2, C0_ENTRYHI),
		EHB, JALR(RA, A1), SLL(T0, T0, 8), JR(T8), OR(V0, V0, T0) }, 12);
	map(0, KUSEG, 1, a, 0);
	map(1, KUSEG, 2, b, 0);
	tlb_set(2, KSEG2, 0x55, 0, LO(global, RW | LO_G), LO(global, RW | LO_G));
	for (unsigned i = 0; i < 10; i++) {
		eq("exception", guarded((const void *)(KSEG2 + (i & 1) * 0x1000), 1, KUSEG, 2, 0), 0);
		eq("answers", trap.gpr[V0], 0x102);
		eq("exception", guarded((const void *)(KSEG2 + (i & 1) * 0x1000), 2, KUSEG, 1, 0), 0);
		eq("answers", trap.gpr[V0], 0x201);
	}
	cp0_set(CP0_ENTRYHI, 0);
}

/* Another frame for code that has just run; no cache operation is needed, for no line has changed.  */
static void remapped(uint32_t row)
{
	uint32_t page[4];

	(void)row;
	for (unsigned i = 0; i < 4; i++)
		page[i] = answer(20 + i);
	for (unsigned i = 0; i < 40; i++) {
		map(0, KUSEG, 0, page[i % 4], page[(i + 1) % 4]);
		eq_call("even", KUSEG, 20 + i % 4);
		eq_call("odd", KUSEG + 0x1000, 20 + (i + 1) % 4);
		map(0, KUSEG, 0, 0, page[(i + 1) % 4]);
		eq("not valid any more", call(KUSEG, 0), EXC_TLBL);
		eq("vector", trap.vector, VECTOR_GENERAL);
	}
}

/* The page in which code runs is taken away by that code: what is behind TLBWI cannot be fetched.  It is in the unmapped segments that
   such code is safe; here the hazard barrier makes it certain.  */
static void takes_itself_away(uint32_t row)
{
	uint32_t page = code_page((const uint32_t[]){ TLBWI, JALR(RA, A0) | 1u << 10, NOP }, 3);

	(void)row;
	map(0, KUSEG, 0, page, 0);
	cp0_set(CP0_ENTRYLO0, 0);
	guarded((const void *)KUSEG, KUSEG + 0xc, 0, 0, 0);
	expect(EXC_TLBL, VECTOR_GENERAL, trap.epc == KUSEG + 4 ? KUSEG + 4 : KUSEG + 0xc, false);
	eq("BadVAddr", trap.badvaddr, trap.epc);
}

/* MD00086 J: the region is the slot's.  */
static void region(uint32_t row)
{
	uint32_t last, next, target = REGION + 0x40;

	(void)row;
	last = page_with_end(MOVE(T8, RA), J(target));
	next = code_page((const uint32_t[]){ ADDIU(V0, ZERO, 1), JR(T8), ADDIU(V0, ZERO, 99) }, 3);
	word_at(KSEG0(next + 0x40)) = JR(T8);
	word_at(KSEG0(next + 0x44)) = ADDIU(V0, V0, 2);
	code_sync((const void *)KSEG0(next + 0x40), 2);
	map(0, REGION - 0x2000, 0, 0, last);
	map(1, REGION, 0, next, 0);
	map(2, 0x0, 0, answer(50), 0); /* where the jump's own region would lead */
	eq_call("J in the last word of a region", REGION - 8, 3);
	last = page_with_end(MOVE(T8, RA), JAL(target));
	map(0, REGION - 0x2000, 0, 0, last);
	eq_call("JAL in the last word of a region", REGION - 8, 3);
}

/* One piece of code through every segment that shows it.  */
static void segments(uint32_t row)
{
	uint32_t page = code_page((const uint32_t[]){ MOVE(T8, RA), BRANCH(BGEZAL(ZERO), 1), NOP, JR(T8), MOVE(V0, RA) }, 5);

	(void)row;
	map(0, KUSEG, 0, page, page);
	tlb_set(1, KSEG2, 0, 0x1e000, LO(page, RW), LO(page, RW)); /* 64 KiB pages: the low bits of the frame do not count */
	map(2, 0xe0000000u, 0, page, page);
	for (unsigned i = 0; i < 3; i++) {
		eq_call("kseg0", KSEG0(page), KSEG0(page) + 12);
		eq_call("kseg1", KSEG1(page), KSEG1(page) + 12);
		eq_call("kuseg", KUSEG + 0x1000, KUSEG + 0x100c);
		eq_call("kseg3", 0xe0000000u, 0xe000000cu);
		eq_call("kseg2", KSEG2 + (page & 0xffff), KSEG2 + (page & 0xffff) + 12);
	}
}

static const struct test tests[] = {
	{ "misaligned", misaligned, 0, NULL },
	{ "misaligned-and-missing", misaligned_and_missing, 0, NULL },
	{ "faults", faults, 0, NULL },
	{ "runs-off", runs_off, 0, NULL },
	{ "slot-on-another-page", slot_on_another_page, 7, straddle_name },
	{ "goes-on", goes_on, 0, NULL },
	{ "asid", asid_chooses, 2, segment_name },
	{ "asid-changed-by-global-code", asid_changed_by_global_code, 0, NULL },
	{ "remapped", remapped, 0, NULL },
	{ "takes-itself-away", takes_itself_away, 0, NULL },
	{ "region", region, 0, NULL },
	{ "segments", segments, 0, NULL },
};

const struct group fetch_group = { "fetch", tests, ARRAY_LEN(tests) };
