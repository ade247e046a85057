/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CP0 registers: what MFC0 reads and MTC0 does.  Registers a model lacks read zero and ignore writes.
 * MD00090, "CP0 register descriptions".
 */
#include "isa/cpu.h"
#include "isa/tlb.h"

#define REG(reg, sel) ((reg) << 3 | (sel))
#define WATCHHI_RW 0x40ff0ff8u
#define WATCHHI_M 0x80000000u

static uint64_t count_hz(const struct cpu *c)
{
	return c->model->clock_hz / c->model->count_divisor;
}

/* Count ticks since guest time zero.  */
static uint64_t ticks(struct cpu *c)
{
	uint64_t now = c->hooks->now_ns(c);

	return now / 1000000000u * count_hz(c) + now % 1000000000u * count_hz(c) / 1000000000u;
}

static uint64_t ticks_to_ns(const struct cpu *c, uint64_t t)
{
	return t / count_hz(c) * 1000000000u + (t % count_hz(c) * 1000000000u + count_hz(c) - 1) / count_hz(c);
}

static void timer_arm(struct cpu *c)
{
	uint64_t now = ticks(c);
	uint32_t delta = c->compare - (uint32_t)now - c->count_offset;

	c->timer_ns = ticks_to_ns(c, now + (delta ? delta : 1ull << 32));
	c->hooks->timer_set(c, c->timer_ns);
}

static uint32_t timer_bits(const struct cpu *c)
{
	return CAUSE_TI | 0x100u << (c->intctl >> 29);
}

void cpu_timer_expired(struct cpu *c)
{
	c->cause |= c->model->rev == ISA_R1 ? 0x8000u : timer_bits(c);
	timer_arm(c);
}

/* Who reads Count past Compare must find Cause.TI set: Linux tests a timer so (c0_compare_int_usable gives it 50 ticks), and the outside
   looks at the time far less often.  */
static void timer_look(struct cpu *c)
{
	if (c->hooks->now_ns(c) >= c->timer_ns)
		cpu_timer_expired(c);
}

static uint32_t read_config(const struct cpu *c, unsigned sel)
{
	switch (sel) {
	case 0: return c->config;
	case 1: return c->model->config1;
	case 2: return c->model->config1 >> 31 ? c->model->config2 : 0;
	case 3: return c->model->config2 >> 31 ? c->model->config3 : 0;
	case 7: return c->model->config7;
	default: return 0;
	}
}

uint32_t cp0_read(struct cpu *c, unsigned reg, unsigned sel)
{
	bool r2 = c->model->rev >= ISA_R2;

	if (reg == 16)
		return read_config(c, sel);
	if (reg == 18)
		return sel < c->model->watch_pairs ? c->watchlo[sel] : 0;
	if (reg == 19)
		return sel < c->model->watch_pairs ? (c->watchhi[sel] & WATCHHI_RW) | (sel + 1 < c->model->watch_pairs ? WATCHHI_M : 0) : 0;
	switch (REG(reg, sel)) {
	case REG(0, 0): return c->index;
	case REG(1, 0): return tlb_random(c);
	case REG(2, 0): return c->entrylo0;
	case REG(3, 0): return c->entrylo1;
	case REG(4, 0): return c->context;
	case REG(5, 0): return c->pagemask;
	case REG(6, 0): return c->wired;
	case REG(7, 0): return r2 ? c->hwrena : 0;
	case REG(8, 0): return c->badvaddr;
	case REG(9, 0): return (uint32_t)ticks(c) + c->count_offset;
	case REG(10, 0): return c->entryhi;
	case REG(11, 0): return c->compare;
	case REG(12, 0): return c->status;
	case REG(12, 1): return r2 ? c->intctl : 0;
	case REG(12, 2): return r2 ? c->srsctl : 0;
	case REG(13, 0): timer_look(c); return c->cause;
	case REG(14, 0): return c->epc;
	case REG(15, 0): return c->model->prid;
	case REG(15, 1): return r2 ? c->ebase : 0;
	case REG(17, 0): return c->ll_addr;
	case REG(23, 0): return c->debug;
	case REG(24, 0): return c->depc;
	case REG(26, 0): return c->errctl;
	case REG(28, 0): return c->taglo;
	case REG(28, 1): return c->datalo;
	case REG(29, 0): return c->taghi;
	case REG(29, 1): return c->datahi;
	case REG(30, 0): return c->errorepc;
	case REG(31, 0): return c->desave;
	default: return 0;
	}
}

static void write_status(struct cpu *c, uint32_t v)
{
	uint32_t old = c->status, mask = c->model->status_rw;

	c->status = (old & ~mask) | (v & mask);
	if ((old ^ c->status) & (ST_UM | ST_EXL | ST_ERL))
		c->hooks->mode_changed(c);
}

static void write_entryhi(struct cpu *c, uint32_t v)
{
	uint32_t old = c->entryhi;

	c->entryhi = v & 0xffffe0ffu;
	if ((old ^ c->entryhi) & 0xffu)
		c->hooks->mode_changed(c);
}

static void write_compare(struct cpu *c, uint32_t v)
{
	c->compare = v;
	c->cause &= ~(c->model->rev == ISA_R1 ? 0x8000u : timer_bits(c));
	timer_arm(c);
}

void cp0_write(struct cpu *c, unsigned reg, unsigned sel, uint32_t v)
{
	bool r2 = c->model->rev >= ISA_R2;

	if (reg == 18) {
		if (sel < c->model->watch_pairs)
			c->watchlo[sel] = v & ~7u; /* no watch exceptions: the enable bits read zero */
		return;
	}
	if (reg == 19) {
		if (sel < c->model->watch_pairs)
			c->watchhi[sel] = v & WATCHHI_RW;
		return;
	}
	switch (REG(reg, sel)) {
	case REG(0, 0): c->index = (c->index & 0x80000000u) | (v & 63u & (c->model->tlb_entries - 1)); break;
	case REG(2, 0): c->entrylo0 = v & 0x3fffffffu; break;
	case REG(3, 0): c->entrylo1 = v & 0x3fffffffu; break;
	case REG(4, 0): c->context = (v & 0xff800000u) | (c->context & 0x007ffff0u); break;
	case REG(5, 0): c->pagemask = v & 0x1fffe000u; break;
	case REG(6, 0): c->wired = v % c->model->tlb_entries; break;
	case REG(7, 0): c->hwrena = r2 ? v & 0x2000000fu : 0; break;
	case REG(9, 0): c->count_offset = v - (uint32_t)ticks(c); timer_arm(c); break;
	case REG(10, 0): write_entryhi(c, v); break;
	case REG(11, 0): write_compare(c, v); break;
	case REG(12, 0): write_status(c, v); break;
	case REG(12, 1): if (r2) c->intctl = (c->intctl & ~0x3e0u) | (v & 0x3e0u); break;
	case REG(13, 0): c->cause = (c->cause & ~0x08c00300u) | (v & 0x00c00300u) | (r2 ? v & 0x08000000u : 0); break;
	case REG(14, 0): c->epc = v; break;
	case REG(15, 1): if (r2) c->ebase = (c->ebase & ~0x3ffff000u) | (v & 0x3ffff000u); break;
	case REG(16, 0): c->config = (c->config & ~c->model->config_rw) | (v & c->model->config_rw); break;
	case REG(24, 0): c->depc = v; break;
	case REG(26, 0): c->errctl = v & 0x3f7fffffu; break; /* PE and L2P stay 0: no parity */
	case REG(28, 0): c->taglo = v; break;
	case REG(28, 1): c->datalo = v; break;
	case REG(29, 0): c->taghi = v; break;
	case REG(29, 1): c->datahi = v; break;
	case REG(30, 0): c->errorepc = v; break;
	case REG(31, 0): c->desave = v; break;
	default: break;
	}
}
