/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  What is unwanted: accesses outside the two pages, stores to code, jumps to where there is none, programs without
 * end, and store-conditionals whose outcome is a matter of implementation (MD00086 SC): another address than that of LL, a word
 * that was changed since, a second one behind the same LL (QEMU keeps the link and compares values).  Misaligned ones, too: the
 * manual wants an address error in any case, and so it is here; QEMU compares with the address of LL first and then fails without one.
 */
#include "tests/oracle/reference.h"

#include <stdlib.h>
#include <string.h>

#include "isa/block.h"
#include "isa/interp.h"
#include "isa/tlb.h"

struct reference {
	struct cpu cpu;
	uint32_t status;        /* after reset */
	uint8_t code[GUEST_PAGE_SIZE], data[PROGRAM_DATA_SIZE];
	uint8_t code_flags[1], data_flags[1];
	bool outside;           /* the last step touched what it should not */
	gva link;               /* address of the last LL, */
	uint8_t linked[4];      /* and what it saw */
};

static struct reference *of(struct cpu *c) { return c->owner; }

static uint32_t io_load(struct cpu *c, gpa pa, unsigned size)
{
	(void)pa;
	(void)size;
	of(c)->outside = true;
	return 0;
}

static void io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	(void)pa;
	(void)size;
	(void)value;
	of(c)->outside = true;
}

static void code_write(struct cpu *c, gpa pa, unsigned size)
{
	(void)pa;
	(void)size;
	of(c)->outside = true;
}

static void tlb_dropped(struct cpu *c, const struct tlb_entry *e)
{
	(void)c;
	(void)e;
}

static void nothing(struct cpu *c) { (void)c; }

static uint64_t now_ns(struct cpu *c)
{
	(void)c;
	return 0;
}

static void timer_set(struct cpu *c, uint64_t when_ns)
{
	(void)c;
	(void)when_ns;
}

static const struct cpu_hooks hooks = {
	.io_load = io_load, .io_store = io_store, .code_write = code_write, .tlb_dropped = tlb_dropped, .mode_changed = nothing,
	.now_ns = now_ns, .timer_set = timer_set,
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

struct reference *reference_create(bool big_endian)
{
	struct reference *r = need(calloc(1, sizeof(*r)));
	struct cpu *c = &r->cpu;

	r->code_flags[0] = PAGE_CODE;
	c->nbanks = 2;
	c->bank[0] = (struct ram_bank){ .base = PROGRAM_CODE, .size = GUEST_PAGE_SIZE, .host = r->code, .flags = r->code_flags };
	c->bank[1] = (struct ram_bank){ .base = PROGRAM_DATA, .size = PROGRAM_DATA_SIZE, .host = r->data, .flags = r->data_flags };
	cpu_init(c, need((void *)(uintptr_t)cpu_model_find("24Kc")), big_endian, need(malloc(tlb_sizeof())), &hooks, r);
	r->status = c->status;
	return r;
}

void reference_destroy(struct reference *r)
{
	free(r->cpu.tlb);
	free(r);
}

static void load(struct reference *r, struct program *p)
{
	struct cpu *c = &r->cpu;

	memset(r->code, 0, sizeof(r->code));
	for (unsigned i = 0; i < p->nwords; i++) {
		uint32_t w = c->big_endian ? __builtin_bswap32(p->code[i]) : p->code[i];

		memcpy(r->code + 4 * i, &w, 4);
	}
	memcpy(r->data, p->data_in, PROGRAM_DATA_SIZE);
	memcpy(c->gpr, p->in.gpr, sizeof(c->gpr));
	c->hi = p->in.hi;
	c->lo = p->in.lo;
	c->pc = PROGRAM_CODE;
	c->status = r->status;
	c->cause = c->epc = 0;
	c->ll_bit = 0;
	r->outside = false;
	r->link = 0;
	interp_flush(c);
	memset(p->executed, 0, sizeof(p->executed));
	p->insns = 0;
}

static void save(const struct reference *r, struct program *p)
{
	memcpy(p->out.gpr, r->cpu.gpr, sizeof(p->out.gpr));
	p->out.hi = r->cpu.hi;
	p->out.lo = r->cpu.lo;
	p->out.signal = p->out.pc = 0;
	memcpy(p->data_out, r->data, PROGRAM_DATA_SIZE);
}

static const uint8_t *memory_at(const struct reference *r, gva va)
{
	if (va - PROGRAM_DATA < PROGRAM_DATA_SIZE)
		return r->data + (va - PROGRAM_DATA);
	return va - PROGRAM_CODE < GUEST_PAGE_SIZE ? r->code + (va - PROGRAM_CODE) : NULL;
}

/* One step of a program: @insn, and the instruction behind it if that is its slot.  */
struct pace {
	struct insn insn, slot;
	bool branch;
};

static void look(const struct program *p, gva pc, struct pace *s)
{
	unsigned at = (pc - PROGRAM_CODE) / 4;

	insn_decode(p->code[at], ISA_R2, &s->insn);
	s->branch = insn_flags((enum insn_op)s->insn.op) & IF_BRANCH;
	if (s->branch)
		insn_decode(p->code[at + 1], ISA_R2, &s->slot);
}

/* The access of this step, if there is one, and its address.  */
static bool memory_access(const struct reference *r, const struct pace *s, enum insn_op *op, gva *va)
{
	const struct insn *i = s->branch ? &s->slot : &s->insn;
	struct insn_deps deps;

	insn_deps(&s->insn, &deps);
	*op = (enum insn_op)i->op;
	*va = insn_simm(i) + (s->branch && deps.writes >> i->rs & 1u ? r->cpu.pc + 8 : r->cpu.gpr[i->rs]);
	return insn_flags(*op) & (IF_LOAD | IF_STORE);
}

/* Not beyond user addresses, where the same memory is seen again; nor of an outcome that is anybody's guess.  */
static bool access_is_clear(const struct reference *r, enum insn_op op, gva va)
{
	const uint8_t *now = memory_at(r, va);

	if (va >= 0x80000000u)
		return false;
	if (op != INSN_SC)
		return true;
	if (va & 3u)
		return false;
	if (!r->cpu.ll_bit)
		return va != r->link;
	return va == r->link && now && !memcmp(now, r->linked, 4);
}

static void count(struct program *p, const struct pace *s, unsigned n)
{
	p->insns += n;
	p->executed[s->insn.op]++;
	if (n == 2)
		p->executed[s->slot.op]++;
}

uint32_t reference_signal(const struct cpu *c)
{
	switch (c->cause >> 2 & 31u) {
	case EXC_OV: return 8;
	case EXC_TR: return 5;
	case EXC_ADEL: case EXC_ADES: return 10;
	default: return 0;
	}
}

/* QEMU sees that such a branch is never taken and makes nothing of it, so that an exception of its slot has EPC and BD as if it stood
   alone; MD00090 (Cause.BD) knows no such case.  */
static bool never_taken(insn_word w)
{
	struct insn i;

	insn_decode(w, ISA_R2, &i);
	return i.op == INSN_BNE ? i.rs == i.rt : i.rs == 0 && (i.op == INSN_BLTZ || i.op == INSN_BLTZAL || i.op == INSN_BGTZ);
}

static enum reference_end raised(struct reference *r, struct program *p, unsigned *culprit)
{
	const struct cpu *c = &r->cpu;

	*culprit = (c->epc - PROGRAM_CODE) / 4 + (c->cause & CAUSE_BD ? 1 : 0);
	if (*culprit >= p->nwords)
		abort(); /* the interpreter was somewhere else than this file believes */
	save(r, p);
	p->out.signal = reference_signal(c);
	p->out.pc = c->epc;
	if (p->out.signal == 10 && !memory_at(r, c->badvaddr))
		return END_UNWANTED;
	if (c->cause & CAUSE_BD && never_taken(p->code[*culprit - 1]))
		return END_UNWANTED;
	return p->out.signal ? END_SIGNAL : END_UNWANTED;
}

enum reference_end reference_run(struct reference *r, struct program *p, gva exit, unsigned *culprit)
{
	struct cpu *c = &r->cpu;
	unsigned last_back = 0;

	load(r, p);
	while (c->pc != exit) {
		gva pc = c->pc, va;
		enum insn_op op;
		struct pace s;
		unsigned n;

		look(p, pc, &s);
		*culprit = (pc - PROGRAM_CODE) / 4 + (s.branch ? 1 : 0);
		if (memory_access(r, &s, &op, &va) && !access_is_clear(r, op, va))
			return END_UNWANTED;
		n = interp_step(c);
		count(p, &s, n);
		if (r->outside)
			return END_UNWANTED;
		if (c->status & ST_EXL)
			return raised(r, p, culprit);
		if (op == INSN_LL && n == (s.branch ? 2u : 1u)) {
			r->link = va;
			memcpy(r->linked, memory_at(r, va), 4);
		}
		*culprit = (pc - PROGRAM_CODE) / 4;
		if (c->pc <= pc)
			last_back = *culprit;
		if (c->pc != exit && ((c->pc & 3u) || c->pc - PROGRAM_CODE >= 4 * (p->nwords - 1)))
			return END_UNWANTED;
		if (p->insns > PROGRAM_INSNS_MAX) {
			*culprit = last_back;
			return END_UNWANTED;
		}
	}
	save(r, p);
	return END_EXIT;
}
