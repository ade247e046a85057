/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lifter's side of the semantics: `val` is an LLVM value, primitives build IR, isa/mips32.sem.inc says what instructions do.
 *
 * A guest access is opaque inline assembly of one host instruction with a second way out (callbr): LLVM neither deletes,
 * joins, moves nor repeats it.  The assembly also writes the access's row of the fault table.
 */
#include <stdio.h>
#include <string.h>

#include "sbt/lift_build.h"

/* A value, and for addresses the base and displacement it was made of: v = base + disp.  */
typedef struct {
	LLVMValueRef v, base;
	int32_t disp;
} val;

static val wrap(LLVMValueRef v) { return (val){ v, v, 0 }; }

static void fail(struct sem *s, const char *why)
{
	if (s->u->status == ST_OK) {
		s->u->status = ST_UNSUPPORTED;
		s->u->why = why;
	}
}

/* --- numbers --- */

static val op_const(struct sem *s, uint32_t c) { return wrap(lift_const(s, c)); }
static val op_gpc(struct sem *s, uint32_t c) { return wrap(lift_const(s, c)); }
static uint32_t op_pc(struct sem *s)
{
	return s->insn == &s->t->slot ? s->t->pc + 4u : s->t->pc;
}

static LLVMValueRef get_reg(struct sem *s, unsigned r)
{
	if (!s->now.reg[r]) {
		if (!((lift_pinned >> r) & 1u) && s->u->func.load_at[r] == LIFT_NONE)
			fail(s, "a register is read that the dependency analysis does not know of");
		s->now.reg[r] = LLVMBuildLoad2(s->u->b, s->u->i32, s->slot[r], "");
	}
	return s->now.reg[r];
}

static void put_reg(struct sem *s, unsigned r, LLVMValueRef v)
{
	uint64_t bit = (uint64_t)1 << r;

	if (!(s->u->graph->block[s->block].writes & bit))
		fail(s, "a register is written that the dependency analysis does not know of");
	s->now.reg[r] = v;
	s->now.changed |= bit;
	s->now.dirty |= bit & ~lift_pinned;
}

static val op_gpr(struct sem *s, unsigned r) { return r ? wrap(get_reg(s, r)) : op_const(s, 0); }
static void op_set_gpr(struct sem *s, unsigned r, val v)
{
	if (r)
		put_reg(s, r, v.v);
}
static val op_hi(struct sem *s) { return wrap(get_reg(s, LIFT_HI)); }
static val op_lo(struct sem *s) { return wrap(get_reg(s, LIFT_LO)); }
static void op_set_hi(struct sem *s, val v) { put_reg(s, LIFT_HI, v.v); }
static void op_set_lo(struct sem *s, val v) { put_reg(s, LIFT_LO, v.v); }

static val op_add(struct sem *s, val a, val b)
{
	val r = wrap(LLVMBuildAdd(s->u->b, a.v, b.v, ""));
	long long c;

	if (!LLVMIsAConstantInt(b.v) || LLVMIsAConstantInt(r.v))
		return r;
	c = LLVMConstIntGetSExtValue(b.v);
	if (c >= INT16_MIN && c <= INT16_MAX) {
		r.base = a.v;
		r.disp = (int32_t)c;
	}
	return r;
}

static val op_sub(struct sem *s, val a, val b) { return wrap(LLVMBuildSub(s->u->b, a.v, b.v, "")); }
static val op_and(struct sem *s, val a, val b) { return wrap(LLVMBuildAnd(s->u->b, a.v, b.v, "")); }
static val op_or(struct sem *s, val a, val b) { return wrap(LLVMBuildOr(s->u->b, a.v, b.v, "")); }
static val op_xor(struct sem *s, val a, val b) { return wrap(LLVMBuildXor(s->u->b, a.v, b.v, "")); }
static val op_nor(struct sem *s, val a, val b)
{
	return wrap(LLVMBuildNot(s->u->b, LLVMBuildOr(s->u->b, a.v, b.v, ""), ""));
}

static LLVMValueRef count5(struct sem *s, val n) { return LLVMBuildAnd(s->u->b, n.v, lift_const(s, 31), ""); }
static val op_shl(struct sem *s, val a, val n) { return wrap(LLVMBuildShl(s->u->b, a.v, count5(s, n), "")); }
static val op_shr(struct sem *s, val a, val n) { return wrap(LLVMBuildLShr(s->u->b, a.v, count5(s, n), "")); }
static val op_sar(struct sem *s, val a, val n) { return wrap(LLVMBuildAShr(s->u->b, a.v, count5(s, n), "")); }

static LLVMValueRef intrinsic(struct sem *s, const char *name, LLVMTypeRef type, LLVMValueRef *arg, unsigned n)
{
	unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
	LLVMValueRef fn = LLVMGetIntrinsicDeclaration(s->u->mod, id, &type, 1);

	return LLVMBuildCall2(s->u->b, LLVMIntrinsicGetType(s->u->cx, id, &type, 1), fn, arg, n, "");
}

static val op_rotr(struct sem *s, val a, val n)
{
	LLVMValueRef arg[3] = { a.v, a.v, n.v };

	return wrap(intrinsic(s, "llvm.fshr", s->u->i32, arg, 3));
}

static val compare(struct sem *s, LLVMIntPredicate p, val a, val b)
{
	return wrap(LLVMBuildZExt(s->u->b, LLVMBuildICmp(s->u->b, p, a.v, b.v, ""), s->u->i32, ""));
}

static val op_eq(struct sem *s, val a, val b) { return compare(s, LLVMIntEQ, a, b); }
static val op_ne(struct sem *s, val a, val b) { return compare(s, LLVMIntNE, a, b); }
static val op_lts(struct sem *s, val a, val b) { return compare(s, LLVMIntSLT, a, b); }
static val op_ltu(struct sem *s, val a, val b) { return compare(s, LLVMIntULT, a, b); }
static val op_les(struct sem *s, val a, val b) { return compare(s, LLVMIntSLE, a, b); }

static LLVMValueRef truth(struct sem *s, val c) { return LLVMBuildICmp(s->u->b, LLVMIntNE, c.v, lift_const(s, 0), ""); }

static val op_select(struct sem *s, val c, val a, val b)
{
	return wrap(LLVMBuildSelect(s->u->b, truth(s, c), a.v, b.v, ""));
}

static val op_mul(struct sem *s, val a, val b) { return wrap(LLVMBuildMul(s->u->b, a.v, b.v, "")); }

static LLVMValueRef widen(struct sem *s, LLVMValueRef v, bool sgn)
{
	return sgn ? LLVMBuildSExt(s->u->b, v, s->u->i64, "") : LLVMBuildZExt(s->u->b, v, s->u->i64, "");
}

static void halves(struct sem *s, LLVMValueRef v, val *lo, val *hi)
{
	LLVMValueRef n = LLVMConstInt(s->u->i64, 32, 0);

	*lo = wrap(LLVMBuildTrunc(s->u->b, v, s->u->i32, ""));
	*hi = wrap(LLVMBuildTrunc(s->u->b, LLVMBuildLShr(s->u->b, v, n, ""), s->u->i32, ""));
}

static LLVMValueRef join(struct sem *s, val lo, val hi)
{
	LLVMValueRef n = LLVMConstInt(s->u->i64, 32, 0);
	LLVMValueRef up = LLVMBuildShl(s->u->b, widen(s, hi.v, false), n, "");

	return LLVMBuildOr(s->u->b, up, widen(s, lo.v, false), "");
}

static void op_mult(struct sem *s, val a, val b, bool sgn, val *lo, val *hi)
{
	halves(s, LLVMBuildMul(s->u->b, widen(s, a.v, sgn), widen(s, b.v, sgn), ""), lo, hi);
}

static void op_div(struct sem *s, val a, val b, bool sgn, val *quot, val *rem)
{
	LLVMBuilderRef bl = s->u->b;
	LLVMValueRef bad = LLVMBuildICmp(bl, LLVMIntEQ, b.v, lift_const(s, 0), "");
	LLVMValueRef d;

	if (sgn) {
		LLVMValueRef min = LLVMBuildICmp(bl, LLVMIntEQ, a.v, lift_const(s, 0x80000000u), "");
		LLVMValueRef neg = LLVMBuildICmp(bl, LLVMIntEQ, b.v, lift_const(s, 0xffffffffu), "");

		bad = LLVMBuildOr(bl, bad, LLVMBuildAnd(bl, min, neg, ""), "");
	}
	d = LLVMBuildSelect(bl, bad, lift_const(s, 1), b.v, "");
	*quot = wrap(sgn ? LLVMBuildSDiv(bl, a.v, d, "") : LLVMBuildUDiv(bl, a.v, d, ""));
	*rem = wrap(sgn ? LLVMBuildSRem(bl, a.v, d, "") : LLVMBuildURem(bl, a.v, d, ""));
}

static void op_add64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	halves(s, LLVMBuildAdd(s->u->b, join(s, lo, hi), join(s, lo2, hi2), ""), rlo, rhi);
}

static void op_sub64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	halves(s, LLVMBuildSub(s->u->b, join(s, lo, hi), join(s, lo2, hi2), ""), rlo, rhi);
}

static val op_clz(struct sem *s, val a)
{
	LLVMValueRef arg[2] = { a.v, LLVMConstInt(s->u->i1, 0, 0) };

	return wrap(intrinsic(s, "llvm.ctlz", s->u->i32, arg, 2));
}

static val narrow(struct sem *s, val a, LLVMTypeRef type, bool sgn)
{
	LLVMValueRef t = LLVMBuildTrunc(s->u->b, a.v, type, "");

	return wrap(sgn ? LLVMBuildSExt(s->u->b, t, s->u->i32, "") : LLVMBuildZExt(s->u->b, t, s->u->i32, ""));
}

static val op_sext8(struct sem *s, val a) { return narrow(s, a, s->u->i8, true); }
static val op_sext16(struct sem *s, val a) { return narrow(s, a, s->u->i16, true); }

static LLVMValueRef swap(struct sem *s, LLVMValueRef v, LLVMTypeRef type)
{
	return intrinsic(s, "llvm.bswap", type, &v, 1);
}

static val op_bswap16x2(struct sem *s, val a)
{
	val b = wrap(swap(s, a.v, s->u->i32));

	return op_rotr(s, b, op_const(s, 16));
}

/* Overflow: the operands agree in sign (differ, for a difference) and the result does not agree with the first.  */
static val op_add_ov(struct sem *s, val a, val b)
{
	val r = op_add(s, a, b);

	return op_shr(s, op_and(s, op_xor(s, a, r), op_xor(s, b, r)), op_const(s, 31));
}

static val op_sub_ov(struct sem *s, val a, val b)
{
	val r = op_sub(s, a, b);

	return op_shr(s, op_and(s, op_xor(s, a, b), op_xor(s, a, r)), op_const(s, 31));
}

/* --- exceptions: the interpreter executes the step again from its beginning, and raises --- */

static void op_trap_if(struct sem *s, val c, enum exc e)
{
	LLVMBasicBlockRef out = lift_new_bb(s, "trap"), on = lift_new_bb(s, "on");

	(void)e;
	lift_set_unlikely(s->u, LLVMBuildCondBr(s->u->b, truth(s, c), out, on));
	LLVMPositionBuilderAtEnd(s->u->b, out);
	lift_leave(s, &s->step, XABI_STEP);
	LLVMPositionBuilderAtEnd(s->u->b, on);
}

/* --- fields of struct cpu without effects, in kernel code --- */

static inline bool op_kernel(struct sem *s) { return s->u->opts->flags & UNIT_KERNEL; }
static inline val op_field(struct sem *s, int offset) { return wrap(lift_load(s, s->u->i32, offset - CPU_BIAS)); }

/* Recovery does not take it back: executed again, what reads the field would see the new value.  */
static inline void op_set_field(struct sem *s, int offset, val v)
{
	lift_store(s, v.v, offset - CPU_BIAS);
	s->group_shut = true;
}

/* Rows that only the interpreter executes end a block before they are lifted.  */
static void op_engine(struct sem *s, const struct insn *i)
{
	(void)i;
	fail(s, "an engine instruction inside a block");
}

/* --- guest memory --- */

static uint8_t site(const struct sem *s)
{
	const uint8_t *sites = s->u->opts->sites;
	unsigned word = (s->t->pc & GUEST_PAGE_MASK) / 4;

	if (!sites || !(s->u->opts->flags & UNIT_KERNEL))
		return 0;
	return (uint8_t)(sites[word] | (s->t->nwords == 2 && word + 1 < GUEST_PAGE_WORDS ? sites[word + 1] : 0));
}

struct where {
	LLVMValueRef base, index;
	int32_t disp;
};

static struct where locate(struct sem *s, val addr)
{
	LLVMBuilderRef b = s->u->b;
	struct where w = { s->base, NULL, addr.disp };

	if (site(s) & SITE_USER) {
		LLVMValueRef user = LLVMBuildICmp(b, LLVMIntSGE, addr.v, lift_const(s, 0), "");

		w.base = LLVMBuildSelect(b, user, lift_load(s, s->u->i64, XABI_OFF(user_base)), s->base, "");
		w.disp = 0;
		addr.base = addr.v;
	}
	w.index = widen(s, addr.base, false);
	return w;
}

/* One access.  A move leaves the flags alone.  @body names operand 0 (loaded or stored value); operands 1 and 2 are the address.  */
static LLVMValueRef access(struct sem *s, const char *body, struct where w, LLVMValueRef stored, bool imm)
{
	struct lift_build *u = s->u;
	bool store = stored != NULL;
	LLVMBasicBlockRef recover = lift_recovery(s, !store, store), on = lift_new_bb(s, "on");
	LLVMValueRef arg[3] = { stored, w.base, w.index }, as, call;
	LLVMValueRef *first = store ? arg : arg + 1;
	unsigned n = store ? 3 : 2;
	LLVMTypeRef in[3] = { u->i32, u->i64, u->i64 };
	const char *cons = !store ? "=r,r,r,!i"
		: imm ? "i,r,r,!i" : "r,r,r,!i";
	char addr[32], line[64], text[256];
	LLVMTypeRef type = LLVMFunctionType(store ? LLVMVoidTypeInContext(u->cx) : u->i32, store ? in : in + 1, n, 0);
	int len;

	snprintf(addr, sizeof addr, "%d($1,$2)", w.disp);
	snprintf(line, sizeof line, body, addr);
	len = snprintf(text, sizeof text, "771: %s\n.pushsection " LIFT_FAULT_SECTION ",\"a\"\n.quad 771b, ${3:l}\n.long %u\n.popsection",
		       line, (s->t->pc & GUEST_PAGE_MASK) / 4);
	as = LLVMGetInlineAsm(type, text, (size_t)len, cons, strlen(cons), 1, 0, LLVMInlineAsmDialectATT, 0);
	call = LLVMBuildCallBr(u->b, type, as, on, &recover, 1, first, n, NULL, 0, "");
	LLVMPositionBuilderAtEnd(u->b, on);
	return call;
}

static bool big(const struct sem *s) { return s->u->opts->flags & UNIT_BE; }

static LLVMValueRef load_raw(struct sem *s, struct where w, unsigned size, bool sgn)
{
	static const char *const body[2][3] = { { "movzbl %s, $0", "movzwl %s, $0", "movl %s, $0" },
						{ "movsbl %s, $0", "movswl %s, $0", "movl %s, $0" } };

	return access(s, body[sgn][size / 2], w, NULL, false);
}

static val op_load(struct sem *s, val addr, unsigned size, bool sgn)
{
	struct where w = locate(s, addr);
	LLVMValueRef v;

	if (!big(s) || size == 1)
		return wrap(load_raw(s, w, size, sgn));
	v = swap(s, load_raw(s, w, size, false), s->u->i32);
	if (size == 4)
		return wrap(v);
	return sgn ? op_sar(s, wrap(v), op_const(s, 16)) : op_shr(s, wrap(v), op_const(s, 16));
}

static void store_raw(struct sem *s, struct where w, unsigned size, LLVMValueRef v)
{
	static const char *const body[3] = { "movb ${0:b}, %s", "movw ${0:w}, %s", "movl ${0:k}, %s" };
	bool imm = LLVMIsAConstantInt(v) != NULL;

	if (imm) {
		/* The assembler wants a signed number of the access's width.  */
		uint32_t c = (uint32_t)LLVMConstIntGetZExtValue(v);
		int32_t narrowed = size == 1 ? (int8_t)c : size == 2 ? (int16_t)c : (int32_t)c;

		v = lift_const(s, (uint32_t)narrowed);
	}
	access(s, body[size / 2], w, v, imm);
}

static void op_store(struct sem *s, val addr, unsigned size, val v)
{
	struct where w = locate(s, addr);

	if (big(s) && size == 4)
		v.v = swap(s, v.v, s->u->i32);
	if (big(s) && size == 2)
		v = op_bswap16x2(s, v);
	store_raw(s, w, size, v.v);
}

/* LWL, LWR, SWL, SWR touch their word by aligned accesses only.  @bits: 8 times the byte's place counted from the
   end that @left starts at.  */
struct part {
	struct where w;
	val bits, rest; /* 8n and 24 - 8n, n the address's place in its word in memory order of significance */
};

static struct part part_of(struct sem *s, val addr)
{
	struct part p;
	val n = op_shl(s, op_and(s, wrap(addr.v), op_const(s, 3)), op_const(s, 3));

	p.w = locate(s, wrap(op_and(s, wrap(addr.v), op_const(s, 0xfffffffcu)).v));
	/* Little endian: byte n is bits 8n up; big endian: bits 24 - 8n up.  */
	p.bits = big(s) ? op_sub(s, op_const(s, 24), n) : n;
	p.rest = op_sub(s, op_const(s, 24), p.bits);
	return p;
}

static val load_word(struct sem *s, struct where w)
{
	LLVMValueRef v = load_raw(s, w, 4, false);

	return wrap(big(s) ? swap(s, v, s->u->i32) : v);
}

static val ones(struct sem *s) { return op_const(s, 0xffffffffu); }
static val invert(struct sem *s, val v) { return op_xor(s, v, ones(s)); }

/* LWL: the addressed byte and those below it become the register's high bytes.  */
static val op_load_left(struct sem *s, val addr, val old)
{
	struct part p = part_of(s, addr);
	val w = load_word(s, p.w);

	return op_or(s, op_shl(s, w, p.rest), op_and(s, old, invert(s, op_shl(s, ones(s), p.rest))));
}

/* LWR: the addressed byte and those above it become the register's low bytes.  */
static val op_load_right(struct sem *s, val addr, val old)
{
	struct part p = part_of(s, addr);
	val w = load_word(s, p.w);

	return op_or(s, op_shr(s, w, p.bits), op_and(s, old, invert(s, op_shr(s, ones(s), p.bits))));
}

static void store_part(struct sem *s, struct where w, val mask, val v)
{
	val m = load_word(s, w);

	m = op_or(s, op_and(s, m, invert(s, mask)), v);
	store_raw(s, w, 4, big(s) ? swap(s, m.v, s->u->i32) : m.v);
}

static void op_store_left(struct sem *s, val addr, val v)
{
	struct part p = part_of(s, addr);

	store_part(s, p.w, op_shr(s, ones(s), p.rest), op_shr(s, v, p.rest));
}

static void op_store_right(struct sem *s, val addr, val v)
{
	struct part p = part_of(s, addr);

	store_part(s, p.w, op_shl(s, ones(s), p.bits), op_shl(s, v, p.bits));
}

/* --- LL, SC: the link is two fields of struct cpu --- */

static val op_ll(struct sem *s, val addr)
{
	val v = op_load(s, addr, 4, false);

	lift_store(s, lift_const(s, 1), XABI_OFF(ll_bit));
	lift_store(s, addr.v, XABI_OFF(ll_addr));
	return v;
}

/* Executed again after it succeeded, it would find the link broken: no group goes on behind it.  */
static val op_sc(struct sem *s, val addr, val v)
{
	LLVMBuilderRef b = s->u->b;
	LLVMBasicBlockRef linked = lift_new_bb(s, "linked"), after = lift_new_bb(s, "after"), way[2];
	LLVMValueRef outcome[2] = { lift_const(s, 0), lift_const(s, 1) }, bit, phi;

	/* Misaligned it is the interpreter's, linked or not.  */
	op_trap_if(s, op_and(s, wrap(addr.v), op_const(s, 3)), EXC_ADES);
	bit = lift_load(s, s->u->i32, XABI_OFF(ll_bit));
	way[0] = LLVMGetInsertBlock(b);
	LLVMBuildCondBr(b, truth(s, wrap(bit)), linked, after);
	LLVMPositionBuilderAtEnd(b, linked);
	op_store(s, addr, 4, v);
	way[1] = LLVMGetInsertBlock(b);
	LLVMBuildBr(b, after);
	LLVMPositionBuilderAtEnd(b, after);
	phi = LLVMBuildPhi(b, s->u->i32, "");
	LLVMAddIncoming(phi, outcome, way, 2);
	lift_store(s, lift_const(s, 0), XABI_OFF(ll_bit));
	s->group_shut = true;
	return wrap(phi);
}

/* --- control --- */

static void op_branch(struct sem *s, val c, gva target, bool likely)
{
	s->jump = LIFT_JUMP_COND;
	s->cond = truth(s, c);
	s->target = target;
	s->likely = likely;
}

static void op_jump(struct sem *s, gva target)
{
	s->jump = LIFT_JUMP_DIRECT;
	s->target = target;
}

static void op_jump_reg(struct sem *s, val target)
{
	s->jump = LIFT_JUMP_REG;
	s->target_value = target.v;
}

#include "isa/mips32.sem.inc"

static void op_next(struct sem *s, const struct step *t)
{
	(void)t;
	s->now.count++;
}

/* The way past a branch that is not taken.  */
static LLVMBasicBlockRef fall_edge(struct sem *s, const struct step *t)
{
	return lift_edge(s, &s->now, s->u->graph->block[s->block].next, t->pc + 8u);
}

static void op_slot_begin(struct sem *s, const struct step *t)
{
	LLVMBuilderRef b = s->u->b;
	LLVMBasicBlockRef slot, past;

	s->now.count++;
	s->insn = &t->slot;
	if (s->jump != LIFT_JUMP_COND || !s->likely)
		return;
	slot = lift_new_bb(s, "slot");
	past = lift_new_bb(s, "past");
	LLVMBuildCondBr(b, s->cond, slot, past);
	LLVMPositionBuilderAtEnd(b, past);
	lift_commit(s, &s->now);
	LLVMBuildBr(b, fall_edge(s, t));
	LLVMPositionBuilderAtEnd(b, slot);
}

static void op_slot_end(struct sem *s, const struct step *t)
{
	const struct lift_block *gb = &s->u->graph->block[s->block];
	LLVMBuilderRef b = s->u->b;
	LLVMBasicBlockRef taken;

	s->now.count++;
	s->insn = &t->insn;
	switch (s->jump) {
	case LIFT_JUMP_NONE:
		fail(s, "a branch step without a branch");
		LLVMBuildUnreachable(b);
		break;
	case LIFT_JUMP_REG:
		lift_leave_indirect(s, &s->now, s->target_value);
		break;
	case LIFT_JUMP_COND:
	case LIFT_JUMP_DIRECT:
		lift_commit(s, &s->now);
		taken = lift_edge(s, &s->now, gb->target, s->target);
		if (s->jump == LIFT_JUMP_DIRECT || s->likely || gb->always)
			LLVMBuildBr(b, taken);
		else
			LLVMBuildCondBr(b, s->cond, taken, fall_edge(s, t));
		break;
	}
}

#include "isa/step.inc"

/* --- blocks --- */

static void lift_block(struct sem *s, int index)
{
	struct lift_build *u = s->u;
	const struct lift_block *gb = &u->graph->block[index];
	const struct step *t = NULL;

	LLVMPositionBuilderAtEnd(u->b, s->bb[index]);
	s->block = index;
	memset(&s->now, 0, sizeof s->now);
	s->now.dirty = u->func.dirty_in[index];
	s->recover = NULL;
	for (unsigned r = 1; r < LIFT_REGS; r++)
		if (u->func.load_at[r] == index) {
			s->now.reg[r] = lift_load(s, u->i32, lift_reg_off(r));
			LLVMBuildStore(u->b, s->now.reg[r], s->slot[r]);
		}
	s->budget = LLVMBuildLoad2(u->b, u->i32, s->budget_slot, "");
	for (unsigned i = 0; i < gb->nsteps; i++) {
		t = &u->run->steps[gb->step + i];
		s->now.pc = t->pc;
		s->step = s->now;
		if (i == gb->nsteps - 1 && gb->term == LIFT_STEP) {
			lift_leave(s, &s->now, XABI_STEP);
			return;
		}
		s->t = t;
		s->insn = &t->insn;
		s->jump = LIFT_JUMP_NONE;
		sem_step(s, t);
	}
	if (gb->term == LIFT_FALL) {
		lift_commit(s, &s->now);
		LLVMBuildBr(u->b, lift_edge(s, &s->now, gb->next, t->pc + 4u));
	}
}

enum status lift_func_build(struct lift_build *u, struct err *e)
{
	struct sem s;

	memset(&s, 0, sizeof s);
	s.u = u;
	s.fn = u->entry[u->func.entry];
	lift_prologue(&s);
	for (unsigned i = 0; i < u->func.n; i++)
		lift_block(&s, u->func.order[i]);
	if (u->status != ST_OK)
		return err_set(e, u->status, "0x%08x: %s", u->graph->block[u->func.entry].pc, u->why);
	return ST_OK;
}
