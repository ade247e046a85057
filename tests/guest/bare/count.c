/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Count and Compare, the interrupt they make, and code that is interrupted at any place: loops whose result must not notice.  WAIT.
 * MD00090 Count, Compare, Cause.TI, Cause.DC, IntCtl.IPTI; MD00086 WAIT.
 */
#include "tests/guest/bare/bare.h"

#define IP7 CAUSE_IP(7)
#define SOON 4000u       /* ticks: 25 us */
#define LOSES "MD00090 Cause.TI (now and then QEMU loses IP7)"
#define PATIENCE 16000000u /* ticks: 100 ms */

static uint32_t now(void) { return cp0_get(CP0_COUNT); }

/* Ask for the timer @ticks from now.  Whoever is held up between reading Count and writing Compare may have missed it: once more.  */
static void arm(uint32_t ticks)
{
	uint32_t when;

	do {
		when = now() + ticks;
		cp0_set(CP0_COMPARE, when);
	} while (now() - when < 0x80000000u && !(cp0_get(CP0_CAUSE) & CAUSE_TI));
}

static void disarm(void) { cp0_set(CP0_COMPARE, now() - 1); }

/* Wait for the timer by looking at Cause.  */
static bool comes(uint32_t patience)
{
	for (uint32_t start = now(); now() - start < patience;)
		if (cp0_get(CP0_CAUSE) & CAUSE_TI)
			return true;
	return false;
}

static void counts(uint32_t row)
{
	uint32_t last, v;

	(void)row;
	cp0_set(CP0_COUNT, 1000);
	last = now();
	eq("Count goes on from what was written", last >= 1000 && last < 1000 + PATIENCE, 1);
	for (unsigned i = 0; i < 1000; i++) {
		v = now();
		eq("Count does not go back", v - last < PATIENCE, 1);
		last = v;
	}
	eq("Count went on", last != 1000, 1);
	cp0_set(CP0_COUNT, 0xfffffff0u);
	do
		v = now();
	while (v >= 0xfffffff0u);
	eq("Count wraps around", v < PATIENCE, 1);
}

/* TI and IP7 come together when Count meets Compare, stay, and go when Compare is written.  */
static void meets_compare(uint32_t row)
{
	(void)row;
	eq("IntCtl.IPTI", cp0_get(CP0_INTCTL) >> 29, 7);
	arm(PATIENCE);
	eq("Cause before", cp0_get(CP0_CAUSE) & (CAUSE_TI | IP7), 0);
	arm(SOON);
	eq("the timer comes", comes(PATIENCE), 1);
	eq_not_qemu(LOSES, "Cause", cp0_get(CP0_CAUSE) & (CAUSE_TI | IP7), CAUSE_TI | IP7);
	eq("not before its time", now() - cp0_get(CP0_COMPARE) < PATIENCE, 1);
	cp0_set(CP0_CAUSE, 0);
	eq_not_qemu(LOSES, "Cause is not software's to clear", cp0_get(CP0_CAUSE) & (CAUSE_TI | IP7), CAUSE_TI | IP7);
	cp0_set(CP0_COUNT, 0);
	eq_not_qemu(LOSES, "nor by writing Count", cp0_get(CP0_CAUSE) & (CAUSE_TI | IP7), CAUSE_TI | IP7);
	disarm();
	eq("cleared by Compare", cp0_get(CP0_CAUSE) & (CAUSE_TI | IP7), 0);
	/* Count is moved to just before Compare, and to just behind it.  */
	cp0_set(CP0_COMPARE, 0x10000000u);
	cp0_set(CP0_COUNT, 0x10000000u - SOON);
	eq("the timer comes after a write of Count", comes(PATIENCE), 1);
	cp0_set(CP0_COUNT, 0x10000000u + 1);
	cp0_set(CP0_COMPARE, 0x10000000u);
	eq("not when Compare is behind Count", comes(4 * SOON), 0);
	cp0_set(CP0_COMPARE, 5);
	cp0_set(CP0_COUNT, 0u - SOON);
	eq("across the end of Count", comes(PATIENCE), 1);
}

/* MD00090 Cause.DC stops Count; the timer with it.  */
static void disabled(uint32_t row)
{
	uint32_t v;

	(void)row;
	cp0_set(CP0_CAUSE, CAUSE_DC);
	v = now();
	for (unsigned i = 0; i < 2000; i++)
		__asm__ volatile("nop");
	eq("Count stands still", now(), v);
	cp0_set(CP0_COMPARE, v + 10);
	cp0_set(CP0_COUNT, v + 3);
	for (unsigned i = 0; i < 2000; i++)
		__asm__ volatile("nop");
	eq("Count is what was written", now(), v + 3);
	eq("no timer", cp0_get(CP0_CAUSE) & CAUSE_TI, 0);
	cp0_set(CP0_CAUSE, 0);
	eq_not_qemu("MD00090 Compare", "the timer comes when Count runs again", comes(PATIENCE), 1);
}

/* The interrupt: only with IM7 and IE; its handler sees TI.  */
static void interrupts(uint32_t row)
{
	const uint32_t *spin = CODE(MTC0(A0, C0_STATUS), EHB, BRANCH(BNE(A1, ZERO), -1), ADDIU(A1, A1, -1), MTC0(ZERO, C0_STATUS), EHB, RETURN);
	uint32_t at = (uint32_t)spin;

	arm(SOON);
	guarded(spin, ST_IE | 0x7f00u, 20000, 0, 0);
	eq("masked", trap_code(), EXC_NONE);
	eq("the timer comes", comes(PATIENCE), 1);
	cp0_set(CP0_CAUSE, row ? CAUSE_IV : 0);
	arm(SOON);
	guarded(spin, ST_IE | ST_IM(7), 0x8000000, 0, 0);
	cp0_set(CP0_STATUS, 0);
	eq_not_qemu(LOSES, "exception code", trap_code(), EXC_INT);
	if (!trap.count)
		return;
	eq("vector", trap.vector, row ? VECTOR_INTERRUPT : VECTOR_GENERAL);
	eq("Cause", trap.cause & (CAUSE_TI | IP7), CAUSE_TI | IP7);
	eq("EPC is in the loop, not in the slot", trap.epc == at + 4 || trap.epc == at + 8, 1);
	disarm();
}

static const char *vector_name(uint32_t row) { return row ? "special" : "general"; }

/* Loops that are interrupted again and again: nothing is lost or done twice.  */
static unsigned ticks;
static uint32_t low, high, slots, wrong_epc; /* code, and a bit for each word of it that is a slot */

static bool tick(struct trap *t)
{
	uint32_t word = (t->epc - low) / 4;

	if ((t->cause >> 2 & 31) != EXC_INT)
		return false;
	ticks++;
	if (t->epc < low || t->epc >= high || (slots >> word & 1u) || (t->epc & 3u))
		wrong_epc = t->epc;
	if ((t->cause & CAUSE_BD) && !(slots >> (word + 1) & 1u))
		wrong_epc = t->epc;
	arm(500 + test_random() % 20000);
	return true;
}

static void interrupted(const uint32_t *code, unsigned words, uint32_t slot_bits, uint32_t a, uint32_t b, uint32_t expected)
{
	low = (uint32_t)code;
	high = low + 4 * words;
	slots = slot_bits;
	wrong_epc = ticks = 0;
	trap_hook = tick;
	for (uint32_t start = now(); ticks < 20 && now() - start < 10 * PATIENCE;) {
		arm(1000);
		eq("exception", guarded(code, a, b, ST_IE | ST_IM(7), 0), 0);
		cp0_set(CP0_STATUS, 0);
		eq("result", trap.gpr[V0], expected);
	}
	eq("interrupts came", ticks > 0, 1);
	eq("EPC is never a slot's", wrong_epc, 0);
	disarm();
	trap_hook = NULL;
}

static void interrupted_loops(uint32_t row)
{
	uint32_t n = 100000, cell = (uint32_t)KSEG0(TEST_RAM + 0x7000), at = code_here();

	switch (row) {
	case 0: /* work in the slot */
		interrupted(CODE(MTC0(A2, C0_STATUS), MOVE(V0, ZERO), ADDIU(A0, A0, -1), BRANCH(BNE(A0, ZERO), -2), ADDIU(V0, V0, 3), DI, EHB,
			RETURN), 9, 1u << 4, n, 0, 3 * n);
		break;
	case 1: /* memory and a call; ra is kept in t8 */
		interrupted(CODE(MTC0(A2, C0_STATUS), MOVE(T8, RA), SW(ZERO, 0, A1), JAL(at + 4 * 11), ADDIU(A0, A0, -1),
			BRANCH(BNE(A0, ZERO), -3), LW(V0, 0, A1), DI, EHB, JR(T8), NOP,
			LW(T0, 0, A1), ADDIU(T0, T0, 5), JR(RA), SW(T0, 0, A1)), 15, 1u << 4 | 1u << 6 | 1u << 10 | 1u << 14, n, cell, 5 * n);
		break;
	case 2: /* a likely branch: its slot is executed when it is taken only */
		interrupted(CODE(MTC0(A2, C0_STATUS), MOVE(V0, ZERO), ADDIU(A0, A0, -1), ANDI(T0, A0, 1), BRANCH(BEQL(T0, ZERO), 1),
			ADDIU(V0, V0, 7), BRANCH(BNE(A0, ZERO), -5), NOP, DI, EHB, RETURN), 12, 1u << 5 | 1u << 7, n, 0, 7 * (n / 2));
		break;
	default: /* HI and LO */
		interrupted(CODE(MTC0(A2, C0_STATUS), R_TYPE(ZERO, 0, 0, 0, 17), R_TYPE(ZERO, 0, 0, 0, 19), ADDIU(T0, ZERO, 9), ADDIU(A0, A0, -1),
			BRANCH(BNE(A0, ZERO), -2), 28u << 26 | R_TYPE(T0, T0, 0, 0, 1) /* maddu */, R_TYPE(0, 0, V0, 0, 18), DI, EHB, RETURN),
			12, 1u << 6, n, 0, 81 * n);
		break;
	}
}

static const char *loop_name(uint32_t row)
{
	static const char *const names[] = { "slot", "call", "likely", "hi-lo" };

	return names[row];
}

/* MD00086 WAIT: an enabled interrupt ends it; EPC is the instruction behind.  */
static void wait_ends(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, WAIT | 0x123u << 6, ADDIU(V0, ZERO, 1), MTC0(ZERO, C0_STATUS), EHB, RETURN);

	(void)row;
	for (unsigned i = 0; i < 3; i++) {
		arm(50 * SOON);
		guarded(code, ST_IE | ST_IM(7), 0, 0, 0);
		eq("exception code", trap_code(), EXC_INT);
		eq("EPC", trap.epc, (uint32_t)code + 12);
		eq("Cause.TI", trap.cause & CAUSE_TI, CAUSE_TI);
		eq("it took its time", now() - cp0_get(CP0_COMPARE) < PATIENCE, 1);
	}
	disarm();
}

/* An idle loop, as operating systems have it.  */
static bool idle_tick(struct trap *t)
{
	if ((t->cause >> 2 & 31) != EXC_INT)
		return false;
	ticks++;
	arm(SOON);
	t->gpr[A1]--;
	return true;
}

static void idle(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, BRANCH(BLEZ(A1), 3), NOP, WAIT, BRANCH(BEQ(ZERO, ZERO), -4), NOP, DI, EHB, RETURN);

	(void)row;
	trap_hook = idle_tick;
	ticks = 0;
	arm(SOON);
	/* Word 6 is the branch's slot; the branch at 2 leads behind it.  */
	eq("exception", guarded(code, ST_IE | ST_IM(7), 20, 0, 0), 0);
	eq("ticks", ticks >= 20, 1);
	cp0_set(CP0_STATUS, 0);
	disarm();
}

static const struct test tests[] = {
	{ "counts", counts, 0, NULL },
	{ "meets-compare", meets_compare, 0, NULL },
	{ "disabled", disabled, 0, NULL },
	{ "interrupt", interrupts, 2, vector_name },
	{ "interrupted-loop", interrupted_loops, 4, loop_name },
	{ "wait", wait_ends, 0, NULL },
	{ "idle", idle, 0, NULL },
};

const struct group count_group = { "count", tests, ARRAY_LEN(tests) };
