/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A processor with a little RAM and surroundings that write down what they are asked.  No engine, no board.
 */
#ifndef ATHANOR_TESTS_ISA_GUEST_H
#define ATHANOR_TESTS_ISA_GUEST_H

#include "isa/cpu.h"
#include "isa/interp.h"
#include "isa/tlb.h"

#define GUEST_RAM 0x100000u
#define GUEST_IO 0x10000000u   /* physical: no RAM */
#define GUEST_HIGH 0x800000000ull /* a second bank, beyond 4 GiB */
#define GUEST_CODE 0x80010000u
#define GUEST_DATA 0x80001000u

struct guest {
	struct cpu cpu;
	uint8_t *ram, *high;
	uint8_t flags[GUEST_RAM / GUEST_PAGE_SIZE], high_flags[1];
	/* what the hooks saw */
	unsigned loads, stores, code_writes, hints, drops, sweeps, writes, modes;
	gpa last_pa;
	unsigned last_size;
	uint32_t last_value, io_value;
	gva last_hint;
	struct tlb_entry last_drop;
	struct { unsigned n; enum exc e; gva pc, to; } taken;
	struct { unsigned n; gva to; } left;
	uint64_t now_ns, timer_ns;
	uint64_t passes_ns; /* at each look at the time */
};

/* A guest in kernel mode (BEV, ERL, IE 0), pc = GUEST_CODE, RAM zero.  Aborts the test when there is no memory.  */
struct guest *guest_open(const char *model, bool big_endian);
void guest_close(struct guest *g);

void guest_put(struct guest *g, gpa pa, uint32_t word);   /* in the guest's byte order */
uint32_t guest_get(struct guest *g, gpa pa);

/* @n words at GUEST_CODE, pc there, then `steps` steps; returns the instructions counted.  */
unsigned guest_run(struct guest *g, const uint32_t *code, unsigned n, unsigned steps);

/* Write a TLB entry: pair of 4 KiB pages, EntryLo values as software would write them.  */
bool guest_tlbwi(struct guest *g, unsigned index, gva va, uint8_t asid, uint32_t lo0, uint32_t lo1);
bool guest_tlbwr(struct guest *g, gva va, uint8_t asid, uint32_t lo0, uint32_t lo1);

/* EntryLo value for physical page @pa; bits TLB_LO_*.  */
#define ENTRYLO(pa, bits) ((uint32_t)((pa) >> 12 << 6) | (bits))

#endif
