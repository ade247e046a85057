/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reference interpreter: the semantics over 32-bit words, memory through the MMU.
 *
 * Not responsible for interrupts, budgets and what runs next.  Two caches make it bearable, and neither can be seen: page translations
 * (tagged with mode and ASID, emptied by interp_flush), and decoded words (a pure function of the word).
 */
#include "isa/interp.h"

#include "isa/block.h"
#include "isa/tlb.h"

typedef struct { uint32_t w; } val;

struct sem {
	struct cpu *c;
	gva pc;             /* of the instruction under way */
	uint32_t context;   /* tag bits: mode and ASID */
	enum exc exc;       /* EXC_NONE, or what the instruction raised: it then has no other effect */
	gva bad;
	unsigned ce;
	bool refill, in_slot, taken, likely, wait, moved;
	gva target;
};

#define NO_PA UINT64_MAX /* the page cache answered */
#define CONTEXT_VALID 0x800u
#define CONTEXT_USER 0x400u
#define CONTEXT_ERL 0x200u

static uint32_t context_of(const struct cpu *c)
{
	return CONTEXT_VALID | (cpu_user_mode(c) ? CONTEXT_USER : 0) | (c->status & ST_ERL ? CONTEXT_ERL : 0) | (c->entryhi & 0xffu);
}

static void raise_at(struct sem *s, enum exc e, gva bad, bool refill)
{
	if (s->exc != EXC_NONE)
		return;
	s->exc = e;
	s->bad = bad;
	s->refill = refill;
}

/* --- memory --- */

/* Host address of @va, or NULL: the access raised, or *pa is no plain memory.  */
static uint8_t *reach(struct sem *s, gva va, enum access a, gpa *pa)
{
	struct interp_line *line = &s->c->interp[a][va >> GUEST_PAGE_LOG2 & (INTERP_LINES - 1)];
	uint32_t tag = (va & ~GUEST_PAGE_MASK) | s->context;
	struct ram_bank *bank;
	struct mmu_result r;
	uint8_t *host, flags;

	if (line->tag == tag)
		return line->host + (va & GUEST_PAGE_MASK);
	mmu_translate(s->c, va, a, &r);
	if (r.exc != EXC_NONE) {
		raise_at(s, r.exc, va, r.refill);
		return NULL;
	}
	*pa = r.pa;
	host = ram_at(s->c, r.pa, &bank);
	if (!host)
		return NULL;
	flags = bank->flags[(r.pa - bank->base) >> GUEST_PAGE_LOG2];
	if (a == ACCESS_STORE && (flags & PAGE_ROM))
		return NULL;
	if (a != ACCESS_STORE || !(flags & PAGE_CODE)) {
		line->tag = tag;
		line->host = host - (va & GUEST_PAGE_MASK);
	}
	return host;
}

static uint32_t get(const struct cpu *c, const uint8_t *p, unsigned size)
{
	uint32_t w;
	uint16_t h;

	if (size == 1)
		return *p;
	if (size == 2) {
		__builtin_memcpy(&h, p, 2);
		return c->big_endian ? __builtin_bswap16(h) : h;
	}
	__builtin_memcpy(&w, p, 4);
	return c->big_endian ? __builtin_bswap32(w) : w;
}

static void put(const struct cpu *c, uint8_t *p, unsigned size, uint32_t w)
{
	uint16_t h = (uint16_t)w;

	if (size == 1) {
		*p = (uint8_t)w;
	} else if (size == 2) {
		h = c->big_endian ? __builtin_bswap16(h) : h;
		__builtin_memcpy(p, &h, 2);
	} else {
		w = c->big_endian ? __builtin_bswap32(w) : w;
		__builtin_memcpy(p, &w, 4);
	}
}

static uint32_t load(struct sem *s, gva va, unsigned size)
{
	gpa pa = 0;
	uint8_t *p;

	if (va & (size - 1)) {
		raise_at(s, EXC_ADEL, va, false);
		return 0;
	}
	p = reach(s, va, ACCESS_LOAD, &pa);
	if (p)
		return get(s->c, p, size);
	return s->exc == EXC_NONE ? s->c->hooks->io_load(s->c, pa, size) : 0;
}

static void store(struct sem *s, gva va, unsigned size, uint32_t w)
{
	struct ram_bank *bank;
	gpa pa = NO_PA;
	uint8_t *p;

	if (s->exc != EXC_NONE)
		return;
	if (va & (size - 1)) {
		raise_at(s, EXC_ADES, va, false);
		return;
	}
	p = reach(s, va, ACCESS_STORE, &pa);
	if (p) {
		/* A page that is not cached for stores holds code; pa was set.  */
		if (pa != NO_PA && ram_at(s->c, pa, &bank) && (bank->flags[(pa - bank->base) >> GUEST_PAGE_LOG2] & PAGE_CODE))
			s->c->hooks->code_write(s->c, pa, size);
		put(s->c, p, size, w);
	} else if (s->exc == EXC_NONE) {
		s->c->hooks->io_store(s->c, pa, size, w);
	}
}

/* --- primitives --- */

static val of(uint32_t w) { return (val){ w }; }
static val op_const(struct sem *s, uint32_t n) { (void)s; return of(n); }
static val op_gpc(struct sem *s, uint32_t n) { (void)s; return of(n); }
static uint32_t op_pc(struct sem *s) { return s->pc; }
static val op_gpr(struct sem *s, unsigned r) { return of(s->c->gpr[r]); }
static void op_set_gpr(struct sem *s, unsigned r, val v) { if (s->exc == EXC_NONE && r) s->c->gpr[r] = v.w; }
static val op_hi(struct sem *s) { return of(s->c->hi); }
static val op_lo(struct sem *s) { return of(s->c->lo); }
static void op_set_hi(struct sem *s, val v) { s->c->hi = v.w; }
static void op_set_lo(struct sem *s, val v) { s->c->lo = v.w; }

#define BINARY(name, expr) static val op_##name(struct sem *s, val a, val b) { (void)s; return of(expr); }
#define UNARY(name, expr) static val op_##name(struct sem *s, val a) { (void)s; return of(expr); }
BINARY(add, a.w + b.w)
BINARY(sub, a.w - b.w)
BINARY(and, a.w & b.w)
BINARY(or, a.w | b.w)
BINARY(xor, a.w ^ b.w)
BINARY(nor, ~(a.w | b.w))
BINARY(shl, a.w << (b.w & 31u))
BINARY(shr, a.w >> (b.w & 31u))
BINARY(sar, (uint32_t)((int32_t)a.w >> (b.w & 31u)))
BINARY(rotr, a.w >> (b.w & 31u) | a.w << (-b.w & 31u))
BINARY(eq, a.w == b.w)
BINARY(ne, a.w != b.w)
BINARY(lts, (int32_t)a.w < (int32_t)b.w)
BINARY(ltu, a.w < b.w)
BINARY(les, (int32_t)a.w <= (int32_t)b.w)
BINARY(mul, (uint32_t)((uint64_t)a.w * b.w))
BINARY(add_ov, (~(a.w ^ b.w) & (a.w ^ (a.w + b.w))) >> 31)
BINARY(sub_ov, ((a.w ^ b.w) & (a.w ^ (a.w - b.w))) >> 31)
UNARY(clz, a.w ? (uint32_t)__builtin_clz(a.w) : 32u)
UNARY(sext8, (uint32_t)(int32_t)(int8_t)(uint8_t)a.w)
UNARY(sext16, (uint32_t)(int32_t)(int16_t)(uint16_t)a.w)
UNARY(bswap16x2, (a.w & 0x00ff00ffu) << 8 | (a.w >> 8 & 0x00ff00ffu))
#undef BINARY
#undef UNARY

static val op_select(struct sem *s, val c, val a, val b) { (void)s; return c.w ? a : b; }

static void op_mult(struct sem *s, val a, val b, bool sgn, val *lo, val *hi)
{
	uint64_t p = sgn ? (uint64_t)((int64_t)(int32_t)a.w * (int32_t)b.w) : (uint64_t)a.w * b.w;

	(void)s;
	*lo = of((uint32_t)p);
	*hi = of((uint32_t)(p >> 32));
}

static void op_div(struct sem *s, val a, val b, bool sgn, val *quot, val *rem)
{
	uint32_t d = b.w;

	(void)s;
	if (!d || (sgn && a.w == 0x80000000u && d == 0xffffffffu))
		d = 1;
	*quot = of(sgn ? (uint32_t)((int32_t)a.w / (int32_t)d) : a.w / d);
	*rem = of(sgn ? (uint32_t)((int32_t)a.w % (int32_t)d) : a.w % d);
}

static void op_add64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	uint64_t r = ((uint64_t)hi.w << 32 | lo.w) + ((uint64_t)hi2.w << 32 | lo2.w);

	(void)s;
	*rlo = of((uint32_t)r);
	*rhi = of((uint32_t)(r >> 32));
}

static void op_sub64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	uint64_t r = ((uint64_t)hi.w << 32 | lo.w) - ((uint64_t)hi2.w << 32 | lo2.w);

	(void)s;
	*rlo = of((uint32_t)r);
	*rhi = of((uint32_t)(r >> 32));
}

static void op_trap_if(struct sem *s, val c, enum exc e)
{
	if (c.w)
		raise_at(s, e, 0, false);
}

static val op_load(struct sem *s, val a, unsigned size, bool sgn)
{
	uint32_t w = load(s, a.w, size);

	if (sgn)
		w = size == 1 ? (uint32_t)(int32_t)(int8_t)(uint8_t)w : (uint32_t)(int32_t)(int16_t)(uint16_t)w;
	return of(w);
}

static void op_store(struct sem *s, val a, unsigned size, val v) { store(s, a.w, size, v.w); }

/* Bits to shift by: the byte's distance from the most significant end, or from the least significant one.  */
static unsigned from_left(const struct sem *s, gva va) { return 8 * (s->c->big_endian ? va & 3u : 3 - (va & 3u)); }
static unsigned from_right(const struct sem *s, gva va) { return 8 * (s->c->big_endian ? 3 - (va & 3u) : va & 3u); }

/* The aligned word around @va, for a merge; faults are reported at @va.  */
static uint32_t around(struct sem *s, gva va)
{
	uint32_t w = load(s, va & ~3u, 4);

	s->bad = s->exc == EXC_NONE ? s->bad : va;
	return w;
}

static val op_load_left(struct sem *s, val a, val old)
{
	unsigned n = from_left(s, a.w);

	return of(around(s, a.w) << n | (old.w & ((1u << n) - 1)));
}

static val op_load_right(struct sem *s, val a, val old)
{
	unsigned n = from_right(s, a.w);

	return of(around(s, a.w) >> n | (old.w & ~(0xffffffffu >> n)));
}

/* Store the bytes of @w that @mask selects into the aligned word around @va.  */
static void store_merged(struct sem *s, gva va, uint32_t w, uint32_t mask)
{
	gpa pa = 0;

	(void)reach(s, va & ~3u, ACCESS_STORE, &pa); /* TLB exceptions are those of a store */
	if (s->exc == EXC_NONE)
		store(s, va & ~3u, 4, (load(s, va & ~3u, 4) & ~mask) | (w & mask));
	s->bad = s->exc == EXC_NONE ? s->bad : va;
}

static void op_store_left(struct sem *s, val a, val v)
{
	unsigned n = from_left(s, a.w);

	store_merged(s, a.w, v.w >> n, 0xffffffffu >> n);
}

static void op_store_right(struct sem *s, val a, val v)
{
	unsigned n = from_right(s, a.w);

	store_merged(s, a.w, v.w << n, 0xffffffffu << n);
}

static val op_ll(struct sem *s, val a)
{
	uint32_t w = load(s, a.w, 4);

	if (s->exc == EXC_NONE) {
		s->c->ll_bit = 1;
		s->c->ll_addr = a.w;
	}
	return of(w);
}

static val op_sc(struct sem *s, val a, val v)
{
	uint32_t ok = s->c->ll_bit;

	if (a.w & 3u)
		raise_at(s, EXC_ADES, a.w, false);
	else if (ok)
		store(s, a.w, 4, v.w);
	if (s->exc == EXC_NONE)
		s->c->ll_bit = 0;
	return of(ok);
}

static void op_branch(struct sem *s, val c, gva target, bool likely)
{
	s->taken = c.w != 0;
	s->target = target;
	s->likely = likely;
}

static void op_jump(struct sem *s, gva target)
{
	s->taken = true;
	s->target = target;
}

static void op_jump_reg(struct sem *s, val target) { op_jump(s, target.w); }

#include "isa/interp_engine.inc"
#include "isa/mips32.sem.inc"

/* --- the step --- */

static void decode(struct cpu *c, insn_word w, struct insn *out)
{
	struct insn *line = &c->interp_insn[(w ^ w >> 11 ^ w >> 21) & (INTERP_INSNS - 1)];

	if (line->word != w || !line->op)
		insn_decode(w, c->model->rev, line);
	*out = *line;
}

static bool fetch(struct sem *s, gva va, insn_word *w)
{
	gpa pa = 0;
	uint8_t *p;

	if (va & 3u) {
		raise_at(s, EXC_ADEL, va, false);
		return false;
	}
	p = reach(s, va, ACCESS_FETCH, &pa);
	if (p)
		*w = get(s->c, p, 4);
	else if (s->exc == EXC_NONE)
		*w = s->c->hooks->io_load(s->c, pa, 4);
	return s->exc == EXC_NONE;
}

/* The slot of the branch at c->pc.  */
static void slot(struct sem *s)
{
	struct insn i;
	insn_word w = 0;

	s->in_slot = true;
	s->pc += 4;
	if (!fetch(s, s->pc, &w))
		return;
	decode(s->c, w, &i);
	if ((insn_flags((enum insn_op)i.op) & IF_BRANCH) || i.op == INSN_ERET || i.op == INSN_DERET)
		raise_at(s, EXC_RI, 0, false); /* UNPREDICTABLE in the manual */
	else
		sem_insn(s, &i);
}

unsigned interp_step(struct cpu *c)
{
	struct sem s = { .c = c, .pc = c->pc, .context = context_of(c), .exc = EXC_NONE };
	unsigned n = 1;
	insn_word w = 0;
	struct insn i;
	gva next = c->pc + 4;

	if (fetch(&s, s.pc, &w)) {
		decode(c, w, &i);
		sem_insn(&s, &i);
		if (s.exc == EXC_NONE && (insn_flags((enum insn_op)i.op) & IF_BRANCH)) {
			next = s.taken ? s.target : c->pc + 8;
			if (s.taken || !s.likely) {
				slot(&s);
				n = 2;
			}
		}
	}
	if (s.exc != EXC_NONE) {
		cpu_raise(c, s.exc, s.in_slot, s.bad, s.refill, s.ce);
		return n;
	}
	if (!s.moved)
		c->pc = next;
	if (s.wait)
		c->hooks->wait(c);
	return n;
}

void interp_flush(struct cpu *c)
{
	__builtin_memset(c->interp, 0, sizeof c->interp);
}
