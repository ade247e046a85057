/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reference interpreter: the semantics over words, on struct cpu.
 *
 * A fault raises its exception at once (pc and registers are still those before the instruction) and sets `fault`; from then on
 * nothing of the step has an effect.  Remembered pages hold for one generation: whatever changes a translation calls interp_flush.
 * Choices where the manual says UNPREDICTABLE: a branch, ERET, DERET or WAIT in a delay slot is a reserved instruction.
 */
#include "isa/interp.h"

#include "isa/block.h"
#include "isa/cp0.h"

typedef struct { uint32_t v; } val;

struct sem {
	struct cpu *c;
	uint32_t pc;      /* of the instruction */
	uint32_t mode;    /* low bits of the tags that hold now */
	uint32_t target;
	bool fault;
	bool in_slot;
	bool taken, likely, nullified;
	bool pc_set;      /* the instruction has set c->pc itself */
	uint32_t flags;   /* enum insn_flag of the instruction last fetched */
	struct step step;
};

static const struct insn nop = { .op = INSN_NOP };

void interp_flush(struct cpu *c)
{
	struct interp_cache *k = &c->interp;

	k->generation += 4;
	if (k->generation >= GUEST_PAGE_SIZE || k->generation == 4) {
		__builtin_memset(k->page, 0, sizeof k->page);
		k->generation = 4;
	}
	if (k->word[0].insn.op == INSN_INVALID) /* an empty place would answer for the all-zero word */
		k->word[0] = (struct interp_word){ .insn = nop };
}

/* --- memory --- */

static __attribute__((noinline)) void raise(struct sem *s, enum exc e, gva va, bool refill)
{
	cpu_raise(s->c, e, s->in_slot, va, refill, 0);
	s->fault = true;
}

/* The slow half of `ram`.  NULL: a fault was raised, or @pa is none of RAM's (a ROM's, for a store; a device's for now).  */
static __attribute__((noinline)) uint8_t *ram_slow(struct sem *s, gva va, enum access a, unsigned size, gpa *pa)
{
	struct cpu *c = s->c;
	struct interp_page *p = &c->interp.page[a][va >> GUEST_PAGE_LOG2 & ((1u << INTERP_PAGES_LOG2) - 1)];
	struct ram_bank *bank;
	struct mmu_result r;
	uint8_t *host, *flags;

	mmu_translate(c, va, a, &r);
	if (r.exc != EXC_NONE) {
		raise(s, r.exc, va, r.refill);
		return NULL;
	}
	s->mode = c->interp.generation | (s->mode & 3u); /* the translation may have dropped entries, and with them a generation */
	*pa = r.pa;
	host = ram_at(c, r.pa, &bank);
	if (!host)
		return NULL;
	flags = bank->flags + ((r.pa - bank->base) >> GUEST_PAGE_LOG2);
	if (*flags & PAGE_DEVICE)
		return NULL;
	if (a == ACCESS_STORE) {
		if (*flags & PAGE_ROM)
			return NULL;
		if (*flags & PAGE_CODE) {
			c->hooks->code_write(c, r.pa, size);
			return host;
		}
	}
	p->tag = (va & ~GUEST_PAGE_MASK) | s->mode;
	p->host = host - (r.pa & GUEST_PAGE_MASK);
	return host;
}

static inline uint8_t *ram(struct sem *s, gva va, enum access a, unsigned size, gpa *pa)
{
	const struct interp_page *p = &s->c->interp.page[a][va >> GUEST_PAGE_LOG2 & ((1u << INTERP_PAGES_LOG2) - 1)];

	if (__builtin_expect(p->tag == ((va & ~GUEST_PAGE_MASK) | s->mode), 1))
		return p->host + (va & GUEST_PAGE_MASK);
	return ram_slow(s, va, a, size, pa);
}

static inline uint32_t peek(const struct cpu *c, const uint8_t *p, unsigned size)
{
	uint16_t half;
	uint32_t word;

	if (size == 1)
		return *p;
	if (size == 2) {
		__builtin_memcpy(&half, p, 2);
		return c->big_endian ? __builtin_bswap16(half) : half;
	}
	__builtin_memcpy(&word, p, 4);
	return c->big_endian ? __builtin_bswap32(word) : word;
}

static inline void poke(const struct cpu *c, uint8_t *p, unsigned size, uint32_t v)
{
	uint16_t half = (uint16_t)v;
	uint32_t word = c->big_endian ? __builtin_bswap32(v) : v;

	if (c->big_endian)
		half = __builtin_bswap16(half);
	if (size == 1)
		*p = (uint8_t)v;
	else if (size == 2)
		__builtin_memcpy(p, &half, 2);
	else
		__builtin_memcpy(p, &word, 4);
}

static inline uint32_t load(struct sem *s, gva va, unsigned size)
{
	gpa pa;
	const uint8_t *p;

	if (__builtin_expect(va & (size - 1), 0)) {
		raise(s, EXC_ADEL, va, false);
		return 0;
	}
	p = ram(s, va, ACCESS_LOAD, size, &pa);
	if (__builtin_expect(p != NULL, 1))
		return peek(s->c, p, size);
	return s->fault ? 0 : s->c->hooks->io_load(s->c, pa, size);
}

static inline void store(struct sem *s, gva va, unsigned size, uint32_t v)
{
	uint8_t *p;
	gpa pa;

	if (__builtin_expect(va & (size - 1), 0)) {
		raise(s, EXC_ADES, va, false);
		return;
	}
	p = ram(s, va, ACCESS_STORE, size, &pa);
	if (__builtin_expect(p != NULL, 1))
		poke(s->c, p, size, v);
	else if (!s->fault)
		s->c->hooks->io_store(s->c, pa, size, v);
}

/* Store the @n bytes from @first on, all inside the word around @va; the least significant of them is @v's.  Faults report @va.  */
static void store_part(struct sem *s, gva va, gva first, unsigned n, uint32_t v)
{
	unsigned i;
	uint8_t *p;
	gpa pa;

	p = ram(s, first, ACCESS_STORE, n, &pa);
	if (s->fault) {
		s->c->badvaddr = va;
		return;
	}
	for (i = 0; i < n; i++) {
		uint8_t byte = (uint8_t)(v >> 8 * (s->c->big_endian ? n - 1 - i : i));

		if (p)
			p[i] = byte;
		else
			s->c->hooks->io_store(s->c, pa + i, 1, byte);
	}
}

/* Number of the addressed byte in its word, counted from the least significant one.  */
static inline unsigned lane(const struct sem *s, gva va)
{
	return s->c->big_endian ? 3u - (va & 3u) : va & 3u;
}

/* --- primitives --- */

static inline val mk(uint32_t v) { return (val){ v }; }
static inline val op_const(struct sem *s, uint32_t v) { (void)s; return mk(v); }
static inline val op_gpc(struct sem *s, uint32_t v) { (void)s; return mk(v); }
static inline uint32_t op_pc(const struct sem *s) { return s->pc; }
static inline val op_gpr(struct sem *s, unsigned r) { return mk(s->c->gpr[r]); }
static inline val op_hi(struct sem *s) { return mk(s->c->hi); }
static inline val op_lo(struct sem *s) { return mk(s->c->lo); }
static inline void op_set_hi(struct sem *s, val v) { s->c->hi = v.v; }
static inline void op_set_lo(struct sem *s, val v) { s->c->lo = v.v; }

static inline void op_set_gpr(struct sem *s, unsigned r, val v)
{
	if (s->fault)
		return;
	s->c->gpr[r] = v.v;
	s->c->gpr[0] = 0;
}

static inline val op_add(struct sem *s, val a, val b) { (void)s; return mk(a.v + b.v); }
static inline val op_sub(struct sem *s, val a, val b) { (void)s; return mk(a.v - b.v); }
static inline val op_and(struct sem *s, val a, val b) { (void)s; return mk(a.v & b.v); }
static inline val op_or(struct sem *s, val a, val b) { (void)s; return mk(a.v | b.v); }
static inline val op_xor(struct sem *s, val a, val b) { (void)s; return mk(a.v ^ b.v); }
static inline val op_nor(struct sem *s, val a, val b) { (void)s; return mk(~(a.v | b.v)); }
static inline val op_shl(struct sem *s, val a, val n) { (void)s; return mk(a.v << (n.v & 31u)); }
static inline val op_shr(struct sem *s, val a, val n) { (void)s; return mk(a.v >> (n.v & 31u)); }
static inline val op_sar(struct sem *s, val a, val n) { (void)s; return mk((uint32_t)((int32_t)a.v >> (n.v & 31u))); }
static inline val op_rotr(struct sem *s, val a, val n) { (void)s; return mk(a.v >> (n.v & 31u) | a.v << (-n.v & 31u)); }
static inline val op_eq(struct sem *s, val a, val b) { (void)s; return mk(a.v == b.v); }
static inline val op_ne(struct sem *s, val a, val b) { (void)s; return mk(a.v != b.v); }
static inline val op_lts(struct sem *s, val a, val b) { (void)s; return mk((int32_t)a.v < (int32_t)b.v); }
static inline val op_ltu(struct sem *s, val a, val b) { (void)s; return mk(a.v < b.v); }
static inline val op_les(struct sem *s, val a, val b) { (void)s; return mk((int32_t)a.v <= (int32_t)b.v); }
static inline val op_select(struct sem *s, val c, val a, val b) { (void)s; return c.v ? a : b; }
static inline val op_mul(struct sem *s, val a, val b) { (void)s; return mk(a.v * b.v); }
static inline val op_clz(struct sem *s, val a) { (void)s; return mk(a.v ? (uint32_t)__builtin_clz(a.v) : 32u); }
static inline val op_sext8(struct sem *s, val a) { (void)s; return mk((uint32_t)(int32_t)(int8_t)a.v); }
static inline val op_sext16(struct sem *s, val a) { (void)s; return mk((uint32_t)(int32_t)(int16_t)a.v); }
static inline val op_bswap16x2(struct sem *s, val a) { (void)s; return mk((a.v & 0x00ff00ffu) << 8 | (a.v >> 8 & 0x00ff00ffu)); }

static inline val op_add_ov(struct sem *s, val a, val b)
{
	(void)s;
	return mk((~(a.v ^ b.v) & (a.v ^ (a.v + b.v))) >> 31);
}

static inline val op_sub_ov(struct sem *s, val a, val b)
{
	(void)s;
	return mk(((a.v ^ b.v) & (a.v ^ (a.v - b.v))) >> 31);
}

static inline void split(uint64_t x, val *lo, val *hi)
{
	*lo = mk((uint32_t)x);
	*hi = mk((uint32_t)(x >> 32));
}

static inline void op_mult(struct sem *s, val a, val b, bool sgn, val *lo, val *hi)
{
	(void)s;
	if (sgn)
		split((uint64_t)((int64_t)(int32_t)a.v * (int32_t)b.v), lo, hi);
	else
		split((uint64_t)a.v * b.v, lo, hi);
}

static inline void op_div(struct sem *s, val a, val b, bool sgn, val *quot, val *rem)
{
	uint32_t by = b.v == 0 || (sgn && a.v == 0x80000000u && b.v == 0xffffffffu) ? 1 : b.v;

	(void)s;
	if (sgn) {
		*quot = mk((uint32_t)((int32_t)a.v / (int32_t)by));
		*rem = mk((uint32_t)((int32_t)a.v % (int32_t)by));
	} else {
		*quot = mk(a.v / by);
		*rem = mk(a.v % by);
	}
}

static inline void op_add64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	(void)s;
	split(((uint64_t)hi.v << 32 | lo.v) + ((uint64_t)hi2.v << 32 | lo2.v), rlo, rhi);
}

static inline void op_sub64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	(void)s;
	split(((uint64_t)hi.v << 32 | lo.v) - ((uint64_t)hi2.v << 32 | lo2.v), rlo, rhi);
}

static inline void op_trap_if(struct sem *s, val c, enum exc e)
{
	if (c.v)
		raise(s, e, 0, false);
}

static inline val op_load(struct sem *s, val addr, unsigned size, bool sgn)
{
	uint32_t v = load(s, addr.v, size);

	if (!sgn || size == 4)
		return mk(v);
	return size == 1 ? op_sext8(s, mk(v)) : op_sext16(s, mk(v));
}

static inline void op_store(struct sem *s, val addr, unsigned size, val v) { store(s, addr.v, size, v.v); }

/*
 * LWL and LWR see the word the address lies in; a fault reports the address itself.  The merge depends on the byte's lane: left takes
 * the lanes from 0 to it as the register's most significant bytes, right the lanes from it to 3 as the least significant.
 */
static val load_merge(struct sem *s, gva va, val old, bool left)
{
	unsigned l = lane(s, va) * 8;
	uint32_t v;
	const uint8_t *p;
	gpa pa;

	p = ram(s, va, ACCESS_LOAD, 1, &pa);
	if (p)
		v = peek(s->c, p - (va & 3u), 4);
	else if (!s->fault)
		v = s->c->hooks->io_load(s->c, pa & ~(gpa)3u, 4);
	else
		return old;
	if (left)
		return mk(v << (24 - l) | (l == 24 ? 0 : old.v & (0xffffffffu >> (l + 8))));
	return mk(v >> l | (l == 0 ? 0 : old.v & (0xffffffffu << (32 - l))));
}

static inline val op_load_left(struct sem *s, val addr, val old) { return load_merge(s, addr.v, old, true); }
static inline val op_load_right(struct sem *s, val addr, val old) { return load_merge(s, addr.v, old, false); }

/* SWL stores the register's most significant bytes to the lanes 0..l, SWR its least significant ones to the lanes l..3.  */
static void op_store_left(struct sem *s, val addr, val v)
{
	unsigned l = lane(s, addr.v);

	store_part(s, addr.v, s->c->big_endian ? addr.v : addr.v & ~3u, l + 1, v.v >> (24 - 8 * l));
}

static void op_store_right(struct sem *s, val addr, val v)
{
	unsigned l = lane(s, addr.v);

	store_part(s, addr.v, s->c->big_endian ? addr.v & ~3u : addr.v, 4 - l, v.v);
}

static val op_ll(struct sem *s, val addr)
{
	val v = op_load(s, addr, 4, false);

	if (!s->fault) {
		s->c->ll_bit = 1;
		s->c->ll_addr = addr.v;
	}
	return v;
}

static val op_sc(struct sem *s, val addr, val v)
{
	uint32_t linked = s->c->ll_bit;

	if (linked)
		store(s, addr.v, 4, v.v);
	else if (addr.v & 3u)
		raise(s, EXC_ADES, addr.v, false);
	if (!s->fault)
		s->c->ll_bit = 0;
	return mk(linked);
}

static inline void op_branch(struct sem *s, val c, gva target, bool likely)
{
	s->taken = c.v != 0;
	s->likely = likely;
	s->target = target;
}

static inline void op_jump(struct sem *s, gva target)
{
	s->taken = true;
	s->target = target;
}

static inline void op_jump_reg(struct sem *s, val target) { op_jump(s, target.v); }

static void op_engine(struct sem *s, const struct insn *i)
{
	switch (system_insn(s->c, i, s->in_slot)) {
	case SYSTEM_GO_ON:
		break;
	case SYSTEM_PC_SET:
		s->pc_set = true;
		break;
	case SYSTEM_RAISED:
		s->fault = true;
		break;
	}
}

/* --- steps --- */

/* False: a fetch fault was raised.  */
static inline bool fetch(struct sem *s, gva pc, struct insn *out)
{
	struct cpu *c = s->c;
	struct interp_word *k;
	const uint8_t *p;
	insn_word w;
	gpa pa;

	if (__builtin_expect(pc & 3u, 0)) {
		raise(s, EXC_ADEL, pc, false);
		return false;
	}
	p = ram(s, pc, ACCESS_FETCH, 4, &pa);
	if (__builtin_expect(p != NULL, 1))
		w = peek(c, p, 4);
	else if (!s->fault)
		w = c->hooks->io_load(c, pa, 4);
	else
		return false;
	k = &c->interp.word[w * 0x9e3779b1u >> (32 - INTERP_WORDS_LOG2)];
	if (__builtin_expect(k->insn.word != w, 0)) {
		insn_decode(w, c->model->rev, &k->insn);
		k->flags = insn_flags((enum insn_op)k->insn.op);
	}
	*out = k->insn;
	s->flags = k->flags;
	return true;
}

static inline void op_next(struct sem *s, const struct step *t)
{
	(void)t;
	if (!s->fault && !s->pc_set)
		s->c->pc += 4;
}

static bool not_in_slot(const struct insn *i, uint32_t flags)
{
	return (flags & IF_BRANCH) || i->op == INSN_ERET || i->op == INSN_DERET || i->op == INSN_WAIT;
}

/* The slot is fetched here, once it is known that it executes; otherwise a NOP takes its place.  */
static inline void op_slot_begin(struct sem *s, const struct step *t)
{
	(void)t;
	s->pc += 4;
	s->in_slot = true;
	s->step.slot = nop;
	if (s->likely && !s->taken) {
		s->nullified = true;
		return;
	}
	if (!fetch(s, s->pc, &s->step.slot)) {
		s->step.slot = nop;
	} else if (not_in_slot(&s->step.slot, s->flags)) {
		s->step.slot = nop;
		raise(s, EXC_RI, 0, false);
	}
}

static inline void op_slot_end(struct sem *s, const struct step *t)
{
	(void)t;
	if (!s->fault)
		s->c->pc = s->taken ? s->target : s->c->pc + 8;
}

/* Nothing is known beforehand here: system_insn asks the processor.  */
static inline bool op_kernel(struct sem *s) { (void)s; return false; }
static inline val op_field(struct sem *s, int offset) { (void)offset; return op_const(s, 0); }
static inline void op_set_field(struct sem *s, int offset, val v) { (void)s; (void)offset; (void)v; }

#include "isa/mips32.sem.inc"
#include "isa/step.inc"

unsigned interp_step(struct cpu *c)
{
	struct sem s;

	s.c = c;
	s.pc = c->pc;
	s.mode = c->interp.generation | (c->status & ST_ERL) >> 1 | cpu_user_mode(c);
	s.fault = s.in_slot = s.likely = s.nullified = s.pc_set = false;
	if (!fetch(&s, s.pc, &s.step.insn))
		return 1;
	s.step.kind = s.flags & IF_BRANCH ? STEP_BRANCH : STEP_PLAIN;
	sem_step(&s, &s.step);
	return s.in_slot && !s.nullified ? 2 : 1;
}
