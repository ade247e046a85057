/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the parts of a .xo that follow from others: headers, offsets, symbols, checksums.  Neither reads nor writes files.
 */
#include "pcmap/xo_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcmap/xabi.h"
#include "pcmap/xxh64.h"

_Static_assert(sizeof(struct xo_note) == 12 + 8 + 72 + 8, "no padding");
_Static_assert(sizeof(struct xo_page) == 48 && sizeof(struct xo_unit) == 48, "file layout");
_Static_assert(sizeof(struct unit_entry) == 16 && sizeof(struct unit_fault) == 12 && sizeof(struct unit_reloc) == 16, "file layout");
_Static_assert(sizeof(struct xo_rela) == sizeof(Elf64_Rela) && sizeof(struct xo_site) == 4, "file layout");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the host is x86-64");

static const char names[] =
#define XO_SECTION_STR(id, name, type, flags, link, info, align, entsize) name "\0"
	XO_SECTIONS(XO_SECTION_STR)
#undef XO_SECTION_STR
	;

static const Elf64_Shdr rows[XO_S_COUNT] = {
#define XO_SECTION_ROW(id, name, type, flags, link, info, align, entsize) \
	[XO_S_##id] = { 0, type, flags, 0, 0, 0, link, info, align, entsize },
	XO_SECTIONS(XO_SECTION_ROW)
#undef XO_SECTION_ROW
};

const char *xo_section_names(size_t *size)
{
	*size = sizeof names - 1;
	return names;
}

const char *xo_section_name(enum xo_section s)
{
	const char *n = names;

	for (unsigned i = 0; i < (unsigned)s; i++)
		n += strlen(n) + 1;
	return n;
}

static uint64_t align_up(uint64_t v, uint64_t to)
{
	return to > 1 ? (v + to - 1) & ~(to - 1) : v;
}

void xo_layout_make(const uint64_t size[XO_S_COUNT], struct xo_layout *out)
{
	uint64_t at = XO_NOTE_AT;

	memset(out, 0, sizeof *out);
	for (unsigned i = 1; i < XO_S_COUNT; i++) {
		Elf64_Shdr *s = &out->section[i];

		*s = rows[i];
		s->sh_name = (Elf64_Word)(xo_section_name((enum xo_section)i) - names);
		s->sh_size = i == XO_S_NOTE ? sizeof(struct xo_note) : i == XO_S_SHSTRTAB ? sizeof names - 1 : size[i];
		at = align_up(at, s->sh_addralign);
		s->sh_offset = at;
		at += s->sh_size;
	}
	out->head = out->section[XO_S_PAGE].sh_offset + out->section[XO_S_PAGE].sh_size;
	out->total = at;
	memcpy(out->ehdr.e_ident, ELFMAG, SELFMAG);
	out->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	out->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	out->ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	out->ehdr.e_type = ET_REL;
	out->ehdr.e_machine = EM_X86_64;
	out->ehdr.e_version = EV_CURRENT;
	out->ehdr.e_shoff = XO_SECTIONS_AT;
	out->ehdr.e_ehsize = sizeof(Elf64_Ehdr);
	out->ehdr.e_shentsize = sizeof(Elf64_Shdr);
	out->ehdr.e_shnum = XO_S_COUNT;
	out->ehdr.e_shstrndx = XO_S_SHSTRTAB;
}

const enum xo_section xo_part_section[XO_PART_COUNT] = {
#define XO_PART_SECTION(name, section, type) XO_S_##section,
	XO_PARTS(XO_PART_SECTION)
#undef XO_PART_SECTION
};

void xo_part_set(struct xo_tables *t, const struct xo_page *p, enum xo_part part, const void *at)
{
	switch (part) {
#define XO_PART_CASE(name, section, type) \
	case XO_PART_##section: \
		t->name = at; \
		t->n##name = xo_part_size(p, part); \
		break;
	XO_PARTS(XO_PART_CASE)
#undef XO_PART_CASE
	case XO_PART_COUNT:
		break;
	}
}

static const char *const xabi_names[] = {
#define XABI(name, how, what) "xabi_" #name,
#include "pcmap/xabi.def"
#undef XABI
};

#define UNIT_NAME_MAX 24u /* "u_80100400.4294967295" */

enum status xo_symbols_make(const struct xo_page *pages, uint32_t npages, const struct xo_unit *units, struct xo_symbols *out,
			    struct err *e)
{
	uint32_t nunits = pages[npages].first[XO_PART_UNIT];
	size_t cap = 1 + XABI_ENTRY_COUNT * 32u + (size_t)nunits * UNIT_NAME_MAX;
	unsigned met[GUEST_PAGE_WORDS]; /* units of this page address that begin at the word: tells equal names apart */
	Elf64_Sym *s;

	out->nsym = 1 + XABI_ENTRY_COUNT + (size_t)nunits;
	out->sym = s = calloc(out->nsym, sizeof *s);
	out->str = calloc(cap, 1);
	out->str_size = 1;
	if (!out->sym || !out->str) {
		free(out->sym);
		free(out->str);
		return err_set(e, ST_NOMEM, "no memory for %zu symbols", out->nsym);
	}
	for (unsigned i = 0; i < XABI_ENTRY_COUNT; i++) {
		*++s = (Elf64_Sym){ .st_name = (Elf64_Word)out->str_size, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE) };
		out->str_size += (size_t)snprintf(out->str + out->str_size, 32, "%s", xabi_names[i]) + 1;
	}
	for (const struct xo_page *p = pages; p < pages + npages; p++) {
		if (p == pages || p->page != p[-1].page)
			memset(met, 0, sizeof met);
		for (uint32_t u = p->first[XO_PART_UNIT]; u < p[1].first[XO_PART_UNIT]; u++) {
			unsigned n = met[units[u].first]++;
			gva va = p->page + 4u * units[u].first;

			*++s = (Elf64_Sym){ .st_name = (Elf64_Word)out->str_size, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
					    .st_shndx = XO_S_TEXT, .st_value = (uint64_t)p->first[XO_PART_TEXT] + units[u].code,
					    .st_size = units[u].code_len };
			out->str_size += 1 + (size_t)(n ? snprintf(out->str + out->str_size, UNIT_NAME_MAX, "u_%08x.%u", va, n)
							: snprintf(out->str + out->str_size, UNIT_NAME_MAX, "u_%08x", va));
		}
	}
	return ST_OK;
}

/* --- checksums --- */

uint64_t xo_head_sum(const uint8_t *head, size_t size)
{
	const size_t at = XO_NOTE_AT + offsetof(struct xo_note, sum), behind = at + sizeof((struct xo_note *)0)->sum;

	return xxh64(head + behind, size - behind, xxh64(head, at, 0));
}

uint64_t xo_page_sum(const struct xo_tables *t)
{
	uint64_t sum = 0;

#define XO_PART_SUM(name, section, type) sum = xxh64(t->name, t->n##name * sizeof(type), sum);
	XO_PARTS(XO_PART_SUM)
#undef XO_PART_SUM
	return sum;
}
