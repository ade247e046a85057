/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking things up in a checked .xo.  Freestanding; trusts view and tables, which have been checked.
 */
#include "pcmap/xo.h"

const struct xo_page *xo_find(const struct xo_view *v, gva page, uint32_t flags)
{
	uint32_t lo = 0, hi = v->npages;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct xo_page *p = &v->pages[mid];

		if (p->page < page || (p->page == page && p->flags < flags))
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == v->npages || v->pages[lo].page != page || v->pages[lo].flags != flags)
		return NULL;
	return &v->pages[lo];
}

const uint32_t xo_part_bytes[XO_PART_COUNT] = {
#define XO_PART_BYTES(name, section, type) sizeof(type),
	XO_PARTS(XO_PART_BYTES)
#undef XO_PART_BYTES
};

uint64_t xo_page_size(const struct xo_page *p)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < XO_PART_COUNT; i++)
		n += (uint64_t)xo_part_size(p, (enum xo_part)i) * xo_part_bytes[i];
	return n;
}

uint8_t xo_site_flags(const struct xo_tables *t, unsigned word)
{
	uint32_t lo = 0, hi = t->nsites;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (t->sites[mid].word < word)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->nsites && t->sites[lo].word == word ? t->sites[lo].flags : 0;
}
