/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLB: an architecturally exact N-entry array, and behind it an extension that keeps what TLBWR
 * evicts for as long as the guest cannot notice.
 *
 * Visibility rules (the guest must not be able to tell):
 *  - only the array raises TLB Modified and TLB Invalid: a lookup that hits an extended entry and would
 *    not succeed drops that entry and reports a refill;
 *  - TLBP that misses the array but hits the extension drops the hit and reports a miss;
 *  - TLBWI and TLBWR drop every extended entry the new one overlaps (same ASID, or either global); TLBWI also
 *    discards what it overwrites (not kept);
 *  - TLBWR keeps the evicted entry in the extension if a half of it is valid, its page mask is 4 KiB and there was more than one index
 *    to choose from, else drops it;
 *  - TLBWI or TLBR of every non-wired index (a sweep: how kernels flush) drops the whole extension, and is reported once, as
 *    hooks->tlb_dropped(c, NULL).  Any order counts if no TLBWR comes between; upwards or downwards, one by one, always.
 *    Who overwrites one known index only (TLBWI, TLBWR meanwhile, TLBWI) can tell: docs/limits.md, L12;
 *  - a permission upgrade (same VPN2, ASID, frame; V or D gained) is not reported as a drop.
 * The extension is part of the deterministic machine state: every accelerator uses it, and no host resource
 * decides what is in it.  Hash table of fixed size; replacement is deterministic.
 * Freestanding; no allocation.
 */
#ifndef ATHANOR_ISA_TLB_H
#define ATHANOR_ISA_TLB_H

#include "base/types.h"

#define TLB_ENTRIES_MAX 64
#define TLB_LO_D 4u /* EntryLo: dirty, that is writable */
#define TLB_LO_V 2u /* EntryLo: valid */
#define TLB_LO_G 1u /* EntryLo: global; kept in `global` */
#define TLB_EXT_LOG2 13 /* extended entries: 8192, each a pair of pages */

struct tlb_entry {
	uint32_t vpn2;  /* VA bits 31:13, low bits zero, masked by mask */
	uint32_t mask;  /* PageMask bits 28:13: 0 for 4 KiB */
	uint32_t lo[2]; /* EntryLo0/1 without G: PFN 29:6, C 5:3, D 2, V 1 */
	uint8_t asid;
	bool global;
	bool present;   /* false: matches nothing */
} COPIED_ALIGNED;

struct cpu;
struct tlb;

size_t tlb_sizeof(void);
void tlb_reset(struct tlb *t, unsigned entries);

/* tlb_find - the entry that translates @va for @asid, array first, then the extension; NULL: none.
   @extended tells which; @index is the array index when it is the array.  Pure.  */
const struct tlb_entry *tlb_find(const struct tlb *t, gva va, uint8_t asid, bool *extended, unsigned *index);

/* tlb_forget - drop one extended entry.  @e came from tlb_find with *extended.  Calls hooks->tlb_dropped.  */
void tlb_forget(struct cpu *c, const struct tlb_entry *e);

/* The four instructions, over CP0 state in @c.  TLBWI/TLBWR return false if the new entry duplicates another one, both translating
   something (machine check, entry not written).  Of two that overlap otherwise (UNDEFINED in MD00090) the one written last answers.  */
bool tlb_write_indexed(struct cpu *c);
bool tlb_write_random(struct cpu *c);
void tlb_probe(struct cpu *c);

/* tlb_random - what Random reads and TLBWR uses: wired .. entries-1, deterministic, the same for every accelerator.  */
uint32_t tlb_random(struct cpu *c);

void tlb_read(struct cpu *c);

#endif
