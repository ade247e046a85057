/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for believing nothing in a .xo: every field has the value that the layout and the other fields demand, or lies in the
 * range it may have.  Whatever has a checksum is looked at after that was found to fit.
 * Does not look at the host code itself: a file that is well-formed and whose checksums fit is trusted like a program.
 */
#include "pcmap/xo_check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pcmap/key.h"
#include "pcmap/xabi.h"
#include "pcmap/xo_file.h"

#define MODE_FLAGS ((uint32_t)(UNIT_KERNEL | UNIT_MAPPED | UNIT_BE))
#define ALL_FLAGS (MODE_FLAGS | (uint32_t)(UNIT_FIXED | UNIT_LLVM | UNIT_XO))

static enum status bad(const struct xo_check *c, struct err *e, uint64_t offset, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static enum status bad(const struct xo_check *c, struct err *e, uint64_t offset, const char *fmt, ...)
{
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(e, ST_FORMAT, "%s: offset 0x%llx: %s", c->path, (unsigned long long)offset, why);
}

/* --- where things are --- */

static enum status check_ehdr(const struct xo_check *c, const uint8_t *bytes, Elf64_Ehdr *h, struct err *e)
{
	if (c->size < sizeof *h)
		return bad(c, e, c->size, "cut short: no room for an ELF header");
	memcpy(h, bytes, sizeof *h);
	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return bad(c, e, 0, "not an ELF file");
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_X86_64 || h->e_type != ET_REL)
		return bad(c, e, 0, "not a .xo: no little-endian x86-64 object");
	if (h->e_shnum != XO_S_COUNT || h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shoff != XO_SECTIONS_AT)
		return bad(c, e, offsetof(Elf64_Ehdr, e_shoff), "not a .xo, or one of another format: other sections");
	if (c->size < XO_NOTE_AT)
		return bad(c, e, c->size, "cut short: no room for section headers");
	return ST_OK;
}

/* All headers must be what xo_layout_make computes from the sizes they state.  */
enum status xo_check_layout(struct xo_check *c, const uint8_t *bytes, struct err *e)
{
	Elf64_Shdr sh[XO_S_COUNT];
	uint64_t size[XO_S_COUNT];
	Elf64_Ehdr h;
	enum status s = check_ehdr(c, bytes, &h, e);

	if (s != ST_OK)
		return s;
	memcpy(sh, bytes + XO_SECTIONS_AT, sizeof sh);
	for (unsigned i = 0; i < XO_S_COUNT; i++) {
		if (sh[i].sh_size > c->size)
			return bad(c, e, XO_SECTIONS_AT + i * sizeof *sh, "%s: longer than the file", xo_section_name((enum xo_section)i));
		size[i] = sh[i].sh_size;
	}
	xo_layout_make(size, &c->l);
	if (memcmp(&h, &c->l.ehdr, sizeof h) != 0)
		return bad(c, e, 0, "ELF header does not fit the sections");
	if (c->size != c->l.total)
		return bad(c, e, c->size, "the file should end at 0x%llx", (unsigned long long)c->l.total);
	for (unsigned i = 0; i < XO_S_COUNT; i++) {
		if (memcmp(&sh[i], &c->l.section[i], sizeof sh[i]) != 0)
			return bad(c, e, XO_SECTIONS_AT + i * sizeof *sh, "%s: section header is wrong", xo_section_name((enum xo_section)i));
		if (sh[i].sh_entsize && sh[i].sh_size % sh[i].sh_entsize)
			return bad(c, e, XO_SECTIONS_AT + i * sizeof *sh, "%s: not a whole number of entries",
				   xo_section_name((enum xo_section)i));
	}
	if (!c->l.section[XO_S_PAGE].sh_size)
		return bad(c, e, c->l.section[XO_S_PAGE].sh_offset, ".page: no end mark");
	return ST_OK;
}

/* Bytes in front of sections @from to @to that belong to no section are zero.  */
static enum status check_gaps(const struct xo_check *c, const uint8_t *bytes, enum xo_section from, enum xo_section to, struct err *e)
{
	for (unsigned i = from; i <= (unsigned)to; i++) {
		const Elf64_Shdr *before = &c->l.section[i - 1];
		uint64_t at = i == XO_S_NOTE ? XO_NOTE_AT : before->sh_offset + before->sh_size;

		for (; at < c->l.section[i].sh_offset; at++)
			if (bytes[at])
				return bad(c, e, at, "padding is not zero");
	}
	return ST_OK;
}

/* --- the head --- */

static enum status check_note(struct xo_check *c, const uint8_t *head, const struct xo_key *expect, struct err *e)
{
	const uint64_t at = c->l.section[XO_S_NOTE].sh_offset;
	const struct xo_note *n = (const void *)(head + at);
	const struct xo_key *k = &n->key;
	uint64_t sum = xo_head_sum(head, c->l.head);
	size_t names_size;
	const char *names = xo_section_names(&names_size);
	enum status s;

	if (n->namesz != sizeof n->name || n->descsz != sizeof n->key + sizeof n->sum || n->type != XO_NOTE_TYPE ||
	    memcmp(n->name, XO_NOTE_NAME, sizeof n->name) != 0)
		return bad(c, e, at, ".note.athanor: not our note");
	if (memcmp(head + c->l.section[XO_S_SHSTRTAB].sh_offset, names, names_size) != 0)
		return bad(c, e, c->l.section[XO_S_SHSTRTAB].sh_offset, ".shstrtab: wrong section names");
	/* Before the checksum: a file of another format may well compute it in another way.  */
	if (k->format != XO_FORMAT_VERSION)
		return err_set(e, ST_STALE, "%s: .note.athanor: made for another format: %u, known is %u", c->path, k->format,
			       XO_FORMAT_VERSION);
	if (memcmp(&sum, n->sum, sizeof sum) != 0)
		return bad(c, e, at + offsetof(struct xo_note, sum), ".note.athanor: the checksum does not fit: the file is damaged");
	s = expect ? key_check(k, expect, e) : ST_OK;
	if (s != ST_OK) {
		err_context(e, "%s: .note.athanor", c->path);
		return s;
	}
	if (k->big_endian > 1 || (k->isa_rev != ISA_R1 && k->isa_rev != ISA_R2))
		return bad(c, e, at + offsetof(struct xo_note, key), ".note.athanor: impossible key");
	c->v.key = *k;
	return ST_OK;
}

/* Where a page record's parts end is where the next one's begin, and the last one's are the sections' ends.  */
static enum status check_parts(const struct xo_check *c, uint32_t i, uint64_t at, struct err *e)
{
	const struct xo_page *p = &c->v.pages[i];

	for (unsigned k = 0; k < XO_PART_COUNT; k++)
		if (p[1].first[k] < p->first[k])
			return bad(c, e, at, ".page: record %u: its part of %s ends before it begins", i, xo_section_name(xo_part_section[k]));
	if (xo_page_size(p) > XO_PAGE_MAX)
		return bad(c, e, at, ".page: record %u: more than one page can have", i);
	if (xo_part_size(p, XO_PART_SRC) != GUEST_PAGE_SIZE || !xo_part_size(p, XO_PART_UNIT) || p->first[XO_PART_TEXT] % XO_CODE_ALIGN)
		return bad(c, e, at, ".page: record %u: impossible parts", i);
	return ST_OK;
}

static enum status check_page(const struct xo_check *c, uint32_t i, uint64_t at, struct err *e)
{
	const struct xo_page *p = &c->v.pages[i], *q = p - 1;

	if (p->page & GUEST_PAGE_MASK)
		return bad(c, e, at, ".page: record %u: address 0x%08x is not a page's", i, p->page);
	if ((p->flags & ~MODE_FLAGS) || !(p->flags & UNIT_BE) != !c->v.key.big_endian)
		return bad(c, e, at, ".page: record %u: impossible flags 0x%x", i, p->flags);
	if (i && (q->page > p->page || (q->page == p->page && q->flags > p->flags)))
		return bad(c, e, at, ".page: record %u: not sorted", i);
	return check_parts(c, i, at, e);
}

static enum status check_pages(struct xo_check *c, const uint8_t *head, struct err *e)
{
	const Elf64_Shdr *sh = &c->l.section[XO_S_PAGE];
	const struct xo_page *end;
	enum status s = ST_OK;

	c->v.pages = (const void *)(head + sh->sh_offset);
	c->v.npages = (uint32_t)(sh->sh_size / sizeof *c->v.pages) - 1;
	end = &c->v.pages[c->v.npages];
	for (unsigned k = 0; k < XO_PART_COUNT; k++)
		if (c->v.pages->first[k] || (uint64_t)end->first[k] * xo_part_bytes[k] != c->l.section[xo_part_section[k]].sh_size)
			return bad(c, e, sh->sh_offset, ".page: the records do not fill %s", xo_section_name(xo_part_section[k]));
	if (end->page || end->flags || end->sum)
		return bad(c, e, sh->sh_offset + sh->sh_size - sizeof *end, ".page: impossible end mark");
	for (uint32_t i = 0; s == ST_OK && i < c->v.npages; i++)
		s = check_page(c, i, sh->sh_offset + i * sizeof *c->v.pages, e);
	return s;
}

enum status xo_check_head(struct xo_check *c, const uint8_t *head, const struct xo_key *expect, struct err *e)
{
	enum status s = check_gaps(c, head, XO_S_NOTE, XO_S_PAGE, e);

	if (s == ST_OK)
		s = check_note(c, head, expect, e);
	return s == ST_OK ? check_pages(c, head, e) : s;
}

/* --- a page record --- */

struct record {
	const struct xo_check *c;
	const struct xo_page *p;
	const struct xo_tables *t;
	uint32_t index;
	struct err *e;
};

/* Element @i of a part is bad.  */
#define BAD_ROW(r, part, i, ...) bad((r)->c, (r)->e, row_at(r, XO_PART_##part, (uint64_t)(i)), __VA_ARGS__)

static uint64_t row_at(const struct record *r, enum xo_part part, uint64_t i)
{
	return r->c->l.section[xo_part_section[part]].sh_offset + (r->p->first[part] + i) * xo_part_bytes[part];
}

/* The unit's number in the file, for messages.  */
static uint32_t unit_number(const struct record *r, uint32_t i)
{
	return r->p->first[XO_PART_UNIT] + i;
}

/* Where the tables of the next unit must begin.  */
struct place { uint32_t code, entry, fault, link, rela; };

static enum status check_unit(const struct record *r, uint32_t i, struct place *at)
{
	const struct xo_tables *t = r->t;
	const struct xo_unit *u = &t->units[i];
	uint32_t n = unit_number(r, i);

	if (!u->nwords || u->first >= GUEST_PAGE_WORDS || u->nwords > GUEST_PAGE_WORDS - u->first)
		return BAD_ROW(r, UNIT, i, ".unit: unit %u: words %u+%u are not in a page", n, u->first, u->nwords);
	if ((u->flags & ~ALL_FLAGS) || (u->flags & MODE_FLAGS) != r->p->flags || !(u->flags & UNIT_XO))
		return BAD_ROW(r, UNIT, i, ".unit: unit %u: impossible flags 0x%x", n, u->flags);
	if (u->code != at->code || !u->code_len || u->code_len > t->ntext - at->code)
		return BAD_ROW(r, UNIT, i, ".unit: unit %u: its code is not the next in .text", n);
	if (u->entry != at->entry || !u->nentries || u->nentries > t->nentries - at->entry)
		return BAD_ROW(r, UNIT, i, ".unit: unit %u: its entries are not the next in .pcmap", n);
	if (u->fault != at->fault || u->nfaults > t->nfaults - at->fault)
		return BAD_ROW(r, UNIT, i, ".unit: unit %u: its faults are not the next in .fault", n);
	if (u->link != at->link || u->nlinks > t->nlinks - at->link)
		return BAD_ROW(r, UNIT, i, ".unit: unit %u: its links are not the next in .link", n);
	if (u->rela != at->rela || u->nrelas > t->nrelas - at->rela)
		return BAD_ROW(r, UNIT, i, ".unit: unit %u: its relocations are not the next in .rela.text", n);
	at->entry += u->nentries;
	at->fault += u->nfaults;
	at->link += u->nlinks;
	at->rela += u->nrelas;
	for (at->code += u->code_len; at->code % XO_CODE_ALIGN && at->code < t->ntext; at->code++)
		if (t->text[at->code] != XO_CODE_FILL)
			return BAD_ROW(r, TEXT, at->code, ".text: fill behind unit %u", n);
	return ST_OK;
}

static bool word_in(const struct xo_unit *u, unsigned word)
{
	return word >= u->first && word - u->first < u->nwords;
}

static enum status check_entries(const struct record *r, uint32_t i)
{
	const struct xo_unit *u = &r->t->units[i];

	for (uint32_t k = u->entry; k < u->entry + u->nentries; k++) {
		const struct unit_entry *n = &r->t->entries[k];

		if (!word_in(u, n->word) || n->off >= u->code_len || n->link >= u->code_len || n->reserved[0] || n->reserved[1] ||
		    n->reserved[2])
			return BAD_ROW(r, PCMAP, k, ".pcmap: entry of unit %u leads outside of it", unit_number(r, i));
		if (k > u->entry && n[-1].word >= n->word)
			return BAD_ROW(r, PCMAP, k, ".pcmap: entries of unit %u are not sorted", unit_number(r, i));
	}
	return ST_OK;
}

static enum status check_faults(const struct record *r, uint32_t i)
{
	const struct xo_unit *u = &r->t->units[i];

	for (uint32_t k = u->fault; k < u->fault + u->nfaults; k++) {
		const struct unit_fault *f = &r->t->faults[k];

		if (!word_in(u, f->word) || f->off >= u->code_len || f->recover >= u->code_len || (f->recover && !(u->flags & UNIT_LLVM)))
			return BAD_ROW(r, FAULT, k, ".fault: row of unit %u leads outside of it", unit_number(r, i));
		if (k > u->fault && f[-1].off >= f->off)
			return BAD_ROW(r, FAULT, k, ".fault: rows of unit %u are not sorted", unit_number(r, i));
	}
	return ST_OK;
}

/* A relocated field of four bytes at @off that does not overlap the one that ended at @end.  */
static bool field_ok(const struct xo_unit *u, uint64_t off, uint64_t end)
{
	return off >= end && u->code_len >= 4 && off <= u->code_len - 4;
}

static enum status check_relocs(const struct record *r, uint32_t i)
{
	const struct xo_unit *u = &r->t->units[i];
	const struct unit_reloc *l = r->t->links + u->link, *l_end = l + u->nlinks;
	const struct xo_rela *a = r->t->relas + u->rela, *a_end = a + u->nrelas;
	const uint64_t code = (uint64_t)r->t->text_at + u->code;
	uint64_t end = 0;

	/* Both are sorted; walked together, so that none overlaps any other.  */
	while (l < l_end || a < a_end) {
		if (a == a_end || (l < l_end && l->off < a->offset - code)) {
			if (!field_ok(u, l->off, end) || (l->kind != RELOC_LINK && l->kind != RELOC_GPC) || l->reserved[0] ||
			    l->reserved[1] || l->reserved[2] || l->stub >= u->code_len || (l->arg & 3u))
				return BAD_ROW(r, LINK, l - r->t->links, ".link: impossible row of unit %u", unit_number(r, i));
			end = (uint64_t)l++->off + 4;
		} else {
			uint64_t sym = a->info >> 32;

			if (a->offset < code || !field_ok(u, a->offset - code, end) || (uint32_t)a->info != R_X86_64_PLT32 || !sym ||
			    sym > XABI_ENTRY_COUNT || a->addend != -4)
				return BAD_ROW(r, RELA, a - r->t->relas, ".rela.text: impossible relocation of unit %u", unit_number(r, i));
			end = a++->offset - code + 4;
		}
	}
	return ST_OK;
}

static enum status check_units(const struct record *r)
{
	const struct xo_tables *t = r->t;
	struct place at = { 0 };

	for (uint32_t i = 0; i < t->nunits; i++) {
		enum status s = check_unit(r, i, &at);

		if (s == ST_OK)
			s = check_entries(r, i);
		if (s == ST_OK)
			s = check_faults(r, i);
		if (s == ST_OK)
			s = check_relocs(r, i);
		if (s != ST_OK)
			return s;
	}
	if (at.code != t->ntext || at.entry != t->nentries || at.fault != t->nfaults || at.link != t->nlinks || at.rela != t->nrelas)
		return BAD_ROW(r, UNIT, 0, ".unit: the tables of page record %u hold more than its units do", r->index);
	return ST_OK;
}

static enum status check_sites(const struct record *r)
{
	for (uint32_t i = 0; i < r->t->nsites; i++) {
		const struct xo_site *s = &r->t->sites[i];

		if (s->word >= GUEST_PAGE_WORDS || !s->flags || (s->flags & ~(SITE_USER | SITE_SLOW)) || s->reserved)
			return BAD_ROW(r, SITE, i, ".site: impossible row");
		if (i && s[-1].word >= s->word)
			return BAD_ROW(r, SITE, i, ".site: not sorted");
	}
	return ST_OK;
}

enum status xo_check_tables(const struct xo_check *c, uint32_t page, const struct xo_tables *t, struct err *e)
{
	const struct record r = { c, &c->v.pages[page], t, page, e };
	enum status s;

	if (xo_page_sum(t) != r.p->sum)
		return bad(c, e, c->l.section[XO_S_PAGE].sh_offset + page * sizeof *r.p,
			   ".page: the checksum of page 0x%08x (record %u) does not fit: the file is damaged", r.p->page, page);
	s = check_units(&r);
	return s == ST_OK ? check_sites(&r) : s;
}

/* --- the rest --- */

static enum status check_symbols(const struct xo_check *c, const uint8_t *bytes, struct err *e)
{
	const Elf64_Shdr *sym = &c->l.section[XO_S_SYMTAB], *str = &c->l.section[XO_S_STRTAB];
	const struct xo_unit *units = (const void *)(bytes + c->l.section[XO_S_UNIT].sh_offset);
	struct xo_symbols want;
	enum status s = xo_symbols_make(c->v.pages, c->v.npages, units, &want, e);

	if (s != ST_OK)
		return s;
	if (sym->sh_size != want.nsym * sizeof *want.sym || memcmp(bytes + sym->sh_offset, want.sym, sym->sh_size) != 0)
		s = bad(c, e, sym->sh_offset, ".symtab: not the symbols of the units");
	else if (str->sh_size != want.str_size || memcmp(bytes + str->sh_offset, want.str, str->sh_size) != 0)
		s = bad(c, e, str->sh_offset, ".strtab: not the names of the units");
	free(want.sym);
	free(want.str);
	return s;
}

enum status xo_check_rest(const struct xo_check *c, const uint8_t *bytes, struct err *e)
{
	enum status s = check_gaps(c, bytes, XO_S_TEXT, XO_S_STRTAB, e);

	return s == ST_OK ? check_symbols(c, bytes, e) : s;
}
