/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Code that changes: every way to write to it, every place it may stand in, with and without being told.
 */
#include "tests/engine/rig.h"

Suite *smc_suite(void);

/* One program with a store and several places it may rewrite; each place adds to v0.  */
enum place { EARLIER, NEXT, LATER, TARGET, OTHER, DATA, PLACES };
enum how { WORD, HALF, BYTE, PARTS, LINKED, SLOT, DMA };
enum via { DIRECT, KSEG1, KUSEG, KSEG2, USER, USER_ALIAS };
enum hint { SILENT, HINT_CACHE, HINT_SYNCI };

struct row { enum place place; enum how how; enum via via; enum hint hint; unsigned rounds; bool big; };

static const struct row rows[] = {
	{ NEXT, WORD, DIRECT, SILENT, 20, false }, { NEXT, WORD, DIRECT, SILENT, 20, true },
	{ NEXT, WORD, KSEG1, SILENT, 20, false }, { NEXT, WORD, KUSEG, SILENT, 20, false },
	{ NEXT, WORD, KSEG2, SILENT, 20, false }, { NEXT, WORD, USER, SILENT, 20, false },
	{ NEXT, WORD, USER_ALIAS, SILENT, 20, false }, { NEXT, WORD, USER_ALIAS, SILENT, 20, true },
	{ NEXT, HALF, DIRECT, SILENT, 20, false }, { NEXT, BYTE, DIRECT, SILENT, 20, false },
	{ NEXT, PARTS, DIRECT, SILENT, 20, false }, { NEXT, PARTS, KUSEG, SILENT, 20, true },
	{ NEXT, LINKED, DIRECT, SILENT, 20, false }, { NEXT, LINKED, USER_ALIAS, SILENT, 20, false },
	{ NEXT, SLOT, DIRECT, SILENT, 20, false }, { NEXT, SLOT, USER, SILENT, 20, false },
	{ NEXT, DMA, DIRECT, SILENT, 20, false }, { NEXT, WORD, DIRECT, HINT_CACHE, 20, false },
	{ NEXT, WORD, USER, HINT_SYNCI, 20, false }, { NEXT, WORD, KSEG1, HINT_CACHE, 20, true },
	{ EARLIER, WORD, DIRECT, SILENT, 20, false }, { EARLIER, WORD, KSEG2, SILENT, 20, false },
	{ EARLIER, SLOT, USER_ALIAS, SILENT, 20, false }, { EARLIER, DMA, KSEG1, SILENT, 20, false },
	{ LATER, WORD, DIRECT, SILENT, 20, false }, { LATER, HALF, KUSEG, SILENT, 20, true },
	{ LATER, WORD, USER, SILENT, 20, false }, { LATER, PARTS, USER_ALIAS, HINT_SYNCI, 20, false },
	{ TARGET, SLOT, DIRECT, SILENT, 20, false }, { TARGET, SLOT, KSEG1, SILENT, 20, true },
	{ TARGET, SLOT, KUSEG, SILENT, 20, false }, { TARGET, SLOT, USER_ALIAS, SILENT, 20, false },
	{ OTHER, WORD, DIRECT, SILENT, 20, false }, { OTHER, WORD, KSEG1, SILENT, 20, false },
	{ OTHER, WORD, KUSEG, SILENT, 20, false }, { OTHER, WORD, USER, SILENT, 20, false },
	{ OTHER, BYTE, USER_ALIAS, HINT_SYNCI, 20, true }, { OTHER, DMA, DIRECT, SILENT, 20, false },
	{ DATA, WORD, DIRECT, SILENT, 20, false },
	/* Often enough for the page to be given up, and given back.  */
	{ NEXT, WORD, DIRECT, SILENT, 4000, false }, { LATER, WORD, USER, SILENT, 4000, false },
	{ OTHER, WORD, KSEG1, SILENT, 4000, false }, { DATA, WORD, DIRECT, SILENT, 4000, false },
	{ DATA, WORD, USER_ALIAS, SILENT, 4000, true },
};

#define ROWS (int)ARRAY_LEN(rows)
#define CODE_PA 0x10000u
#define OTHER_PA 0x11000u /* the page behind: one TLB pair with it */
#define USER_VA 0x00010000u
#define ALIAS_VA 0x00028000u
#define KSEG2_VA 0xc0010000u
#define WORD_A ADDIU(V0, V0, 0x11)
#define WORD_B ADDIU(V0, V0, 0x22)

static struct row now;

static gva through(const struct code *c, gva va)
{
	switch (now.via) {
	case KSEG1:
		return va + 0x20000000u;
	case KUSEG:
		return va - RIG_CODE + ALIAS_VA;
	case KSEG2:
		return va - RIG_CODE + KSEG2_VA;
	case USER_ALIAS:
		return va - USER_VA + ALIAS_VA;
	case DIRECT:
	case USER:
		break;
	}
	(void)c;
	return va;
}

/* Store t0 to the word at s0; the way back to it may take a slot.  */
static void store(struct code *c)
{
	bool big = c->g->opts.big_endian;

	switch (now.how) {
	case WORD:
		EMIT(c, SW(T0, 0, S0));
		break;
	case HALF:
		EMIT(c, SH(T0, big ? 2 : 0, S0));
		break;
	case BYTE:
		EMIT(c, SB(T0, big ? 3 : 0, S0));
		break;
	case PARTS:
		EMIT(c, SWR(T0, big ? 3 : 0, S0), SWL(T0, big ? 0 : 3, S0));
		break;
	case LINKED:
		EMIT(c, LL(T1, 0, S0), SC(T0, 0, S0));
		break;
	case SLOT:
		EMIT(c, BEQ(ZERO, ZERO) | 1u, SW(T0, 0, S0));
		break;
	case DMA:
		EMIT(c, LUI(T2, DEV_KSEG1 >> 16), SW(T0, DEV_DMA_WORD, T2), SW(S4, DEV_DMA, T2));
		break;
	}
	if (now.hint != SILENT)
		EMIT(c, now.hint == HINT_CACHE ? CACHE(0x10, 0, S0) : SYNCI(0, S0));
}

static void changing(struct rig *g)
{
	bool user = now.via == USER || now.via == USER_ALIAS;
	struct code c = user ? code_mapped(g, CODE_PA, USER_VA) : code_at(g, RIG_CODE), o = c;
	gva fix, top, place[PLACES], again;

	rig_handlers(g);
	rig_pte(g, 0, USER_VA, LO(CODE_PA, 7), LO(OTHER_PA, 7));
	rig_pte(g, 0, ALIAS_VA, LO(CODE_PA, 7), LO(OTHER_PA, 7));
	rig_pte(g, 0, KSEG2_VA, LO(CODE_PA, 7), LO(OTHER_PA, 7));
	fix = c.va;
	EMIT(&c, NOP, NOP, NOP, NOP); /* s0, s4: written below */
	code_li(&c, S1, WORD_A);
	code_li(&c, S2, WORD_B);
	EMIT(&c, ORI(S6, ZERO, now.rounds), MOVE(V0, ZERO), MOVE(S3, ZERO));
	top = c.va;
	place[EARLIER] = code_put(&c, ADDIU(V0, V0, 1));
	EMIT(&c, MOVE(T0, S1), MOVE(S1, S2), MOVE(S2, T0));
	store(&c);
	place[NEXT] = code_put(&c, ADDIU(V0, V0, 1));
	EMIT(&c, SLL(T1, S3, 5), XOR(S3, S3, T1), ADDU(S3, S3, V0));
	place[LATER] = code_put(&c, ADDIU(V0, V0, 1));
	EMIT(&c, BEQ(ZERO, ZERO) | 2u, now.place == TARGET ? SW(T0, 0, S0) : NOP, NOP);
	place[TARGET] = code_put(&c, ADDIU(V0, V0, 1));
	o.pa = OTHER_PA + 0x40, o.va = (c.va & ~GUEST_PAGE_MASK) + 0x1040;
	EMIT(&c, JAL(o.va), ADDIU(S6, S6, -1));
	again = code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	ck_assert(again < (fix | GUEST_PAGE_MASK));
	if (user)
		code_sys_stop(&c);
	else
		code_stop(&c);
	place[DATA] = code_put(&c, 0);
	place[OTHER] = code_put(&o, ADDIU(V0, V0, 1));
	EMIT(&o, JR(RA), NOP);
	o = user ? code_mapped(g, CODE_PA, fix) : code_at(g, fix);
	code_li(&o, S0, through(&o, place[now.place]));
	code_li(&o, S4, CODE_PA + (place[now.place] - fix));
	if (!user)
		return;
	cp0_write(g->cpu, C0_EPC, 0, fix);
	cp0_write(g->cpu, C0_STATUS, 0, ST_UM);
	g->cpu->pc = fix;
}

START_TEST(code_changes)
{
	unsigned row = (unsigned)(_i % ROWS);
	struct rig_opts o = { .big_endian = rows[row].big, .code_room = _i == (int)row ? 0 : 2000 };
	unsigned n = rows[row].rounds, places = 5, written = n / 2 * (0x11 + 0x22);
	struct pair p;

	now = rows[row];
	if (now.place == TARGET)
		now.how = WORD;
	p = pair_run(changing, &o);
	if (now.place == EARLIER)
		written = written - 0x22 + 1;
	else if (now.place == DATA)
		written = n;
	/* v0 was given up for the number of the last system call where the program ran in user mode.  */
	if (now.via != USER && now.via != USER_ALIAS)
		ck_assert_uint_eq(p.in->cpu->gpr[V0], n * (places - 1) + written);
	else
		ck_assert_uint_eq(p.in->cpu->gpr[V0], RIG_SYS_STOP);
	pair_close(&p);
}
END_TEST

/* Two pages that write to each other's code, and each is executed right after.  */
static void two_pages(struct rig *g)
{
	struct code a = code_at(g, RIG_CODE), b = code_at(g, RIG_CODE + 0x3000);
	gva in_a, top;

	code_li(&a, S0, RIG_CODE + 0x3000 + 8);
	code_li(&a, S1, ADDIU(V0, V0, 3));
	EMIT(&a, ORI(S6, ZERO, 400), MOVE(V0, ZERO));
	top = a.va;
	EMIT(&a, XORI(S1, S1, 6), SW(S1, 0, S0));
	EMIT(&a, JAL(b.va), NOP);
	in_a = code_put(&a, ADDIU(V0, V0, 1));
	EMIT(&a, ADDIU(S6, S6, -1));
	code_branch(&a, BGTZ(S6), top);
	code_put(&a, NOP);
	code_stop(&a);
	EMIT(&b, LUI(T0, in_a >> 16), ORI(T0, T0, in_a), ADDIU(V0, V0, 3), SW(S1, 0, T0), JR(RA), NOP);
}

START_TEST(pages_rewrite_each_other)
{
	struct pair p = pair_run(two_pages, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 200 * 2 * (3 + 5));
	pair_close(&p);
}
END_TEST

/* A routine is copied over another one and called, again and again: exception vectors, recycled pages.  */
static void copied(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE), r;
	gva top, copy;

	for (unsigned k = 0; k < 4; k++) {
		r = code_at(g, RIG_DATA + 0x100 * k);
		for (unsigned i = 0; i < 14; i++)
			EMIT(&r, ADDIU(V0, V0, 1 + k + 16 * i));
		EMIT(&r, JR(RA), NOP);
	}
	EMIT(&c, ORI(S6, ZERO, 300), MOVE(V0, ZERO));
	code_li(&c, S0, RIG_CODE + 0x2000);
	top = c.va;
	code_li(&c, T0, RIG_DATA);
	EMIT(&c, ANDI(T1, S6, 3 << 3), SLL(T1, T1, 5), ADDU(T0, T0, T1), MOVE(T1, S0), ORI(T2, ZERO, 16));
	copy = c.va;
	EMIT(&c, LW(T3, 0, T0), SW(T3, 0, T1), ADDIU(T0, T0, 4), ADDIU(T2, T2, -1));
	code_branch(&c, BGTZ(T2), copy);
	EMIT(&c, ADDIU(T1, T1, 4));
	EMIT(&c, JALR(RA, S0), NOP, JALR(RA, S0), NOP, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

START_TEST(routines_take_turns)
{
	struct pair p = pair_run(copied, NULL);

	pair_close(&p);
}
END_TEST

/* Code in ROM: it reads itself through both unmapped segments, and writes to it go to the device.  */
static void in_rom(struct rig *g)
{
	struct code c = code_mapped(g, RIG_ROM_PA, 0xbfc00000u), start = code_at(g, RIG_CODE);
	gva top;

	EMIT(&start, LUI(T0, 0xbfc0), ORI(T0, T0, 0x100), JR(T0), NOP);
	rig_put(g, 0x9fc00800u, 0x12345678u);
	c.pa += 0x100, c.va += 0x100;
	EMIT(&c, LUI(S0, 0xbfc0), LUI(S1, 0x9fc0), ORI(S6, ZERO, 50), MOVE(V0, ZERO), MOVE(V1, ZERO));
	for (unsigned k = 0; k < 4; k++) {
		top = c.va;
		EMIT(&c, ADDIU(S6, S6, -1));
		if (k == 0) /* each access by itself: the one before it may have left translated code */
			EMIT(&c, LW(T0, 0x800, S0), ADDU(V0, V0, T0));
		else if (k == 1)
			EMIT(&c, LW(T0, 0x800, S1), ADDU(V1, V1, T0));
		else
			EMIT(&c, SW(S6, 0x800, k == 2 ? S0 : S1));
		code_branch(&c, BGTZ(S6), top);
		EMIT(&c, NOP, ORI(S6, ZERO, 50));
	}
	code_stop(&c);
}

START_TEST(rom_is_read_and_not_written)
{
	struct pair p = pair_run(in_rom, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 50 * 0x12345678u);
	ck_assert_uint_eq(p.in->cpu->gpr[V1], 50 * 0x12345678u);
	ck_assert_uint_eq(rig_get(p.in, 0x9fc00800u), 0x12345678u);
	ck_assert_uint_eq(p.in->io_count, p.ref->io_count);
	pair_close(&p);
}
END_TEST

Suite *smc_suite(void)
{
	Suite *s = suite_create("smc");
	TCase *t = tcase_create("smc");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, code_changes, 0, 2 * ROWS);
	tcase_add_test(t, pages_rewrite_each_other);
	tcase_add_test(t, routines_take_turns);
	tcase_add_test(t, rom_is_read_and_not_written);
	suite_add_tcase(s, t);
	return s;
}
