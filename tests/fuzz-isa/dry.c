/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  Unwanted: stores outside the slot's data and code, device accesses, control that leaves the code without an exception,
 * no end, and for programs that QEMU runs too, the rows of explained.def.
 */
#include "tests/fuzz-isa/dry.h"

#include <stdlib.h>
#include <string.h>

#include "isa/block.h"
#include "isa/cp0.h"
#include "isa/interp.h"
#include "isa/tlb.h"
#include "tests/engine/asm.h"

#define NOWHERE UINT32_MAX
#define STATUS_UNWANTED 0x02000008u /* RE, KSU bit 1 */
#define SRSCTL_SETS 0xf3c0u /* ESS, PSS */
#define COP1_FORMATS 0x003301ddu    /* MF, CF, MFH, MT, CT, MTH, BC, S, D, W, L */
#define TLB_ALL 16u
#define STEPS_MAX 200000u           /* handlers and driver included */

struct dry {
	struct image image, clean;
	gpa spoiled;                /* where a store went that should not; or NOWHERE */
	struct cpu cpu;
	uint8_t *flags, rom_flags[IMAGE_ROM / GUEST_PAGE_SIZE];
	const struct program *p;
	struct coverage cover;
	bool in_program;            /* not in the driver or a handler */
	bool outside;               /* the program touched what it should not */
	bool raised;                /* cpu_raise, or a change of mode */
	unsigned at, back;          /* word of the program now, and the last one that led backwards; in p->code */
	struct tlb_entry tlb[TLB_ALL]; /* as last written */
	bool duplicate;             /* two of them overlap */
	uint16_t changed[PROGRAM_WORDS]; /* 1 + the word that overwrote this one; 0: nothing did */
	gva link;                   /* of the LL that a SC may follow; 0: none */
	bool link_spoiled;
	bool address_open;          /* Context.BadVPN2 is what an address error left */
	bool index_open;            /* Index is what a probe without a match left */
	bool bad_open;              /* BadVAddr is what a misaligned fetch left */
	uint64_t ns;
};

static struct dry *of(struct cpu *c) { return c->owner; }

/* --- surroundings --- */

static uint32_t io_load(struct cpu *c, gpa pa, unsigned size)
{
	(void)pa;
	(void)size;
	of(c)->outside |= of(c)->in_program;
	return 0;
}

static void io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	(void)size;
	of(c)->outside |= of(c)->in_program;
	if (pa == PORT_STOP && !of(c)->in_program)
		c->stopped = true;
	if (pa == PORT_DONE && value)
		c->lfsr = RANDOM_START;
}

static void code_write(struct cpu *c, gpa pa, unsigned size)
{
	struct dry *d = of(c);
	gpa from = (slot_address(d->p->slot) & 0x1fffffffu) + SLOT_CODE + 4 * d->p->first;

	if (!d->in_program)
		return;
	if (pa < from || pa + size > from + 4 * d->p->nwords) {
		d->outside = true;
		d->spoiled = pa;
		return;
	}
	d->changed[(pa - from) / 4] = (uint16_t)(d->at + 1);
	d->cover.code_writes++;
}

static void tlb_dropped(struct cpu *c, const struct tlb_entry *e)
{
	(void)c;
	(void)e;
}

static bool overlap(const struct tlb_entry *a, const struct tlb_entry *b)
{
	return a->present && b->present && !((a->vpn2 ^ b->vpn2) & ~(a->mask | b->mask | 0x1fffu)) &&
	       (a->global || b->global || a->asid == b->asid);
}

/* Programs for QEMU write by index only.  Entries of unmapped addresses count, since probes find them.  */
static void tlb_written(struct cpu *c, const struct tlb_entry *e)
{
	struct dry *d = of(c);
	unsigned at = c->index % TLB_ALL;

	d->tlb[at] = *e;
	for (unsigned i = 0; i < TLB_ALL; i++)
		if (i != at && overlap(&d->tlb[i], &d->tlb[at]))
			d->duplicate = true;
}

static void mode_changed(struct cpu *c) { of(c)->raised = true; }
static uint64_t now_ns(struct cpu *c) { return of(c)->ns; }

static void timer_set(struct cpu *c, uint64_t when_ns)
{
	(void)c;
	(void)when_ns;
}

static const struct cpu_hooks hooks = {
	.io_load = io_load, .io_store = io_store, .code_write = code_write, .tlb_dropped = tlb_dropped, .tlb_written = tlb_written,
	.mode_changed = mode_changed,
	.now_ns = now_ns, .timer_set = timer_set,
};

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

struct dry *dry_create(bool big_endian)
{
	struct dry *d = need(calloc(1, sizeof *d));
	struct cpu *c = &d->cpu;

	image_create(&d->image, big_endian);
	image_create(&d->clean, big_endian);
	d->flags = need(malloc(IMAGE_RAM / GUEST_PAGE_SIZE));
	memset(d->flags, PAGE_CODE, IMAGE_RAM / GUEST_PAGE_SIZE);
	memset(d->rom_flags, PAGE_ROM, sizeof d->rom_flags);
	c->nbanks = 2;
	c->bank[0] = (struct ram_bank){ .size = IMAGE_RAM, .host = d->image.ram, .flags = d->flags };
	c->bank[1] = (struct ram_bank){ .base = 0x1fc00000u, .size = IMAGE_ROM, .host = d->image.rom, .flags = d->rom_flags };
	d->spoiled = NOWHERE;
	cpu_init(c, need((void *)(uintptr_t)cpu_model_find("24Kc")), big_endian, need(malloc(tlb_sizeof())), &hooks, d);
	return d;
}

void dry_destroy(struct dry *d)
{
	free(d->cpu.tlb);
	free(d->flags);
	image_destroy(&d->image);
	image_destroy(&d->clean);
	free(d);
}

/* --- one step --- */

/* A program's step: an instruction, and the one behind it if that is its slot.  */
struct pace {
	gva pc;
	unsigned at;           /* word in p->code, or NOWHERE: fetching raises an exception, or else */
	struct insn insn, slot;
	bool branch;
};

/* Which word of the program is fetched from @pc, wherever that is?  */
static unsigned word_at(struct dry *d, gva pc)
{
	const struct program *p = d->p;
	gpa from = (slot_address(p->slot) & 0x1fffffffu) + SLOT_CODE + 4 * p->first;
	struct mmu_result r;

	if (pc & 3u)
		return NOWHERE;
	(void)mmu_lookup(&d->cpu, pc, ACCESS_FETCH, &r);
	return r.exc == EXC_NONE && r.pa - from < 4 * p->nwords ? (unsigned)(r.pa - from) / 4 : NOWHERE;
}

static insn_word code_now(const struct dry *d, unsigned at)
{
	return at < d->p->nwords ? image_get(&d->image, slot_address(d->p->slot) + SLOT_CODE + 4 * (d->p->first + at)) : 0;
}

static void look(struct dry *d, struct pace *s)
{
	*s = (struct pace){ .pc = d->cpu.pc, .at = word_at(d, d->cpu.pc) };
	if (s->at == NOWHERE)
		return;
	insn_decode(code_now(d, s->at), ISA_R2, &s->insn);
	s->branch = insn_flags((enum insn_op)s->insn.op) & IF_BRANCH;
	if (s->branch)
		insn_decode(code_now(d, s->at + 1), ISA_R2, &s->slot);
}

static bool never_taken(const struct insn *i)
{
	return i->op == INSN_BNE ? i->rs == i->rt : i->rs == 0 && (i->op == INSN_BLTZ || i->op == INSN_BLTZAL || i->op == INSN_BGTZ);
}

/* Registers whose value is the same everywhere: what programs for QEMU may read.  */
static bool steady(unsigned reg, unsigned sel)
{
	static const struct { uint8_t reg, sels; } list[] = { /* sels: bit per select */
		{ 0, 1 }, { 2, 1 }, { 3, 1 }, { 4, 1 }, { 5, 1 }, { 6, 1 }, { 7, 1 }, { 8, 1 }, { 10, 1 }, { 12, 7 }, { 13, 1 },
		{ 14, 1 }, { 15, 3 }, { 16, 0x8d }, { 18, 1 }, { 19, 1 }, { 24, 1 }, { 28, 2 }, { 29, 3 }, { 30, 1 }, { 31, 1 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(list); i++)
		if (list[i].reg == reg)
			return list[i].sels >> sel & 1u;
	return false;
}

/* The next instruction is @w, and nothing comes between.  */
static bool followed_by(const struct dry *d, bool in_slot, insn_word w)
{
	return !in_slot && ((d->cpu.pc + 4) & GUEST_PAGE_MASK) && code_now(d, d->at + 1) == w;
}

/* The next instruction forgets what @i has read: ADDU rt, $0, $0.  */
static bool overwritten(const struct dry *d, const struct insn *i, bool in_slot)
{
	return followed_by(d, in_slot, (insn_word)i->rt << 11 | 0x21u);
}

/* SRA rt, rt, 31: Index as found or not.  */
#define SRA_31(rt) ((insn_word)(rt) << 16 | (insn_word)(rt) << 11 | 31u << 6 | 3u)
/* SLL rt, rt, 4: Cause without BD, TI, CE.  */
#define SLL_4(rt) ((insn_word)(rt) << 16 | (insn_word)(rt) << 11 | 4u << 6)

static enum explained cp0_explained(const struct dry *d, const struct insn *i, bool in_slot)
{
	uint32_t value = d->cpu.gpr[i->rt];

	if (!steady(i->rd, i->word & 7u) && !(i->op == INSN_MFC0 && overwritten(d, i, in_slot)))
		return EXPLAINED_UNSTEADY;
	if (i->op == INSN_MTC0 && i->rd == 12 && !(i->word & 7u) && (value & STATUS_UNWANTED))
		return EXPLAINED_STATUS;
	if (i->op == INSN_MTC0 && i->rd == 12 && (i->word & 7u) == 2 && (value & SRSCTL_SETS))
		return EXPLAINED_SRSCTL;
	if (i->op == INSN_MTC0 && i->rd == 12 && (i->word & 7u) == 1 && (value & INTCTL_VS))
		return EXPLAINED_INTCTL;
	if (i->op == INSN_MTC0 && i->rd == 0 && value >= TLB_ALL)
		return EXPLAINED_INDEX_RANGE;
	if (i->op == INSN_MFC0 && i->rd == 4 && d->address_open)
		return EXPLAINED_ADDRESS;
	if (i->op == INSN_MFC0 && i->rd == 0 && d->index_open && !followed_by(d, in_slot, SRA_31(i->rt)))
		return EXPLAINED_INDEX;
	if (i->op == INSN_MFC0 && i->rd == 8 && d->bad_open)
		return EXPLAINED_MISALIGNED;
	if (i->op == INSN_MFC0 && i->rd == 13 && !followed_by(d, in_slot, SLL_4(i->rt)))
		return EXPLAINED_CE;
	return EXPLAINED_COUNT;
}

static enum explained sc_explained(const struct dry *d, const struct insn *i)
{
	gva va = d->cpu.gpr[i->rs] + insn_simm(i);

	if ((va & 3u) || (d->cpu.ll_bit ? va != d->link || d->link_spoiled : va == d->link))
		return EXPLAINED_SC;
	return EXPLAINED_COUNT;
}

/* Address bits that PageMask covers are set.  */
static bool covered(const struct cpu *c)
{
	return (c->entryhi & c->pagemask) || ((c->entrylo0 | c->entrylo1) >> 6 & c->pagemask >> 13);
}

/* The address of a cache operation leads somewhere.  */
static bool translates(const struct dry *d, const struct insn *i)
{
	struct mmu_result r;

	(void)mmu_lookup(&d->cpu, d->cpu.gpr[i->rs] + insn_simm(i), ACCESS_LOAD, &r);
	return r.exc == EXC_NONE;
}

/* Why QEMU should not meet @i, which stands in a slot or not; EXPLAINED_COUNT: it may.  */
static enum explained insn_explained(const struct dry *d, const struct insn *i, bool in_slot)
{
	const struct cpu *c = &d->cpu;
	bool usable = !cpu_user_mode(c) || (c->status & ST_CU0);

	switch (i->op) {
	case INSN_ERET:
	case INSN_DERET:
	case INSN_WAIT:
		return in_slot ? EXPLAINED_SLOT : usable && i->op == INSN_WAIT ? EXPLAINED_WAIT : EXPLAINED_COUNT;
	case INSN_SDBBP:
		return EXPLAINED_SDBBP;
	case INSN_RDHWR:
		return i->rd == 29 && usable ? EXPLAINED_RDHWR : i->rd == 2 && !overwritten(d, i, in_slot) ? EXPLAINED_UNSTEADY : EXPLAINED_COUNT;
	case INSN_EI:
		return in_slot && usable ? EXPLAINED_ENABLE : EXPLAINED_COUNT;
	case INSN_MFC0:
	case INSN_MTC0:
		if (in_slot && i->op == INSN_MTC0 && (i->rd == 12 || i->rd == 13) && usable)
			return EXPLAINED_ENABLE;
		return usable ? cp0_explained(d, i, in_slot) : EXPLAINED_COUNT;
	case INSN_COP1:
		return COP1_FORMATS >> i->rs & 1u ? EXPLAINED_COUNT : EXPLAINED_COP1;
	case INSN_CACHE:
	case INSN_SYNCI:
		return (usable || i->op == INSN_SYNCI) && !translates(d, i) ? EXPLAINED_CACHE : EXPLAINED_COUNT;
	case INSN_TLBWI:
		return !usable ? EXPLAINED_COUNT : d->index_open ? EXPLAINED_INDEX : covered(c) ? EXPLAINED_COVERED : EXPLAINED_COUNT;
	case INSN_TLBR:
		return usable && d->index_open ? EXPLAINED_INDEX : EXPLAINED_COUNT;
	case INSN_COP2:
		return EXPLAINED_COP2;
	case INSN_INVALID:
		return program_reserved(i->word) ? EXPLAINED_COUNT : EXPLAINED_RESERVED;
	case INSN_EXT:
		return i->sa + i->rd >= 32 ? EXPLAINED_FIELDS : EXPLAINED_COUNT;
	case INSN_INS:
		return i->rd < i->sa ? EXPLAINED_FIELDS : EXPLAINED_COUNT;
	case INSN_SC:
		return sc_explained(d, i);
	default:
		return EXPLAINED_COUNT;
	}
}

/* Where a hidden interrupt would show, or would lead the program in circles.  */
static bool async_shows(const struct dry *d, const struct insn *i)
{
	switch (i->op) {
	case INSN_LL:
	case INSN_SC:
	case INSN_ERET:
		return true;
	case INSN_MFC0:
		return i->rd == 13 || i->rd == 14;
	case INSN_MTC0:
		return i->rd == 12 && (d->cpu.gpr[i->rt] & (ST_EXL | ST_ERL));
	default:
		return false;
	}
}

/* k0 and k1 are the handlers': what is in them is nobody's business.  */
static bool uses_kernel_registers(const struct insn *i)
{
	struct insn_deps deps;

	insn_deps(i, &deps);
	if (insn_flags((enum insn_op)i->op) & IF_ENGINE)
		return (i->rs & ~1u) == 26 || (i->rt & ~1u) == 26 || (i->rd & ~1u) == 26;
	return ((deps.reads | deps.writes) >> 26 & 3u) != 0;
}

/* A cache operation in the slot of a branch that links into its base: where it leads is not known yet.  */
static bool base_unknown(const struct pace *s)
{
	struct insn_deps deps;

	insn_deps(&s->insn, &deps);
	return (s->slot.op == INSN_CACHE || s->slot.op == INSN_SYNCI) && (deps.writes >> s->slot.rs & 1u);
}

/* The instruction alone can tell only where its operands are known: of a slot, where the branch does not write them.  */
static enum explained step_explained(const struct dry *d, const struct pace *s, unsigned *culprit)
{
	enum explained why = EXPLAINED_COUNT;

	*culprit = s->at;
	if (d->changed[s->at] && s->branch && !(insn_flags((enum insn_op)s->insn.op) & IF_INDIRECT))
		why = EXPLAINED_TARGET, *culprit = d->changed[s->at] - 1u;
	else if (s->branch && insn_flags((enum insn_op)s->slot.op) & IF_BRANCH)
		why = EXPLAINED_SLOT;
	if (why == EXPLAINED_COUNT)
		why = insn_explained(d, &s->insn, false);
	if (why == EXPLAINED_COUNT && s->branch) {
		*culprit = s->at + 1;
		why = base_unknown(s) ? EXPLAINED_CACHE : insn_explained(d, &s->slot, true);
	}
	return why;
}

/* --- counting --- */

static enum event event_of(const struct dry *d, const struct pace *s, bool refill)
{
	const struct cpu *c = &d->cpu;
	bool fetch = c->badvaddr == s->pc || (s->branch && c->badvaddr == s->pc + 4 && c->cause & CAUSE_BD);

	switch (c->cause >> 2 & 31u) {
	case EXC_INT: return EV_INT;
	case EXC_MOD: return EV_MOD;
	case EXC_TLBL: return refill ? (fetch ? EV_REFILL_FETCH : EV_REFILL_LOAD) : fetch ? EV_TLBL_FETCH : EV_TLBL;
	case EXC_TLBS: return refill ? EV_REFILL_STORE : EV_TLBS;
	case EXC_ADEL: return fetch ? EV_ADEL_FETCH : EV_ADEL;
	case EXC_ADES: return EV_ADES;
	case EXC_SYS: return EV_SYS;
	case EXC_BP: return EV_BP;
	case EXC_RI: return EV_RI;
	case EXC_CPU: return EV_CPU0 + (c->cause >> 28 & 3u);
	case EXC_OV: return EV_OV;
	case EXC_TR: return EV_TR;
	case EXC_MCHECK: return EV_MCHECK;
	default: return EV_OTHER;
	}
}

static void count_step(struct dry *d, const struct pace *s, unsigned n, bool user)
{
	struct coverage *v = &d->cover;

	v->insns += n;
	v->modes[user ? 2 : s->pc - 0x80000000u < 0x40000000u ? 0 : 1] += n;
	if (s->at == NOWHERE)
		return;
	v->rows[s->insn.op]++;
	if (n == 2) {
		v->rows[s->slot.op]++;
		v->slots[s->slot.op]++;
	}
}

static void count_event(struct dry *d, const struct pace *s, bool user, bool nested)
{
	struct coverage *v = &d->cover;
	bool refill = !(d->cpu.pc & 0x3ffu & ~0x200u); /* 0x000 of a base, 0x200 of BEV */
	enum event e;

	if (d->cpu.pc == (d->cpu.ebase & 0xfffff000u) + 0x200u)
		refill = false;
	e = event_of(d, s, refill);
	v->exceptions++;
	if (nested)
		v->nested[e]++;
	else
		v->events[e][d->cpu.cause >> 31][user]++;
}

/* --- the run --- */

static void begin(struct dry *d, const struct program *p)
{
	struct cpu *c = &d->cpu;
	unsigned first = (slot_address(p->slot) - 0x80000000u) / GUEST_PAGE_SIZE;

	if (d->p)
		memset(d->flags, PAGE_CODE, IMAGE_RAM / GUEST_PAGE_SIZE);
	d->p = p;
	if (d->spoiled != NOWHERE)
		memcpy(d->image.ram + (d->spoiled & ~(gpa)GUEST_PAGE_MASK), d->clean.ram + (d->spoiled & ~(gpa)GUEST_PAGE_MASK), GUEST_PAGE_SIZE);
	d->spoiled = NOWHERE;
	memset(d->flags + first + SLOT_DATA / GUEST_PAGE_SIZE, 0, DATA_SIZE / GUEST_PAGE_SIZE);
	image_place(&d->image, p);
	image_list(&d->image, p, 1);
	d->in_program = false;
	cpu_reset(c);
	c->stopped = false;
	memset(&d->cover, 0, sizeof d->cover);
	d->link = 0;
	d->at = d->back = 0;
	memset(d->tlb, 0, sizeof d->tlb);
	memset(d->changed, 0, sizeof d->changed);
	d->outside = d->duplicate = d->index_open = false;
	d->address_open = d->bad_open = true; /* from the program before */
	d->ns = 0;
}

static void note_index(struct dry *d, const struct pace *s, unsigned n)
{
	const struct insn *i = s->branch && n == 2 ? &s->slot : &s->insn;

	if (i->op == INSN_TLBP)
		d->index_open = d->cpu.index >> 31;
	if (i->op == INSN_MTC0 && i->rd == 0)
		d->index_open = false;
}

static void note_link(struct dry *d, const struct pace *s, gva va, unsigned n)
{
	const struct insn *i = s->branch && n == 2 ? &s->slot : &s->insn;

	if (i->op == INSN_LL) {
		d->link = va;
		d->link_spoiled = false;
	} else if (insn_flags((enum insn_op)i->op) & IF_STORE) {
		d->link_spoiled = true;
	}
}

/* Refills count, too: their handler does not write Context.  */
static void note_address(struct dry *d, const struct pace *s)
{
	uint32_t code = d->cpu.cause >> 2 & 31u;

	if (code == EXC_ADEL || code == EXC_ADES)
		d->address_open = true;
	if (code == EXC_MOD || code == EXC_TLBL || code == EXC_TLBS)
		d->address_open = false;
	if (code >= EXC_MOD && code <= EXC_ADES)
		d->bad_open = s->pc & 3u;
}

/* QEMU looks a misaligned address of an instruction up before it finds it to be one.  Data as code is not worth the trouble: most of
   it is reserved, or worse.  */
static enum explained fetch_explained(struct dry *d, gva pc)
{
	struct mmu_result r;

	if (pc & 1u)
		return EXPLAINED_MIPS16;
	if (d->cpu.status & ST_ERL && pc < 0x80000000u)
		return EXPLAINED_ERL;
	(void)mmu_lookup(&d->cpu, pc, ACCESS_FETCH, &r);
	/* Nothing in the record would tell; or it lies in two pages.  */
	if (pc & 2u && (d->cpu.status & ST_EXL || (pc & GUEST_PAGE_MASK) == GUEST_PAGE_MASK - 1))
		return EXPLAINED_MISALIGNED;
	if (pc & 2u)
		return (r.exc == EXC_NONE ? r.pa >= IMAGE_RAM : r.exc != EXC_ADEL) ? EXPLAINED_MISALIGNED : EXPLAINED_COUNT;
	return r.exc == EXC_NONE ? EXPLAINED_RESERVED : EXPLAINED_COUNT;
}

/* Of the step's access, if there is one.  */
static gva access_address(const struct dry *d, const struct pace *s)
{
	const struct insn *i = s->branch ? &s->slot : &s->insn;
	struct insn_deps deps;

	insn_deps(&s->insn, &deps);
	return insn_simm(i) + (s->branch && deps.writes >> i->rs & 1u ? s->pc + 8 : d->cpu.gpr[i->rs]);
}

/* Elsewhere than in code and data stands what depends on what else is run.  */
static bool loads_elsewhere(struct dry *d, const struct pace *s, gva va)
{
	const struct insn *i = s->branch ? &s->slot : &s->insn;
	struct mmu_result r;

	if (s->at == NOWHERE || !(insn_flags((enum insn_op)i->op) & IF_LOAD))
		return false;
	(void)mmu_lookup(&d->cpu, va, ACCESS_LOAD, &r);
	return r.exc == EXC_NONE && r.pa - (slot_address(d->p->slot) & 0x1fffffffu) - SLOT_CODE >= SLOT_SIZE - SLOT_CODE;
}

/* kuseg is not mapped while ERL is set; QEMU goes on with what it has translated before.  */
static bool unmapped_explained(const struct dry *d, const struct pace *s, gva va)
{
	const struct insn *i = s->branch ? &s->slot : &s->insn;

	return d->cpu.status & ST_ERL && va < 0x80000000u && insn_flags((enum insn_op)i->op) & (IF_LOAD | IF_STORE);
}

/* A nullified slot that could not have been fetched.  */
static bool nullified_explained(struct dry *d, const struct pace *s, unsigned n)
{
	struct mmu_result r;

	if (!s->branch || n != 1 || !(insn_flags((enum insn_op)s->insn.op) & IF_LIKELY) || ((s->pc + 4) & GUEST_PAGE_MASK))
		return false;
	(void)mmu_lookup(&d->cpu, s->pc + 4, ACCESS_FETCH, &r);
	return r.exc != EXC_NONE;
}

/* True: nothing speaks against it.  */
static bool accept(struct dry *d, enum explained why)
{
	if (why == EXPLAINED_COUNT)
		return true;
	d->cover.explained[why]++;
	return false;
}

/* May this step be executed?  */
static bool before_step(struct dry *d, const struct pace *s, unsigned *culprit)
{
	bool for_qemu = !(d->p->flags & FUZZ_OURS);

	if (s->at == NOWHERE)
		return !for_qemu || accept(d, fetch_explained(d, s->pc));
	if (for_qemu && !accept(d, step_explained(d, s, culprit)))
		return false;
	*culprit = s->at + (s->branch ? 1u : 0u);
	if (uses_kernel_registers(&s->insn) || (s->branch && uses_kernel_registers(&s->slot))) {
		unsigned at = uses_kernel_registers(&s->insn) ? s->at : *culprit;

		*culprit = at < PROGRAM_WORDS && d->changed[at] ? d->changed[at] - 1u : at;
		return false;
	}
	if (d->p->flags & (FUZZ_ASYNC | FUZZ_TIMER) && async_shows(d, s->branch ? &s->slot : &s->insn))
		return accept(d, EXPLAINED_ASYNC);
	return true;
}

/* It has raised an exception.  */
static bool after_exception(struct dry *d, const struct pace *s, bool user, bool nested)
{
	count_event(d, s, user, nested);
	note_address(d, s);
	d->in_program = false;
	d->link = 0;
	if (d->p->flags & FUZZ_OURS || nested || !(d->cpu.cause & CAUSE_BD) || !never_taken(&s->insn))
		return true;
	return accept(d, EXPLAINED_NEVER_TAKEN);
}

/* One step of the program.  False: unwanted.  */
static bool program_step(struct dry *d, unsigned *culprit)
{
	struct cpu *c = &d->cpu;
	bool user = cpu_user_mode(c), nested = c->status & ST_EXL, for_qemu = !(d->p->flags & FUZZ_OURS);
	struct pace s;
	unsigned n;
	gva va;

	look(d, &s);
	*culprit = d->at;
	if (s.at != NOWHERE)
		d->at = s.at;
	if (!before_step(d, &s, culprit))
		return false;
	va = access_address(d, &s);
	d->outside |= loads_elsewhere(d, &s, va);
	if (for_qemu && unmapped_explained(d, &s, va))
		return accept(d, EXPLAINED_ERL);
	d->raised = false;
	n = interp_step(c);
	d->ns += n;
	count_step(d, &s, n, user);
	if (d->outside || c->waiting)
		return false;
	if (image_is_monitor(c->pc))
		return d->raised && image_is_vector(c->pc) && after_exception(d, &s, user, nested);
	if (s.at == NOWHERE)
		return false; /* executed something that is none of the program's */
	if (for_qemu && nullified_explained(d, &s, n)) {
		*culprit = s.at;
		return accept(d, EXPLAINED_NULLIFIED);
	}
	note_link(d, &s, va, n);
	note_index(d, &s, n);
	if (c->pc <= s.pc)
		d->back = s.at;
	return true;
}

/* Two entries match, or would if they were valid: nobody says which counts.  */
static bool duplicate_explained(struct dry *d)
{
	if (!d->duplicate && !((d->cpu.cause >> 2 & 31u) == EXC_MCHECK && d->cpu.status & ST_EXL))
		return false;
	return !accept(d, EXPLAINED_DUPLICATE);
}

/* Take an interrupt that is due.  True: what comes next is the program's.  */
static bool hand_over(struct dry *d)
{
	struct cpu *c = &d->cpu;

	if (cpu_irq_ready(c)) {
		if (d->in_program)
			d->cover.events[EV_INT][0][cpu_user_mode(c)]++, d->cover.exceptions++;
		cpu_interrupt(c);
		d->in_program = false;
		d->link = 0;
	}
	if (!d->in_program && (!image_is_monitor(c->pc) || (c->pc & 3u) || cpu_user_mode(c)))
		d->in_program = true;
	return d->in_program;
}

/* A handler returns to the program, not into itself.  */
static bool monitor_step(struct dry *d)
{
	struct cpu *c = &d->cpu;
	bool returns = c->pc < 0xa0000000u && image_get(&d->image, c->pc) == ERET;

	d->ns += interp_step(c);
	return !returns || !image_is_monitor(c->pc) || (c->pc & 3u) || cpu_user_mode(c);
}

bool dry_run(struct dry *d, const struct program *p, unsigned *culprit, struct coverage *out)
{
	struct cpu *c = &d->cpu;
	bool good = true;

	begin(d, p);
	for (unsigned steps = 0; good && !c->stopped; steps++) {
		if (hand_over(d))
			good = program_step(d, culprit);
		else
			good = monitor_step(d);
		if (good && !(p->flags & FUZZ_OURS) && duplicate_explained(d))
			good = false;
		if (d->cover.insns > PROGRAM_INSNS_MAX || steps > STEPS_MAX) {
			*culprit = d->back;
			good = false;
		}
	}
	d->cover.programs = 1;
	if (*culprit >= p->nwords)
		*culprit = p->nwords - 1;
	if (out)
		*out = d->cover;
	return good;
}

const uint8_t *dry_slot(const struct dry *d) { return d->image.ram + (slot_address(d->p->slot) - 0x80000000u); }
