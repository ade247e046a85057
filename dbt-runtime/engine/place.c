/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The code cache: a bump allocator over one executable view, written through another one (no memory is ever both).
 *
 * Units are copied in, relocated, and linked to each other by patching direct jumps.  Everything runs on the vCPU's thread while
 * no translated code is running, so patching needs no synchronisation.  A full cache is emptied as a whole.
 */
#include "dbt-runtime/engine/internal.h"

static uint32_t link_hash(gva target)
{
	return ((target >> 2) * 2654435761u) >> (32 - LINK_HASH_LOG2);
}

static void put32(struct engine *e, uint32_t off, uint32_t value)
{
	__builtin_memcpy(e->code + off, &value, 4);
}

static void patch_rel32(struct engine *e, uint32_t site, uint32_t to)
{
	put32(e, site, to - (site + 4));
}

bool place_init(struct engine *e, const struct xabi_services *svc)
{
	if (stubs_emit(e->code, e->code_cap, XABI_CODE_BASE, svc, &e->stubs) != ST_OK)
		return false;
	e->code_len = (e->stubs.size + 63u) & ~63u;
	return true;
}

/* Where a direct jump to @target from @from may go without asking the mirror: an L entry, or 0.  */
static uint32_t link_target(struct engine *e, const struct vpage *from, gva target, uint32_t *unit)
{
	const struct vpage *t = from;
	uint32_t v = 0, pfn, u;
	unsigned word = (target & GUEST_PAGE_MASK) / 4;

	if ((target & ~GUEST_PAGE_MASK) != from->page) {
		if ((from->flags & UNIT_MAPPED) || !gva_unmapped_seg(target) || !ram_pfn(e, target & 0x1fffffffu, &pfn))
			return 0;
		v = vpage_find(e, pfn, target & ~GUEST_PAGE_MASK, from->flags);
		if (!v)
			return 0;
		t = &e->vpages[v];
	}
	if (!t->link[word])
		return 0;
	for (u = t->units; u; u = e->units[u].next)
		if (t->link[word] - e->units[u].code < e->units[u].code_len) {
			*unit = u;
			return t->link[word];
		}
	return 0;
}

/* Tiers are accounted at M entries: a jump between tiers must pass one.  */
static uint32_t link_address(const struct engine *e, uint32_t from_flags, gva target, uint32_t unit, uint32_t l)
{
	const struct punit *u = &e->units[unit];

	if ((u->flags ^ from_flags) & UNIT_XO)
		return e->vpages[u->vpage].mirror[(target & GUEST_PAGE_MASK) / 4];
	return l;
}

static void link_resolve(struct engine *e, uint32_t i, uint32_t unit, uint32_t l)
{
	struct link *k = &e->links[i];
	uint32_t from_unit = place_find(e, k->site);

	if (!from_unit || !e->units[from_unit].live)
		return; /* the jump itself is dead: let it lie */
	patch_rel32(e, k->site, link_address(e, e->units[from_unit].flags, k->target, unit, l));
	k->next = e->units[unit].incoming;
	e->units[unit].incoming = i;
}

static void link_pend(struct engine *e, uint32_t i)
{
	struct link *k = &e->links[i];
	uint32_t *head = &e->link_hash[link_hash(k->target)];

	patch_rel32(e, k->site, k->stub);
	k->next = *head;
	*head = i;
}

static void link_add(struct engine *e, uint32_t vpage, uint32_t site, uint32_t stub, gva target)
{
	uint32_t i = e->nlinks++, unit, l;

	e->links[i] = (struct link){ .site = site, .stub = stub, .target = target, .from = vpage };
	l = link_target(e, &e->vpages[vpage], target, &unit);
	if (l)
		link_resolve(e, i, unit, l);
	else
		link_pend(e, i);
}

/* New entries at @word of @vpage: jumps that waited for them.  */
static void links_wake(struct engine *e, uint32_t vpage, gva target)
{
	uint32_t *p = &e->link_hash[link_hash(target)], i, unit, l;

	while ((i = *p)) {
		struct link *k = &e->links[i];

		l = k->target == target ? link_target(e, &e->vpages[k->from], target, &unit) : 0;
		if (l && e->units[unit].vpage == vpage) {
			*p = k->next;
			link_resolve(e, i, unit, l);
		} else {
			p = &k->next;
		}
	}
}

void place_unlink(struct engine *e, struct punit *u)
{
	uint32_t i, next;

	for (i = u->incoming; i; i = next) {
		uint32_t from = place_find(e, e->links[i].site);

		next = e->links[i].next;
		if (from && e->units[from].live)
			link_pend(e, i);
	}
	u->incoming = 0;
}

static bool room_for(const struct engine *e, const struct unit *u)
{
	return (uint64_t)e->code_len + u->code_len + 64u <= e->code_cap && e->nunits < UNITS_MAX && e->nlinks + u->nrelocs < LINKS_MAX &&
	       e->nfaults + u->nfaults < FAULTS_MAX;
}

static void relocate(struct engine *e, const struct unit *u, uint32_t at, uint32_t vpage)
{
	uint32_t i;

	for (i = 0; i < u->nrelocs; i++) {
		const struct unit_reloc *r = &u->relocs[i];

		if (r->kind == RELOC_XABI)
			patch_rel32(e, at + r->off, e->stubs.entry[r->arg]);
		else if (r->kind == RELOC_LINK)
			link_add(e, vpage, at + r->off, at + r->stub, r->arg);
	}
}

static void entries_publish(struct engine *e, const struct unit *u, uint32_t at, uint32_t vpage)
{
	struct vpage *v = &e->vpages[vpage];
	uint64_t w;
	uint32_t i;

	for (i = 0; i < u->nentries; i++) {
		const struct unit_entry *n = &u->entries[i];

		if (v->mirror[n->word])
			continue; /* a live unit serves it */
		v->mirror[n->word] = at + n->off;
		v->link[n->word] = at + n->link;
		for (w = v->windows; w; w &= w - 1)
			*(uint32_t *)(uintptr_t)(window_mirror((unsigned)__builtin_ctzll(w)) + v->page + 4ul * n->word) = at + n->off;
	}
	for (i = 0; i < u->nentries; i++)
		links_wake(e, vpage, v->page + 4u * u->entries[i].word);
}

bool place_unit(struct engine *e, const struct unit *u, uint32_t vpage)
{
	struct vpage *v = &e->vpages[vpage];
	uint32_t i, at, word;
	struct punit *p;

	if (!room_for(e, u) || !codepage_protect(e, &e->cpages[v->cpage]))
		return false;
	at = e->code_len;
	e->code_len = (at + u->code_len + 15u) & ~15u;
	__builtin_memcpy(e->code + at, u->code, u->code_len);
	i = e->nunits++;
	p = &e->units[i];
	*p = (struct punit){ .code = at, .code_len = u->code_len, .vpage = vpage, .next = v->units, .flags = u->flags, .first = u->first,
			     .nwords = u->nwords, .nfaults = u->nfaults, .faults = e->faults + e->nfaults, .live = true };
	__builtin_memcpy(e->faults + e->nfaults, u->faults, u->nfaults * sizeof *u->faults);
	e->nfaults += u->nfaults;
	v->units = i;
	for (word = u->first; word < (uint32_t)u->first + u->nwords; word++)
		page_bit_set(e->cpages[v->cpage].covered, word);
	relocate(e, u, at, vpage);
	entries_publish(e, u, at, vpage);
	return true;
}

uint32_t place_find(const struct engine *e, uint32_t code_off)
{
	uint32_t lo = 1, hi = e->nunits;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (e->units[mid].code + e->units[mid].code_len <= code_off)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < e->nunits && e->units[lo].code <= code_off ? lo : 0;
}

void cache_flush(struct engine *e)
{
	uint32_t i, empty = (e->stubs.size + 63u) & ~63u;
	unsigned w;

	event_put(e, (struct engine_event){ EVENT_CACHE_FLUSHED, { e->nunits - 1, e->code_len - empty } });
	for (w = 0; w < XABI_WINDOWS_MAX; w++) {
		uint32_t m;

		for (m = e->windows[w].first; m; m = e->wmaps[m].window_next) {
			if (!e->wmaps[m].vpage)
				continue;
			e->wmaps[m].vpage = 0;
			__builtin_memset((void *)(uintptr_t)(window_mirror(w) + ((uint64_t)e->wmaps[m].vpn << GUEST_PAGE_LOG2)), 0,
					 GUEST_PAGE_SIZE);
		}
	}
	for (i = 1; i < e->ncpages; i++) {
		struct cpage *c = &e->cpages[i];

		c->vpages = 0;
		codepage_drop(e, c); /* lifts the protection */
		e->page_cpage[c->pfn] = 0;
	}
	__builtin_memset(e->link_hash, 0, sizeof *e->link_hash << LINK_HASH_LOG2);
	e->ncpages = e->nvpages = e->nunits = e->nlinks = e->nfaults = 1;
	e->code_len = empty;
	e->note.valid = false;
	e->cpu->leave = 1;
	e->stats.cache_flushes++;
}
