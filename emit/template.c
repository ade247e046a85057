/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The template emitter: runs, blocks, steps, branches, and the code that stands out of line.
 *
 * What an instruction means is in isa/mips32.sem.inc; this file gives its primitives to the expression evaluator.
 *
 * Counting.  A block subtracts its length from the budget on entry: one for each word of it, slots included, but not for a last
 * step that the engine executes (jmp STEP: the engine counts that one).  Whoever leaves in the middle gives back what has not
 * run: a fault by way of its table entry, a trap in its cold code, CALL_STEP in eax (the stepped instruction included, which the
 * engine counts), and a likely branch that is not taken gives back its slot.  So at each exit the budget is exact.
 *
 * Entry points.  Each leader has L (count, poll) in line and M (tier check) in the cold code.  Nothing is known about
 * scratch registers and values at a leader, however control gets there.
 */
#include "emit/gen.h"

/* One step adds at most so many pieces of cold code.  */
#define COLD_PER_STEP 8u

/* How a step is carried out.  */
enum how {
	HOW_TEMPLATE,
	HOW_CALL, /* the engine steps over it, then comes back */
	HOW_LEAVE /* the engine steps over it, then dispatches */
};

/* --- the primitives of isa/ops.h --- */

#define OP1(name, op) static inline val name(struct sem *s, val a) { return expr_op1(s, op, a); }
#define OP2(name, op) static inline val name(struct sem *s, val a, val b) { return expr_op2(s, op, a, b); }
OP1(op_clz, N_CLZ)
OP1(op_sext8, N_SEXT8)
OP1(op_sext16, N_SEXT16)
OP1(op_zext8, N_ZEXT8)
OP1(op_zext16, N_ZEXT16)
OP1(op_bswap16x2, N_BSWAP16X2)
OP2(op_add, N_ADD)
OP2(op_sub, N_SUB)
OP2(op_and, N_AND)
OP2(op_or, N_OR)
OP2(op_xor, N_XOR)
OP2(op_nor, N_NOR)
OP2(op_mul, N_MUL)
OP2(op_shl, N_SHL)
OP2(op_shr, N_SHR)
OP2(op_sar, N_SAR)
OP2(op_rotr, N_ROTR)
OP2(op_eq, N_EQ)
OP2(op_ne, N_NE)
OP2(op_lts, N_LTS)
OP2(op_ltu, N_LTU)
OP2(op_les, N_LES)
OP2(op_add_ov, N_ADD_OV)
OP2(op_sub_ov, N_SUB_OV)

static inline val op_const(struct sem *s, uint32_t k) { return expr_const(s, k); }
static inline val op_gpc(struct sem *s, uint32_t k) { return expr_gpc(s, k); }
static inline uint32_t op_pc(struct sem *s) { return s->pc; }
static inline val op_gpr(struct sem *s, unsigned r) { return expr_reg(s, r); }
static inline val op_hi(struct sem *s) { return expr_reg(s, GUEST_HI); }
static inline val op_lo(struct sem *s) { return expr_reg(s, GUEST_LO); }
static inline void op_set_gpr(struct sem *s, unsigned r, val v) { gen_set(s, r, v); }
static inline void op_set_hi(struct sem *s, val v) { gen_set(s, GUEST_HI, v); }
static inline void op_set_lo(struct sem *s, val v) { gen_set(s, GUEST_LO, v); }
static inline val op_select(struct sem *s, val c, val a, val b) { return expr_select(s, c, a, b); }

static inline void op_mult(struct sem *s, val a, val b, bool sgn, val *lo, val *hi) { gen_mult(s, a, b, sgn, lo, hi); }
static inline void op_div(struct sem *s, val a, val b, bool sgn, val *quot, val *rem) { gen_div(s, a, b, sgn, quot, rem); }

static inline void op_add64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	gen_add64(s, X64_ADD, lo, hi, lo2, hi2, rlo, rhi);
}

static inline void op_sub64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	gen_add64(s, X64_SUB, lo, hi, lo2, hi2, rlo, rhi);
}

static inline val op_load(struct sem *s, val addr, unsigned size, bool sgn) { return expr_load(s, addr, size, sgn); }
static inline void op_store(struct sem *s, val addr, unsigned size, val v) { gen_store(s, addr, size, v); }
static inline val op_load_left(struct sem *s, val addr, val old) { return gen_load_part(s, addr, old, true); }
static inline val op_load_right(struct sem *s, val addr, val old) { return gen_load_part(s, addr, old, false); }
static inline void op_store_left(struct sem *s, val addr, val v) { gen_store_part(s, addr, v, true); }
static inline void op_store_right(struct sem *s, val addr, val v) { gen_store_part(s, addr, v, false); }
static inline val op_ll(struct sem *s, val addr) { return gen_load_linked(s, addr); }
static inline val op_sc(struct sem *s, val addr, val v) { return gen_store_cond(s, addr, v); }

static void cold_add(struct sem *s, enum cold_kind kind, uint32_t site, gva pc, unsigned refund)
{
	if (s->ncold == COLD_MAX) {
		s->overflow = true;
		return;
	}
	s->cold[s->ncold++] = (struct cold){ .site = site, .pc = pc, .refund = (uint16_t)refund, .kind = (uint8_t)kind };
}

/* The interpreter raises: it executes the step again, and nothing of it has been done yet.  */
void gen_leave_if(struct sem *s, enum x64_cc cc)
{
	cold_add(s, COLD_STEP, x64_jcc(&s->x, cc), s->pc, s->refund);
}

static void op_trap_if(struct sem *s, val c, enum exc e)
{
	const struct node *n = node_at(s, c);

	(void)e;
	if (!n->known)
		gen_leave_if(s, gen_cond(s, c));
	else if (n->k)
		cold_add(s, COLD_STEP, x64_jmp(&s->x), s->pc, s->refund);
}

static void op_branch(struct sem *s, val c, gva target, bool likely)
{
	s->br = BR_COND;
	s->br_value = c;
	s->br_target = target;
	s->br_likely = likely;
}

/* Only J and JAL get here.  */
static void op_jump(struct sem *s, gva target)
{
	s->br = BR_JUMP;
	s->br_target = target;
}

static void op_jump_reg(struct sem *s, val target)
{
	s->br = BR_REG;
	s->br_value = target;
}

static bool op_kernel(struct sem *s) { return s->u->flags & UNIT_KERNEL; }

static val op_field(struct sem *s, int offset)
{
	unsigned h = gen_alloc(s);

	x64_mov_rm(&s->x, X64_W32, h, x64_at(X64_R12, offset - CPU_BIAS));
	return expr_host(s, N_HOST, h);
}

static void op_set_field(struct sem *s, int offset, val v)
{
	unsigned h = gen_value(s, v);

	x64_mov_mr(&s->x, X64_W32, x64_at(X64_R12, offset - CPU_BIAS), h);
	gen_unlock(s, h);
}

/* Never reached: rows that the engine executes are no template steps.  */
static void op_engine(struct sem *s, const struct insn *i)
{
	(void)i;
	s->overflow = true;
}

static void op_next(struct sem *s, const struct step *t)
{
	(void)t;
	gen_flush_pair(s);
}

/* --- relocations, labels, jumps --- */

void gen_reloc(struct sem *s, enum unit_reloc_kind kind, uint32_t off, uint32_t arg)
{
	struct unit *u = s->u;

	if (u->nrelocs == u->relocs_cap) {
		s->x.full = true;
		return;
	}
	u->relocs[u->nrelocs++] = (struct unit_reloc){ .off = off, .arg = arg, .kind = (uint8_t)kind };
}

static void store_pc(struct sem *s, gva pc)
{
	x64_mov_mi(&s->x, x64_at(X64_R12, XABI_OFF(pc)), pc);
	gen_reloc(s, RELOC_GPC, s->x.len - 4, 0);
}

static void jump_to_engine(struct sem *s, enum xabi_entry entry)
{
	gen_reloc(s, RELOC_XABI, x64_jmp(&s->x), entry);
}

static void call_engine(struct sem *s, enum xabi_entry entry)
{
	gen_reloc(s, RELOC_XABI, x64_call(&s->x), entry);
}

/* RAX is an index into the mirror, in units of 1 << scale bytes, and cpu->pc is set.  */
static void jump_through_mirror(struct sem *s, unsigned scale)
{
	x64_mov_rm(&s->x, X64_W64, X64_RBP, x64_at(X64_R12, XABI_OFF(mirror)));
	x64_mov_rm(&s->x, X64_W32, X64_RAX, x64_at_index(X64_RBP, X64_RAX, scale, 0));
	x64_alu_ri(&s->x, X64_W64, X64_ADD, X64_RAX, (uint32_t)XABI_CODE_BASE);
	x64_jmp_r(&s->x, X64_RAX);
}

/* A target known at translation time that may not be linked.  It is aligned, so the rotation by two and the scaling cancel out.  */
static void mirror_jump(struct sem *s, gva target)
{
	x64_mov_ri(&s->x, X64_RAX, target);
	gen_reloc(s, RELOC_GPC, s->x.len - 4, 0);
	x64_mov_mr(&s->x, X64_W32, x64_at(X64_R12, XABI_OFF(pc)), X64_RAX);
	jump_through_mirror(s, 0);
}

static void register_jump(struct sem *s, val target)
{
	unsigned h = gen_value(s, target);

	x64_mov_mr(&s->x, X64_W32, x64_at(X64_R12, XABI_OFF(pc)), h);
	if (s->bmi2) {
		x64_rorx(&s->x, X64_RAX, h, 2);
	} else {
		if (h != X64_RAX)
			x64_mov_rr(&s->x, X64_W32, X64_RAX, h);
		x64_shift_ri(&s->x, X64_W32, X64_ROR, X64_RAX, 2);
	}
	jump_through_mirror(s, 2);
	s->reachable = false;
}

static bool in_run(const struct sem *s, gva target)
{
	return (target & ~GUEST_PAGE_MASK) == s->u->page && page_bit(s->leaders, (target & GUEST_PAGE_MASK) >> 2);
}

/* May a direct jump to @target be linked?  Its mapping must hold as long as this unit's page's does.  */
static bool linkable(const struct sem *s, gva target)
{
	if ((target & ~GUEST_PAGE_MASK) == s->u->page)
		return true;
	return !(s->u->flags & UNIT_MAPPED) && target >= 0x80000000u && target < 0xc0000000u;
}

/* The rel32 at @site leads to a leader of this run.  Unbound labels are chained through their displacements.  */
static void label_use(struct sem *s, uint32_t site, gva target)
{
	unsigned w = (target & GUEST_PAGE_MASK) >> 2;

	if (page_bit(s->bound, w)) {
		x64_patch(&s->x, site, s->label[w]);
	} else {
		if (!s->x.full)
			memcpy(s->x.buf + site, &s->label[w], 4);
		s->label[w] = site;
	}
}

static void label_bind(struct sem *s, unsigned w)
{
	uint32_t site = s->label[w], next;

	while (site != 0 && !s->x.full) {
		memcpy(&next, s->x.buf + site, 4);
		x64_patch(&s->x, site, s->x.len);
		site = next;
	}
	s->label[w] = s->x.len;
	page_bit_set(s->bound, w);
}

/* A short jump to a leader of this run that is behind us already.  */
static bool jump_back(struct sem *s, gva target, int cc)
{
	unsigned w = (target & GUEST_PAGE_MASK) >> 2;

	if (!in_run(s, target) || !page_bit(s->bound, w))
		return false;
	return cc < 0 ? x64_jmp_back(&s->x, s->label[w]) : x64_jcc_back(&s->x, (enum x64_cc)cc, s->label[w]);
}

/* Go to a known address, always (@cc negative) or on a condition.  */
static void direct_jump(struct sem *s, gva target, int cc)
{
	uint32_t site;

	if (cc < 0)
		s->reachable = false;
	if (jump_back(s, target, cc))
		return;
	if (cc < 0 && !in_run(s, target) && !linkable(s, target)) {
		mirror_jump(s, target);
		return;
	}
	site = cc < 0 ? x64_jmp(&s->x) : x64_jcc(&s->x, (enum x64_cc)cc);
	if (in_run(s, target)) {
		label_use(s, site, target);
	} else if (linkable(s, target)) {
		cold_add(s, COLD_LINK, s->u->nrelocs, target, 0);
		gen_reloc(s, RELOC_LINK, site, target);
	} else {
		cold_add(s, COLD_MIRROR, site, target, 0);
	}
}

/* --- branches --- */

/* The slot overwrites a register that the branch reads: keep the old value in RBX.  One suffices, because an instruction writes
   one general register.  */
static void hold(struct sem *s, unsigned guest)
{
	unsigned where = gen_where(s, guest);

	gen_take(s, X64_RBX);
	if (where == X64_NOREG)
		x64_mov_rm(&s->x, X64_W32, X64_RBX, gen_home(guest));
	else if (where != X64_RBX)
		x64_mov_rr(&s->x, X64_W32, X64_RBX, where);
	s->br_held = true;
	if (gen_flags_live(s) && s->flags.guest == guest)
		s->flags.guest = GUEST_HELD;
	for (unsigned i = 0; i < s->nnodes; i++)
		if (s->node[i].op == N_REG && s->node[i].a == guest && !s->node[i].known)
			s->node[i] = (struct node){ .op = N_HOST, .a = X64_RBX };
}

static void op_slot_begin(struct sem *s, const struct step *t)
{
	const struct node *cond = node_at(s, s->br_value);
	struct insn_deps slot;

	s->at++;
	if (s->br == BR_COND && s->br_likely) {
		if (!cond->known)
			s->br_skip = x64_jcc(&s->x, gen_cond(s, s->br_value) ^ 1u);
		else if (cond->k == 0)
			s->br_skip = x64_jmp(&s->x);
		return;
	}
	insn_deps(&t->slot, &slot);
	for (unsigned i = 0; i < s->nnodes; i++) {
		struct node *n = &s->node[i];

		if (n->op != N_REG || !(slot.writes >> n->a & 1u))
			continue;
		if (n->known)
			n->op = N_CONST; /* the number stays, but the register will not have it */
		else
			hold(s, n->a);
	}
}

/* A target that does not move with the code.  */
static void absolute_jump(struct sem *s, gva target)
{
	s->u->flags |= UNIT_FIXED;
	direct_jump(s, target, -1);
}

static void likely_end(struct sem *s)
{
	direct_jump(s, s->br_target, -1);
	if (s->br_skip) {
		x64_patch(&s->x, s->br_skip, s->x.len);
		x64_alu_ri(&s->x, X64_W32, X64_ADD, X64_R14, 1);
		s->reachable = true;
	}
}

static void op_slot_end(struct sem *s, const struct step *t)
{
	const struct node *n = node_at(s, s->br_value);

	(void)t;
	s->at++;
	gen_flush_pair(s);
	for (unsigned i = 0; i < SCRATCHES; i++)
		s->scratch[i].locks = s->br_held && s->scratch[i].host == X64_RBX;
	switch (s->br) {
	case BR_NONE:
		s->overflow = true;
		break;
	case BR_JUMP:
		absolute_jump(s, s->br_target);
		break;
	case BR_REG:
		if (n->known && (n->k & 3u) == 0)
			absolute_jump(s, n->k);
		else
			register_jump(s, s->br_value);
		break;
	case BR_COND:
		if (s->br_likely)
			likely_end(s);
		else if (!n->known)
			direct_jump(s, s->br_target, (int)gen_cond(s, s->br_value));
		else if (n->k)
			direct_jump(s, s->br_target, -1);
		break;
	}
}

#include "isa/mips32.sem.inc"
#include "isa/step.inc"

/* --- cold code --- */

static void emit_check(struct sem *s, struct unit_entry *e)
{
	bool xo = s->u->flags & UNIT_XO;

	e->off = s->x.len;
	x64_alu_mi8(&s->x, X64_CMP, x64_at(X64_R12, XABI_OFF(tier)), xo ? TIER_XO : TIER_TEMPLATE);
	x64_patch(&s->x, x64_jcc(&s->x, X64_E), e->link);
	call_engine(s, xo ? XABI_TO_XO : XABI_TO_TEMPLATE);
	x64_patch(&s->x, x64_jmp(&s->x), e->link);
}

static void emit_leave(struct sem *s, const struct cold *c, enum xabi_entry entry)
{
	x64_patch(&s->x, c->site, s->x.len);
	if (c->refund)
		x64_alu_ri(&s->x, X64_W32, X64_ADD, X64_R14, c->refund);
	store_pc(s, c->pc);
	jump_to_engine(s, entry);
}

static void emit_cold(struct sem *s)
{
	for (unsigned i = 0; i < s->ncold && !s->x.full; i++) {
		const struct cold *c = &s->cold[i];

		switch ((enum cold_kind)c->kind) {
		case COLD_CHECK:
			emit_check(s, &s->u->entries[c->site]);
			break;
		case COLD_POLL:
			emit_leave(s, c, XABI_POLL);
			break;
		case COLD_STEP:
			emit_leave(s, c, XABI_STEP);
			break;
		case COLD_LINK:
			s->u->relocs[c->site].stub = s->x.len;
			x64_patch(&s->x, s->u->relocs[c->site].off, s->x.len);
			store_pc(s, c->pc);
			jump_to_engine(s, XABI_MISS);
			break;
		case COLD_MIRROR:
			x64_patch(&s->x, c->site, s->x.len);
			mirror_jump(s, c->pc);
			break;
		}
	}
	s->ncold = 0;
}

/* Between two steps: empty the list before it overflows.  */
static void cold_room(struct sem *s)
{
	uint32_t over = 0;

	if (s->ncold + COLD_PER_STEP <= COLD_MAX)
		return;
	if (s->reachable)
		over = x64_jmp(&s->x);
	emit_cold(s);
	if (over)
		x64_patch(&s->x, over, s->x.len);
}

/* --- steps and blocks --- */

static unsigned word_of(gva pc) { return (pc & GUEST_PAGE_MASK) >> 2; }

static unsigned sites_of(const struct sem *s, const struct step *t)
{
	unsigned w = word_of(t->pc), sites;

	if (!s->opts->sites)
		return 0;
	sites = s->opts->sites[w]; /* a slot's access is known under its branch, where it restarts */
	if (t->kind == STEP_BRANCH && w + 1 < GUEST_PAGE_WORDS)
		sites |= s->opts->sites[w + 1];
	if (!(s->u->flags & UNIT_KERNEL))
		sites &= ~(unsigned)SITE_USER;
	return sites;
}

static enum how how_of(const struct sem *s, const struct step *t)
{
	const struct insn *access = t->kind == STEP_BRANCH ? &t->slot : &t->insn;
	bool slow = insn_flags((enum insn_op)access->op) & (IF_LOAD | IF_STORE) && sites_of(s, t) & SITE_SLOW;
	struct insn_deps d;

	if (t->kind == STEP_ENGINE)
		return t->ends ? HOW_LEAVE : HOW_CALL;
	if (t->kind == STEP_PLAIN)
		return slow ? HOW_CALL : HOW_TEMPLATE;
	/* A branch that overwrites its own input could not be executed again after a fault in its slot.  */
	insn_deps(&t->insn, &d);
	return slow || d.reads & d.writes ? HOW_LEAVE : HOW_TEMPLATE;
}

static void use_add(struct sem *s, const struct insn *i)
{
	struct insn_deps d;

	if (s->nuse == USES_MAX)
		return;
	insn_deps(i, &d);
	s->use[s->nuse].reads = (uint32_t)d.reads;
	s->use[s->nuse++].writes = (uint32_t)d.writes;
}

/*
 * Length and register use of the block that begins with step @first.  The condition of a branch is evaluated behind its slot, so
 * its registers are read twice.  Copies do not survive a call: nothing behind it is "soon".
 */
static unsigned block_scan(struct sem *s, unsigned first)
{
	const struct run *run = s->run;
	unsigned words = 0;
	bool call = false;

	s->at = s->nuse = 0;
	for (unsigned i = first; i < run->nsteps; i++) {
		const struct step *t = &run->steps[i];
		enum how how = how_of(s, t);

		if ((i != first && t->leader) || how == HOW_LEAVE)
			break;
		words += t->nwords;
		call |= how == HOW_CALL;
		if (!call) {
			use_add(s, &t->insn);
			if (t->kind == STEP_BRANCH) {
				use_add(s, &t->slot);
				use_add(s, &t->insn);
			}
		}
		if (t->ends)
			break;
	}
	return words;
}

/* M out of line, L here: count and poll.  @length 0: the block is one step of the engine's, which counts and polls for itself.  */
static void block_begin(struct sem *s, const struct step *t, unsigned length)
{
	struct unit *u = s->u;
	unsigned w = word_of(t->pc);

	gen_forget_all(s);
	if (t->leader) {
		if (u->nentries == u->entries_cap) {
			s->x.full = true;
			return;
		}
		label_bind(s, w);
		cold_add(s, COLD_CHECK, u->nentries, t->pc, 0);
		u->entries[u->nentries++] = (struct unit_entry){ .link = s->x.len, .word = (uint16_t)w };
	}
	if (length) {
		x64_alu_ri(&s->x, X64_W32, X64_SUB, X64_R14, length);
		cold_add(s, COLD_POLL, x64_jcc(&s->x, X64_L), t->pc, length);
	}
	s->refund = length;
	s->reachable = true;
}

static void step_emit(struct sem *s, const struct step *t, enum how how)
{
	gen_step_reset(s);
	s->pc = t->pc;
	s->word = word_of(t->pc);
	switch (how) {
	case HOW_TEMPLATE:
		s->sites = sites_of(s, t);
		s->br = BR_NONE;
		s->br_held = s->br_likely = false;
		s->br_skip = 0;
		s->br_value = (val){ 0 };
		s->at++;
		sem_step(s, t);
		s->refund -= t->nwords;
		break;
	case HOW_CALL:
		store_pc(s, t->pc);
		x64_mov_ri(&s->x, X64_RAX, s->refund);
		call_engine(s, XABI_CALL_STEP);
		gen_forget_all(s);
		s->refund -= t->nwords;
		break;
	case HOW_LEAVE:
		store_pc(s, t->pc);
		jump_to_engine(s, XABI_STEP);
		s->reachable = false;
		break;
	}
}

/* Control may go on behind the last word.  */
static void run_end(struct sem *s)
{
	if (s->reachable)
		direct_jump(s, s->run->start + 4 * s->run->nwords, -1);
}

static void run_emit(struct sem *s)
{
	const struct run *run = s->run;
	bool begin = true; /* the step begins a block */

	for (unsigned i = 0; i < run->nsteps && !s->x.full && !s->overflow; i++) {
		const struct step *t = &run->steps[i];
		enum how how = how_of(s, t);

		cold_room(s);
		if (t->leader || (begin && s->reachable))
			block_begin(s, t, block_scan(s, i));
		if (s->reachable)
			step_emit(s, t, how);
		begin = t->ends || how == HOW_LEAVE;
	}
	run_end(s);
	emit_cold(s);
}

enum status template_translate(const struct run *run, const struct template_opts *opts, struct unit *u)
{
	struct sem s;

	memset(&s, 0, sizeof(s));
	u->page = run->start & ~GUEST_PAGE_MASK;
	u->first = (uint16_t)word_of(run->start);
	u->nwords = (uint16_t)run->nwords;
	u->flags = opts->flags;
	u->code_len = u->nentries = u->nfaults = u->nrelocs = 0;

	x64_init(&s.x, u->code, u->code_cap);
	s.u = u;
	s.run = run;
	s.opts = opts;
	s.be = opts->flags & UNIT_BE;
	s.bmi2 = opts->bmi2;
	gen_forget_all(&s);
	for (unsigned i = 0; i < run->nsteps; i++)
		if (run->steps[i].leader)
			page_bit_set(s.leaders, word_of(run->steps[i].pc));

	run_emit(&s);
	if (s.x.full)
		return ST_FULL;
	if (s.overflow)
		return ST_INTERNAL;
	u->code_len = s.x.len;
	return ST_OK;
}
