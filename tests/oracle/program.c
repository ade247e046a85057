/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Generator of programs.  Rows are chosen at random, fields mostly so that accesses and jumps lead somewhere; what then still does
 * what it should not is replaced where the interpreter meets it.
 */
#include "tests/oracle/program.h"

#include <stdio.h>
#include <string.h>

#include "isa/block.h"
#include "tests/emit/guestcode.h"
#include "tests/oracle/reference.h"

struct row {
	const char *bits;
	uint32_t flags;
	enum insn_op op;
};

static const struct row rows[] = {
#define INSN(name, mnemonic, bits, operands, flags, since, ref) { bits, flags, INSN_##name },
#define INSN_REFINES(name, mnemonic, bits, operands, flags, since, ref, parent) { bits, flags, INSN_##name },
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
};

#define BASES 3u
#define EXIT_WORDS 2u /* the jump that ends a program, and its slot */

struct generator {
	struct rng rng;
	struct program *p;
	unsigned end;           /* words in front of the exit */
	unsigned nregs;
	uint8_t regs[32];       /* the registers this program uses */
	uint8_t bases[BASES];   /* those that hold data addresses */
	uint32_t keep;          /* registers that should rather not be written */
};

bool program_has_row(enum insn_op op) { return op != INSN_INVALID && !(insn_flags(op) & (IF_ENGINE | IF_PRIV)); }

static const struct row *row_of(enum insn_op op)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].op == op)
			return &rows[i];
	return NULL;
}

static uint32_t corner(struct rng *r)
{
	static const uint32_t values[] = {
		0, 1, 2, 3, 0x1f, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xffff7fff,
		0xffff8000, 0xfffffffe, 0xffffffff,
	};

	return rng_chance(r, 128) ? values[rng_below(r, ARRAY_LEN(values))] : rng_next(r);
}

static uint32_t some_reg(struct generator *g) { return g->regs[rng_below(&g->rng, g->nregs)]; }
static uint32_t link_reg(struct generator *g) { return rng_chance(&g->rng, 128) ? 31 : 25; }

static void set_bits(insn_word *w, unsigned low, unsigned n, uint32_t value)
{
	uint32_t mask = ((1u << n) - 1) << low;

	*w = (*w & ~mask) | (value << low & mask);
}

static void set_rs(insn_word *w, uint32_t r) { set_bits(w, 21, 5, r); }
static void set_rt(insn_word *w, uint32_t r) { set_bits(w, 16, 5, r); }
static void set_rd(insn_word *w, uint32_t r) { set_bits(w, 11, 5, r); }
static void set_imm(insn_word *w, uint32_t v) { set_bits(w, 0, 16, v); }

/* The row's fixed bits, random ones elsewhere.  */
static insn_word any_word(struct generator *g, const struct row *row)
{
	uint32_t random = rng_next(&g->rng);
	unsigned bit = 32;
	insn_word w = 0;

	for (const char *p = row->bits; *p; p++) {
		if (*p == ' ')
			continue;
		bit--;
		w |= (*p == '0' ? 0 : *p == '1' ? 1u : random >> bit & 1u) << bit;
	}
	return w;
}

/* Alignment that an access needs.  */
static uint32_t unit_of(enum insn_op op)
{
	if (op == INSN_LW || op == INSN_SW || op == INSN_LL || op == INSN_SC)
		return 4;
	return op == INSN_LH || op == INSN_LHU || op == INSN_SH ? 2 : 1;
}

static void memory_fields(struct generator *g, const struct row *row, insn_word *w)
{
	struct rng *r = &g->rng;
	uint32_t offset = rng_below(r, 0x400) - 0x200;

	if (!rng_chance(r, 4))
		offset &= 0u - unit_of(row->op);
	if (rng_chance(r, 128)) /* close together, so that accesses meet */
		offset = rng_below(r, 16) & (0u - unit_of(row->op));
	set_rs(w, g->bases[rng_below(r, BASES)]);
	if (rng_chance(r, 16)) { /* absolute */
		set_rs(w, 0);
		offset = PROGRAM_CODE + (rng_below(r, PROGRAM_WORDS * 4) & (0u - unit_of(row->op)));
	}
	set_imm(w, offset);
}

static void branch_fields(struct generator *g, const struct row *row, insn_word *w, unsigned at)
{
	struct rng *r = &g->rng;
	uint32_t target = rng_chance(r, 200) ? at + 1 + rng_below(r, 8) : rng_below(r, g->end + 1);

	if (target > g->end)
		target = g->end;
	if (row->flags & IF_INDIRECT) {
		set_rs(w, link_reg(g));
		if (row->flags & IF_LINK && rng_chance(r, g->p->links_apart ? 256 : 200))
			set_rd(w, rng_chance(r, 230) ? link_reg(g) : 0);
	} else if (row->flags & IF_UNCOND) {
		set_bits(w, 0, 26, PROGRAM_CODE / 4 + target);
	} else {
		set_imm(w, target - (at + 1));
	}
}

static insn_word insn_of(struct generator *g, const struct row *row, unsigned at)
{
	struct rng *r = &g->rng;
	insn_word w = any_word(g, row);

	if (strchr(row->bits, 's'))
		set_rs(&w, some_reg(g));
	if (strchr(row->bits, 't'))
		set_rt(&w, some_reg(g));
	if (strchr(row->bits, 'd'))
		set_rd(&w, some_reg(g));
	if (strchr(row->bits, 'i') && rng_chance(r, 128))
		set_imm(&w, corner(r));
	if (row->flags & (IF_LOAD | IF_STORE))
		memory_fields(g, row, &w);
	if (row->flags & IF_BRANCH)
		branch_fields(g, row, &w, at);
	/* Linux makes arithmetic errors of trap codes 6 and 7, QEMU does not always.  */
	if (row->flags & IF_TRAPS && strchr(row->bits, 'c') && ((w >> 6 & 0x3ffu) | 1u) == 7)
		set_bits(&w, 6, 10, 0);
	if (row->op == INSN_EXT || row->op == INSN_INS) { /* beyond bit 31: UNPREDICTABLE */
		uint32_t pos = rng_below(r, 32), size = 1 + rng_below(r, 32 - pos);

		set_bits(&w, 6, 5, pos);
		set_rd(&w, row->op == INSN_EXT ? size - 1 : pos + size - 1);
	}
	return w;
}

static bool acceptable(struct generator *g, const struct row *row, insn_word w)
{
	struct insn_deps d;
	struct insn i;

	insn_decode(w, ISA_R2, &i);
	if (i.op != row->op) /* SLL became NOP, and the like */
		return false;
	insn_deps(&i, &d);
	if (g->p->links_apart) {
		uint32_t reads = row->flags & IF_INDIRECT ? 0 : (uint32_t)d.reads, writes = (uint32_t)d.writes;

		if ((reads & LINK_REGS) || (!(row->flags & IF_LINK) && (writes & LINK_REGS)))
			return false;
		if (row->flags & (IF_LOAD | IF_STORE) && (LINK_REGS >> i.rt & 1u))
			return false;
	}
	return row->flags & IF_LINK || !((uint32_t)d.writes & g->keep) || rng_chance(&g->rng, 6);
}

static bool wanted(struct rng *r, const struct row *row, bool slot)
{
	if (!program_has_row(row->op))
		return false;
	if (row->flags & IF_BRANCH)
		return !slot && rng_chance(r, 150);
	return !(row->flags & IF_TRAPS) || rng_chance(r, 60);
}

static insn_word random_insn(struct generator *g, unsigned at, bool slot)
{
	const struct row *row;
	insn_word w;

	do
		row = &rows[rng_below(&g->rng, ARRAY_LEN(rows))];
	while (!wanted(&g->rng, row, slot));
	do
		w = insn_of(g, row, at);
	while (!acceptable(g, row, w));
	return w;
}

/* LL, something without memory, SC of the same word.  Returns the words used.  */
static unsigned linked_pair(struct generator *g, unsigned at)
{
	insn_word ll, sc, w;
	unsigned n = at;
	struct insn i;

	do
		ll = insn_of(g, row_of(INSN_LL), at);
	while (!acceptable(g, row_of(INSN_LL), ll) || (ll >> 16 & 31u) == (ll >> 21 & 31u));
	g->p->code[n++] = ll;
	for (unsigned k = rng_below(&g->rng, 4); k > 0; k--) {
		do {
			w = random_insn(g, n, true);
			insn_decode(w, ISA_R2, &i);
		} while (insn_flags((enum insn_op)i.op) & (IF_LOAD | IF_STORE | IF_TRAPS));
		g->p->code[n++] = w;
	}
	do {
		sc = insn_of(g, row_of(INSN_SC), at);
		set_rs(&sc, ll >> 21 & 31u);
		set_imm(&sc, ll & 0xffffu);
	} while (!acceptable(g, row_of(INSN_SC), sc));
	g->p->code[n++] = sc;
	return n - at;
}

static void code_fill(struct generator *g, gva exit)
{
	struct program *p = g->p;
	bool slot = false;
	unsigned at = 0;

	while (at < g->end) {
		struct insn i;

		if (!slot && at + 8 < g->end && rng_chance(&g->rng, 5)) {
			at += linked_pair(g, at);
			continue;
		}
		p->code[at] = random_insn(g, at, slot || at + 1 == g->end);
		insn_decode(p->code[at++], ISA_R2, &i);
		slot = insn_flags((enum insn_op)i.op) & IF_BRANCH;
	}
	p->code[at++] = 0x08000000u | (exit >> 2 & 0x03ffffffu);
	p->code[at++] = 0;
	p->nwords = at;
}

static void registers_fill(struct generator *g)
{
	struct rng *r = &g->rng;
	struct program_state *s = &g->p->in;

	for (unsigned i = 1; i < 32; i++)
		s->gpr[i] = corner(r);
	for (unsigned i = 0; i < BASES; i++)
		s->gpr[g->bases[i]] = PROGRAM_DATA + 0x200 + (rng_below(r, PROGRAM_DATA_SIZE - 0x400) & ~3u);
	s->gpr[25] = PROGRAM_CODE + 4 * rng_below(r, g->end);
	s->gpr[31] = PROGRAM_CODE + 4 * rng_below(r, g->end);
	s->hi = corner(r);
	s->lo = corner(r);
	for (unsigned i = 0; i < PROGRAM_DATA_SIZE; i++)
		g->p->data_in[i] = (uint8_t)rng_next(r);
}

/* Few registers, so that instructions meet, or all.  */
static void choose_registers(struct generator *g)
{
	struct rng *r = &g->rng;

	for (uint32_t i = 0; i < BASES; i++) {
		uint32_t reg;

		do
			reg = 1 + rng_below(r, 31);
		while ((LINK_REGS | g->keep) >> reg & 1u);
		g->bases[i] = (uint8_t)reg;
		g->keep |= 1u << reg;
	}
	g->keep |= LINK_REGS;
	if (rng_chance(r, 64)) {
		g->nregs = 32;
		for (uint8_t i = 0; i < 32; i++)
			g->regs[i] = i;
		return;
	}
	g->nregs = 4 + rng_below(r, 8);
	for (unsigned i = 0; i < g->nregs; i++)
		g->regs[i] = (uint8_t)rng_below(r, 32);
	/* Something that may be written, whatever the rest is.  */
	do
		g->regs[0] = (uint8_t)(1 + rng_below(r, 31));
	while (g->keep >> g->regs[0] & 1u);
}

void program_generate(struct program *p, uint64_t seed, struct reference *ref, gva exit)
{
	struct generator g = { .rng = { .state = seed | 1 }, .p = p };
	enum reference_end end;
	unsigned culprit;

	memset(p, 0, sizeof(*p));
	p->seed = seed;
	for (unsigned i = 0; i < 4; i++)
		rng_next(&g.rng);
	p->links_apart = rng_chance(&g.rng, 128);
	g.end = 20 + rng_below(&g.rng, PROGRAM_WORDS - EXIT_WORDS - 20);
	choose_registers(&g);
	code_fill(&g, exit);
	registers_fill(&g);
	for (;;) {
		end = reference_run(ref, p, exit, &culprit);
		if (end == END_EXIT || (end == END_SIGNAL && rng_chance(&g.rng, 24)))
			return;
		p->code[culprit] = 0;
	}
}

void program_print(const struct program *p)
{
	char text[80];

	fprintf(stderr, "program of seed 0x%016llx:\n", (unsigned long long)p->seed);
	for (unsigned i = 0; i < p->nwords; i++) {
		gva pc = PROGRAM_CODE + 4 * i;

		insn_disasm(text, sizeof(text), p->code[i], pc, ISA_R2);
		fprintf(stderr, "  %04x  %08x  %s\n", pc, p->code[i], text);
	}
	for (unsigned i = 0; i < 32; i++)
		fprintf(stderr, "  $%-2u %08x%s", i, p->in.gpr[i], i % 8 == 7 ? "\n" : "");
	fprintf(stderr, "  hi %08x  lo %08x\n", p->in.hi, p->in.lo);
}
