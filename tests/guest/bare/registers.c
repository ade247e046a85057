/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CP0 registers as storage: which bits software can write, which it cannot, what fixed ones say, and what a write must not disturb.
 * MD00090, each register's section; MD00343 where the processor chooses.
 */
#include "tests/guest/bare/bare.h"

/* Two writes of opposite patterns; @writable bits follow, @fixed ones never do, others are UNDEFINED or choices.  */
#define BITS(what, reg, sel, writable, fixed, value) \
	do { \
		uint32_t keep_ = cp0_get(reg, sel); \
		cp0_set(reg, sel, 0x55555555u & (writable)); \
		eq(what ": bits written", cp0_get(reg, sel) & (writable), 0x55555555u & (writable)); \
		cp0_set(reg, sel, 0xffffffffu & ((writable) | (fixed))); \
		eq(what ": bits written", cp0_get(reg, sel) & (writable), (writable)); \
		eq(what ": fixed bits", cp0_get(reg, sel) & (fixed), (value)); \
		cp0_set(reg, sel, 0xaaaaaaaau & (writable)); \
		eq(what ": bits written", cp0_get(reg, sel) & (writable), 0xaaaaaaaau & (writable)); \
		cp0_set(reg, sel, keep_); \
	} while (0)

static void storage(uint32_t row)
{
	(void)row;
	BITS("Index", 0, 0, tlb_size() - 1, 0, 0);
	BITS("EntryLo0", 2, 0, 0x03ffffffu, 0xc0000000u, 0);
	BITS("EntryLo1", 3, 0, 0x03ffffffu, 0xc0000000u, 0);
	BITS("Context", 4, 0, 0xff800000u, 0x0000000fu, 0);
	BITS("PageMask", 5, 0, 0, 0xe0001fffu, 0);
	BITS("Wired", 6, 0, tlb_size() - 1, ~(tlb_size() - 1), 0);
	BITS("HWREna", 7, 0, 0x0000000fu, 0x0ffffff0u, 0);
	BITS("EntryHi", 10, 0, 0xffffe0ffu, 0x00001f00u, 0);
	BITS("Compare", 11, 0, 0xffffffffu, 0, 0);
	BITS("EPC", 14, 0, 0xffffffffu, 0, 0);
	BITS("ErrorEPC", 30, 0, 0xffffffffu, 0, 0);
	BITS("EBase", 15, 1, 0x3ffff000u, 0xc0000fffu, 0x80000000u);
	BITS("Config.K0", 16, 0, 0x00000003u, 0, 0);
}

/* Context.BadVPN2 and BadVAddr are the hardware's.  */
static void hardware_only(uint32_t row)
{
	uint32_t bad, context;

	(void)row;
	load(0x00c5a004u);
	bad = cp0_get(CP0_BADVADDR);
	context = cp0_get(CP0_CONTEXT);
	eq("BadVAddr", bad, 0x00c5a004u);
	eq("Context.BadVPN2", context & 0x7ffff0u, 0x00c5a004u >> 13 << 4);
	cp0_set(CP0_BADVADDR, 0x12345678u);
	eq("BadVAddr after a write", cp0_get(CP0_BADVADDR), bad);
	cp0_set(CP0_CONTEXT, 0xffffffffu);
	eq("Context after a write", cp0_get(CP0_CONTEXT), 0xff800000u | (context & 0x7ffff0u));
	cp0_set(CP0_CONTEXT, 0);
	eq("Context after a write", cp0_get(CP0_CONTEXT), context & 0x7ffff0u);
}

/* Cause: software has IP1..0, IV and DC; code, CE, BD, TI and the upper IP are the hardware's.  */
static void cause(uint32_t row)
{
	uint32_t fixed = CAUSE_BD | CAUSE_CE | CAUSE_TI | 0xfc7cu, before;

	(void)row;
	guarded(CODE(BRANCH(BEQ(ZERO, ZERO), 1), 18u << 26 | 1u << 25 /* cop2 */), 0, 0, 0, 0);
	before = cp0_get(CP0_CAUSE);
	cp0_set(CP0_CAUSE, ~(before & fixed) & ~0x00400000u & ~CAUSE_DC);
	eq("hardware's bits", cp0_get(CP0_CAUSE) & fixed, before & fixed);
	eq("software's bits", cp0_get(CP0_CAUSE) & 0x00800300u, 0x00800300u);
	cp0_set(CP0_CAUSE, before & fixed & ~CAUSE_TI);
	eq("hardware's bits", cp0_get(CP0_CAUSE) & fixed, before & fixed);
	eq("software's bits", cp0_get(CP0_CAUSE) & 0x00800300u, 0);
	cp0_set(CP0_CAUSE, 0);
}

/* Status: CU0, BEV, IM, UM, ERL, EXL, IE can be written; CU3 to CU1 cannot where there is no such coprocessor, and FR, MX and PX
   belong to things that are not there.  */
static void status(uint32_t row)
{
	/* UM, EXL and ERL together keep kernel mode; interrupts stay off.  */
	static const uint32_t one[] = {
		ST_CU0, ST_BEV, 0x0000ff00u, ST_EXL, ST_ERL, ST_UM | ST_EXL, ST_UM | ST_ERL, ST_IE | ST_EXL, ST_CU0 | ST_IE,
	};

	(void)row;
	for (unsigned i = 0; i < ARRAY_LEN(one); i++) {
		uint32_t got;

		cp0_set(CP0_STATUS, one[i]);
		got = cp0_get(CP0_STATUS);
		cp0_set(CP0_STATUS, 0);
		eq("Status", got, one[i]);
	}
	cp0_set(CP0_STATUS, 0xe0000000u | ST_EXL); /* CU3, CU2, CU1 */
	eq("Status.CU3..1", cp0_get(CP0_STATUS), ST_EXL);
	cp0_set(CP0_STATUS, 0x05800000u | ST_EXL); /* FR, MX, PX */
	eq("Status.FR, MX, PX", cp0_get(CP0_STATUS), ST_EXL);
	cp0_set(CP0_STATUS, 0);
}

/* What the fixed registers say must hang together, and with what the other tests find.  */
static void fixed(uint32_t row)
{
	uint32_t config = cp0_get(CP0_CONFIG), config1 = cp0_get(CP0_CONFIG1), one = 1;

	(void)row;
	eq("PRId: a 24K of MIPS", cp0_get(CP0_PRID) & 0x00ffff00u, 0x00019300u);
	eq("Config.M", config >> 31, 1);
	eq("Config.BE", config >> 15 & 1, *(volatile uint8_t *)&one == 0);
	eq("Config.AT: MIPS32", config >> 13 & 3, 0);
	eq("Config.AR: release 2", config >> 10 & 7, 1);
	eq("Config.MT: a TLB", config >> 7 & 7, 1);
	eq("Config1.FP", config1 & 1, 0);
	eq("Config1.C2", config1 >> 6 & 1, 0);
	eq_not_qemu("MD00090 Config1.CA", "Config1.CA: MIPS16e, which is not there to be tested", config1 >> 2 & 1, 0);
	cp0_set(CP0_PRID, 0);
	cp0_set(CP0_CONFIG1, 0);
	eq("PRId after a write", cp0_get(CP0_PRID) & 0x00ffff00u, 0x00019300u);
	eq("Config1 after a write", cp0_get(CP0_CONFIG1), config1);
	eq("SRSCtl.HSS: one register set", cp0_get(CP0_SRSCTL) >> 26 & 15, 0);
}

/* ERL: ErrorEPC is where ERET goes, EPC and EXL stay.  MD00086 ERET.  */
static void error_return(uint32_t row)
{
	uint32_t at = code_here();
	const uint32_t *code = CODE(MTC0(A0, 30), MTC0(A1, C0_EPC), MTC0(A2, C0_STATUS), EHB, ERET, BREAK, BREAK, ADDIU(V0, ZERO, 3),
		MFC0(V1, C0_STATUS), MTC0(ZERO, C0_STATUS), EHB, RETURN);

	(void)row;
	for (unsigned exl = 0; exl < 2; exl++) {
		eq("exception", guarded(code, at + 28, at + 20, ST_ERL | (exl ? ST_EXL : 0), 0), 0);
		eq("result", trap.gpr[V0], 3);
		eq("Status", trap.gpr[V1], exl ? ST_EXL : 0);
		eq("EPC", cp0_get(CP0_EPC), at + 20);
	}
	/* An exception while ERL is set and EXL is not: EPC and EXL as ever, ERL stays.  */
	code = CODE(MTC0(A0, C0_STATUS), EHB, SYSCALL);
	guarded(code, ST_ERL, 0, 0, 0);
	expect(EXC_SYS, VECTOR_GENERAL, (uint32_t)code + 8, false);
	eq("Status", trap.status, ST_ERL | ST_EXL);
}

/* RDPGPR and WRPGPR with one register set: moves.  MD00086.  */
static void shadow(uint32_t row)
{
	const uint32_t rdpgpr = 16u << 26 | R_TYPE(10, A0, V0, 0, 0), wrpgpr = 16u << 26 | R_TYPE(14, A1, V1, 0, 0);

	(void)row;
	eq("exception", guarded(CODE(rdpgpr, wrpgpr, RETURN), 11, 22, 0, 0), 0);
	eq("RDPGPR", trap.gpr[V0], 11);
	eq("WRPGPR", trap.gpr[V1], 22);
}

static const struct test tests[] = {
	{ "storage", storage, 0, NULL },
	{ "hardware-only", hardware_only, 0, NULL },
	{ "cause", cause, 0, NULL },
	{ "status", status, 0, NULL },
	{ "fixed", fixed, 0, NULL },
	{ "error-return", error_return, 0, NULL },
	{ "shadow", shadow, 0, NULL },
};

const struct group registers_group = { "registers", tests, ARRAY_LEN(tests) };
