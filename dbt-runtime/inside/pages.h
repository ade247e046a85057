/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * x86-64 page tables of the VM, written by whoever holds the memory they are in: the VMM before the VM starts, the engine's side of
 * it afterwards.  Freestanding; only computes: flushing is the caller's, told by `stale`.
 *
 * Four levels; 2 MiB pages wherever an address, its target and the length allow.  Accessed and Dirty are set from the start, so that no
 * processor ever writes a table.  A table whose whole range is unmapped is given back.
 */
#ifndef ATHANOR_INSIDE_PAGES_H
#define ATHANOR_INSIDE_PAGES_H

#include "base/types.h"

/* Intel SDM volume 3, section 4.5.  */
#define PTE_PRESENT 0x001ull
#define PTE_WRITE   0x002ull
#define PTE_USER    0x004ull
#define PTE_AD      0x060ull /* accessed, dirty */
#define PTE_LARGE   0x080ull
#define PTE_NX      (1ull << 63)
#define PTE_ADDRESS 0x000ffffffffff000ull

#define PAGES_TABLE 4096u

/* What translations the processor may still hold that the tables no longer say.  */
enum pages_stale { STALE_NONE, STALE_ONE /* that of stale_addr */, STALE_MANY };

struct pages {
	uint64_t *at;         /* the tables; the first is the root */
	uint64_t pa;          /* their address for the processor */
	uint32_t ntables, used;
	uint32_t free;        /* index of the first table given back, which holds the next one's; 0: none */
	enum pages_stale stale;
	uint64_t stale_addr;
};

/* pages_init - an empty address space in @ntables zero-filled tables at @at.  */
void pages_init(struct pages *p, uint64_t *at, uint64_t pa, uint32_t ntables);

/**
 * pages_map - [addr, addr+length) shows physical memory from @pa on, whatever it showed before
 * @flags: PTE_WRITE, PTE_USER, PTE_NX
 * All multiples of 4 KiB.  False: out of tables; part of it may be mapped.
 */
bool pages_map(struct pages *p, uint64_t addr, uint64_t pa, uint64_t length, uint64_t flags);

/* pages_protect - what is mapped there allows @rights from now on: PTE_PRESENT, PTE_PRESENT | PTE_WRITE, or 0: nothing, but the tables
   remember what it was.  False: out of tables.  */
bool pages_protect(struct pages *p, uint64_t addr, uint64_t length, uint64_t rights);

/* pages_unmap - nothing is mapped there.  False: out of tables (a large page had to be cut): part of it is still mapped.  */
bool pages_unmap(struct pages *p, uint64_t addr, uint64_t length);

/* pages_entry - the entry that maps @addr, large or small; 0: none, or none that allows anything.  */
uint64_t pages_entry(const struct pages *p, uint64_t addr);

/* pages_each - call @visit with each 4 KiB entry of the range, which it may clear (the caller says what is stale).  */
void pages_each(struct pages *p, uint64_t addr, uint64_t length, void (*visit)(void *opaque, uint64_t addr, uint64_t *entry), void *opaque);

#endif
