/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The IF_ENGINE rows: what only the interpreter does.  CP0 moves, TLB, exceptions asked for, coprocessors that are not there.
 *
 * c->pc is the instruction, or its branch if it stands in a slot, until something sets it.
 */
#include "isa/cp0.h"
#include "isa/tlb.h"

#define CACHE_OP_HIT_INVALIDATE_I 0x10u /* MD00086 CACHE: operation 100, cache 00 */

static enum system_next raise(struct cpu *c, enum exc e, bool in_slot, unsigned ce)
{
	cpu_raise(c, e, in_slot, 0, false, ce);
	return SYSTEM_RAISED;
}

static bool cp0_usable(const struct cpu *c)
{
	return !cpu_user_mode(c) || (c->status & ST_CU0);
}

static void set_gpr(struct cpu *c, unsigned r, uint32_t v)
{
	c->gpr[r] = v;
	c->gpr[0] = 0;
}

/* DI, EI: the old Status, then IE.  */
static void set_ie(struct cpu *c, unsigned rt, uint32_t ie)
{
	uint32_t old = c->status;

	c->status = (old & ~ST_IE) | ie;
	set_gpr(c, rt, old);
}

static enum system_next rdhwr(struct cpu *c, const struct insn *i, bool in_slot)
{
	uint32_t v;

	if (i->rd > 3 || (!cp0_usable(c) && !(c->hwrena >> i->rd & 1u)))
		return raise(c, EXC_RI, in_slot, 0);
	switch (i->rd) {
	case 0:
		v = c->ebase & 0x3ffu;
		break;
	case 1:
		v = c->model->synci_step;
		break;
	case 2:
		v = cp0_read(c, 9, 0);
		break;
	default:
		v = c->model->count_divisor;
		break;
	}
	set_gpr(c, i->rt, v);
	return SYSTEM_GO_ON;
}

static enum system_next wait(struct cpu *c)
{
	c->pc += 4;
	if (!(c->cause & c->status & CAUSE_IP))
		c->waiting = true;
	return SYSTEM_PC_SET;
}

/* MD00086 CACHE, SYNCI: the address is translated as a load's is, of any alignment; there is nothing to do to a cache, but who makes
   translations of code may want to know.  */
static enum system_next by_address(struct cpu *c, gva va, bool hint, bool in_slot)
{
	struct mmu_result r;

	mmu_translate(c, va, ACCESS_LOAD, &r);
	if (r.exc != EXC_NONE) {
		cpu_raise(c, r.exc, in_slot, va, r.refill, 0);
		return SYSTEM_RAISED;
	}
	if (hint && c->hooks->cache_hint)
		c->hooks->cache_hint(c, va);
	return SYSTEM_GO_ON;
}

/* An index operation uses address bits as they are.  */
static enum system_next cache(struct cpu *c, const struct insn *i, bool in_slot)
{
	if (!(i->rt & CACHE_OP_BY_ADDRESS))
		return SYSTEM_GO_ON;
	return by_address(c, c->gpr[i->rs] + insn_simm(i), i->rt == CACHE_OP_HIT_INVALIDATE_I, in_slot);
}

/* Rows that need CP0 and have it.  */
static enum system_next privileged(struct cpu *c, const struct insn *i, bool in_slot)
{
	switch (i->op) {
	case INSN_MFC0:
		set_gpr(c, i->rt, cp0_read(c, i->rd, i->word & 7u));
		return SYSTEM_GO_ON;
	case INSN_MTC0:
		cp0_write(c, i->rd, i->word & 7u, c->gpr[i->rt]);
		return SYSTEM_GO_ON;
	case INSN_RDPGPR: /* one register set: the previous one is the current one */
	case INSN_WRPGPR:
		set_gpr(c, i->rd, c->gpr[i->rt]);
		return SYSTEM_GO_ON;
	case INSN_DI:
		set_ie(c, i->rt, 0);
		return SYSTEM_GO_ON;
	case INSN_EI:
		set_ie(c, i->rt, ST_IE);
		return SYSTEM_GO_ON;
	case INSN_TLBR:
		tlb_read(c);
		return SYSTEM_GO_ON;
	case INSN_TLBWI:
		return tlb_write_indexed(c) ? SYSTEM_GO_ON : raise(c, EXC_MCHECK, in_slot, 0);
	case INSN_TLBWR:
		return tlb_write_random(c) ? SYSTEM_GO_ON : raise(c, EXC_MCHECK, in_slot, 0);
	case INSN_TLBP:
		tlb_probe(c);
		return SYSTEM_GO_ON;
	case INSN_ERET:
		cpu_eret(c);
		return SYSTEM_PC_SET;
	case INSN_WAIT:
		return wait(c);
	case INSN_CACHE:
		return cache(c, i, in_slot);
	default: /* DERET: there is no debug mode to leave */
		return raise(c, EXC_RI, in_slot, 0);
	}
}

enum system_next system_insn(struct cpu *c, const struct insn *i, bool in_slot)
{
	bool cop0 = i->word >> 26 == 16;

	if ((cop0 || i->op == INSN_CACHE) && !cp0_usable(c))
		return raise(c, EXC_CPU, in_slot, 0);
	if (insn_flags((enum insn_op)i->op) & IF_PRIV)
		return privileged(c, i, in_slot);
	switch (i->op) {
	case INSN_SYSCALL:
		return raise(c, EXC_SYS, in_slot, 0);
	case INSN_BREAK:
		return raise(c, EXC_BP, in_slot, 0);
	case INSN_RDHWR:
		return rdhwr(c, i, in_slot);
	case INSN_SYNCI:
		return by_address(c, c->gpr[i->rs] + insn_simm(i), true, in_slot);
	case INSN_MOVF:
	case INSN_MOVT:
	case INSN_COP1:
	case INSN_COP1X:
	case INSN_LWC1:
	case INSN_LDC1:
	case INSN_SWC1:
	case INSN_SDC1:
		return raise(c, EXC_CPU, in_slot, 1);
	case INSN_COP2:
	case INSN_LWC2:
	case INSN_LDC2:
	case INSN_SWC2:
	case INSN_SDC2:
		return raise(c, EXC_CPU, in_slot, 2);
	default: /* reserved encodings; SDBBP: no EJTAG debug mode */
		return raise(c, EXC_RI, in_slot, 0);
	}
}
