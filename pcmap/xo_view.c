/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking things up in a checked .xo.  Freestanding; trusts the view, which xo_open has checked.
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

uint8_t xo_site_flags(const struct xo_view *v, const struct xo_page *p, unsigned word)
{
	uint32_t lo = 0, hi = v->nsites, page = (uint32_t)(p - v->pages);

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct xo_site *s = &v->sites[mid];

		if (s->page < page || (s->page == page && s->word < word))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < v->nsites && v->sites[lo].page == page && v->sites[lo].word == word ? v->sites[lo].flags : 0;
}
