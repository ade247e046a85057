/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The processor models: constant rows.  A model says what software can find out about a processor, nothing else differs.
 *
 * 24Kc shows itself as QEMU's model of that name does: 16 TLB entries, 2 KiB caches of 16-byte lines, no FPU, Config3 = 0; but
 * Config1.CA is 0, for there is no MIPS16e here (MD00090 Config1: software asks that bit before it uses the instructions).  Nominal
 * clock 320 MHz, Count at half of it.  Status: CU0, BEV, TS, SR, NMI, IM, UM, ERL, EXL, IE can be written; there is no supervisor mode.
 * au1500: step AD; Count runs at the processor clock, 33 times the 12 MHz crystal.  au1500-r2 never existed: it is for programs that need
 * release 2 on a board whose kernel knows it by the processor's identity.  Config says release 2, IntCtl puts the timer on IP7.
 */
#include "isa/cpu.h"

#define STATUS_RW 0x1078ff17u
#define CONFIG_K0 0x00000007u
#define CONFIG_OD 0x00080000u /* Au1500 only */

static const struct cpu_model models[] = {
	{
		.name = "24Kc", .description = "MIPS32 release 2, 320 MHz, 16 TLB entries, no FPU",
		.rev = ISA_R2, .prid = 0x00019300, .config = 0x80000482, .config1 = 0x9e190c8a, .config2 = 0x80000000, .config3 = 0,
		.config7 = 0, .config_rw = CONFIG_K0, .status_rw = STATUS_RW, .intctl = 0xe0000000, .tlb_entries = 16, .pa_bits = 32,
		.count_divisor = 2, .clock_hz = 320000000, .watch_pairs = 8, .pagemask_rw = 0x1fffe000, .synci_step = 32,
	},
	{
		.name = "au1500", .description = "Alchemy Au1500: MIPS32 release 1, 396 MHz, 32 TLB entries, 36-bit physical addresses",
		.rev = ISA_R1, .prid = 0x01030202, .config = 0x80000083, .config1 = 0x3e63318a, .config2 = 0, .config3 = 0,
		.config7 = 0, .config_rw = CONFIG_K0 | CONFIG_OD, .status_rw = STATUS_RW, .intctl = 0, .tlb_entries = 32, .pa_bits = 36,
		.count_divisor = 1, .clock_hz = 396000000, .watch_pairs = 1, .pagemask_rw = 0x01ffe000, .synci_step = 0,
	},
	{
		.name = "au1500-r2", .description = "Au1500 with the instructions of release 2: what -cpu 24Kc means on board pb1500",
		.rev = ISA_R2, .prid = 0x01030202, .config = 0x80000483, .config1 = 0x3e63318a, .config2 = 0, .config3 = 0,
		.config7 = 0, .config_rw = CONFIG_K0 | CONFIG_OD, .status_rw = STATUS_RW, .intctl = 0xe0000000, .tlb_entries = 32, .pa_bits = 36,
		.count_divisor = 1, .clock_hz = 396000000, .watch_pairs = 1, .pagemask_rw = 0x01ffe000, .synci_step = 32,
	},
};

const struct cpu_model *cpu_model_at(unsigned index)
{
	return index < ARRAY_LEN(models) ? &models[index] : NULL;
}

const struct cpu_model *cpu_model_find(const char *name)
{
	unsigned i, k;

	for (i = 0; i < ARRAY_LEN(models); i++) {
		for (k = 0; models[i].name[k] && models[i].name[k] == name[k]; k++)
			;
		if (models[i].name[k] == name[k])
			return &models[i];
	}
	return NULL;
}
