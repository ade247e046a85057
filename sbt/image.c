/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for guest memory as sbt sees it: regions, pages, and what profiles add to them.  File formats: image_file.c.
 * Invariant: after image_finish regions and pages are sorted, and depend on the inputs' contents only.
 */
#include "sbt/image.h"

#include <stdlib.h>
#include <string.h>

#include "pcmap/profile.h"

#define IMAGE_PAGES_MAX 65536u /* each costs us 16 KiB */

void image_init(struct image *img)
{
	memset(img, 0, sizeof *img);
}

void image_free(struct image *img)
{
	for (unsigned i = 0; i < img->nregions; i++)
		free(img->regions[i].bytes);
	free(img->regions);
	free(img->seeds);
	free(img->pages);
	free(img->user_sites);
	image_init(img);
}

uint32_t image_mode(gva at)
{
	if (at < 0x80000000u)
		return UNIT_MAPPED;
	return at < 0xc0000000u ? UNIT_KERNEL : UNIT_KERNEL | UNIT_MAPPED;
}

enum status image_region_add(struct image *img, const char *path, gva at, const uint8_t *bytes, size_t size, bool executable, struct err *e)
{
	struct image_region *more;
	uint8_t *copy;

	if (!size)
		return ST_OK;
	if (size > UINT32_MAX || (uint64_t)at + size > 1ull << 32)
		return err_set(e, ST_FORMAT, "%s: %zu bytes at 0x%08x do not fit the address space", path, size, at);
	if (img->nregions == img->regions_cap) {
		unsigned cap = img->regions_cap ? img->regions_cap * 2 : 16;

		more = realloc(img->regions, cap * sizeof *more);
		if (!more)
			return err_set(e, ST_NOMEM, "%s: no memory for %u regions", path, cap);
		img->regions = more;
		img->regions_cap = cap;
	}
	copy = malloc(size);
	if (!copy)
		return err_set(e, ST_NOMEM, "%s: no memory for %zu bytes", path, size);
	memcpy(copy, bytes, size);
	img->regions[img->nregions++] = (struct image_region){ .path = path, .at = at, .size = (uint32_t)size, .bytes = copy,
							       .executable = executable };
	return ST_OK;
}

enum status image_seed_add(struct image *img, gva at, enum reason reason, struct err *e)
{
	if (img->nseeds == img->seeds_cap) {
		unsigned cap = img->seeds_cap ? img->seeds_cap * 2 : 256;
		struct image_seed *more = realloc(img->seeds, cap * sizeof *more);

		if (!more)
			return err_set(e, ST_NOMEM, "no memory for %u code addresses", cap);
		img->seeds = more;
		img->seeds_cap = cap;
	}
	img->seeds[img->nseeds++] = (struct image_seed){ at, reason };
	return ST_OK;
}

static int by_address(const void *a, const void *b)
{
	const struct image_region *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

static const struct image_region *region_of(const struct image *img, gva at)
{
	unsigned lo = 0, hi = img->nregions;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (at - img->regions[mid].at < img->regions[mid].size)
			return &img->regions[mid];
		if (img->regions[mid].at < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static insn_word word_at(const uint8_t *p, bool big_endian)
{
	if (big_endian)
		return (insn_word)p[0] << 24 | (insn_word)p[1] << 16 | (insn_word)p[2] << 8 | p[3];
	return (insn_word)p[3] << 24 | (insn_word)p[2] << 16 | (insn_word)p[1] << 8 | p[0];
}

bool image_word(const struct image *img, gva at, insn_word *out)
{
	const struct image_region *r = region_of(img, at);

	if ((at & 3u) || !r || r->size - (at - r->at) < 4)
		return false;
	*out = word_at(r->bytes + (at - r->at), img->big_endian);
	return true;
}

void image_page_words(const struct image *img, const struct image_page *p, insn_word words[GUEST_PAGE_WORDS])
{
	for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++)
		words[i] = word_at(p->bytes + 4 * i, img->big_endian);
}

unsigned image_page_first(const struct image *img, gva page)
{
	unsigned lo = 0, hi = img->npages;

	while (lo < hi) {
		unsigned mid = lo + (hi - lo) / 2;

		if (img->pages[mid].page < page)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static enum status page_new(struct image *img, struct image_page **out, struct err *e)
{
	if (img->npages == IMAGE_PAGES_MAX)
		return err_set(e, ST_FULL, "more than %u MiB of code", IMAGE_PAGES_MAX / 256);
	if (img->npages == img->pages_cap) {
		unsigned cap = img->pages_cap ? img->pages_cap * 2 : 64;
		struct image_page *more = realloc(img->pages, cap * sizeof *more);

		if (!more)
			return err_set(e, ST_NOMEM, "no memory for %u pages", cap);
		img->pages = more;
		img->pages_cap = cap;
	}
	*out = &img->pages[img->npages++];
	memset(*out, 0, sizeof **out);
	return ST_OK;
}

enum status image_profile(struct image *img, const char *path, unsigned *rev, struct err *e)
{
	struct profile p;
	enum status s = profile_read(path, &p, e);

	if (s != ST_OK)
		return s;
	if (*rev && p.npages && *rev != (unsigned)p.rev)
		s = err_set(e, ST_STALE, "%s: recorded with a processor of ISA release %u, needed is release %u", path,
			    (unsigned)p.rev, *rev);
	*rev = *rev ? *rev : (unsigned)p.rev;
	for (unsigned i = 0; i < p.npages && s == ST_OK; i++) {
		const struct profile_page *from = &p.pages[i];
		bool be = from->flags & UNIT_BE;
		struct image_page *to = NULL;

		if (img->loaded && img->big_endian != be) {
			s = err_set(e, ST_STALE, "%s: page 0x%08x was recorded on a %s-endian machine, the rest is %s-endian", path,
				    from->page, be ? "big" : "little", be ? "little" : "big");
			break;
		}
		img->loaded = true;
		img->big_endian = be;
		s = page_new(img, &to, e);
		if (s != ST_OK)
			break;
		to->page = from->page;
		to->flags = from->flags;
		memcpy(to->bytes, from->bytes, sizeof to->bytes);
		memcpy(to->leaders, from->leaders, sizeof to->leaders);
		memcpy(to->sites, from->sites, sizeof to->sites);
		memset(to->code, 0xff, sizeof to->code);
		for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
			to->samples[w] = from->samples[w];
	}
	profile_free(&p);
	return s;
}

/* The image's page at @page; regions come sorted, so it is the last one or a new one.  */
static enum status region_pages(struct image *img, const struct image_region *r, struct err *e)
{
	gva first = r->at & ~GUEST_PAGE_MASK, last = (r->at + r->size - 1) & ~GUEST_PAGE_MASK;

	for (uint64_t page = first; page <= last; page += GUEST_PAGE_SIZE) {
		struct image_page *p = img->npages ? &img->pages[img->npages - 1] : NULL;
		uint64_t from = page > r->at ? page : r->at;
		uint64_t to = page + GUEST_PAGE_SIZE < (uint64_t)r->at + r->size ? page + GUEST_PAGE_SIZE : (uint64_t)r->at + r->size;

		if (!p || !p->from_image || p->page != page) {
			enum status s = page_new(img, &p, e);

			if (s != ST_OK)
				return s == ST_FULL ? err_context(e, "%s", r->path) : s;
			p->page = (gva)page;
			p->flags = image_mode(p->page) | (img->big_endian ? UNIT_BE : 0u);
			p->from_image = true;
		}
		memcpy(p->bytes + (from - page), r->bytes + (from - r->at), to - from);
		for (uint64_t w = (from - page + 3) / 4; w < (to - page) / 4; w++)
			page_bit_set(p->code, (unsigned)w);
	}
	return ST_OK;
}

static int by_page(const void *a, const void *b)
{
	const struct image_page *x = a, *y = b;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	if (x->flags != y->flags)
		return x->flags < y->flags ? -1 : 1;
	if (x->from_image != y->from_image)
		return x->from_image ? -1 : 1;
	return memcmp(x->bytes, y->bytes, sizeof x->bytes);
}

/* Give @to what @from knows about words that both have; true: @to has all of them.  */
static bool page_share(struct image_page *to, const struct image_page *from)
{
	bool all = true;

	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++) {
		if (!page_bit(to->code, w) || memcmp(to->bytes + 4 * w, from->bytes + 4 * w, 4) != 0) {
			all = false;
			continue;
		}
		if (page_bit(from->leaders, w))
			page_bit_set(to->leaders, w);
		to->sites[w] |= from->sites[w];
		to->samples[w] += from->samples[w];
	}
	return all;
}

static void pages_unite(struct image *img)
{
	unsigned n = 0, group = 0;

	for (unsigned i = 0; i < img->npages; i++) {
		struct image_page *p = &img->pages[i], *first, *last;
		bool known = false;

		if (n && (img->pages[group].page != p->page || img->pages[group].flags != p->flags))
			group = n;
		first = &img->pages[group];
		last = n > group ? &img->pages[n - 1] : NULL;
		/* Only the image's page learns from others: among recorded pages equal words need not be the same program's.  */
		if (last && first->from_image)
			known = page_share(first, p);
		if (last && !known && !last->from_image && memcmp(last->bytes, p->bytes, sizeof p->bytes) == 0)
			known = page_share(last, p);
		if (!known && n++ != i)
			img->pages[n - 1] = *p;
	}
	img->npages = n;
}

/* The table also lists instructions that fault for other reasons: only accesses can be sites.  */
static void sites_apply(struct image *img)
{
	for (unsigned i = 0; i < img->nuser_sites; i++) {
		unsigned w = (img->user_sites[i] & GUEST_PAGE_MASK) / 4, k = image_page_first(img, img->user_sites[i] & ~GUEST_PAGE_MASK);
		struct image_page *p = &img->pages[k];
		struct insn insn;

		if (k == img->npages || !p->from_image || p->page != (img->user_sites[i] & ~GUEST_PAGE_MASK) || !page_bit(p->code, w))
			continue;
		insn_decode(word_at(p->bytes + 4 * w, img->big_endian), ISA_R2, &insn);
		if (insn_flags((enum insn_op)insn.op) & (IF_LOAD | IF_STORE))
			p->sites[w] |= SITE_USER;
	}
}

static enum status regions_check(const struct image *img, struct err *e)
{
	for (unsigned i = 1; i < img->nregions; i++) {
		const struct image_region *a = &img->regions[i - 1], *b = &img->regions[i];

		if (b->at - a->at < a->size)
			return err_set(e, ST_FORMAT, "%s: 0x%08x-0x%08x overlaps 0x%08x-0x%08x", b->path, b->at, b->at + b->size - 1, a->at,
				       a->at + a->size - 1);
	}
	return ST_OK;
}

enum status image_finish(struct image *img, struct err *e)
{
	enum status checked;

	if (img->nregions)
		qsort(img->regions, img->nregions, sizeof *img->regions, by_address);
	checked = regions_check(img, e);
	if (checked != ST_OK)
		return checked;
	for (unsigned i = 0; i < img->nregions; i++) {
		enum status s = img->regions[i].executable ? region_pages(img, &img->regions[i], e) : ST_OK;

		if (s != ST_OK)
			return s;
	}
	if (img->npages)
		qsort(img->pages, img->npages, sizeof *img->pages, by_page);
	pages_unite(img);
	sites_apply(img);
	return ST_OK;
}
