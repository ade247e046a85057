/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages that hold code: what was translated from them, and what a guest write takes back.
 *
 * Invariant I4: a write to translated bytes is seen before the next fetch from them.  A page with live units is
 * write-protected in every window and flagged PAGE_CODE for the interpreter, so each write comes here first.
 * A write kills exactly the units it touches; a page that is written again and again loses all of them and is writable until its
 * code has been met (and interpreted) a growing number of times.
 */
#include "dbt-runtime/engine/internal.h"

#define WRITES_MAX 6u    /* writes to a protected page before it is given up */
#define COOL_FIRST 4u    /* log2 of the misses interpreted before translating again, after the page was given up repeatedly */
#define COOL_LAST 14u
#define DROPS_FREE 8u    /* giving a page up this often costs nothing: pages are recycled */

uint32_t vpage_find(const struct engine *e, uint32_t pfn, gva page, uint32_t flags)
{
	uint32_t c = e->page_cpage[pfn], v;

	for (v = c ? e->cpages[c].vpages : 0; v; v = e->vpages[v].next)
		if (e->vpages[v].page == page && e->vpages[v].flags == flags)
			return v;
	return 0;
}

uint32_t vpage_get(struct engine *e, uint32_t pfn, gva page, uint32_t flags)
{
	uint32_t v = vpage_find(e, pfn, page, flags), c = e->page_cpage[pfn];
	struct vpage *p;

	if (v)
		return v;
	if (e->nvpages == VPAGES_MAX || (!c && e->ncpages == CPAGES_MAX)) {
		cache_flush(e);
		c = 0;
	}
	if (!c) {
		c = e->ncpages++;
		e->cpages[c] = (struct cpage){ .pfn = pfn };
		e->page_cpage[pfn] = c;
	}
	v = e->nvpages++;
	p = &e->vpages[v];
	__builtin_memset(p, 0, sizeof *p);
	p->cpage = c;
	p->page = page;
	p->flags = flags;
	p->next = e->cpages[c].vpages;
	e->cpages[c].vpages = v;
	return v;
}

bool codepage_protect(struct engine *e, struct cpage *c)
{
	struct ram_bank *b;
	uint32_t index;

	c->writes = 0;
	if (c->code || !pfn_host(e, c->pfn, &b, &index))
		return true;
	if (!window_protect(e, c->pfn))
		return false;
	c->code = true;
	b->flags[index] |= PAGE_CODE;
	interp_flush(e->cpu); /* it may hold the page as writable */
	return true;
}

static void codepage_unprotect(struct engine *e, struct cpage *c)
{
	struct ram_bank *b;
	uint32_t index;

	if (!c->code || !pfn_host(e, c->pfn, &b, &index))
		return;
	c->code = false;
	b->flags[index] &= (uint8_t)~PAGE_CODE;
	window_unprotect(e, c->pfn);
}

/* A vpage lost an entry: the mirrors must not lead to it any more.  */
static void entry_clear(struct vpage *v, unsigned word)
{
	uint64_t w;

	v->mirror[word] = v->link[word] = 0;
	for (w = v->windows; w; w &= w - 1)
		*(uint32_t *)(uintptr_t)(window_mirror((unsigned)__builtin_ctzll(w)) + v->page + 4ul * word) = 0;
}

void unit_kill(struct engine *e, uint32_t unit)
{
	struct punit *u = &e->units[unit];
	struct vpage *v = &e->vpages[u->vpage];
	uint32_t *p = &v->units;
	unsigned word;

	if (!u->live)
		return;
	u->live = false;
	e->stats.units_disabled++;
	e->cpu->leave = 1;
	while (*p != unit)
		p = &e->units[*p].next;
	*p = u->next;
	for (word = u->first; word < (unsigned)u->first + u->nwords; word++)
		if (v->mirror[word] - u->code < u->code_len)
			entry_clear(v, word);
	place_unlink(e, u);
}

void codepage_recover_cover(struct engine *e, struct cpage *c)
{
	uint32_t v, u;
	unsigned word;

	__builtin_memset(c->covered, 0, sizeof c->covered);
	for (v = c->vpages; v; v = e->vpages[v].next)
		for (u = e->vpages[v].units; u; u = e->units[u].next)
			for (word = e->units[u].first; word < (unsigned)e->units[u].first + e->units[u].nwords; word++)
				page_bit_set(c->covered, word);
}

void codepage_drop(struct engine *e, struct cpage *c)
{
	uint32_t v;

	for (v = c->vpages; v; v = e->vpages[v].next) {
		while (e->vpages[v].units)
			unit_kill(e, e->vpages[v].units);
		e->vpages[v].xo_asked = 0;
	}
	__builtin_memset(c->covered, 0, sizeof c->covered);
	codepage_unprotect(e, c);
}

static bool touches(const struct cpage *c, unsigned offset, unsigned size)
{
	unsigned word;

	for (word = offset / 4; word <= (offset + size - 1) / 4; word++)
		if (page_bit(c->covered, word))
			return true;
	return false;
}

void codepage_written(struct engine *e, uint32_t pfn, unsigned offset, unsigned size)
{
	uint32_t ci = e->page_cpage[pfn], v, u, next;
	struct cpage *c = &e->cpages[ci];
	unsigned from = offset / 4, to = (offset + size - 1) / 4;
	uint64_t dead = e->stats.units_disabled;

	if (!ci || !c->code)
		return;
	if (++c->writes >= WRITES_MAX) {
		codepage_drop(e, c);
		if (++c->drops > DROPS_FREE) {
			unsigned log2 = COOL_FIRST + c->drops - DROPS_FREE;

			c->cool = 1u << (log2 < COOL_LAST ? log2 : COOL_LAST);
		}
		event_put_page(e, pfn, (struct engine_event){ EVENT_CODE_DROPPED, { 0, c->writes, killed_since(e, dead), c->cool } });
		return;
	}
	for (v = c->vpages; v; v = e->vpages[v].next)
		e->vpages[v].xo_asked = 0; /* bytes may have come back for which there is code */
	if (touches(c, offset, size)) {
		for (v = c->vpages; v; v = e->vpages[v].next)
			for (u = e->vpages[v].units; u; u = next) {
				next = e->units[u].next;
				if (e->units[u].first <= to && (unsigned)e->units[u].first + e->units[u].nwords > from)
					unit_kill(e, u);
			}
		codepage_recover_cover(e, c);
	}
	event_put_page(e, pfn, (struct engine_event){ EVENT_CODE_WRITTEN, { 0, offset, size, killed_since(e, dead) } });
}
