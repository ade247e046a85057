/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From nodes to host registers and guest homes: this file chooses the x86 form of a value.
 *
 * A scratch register is never written while it is somebody's operand: the destination of an evaluation is compared with what the
 * rest of the tree still reads (uses_host).
 */
#include "emit/gen.h"

/* --- operands --- */

bool gen_flags_live(const struct sem *s)
{
	return s->flags.kind != FLAGS_NONE && s->flags.gen == s->x.flags_gen;
}

static void move_const(struct sem *s, unsigned dst, uint32_t k)
{
	if (k == 0 && !gen_flags_live(s))
		x64_alu_rr(&s->x, X64_W32, X64_XOR, dst, dst);
	else
		x64_mov_ri(&s->x, dst, k);
}

/* The host register that is the value of @v already, or X64_NOREG.  */
static unsigned plain_host(const struct sem *s, val v)
{
	const struct node *n = node_at(s, v);

	if (n->op == N_REG)
		return gen_where(s, n->a);
	return n->op == N_HOST ? n->a : X64_NOREG;
}

static bool is_leaf(const struct node *n)
{
	return n->known || n->op <= N_HOST;
}

/* Would writing @host spoil the evaluation of @v?  */
static bool uses_host(const struct sem *s, val v, unsigned host)
{
	const struct node *n = node_at(s, v);

	switch ((enum node_op)n->op) {
	case N_CONST: case N_GPC:
		return false;
	case N_REG:
		return gen_where(s, n->a) == host;
	case N_HOST: case N_LO64: case N_HI64:
		return n->a == host;
	case N_SELECT:
		return uses_host(s, node_a(n), host) || uses_host(s, node_b(n), host) || uses_host(s, (val){ n->c }, host);
	case N_CLZ: case N_SEXT8: case N_SEXT16: case N_ZEXT8: case N_ZEXT16: case N_BSWAP16X2: case N_LOAD:
		return uses_host(s, node_a(n), host);
	case N_ADD: case N_SUB: case N_AND: case N_OR: case N_XOR: case N_MUL: case N_NOR:
	case N_SHL: case N_SHR: case N_SAR: case N_ROTR:
	case N_EQ: case N_NE: case N_LTS: case N_LTU: case N_LES: case N_ADD_OV: case N_SUB_OV:
		break;
	}
	return uses_host(s, node_a(n), host) || uses_host(s, node_b(n), host);
}

struct operand {
	enum { O_REG, O_IMM, O_MEM } kind;
	unsigned reg;
	uint32_t imm;
	struct x64_mem mem;
};

/* The right-hand side of a two-operand instruction.  A register that will be wanted again is loaded, others stay in memory.  */
static struct operand operand_of(struct sem *s, val v)
{
	const struct node *n = node_at(s, v);

	if (n->known)
		return (struct operand){ .kind = O_IMM, .imm = n->k };
	if (n->op == N_REG && gen_where(s, n->a) == X64_NOREG && !(gen_soon(s, n->a) && gen_any_free(s)))
		return (struct operand){ .kind = O_MEM, .mem = gen_home(n->a) };
	return (struct operand){ .kind = O_REG, .reg = gen_value(s, v) };
}

static void operand_done(struct sem *s, const struct operand *o)
{
	if (o->kind == O_REG)
		gen_unlock(s, o->reg);
}

static void alu(struct sem *s, enum x64_alu op, unsigned dst, const struct operand *o)
{
	switch (o->kind) {
	case O_REG: x64_alu_rr(&s->x, X64_W32, op, dst, o->reg); break;
	case O_IMM: x64_alu_ri(&s->x, X64_W32, op, dst, o->imm); break;
	case O_MEM: x64_alu_rm(&s->x, X64_W32, op, dst, o->mem); break;
	}
	if (op != X64_CMP) {
		s->alu_host = (uint8_t)dst;
		s->alu_gen = s->x.flags_gen;
	}
}

static enum x64_alu alu_of(enum node_op op)
{
	switch ((unsigned)op) {
	case N_ADD: return X64_ADD;
	case N_SUB: return X64_SUB;
	case N_AND: return X64_AND;
	case N_XOR: return X64_XOR;
	default: return X64_OR; /* N_OR, N_NOR */
	}
}

static enum x64_shift shift_of(enum node_op op)
{
	switch ((unsigned)op) {
	case N_SHL: return X64_SHL;
	case N_SHR: return X64_SHR;
	case N_SAR: return X64_SAR;
	default: return X64_ROR;
	}
}

unsigned gen_value(struct sem *s, val v)
{
	const struct node *n = node_at(s, v);
	unsigned host = plain_host(s, v);

	if (host == X64_NOREG) {
		host = gen_own(s, v);
		if (n->op == N_REG)
			gen_scratch_of(s, host)->guest = n->a;
	} else {
		gen_lock(s, host);
	}
	return host;
}

unsigned gen_own(struct sem *s, val v)
{
	unsigned t = gen_alloc(s);

	gen_value_to(s, v, t);
	return t;
}

/* --- operations --- */

static bool commutes(enum node_op op) { return op != N_SUB; }

/* dst = a op b with both sides in place, or false.  LEA keeps the flags and needs no move.  */
static bool try_lea(struct sem *s, enum node_op op, val a, val b, unsigned dst)
{
	const struct node *nb = node_at(s, b);
	unsigned ha = plain_host(s, a), hb = plain_host(s, b);

	if (ha == X64_NOREG || (ha == dst && !gen_flags_live(s)))
		return false;
	if (nb->known && (op == N_ADD || op == N_SUB)) {
		x64_lea(&s->x, X64_W32, dst, x64_at(ha, (int32_t)(op == N_ADD ? nb->k : 0u - nb->k)));
		return true;
	}
	if (op != N_ADD || hb == X64_NOREG || (hb == dst && !gen_flags_live(s)))
		return false;
	if ((ha & 7u) == X64_RBP) /* as a base it would cost a displacement */
		x64_lea(&s->x, X64_W32, dst, x64_at_index(hb, ha, 0, 0));
	else
		x64_lea(&s->x, X64_W32, dst, x64_at_index(ha, hb, 0, 0));
	return true;
}

static void multiply(struct sem *s, val a, val b, unsigned dst)
{
	struct operand o = operand_of(s, b);
	unsigned ha;

	if (o.kind == O_IMM) {
		ha = gen_value(s, a);
		x64_imul_rri(&s->x, dst, ha, o.imm);
		gen_unlock(s, ha);
		return;
	}
	gen_value_to(s, a, dst);
	if (o.kind == O_MEM)
		x64_imul_rm(&s->x, dst, o.mem);
	else
		x64_imul_rr(&s->x, X64_W32, dst, o.reg);
	operand_done(s, &o);
}

/* dst = a op b, where writing dst does not spoil b, unless a and b both are dst.  */
static void two_operand_in_order(struct sem *s, enum node_op op, val a, val b, unsigned dst)
{
	struct operand o;

	if (op == N_MUL) {
		multiply(s, a, b, dst);
		return;
	}
	if (is_leaf(node_at(s, b))) {
		gen_value_to(s, a, dst);
		o = operand_of(s, b);
	} else {
		o = (struct operand){ .kind = O_REG, .reg = gen_value(s, b) };
		gen_value_to(s, a, dst);
	}
	if (!(op == N_NOR && o.kind == O_IMM && o.imm == 0))
		alu(s, alu_of(op), dst, &o);
	if (op == N_NOR) {
		x64_unary_r(&s->x, X64_W32, X64_NOT, dst);
		s->alu_host = X64_NOREG;
	}
	operand_done(s, &o);
}

static void two_operand(struct sem *s, enum node_op op, val a, val b, unsigned dst)
{
	unsigned t;

	if (try_lea(s, op, a, b, dst))
		return;
	if (commutes(op) && uses_host(s, b, dst) && (plain_host(s, b) == dst || !uses_host(s, a, dst))) {
		val swap = a;

		a = b;
		b = swap;
	}
	if (!uses_host(s, b, dst) || (plain_host(s, a) == dst && plain_host(s, b) == dst)) {
		two_operand_in_order(s, op, a, b, dst);
		return;
	}
	if (op == N_SUB && plain_host(s, b) == dst && is_leaf(node_at(s, a)) && !uses_host(s, a, dst)) { /* a - dst = -dst + a */
		struct operand o = operand_of(s, a);

		x64_unary_r(&s->x, X64_W32, X64_NEG, dst);
		if (!(o.kind == O_IMM && o.imm == 0))
			alu(s, X64_ADD, dst, &o);
		operand_done(s, &o);
		return;
	}
	t = gen_alloc(s);
	two_operand(s, op, a, b, t);
	x64_mov_rr(&s->x, X64_W32, dst, t);
	gen_unlock(s, t);
}

static void shift(struct sem *s, const struct node *n, unsigned dst)
{
	const struct node *nb = node_at(s, node_b(n));
	unsigned ha;

	if (!nb->known) {
		gen_shift_var(s, shift_of(n->op), node_a(n), node_b(n), dst);
		return;
	}
	ha = plain_host(s, node_a(n));
	if (n->op == N_ROTR && s->bmi2 && ha != X64_NOREG && ha != dst) {
		x64_rorx(&s->x, dst, ha, nb->k & 31u);
		return;
	}
	if (n->op == N_SHL && (nb->k & 31u) == 1 && ha != X64_NOREG && ha != dst) {
		x64_lea(&s->x, X64_W32, dst, x64_at_index(ha, ha, 0, 0));
		return;
	}
	gen_value_to(s, node_a(n), dst);
	x64_shift_ri(&s->x, X64_W32, shift_of(n->op), dst, nb->k & 31u);
	s->alu_host = n->op == N_ROTR ? X64_NOREG : (uint8_t)dst; /* rotations leave Z and S alone */
	s->alu_gen = s->x.flags_gen;
}

static void extend(struct sem *s, const struct node *n, unsigned dst)
{
	const struct node *na = node_at(s, node_a(n));
	unsigned size = n->op == N_SEXT8 || n->op == N_ZEXT8 ? 1 : 2;
	bool sgn = n->op == N_SEXT8 || n->op == N_SEXT16;
	unsigned ha;

	if (na->op == N_REG && gen_where(s, na->a) == X64_NOREG && !gen_soon(s, na->a)) {
		x64_load(&s->x, size, sgn, dst, gen_home(na->a));
		return;
	}
	ha = gen_value(s, node_a(n));
	x64_ext_rr(&s->x, size, sgn, dst, ha);
	gen_unlock(s, ha);
}

/* clz(a) = 32 - bsr(2a + 1): the sum has 33 bits and is never 0.  */
static void count_leading_zeros(struct sem *s, val a, unsigned dst)
{
	unsigned ha = gen_value(s, a);

	x64_lea(&s->x, X64_W64, dst, x64_at_index(ha, ha, 0, 1));
	gen_unlock(s, ha);
	x64_bsr(&s->x, X64_W64, dst, dst);
	x64_unary_r(&s->x, X64_W32, X64_NEG, dst);
	x64_alu_ri(&s->x, X64_W32, X64_ADD, dst, 32);
}

static void select_value(struct sem *s, const struct node *n, unsigned dst)
{
	val a = node_a(n), b = node_b(n), c = { n->c };
	enum x64_cc cc;
	unsigned ha, t;

	if (uses_host(s, a, dst) || (uses_host(s, c, dst) && plain_host(s, b) != dst)) {
		if (plain_host(s, a) == dst && !uses_host(s, b, dst)) { /* dst keeps a, or becomes b */
			ha = gen_value(s, b);
			cc = gen_cond(s, c);
			x64_cmov_rr(&s->x, cc ^ 1, dst, ha);
			gen_unlock(s, ha);
			return;
		}
		t = gen_alloc(s);
		select_value(s, n, t);
		x64_mov_rr(&s->x, X64_W32, dst, t);
		gen_unlock(s, t);
		return;
	}
	ha = gen_value(s, a);
	gen_value_to(s, b, dst);
	cc = gen_cond(s, c);
	x64_cmov_rr(&s->x, cc, dst, ha);
	gen_unlock(s, ha);
}

static void leaf_to(struct sem *s, const struct node *n, unsigned dst)
{
	unsigned host = n->a;

	switch ((unsigned)n->op) {
	case N_GPC:
		x64_mov_ri(&s->x, dst, n->k);
		gen_reloc(s, RELOC_GPC, s->x.len - 4, 0);
		return;
	case N_REG:
		host = gen_where(s, n->a);
		if (host == X64_NOREG) {
			x64_mov_rm(&s->x, X64_W32, dst, gen_home(n->a));
			return;
		}
		break;
	case N_HI64:
		x64_mov_rr(&s->x, X64_W64, dst, host);
		x64_shift_ri(&s->x, X64_W64, X64_SHR, dst, 32);
		return;
	case N_LO64: /* the upper half must go even if the place is right */
		x64_mov_rr(&s->x, X64_W32, dst, host);
		return;
	default:
		break;
	}
	if (host != dst)
		x64_mov_rr(&s->x, X64_W32, dst, host);
}

void gen_value_to(struct sem *s, val v, unsigned dst)
{
	const struct node *n = node_at(s, v);
	enum x64_cc cc;

	if (n->known) {
		if (plain_host(s, v) != dst)
			move_const(s, dst, n->k);
		return;
	}
	switch ((enum node_op)n->op) {
	case N_CONST: case N_GPC: case N_REG: case N_HOST: case N_LO64: case N_HI64:
		leaf_to(s, n, dst);
		break;
	case N_ADD: case N_SUB: case N_AND: case N_OR: case N_XOR: case N_MUL: case N_NOR:
		two_operand(s, n->op, node_a(n), node_b(n), dst);
		break;
	case N_SHL: case N_SHR: case N_SAR: case N_ROTR:
		shift(s, n, dst);
		break;
	case N_EQ: case N_NE: case N_LTS: case N_LTU: case N_LES: case N_ADD_OV: case N_SUB_OV:
		cc = gen_cond(s, v);
		x64_setcc(&s->x, cc, dst);
		x64_ext_rr(&s->x, 1, false, dst, dst);
		s->flags.kind = FLAGS_BOOL; /* gen_set gives it its register */
		s->flags.guest = GUEST_NONE;
		s->flags.cc = (uint8_t)cc;
		s->flags.gen = s->x.flags_gen;
		break;
	case N_SELECT:
		select_value(s, n, dst);
		break;
	case N_CLZ:
		count_leading_zeros(s, node_a(n), dst);
		break;
	case N_SEXT8: case N_SEXT16: case N_ZEXT8: case N_ZEXT16:
		extend(s, n, dst);
		break;
	case N_BSWAP16X2:
		gen_value_to(s, node_a(n), dst);
		x64_bswap(&s->x, dst);
		x64_shift_ri(&s->x, X64_W32, X64_ROL, dst, 16);
		break;
	case N_LOAD:
		s->pending_load = -1;
		gen_load(s, n, dst);
		break;
	}
}

/* --- conditions --- */

/* Flags already say how @guest compares with 0.  */
static bool flags_know(const struct sem *s, const struct node *n, enum x64_cc want, enum x64_cc *out)
{
	unsigned guest = n->op == N_REG ? n->a : n->op == N_HOST && n->a == X64_RBX && s->br_held ? GUEST_HELD : GUEST_NONE;

	if (guest == GUEST_NONE || !gen_flags_live(s) || s->flags.guest != guest)
		return false;
	if (s->flags.kind == FLAGS_BOOL && (want == X64_NE || want == X64_E)) {
		*out = want == X64_NE ? s->flags.cc : s->flags.cc ^ 1u;
		return true;
	}
	if (s->flags.kind == FLAGS_RESULT && (want == X64_NE || want == X64_E || want == X64_L || want == X64_GE)) {
		*out = want == X64_L ? X64_S : want == X64_GE ? X64_NS : want;
		return true;
	}
	return false;
}

/* Flags of a compared with b.  Returns the condition to test, which differs from @cc only if flags were there already.  */
static enum x64_cc compare(struct sem *s, val a, val b, enum x64_cc cc)
{
	const struct node *na = node_at(s, a), *nb = node_at(s, b);
	bool zero = nb->known && nb->k == 0;
	struct operand oa, ob;

	if (zero && flags_know(s, na, cc, &cc))
		return cc;
	ob = operand_of(s, b);
	if (ob.kind == O_MEM || na->known)
		oa = (struct operand){ .kind = O_REG, .reg = gen_value(s, a) };
	else
		oa = operand_of(s, a);
	if (oa.kind == O_MEM && ob.kind == O_IMM)
		x64_alu_mi(&s->x, X64_W32, X64_CMP, oa.mem, ob.imm);
	else if (oa.kind == O_MEM)
		x64_alu_mr(&s->x, X64_W32, X64_CMP, oa.mem, ob.reg);
	else if (zero)
		x64_test_rr(&s->x, X64_W32, oa.reg, oa.reg);
	else
		alu(s, X64_CMP, oa.reg, &ob);
	operand_done(s, &oa);
	operand_done(s, &ob);
	return cc;
}

static enum x64_cc cc_of(enum node_op op)
{
	switch ((unsigned)op) {
	case N_EQ: return X64_E;
	case N_LTS: return X64_L;
	case N_LTU: return X64_B;
	case N_LES: return X64_LE;
	case N_SUB_OV: return X64_O;
	default: return X64_NE;
	}
}

/* The condition for (b, a) that holds when @cc holds for (a, b).  */
static enum x64_cc cc_swapped(enum x64_cc cc)
{
	switch ((unsigned)cc) {
	case X64_L: return X64_G;
	case X64_LE: return X64_GE;
	case X64_B: return X64_A;
	default: return cc;
	}
}

static enum x64_cc cond_add_overflow(struct sem *s, const struct node *n)
{
	unsigned t = gen_own(s, node_a(n));
	struct operand o = operand_of(s, node_b(n));

	alu(s, X64_ADD, t, &o);
	s->alu_host = X64_NOREG;
	operand_done(s, &o);
	gen_unlock(s, t);
	return X64_O;
}

static enum x64_cc cond_and(struct sem *s, const struct node *n)
{
	const struct node *nb = node_at(s, node_b(n));
	unsigned ha = gen_value(s, node_a(n)), hb;

	if (nb->known) {
		x64_test_ri(&s->x, ha, nb->k);
	} else {
		hb = gen_value(s, node_b(n));
		x64_test_rr(&s->x, X64_W32, ha, hb);
		gen_unlock(s, hb);
	}
	gen_unlock(s, ha);
	return X64_NE;
}

static bool is_compare(const struct node *n)
{
	return n->op >= N_EQ && n->op <= N_SUB_OV && !n->known;
}

enum x64_cc gen_cond(struct sem *s, val v)
{
	const struct node *n = node_at(s, v);
	val a = node_a(n), b = node_b(n);

	switch ((unsigned)n->op) {
	case N_EQ: case N_NE: case N_LTS: case N_LTU: case N_LES:
		if (n->op <= N_NE && node_at(s, b)->known && node_at(s, b)->k == 0 && is_compare(node_at(s, a)))
			return n->op == N_NE ? gen_cond(s, a) : gen_cond(s, a) ^ 1u;
		if (node_at(s, a)->known)
			return compare(s, b, a, cc_swapped(cc_of(n->op)));
		return compare(s, a, b, cc_of(n->op));
	case N_SUB_OV:
		return compare(s, a, b, X64_O);
	case N_ADD_OV:
		return cond_add_overflow(s, n);
	case N_AND:
		return cond_and(s, n);
	default:
		return compare(s, v, expr_const(s, 0), X64_NE);
	}
}

/* --- results --- */

/* home op= operand, without a register.  */
static bool set_in_memory(struct sem *s, unsigned guest, const struct node *n)
{
	val a = node_a(n), b = node_b(n);
	const struct node *na, *nb;
	struct operand o;

	if (n->op < N_ADD || n->op > N_SAR || n->op == N_MUL || n->op == N_NOR || gen_soon(s, guest) || gen_where(s, guest) != X64_NOREG)
		return false;
	na = node_at(s, a);
	nb = node_at(s, b);
	if (n->op != N_SUB && n->op < N_SHL && nb->op == N_REG && nb->a == guest) {
		const struct node *swap = na;

		b = a;
		na = nb;
		nb = swap;
	}
	if (na->op != N_REG || na->a != guest || !(nb->known || (nb->op == N_REG && nb->a != guest)))
		return false;
	if (n->op >= N_SHL) {
		if (!nb->known)
			return false;
		x64_shift_mi(&s->x, shift_of(n->op), gen_home(guest), nb->k & 31u);
		return true;
	}
	if (nb->known) {
		x64_alu_mi(&s->x, X64_W32, alu_of(n->op), gen_home(guest), nb->k);
	} else {
		o = (struct operand){ .kind = O_REG, .reg = gen_value(s, b) };
		x64_alu_mr(&s->x, X64_W32, alu_of(n->op), gen_home(guest), o.reg);
		operand_done(s, &o);
	}
	return true;
}

/* A scratch register to compute guest register @guest in: the one with its copy, or one whose content dies with this
   instruction, or any.  Locked.  */
static unsigned place_for(struct sem *s, unsigned guest, const struct node *n)
{
	struct scratch *c = gen_copy_of(s, guest);

	if (!c && n->op >= N_ADD && n->op <= N_ROTR) {
		const struct node *na = node_at(s, node_a(n));

		if (na->op == N_REG && !gen_pinned(na->a) && !gen_soon(s, na->a))
			c = gen_copy_of(s, na->a);
	}
	if (!c || c->locks)
		return gen_alloc(s);
	gen_lock(s, c->host);
	return c->host;
}

/* A result that is in a host register already, or needs none.  False: it has to be computed.  */
static bool set_home_directly(struct sem *s, unsigned guest, const struct node *n)
{
	struct scratch *c = gen_copy_of(s, guest);
	unsigned host;

	if (n->known && !c && !gen_soon(s, guest)) {
		x64_mov_mi(&s->x, gen_home(guest), n->k);
		return true;
	}
	if (n->known)
		return false;
	if (n->op == N_GPC) {
		gen_forget(s, guest);
		x64_mov_mi(&s->x, gen_home(guest), n->k);
		gen_reloc(s, RELOC_GPC, s->x.len - 4, 0);
		return true;
	}
	if (n->op != N_HOST && n->op != N_REG)
		return false;
	if (n->op == N_REG && n->a == guest)
		return true;
	host = n->op == N_HOST ? n->a : gen_where(s, n->a);
	if (host == X64_NOREG)
		return false;
	gen_forget(s, guest);
	x64_mov_mr(&s->x, X64_W32, gen_home(guest), host);
	c = gen_scratch_of(s, host);
	if (c && (n->op == N_HOST || (gen_soon(s, guest) && !gen_soon(s, n->a))))
		c->guest = (uint8_t)guest;
	return true;
}

static void set_home(struct sem *s, unsigned guest, val v)
{
	const struct node *n = node_at(s, v);
	unsigned d;

	if (set_home_directly(s, guest, n) || (!n->known && set_in_memory(s, guest, n)))
		return;
	d = place_for(s, guest, n);
	gen_value_to(s, v, d);
	gen_forget(s, guest);
	gen_scratch_of(s, d)->guest = (uint8_t)guest;
	x64_mov_mr(&s->x, X64_W32, gen_home(guest), d);
	gen_unlock(s, d);
}

/* Two halves of one product, stored at once: HI is the lower word in struct cpu.  */
void gen_flush_pair(struct sem *s)
{
	const struct node *lo = s->pair_lo >= 0 ? &s->node[s->pair_lo] : NULL;
	const struct node *hi = s->pair_hi >= 0 ? &s->node[s->pair_hi] : NULL;

	_Static_assert(offsetof(struct cpu, hi) == offsetof(struct cpu, lo) + 4 && offsetof(struct cpu, lo) % 8 == 0, "HI:LO quadword");
	if (lo && hi && lo->a == hi->a) {
		gen_forget(s, GUEST_LO);
		gen_forget(s, GUEST_HI);
		x64_mov_mr(&s->x, X64_W64, gen_home(GUEST_LO), lo->a);
	} else {
		if (lo)
			set_home(s, GUEST_LO, (val){ (uint8_t)s->pair_lo });
		if (hi)
			set_home(s, GUEST_HI, (val){ (uint8_t)s->pair_hi });
	}
	s->pair_lo = s->pair_hi = -1;
}

/* After a result has been put into @host: what do the flags say about it?  */
static void note_flags(struct sem *s, unsigned guest, const struct node *n, unsigned host)
{
	if (s->flags.kind == FLAGS_BOOL && s->flags.guest == GUEST_NONE && n->op >= N_EQ && n->op <= N_SUB_OV && !n->known) {
		s->flags.guest = (uint8_t)guest;
		return;
	}
	if (s->flags.guest == guest)
		s->flags.kind = FLAGS_NONE;
	if (host != X64_NOREG && s->alu_host == host && s->alu_gen == s->x.flags_gen && n->op >= N_ADD && n->op <= N_ROTR && !n->known) {
		s->flags.kind = FLAGS_RESULT;
		s->flags.guest = (uint8_t)guest;
		s->flags.gen = s->x.flags_gen;
	}
}

/*
 * LUI and ADDIU or ORI build one constant: when a known value replaces the one that the last code emitted has just set, that
 * code goes.  Nothing can have looked at the first value, because nothing was emitted behind it.
 */
static void drop_replaced_constant(struct sem *s, unsigned guest)
{
	if (s->const_guest == guest && s->const_to == s->x.len && !s->x.full)
		s->x.len = s->const_from;
	s->const_guest = guest;
	s->const_from = s->x.len;
}

void gen_set(struct sem *s, unsigned guest, val v)
{
	const struct node *n = node_at(s, v);
	unsigned host;

	if (guest == 0) {
		if (s->pending_load >= 0)
			gen_unlock(s, gen_own(s, (val){ (uint8_t)s->pending_load }));
		return;
	}
	if (guest >= 32 && (n->op == N_LO64 || n->op == N_HI64)) {
		*(guest == GUEST_LO ? &s->pair_lo : &s->pair_hi) = v.n;
		return;
	}
	if (n->known && guest < 32 && s->known_mask >> guest & 1u && s->known[guest] == n->k)
		return;
	s->alu_host = X64_NOREG;
	if (n->known)
		drop_replaced_constant(s, guest);
	host = gen_pinned(guest);
	if (host != X64_NOREG)
		gen_value_to(s, v, host);
	else
		set_home(s, guest, v);
	note_flags(s, guest, n, gen_where(s, guest));
	if (guest < 32) {
		s->known_mask &= ~(1u << guest);
		if (n->known) {
			s->known_mask |= 1u << guest;
			s->known[guest] = n->k;
			s->const_to = s->x.len;
		}
	}
}
