/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLB array, its extension, and the four instructions.  Rules: isa/tlb.h.
 *
 * The extension is a table of sets; an entry's set is chosen by its VPN2 and ASID (global entries: a pseudo-ASID).  In a set
 * the oldest entry gives way.  Filters count entries by VPN2, so that most questions about a page need not look into the table.
 * Invariants: every extended entry is 4 KiB and has a valid half; none overlaps another entry of array or extension.
 */
#include "isa/tlb.h"

#include "isa/cp0.h"
#include "isa/interp.h"

#define WAYS 4u
#define SETS ((1u << TLB_EXT_LOG2) / WAYS)
#define FILTER_LOG2 10
#define ASID_GLOBAL 0x100u /* stands for the ASID of global entries */
#define INDEX_P 0x80000000u
#define PAIR_MASK 0x1fffu

struct ext_set {
	struct tlb_entry e[WAYS];
	uint8_t next; /* way to be replaced next, when all are present */
};

struct tlb {
	unsigned entries;
	uint64_t swept;      /* array indices the guest has seen (TLBR) or written (TLBWI) since the last TLBWR */
	unsigned up, down;   /* the next index of a sweep that goes up, and the last of one that goes down */
	unsigned count; /* extended entries present */
	struct tlb_entry array[TLB_ENTRIES_MAX];
	struct ext_set set[SETS];
	uint16_t filter[2][1u << FILTER_LOG2]; /* extended entries by VPN2; [1]: global ones */
};

size_t tlb_sizeof(void)
{
	return sizeof(struct tlb);
}

void tlb_reset(struct tlb *t, unsigned entries)
{
	__builtin_memset(t, 0, sizeof *t);
	t->entries = entries;
	t->down = entries;
}

static uint32_t mix(uint32_t x)
{
	return x * 0x9e3779b1u;
}

static struct ext_set *set_of(const struct tlb *t, uint32_t vpn2, uint32_t asid)
{
	uint32_t h = mix(vpn2 ^ asid);

	/* The table belongs to the TLB, which is const only for those who look something up.  */
	return (struct ext_set *)&t->set[h >> (32 - (TLB_EXT_LOG2 - 2))];
}

static uint32_t filter_of(uint32_t vpn2)
{
	return mix(vpn2) >> (32 - FILTER_LOG2);
}

static bool matches(const struct tlb_entry *e, gva va, uint8_t asid)
{
	return e->present && ((va ^ e->vpn2) & ~(e->mask | PAIR_MASK)) == 0 && (e->global || e->asid == asid);
}

static const struct tlb_entry *ext_find(const struct tlb *t, uint32_t vpn2, uint8_t asid, bool global)
{
	const struct ext_set *s;
	unsigned i;

	if (!t->filter[global][filter_of(vpn2)])
		return NULL;
	s = set_of(t, vpn2, global ? ASID_GLOBAL : asid);
	for (i = 0; i < WAYS; i++)
		if (s->e[i].present && s->e[i].vpn2 == vpn2 && s->e[i].global == global && (global || s->e[i].asid == asid))
			return &s->e[i];
	return NULL;
}

const struct tlb_entry *tlb_find(const struct tlb *t, gva va, uint8_t asid, bool *extended, unsigned *index)
{
	const struct tlb_entry *e;
	unsigned i;

	*extended = false;
	*index = 0;
	for (i = 0; i < t->entries; i++)
		if (matches(&t->array[i], va, asid)) {
			*index = i;
			return &t->array[i];
		}
	*extended = true;
	e = ext_find(t, va & ~PAIR_MASK, asid, false);
	return e ? e : ext_find(t, va & ~PAIR_MASK, asid, true);
}

static void dropped(struct cpu *c, const struct tlb_entry *e)
{
	interp_flush(c);
	c->hooks->tlb_dropped(c, e);
}

/* Take an entry out of the table without a word.  */
static void ext_remove(struct tlb *t, struct tlb_entry *e)
{
	t->filter[e->global][filter_of(e->vpn2)]--;
	t->count--;
	e->present = false;
}

static void ext_drop(struct cpu *c, struct tlb_entry *e)
{
	struct tlb_entry was = *e;

	ext_remove(c->tlb, e);
	dropped(c, &was);
}

void tlb_forget(struct cpu *c, const struct tlb_entry *e)
{
	ext_drop(c, (struct tlb_entry *)e);
}

/* What was usable through @old is as usable through @new: the host's mappings may stay.  */
static bool keeps(const struct tlb_entry *old, const struct tlb_entry *new)
{
	unsigned h;

	if (!new->present || old->vpn2 != new->vpn2 || old->mask != new->mask || old->global != new->global ||
	    (!old->global && old->asid != new->asid))
		return false;
	for (h = 0; h < 2; h++) {
		if (!(old->lo[h] & TLB_LO_V))
			continue;
		if (((old->lo[h] ^ new->lo[h]) >> 6) != 0 || !(new->lo[h] & TLB_LO_V) || (old->lo[h] & ~new->lo[h] & TLB_LO_D))
			return false;
	}
	return true;
}

static void ext_give_way(struct cpu *c, struct tlb_entry *e, const struct tlb_entry *new)
{
	if (keeps(e, new))
		ext_remove(c->tlb, e);
	else
		ext_drop(c, e);
}

static bool overlaps(const struct tlb_entry *a, const struct tlb_entry *b)
{
	return ((a->vpn2 ^ b->vpn2) & ~(a->mask | b->mask | PAIR_MASK)) == 0 && (a->global || b->global || a->asid == b->asid);
}

static void ext_drop_overlapping_all(struct cpu *c, const struct tlb_entry *new)
{
	struct tlb *t = c->tlb;
	unsigned s, w;

	for (s = 0; s < SETS && t->count; s++)
		for (w = 0; w < WAYS; w++)
			if (t->set[s].e[w].present && overlaps(&t->set[s].e[w], new))
				ext_give_way(c, &t->set[s].e[w], new);
}

/* Every extended entry that @new overlaps goes.  */
static void ext_drop_overlapping(struct cpu *c, const struct tlb_entry *new)
{
	struct tlb *t = c->tlb;
	const struct tlb_entry *e;

	if (new->mask || (new->global && t->filter[0][filter_of(new->vpn2)])) {
		ext_drop_overlapping_all(c, new);
		return;
	}
	e = ext_find(t, new->vpn2, new->asid, false);
	if (e && !new->global)
		ext_give_way(c, (struct tlb_entry *)e, new);
	e = ext_find(t, new->vpn2, new->asid, true);
	if (e)
		ext_give_way(c, (struct tlb_entry *)e, new);
}

/* A sweep: reported as a whole.  */
static void ext_drop_all(struct cpu *c)
{
	struct tlb *t = c->tlb;

	if (!t->count)
		return;
	t->count = 0;
	__builtin_memset(t->set, 0, sizeof t->set);
	__builtin_memset(t->filter, 0, sizeof t->filter);
	dropped(c, NULL);
}

static void ext_insert(struct cpu *c, const struct tlb_entry *e)
{
	struct tlb *t = c->tlb;
	struct ext_set *s = set_of(t, e->vpn2, e->global ? ASID_GLOBAL : e->asid);
	unsigned w;

	for (w = 0; w < WAYS && s->e[w].present; w++)
		;
	if (w == WAYS) {
		w = s->next;
		s->next = (uint8_t)((s->next + 1u) % WAYS);
		ext_drop(c, &s->e[w]);
	}
	s->e[w] = *e;
	t->filter[e->global][filter_of(e->vpn2)]++;
	t->count++;
}

static struct tlb_entry entry_from_cp0(const struct cpu *c)
{
	uint32_t vpn2 = c->entryhi & ~(c->pagemask | PAIR_MASK);

	return (struct tlb_entry){
		.vpn2 = vpn2, .mask = c->pagemask,
		.lo = { c->entrylo0 & ~TLB_LO_G, c->entrylo1 & ~TLB_LO_G },
		.asid = (uint8_t)c->entryhi,
		.global = (c->entrylo0 & c->entrylo1 & TLB_LO_G) != 0,
		.present = true,
	};
}

static bool any_valid(const struct tlb_entry *e)
{
	return ((e->lo[0] | e->lo[1]) & TLB_LO_V) != 0;
}

/*
 * Does @e duplicate an entry of the array other than @index?  Only entries that translate something count: boot monitors and
 * kernels fill the array with equal invalid entries.
 */
static bool duplicates(const struct tlb *t, const struct tlb_entry *e, unsigned index)
{
	unsigned i;

	if (!any_valid(e))
		return false;
	for (i = 0; i < t->entries; i++)
		if (i != index && t->array[i].present && any_valid(&t->array[i]) && overlaps(&t->array[i], e))
			return true;
	return false;
}

/*
 * The entry just written at @index answers, and no other that it overlaps (one of the two translates nothing, or it had not been
 * written): those match nothing any more, though TLBR shows them.  So there is never more than one match, whatever the ASID, and what
 * is remembered of a global entry holds in every address space.
 */
static void displace(struct cpu *c, unsigned index)
{
	struct tlb *t = c->tlb;
	unsigned i;

	for (i = 0; i < t->entries; i++) {
		struct tlb_entry was = t->array[i];

		if (i == index || !was.present || !overlaps(&was, &t->array[index]))
			continue;
		t->array[i].present = false;
		if (any_valid(&was))
			dropped(c, &was);
	}
}

static bool write_entry(struct cpu *c, unsigned index, bool keep_old)
{
	struct tlb *t = c->tlb;
	struct tlb_entry new = entry_from_cp0(c), old = t->array[index];

	if (duplicates(t, &new, index))
		return false;
	ext_drop_overlapping(c, &new);
	t->array[index] = new;
	displace(c, index);
	if (old.present && any_valid(&old) && !keeps(&old, &new)) {
		if (keep_old && old.mask == 0 && !overlaps(&old, &new))
			ext_insert(c, &old);
		else
			dropped(c, &old);
	}
	if (c->hooks->tlb_written)
		c->hooks->tlb_written(c, &t->array[index]);
	return true;
}

/*
 * The guest knows what is at @index.  Who knows it of all that are not wired knows that whatever TLBWR put there before is gone: in any
 * order if no TLBWR came between, or one by one from end to end, whatever came between.
 */
static void witness(struct cpu *c, unsigned index)
{
	struct tlb *t = c->tlb;
	uint64_t all = t->entries == 64 ? ~0ull : (1ull << t->entries) - 1;

	t->swept |= 1ull << index;
	if (index <= c->wired || index == t->up)
		t->up = index + 1;
	if (index == t->entries - 1 || index + 1 == t->down)
		t->down = index;
	if ((t->swept | ((1ull << c->wired) - 1)) == all || t->up == t->entries || t->down <= c->wired) {
		t->swept = 0;
		t->up = 0;
		t->down = t->entries;
		ext_drop_all(c);
	}
}

bool tlb_write_indexed(struct cpu *c)
{
	unsigned index = c->index & (c->tlb->entries - 1);

	if (!write_entry(c, index, false))
		return false;
	witness(c, index);
	return true;
}

/* 16-bit maximal-length LFSR, taps 16 14 13 11: the same sequence in every run.  */
uint32_t tlb_random(struct cpu *c)
{
	uint32_t n = c->tlb->entries, wired = c->wired < n ? c->wired : n - 1, pick;

	do {
		uint32_t bit = (c->lfsr ^ c->lfsr >> 2 ^ c->lfsr >> 3 ^ c->lfsr >> 5) & 1u;

		c->lfsr = c->lfsr >> 1 | bit << 15;
		pick = wired + c->lfsr % (n - wired);
	} while (pick == c->random && n - wired > 1); /* not the one just written */
	c->random = pick;
	return pick;
}

/* With one index to choose from the guest knows which.  */
bool tlb_write_random(struct cpu *c)
{
	c->tlb->swept = 0;
	return write_entry(c, tlb_random(c), c->wired < c->tlb->entries - 1);
}

void tlb_probe(struct cpu *c)
{
	const struct tlb_entry *e;
	bool extended;
	unsigned index;

	e = tlb_find(c->tlb, c->entryhi & ~PAIR_MASK, (uint8_t)c->entryhi, &extended, &index);
	if (e && extended)
		tlb_forget(c, e);
	c->index = e && !extended ? index : INDEX_P;
}

void tlb_read(struct cpu *c)
{
	unsigned index = c->index & (c->tlb->entries - 1);
	const struct tlb_entry *e = &c->tlb->array[index];
	uint32_t asid = c->entryhi & HI_ASID;
	uint32_t g = e->global ? TLB_LO_G : 0;

	c->entryhi = e->vpn2 | e->asid;
	c->pagemask = e->mask;
	c->entrylo0 = e->lo[0] | g;
	c->entrylo1 = e->lo[1] | g;
	if (asid != e->asid) {
		interp_flush(c);
		cpu_mode_changed(c);
	}
	witness(c, index);
}
