/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The .xo file: translations of guest pages, an ordinary little-endian ELF64 relocatable object for x86-64.
 *
 *   .note.athanor  the key: struct xo_key (format, isa and xabi versions, CPU mode bits, host features), and the SHA-256 of
 *                  the file with that field zero
 *   .text          code of all units, back to back, 16-byte aligned
 *   .unit          struct xo_page[], then struct xo_unit[] (header struct xo_counts first)
 *   .pcmap         struct unit_entry[] grouped by unit, sorted by word: guest word -> offset in the unit's code
 *   .fault         struct unit_fault[] grouped by unit
 *   .link          struct unit_reloc[] grouped by unit: RELOC_LINK and RELOC_GPC only
 *   .rela.text     Elf64_Rela, R_X86_64_PLT32 against undefined symbols named after xabi.def ("xabi_MISS", symbol index = enum + 1),
 *                  grouped by unit (offsets count from the start of .text): the RELOC_XABI ones
 *   .src           the guest bytes of every page, 4096 each: what a unit is validated against
 *   .site          struct xo_site[]: the site flags units were translated with, sorted by (page record, word)
 *   .symtab/.strtab  also one symbol per unit ("u_80100400"), so that objdump, perf and gdb show names
 *
 * Placing copies a unit's code into the code cache and relocates it there: code in the file is never executed in place, so one file
 * serves any number of machines, any placement, and self-modifying code disables single units.
 * A unit is used only where the guest's bytes equal its .src bytes.
 *
 * The view is freestanding and read-only; xo_open (host only) has checked every count, offset and index in it.
 */
#ifndef ATHANOR_PCMAP_XO_H
#define ATHANOR_PCMAP_XO_H

#include "pcmap/unit.h"

#define XO_FORMAT_VERSION 1u

/* The key: a .xo whose key differs from the running dbt's is ignored, and the first differing field is named.  */
struct xo_key {
	uint32_t format;        /* XO_FORMAT_VERSION */
	uint32_t xabi;          /* XABI_VERSION */
	uint8_t isa_hash[32];   /* SHA-256 over the ISA tables, semantics, emitter and lifter sources this was built from */
	uint32_t isa_rev;       /* enum isa_rev */
	uint32_t big_endian;
	uint32_t host_features; /* enum xo_host_feature bits the code needs */
	uint32_t cpu_bias;
	uint32_t reserved[4];
};

enum xo_host_feature { XO_HOST_BMI2 = 1u << 0 };

struct xo_counts { uint32_t npages, nunits, reserved[2]; };

struct xo_page {
	gva page;
	uint32_t flags;        /* UNIT_KERNEL | UNIT_MAPPED | UNIT_BE: the mode it was translated for */
	uint32_t src;          /* index of its 4096 bytes in .src */
	uint32_t first_unit, nunits;
	uint32_t next;         /* next page record with the same page address in the same file, or UINT32_MAX */
};

struct xo_unit {
	uint16_t first, nwords;
	uint32_t flags;        /* enum unit_flag */
	uint32_t code, code_len;      /* offset in .text */
	uint32_t entry, nentries;     /* index ranges in the tables */
	uint32_t fault, nfaults;
	uint32_t link, nlinks;
	uint32_t rela, nrelas;
};

struct xo_site { uint32_t page; uint16_t word; uint8_t flags, reserved; }; /* page: index in the page records */

struct xo_rela { uint64_t offset, info; int64_t addend; }; /* Elf64_Rela */

struct xo_view {
	struct xo_key key;
	const uint8_t *text;   uint64_t text_len;
	const uint8_t *src;    uint32_t nsrc;
	const struct xo_page *pages;   uint32_t npages; /* sorted by (page, flags) */
	const struct xo_unit *units;   uint32_t nunits;
	const struct unit_entry *entries; uint32_t nentries;
	const struct unit_fault *faults;  uint32_t nfaults;
	const struct unit_reloc *links;   uint32_t nlinks;
	const struct xo_rela *relas;      uint32_t nrelas;
	const struct xo_site *sites;      uint32_t nsites;
};

/* xo_find - first page record for @page with exactly these mode @flags, or NULL.  Further ones (other contents) follow
   it in the array while page and flags are equal.  Binary search; freestanding.  */
const struct xo_page *xo_find(const struct xo_view *v, gva page, uint32_t flags);

/* xo_site_flags - enum site_flag that units of page record @p assume for @word.  Binary search; freestanding.  */
uint8_t xo_site_flags(const struct xo_view *v, const struct xo_page *p, unsigned word);

#endif
