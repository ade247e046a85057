/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Self-modifying code.  A processor without coherent instruction caches needs a cache operation between writing and running;
 * the machines compared here see the new code without one, and so the same programs are run both ways.
 */
#define _GNU_SOURCE
#include "tests/guest/guest.h"

#include <string.h>
#include <sys/cachectl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096u
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

typedef uint32_t function(void);
typedef uint32_t function1(uint32_t);

enum sync { SYNC_NONE, SYNC_CALL, SYNC_SYNCI };

static function *callable(const volatile uint32_t *code) { return (function *)(uintptr_t)code; }

#if __mips_isa_rev >= 2
static void synchronise_lines(volatile uint32_t *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += 16)
		__asm__ volatile("synci 0(%0)" : : "r"((uintptr_t)at + i) : "memory");
	__asm__ volatile("sync" : : : "memory");
}
#else /* release 1 has no SYNCI */
static void synchronise_lines(volatile uint32_t *at, size_t bytes) { cacheflush((void *)(uintptr_t)at, (int)bytes, BCACHE); }
#endif

static void synchronise(enum sync how, volatile uint32_t *at, size_t bytes)
{
	switch (how) {
	case SYNC_NONE:
		break;
	case SYNC_CALL:
		cacheflush((void *)(uintptr_t)at, (int)bytes, BCACHE);
		break;
	case SYNC_SYNCI:
		synchronise_lines(at, bytes);
		break;
	}
}

static uint32_t *pages(size_t n, int prot)
{
	uint32_t *p = mmap(NULL, n * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* A function that returns @value, written at @at.  */
static void put_return(volatile uint32_t *at, uint32_t value)
{
	at[0] = MIPS_LI_V0(value);
	at[1] = MIPS_JR_RA;
	at[2] = MIPS_NOP;
}

/* Rewritten between calls, often enough that every tier has had it.  */
static void rewrite_loop(const char *name, enum sync how)
{
	volatile uint32_t *code = pages(1, RWX);
	uint32_t wrong = 0;

	if (!code) {
		broken(name);
		return;
	}
	for (uint32_t i = 0; i < 3000; i++) {
		put_return(code, i & 0x7fffu);
		synchronise(how, code, 12);
		for (uint32_t again = 0; again < 1 + i % 5; again++)
			wrong += callable(code)() != (i & 0x7fffu);
	}
	check_eq(name, wrong, 0);
}

/* The immediate changes in the middle of a long block, from outside, after it has become hot.  */
static void patch_hot(void)
{
	volatile uint32_t *code = pages(1, RWX);
	uint32_t sum = 0, expected = 0;

	if (!code) {
		broken("patch_hot");
		return;
	}
	code[0] = MIPS_LI_V0(0);
	for (uint32_t i = 1; i < 40; i++)
		code[i] = MIPS_ADDIU_V0(i);
	code[40] = MIPS_JR_RA;
	code[41] = MIPS_ADDIU_V0(1); /* in the slot */
	synchronise(SYNC_CALL, code, PAGE);
	for (uint32_t round = 0; round < 200; round++) {
		for (uint32_t hot = 0; hot < 100; hot++)
			sum += callable(code)();
		expected += 100 * (39 * 40 / 2 + 1 + (round ? 3 * round - 20 + round - 1 : 0));
		code[20] = MIPS_ADDIU_V0(3 * (round + 1));
		code[41] = MIPS_ADDIU_V0(1 + round);
	}
	check_eq("patch_hot", sum, expected);
}

/* Written through one mapping of a file, run through another; the two have nothing in common but the physical page.  */
static void other_mapping(const char *name, enum sync how)
{
	int fd = memfd_create("code", 0);
	volatile uint32_t *writable, *runnable;
	uint32_t wrong = 0;

	if (fd < 0 || ftruncate(fd, 4 * PAGE)) {
		broken(name);
		return;
	}
	writable = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	runnable = mmap(NULL, 4 * PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	if (writable == MAP_FAILED || runnable == MAP_FAILED) {
		broken(name);
		return;
	}
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t word = (i % 4) * (PAGE / 4) + 8 * (i % 100);

		put_return(writable + word, i);
		synchronise(how, runnable + word, 12);
		wrong += callable(runnable + word)() != i;
	}
	check_eq(name, wrong, 0);
}

/* Code that stores into another page and then jumps there, and back, many times.  */
static void ping_pong(void)
{
	volatile uint32_t *a = pages(2, RWX);
	uint32_t sum = 0;
	static const uint32_t writer[] = {
		0x3c022402u, /* lui   v0, 0x2402 */
		0x00441025u, /* or    v0, v0, a0     li v0, imm */
		0x3c030000u, /* lui   v1, hi(target)  filled in */
		0x34630000u, /* ori   v1, v1, lo */
		0xac620000u, /* sw    v0, 0(v1) */
		0x00600008u, /* jr    v1 */
		0x00000000u, /* nop */
	};

	if (!a) {
		broken("ping_pong");
		return;
	}
	for (size_t i = 0; i < sizeof(writer) / 4; i++)
		a[i] = writer[i];
	a[2] |= (uint32_t)((uintptr_t)(a + PAGE / 4) >> 16);
	a[3] |= (uint32_t)(uintptr_t)(a + PAGE / 4) & 0xffffu;
	put_return(a + PAGE / 4, 0);
	synchronise(SYNC_CALL, a, 2 * PAGE);
	for (uint32_t i = 0; i < 2000; i++)
		sum += ((function1 *)(uintptr_t)a)(i) == i;
	check_eq("ping_pong", sum, 2000);
}

/* Code that overwrites a later block of its own page, reached by a branch.  */
static void own_page(void)
{
	volatile uint32_t *a = pages(1, RWX);
	uint32_t sum = 0;
	static const uint32_t code[] = {
		0x3c022402u, /* 0 lui   v0, 0x2402 */
		0x00441025u, /* 1 or    v0, v0, a0 */
		0x03e04025u, /* 2 move  t0, ra */
		0x04110001u, /* 3 bal   5 */
		0x00000000u, /* 4 nop */
		0xafe2000cu, /* 5 sw    v0, 12(ra)   word 8 */
		0x10000001u, /* 6 b     8 */
		0x00000000u, /* 7 nop */
		0x24020000u, /* 8 li    v0, 0 */
		0x01000008u, /* 9 jr    t0 */
		0x00000000u,
	};

	if (!a) {
		broken("own_page");
		return;
	}
	for (size_t i = 0; i < sizeof(code) / 4; i++)
		a[i] = code[i];
	synchronise(SYNC_CALL, a, PAGE);
	for (uint32_t i = 0; i < 2000; i++)
		sum += ((function1 *)(uintptr_t)a)(i) == i;
	check_eq("own_page", sum, 2000);
}

/* Data beside code in one page: the data changes all the time, the code must neither break nor go stale.  */
static void data_beside_code(void)
{
	volatile uint32_t *a = pages(1, RWX);
	uint32_t sum = 0;

	if (!a) {
		broken("data_beside_code");
		return;
	}
	put_return(a, 3);
	synchronise(SYNC_CALL, a, PAGE);
	for (uint32_t i = 0; i < 20000; i++) {
		a[100 + i % 50] = i;
		sum += callable(a)();
		sum += a[100 + i % 50] - i;
	}
	check_eq("data_beside_code", sum, 60000);
}

/* Code that is read as data shows the bytes that were written.  */
static void reads_itself(void)
{
	volatile uint32_t *a = pages(1, RWX);
	bool same = true;

	if (!a) {
		broken("reads_itself");
		return;
	}
	put_return(a, 77);
	synchronise(SYNC_CALL, a, PAGE);
	for (uint32_t i = 0; i < 200; i++) {
		same &= callable(a)() == 77;
		same &= a[0] == MIPS_LI_V0(77) && a[1] == MIPS_JR_RA && a[2] == MIPS_NOP;
	}
	check("reads_itself", same);
}

/* Single bytes and halves of an instruction.  */
static void narrow_stores(void)
{
	volatile uint32_t *a = pages(1, RWX);
	bool right = true;

	if (!a) {
		broken("narrow_stores");
		return;
	}
	put_return(a, 0x1100);
	right &= callable(a)() == 0x1100;
	((volatile uint8_t *)a)[0] = 0x22;
	right &= callable(a)() == 0x1122;
	((volatile uint16_t *)a)[0] = 0x4567;
	right &= callable(a)() == 0x4567;
	__asm__ volatile("swl %0, 3(%1)\n\tswr %0, 0(%1)" : : "r"(MIPS_LI_V0(0x0abc)), "r"(a) : "memory");
	right &= callable(a)() == 0x0abc;
	check("narrow_stores", right);
}

/* Writable, then executable, then writable again.  */
static void protection_flips(void)
{
	volatile uint32_t *a = pages(1, PROT_READ | PROT_WRITE);
	uint32_t wrong = 0;

	if (!a) {
		broken("protection_flips");
		return;
	}
	for (uint32_t i = 0; i < 300; i++) {
		wrong += mprotect((void *)(uintptr_t)a, PAGE, PROT_READ | PROT_WRITE) != 0;
		put_return(a + 4 * (i % 10), i);
		wrong += mprotect((void *)(uintptr_t)a, PAGE, PROT_READ | PROT_EXEC) != 0;
		wrong += callable(a + 4 * (i % 10))() != i;
	}
	check_eq("protection_flips", wrong, 0);
}

/* Another page at the same address.  */
static void remapped(void)
{
	void *at = pages(1, RWX);
	uint32_t wrong = 0;

	if (!at) {
		broken("remapped");
		return;
	}
	for (uint32_t i = 0; i < 300; i++) {
		uint32_t *p = mmap(at, PAGE, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		if (p == MAP_FAILED) {
			broken("remapped");
			return;
		}
		put_return(p, i);
		synchronise(SYNC_CALL, p, 12);
		wrong += callable(p)() != i;
	}
	check_eq("remapped", wrong, 0);
}

/* A child rewrites its copy; the parent's stays.  */
static void copy_on_write(void)
{
	volatile uint32_t *a = pages(1, RWX);
	uint32_t wrong = 0;

	if (!a) {
		broken("copy_on_write");
		return;
	}
	put_return(a, 5);
	wrong += callable(a)() != 5;
	for (uint32_t i = 0; i < 20; i++) {
		int status = 1;
		pid_t child = fork();

		if (!child) {
			uint32_t bad = callable(a)() != 5;

			put_return(a, 100 + i);
			synchronise(SYNC_CALL, a, 12);
			bad += callable(a)() != 100 + i;
			_exit((int)bad);
		}
		wrong += callable(a)() != 5;
		wrong += waitpid(child, &status, 0) != child || status != 0;
		wrong += callable(a)() != 5;
	}
	check_eq("copy_on_write", wrong, 0);
}

void test_smc(void)
{
	rewrite_loop("rewrite_nosync", SYNC_NONE);
	rewrite_loop("rewrite_cacheflush", SYNC_CALL);
	rewrite_loop("rewrite_synci", SYNC_SYNCI);
	patch_hot();
	other_mapping("alias_nosync", SYNC_NONE);
	other_mapping("alias_cacheflush", SYNC_CALL);
	other_mapping("alias_synci", SYNC_SYNCI);
	ping_pong();
	own_page();
	data_beside_code();
	reads_itself();
	narrow_stores();
	protection_flips();
	remapped();
	copy_on_write();
}

/* Rewrites the very next instruction, and one further on in the same block.  */
static void next_instruction(const char *name, unsigned distance)
{
	volatile uint32_t *a = pages(1, RWX);
	uint32_t sum = 0;

	if (!a) {
		broken(name);
		return;
	}
	a[0] = 0x3c022402u;                  /* lui  v0, 0x2402 */
	a[1] = 0x00441025u;                  /* or   v0, v0, a0 */
	a[2] = 0xaca20000u;                  /* sw   v0, 0(a1)  */
	for (unsigned i = 3; i < 3 + distance; i++)
		a[i] = MIPS_NOP;
	put_return(a + 3 + distance, 0);
	synchronise(SYNC_CALL, a, PAGE);
	for (uint32_t i = 0; i < 2000; i++)
		sum += ((uint32_t(*)(uint32_t, uint32_t))(uintptr_t)a)(i, (uint32_t)(uintptr_t)(a + 3 + distance)) == i;
	check_eq(name, sum, 2000);
}

void test_strict(void)
{
	next_instruction("next_instruction", 0);
	next_instruction("same_block", 10);
}
