/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the parts of a .xo that follow from others: headers, offsets, symbols, digest.  Neither reads nor writes files.
 */
#include "pcmap/xo_layout.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcmap/xabi.h"

_Static_assert(sizeof(struct xo_note) == 12 + 8 + 72 + 32, "no padding");
_Static_assert(sizeof(struct xo_counts) == 16 && sizeof(struct xo_page) == 24 && sizeof(struct xo_unit) == 48, "file layout");
_Static_assert(sizeof(struct unit_entry) == 16 && sizeof(struct unit_fault) == 12 && sizeof(struct unit_reloc) == 16, "file layout");
_Static_assert(sizeof(struct xo_rela) == sizeof(Elf64_Rela) && sizeof(struct xo_site) == 8, "file layout");
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
	uint64_t at = sizeof(Elf64_Ehdr);

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
	at = align_up(at, 8);
	out->total = at + sizeof out->section;
	memcpy(out->ehdr.e_ident, ELFMAG, SELFMAG);
	out->ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	out->ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	out->ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	out->ehdr.e_type = ET_REL;
	out->ehdr.e_machine = EM_X86_64;
	out->ehdr.e_version = EV_CURRENT;
	out->ehdr.e_shoff = at;
	out->ehdr.e_ehsize = sizeof(Elf64_Ehdr);
	out->ehdr.e_shentsize = sizeof(Elf64_Shdr);
	out->ehdr.e_shnum = XO_S_COUNT;
	out->ehdr.e_shstrndx = XO_S_SHSTRTAB;
}

uint32_t xo_page_next(const struct xo_page *pages, uint32_t npages, uint32_t i)
{
	return i + 1 < npages && pages[i + 1].page == pages[i].page ? i + 1 : UINT32_MAX;
}

static const char *const xabi_names[] = {
#define XABI(name, how, what) "xabi_" #name,
#include "pcmap/xabi.def"
#undef XABI
};

#define UNIT_NAME_MAX 24u /* "u_80100400.4294967295" */

enum status xo_symbols_make(const struct xo_page *pages, uint32_t npages, const struct xo_unit *units, uint32_t nunits,
			    struct xo_symbols *out, struct err *e)
{
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
	for (uint32_t p = 0; p < npages; p++) {
		if (!p || pages[p].page != pages[p - 1].page)
			memset(met, 0, sizeof met);
		for (uint32_t u = pages[p].first_unit; u < pages[p].first_unit + pages[p].nunits; u++) {
			unsigned n = met[units[u].first]++;
			gva va = pages[p].page + 4u * units[u].first;

			*++s = (Elf64_Sym){ .st_name = (Elf64_Word)out->str_size, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
					    .st_shndx = XO_S_TEXT, .st_value = units[u].code, .st_size = units[u].code_len };
			out->str_size += 1 + (size_t)(n ? snprintf(out->str + out->str_size, UNIT_NAME_MAX, "u_%08x.%u", va, n)
							: snprintf(out->str + out->str_size, UNIT_NAME_MAX, "u_%08x", va));
		}
	}
	return ST_OK;
}

enum status xo_digest(const uint8_t *bytes, size_t size, uint8_t out[32], struct err *e)
{
	static const uint8_t zero[32];
	const size_t at = sizeof(Elf64_Ehdr) + offsetof(struct xo_note, sha256);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) && EVP_DigestUpdate(md, bytes, at) &&
		  EVP_DigestUpdate(md, zero, sizeof zero) && EVP_DigestUpdate(md, bytes + at + sizeof zero, size - at - sizeof zero) &&
		  EVP_DigestFinal_ex(md, out, NULL);

	EVP_MD_CTX_free(md);
	return ok ? ST_OK : err_set(e, ST_NOMEM, "SHA-256 failed");
}
