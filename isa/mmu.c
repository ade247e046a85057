/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The MIPS32 address map: segments, then the TLB.  MD00090, "Virtual memory".
 */
#include "isa/cpu.h"
#include "isa/tlb.h"

#define LO_D 4u
#define LO_V 2u

uint8_t *ram_at(struct cpu *c, gpa pa, struct ram_bank **bank)
{
	unsigned i;

	for (i = 0; i < c->nbanks; i++)
		if (pa - c->bank[i].base < c->bank[i].size) {
			if (bank)
				*bank = &c->bank[i];
			return c->bank[i].host + (pa - c->bank[i].base);
		}
	return NULL;
}

static void direct(struct mmu_result *out, gpa pa)
{
	*out = (struct mmu_result){ .pa = pa, .writable = true, .global = true, .exc = EXC_NONE };
}

static void fail(struct mmu_result *out, enum exc e, bool refill)
{
	*out = (struct mmu_result){ .exc = e, .refill = refill };
}

static void through_tlb(struct cpu *c, gva va, enum access a, struct mmu_result *out)
{
	bool extended;
	unsigned index;
	const struct tlb_entry *e = tlb_find(c->tlb, va, (uint8_t)(c->entryhi & 0xffu), &extended, &index);
	enum exc miss = a == ACCESS_STORE ? EXC_TLBS : EXC_TLBL;
	uint32_t size, lo;

	if (!e) {
		fail(out, miss, true);
		return;
	}
	size = ((e->mask | 0x1fffu) + 1) / 2;
	lo = e->lo[(va & size) != 0];
	if (!(lo & LO_V) || (a == ACCESS_STORE && !(lo & LO_D))) {
		if (extended) { /* only the array may raise these two */
			tlb_forget(c, e);
			fail(out, miss, true);
		} else {
			fail(out, lo & LO_V ? EXC_MOD : miss, false);
		}
		return;
	}
	*out = (struct mmu_result){ .writable = lo & LO_D, .global = e->global, .mapped = true, .exc = EXC_NONE };
	out->pa = ((gpa)(lo >> 6 & 0xffffffu) << GUEST_PAGE_LOG2) & ((1ull << c->model->pa_bits) - 1);
	out->pa = (out->pa & ~(gpa)(size - 1)) | (va & (size - 1));
}

void mmu_translate(struct cpu *c, gva va, enum access a, struct mmu_result *out)
{
	if (va >= 0x80000000u && cpu_user_mode(c))
		fail(out, a == ACCESS_STORE ? EXC_ADES : EXC_ADEL, false);
	else if (va - 0x80000000u < 0x40000000u)
		direct(out, va & 0x1fffffffu);
	else if (va < 0x80000000u && (c->status & ST_ERL))
		direct(out, va);
	else
		through_tlb(c, va, a, out);
}
