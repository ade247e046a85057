/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processor's life: reset, exceptions, interrupts.
 */
#include "isa/cpu.h"

#include "isa/interp.h"
#include "isa/tlb.h"

_Static_assert(offsetof(struct cpu, mirror) == 0 && offsetof(struct cpu, mem_base) == 8 && offsetof(struct cpu, user_base) == 16 &&
	       offsetof(struct cpu, host_sp) == 24 && offsetof(struct cpu, pc) == 32 && offsetof(struct cpu, budget) == 36 &&
	       offsetof(struct cpu, hi) == 40 && offsetof(struct cpu, lo) == 44 && offsetof(struct cpu, ll_bit) == 48 &&
	       offsetof(struct cpu, ll_addr) == 52 && offsetof(struct cpu, tier) == 56 && offsetof(struct cpu, tier_mark) == 60 &&
	       offsetof(struct cpu, tier_insns) == 64 && offsetof(struct cpu, attention) == 88 &&
	       offsetof(struct cpu, host_exc) == 92 && offsetof(struct cpu, gpr) == CPU_BIAS, "xabi offsets");

#define RESET_VECTOR 0xbfc00000u

void cpu_init(struct cpu *c, const struct cpu_model *model, bool big_endian, struct tlb *tlb, const struct cpu_hooks *hooks, void *owner)
{
	c->model = model;
	c->big_endian = big_endian;
	c->tlb = tlb;
	c->hooks = hooks;
	c->owner = owner;
	cpu_reset(c);
}

void cpu_reset(struct cpu *c)
{
	unsigned i;

	__builtin_memset(c->gpr, 0, sizeof c->gpr);
	c->hi = c->lo = c->ll_bit = c->ll_addr = 0;
	c->index = c->entrylo0 = c->entrylo1 = c->context = c->pagemask = c->wired = c->hwrena = 0;
	c->badvaddr = c->entryhi = c->compare = c->srsctl = c->cause = c->epc = c->errorepc = 0;
	c->debug = c->depc = c->taglo = c->datalo = c->taghi = c->datahi = c->errctl = c->desave = 0;
	c->count_offset = 0;
	c->lfsr = 1;
	c->status = ST_BEV | ST_ERL;
	c->intctl = c->model->intctl;
	c->ebase = 0x80000000u;
	c->config = c->model->config | (c->big_endian ? 1u << 15 : 0);
	for (i = 0; i < ARRAY_LEN(c->watchhi); i++)
		c->watchlo[i] = c->watchhi[i] = 0;
	c->pc = RESET_VECTOR;
	tlb_reset(c->tlb, c->model->tlb_entries);
	interp_flush(c);
	c->hooks->mode_changed(c);
}

static gva vector(const struct cpu *c, uint32_t offset)
{
	if (c->status & ST_BEV)
		return 0xbfc00200u + offset;
	if (c->model->rev == ISA_R1)
		return 0x80000000u + offset;
	return (0x80000000u | (c->ebase & 0x3ffff000u)) + offset;
}

static void set_bad_address(struct cpu *c, enum exc e, gva va)
{
	if (e != EXC_MOD && e != EXC_TLBL && e != EXC_TLBS && e != EXC_ADEL && e != EXC_ADES)
		return;
	c->badvaddr = va;
	if (e == EXC_ADEL || e == EXC_ADES)
		return;
	c->context = (c->context & 0xff800000u) | (va >> 13 << 4);
	c->entryhi = (c->entryhi & 0xffu) | (va & 0xffffe000u);
}

void cpu_raise(struct cpu *c, enum exc e, bool in_slot, gva badvaddr, bool refill, unsigned ce)
{
	uint32_t offset = 0x180;

	if (e == EXC_RESET) {
		cpu_reset(c);
		return;
	}
	if (e == EXC_NMI) {
		c->errorepc = c->pc;
		c->status |= ST_ERL | ST_BEV | ST_NMI;
		c->pc = RESET_VECTOR;
		c->hooks->mode_changed(c);
		return;
	}
	set_bad_address(c, e, badvaddr);
	if (!(c->status & ST_EXL)) {
		c->epc = c->pc;
		c->cause = (c->cause & ~CAUSE_BD) | (in_slot ? CAUSE_BD : 0);
		if (refill)
			offset = 0;
		else if (e == EXC_INT && (c->cause & CAUSE_IV))
			offset = 0x200;
	}
	c->cause = (c->cause & ~(CAUSE_EXC | 0x30000000u)) | (uint32_t)e << 2 | ce << 28;
	c->status |= ST_EXL;
	c->pc = vector(c, offset);
	c->hooks->mode_changed(c);
}

void cpu_interrupt(struct cpu *c)
{
	cpu_raise(c, EXC_INT, false, 0, false, 0);
}

void cpu_set_irq(struct cpu *c, unsigned n, bool level)
{
	uint32_t bit = 0x400u << n;

	c->cause = level ? c->cause | bit : c->cause & ~bit;
}

void cpu_eret(struct cpu *c)
{
	c->ll_bit = 0;
	if (c->status & ST_ERL) {
		c->pc = c->errorepc;
		c->status &= ~ST_ERL;
	} else {
		c->pc = c->epc;
		c->status &= ~ST_EXL;
	}
	c->hooks->mode_changed(c);
}
