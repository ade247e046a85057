/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mappings that the host keeps while nothing may show: of a window that has changed hands, of a page whose TLB entry has gone, in the time
 * until it is known whether it has.  Whatever is kept, the guest sees its TLB.
 */
#include "tests/engine/rig.h"

Suite *kept_suite(void);

#define DATA_PA 0x200000u
#define ROUTINE_PA 0x300000u
#define USER_VA 0x00040000u
#define USER_CODE_VA 0x00060000u
#define APART_VA 0x0007e000u
#define SPACES 200u          /* three times round the windows */
#define ROW 6u

#define LOAD_AT 0x80008000u  /* a0 address, a1 value, v0 result */
#define STORE_AT 0x80008020u
#define UPDATE_PAIR 0x80008040u
#define GO_USER 0x80008080u
#define HANDLER 0x80008100u

static gva data_at(unsigned page) { return 0x80000000u + DATA_PA + page * GUEST_PAGE_SIZE; }

static uint32_t data_lo(unsigned page, uint32_t bits) { return LO(DATA_PA + page * GUEST_PAGE_SIZE, bits); }

/* The routines, and eight calls of those that access memory: they learn that it is the user's.  */
static struct code program(struct rig *g)
{
	struct code c = code_at(g, LOAD_AT);

	EMIT(&c, LW(V0, 0, A0), JR(RA), NOP);
	c = code_at(g, STORE_AT);
	EMIT(&c, SW(A1, 0, A0), JR(RA), NOP);
	/* The pair of a0, of which there is an entry in the array, now is a1, a2.  */
	c = code_at(g, UPDATE_PAIR);
	EMIT(&c, SRL(T2, A0, 13), SLL(T2, T2, 13), MTC0(T2, C0_ENTRYHI), TLBP, MTC0(A1, C0_ENTRYLO0), MTC0(A2, C0_ENTRYLO1), TLBWI, JR(RA), NOP);
	c = code_at(g, GO_USER);
	EMIT(&c, MFC0(T0, C0_STATUS), ORI(T0, T0, ST_UM | ST_EXL), MTC0(T0, C0_STATUS), MTC0(A0, C0_EPC), ERET);
	for (unsigned a = 0; a <= SPACES; a++)
		rig_pte(g, (uint8_t)a, APART_VA, LO(DATA_PA - 0x2000, 6), LO(DATA_PA - 0x1000, 6));
	c = code_at(g, RIG_CODE);
	code_li(&c, A0, APART_VA);
	for (unsigned i = 0; i < 8; i++)
		EMIT(&c, JAL(LOAD_AT), NOP, JAL(STORE_AT), NOP);
	return c;
}

static void mix_result(struct code *c) { EMIT(c, SLL(T0, S3, 1), XOR(S3, V0, T0)); }

static void load(struct code *c, gva va)
{
	code_li(c, A0, va);
	EMIT(c, JAL(LOAD_AT), NOP);
	mix_result(c);
}

static void store(struct code *c, gva va, uint32_t value)
{
	code_li(c, A0, va);
	code_li(c, A1, value);
	EMIT(c, JAL(STORE_AT), NOP);
}

/* A loop over address spaces @from .. @to - 1 begins: s0 is the ASID.  */
static gva spaces_begin(struct code *c, unsigned from, unsigned to)
{
	EMIT(c, ORI(S0, ZERO, from), ORI(S2, ZERO, to));
	return c->va;
}

static void spaces_end(struct code *c, gva top)
{
	EMIT(c, ADDIU(S0, S0, 1));
	code_branch(c, BNE(S0, S2), top);
	code_put(c, NOP);
}

/* --- a row of pages in one address space after the other --- */

/* Pages 0 and 3 are everybody's, 1 and 4 everybody's at the same place but not to be written, 2 is each one's own, 5 every other one's.  */
static void pages_in_turn(struct rig *g)
{
	struct code c = program(g);
	gva top;

	rig_handlers(g);
	for (unsigned i = 0; i < SPACES + 2 * ROW; i++)
		rig_put(g, data_at(i), 0x1003 * i);
	for (unsigned a = 0; a < SPACES; a++) {
		rig_pte(g, (uint8_t)a, USER_VA, data_lo(1, 6), data_lo(9, 2));
		rig_pte(g, (uint8_t)a, USER_VA + 0x2000, data_lo(2 * ROW + a, 6), data_lo(5, 6));
		rig_pte(g, (uint8_t)a, USER_VA + 0x4000, data_lo(3, 2), a & 1u ? data_lo(8, 6) : 0);
	}
	top = spaces_begin(&c, 0, SPACES);
	EMIT(&c, MTC0(S0, C0_ENTRYHI));
	for (unsigned i = 0; i < ROW - 1; i++)
		load(&c, USER_VA + i * GUEST_PAGE_SIZE);
	for (unsigned i = 0; i < ROW - 1; i++) {
		code_li(&c, S7, c.va + 7 * 4); /* a store that is not permitted ends here */
		store(&c, USER_VA + i * GUEST_PAGE_SIZE + 4, 0x70707 * i);
		code_put(&c, NOP);
	}
	code_li(&c, S7, c.va + 8 * 4);
	load(&c, USER_VA + (ROW - 1) * GUEST_PAGE_SIZE);
	EMIT(&c, NOP, NOP);
	spaces_end(&c, top);
	EMIT(&c, MTC0(ZERO, C0_ENTRYHI));
	code_stop(&c);
}

START_TEST(spaces_of_the_same_pages)
{
	struct pair p = pair_run(pages_in_turn, NULL);

	ck_assert_uint_gt(rig_get(p.in, RIG_REFILLS), 3 * SPACES);
	ck_assert_uint_gt(engine_get_stats(rig_engine(p.in))->window_evictions, 100);
	ck_assert_uint_gt(rig_engine(p.in)->nkept, 0);
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_TEMPLATE], 5000);
	pair_close(&p);
}
END_TEST

/* --- what is kept, and then is code --- */

static void call_routine(struct code *c)
{
	code_li(c, T9, 0x80000000u + ROUTINE_PA);
	EMIT(c, JALR(RA, T9), NOP);
	mix_result(c);
}

static struct code routine(struct rig *g)
{
	struct code c = code_at(g, 0x80000000u + ROUTINE_PA);

	EMIT(&c, ORI(V0, ZERO, 1), JR(RA), NOP);
	return program(g);
}

/* The first space writes a page; it becomes a routine while others run; the next owner of the window rewrites it at the same address.  */
static void kept_then_code(struct rig *g)
{
	struct code c = routine(g);
	gva top;

	rig_handlers(g);
	for (unsigned a = 0; a < SPACES; a++)
		rig_pte(g, (uint8_t)a, USER_VA, LO(ROUTINE_PA, 6), LO(ROUTINE_PA, 6));
	EMIT(&c, MTC0(ZERO, C0_ENTRYHI));
	store(&c, USER_VA + 0x800, 1);
	top = spaces_begin(&c, 1, 80); /* all windows have had another owner */
	EMIT(&c, MTC0(S0, C0_ENTRYHI));
	for (unsigned i = 0; i < 4; i++)
		call_routine(&c);
	store(&c, USER_VA, ORI(V0, ZERO, 2));
	call_routine(&c);
	store(&c, USER_VA + 0x1000, ORI(V0, ZERO, 1));
	spaces_end(&c, top);
	code_stop(&c);
}

START_TEST(kept_page_becomes_code)
{
	struct pair p = pair_run(kept_then_code, NULL);

	ck_assert_uint_gt(engine_get_stats(rig_engine(p.in))->window_evictions, 10);
	ck_assert_uint_gt(engine_get_stats(rig_engine(p.in))->units_translated, 20);
	pair_close(&p);
}
END_TEST

/* --- another page in the place of one that is shown --- */

static void update(struct code *c, uint32_t lo0, uint32_t lo1)
{
	code_li(c, A0, USER_VA);
	code_li(c, A1, lo0);
	code_li(c, A2, lo1);
	EMIT(c, JAL(UPDATE_PAIR), NOP);
}

/* As copy-on-write does it; the copy then holds a routine, and is rewritten.  */
static void exchanged(struct rig *g)
{
	struct code c = routine(g);

	rig_handlers(g);
	rig_put(g, data_at(0), 0x1111);
	rig_put(g, data_at(1), 0x2222);
	rig_pte(g, 0, USER_VA, data_lo(0, 6), data_lo(1, 6));
	for (unsigned i = 0; i < 4; i++) {
		load(&c, USER_VA);
		store(&c, USER_VA + 0x1004, i);
		update(&c, LO(ROUTINE_PA, 6), data_lo(1, 2)); /* of the other page the right to write is lost */
		load(&c, USER_VA);
		load(&c, USER_VA + 0x1000);
		for (unsigned k = 0; k < 4; k++)
			call_routine(&c);
		store(&c, USER_VA, ORI(V0, ZERO, 2 + i));
		call_routine(&c);
		code_li(&c, S7, c.va + 7 * 4);
		store(&c, USER_VA + 0x1004, 0x99); /* not permitted */
		code_put(&c, NOP);
		EMIT(&c, MOVE(S7, ZERO));
		update(&c, data_lo(0, 6), data_lo(1, 6));
	}
	code_stop(&c);
}

START_TEST(page_exchanged)
{
	struct pair p = pair_run(exchanged, NULL);

	ck_assert_uint_eq(rig_get(p.in, RIG_LOG_AT) - RIG_LOG, 4 * 16);
	ck_assert_uint_eq(rig_get(p.in, data_at(1) + 4), 3);
	pair_close(&p);
}
END_TEST

/* --- between the loss of an entry and its return --- */

static struct code user_code(struct rig *g)
{
	rig_pte(g, 0, USER_CODE_VA, LO(ROUTINE_PA, 2), LO(ROUTINE_PA, 2));
	return code_at(g, 0x80000000u + ROUTINE_PA);
}

/* Run user_code; it ends with an exception.  */
static void go_user(struct code *c)
{
	code_li(c, A0, USER_CODE_VA);
	code_li(c, S7, c->va + 4 * 4);
	EMIT(c, JAL(GO_USER), NOP);
}

/* A program that may use CP0 takes an entry away and goes on in user mode.  */
static void lost_in_user_mode(struct rig *g)
{
	struct code u = user_code(g), c = program(g);

	rig_handlers_to_kernel(g);
	rig_pte(g, 0, USER_VA, data_lo(0, 6), data_lo(1, 6));
	rig_put(g, data_at(0), 0x1234);
	code_li(&u, A0, USER_VA);
	EMIT(&u, LW(V0, 0, A0), LW(V0, 0, A0), MTC0(A0, C0_ENTRYHI), TLBP, LUI(T0, 0xa000), MTC0(T0, C0_ENTRYHI), MTC0(ZERO, C0_ENTRYLO0),
	     MTC0(ZERO, C0_ENTRYLO1), TLBWI, LW(V1, 0, A0), SYSCALL);
	EMIT(&c, LUI(T0, ST_CU0 >> 16), MTC0(T0, C0_STATUS));
	for (unsigned i = 0; i < 7; i++)
		go_user(&c);
	code_stop(&c);
}

START_TEST(entry_lost_in_user_mode)
{
	struct pair p = pair_run(lost_in_user_mode, NULL);

	ck_assert_uint_ge(rig_get(p.in, RIG_REFILLS), 1 + 7);
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_TEMPLATE], 20);
	pair_close(&p);
}
END_TEST

/* A refill with s5 set begins with a load from a0, which then raises an exception of its own.  */
static void handler_that_loads(struct rig *g)
{
	insn_word refill[32];
	struct code c;

	rig_handlers_to_kernel(g);
	for (unsigned i = 0; i < ARRAY_LEN(refill); i++)
		refill[i] = rig_get(g, 0x80000000u + 4 * i);
	c = code_at(g, 0x80000000u);
	code_put(&c, BNE(S5, ZERO) | (ARRAY_LEN(refill) + 1));
	code_put(&c, NOP);
	code_emit(&c, ARRAY_LEN(refill), refill);
	EMIT(&c, JAL(HANDLER), NOP);
	c = code_at(g, HANDLER);
	EMIT(&c, LW(V0, 0, A0), MTC0(S7, C0_EPC), ERET);
}

/* The second page of a pair that TLBWR has pushed out does not allow a store: the whole entry is gone, and the handler finds the first page
   gone, which had been shown.  */
static void lost_before_the_handler(struct rig *g)
{
	struct code u = user_code(g), c = program(g);
	gva top;

	handler_that_loads(g);
	for (unsigned i = 1; i < 15; i++)
		rig_pte(g, 0, USER_VA + i * 0x2000u, data_lo(2 + i, 2), data_lo(2 + i, 2));
	for (unsigned i = 33; i < 60; i++) /* APART_VA is what would be 31 */
		rig_pte(g, 0, USER_VA + i * 0x2000u, data_lo(2 + i, 2), data_lo(2 + i, 2));
	rig_pte(g, 0, USER_VA, data_lo(0, 6), data_lo(1, 2));
	rig_put(g, data_at(0), 0x1234);
	code_li(&u, A0, USER_VA);
	EMIT(&u, LW(V0, 0, A0), LW(V0, 0, A0), LW(V1, 0x1000, A0), ORI(T1, ZERO, 14), ORI(T3, ZERO, 0x2000), ADDU(T2, A0, T3));
	top = u.va;
	EMIT(&u, LW(V1, 0, T2), ADDIU(T1, T1, -1));
	code_branch(&u, BGTZ(T1), top);
	EMIT(&u, ADDU(T2, T2, T3), ORI(T1, ZERO, 27), LUI(T2, (USER_VA + 33 * 0x2000u) >> 16), ORI(T2, T2, (USER_VA + 33 * 0x2000u) & 0xffffu));
	top = u.va;
	EMIT(&u, LW(V1, 0, T2), ADDIU(T1, T1, -1));
	code_branch(&u, BGTZ(T1), top);
	EMIT(&u, ADDU(T2, T2, T3), ORI(S5, ZERO, 1), SW(ZERO, 0x1000, A0), SYSCALL);
	code_li(&c, A0, APART_VA);
	for (unsigned i = 0; i < 8; i++) { /* its load learns that it is the user's */
		code_li(&c, S7, c.va + 4 * 4);
		EMIT(&c, JAL(HANDLER), NOP);
	}
	for (unsigned i = 0; i < 6; i++) {
		code_put(&c, MOVE(S5, ZERO));
		go_user(&c);
		mix_result(&c);
	}
	code_put(&c, MOVE(S5, ZERO));
	code_stop(&c);
}

START_TEST(entry_lost_before_the_handler)
{
	struct pair p = pair_run(lost_before_the_handler, NULL);

	/* The load in the handler: EXL was set, so that EPC is the store's.  */
	ck_assert_uint_eq(rig_get(p.in, RIG_LOG) & 0x7c, 2 << 2);
	ck_assert_uint_eq(rig_get(p.in, RIG_LOG + 8), USER_VA);
	pair_close(&p);
}
END_TEST

Suite *kept_suite(void)
{
	Suite *s = suite_create("kept");
	TCase *t = tcase_create("kept");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, spaces_of_the_same_pages);
	tcase_add_test(t, kept_page_becomes_code);
	tcase_add_test(t, page_exchanged);
	tcase_add_test(t, entry_lost_in_user_mode);
	tcase_add_test(t, entry_lost_before_the_handler);
	suite_add_tcase(s, t);
	return s;
}
