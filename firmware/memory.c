/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for memory.h.
 */
#include "firmware/memory.h"

#include "firmware/board.h"
#include "firmware/cp0.h"
#include "firmware/io.h"

uint32_t memory_size(void) { return board_ram_size; }

bool memory_wraps(uint32_t addr, uint32_t n) { return n && addr + (n - 1) < addr; }

bool memory_unmapped(uint32_t addr, uint32_t *pa)
{
	*pa = addr & PHYS_MASK;
	return addr >= KSEG0_BASE && addr - KSEG0_BASE < 2 * (PHYS_MASK + 1u);
}

bool memory_is_ours(uint32_t addr, uint32_t n)
{
	uint32_t pa, edge = APP_BASE & PHYS_MASK;

	if (!n)
		return false;
	/* A range from below kseg0, or from its end on, may reach the monitor further up.  */
	if (!memory_unmapped(addr, &pa))
		return addr < KSEG0_BASE && n > KSEG0_BASE - addr;
	return pa < edge || (addr < KSEG1_BASE && n > KSEG1_BASE - addr);
}

bool memory_is_ram(uint32_t addr, uint32_t n)
{
	uint32_t pa;

	return memory_unmapped(addr, &pa) && pa <= board_ram_size && n <= board_ram_size - pa;
}

/* By index: the size of the caches is the Au1's, and every line is met.  */
void memory_flush_dcache(void)
{
	for (uint32_t a = KSEG0_BASE; a < KSEG0_BASE + CACHE_SIZE; a += CACHE_LINE)
		cache_op(CACHE_INDEX_WRITEBACK_INV_D, a);
	io_sync();
}

void memory_flush_icache(void)
{
	for (uint32_t a = KSEG0_BASE; a < KSEG0_BASE + CACHE_SIZE; a += CACHE_LINE)
		cache_op(CACHE_INDEX_INVALIDATE_I, a);
}

void memory_flush_all(void)
{
	memory_flush_dcache();
	memory_flush_icache();
}

void memory_flush_range(const void *p, size_t n)
{
	uint32_t a = (uint32_t)(uintptr_t)p & ~(CACHE_LINE - 1u), end = (uint32_t)(uintptr_t)p + (uint32_t)n;

	for (; a < end; a += CACHE_LINE)
		cache_op(CACHE_HIT_WRITEBACK_INV_D, a);
	io_sync();
}
