/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The generator: set-up, then code made of small patterns (a loop, a call, a linked pair, a TLB write, a change of mode, ...) between plain
 * instructions.  guestcode gives it single instructions of any row.
 *
 * Registers: a0 sp s0 s1 t0 hold data addresses, t9 ra code addresses, s6 the code as data, s7 and fp count loops, k0 k1 are the
 * handler's; the rest is left to chance.
 */
#include "tests/fuzz-isa/generate.h"

#include <string.h>

#include "isa/block.h"
#include "isa/tlb.h"
#include "tests/engine/asm.h"

#define LIKELY_BIT (16u << 26) /* BEQ, BNE, BLEZ, BGTZ to their likely forms */
#define END_WORDS 4u
#define RETRIES 80u
#define SEL(insn, sel) ((insn) | (uint32_t)(sel))

static const uint8_t data_regs[] = { A0, SP, S0, S1, T0 };
static const uint8_t code_regs[] = { RA, T9 };
static const uint8_t free_regs[] = { AT, V0, V1, A1, A2, A3, T1, T2, S2, T3, T4, T8 };
#define KEPT (1u << A0 | 1u << SP | 1u << S0 | 1u << S1 | 1u << T0 | 1u << RA | 1u << T9 | 1u << S6 | 1u << S7 | 1u << FP)

/* Where the code is seen, and in which mode it starts.  */
enum place { IN_KSEG0, IN_KSEG1, IN_KSEG2, IN_KSEG2_SPLIT, KERNEL_IN_KUSEG, USER, USER_SPLIT, USER_EDGE, PLACES };
static const struct { gva base; bool mapped, user; } places[PLACES] = {
	[IN_KSEG0] = { 0, false, false }, [IN_KSEG1] = { 0x20000000u, false, false },
	[IN_KSEG2] = { 0xc0400000u, true, false }, [IN_KSEG2_SPLIT] = { 0xc0401000u, true, false }, /* split: the two pages in two entries */
	[KERNEL_IN_KUSEG] = { 0x00400000u, true, false }, [USER] = { 0x00400000u, true, true },
	[USER_SPLIT] = { 0x00401000u, true, true }, [USER_EDGE] = { 0x7fffe000u, true, true }, /* up to the last word of kuseg */
};

struct gen {
	struct rng r;
	struct program *p;
	enum place place;
	bool kernel;          /* it starts so */
	unsigned end;         /* words in front of the end */
	unsigned at;
	gpa code, data;       /* physical */
};

static uint32_t below(struct gen *g, uint32_t n) { return rng_below(&g->r, n); }
static bool chance(struct gen *g, uint32_t in_256) { return rng_chance(&g->r, in_256); }
static unsigned free_reg(struct gen *g) { return free_regs[below(g, sizeof free_regs)]; }
static unsigned data_reg(struct gen *g) { return data_regs[below(g, sizeof data_regs)]; }
static bool in_kuseg(const struct gen *g) { return g->p->base < 0x80000000u; }
static gva va_of(const struct gen *g, unsigned word) { return g->p->base + 4 * (g->p->first + word); }

static void put(struct gen *g, insn_word w)
{
	if (g->at < g->end)
		g->p->code[g->at++] = w;
}

static void li(struct gen *g, unsigned reg, uint32_t value)
{
	if (value + 0x8000u < 0x10000u) {
		put(g, ADDIU(reg, ZERO, value));
		return;
	}
	put(g, LUI(reg, value >> 16));
	if (value & 0xffffu)
		put(g, ORI(reg, reg, value));
}

/* --- addresses --- */

#define TLB_VAS 6u
static const gva tlb_vas[TLB_VAS] = { 0x08000000u, 0x10000000u, 0x18000000u, 0x40000000u, 0xc8000000u, 0xd0000000u };
#define REFILL_VA 0x70000000u
#define REFILL_VA_KERNEL 0xe0000000u

static uint32_t page_size_mask(struct gen *g, unsigned entry)
{
	unsigned k = below(g, 3) ? 0 : below(g, tlb_vas[entry] == 0x40000000u ? 9 : 7); /* 4 KiB to 256 MiB, to 16 MiB */

	return ((1u << 2 * k) - 1) << 13;
}

/* EntryLo for a page of the size of @mask that contains @pa.  */
static uint32_t lo_for(struct gen *g, gpa pa, uint32_t mask)
{
	uint32_t page = (mask | 0x1fffu) >> 1;
	uint32_t lo = (uint32_t)((pa & ~(gpa)page) >> 12 << 6);

	lo |= chance(g, 40) ? below(g, 8) << 3 : 3u << 3;
	return lo | (chance(g, 220) ? TLB_LO_V : 0) | (chance(g, 200) ? TLB_LO_D : 0);
}

static gpa some_data_page(struct gen *g) { return g->data + below(g, 3) * GUEST_PAGE_SIZE; }

/* An address of the data, by one of the ways it is seen.  */
static gva data_va(struct gen *g)
{
	gva at = (gva)(g->data + 0x200 + (below(g, DATA_SIZE - 0x400) & ~3u));
	unsigned way = below(g, 8);

	if (g->kernel && way < 3)
		return (way ? 0x80000000u : 0xa0000000u) + at;
	if (way < 6) {
		unsigned e = below(g, g->kernel ? TLB_VAS : 4);
		uint32_t page = (g->p->tlb[e + 2][1] | 0x1fffu) >> 1;

		return tlb_vas[e] + (chance(g, 128) ? page + 1 : 0) + (at & page);
	}
	return (g->kernel && chance(g, 128) ? REFILL_VA_KERNEL : REFILL_VA) + (2 + below(g, 12)) * 0x2000u + (at & 0x1ffcu);
}

/* One that is likely to fail.  */
static gva bad_va(struct gen *g)
{
	switch (below(g, 6)) {
	case 0: return 0x80000000u + (below(g, 0x40000000u) & ~3u);
	case 1: return 0xc0000000u + (below(g, 0x20000000u) & ~3u);
	case 2: return data_va(g) + 1 + below(g, 3);
	case 3: return 0x7ffffff0u + below(g, 32);
	case 4: return va_of(g, below(g, g->end));
	default: return below(g, 0x80000000u) & ~3u;
	}
}

/* --- single instructions --- */

struct row { uint32_t flags; uint16_t op; };
static const struct row rows[] = {
#define INSN(name, mnemonic, bits, operands, flags, since, ref) { flags, INSN_##name },
#define INSN_REFINES(name, mnemonic, bits, operands, flags, since, ref, parent) { flags, INSN_##name },
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
};

/* Of a row; it seldom destroys what is kept.  */
static insn_word insn_of(struct gen *g, enum insn_op op)
{
	struct insn_deps deps;
	struct insn i;
	insn_word w;

	do {
		w = guestcode_insn(&g->r, op, g->at, g->end);
		insn_decode(w, ISA_R2, &i);
		insn_deps(&i, &deps);
	} while (!(insn_flags(op) & (IF_ENGINE | IF_LINK)) && (deps.writes & KEPT) && !chance(g, 4));
	if (i.op == INSN_J || i.op == INSN_JAL)
		w = (w & 0xfc000000u) | ((va_of(g, below(g, g->end)) >> 2) & 0x03ffffffu);
	return w;
}

static insn_word plain(struct gen *g)
{
	const struct row *row;

	do {
		if (chance(g, 50))
			return insn_of(g, chance(g, 128) ? INSN_LW : INSN_SW);
		row = &rows[below(g, ARRAY_LEN(rows))];
		if (g->r.nrows && !chance(g, 64))
			row = &rows[g->r.ops[below(g, g->r.nrows)] - 1];
	} while (row->flags & (IF_ENGINE | IF_BRANCH) || (row->flags & IF_TRAPS && !chance(g, 50)) || row->op == INSN_LL || row->op == INSN_SC);
	return insn_of(g, (enum insn_op)row->op);
}

/* Reserved for QEMU, too.  */
static const insn_word reserved[] = { 0x0000000e, 0x70000030, 0x7c000001, 0x04040000,
	0x04180000, 0x42000000, 0x40200000, 0x40600000, 0xb0000000,
	0xd0000000, 0xf0000000, 0x4be00000, 0x60000000 };

bool program_reserved(insn_word w)
{
	for (unsigned i = 0; i < ARRAY_LEN(reserved); i++)
		if (reserved[i] == w)
			return true;
	return false;
}

/* What only the engine executes, and what has no place among plain instructions.  */
static insn_word special(struct gen *g)
{
	static const uint16_t ops[] = { INSN_SYSCALL, INSN_BREAK, INSN_COP1, INSN_COP2, INSN_COP1X, INSN_LWC1, INSN_LDC1, INSN_SWC1, INSN_SDC1,
					INSN_LWC2, INSN_LDC2, INSN_SWC2, INSN_SDC2, INSN_MOVF, INSN_MOVT, INSN_RDHWR, INSN_RDHWR, INSN_SYNCI,
					INSN_CACHE, INSN_RDPGPR, INSN_WRPGPR, INSN_DI, INSN_EI, INSN_MFC0, INSN_MFC0, INSN_TLBP,
					INSN_TLBR, INSN_TLBWI, INSN_DERET, INSN_SDBBP };
	uint16_t op = ops[below(g, ARRAY_LEN(ops))];

	if (chance(g, 24))
		return reserved[below(g, ARRAY_LEN(reserved))];
	if (op == INSN_MFC0)
		return SEL(MFC0(free_reg(g), below(g, 32)), chance(g, 60) ? below(g, 8) : 0);
	if (op == INSN_RDHWR)
		return 0x7c00003bu | free_reg(g) << 16 | (chance(g, 30) ? below(g, 32) : below(g, 4)) << 11;
	if (op == INSN_RDPGPR || op == INSN_WRPGPR)
		return (op == INSN_RDPGPR ? 0x41400000u : 0x41c00000u) | free_reg(g) << 16 | free_reg(g) << 11;
	if (op == INSN_DI || op == INSN_EI)
		return (op == INSN_DI ? DI : EI) | free_reg(g) << 16;
	return insn_of(g, (enum insn_op)op);
}

static insn_word trapping(struct gen *g)
{
	static const uint16_t ops[] = { INSN_ADD, INSN_SUB, INSN_ADDI, INSN_TGE, INSN_TGEU, INSN_TLT, INSN_TLTU, INSN_TEQ, INSN_TNE, INSN_TGEI,
					INSN_TGEIU, INSN_TLTI, INSN_TLTIU, INSN_TEQI, INSN_TNEI };

	return insn_of(g, (enum insn_op)ops[below(g, ARRAY_LEN(ops))]);
}

static insn_word slot(struct gen *g)
{
	unsigned kind = below(g, 20);

	if (g->p->flags & FUZZ_OURS && chance(g, 10))
		return chance(g, 128) ? TLBWI : TLBWR;
	if (kind < 1)
		return NOP;
	if (kind < 3)
		return special(g);
	if (kind < 5)
		return trapping(g);
	if (kind < 7)
		return insn_of(g, chance(g, 128) ? INSN_SW : INSN_LW);
	return kind == 7 && chance(g, 30) ? insn_of(g, chance(g, 128) ? INSN_BEQ : INSN_JR) : plain(g);
}

static insn_word branch(struct gen *g)
{
	const struct row *row;

	do
		row = &rows[below(g, ARRAY_LEN(rows))];
	while (!(row->flags & IF_BRANCH));
	return insn_of(g, (enum insn_op)row->op);
}

/* --- patterns --- */

static void pat_plain(struct gen *g)
{
	for (unsigned n = 1 + below(g, 6); n; n--)
		put(g, plain(g));
}

static void pat_branch(struct gen *g)
{
	put(g, branch(g));
	put(g, slot(g));
}

/* A loop over a few instructions, closed by any conditional branch.  */
static void pat_loop(struct gen *g)
{
	unsigned top, kind = below(g, 3);
	insn_word close = kind == 0 ? BNE(S7, ZERO) : kind == 1 ? BGTZ(S7) : I_TYPE(1, S7, 1, 0) /* BGEZ */;

	li(g, S7, 1 + below(g, chance(g, 40) ? 60 : 9));
	top = g->at;
	for (unsigned n = 2 + below(g, 8); n; n--)
		put(g, chance(g, 20) ? special(g) : plain(g));
	if (chance(g, 50))
		pat_branch(g);
	put(g, ADDIU(S7, S7, -1));
	if (chance(g, 100))
		close |= kind == 2 ? 2u << 16 : LIKELY_BIT;
	put(g, close | ((top - (g->at + 1)) & 0xffffu));
	put(g, slot(g));
}

static void pat_linked(struct gen *g)
{
	unsigned base = data_reg(g), reg = free_reg(g), off = 4 * below(g, 8);

	if (chance(g, 30))
		base = S6, off = 4 * (g->p->first + below(g, g->end));
	put(g, LL(reg, off, base));
	for (unsigned n = below(g, 4); n; n--)
		put(g, chance(g, 200) ? ADDIU(reg, reg, below(g, 16)) : plain(g));
	put(g, SC(reg, off, base));
}

/* A subroutine behind a jump that skips it.  */
static void pat_call(struct gen *g)
{
	unsigned n = 1 + below(g, 4), body = g->at + 4;

	if (body + n + 4 >= g->end)
		return;
	put(g, chance(g, 128) ? JAL(va_of(g, body)) : BGEZAL(ZERO) | 3u);
	put(g, slot(g));
	put(g, BEQ(ZERO, ZERO) | ((n + 3) & 0xffffu));
	put(g, slot(g));
	for (; n; n--)
		put(g, plain(g));
	put(g, JR(RA));
	put(g, slot(g));
}

static void pat_fault(struct gen *g)
{
	static const uint16_t ops[] = { INSN_LW, INSN_SW, INSN_LH, INSN_LHU, INSN_SH, INSN_LB, INSN_LBU, INSN_SB, INSN_LWL, INSN_LWR, INSN_SWL,
					INSN_SWR, INSN_LW, INSN_SW, INSN_LL, INSN_SC, INSN_PREF };
	unsigned reg = free_reg(g);
	insn_word w = insn_of(g, (enum insn_op)ops[below(g, ARRAY_LEN(ops))]);

	li(g, reg, bad_va(g));
	w = (w & ~(31u << 21)) | reg << 21;
	if (chance(g, 100))
		w &= 0xffff0000u;
	if (chance(g, 80))
		put(g, branch(g));
	put(g, w);
}

/* A jump to where nothing can be fetched.  */
static void pat_wild(struct gen *g)
{
	unsigned reg = free_reg(g);

	li(g, reg, chance(g, 100) ? va_of(g, below(g, g->end)) + 2 : bad_va(g) & ~1u);
	put(g, chance(g, 128) ? JR(reg) : JALR(RA, reg));
	put(g, slot(g));
}

static void pat_special(struct gen *g) { put(g, special(g)); }
static void pat_trap(struct gen *g) { put(g, trapping(g)); }

/* Change the code: the word is a sensible one; it may be told, and may be jumped to.  */
static void pat_modify(struct gen *g)
{
	unsigned reg = free_reg(g), target = below(g, g->end);
	insn_word w = chance(g, 40) ? special(g) : plain(g);

	if (chance(g, 180))
		target = g->at + 6 + below(g, 8);
	if (target >= g->end)
		return;
	li(g, reg, w);
	if (chance(g, 40)) /* part of it: another immediate, most often */
		put(g, chance(g, 128) ? SH(reg, 4 * (g->p->first + target), S6) : SB(reg, 4 * (g->p->first + target), S6));
	else
		put(g, SW(reg, 4 * (g->p->first + target), S6));
	if (chance(g, 200))
		put(g, chance(g, 200) ? SYNCI(4 * (g->p->first + target), S6) : CACHE(0x10, 4 * (g->p->first + target), S6));
	if (chance(g, 200)) {
		put(g, BEQ(ZERO, ZERO) | 1u);
		put(g, slot(g));
	}
}

/* Cause, without what may differ.  */
static void pat_read_cause(struct gen *g)
{
	unsigned reg = free_reg(g);

	put(g, MFC0(reg, C0_CAUSE));
	put(g, SLL(reg, reg, 4));
}

static void pat_read_time(struct gen *g)
{
	unsigned reg = free_reg(g);

	put(g, chance(g, 128) ? MFC0(reg, 9) : 0x7c00003bu | reg << 16 | 2u << 11);
	put(g, ADDU(reg, ZERO, ZERO));
}

static uint32_t some_entryhi(struct gen *g)
{
	gva va = chance(g, 200) ? tlb_vas[below(g, TLB_VAS)] : data_va(g);

	return (va & 0xffffe000u) | (g->p->cp0[SET_ENTRYHI] & 0xffu) | (chance(g, 20) ? below(g, 3) : 0);
}

static void pat_write_cp0(struct gen *g)
{
	static const struct { uint8_t reg, sel; uint32_t mask; } list[] = {
		{ 0, 0, 15 }, { 2, 0, ~0u }, { 3, 0, ~0u }, { 4, 0, ~0u }, { 6, 0, 15 }, { 7, 0, ~0u }, { 8, 0, ~0u }, { 13, 0, ~0u }, { 14, 0, ~0u },
		{ 15, 0, ~0u }, { 16, 0, ~0u }, { 16, 1, ~0u }, { 18, 0, ~7u }, { 19, 0, ~0u }, { 24, 0, ~0u }, { 28, 0, ~0u }, { 28, 1, ~0u },
		{ 29, 0, ~0u }, { 30, 0, ~0u }, { 31, 0, ~0u },
	};
	unsigned reg = free_reg(g), i = below(g, ARRAY_LEN(list) + 2);

	if (i >= ARRAY_LEN(list)) {
		li(g, reg, i == ARRAY_LEN(list) ? some_entryhi(g) : ((1u << 2 * below(g, 9)) - 1) << 13);
		put(g, MTC0(reg, i == ARRAY_LEN(list) ? C0_ENTRYHI : C0_PAGEMASK));
		return;
	}
	li(g, reg, rng_next(&g->r) & list[i].mask);
	put(g, SEL(MTC0(reg, list[i].reg), list[i].sel));
	if (chance(g, 128))
		put(g, SEL(MFC0(free_reg(g), list[i].reg), list[i].sel));
}

static void pat_write_tlb(struct gen *g)
{
	unsigned reg = free_reg(g), e = below(g, TLB_VAS);
	uint32_t mask = page_size_mask(g, e), global = chance(g, 100);

	li(g, reg, tlb_vas[e] | (g->p->cp0[SET_ENTRYHI] & 0xffu));
	put(g, MTC0(reg, C0_ENTRYHI));
	li(g, reg, mask);
	put(g, MTC0(reg, C0_PAGEMASK));
	li(g, reg, lo_for(g, some_data_page(g), mask) | global);
	put(g, MTC0(reg, C0_ENTRYLO0));
	if (chance(g, 128))
		li(g, reg, lo_for(g, some_data_page(g), mask) | global);
	put(g, MTC0(reg, C0_ENTRYLO1));
	li(g, reg, chance(g, 200) ? e + 2 : below(g, 16));
	put(g, MTC0(reg, C0_INDEX));
	put(g, g->p->flags & FUZZ_RANDOM && chance(g, 128) ? TLBWR : TLBWI);
}

static void pat_probe(struct gen *g)
{
	unsigned reg = free_reg(g);

	li(g, reg, some_entryhi(g));
	put(g, MTC0(reg, C0_ENTRYHI));
	put(g, TLBP);
	put(g, MFC0(reg, C0_INDEX));
	put(g, R_TYPE(0, reg, reg, 31, 3)); /* SRA: found or not; the other bits of a miss are anybody's choice */
	put(g, MTC0(ZERO, C0_INDEX));
}

static void pat_read_tlb(struct gen *g)
{
	unsigned reg = free_reg(g), keep = free_reg(g);

	li(g, reg, below(g, TLB_SET));
	put(g, MTC0(reg, C0_INDEX));
	put(g, MFC0(keep, C0_ENTRYHI));
	put(g, TLBR);
	put(g, MFC0(free_reg(g), C0_ENTRYLO0 + below(g, 2)));
	if (chance(g, 220) && keep != reg)
		put(g, MTC0(keep, C0_ENTRYHI));
}

static uint32_t some_status(struct gen *g)
{
	uint32_t v = chance(g, 128) ? ST_IE : 0;

	v |= chance(g, 128) ? 0x300u : below(g, 4) << 8;
	v |= rng_next(&g->r) & 0x00007c00u;
	if (chance(g, 30))
		v |= ST_EXL;
	if (chance(g, 16))
		v |= ST_ERL;
	if (chance(g, 40))
		v |= ST_BEV;
	if (chance(g, 60))
		v |= rng_next(&g->r) & 0x10380000u;
	if (in_kuseg(g) && chance(g, 128))
		v |= ST_UM;
	return v;
}

static void pat_status(struct gen *g)
{
	unsigned reg = free_reg(g);

	li(g, reg, some_status(g));
	put(g, MTC0(reg, C0_STATUS));
}

static void pat_software_interrupt(struct gen *g)
{
	unsigned reg = free_reg(g);

	li(g, reg, (1 + below(g, 3)) << 8 | (chance(g, 128) ? CAUSE_IV : 0));
	put(g, MTC0(reg, C0_CAUSE));
	if (chance(g, 80))
		put(g, EI | free_reg(g) << 16);
}

static void pat_eret(struct gen *g)
{
	unsigned reg = free_reg(g), error = chance(g, 40), to = g->at + 8 + below(g, 6);
	uint32_t status = (some_status(g) & ~(ST_EXL | ST_ERL)) | (error ? ST_ERL : ST_EXL);

	if (to >= g->end)
		return;
	li(g, reg, va_of(g, to));
	put(g, MTC0(reg, error ? 30 : C0_EPC));
	if (chance(g, 200)) {
		li(g, reg, status);
		put(g, MTC0(reg, C0_STATUS));
	}
	if (chance(g, 10))
		put(g, branch(g));
	put(g, ERET);
}

static const struct { void (*put)(struct gen *); uint16_t weight; bool privileged; } patterns[] = {
	{ pat_plain, 90, false }, { pat_branch, 60, false }, { pat_loop, 24, false }, { pat_linked, 12, false }, { pat_call, 12, false },
	{ pat_fault, 16, false }, { pat_wild, 2, false }, { pat_special, 12, false }, { pat_trap, 10, false }, { pat_modify, 8, false },
	{ pat_read_time, 2, false }, { pat_read_cause, 3, true }, { pat_write_cp0, 10, true }, { pat_write_tlb, 6, true }, { pat_probe, 6, true },
	{ pat_read_tlb, 4, true }, { pat_status, 8, true }, { pat_software_interrupt, 8, true }, { pat_eret, 6, true },
};

static void pattern(struct gen *g)
{
	unsigned total = 0, pick, i;

	for (i = 0; i < ARRAY_LEN(patterns); i++)
		total += patterns[i].weight;
	do {
		pick = below(g, total);
		for (i = 0; pick >= patterns[i].weight; i++)
			pick -= patterns[i].weight;
	} while (patterns[i].privileged && !g->kernel && !chance(g, 40));
	patterns[i].put(g);
}

/* --- a program --- */

static void choose_place(struct gen *g)
{
	struct program *p = g->p;
	gva s = slot_address(p->slot) + SLOT_CODE;

	g->place = (enum place)below(g, PLACES);
	if (chance(g, 60))
		g->place = chance(g, 128) ? IN_KSEG0 : USER;
	if (g->place == USER_EDGE && !chance(g, 40))
		g->place = USER;
	g->kernel = !places[g->place].user;
	g->code = s & 0x1fffffffu;
	g->data = g->code + 2 * GUEST_PAGE_SIZE;
	p->base = places[g->place].mapped ? places[g->place].base : s + places[g->place].base;
	g->end = 16 + below(g, PROGRAM_WORDS - 16 - END_WORDS);
	p->nwords = g->end + END_WORDS + (g->place == USER_EDGE);
	p->first = below(g, CODE_WORDS_MAX - p->nwords);
	if (chance(g, 90)) /* across the two pages */
		p->first = GUEST_PAGE_WORDS - 1 - below(g, g->end);
	if (g->place == USER_EDGE)
		p->first = CODE_WORDS_MAX - p->nwords;
	if (p->first + p->nwords > CODE_WORDS_MAX)
		p->first = CODE_WORDS_MAX - p->nwords;
}

static uint32_t code_lo(struct gen *g, unsigned page, bool whole)
{
	uint32_t lo = (uint32_t)((g->code + page * GUEST_PAGE_SIZE) >> 12 << 6) | 3u << 3 | TLB_LO_G;

	return lo | (whole || chance(g, 200) ? TLB_LO_V : 0) | (chance(g, 128) ? TLB_LO_D : 0);
}

static void map_code(struct gen *g)
{
	struct program *p = g->p;
	bool split = g->place == IN_KSEG2_SPLIT || g->place == USER_SPLIT;
	unsigned pair = p->base >> 13 & (PTE_PAIRS - 1);

	if (!places[g->place].mapped)
		return;
	for (unsigned a = 0; a < 2; a++) {
		p->pte[a][pair][split] = code_lo(g, 0, true);
		if (split)
			p->pte[a][pair][0] = code_lo(g, 0, true);
		p->pte[a][pair + split][!split] = code_lo(g, 1, false);
		if (split)
			p->pte[a][pair + 1][1] = code_lo(g, 1, false);
	}
	for (unsigned e = 0; e < 1u + split; e++)
		if (chance(g, 180)) {
			const uint32_t *lo = p->pte[0][pair + e];

			memcpy(p->tlb[e], (uint32_t[4]){ (p->base + e * 0x1000u) & 0xffffe000u, 0, lo[0], lo[1] }, sizeof p->tlb[e]);
		}
}

static void map_data(struct gen *g)
{
	struct program *p = g->p;

	for (unsigned a = 0; a < 2; a++)
		for (unsigned i = 0; i < PTE_PAIRS; i++) {
			uint32_t global = chance(g, 128);

			for (unsigned h = 0; h < 2; h++)
				p->pte[a][i][h] = lo_for(g, some_data_page(g), 0) | global;
		}
	for (unsigned e = 0; e < TLB_VAS; e++) {
		uint32_t mask = page_size_mask(g, e), global = chance(g, 128);

		if (chance(g, 40))
			continue;
		memcpy(p->tlb[e + 2], (uint32_t[4]){ tlb_vas[e] | (p->cp0[SET_ENTRYHI] & 1u), mask, lo_for(g, some_data_page(g), mask) | global,
						     lo_for(g, some_data_page(g), mask) | (chance(g, 240) ? global : 1u) }, sizeof p->tlb[0]);
	}
}

static void set_up(struct gen *g)
{
	struct program *p = g->p;
	bool async = p->flags & (FUZZ_ASYNC | FUZZ_TIMER);
	uint32_t *s = p->cp0;

	s[SET_STATUS] = (chance(g, 170) ? ST_IE : 0) | (chance(g, 128) ? 0x300u : below(g, 4) << 8) | (g->kernel ? 0 : ST_UM);
	s[SET_STATUS] |= (chance(g, 30) ? ST_BEV : 0) | (chance(g, p->flags & FUZZ_OURS ? 128 : 30) ? ST_CU0 : 0);
	if (async)
		s[SET_STATUS] |= ST_IE | (p->flags & FUZZ_TIMER ? 0x8000u : 0) | (p->flags & FUZZ_ASYNC ? 0x7c00u : 0);
	s[SET_CAUSE] = (chance(g, g->kernel ? 40 : 90) ? (1 + below(g, 3)) << 8 : 0) | (chance(g, 128) ? CAUSE_IV : 0);
	s[SET_CONTEXT] = rng_next(&g->r) & 0xff800000u;
	s[SET_WIRED] = chance(g, 200) ? TLB_SET : below(g, 16);
	s[SET_INDEX] = below(g, 16);
	s[SET_LO0] = rng_next(&g->r);
	s[SET_LO1] = rng_next(&g->r);
	s[SET_HWRENA] = below(g, 16);
	s[SET_EBASE] = chance(g, 60) ? 0x80001000u : 0x80000000u;
	s[SET_ERROREPC] = rng_next(&g->r);
	s[SET_START] = va_of(g, 0);
	s[SET_END] = va_of(g, g->end + END_WORDS - 1);
	s[SET_FLAGS] = p->flags;
	s[SET_LEFT] = EXCEPTIONS_MAX;
	s[SET_TIMER] = p->flags & FUZZ_TIMER ? 20 + below(g, 3000) : 0;
}

static void set_registers(struct gen *g)
{
	struct program *p = g->p;
	struct cpu c = { 0 };

	guestcode_registers(&g->r, &c, g->end);
	memcpy(p->gpr, c.gpr, sizeof p->gpr);
	p->hi = c.hi;
	p->lo = c.lo;
	for (unsigned i = 0; i < sizeof data_regs; i++)
		p->gpr[data_regs[i]] = data_va(g);
	for (unsigned i = 0; i < sizeof code_regs; i++)
		p->gpr[code_regs[i]] = va_of(g, below(g, g->end));
	p->gpr[S6] = chance(g, 128) || !g->kernel ? p->base : (chance(g, 128) ? 0x80000000u : 0xa0000000u) + (gva)g->code;
	p->gpr[S7] = below(g, 4);
	p->gpr[FP] = 1 + below(g, chance(g, 60) ? 2 : 12);
	p->gpr[K0] = p->gpr[K1] = p->gpr[ZERO] = 0;
}

static void set_resumptions(struct gen *g)
{
	for (unsigned i = 0; i < EXCEPTIONS_MAX; i++) {
		uint32_t how = below(g, 16), mode = RESUME_SKIP;

		if (in_kuseg(g) && chance(g, 50))
			mode = chance(g, 128) ? RESUME_USER : RESUME_KERNEL;
		g->p->resume[i] = how < 9 ? RESUME_SKIP : how < 12 ? RESUME_FIX : va_of(g, below(g, g->end)) + mode;
	}
}

static void choose_flags(struct gen *g)
{
	struct program *p = g->p;

	if (p->flags & FUZZ_OURS && chance(g, 128))
		p->flags |= FUZZ_RANDOM;
	if (chance(g, 64))
		p->flags |= chance(g, 200) ? FUZZ_ASYNC : FUZZ_TIMER;
	for (unsigned i = 0, at = 0; p->flags & FUZZ_ASYNC && i < ARRAY_LEN(p->irq); i++)
		p->irq[i] = at += 1 + below(g, chance(g, 128) ? 40 : 600);
}

static void write_code(struct gen *g)
{
	struct program *p = g->p;
	if (g->place == USER_EDGE && chance(g, 200)) {
		li(g, AT, 0x7ffffffcu);
		put(g, JR(AT));
		put(g, NOP);
	}
	while (g->at < g->end) {
		if (p->first + g->at == GUEST_PAGE_WORDS - 1 || p->first + g->at == CODE_WORDS_MAX - 1)
			pat_branch(g); /* its slot is in the next page */
		else
			pattern(g);
	}
	/* All of it again, then the end.  */
	p->code[g->at++] = ADDIU(FP, FP, -1);
	p->code[g->at] = (chance(g, 128) ? BGTZ(FP) : BGTZ(FP) | LIKELY_BIT) | ((0u - (g->at + 1)) & 0xffffu);
	g->at++;
	p->code[g->at++] = NOP;
	p->code[g->at++] = SYSCALL;
	if (g->place == USER_EDGE) /* its slot is in kseg0 */
		p->code[g->at] = BEQ(ZERO, ZERO) | ((0u - (g->at + 1)) & 0xffffu);
}

static void generate(struct program *p, uint64_t seed, unsigned slot_index, uint32_t flags)
{
	struct gen g = { .r = { .state = (seed * 0x9e3779b97f4a7c15u) | 1 }, .p = p };

	memset(p, 0, sizeof *p);
	p->seed = seed;
	p->slot = slot_index;
	p->flags = flags;
	for (unsigned i = 0; i < 4; i++)
		rng_next(&g.r);
	guestcode_focus(&g.r);
	choose_flags(&g);
	choose_place(&g);
	p->cp0[SET_ENTRYHI] = (rng_next(&g.r) & 0xffffe000u) | below(&g, 2);
	map_data(&g);
	map_code(&g);
	set_up(&g);
	set_registers(&g);
	set_resumptions(&g);
	write_code(&g);
}

void program_generate(struct program *p, struct dry *d, uint64_t seed, unsigned slot_index, uint32_t flags, struct coverage *tally)
{
	struct coverage v;
	unsigned culprit;

	for (;; seed = seed * 6364136223846793005u + 1) {
		generate(p, seed, slot_index, flags);
		for (unsigned n = 0; n < RETRIES; n++) {
			if (dry_run(d, p, &culprit, &v)) {
				coverage_add(tally, &v);
				return;
			}
			for (unsigned i = 0; i < EXPLAINED_COUNT; i++)
				tally->explained[i] += v.explained[i];
			if (culprit + END_WORDS >= p->nwords)
				break;
			p->code[culprit] = NOP;
		}
	}
}
