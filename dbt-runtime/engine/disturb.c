/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fault injection: the engine loses something that it has built up, or is made to doubt it.  Everything here may happen by itself,
 * only more seldom: caches fill up, windows are evicted, DMA writes to code, sites are learnt.  The guest cannot notice.
 */
#include "dbt-runtime/engine/internal.h"

#define KILLS_MAX 32u

static void some_units(struct engine *e, uint32_t random)
{
	for (uint32_t n = 1 + random % KILLS_MAX; n && e->nunits > 1; n--) {
		uint32_t u = 1 + (random = random * 1664525u + 1013904223u) % (e->nunits - 1);

		if (!e->units[u].live)
			continue;
		unit_kill(e, u);
		codepage_recover_cover(e, &e->cpages[e->vpages[e->units[u].vpage].cpage]);
	}
}

/* A write that changes nothing, as a device may do it.  */
static void spurious_write(struct engine *e, uint32_t random)
{
	const struct cpage *c;
	struct ram_bank *b;
	uint32_t index;

	if (e->ncpages <= 1)
		return;
	c = &e->cpages[1 + random % (e->ncpages - 1)];
	if (pfn_host(e, c->pfn, &b, &index))
		engine_ram_write(e, b->base + (gpa)index * GUEST_PAGE_SIZE + (random >> 20 & 0xffcu), 4 + (random >> 16 & 15u));
}

/* An access turns out to be one of the other kind: its unit is made again, with other code.  */
static void a_site(struct engine *e, uint32_t random)
{
	const struct punit *u;

	if (e->nunits <= 1)
		return;
	u = &e->units[1 + (random >> 8) % (e->nunits - 1)];
	if (!u->live)
		return;
	e->vpages[u->vpage].sites[u->first] |= SITE_SEEN;
	site_learn(e, u->vpage, u->first + (random >> 4) % u->nwords, random & 1 ? SITE_SLOW : SITE_USER);
}

void engine_disturb(struct engine *e, uint32_t random)
{
	uint32_t detail = random / 16;

	e->interpret = false;
	if (!e->translate) {
		interp_flush(e->cpu);
		return;
	}
	switch (random % 16) {
	case 0:
		cache_flush(e);
		break;
	case 1: case 2:
		windows_drop_all(e);
		break;
	case 3:
		windows_evict(e);
		break;
	case 4: case 5: case 6:
		some_units(e, detail);
		break;
	case 7:
		if (e->ncpages > 1)
			codepage_drop(e, &e->cpages[1 + detail % (e->ncpages - 1)]);
		break;
	case 8: case 9:
		spurious_write(e, detail);
		break;
	case 10:
		a_site(e, detail);
		break;
	case 11: /* the other tier: what was a .xo's becomes a template's, and back */
		e->xo_off = !e->xo_off;
		cache_flush(e);
		break;
	case 12: /* the interpreter, until the next time */
		e->interpret = true;
		break;
	case 13:
		interp_flush(e->cpu);
		break;
	default: /* polls at other places */
		e->slice = 1 + detail % (detail & 1 ? 200u : 2u * SLICE);
		break;
	}
}
