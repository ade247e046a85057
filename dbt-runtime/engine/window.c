/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows: which guest pages stand where in host memory, and with which protection.
 *
 * A window is a cache of what the TLB says, filled by faults.  Nothing here decides what the guest sees: a page that is not
 * mapped is found again through mmu_lookup.  A data mapping and a mirror binding of one page share one struct wmap.  A mapping that
 * shows nothing may be kept without access; it is given back only for the page that the TLB names, with the rights of that moment.
 * kseg0 RAM is mapped once, in large pieces, and has no wmap for its data.
 */
#include "dbt-runtime/engine/internal.h"

/* One-page host mappings and protected pages: each can split a VMA in two, and Linux allows 65530.  */
#define MAPPED_MAX 31000u
#define PROTECTED_MAX 20000u

/* A mirror keeps its memory over this many bindings: to give it back and take it again costs two host faults a page.  */
#define BINDS_KEPT 256u
#define RUN_PAGES_MAX 16u /* pages shown with one host call */
#define KEPT_MAX 256u     /* a window of more pages keeps none that it does not show: each is looked at whenever it changes hands */

_Static_assert(WMAPS_MAX <= HOST_MIRROR_PAGES_MAX, "a mirror page that is not zero has a wmap");

/* Nothing of [vpn, vpn + n) is shown any more.  Unless there are too many, the mappings stay, to be given back by one call.  */
static void pages_hide(struct engine *e, unsigned w, uint32_t vpn, uint32_t n)
{
	bool hidden = n && e->windows[w].mapped <= KEPT_MAX &&
		      e->host->protect(e->host->opaque, page_addr(w, vpn), (uint64_t)n << GUEST_PAGE_LOG2, HOST_NONE);
	uint32_t i;

	for (; n; n--, vpn++) {
		i = wmap_find(e, w, vpn);
		if (!hidden) {
			wmap_drop(e, i);
			continue;
		}
		event_put(e, (struct engine_event){ EVENT_PAGE_DROPPED, { w, vpn << GUEST_PAGE_LOG2 } });
		wmap_unbind(e, &e->wmaps[i]);
		e->wmaps[i].prot = HOST_NONE;
		e->nkept++;
	}
}

/* Nothing is bound in [from, from + length) any more.  */
static void mirror_clear(struct engine *e, unsigned w, gva from, uint64_t length)
{
	bool keep = e->windows[w].binds <= BINDS_KEPT;
	uint32_t i;

	for (i = e->windows[w].first; i; i = e->wmaps[i].window_next) {
		struct wmap *m = &e->wmaps[i];

		if (!m->vpage || ((uint64_t)m->vpn << GUEST_PAGE_LOG2) - from >= length)
			continue;
		if (keep) {
			wmap_unbind(e, m);
		} else {
			e->vpages[m->vpage].windows &= ~(1ull << w);
			m->vpage = 0;
		}
	}
	if (keep)
		return;
	e->host->zero(e->host->opaque, window_mirror(w) + from, length);
	if (length == 1ull << 32)
		e->windows[w].binds = 0;
}

static void tell_cleared(struct engine *e, unsigned w, gva from, uint64_t length, uint32_t shown)
{
	if (shown)
		event_put(e, (struct engine_event){ EVENT_WINDOW_CLEARED, { w, from, (gva)(from + length - 1), shown } });
}

/* Empty a window: at most one host call for the data and one for the mirror, however many pages.  */
static void window_clear(struct engine *e, unsigned w, gva from, uint64_t length)
{
	uint32_t i, next, shown = 0;
	bool mapped = false;

	mirror_clear(e, w, from, length);
	for (i = e->windows[w].first; i; i = next) {
		struct wmap *m = &e->wmaps[i];

		next = m->window_next;
		if (((uint64_t)m->vpn << GUEST_PAGE_LOG2) - from >= length)
			continue;
		shown += m->prot != HOST_NONE;
		mapped |= m->mapped;
		wmap_unmapped(e, m);
		wmap_free(e, i);
	}
	if (mapped)
		e->failed |= !e->host->unmap(e->host->opaque, window_data(w) + from, length);
	tell_cleared(e, w, from, length, shown);
}

/* Show nothing in a window any more, but keep its mappings: much of what its next owner shows is the same.  Again one host call.  */
static void window_retire(struct engine *e, unsigned w)
{
	uint32_t i, next, shown = 0;

	mirror_clear(e, w, 0, 1ull << 32);
	for (i = e->windows[w].first; i; i = next) {
		struct wmap *m = &e->wmaps[i];

		next = m->window_next;
		if (!m->mapped) {
			wmap_free(e, i);
			continue;
		}
		wmap_trust(e, m);
		if (m->prot) {
			m->prot = HOST_NONE;
			e->nkept++;
			shown++;
		}
	}
	if (shown && !e->host->protect(e->host->opaque, window_data(w), 1ull << 32, HOST_NONE))
		window_clear(e, w, 0, 1ull << 32);
	tell_cleared(e, w, 0, 1ull << 32, shown);
}

static void window_release(struct engine *e, unsigned w, bool keep)
{
	if (!e->windows[w].used)
		return;
	if (keep && e->windows[w].mapped <= KEPT_MAX)
		window_retire(e, w);
	else
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
	uint32_t before = e->nmapped, records = e->free_wmap;
	unsigned w;

	e->stats.window_evictions++;
	for (w = WINDOW_FIRST_USER; w < XABI_WINDOWS_MAX; w++)
		if (!e->windows[w].used && e->windows[w].first) {
			window_clear(e, w, 0, 1ull << 32);
			return true;
		}
	w = window_oldest(e);
	if (w) {
		window_release(e, w, false);
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
			window_release(e, w, true);
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

/* The record of @vpn for @pfn; with @to_map, a mapping of another page is to be replaced by the caller.  */
static uint32_t wmap_get(struct engine *e, unsigned w, uint32_t vpn, uint32_t pfn, bool to_map)
{
	uint32_t i = wmap_find(e, w, vpn);

	if (i && e->wmaps[i].pfn != pfn) { /* the TLB maps another page here now */
		if (to_map) {
			wmap_repoint(e, i, pfn);
			return i;
		}
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

/* Pages side by side in a window that one host call can show: neighbours in memory, or whatever was kept here.  */
struct span {
	unsigned w;
	uint32_t vpn, pfn; /* of the page that is asked for */
	unsigned prot;
	bool kept;
	unsigned before, behind; /* how many others */
};

/* Can the page @distance away be shown by the same call?  */
static bool page_joins(const struct engine *e, const struct span *s, int distance)
{
	uint32_t vpn = s->vpn + (uint32_t)distance, i = wmap_find(e, s->w, vpn), pfn;
	const struct wmap *m = &e->wmaps[i];
	struct mmu_result r;

	if ((vpn ^ s->vpn) & 0x80000u) /* the other half of the address space */
		return false;
	if (i ? m->prot || (s->kept && !m->mapped) : s->kept)
		return false;
	(void)mmu_lookup(e->cpu, vpn << GUEST_PAGE_LOG2, ACCESS_LOAD, &r);
	return r.exc == EXC_NONE && r.mapped && (s->w != WINDOW_KERNEL || r.global) && ram_pfn(e, r.pa, &pfn) &&
	       pfn == (s->kept ? m->pfn : s->pfn + (uint32_t)distance) && page_prot(e, pfn, &r) == s->prot;
}

static void span_grow(const struct engine *e, struct span *s)
{
	while (s->before + 1 + s->behind < RUN_PAGES_MAX && page_joins(e, s, (int)s->behind + 1))
		s->behind++;
	while (s->before + 1 + s->behind < RUN_PAGES_MAX && page_joins(e, s, -(int)s->before - 1))
		s->before++;
}

static void tell_shown(struct engine *e, unsigned w, uint32_t vpn, uint32_t pfn, uint32_t n, unsigned prot)
{
	event_put_page(e, pfn, (struct engine_event){ EVENT_PAGES_SHOWN, { 0, w, vpn << GUEST_PAGE_LOG2, n, (prot & HOST_WRITE) != 0 } });
}

/* Show the pages of @s; there are records for all of them, and host mappings.  */
static bool span_show(struct engine *e, const struct span *s)
{
	uint32_t first = s->vpn - s->before, n = s->before + 1 + s->behind, pfn = s->pfn - s->before, i, k;
	uint64_t addr = page_addr(s->w, first), length = (uint64_t)n << GUEST_PAGE_LOG2;
	bool ok = true;

	for (k = 0; !s->kept && k < n; k++)
		ok &= wmap_get(e, s->w, first + k, pfn + k, true) != 0;
	if (s->kept)
		ok = e->host->protect(e->host->opaque, addr, length, s->prot);
	else
		ok = ok && e->host->map(e->host->opaque, addr, (uint64_t)pfn << GUEST_PAGE_LOG2, length, s->prot);
	for (k = 0; k < n; k++) {
		struct wmap *m;

		i = wmap_find(e, s->w, first + k);
		m = &e->wmaps[i];
		if (!ok) { /* what the host has done is not known */
			if (i)
				wmap_drop(e, i);
			continue;
		}
		e->nkept -= m->mapped && !m->prot;
		e->nmapped += !m->mapped;
		e->windows[s->w].mapped += !m->mapped;
		m->mapped = true;
		m->prot = (uint8_t)s->prot;
	}
	if (ok)
		tell_shown(e, s->w, first, pfn, n, s->prot);
	return ok;
}

bool window_map(struct engine *e, unsigned w, gva va, const struct mmu_result *r, bool store)
{
	gva page = va & ~GUEST_PAGE_MASK;
	struct span s = { .w = w, .vpn = page >> GUEST_PAGE_LOG2 };
	uint32_t i;

	if (!ram_pfn(e, r->pa, &s.pfn))
		return false;
	/* Kernel addresses that depend on the ASID have no window: they are interpreted.  */
	if (w == WINDOW_KERNEL && r->mapped && !r->global)
		return false;
	s.prot = page_prot(e, s.pfn, r);
	if (store && !(s.prot & HOST_WRITE))
		return false;
	/* kseg0 RAM is there; it was write-protected.  */
	if (w == WINDOW_KERNEL && va - 0x80000000u < 0x20000000u && !(*pfn_flags(e, s.pfn) & PAGE_ROM))
		return e->host->protect(e->host->opaque, window_data(w) + page, GUEST_PAGE_SIZE, s.prot);
	i = wmap_find(e, w, s.vpn);
	s.kept = i && e->wmaps[i].mapped && e->wmaps[i].pfn == s.pfn;
	if (!s.kept && !windows_room(e))
		return false;
	/* Nobody has asked for the others yet: they may take what is plenty.  */
	if (r->mapped && e->nmapped - e->nkept + e->nprotected < MAPPED_MAX / 2 && e->nwmaps + RUN_PAGES_MAX < WMAPS_MAX)
		span_grow(e, &s);
	return span_show(e, &s);
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
	uint32_t i = wmap_get(e, w, va >> GUEST_PAGE_LOG2, e->cpages[v->cpage].pfn, false);
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
		if (!e->host->protect(e->host->opaque, page_addr(m->window, m->vpn), GUEST_PAGE_SIZE, HOST_READ))
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

/* Another page stands there now, with one host call.  */
static bool wmap_exchange(struct engine *e, uint32_t i, uint32_t pfn, unsigned prot)
{
	struct wmap *m = &e->wmaps[i];

	if (!m->prot || !e->host->map(e->host->opaque, page_addr(m->window, m->vpn), (uint64_t)pfn << GUEST_PAGE_LOG2, GUEST_PAGE_SIZE, prot))
		return false;
	event_put(e, (struct engine_event){ EVENT_PAGE_DROPPED, { m->window, m->vpn << GUEST_PAGE_LOG2 } });
	wmap_repoint(e, i, pfn);
	m->prot = (uint8_t)prot;
	tell_shown(e, m->window, m->vpn, pfn, 1, prot);
	return true;
}

/* A page whose TLB entry has gone stays as far as the TLB still says the same.  False: it must go.  */
static bool wmap_stays(struct engine *e, uint32_t i)
{
	struct wmap *m = &e->wmaps[i];
	gva va = m->vpn << GUEST_PAGE_LOG2;
	struct mmu_result r;
	uint32_t pfn;

	mmu_lookup_mapped(e->cpu, va, e->windows[m->window].asid, &r);
	if (r.exc != EXC_NONE || (m->window == WINDOW_KERNEL && !r.global) || !ram_pfn(e, r.pa, &pfn))
		return false;
	if (pfn != m->pfn)
		return wmap_exchange(e, i, pfn, page_prot(e, pfn, &r));
	if (!(m->prot & HOST_WRITE) || r.writable)
		return true;
	if (!e->host->protect(e->host->opaque, page_addr(m->window, m->vpn), GUEST_PAGE_SIZE, HOST_READ))
		return false;
	m->prot = HOST_READ;
	return true;
}

void windows_settle(struct engine *e)
{
	struct window *w = &e->windows[e->user_window];
	uint32_t i, next, from = 0, n = 0; /* pages to be hidden, side by side */

	if (!w->doubts)
		return;
	for (i = w->first; w->doubts; i = next) {
		struct wmap *m = &e->wmaps[i];

		next = m->window_next;
		if (!m->doubt)
			continue;
		wmap_trust(e, m);
		if (wmap_stays(e, i))
			continue;
		if (!m->prot) {
			wmap_drop(e, i);
			continue;
		}
		if (n && m->vpn + 1 == from) {
			from--;
		} else if (!n || m->vpn != from + n) {
			pages_hide(e, e->user_window, from, n);
			from = m->vpn;
			n = 0;
		}
		n++;
	}
	pages_hide(e, e->user_window, from, n);
	e->cpu->user_base = window_data(e->user_window);
}

/* One page of a dropped mapping, in the windows that may show it.  */
static void drop_page(struct engine *e, const struct tlb_entry *t, gva va)
{
	uint32_t vpn = va >> GUEST_PAGE_LOG2, i;
	unsigned w, first = WINDOW_FIRST_USER, last = XABI_WINDOWS_MAX - 1;

	if (va >= 0x80000000u) {
		i = gva_unmapped_seg(va) ? 0 : wmap_find(e, WINDOW_KERNEL, vpn);
		if (i && !wmap_stays(e, i))
			wmap_drop(e, i);
		return;
	}
	if (!t->global)
		first = last = e->asid_window[t->asid];
	for (w = first; w && w <= last; w++) {
		i = e->windows[w].used ? wmap_find(e, w, vpn) : 0;
		if (i && (e->wmaps[i].prot || e->wmaps[i].vpage))
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
		window_release(e, w, true);
	window_clear(e, WINDOW_BOOT, 0, 1ull << 32);
	/* kseg0 stays mapped; kseg1 and the TLB-mapped segments go.  Mirrors of kseg0 go with the code (cache_flush).  */
	window_clear(e, WINDOW_KERNEL, 0, 0x80000000u);
	window_clear(e, WINDOW_KERNEL, 0xa0000000u, 0x60000000u);
	windows_select(e); /* the current address space has lost its window too: what is mapped from now on must have an owner */
}
