/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each synchronous exception of data and execution in each place an instruction can have: by itself, in the slot of each kind of branch
 * (taken and not), nullified by a likely branch, and inside another exception (EXL, ERL).
 * What is checked: code, vector, EPC, BD, CE, BadVAddr, Context and EntryHi, the link register, and that the destination is as before.
 * MD00090, "Exceptions"; MD00086, the instruction's page.
 */
#include "tests/guest/bare/bare.h"

#define MISSING 0x00c01230u  /* kuseg, no entry */
#define INVALID 0x00401454u  /* odd half of entry 0 */
#define CLEAN 0x00400678u    /* even half of entry 0: valid, not dirty */
#define ENTRY_VA 0x00400000u
#define LINKED 0x77u         /* V0 before: no exception may write the destination */
#define PTE_BASE 0x12800000u /* Context bits 31:23 */

struct kind {
	const char *name;
	uint32_t word, a0, a1;
	uint8_t code;
	uint8_t ce;           /* EXC_CPU */
	bool refill;          /* no TLB entry matches */
	const char *section;  /* what QEMU differs from: another exception, or none */
};

static uint32_t cell[4] __attribute__((aligned(16)));
#define CELL ((uint32_t)cell)

#define OP(op) ((uint32_t)(op) << 26)
#define SPECIAL2 OP(28)
#define SPECIAL3 OP(31)
#define REGIMM(rs, rt, imm) I_TYPE(1, rs, rt, imm)

static const struct kind kinds[] = {
	/* MD00086 ADD, ADDI, SUB */
	{ "add", ADD(V0, A0, A1), 0x7fffffff, 1, EXC_OV, 0, false, NULL },
	{ "add-negative", ADD(V0, A0, A1), 0x80000000, 0xffffffff, EXC_OV, 0, false, NULL },
	{ "addi", ADDI(V0, A0, 0x7fff), 0x7fff8001, 0, EXC_OV, 0, false, NULL },
	{ "sub", SUB(V0, A0, A1), 0x80000000, 1, EXC_OV, 0, false, NULL },
	/* MD00086 TEQ and the like: all conditions, with a code field where there is one */
	{ "teq", TEQ(A0, A1) | 0x3ffu << 6, 7, 7, EXC_TR, 0, false, NULL },
	{ "tne", R_TYPE(A0, A1, 0, 0, 54), 7, 8, EXC_TR, 0, false, NULL },
	{ "tge", R_TYPE(A0, A1, 0, 0, 48), 1, 0xffffffff, EXC_TR, 0, false, NULL },
	{ "tgeu", R_TYPE(A0, A1, 0, 0, 49), 0xffffffff, 1, EXC_TR, 0, false, NULL },
	{ "tlt", R_TYPE(A0, A1, 0, 0, 50), 0xffffffff, 1, EXC_TR, 0, false, NULL },
	{ "tltu", R_TYPE(A0, A1, 0, 0, 51), 1, 0xffffffff, EXC_TR, 0, false, NULL },
	{ "teqi", REGIMM(A0, 12, -5), -5u, 0, EXC_TR, 0, false, NULL },
	{ "tnei", REGIMM(A0, 14, -5), 5, 0, EXC_TR, 0, false, NULL },
	{ "tgei", REGIMM(A0, 8, -5), -5u, 0, EXC_TR, 0, false, NULL },
	{ "tgeiu", REGIMM(A0, 9, -5), -4u, 0, EXC_TR, 0, false, NULL },
	{ "tlti", REGIMM(A0, 10, -5), -6u, 0, EXC_TR, 0, false, NULL },
	{ "tltiu", REGIMM(A0, 11, -5), 5, 0, EXC_TR, 0, false, NULL },
	{ "syscall", SYSCALL | 0x12345u << 6, 0, 0, EXC_SYS, 0, false, NULL },
	{ "break", BREAK | 0x12345u << 6, 0, 0, EXC_BP, 0, false, NULL },
	/* MD00086, "Instruction bit encodings": * and 64-bit operations of a 32-bit processor */
	{ "reserved-special", 5, 0, 0, EXC_RI, 0, false, "MD00086 opcode tables" },
	{ "reserved-dmult", 0x1c, 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-daddu", 0x2d, 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-regimm", REGIMM(A0, 4, 0), 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-special2", SPECIAL2 | 0x3e, 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-special3", SPECIAL3 | 0x3f, 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-daddi", OP(24), 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-ldl", OP(26), 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-ld", OP(55), 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-3b", OP(59), 0, 0, EXC_RI, 0, false, NULL },
	{ "reserved-cop0", OP(16) | 1u << 25 | 0x3e, 0, 0, EXC_RI, 0, false, NULL },
	{ "deret", OP(16) | 1u << 25 | 0x1f, 0, 0, EXC_RI, 0, false, NULL },
	{ "rdhwr-4", SPECIAL3 | R_TYPE(0, V0, 4, 0, 59), 0, 0, EXC_RI, 0, false, NULL },
	{ "rdhwr-userlocal", SPECIAL3 | R_TYPE(0, V0, 29, 0, 59), 0, 0, EXC_RI, 0, false, "MD00086 RDHWR: Config3.ULRI is 0" },
	/* MD00090 Cause.CE; no coprocessor 1 or 2 */
	{ "mfc1", OP(17) | R_TYPE(0, V0, 0, 0, 0), 0, 0, EXC_CPU, 1, false, NULL },
	{ "add.s", OP(17) | R_TYPE(16, 0, 0, 0, 0), 0, 0, EXC_CPU, 1, false, NULL },
	{ "lwc1", I_TYPE(49, A0, 0, 0), CELL, 0, EXC_CPU, 1, false, NULL },
	{ "swc1-missing", I_TYPE(57, A0, 0, 0), MISSING, 0, EXC_CPU, 1, false, NULL },
	{ "ldc1", I_TYPE(53, A0, 0, 0), CELL, 0, EXC_CPU, 1, false, NULL },
	{ "sdc1-unaligned", I_TYPE(61, A0, 0, 0), 1, 0, EXC_CPU, 1, false, NULL },
	{ "movf", R_TYPE(A0, 0, V0, 0, 1), 0, 0, EXC_CPU, 1, false, NULL },
	{ "cop1x", OP(19), 0, 0, EXC_CPU, 1, false, NULL },
	{ "mfc2", OP(18) | R_TYPE(0, V0, 0, 0, 0), 0, 0, EXC_CPU, 2, false, "MD00090 Cause.CE" },
	{ "cop2", OP(18) | 1u << 25, 0, 0, EXC_CPU, 2, false, "MD00090 Cause.CE" },
	{ "lwc2", I_TYPE(50, A0, 0, 0), CELL, 0, EXC_CPU, 2, false, NULL },
	{ "swc2-missing", I_TYPE(58, A0, 0, 0), MISSING, 0, EXC_CPU, 2, false, NULL },
	{ "ldc2", I_TYPE(54, A0, 0, 0), CELL, 0, EXC_CPU, 2, false, NULL },
	{ "sdc2", I_TYPE(62, A0, 0, 0), CELL, 0, EXC_CPU, 2, false, NULL },
	/* Address errors: alignment comes before translation (MD00090, "Exception priority") */
	{ "lw-1", LW(V0, 0, A0), CELL + 1, 0, EXC_ADEL, 0, false, NULL },
	{ "lw-2", LW(V0, 0, A0), CELL + 2, 0, EXC_ADEL, 0, false, NULL },
	{ "lw-3-missing", LW(V0, 0, A0), MISSING + 3, 0, EXC_ADEL, 0, false, NULL },
	{ "lh", LH(V0, 0, A0), CELL + 1, 0, EXC_ADEL, 0, false, NULL },
	{ "lhu-missing", LHU(V0, 0, A0), MISSING + 3, 0, EXC_ADEL, 0, false, NULL },
	{ "ll", LL(V0, 0, A0), CELL + 2, 0, EXC_ADEL, 0, false, NULL },
	{ "sw-1", SW(A1, 0, A0), CELL + 1, 0, EXC_ADES, 0, false, NULL },
	{ "sw-2-missing", SW(A1, 0, A0), MISSING + 2, 0, EXC_ADES, 0, false, NULL },
	{ "sh", SH(A1, 0, A0), CELL + 1, 0, EXC_ADES, 0, false, NULL },
	{ "sc", SC(V0, 0, A0), CELL + 2, 0, EXC_ADES, 0, false, "MD00086 SC" },
	/* The TLB */
	{ "lw-refill", LW(V0, 0, A0), MISSING, 0, EXC_TLBL, 0, true, NULL },
	{ "lb-refill", LB(V0, 0, A0), MISSING + 1, 0, EXC_TLBL, 0, true, NULL },
	{ "lhu-refill", LHU(V0, 0, A0), MISSING + 2, 0, EXC_TLBL, 0, true, NULL },
	{ "lwl-refill", LWL(V0, 0, A0), MISSING + 2, 0, EXC_TLBL, 0, true, NULL },
	{ "lwr-refill", LWR(V0, 0, A0), MISSING + 1, 0, EXC_TLBL, 0, true, NULL },
	{ "ll-refill", LL(V0, 0, A0), MISSING, 0, EXC_TLBL, 0, true, NULL },
	{ "sw-refill", SW(A1, 0, A0), MISSING, 0, EXC_TLBS, 0, true, NULL },
	{ "sb-refill", SB(A1, 0, A0), MISSING + 3, 0, EXC_TLBS, 0, true, NULL },
	{ "sh-refill", SH(A1, 0, A0), MISSING + 2, 0, EXC_TLBS, 0, true, NULL },
	{ "swl-refill", SWL(A1, 0, A0), MISSING + 1, 0, EXC_TLBS, 0, true, NULL },
	{ "swr-refill", SWR(A1, 0, A0), MISSING + 2, 0, EXC_TLBS, 0, true, NULL },
	{ "lw-kseg2", LW(V0, 0, A0), 0xc0004560, 0, EXC_TLBL, 0, true, NULL },
	{ "sw-kseg3", SW(A1, 0, A0), 0xe0004560, 0, EXC_TLBS, 0, true, NULL },
	{ "lw-invalid", LW(V0, 0, A0), INVALID, 0, EXC_TLBL, 0, false, NULL },
	{ "lbu-invalid", LBU(V0, 0, A0), INVALID + 3, 0, EXC_TLBL, 0, false, NULL },
	{ "lwl-invalid", LWL(V0, 0, A0), INVALID + 1, 0, EXC_TLBL, 0, false, NULL },
	{ "sw-invalid", SW(A1, 0, A0), INVALID, 0, EXC_TLBS, 0, false, NULL },
	{ "swr-invalid", SWR(A1, 0, A0), INVALID + 3, 0, EXC_TLBS, 0, false, NULL },
	{ "sw-modified", SW(A1, 0, A0), CLEAN, 0, EXC_MOD, 0, false, NULL },
	{ "sb-modified", SB(A1, 0, A0), CLEAN + 1, 0, EXC_MOD, 0, false, NULL },
	{ "swl-modified", SWL(A1, 0, A0), CLEAN + 2, 0, EXC_MOD, 0, false, NULL },
	/* MD00086 SYNCI, CACHE: translated as loads */
	{ "synci-refill", SYNCI(0, A0), MISSING + 1, 0, EXC_TLBL, 0, true, "MD00086 SYNCI" },
	{ "synci-invalid", SYNCI(0, A0), INVALID, 0, EXC_TLBL, 0, false, "MD00086 SYNCI" },
	{ "cache-refill", CACHE(0x15, 0, A0), MISSING + 3, 0, EXC_TLBL, 0, true, "MD00086 CACHE" },
	{ "cache-invalid", CACHE(0x10, 0, A0), INVALID, 0, EXC_TLBL, 0, false, "MD00086 CACHE" },
	/* MD00343, machine check: two entries for one address are found when the second is written, which does not happen */
	{ "tlbwi-duplicate", TLBWI, 0, 0, EXC_MCHECK, 0, false, "MD00343 Machine check" },
};

/* A place: branch (target: word 6) and what holds when the word behind it raises.  */
struct place {
	const char *name;
	uint32_t branch;
	bool jump;     /* J, JAL: the target is to be filled in */
	uint8_t link;  /* register that has the return address, 0: none */
	bool nullified;
};

static const struct place places[] = {
	{ "beq taken", BEQ(ZERO, ZERO), false, 0, false },
	{ "beq not taken", BEQ(A3, ZERO), false, 0, false },
	{ "blez taken", BLEZ(ZERO), false, 0, false },
	{ "bgtz not taken", BGTZ(A3), false, 0, false },
	{ "bltz taken", REGIMM(A3, 0, 0), false, 0, false },
	{ "bgez not taken", REGIMM(A3, 1, 0), false, 0, false },
	{ "bgezal taken", BGEZAL(ZERO), false, RA, false },
	{ "bltzal not taken", REGIMM(ZERO, 16, 0), false, RA, false },
	{ "bltzall taken", REGIMM(A3, 18, 0), false, RA, false },
	{ "beql taken", BEQL(ZERO, ZERO), false, 0, false },
	{ "bnel taken", BNEL(A3, ZERO), false, 0, false },
	{ "j", J(0), true, 0, false },
	{ "jal", JAL(0), true, RA, false },
	{ "jr", JR(A2), false, 0, false },
	{ "jr.hb", JR(A2) | 1u << 10, false, 0, false },
	{ "jalr", JALR(RA, A2), false, RA, false },
	{ "jalr v1", JALR(V1, A2), false, V1, false },
	{ "beql nullifies", BEQL(A3, ZERO), false, 0, true },
	{ "bgtzl nullifies", I_TYPE(23, A3, 0, 0), false, 0, true },
	{ "bgezall nullifies", REGIMM(A3, 19, 0), false, RA, true },
};

enum { BRANCH_AT = 2, SLOT_AT = 3, TARGET_AT = 6 };

/* @branch 0: a NOP takes its place.  */
static uint32_t *place_code(const struct place *p, uint32_t word)
{
	uint32_t branch = p ? p->branch : NOP;

	if (p && p->jump)
		branch |= (code_here() + 4 * TARGET_AT) >> 2 & 0x03ffffffu;
	else if (p && branch >> 26) /* not JR, JALR */
		branch = BRANCH(branch, TARGET_AT - SLOT_AT);
	return CODE(OR(T8, RA, ZERO), ADDIU(V0, ZERO, LINKED), branch, word, NOP, NOP, JR(T8), NOP);
}

/* Entry 0 for CLEAN and INVALID; Index, EntryHi and EntryLo such that TLBWI would write it a second time.  BadVAddr, Context and EntryHi
   have other values than an exception would give them.  */
static void prepare(void)
{
	if (!guarded(CODE(LW(V0, 0, A0), RETURN), 3, 0, 0, 0))
		eq("an unaligned LW faults", 0, 1);
	tlb_set(0, ENTRY_VA, 0, 0, LO(TEST_RAM, LO_V), 0);
	cp0_set(CP0_INDEX, 1);
	cp0_set(CP0_CONTEXT, PTE_BASE);
	cp0_set(CP0_ENTRYHI, ENTRY_VA | 0x5a);
	cp0_set(CP0_ENTRYHI, ENTRY_VA);
}

static bool address_error(const struct kind *k) { return k->code == EXC_ADEL || k->code == EXC_ADES; }
static bool tlb_exception(const struct kind *k) { return k->code >= EXC_MOD && k->code <= EXC_TLBS; }

/* MD00090 BadVAddr, Context, EntryHi: set by address errors and TLB exceptions, by nothing else; an address error leaves the last two
   UNPREDICTABLE but for PTEBase and ASID.  */
static void expect_address(const struct kind *k, uint32_t context)
{
	eq("Context.PTEBase", trap.context & 0xff800000u, PTE_BASE);
	eq("EntryHi.ASID", trap.entryhi & 0x1fffu, 0);
	if (address_error(k) || tlb_exception(k)) {
		eq("BadVAddr", trap.badvaddr, k->a0);
	} else {
		eq("BadVAddr as before", trap.badvaddr, 3);
		eq("Context as before", trap.context, context);
		eq("EntryHi as before", trap.entryhi, ENTRY_VA);
	}
	if (tlb_exception(k)) {
		eq("Context.BadVPN2", trap.context & 0x007fffffu, k->a0 >> 13 << 4);
		eq("EntryHi.VPN2", trap.entryhi & 0xffffe000u, k->a0 & 0xffffe000u);
	}
}

static void one_place(const struct kind *k, const struct place *p)
{
	uint32_t *code = place_code(p, k->word), at = (uint32_t)code, context;

	test_case = p ? p->name : "by itself";
	prepare();
	context = cp0_get(CP0_CONTEXT);
	guarded(code, k->a0, k->a1, at + 4 * TARGET_AT, 0x80000000u);
	if (p && p->nullified) {
		eq("exception code", trap_code(), EXC_NONE);
		eq("the slot did nothing", trap.gpr[V0], LINKED);
		return;
	}
	if (k->section) {
		eq_not_qemu(k->section, "exception code", trap_code(), k->code);
		if (trap_code() != k->code)
			return;
	}
	expect(k->code, k->refill ? VECTOR_REFILL : VECTOR_GENERAL, at + 4 * (p ? BRANCH_AT : SLOT_AT), p != NULL);
	eq("the destination is as before", trap.gpr[V0], LINKED);
	if (p && p->link)
		eq("link register", trap.gpr[p->link], at + 4 * (SLOT_AT + 1));
	if (k->code == EXC_CPU)
		eq("Cause.CE", trap.cause >> 28 & 3u, k->ce);
	expect_address(k, context);
}

/* Inside an exception: EPC and BD keep what they have, and a TLB miss goes to the general vector.  MD00090, Status.EXL.  */
static void inside_exl(const struct kind *k, bool slot)
{
	uint32_t *code, context;

	test_case = slot ? "inside an exception with BD" : "inside an exception";
	prepare();
	guarded(slot ? CODE(BRANCH(BEQ(ZERO, ZERO), 1), BREAK) : CODE(BREAK), 0, 0, 0, 0); /* BD = slot */
	eq("Cause.BD to start with", trap.cause >> 31, slot);
	context = cp0_get(CP0_CONTEXT);
	cp0_set(CP0_STATUS, 0);
	code = CODE(MTC0(A3, C0_EPC), MTC0(A2, C0_STATUS), EHB, ADDIU(V0, ZERO, LINKED), k->word, RETURN);
	guarded(code, k->a0, k->a1, ST_EXL, 0x80abcde0u);
	cp0_set(CP0_STATUS, 0);
	if (k->section) {
		eq_not_qemu(k->section, "exception code", trap_code(), k->code);
		if (trap_code() != k->code)
			return;
	}
	expect(k->code, VECTOR_GENERAL, 0x80abcde0u, slot);
	expect_address(k, context);
}

static void every_place(uint32_t row)
{
	const struct kind *k = &kinds[row];

	one_place(k, NULL);
	for (unsigned i = 0; i < ARRAY_LEN(places); i++)
		one_place(k, &places[i]);
	inside_exl(k, false);
	inside_exl(k, true);
}

/* A branch that is never taken is a branch: its slot has BD.  */
static void slot_of_no_branch(uint32_t row)
{
	static const uint32_t branch[] = { BNE(ZERO, ZERO), BGTZ(ZERO), REGIMM(ZERO, 0, 0), BEQL(A3, ZERO) };
	uint32_t at = (uint32_t)CODE(BRANCH(branch[row], 1), BREAK, RETURN);

	guarded((const void *)at, 0, 0, 0, 1);
	if (row == 3) {
		eq("exception code", trap_code(), EXC_NONE);
		return;
	}
	eq("exception code", trap_code(), EXC_BP);
	eq_not_qemu("MD00090 EPC", "EPC", trap.epc, at);
	eq_not_qemu("MD00090 Cause.BD", "Cause.BD", trap.cause >> 31, 1);
}

static const char *branch_name(uint32_t row)
{
	static const char *const names[] = { "bne", "bgtz", "bltz", "beql" };

	return names[row];
}

static const char *kind_name(uint32_t row) { return kinds[row].name; }

static const struct test tests[] = {
	{ "everywhere", every_place, ARRAY_LEN(kinds), kind_name },
	{ "slot-never-taken", slot_of_no_branch, 4, branch_name },
};

const struct group exceptions_group = { "exceptions", tests, ARRAY_LEN(tests) };
