/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Code that changes: with CACHE operations, with SYNCI, through another mapping, in the page that runs; and CACHE as an instruction that
 * may fault.
 * MD00086 CACHE, SYNCI; MD00343, "Caches".  What is rewritten without any cache operation and run at once is UNPREDICTABLE in the manual;
 * that row says so and holds for machines without a cache model.
 */
#include "tests/guest/bare/bare.h"

#define KSEG2 0xc0400000u
#define RW (LO_V | LO_D)
#define I_HIT_INVALIDATE 0x10u
#define I_INDEX_INVALIDATE 0x00u
#define D_HIT_WRITEBACK 0x19u
#define D_HIT_WRITEBACK_INVALIDATE 0x15u
#define D_HIT_INVALIDATE 0x11u
#define D_INDEX_WRITEBACK_INVALIDATE 0x01u
#define I_FILL 0x14u

enum way { BY_HIT, BY_INDEX, BY_SYNCI, BY_KSEG1, BY_NOTHING };

static const char *way_name(uint32_t row)
{
	static const char *const names[] = { "hit", "index", "synci", "kseg1", "nothing" };

	return names[row];
}

#define CACHE_OP(op, va) __asm__ volatile("cache %0, 0(%1)" : : "i"(op), "r"(va) : "memory")

/* Write one instruction word at kseg0 address @va and make it known.  */
static void rewrite(uint32_t va, uint32_t word, enum way way)
{
	if (way == BY_KSEG1) {
		word_at(va | 0x20000000u) = word;
		CACHE_OP(D_HIT_INVALIDATE, va);
		CACHE_OP(I_HIT_INVALIDATE, va);
		return;
	}
	word_at(va) = word;
	switch (way) {
	case BY_HIT:
		CACHE_OP(D_HIT_WRITEBACK, va);
		CACHE_OP(I_HIT_INVALIDATE, va);
		break;
	case BY_INDEX: /* one way of a direct-mapped or set-associative cache would not do: all of them */
		for (uint32_t i = 0; i < 0x8000; i += 16) {
			CACHE_OP(D_INDEX_WRITEBACK_INVALIDATE, 0x80000000u + i);
			CACHE_OP(I_INDEX_INVALIDATE, 0x80000000u + i);
		}
		break;
	case BY_SYNCI:
		code_sync((const void *)va, 1);
		break;
	case BY_KSEG1:
	case BY_NOTHING:
		break;
	}
	__asm__ volatile("sync\n\tehb" : : : "memory");
}

/* A function whose answer is rewritten many times.  */
static void rewritten(uint32_t row)
{
	uint32_t at = (uint32_t)CODE(ADDIU(V0, ZERO, 0), ADDIU(V0, V0, 1), RETURN);

	for (unsigned i = 0; i < (row == BY_INDEX ? 3u : 20u); i++) {
		rewrite(at, ADDIU(V0, ZERO, i), (enum way)row);
		eq("exception", call(at, 0), EXC_NONE);
		eq("answer", trap.gpr[V0], i + 1);
	}
	rewrite(at, ADDIU(V0, ZERO, 0), (enum way)row);
}

/* A loop body that is rewritten while the function around it is hot: plain, the slot of a branch, the branch itself.  */
static void loop_rewritten(uint32_t row)
{
	uint32_t at = (uint32_t)CODE(MOVE(V0, ZERO), ADDIU(A0, A0, -1), ADDIU(V0, V0, 1), BRANCH(BNE(A0, ZERO), -3), NOP, RETURN);

	rewrite(at + 8, ADDIU(V0, V0, 1), (enum way)row);
	rewrite(at + 16, NOP, (enum way)row);
	for (unsigned i = 1; i < 8; i++) {
		eq("exception", call(at, 50), EXC_NONE);
		eq("sum", trap.gpr[V0], 50 * i);
		rewrite(at + 8, ADDIU(V0, V0, i + 1), (enum way)row);
	}
	rewrite(at + 16, ADDIU(V0, V0, 100), (enum way)row);
	call(at, 50);
	eq("sum with another slot", trap.gpr[V0], 50 * 108);
	rewrite(at + 12, NOP, (enum way)row);
	call(at, 50);
	eq("without the branch", trap.gpr[V0], 108);
	rewrite(at + 12, BRANCH(BNE(A0, ZERO), -3), (enum way)row);
	rewrite(at + 16, NOP, (enum way)row);
}

/* Code runs in one mapping and is rewritten through another.  */
static void through_alias(uint32_t row)
{
	uint32_t page = code_page((const uint32_t[]){ ADDIU(V0, ZERO, 0), RETURN }, 3);

	tlb_set(4, KSEG2, 0, 0, LO(page, LO_V | LO_G), LO(page, LO_V | LO_G));
	for (unsigned i = 0; i < 20; i++) {
		rewrite(KSEG0(page), ADDIU(V0, ZERO, i), (enum way)row);
		eq("exception", call(KSEG2, 0), EXC_NONE);
		eq("answer at the first address", trap.gpr[V0], i);
		eq("exception", call(KSEG2 + 0x1000, 0), EXC_NONE);
		eq("answer at the second", trap.gpr[V0], i);
	}
	rewrite(KSEG0(page), ADDIU(V0, ZERO, 0), (enum way)row);
}

/* Data in a page of hot code is written; the code beside it goes on as it was.  */
static void data_beside_code(uint32_t row)
{
	uint32_t page = KSEG0(code_page((const uint32_t[]){ LW(V0, 0x100, A0), ADDIU(V0, V0, 1), SW(V0, 0x100, A0), RETURN }, 5));

	(void)row;
	word_at(page + 0x100) = 5;
	for (unsigned i = 0; i < 100; i++) {
		eq("exception", call(page, page), EXC_NONE);
		eq("counter", trap.gpr[V0], 6 + i);
	}
	word_at(page + 0x100) = 0;
}

/* A function that writes the next one over itself: the manual's sequence inside the page that runs.  */
static void writes_itself(uint32_t row)
{
	uint32_t at = (uint32_t)CODE(SW(A1, 32, A0), SYNCI(32, A0), 0xfu /* sync */, EHB, NOP, NOP, NOP, NOP, ADDIU(V0, ZERO, 0), RETURN);

	(void)row;
	for (unsigned i = 0; i < 20; i++) {
		eq("exception", guarded((const void *)at, at, ADDIU(V0, ZERO, i), 0, 0), 0);
		eq("answer", trap.gpr[V0], i);
	}
	rewrite(at + 32, ADDIU(V0, ZERO, 0), BY_SYNCI);
}

/* MD00086 CACHE: an address-type operation may raise TLB refill and invalid; index operations, and hits in kseg0, nothing.  */
static void operation_faults(uint32_t row)
{
	static const struct { const char *name; uint32_t op; bool by_address; } rows[] = {
		{ "i hit invalidate", I_HIT_INVALIDATE, true }, { "d hit writeback", D_HIT_WRITEBACK, true },
		{ "d hit writeback invalidate", D_HIT_WRITEBACK_INVALIDATE, true }, { "d hit invalidate", D_HIT_INVALIDATE, true },
		{ "i fill", I_FILL, true },
	};

	(void)row;
	word_at(KSEG0(TEST_RAM)) = 99;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		uint32_t *code = CODE(ADDIU(V0, ZERO, 1), CACHE(rows[i].op, 0, A0), RETURN);

		test_case = rows[i].name;
		guarded(code, KSEG0((uint32_t)code), 0, 0, 0);
		eq("exception in kseg0", trap_code(), EXC_NONE);
		guarded(code, 0x00800010u, 0, 0, 0);
		eq_not_qemu("MD00086 CACHE", "exception code of a missing page", trap_code(), EXC_TLBL);
		if (trap.count) {
			expect(EXC_TLBL, VECTOR_REFILL, (uint32_t)code + 4, false);
			eq("BadVAddr", trap.badvaddr, 0x00800010u);
		}
		tlb_set(4, 0x00800000u, 0, 0, 0, LO(TEST_RAM, LO_V));
		guarded(code, 0x00800010u, 0, 0, 0);
		eq_not_qemu("MD00086 CACHE", "exception code of an invalid page", trap_code(), EXC_TLBL);
		guarded(code, 0x00801010u, 0, 0, 0);
		eq("exception with a valid page that is not dirty", trap_code(), EXC_NONE);
		tlb_clear();
		cp0_set(CP0_ENTRYHI, 0);
	}
}

/* MD00086 SYNCI: the same, also in user mode; kernel addresses are address errors there.  */
static void synci_faults(uint32_t row)
{
	const uint32_t *code = CODE(ADDIU(V0, ZERO, 1), SYNCI(0, A0), RETURN);
	uint32_t page = code_page((const uint32_t[]){ SYNCI(0, A0), SYSCALL }, 2);

	(void)row;
	guarded(code, (uint32_t)code, 0, 0, 0);
	eq("exception in kseg0", trap_code(), EXC_NONE);
	guarded(code, 0x00800010u, 0, 0, 0);
	eq_not_qemu("MD00086 SYNCI", "exception code of a missing page", trap_code(), EXC_TLBL);
	if (trap.count) {
		expect(EXC_TLBL, VECTOR_REFILL, (uint32_t)code + 4, false);
		eq("BadVAddr", trap.badvaddr, 0x00800010u);
	}
	tlb_set(0, 0x00400000u, 0, 0, LO(page, LO_V), 0);
	guarded_user(0x00400000u, 0x00400008u, 0);
	expect(EXC_SYS, VECTOR_GENERAL, 0x00400004u, false);
	cp0_set(CP0_STATUS, 0);
	guarded_user(0x00400000u, 0x80000000u, 0);
	eq_not_qemu("MD00086 SYNCI", "exception code of a kernel address in user mode", trap_code(), EXC_ADEL);
	cp0_set(CP0_STATUS, 0);
	guarded_user(0x00400000u, 0x00401000u, 0);
	eq_not_qemu("MD00086 SYNCI", "exception code of an invalid page in user mode", trap_code(), EXC_TLBL);
	cp0_set(CP0_STATUS, 0);
}

static const struct test tests[] = {
	{ "rewritten", rewritten, 5, way_name },
	{ "loop-rewritten", loop_rewritten, 5, way_name },
	{ "through-alias", through_alias, 5, way_name },
	{ "data-beside-code", data_beside_code, 0, NULL },
	{ "writes-itself", writes_itself, 0, NULL },
	{ "operation-faults", operation_faults, 0, NULL },
	{ "synci-faults", synci_faults, 0, NULL },
};

const struct group cache_group = { "cache", tests, ARRAY_LEN(tests) };
