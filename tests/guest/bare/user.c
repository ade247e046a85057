/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * User mode: which addresses and instructions it has, in both positions; RDHWR by HWREna; coming and going.
 * MD00090, "MIPS32 operating modes", "Coprocessor unusable exception", HWREna; MD00086 RDHWR, CACHE.
 */
#include "tests/guest/bare/bare.h"

#define CODE_VA 0x00400000u
#define DATA_VA 0x00410000u
#define DATA_PA (TEST_RAM + 0x3000)
#define RW (LO_V | LO_D)
#define OP(op) ((uint32_t)(op) << 26)
#define COP0(rs, rt, rd, low) (OP(16) | R_TYPE(rs, rt, rd, 0, low))
#define RDHWR(rt, rd) (OP(31) | R_TYPE(0, rt, rd, 0, 59))

/* The page at CODE_VA, and one of data behind it.  */
static void enter(uint32_t page, uint32_t status, uint32_t a, uint32_t b)
{
	tlb_set(0, CODE_VA, 0, 0, LO(page, LO_V | LO_G), LO_G);
	tlb_set(1, DATA_VA, 0, 0, LO(DATA_PA, RW | LO_G), LO_G);
	cp0_set(CP0_STATUS, status);
	guarded_user(CODE_VA, a, b);
	cp0_set(CP0_STATUS, 0);
}

#define PAGE(...) code_page((const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* What a user program has: its registers, memory, SYSCALL.  */
static void computes(uint32_t row)
{
	uint32_t page = PAGE(LW(V0, 0, A0), ADDU(V0, V0, A1), SW(V0, 4, A0), SYSCALL);

	(void)row;
	for (unsigned i = 0; i < 5; i++) {
		word_at(KSEG0(DATA_PA)) = 1000 + i;
		enter(page, 0, DATA_VA, 30);
		expect(EXC_SYS, VECTOR_GENERAL, CODE_VA + 12, false);
		eq("Status.UM", trap.status & ST_UM, ST_UM);
		eq("V0", trap.gpr[V0], 1030 + i);
		eq("word", word_at(KSEG0(DATA_PA + 4)), 1030 + i);
	}
}

/* Instructions of coprocessor 0: unusable, CE = 0, unless Status.CU0.  CACHE is one of them.  */
static const struct { const char *name; uint32_t word; bool harmless; } privileged[] = {
	{ "mfc0", MFC0(V0, C0_STATUS), true }, { "mfc0-epc", MFC0(V0, C0_EPC), true }, { "mfc0-count", MFC0(V0, C0_COUNT), true },
	{ "mtc0", MTC0(ZERO, 4), true }, { "mtc0-epc", MTC0(A0, C0_EPC), true }, { "mtc0-status", MTC0(ZERO, C0_STATUS), false },
	{ "di", DI, true }, { "ei", EI, true }, { "tlbr", TLBR, false }, { "tlbwi", TLBWI, false }, { "tlbwr", TLBWR, false },
	{ "tlbp", TLBP, true }, { "eret", ERET, false }, { "wait", WAIT, false }, { "rdpgpr", COP0(10, V0, V0, 0), true },
	{ "wrpgpr", COP0(14, V0, V0, 0), true }, { "cache", CACHE(0x15, 0, A0), true }, { "cache-missing", CACHE(0x10, 0, A1), false },
	{ "cop0-reserved", COP0(16, 0, 0, 0x3e), false },
};

static const char *privileged_name(uint32_t row) { return privileged[row].name; }

static void unusable(uint32_t row)
{
	uint32_t word = privileged[row].word, plain, slot;

	plain = PAGE(NOP, word, SYSCALL);
	slot = PAGE(NOP, NOP, BRANCH(BEQ(ZERO, ZERO), 2), word, NOP, SYSCALL);
	enter(plain, 0, DATA_VA, 0x00800000u);
	expect(EXC_CPU, VECTOR_GENERAL, CODE_VA + 4, false);
	eq("Cause.CE", trap.cause >> 28 & 3, 0);
	eq("Status.UM", trap.status & (ST_UM | ST_IE), ST_UM);
	enter(slot, 0, DATA_VA, 0x00800000u);
	if (word == ERET || word == WAIT || word == (COP0(16, 0, 0, 0x3e)))
		return; /* UNPREDICTABLE in a slot */
	expect(EXC_CPU, VECTOR_GENERAL, CODE_VA + 8, true);
	eq("Cause.CE", trap.cause >> 28 & 3, 0);
}

/* With Status.CU0 the same instructions work.  MD00090 Status.CU.  */
static void usable(uint32_t row)
{
	(void)row;
	for (unsigned i = 0; i < ARRAY_LEN(privileged); i++) {
		uint32_t page;

		if (!privileged[i].harmless)
			continue;
		test_case = privileged[i].name;
		page = PAGE(NOP, privileged[i].word, NOP, SYSCALL);
		enter(page, ST_CU0, DATA_VA, 0x00800000u);
		expect(EXC_SYS, VECTOR_GENERAL, CODE_VA + 12, false);
	}
}

/* kseg0 to kseg3: address errors, for data in both positions, and for fetches.  */
static void kernel_addresses(uint32_t row)
{
	static const uint32_t va[] = { 0x80000000u, 0x80100004u, 0xa0000000u, 0xbffffffcu, 0xc0000000u, 0xdffffff0u, 0xe0000000u, 0xfffffffcu };
	uint32_t loads = PAGE(LW(V0, 0, A0), SYSCALL), stores = PAGE(BRANCH(BEQ(ZERO, ZERO), 1), SB(A1, 0, A0), SYSCALL);
	uint32_t jumps = PAGE(JR(A0), NOP);

	tlb_set(2, va[row] & 0xffffe000u, 0, 0, LO(TEST_RAM, RW | LO_G), LO(TEST_RAM, RW | LO_G));
	enter(loads, 0, va[row], 0);
	expect(EXC_ADEL, VECTOR_GENERAL, CODE_VA, false);
	eq("BadVAddr", trap.badvaddr, va[row]);
	enter(stores, 0, va[row], 0);
	expect(EXC_ADES, VECTOR_GENERAL, CODE_VA, true);
	eq("BadVAddr", trap.badvaddr, va[row]);
	enter(jumps, 0, va[row], 0);
	expect(EXC_ADEL, VECTOR_GENERAL, va[row], false);
	eq("BadVAddr", trap.badvaddr, va[row]);
	enter(loads, ST_CU0, va[row], 0); /* CU0 does not help */
	expect(EXC_ADEL, VECTOR_GENERAL, CODE_VA, false);
}

static const char *address_name(uint32_t row)
{
	static const char *const names[] = { "80000000", "80100004", "a0000000", "bffffffc", "c0000000", "dffffff0", "e0000000", "fffffffc" };

	return names[row];
}

/* The unprivileged kinds, raised by user code.  */
static void user_exceptions(uint32_t row)
{
	static const struct { const char *name; uint32_t word, code, ce; } rows[] = {
		{ "break", BREAK, EXC_BP, 0 }, { "teq", TEQ(ZERO, ZERO), EXC_TR, 0 }, { "mfc1", OP(17), EXC_CPU, 1 },
		{ "lwc2", OP(50), EXC_CPU, 2 }, { "reserved", OP(24), EXC_RI, 0 }, { "lw", LW(V0, 1, A0), EXC_ADEL, 0 },
		{ "add", ADD(V0, A1, A1), EXC_OV, 0 }, { "clean", SW(A0, 0, A0), EXC_MOD, 0 }, { "missing", LW(V0, 0x4000, A0), EXC_TLBL, 0 },
	};
	uint32_t plain, slot;

	(void)row;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		test_case = rows[i].name;
		plain = PAGE(NOP, rows[i].word, SYSCALL);
		slot = PAGE(BRANCH(BGEZAL(ZERO), 1), rows[i].word, SYSCALL);
		enter(plain, 0, CODE_VA, 0x7fffffff);
		expect(rows[i].code, rows[i].code == EXC_TLBL ? VECTOR_REFILL : VECTOR_GENERAL, CODE_VA + 4, false);
		enter(slot, 0, CODE_VA, 0x7fffffff);
		expect(rows[i].code, rows[i].code == EXC_TLBL ? VECTOR_REFILL : VECTOR_GENERAL, CODE_VA, true);
		if (rows[i].code == EXC_CPU)
			eq("Cause.CE", trap.cause >> 28 & 3, rows[i].ce);
	}
}

/* MD00090 HWREna: in user mode RDHWR of a register whose bit is 0 is reserved; in kernel mode, and with CU0, all are there.  */
static void hwrena(uint32_t row)
{
	uint32_t page = PAGE(NOP, RDHWR(V0, row), SYSCALL), slot = PAGE(BRANCH(BEQ(ZERO, ZERO), 1), RDHWR(V0, row), SYSCALL);

	for (unsigned bit = 0; bit < 4; bit++) {
		cp0_set(CP0_HWRENA, 1u << bit);
		eq("HWREna", cp0_get(CP0_HWRENA), 1u << bit);
		enter(page, 0, 0, 0);
		expect(bit == row ? EXC_SYS : EXC_RI, VECTOR_GENERAL, CODE_VA + (bit == row ? 8 : 4), false);
		enter(slot, 0, 0, 0);
		expect(bit == row ? EXC_SYS : EXC_RI, VECTOR_GENERAL, CODE_VA + (bit == row ? 8 : 0), bit != row);
	}
	cp0_set(CP0_HWRENA, 0);
	enter(page, ST_CU0, 0, 0);
	expect(EXC_SYS, VECTOR_GENERAL, CODE_VA + 8, false);
	if (row == 0)
		eq("CPUNum", trap.gpr[V0], cp0_get(CP0_EBASE) & 0x3ffu); /* EBase.CPUNum */
	if (row == 1)
		eq("SYNCI_Step is a power of two", trap.gpr[V0] & (trap.gpr[V0] - 1), 0);
	if (row == 2)
		eq("CC is Count", cp0_get(CP0_COUNT) - trap.gpr[V0] < 160000000, 1);
	if (row == 3)
		eq("CCRes", trap.gpr[V0], 2); /* MD00343: Count runs at half the clock */
}

static const char *hw_name(uint32_t row)
{
	static const char *const names[] = { "cpunum", "synci-step", "cc", "ccres" };

	return names[row];
}

/* MD00090, operating modes: UM counts only while neither EXL nor ERL is set.  */
static void kernel_by_exl_and_erl(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, LW(V0, 0, A1), MFC0(V1, C0_STATUS), MTC0(ZERO, C0_STATUS), EHB, RETURN);
	uint32_t bit = row ? ST_ERL : ST_EXL;

	word_at(KSEG0(TEST_RAM)) = 0x12345678;
	for (unsigned i = 0; i < 3; i++) {
		eq("exception", guarded(code, ST_UM | bit, KSEG0(TEST_RAM), 0, 0), 0);
		eq("word", trap.gpr[V0], 0x12345678);
		eq("Status", trap.gpr[V1], ST_UM | bit);
	}
}

static const char *bit_name(uint32_t row) { return row ? "erl" : "exl"; }

/* The hook goes on in user mode, several times over; registers and HI and LO survive.  */
static unsigned calls;

static bool next(struct trap *t)
{
	if ((t->cause >> 2 & 31) != EXC_SYS || ++calls == 6)
		return false;
	t->gpr[A0] += calls;
	t->epc += 4;
	return true;
}

static void system_calls(uint32_t row)
{
	uint32_t page = PAGE(ADDIU(T0, ZERO, 21), R_TYPE(T0, A1, 0, 0, 25) /* multu */, SYSCALL, R_TYPE(0, 0, V0, 0, 18) /* mflo */,
		SYSCALL, ADDU(V0, V0, A0), BRANCH(BEQ(ZERO, ZERO), -3), NOP);

	(void)row;
	calls = 0;
	trap_hook = next;
	enter(page, 0, 100, 2);
	expect(EXC_SYS, VECTOR_GENERAL, CODE_VA + 16, false);
	eq("system calls", calls, 6);
	eq("A0", trap.gpr[A0], 115);
	eq("V0", trap.gpr[V0], 42 + 103 + 106 + 110 + 115);
}

/* One page for both modes: a kernel's access succeeds where the user's does not, at the same address, in turn.  */
static void mode_decides(uint32_t row)
{
	uint32_t page = PAGE(LW(V0, 0, A0), SYSCALL);

	(void)row;
	word_at(KSEG0(TEST_RAM)) = 4711;
	for (unsigned i = 0; i < 10; i++) {
		enter(page, 0, KSEG0(TEST_RAM), 0);
		expect(EXC_ADEL, VECTOR_GENERAL, CODE_VA, false);
		guarded((const void *)CODE_VA, KSEG0(TEST_RAM), 0, 0, 0);
		expect(EXC_SYS, VECTOR_GENERAL, CODE_VA + 4, false);
		eq("word", trap.gpr[V0], 4711);
	}
}

static const struct test tests[] = {
	{ "computes", computes, 0, NULL },
	{ "unusable", unusable, ARRAY_LEN(privileged), privileged_name },
	{ "usable-with-cu0", usable, 0, NULL },
	{ "kernel-addresses", kernel_addresses, 8, address_name },
	{ "exceptions", user_exceptions, 0, NULL },
	{ "hwrena", hwrena, 4, hw_name },
	{ "kernel-by", kernel_by_exl_and_erl, 2, bit_name },
	{ "system-calls", system_calls, 0, NULL },
	{ "mode-decides", mode_decides, 0, NULL },
};

const struct group user_group = { "user", tests, ARRAY_LEN(tests) };
