/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How code is cut into steps and runs (isa/block.h), and which registers an instruction touches.
 */
#include <check.h>
#include <string.h>

#include "isa/block.h"

Suite *runs_suite(void);

#define PAGE 0x80010000u
#define NOP 0u
#define ADDIU 0x24420001u     /* addiu $2, $2, 1 */
#define JR_RA 0x03e00008u
#define BEQ(n) (0x10220000u | ((uint32_t)(n) & 0xffffu))  /* beq $1, $2 */
#define BAL(n) (0x04110000u | ((uint32_t)(n) & 0xffffu))
#define B(n) (0x10000000u | ((uint32_t)(n) & 0xffffu))
#define SYSCALL 0x0000000cu
#define MFC0 0x40026000u
#define MTC0 0x40826000u
#define RESERVED 0x0000000eu
#define J(va) (0x08000000u | ((va) >> 2 & 0x03ffffffu))

static insn_word page[GUEST_PAGE_WORDS];
static struct run run;
static struct run_opts opts;

static void set_up(void)
{
	memset(page, 0, sizeof(page));
	memset(&opts, 0, sizeof(opts));
	opts.rev = ISA_R2;
}

static void scan(unsigned word) { run_scan(page, PAGE + 4 * word, &opts, &run); }

static void put(unsigned at, unsigned n, const insn_word *words) { memcpy(&page[at], words, 4 * n); }

#define PUT(at, ...) put(at, sizeof((insn_word[]){ __VA_ARGS__ }) / 4, (insn_word[]){ __VA_ARGS__ })

/* What holds for every run.  */
static void sane(void)
{
	unsigned words = 0;

	for (unsigned i = 0; i < run.nsteps; i++) {
		const struct step *t = &run.steps[i];
		uint32_t f = insn_flags((enum insn_op)t->insn.op);

		ck_assert_uint_eq(t->pc, run.start + 4 * words);
		ck_assert_uint_eq(t->nwords, (f & IF_BRANCH) && (t->pc & GUEST_PAGE_MASK) != GUEST_PAGE_MASK - 3 ? 2 : 1);
		ck_assert_uint_eq(step_behind(t), t->pc + (f & IF_BRANCH ? 8 : 4));
		ck_assert_uint_eq(t->insn.word, page[(t->pc & GUEST_PAGE_MASK) / 4]);
		if (t->nwords == 2)
			ck_assert_uint_eq(t->slot.word, page[(t->pc & GUEST_PAGE_MASK) / 4 + 1]);
		ck_assert(t->ends == ((f & (IF_BRANCH | IF_ENDS)) != 0));
		ck_assert(!t->falls || t->ends);
		ck_assert(t->leader || (i > 0 && !run.steps[i - 1].ends));
		words += t->nwords;
	}
	ck_assert_uint_eq(words, run.nwords);
}

START_TEST(straight_to_a_return)
{
	PUT(4, ADDIU, ADDIU, JR_RA, ADDIU, ADDIU);
	scan(4);
	sane();
	ck_assert(run.nsteps == 3 && run.nwords == 4 && run.end == RUN_JUMP);
	ck_assert(run.steps[0].leader && !run.steps[1].leader && !run.steps[2].leader);
	ck_assert(run.steps[2].kind == STEP_BRANCH && run.steps[2].ends && !run.steps[2].falls);
}
END_TEST

START_TEST(leaders)
{
	/* 0 addiu; 1 beq 5; 2 slot; 3 addiu; 4 bal far; 5 its slot; 6 addiu; 7 beq 3; 8 slot; 9 jr; 10 slot */
	PUT(0, ADDIU, BEQ(4), ADDIU, ADDIU, BAL(100), ADDIU, ADDIU, BEQ(-5), ADDIU, JR_RA, NOP);
	scan(0);
	sane();
	ck_assert(run.end == RUN_JUMP && run.nwords == 11);
	/* steps: 0@0 1@1 2@3 3@4 4@6 5@7 6@9 */
	ck_assert_uint_eq(run.nsteps, 7);
	ck_assert(run.steps[0].leader && !run.steps[1].leader && run.steps[2].leader && !run.steps[3].leader && run.steps[4].leader);
	ck_assert(!run.steps[5].leader && run.steps[6].leader);
	ck_assert(run.steps[1].falls && run.steps[3].falls);
}
END_TEST

START_TEST(target_in_the_middle_of_a_step)
{
	PUT(0, ADDIU, BEQ(1), ADDIU, BEQ(-2), NOP, JR_RA, NOP); /* 3 jumps to 2, the slot of 1: no entry here */
	scan(0);
	sane();
	ck_assert(run.steps[1].nwords == 2 && run.end == RUN_JUMP);
	for (unsigned i = 0; i < run.nsteps; i++)
		ck_assert_uint_ne(run.steps[i].pc, PAGE + 8);
}
END_TEST

START_TEST(leaders_known_from_elsewhere)
{
	page_bits known = { 0 };

	PUT(0, ADDIU, ADDIU, ADDIU, JR_RA, NOP);
	page_bit_set(known, 2);
	page_bit_set(known, 4); /* a slot */
	opts.leaders = known;
	scan(0);
	sane();
	ck_assert(!run.steps[1].leader && run.steps[2].leader && !run.steps[3].leader);
}
END_TEST

START_TEST(stops)
{
	page_bits stop = { 0 };

	PUT(0, ADDIU, ADDIU, BEQ(8), NOP, ADDIU, JR_RA, NOP);
	page_bit_set(stop, 0);
	page_bit_set(stop, 3); /* a slot: control does not fall into it */
	page_bit_set(stop, 4);
	opts.stop = stop;
	scan(0);
	sane();
	ck_assert(run.end == RUN_KNOWN && run.nwords == 4);
	opts.stop = NULL;
	opts.max_words = 3; /* reached inside a pair: the pair is whole */
	scan(0);
	sane();
	ck_assert(run.end == RUN_LIMIT && run.nwords == 4);
	opts.max_words = 2;
	scan(0);
	sane();
	ck_assert(run.end == RUN_LIMIT && run.nwords == 2);
}
END_TEST

START_TEST(ends_of_pages)
{
	scan(1000);
	sane();
	ck_assert(run.end == RUN_PAGE && run.nwords == 24);
	page[1023] = JR_RA;
	scan(1000);
	sane();
	ck_assert(run.end == RUN_JUMP && run.nwords == 24 && run.steps[23].kind == STEP_ENGINE && run.steps[23].ends);
	page[1023] = BEQ(4); /* its slot is on the next page, and so may be its target: no leader here */
	scan(1023);
	sane();
	ck_assert(run.end == RUN_JUMP && run.nwords == 1 && run.nsteps == 1 && run.steps[0].kind == STEP_ENGINE && run.steps[0].falls);
	page[1022] = JR_RA;
	page[1023] = ADDIU;
	scan(1000);
	sane();
	ck_assert(run.end == RUN_JUMP && run.nwords == 24);
}
END_TEST

START_TEST(cuts)
{
	PUT(0, ADDIU, BEQ(4), NOP, ADDIU, ADDIU, BEQ(-2), NOP, ADDIU, ADDIU, JR_RA, NOP); /* leaders: 0, 3, 4, 6, 7 */
	scan(0);
	sane();
	ck_assert_uint_eq(run_cut_at(&run, 2, 5), 4);
	ck_assert_uint_eq(run_cut_at(&run, 2, 3), 3);
	ck_assert_uint_eq(run_cut_at(&run, 2, 9), 7);
	ck_assert_uint_eq(run_cut_at(&run, 8, 9), 9);
}
END_TEST

START_TEST(straight_code)
{
	static const bool straight[] = { false, true, true, false, false, true, false, false, true };

	PUT(0, ADDIU, MFC0, BEQ(4), NOP, ADDIU, SYSCALL, RESERVED, ADDIU, ADDIU);
	for (unsigned i = 0; i < sizeof straight; i++)
		ck_assert_msg(in_straight_code(page, i, ISA_R2) == straight[i], "word %u", i);
}
END_TEST

START_TEST(engine_steps)
{
	PUT(0, MFC0, SYSCALL, MTC0, BEQ(4), MFC0, BEQ(4), BEQ(4), RESERVED);
	scan(0);
	sane();
	ck_assert(run.steps[0].kind == STEP_ENGINE && !run.steps[0].ends);
	ck_assert(run.steps[1].kind == STEP_ENGINE && run.steps[1].ends && run.steps[1].falls);
	ck_assert(run.steps[2].kind == STEP_ENGINE && run.steps[2].ends && run.steps[2].falls && run.steps[2].leader);
	ck_assert(run.steps[3].kind == STEP_ENGINE && run.steps[3].nwords == 2 && run.steps[3].ends); /* engine slot */
	ck_assert(run.steps[4].kind == STEP_ENGINE && run.steps[4].nwords == 2);                      /* branch in a slot */
	ck_assert(run.steps[5].kind == STEP_ENGINE && run.steps[5].ends && !run.steps[5].falls);
	ck_assert(run.end == RUN_JUMP && run.nsteps == 6);
}
END_TEST

START_TEST(plain_in_kernel)
{
	static const struct { insn_word word; bool plain; } rows[] = {
		{ 0x40026000, true },  /* mfc0 Status */
		{ 0x40027000, true },  /* mfc0 EPC */
		{ 0x40026800, false }, /* mfc0 Cause: the timer is looked at */
		{ 0x40024800, false }, /* mfc0 Count */
		{ 0x40020800, false }, /* mfc0 Random: each reading is another */
		{ 0x40027801, false }, /* mfc0 EBase: not on every model */
		{ 0x4002b803, false }, /* no such register */
		{ 0x40827000, true },  /* mtc0 EPC */
		{ 0x40826000, false }, /* mtc0 Status */
		{ 0x41626000, true },  /* di */
		{ 0x41626020, true },  /* ei */
		{ 0x40825000, true },  /* mtc0 EntryHi */
		{ 0x40821000, true },  /* mtc0 EntryLo0 */
		{ 0x40821800, true },  /* mtc0 EntryLo1 */
		{ 0x40820000, false }, /* mtc0 Index */
		{ 0xbc950000, true },  /* cache, by address */
		{ 0xbc810000, true },  /* cache, by index */
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		PUT(0, rows[i].word, B(2), rows[i].word, JR_RA, NOP);
		opts.kernel = true;
		scan(0);
		ck_assert_msg((run.steps[0].kind == STEP_PLAIN && !run.steps[0].ends) == rows[i].plain, "0x%08x", rows[i].word);
		ck_assert_msg((run.steps[1].kind == STEP_BRANCH) == rows[i].plain, "0x%08x in a slot", rows[i].word);
		opts.kernel = false;
		scan(0);
		ck_assert_msg(run.steps[0].kind == STEP_ENGINE && run.steps[1].kind == STEP_ENGINE, "0x%08x in user code", rows[i].word);
	}
}
END_TEST

START_TEST(through_whole_functions)
{
	/* 0 beq 5; 1 slot; 2 addiu; 3 jr; 4 slot; 5 addiu; 6 b 2; 7 slot; 8 not of it */
	PUT(0, BEQ(4), NOP, ADDIU, JR_RA, NOP, ADDIU, B(-5), NOP, ADDIU);
	scan(0);
	sane();
	ck_assert(run.end == RUN_JUMP && run.nwords == 5);
	opts.through = true;
	scan(0);
	sane();
	ck_assert(run.end == RUN_JUMP && run.nwords == 8);
}
END_TEST

START_TEST(targets)
{
	struct insn i;

	insn_decode(BEQ(-1), ISA_R2, &i);
	ck_assert_uint_eq(branch_target(&i, 0x80010000u), 0x80010000u);
	insn_decode(BEQ(0x7fff), ISA_R2, &i);
	ck_assert_uint_eq(branch_target(&i, 0x80010000u), 0x80030000u);
	insn_decode(J(0x00400000u), ISA_R2, &i);
	ck_assert_uint_eq(branch_target(&i, 0x80010000u), 0x80400000u);
	ck_assert_uint_eq(branch_target(&i, 0x7ffffffcu), 0x80400000u); /* the region is the slot's */
}
END_TEST

#define R(n) (1ull << (n))
#define HI_BIT R(32)
#define LO_BIT R(33)

START_TEST(dependencies)
{
	static const struct { insn_word word; uint64_t reads, writes; } rows[] = {
		{ 0x00221821, R(1) | R(2), R(3) },              /* addu $3, $1, $2 */
		{ 0x00201821, R(1), R(3) },                     /* addu $3, $1, $0 */
		{ 0x00220021, R(1) | R(2), 0 },                 /* addu $0, $1, $2 */
		{ 0x3c028001, 0, R(2) },                        /* lui $2 */
		{ 0x00220018, R(1) | R(2), HI_BIT | LO_BIT },   /* mult */
		{ 0x70220000, R(1) | R(2) | HI_BIT | LO_BIT, HI_BIT | LO_BIT }, /* madd */
		{ 0x00001810, HI_BIT, R(3) },                   /* mfhi $3 */
		{ 0x8c220000, R(1), R(2) },                     /* lw $2, ($1) */
		{ 0x88220000, R(1) | R(2), R(2) },              /* lwl: merges */
		{ 0xac220000, R(1) | R(2), 0 },                 /* sw */
		{ 0xe0220000, R(1) | R(2), R(2) },              /* sc */
		{ 0x0022180a, R(1) | R(2) | R(3), R(3) },       /* movz: keeps $3 */
		{ 0x0c000000, 0, R(31) },                       /* jal */
		{ 0x0020f809, R(1), R(31) },                    /* jalr $1 */
		{ 0x04310000, R(1), R(31) },                    /* bgezal */
		{ 0x7c223a04, R(1) | R(2), R(2) },              /* ins $2, $1: keeps the rest */
		{ 0x00000000, 0, 0 },                           /* nop */
		{ 0x40024800, ~0ull, ~0ull },                   /* mfc0 of Count: the engine */
		{ 0x40026000, 0, R(2) },                        /* mfc0 of Status: a copy, where it needs no engine */
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct insn insn;
		struct insn_deps d;

		insn_decode(rows[i].word, ISA_R2, &insn);
		insn_deps(&insn, &d);
		ck_assert_msg(d.reads == rows[i].reads && d.writes == rows[i].writes, "%s: reads %llx, writes %llx", insn_mnemonic(insn.op),
			      (unsigned long long)d.reads, (unsigned long long)d.writes);
	}
}
END_TEST

START_TEST(random_pages)
{
	uint32_t seed = 1;

	for (int n = 0; n < 500; n++) {
		for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++) {
			seed = seed * 1664525u + 1013904223u;
			page[i] = seed ^ seed >> 15;
			if (!(seed >> 28))
				page[i] = seed >> 27 & 1 ? BEQ(seed >> 12) : JR_RA;
		}
		opts.through = n & 1;
		scan(seed >> 20 & 1023);
		sane();
	}
}
END_TEST

Suite *runs_suite(void)
{
	Suite *s = suite_create("runs");
	TCase *t = tcase_create("runs");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, straight_to_a_return);
	tcase_add_test(t, leaders);
	tcase_add_test(t, target_in_the_middle_of_a_step);
	tcase_add_test(t, leaders_known_from_elsewhere);
	tcase_add_test(t, stops);
	tcase_add_test(t, ends_of_pages);
	tcase_add_test(t, cuts);
	tcase_add_test(t, straight_code);
	tcase_add_test(t, engine_steps);
	tcase_add_test(t, plain_in_kernel);
	tcase_add_test(t, through_whole_functions);
	tcase_add_test(t, targets);
	tcase_add_test(t, dependencies);
	tcase_add_test(t, random_pages);
	suite_add_tcase(s, t);
	return s;
}
