/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processor: birth, reset, exceptions, interrupts.  Not: registers of CP0 (cp0.c), translation (mmu.c).
 *
 * Offsets of the hot fields are part of the contract with translated code.
 */
#include "isa/cp0.h"
#include "isa/interp.h"
#include "isa/tlb.h"

#define AT(field, offset) _Static_assert(offsetof(struct cpu, field) == (offset), #field)
AT(mirror, 0);
AT(mem_base, 8);
AT(user_base, 16);
AT(host_sp, 24);
AT(pc, 32);
AT(budget, 36);
AT(lo, 40);
AT(hi, 44);
AT(ll_bit, 48);
AT(ll_addr, 52);
AT(tier, 56);
AT(leave, 57);
AT(tier_mark, 60);
AT(tier_insns, 64);
AT(attention, 88);
AT(host_exc, 92);
AT(gpr, CPU_BIAS);
_Static_assert(offsetof(struct cpu, gpr[31]) - CPU_BIAS <= 127, "a guest register is one signed byte away");

#define VECTOR_RESET 0xbfc00000u
#define VECTOR_BEV   0xbfc00200u
#define VECTOR_BASE  0x80000000u
#define OFFSET_REFILL 0x000u
#define OFFSET_GENERAL 0x180u
#define OFFSET_INTERRUPT 0x200u
#define CAUSE_CE 0x30000000u
#define ST_TS 0x00200000u

void cpu_init(struct cpu *c, const struct cpu_model *model, bool big_endian, struct tlb *tlb, const struct cpu_hooks *hooks, void *owner)
{
	unsigned i, n = c->nbanks;
	struct ram_bank bank[RAM_BANKS_MAX];

	for (i = 0; i < n; i++)
		bank[i] = c->bank[i];
	__builtin_memset(c, 0, sizeof *c);
	for (i = 0; i < n; i++)
		c->bank[i] = bank[i];
	c->nbanks = n;
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

	for (i = 0; i < 32; i++)
		c->gpr[i] = 0;
	c->hi = c->lo = 0;
	c->ll_bit = c->ll_addr = 0;
	c->waiting = false;
	c->pc = VECTOR_RESET;
	tlb_reset(c->tlb, c->model->tlb_entries);
	cp0_reset(c);
	interp_flush(c);
	cpu_mode_changed(c);
}

void cpu_resume(struct cpu *c, const struct cpu *from, const struct tlb *tlb)
{
	struct tlb *own_tlb = c->tlb;
	const struct cpu_hooks *hooks = c->hooks;
	void *owner = c->owner;
	struct ram_bank bank[RAM_BANKS_MAX];

	__builtin_memcpy(bank, c->bank, sizeof bank);
	__builtin_memcpy(c, from, sizeof *c);
	__builtin_memcpy(c->bank, bank, sizeof bank);
	c->tlb = own_tlb;
	c->hooks = hooks;
	c->owner = owner;
	__builtin_memcpy(own_tlb, tlb, tlb_sizeof());
	interp_flush(c);
	cpu_mode_changed(c);
	hooks->timer_set(c, c->timer_ns);
}

void cpu_mode_changed(struct cpu *c)
{
	c->hooks->mode_changed(c);
}

/* MD00090, interrupt vectors: priority in vectored mode is the highest pending IP.  */
static uint32_t interrupt_offset(const struct cpu *c)
{
	uint32_t spacing = (c->intctl & INTCTL_VS) >> 5, pending = (c->cause & c->status & CAUSE_IP) >> 8;

	if (!(c->cause & CAUSE_IV))
		return OFFSET_GENERAL;
	if ((c->status & ST_BEV) || !spacing || !pending)
		return OFFSET_INTERRUPT;
	return OFFSET_INTERRUPT + (31u - (uint32_t)__builtin_clz(pending)) * (spacing << 5);
}

static void taken(struct cpu *c, enum exc e, gva pc)
{
	if (c->hooks->exception_taken)
		c->hooks->exception_taken(c, e, pc);
	cpu_mode_changed(c);
}

static void raise_nmi(struct cpu *c)
{
	gva pc = c->pc;

	c->errorepc = pc;
	c->status = (c->status & ~(ST_SR | ST_TS)) | ST_BEV | ST_ERL | ST_NMI;
	c->pc = VECTOR_RESET;
	taken(c, EXC_NMI, pc);
}

static void note_address(struct cpu *c, gva va)
{
	c->badvaddr = va;
	c->context = (c->context & 0xff800000u) | (va >> 13 << 4);
	c->entryhi = (va & 0xffffe000u) | (c->entryhi & HI_ASID);
}

void cpu_raise(struct cpu *c, enum exc e, bool in_slot, gva badvaddr, bool refill, unsigned ce)
{
	uint32_t base = c->status & ST_BEV ? VECTOR_BEV : c->model->rev >= ISA_R2 ? c->ebase & 0xfffff000u : VECTOR_BASE;
	uint32_t offset = OFFSET_GENERAL;
	gva pc = c->pc;

	if (e == EXC_RESET) {
		cpu_reset(c);
		return;
	}
	if (e == EXC_NMI) {
		raise_nmi(c);
		return;
	}
	if (e == EXC_TLBL || e == EXC_TLBS || e == EXC_MOD || e == EXC_ADEL || e == EXC_ADES)
		note_address(c, badvaddr);
	if (e == EXC_MCHECK)
		c->status |= ST_TS;
	if (e == EXC_INT)
		offset = interrupt_offset(c);
	if (!(c->status & ST_EXL)) {
		c->epc = pc;
		c->cause = (c->cause & ~CAUSE_BD) | (in_slot ? CAUSE_BD : 0);
		if (refill)
			offset = OFFSET_REFILL;
	}
	c->cause = (c->cause & ~(CAUSE_EXC | CAUSE_CE)) | (uint32_t)e << 2 | ce << 28;
	c->status |= ST_EXL;
	c->pc = base + offset;
	taken(c, e, pc);
}

void cpu_interrupt(struct cpu *c)
{
	cpu_raise(c, EXC_INT, false, 0, false, 0);
}

void cpu_set_irq(struct cpu *c, unsigned n, bool level)
{
	uint32_t bit = 1u << n;

	c->irq_lines = (uint8_t)(level ? c->irq_lines | bit : c->irq_lines & ~bit);
	cp0_update_irq(c);
}

void cpu_eret(struct cpu *c)
{
	if (c->status & ST_ERL) {
		c->pc = c->errorepc;
		c->status &= ~ST_ERL;
	} else {
		c->pc = c->epc;
		c->status &= ~ST_EXL;
	}
	c->ll_bit = 0;
	if (c->hooks->exception_left)
		c->hooks->exception_left(c);
	cpu_mode_changed(c);
}
