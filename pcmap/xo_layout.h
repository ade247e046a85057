/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one layout a .xo has: given the sizes of its sections, every header field and offset follows.  Writer and checker
 * share it, so that what the checker accepts is what the writer makes.  Private to pcmap/xo_*.c.
 */
#ifndef ATHANOR_PCMAP_XO_LAYOUT_H
#define ATHANOR_PCMAP_XO_LAYOUT_H

#include <elf.h>

#include "base/err.h"
#include "pcmap/xo.h"

/* SECTION(id, name, type, flags, link, info, alignment, entry size), in file order; those up to PAGE are the head's */
#define XO_SECTIONS(SECTION) \
	SECTION(NULL, "", SHT_NULL, 0, 0, 0, 0, 0) \
	SECTION(NOTE, ".note.athanor", SHT_NOTE, 0, 0, 0, 4, 0) \
	SECTION(SHSTRTAB, ".shstrtab", SHT_STRTAB, 0, 0, 0, 1, 0) \
	SECTION(PAGE, ".page", SHT_PROGBITS, 0, 0, 0, 8, sizeof(struct xo_page)) \
	SECTION(TEXT, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0, 0, XO_CODE_ALIGN, 0) \
	SECTION(UNIT, ".unit", SHT_PROGBITS, 0, 0, 0, 8, sizeof(struct xo_unit)) \
	SECTION(PCMAP, ".pcmap", SHT_PROGBITS, 0, 0, 0, 8, sizeof(struct unit_entry)) \
	SECTION(FAULT, ".fault", SHT_PROGBITS, 0, 0, 0, 8, sizeof(struct unit_fault)) \
	SECTION(LINK, ".link", SHT_PROGBITS, 0, 0, 0, 8, sizeof(struct unit_reloc)) \
	SECTION(RELA, ".rela.text", SHT_RELA, SHF_INFO_LINK, XO_S_SYMTAB, XO_S_TEXT, 8, sizeof(Elf64_Rela)) \
	SECTION(SRC, ".src", SHT_PROGBITS, 0, 0, 0, 8, GUEST_PAGE_SIZE) \
	SECTION(SITE, ".site", SHT_PROGBITS, 0, 0, 0, 8, sizeof(struct xo_site)) \
	SECTION(SYMTAB, ".symtab", SHT_SYMTAB, 0, XO_S_STRTAB, 1, 8, sizeof(Elf64_Sym)) \
	SECTION(STRTAB, ".strtab", SHT_STRTAB, 0, 0, 0, 1, 0)

#define XO_CODE_ALIGN 16u
#define XO_CODE_FILL 0xccu /* INT3 between units */

enum xo_section {
#define XO_SECTION_ID(id, name, type, flags, link, info, align, entsize) XO_S_##id,
	XO_SECTIONS(XO_SECTION_ID)
#undef XO_SECTION_ID
	XO_S_COUNT
};

#define XO_NOTE_NAME "Athanor"
#define XO_NOTE_TYPE 1u
struct xo_note {
	uint32_t namesz, descsz, type;
	char name[8];
	struct xo_key key;
	uint8_t sum[8]; /* xo_head_sum */
};
#define XO_SECTIONS_AT sizeof(Elf64_Ehdr) /* section headers follow the ELF header */
#define XO_NOTE_AT (XO_SECTIONS_AT + XO_S_COUNT * sizeof(Elf64_Shdr))

struct xo_layout {
	Elf64_Ehdr ehdr;
	Elf64_Shdr section[XO_S_COUNT];
	uint64_t head;  /* size of the head: to the end of .page */
	uint64_t total; /* size of the file */
};

/* xo_layout_make - @size: of each section; those of NULL, NOTE and SHSTRTAB are fixed and ignored.  Never fails.  */
void xo_layout_make(const uint64_t size[XO_S_COUNT], struct xo_layout *out);

const char *xo_section_name(enum xo_section s);
const char *xo_section_names(size_t *size);  /* contents of .shstrtab */

/* Where a part of the page records is.  */
extern const enum xo_section xo_part_section[XO_PART_COUNT];

/* xo_part_set - that part of page record @p is at @at.  */
void xo_part_set(struct xo_tables *t, const struct xo_page *p, enum xo_part part, const void *at);

/* xo_symbols_make - the symbol table and its strings, which follow from page records and units; free() both.  Errors: ST_NOMEM.  */
struct xo_symbols {
	Elf64_Sym *sym;
	size_t nsym;
	char *str;
	size_t str_size;
};
enum status xo_symbols_make(const struct xo_page *pages, uint32_t npages, const struct xo_unit *units, struct xo_symbols *out,
			    struct err *e) MUST_CHECK;

/* xo_head_sum - XXH64 of the head without the field that holds it.  */
uint64_t xo_head_sum(const uint8_t *head, size_t size);

/* xo_page_sum - what xo_page.sum of a page record with these parts must be.  */
uint64_t xo_page_sum(const struct xo_tables *t);

#endif
