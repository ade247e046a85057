/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random guest programs from the rows of isa/mips32.def.  Some registers keep addresses of data, some addresses of code, so that
 * most accesses and jumps lead somewhere; the rest is left to chance.
 */
#include "tests/emit/guestcode.h"

#include <string.h>

#include "isa/block.h"
#include "tests/emit/machine.h"

struct row {
	const char *bits;
	uint32_t flags;
	uint16_t op;
};

static const struct row rows[] = {
#define INSN(name, mnemonic, bits, operands, flags, since, ref) { bits, flags, INSN_##name },
#define INSN_REFINES(name, mnemonic, bits, operands, flags, since, ref, parent) { bits, flags, INSN_##name },
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
};

/* v0 a0-a3 s0 sp are pinned, the others are not.  */
static const uint8_t some_regs[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16, 17, 18, 25, 29, 31 };
static const uint8_t data_regs[] = { 4, 29, 16, 17, 8 };
static const uint8_t code_regs[] = { 31, 25 };
#define KEPT ((1u << 4) | (1u << 29) | (1u << 16) | (1u << 17) | (1u << 8) | (1u << 31) | (1u << 25))

static uint32_t pick(struct rng *r, const uint8_t *from, size_t n) { return from[rng_below(r, (uint32_t)n)]; }

static uint32_t corner(struct rng *r)
{
	static const uint32_t values[] = {
		0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0x80000001, 0xffff8000, 0xfffffffe, 0xffffffff,
	};

	if (rng_chance(r, 64)) /* overflow and division meet their corners in pairs */
		return rng_chance(r, 128) ? UINT32_MAX : 0x80000000u;
	return rng_chance(r, 128) ? values[rng_below(r, ARRAY_LEN(values))] : rng_next(r);
}

static uint32_t some_reg(struct rng *r)
{
	return r->nregs && !rng_chance(r, 20) ? r->regs[rng_below(r, r->nregs)] : pick(r, some_regs, sizeof(some_regs));
}

void guestcode_focus(struct rng *r)
{
	r->nregs = rng_chance(r, 160) ? FOCUS_REGS : 0;
	for (unsigned i = 0; i < FOCUS_REGS; i++)
		r->regs[i] = (uint8_t)pick(r, some_regs, sizeof(some_regs));
	r->nrows = rng_chance(r, 160) ? FOCUS_ROWS : 0;
	for (unsigned i = 0; i < FOCUS_ROWS; i++)
		r->ops[i] = rows[rng_below(r, ARRAY_LEN(rows))].op;
}

static const struct row *row_of(enum insn_op op)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].op == op)
			return &rows[i];
	return NULL;
}

static void set_field(const char *bits, char letter, insn_word *w, uint32_t value)
{
	unsigned bit = 32, left = 0;

	for (const char *p = bits; *p; p++)
		left += *p == letter;
	for (const char *p = bits; *p; p++) {
		if (*p == ' ')
			continue;
		bit--;
		if (*p == letter) {
			left--;
			*w = (*w & ~(1u << bit)) | (value >> left & 1u) << bit;
		}
	}
}

static insn_word fixed_bits(const char *bits)
{
	insn_word w = 0;

	for (const char *p = bits; *p; p++)
		if (*p != ' ')
			w = w << 1 | (*p == '1');
	return w;
}

static unsigned access_size(enum insn_op op)
{
	if (op == INSN_LB || op == INSN_LBU || op == INSN_SB || op == INSN_LWL || op == INSN_LWR || op == INSN_SWL || op == INSN_SWR)
		return 1;
	return op == INSN_LH || op == INSN_LHU || op == INSN_SH ? 2 : 4;
}

static void memory_fields(struct rng *r, const struct row *row, insn_word *w)
{
	if (rng_chance(r, 230))
		set_field(row->bits, 's', w, pick(r, data_regs, sizeof(data_regs)));
	if (rng_chance(r, 240))
		set_field(row->bits, 'i', w, (rng_below(r, 512) - 256) & ~(access_size((enum insn_op)row->op) - 1));
}

static void branch_fields(struct rng *r, const struct row *row, insn_word *w, unsigned at, unsigned nwords)
{
	uint32_t target = rng_chance(r, 180) ? at + 1 + rng_below(r, 12) : rng_below(r, nwords);

	if (target >= nwords)
		target = nwords - 1;
	if (row->flags & IF_INDIRECT) {
		if (rng_chance(r, 220))
			set_field(row->bits, 's', w, pick(r, code_regs, sizeof(code_regs)));
	} else if (row->flags & IF_UNCOND) {
		set_field(row->bits, 'j', w, (MACHINE_PAGE >> 2) + target);
	} else {
		set_field(row->bits, 'i', w, target - (at + 1));
	}
}

insn_word guestcode_insn(struct rng *r, enum insn_op op, unsigned at, unsigned nwords)
{
	const struct row *row = row_of(op);
	insn_word w = fixed_bits(row->bits);

	set_field(row->bits, 's', &w, some_reg(r));
	set_field(row->bits, 't', &w, some_reg(r));
	set_field(row->bits, 'd', &w, some_reg(r));
	set_field(row->bits, 'h', &w, rng_next(r));
	set_field(row->bits, 'i', &w, corner(r));
	set_field(row->bits, 'c', &w, rng_next(r));
	if (row->flags & (IF_LOAD | IF_STORE))
		memory_fields(r, row, &w);
	if (row->flags & IF_BRANCH)
		branch_fields(r, row, &w, at, nwords);
	if (op == INSN_MFC0 && rng_chance(r, 200)) { /* Status, EPC and others that are mere fields */
		set_field(row->bits, 'd', &w, pick(r, (const uint8_t[]){ 4, 8, 10, 12, 14 }, 5));
		set_field(row->bits, 'c', &w, 0);
	}
	if (op == INSN_MTC0) { /* EPC: has no effects */
		set_field(row->bits, 'd', &w, 14);
		set_field(row->bits, 'c', &w, 0);
	}
	if (op == INSN_EXT || op == INSN_INS) /* pos + size beyond 32 is UNPREDICTABLE, but stated: keep some */
		set_field(row->bits, 'd', &w, rng_next(r));
	return w;
}

/* Engine instructions that leave mode and mappings alone.  */
static bool harmless(enum insn_op op)
{
	return op == INSN_MFC0 || op == INSN_SYSCALL || op == INSN_BREAK || op == INSN_RDHWR || op == INSN_CACHE || op == INSN_COP1 ||
	       op == INSN_DI || op == INSN_MTC0;
}

static bool wanted(struct rng *r, const struct row *row, bool slot)
{
	if (row->flags & IF_ENGINE)
		return harmless((enum insn_op)row->op) && rng_chance(r, slot ? 4 : 16);
	if (row->flags & IF_BRANCH)
		return rng_chance(r, slot ? 3 : 128);
	if (row->flags & IF_TRAPS)
		return rng_chance(r, 40);
	return true;
}

static insn_word random_insn(struct rng *r, unsigned at, unsigned nwords, bool slot)
{
	const struct row *row;
	struct insn_deps deps;
	struct insn i;
	insn_word w;

	do {
		row = &rows[rng_below(r, ARRAY_LEN(rows))];
		if (r->nrows && !rng_chance(r, 64))
			row = row_of((enum insn_op)r->ops[rng_below(r, r->nrows)]);
		if (rng_chance(r, 50)) /* more accesses than there are rows for */
			row = row_of(rng_chance(r, 128) ? INSN_LW : INSN_SW);
	} while (!wanted(r, row, slot));
	do {
		w = guestcode_insn(r, (enum insn_op)row->op, at, nwords);
		insn_decode(w, ISA_R2, &i);
		insn_deps(&i, &deps);
	} while (!(row->flags & (IF_ENGINE | IF_LINK)) && (deps.writes & KEPT) && !rng_chance(r, 8));
	return w;
}

/* LUI and an access relative to it: an address known at translation time.  */
static unsigned known_address(struct rng *r, insn_word *page, unsigned at)
{
	uint32_t reg = pick(r, (const uint8_t[]){ 1, 2, 9, 10 }, 4), address = 0x80000000u + MACHINE_DATA + 4 * rng_below(r, 0x1000);

	if (rng_chance(r, 8))
		address = rng_chance(r, 128) ? 0x7fff8000u + (address & 0x3fffu) : 0xffff8000u + (address & 0x3fffu);
	page[at] = 0x3c000000u | reg << 16 | ((address + 0x8000u) >> 16 & 0xffffu);
	page[at + 1] = (rng_chance(r, 128) ? 0x8c000000u : 0xac000000u) | reg << 21 | pick(r, some_regs, sizeof(some_regs)) << 16 |
		       (address & 0xffffu);
	if (page[at + 1] >> 26 == 0x23 && (KEPT >> (page[at + 1] >> 16 & 31u) & 1u))
		page[at + 1] &= ~(31u << 16);
	return 2;
}

void guestcode_page(struct rng *r, insn_word *page, unsigned nwords)
{
	unsigned at = 0;
	bool slot = false;

	memset(page, 0, GUEST_PAGE_SIZE);
	while (at + 4 < nwords) {
		struct insn i;

		if (!slot && rng_chance(r, 6)) {
			at += known_address(r, page, at);
			continue;
		}
		page[at] = random_insn(r, at, nwords, slot);
		insn_decode(page[at], ISA_R2, &i);
		slot = insn_flags((enum insn_op)i.op) & IF_BRANCH;
		at++;
	}
	if (slot)
		page[at++] = 0;
	page[at] = 0x10000000u | ((0u - at - 1) & 0xffffu); /* b start; nop */
}

void guestcode_registers(struct rng *r, struct cpu *c, unsigned nwords)
{
	static const uint32_t segments[] = { 0x80000000u, 0x80000000u, 0x80000000u, 0xa0000000u, 0 };

	for (unsigned i = 1; i < 32; i++)
		c->gpr[i] = corner(r);
	for (unsigned i = 0; i < sizeof(data_regs); i++)
		if (!rng_chance(r, 4))
			c->gpr[data_regs[i]] = segments[rng_below(r, ARRAY_LEN(segments))] + MACHINE_DATA + 0x400 + 4 * rng_below(r, 0x1c00);
	for (unsigned i = 0; i < sizeof(code_regs); i++)
		c->gpr[code_regs[i]] = MACHINE_PAGE + 4 * rng_below(r, nwords) + (rng_chance(r, 2) ? rng_below(r, 4) : 0);
	c->hi = corner(r);
	c->lo = corner(r);
	c->ll_bit = rng_next(r) & 1u;
	c->ll_addr = corner(r);
	c->pc = MACHINE_PAGE + 4 * rng_below(r, nwords);
}
