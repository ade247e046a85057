/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands on the processor: flush, cp0, tlb.
 */
#include "firmware/console.h"
#include "firmware/cp0.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"

static int flush(int argc, char **argv)
{
	if (argc > 2 || (argc == 2 && strcmp(argv[1], "-i") && strcmp(argv[1], "-d")))
		return shell_usage(argv[0]);
	if (argc == 1 || argv[1][1] == 'd')
		memory_flush_dcache();
	if (argc == 1 || argv[1][1] == 'i')
		memory_flush_icache();
	return SHELL_OK;
}

const struct command flush_command = {
	"flush", "[-i|-d]", "Flush the caches",
	"-i       the instruction cache only\n"
	"-d       the data cache only\n",
	flush,
};

/* name, register, select */
#define REGISTERS(R) \
	R("index", 0, 0) R("random", 1, 0) R("entrylo0", 2, 0) R("entrylo1", 3, 0) R("context", 4, 0) R("pagemask", 5, 0) R("wired", 6, 0) \
	R("badvaddr", 8, 0) R("count", 9, 0) R("entryhi", 10, 0) R("compare", 11, 0) R("status", 12, 0) R("cause", 13, 0) R("epc", 14, 0) \
	R("prid", 15, 0) R("config", 16, 0) R("config1", 16, 1) R("watchlo", 18, 0) R("watchhi", 19, 0) R("taglo", 28, 0) R("errorepc", 30, 0)

static const struct { const char *name; unsigned reg, sel; } registers[] = {
#define ROW(name, reg, sel) { name, reg, sel },
	REGISTERS(ROW)
#undef ROW
};
#define NREGISTERS (sizeof(registers) / sizeof(registers[0]))

static uint32_t register_read(unsigned reg, unsigned sel)
{
	switch (reg * 8 + sel) {
#define ROW(name, r, s) case (r) * 8 + (s): return cp0_read_sel(r, s);
	REGISTERS(ROW)
#undef ROW
	default: return 0;
	}
}

static void register_write(unsigned reg, unsigned sel, uint32_t value)
{
	switch (reg * 8 + sel) {
#define ROW(name, r, s) case (r) * 8 + (s): cp0_write_sel(r, s, value); break;
	REGISTERS(ROW)
#undef ROW
	default: break;
	}
}

static int cp0(int argc, char **argv)
{
	uint32_t number, sel = 0, value;
	unsigned i;
	int at = 2;

	for (i = 0; argc == 1 && i < NREGISTERS; i++)
		con_printf("%-9s (%2u,%u) = 0x%08x\n", registers[i].name, registers[i].reg, registers[i].sel,
			register_read(registers[i].reg, registers[i].sel));
	if (argc == 1)
		return SHELL_OK;
	for (i = 0; i < NREGISTERS && strcmp(registers[i].name, argv[1]); i++)
		;
	if (i < NREGISTERS) {
		number = registers[i].reg;
		sel = registers[i].sel;
	} else if (!shell_number(argv[1], &number)) {
		return shell_error("Unknown register: %s", argv[1]);
	} else if (argc > 2 && !shell_number(argv[at++], &sel)) {
		return shell_bad_number(argv[2]);
	}
	for (i = 0; i < NREGISTERS && (registers[i].reg != number || registers[i].sel != sel); i++)
		;
	if (i == NREGISTERS)
		return shell_error("There is no register %u, select %u", number, sel);
	if (argc > at + 1)
		return shell_usage(argv[0]);
	if (argc == at) {
		con_printf("%-9s (%2u,%u) = 0x%08x\n", registers[i].name, number, sel, register_read(number, sel));
		return SHELL_OK;
	}
	if (!shell_number(argv[at], &value))
		return shell_bad_number(argv[at]);
	register_write(number, sel, value);
	return SHELL_OK;
}

const struct command cp0_command = {
	"cp0", "[name | number [sel]] [value]", "Show or write registers of coprocessor 0",
	"A register that is given by its number needs its select before a value.\n", cp0,
};

static void print_half(uint32_t lo)
{
	con_printf("  %01x_%08x c%u %c%c%c", lo >> 26 & 15, lo << 6 & 0xfffff000, lo >> 3 & 7, lo & 4 ? 'D' : '-', lo & 2 ? 'V' : '-',
		lo & 1 ? 'G' : '-');
}

static int tlb(int argc, char **argv)
{
	uint32_t hi = cp0_read(CP0_ENTRYHI);

	if (argc > 1)
		return shell_usage(argv[0]);
	con_printf("Entries = %u, wired = %u\n\n  #  virtual     size       even page            odd page             ASID\n", TLB_ENTRIES,
		cp0_read(CP0_WIRED));
	for (uint32_t i = 0; i < TLB_ENTRIES; i++) {
		uint32_t mask;

		cp0_write(CP0_INDEX, i);
		__asm__ volatile("tlbr\n\tssnop\n\tssnop\n\tssnop" : : : "memory");
		mask = cp0_read(CP0_PAGEMASK);
		con_printf(" %2u  0x%08x  %5u KB ", i, cp0_read(CP0_ENTRYHI) & ~0x1fffu, ((mask >> 13) + 1) * 4);
		print_half(cp0_read(CP0_ENTRYLO0));
		print_half(cp0_read(CP0_ENTRYLO1));
		con_printf("  0x%02x\n", cp0_read(CP0_ENTRYHI) & 0xff);
	}
	cp0_write(CP0_ENTRYHI, hi);
	return SHELL_OK;
}

const struct command tlb_command = {
	"tlb", "", "Show the TLB",
	"A page: its 36-bit physical address, its cache attribute, and D dirty, V valid, G global.\n", tlb,
};
