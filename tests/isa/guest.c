/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#include "tests/isa/guest.h"

#include <stdlib.h>
#include <string.h>

static struct guest *of(struct cpu *c) { return c->owner; }

static uint32_t io_load(struct cpu *c, gpa pa, unsigned size)
{
	struct guest *g = of(c);

	g->loads++;
	g->last_pa = pa;
	g->last_size = size;
	return g->io_value & (size == 4 ? 0xffffffffu : (1u << 8 * size) - 1);
}

static void io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	struct guest *g = of(c);

	g->stores++;
	g->last_pa = pa;
	g->last_size = size;
	g->last_value = value;
}

static void code_write(struct cpu *c, gpa pa, unsigned size)
{
	of(c)->code_writes++;
	of(c)->last_pa = pa;
	of(c)->last_size = size;
}

static void cache_hint(struct cpu *c, gva va)
{
	of(c)->hints++;
	of(c)->last_hint = va;
}

static void tlb_dropped(struct cpu *c, const struct tlb_entry *e)
{
	if (!e) {
		of(c)->sweeps++;
		return;
	}
	of(c)->drops++;
	of(c)->last_drop = *e;
}

static void tlb_written(struct cpu *c, const struct tlb_entry *e)
{
	(void)e;
	of(c)->writes++;
}

static void exception_taken(struct cpu *c, enum exc e, gva pc)
{
	struct guest *g = of(c);

	g->taken.n++;
	g->taken.e = e;
	g->taken.pc = pc;
	g->taken.to = c->pc;
}

static void exception_left(struct cpu *c)
{
	of(c)->left.n++;
	of(c)->left.to = c->pc;
}

static void mode_changed(struct cpu *c) { of(c)->modes++; }
static uint64_t now_ns(struct cpu *c) { return of(c)->now_ns += of(c)->passes_ns; }
static void timer_set(struct cpu *c, uint64_t when) { of(c)->timer_ns = when; }

static const struct cpu_hooks hooks = {
	.io_load = io_load, .io_store = io_store, .code_write = code_write, .cache_hint = cache_hint,
	.tlb_dropped = tlb_dropped, .tlb_written = tlb_written, .exception_taken = exception_taken,
	.exception_left = exception_left, .mode_changed = mode_changed,
	.now_ns = now_ns, .timer_set = timer_set,
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

struct guest *guest_open(const char *model, bool big_endian)
{
	struct guest *g = need(calloc(1, sizeof(*g)));

	g->ram = need(calloc(1, GUEST_RAM));
	g->high = need(calloc(1, GUEST_PAGE_SIZE));
	g->cpu.nbanks = 2;
	g->cpu.bank[0] = (struct ram_bank){ .size = GUEST_RAM, .host = g->ram, .flags = g->flags };
	g->cpu.bank[1] = (struct ram_bank){ .base = GUEST_HIGH, .size = GUEST_PAGE_SIZE, .host = g->high, .flags = g->high_flags };
	cpu_init(&g->cpu, need((void *)(uintptr_t)cpu_model_find(model)), big_endian, need(malloc(tlb_sizeof())), &hooks, g);
	cp0_write(&g->cpu, 12, 0, 0);
	g->cpu.pc = GUEST_CODE;
	g->modes = 0;
	return g;
}

void guest_close(struct guest *g)
{
	free(g->cpu.tlb);
	free(g->ram);
	free(g->high);
	free(g);
}

void guest_put(struct guest *g, gpa pa, uint32_t word)
{
	uint8_t *p = need(ram_at(&g->cpu, pa, NULL));

	if (g->cpu.big_endian)
		word = __builtin_bswap32(word);
	memcpy(p, &word, 4);
}

uint32_t guest_get(struct guest *g, gpa pa)
{
	uint32_t word;

	memcpy(&word, need(ram_at(&g->cpu, pa, NULL)), 4);
	return g->cpu.big_endian ? __builtin_bswap32(word) : word;
}

unsigned guest_run(struct guest *g, const uint32_t *code, unsigned n, unsigned steps)
{
	unsigned insns = 0;

	for (unsigned i = 0; i < n; i++)
		guest_put(g, (GUEST_CODE & 0x1fffffffu) + 4 * i, code[i]);
	g->cpu.pc = GUEST_CODE;
	while (steps--)
		insns += interp_step(&g->cpu);
	return insns;
}

static void entry(struct guest *g, gva va, uint8_t asid, uint32_t lo0, uint32_t lo1)
{
	cp0_write(&g->cpu, 2, 0, lo0);
	cp0_write(&g->cpu, 3, 0, lo1);
	cp0_write(&g->cpu, 10, 0, (va & ~0x1fffu) | asid);
}

bool guest_tlbwi(struct guest *g, unsigned index, gva va, uint8_t asid, uint32_t lo0, uint32_t lo1)
{
	entry(g, va, asid, lo0, lo1);
	cp0_write(&g->cpu, 0, 0, index);
	return tlb_write_indexed(&g->cpu);
}

bool guest_tlbwr(struct guest *g, gva va, uint8_t asid, uint32_t lo0, uint32_t lo1)
{
	entry(g, va, asid, lo0, lo1);
	return tlb_write_random(&g->cpu);
}
