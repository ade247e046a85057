/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records of windows: one struct wmap for each guest page that a window shows, keeps or is bound at, found by its place, by its RAM page
 * and by its window.  What is shown, and when, is window.c's to decide; here the host is called only to take a page away.
 */
#include "dbt-runtime/engine/internal.h"

static uint32_t wmap_hash(unsigned w, uint32_t vpn)
{
	return ((vpn ^ (w << 13)) * 2654435761u) >> (32 - WMAP_HASH_LOG2);
}

uint32_t wmap_find(const struct engine *e, unsigned w, uint32_t vpn)
{
	uint32_t i;

	for (i = e->wmap_hash[wmap_hash(w, vpn)]; i; i = e->wmaps[i].hash_next)
		if (e->wmaps[i].vpn == vpn && e->wmaps[i].window == w)
			return i;
	return 0;
}

static void window_link(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	m->window_prev = 0;
	m->window_next = e->windows[m->window].first;
	if (m->window_next)
		e->wmaps[m->window_next].window_prev = i;
	e->windows[m->window].first = i;
}

static void window_unlink(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	if (m->window_prev)
		e->wmaps[m->window_prev].window_next = m->window_next;
	else
		e->windows[m->window].first = m->window_next;
	if (m->window_next)
		e->wmaps[m->window_next].window_prev = m->window_prev;
}

static void page_link(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	m->page_prev = 0;
	m->page_next = e->page_wmaps[m->pfn];
	if (m->page_next)
		e->wmaps[m->page_next].page_prev = i;
	e->page_wmaps[m->pfn] = i;
}

static void page_unlink(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	if (m->page_prev)
		e->wmaps[m->page_prev].page_next = m->page_next;
	else
		e->page_wmaps[m->pfn] = m->page_next;
	if (m->page_next)
		e->wmaps[m->page_next].page_prev = m->page_prev;
}

uint32_t wmap_new(struct engine *e, unsigned w, uint32_t vpn, uint32_t pfn)
{
	uint32_t i = e->free_wmap, *head = &e->wmap_hash[wmap_hash(w, vpn)];
	struct wmap *m;

	if (i)
		e->free_wmap = e->wmaps[i].hash_next;
	else if (e->nwmaps < WMAPS_MAX)
		i = e->nwmaps++;
	else
		return 0;
	m = &e->wmaps[i];
	*m = (struct wmap){ .pfn = pfn, .vpn = vpn, .window = (uint8_t)w };
	m->hash_next = *head;
	*head = i;
	page_link(e, i);
	window_link(e, i);
	return i;
}

void wmap_trust(struct engine *e, struct wmap *m)
{
	e->windows[m->window].doubts -= m->doubt;
	m->doubt = false;
}

void wmap_free(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];
	uint32_t *p = &e->wmap_hash[wmap_hash(m->window, m->vpn)];

	while (*p != i)
		p = &e->wmaps[*p].hash_next;
	*p = m->hash_next;
	page_unlink(e, i);
	window_unlink(e, i);
	wmap_trust(e, m);
	m->hash_next = e->free_wmap;
	e->free_wmap = i;
}

static void zero_page(uint64_t addr)
{
	__builtin_memset((void *)(uintptr_t)addr, 0, GUEST_PAGE_SIZE);
}

void wmap_unbind(struct engine *e, struct wmap *m)
{
	if (!m->vpage)
		return;
	e->vpages[m->vpage].windows &= ~(1ull << m->window);
	m->vpage = 0;
	zero_page(window_mirror(m->window) + ((uint64_t)m->vpn << GUEST_PAGE_LOG2));
}

void wmap_unmapped(struct engine *e, struct wmap *m)
{
	e->nmapped -= m->mapped;
	e->windows[m->window].mapped -= m->mapped;
	e->nkept -= m->mapped && !m->prot;
	m->mapped = false;
	m->prot = HOST_NONE;
}

void wmap_drop(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	wmap_unbind(e, m);
	if (m->prot)
		event_put(e, (struct engine_event){ EVENT_PAGE_DROPPED, { m->window, m->vpn << GUEST_PAGE_LOG2 } });
	if (m->mapped)
		e->failed |= !e->host->unmap(e->host->opaque, page_addr(m->window, m->vpn), GUEST_PAGE_SIZE);
	wmap_unmapped(e, m);
	wmap_free(e, i);
}

void wmap_repoint(struct engine *e, uint32_t i, uint32_t pfn)
{
	wmap_unbind(e, &e->wmaps[i]);
	page_unlink(e, i);
	e->wmaps[i].pfn = pfn;
	page_link(e, i);
}

void wmap_doubt(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	if (m->doubt)
		return;
	m->doubt = true;
	e->windows[m->window].doubts++;
	window_unlink(e, i);
	window_link(e, i);
}
