/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine's creation, its hooks into the processor, and the run loop.
 */
#include "dbt-runtime/engine/engine.h"

#include "dbt-runtime/engine/internal.h"

#define SLICE_INTERP 2000
#define SCRATCH_CODE (1u << 20)
#define SCRATCH_ENTRIES 2048u
#define SCRATCH_FAULTS 4096u
#define SCRATCH_RELOCS 16384u

/* --- arena --- */

struct carver { uint8_t *at; size_t left; };

static void *carve(struct carver *a, size_t size)
{
	uint8_t *p = a->at;

	size = (size + 63u) & ~(size_t)63u;
	if (size > a->left)
		return NULL;
	a->at += size;
	a->left -= size;
	return p;
}

static bool carve_all(struct engine *e, struct carver *a)
{
	e->page_cpage = carve(a, RAM_PAGES_MAX * sizeof *e->page_cpage);
	e->page_wmaps = carve(a, RAM_PAGES_MAX * sizeof *e->page_wmaps);
	e->wmaps = carve(a, WMAPS_MAX * sizeof *e->wmaps);
	e->wmap_hash = carve(a, sizeof *e->wmap_hash << WMAP_HASH_LOG2);
	e->cpages = carve(a, CPAGES_MAX * sizeof *e->cpages);
	e->vpages = carve(a, VPAGES_MAX * sizeof *e->vpages);
	e->units = carve(a, UNITS_MAX * sizeof *e->units);
	e->links = carve(a, LINKS_MAX * sizeof *e->links);
	e->link_hash = carve(a, sizeof *e->link_hash << LINK_HASH_LOG2);
	e->faults = carve(a, FAULTS_MAX * sizeof *e->faults);
	e->profile = carve(a, PROFILE_MAX * sizeof *e->profile);
	e->heat = carve(a, (size_t)1 << HEAT_LOG2);
	e->scratch.code = carve(a, SCRATCH_CODE);
	e->scratch.code_cap = SCRATCH_CODE;
	e->scratch.entries = carve(a, SCRATCH_ENTRIES * sizeof *e->scratch.entries);
	e->scratch.entries_cap = SCRATCH_ENTRIES;
	e->scratch.faults = carve(a, SCRATCH_FAULTS * sizeof *e->scratch.faults);
	e->scratch.faults_cap = SCRATCH_FAULTS;
	e->scratch.relocs = carve(a, SCRATCH_RELOCS * sizeof *e->scratch.relocs);
	e->scratch.relocs_cap = SCRATCH_RELOCS;
	return e->scratch.relocs != NULL;
}

size_t engine_arena_min(void)
{
	return sizeof(struct engine) + tlb_sizeof() + RAM_PAGES_MAX * 8ul + WMAPS_MAX * sizeof(struct wmap) +
	       (4ul << WMAP_HASH_LOG2) + CPAGES_MAX * sizeof(struct cpage) + VPAGES_MAX * sizeof(struct vpage) +
	       UNITS_MAX * sizeof(struct punit) + LINKS_MAX * sizeof(struct link) + (4ul << LINK_HASH_LOG2) +
	       FAULTS_MAX * sizeof(struct unit_fault) + PROFILE_MAX * sizeof(struct profile_page) + (1ul << HEAT_LOG2) + SCRATCH_CODE +
	       SCRATCH_ENTRIES * sizeof(struct unit_entry) + SCRATCH_FAULTS * sizeof(struct unit_fault) +
	       SCRATCH_RELOCS * sizeof(struct unit_reloc) + (1ul << 16);
}

/* --- hooks of the processor --- */

static struct engine *owner(const struct cpu *c)
{
	return c->owner;
}

static uint32_t hook_io_load(struct cpu *c, gpa pa, unsigned size)
{
	struct engine *e = owner(c);

	e->stats.device_loads++;
	return e->host->io_load(e->host->machine, pa, size);
}

static void hook_io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	struct engine *e = owner(c);

	e->stats.device_stores++;
	e->host->io_store(e->host->machine, pa, size, value);
}

static void hook_code_write(struct cpu *c, gpa pa, unsigned size)
{
	uint32_t pfn;

	if (ram_pfn(owner(c), pa, &pfn))
		codepage_written(owner(c), pfn, (unsigned)(pa & GUEST_PAGE_MASK), size);
}

static void tell_entry(struct engine *e, enum event_kind k, const struct tlb_entry *t)
{
	event_put(e, (struct engine_event){ k, { t->vpn2, t->mask, t->asid, t->global, t->lo[0], t->lo[1] } });
}

static void hook_tlb_dropped(struct cpu *c, const struct tlb_entry *t)
{
	if (t)
		tell_entry(owner(c), EVENT_TLB_DROPPED, t);
	else
		event_put(owner(c), (struct engine_event){ EVENT_TLB_DROPPED_ALL, { 0 } });
	if (t)
		windows_drop(owner(c), t);
	else
		windows_drop_all(owner(c));
	c->leave = 1;
}

static void hook_tlb_written(struct cpu *c, const struct tlb_entry *t)
{
	struct engine *e = owner(c);
	unsigned cause = (c->cause & CAUSE_EXC) >> 2;

	tell_entry(e, EVENT_TLB_WRITTEN, t);
	if (!e->translate || ((c->badvaddr ^ t->vpn2) & ~(t->mask | 0x1fffu)))
		return;
	e->show = true;
	e->show_va = c->badvaddr;
	e->show_store = cause == EXC_TLBS || cause == EXC_MOD;
}

static void hook_exception_taken(struct cpu *c, enum exc exc, gva pc)
{
	bool address = exc == EXC_MOD || exc == EXC_TLBL || exc == EXC_TLBS || exc == EXC_ADEL || exc == EXC_ADES;
	enum event_kind k = exc == EXC_INT ? EVENT_INTERRUPT : address ? EVENT_BAD_ADDRESS : EVENT_EXCEPTION;

	event_put(owner(c), (struct engine_event){ k, { exc, pc, c->epc, c->status, c->cause, c->pc, c->badvaddr } });
}

static void hook_exception_left(struct cpu *c)
{
	event_put(owner(c), (struct engine_event){ EVENT_ERET, { c->pc, c->status } });
}

static void hook_mode_changed(struct cpu *c)
{
	struct engine *e = owner(c);

	c->leave = 1;
	e->again = false;
	windows_select(e);
	if (!e->show || (c->status & (ST_EXL | ST_ERL)))
		return;
	e->show = false;
	if (e->show_va - c->epc >= 8) /* a fetch needs no data */
		e->again = !window_show(e, e->show_va, e->show_store ? ACCESS_STORE : ACCESS_LOAD);
}

static uint64_t hook_now_ns(struct cpu *c)
{
	return owner(c)->host->now_ns(owner(c)->host->machine);
}

static void hook_timer_set(struct cpu *c, uint64_t when_ns)
{
	struct engine *e = owner(c);

	if (when_ns < e->deadline_ns)
		e->deadline_ns = when_ns;
	e->host->timer_set(e->host->machine, when_ns);
}

static const struct cpu_hooks hooks = {
	.io_load = hook_io_load,
	.io_store = hook_io_store,
	.code_write = hook_code_write,
	.tlb_dropped = hook_tlb_dropped,
	.tlb_written = hook_tlb_written,
	.exception_taken = hook_exception_taken,
	.exception_left = hook_exception_left,
	.mode_changed = hook_mode_changed,
	.now_ns = hook_now_ns,
	.timer_set = hook_timer_set,
};

/* --- running --- */

/* Close the slice; the next one begins.  */
static void refill(struct cpu *c, uint32_t slice)
{
	c->insns += (uint64_t)((int64_t)c->slice - c->budget);
	c->slice = slice;
	c->budget = (int32_t)slice;
}

static bool attention(const struct cpu *c)
{
	return __atomic_load_n(&c->attention, __ATOMIC_RELAXED);
}

static bool must_leave(const struct engine *e)
{
	const struct cpu *c = e->cpu;

	return c->stopped || c->waiting || e->failed || attention(c);
}

static uint64_t insns_left(const struct engine *e)
{
	uint64_t done = cpu_insns(e->cpu);

	return done < e->stop_insns ? e->stop_insns - done : 0;
}

/* Close the account of the running tier: before the budget is set to something else.  */
static void close_account(struct cpu *c)
{
	if (c->tier < TIER_COUNT)
		c->tier_insns[c->tier] += (uint64_t)((int64_t)c->tier_mark - c->budget);
	c->tier_mark = c->budget;
}

/* One step.  What the TLB has lost by it is mostly there again before user code runs; if it goes on in user mode, that is now.  */
static unsigned interpret(struct engine *e)
{
	unsigned n;

	e->again = false;
	n = interp_step(e->cpu);
	if (e->cpu->user_base == WINDOW_VOID && cpu_user_mode(e->cpu))
		windows_settle(e);
	return n;
}

/* One interpreted step on behalf of translated code: counted as interpreted, whatever tier asked.  */
static unsigned step_for_code(struct engine *e)
{
	struct cpu *c = e->cpu;
	unsigned n;

	e->stats.exit_step++;
	c->leave = 0;
	n = interpret(e);
	c->budget -= (int32_t)n;
	c->tier_mark -= (int32_t)n;
	c->tier_insns[TIER_INTERP] += n;
	return n;
}

/* The next entry point must poll at once.  */
static void poll_soon(struct cpu *c)
{
	close_account(c);
	refill(c, 0);
	c->tier_mark = 0;
}

/* Translated code asks for one step at cpu->pc in the middle of a block.  True: go on behind the call.  */
static bool call_step(struct cpu *c, uint32_t refund)
{
	struct engine *e = owner(c);
	gva pc = c->pc;
	unsigned n;

	c->budget += (int32_t)refund;
	n = step_for_code(e);
	if (must_leave(e)) {
		poll_soon(c);
		return false;
	}
	if (cpu_irq_ready(c)) {
		cpu_interrupt(c);
		return false;
	}
	if (c->leave || c->pc != pc + 4u * n)
		return false;
	c->budget -= (int32_t)(refund - n);
	return true;
}

/* The same where a block ends, or is nothing but this step and has not looked at the budget.  True: dispatch.  */
static bool step(struct cpu *c)
{
	struct engine *e = owner(c);

	if (c->budget <= 0)
		return false;
	do {
		step_for_code(e);
		if (must_leave(e) || c->budget <= 0)
			return false;
		if (cpu_irq_ready(c))
			cpu_interrupt(c);
	} while (e->again);
	return true;
}

static const struct xabi_services services = { .call_step = call_step, .step = step };

static void enter(struct engine *e, uint32_t off)
{
	struct cpu *c = e->cpu;
	void (*go)(char *, void *) = (void (*)(char *, void *))(uintptr_t)(XABI_CODE_BASE + e->stubs.enter);

	go((char *)c + CPU_BIAS, (void *)(uintptr_t)(XABI_CODE_BASE + off));
}

static void step_counted(struct engine *e)
{
	struct cpu *c = e->cpu;
	unsigned n = interpret(e);

	c->budget -= (int32_t)n;
	c->tier_insns[TIER_INTERP] += n;
}

/* Nothing translated may run now.  */
static bool must_interpret(const struct engine *e)
{
	return !e->translate || e->tail || e->interpret || e->again;
}

/* Interpret until control leaves the straight line, or translated code begins.  */
static void interp_some(struct engine *e)
{
	struct cpu *c = e->cpu;
	gva pc;

	do {
		pc = c->pc;
		c->leave = 0;
		step_counted(e);
		if (c->budget <= 0 || must_leave(e) || cpu_irq_ready(c))
			return;
	} while (must_interpret(e) ||
		 (c->pc - pc <= 8 && c->pc != pc && !(c->pc & 3u) && !*(const uint32_t *)(uintptr_t)(c->mirror + c->pc)));
}

static void after_code(struct engine *e)
{
	struct cpu *c = e->cpu;

	switch ((enum xabi_leave)c->host_exc) {
	case LEAVE_MISS:
		e->stats.exit_miss++;
		break;
	case LEAVE_POLL:
		e->stats.exit_poll++;
		e->poll_due = true; /* what is left of the budget is less than the next block */
		profile_sample(e, c->pc);
		break;
	case LEAVE_RECOVER:
	case LEAVE_FAULT:
		if (c->host_exc == LEAVE_FAULT)
			e->stats.exit_fault++;
		else
			e->stats.exit_recover++;
		if (e->note.valid && e->note.site)
			site_learn(e, e->note.vpage, e->note.word, e->note.site);
		e->note.valid = false;
		interp_some(e);
		break;
	}
}

/* True: the caller must look outside.  */
static bool poll_outside(struct engine *e)
{
	struct cpu *c = e->cpu;
	int32_t declined = c->budget;
	uint64_t left = insns_left(e);

	refill(c, left < e->slice ? (uint32_t)left : e->slice);
	e->tail = e->poll_due && c->budget <= declined;
	e->poll_due = false;
	return !left || attention(c) || hook_now_ns(c) >= e->deadline_ns;
}

static bool still_waiting(struct cpu *c)
{
	if (c->waiting && (c->cause & c->status & CAUSE_IP))
		c->waiting = false;
	return c->waiting;
}

enum engine_exit engine_run(struct engine *e, uint64_t deadline_ns, uint64_t insns)
{
	struct cpu *c = e->cpu;
	uint64_t done = cpu_insns(c);

	e->deadline_ns = deadline_ns;
	e->stop_insns = insns < UINT64_MAX - done ? done + insns : UINT64_MAX;
	e->poll_due = false;
	(void)poll_outside(e); /* whatever it says: there is time for a step, or a guest with a fast timer would never run */
	for (;;) {
		uint32_t off;

		if (c->stopped)
			return ENGINE_STOP;
		if (e->failed)
			return ENGINE_FAILED;
		if (still_waiting(c))
			return ENGINE_WAIT;
		if ((c->budget <= 0 || e->poll_due || attention(c)) && poll_outside(e) && (cpu_insns(c) != done || !insns))
			return ENGINE_POLL;
		if (cpu_irq_ready(c))
			cpu_interrupt(c);
		off = must_interpret(e) ? 0 : code_for_pc(e);
		if (off) {
			enter(e, off);
			after_code(e);
		} else {
			interp_some(e);
		}
	}
}

/* --- life --- */

enum status engine_create(const struct engine_cfg *cfg, struct engine **out)
{
	struct carver a = { cfg->arena, cfg->arena_size };
	struct engine *e = carve(&a, sizeof *e);
	struct tlb *t = carve(&a, tlb_sizeof());
	unsigned i;

	if (!e || !t)
		return ST_NOMEM;
	__builtin_memset(e, 0, sizeof *e);
	e->cpu = cfg->cpu;
	e->host = cfg->host;
	e->log = cfg->log;
	e->bmi2 = cfg->bmi2;
	e->profiling = cfg->profile;
	e->unit_flags = cfg->big_endian ? UNIT_BE : 0;
	e->xo = cfg->xo;
	e->nxo = cfg->nxo;
	e->code = cfg->code_rw;
	e->code_cap = (uint32_t)cfg->code_size;
	e->nwmaps = e->ncpages = e->nvpages = e->nunits = e->nlinks = e->nfaults = e->nprofile = 1;
	if (cfg->translate && !carve_all(e, &a))
		return ST_NOMEM;
	for (i = 0; i < cfg->cpu->nbanks; i++)
		if (cfg->translate && (cfg->cpu->bank[i].offset + cfg->cpu->bank[i].size) >> GUEST_PAGE_LOG2 > RAM_PAGES_MAX)
			return ST_UNSUPPORTED;
	if (cfg->translate && !place_init(e, &services))
		return ST_FULL;
	e->translate = cfg->translate;
	e->slice = cfg->translate ? SLICE : SLICE_INTERP;
	if (!windows_init(e))
		return ST_HOST;
	cpu_init(cfg->cpu, cfg->model, cfg->big_endian, t, &hooks, e);
	*out = e;
	return ST_OK;
}

void engine_reset(struct engine *e)
{
	windows_drop_all(e);
	if (e->translate)
		cache_flush(e);
	e->cpu->stopped = false;
	interp_flush(e->cpu);
	windows_select(e);
}

void engine_registers_changed(struct engine *e)
{
	e->cpu->leave = 1;
	interp_flush(e->cpu);
	windows_select(e);
}

void engine_ram_write(struct engine *e, gpa pa, uint64_t len)
{
	uint32_t pfn;

	while (e->translate && len) {
		uint64_t n = GUEST_PAGE_SIZE - (pa & GUEST_PAGE_MASK);

		n = n < len ? n : len;
		if (!ram_pfn(e, pa, &pfn))
			window_hide(e, pa);
		else if (e->page_cpage[pfn])
			codepage_written(e, pfn, (unsigned)(pa & GUEST_PAGE_MASK), (unsigned)n);
		pa += n;
		len -= n;
	}
	interp_flush(e->cpu);
}

const struct engine_stats *engine_get_stats(const struct engine *e)
{
	return &e->stats;
}

void engine_stats_add(struct engine_stats *sum, const struct engine_stats *s)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)s;
	unsigned i;

	for (i = 0; i < sizeof *s / sizeof *from; i++)
		to[i] += from[i];
}
