/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What mmap and its relatives make of the TLB: mappings that appear, change rights, move, vanish.
 */
#define _GNU_SOURCE
#include "tests/guest/guest.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u

static sigjmp_buf back;

static void jump_back(int sig)
{
	siglongjmp(back, sig);
}

static bool faults(volatile uint8_t *p, bool store)
{
	if (sigsetjmp(back, 1))
		return true;
	if (store)
		*p = 1;
	else
		(void)*p;
	return false;
}

static uint8_t *map(size_t pages, int prot)
{
	void *p = mmap(NULL, pages * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void many_pages(void)
{
	enum { PAGES = 2000 };
	volatile uint8_t *p = map(PAGES, PROT_READ | PROT_WRITE);
	uint32_t wrong = 0;

	if (!p) {
		broken("many_pages");
		return;
	}
	for (uint32_t i = 0; i < PAGES; i++)
		*(volatile uint32_t *)(p + i * PAGE + 4 * (i % 1000)) = i * 2654435761u;
	for (uint32_t lap = 0; lap < 3; lap++)
		for (uint32_t i = 0; i < PAGES; i++) {
			uint32_t at = (i * 769) % PAGES;

			wrong += *(volatile uint32_t *)(p + at * PAGE + 4 * (at % 1000)) != at * 2654435761u;
		}
	check_eq("many_pages", wrong, 0);
	munmap((void *)(uintptr_t)p, PAGES * PAGE);
}

static void rights(void)
{
	volatile uint8_t *p = map(1, PROT_READ | PROT_WRITE);
	bool right = p;

	for (unsigned i = 0; right && i < 100; i++) {
		right &= !faults(p, true) && !faults(p, false);
		right &= !mprotect((void *)(uintptr_t)p, PAGE, PROT_READ);
		right &= faults(p, true) && !faults(p, false) && *p == 1;
		right &= !mprotect((void *)(uintptr_t)p, PAGE, PROT_NONE);
		right &= faults(p, true) && faults(p, false);
		right &= !mprotect((void *)(uintptr_t)p, PAGE, PROT_READ | PROT_WRITE);
	}
	check("rights", right);
	right &= !munmap((void *)(uintptr_t)p, PAGE);
	check("unmapped", right && faults(p, false) && faults(p, true));
}

static void moves(void)
{
	uint8_t *p = map(4, PROT_READ | PROT_WRITE);
	bool right = p;

	for (unsigned i = 0; right && i < 50; i++) {
		uint8_t *hole = map(16, PROT_NONE), *q;

		for (unsigned k = 0; k < 4; k++)
			p[k * PAGE + i] = (uint8_t)(i + k);
		q = mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, hole + 4 * PAGE);
		right &= q == hole + 4 * PAGE && faults(p, false);
		for (unsigned k = 0; right && k < 4; k++)
			right &= q[k * PAGE + i] == (uint8_t)(i + k);
		p = q;
	}
	check("moves", right);
}

static void forgotten(void)
{
	volatile uint8_t *p = map(8, PROT_READ | PROT_WRITE);
	bool right = p;

	for (unsigned i = 0; right && i < 50; i++) {
		memset((void *)(uintptr_t)p, 0x5a, 8 * PAGE);
		right &= !madvise((void *)(uintptr_t)p, 8 * PAGE, MADV_DONTNEED);
		for (unsigned k = 0; k < 8; k++)
			right &= p[k * PAGE + i] == 0;
	}
	check("forgotten", right);
}

/* Two views of one page agree at once.  */
static void two_views(void)
{
	int fd = memfd_create("views", 0);
	volatile uint32_t *a, *b;
	uint32_t wrong = 0;

	if (fd < 0 || ftruncate(fd, PAGE)) {
		broken("two_views");
		return;
	}
	a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	for (uint32_t i = 0; i < 5000; i++) {
		a[i % 1024] = i;
		wrong += b[i % 1024] != i;
		b[(i + 1) % 1024] = ~i;
		wrong += a[(i + 1) % 1024] != ~i;
	}
	check_eq("two_views", wrong, 0);
}

static uint32_t __attribute__((noinline, noclone)) dig(uint32_t depth)
{
	volatile uint8_t space[1000];

	space[depth % 1000] = (uint8_t)depth;
	if (!depth)
		return 0;
	return dig(depth - 1) + space[depth % 1000];
}

void test_memory(void)
{
	uint32_t expected = 0;

	signal(SIGSEGV, jump_back);
	signal(SIGBUS, jump_back);
	many_pages();
	rights();
	moves();
	forgotten();
	two_views();
	for (uint32_t i = 1; i <= 4000; i++)
		expected += i & 0xffu;
	check_eq("deep_stack", dig(4000), expected);
}
