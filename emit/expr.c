/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expression nodes of one guest instruction, and folding of what is known at translation time.  The corners of each operation
 * are those of isa/ops.h.  Emits nothing.
 */
#include "emit/gen.h"

static val node_new(struct sem *s, struct node n)
{
	if (s->nnodes == NODES_MAX) {
		s->overflow = true;
		return (val){ 0 };
	}
	s->node[s->nnodes] = n;
	return (val){ (uint8_t)s->nnodes++ };
}

val expr_const(struct sem *s, uint32_t k)
{
	return node_new(s, (struct node){ .op = N_CONST, .known = true, .k = k });
}

/* Not `known`: the number moves with the code, so nothing may be computed from it now.  */
val expr_gpc(struct sem *s, uint32_t k)
{
	return node_new(s, (struct node){ .op = N_GPC, .k = k });
}

val expr_reg(struct sem *s, unsigned r)
{
	struct node n = { .op = N_REG, .a = (uint8_t)r };

	if (r == 0)
		return expr_const(s, 0);
	if (r < 32 && s->known_mask >> r & 1u) {
		n.known = true;
		n.k = s->known[r];
	}
	return node_new(s, n);
}

val expr_host(struct sem *s, enum node_op op, unsigned host)
{
	return node_new(s, (struct node){ .op = (uint8_t)op, .a = (uint8_t)host });
}

static uint32_t sign_fill(uint32_t a, unsigned n)
{
	return n != 0 && a >> 31 ? ~(0xffffffffu >> n) : 0;
}

static uint32_t fold1(enum node_op op, uint32_t a)
{
	switch ((unsigned)op) {
	case N_CLZ: return a ? (uint32_t)__builtin_clz(a) : 32;
	case N_SEXT8: return (a & 0xffu) | (a & 0x80u ? 0xffffff00u : 0);
	case N_SEXT16: return (a & 0xffffu) | (a & 0x8000u ? 0xffff0000u : 0);
	case N_ZEXT8: return a & 0xffu;
	case N_ZEXT16: return a & 0xffffu;
	case N_BSWAP16X2: return (a & 0x00ff00ffu) << 8 | (a >> 8 & 0x00ff00ffu);
	default: __builtin_unreachable();
	}
}

static uint32_t fold2(enum node_op op, uint32_t a, uint32_t b)
{
	const uint32_t flip = 0x80000000u; /* signed order is unsigned order of these */
	unsigned n = b & 31u;

	switch ((unsigned)op) {
	case N_ADD: return a + b;
	case N_SUB: return a - b;
	case N_AND: return a & b;
	case N_OR: return a | b;
	case N_XOR: return a ^ b;
	case N_NOR: return ~(a | b);
	case N_MUL: return a * b;
	case N_SHL: return a << n;
	case N_SHR: return a >> n;
	case N_SAR: return a >> n | sign_fill(a, n);
	case N_ROTR: return n ? a >> n | a << (32 - n) : a;
	case N_EQ: return a == b;
	case N_NE: return a != b;
	case N_LTS: return (a ^ flip) < (b ^ flip);
	case N_LTU: return a < b;
	case N_LES: return (a ^ flip) <= (b ^ flip);
	case N_ADD_OV: return (~(a ^ b) & (a ^ (a + b))) >> 31;
	case N_SUB_OV: return ((a ^ b) & (a ^ (a - b))) >> 31;
	default: __builtin_unreachable();
	}
}

val expr_op1(struct sem *s, enum node_op op, val a)
{
	const struct node *na = node_at(s, a);
	struct node n = { .op = (uint8_t)op, .a = a.n, .known = na->known };

	if (n.known)
		n.k = fold1(op, na->k);
	return node_new(s, n);
}

/* x op k is x, or a cheaper operation on x alone.  False: no such luck.  */
static bool simplify_right(struct sem *s, enum node_op op, val a, uint32_t k, val *out)
{
	switch ((unsigned)op) {
	case N_ADD: case N_SUB: case N_OR: case N_XOR: case N_ROTR:
	case N_SHL: case N_SHR: case N_SAR:
		*out = a;
		return op >= N_SHL && op <= N_ROTR ? (k & 31u) == 0 : k == 0;
	case N_AND:
		if (k == 0)
			*out = expr_const(s, 0);
		else if (k == 0xffu)
			*out = expr_op1(s, N_ZEXT8, a);
		else if (k == 0xffffu)
			*out = expr_op1(s, N_ZEXT16, a);
		else if (k == UINT32_MAX)
			*out = a;
		else
			return false;
		return true;
	default:
		return false;
	}
}

static bool commutes(enum node_op op)
{
	return op == N_ADD || op == N_AND || op == N_OR || op == N_XOR || op == N_MUL || op == N_NOR || op == N_EQ || op == N_NE ||
	       op == N_ADD_OV;
}

val expr_op2(struct sem *s, enum node_op op, val a, val b)
{
	const struct node *na = node_at(s, a), *nb = node_at(s, b);
	struct node n = { .op = (uint8_t)op, .a = a.n, .b = b.n };
	val simple;

	if (na->known && nb->known) {
		n.known = true;
		n.k = fold2(op, na->k, nb->k);
		return node_new(s, n);
	}
	if ((op == N_EQ || op == N_NE) && na->op == N_REG && nb->op == N_REG && na->a == nb->a)
		return expr_const(s, op == N_EQ);
	if (na->known && commutes(op)) {
		val swap = a;

		a = b;
		b = swap;
		n.a = a.n;
		n.b = b.n;
		nb = node_at(s, b);
	}
	if (nb->known && simplify_right(s, op, a, nb->k, &simple))
		return simple;
	return node_new(s, n);
}

val expr_select(struct sem *s, val c, val a, val b)
{
	const struct node *nc = node_at(s, c);

	if (nc->known)
		return nc->k ? a : b;
	return node_new(s, (struct node){ .op = N_SELECT, .a = a.n, .b = b.n, .c = c.n });
}

val expr_load(struct sem *s, val addr, unsigned size, bool sgn)
{
	val v = node_new(s, (struct node){ .op = N_LOAD, .a = addr.n, .b = (uint8_t)size, .c = sgn });

	s->pending_load = v.n;
	return v;
}
