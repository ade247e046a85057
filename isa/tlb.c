/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLB array, and its extension under the visibility rules of tlb.h.
 *
 * The extension is a direct-mapped hash over (VPN2, ASID), global entries under a pseudo-ASID of their own; a collision evicts, which
 * the guest cannot tell from an eviction by TLBWR.
 */
#include "isa/tlb.h"

#include "isa/cpu.h"
#include "isa/interp.h"

#define EXT_SIZE (1u << TLB_EXT_LOG2)
#define EXT_GLOBAL 0x100u
#define LO_D 4u
#define LO_V 2u
#define LO_G 1u
#define LO_KEEP 0x3ffffffeu
#define ENTRYHI_VPN2 0xffffe000u
#define INDEX_P 0x80000000u

struct tlb {
	unsigned n;
	uint64_t swept;                     /* array indices written by TLBWI since the last TLBWR */
	uint32_t used;                      /* extended entries present */
	uint32_t high_private;              /* of them: not global and above kuseg (never, under Linux) */
	struct tlb_entry array[TLB_ENTRIES_MAX];
	struct tlb_entry ext[EXT_SIZE];
};

/* A mapping the guest could use is gone: everybody who remembers translations must hear of it.  */
static void dropped(struct cpu *c, const struct tlb_entry *e)
{
	interp_flush(c);
	c->hooks->tlb_dropped(c, e);
}

size_t tlb_sizeof(void)
{
	return sizeof(struct tlb);
}

void tlb_reset(struct tlb *t, unsigned entries)
{
	__builtin_memset(t, 0, sizeof *t);
	t->n = entries;
}

static uint32_t span_mask(const struct tlb_entry *e)
{
	return e->mask | 0x1fffu;
}

static bool matches(const struct tlb_entry *e, gva va, uint8_t asid)
{
	return e->present && !((e->vpn2 ^ va) & ~span_mask(e)) && (e->global || e->asid == asid);
}

/* The two entries cover an address in common that some ASID can see in both.  */
static bool overlaps(const struct tlb_entry *a, const struct tlb_entry *b)
{
	return a->present && b->present && !((a->vpn2 ^ b->vpn2) & ~(span_mask(a) | span_mask(b))) &&
	       (a->global || b->global || a->asid == b->asid);
}

static uint32_t ext_slot(gva vpn2, uint32_t asid)
{
	return ((vpn2 >> 13 ^ asid << 19 ^ asid << 7) * 2654435761u) >> (32 - TLB_EXT_LOG2);
}

const struct tlb_entry *tlb_find(const struct tlb *t, gva va, uint8_t asid, bool *extended, unsigned *index)
{
	const struct tlb_entry *e;
	unsigned i;

	*extended = false;
	for (i = 0; i < t->n; i++)
		if (matches(&t->array[i], va, asid)) {
			*index = i;
			return &t->array[i];
		}
	*extended = true;
	e = &t->ext[ext_slot(va & ENTRYHI_VPN2, asid)];
	if (matches(e, va, asid))
		return e;
	e = &t->ext[ext_slot(va & ENTRYHI_VPN2, EXT_GLOBAL)];
	return matches(e, va, asid) ? e : NULL;
}

static void ext_remove(struct cpu *c, struct tlb_entry *e, bool tell)
{
	struct tlb_entry old = *e;

	if (!old.present)
		return;
	e->present = false;
	c->tlb->used--;
	if (!old.global && old.vpn2 >= 0x80000000u)
		c->tlb->high_private--;
	if (tell)
		dropped(c, &old);
}

void tlb_forget(struct cpu *c, const struct tlb_entry *e)
{
	ext_remove(c, &c->tlb->ext[e - c->tlb->ext], true);
}

/* @now shows everything @old showed, at the same place: nobody who relied on @old is wrong.  */
static bool covers(const struct tlb_entry *now, const struct tlb_entry *old)
{
	unsigned i;

	if (!now->present || now->vpn2 != old->vpn2 || now->mask != old->mask || now->global != old->global ||
	    (!old->global && now->asid != old->asid))
		return false;
	for (i = 0; i < 2; i++)
		if ((old->lo[i] & LO_V) && (((now->lo[i] ^ old->lo[i]) >> 6) || !(now->lo[i] & LO_V) || (old->lo[i] & LO_D & ~now->lo[i])))
			return false;
	return true;
}

/* Take every extended entry that @now overlaps out; those that @now covers without telling.  */
static void ext_clear_overlaps(struct cpu *c, const struct tlb_entry *now)
{
	struct tlb *t = c->tlb;
	struct tlb_entry *e;
	uint32_t i;

	if (!t->used)
		return;
	if (now->mask || (now->global && (now->vpn2 < 0x80000000u || t->high_private))) {
		for (i = 0; i < EXT_SIZE; i++)
			if (overlaps(&t->ext[i], now))
				ext_remove(c, &t->ext[i], !covers(now, &t->ext[i]));
		return;
	}
	if (!now->global) {
		e = &t->ext[ext_slot(now->vpn2, now->asid)];
		if (overlaps(e, now))
			ext_remove(c, e, !covers(now, e));
	}
	e = &t->ext[ext_slot(now->vpn2, EXT_GLOBAL)];
	if (overlaps(e, now))
		ext_remove(c, e, !covers(now, e));
}

static void ext_keep(struct cpu *c, const struct tlb_entry *old)
{
	struct tlb *t = c->tlb;
	struct tlb_entry *e;

	if (!old->present)
		return;
	if (old->mask || !((old->lo[0] | old->lo[1]) & LO_V)) {
		dropped(c, old);
		return;
	}
	e = &t->ext[ext_slot(old->vpn2, old->global ? EXT_GLOBAL : old->asid)];
	ext_remove(c, e, true);
	*e = *old;
	t->used++;
	if (!old->global && old->vpn2 >= 0x80000000u)
		t->high_private++;
}

static struct tlb_entry from_cp0(const struct cpu *c)
{
	struct tlb_entry e = { .mask = c->pagemask & 0x1fffe000u, .asid = (uint8_t)(c->entryhi & 0xffu), .present = true };

	e.vpn2 = c->entryhi & ENTRYHI_VPN2 & ~e.mask;
	e.lo[0] = c->entrylo0 & LO_KEEP;
	e.lo[1] = c->entrylo1 & LO_KEEP;
	e.global = c->entrylo0 & c->entrylo1 & LO_G;
	return e;
}

static bool duplicate(const struct tlb *t, const struct tlb_entry *e, unsigned except)
{
	unsigned i;

	for (i = 0; i < t->n; i++)
		if (i != except && overlaps(&t->array[i], e))
			return true;
	return false;
}

bool tlb_write_indexed(struct cpu *c)
{
	struct tlb *t = c->tlb;
	unsigned i = (c->index & ~INDEX_P) % t->n, wired = c->wired < t->n ? c->wired : t->n;
	struct tlb_entry now = from_cp0(c), old = t->array[i];
	uint64_t all = (t->n == 64 ? ~0ull : (1ull << t->n) - 1) & ~((1ull << wired) - 1);

	if (duplicate(t, &now, i))
		return false;
	t->array[i] = now;
	if (old.present && !covers(&now, &old))
		dropped(c, &old);
	ext_clear_overlaps(c, &now);
	t->swept |= 1ull << i;
	if ((t->swept & all) == all && t->used) {
		__builtin_memset(t->ext, 0, sizeof t->ext);
		t->used = t->high_private = 0;
		t->swept = 0;
		dropped(c, NULL);
	}
	if (c->hooks->tlb_written)
		c->hooks->tlb_written(c, &t->array[i]);
	return true;
}

/* Deterministic and the same for every accelerator: a step of a 32-bit xorshift per use.  */
uint32_t tlb_random(struct cpu *c)
{
	unsigned n = c->tlb->n, wired = c->wired < n - 1 ? c->wired : n - 1;

	c->lfsr ^= c->lfsr << 13;
	c->lfsr ^= c->lfsr >> 17;
	c->lfsr ^= c->lfsr << 5;
	return wired + c->lfsr % (n - wired);
}

bool tlb_write_random(struct cpu *c)
{
	struct tlb *t = c->tlb;
	unsigned i = tlb_random(c);
	struct tlb_entry now = from_cp0(c), old = t->array[i];

	if (duplicate(t, &now, i))
		return false;
	t->array[i] = now;
	t->swept = 0;
	if (old.present && overlaps(&old, &now)) {
		if (!covers(&now, &old))
			dropped(c, &old);
	} else {
		ext_keep(c, &old);
	}
	ext_clear_overlaps(c, &now);
	if (c->hooks->tlb_written)
		c->hooks->tlb_written(c, &t->array[i]);
	return true;
}

void tlb_probe(struct cpu *c)
{
	bool extended;
	unsigned i;
	const struct tlb_entry *e = tlb_find(c->tlb, c->entryhi & ENTRYHI_VPN2, (uint8_t)(c->entryhi & 0xffu), &extended, &i);

	if (e && !extended) {
		c->index = i;
		return;
	}
	if (e)
		tlb_forget(c, e);
	c->index |= INDEX_P;
}

void tlb_read(struct cpu *c)
{
	const struct tlb_entry *e = &c->tlb->array[(c->index & ~INDEX_P) % c->tlb->n];
	uint32_t asid = c->entryhi & 0xffu;

	c->pagemask = e->mask;
	c->entryhi = e->vpn2 | e->asid;
	c->entrylo0 = e->lo[0] | e->global;
	c->entrylo1 = e->lo[1] | e->global;
	if (asid != e->asid)
		c->hooks->mode_changed(c);
}
