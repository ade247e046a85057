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
	uint64_t size;               /* of all units so far */
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

	if (!p || u->page != p->page || u->first >= GUEST_PAGE_WORDS || !u->code_len || !u->nentries)
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
	b->size += u->code_len + XO_CODE_ALIGN + sizeof h->row + u->nentries * sizeof *u->entries + u->nfaults * sizeof *u->faults +
		   h->row.nlinks * sizeof *h->links + h->row.nrelas * sizeof *h->relas;
	/* Half of what the reader accepts: the rest is far more than pages, names and headers need.  */
	return b->size > XO_FILE_MAX / 2 ? err_set(e, ST_FULL, "more translations than one .xo can hold") : ST_OK;
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

/* --- laying out --- */

/* What is known before the bytes are put into place: page records with their positions.  */
struct plan {
	struct xo_page *pages;   /* npages and the end mark */
	uint32_t npages;
	const struct held_page **held; /* the same pages */
	struct xo_unit *units;   /* all, with their positions */
	struct xo_symbols symbols;
	struct xo_layout l;
};

static void plan_free(struct plan *p)
{
	free(p->pages);
	free(p->held);
	free(p->units);
	free(p->symbols.sym);
	free(p->symbols.str);
}

static uint32_t aligned(uint32_t code_len)
{
	return (code_len + XO_CODE_ALIGN - 1) & ~(XO_CODE_ALIGN - 1);
}

static uint32_t nsites(const struct held_page *h)
{
	uint32_t n = 0;

	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
		n += h->bytes[GUEST_PAGE_SIZE + w] != 0;
	return n;
}

/* Give the units of @h their positions in the page record's parts.  What the parts hold in the end is where the next record's begin.  */
static void plan_page(const struct held_page *h, struct xo_page *p, struct xo_unit *units)
{
	struct xo_unit next = { 0 };

	p->page = h->page;
	p->flags = h->flags;
	for (uint32_t k = 0; k < h->nunits; k++) {
		struct xo_unit *u = &units[k];

		*u = h->units[k].row;
		u->code = next.code;
		u->entry = next.entry;
		u->fault = next.fault;
		u->link = next.link;
		u->rela = next.rela;
		next.code += aligned(u->code_len);
		next.entry += u->nentries;
		next.fault += u->nfaults;
		next.link += u->nlinks;
		next.rela += u->nrelas;
	}
	p[1].first[XO_PART_TEXT] = p->first[XO_PART_TEXT] + next.code;
	p[1].first[XO_PART_UNIT] = p->first[XO_PART_UNIT] + h->nunits;
	p[1].first[XO_PART_PCMAP] = p->first[XO_PART_PCMAP] + next.entry;
	p[1].first[XO_PART_FAULT] = p->first[XO_PART_FAULT] + next.fault;
	p[1].first[XO_PART_LINK] = p->first[XO_PART_LINK] + next.link;
	p[1].first[XO_PART_RELA] = p->first[XO_PART_RELA] + next.rela;
	p[1].first[XO_PART_SRC] = p->first[XO_PART_SRC] + GUEST_PAGE_SIZE;
	p[1].first[XO_PART_SITE] = p->first[XO_PART_SITE] + nsites(h);
}

static enum status plan_make(const struct xo_builder *b, struct plan *plan, struct err *e)
{
	uint64_t size[XO_S_COUNT] = { 0 };
	uint32_t nunits = 0;
	enum status s;

	for (uint32_t i = 0; i < b->npages; i++)
		nunits += b->pages[i].nunits;
	plan->pages = calloc(b->npages + 1u, sizeof *plan->pages);
	plan->held = calloc(b->npages + 1u, sizeof *plan->held);
	plan->units = calloc(nunits + 1u, sizeof *plan->units);
	if (!plan->pages || !plan->held || !plan->units)
		return no_memory(e);
	for (uint32_t i = 0; i < b->npages; i++) {
		struct xo_page *p = &plan->pages[plan->npages];

		if (!b->pages[i].nunits)
			continue;
		plan->held[plan->npages++] = &b->pages[i];
		plan_page(&b->pages[i], p, plan->units + p->first[XO_PART_UNIT]);
	}
	s = xo_symbols_make(plan->pages, plan->npages, plan->units, &plan->symbols, e);
	if (s != ST_OK) {
		plan->symbols = (struct xo_symbols){ 0 };
		return s;
	}
	for (unsigned i = 0; i < XO_PART_COUNT; i++)
		size[xo_part_section[i]] = (uint64_t)plan->pages[plan->npages].first[i] * xo_part_bytes[i];
	size[XO_S_PAGE] = (plan->npages + 1u) * sizeof *plan->pages;
	size[XO_S_SYMTAB] = plan->symbols.nsym * sizeof *plan->symbols.sym;
	size[XO_S_STRTAB] = plan->symbols.str_size;
	xo_layout_make(size, &plan->l);
	return ST_OK;
}

static void put(uint8_t *image, const struct xo_layout *l, enum xo_section s, uint64_t at, const void *bytes, size_t size)
{
	if (size)
		memcpy(image + l->section[s].sh_offset + at, bytes, size);
}

static void put_unit(uint8_t *image, const struct plan *plan, const struct xo_page *p, const struct xo_unit *u, const struct held_unit *h)
{
	const struct xo_layout *l = &plan->l;
	uint32_t code = p->first[XO_PART_TEXT] + u->code;

	put(image, l, XO_S_TEXT, code, h->code, u->code_len);
	memset(image + l->section[XO_S_TEXT].sh_offset + code + u->code_len, XO_CODE_FILL, aligned(u->code_len) - u->code_len);
	put(image, l, XO_S_PCMAP, (p->first[XO_PART_PCMAP] + u->entry) * sizeof *h->entries, h->entries, u->nentries * sizeof *h->entries);
	put(image, l, XO_S_FAULT, (p->first[XO_PART_FAULT] + u->fault) * sizeof *h->faults, h->faults, u->nfaults * sizeof *h->faults);
	put(image, l, XO_S_LINK, (p->first[XO_PART_LINK] + u->link) * sizeof *h->links, h->links, u->nlinks * sizeof *h->links);
	for (uint32_t i = 0; i < u->nrelas; i++) {
		struct xo_rela r = h->relas[i];

		r.offset += code;
		put(image, l, XO_S_RELA, (p->first[XO_PART_RELA] + u->rela + i) * sizeof r, &r, sizeof r);
	}
}

static void put_page(uint8_t *image, const struct plan *plan, uint32_t i)
{
	struct xo_page *p = &plan->pages[i];
	const struct held_page *h = plan->held[i];
	const struct xo_unit *units = plan->units + p->first[XO_PART_UNIT];
	uint32_t site = p->first[XO_PART_SITE];
	struct xo_tables t = { .text_at = p->first[XO_PART_TEXT] };

	put(image, &plan->l, XO_S_UNIT, p->first[XO_PART_UNIT] * sizeof *units, units, h->nunits * sizeof *units);
	for (uint32_t k = 0; k < h->nunits; k++)
		put_unit(image, plan, p, &units[k], &h->units[k]);
	put(image, &plan->l, XO_S_SRC, p->first[XO_PART_SRC], h->bytes, GUEST_PAGE_SIZE);
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
		if (h->bytes[GUEST_PAGE_SIZE + w]) {
			struct xo_site s = { (uint16_t)w, h->bytes[GUEST_PAGE_SIZE + w], 0 };

			put(image, &plan->l, XO_S_SITE, site++ * sizeof s, &s, sizeof s);
		}
	for (unsigned k = 0; k < XO_PART_COUNT; k++)
		xo_part_set(&t, p, (enum xo_part)k,
			    image + plan->l.section[xo_part_section[k]].sh_offset + (uint64_t)p->first[k] * xo_part_bytes[k]);
	p->sum = xo_page_sum(&t);
}

static void put_all(const struct xo_builder *b, const struct plan *plan, uint8_t *image)
{
	struct xo_note note = { sizeof note.name, sizeof note.key + sizeof note.sum, XO_NOTE_TYPE, XO_NOTE_NAME, b->key, { 0 } };
	const struct xo_layout *l = &plan->l;
	size_t names_size;
	const char *names = xo_section_names(&names_size);
	uint64_t sum;

	memcpy(image, &l->ehdr, sizeof l->ehdr);
	memcpy(image + XO_SECTIONS_AT, l->section, sizeof l->section);
	for (uint32_t i = 0; i < plan->npages; i++)
		put_page(image, plan, i);
	put(image, l, XO_S_SYMTAB, 0, plan->symbols.sym, plan->symbols.nsym * sizeof *plan->symbols.sym);
	put(image, l, XO_S_STRTAB, 0, plan->symbols.str, plan->symbols.str_size);
	put(image, l, XO_S_SHSTRTAB, 0, names, names_size);
	put(image, l, XO_S_PAGE, 0, plan->pages, l->section[XO_S_PAGE].sh_size);
	put(image, l, XO_S_NOTE, 0, &note, sizeof note);
	sum = xo_head_sum(image, l->head);
	put(image, l, XO_S_NOTE, offsetof(struct xo_note, sum), &sum, sizeof sum);
}

enum status xo_builder_image(struct xo_builder *b, uint8_t **bytes, size_t *size, struct err *e)
{
	struct plan plan = { 0 };
	uint8_t *image = NULL;
	enum status s;

	if (b->npages)
		qsort(b->pages, b->npages, sizeof *b->pages, by_page);
	s = plan_make(b, &plan, e);
	if (s != ST_OK)
		goto out;
	image = plan.l.total > XO_FILE_MAX ? NULL : calloc(1, plan.l.total);
	if (!image) {
		s = plan.l.total > XO_FILE_MAX ? err_set(e, ST_FULL, "more translations than one .xo can hold") : no_memory(e);
		goto out;
	}
	put_all(b, &plan, image);
	s = xo_check("new .xo", image, plan.l.total, NULL, e);
	if (s != ST_OK)
		err_context(e, "a translation breaks its contract");
	s = s == ST_FORMAT ? ST_INTERNAL : s;
out:
	if (s == ST_OK) {
		*bytes = image;
		*size = plan.l.total;
	} else {
		free(image);
	}
	plan_free(&plan);
	return s;
}

enum status xo_builder_write(struct xo_builder *b, const char *path, uint64_t *written, struct err *e)
{
	uint8_t *bytes;
	size_t size;
	enum status s = xo_builder_image(b, &bytes, &size, e);

	if (s != ST_OK)
		return s;
	s = file_write(path, bytes, size, e);
	free(bytes);
	*written = size;
	return s;
}
