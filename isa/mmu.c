/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Address translation: the fixed segments, then the TLB.  MD00090, virtual memory.
 */
#include "isa/cpu.h"
#include "isa/tlb.h"

uint8_t *ram_at(struct cpu *c, gpa pa, struct ram_bank **bank)
{
	unsigned i;

	for (i = 0; i < c->nbanks; i++) {
		struct ram_bank *b = &c->bank[i];

		if (pa - b->base < b->size) {
			if (bank)
				*bank = b;
			return b->host + (pa - b->base);
		}
	}
	return NULL;
}

static void fail(struct mmu_result *out, enum exc e, bool refill)
{
	out->exc = e;
	out->refill = refill;
}

/* Returns the extended entry that must not answer again, or NULL.  */
static const struct tlb_entry *translate_tlb(const struct cpu *c, gva va, uint8_t asid, enum access a, struct mmu_result *out)
{
	enum exc miss = a == ACCESS_STORE ? EXC_TLBS : EXC_TLBL;
	const struct tlb_entry *e;
	uint32_t lo, page;
	bool extended;
	unsigned index;

	out->mapped = true;
	e = tlb_find(c->tlb, va, asid, &extended, &index);
	if (!e) {
		fail(out, miss, true);
		return NULL;
	}
	page = (e->mask | 0x1fffu) >> 1; /* offset bits in one of the two pages */
	lo = e->lo[(va & (page + 1)) != 0];
	if (!(lo & TLB_LO_V) || (a == ACCESS_STORE && !(lo & TLB_LO_D))) {
		if (extended)
			fail(out, miss, true);
		else
			fail(out, lo & TLB_LO_V ? EXC_MOD : miss, false);
		return extended ? e : NULL;
	}
	out->pa = ((gpa)(lo >> 6 & 0xffffffu) << 12 & ~(gpa)page) | (va & page);
	out->writable = (lo & TLB_LO_D) != 0;
	out->global = e->global;
	return NULL;
}

const struct tlb_entry *mmu_lookup(const struct cpu *c, gva va, enum access a, struct mmu_result *out)
{
	*out = (struct mmu_result){ .exc = EXC_NONE, .writable = true, .global = true };
	if (va >= 0x80000000u) {
		if (cpu_user_mode(c))
			fail(out, a == ACCESS_STORE ? EXC_ADES : EXC_ADEL, false);
		else if (va < 0xc0000000u)
			out->pa = va & 0x1fffffffu;
		else
			return translate_tlb(c, va, (uint8_t)c->entryhi, a, out);
	} else if (c->status & ST_ERL) {
		out->pa = va;
	} else {
		return translate_tlb(c, va, (uint8_t)c->entryhi, a, out);
	}
	return NULL;
}

void mmu_lookup_mapped(const struct cpu *c, gva va, uint8_t asid, struct mmu_result *out)
{
	*out = (struct mmu_result){ .exc = EXC_NONE };
	(void)translate_tlb(c, va, asid, ACCESS_LOAD, out);
}

void mmu_translate(struct cpu *c, gva va, enum access a, struct mmu_result *out)
{
	const struct tlb_entry *stale = mmu_lookup(c, va, a, out);

	if (stale)
		tlb_forget(c, stale);
}
