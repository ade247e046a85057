/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A unit: the translation of one run, before it has a place.  Template emitter and LLVM lifter produce it, the
 * engine places it into the code cache (copy, relocate, link), sbt stores it in a .xo.
 *
 * All offsets are bytes from the start of `code`.  Guest positions are word indices in the unit's page.
 * Freestanding; memory belongs to whoever made the unit; arrays have capacities and a full array makes translation
 * fail with ST_FULL, never overflow.
 */
#ifndef ATHANOR_PCMAP_UNIT_H
#define ATHANOR_PCMAP_UNIT_H

#include "base/types.h"

/* An entry point (see xabi.h): where the mirror leads, and where direct jumps of the same tier lead.  */
struct unit_entry {
	uint32_t off;        /* M: checks the tier, then goes on at L */
	uint32_t link;       /* L */
	uint16_t word;       /* 0..1023 */
	uint16_t reserved[3];
};

/* A host instruction that may fault on behalf of the guest.  Sorted by off.  */
struct unit_fault {
	uint32_t off;        /* of the first byte of the instruction */
	uint32_t recover;    /* template code: 0 (registers are exact); LLVM code: offset of the recovery block */
	uint16_t word;       /* guest word to restart at (the branch, if the access stands in a slot) */
	uint16_t refund;     /* budget to give back: instructions of the block, already subtracted, that have not run
				(counting the one at `word`) */
};

enum unit_reloc_kind {
	RELOC_XABI,  /* rel32 at off: to entry point `arg` (enum xabi_entry) */
	RELOC_LINK,  /* rel32 at off (of a jmp, jcc): to guest address `arg`; until linked it leads to `stub` in this unit, which
			stores the pc and jumps to MISS */
	RELOC_GPC,   /* imm32 at off is a guest code address: add the displacement when the unit is placed at another page */
};

struct unit_reloc {
	uint32_t off;
	uint32_t arg;
	uint32_t stub;
	uint8_t kind;        /* enum unit_reloc_kind */
	uint8_t reserved[3];
};

enum unit_flag {
	UNIT_KERNEL = 1u << 0, /* translated for kernel mode */
	UNIT_MAPPED = 1u << 1, /* page is TLB-mapped: jumps that leave it go through the mirror, not RELOC_LINK */
	UNIT_FIXED = 1u << 2,  /* contains J/JAL or other absolute addresses: cannot be rebased */
	UNIT_LLVM = 1u << 3,
	UNIT_BE = 1u << 4,
	UNIT_XO = 1u << 5,     /* tier the M entries check for */
};

struct unit {
	gva page;            /* page address it was translated for */
	uint16_t first, nwords; /* source words */
	uint32_t flags;      /* enum unit_flag */

	uint8_t *code;       uint32_t code_len, code_cap;
	struct unit_entry *entries; uint32_t nentries, entries_cap;
	struct unit_fault *faults;  uint32_t nfaults, faults_cap;
	struct unit_reloc *relocs;  uint32_t nrelocs, relocs_cap;
};

/* What is known about single guest words from earlier runs; one byte a word, part of the profile.  */
enum site_flag {
	SITE_USER = 1u << 0, /* kernel code that touches kuseg here: select the base by the sign of the address */
	SITE_SLOW = 1u << 1, /* touches devices or keeps faulting: call the engine instead of accessing the window */
};

#endif
