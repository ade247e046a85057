/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a guest address to host code: a unit of a .xo whose source bytes are there, else a template translation once the address
 * has been met often enough, else nothing (the interpreter runs it).  Also what is learnt on the way: the profile.
 */
#include "dbt-runtime/engine/internal.h"

#define HEAT_TRANSLATE 3u   /* meetings before a run is worth translating: a template costs about three interpretations */
#define RUN_WORDS_LIMIT 128u
#define RUN_WORDS_MIN 64u    /* a run that must be cut is cut at a leader behind this many words, if there is one */

/* --- profile --- */

static bool profile_holds(const struct profile_page *p, const uint8_t *bytes, unsigned first, unsigned nwords)
{
	return !__builtin_memcmp(p->bytes + 4ul * first, bytes + 4ul * first, 4ul * nwords);
}

/* The record for @v that shows @nwords words at @first as they are now; NULL: not profiling, or no room.  */
static struct profile_page *profile_for(struct engine *e, struct vpage *v, unsigned first, unsigned nwords)
{
	struct ram_bank *b;
	uint32_t index, i;
	const uint8_t *bytes;
	struct profile_page *p;

	if (!e->profiling)
		return NULL;
	bytes = pfn_host(e, e->cpages[v->cpage].pfn, &b, &index);
	if (v->profile && profile_holds(&e->profile[v->profile], bytes, first, nwords))
		return &e->profile[v->profile];
	for (i = e->nprofile - 1; i; i--) {
		p = &e->profile[i];
		if (p->page == v->page && p->flags == v->flags && profile_holds(p, bytes, first, nwords)) {
			v->profile = i;
			return p;
		}
	}
	if (e->nprofile == PROFILE_MAX)
		return NULL;
	v->profile = e->nprofile++;
	p = &e->profile[v->profile];
	__builtin_memset(p, 0, sizeof *p);
	p->page = v->page;
	p->flags = v->flags;
	__builtin_memcpy(p->bytes, bytes, GUEST_PAGE_SIZE);
	return p;
}

static void profile_leader(struct engine *e, struct vpage *v, unsigned word, unsigned nwords)
{
	struct profile_page *p = profile_for(e, v, word, nwords);

	if (p)
		page_bit_set(p->leaders, word);
}

void profile_sample(struct engine *e, gva pc)
{
	uint32_t off, unit;
	struct vpage *v;

	if (!e->profiling || !e->translate || (pc & 3u))
		return;
	off = *(const uint32_t *)(uintptr_t)(e->cpu->mirror + pc);
	unit = off ? place_find(e, off) : 0;
	if (!unit)
		return;
	v = &e->vpages[e->units[unit].vpage];
	if (v->profile) {
		uint16_t *n = &e->profile[v->profile].samples[(pc & GUEST_PAGE_MASK) / 4];

		*n = (uint16_t)(*n + (*n != UINT16_MAX));
	}
}

const struct profile_page *engine_profile_page(const struct engine *e, unsigned i)
{
	return i + 1 < e->nprofile ? &e->profile[i + 1] : NULL;
}

void engine_distrust(struct engine *e, const void *arena, size_t size)
{
	uintptr_t off = (uintptr_t)e->profile - (uintptr_t)arena;

	if (e->nprofile > PROFILE_MAX || (off & 7u) || off > size || size - off < e->nprofile * sizeof *e->profile)
		e->nprofile = 1;
}

/* Units that do not know yet what has been learnt of @word: enum site_flag @flags.  */
static void site_kill(struct engine *e, struct vpage *v, unsigned word, uint8_t flags)
{
	uint64_t dead = e->stats.units_disabled;
	uint32_t u, next;

	for (u = v->units; u; u = next) {
		next = e->units[u].next;
		if (e->units[u].first <= word && word < (unsigned)e->units[u].first + e->units[u].nwords)
			unit_kill(e, u);
	}
	codepage_recover_cover(e, &e->cpages[v->cpage]);
	event_put(e, (struct engine_event){ EVENT_SITE_LEARNT, { v->page + 4 * word, flags, killed_since(e, dead) } });
}

void site_learn(struct engine *e, uint32_t vpage, unsigned word, uint8_t flag)
{
	struct vpage *v = &e->vpages[vpage];
	struct profile_page *p;

	if (flag == SITE_SLOW && !(v->sites[word] & SITE_SEEN)) {
		v->sites[word] |= SITE_SEEN;
		return;
	}
	if (v->sites[word] & flag)
		return;
	v->sites[word] |= flag;
	p = profile_for(e, v, word, 1);
	if (p)
		p->sites[word] |= flag;
	site_kill(e, v, word, flag);
}

/* --- .xo --- */

/* What becomes of a unit of a page record.  */
enum xo_fate { XO_ENABLED, XO_OTHER_BYTES, XO_OTHER_SITES, XO_NOT_NEEDED, XO_FATES };

static bool xo_needed(const struct vpage *v, const struct unit_entry *entries, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!v->mirror[entries[i].word])
			return true;
	return false;
}

/* No site of the unit has been found to need other code than it has.  */
static bool xo_sites_fit(const struct xo_tables *t, const struct xo_unit *xu, const struct vpage *v)
{
	unsigned word, learnt;

	for (word = xu->first; word < (unsigned)xu->first + xu->nwords; word++) {
		learnt = v->sites[word] & (SITE_USER | SITE_SLOW);
		if (learnt && (learnt & ~(unsigned)xo_site_flags(t, word)))
			return false;
	}
	return true;
}

/* What is known of the unit's sites goes for every other translation of them: for a template, too, that begins in its middle.  */
static void xo_sites_learn(struct engine *e, const struct xo_tables *t, const struct xo_unit *xu, struct vpage *v)
{
	unsigned word;

	for (word = xu->first; word < (unsigned)xu->first + xu->nwords; word++) {
		uint8_t flags = xo_site_flags(t, word) & (SITE_USER | SITE_SLOW);

		if (!(flags & ~v->sites[word]))
			continue;
		v->sites[word] |= flags;
		site_kill(e, v, word, flags);
	}
}

static bool xo_place(struct engine *e, const struct xo_tables *t, const struct xo_unit *xu, uint32_t vpage)
{
	struct unit u = { .page = e->vpages[vpage].page, .first = xu->first, .nwords = xu->nwords, .flags = xu->flags };
	uint32_t i;

	if (xu->nlinks + xu->nrelas > e->scratch.relocs_cap || xu->code_len > e->scratch.code_cap)
		return true; /* never placed, so that it cannot empty the cache again and again; a .xo from sbt stays far below */
	u.code = (uint8_t *)(uintptr_t)(t->text + xu->code);
	u.code_len = xu->code_len;
	u.entries = (struct unit_entry *)(uintptr_t)(t->entries + xu->entry);
	u.nentries = xu->nentries;
	u.faults = (struct unit_fault *)(uintptr_t)(t->faults + xu->fault);
	u.nfaults = xu->nfaults;
	u.relocs = e->scratch.relocs;
	for (i = 0; i < xu->nlinks; i++)
		u.relocs[u.nrelocs++] = t->links[xu->link + i];
	for (i = 0; i < xu->nrelas; i++) {
		const struct xo_rela *r = &t->relas[xu->rela + i];

		u.relocs[u.nrelocs++] = (struct unit_reloc){ .off = (uint32_t)(r->offset - t->text_at - xu->code),
							     .arg = (uint32_t)(r->info >> 32) - 1, .kind = RELOC_XABI };
	}
	return place_unit(e, &u, vpage);
}

static enum xo_fate xo_judge(const struct xo_tables *t, const struct xo_unit *xu, const struct vpage *v, const uint8_t *bytes)
{
	if (__builtin_memcmp(t->src + 4ul * xu->first, bytes + 4ul * xu->first, 4ul * xu->nwords) != 0)
		return XO_OTHER_BYTES;
	if (!xo_needed(v, t->entries + xu->entry, xu->nentries))
		return XO_NOT_NEEDED;
	return xo_sites_fit(t, xu, v) ? XO_ENABLED : XO_OTHER_SITES;
}

/* Enable every unit of a page record whose bytes stand in the page, and count what became of how many; false: the cache is full.  */
static bool xo_enable(struct engine *e, const struct xo_tables *t, uint32_t vpage, uint32_t fates[XO_FATES])
{
	struct vpage *v = &e->vpages[vpage];
	struct ram_bank *b;
	uint32_t index, i;
	const uint8_t *bytes = pfn_host(e, e->cpages[v->cpage].pfn, &b, &index);

	e->stats.units_mapped += t->nunits;
	for (i = 0; i < t->nunits; i++) {
		const struct xo_unit *xu = &t->units[i];
		enum xo_fate fate = xo_judge(t, xu, v, bytes);

		if (fate == XO_ENABLED) {
			xo_sites_learn(e, t, xu, v);
			if (!xo_place(e, t, xu, vpage))
				return false;
		}
		fates[fate]++;
	}
	return true;
}

/* Read one page record and enable what is good in it; false: the cache is full.  */
static bool xo_use(struct engine *e, unsigned file, uint32_t record, uint32_t vpage)
{
	const struct xo_tables *t = e->host->xo_read(e->host->machine, file, record);
	gva page = e->vpages[vpage].page;
	uint32_t n[XO_FATES] = { 0 };
	bool room;

	if (!t) {
		event_put(e, (struct engine_event){ EVENT_XO_BAD, { file, record, page } });
		return true;
	}
	room = xo_enable(e, t, vpage, n);
	e->stats.units_enabled += n[XO_ENABLED];
	event_put(e, (struct engine_event){ EVENT_XO_ASKED, { file, record, page, n[XO_ENABLED], n[XO_OTHER_BYTES], n[XO_OTHER_SITES],
							       n[XO_NOT_NEEDED] } });
	return room;
}

/*
 * Ask the page records that have not been asked yet, file by file, until one has code for @word: what the others have is most likely
 * the same once more.  False: the cache is full.
 */
static bool xo_ask(struct engine *e, uint32_t vpage, unsigned word)
{
	struct vpage *v = &e->vpages[vpage];
	uint32_t n = 0;
	unsigned i;

	for (i = 0; i < e->nxo; i++) {
		const struct xo_view *x = e->xo[i];
		const struct xo_page *p = xo_find(x, v->page, v->flags);

		for (; p && p < x->pages + x->npages && p->page == v->page && p->flags == v->flags; p++) {
			if (n++ < v->xo_asked)
				continue;
			v->xo_asked = n;
			if (!xo_use(e, i, (uint32_t)(p - x->pages), vpage))
				return false;
			if (v->mirror[word])
				return true;
		}
	}
	v->xo_asked = XO_ALL_ASKED;
	return true;
}

/* --- templates --- */

static void words_read(struct engine *e, const uint8_t *bytes)
{
	unsigned i;

	__builtin_memcpy(e->words, bytes, GUEST_PAGE_SIZE);
	if (e->cpu->big_endian)
		for (i = 0; i < GUEST_PAGE_WORDS; i++)
			e->words[i] = __builtin_bswap32(e->words[i]);
}

static uint32_t template_make(struct engine *e, uint32_t vpage, gva pc)
{
	struct vpage *v = &e->vpages[vpage];
	struct template_opts to = { .flags = v->flags, .sites = v->sites, .bmi2 = e->bmi2 };
	struct run_opts ro = { .rev = e->cpu->model->rev, .kernel = v->flags & UNIT_KERNEL, .max_words = RUN_WORDS_LIMIT };
	unsigned word = (pc & GUEST_PAGE_MASK) / 4, i;
	page_bits stop = { 0 };
	struct ram_bank *b;
	uint32_t index;

	words_read(e, pfn_host(e, e->cpages[v->cpage].pfn, &b, &index));
	for (i = 0; i < GUEST_PAGE_WORDS; i++)
		if (v->mirror[i] && !(v->sites[i] & SITE_RESUMED))
			page_bit_set(stop, i);
	ro.stop = stop;
	run_scan(e->words, pc, &ro, &e->run);
	if (e->run.end == RUN_LIMIT) {
		ro.max_words = run_cut_at(&e->run, RUN_WORDS_MIN, RUN_WORDS_LIMIT);
		run_scan(e->words, pc, &ro, &e->run);
	}
	if (in_straight_code(e->words, word, ro.rev))
		v->sites[word] |= SITE_RESUMED;
	if (template_translate(&e->run, &to, &e->scratch) != ST_OK) {
		event_put(e, (struct engine_event){ EVENT_UNIT_NONE, { pc } });
		e->stats.units_refused++;
		return 0;
	}
	profile_leader(e, v, word, e->run.nwords);
	for (i = 0; i < e->scratch.nentries && v->profile && e->profiling; i++)
		page_bit_set(e->profile[v->profile].leaders, e->scratch.entries[i].word);
	if (!place_unit(e, &e->scratch, vpage)) {
		cache_flush(e);
		return 0;
	}
	e->stats.units_translated++;
	event_put(e, (struct engine_event){ EVENT_UNIT_MADE, { pc, e->run.nwords, e->scratch.code_len, v->flags } });
	return v->mirror[word];
}

/* Count a meeting of @pc; true: it is worth translating now.  */
static bool heat_up(struct engine *e, gva pc, uint32_t flags)
{
	uint8_t *h = &e->heat[((pc >> 2 ^ flags << 20) * 2654435761u) >> (32 - HEAT_LOG2)];

	if (*h + 1u >= HEAT_TRANSLATE) {
		*h = 0;
		return true;
	}
	++*h;
	return false;
}

static uint32_t translate_timed(struct engine *e, uint32_t vpage, gva pc)
{
	uint64_t from = e->host->host_ns ? e->host->host_ns(e->host->opaque) : 0;
	uint32_t off = template_make(e, vpage, pc);

	if (e->host->host_ns)
		e->stats.translate_ns += e->host->host_ns(e->host->opaque) - from;
	return off;
}

uint32_t code_for_pc(struct engine *e)
{
	struct cpu *c = e->cpu;
	gva pc = c->pc, page = pc & ~GUEST_PAGE_MASK;
	bool user = cpu_user_mode(c);
	unsigned w, word = (pc & GUEST_PAGE_MASK) / 4;
	struct mmu_result r;
	uint32_t off, pfn, vpage, flags;
	struct vpage *v;

	if (pc & 3u)
		return 0;
	off = *(const uint32_t *)(uintptr_t)(c->mirror + pc);
	if (off)
		return off;
	if (user != (pc < 0x80000000u)) /* kernel code in kuseg is interpreted; user code elsewhere is an address error */
		return 0;
	(void)mmu_lookup(c, pc, ACCESS_FETCH, &r);
	if (r.exc != EXC_NONE || (r.mapped && !user && !r.global) || !ram_pfn(e, r.pa, &pfn) || !window_of(e, pc, &w))
		return 0;
	flags = e->unit_flags | (user ? 0 : UNIT_KERNEL) | (r.mapped ? UNIT_MAPPED : 0);
	vpage = vpage_get(e, pfn, page, flags);
	v = &e->vpages[vpage];
	window_bind(e, w, pc, vpage);
	if (v->mirror[word])
		return v->mirror[word];
	if (e->cpages[v->cpage].cool) {
		if (!--e->cpages[v->cpage].cool)
			event_put_page(e, pfn, (struct engine_event){ EVENT_CODE_COOLED, { 0 } });
		return 0;
	}
	if (v->xo_asked != XO_ALL_ASKED && e->nxo && !e->xo_off) {
		if (!xo_ask(e, vpage, word)) {
			cache_flush(e);
			return 0;
		}
		if (v->mirror[word])
			return v->mirror[word];
	}
	if (!heat_up(e, pc, flags)) {
		profile_leader(e, v, word, 1);
		return 0;
	}
	if (e->nxo && !e->xo_off && !e->cpages[v->cpage].code) { /* not protected: it may have changed since the .xo files were asked */
		v->xo_asked = 0;
		if (!xo_ask(e, vpage, word)) {
			cache_flush(e);
			return 0;
		}
		if (v->mirror[word])
			return v->mirror[word];
	}
	return translate_timed(e, vpage, pc);
}
