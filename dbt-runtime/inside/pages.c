/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  Invariants: a table that is not in use is all zeros but for its link in the free list; every entry that names a table
 * allows all, so that the last level alone decides.  An entry that is neither zero nor present is a page to which access was taken away.
 */
#include "dbt-runtime/inside/pages.h"

#define ENTRIES 512u
#define LEVEL_PAGE 0u    /* a table of 4 KiB pages */
#define LEVEL_LARGE 1u   /* of 2 MiB pages, or of tables */
#define LEVEL_ROOT 3u
#define LARGE_SIZE (1ull << 21)

static unsigned shift_of(unsigned level) { return 12 + 9 * level; }

static uint64_t *table_of(const struct pages *p, uint64_t entry)
{
	return p->at + ((entry & PTE_ADDRESS) - p->pa) / sizeof *p->at;
}

void pages_init(struct pages *p, uint64_t *at, uint64_t pa, uint32_t ntables)
{
	*p = (struct pages){ .at = at, .pa = pa, .ntables = ntables, .used = 1 };
}

/* An entry that names a new, empty table; 0: there is none.  */
static uint64_t table_new(struct pages *p)
{
	uint32_t i = p->free;
	uint64_t *t;

	if (i) {
		t = p->at + (uint64_t)i * ENTRIES;
		p->free = (uint32_t)t[0];
		t[0] = 0;
	} else if (p->used < p->ntables) {
		i = p->used++;
	} else {
		return 0;
	}
	return (p->pa + (uint64_t)i * PAGES_TABLE) | PTE_AD | PTE_USER | PTE_WRITE | PTE_PRESENT;
}

static void stale_at(struct pages *p, uint64_t addr)
{
	p->stale = p->stale == STALE_NONE || (p->stale == STALE_ONE && p->stale_addr == addr) ? STALE_ONE : STALE_MANY;
	p->stale_addr = addr;
}

/* The table and all below it.  The processor may hold the way to them, if not what they say.  */
static void table_free(struct pages *p, uint64_t entry, unsigned level)
{
	uint64_t *t = table_of(p, entry);
	unsigned i;

	for (i = 0; level > LEVEL_PAGE && i < ENTRIES; i++)
		if ((t[i] & PTE_PRESENT) && !(t[i] & PTE_LARGE))
			table_free(p, t[i], level - 1);
	__builtin_memset(t, 0, PAGES_TABLE);
	t[0] = p->free;
	p->free = (uint32_t)((uint64_t)(t - p->at) / ENTRIES);
	p->stale = STALE_MANY;
}

/* Put @value there; more rights to the same page need no flush: a processor that held less faults once and looks again.  */
static void entry_set(struct pages *p, uint64_t *entry, uint64_t value, unsigned level, uint64_t addr)
{
	uint64_t old = *entry;

	if (old == value)
		return;
	*entry = value;
	if (!(old & PTE_PRESENT))
		return;
	if (level == LEVEL_LARGE && !(old & PTE_LARGE))
		table_free(p, old, LEVEL_PAGE);
	else if ((old | PTE_WRITE) != value)
		stale_at(p, addr);
}

/* Replace a large page by a table that says the same.  */
static bool large_cut(struct pages *p, uint64_t *entry)
{
	uint64_t fresh = table_new(p), page = *entry & ~PTE_LARGE, *t;
	unsigned i;

	if (!fresh)
		return false;
	t = table_of(p, fresh);
	for (i = 0; i < ENTRIES; i++)
		t[i] = page + i * (uint64_t)PAGES_TABLE;
	*entry = fresh;
	p->stale = STALE_MANY; /* it says the same, but nobody promises that a processor holding both sizes minds only one */
	return true;
}

enum walk { WALK_MAP, WALK_PROTECT, WALK_UNMAP };

struct change {
	enum walk what;
	uint64_t flags;  /* of new entries: everything but the address */
	uint64_t offset; /* physical minus linear address */
	uint64_t rights; /* of WALK_PROTECT */
};

static uint64_t changed(const struct change *c, uint64_t old, uint64_t addr, uint64_t large)
{
	switch (c->what) {
	case WALK_MAP:
		return (addr + c->offset) | c->flags | large;
	case WALK_PROTECT:
		return (old & ~(PTE_PRESENT | PTE_WRITE)) | c->rights;
	case WALK_UNMAP:
		break;
	}
	return 0;
}

/* May one entry of @level do for the whole step?  */
static bool whole_entry(const struct change *c, uint64_t old, uint64_t addr, uint64_t length, unsigned level)
{
	uint64_t size = 1ull << shift_of(level);

	if (level == LEVEL_PAGE)
		return true;
	if (length < size)
		return false;
	switch (c->what) {
	case WALK_MAP:
		return level == LEVEL_LARGE && !((addr + c->offset) & (size - 1));
	case WALK_PROTECT:
		return level == LEVEL_LARGE && (old & PTE_LARGE);
	case WALK_UNMAP:
		break;
	}
	return level < LEVEL_ROOT;
}

static bool walk(struct pages *p, uint64_t *table, unsigned level, uint64_t addr, uint64_t length, const struct change *c)
{
	uint64_t size = 1ull << shift_of(level);

	while (length) {
		uint64_t step = size - (addr & (size - 1)), *entry = table + (addr >> shift_of(level)) % ENTRIES;
		step = step < length ? step : length;
		if (!*entry && c->what != WALK_MAP) {
			/* nothing there to change */
		} else if (whole_entry(c, *entry, addr, step, level)) {
			uint64_t value = changed(c, *entry, addr, level == LEVEL_LARGE ? PTE_LARGE : 0);

			if (level > LEVEL_LARGE) {
				table_free(p, *entry, level - 1);
				*entry = value;
			} else {
				entry_set(p, entry, value, level, addr);
			}
		} else {
			if ((*entry & PTE_LARGE) && !large_cut(p, entry))
				return false;
			if (!*entry && !(*entry = table_new(p)))
				return false;
			if (!walk(p, table_of(p, *entry), level - 1, addr, step, c))
				return false;
		}
		addr += step;
		length -= step;
	}
	return true;
}

bool pages_map(struct pages *p, uint64_t addr, uint64_t pa, uint64_t length, uint64_t flags)
{
	struct change c = { .what = WALK_MAP, .flags = flags | PTE_AD | PTE_PRESENT, .offset = pa - addr };

	return walk(p, p->at, LEVEL_ROOT, addr, length, &c);
}

bool pages_protect(struct pages *p, uint64_t addr, uint64_t length, uint64_t rights)
{
	struct change c = { .what = WALK_PROTECT, .rights = rights };

	return walk(p, p->at, LEVEL_ROOT, addr, length, &c);
}

bool pages_unmap(struct pages *p, uint64_t addr, uint64_t length)
{
	struct change c = { .what = WALK_UNMAP };

	return walk(p, p->at, LEVEL_ROOT, addr, length, &c);
}

uint64_t pages_entry(const struct pages *p, uint64_t addr)
{
	const uint64_t *table = p->at;
	unsigned level = LEVEL_ROOT;
	uint64_t entry;

	for (;; level--) {
		entry = table[(addr >> shift_of(level)) % ENTRIES];
		if (!(entry & PTE_PRESENT) || level == LEVEL_PAGE || (entry & PTE_LARGE))
			return entry & PTE_PRESENT ? entry : 0;
		table = table_of(p, entry);
	}
}

static void each(struct pages *p, uint64_t *table, unsigned level, uint64_t addr, uint64_t length,
		 void (*visit)(void *opaque, uint64_t addr, uint64_t *entry), void *opaque)
{
	uint64_t size = 1ull << shift_of(level);

	while (length) {
		uint64_t step = size - (addr & (size - 1)), *entry = table + (addr >> shift_of(level)) % ENTRIES;

		step = step < length ? step : length;
		if ((*entry & PTE_PRESENT) && level == LEVEL_PAGE)
			visit(opaque, addr, entry);
		else if ((*entry & PTE_PRESENT) && !(*entry & PTE_LARGE))
			each(p, table_of(p, *entry), level - 1, addr, step, visit, opaque);
		addr += step;
		length -= step;
	}
}

void pages_each(struct pages *p, uint64_t addr, uint64_t length, void (*visit)(void *opaque, uint64_t addr, uint64_t *entry), void *opaque)
{
	each(p, p->at, LEVEL_ROOT, addr, length, visit, opaque);
}
