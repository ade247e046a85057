/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CP0 registers: reading, writing, Count and Compare.  The rows are cp0.def; here is what a row cannot say.
 * Privilege is the caller's business.
 *
 * Count is not stored: it is guest time in Count ticks plus count_offset.  While Cause.DC stops it, count_offset is Count itself.
 */
#include "isa/cp0.h"

#include "isa/interp.h"
#include "isa/tlb.h"

#define SECOND 1000000000ull

static uint64_t count_hz(const struct cpu *c)
{
	return c->model->clock_hz / c->model->count_divisor;
}

/* Count ticks until guest time @ns, and the first nanosecond at which that many have passed.  */
static uint64_t ticks_at(const struct cpu *c, uint64_t ns)
{
	return ns / SECOND * count_hz(c) + ns % SECOND * count_hz(c) / SECOND;
}

static uint64_t ns_of_ticks(const struct cpu *c, uint64_t ticks)
{
	uint64_t hz = count_hz(c);

	return ticks / hz * SECOND + (ticks % hz * SECOND + hz - 1) / hz;
}

static uint64_t ticks_now(struct cpu *c)
{
	return ticks_at(c, c->hooks->now_ns(c));
}

static uint32_t count_read(struct cpu *c)
{
	if (c->cause & CAUSE_DC)
		return c->count_offset;
	return c->count_offset + (uint32_t)ticks_now(c);
}

/* Ask to be called when Count, which is count_offset + @now, next becomes equal to Compare: 1 to 2^32 ticks on.  */
static void timer_arm(struct cpu *c, uint64_t now)
{
	uint32_t left;

	c->timer_ns = UINT64_MAX;
	if (!(c->cause & CAUSE_DC)) {
		left = c->compare - (c->count_offset + (uint32_t)now);
		c->timer_ns = ns_of_ticks(c, now + (left ? left : 1ull << 32));
	}
	c->hooks->timer_set(c, c->timer_ns);
}

/* One look at the time for both: between two, Count could pass Compare unnoticed.  */
static void count_write(struct cpu *c, uint32_t value)
{
	uint64_t now = ticks_now(c);

	c->count_offset = c->cause & CAUSE_DC ? value : value - (uint32_t)now;
	timer_arm(c, now);
}

void cpu_timer_expired(struct cpu *c)
{
	c->timer_hit = true;
	cp0_update_irq(c);
	timer_arm(c, ticks_now(c));
}

/* Who has seen Count pass Compare must find Cause.TI set (Linux tests its timer so), and the outside looks at the time far less often
   than a guest may.  */
static uint32_t cause_read(struct cpu *c)
{
	if (c->hooks->now_ns(c) >= c->timer_ns)
		cpu_timer_expired(c);
	return c->cause;
}

void cp0_update_irq(struct cpu *c)
{
	bool r2 = c->model->rev >= ISA_R2;
	uint32_t timer_ip = r2 ? c->intctl >> 29 : 7;
	uint32_t cause = c->cause & ~(CAUSE_TI | 0x0000fc00u);

	cause |= (uint32_t)c->irq_lines << 10;
	if (c->timer_hit)
		cause |= (r2 ? CAUSE_TI : 0) | (timer_ip >= 2 ? 0x100u << timer_ip : 0);
	c->cause = cause;
}

/* Only a run of pairs of ones from bit 13 up is a page size; anything else is UNDEFINED, here 4 KiB.  */
static uint32_t pagemask_valid(uint32_t value)
{
	uint32_t m = value >> 13;

	return (m & (m + 1)) == 0 && (__builtin_popcount(m) & 1) == 0 ? value : 0;
}

static void status_written(struct cpu *c, uint32_t old)
{
	if ((old ^ c->status) & (ST_UM | ST_EXL | ST_ERL))
		cpu_mode_changed(c);
}

static void cause_written(struct cpu *c, uint32_t old, uint32_t count)
{
	if (!((old ^ c->cause) & CAUSE_DC))
		return;
	count_write(c, count); /* with DC as it is now */
}

enum cp0_row {
#define CP0(name, reg, sel, field, reset, writable, since, ref) CP0_##name = (reg) * 8 + (sel),
#define CP0_FIXED(name, reg, sel, value, since, ref) CP0_##name = (reg) * 8 + (sel),
#include "isa/cp0.def"
#undef CP0
#undef CP0_FIXED
};

int cp0_plain(unsigned reg, unsigned sel)
{
	unsigned row = reg * 8 + sel;

	if (row == CP0_COUNT || row == CP0_CAUSE || row == CP0_RANDOM)
		return -1;
	switch (row) {
#define CP0(name, reg, sel, field, reset, writable, since, ref) \
	case CP0_##name: return (since) == 1 ? (int)offsetof(struct cpu, field) : -1;
#define CP0_FIXED(name, reg, sel, value, since, ref)
#include "isa/cp0.def"
#undef CP0
#undef CP0_FIXED
	default:
		return -1;
	}
}

bool insn_plain_in_kernel(const struct insn *i)
{
	unsigned row = i->rd * 8 + (i->word & 7u);

	switch (i->op) {
	case INSN_MFC0:
		return cp0_plain(i->rd, i->word & 7u) >= 0;
	case INSN_MTC0:
		return row == CP0_EPC || row == CP0_ENTRYHI || row == CP0_ENTRYLO0 || row == CP0_ENTRYLO1;
	case INSN_DI:
	case INSN_EI:
	case INSN_CACHE:
		return true;
	default:
		return false;
	}
}

uint32_t cp0_read(struct cpu *c, unsigned reg, unsigned sel)
{
	const struct cpu_model *m = c->model;

	if (reg * 8 + sel == CP0_COUNT)
		return count_read(c);
	if (reg * 8 + sel == CP0_CAUSE)
		return cause_read(c);
	if (reg * 8 + sel == CP0_RANDOM)
		return tlb_random(c);
	switch (reg * 8 + sel) {
#define CP0(name, reg, sel, field, reset, writable, since, ref) case CP0_##name: return m->rev >= (since) ? c->field : 0;
#define CP0_FIXED(name, reg, sel, value, since, ref) case CP0_##name: return m->rev >= (since) ? (value) : 0;
#include "isa/cp0.def"
#undef CP0
#undef CP0_FIXED
	default:
		return 0;
	}
}

/* Writes the row's writable bits; true: there is such a register.  @old is what it was.  */
static bool write_bits(struct cpu *c, unsigned row, uint32_t value, uint32_t *old)
{
	const struct cpu_model *m = c->model;
	uint32_t *field, mask;

	switch (row) {
#define CP0(name, reg, sel, member, reset, writable, since, ref) \
	case CP0_##name: \
		field = m->rev >= (since) ? &c->member : NULL; \
		mask = (writable); \
		break;
#define CP0_FIXED(name, reg, sel, value, since, ref)
#include "isa/cp0.def"
#undef CP0
#undef CP0_FIXED
	default:
		return false;
	}
	if (!field)
		return false;
	*old = *field;
	*field = (*field & ~mask) | (value & mask);
	return true;
}

void cp0_write(struct cpu *c, unsigned reg, unsigned sel, uint32_t value)
{
	unsigned row = reg * 8 + sel;
	uint32_t old, count = 0;

	if (row == CP0_CAUSE)
		count = count_read(c);
	if (!write_bits(c, row, value, &old))
		return;
	switch (row) {
	case CP0_PAGEMASK:
		c->pagemask = pagemask_valid(c->pagemask);
		break;
	case CP0_WIRED:
		c->random = c->model->tlb_entries - 1;
		break;
	case CP0_COUNT:
		count_write(c, value);
		break;
	case CP0_ENTRYHI:
		if ((old ^ c->entryhi) & HI_ASID) {
			interp_flush(c);
			cpu_mode_changed(c);
		}
		break;
	case CP0_COMPARE:
		c->timer_hit = false;
		cp0_update_irq(c);
		timer_arm(c, ticks_now(c));
		break;
	case CP0_STATUS:
		status_written(c, old);
		break;
	case CP0_CAUSE:
		cause_written(c, old, count);
		break;
	default:
		break;
	}
}

void cp0_reset(struct cpu *c)
{
	const struct cpu_model *m = c->model;

#define CP0(name, reg, sel, field, reset, writable, since, ref) c->field = (reset);
#define CP0_FIXED(name, reg, sel, value, since, ref)
#include "isa/cp0.def"
#undef CP0
#undef CP0_FIXED
	if (c->big_endian)
		c->config |= CONFIG_BE;
	c->entrylo_rw = ENTRYLO_RW(m);
	c->lfsr = 0xace1u;
	c->timer_hit = false;
	cp0_update_irq(c);
	count_write(c, 0);
}
