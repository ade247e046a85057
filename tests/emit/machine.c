/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine of machine.h.  Its fault handler uses the units' fault tables as the engine does, and ends the process on a fault that no
 * table explains.
 */
#define _GNU_SOURCE
#include "tests/emit/machine.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/alignment.h"
#include "isa/interp.h"
#include "isa/tlb.h"
#include "pcmap/xabi.h"

#define CODE_BYTES (8u << 20)
#define FAULTS_MAX 65536u
#define RAM_PAGES (MACHINE_RAM / GUEST_PAGE_SIZE)

struct placed_fault {
	uint32_t off;
	uint16_t word, refund;
};

struct machine {
	struct cpu cpu, ref;
	uint8_t *ram, *ref_ram, *code;
	uint8_t flags[RAM_PAGES], ref_flags[RAM_PAGES];
	uint32_t *mirror;      /* of MACHINE_PAGE */
	uint32_t link[GUEST_PAGE_WORDS];
	uint32_t code_len;
	struct xabi_stubs stubs;
	struct placed_fault faults[FAULTS_MAX];
	uint32_t nfaults;
	uint64_t rng;
	unsigned interpret, leave;
	bool dirty;
	struct machine_counts counts;
};

static struct machine *current; /* for the fault handler */

static _Noreturn void die(const char *what)
{
	perror(what);
	abort();
}

static uint32_t noise(struct machine *m)
{
	m->rng ^= m->rng << 13;
	m->rng ^= m->rng >> 7;
	m->rng ^= m->rng << 17;
	return (uint32_t)(m->rng >> 24) & 0xffu;
}

/* --- surroundings of the processors: devices answer with a function of the address --- */

static uint32_t io_load(struct cpu *c, gpa pa, unsigned size)
{
	(void)c;
	return (uint32_t)(pa * 2654435761u) >> (32 - 8 * size);
}

static void io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	(void)c;
	(void)pa;
	(void)size;
	(void)value;
}

static void code_write(struct cpu *c, gpa pa, unsigned size)
{
	struct machine *m = c->owner;

	(void)pa;
	(void)size;
	if (c == &m->cpu)
		m->dirty = true;
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
	return 12345678;
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

/* --- leaving and faults --- */

static bool in_page(gva pc) { return (pc & ~GUEST_PAGE_MASK) == MACHINE_PAGE; }

/* Not to be found in any translated tier's account.  */
static unsigned step_for_code(struct machine *m)
{
	unsigned n = interp_step(&m->cpu);

	m->cpu.budget -= (int32_t)n;
	m->cpu.tier_mark -= (int32_t)n;
	m->counts.interp_insns += n;
	m->counts.steps++;
	return n;
}

static bool call_step(struct cpu *c, uint32_t refund)
{
	struct machine *m = c->owner;
	gva pc = c->pc;
	unsigned n;

	c->budget += (int32_t)refund;
	n = step_for_code(m);
	if (m->dirty || c->pc != pc + 4 * n || noise(m) < m->leave)
		return false;
	c->budget -= (int32_t)(refund - n);
	return true;
}

static bool end_step(struct cpu *c)
{
	struct machine *m = c->owner;

	step_for_code(m);
	return !m->dirty && c->budget >= 0 && in_page(c->pc) && noise(m) >= m->leave;
}

static const struct placed_fault *find_fault(const struct machine *m, uint32_t off)
{
	for (uint32_t i = 0; i < m->nfaults; i++)
		if (m->faults[i].off == off)
			return &m->faults[i];
	return NULL;
}

static bool in_mirror_guard(uint64_t addr)
{
	uint64_t rel = addr - XABI_WINDOW_BASE;

	return rel < XABI_WINDOW_STRIDE && rel >= XABI_WINDOW_MIRROR + (1ull << 32);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	greg_t *g = u->uc_mcontext.gregs;
	struct machine *m = current;
	uint64_t rip = (uint64_t)g[REG_RIP], off = rip - XABI_CODE_BASE;
	const struct placed_fault *f;
	static const uint8_t reg_of[16] = { /* x86-64 number -> index in gregs */
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};

	/* The handler starts with the flags of the code that faulted.  */
	alignment_check_off();
	if (sig == SIGBUS && (!m || off >= m->code_len) && (g[REG_EFL] & EFLAGS_AC)) { /* a service's: base/alignment.h */
		g[REG_EFL] &= ~(greg_t)EFLAGS_AC;
		return;
	}
	f = m && off < m->code_len ? find_fault(m, (uint32_t)off) : NULL;
	if (!f && !(m && off < m->code_len && in_mirror_guard((uint64_t)(uintptr_t)info->si_addr))) {
		fprintf(stderr, "fault %d at %#llx outside any fault table, address %p\n", sig, (unsigned long long)rip, info->si_addr);
		signal(sig, SIG_DFL);
		return;
	}
	m->counts.faults++;
#define SPILL(guest, host) m->cpu.gpr[guest] = (uint32_t)(uint64_t)g[reg_of[host]];
	XABI_PINNED_ROWS(SPILL)
#undef SPILL
	m->cpu.budget = (int32_t)(uint32_t)(uint64_t)g[REG_R14];
	if (f) {
		m->cpu.budget += f->refund;
		m->cpu.pc = MACHINE_PAGE + 4u * f->word;
	}
	m->cpu.host_exc = LEAVE_FAULT;
	g[REG_RIP] = (greg_t)(XABI_CODE_BASE + m->stubs.leave_fault);
}

/* --- memory --- */

static void *map_at(uint64_t addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	void *p = mmap((void *)(uintptr_t)addr, size, prot, flags, fd, offset);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static int new_memfd(const char *name, size_t size)
{
	int fd = memfd_create(name, 0);

	if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
		die("memfd");
	return fd;
}

/* RAM in a data window, the page of code read-only.  */
static void map_ram(uint64_t addr, int fd)
{
	map_at(addr, MACHINE_RAM, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	if (mprotect((void *)(uintptr_t)(addr + MACHINE_CODE), GUEST_PAGE_SIZE, PROT_READ) != 0)
		die("mprotect");
}

static uint64_t slot(unsigned n) { return XABI_WINDOW_BASE + n * XABI_WINDOW_STRIDE; }

static void map_all(struct machine *m)
{
	const int reserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
	int ram = new_memfd("ram", MACHINE_RAM), code = new_memfd("code", CODE_BYTES);

	m->ram = map_at(0, MACHINE_RAM, PROT_READ | PROT_WRITE, MAP_SHARED, ram, 0);
	m->ref_ram = map_at(0, MACHINE_RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map_at(slot(0), XABI_WINDOW_STRIDE, PROT_NONE, reserve, -1, 0);
	map_at(slot(2), XABI_WINDOW_STRIDE, PROT_NONE, reserve, -1, 0);
	map_ram(slot(0) + XABI_WINDOW_DATA + 0x80000000u, ram);
	map_ram(slot(0) + XABI_WINDOW_DATA + 0xa0000000u, ram);
	map_ram(slot(2) + XABI_WINDOW_DATA, ram);
	if (mprotect((void *)(uintptr_t)(slot(0) + XABI_WINDOW_MIRROR), 1ull << 32, PROT_READ | PROT_WRITE) != 0)
		die("mprotect");
	m->mirror = (uint32_t *)(uintptr_t)(slot(0) + XABI_WINDOW_MIRROR + MACHINE_PAGE);
	m->code = map_at(0, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, code, 0);
	map_at(XABI_CODE_BASE, CODE_BYTES, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED_NOREPLACE, code, 0);
	close(ram);
	close(code);
}

static void cpu_setup(struct machine *m, struct cpu *c, uint8_t *ram, uint8_t *flags, bool big_endian)
{
	struct tlb *tlb = calloc(1, tlb_sizeof());

	if (!tlb)
		die("calloc");
	flags[MACHINE_CODE / GUEST_PAGE_SIZE] = PAGE_CODE;
	c->nbanks = 1;
	c->bank[0] = (struct ram_bank){ .base = 0, .size = MACHINE_RAM, .host = ram, .flags = flags };
	cpu_init(c, cpu_model_find("24Kc"), big_endian, tlb, &hooks, m);
	c->mirror = slot(0) + XABI_WINDOW_MIRROR;
	c->mem_base = slot(0) + XABI_WINDOW_DATA;
	c->user_base = slot(2) + XABI_WINDOW_DATA;
}

struct machine *machine_create(bool big_endian)
{
	static const struct xabi_services services = { .call_step = call_step, .step = end_step };
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	struct machine *m = aligned_alloc(64, (sizeof(*m) + 63) & ~(size_t)63);

	if (!m)
		die("aligned_alloc");
	memset(m, 0, sizeof(*m));
	m->rng = 1;
	map_all(m);
	cpu_setup(m, &m->cpu, m->ram, m->flags, big_endian);
	cpu_setup(m, &m->ref, m->ref_ram, m->ref_flags, big_endian);
	if (stubs_emit(m->code, CODE_BYTES, XABI_CODE_BASE, &services, &m->stubs) != ST_OK)
		die("stubs_emit");
	m->code_len = m->stubs.size;
	current = m;
	if (sigaction(SIGSEGV, &act, NULL) != 0 || sigaction(SIGBUS, &act, NULL) != 0)
		die("sigaction");
	return m;
}

struct cpu *machine_cpu(struct machine *m) { return &m->cpu; }
uint8_t *machine_ram(struct machine *m) { return m->ram; }
const struct machine_counts *machine_counts(const struct machine *m) { return &m->counts; }

/* Registers the guest can see are a part of the hot fields, and CP0 as a block.  */
#define CP0_FIRST offsetof(struct cpu, index)
#define CP0_END (offsetof(struct cpu, lfsr) + sizeof(uint32_t))

void machine_sync(struct machine *m)
{
	memcpy(m->ref_ram, m->ram, MACHINE_RAM);
	memcpy(m->ref.gpr, m->cpu.gpr, sizeof(m->cpu.gpr));
	memcpy((char *)&m->ref + CP0_FIRST, (const char *)&m->cpu + CP0_FIRST, CP0_END - CP0_FIRST);
	m->ref.hi = m->cpu.hi;
	m->ref.lo = m->cpu.lo;
	m->ref.pc = m->cpu.pc;
	m->ref.ll_bit = m->cpu.ll_bit;
	m->ref.ll_addr = m->cpu.ll_addr;
	interp_flush(&m->cpu);
	interp_flush(&m->ref);
}

const char *machine_difference(struct machine *m)
{
	static char text[160];
	const struct cpu *a = &m->cpu, *b = &m->ref;

	if (a->pc != b->pc)
		snprintf(text, sizeof(text), "pc %08x, should be %08x", a->pc, b->pc);
	else if (a->hi != b->hi || a->lo != b->lo)
		snprintf(text, sizeof(text), "hi:lo %08x:%08x, should be %08x:%08x", a->hi, a->lo, b->hi, b->lo);
	else if (a->ll_bit != b->ll_bit || a->ll_addr != b->ll_addr)
		snprintf(text, sizeof(text), "link %u %08x, should be %u %08x", a->ll_bit, a->ll_addr, b->ll_bit, b->ll_addr);
	else if (memcmp((const char *)a + CP0_FIRST, (const char *)b + CP0_FIRST, CP0_END - CP0_FIRST) != 0)
		snprintf(text, sizeof(text), "CP0 differs: cause %08x/%08x epc %08x/%08x badvaddr %08x/%08x status %08x/%08x", a->cause, b->cause,
			 a->epc, b->epc, a->badvaddr, b->badvaddr, a->status, b->status);
	else
		text[0] = 0;
	for (unsigned r = 0; r < 32 && !text[0]; r++)
		if (a->gpr[r] != b->gpr[r])
			snprintf(text, sizeof(text), "$%u %08x, should be %08x", r, a->gpr[r], b->gpr[r]);
	for (unsigned i = 0; !text[0] && i < MACHINE_RAM; i += 4096)
		for (unsigned j = i; memcmp(m->ram + i, m->ref_ram + i, 4096) != 0 && j < i + 4096; j++)
			if (m->ram[j] != m->ref_ram[j]) {
				snprintf(text, sizeof(text), "memory at %x: %02x, should be %02x", j, m->ram[j], m->ref_ram[j]);
				break;
			}
	return text[0] ? text : NULL;
}

/* --- code --- */

void machine_load(struct machine *m, const insn_word *page)
{
	for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++) {
		uint32_t w = m->cpu.big_endian ? __builtin_bswap32(page[i]) : page[i];

		memcpy(m->ram + MACHINE_CODE + 4 * i, &w, 4);
	}
	memset(m->mirror, 0, GUEST_PAGE_SIZE);
	memset(m->link, 0, sizeof(m->link));
	m->nfaults = 0;
	m->code_len = m->stubs.size;
}

static void add_u32(uint8_t *p, uint32_t d)
{
	uint32_t v;

	memcpy(&v, p, 4);
	v += d;
	memcpy(p, &v, 4);
}

static void relocate(struct machine *m, const struct unit *u, const struct unit_reloc *r, uint32_t base, bool link)
{
	uint8_t *p = m->code + base + r->off;
	uint32_t moved = MACHINE_PAGE - u->page, rel;
	gva target = r->arg + moved;

	switch ((enum unit_reloc_kind)r->kind) {
	case RELOC_XABI:
		rel = m->stubs.entry[r->arg] - (base + r->off + 4);
		memcpy(p, &rel, 4);
		break;
	case RELOC_GPC:
		add_u32(p, moved);
		break;
	case RELOC_LINK:
		memcpy(&rel, p, 4);
		if (r->off + 4 + rel != r->stub)
			die("a link that does not lead to its stub");
		if (link && (target & ~GUEST_PAGE_MASK) == MACHINE_PAGE && !(target & 3u) && m->link[(target & GUEST_PAGE_MASK) / 4]) {
			rel = m->link[(target & GUEST_PAGE_MASK) / 4] - (base + r->off + 4);
			memcpy(p, &rel, 4);
		}
		break;
	}
}

void machine_place(struct machine *m, const struct unit *u, bool link)
{
	uint32_t base = (m->code_len + 15) & ~15u;

	if (base + u->code_len > CODE_BYTES || m->nfaults + u->nfaults > FAULTS_MAX)
		die("code cache of the test is full");
	memcpy(m->code + base, u->code, u->code_len);
	for (uint32_t i = 0; i < u->nentries; i++) {
		m->mirror[u->entries[i].word] = base + u->entries[i].off;
		m->link[u->entries[i].word] = base + u->entries[i].link;
	}
	for (uint32_t i = 0; i < u->nfaults; i++)
		m->faults[m->nfaults++] = (struct placed_fault){ base + u->faults[i].off, u->faults[i].word, u->faults[i].refund };
	for (uint32_t i = 0; i < u->nrelocs; i++)
		relocate(m, u, &u->relocs[i], base, link);
	m->code_len = base + u->code_len;
}

/* --- running --- */

void machine_noise(struct machine *m, uint64_t seed, unsigned interpret, unsigned leave)
{
	m->rng = seed | 1;
	m->interpret = interpret;
	m->leave = leave;
}

static void step(struct machine *m)
{
	unsigned n;

	alignment_check_off(); /* there is no handler for what this might do with misaligned data */
	n = interp_step(&m->cpu);

	m->cpu.budget -= (int32_t)n;
	m->counts.interp_insns += n;
}

/* Translated code from cpu->pc on.  Returns why it was left.  */
static enum xabi_leave enter(struct machine *m, uint32_t off)
{
	void (*go)(char *, void *) = (void (*)(char *, void *))(uintptr_t)(XABI_CODE_BASE + m->stubs.enter);
	struct cpu *c = &m->cpu;
	uint64_t before = c->tier_insns[TIER_TEMPLATE] + c->tier_insns[TIER_XO], stepped = m->counts.interp_insns, ran;
	int32_t budget = c->budget;

	c->tier = noise(m) & 1u ? TIER_XO : TIER_TEMPLATE;
	go((char *)c + CPU_BIAS, (void *)(uintptr_t)(XABI_CODE_BASE + off));
	ran = c->tier_insns[TIER_TEMPLATE] + c->tier_insns[TIER_XO] - before;
	m->counts.template_insns += ran;
	stepped = m->counts.interp_insns - stepped;
	if (ran + stepped != (uint64_t)((int64_t)budget - c->budget))
		die("the tiers' accounts do not add up");
	return (enum xabi_leave)c->host_exc;
}

uint32_t machine_run(struct machine *m, int32_t budget, bool *dirty)
{
	struct cpu *c = &m->cpu;

	c->budget = budget;
	m->dirty = false;
	while (c->budget > 0 && in_page(c->pc) && !m->dirty) {
		int32_t before = c->budget;
		uint32_t off = c->pc & 3u ? 0 : m->mirror[(c->pc & GUEST_PAGE_MASK) / 4];

		if (off == 0 || noise(m) < m->interpret) {
			step(m);
			continue;
		}
		switch (enter(m, off)) {
		case LEAVE_MISS:
			m->counts.misses++;
			break;
		case LEAVE_POLL:
			if (c->budget == before) /* the block is longer than what is left */
				step(m);
			break;
		case LEAVE_RECOVER: case LEAVE_FAULT:
			step(m);
			break;
		}
	}
	*dirty = m->dirty;
	return (uint32_t)(budget - c->budget);
}

bool machine_run_ref(struct machine *m, uint32_t n)
{
	uint32_t ran = 0;

	while (ran < n)
		ran += interp_step(&m->ref);
	return ran == n;
}
