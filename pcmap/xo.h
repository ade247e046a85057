/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The .xo file: translations of guest pages, an ordinary little-endian ELF64 relocatable object for x86-64.
 *
 * The head is read and checked when a file is opened:
 *   .note.athanor  the key: struct xo_key (format, isa and xabi versions, CPU mode bits, host features), and the checksum
 *                  of the head
 *   .shstrtab
 *   .page          struct xo_page[]: one a page record, with the checksum of what belongs to it, and one that marks the end
 * The rest is read and checked page record by page record, when somebody asks for it.  In each section the parts of the records follow
 * one another in the records' order:
 *   .text          code of all units, 16-byte aligned
 *   .unit          struct xo_unit[]
 *   .pcmap         struct unit_entry[] grouped by unit, sorted by word: guest word -> offset in the unit's code
 *   .fault         struct unit_fault[] grouped by unit
 *   .link          struct unit_reloc[] grouped by unit: RELOC_LINK and RELOC_GPC only
 *   .rela.text     Elf64_Rela, R_X86_64_PLT32 against undefined symbols named after xabi.def ("xabi_MISS", symbol index = enum + 1),
 *                  grouped by unit (offsets count from the start of .text): the RELOC_XABI ones
 *   .src           the guest bytes of every page, 4096 each: what a unit is validated against
 *   .site          struct xo_site[]: the site flags units were translated with, sorted by word
 *   .symtab/.strtab  also one symbol per unit ("u_80100400"), so that objdump, perf and gdb show names; no part of any page record
 *
 * Placing copies a unit's code into the code cache and relocates it there: code in the file is never executed in place, so one file
 * serves any number of machines, any placement, and self-modifying code disables single units.
 * A unit is used only where the guest's bytes equal its .src bytes.
 *
 * View and tables are freestanding and read-only; xo_open and xo_read (host only) have checked every count, offset and index in them.
 */
#ifndef ATHANOR_PCMAP_XO_H
#define ATHANOR_PCMAP_XO_H

#include "pcmap/unit.h"

#define XO_FORMAT_VERSION 2u
#define XO_PAGE_MAX (16u << 20) /* bytes of one page record's parts: some hundred times what sbt makes */

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

/* The parts of a page record, in file order: PART(name, section, type of its elements).  */
#define XO_PARTS(PART) \
	PART(text, TEXT, uint8_t) \
	PART(units, UNIT, struct xo_unit) \
	PART(entries, PCMAP, struct unit_entry) \
	PART(faults, FAULT, struct unit_fault) \
	PART(links, LINK, struct unit_reloc) \
	PART(relas, RELA, struct xo_rela) \
	PART(src, SRC, uint8_t) \
	PART(sites, SITE, struct xo_site)

enum xo_part {
#define XO_PART_ID(name, section, type) XO_PART_##section,
	XO_PARTS(XO_PART_ID)
#undef XO_PART_ID
	XO_PART_COUNT
};

struct xo_page {
	gva page;
	uint32_t flags;                /* UNIT_KERNEL | UNIT_MAPPED | UNIT_BE: the mode it was translated for */
	uint32_t first[XO_PART_COUNT]; /* element where its part begins; it ends where that of the next record does */
	uint64_t sum;                  /* XXH64 of its parts, each seeded with the sum of those before */
};

/* Offsets and indices count from the beginning of the page record's parts.  */
struct xo_unit {
	uint16_t first, nwords;
	uint32_t flags;        /* enum unit_flag */
	uint32_t code, code_len;
	uint32_t entry, nentries;
	uint32_t fault, nfaults;
	uint32_t link, nlinks;
	uint32_t rela, nrelas;
};

struct xo_site { uint16_t word; uint8_t flags, reserved; };

struct xo_rela { uint64_t offset, info; int64_t addend; }; /* Elf64_Rela */

struct xo_view {
	struct xo_key key;
	const struct xo_page *pages; /* npages and the end mark, sorted by (page, flags) */
	uint32_t npages;
};

/* The parts of one page record: code, GUEST_PAGE_SIZE bytes of src, and its share of the tables.  */
struct xo_tables {
	uint32_t text_at;         /* where `text` begins in .text, from whose start the offsets in `relas` count */
#define XO_PART_FIELD(name, section, type) const type *name; uint32_t n##name;
	XO_PARTS(XO_PART_FIELD)
#undef XO_PART_FIELD
};

/* xo_find - first page record for @page with exactly these mode @flags, or NULL.  Further ones (other contents) follow
   it in the array while page and flags are equal.  Binary search; freestanding.  */
const struct xo_page *xo_find(const struct xo_view *v, gva page, uint32_t flags);

extern const uint32_t xo_part_bytes[XO_PART_COUNT]; /* of an element */

/* xo_part_size - elements of a part of page record @p.  */
static inline uint32_t xo_part_size(const struct xo_page *p, enum xo_part part)
{
	return p[1].first[part] - p->first[part];
}

/* xo_page_size - bytes of all parts of page record @p, whose ends lie behind their beginnings.  */
uint64_t xo_page_size(const struct xo_page *p);

/* xo_site_flags - enum site_flag that the units of a page record assume for @word.  Binary search; freestanding.  */
uint8_t xo_site_flags(const struct xo_tables *t, unsigned word);

#endif
