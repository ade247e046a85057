/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for believing nothing in a .xo: every field has the value that the layout and the other fields demand, or lies in the
 * range it may have.  Order of the checks: the headers (so that sections can be found), the digest, the key, the tables.
 * Does not look at the host code itself: a file that is well-formed and whose digest fits is trusted like a program.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcmap/key.h"
#include "pcmap/xabi.h"
#include "pcmap/xo_file.h"
#include "pcmap/xo_layout.h"

#define MODE_FLAGS ((uint32_t)(UNIT_KERNEL | UNIT_MAPPED | UNIT_BE))
#define ALL_FLAGS (MODE_FLAGS | (uint32_t)(UNIT_FIXED | UNIT_LLVM | UNIT_XO))

struct check {
	const char *path;
	const uint8_t *bytes;
	size_t size;
	struct xo_layout l;
	struct xo_view *v;
	struct err *e;
};

static enum status bad(const struct check *c, uint64_t offset, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static enum status bad(const struct check *c, uint64_t offset, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(c->e, ST_FORMAT, "%s: offset 0x%llx: %s", c->path, (unsigned long long)offset, why);
}

/* In table @s, row @i.  */
#define BAD_ROW(c, s, i, rowsize, ...) \
	bad(c, (c)->l.section[s].sh_offset + (uint64_t)(i) * (rowsize), __VA_ARGS__)

static enum status check_ehdr(const struct check *c, Elf64_Ehdr *h)
{
	if (c->size < sizeof *h)
		return bad(c, c->size, "cut short: no room for an ELF header");
	memcpy(h, c->bytes, sizeof *h);
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return bad(c, 0, "not an ELF file");
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_X86_64 || h->e_type != ET_REL)
		return bad(c, 0, "not a .xo: no little-endian x86-64 object");
	if (h->e_shnum != XO_S_COUNT || h->e_shentsize != sizeof(Elf64_Shdr))
		return bad(c, offsetof(Elf64_Ehdr, e_shnum), "not a .xo: other sections");
	if (h->e_shoff > c->size || c->size - h->e_shoff < sizeof c->l.section)
		return bad(c, c->size, "cut short: section headers belong at 0x%llx", (unsigned long long)h->e_shoff);
	return ST_OK;
}

/* Bytes that belong to no section are zero.  */
static enum status check_gap(const struct check *c, uint64_t from, uint64_t to)
{
	for (; from < to; from++)
		if (c->bytes[from])
			return bad(c, from, "padding is not zero");
	return ST_OK;
}

/* All headers must be what xo_layout_make computes from the sizes they state.  */
static enum status check_headers(struct check *c)
{
	Elf64_Shdr sh[XO_S_COUNT];
	uint64_t size[XO_S_COUNT], end = sizeof(Elf64_Ehdr);
	Elf64_Ehdr h;
	enum status s = check_ehdr(c, &h);

	if (s != ST_OK)
		return s;
	memcpy(sh, c->bytes + h.e_shoff, sizeof sh);
	for (unsigned i = 0; i < XO_S_COUNT; i++) {
		if (sh[i].sh_size > c->size)
			return bad(c, h.e_shoff + i * sizeof *sh, "%s: longer than the file", xo_section_name((enum xo_section)i));
		size[i] = sh[i].sh_size;
	}
	xo_layout_make(size, &c->l);
	if (memcmp(&h, &c->l.ehdr, sizeof h) != 0)
		return bad(c, 0, "ELF header does not fit the sections");
	if (c->size != c->l.total)
		return bad(c, c->size, "the file should end at 0x%llx", (unsigned long long)c->l.total);
	for (unsigned i = 0; i < XO_S_COUNT; i++) {
		if (memcmp(&sh[i], &c->l.section[i], sizeof sh[i]) != 0)
			return bad(c, h.e_shoff + i * sizeof *sh, "%s: section header is wrong", xo_section_name((enum xo_section)i));
		if (sh[i].sh_entsize && sh[i].sh_size % sh[i].sh_entsize)
			return bad(c, h.e_shoff + i * sizeof *sh, "%s: not a whole number of entries", xo_section_name((enum xo_section)i));
		if (i == XO_S_NULL)
			continue;
		s = check_gap(c, end, sh[i].sh_offset);
		if (s != ST_OK)
			return s;
		end = sh[i].sh_offset + sh[i].sh_size;
	}
	return check_gap(c, end, h.e_shoff);
}

static enum status check_note(const struct check *c, const struct xo_key *expect)
{
	const struct xo_note *n = (const void *)(c->bytes + c->l.section[XO_S_NOTE].sh_offset);
	const struct xo_key *k = &n->key;
	uint8_t digest[32];
	size_t names_size;
	const char *names = xo_section_names(&names_size);
	enum status s;

	if (n->namesz != sizeof n->name || n->descsz != sizeof n->key + sizeof n->sha256 || n->type != XO_NOTE_TYPE ||
	    memcmp(n->name, XO_NOTE_NAME, sizeof n->name) != 0)
		return bad(c, c->l.section[XO_S_NOTE].sh_offset, ".note.athanor: not our note");
	if (memcmp(c->bytes + c->l.section[XO_S_SHSTRTAB].sh_offset, names, names_size) != 0)
		return bad(c, c->l.section[XO_S_SHSTRTAB].sh_offset, ".shstrtab: wrong section names");
	/* Before the digest: a file of another format may well compute it in another way.  */
	if (k->format != XO_FORMAT_VERSION)
		return err_set(c->e, ST_STALE, "%s: .note.athanor: made for another format: %u, known is %u", c->path, k->format,
			       XO_FORMAT_VERSION);
	s = xo_digest(c->bytes, c->size, digest, c->e);
	if (s != ST_OK)
		return s;
	if (memcmp(digest, n->sha256, sizeof digest) != 0)
		return bad(c, c->l.section[XO_S_NOTE].sh_offset + offsetof(struct xo_note, sha256),
			   ".note.athanor: the checksum does not fit: the file is damaged");
	s = expect ? key_check(k, expect, c->e) : ST_OK;
	if (s != ST_OK) {
		err_context(c->e, "%s: .note.athanor", c->path);
		return s;
	}
	if (k->big_endian > 1 || (k->isa_rev != ISA_R1 && k->isa_rev != ISA_R2))
		return bad(c, c->l.section[XO_S_NOTE].sh_offset + offsetof(struct xo_note, key), ".note.athanor: impossible key");
	c->v->key = *k;
	return ST_OK;
}

static const void *table(const struct check *c, enum xo_section s, size_t rowsize, uint32_t *n)
{
	*n = (uint32_t)(c->l.section[s].sh_size / rowsize);
	return c->bytes + c->l.section[s].sh_offset;
}

/* Find the tables.  Counts fit 32 bits because XO_FILE_MAX does.  */
static enum status check_tables(const struct check *c)
{
	const Elf64_Shdr *unit = &c->l.section[XO_S_UNIT];
	const struct xo_counts *n = (const void *)(c->bytes + unit->sh_offset);
	struct xo_view *v = c->v;
	uint64_t need;

	if (unit->sh_size < sizeof *n)
		return bad(c, unit->sh_offset, ".unit: no room for its counts");
	need = sizeof *n + (uint64_t)n->npages * sizeof *v->pages + (uint64_t)n->nunits * sizeof *v->units;
	if (need != unit->sh_size || n->reserved[0] || n->reserved[1])
		return bad(c, unit->sh_offset, ".unit: %u pages and %u units do not fill it", n->npages, n->nunits);
	v->npages = n->npages;
	v->nunits = n->nunits;
	v->pages = (const void *)(n + 1);
	v->units = (const void *)(v->pages + v->npages);
	v->text = c->bytes + c->l.section[XO_S_TEXT].sh_offset;
	v->text_len = c->l.section[XO_S_TEXT].sh_size;
	v->src = table(c, XO_S_SRC, GUEST_PAGE_SIZE, &v->nsrc);
	v->entries = table(c, XO_S_PCMAP, sizeof *v->entries, &v->nentries);
	v->faults = table(c, XO_S_FAULT, sizeof *v->faults, &v->nfaults);
	v->links = table(c, XO_S_LINK, sizeof *v->links, &v->nlinks);
	v->relas = table(c, XO_S_RELA, sizeof *v->relas, &v->nrelas);
	v->sites = table(c, XO_S_SITE, sizeof *v->sites, &v->nsites);
	return ST_OK;
}

static enum status check_pages(const struct check *c)
{
	const struct xo_view *v = c->v;
	uint32_t units = 0;

	for (uint32_t i = 0; i < v->npages; i++) {
		const struct xo_page *p = &v->pages[i], *q = p - 1;
		uint64_t at = c->l.section[XO_S_UNIT].sh_offset + sizeof(struct xo_counts) + i * sizeof *p;

		if (p->page & GUEST_PAGE_MASK)
			return bad(c, at, ".unit: page record %u: address 0x%08x is not a page's", i, p->page);
		if ((p->flags & ~MODE_FLAGS) || !(p->flags & UNIT_BE) != !v->key.big_endian)
			return bad(c, at, ".unit: page record %u: impossible flags 0x%x", i, p->flags);
		if (i && (q->page > p->page || (q->page == p->page && q->flags > p->flags)))
			return bad(c, at, ".unit: page record %u: not sorted", i);
		if (p->src >= v->nsrc)
			return bad(c, at, ".unit: page record %u: .src has %u pages, not %u", i, v->nsrc, p->src);
		if (p->first_unit != units || !p->nunits || p->nunits > v->nunits - units)
			return bad(c, at, ".unit: page record %u: its units do not follow those before", i);
		if (p->next != xo_page_next(v->pages, v->npages, i))
			return bad(c, at, ".unit: page record %u: wrong next record", i);
		units += p->nunits;
	}
	if (units != v->nunits)
		return bad(c, c->l.section[XO_S_UNIT].sh_offset, ".unit: units without a page");
	return ST_OK;
}

/* Where the tables of the next unit must begin.  */
struct place { uint64_t code; uint32_t entry, fault, link, rela; };

static enum status check_unit(const struct check *c, uint32_t i, const struct xo_page *p, struct place *at)
{
	const struct xo_view *v = c->v;
	const struct xo_unit *u = &v->units[i];
	uint64_t here = (uint64_t)((const uint8_t *)u - c->bytes);

	if (!u->nwords || u->first >= GUEST_PAGE_WORDS || u->nwords > GUEST_PAGE_WORDS - u->first)
		return bad(c, here, ".unit: unit %u: words %u+%u are not in a page", i, u->first, u->nwords);
	if ((u->flags & ~ALL_FLAGS) || (u->flags & MODE_FLAGS) != p->flags || !(u->flags & UNIT_XO))
		return bad(c, here, ".unit: unit %u: impossible flags 0x%x", i, u->flags);
	if (u->code != at->code || !u->code_len || u->code_len > v->text_len - at->code)
		return bad(c, here, ".unit: unit %u: its code is not the next in .text", i);
	if (u->entry != at->entry || !u->nentries || u->nentries > v->nentries - at->entry)
		return bad(c, here, ".unit: unit %u: its entries are not the next in .pcmap", i);
	if (u->fault != at->fault || u->nfaults > v->nfaults - at->fault)
		return bad(c, here, ".unit: unit %u: its faults are not the next in .fault", i);
	if (u->link != at->link || u->nlinks > v->nlinks - at->link)
		return bad(c, here, ".unit: unit %u: its links are not the next in .link", i);
	if (u->rela != at->rela || u->nrelas > v->nrelas - at->rela)
		return bad(c, here, ".unit: unit %u: its relocations are not the next in .rela.text", i);
	at->entry += u->nentries;
	at->fault += u->nfaults;
	at->link += u->nlinks;
	at->rela += u->nrelas;
	for (at->code += u->code_len; at->code % XO_CODE_ALIGN && at->code < v->text_len; at->code++)
		if (v->text[at->code] != XO_CODE_FILL)
			return bad(c, c->l.section[XO_S_TEXT].sh_offset + at->code, ".text: fill behind unit %u", i);
	return ST_OK;
}

static bool word_in(const struct xo_unit *u, unsigned word)
{
	return word >= u->first && word - u->first < u->nwords;
}

static enum status check_entries(const struct check *c, uint32_t i)
{
	const struct xo_unit *u = &c->v->units[i];

	for (uint32_t k = u->entry; k < u->entry + u->nentries; k++) {
		const struct unit_entry *n = &c->v->entries[k];

		if (!word_in(u, n->word) || n->off >= u->code_len || n->link >= u->code_len || n->reserved[0] || n->reserved[1] ||
		    n->reserved[2])
			return BAD_ROW(c, XO_S_PCMAP, k, sizeof *n, ".pcmap: entry of unit %u leads outside of it", i);
		if (k > u->entry && n[-1].word >= n->word)
			return BAD_ROW(c, XO_S_PCMAP, k, sizeof *n, ".pcmap: entries of unit %u are not sorted", i);
	}
	return ST_OK;
}

static enum status check_faults(const struct check *c, uint32_t i)
{
	const struct xo_unit *u = &c->v->units[i];

	for (uint32_t k = u->fault; k < u->fault + u->nfaults; k++) {
		const struct unit_fault *f = &c->v->faults[k];

		if (!word_in(u, f->word) || f->off >= u->code_len || f->recover >= u->code_len || (f->recover && !(u->flags & UNIT_LLVM)))
			return BAD_ROW(c, XO_S_FAULT, k, sizeof *f, ".fault: row of unit %u leads outside of it", i);
		if (k > u->fault && f[-1].off >= f->off)
			return BAD_ROW(c, XO_S_FAULT, k, sizeof *f, ".fault: rows of unit %u are not sorted", i);
	}
	return ST_OK;
}

/* A relocated field of four bytes at @off that does not overlap the one that ended at @end.  */
static bool field_ok(const struct xo_unit *u, uint64_t off, uint64_t end)
{
	return off >= end && u->code_len >= 4 && off <= u->code_len - 4;
}

static enum status check_relocs(const struct check *c, uint32_t i)
{
	const struct xo_unit *u = &c->v->units[i];
	const struct unit_reloc *l = c->v->links + u->link, *l_end = l + u->nlinks;
	const struct xo_rela *r = c->v->relas + u->rela, *r_end = r + u->nrelas;
	uint64_t end = 0;

	/* Both are sorted; walked together, so that none overlaps any other.  */
	while (l < l_end || r < r_end) {
		if (r == r_end || (l < l_end && l->off < r->offset - u->code)) {
			if (!field_ok(u, l->off, end) || (l->kind != RELOC_LINK && l->kind != RELOC_GPC) || l->reserved[0] ||
			    l->reserved[1] || l->reserved[2] || l->stub >= u->code_len || (l->arg & 3u))
				return BAD_ROW(c, XO_S_LINK, l - c->v->links, sizeof *l, ".link: impossible row of unit %u", i);
			end = (uint64_t)l++->off + 4;
		} else {
			uint64_t sym = r->info >> 32;

			if (r->offset < u->code || !field_ok(u, r->offset - u->code, end) || (uint32_t)r->info != R_X86_64_PLT32 || !sym ||
			    sym > XABI_ENTRY_COUNT || r->addend != -4)
				return BAD_ROW(c, XO_S_RELA, r - c->v->relas, sizeof *r, ".rela.text: impossible relocation of unit %u", i);
			end = r++->offset - u->code + 4;
		}
	}
	return ST_OK;
}

static enum status check_units(const struct check *c)
{
	const struct xo_view *v = c->v;
	struct place at = { 0 };

	for (uint32_t p = 0; p < v->npages; p++)
		for (uint32_t i = v->pages[p].first_unit; i < v->pages[p].first_unit + v->pages[p].nunits; i++) {
			enum status s = check_unit(c, i, &v->pages[p], &at);

			if (s == ST_OK)
				s = check_entries(c, i);
			if (s == ST_OK)
				s = check_faults(c, i);
			if (s == ST_OK)
				s = check_relocs(c, i);
			if (s != ST_OK)
				return s;
		}
	if (at.code != v->text_len || at.entry != v->nentries || at.fault != v->nfaults || at.link != v->nlinks || at.rela != v->nrelas)
		return bad(c, c->l.section[XO_S_UNIT].sh_offset, ".unit: the tables hold more than the units do");
	return ST_OK;
}

static enum status check_sites(const struct check *c)
{
	const struct xo_view *v = c->v;

	for (uint32_t i = 0; i < v->nsites; i++) {
		const struct xo_site *s = &v->sites[i];

		if (s->page >= v->npages || s->word >= GUEST_PAGE_WORDS || !s->flags || (s->flags & ~(SITE_USER | SITE_SLOW)) ||
		    s->reserved)
			return BAD_ROW(c, XO_S_SITE, i, sizeof *s, ".site: impossible row");
		if (i && (s[-1].page > s->page || (s[-1].page == s->page && s[-1].word >= s->word)))
			return BAD_ROW(c, XO_S_SITE, i, sizeof *s, ".site: not sorted");
	}
	return ST_OK;
}

static enum status check_symbols(const struct check *c)
{
	const Elf64_Shdr *sym = &c->l.section[XO_S_SYMTAB], *str = &c->l.section[XO_S_STRTAB];
	struct xo_symbols want;
	enum status s = xo_symbols_make(c->v->pages, c->v->npages, c->v->units, c->v->nunits, &want, c->e);

	if (s != ST_OK)
		return s;
	if (sym->sh_size != want.nsym * sizeof *want.sym || memcmp(c->bytes + sym->sh_offset, want.sym, sym->sh_size) != 0)
		s = bad(c, sym->sh_offset, ".symtab: not the symbols of the units");
	else if (str->sh_size != want.str_size || memcmp(c->bytes + str->sh_offset, want.str, str->sh_size) != 0)
		s = bad(c, str->sh_offset, ".strtab: not the names of the units");
	free(want.sym);
	free(want.str);
	return s;
}

enum status xo_check(const char *path, const uint8_t *bytes, size_t size, const struct xo_key *expect, struct xo_view *out, struct err *e)
{
	struct xo_view v = { 0 };
	struct check c = { .path = path, .bytes = bytes, .size = size, .v = &v, .e = e };
	enum status s;

	memset(out, 0, sizeof *out);
	if (size > XO_FILE_MAX)
		return bad(&c, XO_FILE_MAX, "too long for a .xo");
	s = check_headers(&c);
	if (s == ST_OK)
		s = check_note(&c, expect);
	if (s == ST_OK)
		s = check_tables(&c);
	if (s == ST_OK)
		s = check_pages(&c);
	if (s == ST_OK)
		s = check_units(&c);
	if (s == ST_OK)
		s = check_sites(&c);
	if (s == ST_OK)
		s = check_symbols(&c);
	if (s == ST_OK)
		*out = v;
	return s;
}
