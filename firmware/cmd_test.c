/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the command test, of memory.
 */
#include "firmware/console.h"
#include "firmware/io.h"
#include "firmware/memory.h"
#include "firmware/shell.h"

#define PIECE_WORDS 0x10000u

/* What is written to the word at @addr in a pass.  */
static uint32_t all_zeros(uint32_t addr) { return addr & 0; }
static uint32_t all_ones(uint32_t addr) { return addr | UINT32_MAX; }
static uint32_t checkerboard(uint32_t addr) { return addr & 4 ? 0x55555555 : 0xaaaaaaaa; }
static uint32_t inverted(uint32_t addr) { return ~checkerboard(addr); }
static uint32_t walking_bit(uint32_t addr) { return 1u << (addr >> 2 & 31); }
static uint32_t own_address(uint32_t addr) { return addr; }
static uint32_t mixed_address(uint32_t addr) { return addr * 0x9e3779b1u; }

static const struct {
	const char *name;
	uint32_t (*value)(uint32_t addr);
} patterns[] = {
	{ "zeros", all_zeros }, { "ones", all_ones }, { "checkerboard", checkerboard }, { "checkerboard, inverted", inverted },
	{ "walking bit", walking_bit }, { "address", own_address }, { "address, mixed", mixed_address },
};

/* Everything is written before anything is read: only so wrong address lines show.  */
static int test_pattern(volatile uint32_t *p, uint32_t words, uint32_t (*value)(uint32_t addr))
{
	for (uint32_t i = 0; i < words; i++) {
		p[i] = value((uint32_t)(uintptr_t)(p + i));
		if (i % PIECE_WORDS == 0 && con_break())
			return shell_broken();
	}
	memory_flush_dcache();
	for (uint32_t i = 0; i < words; i++) {
		uint32_t is = p[i], should = value((uint32_t)(uintptr_t)(p + i));

		if (is != should) {
			con_printf("FAILED\n");
			return shell_error("0x%08x has 0x%08x instead of 0x%08x", (uint32_t)(uintptr_t)(p + i), is, should);
		}
		if (i % PIECE_WORDS == 0 && con_break())
			return shell_broken();
	}
	return SHELL_OK;
}

static int test(int argc, char **argv)
{
	uint32_t addr = APP_BASE, size = memory_size() - (APP_BASE & PHYS_MASK);

	if (argc != 1 && argc != 3)
		return shell_usage(argv[0]);
	if (argc == 3 && !shell_range(argv + 1, &addr, &size))
		return SHELL_FAILED;
	if (memory_is_ours(addr, size))
		return shell_error("Range is used by the monitor");
	if (!memory_is_ram(addr, size) || ((addr | size) & 3))
		return shell_error("Range is not one of whole words of RAM");
	con_printf("Testing 0x%08x bytes from 0x%08x\n", size, addr);
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		con_printf("%-24s", patterns[i].name);
		if (test_pattern((volatile uint32_t *)(uintptr_t)addr, size / 4, patterns[i].value) != SHELL_OK)
			return SHELL_FAILED;
		con_printf("ok\n");
	}
	return SHELL_OK;
}

const struct command test_command = {
	"test", "[addr size]", "Test memory",
	"What is in the range is lost.  Without a range all RAM is tested that the monitor does not use.\n", test,
};
