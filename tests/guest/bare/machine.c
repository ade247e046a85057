/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what the tests share: vectors, code made at run time, the TLB.
 *
 * Code has its place for the whole run: each round makes the same words at the same addresses, and only words that differ are
 * stored.  So later rounds run what earlier ones have had translated.
 */
#include "tests/guest/bare/print.h"

#define ARENA_WORDS 0x80000u
#define ALIGN_WORDS 4u

extern const uint32_t vector_stub[5];

static uint32_t arena[ARENA_WORDS] __attribute__((aligned(4096)));
static unsigned arena_next, arena_start;

static bool put_word(uint32_t *at, uint32_t word)
{
	if (*(volatile uint32_t *)at == word)
		return false;
	*(volatile uint32_t *)at = word;
	return true;
}

/* MD00086 SYNCI: for each line, then SYNC; the step is RDHWR's.  JR.HB is behind the return of whoever calls the code.  */
void code_sync(const void *at, unsigned n)
{
	uint32_t step, va = (uint32_t)at, end = va + 4 * n;

	__asm__ volatile("rdhwr %0, $1" : "=r"(step));
	if (!step)
		return;
	for (va &= ~(step - 1); va < end; va += step)
		__asm__ volatile("synci 0(%0)" : : "r"(va) : "memory");
	__asm__ volatile("sync\n\tehb" : : : "memory");
}

uint32_t code_here(void)
{
	return (uint32_t)&arena[arena_next];
}

static uint32_t *make(const uint32_t *words, unsigned n, unsigned total)
{
	uint32_t *at = &arena[arena_next];
	bool changed = false;

	arena_next += total;
	if (arena_next > ARENA_WORDS) {
		eq("words of code", arena_next, ARENA_WORDS);
		arena_next = 0;
	}
	for (unsigned i = 0; i < total; i++)
		changed |= put_word(at + i, i < n ? words[i] : NOP);
	if (changed)
		code_sync(at, total);
	return at;
}

uint32_t *code_make(const uint32_t *words, unsigned n)
{
	return make(words, n, (n + ALIGN_WORDS) & ~(ALIGN_WORDS - 1));
}

uint32_t code_page(const uint32_t *words, unsigned n)
{
	arena_next = (arena_next + GUEST_PAGE_WORDS - 1) & ~(GUEST_PAGE_WORDS - 1);
	return (uint32_t)make(words, n, GUEST_PAGE_WORDS) & 0x1fffffffu;
}

void code_restart(bool new)
{
	if (new)
		arena_start = arena_next;
	arena_next = arena_start;
}

static void install(uint32_t va)
{
	uint32_t *at = (uint32_t *)va;

	put_word(at, vector_stub[0] | va >> 16);
	for (unsigned i = 1; i < 4; i++)
		put_word(at + i, vector_stub[i]);
	put_word(at + 4, vector_stub[4] | (va & 0xffffu));
	code_sync(at, 5);
}

void vectors_install(uint32_t base)
{
	install(base);
	install(base + 0x180);
	install(base + 0x200);
}

bool guarded_user(uint32_t pc, uint32_t a, uint32_t b)
{
	return guarded((const void *)eret_to, pc, cp0_get(CP0_STATUS) | ST_UM | ST_EXL, a, b);
}

unsigned load(uint32_t va)
{
	guarded((const void *)do_load, va, 0, 0, 0);
	return trap_code();
}

unsigned store(uint32_t va, uint32_t value)
{
	guarded((const void *)do_store, va, value, 0, 0);
	return trap_code();
}

unsigned call(uint32_t va, uint32_t a)
{
	guarded((const void *)va, a, 0, 0, 0);
	return trap_code();
}

void eq_word(const char *what, uint32_t va, uint32_t expected)
{
	unsigned code = load(va);

	if (code != EXC_NONE)
		eq("exception code of a load", code, EXC_NONE);
	else
		eq(what, trap.gpr[V0], expected);
}

void expect(unsigned code, uint32_t vector, uint32_t epc, bool slot)
{
	eq("exception code", trap_code(), code);
	if (!trap.count)
		return;
	eq("vector", trap.vector, vector);
	eq("EPC", trap.epc, epc);
	eq("Cause.BD", trap.cause >> 31, slot);
	eq("Status.EXL", trap.status & ST_EXL, ST_EXL);
}

unsigned tlb_size(void)
{
	return (cp0_get(CP0_CONFIG1) >> 25 & 63u) + 1; /* Config1.MMUSize */
}

void tlb_set(unsigned index, uint32_t va, uint32_t asid, uint32_t mask, uint32_t lo0, uint32_t lo1)
{
	cp0_set(CP0_INDEX, index);
	cp0_set(CP0_PAGEMASK, mask);
	cp0_set(CP0_ENTRYHI, va | asid);
	cp0_set(CP0_ENTRYLO0, lo0);
	cp0_set(CP0_ENTRYLO1, lo1);
	tlbwi();
}

void tlb_clear(void)
{
	cp0_set(CP0_WIRED, 0);
	for (unsigned i = 0; i < tlb_size(); i++)
		tlb_set(i, 0x80000000u + 0x2000 * i, 0, 0, 0, 0);
}
