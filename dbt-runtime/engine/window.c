/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows: which guest pages stand where in host memory, and with which protection.
 *
 * A window is a cache of what the TLB says, filled by faults.  Nothing here decides what the guest sees: a page that is not
 * mapped is found again through mmu_lookup.  A data mapping and a mirror binding of one page share one struct wmap.
 * kseg0 RAM is mapped once, in large pieces, and has no wmap for its data.
 */
#include "dbt-runtime/engine/internal.h"

/* One-page host mappings and protected pages: each can split a VMA in two, and Linux allows 65530.  */
#define MAPPED_MAX 31000u
#define PROTECTED_MAX 20000u

/* A mirror keeps its memory over this many bindings: to give it back and take it again costs two host faults a page.  */
#define BINDS_KEPT 256u
#define RUN_PAGES_MAX 16u /* pages shown with one host mapping */

_Static_assert(WMAPS_MAX <= HOST_MIRROR_PAGES_MAX, "a mirror page that is not zero has a wmap");

static uint32_t wmap_hash(unsigned w, uint32_t vpn)
{
	return ((vpn ^ (w << 13)) * 2654435761u) >> (32 - WMAP_HASH_LOG2);
}

static uint32_t wmap_find(const struct engine *e, unsigned w, uint32_t vpn)
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

static uint32_t wmap_new(struct engine *e, unsigned w, uint32_t vpn, uint32_t pfn)
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
	m->page_next = e->page_wmaps[pfn];
	if (m->page_next)
		e->wmaps[m->page_next].page_prev = i;
	e->page_wmaps[pfn] = i;
	window_link(e, i);
	return i;
}

/* Unlink from all lists; the host side has been undone.  */
static void wmap_free(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];
	uint32_t *p = &e->wmap_hash[wmap_hash(m->window, m->vpn)];

	while (*p != i)
		p = &e->wmaps[*p].hash_next;
	*p = m->hash_next;
	if (m->page_prev)
		e->wmaps[m->page_prev].page_next = m->page_next;
	else
		e->page_wmaps[m->pfn] = m->page_next;
	if (m->page_next)
		e->wmaps[m->page_next].page_prev = m->page_prev;
	window_unlink(e, i);
	e->windows[m->window].doubts -= m->doubt;
	m->hash_next = e->free_wmap;
	e->free_wmap = i;
}

static void zero_page(uint64_t addr)
{
	__builtin_memset((void *)(uintptr_t)addr, 0, GUEST_PAGE_SIZE);
}

static void wmap_unbind(struct engine *e, struct wmap *m)
{
	if (!m->vpage)
		return;
	e->vpages[m->vpage].windows &= ~(1ull << m->window);
	m->vpage = 0;
	zero_page(window_mirror(m->window) + ((uint64_t)m->vpn << GUEST_PAGE_LOG2));
}

/* Take one page out of a window altogether.  */
static void wmap_drop(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	wmap_unbind(e, m);
	if (m->prot) {
		event_put(e, (struct engine_event){ EVENT_PAGE_DROPPED, { m->window, m->vpn << GUEST_PAGE_LOG2 } });
		e->failed |= !e->host->unmap(e->host->opaque, window_data(m->window) + ((uint64_t)m->vpn << GUEST_PAGE_LOG2), GUEST_PAGE_SIZE);
		e->nmapped--;
	}
	wmap_free(e, i);
}

/* Empty a window: at most one host call for the data and one for the mirror, however many pages.  */
static void window_clear(struct engine *e, unsigned w, gva from, uint64_t length)
{
	bool keep = e->windows[w].binds <= BINDS_KEPT;
	uint32_t i, next, mapped = 0;

	for (i = e->windows[w].first; i; i = next) {
		struct wmap *m = &e->wmaps[i];

		next = m->window_next;
		if (((uint64_t)m->vpn << GUEST_PAGE_LOG2) - from >= length)
			continue;
		if (m->vpage) {
			e->vpages[m->vpage].windows &= ~(1ull << w);
			if (keep)
				zero_page(window_mirror(w) + ((uint64_t)m->vpn << GUEST_PAGE_LOG2));
		}
		if (m->prot) {
			e->nmapped--;
			mapped++;
		}
		wmap_free(e, i);
	}
	if (mapped) {
		e->failed |= !e->host->unmap(e->host->opaque, window_data(w) + from, length);
		event_put(e, (struct engine_event){ EVENT_WINDOW_CLEARED, { w, from, (gva)(from + length - 1), mapped } });
	}
	if (keep)
		return;
	e->host->zero(e->host->opaque, window_mirror(w) + from, length);
	if (length == 1ull << 32)
		e->windows[w].binds = 0;
}

static void window_release(struct engine *e, unsigned w)
{
	if (!e->windows[w].used)
		return;
	window_clear(e, w, 0, 1ull << 32);
	event_put(e, (struct engine_event){ EVENT_WINDOW_TAKEN, { w, e->windows[w].asid } });
	e->asid_window[e->windows[w].asid] = 0;
	e->windows[w].used = false;
}

/* The user window used longest ago, the current ASID's excepted; 0: there is none.  */
static unsigned window_oldest(const struct engine *e)
{
	unsigned w, oldest = 0, now = e->asid_window[e->cpu->entryhi & 0xffu];

	for (w = WINDOW_FIRST_USER; w < XABI_WINDOWS_MAX; w++)
		if (e->windows[w].used && w != now && (!oldest || e->windows[w].last_used < e->windows[oldest].last_used))
			oldest = w;
	return oldest;
}

bool windows_evict(struct engine *e)
{
	unsigned w = window_oldest(e);
	uint32_t before = e->nmapped, records = e->free_wmap;

	e->stats.window_evictions++;
	if (w) {
		window_release(e, w);
		return true;
	}
	w = e->asid_window[e->cpu->entryhi & 0xffu];
	if (w)
		window_clear(e, w, 0, 1ull << 32);
	window_clear(e, WINDOW_BOOT, 0, 1ull << 32);
	window_clear(e, WINDOW_KERNEL, 0xa0000000u, 0x60000000u);
	return e->nmapped < before || e->free_wmap != records;
}

/* Is there room for one more host mapping?  */
static bool windows_room(struct engine *e)
{
	while (e->nmapped + e->nprotected >= MAPPED_MAX)
		if (!windows_evict(e))
			return false;
	return true;
}

static unsigned window_for_asid(struct engine *e, uint8_t asid)
{
	unsigned w = e->asid_window[asid];

	if (!w) {
		for (w = WINDOW_FIRST_USER; w < XABI_WINDOWS_MAX && e->windows[w].used; w++)
			;
		if (w == XABI_WINDOWS_MAX) {
			w = window_oldest(e);
			window_release(e, w);
			e->stats.window_evictions++;
		}
		e->windows[w].used = true;
		e->windows[w].asid = asid;
		e->asid_window[asid] = (uint8_t)w;
		event_put(e, (struct engine_event){ EVENT_WINDOW_GIVEN, { w, asid } });
	}
	e->windows[w].last_used = ++e->clock;
	return w;
}

bool windows_init(struct engine *e)
{
	struct cpu *c = e->cpu;
	unsigned i;

	e->windows[WINDOW_KERNEL].used = e->windows[WINDOW_BOOT].used = true;
	if (!e->translate)
		return true;
	for (i = 0; i < c->nbanks; i++) {
		const struct ram_bank *b = &c->bank[i];
		uint64_t size = b->size;

		if (b->base >= 0x20000000u)
			continue;
		if (size > 0x20000000u - b->base)
			size = 0x20000000u - b->base;
		if (!(b->flags[0] & PAGE_ROM) &&
		    !e->host->map(e->host->opaque, window_data(WINDOW_KERNEL) + 0x80000000u + b->base, b->offset, size, HOST_READ | HOST_WRITE))
			return false;
	}
	return true;
}

void windows_select(struct engine *e)
{
	struct cpu *c = e->cpu;
	unsigned user;

	if (!e->translate)
		return;
	if (c->status & ST_ERL)
		user = WINDOW_BOOT;
	else
		user = window_for_asid(e, (uint8_t)(c->entryhi & 0xffu));
	e->user_window = user;
	if (cpu_user_mode(c)) {
		windows_settle(e);
		c->user_base = c->mem_base = window_data(user);
		c->mirror = window_mirror(user);
	} else {
		c->user_base = e->windows[user].doubts ? WINDOW_VOID : window_data(user);
		c->mem_base = window_data(WINDOW_KERNEL);
		c->mirror = window_mirror(WINDOW_KERNEL);
	}
}

bool window_of(struct engine *e, gva va, unsigned *w)
{
	struct cpu *c = e->cpu;

	if (va < 0x80000000u)
		*w = c->status & ST_ERL ? WINDOW_BOOT : window_for_asid(e, (uint8_t)(c->entryhi & 0xffu));
	else if (cpu_user_mode(c))
		return false;
	else
		*w = WINDOW_KERNEL;
	return true;
}

/* The page of a bank that @pa is in, whoever answers there.  */
static bool page_at(const struct engine *e, gpa pa, uint32_t *pfn, uint8_t *flags)
{
	const struct cpu *c = e->cpu;
	unsigned i;

	for (i = 0; i < c->nbanks; i++)
		if (pa - c->bank[i].base < c->bank[i].size) {
			*pfn = (uint32_t)((c->bank[i].offset + (pa - c->bank[i].base)) >> GUEST_PAGE_LOG2);
			*flags = c->bank[i].flags[(pa - c->bank[i].base) >> GUEST_PAGE_LOG2];
			return true;
		}
	return false;
}

bool ram_pfn(const struct engine *e, gpa pa, uint32_t *pfn)
{
	uint8_t flags;

	return page_at(e, pa, pfn, &flags) && !(flags & PAGE_DEVICE);
}

bool window_device(const struct engine *e, gpa pa, bool store)
{
	uint32_t pfn;
	uint8_t flags;

	if (!page_at(e, pa, &pfn, &flags))
		return true;
	return store ? flags & PAGE_ROM : (flags & (PAGE_DEVICE | PAGE_BLANK)) == PAGE_DEVICE;
}

uint8_t *pfn_host(const struct engine *e, uint32_t pfn, struct ram_bank **bank, uint32_t *index)
{
	struct cpu *c = e->cpu;
	uint64_t offset = (uint64_t)pfn << GUEST_PAGE_LOG2;
	unsigned i;

	for (i = 0; i < c->nbanks; i++)
		if (offset - c->bank[i].offset < c->bank[i].size) {
			*bank = &c->bank[i];
			*index = (uint32_t)((offset - c->bank[i].offset) >> GUEST_PAGE_LOG2);
			return c->bank[i].host + (offset - c->bank[i].offset);
		}
	return NULL;
}

void event_put_page(struct engine *e, uint32_t pfn, struct engine_event v)
{
	struct ram_bank *b;
	uint32_t index;

	if (!event_on(e, (enum event_kind)v.kind) || !pfn_host(e, pfn, &b, &index))
		return;
	v.arg[0] = (uint32_t)(b->base >> GUEST_PAGE_LOG2) + index;
	event_put(e, v);
}

static uint8_t *pfn_flags(const struct engine *e, uint32_t pfn)
{
	struct ram_bank *b;
	uint32_t index;

	return pfn_host(e, pfn, &b, &index) ? &b->flags[index] : NULL;
}

static uint32_t wmap_get(struct engine *e, unsigned w, uint32_t vpn, uint32_t pfn)
{
	uint32_t i = wmap_find(e, w, vpn);

	if (i && e->wmaps[i].pfn != pfn) { /* the TLB maps another page here now */
		wmap_drop(e, i);
		i = 0;
	}
	if (!i)
		i = wmap_new(e, w, vpn, pfn);
	if (!i && windows_evict(e)) /* out of records */
		i = wmap_new(e, w, vpn, pfn);
	return i;
}

static unsigned page_prot(const struct engine *e, uint32_t pfn, const struct mmu_result *r)
{
	return HOST_READ | (r->writable && !(*pfn_flags(e, pfn) & (PAGE_CODE | PAGE_ROM)) ? HOST_WRITE : 0);
}

/* Can the page of @va, not shown yet, be shown by a mapping of @pfn with @prot?  */
static bool page_joins(const struct engine *e, unsigned w, gva va, uint32_t pfn, unsigned prot)
{
	uint32_t i = wmap_find(e, w, va >> GUEST_PAGE_LOG2), p;
	struct mmu_result r;

	if (i && e->wmaps[i].prot)
		return false;
	(void)mmu_lookup(e->cpu, va, ACCESS_LOAD, &r);
	return r.exc == EXC_NONE && r.mapped && (w != WINDOW_KERNEL || r.global) && ram_pfn(e, r.pa, &p) && p == pfn &&
	       page_prot(e, p, &r) == prot;
}

/* Pages from @va on (@up) or in front of it that the TLB translates to neighbours of @pfn: how many more one mapping can show.  */
static unsigned run_length(const struct engine *e, unsigned w, gva va, uint32_t pfn, unsigned prot, bool up, unsigned max)
{
	unsigned n = 0;

	while (n < max) {
		gva at = up ? va + (n + 1) * GUEST_PAGE_SIZE : va - (n + 1) * GUEST_PAGE_SIZE;

		if (((at ^ va) & 0x80000000u) || !page_joins(e, w, at, up ? pfn + n + 1 : pfn - n - 1, prot))
			break;
		n++;
	}
	return n;
}

/* Show @n pages; there are records for all of them, and host mappings.  */
static bool run_map(struct engine *e, unsigned w, uint32_t vpn, uint32_t pfn, unsigned n, unsigned prot)
{
	uint32_t i, k;

	for (k = 0; k < n; k++)
		if (!wmap_get(e, w, vpn + k, pfn + k))
			return false;
	if (!e->host->map(e->host->opaque, window_data(w) + ((uint64_t)vpn << GUEST_PAGE_LOG2), (uint64_t)pfn << GUEST_PAGE_LOG2,
			  (uint64_t)n << GUEST_PAGE_LOG2, prot))
		return false;
	for (k = 0; k < n; k++) {
		i = wmap_find(e, w, vpn + k);
		if (!e->wmaps[i].prot)
			e->nmapped++;
		e->wmaps[i].prot = (uint8_t)prot;
	}
	event_put_page(e, pfn, (struct engine_event){ EVENT_PAGES_SHOWN, { 0, w, vpn << GUEST_PAGE_LOG2, n, (prot & HOST_WRITE) != 0 } });
	return true;
}

bool window_map(struct engine *e, unsigned w, gva va, const struct mmu_result *r, bool store)
{
	gva page = va & ~GUEST_PAGE_MASK;
	uint32_t pfn;
	unsigned prot, before = 0, behind = 0;

	if (!ram_pfn(e, r->pa, &pfn))
		return false;
	/* Kernel addresses that depend on the ASID have no window: they are interpreted.  */
	if (w == WINDOW_KERNEL && r->mapped && !r->global)
		return false;
	prot = page_prot(e, pfn, r);
	if (store && !(prot & HOST_WRITE))
		return false;
	/* kseg0 RAM is there; it was write-protected.  */
	if (w == WINDOW_KERNEL && va - 0x80000000u < 0x20000000u && !(*pfn_flags(e, pfn) & PAGE_ROM))
		return e->host->protect(e->host->opaque, window_data(w) + page, GUEST_PAGE_SIZE, prot);
	if (!windows_room(e))
		return false;
	/* Nobody has asked for the others yet: they may take what is plenty.  */
	if (r->mapped && e->nmapped + e->nprotected < MAPPED_MAX / 2 && e->nwmaps + RUN_PAGES_MAX < WMAPS_MAX) {
		behind = run_length(e, w, page, pfn, prot, true, RUN_PAGES_MAX - 1);
		before = run_length(e, w, page, pfn, prot, false, RUN_PAGES_MAX - 1 - behind);
	}
	return run_map(e, w, (page >> GUEST_PAGE_LOG2) - before, pfn - before, before + 1 + behind, prot);
}

bool window_show(struct engine *e, gva va, enum access a)
{
	struct mmu_result r;
	uint32_t i, pfn;
	unsigned w;

	(void)mmu_lookup(e->cpu, va, a, &r);
	if (r.exc != EXC_NONE)
		return false;
	if (!window_of(e, va, &w) || !ram_pfn(e, r.pa, &pfn))
		return true;
	i = wmap_find(e, w, va >> GUEST_PAGE_LOG2);
	if (!i || e->wmaps[i].pfn != pfn || e->wmaps[i].prot != page_prot(e, pfn, &r))
		(void)window_map(e, w, va, &r, false);
	return true;
}

void window_bind(struct engine *e, unsigned w, gva va, uint32_t vpage)
{
	struct vpage *v = &e->vpages[vpage];
	uint32_t i = wmap_get(e, w, va >> GUEST_PAGE_LOG2, e->cpages[v->cpage].pfn);
	struct wmap *m;

	if (!i)
		return; /* no record to be had: every jump here misses, nothing worse */
	m = &e->wmaps[i];
	if (m->vpage == vpage)
		return;
	if (m->vpage)
		wmap_unbind(e, m);
	m->vpage = vpage;
	v->windows |= 1ull << w;
	e->windows[w].binds++;
	__builtin_memcpy((void *)(uintptr_t)(window_mirror(w) + (va & ~GUEST_PAGE_MASK)), v->mirror, GUEST_PAGE_SIZE);
}

/* Where a RAM page is mapped in kseg0; false: nowhere.  ROM is not: what a change of protection would show there is no memory.  */
static bool pfn_kseg0(const struct engine *e, uint32_t pfn, uint64_t *addr)
{
	struct ram_bank *b;
	uint32_t index;
	gpa pa;

	if (!pfn_host(e, pfn, &b, &index) || (b->flags[index] & PAGE_ROM))
		return false;
	pa = b->base + ((gpa)index << GUEST_PAGE_LOG2);
	if (pa >= 0x20000000u)
		return false;
	*addr = window_data(WINDOW_KERNEL) + 0x80000000u + pa;
	return true;
}

bool window_protect(struct engine *e, uint32_t pfn)
{
	uint64_t addr;
	uint32_t i;

	if (e->nprotected >= PROTECTED_MAX || !windows_room(e))
		return false;
	if (pfn_kseg0(e, pfn, &addr) && !e->host->protect(e->host->opaque, addr, GUEST_PAGE_SIZE, HOST_READ))
		return false;
	for (i = e->page_wmaps[pfn]; i; i = e->wmaps[i].page_next) {
		struct wmap *m = &e->wmaps[i];

		if (!(m->prot & HOST_WRITE))
			continue;
		if (!e->host->protect(e->host->opaque, window_data(m->window) + ((uint64_t)m->vpn << GUEST_PAGE_LOG2), GUEST_PAGE_SIZE,
				      HOST_READ))
			return false;
		m->prot = HOST_READ;
	}
	e->nprotected++;
	return true;
}

void window_unprotect(struct engine *e, uint32_t pfn)
{
	uint64_t addr;

	e->nprotected--;
	/* Other mappings become writable again when a store faults on them.  If the host refuses, so does kseg0's.  */
	if (pfn_kseg0(e, pfn, &addr))
		(void)e->host->protect(e->host->opaque, addr, GUEST_PAGE_SIZE, HOST_READ | HOST_WRITE);
}

void window_hide(struct engine *e, gpa pa)
{
	uint64_t dead = e->stats.units_disabled;
	uint32_t pfn;
	uint8_t flags;

	if (!page_at(e, pa, &pfn, &flags) || !(flags & PAGE_DEVICE))
		return;
	if (e->page_cpage[pfn]) {
		codepage_drop(e, &e->cpages[e->page_cpage[pfn]]);
		event_put_page(e, pfn, (struct engine_event){ EVENT_CODE_HIDDEN, { 0, killed_since(e, dead) } });
	}
	while (e->page_wmaps[pfn])
		wmap_drop(e, e->page_wmaps[pfn]);
}

/* A page whose TLB entry has gone stays as far as the TLB still says the same.  */
static void wmap_check(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];
	gva va = m->vpn << GUEST_PAGE_LOG2;
	struct mmu_result r;
	uint32_t pfn;

	mmu_lookup_mapped(e->cpu, va, e->windows[m->window].asid, &r);
	if (r.exc == EXC_NONE && (m->window != WINDOW_KERNEL || r.global) && ram_pfn(e, r.pa, &pfn) && pfn == m->pfn) {
		if (!(m->prot & HOST_WRITE) || r.writable)
			return;
		if (e->host->protect(e->host->opaque, window_data(m->window) + va, GUEST_PAGE_SIZE, HOST_READ)) {
			m->prot = HOST_READ;
			return;
		}
	}
	wmap_drop(e, i);
}

/* To the front of its window's list, where windows_settle finds it.  */
static void wmap_doubt(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];

	if (m->doubt)
		return;
	m->doubt = true;
	e->windows[m->window].doubts++;
	window_unlink(e, i);
	window_link(e, i);
}

void windows_settle(struct engine *e)
{
	struct window *w = &e->windows[e->user_window];
	uint32_t i, next;

	if (!w->doubts)
		return;
	for (i = w->first; w->doubts; i = next) {
		struct wmap *m = &e->wmaps[i];

		next = m->window_next;
		if (!m->doubt)
			continue;
		m->doubt = false;
		w->doubts--;
		wmap_check(e, i);
	}
	e->cpu->user_base = window_data(e->user_window);
}

/* One page of a dropped mapping, in the windows that may show it.  */
static void drop_page(struct engine *e, const struct tlb_entry *t, gva va)
{
	uint32_t vpn = va >> GUEST_PAGE_LOG2, i;
	unsigned w, first = WINDOW_FIRST_USER, last = XABI_WINDOWS_MAX - 1;

	if (va >= 0x80000000u) {
		i = gva_unmapped_seg(va) ? 0 : wmap_find(e, WINDOW_KERNEL, vpn);
		if (i)
			wmap_check(e, i);
		return;
	}
	if (!t->global)
		first = last = e->asid_window[t->asid];
	for (w = first; w && w <= last; w++) {
		i = e->windows[w].used ? wmap_find(e, w, vpn) : 0;
		if (i)
			wmap_doubt(e, i);
	}
}

void windows_drop(struct engine *e, const struct tlb_entry *t)
{
	uint64_t length = (uint64_t)(t->mask | 0x1fffu) + 1;
	uint64_t a;

	if (!e->translate || !t->present)
		return;
	for (a = 0; a < length; a += GUEST_PAGE_SIZE)
		drop_page(e, t, (gva)(t->vpn2 + a));
	e->cpu->leave = 1;
	if (e->windows[e->user_window].doubts)
		e->cpu->user_base = WINDOW_VOID;
}

void windows_drop_all(struct engine *e)
{
	unsigned w;

	if (!e->translate)
		return;
	for (w = WINDOW_FIRST_USER; w < XABI_WINDOWS_MAX; w++)
		window_release(e, w);
	window_clear(e, WINDOW_BOOT, 0, 1ull << 32);
	/* kseg0 stays mapped; kseg1 and the TLB-mapped segments go.  Mirrors of kseg0 go with the code (cache_flush).  */
	window_clear(e, WINDOW_KERNEL, 0, 0x80000000u);
	window_clear(e, WINDOW_KERNEL, 0xa0000000u, 0x60000000u);
	windows_select(e); /* the current address space has lost its window too: what is mapped from now on must have an owner */
}
