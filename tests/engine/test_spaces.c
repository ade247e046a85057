/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address spaces: the TLB as guests use it, against the windows that mirror it.
 */
#include "tests/emit/guestcode.h"
#include "tests/engine/rig.h"

Suite *spaces_suite(void);

/* --- random use --- */

#define DATA_PA 0x200000u
#define CODE_PA 0x300000u
#define PAGES 8u
#define USER_VA 0x00040000u
#define KSEG2_VA 0xc0080000u
#define PAIRS 10u            /* more pages than the array has entries */
#define OPS 260u
#define HOT 0x80008000u      /* routines that are called over and over */
#define LOAD_AT (HOT + 0x00)
#define STORE_AT (HOT + 0x20)
#define FLUSH_PAGE (HOT + 0x40)
#define UPDATE_PAGE (HOT + 0xa0)
#define FLUSH_ALL (HOT + 0x100)
#define USER_CALL (HOT + 0x180)

static struct rng rng;
static unsigned asids, seed;
static bool in_order;        /* neighbours in memory where there are neighbours in an address space, as page caches have them */

/* a0 address, a1 value, v0 result; t registers are anybody's.  */
static void hot_routines(struct rig *g)
{
	struct code c = code_at(g, LOAD_AT);
	gva loop, absent;

	EMIT(&c, LW(V0, 0, A0), JR(RA), NOP);
	c = code_at(g, STORE_AT);
	EMIT(&c, SW(A1, 0, A0), JR(RA), NOP);
	/* Forget the pair of a0 in the current ASID, as Linux does: probe, then overwrite with an entry nothing can match.  */
	c = code_at(g, FLUSH_PAGE);
	EMIT(&c, MFC0(T0, C0_ENTRYHI), ANDI(T1, T0, 255), SRL(T2, A0, 13), SLL(T2, T2, 13), OR(T2, T2, T1), MTC0(T2, C0_ENTRYHI), TLBP,
	     MFC0(T3, C0_INDEX));
	absent = code_put(&c, I_TYPE(1, T3, 0, 0)); /* bltz */
	EMIT(&c, NOP, SLL(T3, T3, 13), LUI(T4, 0xa000), OR(T3, T3, T4), MTC0(T3, C0_ENTRYHI), MTC0(ZERO, C0_ENTRYLO0), MTC0(ZERO, C0_ENTRYLO1),
	     TLBWI);
	code_land(&c, absent);
	EMIT(&c, MTC0(T0, C0_ENTRYHI), JR(RA), NOP);
	/* Put a1, a2 where the pair of a0 is, or anywhere.  */
	ck_assert(c.va <= UPDATE_PAGE);
	c = code_at(g, UPDATE_PAGE);
	EMIT(&c, MFC0(T0, C0_ENTRYHI), ANDI(T1, T0, 255), SRL(T2, A0, 13), SLL(T2, T2, 13), OR(T2, T2, T1), MTC0(T2, C0_ENTRYHI), TLBP,
	     MFC0(T3, C0_INDEX), MTC0(A1, C0_ENTRYLO0), MTC0(A2, C0_ENTRYLO1));
	absent = code_put(&c, I_TYPE(1, T3, 0, 0));
	EMIT(&c, NOP, TLBWI, MTC0(T0, C0_ENTRYHI), JR(RA), NOP);
	code_land(&c, absent);
	EMIT(&c, TLBWR, MTC0(T0, C0_ENTRYHI), JR(RA), NOP);
	ck_assert(c.va <= FLUSH_ALL);
	c = code_at(g, FLUSH_ALL);
	/* The ASID stays: nothing but the sweep itself tells the engine.  */
	EMIT(&c, MFC0(T0, C0_ENTRYHI), MTC0(ZERO, C0_ENTRYLO0), MTC0(ZERO, C0_ENTRYLO1), MFC0(T1, C0_WIRED), LUI(T2, 0xa000), ANDI(T3, T0, 255),
	     OR(T2, T2, T3));
	loop = c.va;
	EMIT(&c, MTC0(T2, C0_ENTRYHI), MTC0(T1, C0_INDEX), TLBWI, ADDIU(T1, T1, 1), ORI(T3, ZERO, 0x2000), ADDU(T2, T2, T3), SLTIU(T4, T1, 16));
	code_branch(&c, BNE(T4, ZERO), loop);
	EMIT(&c, NOP, MTC0(T0, C0_ENTRYHI), JR(RA), NOP);
	ck_assert(c.va <= USER_CALL);
	/* Go to a0 in user mode; the general handler comes back to s7.  */
	c = code_at(g, USER_CALL);
	EMIT(&c, MFC0(T0, C0_STATUS), ORI(T0, T0, ST_UM | ST_EXL), MTC0(T0, C0_STATUS), MTC0(A0, C0_EPC), ERET);
}

/* Pairs that hold for every ASID: those in kseg2 but for one that never does and one that does or not, and one of the user's.  */
static bool is_global(uint32_t pair) { return pair == 9 ? rng_chance(&rng, 128) : pair == 6 || ((pair & 1u) && pair != 7); }

static uint32_t some_lo(bool global, bool code, unsigned page)
{
	uint32_t at = in_order && rng_chance(&rng, 240) ? page % PAGES : rng_below(&rng, PAGES);
	uint32_t pa = (code ? CODE_PA : DATA_PA) + GUEST_PAGE_SIZE * at;

	return LO(pa, (global ? 1u : 0u) | (rng_chance(&rng, 230) ? 2u : 0u) | (rng_chance(&rng, 150) ? 4u : 0u));
}

/* The user's and kseg2's alternate, or stand one behind the other.  */
static gva pair_va(uint32_t pair) { return (pair & 1u ? KSEG2_VA : USER_VA) + (in_order && pair < 8 ? pair >> 1 : pair) * 0x2000u; }

/* The first page of @va's pair, counted from the first pair.  */
static unsigned page_of(gva va) { return va >> 12 & 0x3eu; }

static gva some_va(bool *global, bool *code)
{
	uint32_t pair = rng_below(&rng, PAIRS);

	*global = is_global(pair);
	*code = pair >= 8;
	return pair_va(pair) + (rng_next(&rng) & 0x1000u);
}

static void one_op(struct code *c)
{
	bool global, code;
	gva va = some_va(&global, &code), fix;
	uint32_t lo0 = some_lo(global, code, page_of(va)), lo1 = some_lo(global, code, page_of(va) + 1);
	uint8_t asid = (uint8_t)rng_below(&rng, asids);
	struct code at;

	fix = c->va;
	EMIT(c, NOP, NOP); /* s7 */
	code_li(c, A0, va + (code ? 0x800 : 4 * rng_below(&rng, 1024) + (rng_chance(&rng, 40) ? 2 : 0))); /* 2: an address error comes first */
	switch (rng_below(&rng, 12)) {
	case 0:
		EMIT(c, ORI(T0, ZERO, asid), MTC0(T0, C0_ENTRYHI));
		break;
	case 1: case 2:
		EMIT(c, JAL(LOAD_AT), NOP);
		break;
	case 3: case 4:
		EMIT(c, JAL(STORE_AT), MOVE(A1, S3));
		break;
	case 5:
		EMIT(c, LW(V0, 0, A0), SW(S3, 0, A0));
		break;
	case 6:
		EMIT(c, JAL(FLUSH_PAGE), NOP);
		break;
	case 7: /* the table changes, then the TLB */
		code_li(c, T0, rig_pte_address(asid, va));
		code_li(c, A1, lo0);
		code_li(c, A2, lo1);
		EMIT(c, SW(A1, 0, T0), SW(A2, 4, T0), JAL(rng_chance(&rng, 128) ? FLUSH_PAGE : UPDATE_PAGE), NOP);
		break;
	case 8:
		if (rng_chance(&rng, 50))
			EMIT(c, JAL(FLUSH_ALL), NOP);
		break;
	default: /* code there, called from here or run in user mode */
		code_li(c, A0, (rng_chance(&rng, 128) ? USER_VA + 8 * 0x2000u : KSEG2_VA + 9 * 0x2000u) + (rng_next(&rng) & 0x1000u));
		if (rng_chance(&rng, 128))
			EMIT(c, JALR(RA, A0), NOP);
		else
			EMIT(c, JAL(USER_CALL), NOP);
		break;
	}
	at = code_at(c->g, fix);
	code_li(&at, S7, c->va);
	EMIT(c, SLL(T0, S3, 5), ADDU(S3, S3, T0), XOR(S3, S3, V0));
}

/* Pages of code: a loop that reads and writes user memory at a place of its own, then goes back either way.  */
static void code_pages(struct rig *g)
{
	for (unsigned i = 0; i < PAGES; i++) {
		struct code c = code_at(g, 0x80000000u + CODE_PA + i * GUEST_PAGE_SIZE);
		gva top;

		code_li(&c, T5, USER_VA + 2 * i * 0x1000u + 0x10 * i);
		EMIT(&c, ORI(T6, ZERO, 3));
		top = c.va;
		EMIT(&c, LW(T7, 0, T5), ADDIU(T7, T7, 1 + i), SW(T7, 0, T5), ADDIU(V0, V0, 0x100 << i), ADDIU(T6, T6, -1));
		code_branch(&c, BGTZ(T6), top);
		EMIT(&c, XOR(V0, V0, T7), SYSCALL);
		rig_put(g, 0x80000000u + DATA_PA + i * GUEST_PAGE_SIZE, i);
	}
}

static void random_use(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	rng = (struct rng){ .state = 88172645463325252ull + 7919 * (uint64_t)seed };
	rig_handlers_to_kernel(g);
	hot_routines(g);
	code_pages(g);
	for (unsigned a = 0; a < 256; a++)
		for (unsigned p = 0; p < PAIRS; p++)
			rig_pte(g, (uint8_t)a, pair_va(p), some_lo(is_global(p), p >= 8, page_of(pair_va(p))),
				some_lo(is_global(p), p >= 8, page_of(pair_va(p)) + 1));
	EMIT(&c, ORI(S6, ZERO, 12));
	top = c.va;
	for (unsigned i = 0; i < OPS; i++)
		one_op(&c);
	EMIT(&c, ADDIU(S6, S6, -1), BLEZ(S6) | 4u, NOP);
	code_li(&c, T0, top);
	EMIT(&c, JR(T0), NOP);
	code_stop(&c);
}

START_TEST(random_mappings)
{
	static const unsigned spaces[] = { 1, 2, 3, 5, 40, 62, 63, 80, 255, 256 };
	struct rig_opts o = { .big_endian = _i & 1 };
	struct pair p;

	seed = (unsigned)_i;
	asids = spaces[seed % ARRAY_LEN(spaces)];
	in_order = seed >= 40;
	if (seed >= 30 && seed < 40)
		o.code_room = 3000;
	p = pair_run(random_use, &o);
	ck_assert_uint_gt(rig_get(p.in, RIG_REFILLS), 50);
	ck_assert_uint_gt(rig_get(p.in, RIG_LOG_AT) - RIG_LOG, 16 * 100);
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_TEMPLATE], o.code_room ? 300 : 2000);
	pair_close(&p);
}
END_TEST

/* --- made by hand --- */

/* More address spaces than windows, in turn, each with a page of its own at the same address.  */
static void many_spaces(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE), l = code_at(g, LOAD_AT);
	gva round, top;

	rig_handlers(g);
	EMIT(&l, LW(V0, 0, A0), SW(A1, 4, A0), JR(RA), NOP);
	for (unsigned a = 0; a < 256; a++) {
		rig_pte(g, (uint8_t)a, USER_VA, LO(DATA_PA + a * GUEST_PAGE_SIZE, 6), 0);
		rig_put(g, 0x80000000u + DATA_PA + a * GUEST_PAGE_SIZE, a * a);
	}
	EMIT(&c, ORI(S6, ZERO, 5), MOVE(S3, ZERO), LUI(A0, USER_VA >> 16), ORI(S2, ZERO, 200));
	round = c.va;
	EMIT(&c, MOVE(S0, ZERO));
	top = c.va;
	EMIT(&c, MTC0(S0, C0_ENTRYHI), JAL(LOAD_AT), ADDU(A1, S0, S6), ADDU(S3, S3, V0), ADDIU(S0, S0, 1));
	code_branch(&c, BNE(S0, S2), top);
	EMIT(&c, NOP, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	code_stop(&c);
}

START_TEST(more_spaces_than_windows)
{
	struct pair p = pair_run(many_spaces, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[S3], 5 * (199u * 200 * 399 / 6));
	ck_assert_uint_gt(engine_get_stats(rig_engine(p.in))->window_evictions, 200);
	pair_close(&p);
}
END_TEST

#define WIRED_VA (USER_VA + 31 * 0x2000u)

/* After a flush of everything the kernel goes on in the same address space, then comes to others: none may see its pages.  */
static void flush_and_go_on(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	rig_handlers(g);
	hot_routines(g);
	for (unsigned a = 0; a < 8; a++)
		for (unsigned p = 0; p < 32; p++)
			rig_pte(g, (uint8_t)a, USER_VA + 0x2000 * p, LO(DATA_PA + a * GUEST_PAGE_SIZE, 6), LO(DATA_PA, 6));
	for (unsigned a = 0; a < 8; a++)
		rig_put(g, 0x80000000u + DATA_PA + a * GUEST_PAGE_SIZE, 0x1000 << a);
	/* A wired entry is the one way to go on without a refill, and a refill would show the engine the address space again.  */
	code_li(&c, T0, WIRED_VA | 2u);
	code_li(&c, T1, LO(DATA_PA + 2 * GUEST_PAGE_SIZE, 6));
	EMIT(&c, ORI(T2, ZERO, 1), MTC0(T0, C0_ENTRYHI), MTC0(T1, C0_ENTRYLO0), MTC0(ZERO, C0_ENTRYLO1), MTC0(ZERO, C0_INDEX), TLBWI,
	     MTC0(T2, C0_WIRED), MOVE(S3, ZERO));
	for (unsigned a = 1; a < 8; a++) {
		EMIT(&c, ORI(T0, ZERO, a), MTC0(T0, C0_ENTRYHI), ORI(S6, ZERO, 32), LUI(A0, USER_VA >> 16), ORI(S2, ZERO, 0x2000));
		top = c.va;
		EMIT(&c, JAL(LOAD_AT), ADDIU(S6, S6, -1), ADDU(S3, S3, V0));
		code_branch(&c, BGTZ(S6), top);
		code_put(&c, ADDU(A0, A0, S2));
		if (a == 2 || a == 4)
			EMIT(&c, JAL(FLUSH_ALL), NOP, LUI(A0, WIRED_VA >> 16), ORI(A0, A0, WIRED_VA & 0xffffu), JAL(LOAD_AT), NOP);
	}
	for (unsigned a = 1; a < 8; a++) {
		EMIT(&c, ORI(T0, ZERO, a), MTC0(T0, C0_ENTRYHI), LUI(A0, USER_VA >> 16), JAL(LOAD_AT), NOP, SLL(T0, S3, 1), XOR(S3, V0, T0));
	}
	code_stop(&c);
}

START_TEST(flushed_space_stays_its_own)
{
	struct pair p = pair_run(flush_and_go_on, NULL);

	pair_close(&p);
}
END_TEST

#define BIG_MASK 0x01ffe000u /* pairs of 16 MiB pages */
#define BIG_STEP 0x2000u

/* Sixteen pairs of 16 MiB pages, all the same memory, every second 4 KiB touched: more mappings than a host process may have.  */
static void big_pages(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top, round;

	rig_handlers(g);
	hot_routines(g);
	code_li(&c, T0, BIG_MASK);
	EMIT(&c, MTC0(T0, C0_PAGEMASK), MOVE(S0, ZERO), MOVE(S1, ZERO), ORI(T1, ZERO, LO(0, 6)), MTC0(T1, C0_ENTRYLO0), MTC0(T1, C0_ENTRYLO1),
	     LUI(S2, 0x0200));
	top = c.va;
	EMIT(&c, MTC0(S0, C0_INDEX), MTC0(S1, C0_ENTRYHI), TLBWI, ADDIU(S0, S0, 1), ADDU(S1, S1, S2), SLTIU(T2, S0, 16));
	code_branch(&c, BNE(T2, ZERO), top);
	code_put(&c, NOP);
	code_li(&c, S4, BIG_STEP);
	EMIT(&c, ORI(S6, ZERO, 2), MOVE(S3, ZERO));
	round = c.va;
	code_li(&c, A0, 0x00200000u);
	top = c.va;
	EMIT(&c, LW(V0, 0, A0), ADDU(S3, S3, V0), ADDU(A0, A0, S4), SRL(T2, A0, 29));
	code_branch(&c, BEQ(T2, ZERO), top);
	EMIT(&c, NOP, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	/* One of the pairs now is other memory; the rest of the array goes.  */
	code_li(&c, T1, LO(0x01000000u, 2));
	EMIT(&c, ORI(S0, ZERO, 5), MTC0(S0, C0_INDEX), LUI(S1, 0x0a00), MTC0(S1, C0_ENTRYHI), MTC0(T1, C0_ENTRYLO0), MTC0(T1, C0_ENTRYLO1), TLBWI,
	     MTC0(ZERO, C0_PAGEMASK));
	code_li(&c, A0, 0x0a200000u);
	EMIT(&c, ORI(S6, ZERO, 200));
	top = c.va;
	EMIT(&c, LW(V0, 0, A0), ADDU(S3, S3, V0), ADDU(A0, A0, S4), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	EMIT(&c, NOP, JAL(FLUSH_ALL), NOP);
	code_stop(&c);
	for (unsigned i = 0; i < 0x2000; i++)
		rig_put(g, 0x80200000u + i * BIG_STEP % 0xe00000u, i * 2654435761u);
}

START_TEST(more_pages_than_host_mappings)
{
	struct pair p = pair_run(big_pages, NULL);

	pair_close(&p);
}
END_TEST

#define ROW 16u
#define APART (USER_VA + 31 * 0x2000u)

static void load_row(struct code *c)
{
	gva top;

	code_li(c, A0, USER_VA);
	EMIT(c, ORI(S6, ZERO, ROW), ORI(S2, ZERO, 0x1000));
	top = c->va;
	EMIT(c, JAL(LOAD_AT), ADDIU(S6, S6, -1), SLL(T0, S3, 1), XOR(S3, V0, T0));
	code_branch(c, BGTZ(S6), top);
	code_put(c, ADDU(A0, A0, S2));
}

static uint32_t row_lo(unsigned page) { return LO(DATA_PA + page * GUEST_PAGE_SIZE, 6); }

static void call_pair(struct code *c, gva routine, unsigned page, unsigned shown)
{
	code_li(c, A0, USER_VA + page * GUEST_PAGE_SIZE);
	code_li(c, A1, row_lo(shown));
	code_li(c, A2, row_lo(shown + 1));
	EMIT(c, JAL(routine), NOP);
}

/* Sixteen pages one behind the other, known to the TLB before any of them is touched.  Then pairs of them are taken back, in the middle and
   at the ends, and some given again: other memory, or the same as before.  */
static void known_row(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);

	rig_handlers(g);
	hot_routines(g);
	for (unsigned i = 0; i < 2 * ROW; i++)
		rig_put(g, 0x80000000u + DATA_PA + i * GUEST_PAGE_SIZE, 0x101 * i * i);
	for (unsigned i = 0; i < ROW; i += 2) /* where the TLB has nothing, there is other memory */
		rig_pte(g, 0, USER_VA + i * GUEST_PAGE_SIZE, row_lo(31 - i), row_lo(30 - i));
	rig_pte(g, 0, APART, row_lo(0), row_lo(0));
	code_li(&c, A0, APART);
	EMIT(&c, MOVE(S3, ZERO), ORI(S6, ZERO, 8));
	for (unsigned i = 0; i < 8; i++) /* the load learns that its data is the user's */
		EMIT(&c, JAL(LOAD_AT), NOP);
	for (unsigned i = 0; i < ROW; i += 2)
		call_pair(&c, UPDATE_PAGE, i, i);
	load_row(&c);
	call_pair(&c, FLUSH_PAGE, 6, 0);
	load_row(&c);
	call_pair(&c, FLUSH_PAGE, 0, 0);
	call_pair(&c, FLUSH_PAGE, ROW - 2, 0);
	call_pair(&c, UPDATE_PAGE, 0, 0);
	call_pair(&c, UPDATE_PAGE, 4, 24);
	load_row(&c);
	for (unsigned i = 0; i < ROW; i += 2)
		call_pair(&c, FLUSH_PAGE, i, 0);
	load_row(&c);
	code_stop(&c);
}

START_TEST(row_of_pages)
{
	struct pair p = pair_run(known_row, NULL);
	const struct engine_stats *s = engine_get_stats(rig_engine(p.in));

	ck_assert_uint_lt(s->fault_hidden, 16); /* one by one it would be 28 */
	pair_close(&p);
}
END_TEST

Suite *spaces_suite(void)
{
	Suite *s = suite_create("spaces");
	TCase *t = tcase_create("spaces");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, random_mappings, 0, 60);
	tcase_add_test(t, more_spaces_than_windows);
	tcase_add_test(t, row_of_pages);
	tcase_add_test(t, flushed_space_stays_its_own);
	tcase_add_test(t, more_pages_than_host_mappings);
	suite_add_tcase(s, t);
	return s;
}
