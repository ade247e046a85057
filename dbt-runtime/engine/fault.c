/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a host fault inside translated code means: a page to be shown (hidden: the guest never knows), or something the guest can
 * see, which the interpreter then does exactly.
 *
 * Runs in the fault handler, on the vCPU's thread, while translated code runs: no engine function is under way, so all structures
 * may be used.  Units are not killed here: what was learnt is noted and applied once the code has been left.
 */
#include "dbt-runtime/engine/internal.h"

static void spill(struct engine *e, const uint64_t regs[16])
{
	struct cpu *c = e->cpu;

#define PINNED(guest, host) c->gpr[guest] = (uint32_t)regs[host];
	XABI_PINNED_ROWS(PINNED)
#undef PINNED
	c->budget = (int32_t)(uint32_t)regs[14];
}

/* Leave translated code through the stub; the state in struct cpu is complete.  */
static enum engine_fault leave(struct engine *e, uint64_t *host_pc, enum xabi_leave why)
{
	struct cpu *c = e->cpu;

	if (c->tier < TIER_COUNT) {
		c->tier_insns[c->tier] += (uint64_t)((int64_t)c->tier_mark - c->budget);
		c->tier_mark = c->budget;
	}
	c->host_exc = why;
	*host_pc = XABI_CODE_BASE + e->stubs.leave_fault;
	return FAULT_RESUME;
}

static const struct unit_fault *fault_find(const struct punit *u, uint32_t off)
{
	uint32_t lo = 0, hi = u->nfaults;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (u->faults[mid].off < off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < u->nfaults && u->faults[lo].off == off ? &u->faults[lo] : NULL;
}

/* Is @addr in a window's data range (guards excluded)?  */
static bool data_address(uint64_t addr, unsigned *w, gva *va)
{
	uint64_t rel = addr - XABI_WINDOW_BASE, in = rel % XABI_WINDOW_STRIDE;

	*w = (unsigned)(rel / XABI_WINDOW_STRIDE);
	*va = (gva)(in - XABI_WINDOW_DATA);
	return addr >= XABI_WINDOW_BASE && rel / XABI_WINDOW_STRIDE < XABI_WINDOWS_MAX && in - XABI_WINDOW_DATA < 1ull << 32;
}

static bool mirror_guard(uint64_t addr)
{
	uint64_t rel = addr - XABI_WINDOW_BASE, in = rel % XABI_WINDOW_STRIDE;

	return addr >= XABI_WINDOW_BASE && rel / XABI_WINDOW_STRIDE < XABI_WINDOWS_MAX &&
	       in - (XABI_WINDOW_MIRROR + (1ull << 32)) < 3ull << 32;
}

/* Try to show the page; false: the guest must see it, and @site says what to remember.  */
static bool hidden(struct engine *e, uint64_t addr, bool write, uint8_t *site)
{
	struct mmu_result r;
	unsigned w;
	gva va;

	*site = 0;
	windows_settle(e); /* an access to WINDOW_VOID is interpreted, the next one finds the window */
	if (!data_address(addr, &w, &va)) {
		e->stats.fault_guest++;
		return false;
	}
	if (w == WINDOW_KERNEL && va < 0x80000000u) {
		*site = SITE_USER;
		e->stats.fault_guest++;
		return false;
	}
	(void)mmu_lookup(e->cpu, va, write ? ACCESS_STORE : ACCESS_LOAD, &r);
	if (r.exc == EXC_NONE && window_map(e, w, va, &r, write)) {
		e->stats.fault_hidden++;
		return true;
	}
	if (r.exc != EXC_NONE) {
		e->stats.fault_guest++;
	} else if (window_device(e, r.pa, write)) {
		*site = SITE_SLOW;
		e->stats.fault_device++;
	} else if (write) {
		e->stats.fault_code_write++;
	}
	return false;
}

enum engine_fault engine_host_fault(struct engine *e, uint64_t *host_pc, uint64_t addr, bool write, bool alignment, uint64_t regs[16])
{
	uint64_t off = *host_pc - XABI_CODE_BASE;
	const struct unit_fault *f;
	struct punit *u;
	uint8_t site = 0;
	uint32_t i;

	if (off >= e->code_cap) {
		e->stats.fault_alignment += alignment;
		return alignment ? FAULT_ALIGNMENT : FAULT_NOT_OURS;
	}
	if (!alignment && mirror_guard(addr)) { /* a jump to an unaligned address; cpu->pc is set */
		spill(e, regs);
		return leave(e, host_pc, LEAVE_MISS);
	}
	i = place_find(e, (uint32_t)off);
	u = &e->units[i];
	f = i ? fault_find(u, (uint32_t)off - u->code) : NULL;
	if (!f)
		return FAULT_NOT_OURS;
	if (alignment)
		e->stats.fault_guest++;
	else if (hidden(e, addr, write, &site))
		return FAULT_RETRY;
	e->note = (struct fault_note){ .vpage = u->vpage, .word = f->word, .site = site, .valid = true };
	if (f->recover) {
		*host_pc = XABI_CODE_BASE + u->code + f->recover;
		return FAULT_RESUME;
	}
	spill(e, regs);
	e->cpu->budget += f->refund;
	e->cpu->pc = e->vpages[u->vpage].page + 4u * f->word;
	return leave(e, host_pc, LEAVE_FAULT);
}
