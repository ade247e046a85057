/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LL and SC: alone, with stores, exceptions and interrupts between them.  MD00086 LL, SC, ERET; MD00090 LLAddr.
 * Each case runs in kseg0 and through the TLB.
 */
#include "tests/guest/bare/bare.h"

#define PA (TEST_RAM + 0x9000)
#define VA 0x00600000u
#define RW (LO_V | LO_D)
#define OLD 0x1111u
#define NEW 0x2222u

/* Where the word is, for this row.  */
static uint32_t place(uint32_t row)
{
	tlb_set(2, VA, 0, 0, LO(PA, RW), LO(PA + 0x1000, RW));
	word_at(KSEG0(PA)) = OLD;
	return row ? VA : KSEG0(PA);
}

static const char *place_name(uint32_t row) { return row ? "mapped" : "kseg0"; }

static void expect_sc(uint32_t success)
{
	eq("exception code", trap_code(), EXC_NONE);
	eq("SC's result", trap.gpr[V0], success);
	eq("word", word_at(KSEG0(PA)), success ? NEW : OLD);
}

static void pair(uint32_t row)
{
	uint32_t va = place(row);
	const uint32_t *code = CODE(LL(V1, 0, A0), MOVE(V0, A1), SC(V0, 0, A0), RETURN);
	const uint32_t *twice = CODE(LL(V1, 0, A0), MOVE(V0, A1), SC(V0, 0, A0), ADDIU(V0, ZERO, 5), SC(V0, 4, A0), RETURN);

	guarded(code, va, NEW, 0, 0);
	eq("LL's value", trap.gpr[V1], OLD);
	expect_sc(1);
	word_at(KSEG0(PA + 4)) = 0;
	word_at(KSEG0(PA)) = OLD;
	guarded(twice, va, NEW, 0, 0);
	eq("a second SC fails", trap.gpr[V0], 0);
	eq("and stores nothing", word_at(KSEG0(PA + 4)), 0);
}

/* The code is entered by ERET: there is no link, whatever was before.  */
static void without_ll(uint32_t row)
{
	uint32_t va = place(row);
	const uint32_t *code = CODE(MOVE(V0, A1), SC(V0, 0, A0), BREAK);

	guarded((const void *)eret_to, (uint32_t)code, ST_EXL, va, NEW);
	expect(EXC_BP, VECTOR_GENERAL, (uint32_t)code + 8, false);
	eq("SC's result", trap.gpr[V0], 0);
	eq("word", word_at(KSEG0(PA)), OLD);
}

/* MD00086 ERET: "clears the LLbit"; LL, ERET, SC fails.  */
static void eret_between(uint32_t row)
{
	uint32_t va = place(row), at = code_here();
	const uint32_t *code = CODE(LUI(T0, (at + 28) >> 16), ORI(T0, T0, at + 28), MTC0(T0, C0_EPC), ORI(T1, ZERO, ST_EXL), LL(V1, 0, A0),
		MTC0(T1, C0_STATUS), ERET, MOVE(V0, A1), SC(V0, 0, A0), RETURN);

	guarded(code, va, NEW, 0, 0);
	eq("LL's value", trap.gpr[V1], OLD);
	expect_sc(0);
}

/* An exception whose handler comes back by ERET; one whose handler does not.  */
static bool skip(struct trap *t)
{
	t->epc += 4;
	return true;
}

static void exception_between(uint32_t row)
{
	static const uint32_t words[] = { SYSCALL, BREAK, TEQ(ZERO, ZERO), LW(T0, 1, A0) };
	uint32_t va = place(row);

	for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
		word_at(KSEG0(PA)) = OLD;
		trap_hook = skip;
		eq("exception", guarded(CODE(LL(V1, 0, A0), MOVE(V0, A1), words[i], SC(V0, 0, A0), RETURN), va, NEW, 0, 0), 0);
		trap_hook = NULL;
		eq("exceptions", trap.count, 1);
		eq("SC's result", trap.gpr[V0], 0);
		eq("word", word_at(KSEG0(PA)), OLD);
	}
}

/* Ordinary loads and stores of the same processor between the two, elsewhere and in another line, do not break the link.  MD00086 LL, SC:
   a store to the same line may or may not.  */
static void accesses_between(uint32_t row)
{
	uint32_t va = place(row);

	guarded(CODE(LL(V1, 0, A0), LW(T0, 0x400, A0), SW(T0, 0x408, A0), MOVE(V0, A1), SC(V0, 0, A0), RETURN), va, NEW, 0, 0);
	eq("exception code", trap_code(), EXC_NONE);
	eq("word fits the result", word_at(KSEG0(PA)), trap.gpr[V0] ? NEW : OLD);
	eq("result is 0 or 1", trap.gpr[V0] <= 1, 1);
}

/* A counter: the loop an operating system has, under interrupts.  Every addition that SC reported was made.  */
static unsigned ticks;

static bool tick(struct trap *t)
{
	if ((t->cause >> 2 & 31) != EXC_INT)
		return false;
	ticks++;
	cp0_set(CP0_COMPARE, cp0_get(CP0_COUNT) + 3000 + test_random() % 8000);
	return true;
}

static void counter(uint32_t row)
{
	uint32_t va = place(row), n = 30000, sum = OLD;
	const uint32_t *code = CODE(MTC0(A2, C0_STATUS), EHB, LL(T0, 0, A0), ADDIU(T0, T0, 1), SC(T0, 0, A0), BRANCH(BEQ(T0, ZERO), -4), NOP,
		ADDIU(A1, A1, -1), BRANCH(BNE(A1, ZERO), -7), NOP, DI, EHB, RETURN);

	ticks = 0;
	trap_hook = tick;
	for (unsigned i = 0; i < 4; i++) {
		cp0_set(CP0_COMPARE, cp0_get(CP0_COUNT) + 5000);
		eq("exception", guarded(code, va, n, ST_IE | ST_IM(7), 0), 0);
		cp0_set(CP0_STATUS, 0);
		sum += n;
		eq("counter", word_at(KSEG0(PA)), sum);
	}
	cp0_set(CP0_COMPARE, cp0_get(CP0_COUNT) - 1);
}

/* SC to a page that cannot be written: with a link the store is tried and faults; the link is the handler's matter.  */
static void sc_faults(uint32_t row)
{
	static const struct { uint8_t lo, code; } rows[] = { { LO_V, EXC_MOD }, { 0, EXC_TLBS } };
	const uint32_t *code = CODE(LL(V1, 0, A0), MOVE(V0, A1), SC(V0, 0, A2), RETURN);

	word_at(KSEG0(PA)) = OLD;
	tlb_set(2, VA, 0, 0, LO(PA, LO_V), LO(PA, rows[row].lo));
	guarded(code, VA, NEW, VA + 0x1000, 0);
	eq_not_qemu("MD00086 SC", "exception code", trap_code(), rows[row].code);
	if (trap_code() == EXC_NONE)
		return;
	expect(rows[row].code, VECTOR_GENERAL, (uint32_t)code + 8, false);
	eq("BadVAddr", trap.badvaddr, VA + 0x1000);
	eq("V0 is as before", trap.gpr[V0], NEW);
	eq("word", word_at(KSEG0(PA)), OLD);
}

static const char *fault_name(uint32_t row) { return row ? "invalid" : "modified"; }

static const struct test tests[] = {
	{ "pair", pair, 2, place_name },
	{ "without-ll", without_ll, 2, place_name },
	{ "eret-between", eret_between, 2, place_name },
	{ "exception-between", exception_between, 2, place_name },
	{ "accesses-between", accesses_between, 2, place_name },
	{ "counter", counter, 2, place_name },
	{ "sc-faults", sc_faults, 2, fault_name },
};

const struct group linked_group = { "linked", tests, ARRAY_LEN(tests) };
