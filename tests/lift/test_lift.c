/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lifted code against the reference interpreter: random programs and small loops, both byte orders, with pages taken away and
 * budgets running out at random moments.  What ends differently names the seed.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcmap/xabi.h"
#include "tests/lift/lift_machine.h"

enum { ZERO, AT, V0, V1, A0, A1, A2, A3, T0, T1, T2, T3, T4, T5, T6, T7, S0, S1, S2, S3, S4, S5, S6, S7, T8, T9, K0, K1, GP, SP, FP, RA };

#define NOP 0u

/* Encodings, as constant expressions.  */
#define itype(op, rs, rt, imm) ((uint32_t)(op) << 26 | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((uint32_t)(imm) & 0xffffu))
#define rtype(funct, rs, rt, rd, sa) \
	((uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | (uint32_t)(rd) << 11 | (uint32_t)(sa) << 6 | (uint32_t)(funct))
#define jump(op, word) ((uint32_t)(op) << 26 | (((LM_CODE >> 2) + (word)) & 0x03ffffffu))

#define ADDIU(rt, rs, imm) itype(0x09, rs, rt, (uint32_t)(imm))
#define ADDU(rd, rs, rt) rtype(0x21, rs, rt, rd, 0)
#define SUBU(rd, rs, rt) rtype(0x23, rs, rt, rd, 0)
#define XOR(rd, rs, rt) rtype(0x26, rs, rt, rd, 0)
#define SLT(rd, rs, rt) rtype(0x2a, rs, rt, rd, 0)
#define SLL(rd, rt, sa) rtype(0x00, 0, rt, rd, sa)
#define SRL(rd, rt, sa) rtype(0x02, 0, rt, rd, sa)
#define MEM(op, rt, off, rs) itype(op, rs, rt, (uint32_t)(off))
#define LB 0x20u
#define LWL 0x22u
#define LW 0x23u
#define LBU 0x24u
#define LWR 0x26u
#define SB 0x28u
#define SWL 0x2au
#define SW 0x2bu
#define SWR 0x2eu
#define LL 0x30u
#define SC 0x38u
/* Branches name words of the page.  */
#define BR(op, rs, rt, from, to) itype(op, rs, rt, (uint32_t)((to) - (from) - 1))
#define BEQ(rs, rt, from, to) BR(4u, rs, rt, from, to)
#define BNE(rs, rt, from, to) BR(5u, rs, rt, from, to)
#define BNEL(rs, rt, from, to) BR(0x15u, rs, rt, from, to)
#define JR(rs) rtype(0x08, rs, 0, 0, 0)
#define JAL(word) jump(3, word)
#define END JR(T9), NOP

/* --- small programs: a0 points to data, a2 counts, t9 is the way out --- */

struct program {
	const char *name;
	uint32_t code[48];
	unsigned min_lifted; /* per cent of instructions that must run in lifted code */
};

#define NO_CALLS 90u

static const struct program *programs(unsigned *n)
{
	static const struct program list[] = {
		{ "copy words", { ADDIU(A1, A0, 0x400), MEM(LW, T0, 0, A0), ADDIU(A2, A2, -1), MEM(SW, T0, 0, A1), ADDIU(A0, A0, 4),
				  BNE(A2, ZERO, 5, 1), ADDIU(A1, A1, 4), END }, NO_CALLS },
		{ "checksum, shifted", { MEM(LW, T0, 0, A0), SLL(T1, V0, 5), SRL(T2, V0, 27), XOR(V0, T1, T2), XOR(V0, V0, T0),
					 ADDIU(A2, A2, -1), BNE(A2, ZERO, 6, 0), ADDIU(A0, A0, 4), END }, NO_CALLS },
		{ "find a byte, likely", { MEM(LBU, T0, 0, A0), BEQ(T0, ZERO, 1, 6), ADDIU(A2, A2, -1), BNEL(A2, ZERO, 3, 1),
					   MEM(LBU, T0, 1, A0), NOP, ADDU(V0, T0, A2), END }, NO_CALLS },
		{ "nested loops", { ADDIU(S0, ZERO, 50), ADDIU(T0, ZERO, 20), ADDU(T1, A0, ZERO), MEM(LW, T2, 0, T1), ADDIU(T0, T0, -1),
				    ADDU(V0, V0, T2), BNE(T0, ZERO, 6, 3), ADDIU(T1, T1, 4), ADDIU(S0, S0, -1), MEM(SW, V0, 0x800, A0),
				    BNE(S0, ZERO, 10, 1), SUBU(V0, V0, S0), END }, NO_CALLS },
		{ "bubble sort", { ADDIU(S0, ZERO, 24), ADDU(T0, A0, ZERO), ADDIU(T1, ZERO, 24), MEM(LW, T2, 0, T0), MEM(LW, T3, 4, T0),
				   SLT(T4, T3, T2), BEQ(T4, ZERO, 6, 10), ADDIU(T1, T1, -1), MEM(SW, T3, 0, T0), MEM(SW, T2, 4, T0),
				   BNE(T1, ZERO, 10, 3), ADDIU(T0, T0, 4), ADDIU(S0, S0, -1), BNE(S0, ZERO, 13, 1), NOP, END }, NO_CALLS },
		{ "calls in a loop", { ADDU(S1, A0, ZERO), ADDIU(S0, ZERO, 40), JAL(10), ADDU(A0, S1, ZERO), ADDIU(S0, S0, -1),
				       ADDU(V1, V1, V0), BNE(S0, ZERO, 6, 2), ADDIU(S1, S1, 4), END, MEM(LW, T0, 0, A0), JR(RA),
				       ADDU(V0, T0, A0) }, NO_CALLS },
		{ "recursion", { ADDIU(A0, ZERO, 9), JAL(5), NOP, END, ADDIU(SP, SP, -16), MEM(SW, RA, 12, SP), MEM(SW, S0, 8, SP),
				 MEM(SW, S1, 4, SP), BEQ(A0, ZERO, 9, 18), ADDU(V0, A0, ZERO), ADDU(S0, A0, ZERO), JAL(5),
				 ADDIU(A0, S0, -1), ADDU(S1, V0, ZERO), SRL(A0, S0, 1), JAL(5), SRL(A0, A0, 1), ADDU(V0, V0, S1),
				 MEM(LW, S1, 4, SP), MEM(LW, S0, 8, SP), MEM(LW, RA, 12, SP), JR(RA), ADDIU(SP, SP, 16) }, NO_CALLS },
		{ "unaligned copy", { MEM(LWL, T0, 4, A0), MEM(LWR, T0, 1, A0), ADDIU(A2, A2, -1), MEM(SWL, T0, 0x406, A0),
				      MEM(SWR, T0, 0x403, A0), BNE(A2, ZERO, 5, 0), ADDIU(A0, A0, 4), END }, NO_CALLS },
		{ "linked increment", { MEM(LL, T0, 0, A0), ADDIU(T0, T0, 1), MEM(SC, T0, 0, A0), BEQ(T0, ZERO, 3, 0), ADDIU(A2, A2, -1),
					MEM(LW, T1, 4, A0), BNE(A2, ZERO, 6, 0), MEM(SW, T1, 8, A0), END }, 0 },
		{ "engine steps in a loop", { itype(0x10, 0, T0, 13 << 11), ADDIU(A2, A2, -1), MEM(SW, T0, 0, A0), ADDU(V0, V0, T0),
					      BNE(A2, ZERO, 4, 0), ADDIU(A0, A0, 4), END }, 50 },
		{ "jump into the loop", { BEQ(ZERO, ZERO, 0, 4), ADDIU(T0, ZERO, 7), ADDU(V0, V0, T1), ADDIU(T0, T0, 3), MEM(LW, T1, 0, A0),
					  ADDIU(A2, A2, -1), BNE(A2, ZERO, 6, 2), XOR(V0, V0, T0), END }, NO_CALLS },
	};

	*n = ARRAY_LEN(list);
	return list;
}

static void start_state(struct lm *m, struct cpu *c)
{
	*c = m->cpu;
	for (unsigned r = 1; r < 32; r++)
		c->gpr[r] = lm_random(m) % 8 ? lm_random(m) : (uint32_t)(lm_random(m) % 5) - 2u;
	c->hi = lm_random(m);
	c->lo = lm_random(m);
	c->ll_bit = 0;
	c->gpr[A0] = c->gpr[A1] = LM_DATA;
	c->gpr[S7] = c->gpr[T8] = LM_DATA + 0x800;
	c->gpr[SP] = LM_DATA + 0x3000;
	c->gpr[T9] = LM_EXIT;
	c->gpr[K0] = LM_CODE + 4u * (lm_random(m) % 64);
	c->pc = LM_CODE;
}

static void loops(bool big_endian)
{
	static const struct lift_opts opts = { .verify = true };
	struct lm *m = lm_open(big_endian);
	struct lifter *l;
	struct err e = ERR_INIT;
	struct cpu start, reset = m->cpu;
	unsigned n;
	const struct program *list = programs(&n);

	ck_assert_msg(lifter_create(&opts, &l, &e) == ST_OK, "%s", e.text);
	for (unsigned i = 0; i < n; i++) {
		unsigned recovered = 0, hidden = 0;

		memset(m->page, 0, 4 * GUEST_PAGE_WORDS);
		memcpy(m->page, list[i].code, sizeof list[i].code);
		lm_drop_units(m);
		ck_assert_msg(lm_lift(m, l, 0, NULL, &e) == ST_OK, "%s: %s", list[i].name, e.text);
		for (unsigned w = 1; w < ARRAY_LEN(list[i].code); w++)
			if (list[i].code[w - 1] == NOP && list[i].code[w - 2] == JR(T9) && list[i].code[w])
				ck_assert_msg(lm_lift(m, l, w, NULL, &e) == ST_OK, "%s: %s", list[i].name, e.text);
		lm_link(m);
		for (unsigned k = 0; k < 60; k++) {
			unsigned total;
			const char *why;

			m->cpu = reset;
			m->seed = k * 1000 + i;
			m->inject = k < 2 ? 0 : k % 3 * 45;
			m->short_budgets = k % 4 == 3;
			memset(&m->stats, 0, sizeof m->stats);
			start_state(m, &start);
			start.gpr[A2] = 60;
			why = lm_compare(m, &start, 100000);
			ck_assert_msg(!why, "%s, seed %u: %s", list[i].name, (unsigned)(k * 1000 + i), why);
			total = m->stats.lifted_insns + m->stats.misses;
			ck_assert_msg(k || m->stats.lifted_insns * 100 >= total * list[i].min_lifted,
				      "%s: only %u of %u instructions in lifted code", list[i].name, m->stats.lifted_insns, total);
			recovered += m->stats.recovered;
			hidden += m->stats.hidden;
		}
		ck_assert_msg(recovered > 10 && hidden > 10, "%s: %u accesses recovered, %u retried", list[i].name, recovered, hidden);
	}
	lifter_destroy(l);
}

START_TEST(loops_le) { loops(false); }
END_TEST
START_TEST(loops_be) { loops(true); }
END_TEST

/* --- random programs --- */

static uint32_t pick(struct lm *m, const uint8_t *from, unsigned n) { return from[lm_random(m) % n]; }

/* A destination: never a register that programs need to stay on course.  */
static uint32_t dest(struct lm *m)
{
	static const uint8_t kept[] = { A1, S7, T8, T9, K0, SP };
	uint32_t r = lm_random(m) % 32;

	for (unsigned i = 0; i < sizeof kept; i++)
		if (r == kept[i])
			return T0 + i;
	return r;
}

static uint32_t random_plain(struct lm *m)
{
	static const uint8_t special[] = { 0x00, 0x02, 0x03, 0x04, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1a, 0x1b,
					   0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2a, 0x2b };
	static const uint8_t special2[] = { 0x00, 0x01, 0x02, 0x04, 0x05 };
	static const uint8_t alu[] = { 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
	static const uint8_t mem[] = { 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x29, 0x2a, 0x2b, 0x2e, 0x23, 0x2b };
	static const uint8_t base[] = { A1, S7, T8, SP };
	uint32_t rs = lm_random(m) % 32, rt = lm_random(m) % 32, rd = dest(m), sa = lm_random(m) % 32, op;

	switch (lm_random(m) % 16) {
	case 0: case 1: case 2: case 3:
		op = pick(m, special, sizeof special);
		if (op == 0x02 && sa % 4 == 0)
			return rtype(op, 1, rt, rd, sa); /* ROTR */
		if (op < 4)
			rs = 0;
		if (op == 0x06 && sa % 4 == 0)
			return rtype(op, rs, rt, rd, 1); /* ROTRV */
		if (op == 0x18 || op == 0x19 || op == 0x1a || op == 0x1b || op == 0x11 || op == 0x13)
			return rtype(op, rs, op < 0x18 ? 0 : rt, 0, 0);
		if (op == 0x10 || op == 0x12)
			return rtype(op, 0, 0, rd, 0);
		return rtype(op, rs, rt, rd, op < 4 ? sa : 0);
	case 4:
		op = pick(m, special2, sizeof special2);
		return 0x70000000u | rtype(op, rs, rt, op == 2 ? rd : 0, 0);
	case 5:
		return 0x70000000u | rtype(0x20 + sa % 2, rs, rd, rd, 0); /* CLZ, CLO */
	case 6:
		if (sa % 2)
			return 0x7c000000u | rtype(0x20, 0, rt, rd, sa & 2 ? 0x10 : sa & 4 ? 0x18 : 0x02); /* SEB SEH WSBH */
		op = lm_random(m) % (32 - sa);
		return sa & 4 ? 0x7c000000u | rtype(0x00, rs, rd, op, sa)         /* EXT: size - 1, position */
			      : 0x7c000000u | rtype(0x04, rs, rd, sa + op, sa);   /* INS: last bit, position */
	case 7: case 8: case 9:
		op = pick(m, alu, sizeof alu);
		return itype(op, op == 0x0f ? 0 : rs, rd, lm_random(m) % 4 ? lm_random(m) : sa - 16);
	case 10:
		if (sa == 0)
			return rtype(0x20 + (rt & 2), rs, rt, rd, 0); /* ADD, SUB */
		if (sa == 1)
			return rtype(0x34, rs, rt, 0, 0);             /* TEQ */
		if (sa == 2)
			return MEM(LW, rd, lm_random(m), rs);         /* anywhere */
		if (sa == 3)
			return MEM(rt % 2 ? LL : SC, rd, 4 * sa, pick(m, base, sizeof base));
		if (sa == 4)
			return rt % 4 == 0 ? itype(0x10, 0, rd, 13 << 11)    /* MFC0 Cause: an engine step */
				: rt % 4 == 1 ? itype(0x10, 0, rd, 12 << 11) /* MFC0 Status */
				: rt % 4 == 2 ? itype(0x10, 4, rt, 14 << 11) /* MTC0 EPC */
				: itype(0x10, 0x0b, rd, 0x6000);             /* DI */
		return 0x0000000fu;                                   /* SYNC */
	default:
		op = pick(m, mem, sizeof mem);
		sa = lm_random(m) % 0x200 - 0x100;
		if (op == 0x21 || op == 0x25 || op == 0x29)
			sa &= lm_random(m) % 64 ? ~1u : ~0u;
		if (op == 0x23 || op == 0x2b)
			sa &= lm_random(m) % 64 ? ~3u : ~0u;
		return MEM(op, op < 0x28 ? dest(m) : rt, sa, pick(m, base, sizeof base));
	}
}

static uint32_t random_branch(struct lm *m, unsigned at, unsigned len)
{
	static const uint8_t cond[] = { 0x04, 0x05, 0x06, 0x07, 0x14, 0x15, 0x16, 0x17 };
	static const uint8_t regimm[] = { 0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x12, 0x13 };
	uint32_t rs = lm_random(m) % 32, rt = lm_random(m) % 32, to = lm_random(m) % len, op;

	if (lm_random(m) % 3)
		to = at + 2 + lm_random(m) % 8;
	if (to >= len)
		to = len;
	switch (lm_random(m) % 8) {
	case 0:
		return jump(2 + rt % 2, to);
	case 1:
		return rs % 4 == 0 ? JR(RA) : rs % 4 == 1 ? JR(K0) : rtype(0x09, K0, 0, RA, 0);
	case 2: case 3:
		op = pick(m, regimm, sizeof regimm);
		return BR(1u, rs == RA ? T0 : rs, op, at, to);
	default:
		op = pick(m, cond, sizeof cond);
		return BR(op, rs, (op & 2) ? 0 : rs % 5 == 0 ? rs : rt, at, to);
	}
}

static unsigned random_page(struct lm *m)
{
	unsigned len = 20 + lm_random(m) % 100, i = 0;

	memset(m->page, 0, 4 * GUEST_PAGE_WORDS);
	while (i < len) {
		if (lm_random(m) % 5 == 0 && i + 1 < len)
			m->page[i] = random_branch(m, i, len), i++;
		m->page[i++] = random_plain(m);
	}
	m->page[len] = JR(T9);
	m->page[len + 1] = NOP;
	return len + 2;
}

static void lift_page(struct lm *m, struct lifter *l, unsigned len, const uint8_t *sites, unsigned *refused)
{
	struct err e = ERR_INIT;

	for (unsigned w = 0; w < len;) {
		enum status st = lm_lift(m, l, w, sites, &e);

		ck_assert_msg(st == ST_OK || st == ST_UNSUPPORTED, "seed %u: %s", (unsigned)m->seed, e.text);
		*refused += st != ST_OK;
		w += st == ST_OK && m->units[m->nunits - 1]->nwords ? m->units[m->nunits - 1]->nwords : 8;
	}
}

static void random_programs(bool big_endian, unsigned seed, unsigned programs_wanted)
{
	static const struct lift_opts opts = { .verify = true };
	struct lm *m = lm_open(big_endian);
	struct lifter *l;
	struct err e = ERR_INIT;
	struct cpu start, reset = m->cpu;
	unsigned refused = 0, lifted = 0, recovered = 0, polls = 0, steps = 0;
	uint8_t sites[GUEST_PAGE_WORDS];

	ck_assert_msg(lifter_create(&opts, &l, &e) == ST_OK, "%s", e.text);
	for (unsigned i = 0; i < programs_wanted; i++) {
		unsigned len;

		m->cpu = reset;
		m->seed = (uint64_t)seed << 32 | i;
		lm_drop_units(m);
		len = random_page(m);
		memset(sites, 0, sizeof sites);
		for (unsigned w = 0; i % 4 == 3 && w < len; w++)
			sites[w] = (uint8_t)(lm_random(m) % 8 == 0 ? SITE_USER : lm_random(m) % 16 == 0 ? SITE_SLOW : 0);
		m->bmi2 = i % 5 == 4 && __builtin_cpu_supports("bmi2");
		m->unit_flags = i % 3 == 2 ? UNIT_KERNEL | UNIT_MAPPED | UNIT_XO : UNIT_KERNEL;
		lift_page(m, l, len, i % 4 == 3 ? sites : NULL, &refused);
		if (i % 2)
			lm_link(m);
		for (unsigned k = 0; k < 20; k++) {
			const char *why;

			m->cpu = reset;
			m->seed = (uint64_t)seed << 32 | i << 8 | k;
			m->inject = k % 3 * 40;
			m->short_budgets = k % 4 == 3;
			memset(&m->stats, 0, sizeof m->stats);
			start_state(m, &start);
			why = lm_compare(m, &start, 6000);
			ck_assert_msg(!why, "seed %u program %u start %u: %s", seed, i, k, why);
			lifted += m->stats.lifted_insns;
			recovered += m->stats.recovered;
			polls += m->stats.polls;
			steps += m->stats.steps;
		}
	}
	lifter_destroy(l);
	ck_assert_msg(refused * 20 <= programs_wanted, "%u runs of %u programs refused", refused, programs_wanted);
	ck_assert_msg(lifted > programs_wanted * 200 && recovered > programs_wanted && polls > programs_wanted && steps,
		      "too little happened: %u lifted, %u recovered, %u polls, %u steps", lifted, recovered, polls, steps);
}

START_TEST(random_le) { random_programs(false, 1, 60); }
END_TEST
START_TEST(random_be) { random_programs(true, 2, 40); }
END_TEST

/* --- contract --- */

START_TEST(small_buffers_are_refused)
{
	struct lm *m = lm_open(false);
	struct lifter *l;
	struct err e = ERR_INIT;
	struct template_opts opts = { .flags = UNIT_KERNEL };
	struct run_opts scan = { .rev = ISA_R2 };
	static struct run run;
	static uint8_t code[8192];
	static struct unit_entry entries[16];
	static struct unit_fault faults[64];
	static struct unit_reloc relocs[64];
	struct unit full = { .code = code, .code_cap = sizeof code, .entries = entries, .entries_cap = 16, .faults = faults,
			     .faults_cap = 64, .relocs = relocs, .relocs_cap = 64 };
	struct unit u = full;
	unsigned n;

	memcpy(m->page, programs(&n)[3].code, sizeof programs(&n)[3].code);
	run_scan(m->page, LM_CODE, &scan, &run);
	ck_assert_msg(lifter_create(NULL, &l, &e) == ST_OK, "%s", e.text);
	ck_assert_msg(lift_run(l, &run, &opts, &u, &e) == ST_OK, "%s", e.text);
	ck_assert_uint_eq(u.flags, UNIT_KERNEL | UNIT_LLVM | UNIT_FIXED);
	ck_assert_uint_eq(u.nwords, run.nwords);
	full.code_len = u.code_len;
	full.nentries = u.nentries;
	full.nfaults = u.nfaults;
	full.nrelocs = u.nrelocs;
	for (unsigned i = 0; i < 4; i++) {
		struct unit s = full;

		*(i == 0 ? &s.code_cap : i == 1 ? &s.entries_cap : i == 2 ? &s.faults_cap : &s.relocs_cap) =
			(i == 0 ? full.code_len : i == 1 ? full.nentries : i == 2 ? full.nfaults : full.nrelocs) - 1;
		ck_assert_int_eq(lift_run(l, &run, &opts, &s, &e), ST_FULL);
	}
	lifter_destroy(l);
}
END_TEST

START_TEST(output_is_deterministic)
{
	struct lm *m = lm_open(false);
	struct err e = ERR_INIT;
	static uint8_t first[1u << 20];
	uint32_t len = 0;

	for (unsigned i = 0; i < 2; i++) {
		struct lifter *l;

		m->seed = 77;
		lm_drop_units(m);
		ck_assert_msg(lifter_create(NULL, &l, &e) == ST_OK, "%s", e.text);
		random_page(m);
		if (i) /* a lifter that has seen other code makes the same */
			ck_assert_msg(lm_lift(m, l, 10, NULL, &e) == ST_OK, "%s", e.text);
		ck_assert_msg(lm_lift(m, l, 0, NULL, &e) == ST_OK, "%s", e.text);
		if (!i) {
			len = m->units[0]->code_len;
			memcpy(first, m->units[0]->code, len);
		} else {
			ck_assert_uint_eq(m->units[1]->code_len, len);
			ck_assert_mem_eq(m->units[1]->code, first, len);
		}
		lifter_destroy(l);
	}
}
END_TEST

START_TEST(long_runs_are_refused)
{
	static const struct lift_opts opts = { .max_insns = 3 };
	struct lm *m = lm_open(false);
	struct lifter *l;
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < 8; i++)
		m->page[i] = ADDIU(T0, T0, 1);
	m->page[8] = JR(RA);
	ck_assert_msg(lifter_create(&opts, &l, &e) == ST_OK, "%s", e.text);
	ck_assert_int_eq(lm_lift(m, l, 0, NULL, &e), ST_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(e.text, "limit"));
	lifter_destroy(l);
}
END_TEST

/* A marked site reaches kuseg through the user window and kseg0 through the kernel's, without a fault.  */
START_TEST(user_sites_choose_the_window)
{
	static const uint32_t code[] = { MEM(LW, T0, 0, A0), ADDIU(A0, A0, 4), MEM(SW, T0, 0, A1), ADDIU(A2, A2, -1), BNE(A2, ZERO, 4, 0),
					 ADDIU(A1, A1, 4), MEM(LWL, T1, 3, A0), MEM(LWR, T1, 0, A0), MEM(SW, T1, 0, A1), END };
	struct lm *m = lm_open(false);
	struct lifter *l;
	struct err e = ERR_INIT;
	struct cpu start, reset = m->cpu;
	uint8_t sites[GUEST_PAGE_WORDS] = { 0 };

	memcpy(m->page, code, sizeof code);
	sites[0] = sites[2] = sites[6] = sites[7] = sites[8] = SITE_USER;
	ck_assert_msg(lifter_create(NULL, &l, &e) == ST_OK, "%s", e.text);
	ck_assert_msg(lm_lift(m, l, 0, sites, &e) == ST_OK, "%s", e.text);
	for (unsigned k = 0; k < 4; k++) {
		const char *why;

		m->cpu = reset;
		m->seed = k;
		memset(&m->stats, 0, sizeof m->stats);
		start_state(m, &start);
		start.status = ST_ERL;
		start.user_base += XABI_WINDOW_STRIDE;
		start.gpr[A2] = 20;
		start.gpr[A0] = k & 1 ? LM_USER : LM_DATA;
		start.gpr[A1] = (k & 2 ? LM_USER : LM_DATA) + 0x400;
		why = lm_compare(m, &start, 100000);
		ck_assert_msg(!why, "way %u: %s", k, why);
		ck_assert_msg(m->stats.faults == 0 && m->stats.lifted_insns > 100, "way %u: %u faults, %u instructions lifted", k,
			      m->stats.faults, m->stats.lifted_insns);
	}
	lifter_destroy(l);
}
END_TEST

Suite *lift_suite(void);
Suite *lift_suite(void)
{
	Suite *s = suite_create("lift");
	TCase *t = tcase_create("programs");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, loops_le);
	tcase_add_test(t, loops_be);
	tcase_add_test(t, random_le);
	tcase_add_test(t, random_be);
	suite_add_tcase(s, t);
	t = tcase_create("contract");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, user_sites_choose_the_window);
	tcase_add_test(t, small_buffers_are_refused);
	tcase_add_test(t, output_is_deterministic);
	tcase_add_test(t, long_runs_are_refused);
	suite_add_tcase(s, t);
	return s;
}
