/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processor models: constant rows.
 */
#include "isa/cpu.h"

static const struct cpu_model models[] = {
	/* MD00343 (24K family), without FPU; Count runs at half the clock (CCRes 2).  */
	{ .name = "24Kc", .description = "MIPS32 release 2, 16-entry TLB", .rev = ISA_R2, .prid = 0x00019300, .config = 0x80000482,
	  .config1 = 0x9e190c8e, .config2 = 0x80000000, .config3 = 0, .config7 = 0, .config_rw = 0x00000007, .status_rw = 0x1278ff17,
	  .intctl = 0xe0000000, .tlb_entries = 16, .pa_bits = 32, .count_divisor = 2, .clock_hz = 320000000, .watch_pairs = 8 },
	/* AMD Alchemy Au1500, stepping AD; Config1.M is 0: there is no Config2.  */
	{ .name = "au1500", .description = "MIPS32 release 1, 32-entry TLB, 36-bit physical addresses", .rev = ISA_R1, .prid = 0x01030202,
	  .config = 0x80000083, .config1 = 0x3e63318a, .config_rw = 0x00080007, .status_rw = 0x1278ff17, .intctl = 0xe0000000,
	  .tlb_entries = 32, .pa_bits = 36, .count_divisor = 1, .clock_hz = 396000000, .watch_pairs = 1 },
};

const struct cpu_model *cpu_model_at(unsigned index)
{
	return index < ARRAY_LEN(models) ? &models[index] : NULL;
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

const struct cpu_model *cpu_model_find(const char *name)
{
	unsigned i;

	for (i = 0; i < ARRAY_LEN(models); i++)
		if (same(models[i].name, name))
			return &models[i];
	return NULL;
}
