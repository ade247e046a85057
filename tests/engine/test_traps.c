/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exceptions and interrupts out of translated code: which one, where, and nothing else changed.
 */
#include "base/alignment.h"
#include "isa/cp0.h"
#include "tests/engine/rig.h"

Suite *traps_suite(void);

/* --- one instruction, or a branch and its slot --- */

#define USER_CODE 0x00010000u
#define USER_DATA 0x00020000u  /* a page, the next one invalid, the one behind read-only */
#define USER_RO 0x00022000u
#define CODE_PA 0x10000u
#define DATA_PA 0x100000u
#define NONE EXC_NONE
#define KERNEL_ONLY 1u
#define USER_ONLY 2u
#define TAKEN 2u   /* a branch over the word behind its slot */
#define ROUNDS 8u

/* a0 is `a0`, plus the data page if `data`; a1 0x7fffffff, a2 1, t9 the end of the snippet.  */
struct trap { insn_word word, slot; uint32_t a0; bool data; uint32_t exc, bad; bool bd; unsigned only; };

static const struct trap traps[] = {
	/* misaligned */
	{ LW(V0, 1, A0), 0, 0, true, EXC_ADEL, 1, false, 0 }, { LW(V0, 2, A0), 0, 0, true, EXC_ADEL, 2, false, 0 },
	{ LH(V0, 1, A0), 0, 0, true, EXC_ADEL, 1, false, 0 }, { LHU(V0, -1, A0), 0, 0x10, true, EXC_ADEL, 0xf, false, 0 },
	{ SW(V1, 3, A0), 0, 0, true, EXC_ADES, 3, false, 0 }, { SH(V1, 1, A0), 0, 0, true, EXC_ADES, 1, false, 0 },
	{ LL(V0, 2, A0), 0, 0, true, EXC_ADEL, 2, false, 0 }, { SC(V0, 2, A0), 0, 0, true, EXC_ADES, 2, false, 0 },
	{ LW(V0, 0xfff, A0), 0, 0, true, EXC_ADEL, 0xfff, false, 0 }, { SW(V0, 0xffe, A0), 0, 0, true, EXC_ADES, 0xffe, false, 0 },
	/* in slots of branches taken and not, likely and not, direct and not */
	{ BEQ(ZERO, ZERO) | TAKEN, LW(V0, 1, A0), 0, true, EXC_ADEL, 1, true, 0 },
	{ BNE(A2, A2) | TAKEN, SW(V0, 1, A0), 0, true, EXC_ADES, 1, true, 0 },
	{ BNE(A2, ZERO) | TAKEN, SH(V0, 1, A0), 0, true, EXC_ADES, 1, true, 0 },
	{ BEQL(A2, A2) | TAKEN, LW(V0, 2, A0), 0, true, EXC_ADEL, 2, true, 0 },
	{ BEQL(A2, ZERO) | TAKEN, LW(V0, 2, A0), 0, true, NONE, 0, false, 0 },
	{ BNEL(A2, ZERO) | TAKEN, SW(V0, 2, A0), 0, true, EXC_ADES, 2, true, 0 },
	{ BGEZAL(ZERO) | TAKEN, LW(V0, 2, A0), 0, true, EXC_ADEL, 2, true, 0 },
	{ JR(T9), LW(V0, 2, A0), 0, true, EXC_ADEL, 2, true, 0 }, { JALR(RA, T9), SW(V0, 2, A0), 0, true, EXC_ADES, 2, true, 0 },
	{ JALR(T9, T9), LW(V0, 2, A0), 0, true, EXC_ADEL, 2, true, 0 }, { JR(T9), LW(T9, 0, A0), 0, true, NONE, 0, false, 0 },
	{ JR(T9), ADD(V0, A1, A2), 0, true, EXC_OV, 0, true, 0 }, { BEQ(ZERO, ZERO) | TAKEN, SYSCALL, 0, true, EXC_SYS, 0, true, 0 },
	{ BEQL(A2, ZERO) | TAKEN, BREAK, 0, true, NONE, 0, false, 0 }, { BNE(ZERO, ZERO) | TAKEN, BREAK, 0, true, EXC_BP, 0, true, 0 },
	{ BEQ(ZERO, ZERO) | TAKEN, RESERVED, 0, true, EXC_RI, 0, true, 0 }, { BEQ(ZERO, ZERO) | TAKEN, TEQ(A2, A2), 0, true, EXC_TR, 0, true, 0 },
	{ BEQ(ZERO, ZERO) | TAKEN, BEQ(ZERO, ZERO) | TAKEN, 0, true, EXC_RI, 0, true, 0 },
	/* traps */
	{ ADD(V0, A1, A2), 0, 0, true, EXC_OV, 0, false, 0 }, { ADDI(V0, A1, 1), 0, 0, true, EXC_OV, 0, false, 0 },
	{ SUB(A1, A1, GP), 0, 0, true, EXC_OV, 0, false, 0 }, { ADD(V0, A2, A2), 0, 0, true, NONE, 0, false, 0 },
	{ SYSCALL, 0, 0, true, EXC_SYS, 0, false, 0 }, { BREAK, 0, 0, true, EXC_BP, 0, false, 0 }, { RESERVED, 0, 0, true, EXC_RI, 0, false, 0 },
	{ TEQ(A2, A2), 0, 0, true, EXC_TR, 0, false, 0 }, { 0x44000000u, 0, 0, true, EXC_CPU, 0, false, 0 }, /* COP1 */
	{ MFC0(V0, C0_EPC), 0, 0, true, EXC_CPU, 0, false, USER_ONLY }, { ERET, 0, 0, true, EXC_CPU, 0, false, USER_ONLY },
	/* privilege, and sums that wrap */
	{ LW(V0, 0, A0), 0, 0x80000000u, false, EXC_ADEL, 0x80000000u, false, USER_ONLY },
	{ SB(V0, 5, A0), 0, 0xfffffff0u, false, EXC_ADES, 0xfffffff5u, false, USER_ONLY },
	{ LW(V0, 4, A0), 0, 0x7ffffffcu, false, EXC_ADEL, 0x80000000u, false, USER_ONLY },
	{ LW(V0, 0x7ffc, A0), 0, 0x7fff8004u, false, NONE, 0, false, KERNEL_ONLY },
	{ LW(V0, -4, A0), 0, 0x80000000u, false, EXC_TLBL, 0x7ffffffcu, false, 0 },
	{ LW(V0, -4, A0), 0, 0, false, EXC_ADEL, 0xfffffffcu, false, USER_ONLY },
	{ LW(V0, -4, A0), 0, 0, false, EXC_TLBL, 0xfffffffcu, false, KERNEL_ONLY },
	{ SW(V0, -0x8000, A0), 0, 0x10, false, EXC_TLBS, 0xffff8010u, false, KERNEL_ONLY },
	{ LW(V0, 8, A0), 0, 0xfffffffcu, false, EXC_TLBL, 4, false, 0 }, { SB(V0, 0x7fff, A0), 0, 0xffffffffu, false, EXC_TLBS, 0x7ffe, false, 0 },
	{ LWL(V0, 2, A0), 0, 0xffffffffu, false, EXC_TLBL, 1, false, 0 },
	{ SWR(V0, -3, A0), 0, 1, false, EXC_ADES, 0xfffffffeu, false, USER_ONLY },
	{ BEQ(ZERO, ZERO) | TAKEN, LW(V0, 8, A0), 0xfffffffcu, false, EXC_TLBL, 4, true, 0 },
	/* the TLB */
	{ LW(V0, 0, A0), 0, USER_DATA + 0x1000, false, EXC_TLBL, USER_DATA + 0x1000, false, 0 },
	{ SW(V0, 0, A0), 0, USER_DATA + 0x1004, false, EXC_TLBS, USER_DATA + 0x1004, false, 0 },
	{ SW(V0, 0, A0), 0, USER_RO + 8, false, EXC_MOD, USER_RO + 8, false, 0 }, { LW(V0, 0, A0), 0, USER_RO + 8, false, NONE, 0, false, 0 },
	{ BNE(A2, ZERO) | TAKEN, SW(V0, 0, A0), USER_RO + 8, false, EXC_MOD, USER_RO + 8, true, 0 },
	{ SC(V0, 0, A0), 0, USER_RO, false, NONE, 0, false, 0 }, /* the link is broken: no store */
	{ SWL(V0, 0xffe, A0), 0, USER_DATA, false, NONE, 0, false, 0 }, { LWR(V0, 0xffd, A0), 0, USER_DATA, false, NONE, 0, false, 0 },
	{ LWL(V0, 0x1002, A0), 0, USER_DATA, false, EXC_TLBL, USER_DATA + 0x1002, false, 0 },
	{ SWR(V0, 0x1003, A0), 0, USER_DATA, false, EXC_TLBS, USER_DATA + 0x1003, false, 0 },
	{ SWL(V0, 1, A0), 0, USER_RO, false, EXC_MOD, USER_RO + 1, false, 0 },
	/* CACHE by address is translated as a load is, of any alignment */
	{ CACHE(0x15, 1, A0), 0, 0, true, NONE, 0, false, KERNEL_ONLY },
	{ CACHE(0x15, 3, A0), 0, 0xa0000000u, false, NONE, 0, false, KERNEL_ONLY },
	{ CACHE(0x15, 3, A0), 0, USER_DATA, false, NONE, 0, false, KERNEL_ONLY },
	{ CACHE(0x15, 3, A0), 0, USER_DATA + 0x1000, false, EXC_TLBL, USER_DATA + 0x1003, false, KERNEL_ONLY },
	{ CACHE(0x10, -4, A0), 0, 0x80000000u, false, EXC_TLBL, 0x7ffffffcu, false, KERNEL_ONLY },
	{ CACHE(0x10, 0, A0), 0, 0xdffffffcu, false, EXC_TLBL, 0xdffffffcu, false, KERNEL_ONLY },
	{ CACHE(0x01, 0, A0), 0, 0xdffffffcu, false, NONE, 0, false, KERNEL_ONLY }, /* by index */
	{ BNE(A2, ZERO) | TAKEN, CACHE(0x15, 0, A0), 0xdffffffcu, false, EXC_TLBL, 0xdffffffcu, true, KERNEL_ONLY },
	{ CACHE(0x15, 0, A0), 0, 0, true, EXC_CPU, 0, false, USER_ONLY },
	/* jumps to where nothing can be fetched: EPC is the target */
	{ JR(A0), NOP, 2, true, EXC_ADEL, 2, false, 0 }, { JALR(RA, A0), NOP, 0x71, true, EXC_ADEL, 0x71, false, 0 },
	{ JR(A0), NOP, 0x70000000u, false, EXC_TLBL, 0x70000000u, false, 0 },
	{ JR(A0), NOP, 0x80000000u, false, EXC_ADEL, 0x80000000u, false, USER_ONLY },
	{ JR(A0), NOP, 0xdffffffcu, false, EXC_TLBL, 0xdffffffcu, false, KERNEL_ONLY },
	{ JR(A0), NOP, 0xbf000100u, false, EXC_CPU, 0, false, KERNEL_ONLY }, /* a device answers 455A5B5A: COP1 */
};

static bool user, device; /* device: each trap follows a store to a device */
static struct { gva at, expected_epc; } placed[ARRAY_LEN(traps)];

static bool applies(const struct trap *t) { return !(t->only & (user ? KERNEL_ONLY : USER_ONLY)); }

static uint32_t base(const struct trap *t) { return t->a0 + (!t->data ? 0 : user ? USER_DATA : RIG_DATA); }

static void one_trap(struct code *c, unsigned n)
{
	const struct trap *t = &traps[n];
	bool jump = t->word == JR(A0) || t->word == JALR(RA, A0);
	struct code fix = *c;
	gva top;

	EMIT(c, NOP, NOP, ORI(S6, ZERO, ROUNDS));
	top = c->va;
	if (device)
		EMIT(c, LUI(T3, DEV_KSEG1 >> 16), SW(ZERO, DEV_DMA_WORD, T3));
	code_li(c, A0, base(t));
	code_li(c, A1, 0x7fffffff);
	code_li(c, T9, c->va + 5 * 4);
	EMIT(c, ORI(A2, ZERO, 1), MOVE(V1, S6)); /* t9 skips a word, as TAKEN does */
	placed[n].at = c->va;
	placed[n].expected_epc = jump ? base(t) : c->va;
	EMIT(c, t->word, t->slot, ADDIU(S3, S3, 1));
	code_li(&fix, S7, c->va);
	EMIT(c, XOR(S3, S3, V0), SLL(T0, S3, 3), ADDU(S3, S3, T0), XOR(S3, S3, RA), ADDIU(S6, S6, -1));
	code_branch(c, BGTZ(S6), top);
	code_put(c, NOP);
}

static void trap_program(struct rig *g)
{
	struct code c = user ? code_mapped(g, CODE_PA, USER_CODE) : code_at(g, RIG_CODE);

	rig_handlers(g);
	rig_pte(g, 0, USER_CODE, LO(CODE_PA, 6), LO(CODE_PA + 0x1000, 6));
	rig_pte(g, 0, USER_CODE + 0x2000, LO(CODE_PA + 0x2000, 6), LO(CODE_PA + 0x3000, 6));
	rig_pte(g, 0, USER_DATA, LO(DATA_PA, 6), 0);
	rig_pte(g, 0, USER_RO, LO(DATA_PA + 0x2000, 2), LO(DATA_PA + 0x3000, 2));
	EMIT(&c, LUI(GP, 0x8000), MOVE(V0, ZERO));
	for (unsigned i = 0; i < ARRAY_LEN(traps); i++)
		if (applies(&traps[i]))
			one_trap(&c, i);
	if (!user) {
		code_stop(&c);
		return;
	}
	code_sys_stop(&c);
	cp0_write(g->cpu, C0_EPC, 0, USER_CODE);
	cp0_write(g->cpu, C0_STATUS, 0, ST_UM);
	g->cpu->pc = USER_CODE;
}

/* The records of the general handler against the table.  */
static void check_records(const struct rig *g)
{
	gva at = RIG_LOG;

	for (unsigned i = 0; i < ARRAY_LEN(traps); i++) {
		const struct trap *t = &traps[i];
		bool has_address = t->exc == EXC_ADEL || t->exc == EXC_ADES || t->exc == EXC_TLBL || t->exc == EXC_TLBS || t->exc == EXC_MOD;

		for (unsigned k = 0; k < ROUNDS && applies(t) && t->exc != NONE; k++, at += 16) {
			uint32_t cause = rig_get(g, at);

			ck_assert_msg((cause & CAUSE_EXC) == t->exc << 2, "row %u, round %u: ExcCode %u", i, k, (cause & CAUSE_EXC) >> 2);
			ck_assert_msg(((cause & CAUSE_BD) != 0) == t->bd, "row %u, round %u: BD", i, k);
			ck_assert_msg(rig_get(g, at + 4) == placed[i].expected_epc, "row %u, round %u: EPC 0x%08x, not 0x%08x", i, k, rig_get(g, at + 4),
				      placed[i].expected_epc);
			if (has_address)
				ck_assert_msg(rig_get(g, at + 8) == (t->data ? base(t) - t->a0 : 0) + t->bad, "row %u, round %u: BadVAddr 0x%08x", i, k,
					      rig_get(g, at + 8));
		}
	}
	ck_assert_uint_eq(at + (user ? 16 : 0), rig_get(g, RIG_LOG_AT)); /* the stop is a system call */
}

START_TEST(traps_are_exact)
{
	struct rig_opts o = { .big_endian = _i & 1, .code_room = _i & 4 ? 4000 : 0 };
	struct pair p;

	user = _i & 2;
	p = pair_run(trap_program, &o);
	check_records(p.in);
	rig_tiers(p.in, 1000);
	pair_close(&p);
}
END_TEST

/* A branch in the last word of a page: its slot may be there, may be missing, may fault.  */
static void straddling(struct rig *g)
{
	struct code c = code_mapped(g, CODE_PA + 0x1000 - 16, USER_CODE + 0x1000 - 16);
	bool mapped = rig_get(g, 0x80000ff0u);
	gva after;

	rig_handlers(g);
	rig_pte(g, 0, USER_CODE, LO(CODE_PA, 6), mapped ? LO(CODE_PA + 0x1000, 6) : 0);
	rig_pte(g, 0, USER_DATA, LO(DATA_PA, 6), 0);
	c.pa -= 0x100, c.va -= 0x100;
	EMIT(&c, ORI(S6, ZERO, 30), LUI(A0, USER_DATA >> 16), ORI(V1, ZERO, 0), ORI(T9, ZERO, USER_CODE & 0xffff));
	code_li(&c, S7, USER_CODE + 0x100);
	code_branch(&c, BEQ(ZERO, ZERO), USER_CODE + 0x100);
	code_put(&c, NOP);
	c = code_mapped(g, CODE_PA + 0x100, USER_CODE + 0x100);
	EMIT(&c, ADDIU(S6, S6, -1), BLEZ(S6) | 6u, ANDI(T0, S6, 1), SLL(T1, S6, 4), ADDU(S3, S3, V1), XOR(S3, S3, T1), J(USER_CODE + 0xffc), NOP);
	code_sys_stop(&c);
	c = code_mapped(g, CODE_PA + 0xffc, USER_CODE + 0xffc);
	code_branch(&c, BNE(T0, ZERO), USER_CODE + 0x100);
	EMIT(&c, mapped ? LW(V1, 0, A0) : NOP);
	after = c.va;
	EMIT(&c, LW(V1, 1, A0), NOP);
	ck_assert_uint_eq(after, USER_CODE + 0x1004);
	rig_put(g, 0x80000000u + DATA_PA, 77);
	cp0_write(g->cpu, C0_STATUS, 0, ST_UM);
	g->cpu->pc = USER_CODE + 0xef0;
}

static void straddling_mapped(struct rig *g)
{
	rig_put(g, 0x80000ff0u, 1);
	straddling(g);
}

/* C code that is called from translated code and meets misaligned data is helped, and the guest's accesses are checked behind it.  */
START_TEST(misaligned_devices_do_no_harm)
{
	struct rig_opts o = { .misaligned = true };
	struct pair p;

	user = false;
	device = true;
	p = pair_run(trap_program, &o);
	device = false;
	check_records(p.in);
	if (p.in->ops == &accel_inproc && !SERVICES_CLEAR_AC) /* elsewhere devices are outside */
		ck_assert_uint_gt(engine_get_stats(rig_engine(p.in))->fault_alignment, ROUNDS);
	pair_close(&p);
}
END_TEST

START_TEST(slot_on_the_next_page)
{
	struct pair p = pair_run(_i ? straddling_mapped : straddling, NULL);
	uint32_t records = (rig_get(p.in, RIG_LOG_AT) - RIG_LOG) / 16 - 1; /* the last one is the stop */

	ck_assert_uint_eq(records, _i ? 14 : 29);
	if (!_i) {
		ck_assert_uint_eq(rig_get(p.in, RIG_LOG) & (CAUSE_EXC | CAUSE_BD), CAUSE_BD | EXC_TLBL << 2);
		ck_assert_uint_eq(rig_get(p.in, RIG_LOG + 4), USER_CODE + 0xffc);
		ck_assert_uint_eq(rig_get(p.in, RIG_LOG + 8), USER_CODE + 0x1000);
	}
	pair_close(&p);
}
END_TEST

/* --- interrupts --- */

/* Handler: counts in s5, acknowledges by dropping what the program raised.  */
static void interrupt_handler(struct rig *g)
{
	struct code c = code_at(g, 0x80000180u);

	EMIT(&c, ADDIU(S5, S5, 1), MFC0(K0, C0_EPC), ADDU(S3, S3, K0), SLL(K1, S3, 3), XOR(S3, S3, K1), MTC0(ZERO, C0_CAUSE),
	     LUI(K0, DEV_KSEG1 >> 16), SW(ZERO, DEV_LINES, K0), ERET);
}

/* Raised by the program itself: taken right behind the instruction, on either accelerator.  */
static void self_raised(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	interrupt_handler(g);
	EMIT(&c, ORI(T0, ZERO, 0xff01), MTC0(T0, C0_STATUS), ORI(S6, ZERO, 60), LUI(S0, DEV_KSEG1 >> 16), MOVE(S5, ZERO), MOVE(S3, ZERO));
	top = c.va;
	EMIT(&c, ADDIU(V0, V0, 1), ORI(T1, ZERO, 0x100), MTC0(T1, C0_CAUSE), ADDIU(V0, V0, 2), ORI(T1, ZERO, 0x04), SW(T1, DEV_LINES, S0),
	     ADDIU(V0, V0, 3), DI, SW(T1, DEV_LINES, S0), ADDIU(V0, V0, 4), EI, ADDIU(V0, V0, 5));
	EMIT(&c, BEQ(ZERO, ZERO) | 1u, SW(T1, DEV_LINES, S0), ADDIU(V0, V0, 6), DI, MTC0(T1, C0_CAUSE), ADDIU(V0, V0, 7));
	EMIT(&c, ORI(T0, ZERO, 0xff01), MTC0(T0, C0_STATUS), LW(T2, DEV_COUNTER, S0), SW(S5, DEV_KICK, S0), ADDU(V0, V0, T2), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

START_TEST(raised_interrupts_are_exact)
{
	struct pair p = pair_run(self_raised, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[S5], 60 * 4);
	ck_assert_uint_ge(p.in->exits[EXIT_POLL], 60);
	pair_close(&p);
}
END_TEST

static bool release_1;

/* Registers that translated kernel code writes without help: what they hold then, which address space that is, and what waits.  */
static void in_line(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	interrupt_handler(g);
	EMIT(&c, ORI(T0, ZERO, 0xff00), MTC0(T0, C0_STATUS), ORI(S6, ZERO, 64), LUI(S0, DEV_KSEG1 >> 16), MOVE(S5, ZERO), MOVE(S3, ZERO));
	top = c.va;
	EMIT(&c, ADDIU(T1, ZERO, -1), MTC0(T1, C0_ENTRYLO0), MTC0(S3, C0_ENTRYLO1), MFC0(T2, C0_ENTRYLO0), MFC0(T3, C0_ENTRYLO1), XOR(S3, S3, T2),
	     ADDU(S3, S3, T3), SRL(T1, S6, 4), SUBU(T1, ZERO, T1), MTC0(T1, C0_ENTRYHI), MFC0(T2, C0_ENTRYHI), XOR(S3, S3, T2), SLL(T0, S3, 5),
	     ADDU(S3, S3, T0)); /* every 16th is another ASID */
	if (!release_1) {
		EMIT(&c, EI | T4 << 16, ADDIU(V0, V0, 1), DI | T5 << 16, ADDU(S3, S3, T4), XOR(S3, S3, T5), BEQ(T5, T4) | 1u, EI | T4 << 16,
		     ADDIU(V0, V0, 2), DI | T5 << 16, ADDU(S3, S3, T4));
		EMIT(&c, ANDI(T1, S6, 7), BNE(T1, ZERO) | 5u, ORI(T1, ZERO, 0x04), SW(T1, DEV_LINES, S0), ADDIU(V0, V0, 4), EI | T4 << 16,
		     XOR(S3, S3, T4), DI); /* every eighth has an interrupt waiting */
	}
	EMIT(&c, BNE(S6, ZERO) | 1u, MTC0(S6, C0_ENTRYHI), ADDIU(V0, V0, 3), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

START_TEST(registers_in_line)
{
	struct rig_opts o = { .model = _i ? "au1500" : "24Kc" };
	struct pair p;

	release_1 = _i;
	p = pair_run(in_line, &o);
	ck_assert_uint_eq(p.in->cpu->gpr[S5], release_1 ? 0 : 8);
	ck_assert_uint_lt(engine_get_stats(rig_engine(p.in))->exit_step, 64 * 4);
	pair_close(&p);
}
END_TEST

#define PERIOD 2000u  /* of Count */
#define TICKS 60u

/* The timer while a tight loop runs: s4 is the longest delay.  */
static void under_load(struct rig *g)
{
	struct code c = code_at(g, 0x80000180u);
	gva top;

	EMIT(&c, MFC0(K0, C0_COUNT), MFC0(K1, C0_COMPARE), SUBU(K0, K0, K1), R_TYPE(S4, K0, K1, 0, 43), BEQ(K1, ZERO) | 2u, NOP, MOVE(S4, K0),
	     MFC0(K0, C0_COUNT), ADDIU(K0, K0, PERIOD), MTC0(K0, C0_COMPARE), ADDIU(S5, S5, 1), ERET);
	c = code_at(g, RIG_CODE);
	EMIT(&c, MFC0(T0, C0_COUNT), ADDIU(T0, T0, PERIOD), MTC0(T0, C0_COMPARE), ORI(T0, ZERO, 0x8001), MTC0(T0, C0_STATUS), MOVE(S5, ZERO),
	     MOVE(S4, ZERO), ORI(S2, ZERO, TICKS));
	top = c.va;
	EMIT(&c, ADDIU(V0, V0, 1), XOR(V1, V1, V0), SLTIU(T1, S5, TICKS));
	code_branch(&c, BNE(T1, ZERO), top);
	code_put(&c, NOP);
	code_stop(&c);
}

/* Time is the number of instructions: on either accelerator the timer interrupts the same one, at once.  24Kc: 160 million ticks a
   second, so that the handler reads Count within two ticks.  */
START_TEST(timer_interrupts_are_exact)
{
	const struct rig_opts o = { .slice_ns = _i ? 777 : 0 };
	struct pair p = pair_run(under_load, &o);

	ck_assert_uint_eq(p.in->cpu->gpr[S5], TICKS);
	ck_assert_uint_le(p.in->cpu->gpr[S4], 2);
	rig_tiers(p.in, cpu_insns(p.in->cpu) * 9 / 10);
	pair_close(&p);
}
END_TEST

/* Somebody who calls all the time, and a deadline that is always past: the guest gets on nevertheless, and stops where it must.  */
START_TEST(a_pestered_guest_gets_on)
{
	static const struct rig_opts o;
	struct rig *g = rig_open(_i ? &accel_inproc : &accel_ref, &o);
	struct code c = code_at(g, RIG_CODE);
	gva top = c.va;
	uint64_t done = 0;

	EMIT(&c, ADDIU(V0, V0, 1), XOR(V1, V1, V0));
	code_branch(&c, BNE(V0, ZERO), top);
	code_put(&c, NOP);
	for (unsigned i = 0; i < 300; i++) {
		__atomic_store_n(&g->cpu->attention, 1, __ATOMIC_RELAXED);
		ck_assert_int_eq(g->ops->run(g->accel, 0, 1 + i % 3), EXIT_POLL);
		ck_assert_uint_gt(cpu_insns(g->cpu), done);
		ck_assert_uint_le(cpu_insns(g->cpu), done + 1 + i % 3 + 1);
		done = cpu_insns(g->cpu);
		ck_assert_int_eq(g->ops->run(g->accel, 0, 0), EXIT_POLL);
		ck_assert_uint_eq(cpu_insns(g->cpu), done);
	}
	rig_close(g);
}
END_TEST

/* WAIT until the timer: with interrupts on, then with them off, where WAIT merely ends.  */
static void waiting(struct rig *g)
{
	struct code c = code_at(g, 0x80000180u);
	gva top;

	EMIT(&c, ADDIU(S5, S5, 1), MTC0(ZERO, C0_COMPARE), ERET);
	c = code_at(g, RIG_CODE);
	EMIT(&c, MOVE(S5, ZERO), ORI(S6, ZERO, 40), MOVE(V0, ZERO));
	top = c.va;
	EMIT(&c, ANDI(T1, S6, 1), ORI(T2, T1, 0x8000), MTC0(T2, C0_STATUS), MFC0(T0, C0_COUNT), ADDIU(T0, T0, PERIOD), MTC0(T0, C0_COMPARE), WAIT);
	EMIT(&c, ADDIU(V0, V0, 1), MTC0(ZERO, C0_STATUS), MTC0(ZERO, C0_COMPARE), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

START_TEST(wait_ends_with_the_timer)
{
	struct pair p = pair_run(waiting, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 40);
	ck_assert_uint_eq(p.in->cpu->gpr[S5], 20);
	ck_assert_uint_eq(p.in->waits, 40);
	ck_assert_uint_lt(cpu_insns(p.in->cpu), 40 * 30);
	pair_close(&p);
}
END_TEST

Suite *traps_suite(void)
{
	Suite *s = suite_create("traps");
	TCase *t = tcase_create("traps");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, traps_are_exact, 0, 8);
	tcase_add_test(t, misaligned_devices_do_no_harm);
	tcase_add_loop_test(t, slot_on_the_next_page, 0, 2);
	tcase_add_test(t, raised_interrupts_are_exact);
	tcase_add_loop_test(t, registers_in_line, 0, 2);
	tcase_add_loop_test(t, timer_interrupts_are_exact, 0, 2);
	tcase_add_loop_test(t, a_pestered_guest_gets_on, 0, 2);
	tcase_add_test(t, wait_ends_with_the_timer);
	suite_add_tcase(s, t);
	return s;
}
