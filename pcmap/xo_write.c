/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for collecting pages and units and for laying them out as a .xo.  What the layout is: xo_layout.c.
 * Invariants
 *  - The file depends on the pages and units alone: pages are sorted by address, mode and contents.
 *  - No file is handed out that xo_check would refuse.
 */
#include "pcmap/xo_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "pcmap/xabi.h"
#include "pcmap/xo_file.h"
#include "pcmap/xo_layout.h"

struct held_unit {
	struct xo_unit row;          /* all but the positions */
	uint8_t *bytes;              /* one allocation: code, entries, faults, links, relas */
	struct unit_entry *entries;
	struct unit_fault *faults;
	struct unit_reloc *links;
	struct xo_rela *relas;
	uint8_t *code;
};

struct held_page {
	gva page;
	uint32_t flags;
	uint8_t *bytes;              /* GUEST_PAGE_SIZE, then GUEST_PAGE_WORDS of sites */
	struct held_unit *units;
	uint32_t nunits, cap;
	uint32_t order;              /* of arrival */
};

struct xo_builder {
	struct xo_key key;
	struct held_page *pages;
	uint32_t npages, cap;
	uint64_t size[XO_S_COUNT];   /* sums so far; .src, .symtab and .strtab follow at the end */
};

static enum status no_memory(struct err *e)
{
	return err_set(e, ST_NOMEM, "out of memory for translations");
}

enum status xo_builder_create(const struct xo_key *key, struct xo_builder **out, struct err *e)
{
	*out = calloc(1, sizeof **out);
	if (!*out)
		return no_memory(e);
	(*out)->key = *key;
	return ST_OK;
}

void xo_builder_destroy(struct xo_builder *b)
{
	if (!b)
		return;
	for (uint32_t i = 0; i < b->npages; i++) {
		for (uint32_t k = 0; k < b->pages[i].nunits; k++)
			free(b->pages[i].units[k].bytes);
		free(b->pages[i].units);
		free(b->pages[i].bytes);
	}
	free(b->pages);
	free(b);
}

/* Room for one more element of @size bytes in the array at @*at.  */
static bool grow(void *at, uint32_t n, uint32_t *cap, size_t size)
{
	void *p, *more;

	if (n < *cap)
		return true;
	memcpy(&p, at, sizeof p);
	more = realloc(p, (size_t)(*cap ? *cap * 2 : 16) * size);
	if (!more)
		return false;
	memcpy(at, &more, sizeof more);
	*cap = *cap ? *cap * 2 : 16;
	return true;
}

enum status xo_builder_page(struct xo_builder *b, gva page, uint32_t flags, const uint8_t *bytes, const uint8_t *sites, struct err *e)
{
	struct held_page *p;

	if (!grow(&b->pages, b->npages, &b->cap, sizeof *b->pages))
		return no_memory(e);
	p = &b->pages[b->npages];
	*p = (struct held_page){ .page = page, .flags = flags, .order = b->npages, .bytes = calloc(1, GUEST_PAGE_SIZE + GUEST_PAGE_WORDS) };
	if (!p->bytes)
		return no_memory(e);
	memcpy(p->bytes, bytes, GUEST_PAGE_SIZE);
	if (sites)
		memcpy(p->bytes + GUEST_PAGE_SIZE, sites, GUEST_PAGE_WORDS);
	b->npages++;
	return ST_OK;
}

static int by_word(const void *a, const void *b)
{
	const struct unit_entry *x = a, *y = b;

	return (x->word > y->word) - (x->word < y->word);
}

static int by_fault(const void *a, const void *b)
{
	const struct unit_fault *x = a, *y = b;

	return (x->off > y->off) - (x->off < y->off);
}

static int by_link(const void *a, const void *b)
{
	const struct unit_reloc *x = a, *y = b;

	return (x->off > y->off) - (x->off < y->off);
}

static int by_rela(const void *a, const void *b)
{
	const struct xo_rela *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Copy @u's tables behind one another into @h.  */
static bool hold(struct held_unit *h, const struct unit *u)
{
	size_t at_faults = u->nentries * sizeof *u->entries, at_links = at_faults + u->nfaults * sizeof *u->faults;
	size_t at_relas = (at_links + h->row.nlinks * sizeof *h->links + 7) & ~(size_t)7;
	size_t at_code = at_relas + h->row.nrelas * sizeof *h->relas;
	struct unit_reloc *l;
	struct xo_rela *r;

	h->bytes = calloc(1, at_code + u->code_len);
	if (!h->bytes)
		return false;
	h->entries = (void *)h->bytes;
	h->faults = (void *)(h->bytes + at_faults);
	h->links = l = (void *)(h->bytes + at_links);
	h->relas = r = (void *)(h->bytes + at_relas);
	h->code = h->bytes + at_code;
	memcpy(h->entries, u->entries, u->nentries * sizeof *u->entries);
	if (u->nfaults)
		memcpy(h->faults, u->faults, u->nfaults * sizeof *u->faults);
	memcpy(h->code, u->code, u->code_len);
	for (uint32_t i = 0; i < u->nrelocs; i++)
		if (u->relocs[i].kind == RELOC_XABI)
			*r++ = (struct xo_rela){ u->relocs[i].off, (uint64_t)(u->relocs[i].arg + 1) << 32 | R_X86_64_PLT32, -4 };
		else
			*l++ = u->relocs[i];
	qsort(h->entries, u->nentries, sizeof *h->entries, by_word);
	qsort(h->faults, u->nfaults, sizeof *h->faults, by_fault);
	qsort(h->links, h->row.nlinks, sizeof *h->links, by_link);
	qsort(h->relas, h->row.nrelas, sizeof *h->relas, by_rela);
	return true;
}

enum status xo_builder_unit(struct xo_builder *b, const struct unit *u, struct err *e)
{
	struct held_page *p = b->npages ? &b->pages[b->npages - 1] : NULL;
	struct held_unit *h;
	uint64_t sum = 0;

	if (!p || u->page != p->page || !u->code_len || !u->nentries)
		return err_set(e, ST_INTERNAL, "unit 0x%08x does not belong to its page, or is empty", u->page + 4u * u->first);
	if (!grow(&p->units, p->nunits, &p->cap, sizeof *p->units))
		return no_memory(e);
	h = &p->units[p->nunits];
	memset(h, 0, sizeof *h);
	h->row = (struct xo_unit){ .first = u->first, .nwords = u->nwords, .flags = u->flags, .code_len = u->code_len,
				   .nentries = u->nentries, .nfaults = u->nfaults };
	for (uint32_t i = 0; i < u->nrelocs; i++)
		h->row.nrelas += u->relocs[i].kind == RELOC_XABI;
	h->row.nlinks = u->nrelocs - h->row.nrelas;
	if (!hold(h, u))
		return no_memory(e);
	p->nunits++;
	b->size[XO_S_TEXT] += (u->code_len + XO_CODE_ALIGN - 1) & ~(uint64_t)(XO_CODE_ALIGN - 1);
	b->size[XO_S_PCMAP] += u->nentries * sizeof *u->entries;
	b->size[XO_S_FAULT] += u->nfaults * sizeof *u->faults;
	b->size[XO_S_LINK] += h->row.nlinks * sizeof *h->links;
	b->size[XO_S_RELA] += h->row.nrelas * sizeof *h->relas;
	b->size[XO_S_UNIT] += sizeof h->row;
	for (unsigned i = 0; i < XO_S_COUNT; i++)
		sum += b->size[i];
	/* Half of what the reader accepts: the rest is far more than pages, names and headers need.  */
	return sum > XO_FILE_MAX / 2 ? err_set(e, ST_FULL, "more translations than one .xo can hold") : ST_OK;
}

static int by_page(const void *a, const void *b)
{
	const struct held_page *x = a, *y = b;
	int d;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	if (x->flags != y->flags)
		return x->flags < y->flags ? -1 : 1;
	d = memcmp(x->bytes, y->bytes, GUEST_PAGE_SIZE + GUEST_PAGE_WORDS);
	return d ? d : (x->order > y->order) - (x->order < y->order);
}

static void put(uint8_t *image, const struct xo_layout *l, enum xo_section s, uint64_t at, const void *bytes, size_t size)
{
	if (size)
		memcpy(image + l->section[s].sh_offset + at, bytes, size);
}

static void put_unit(uint8_t *image, const struct xo_layout *l, const struct held_unit *h, struct xo_unit *row, struct xo_unit *next)
{
	*row = h->row;
	row->code = next->code;
	row->entry = next->entry;
	row->fault = next->fault;
	row->link = next->link;
	row->rela = next->rela;
	put(image, l, XO_S_TEXT, row->code, h->code, row->code_len);
	put(image, l, XO_S_PCMAP, row->entry * sizeof *h->entries, h->entries, row->nentries * sizeof *h->entries);
	put(image, l, XO_S_FAULT, row->fault * sizeof *h->faults, h->faults, row->nfaults * sizeof *h->faults);
	put(image, l, XO_S_LINK, row->link * sizeof *h->links, h->links, row->nlinks * sizeof *h->links);
	for (uint32_t i = 0; i < row->nrelas; i++) {
		struct xo_rela r = h->relas[i];

		r.offset += row->code;
		put(image, l, XO_S_RELA, (row->rela + i) * sizeof r, &r, sizeof r);
	}
	next->code = (row->code + row->code_len + XO_CODE_ALIGN - 1) & ~(XO_CODE_ALIGN - 1);
	memset(image + l->section[XO_S_TEXT].sh_offset + row->code + row->code_len, XO_CODE_FILL, next->code - row->code - row->code_len);
	next->entry += row->nentries;
	next->fault += row->nfaults;
	next->link += row->nlinks;
	next->rela += row->nrelas;
}

/* What has to be known before the layout: page and unit rows with their positions.  */
struct plan {
	struct xo_page *pages;
	struct xo_unit *units;
	uint32_t npages, nunits, nsites;
	struct xo_symbols symbols;
};

static void plan_free(struct plan *p)
{
	free(p->pages);
	free(p->units);
	free(p->symbols.sym);
	free(p->symbols.str);
}

static enum status plan_make(struct xo_builder *b, struct plan *plan, struct err *e)
{
	uint32_t code = 0, page = 0, unit = 0;
	enum status s;

	for (uint32_t i = 0; i < b->npages; i++) {
		plan->npages += b->pages[i].nunits != 0;
		plan->nunits += b->pages[i].nunits;
		for (unsigned w = 0; w < GUEST_PAGE_WORDS && b->pages[i].nunits; w++)
			plan->nsites += b->pages[i].bytes[GUEST_PAGE_SIZE + w] != 0;
	}
	plan->pages = calloc(plan->npages + 1u, sizeof *plan->pages);
	plan->units = calloc(plan->nunits + 1u, sizeof *plan->units);
	if (!plan->pages || !plan->units)
		return no_memory(e);
	for (uint32_t i = 0; i < b->npages; i++) {
		const struct held_page *h = &b->pages[i];

		if (!h->nunits)
			continue;
		plan->pages[page] = (struct xo_page){ h->page, h->flags, page, unit, h->nunits, 0 };
		page++;
		for (uint32_t k = 0; k < h->nunits; k++, unit++) {
			plan->units[unit] = h->units[k].row;
			plan->units[unit].code = code;
			code = (code + h->units[k].row.code_len + XO_CODE_ALIGN - 1) & ~(XO_CODE_ALIGN - 1);
		}
	}
	for (uint32_t i = 0; i < plan->npages; i++)
		plan->pages[i].next = xo_page_next(plan->pages, plan->npages, i);
	s = xo_symbols_make(plan->pages, plan->npages, plan->units, plan->nunits, &plan->symbols, e);
	if (s != ST_OK)
		plan->symbols = (struct xo_symbols){ 0 };
	return s;
}

static void put_all(const struct xo_builder *b, const struct plan *plan, const struct xo_layout *l, uint8_t *image)
{
	struct xo_counts counts = { .npages = plan->npages, .nunits = plan->nunits };
	struct xo_note note = { sizeof note.name, sizeof note.key + sizeof note.sha256, XO_NOTE_TYPE, XO_NOTE_NAME, b->key, { 0 } };
	struct xo_unit next = { 0 };
	uint32_t page = 0, unit = 0, site = 0;
	size_t names_size;
	const char *names = xo_section_names(&names_size);

	memcpy(image, &l->ehdr, sizeof l->ehdr);
	memcpy(image + l->ehdr.e_shoff, l->section, sizeof l->section);
	put(image, l, XO_S_NOTE, 0, &note, sizeof note);
	put(image, l, XO_S_UNIT, 0, &counts, sizeof counts);
	put(image, l, XO_S_UNIT, sizeof counts, plan->pages, plan->npages * sizeof *plan->pages);
	for (uint32_t i = 0; i < b->npages; i++) {
		const struct held_page *h = &b->pages[i];

		if (!h->nunits)
			continue;
		for (uint32_t k = 0; k < h->nunits; k++, unit++) {
			struct xo_unit row;

			put_unit(image, l, &h->units[k], &row, &next);
			put(image, l, XO_S_UNIT, sizeof counts + plan->npages * sizeof *plan->pages + unit * sizeof row, &row, sizeof row);
		}
		put(image, l, XO_S_SRC, (uint64_t)page * GUEST_PAGE_SIZE, h->bytes, GUEST_PAGE_SIZE);
		for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
			if (h->bytes[GUEST_PAGE_SIZE + w]) {
				struct xo_site s = { page, (uint16_t)w, h->bytes[GUEST_PAGE_SIZE + w], 0 };

				put(image, l, XO_S_SITE, site++ * sizeof s, &s, sizeof s);
			}
		page++;
	}
	put(image, l, XO_S_SYMTAB, 0, plan->symbols.sym, plan->symbols.nsym * sizeof *plan->symbols.sym);
	put(image, l, XO_S_STRTAB, 0, plan->symbols.str, plan->symbols.str_size);
	put(image, l, XO_S_SHSTRTAB, 0, names, names_size);
}

enum status xo_builder_image(struct xo_builder *b, uint8_t **bytes, size_t *size, struct err *e)
{
	uint64_t sizes[XO_S_COUNT];
	struct plan plan = { 0 };
	struct xo_layout l;
	struct xo_view v;
	uint8_t *image = NULL;
	enum status s;

	if (b->npages)
		qsort(b->pages, b->npages, sizeof *b->pages, by_page);
	s = plan_make(b, &plan, e);
	if (s != ST_OK)
		goto out;
	memcpy(sizes, b->size, sizeof sizes);
	sizes[XO_S_UNIT] += sizeof(struct xo_counts) + plan.npages * sizeof *plan.pages;
	sizes[XO_S_SRC] = (uint64_t)plan.npages * GUEST_PAGE_SIZE;
	sizes[XO_S_SITE] = plan.nsites * sizeof(struct xo_site);
	sizes[XO_S_SYMTAB] = plan.symbols.nsym * sizeof *plan.symbols.sym;
	sizes[XO_S_STRTAB] = plan.symbols.str_size;
	xo_layout_make(sizes, &l);
	image = l.total > XO_FILE_MAX ? NULL : calloc(1, l.total);
	if (!image) {
		s = l.total > XO_FILE_MAX ? err_set(e, ST_FULL, "more translations than one .xo can hold") : no_memory(e);
		goto out;
	}
	put_all(b, &plan, &l, image);
	s = xo_digest(image, l.total, image + l.section[XO_S_NOTE].sh_offset + offsetof(struct xo_note, sha256), e);
	if (s == ST_OK) {
		s = xo_check("new .xo", image, l.total, NULL, &v, e);
		if (s != ST_OK)
			err_context(e, "a translation breaks its contract");
		s = s == ST_FORMAT ? ST_INTERNAL : s;
	}
out:
	plan_free(&plan);
	if (s != ST_OK) {
		free(image);
		return s;
	}
	*bytes = image;
	*size = l.total;
	return ST_OK;
}

enum status xo_builder_write(struct xo_builder *b, const char *path, struct err *e)
{
	uint8_t *bytes;
	size_t size;
	enum status s = xo_builder_image(b, &bytes, &size, e);

	if (s != ST_OK)
		return s;
	s = file_write(path, bytes, size, e);
	free(bytes);
	return s;
}
