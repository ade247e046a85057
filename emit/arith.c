/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arithmetic that wants particular host registers or has two results: variable shifts, products, quotients, 64-bit sums.
 *
 * RCX and RDX are pinned guest registers, so x86's implicit operands have to be borrowed and given back.  None of these
 * sequences contains a guest access, so nobody can see them half done.
 */
#include "emit/gen.h"

static void shift_by_cl(struct sem *s, enum x64_shift op, val a, val n, unsigned dst)
{
	unsigned t = gen_own(s, a), count;

	if (node_at(s, n)->op == N_REG && gen_where(s, node_at(s, n)->a) == X64_RCX) {
		x64_shift_cl(&s->x, op, t);
	} else {
		count = gen_own(s, n);
		x64_xchg_rr(&s->x, X64_RCX, count);
		x64_shift_cl(&s->x, op, t);
		x64_mov_rr(&s->x, X64_W32, X64_RCX, count);
		gen_unlock(s, count);
	}
	x64_mov_rr(&s->x, X64_W32, dst, t);
	gen_unlock(s, t);
}

/* The hardware takes the count modulo 32, as op_shl and its kin do.  */
void gen_shift_var(struct sem *s, enum x64_shift op, val a, val n, unsigned dst)
{
	unsigned ha, hn;

	if (s->bmi2 && op != X64_ROR) {
		ha = gen_value(s, a);
		hn = gen_value(s, n);
		x64_shiftx(&s->x, op, dst, ha, hn);
		gen_unlock(s, ha);
		gen_unlock(s, hn);
	} else {
		shift_by_cl(s, op, a, n, dst);
	}
	s->alu_host = X64_NOREG;
}

/* The value, sign-extended to 64 bits, in a scratch register of its own.  */
static unsigned own_signed(struct sem *s, val v)
{
	const struct node *n = node_at(s, v);
	unsigned t = gen_alloc(s), h;

	if (n->known) {
		x64_mov_ri64(&s->x, t, (uint64_t)n->k | (n->k >> 31 ? 0xffffffff00000000u : 0));
	} else if (n->op == N_REG && gen_where(s, n->a) == X64_NOREG) {
		x64_movsxd_rm(&s->x, t, gen_home(n->a));
	} else {
		h = gen_value(s, v);
		x64_movsxd_rr(&s->x, t, h);
		gen_unlock(s, h);
	}
	return t;
}

/* 32 by 32 bits fit 64: the low half of a 64-bit multiplication of extended operands is the whole product.  */
void gen_mult(struct sem *s, val a, val b, bool sgn, val *lo, val *hi)
{
	unsigned t = sgn ? own_signed(s, a) : gen_own(s, a);
	unsigned h = sgn ? own_signed(s, b) : gen_value(s, b);

	x64_imul_rr(&s->x, X64_W64, t, h);
	gen_unlock(s, h);
	*lo = expr_host(s, N_LO64, t);
	*hi = expr_host(s, N_HI64, t);
}

/*
 * Divisor 0 becomes 1.  Signed -1 is a negation, which also covers the quotient that x86 would trap on; then the
 * remainder is 0.
 */
void gen_div(struct sem *s, val a, val b, bool sgn, val *quot, val *rem)
{
	struct x64 *x = &s->x;
	unsigned divisor, keep;
	uint32_t negate = 0, done;

	gen_take(s, X64_RAX);
	gen_value_to(s, a, X64_RAX);
	divisor = gen_own(s, b);
	keep = gen_alloc(s);
	x64_mov_rr(x, X64_W32, keep, X64_RDX);
	x64_alu_ri(x, X64_W32, X64_CMP, divisor, 1);
	x64_alu_ri(x, X64_W32, X64_ADC, divisor, 0);
	if (sgn) {
		x64_alu_ri(x, X64_W32, X64_CMP, divisor, UINT32_MAX);
		negate = x64_jcc(x, X64_E);
		x64_cdq(x);
		x64_unary_r(x, X64_W32, X64_IDIV, divisor);
		done = x64_jmp(x);
		x64_patch(x, negate, x->len);
		x64_unary_r(x, X64_W32, X64_NEG, X64_RAX);
		x64_alu_rr(x, X64_W32, X64_XOR, X64_RDX, X64_RDX);
		x64_patch(x, done, x->len);
	} else {
		x64_alu_rr(x, X64_W32, X64_XOR, X64_RDX, X64_RDX);
		x64_unary_r(x, X64_W32, X64_DIV, divisor);
	}
	x64_mov_rr(x, X64_W32, divisor, X64_RDX);
	x64_mov_rr(x, X64_W32, X64_RDX, keep);
	gen_unlock(s, keep);
	*quot = expr_host(s, N_HOST, X64_RAX);
	*rem = expr_host(s, N_HOST, divisor);
}

/* hi:lo as a 64-bit value in a host register; @own: one that may be written.  In two halves even from memory: after MTHI and MTLO
   one load of the whole would wait until both stores have left the store buffer.  */
static unsigned join64(struct sem *s, val lo, val hi, bool own)
{
	const struct node *nl = node_at(s, lo), *nh = node_at(s, hi);
	unsigned t, h;

	if (!own && nl->op == N_LO64 && nh->op == N_HI64 && nl->a == nh->a)
		return nl->a;
	t = gen_alloc(s);
	gen_value_to(s, hi, t);
	x64_shift_ri(&s->x, X64_W64, X64_SHL, t, 32);
	h = gen_value(s, lo);
	x64_alu_rr(&s->x, X64_W64, X64_OR, t, h);
	gen_unlock(s, h);
	return t;
}

void gen_add64(struct sem *s, enum x64_alu op, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	unsigned b = join64(s, lo2, hi2, false);
	unsigned a = join64(s, lo, hi, true);

	x64_alu_rr(&s->x, X64_W64, op, a, b);
	*rlo = expr_host(s, N_LO64, a);
	*rhi = expr_host(s, N_HI64, a);
}
