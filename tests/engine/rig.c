/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#define _GNU_SOURCE
#include "tests/engine/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* --- devices and time --- */

static void note_io(struct rig *g, gpa pa, unsigned size, uint32_t value, bool store)
{
	const uint64_t parts[] = { pa, size, value, store, cpu_insns(g->cpu) };

	for (unsigned i = 0; i < ARRAY_LEN(parts); i++)
		g->io_hash = (g->io_hash ^ parts[i]) * 0x100000001b3ull + (g->io_hash >> 29);
	g->io_count++;
}

/* The first look at a page of flash that has no memory.  */
static uint32_t blank_load(struct rig *g, gpa pa)
{
	uint64_t page = (pa - RIG_ROM_PA) / GUEST_PAGE_SIZE;

	memset(g->rom + page * GUEST_PAGE_SIZE, 0xff, GUEST_PAGE_SIZE);
	g->rom_flags[page] = PAGE_ROM;
	g->ops->ram_write(g->accel, pa, 4);
	return 0xffffffffu;
}

static uint32_t io_load(void *opaque, gpa pa, unsigned size)
{
	struct rig *g = opaque;
	uint32_t v = pa == DEV + DEV_COUNTER ? ++g->counter : 0x5a5a5a5au ^ (uint32_t)pa;

	note_io(g, pa, size, 0, false);
	if (g->opts.flash && pa - RIG_ROM_PA < RIG_ROM && (g->rom_flags[(pa - RIG_ROM_PA) / GUEST_PAGE_SIZE] & PAGE_BLANK))
		v = blank_load(g, pa);
	return size == 4 ? v : v & ((1u << 8 * size) - 1);
}

static void dma(struct rig *g, gpa pa)
{
	ck_assert(pa < g->ram_size);
	g->ops->ram_write(g->accel, pa, 4);
	memcpy(g->ram + pa, &g->dma_word, 4);
}

/* What a store to the flash does: a command, or it programs the word.  */
static void flash_store(struct rig *g, gpa pa, uint32_t value)
{
	bool query = value == RIG_FLASH_QUERY;

	if (!query && value != RIG_FLASH_ARRAY) {
		g->ops->ram_write(g->accel, pa, 4);
		rig_put(g, 0x80000000u + (gva)pa, value);
		return;
	}
	pa &= ~(gpa)(RIG_FLASH_BANK - 1);
	for (unsigned i = 0; i < RIG_FLASH_BANK / GUEST_PAGE_SIZE; i++) {
		uint8_t *flags = &g->rom_flags[i + (pa - RIG_ROM_PA) / GUEST_PAGE_SIZE];

		*flags = (uint8_t)((*flags & ~PAGE_DEVICE) | (query ? PAGE_DEVICE : 0));
	}
	g->ops->ram_write(g->accel, pa, RIG_FLASH_BANK);
}

static void io_store(void *opaque, gpa pa, unsigned size, uint32_t value)
{
	static uint64_t data[2];
	struct rig *g = opaque;

	note_io(g, pa, size, value, true);
	if (g->opts.misaligned)
		__asm__ volatile("movl $0, 1(%0)" : : "r"(data) : "memory");
	if (g->opts.flash && pa - RIG_ROM_PA < RIG_ROM)
		flash_store(g, pa, value);
	switch (pa - DEV) {
	case DEV_STOP:
		g->cpu->stopped = true;
		break;
	case DEV_LINES:
		for (unsigned i = 0; i < 6; i++)
			cpu_set_irq(g->cpu, i, value >> i & 1u);
		break;
	case DEV_KICK:
		if (g->opts.kicked)
			g->opts.kicked(g);
		__atomic_store_n(&g->cpu->attention, 1, __ATOMIC_RELAXED);
		break;
	case DEV_DMA:
		dma(g, value);
		break;
	case DEV_DMA_WORD:
		g->dma_word = g->cpu->big_endian ? __builtin_bswap32(value) : value;
		break;
	default:
		break;
	}
}

static uint64_t now_ns(void *opaque)
{
	const struct rig *g = opaque;

	return cpu_insns(g->cpu) + g->skipped_ns;
}

static void timer_set(void *opaque, uint64_t when_ns)
{
	struct rig *g = opaque;

	g->timer_ns = when_ns;
	__atomic_store_n(&g->cpu->attention, 1, __ATOMIC_RELAXED); /* how long to run must be thought about anew */
}

/* --- life --- */

/* NULL: the page record is bad.  */
static const struct xo_tables *read_xo(void *opaque, unsigned file, uint32_t page)
{
	struct rig *g = opaque;

	ck_assert_uint_lt(file, g->opts.nxo);
	ck_assert_uint_lt(page, g->opts.xo[file]->npages);
	g->xo_reads[file % ARRAY_LEN(g->xo_reads)]++;
	if (g->opts.xo_read)
		return g->opts.xo_read(g, file, page);
	return xo_read(g->opts.xo_files[file], page, &g->tables, NULL) == ST_OK ? &g->tables : NULL;
}

static void *need(void *p)
{
	ck_assert_ptr_nonnull(p);
	return p;
}

struct rig *rig_open(const struct accel_ops *ops, const struct rig_opts *o)
{
	struct rig *g = need(calloc(1, sizeof *g));
	struct err e = ERR_INIT;

	g->opts = *o;
	g->ops = ops;
	g->is_ref = ops == &accel_ref;
	g->timer_ns = UINT64_MAX;
	g->ram_size = o->ram_size ? o->ram_size : RIG_RAM;
	g->fd = memfd_create("ram", MFD_CLOEXEC);
	ck_assert(g->fd >= 0 && !ftruncate(g->fd, g->ram_size + RIG_ROM));
	g->ram = mmap(NULL, g->ram_size + RIG_ROM, PROT_READ | PROT_WRITE, MAP_SHARED, g->fd, 0);
	ck_assert_ptr_ne(g->ram, MAP_FAILED);
	g->rom = g->ram + g->ram_size;
	g->flags = need(calloc(1, g->ram_size / GUEST_PAGE_SIZE));
	g->rom_flags = need(calloc(1, RIG_ROM / GUEST_PAGE_SIZE));
	memset(g->rom_flags, PAGE_ROM, RIG_ROM / GUEST_PAGE_SIZE);
	if (o->flash)
		memset(g->rom_flags + RIG_FLASH_BLANK / GUEST_PAGE_SIZE, PAGE_ROM | PAGE_DEVICE | PAGE_BLANK,
		       (RIG_ROM - RIG_FLASH_BLANK) / GUEST_PAGE_SIZE);
	g->cpu = need(calloc(1, sizeof *g->cpu));
	g->cpu->nbanks = 2;
	g->cpu->bank[0] = (struct ram_bank){ .size = g->ram_size, .host = g->ram, .flags = g->flags };
	g->cpu->bank[1] = (struct ram_bank){ .base = RIG_ROM_PA, .size = RIG_ROM, .offset = g->ram_size, .host = g->rom, .flags = g->rom_flags };
	g->cfg = (struct accel_cfg){ .cpu = g->cpu, .model = need((void *)(uintptr_t)cpu_model_find(o->model ? o->model : "24Kc")),
				  .big_endian = o->big_endian, .ram_fd = g->fd, .opaque = g, .io_load = io_load, .io_store = io_store,
				  .now_ns = now_ns, .timer_set = timer_set, .xo = o->xo, .nxo = o->nxo, .xo_read = read_xo,
				  .profile = o->profile };
	ck_assert_msg(ops->create(&g->cfg, &g->accel, &e) == ST_OK, "%s", e.text);
	if (o->code_room && !g->is_ref)
		rig_engine(g)->code_cap = rig_engine(g)->code_len + o->code_room;
	cp0_write(g->cpu, C0_STATUS, 0, 0);
	g->cpu->pc = RIG_CODE;
	__atomic_store_n(&g->cpu->attention, 0, __ATOMIC_RELAXED); /* the timer's reset asked for it */
	return g;
}

void rig_close(struct rig *g)
{
	g->ops->destroy(g->accel);
	munmap(g->ram, g->ram_size + RIG_ROM);
	close(g->fd);
	free(g->flags);
	free(g->rom_flags);
	free(g->cpu);
	free(g);
}

void rig_migrate(struct rig *g, const struct accel_ops *to)
{
	struct err e = ERR_INIT;

	ck_assert_msg(accel_migrate(g->ops, to, &g->cfg, &g->accel, &e) == ST_OK, "%s", e.text);
	g->ops = to;
	g->is_ref = to == &accel_ref;
	__atomic_store_n(&g->cpu->attention, 0, __ATOMIC_RELAXED); /* the timer was set again */
}

struct engine *rig_engine(const struct rig *g) { return g->ops->engine(g->accel); }

static void wait_over(struct rig *g)
{
	uint64_t now = now_ns(g);

	g->waits++;
	ck_assert_msg(g->timer_ns != UINT64_MAX, "WAIT, and nothing will ever come");
	if (g->timer_ns > now)
		g->skipped_ns += g->timer_ns - now;
}

enum accel_exit rig_exit(struct rig *g, uint64_t ns)
{
	enum accel_exit x = g->ops->run(g->accel, UINT64_MAX, ns);

	ck_assert_uint_lt((unsigned)x, ARRAY_LEN(g->exits));
	ck_assert_msg(x != EXIT_INTERNAL, "internal error, pc 0x%08x", g->cpu->pc);
	g->exits[x]++;
	return x;
}

void rig_interpret(struct rig *g, uint64_t insns)
{
	while (cpu_insns(g->cpu) < insns) {
		unsigned n = interp_step(g->cpu);

		g->cpu->budget -= (int32_t)n;
		g->cpu->tier_insns[TIER_INTERP] += n;
	}
}

void rig_run(struct rig *g)
{
	uint64_t most = g->opts.insns_max ? g->opts.insns_max : 20000000, slice = g->opts.slice_ns ? g->opts.slice_ns : 1000000;

	for (;;) {
		uint64_t now = now_ns(g), due = g->timer_ns > now ? g->timer_ns - now : 0;
		enum accel_exit x = rig_exit(g, due < slice ? due : slice);

		if (x == EXIT_STOP)
			return;
		ck_assert_msg(cpu_insns(g->cpu) < most, "the program does not end: pc 0x%08x after %llu instructions", g->cpu->pc,
			      (unsigned long long)cpu_insns(g->cpu));
		__atomic_store_n(&g->cpu->attention, 0, __ATOMIC_RELAXED);
		if (x == EXIT_WAIT)
			wait_over(g);
		if (now_ns(g) >= g->timer_ns)
			cpu_timer_expired(g->cpu);
	}
}

static uint8_t *at(const struct rig *g, gva kseg)
{
	gpa pa = kseg & 0x1fffffffu;

	if (pa - RIG_ROM_PA < RIG_ROM)
		return g->rom + (pa - RIG_ROM_PA);
	ck_assert_uint_lt(pa, g->ram_size);
	return g->ram + pa;
}

uint32_t rig_get(const struct rig *g, gva kseg)
{
	uint32_t w;

	memcpy(&w, at(g, kseg), 4);
	return g->cpu->big_endian ? __builtin_bswap32(w) : w;
}

void rig_put(struct rig *g, gva kseg, uint32_t w)
{
	if (g->cpu->big_endian)
		w = __builtin_bswap32(w);
	memcpy(at(g, kseg), &w, 4);
}

/* --- code --- */

struct code code_mapped(struct rig *g, gpa pa, gva va) { return (struct code){ g, pa, va }; }
struct code code_at(struct rig *g, gva kseg) { return code_mapped(g, kseg & 0x1fffffffu, kseg); }

gva code_put(struct code *c, insn_word w)
{
	gva va = c->va;

	rig_put(c->g, 0x80000000u + (gva)c->pa, w);
	c->pa += 4;
	c->va += 4;
	return va;
}

void code_emit(struct code *c, unsigned n, const insn_word *words)
{
	for (unsigned i = 0; i < n; i++)
		code_put(c, words[i]);
}

void code_li(struct code *c, unsigned reg, uint32_t value)
{
	code_put(c, LUI(reg, value >> 16));
	code_put(c, ORI(reg, reg, value));
}

gva code_branch(struct code *c, insn_word branch, gva target)
{
	return code_put(c, branch | ((target - (c->va + 4)) >> 2 & 0xffffu));
}

gva code_forward(struct code *c, insn_word branch) { return code_put(c, branch); }

void code_land(struct code *c, gva branch)
{
	gva kseg = 0x80000000u + (gva)(c->pa - (c->va - branch));

	rig_put(c->g, kseg, rig_get(c->g, kseg) | ((c->va - (branch + 4)) >> 2 & 0xffffu));
}

void code_stop(struct code *c)
{
	EMIT(c, LUI(K0, DEV_KSEG1 >> 16), SW(ZERO, DEV_STOP, K0));
	code_branch(c, BEQ(ZERO, ZERO), c->va);
	code_put(c, NOP);
}

void code_sys_stop(struct code *c)
{
	EMIT(c, ORI(V0, ZERO, RIG_SYS_STOP), SYSCALL);
	code_branch(c, BEQ(ZERO, ZERO), c->va);
	code_put(c, NOP);
}

gva rig_pte_address(uint8_t asid, gva va) { return RIG_PTES + asid * 512u + (va >> 13 & 63u) * 8u; }

void rig_pte(struct rig *g, uint8_t asid, gva va, uint32_t lo0, uint32_t lo1)
{
	rig_put(g, rig_pte_address(asid, va), lo0);
	rig_put(g, rig_pte_address(asid, va) + 4, lo1);
}

static void refill_handler(struct rig *g)
{
	struct code c = code_at(g, 0x80000000u);

	EMIT(&c, LUI(K0, 0x8000), LW(K1, 0xf00, K0), ADDIU(K1, K1, 1), SW(K1, 0xf00, K0));
	EMIT(&c, MFC0(K0, C0_ENTRYHI), SRL(K1, K0, 13), ANDI(K1, K1, 63), SLL(K1, K1, 3), ANDI(K0, K0, 255), SLL(K0, K0, 9), ADDU(K0, K0, K1),
	     LUI(K1, RIG_PTES >> 16), ADDU(K0, K0, K1), LW(K1, 0, K0), MTC0(K1, C0_ENTRYLO0), LW(K1, 4, K0), MTC0(K1, C0_ENTRYLO1), TLBWR, ERET);
}

/* Its first part: the record.  */
static struct code general_handler(struct rig *g)
{
	struct code c = code_at(g, 0x80000180u);

	refill_handler(g);
	rig_put(g, RIG_LOG_AT, RIG_LOG);
	EMIT(&c, LUI(K0, 0x8000), LW(K1, 0xf04, K0), MFC0(K0, C0_CAUSE), SW(K0, 0, K1), MFC0(K0, C0_EPC), SW(K0, 4, K1), MFC0(K0, C0_BADVADDR),
	     SW(K0, 8, K1), MFC0(K0, C0_STATUS), SW(K0, 12, K1), ADDIU(K1, K1, 16), LUI(K0, 0x8000), SW(K1, 0xf04, K0));
	return c;
}

void rig_handlers_to_kernel(struct rig *g)
{
	struct code c = general_handler(g);

	EMIT(&c, MFC0(K0, C0_STATUS), ADDIU(K1, ZERO, ~ST_UM), AND(K0, K0, K1), MTC0(K0, C0_STATUS), MTC0(S7, C0_EPC), ERET);
}

void rig_handlers(struct rig *g)
{
	struct code c = general_handler(g);
	gva none, stop;

	none = code_forward(&c, BEQ(S7, ZERO));
	EMIT(&c, NOP, MFC0(K0, C0_CAUSE), ANDI(K0, K0, 0x7c), XORI(K0, K0, 8 << 2));
	stop = code_forward(&c, BNE(K0, ZERO));
	EMIT(&c, XORI(K0, V0, RIG_SYS_STOP));
	rig_put(g, c.va, BEQ(K0, ZERO) | 5u); /* over the way back, to the stop */
	c.pa += 4, c.va += 4;
	code_put(&c, NOP);
	code_land(&c, stop);
	EMIT(&c, MTC0(S7, C0_EPC), ERET, NOP, NOP);
	code_land(&c, none);
	code_stop(&c);
}

/* --- comparing --- */

struct field { const char *name; size_t offset; };
#define FIELD(f) { #f, offsetof(struct cpu, f) }
static const struct field fields[] = {
	FIELD(pc), FIELD(hi), FIELD(lo), FIELD(ll_bit), FIELD(ll_addr), FIELD(index), FIELD(random), FIELD(entrylo0), FIELD(entrylo1),
	FIELD(context), FIELD(pagemask), FIELD(wired), FIELD(hwrena), FIELD(badvaddr), FIELD(entryhi), FIELD(compare), FIELD(status),
	FIELD(cause), FIELD(epc), FIELD(ebase), FIELD(config), FIELD(taglo), FIELD(errorepc), FIELD(count_offset), FIELD(lfsr),
};

static void compare_memory(const struct rig *a, const struct rig *b)
{
	static uint8_t x[65536], y[65536];

	/* Read, not mapped: the holes stay holes.  */
	for (unsigned off = 0; off < a->ram_size + RIG_ROM; off += sizeof x) {
		ck_assert_int_eq(pread(a->fd, x, sizeof x, off), (ssize_t)sizeof x);
		ck_assert_int_eq(pread(b->fd, y, sizeof y, off), (ssize_t)sizeof y);
		for (unsigned i = 0; memcmp(x, y, sizeof x) && i < sizeof x; i++)
			ck_assert_msg(x[i] == y[i], "memory at 0x%08x: 0x%02x, not 0x%02x", off + i, y[i], x[i]);
	}
}

/* As TLBR shows it; CP0 is put back.  */
static void entry_read(struct cpu *c, unsigned i, uint32_t out[4])
{
	uint32_t index = c->index, hi = c->entryhi, lo0 = c->entrylo0, lo1 = c->entrylo1, mask = c->pagemask;

	c->index = i;
	tlb_read(c);
	out[0] = c->entryhi, out[1] = c->entrylo0, out[2] = c->entrylo1, out[3] = c->pagemask;
	c->index = index, c->entrylo0 = lo0, c->entrylo1 = lo1, c->pagemask = mask;
	cp0_write(c, C0_ENTRYHI, 0, hi);
}

static void compare_entry(const struct rig *a, const struct rig *b, unsigned i)
{
	uint32_t x[4], y[4];

	entry_read(a->cpu, i, x);
	entry_read(b->cpu, i, y);
	ck_assert_msg(!memcmp(x, y, sizeof x), "TLB entry %u: %08x %08x %08x %08x, not %08x %08x %08x %08x", i, y[0], y[1], y[2], y[3], x[0], x[1],
		      x[2], x[3]);
}

void rig_compare_cpu(const struct rig *a, const struct rig *b)
{
	for (unsigned i = 0; i < 32; i++)
		ck_assert_msg(a->cpu->gpr[i] == b->cpu->gpr[i], "register %u: 0x%08x, not 0x%08x; pc 0x%08x and 0x%08x", i, b->cpu->gpr[i],
			      a->cpu->gpr[i], b->cpu->pc, a->cpu->pc);
	for (unsigned i = 0; i < ARRAY_LEN(fields); i++) {
		uint32_t x, y;

		memcpy(&x, (const char *)a->cpu + fields[i].offset, 4);
		memcpy(&y, (const char *)b->cpu + fields[i].offset, 4);
		ck_assert_msg(x == y, "%s: 0x%08x, not 0x%08x", fields[i].name, y, x);
	}
	ck_assert_msg(cpu_insns(a->cpu) == cpu_insns(b->cpu), "%lld instructions too many", (long long)(cpu_insns(b->cpu) - cpu_insns(a->cpu)));
}

void rig_compare(const struct rig *a, const struct rig *b)
{
	rig_compare_cpu(a, b);
	ck_assert_uint_eq(a->io_count, b->io_count);
	ck_assert_msg(a->io_hash == b->io_hash, "device accesses differ");
	for (unsigned i = 0; i < a->cpu->model->tlb_entries; i++)
		compare_entry(a, b, i);
	compare_memory(a, b);
}

void rig_tiers(const struct rig *g, uint64_t least)
{
	const uint64_t *t = g->cpu->tier_insns;

	ck_assert_uint_eq(t[TIER_XO] + t[TIER_TEMPLATE] + t[TIER_INTERP], cpu_insns(g->cpu));
	ck_assert_msg(t[TIER_XO] + t[TIER_TEMPLATE] >= least, "only %llu instructions ran as translated code, %llu interpreted",
		      (unsigned long long)(t[TIER_XO] + t[TIER_TEMPLATE]), (unsigned long long)t[TIER_INTERP]);
}

static struct rig *one(const struct accel_ops *ops, build_fn *build, const struct rig_opts *o)
{
	struct rig *g = rig_open(ops, o);

	build(g);
	if (o->created)
		o->created(g);
	rig_run(g);
	return g;
}

struct pair pair_run_on(const struct accel_ops *ops, build_fn *build, const struct rig_opts *o)
{
	static const struct rig_opts none;
	struct pair p;

	p.ref = one(&accel_ref, build, o ? o : &none);
	p.in = one(ops, build, o ? o : &none);
	rig_compare(p.ref, p.in);
	rig_tiers(p.ref, 0);
	rig_tiers(p.in, ops != &accel_ref);
	return p;
}

struct pair pair_run(build_fn *build, const struct rig_opts *o)
{
	const char *name = getenv("ATHANOR_RIG");
	const struct accel_ops *ops = &accel_inproc;
	struct err e = ERR_INIT;

	if (name)
		ck_assert_msg(accel_select(name, &ops, &e) == ST_OK, "ATHANOR_RIG: %s", e.text);
	return pair_run_on(ops, build, o);
}

void pair_close(struct pair *p)
{
	rig_close(p->ref);
	rig_close(p->in);
}
