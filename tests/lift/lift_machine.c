/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  Faults are taken by a signal handler that decides, from the machine's random numbers, whether the page
 * comes back (what the engine does for a page not mapped yet) or the access goes to its recovery block.
 */
#define _GNU_SOURCE
#include "tests/lift/lift_machine.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "isa/interp.h"
#include "isa/tlb.h"
#include "pcmap/xabi.h"

#define CODE_SIZE 0x1000000u
#define WINDOW (XABI_WINDOW_BASE + XABI_WINDOW_DATA)
#define USER_WINDOW (WINDOW + XABI_WINDOW_STRIDE)
#define MIRROR (XABI_WINDOW_BASE + XABI_WINDOW_MIRROR)
#define PAGES (LM_RAM_SIZE / GUEST_PAGE_SIZE)

struct placed {
	struct unit u;
	uint32_t at;
};

static struct lm *machine;
static struct xabi_stubs stubs;
static uint8_t *code_rw, *ram, *ram_before, *ram_after;
static uint32_t code_used;
static int32_t least; /* what lifted code may leave of the budget */
static struct placed placed[ARRAY_LEN(((struct lm *)0)->units)];

uint32_t lm_random(struct lm *m)
{
	m->seed = m->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(m->seed >> 33) ^ (uint32_t)(m->seed >> 13);
}

static uint8_t *window_page(unsigned page)
{
	return (uint8_t *)(uintptr_t)(WINDOW + 0x80000000ull + (uint64_t)page * GUEST_PAGE_SIZE);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- faults --- */

static const struct unit_fault *fault_at(uint64_t rip, uint32_t *unit_at)
{
	for (unsigned i = 0; i < machine->nunits; i++) {
		const struct placed *p = &placed[i];

		for (unsigned k = 0; k < p->u.nfaults; k++)
			if (XABI_CODE_BASE + p->at + p->u.faults[k].off == rip) {
				*unit_at = p->at;
				return &p->u.faults[k];
			}
	}
	return NULL;
}

static void leave_unaligned(greg_t *r)
{
	static const int host[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
				      REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

#define SPILL(g, h) machine->cpu.gpr[g] = (uint32_t)r[host[h]];
	XABI_PINNED_ROWS(SPILL)
#undef SPILL
	machine->cpu.budget = (int32_t)r[REG_R14];
	machine->cpu.host_exc = LEAVE_FAULT;
	r[REG_RIP] = (greg_t)(XABI_CODE_BASE + stubs.leave_fault);
}

static void on_fault(int sig, siginfo_t *si, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	uint64_t addr = (uint64_t)(uintptr_t)si->si_addr;
	const struct unit_fault *f;
	uint32_t unit_at = 0;

	/* The kernel may hand EFLAGS.AC on to the handler.  */
	__asm__ volatile("pushfq; andl $0xfffbffff, (%%rsp); popfq" ::: "memory", "cc");
	f = fault_at((uint64_t)r[REG_RIP], &unit_at);
	if (!f) {
		if (sig == SIGSEGV && addr >= MIRROR + 0x100000000ull && addr < MIRROR + 0x400000000ull) {
			leave_unaligned(r);
			return;
		}
		signal(sig, SIG_DFL); /* ours: fault again and die of it */
		return;
	}
	machine->stats.faults++;
	if (sig == SIGSEGV && addr >= WINDOW + 0x80000000ull && addr < WINDOW + 0x80000000ull + LM_RAM_SIZE &&
	    lm_random(machine) % 100 >= machine->inject) {
		unsigned page = (unsigned)((addr - WINDOW - 0x80000000ull) / GUEST_PAGE_SIZE);

		machine->stats.hidden++;
		mprotect(window_page(page), GUEST_PAGE_SIZE, PROT_READ | PROT_WRITE);
		return;
	}
	r[REG_RIP] = (greg_t)(XABI_CODE_BASE + unit_at + f->recover);
}

/* --- surroundings of the processor: nothing but RAM, and io that reads as its address --- */

static uint32_t io_load(struct cpu *c, gpa pa, unsigned size)
{
	(void)c;
	return (uint32_t)pa * 2654435761u & (size == 4 ? 0xffffffffu : size == 2 ? 0xffffu : 0xffu);
}
static void io_store(struct cpu *c, gpa pa, unsigned size, uint32_t v) { (void)c, (void)pa, (void)size, (void)v; }
static void code_write(struct cpu *c, gpa pa, unsigned size) { (void)c, (void)pa, (void)size; }
static void tlb_dropped(struct cpu *c, const struct tlb_entry *e) { (void)c, (void)e; }
static void mode_changed(struct cpu *c) { (void)c; }
static uint64_t now_ns(struct cpu *c) { (void)c; return 0; }
static void timer_set(struct cpu *c, uint64_t when) { (void)c, (void)when; }

static const struct cpu_hooks hooks = {
	.io_load = io_load, .io_store = io_store, .code_write = code_write, .tlb_dropped = tlb_dropped,
	.mode_changed = mode_changed, .now_ns = now_ns, .timer_set = timer_set,
};

static bool inside(const struct cpu *c) { return (c->pc & ~(gva)GUEST_PAGE_MASK) == LM_CODE; }

static bool call_step(struct cpu *c, uint32_t refund)
{
	(void)c, (void)refund;
	return false; /* lifted code never calls it */
}

static bool step(struct cpu *c)
{
	machine->stats.overran += c->budget < 0;
	if (c->budget <= 0)
		return false;
	machine->stats.steps++;
	c->budget -= (int32_t)interp_step(c);
	least = c->budget < 0 ? c->budget : 0; /* a branch and its slot where one was left: as it should be */
	return inside(c) && c->budget > 0;
}

static const struct xabi_services services = { call_step, step };

/* --- set-up --- */

static void map_code(void)
{
	int fd = memfd_create("code", 0);
	void *rx;

	if (fd < 0 || ftruncate(fd, CODE_SIZE) != 0)
		die("code memory");
	code_rw = mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	rx = mmap((void *)(uintptr_t)XABI_CODE_BASE, CODE_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	if (code_rw == MAP_FAILED || rx != (void *)(uintptr_t)XABI_CODE_BASE)
		die("code mapping");
	close(fd);
	if (stubs_emit(code_rw, CODE_SIZE, XABI_CODE_BASE, &services, &stubs) != ST_OK)
		die("stubs");
	code_used = (stubs.size + 63u) & ~63u;
}

static void map_ram(void)
{
	int fd = memfd_create("ram", 0);
	void *window, *user, *mirror;

	if (fd < 0 || ftruncate(fd, LM_RAM_SIZE) != 0)
		die("ram");
	ram = mmap(NULL, LM_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	window = mmap(window_page(0), LM_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	user = mmap((void *)(uintptr_t)USER_WINDOW, LM_RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	mirror = mmap((void *)(uintptr_t)MIRROR, 0x100000000ull, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (ram == MAP_FAILED || window != window_page(0) || user != (void *)(uintptr_t)USER_WINDOW || mirror != (void *)(uintptr_t)MIRROR)
		die("windows");
	close(fd);
	ram_before = malloc(LM_RAM_SIZE);
	ram_after = malloc(LM_RAM_SIZE);
	if (!ram_before || !ram_after)
		die("memory");
}

struct lm *lm_open(bool big_endian)
{
	static uint8_t flags[PAGES];
	struct sigaction sa;
	struct lm *m = calloc(1, sizeof *m);

	if (!m || !(m->page = calloc(GUEST_PAGE_WORDS, 4)))
		die("memory");
	machine = m;
	map_code();
	map_ram();
	memset(&sa, 0, sizeof sa);
	sa.sa_sigaction = on_fault;
	sa.sa_flags = SA_SIGINFO | SA_NODEFER;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	m->cpu.nbanks = 1;
	m->cpu.bank[0] = (struct ram_bank){ .size = LM_RAM_SIZE, .host = ram, .flags = flags };
	cpu_init(&m->cpu, cpu_model_find("24Kc"), big_endian, malloc(tlb_sizeof()), &hooks, NULL);
	m->cpu.status = 0;
	m->cpu.mem_base = m->cpu.user_base = WINDOW;
	m->unit_flags = UNIT_KERNEL;
	m->cpu.mirror = MIRROR;
	return m;
}

/* --- units --- */

static uint32_t *mirror_at(gva pc) { return (uint32_t *)(uintptr_t)(MIRROR + 4ull * (pc >> 2)); }

static void write32(uint32_t at, uint32_t v) { memcpy(code_rw + at, &v, 4); }

static void place(struct placed *p)
{
	struct unit *u = &p->u;

	p->at = code_used;
	memcpy(code_rw + p->at, u->code, u->code_len);
	code_used = (code_used + u->code_len + 63u) & ~63u;
	for (unsigned i = 0; i < u->nrelocs; i++) {
		const struct unit_reloc *r = &u->relocs[i];
		uint32_t off = p->at + r->off;

		/* Links stay unlinked: they lead to their stubs.  */
		if (r->kind == RELOC_XABI)
			write32(off, stubs.entry[r->arg] - (off + 4));
		else if (r->kind == RELOC_LINK)
			write32(off, p->at + r->stub - (off + 4));
	}
	for (unsigned i = 0; i < u->nentries; i++)
		*mirror_at(u->page + 4u * u->entries[i].word) = p->at + u->entries[i].off;
}

enum status lm_lift(struct lm *m, struct lifter *l, unsigned word, const uint8_t *sites, struct err *e)
{
	struct template_opts opts = { .flags = m->unit_flags | (m->cpu.big_endian ? (uint32_t)UNIT_BE : 0), .sites = sites,
				      .bmi2 = m->bmi2 };
	struct run_opts scan = { .rev = m->cpu.model->rev, .kernel = true };
	struct placed *p = &placed[m->nunits];
	struct unit *u = &p->u;
	static struct run run;
	enum status st;

	if (m->nunits == ARRAY_LEN(m->units))
		return ST_FULL;
	run_scan(m->page, LM_CODE + 4u * word, &scan, &run);
	if (!u->code) {
		*u = (struct unit){ .code_cap = 1u << 20, .entries_cap = 1024, .faults_cap = 16384, .relocs_cap = 16384 };
		u->code = malloc(u->code_cap);
		u->entries = calloc(u->entries_cap, sizeof *u->entries);
		u->faults = calloc(u->faults_cap, sizeof *u->faults);
		u->relocs = calloc(u->relocs_cap, sizeof *u->relocs);
		if (!u->code || !u->entries || !u->faults || !u->relocs)
			die("memory");
	}
	st = lift_run(l, &run, &opts, u, e);
	if (st != ST_OK)
		return st;
	if (code_used + u->code_len > CODE_SIZE)
		return ST_FULL;
	place(p);
	m->units[m->nunits++] = u;
	return ST_OK;
}

void lm_link(struct lm *m)
{
	uint32_t link[GUEST_PAGE_WORDS] = { 0 };

	/* The later unit wins, as in the mirror.  */
	for (unsigned i = 0; i < m->nunits; i++)
		for (unsigned k = 0; k < placed[i].u.nentries; k++)
			link[placed[i].u.entries[k].word] = placed[i].at + placed[i].u.entries[k].link;
	for (unsigned i = 0; i < m->nunits; i++)
		for (unsigned k = 0; k < placed[i].u.nrelocs; k++) {
			const struct unit_reloc *r = &placed[i].u.relocs[k];
			unsigned word = (r->arg & GUEST_PAGE_MASK) / 4;

			if (r->kind == RELOC_LINK && (r->arg & ~(gva)GUEST_PAGE_MASK) == LM_CODE && link[word])
				write32(placed[i].at + r->off, link[word] - (placed[i].at + r->off + 4));
		}
}

void lm_drop_units(struct lm *m)
{
	memset(mirror_at(LM_CODE), 0, 4 * GUEST_PAGE_WORDS);
	m->nunits = 0;
	code_used = (stubs.size + 63u) & ~63u;
}

/* --- running --- */

/* Pages are taken away at random, so that accesses fault at random.  */
static void take_pages(struct lm *m)
{
	for (unsigned p = 0; m->inject && p < PAGES; p++)
		if (lm_random(m) % 2)
			mprotect(window_page(p), GUEST_PAGE_SIZE, PROT_NONE);
}

static uint64_t run_translated(struct lm *m, uint64_t insns)
{
	void (*enter)(char *, void *) = (void (*)(char *, void *))(uintptr_t)(XABI_CODE_BASE + stubs.enter);
	struct cpu *c = &m->cpu;
	uint64_t done = 0;

	while (inside(c) && done < insns) {
		uint64_t left = insns - done;
		uint32_t at = c->pc & 3u ? 0 : *mirror_at(c->pc);
		int32_t slice;

		if (!at) {
			m->stats.misses++;
			done += interp_step(c);
			continue;
		}
		slice = (int32_t)(left > 1000000 ? 1000000 : left);
		if (m->short_budgets && slice > 200)
			slice = (int32_t)(lm_random(m) % 200);
		take_pages(m);
		c->budget = slice;
		least = 0;
		c->tier = TIER_INTERP;
		enter((char *)c + CPU_BIAS, (void *)(uintptr_t)(XABI_CODE_BASE + at));
		m->stats.overran += c->budget < least;
		done += (uint64_t)((int64_t)slice - c->budget);
		m->stats.lifted_insns += (unsigned)(slice - c->budget);
		m->stats.polls += c->host_exc == LEAVE_POLL;
		m->stats.recovered += c->host_exc == LEAVE_RECOVER;
		/* The interpreter makes headway; an entry then takes over again.  */
		if (c->host_exc != LEAVE_MISS && inside(c) && done < insns)
			done += interp_step(c);
	}
	return done;
}

static uint64_t run_interpreted(struct cpu *c, uint64_t insns)
{
	uint64_t done = 0;

	while (inside(c) && done < insns)
		done += interp_step(c);
	return done;
}

static const char *differ(const struct cpu *a, const struct cpu *b, uint64_t na, uint64_t nb)
{
	static char text[256];

	for (unsigned r = 0; r < 32; r++)
		if (a->gpr[r] != b->gpr[r]) {
			snprintf(text, sizeof text, "r%u: lifted 0x%08x, interpreted 0x%08x (pc 0x%08x, 0x%08x)", r, a->gpr[r], b->gpr[r],
				 a->pc, b->pc);
			return text;
		}
#define SAME(f) if (a->f != b->f) { snprintf(text, sizeof text, #f ": lifted 0x%x, interpreted 0x%x", a->f, b->f); return text; }
	SAME(pc) SAME(hi) SAME(lo) SAME(ll_bit) SAME(ll_addr) SAME(cause) SAME(epc) SAME(status) SAME(badvaddr) SAME(entryhi)
#undef SAME
	if (na != nb) {
		snprintf(text, sizeof text, "instructions: lifted %u, interpreted %u", (unsigned)na, (unsigned)nb);
		return text;
	}
	for (unsigned i = 0; i < LM_RAM_SIZE; i++)
		if (ram_after[i] != ram[i]) {
			snprintf(text, sizeof text, "memory 0x%08x: lifted %02x, interpreted %02x", 0x80000000u + i, ram_after[i], ram[i]);
			return text;
		}
	return NULL;
}

const char *lm_compare(struct lm *m, const struct cpu *start, unsigned insns)
{
	struct cpu lifted, before;
	uint64_t done;

	for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++) {
		uint32_t w = m->cpu.big_endian ? __builtin_bswap32(m->page[i]) : m->page[i];

		memcpy(ram + (LM_CODE & 0x1fffffffu) + 4 * i, &w, 4);
	}
	for (unsigned i = 0; i < LM_RAM_SIZE / 4; i++)
		if (i * 4 < (LM_CODE & 0x1fffffffu) || i * 4 >= (LM_CODE & 0x1fffffffu) + GUEST_PAGE_SIZE) {
			uint32_t w = lm_random(m);

			memcpy(ram + 4 * i, &w, 4);
		}
	memcpy(ram_before, ram, LM_RAM_SIZE);
	before = *start;
	m->cpu = before;
	interp_flush(&m->cpu);
	done = run_translated(m, insns);
	if (m->stats.overran)
		return "lifted code executed more instructions than the budget allowed";
	for (unsigned p = 0; m->inject && p < PAGES; p++)
		mprotect(window_page(p), GUEST_PAGE_SIZE, PROT_READ | PROT_WRITE);
	lifted = m->cpu;
	memcpy(ram_after, ram, LM_RAM_SIZE);
	memcpy(ram, ram_before, LM_RAM_SIZE);
	m->cpu = before;
	interp_flush(&m->cpu);
	return differ(&lifted, &m->cpu, done, run_interpreted(&m->cpu, insns));
}
