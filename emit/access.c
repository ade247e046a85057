/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Guest memory.  An access is one x86 access relative to the data window, with an entry in the unit's fault table; alignment is
 * checked by the hardware (EFLAGS.AC), so no other access here may ever be misaligned.
 *
 * Guest state is exact when an access faults: everything before it in the instruction lives in scratch registers.
 */
#include "emit/gen.h"

/* An x86 memory operand, and the scratch registers locked for it.  */
struct place {
	struct x64_mem mem;
	unsigned lock[2];
};

static void place_done(struct sem *s, const struct place *p)
{
	gen_unlock(s, p->lock[0]);
	gen_unlock(s, p->lock[1]);
}

/* The next instruction emitted may fault.  */
static void note_fault(struct sem *s)
{
	struct unit *u = s->u;

	if (u->nfaults == u->faults_cap) {
		s->x.full = true;
		return;
	}
	u->faults[u->nfaults++] = (struct unit_fault){ .off = s->x.len, .word = (uint16_t)s->word, .refund = (uint16_t)s->refund };
}

static int64_t sext32(uint32_t k) { return (int64_t)(k ^ 0x80000000u) - 0x80000000ll; }

/*
 * Base register and displacement of a guest address; the base is locked.  A sum that leaves the 32-bit space runs into the guard
 * of the window and faults, so it needs no masking; but one that is known now is computed now, modulo 2^32.
 */
static unsigned base_and_disp(struct sem *s, val addr, int32_t *disp)
{
	const struct node *n = node_at(s, addr);
	const struct node *na = node_at(s, node_a(n)), *nb = node_at(s, node_b(n));
	bool sum = n->op == N_ADD && nb->known;

	*disp = 0;
	if (n->known && sum && na->op == N_REG && gen_where(s, na->a) != X64_NOREG && (int64_t)na->k + sext32(nb->k) == (int64_t)n->k) {
		*disp = (int32_t)sext32(nb->k);
		return gen_value(s, node_a(n));
	}
	if (n->known || !sum)
		return gen_value(s, addr);
	*disp = (int32_t)sext32(nb->k);
	return gen_value(s, node_a(n));
}

/* The 32-bit guest address in a scratch register of its own.  */
static unsigned own_address(struct sem *s, val addr)
{
	int32_t disp;
	unsigned base = base_and_disp(s, addr, &disp), t = gen_alloc(s);

	if (disp)
		x64_lea(&s->x, X64_W32, t, x64_at(base, disp));
	else
		x64_mov_rr(&s->x, X64_W32, t, base);
	gen_unlock(s, base);
	return t;
}

/* A window base for the address in @address: kernel code at a marked site may mean kuseg.  Locked scratch register.  */
static unsigned user_or_kernel_base(struct sem *s, unsigned address)
{
	unsigned t = gen_alloc(s);

	x64_mov_rr(&s->x, X64_W64, t, X64_R13);
	x64_test_rr(&s->x, X64_W32, address, address);
	x64_cmov_rm(&s->x, X64_W64, X64_NS, t, x64_at(X64_R12, XABI_OFF(user_base)));
	return t;
}

static struct place place_of(struct sem *s, val addr)
{
	int32_t disp;
	unsigned base, window;

	if (s->sites & SITE_USER) {
		base = own_address(s, addr);
		window = user_or_kernel_base(s, base);
		return (struct place){ x64_at_index(base, window, 0, 0), { base, window } };
	}
	base = base_and_disp(s, addr, &disp);
	return (struct place){ x64_at_index(base, X64_R13, 0, disp), { base, X64_NOREG } };
}

void gen_load(struct sem *s, const struct node *load, unsigned dst)
{
	struct place p = place_of(s, node_a(load));
	unsigned size = load->b;
	bool sgn = load->c;

	note_fault(s);
	x64_load(&s->x, size, sgn && !(s->be && size == 2), dst, p.mem);
	place_done(s, &p);
	if (!s->be || size == 1)
		return;
	x64_bswap(&s->x, dst);
	if (size == 2)
		x64_shift_ri(&s->x, X64_W32, sgn ? X64_SAR : X64_SHR, dst, 16);
}

static uint32_t guest_order(const struct sem *s, unsigned size, uint32_t k)
{
	if (!s->be || size == 1)
		return k;
	return size == 2 ? (k << 8 & 0xff00u) | (k >> 8 & 0xffu) : __builtin_bswap32(k);
}

void gen_store(struct sem *s, val addr, unsigned size, val v)
{
	const struct node *n = node_at(s, v);
	struct place p = place_of(s, addr);
	unsigned h;

	if (n->known && (n->op != N_REG || gen_where(s, n->a) == X64_NOREG || s->be)) {
		note_fault(s);
		x64_store_imm(&s->x, size, p.mem, guest_order(s, size, n->k));
	} else if (!s->be || size == 1) {
		h = gen_value(s, v);
		note_fault(s);
		x64_store(&s->x, size, p.mem, h);
		gen_unlock(s, h);
	} else {
		h = gen_own(s, v);
		if (size == 2)
			x64_rol16(&s->x, h, 8);
		else
			x64_bswap(&s->x, h);
		note_fault(s);
		x64_store(&s->x, size, p.mem, h);
		gen_unlock(s, h);
	}
	place_done(s, &p);
}

/*
 * LWL, LWR, SWL, SWR (MD00086): with b the address modulo 4 and c bits to shift,
 *     LWL: (word << c) | (old & ~(-1 << c))    c = 24 - 8b little-endian, 8b big-endian
 *     LWR: (word >> c) | (old & ~(-1 >> c))    c = 8b little-endian, 24 - 8b big-endian
 *     SWL: word ^ (((word << c) ^ v) >> c)     i.e. the low 32 - c bits of the word become the high ones of v
 *     SWR: word ^ (((word >> c) ^ v) << c)
 * 24 - 8b is 8 * ~b modulo 32.
 */
struct part {
	unsigned address, count; /* locked scratch registers: the word's address (or pointer), and c modulo 32 */
	struct x64_mem mem;
};

static struct part part_begin(struct sem *s, val addr, bool left)
{
	struct part p;
	unsigned window;

	p.address = own_address(s, addr);
	p.count = gen_alloc(s);
	x64_mov_rr(&s->x, X64_W32, p.count, p.address);
	if (left != s->be)
		x64_unary_r(&s->x, X64_W32, X64_NOT, p.count);
	x64_shift_ri(&s->x, X64_W32, X64_SHL, p.count, 3);
	x64_alu_ri(&s->x, X64_W32, X64_AND, p.address, ~3u);
	if (!(s->sites & SITE_USER)) {
		p.mem = x64_at_index(p.address, X64_R13, 0, 0);
		return p;
	}
	window = user_or_kernel_base(s, p.address);
	x64_alu_rr(&s->x, X64_W64, X64_ADD, p.address, window);
	gen_unlock(s, window);
	p.mem = x64_at(p.address, 0);
	return p;
}

/* Between these two, without BMI2, CL is the count and guest a3 is in p->count.  */
static void counts_in_cl(struct sem *s, const struct part *p)
{
	if (!s->bmi2)
		x64_xchg_rr(&s->x, X64_RCX, p->count);
}

static void shift_by_count(struct sem *s, const struct part *p, enum x64_shift op, unsigned dst)
{
	if (s->bmi2)
		x64_shiftx(&s->x, op, dst, dst, p->count);
	else
		x64_shift_cl(&s->x, op, dst);
}

val gen_load_part(struct sem *s, val addr, val old, bool left)
{
	struct part p = part_begin(s, addr, left);
	unsigned word = p.address, keep = gen_alloc(s), h;
	enum x64_shift op = left ? X64_SHL : X64_SHR;

	note_fault(s);
	x64_mov_rm(&s->x, X64_W32, word, p.mem);
	if (s->be)
		x64_bswap(&s->x, word);
	x64_mov_ri(&s->x, keep, UINT32_MAX);
	counts_in_cl(s, &p);
	shift_by_count(s, &p, op, word);
	shift_by_count(s, &p, op, keep);
	counts_in_cl(s, &p);
	gen_unlock(s, p.count);
	x64_unary_r(&s->x, X64_W32, X64_NOT, keep);
	h = gen_value(s, old);
	x64_alu_rr(&s->x, X64_W32, X64_AND, keep, h);
	gen_unlock(s, h);
	x64_alu_rr(&s->x, X64_W32, X64_OR, keep, word);
	gen_unlock(s, word);
	return expr_host(s, N_HOST, keep);
}

void gen_store_part(struct sem *s, val addr, val v, bool left)
{
	struct part p = part_begin(s, addr, left);
	const struct node *n = node_at(s, v);
	unsigned word = gen_alloc(s), host = n->op == N_REG ? gen_where(s, n->a) : X64_NOREG;

	note_fault(s);
	x64_mov_rm(&s->x, X64_W32, word, p.mem);
	if (s->be)
		x64_bswap(&s->x, word);
	counts_in_cl(s, &p);
	shift_by_count(s, &p, left ? X64_SHL : X64_SHR, word);
	if (host == X64_RCX && !s->bmi2)
		host = p.count;
	if (n->known)
		x64_alu_ri(&s->x, X64_W32, X64_XOR, word, n->k);
	else if (host != X64_NOREG)
		x64_alu_rr(&s->x, X64_W32, X64_XOR, word, host);
	else if (n->op != N_REG)
		s->overflow = true; /* there is no register left to compute anything in */
	else
		x64_alu_rm(&s->x, X64_W32, X64_XOR, word, gen_home(n->a));
	shift_by_count(s, &p, left ? X64_SHR : X64_SHL, word);
	counts_in_cl(s, &p);
	if (s->be)
		x64_bswap(&s->x, word);
	note_fault(s);
	x64_alu_mr(&s->x, X64_W32, X64_XOR, p.mem, word);
	gen_unlock(s, word);
	gen_unlock(s, p.count);
	gen_unlock(s, p.address);
}

/* The link is broken by ERET and by SC itself (MD00086, LL and SC); ll_addr is what the interpreter keeps there too.  */
val gen_load_linked(struct sem *s, val addr)
{
	unsigned address = own_address(s, addr), window = X64_R13, t;

	if (s->sites & SITE_USER)
		window = user_or_kernel_base(s, address);
	t = gen_alloc(s);
	note_fault(s);
	x64_mov_rm(&s->x, X64_W32, t, x64_at_index(address, window, 0, 0));
	if (s->be)
		x64_bswap(&s->x, t);
	x64_mov_mi(&s->x, x64_at(X64_R12, XABI_OFF(ll_bit)), 1);
	x64_mov_mr(&s->x, X64_W32, x64_at(X64_R12, XABI_OFF(ll_addr)), address);
	gen_unlock(s, address);
	gen_unlock(s, window);
	return expr_host(s, N_HOST, t);
}

/* A misaligned address is an error whether the link holds or not; without a store the hardware would not see it.  */
val gen_store_cond(struct sem *s, val addr, val v)
{
	unsigned address = own_address(s, addr), window, h, ok;
	struct x64_mem mem = x64_at_index(address, X64_R13, 0, 0);
	uint32_t skip;

	x64_test_ri(&s->x, address, 3);
	gen_leave_if(s, X64_NE);
	if (s->sites & SITE_USER) {
		window = user_or_kernel_base(s, address);
		x64_alu_rr(&s->x, X64_W64, X64_ADD, address, window);
		gen_unlock(s, window);
		mem = x64_at(address, 0);
	}
	h = s->be ? gen_own(s, v) : gen_value(s, v); /* before the branch: both ways must agree on what is where */
	if (s->be)
		x64_bswap(&s->x, h);
	ok = gen_alloc(s);
	x64_mov_rm(&s->x, X64_W32, ok, x64_at(X64_R12, XABI_OFF(ll_bit)));
	x64_test_rr(&s->x, X64_W32, ok, ok);
	skip = x64_jcc(&s->x, X64_E);
	note_fault(s);
	x64_mov_mr(&s->x, X64_W32, mem, h);
	x64_patch(&s->x, skip, s->x.len);
	x64_mov_mi(&s->x, x64_at(X64_R12, XABI_OFF(ll_bit)), 0);
	gen_unlock(s, h);
	gen_unlock(s, address);
	return expr_host(s, N_HOST, ok);
}
