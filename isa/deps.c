/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which registers an instruction reads and writes: the semantics executed over register sets.  A value is nothing; reading and
 * writing leave marks.
 */
#include "isa/block.h"
#include "isa/cpu.h"

typedef struct { char nothing; } val;
struct sem { uint64_t reads, writes; };

#define DEPS_HI 32
#define DEPS_LO 33

static val mark(struct sem *s, unsigned r)
{
	s->reads |= r ? 1ull << r : 0;
	return (val){ 0 };
}

static val op_const(struct sem *s, uint32_t n) { (void)s; (void)n; return (val){ 0 }; }
#define op_gpc op_const
static uint32_t op_pc(struct sem *s) { (void)s; return 0; }
static val op_gpr(struct sem *s, unsigned r) { return mark(s, r); }
static void op_set_gpr(struct sem *s, unsigned r, val v) { (void)v; s->writes |= r ? 1ull << r : 0; }
static val op_hi(struct sem *s) { return mark(s, DEPS_HI); }
static val op_lo(struct sem *s) { return mark(s, DEPS_LO); }
static void op_set_hi(struct sem *s, val v) { (void)v; s->writes |= 1ull << DEPS_HI; }
static void op_set_lo(struct sem *s, val v) { (void)v; s->writes |= 1ull << DEPS_LO; }
static val unary(struct sem *s, val a) { (void)s; return a; }
static val binary(struct sem *s, val a, val b) { (void)s; (void)b; return a; }
#define op_add binary
#define op_sub binary
#define op_and binary
#define op_or binary
#define op_xor binary
#define op_nor binary
#define op_shl binary
#define op_shr binary
#define op_sar binary
#define op_rotr binary
#define op_eq binary
#define op_ne binary
#define op_lts binary
#define op_ltu binary
#define op_les binary
#define op_mul binary
#define op_add_ov binary
#define op_sub_ov binary
#define op_clz unary
#define op_sext8 unary
#define op_sext16 unary
#define op_bswap16x2 unary
static val op_select(struct sem *s, val c, val a, val b) { (void)s; (void)a; (void)b; return c; }
static void op_mult(struct sem *s, val a, val b, bool sgn, val *lo, val *hi) { (void)s; (void)sgn; *lo = a; *hi = b; }
#define op_div op_mult
static void op_add64(struct sem *s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
{
	(void)s;
	(void)lo2;
	(void)hi2;
	*rlo = lo;
	*rhi = hi;
}
#define op_sub64 op_add64
static void op_trap_if(struct sem *s, val c, enum exc e) { (void)s; (void)c; (void)e; }
static val op_load(struct sem *s, val a, unsigned size, bool sgn) { (void)s; (void)size; (void)sgn; return a; }
static void op_store(struct sem *s, val a, unsigned size, val v) { (void)s; (void)size; (void)a; (void)v; }
#define op_load_left binary
#define op_load_right binary
#define op_ll unary
#define op_sc binary
static void sink(struct sem *s, val a, val v) { (void)s; (void)a; (void)v; }
#define op_store_left sink
#define op_store_right sink
static void op_branch(struct sem *s, val c, gva t, bool likely) { (void)s; (void)c; (void)t; (void)likely; }
static void op_jump(struct sem *s, gva t) { (void)s; (void)t; }
static void op_jump_reg(struct sem *s, val t) { (void)s; (void)t; }
static bool op_kernel(struct sem *s) { (void)s; return true; } /* user code has no such steps: the engine executes them */
static val op_field(struct sem *s, int offset) { (void)s; (void)offset; return (val){ 0 }; }
static void op_set_field(struct sem *s, int offset, val v) { (void)s; (void)offset; (void)v; }
static void op_engine(struct sem *s, const struct insn *i) { (void)i; s->reads = s->writes = ~0ull; }

#include "isa/mips32.sem.inc"

void insn_deps(const struct insn *i, struct insn_deps *out)
{
	struct sem s = { 0, 0 };

	sem_insn(&s, i);
	out->reads = s.reads;
	out->writes = s.writes;
}
