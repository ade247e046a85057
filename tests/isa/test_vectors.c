/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every row of isa/mips32.def against vectors worked out by hand: decoding, meaning, printing.  A row without a vector fails.
 */
#include "tests/isa/guest.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *vectors_suite(void);

enum kind { W_NONE, W_R1, W_R2, W_R3, W_RA, W_HI, W_LO, W_M0, W_M1, W_PC, W_EXC, W_BAD, W_LINK, W_HINT, W_WAITS, W_CP0 };

struct want { enum kind kind; uint32_t value, at; };

struct vector {
	enum insn_op op;
	insn_word word;
	const char *text;
	uint32_t r1, r2, r3;
	uint32_t hi, lo, m0, m1, status, epc, link;
	bool be;
	struct want want[4];
};

#define R2(v) { W_R2, v, 0 }
#define R3(v) { W_R3, v, 0 }
#define RA(v) { W_RA, v, 0 }
#define HI(v) { W_HI, v, 0 }
#define LO(v) { W_LO, v, 0 }
#define M0(v) { W_M0, v, 0 }
#define PC(v) { W_PC, v, 0 }
#define EXC(e) { W_EXC, EXC_##e, 0 }
#define EXC_CPU2 (EXC_CPU | 0x100)
#define BAD(v) { W_BAD, v, 0 }
#define LINK(v) { W_LINK, v, 0 }
#define HINT(v) { W_HINT, v, 0 }
#define WAITS(v) { W_WAITS, v, 0 }
#define CP0(reg, v) { W_CP0, v, reg }
#define W(...) .want = { __VA_ARGS__ }

static const struct vector vectors[] = {
#define V(row, insn, printed, a, b, c, ...) { .op = INSN_##row, .word = insn, .text = printed, .r1 = a, .r2 = b, .r3 = c, __VA_ARGS__ },
#include "tests/isa/vectors.def"
#undef V
};
#undef CP0

#define GROUPS 16
#define SLOT 0x24630001u /* addiu $3, $3, 1 */

static const char *const row_names[INSN_COUNT] = {
	[INSN_INVALID] = "INVALID",
#define INSN(name, mnemonic, bits, operands, flags, since, ref) [INSN_##name] = #name,
#define INSN_REFINES(name, mnemonic, bits, operands, flags, since, ref, parent) [INSN_##name] = #name,
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
};

static void set_up(struct guest *g, const struct vector *v)
{
	struct cpu *c = &g->cpu;

	for (unsigned r = 4; r < 32; r++)
		c->gpr[r] = 0x5a5a0000u + r;
	c->gpr[1] = v->r1;
	c->gpr[2] = v->r2;
	c->gpr[3] = v->r3;
	c->hi = v->hi;
	c->lo = v->lo;
	c->status = v->status;
	c->epc = v->epc;
	c->ll_bit = v->link;
	guest_put(g, GUEST_DATA & 0x1fffffffu, v->m0);
	guest_put(g, (GUEST_DATA & 0x1fffffffu) + 4, v->m1);
	guest_put(g, GUEST_CODE & 0x1fffffffu, v->word);
	guest_put(g, (GUEST_CODE & 0x1fffffffu) + 4, SLOT);
}

#define EXPECT(what, have, should) \
	ck_assert_msg((have) == (should), "%s (%s): " what " is 0x%08x, should be 0x%08x", v->text, row_names[v->op], (unsigned)(have), \
		      (unsigned)(should))

/* What the guest should look like afterwards.  */
struct after { uint32_t gpr[32], hi, lo, m0, m1, pc, link; unsigned hints, waits; };

static void apply(const struct vector *v, const struct want *w, struct guest *g, struct after *a)
{
	struct cpu *c = &g->cpu;

	switch (w->kind) {
	case W_NONE: break;
	case W_R1: a->gpr[1] = w->value; break;
	case W_R2: a->gpr[2] = w->value; break;
	case W_R3: a->gpr[3] = w->value; break;
	case W_RA: a->gpr[31] = w->value; break;
	case W_HI: a->hi = w->value; break;
	case W_LO: a->lo = w->value; break;
	case W_M0: a->m0 = w->value; break;
	case W_M1: a->m1 = w->value; break;
	case W_PC: a->pc = w->value; break;
	case W_LINK: a->link = w->value; break;
	case W_HINT: a->hints = 1; EXPECT("hint", g->last_hint, w->value); break;
	case W_WAITS: a->waits = w->value; break;
	case W_BAD: EXPECT("BadVAddr", c->badvaddr, w->value); break;
	case W_CP0: EXPECT("CP0 register", cp0_read(c, w->at, 0), w->value); break;
	case W_EXC:
		a->pc = 0x80000180u;
		EXPECT("ExcCode", c->cause >> 2 & 31u, w->value & 31u);
		EXPECT("CE", c->cause >> 28 & 3u, w->value == EXC_CPU ? 1u : w->value == EXC_CPU2 ? 2u : 0u);
		EXPECT("EPC", c->epc, GUEST_CODE);
		EXPECT("EXL", c->status & ST_EXL, ST_EXL);
		break;
	}
}

static void check_meaning(const struct vector *v)
{
	struct guest *g = guest_open("24Kc", v->be);
	struct after a = { .hi = v->hi, .lo = v->lo, .m0 = v->m0, .m1 = v->m1, .link = v->link };
	struct insn i;
	unsigned n;

	set_up(g, v);
	insn_decode(v->word, ISA_R2, &i);
	EXPECT("row", i.op, v->op);
	memcpy(a.gpr, g->cpu.gpr, sizeof(a.gpr));
	a.pc = GUEST_CODE + 4;
	a.link = v->op == INSN_ERET ? 0 : v->link;
	n = interp_step(&g->cpu);
	for (unsigned k = 0; k < ARRAY_LEN(v->want); k++)
		apply(v, &v->want[k], g, &a);
	for (unsigned r = 0; r < 32; r++)
		ck_assert_msg(g->cpu.gpr[r] == a.gpr[r], "%s (%s): $%u is 0x%08x, should be 0x%08x", v->text, row_names[v->op], r,
			      g->cpu.gpr[r], a.gpr[r]);
	EXPECT("pc", g->cpu.pc, a.pc);
	EXPECT("hi", g->cpu.hi, a.hi);
	EXPECT("lo", g->cpu.lo, a.lo);
	EXPECT("word 0", guest_get(g, GUEST_DATA & 0x1fffffffu), a.m0);
	EXPECT("word 1", guest_get(g, (GUEST_DATA & 0x1fffffffu) + 4), a.m1);
	EXPECT("ll_bit", g->cpu.ll_bit, a.link);
	EXPECT("hints", g->hints, a.hints);
	EXPECT("waits", g->cpu.waiting, a.waits);
	if (a.pc != 0x80000180u)
		EXPECT("EXL", g->cpu.status & ST_EXL, v->op == INSN_ERET ? 0u : v->status & ST_EXL);
	/* Of a branch, the slot counts if it ran; here it always changes $3, unless a likely branch was not taken.  */
	EXPECT("count", n, insn_flags(v->op) & IF_BRANCH && !(insn_flags(v->op) & IF_LIKELY && a.pc == GUEST_CODE + 8) ? 2u : 1u);
	guest_close(g);
}

/* Processes are dear under sanitizers: some rows share one.  */
START_TEST(meaning)
{
	for (unsigned i = 0; i < ARRAY_LEN(vectors); i++)
		if (vectors[i].op % GROUPS == (unsigned)_i)
			check_meaning(&vectors[i]);
}
END_TEST

static void check_printing(const struct vector *v)
{
	char text[64];
	int n = insn_disasm(text, sizeof(text), v->word, GUEST_CODE, ISA_R2);

	ck_assert_str_eq(text, v->text);
	ck_assert_int_eq(n, (int)strlen(v->text));
	ck_assert_int_eq(insn_disasm(text, 4, v->word, GUEST_CODE, ISA_R2), n);
	ck_assert_uint_eq(strlen(text), n < 3 ? (unsigned)n : 3);
	ck_assert_int_eq(insn_disasm(NULL, 0, v->word, GUEST_CODE, ISA_R2), n);
}

START_TEST(printing)
{
	for (unsigned i = 0; i < ARRAY_LEN(vectors); i++)
		check_printing(&vectors[i]);
}
END_TEST

START_TEST(every_row_has_a_vector)
{
	bool seen[INSN_COUNT] = { false };
	char missing[1024] = "";

	for (unsigned i = 0; i < ARRAY_LEN(vectors); i++)
		seen[vectors[i].op] = true;
	for (unsigned op = 0; op < INSN_COUNT; op++)
		if (!seen[op])
			snprintf(missing + strlen(missing), sizeof(missing) - strlen(missing), " %s", row_names[op]);
	ck_assert_msg(!*missing, "no vector for:%s", missing);
}
END_TEST

Suite *vectors_suite(void)
{
	Suite *s = suite_create("vectors");
	TCase *t = tcase_create("rows");

	tcase_add_test(t, every_row_has_a_vector);
	tcase_add_loop_test(t, meaning, 0, GROUPS);
	tcase_add_test(t, printing);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return s;
}
