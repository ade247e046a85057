/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the template emitter: expressions, where values are, and the emitter's state.  Nobody outside emit/ includes this.
 *
 * An instruction's meaning arrives as a small tree of nodes (`val`), which is only evaluated when it is put somewhere, so
 * that the place can choose the x86 form.  Values are 32 bits and zero-extended in host registers.
 *
 *   expr.c    the nodes, and folding of what is known at translation time
 *   place.c   which scratch register holds a copy of what
 *   eval.c    nodes -> host registers, conditions, results -> guest registers
 *   arith.c   arithmetic with two results or wishes of its own
 *   access.c  guest memory
 *   template.c  the primitives, steps, blocks, cold code
 *
 * Invariants
 *  - A guest register's home (a pinned host register, or its word in struct cpu) is exact after each guest instruction; scratch
 *    registers are copies.
 *  - Known values and copies hold within a block and die at each leader and each call.
 *  - A scratch register is locked while something that is not a copy of a guest register lives in it.
 */
#ifndef ATHANOR_EMIT_GEN_H
#define ATHANOR_EMIT_GEN_H

#include "emit/template.h"
#include "emit/x64.h"
#include "pcmap/xabi.h"

#include <string.h>

#define GUEST_HI 32u
#define GUEST_LO 33u
#define GUEST_REGS 34u
#define GUEST_HELD 254u /* in flags: the value a branch holds over its slot */
#define GUEST_NONE 255u

#define NODES_MAX 96u
#define COLD_MAX 128u
#define SCRATCHES 4u
#define USES_MAX 192u

enum node_op {
	/* leaves */
	N_CONST, N_GPC, N_REG, N_HOST, N_LO64, N_HI64,
	/* two operands; those up to N_MUL are one x86 instruction over a register and anything */
	N_ADD, N_SUB, N_AND, N_OR, N_XOR, N_MUL, N_NOR,
	N_SHL, N_SHR, N_SAR, N_ROTR,
	N_EQ, N_NE, N_LTS, N_LTU, N_LES, N_ADD_OV, N_SUB_OV,
	/* others */
	N_SELECT, N_CLZ, N_SEXT8, N_SEXT16, N_ZEXT8, N_ZEXT16, N_BSWAP16X2, N_LOAD
};

typedef struct { uint8_t n; } val;

struct node {
	uint8_t op;      /* enum node_op */
	uint8_t a, b, c; /* operands: node indices; N_REG: guest register in a; N_HOST, N_LO64, N_HI64: host register in a;
			    N_LOAD: address in a, size in b, sign extension in c */
	bool known;      /* the value is k, whatever op says */
	uint32_t k;
};

struct scratch {
	uint8_t host;
	uint8_t guest;   /* register it is a copy of, or GUEST_NONE */
	uint8_t locks;
	uint32_t used;   /* stamp of last use */
};

/* What the arithmetic flags say, as long as x.flags_gen is still gen.  */
enum flags_kind {
	FLAGS_NONE,
	FLAGS_RESULT,    /* Z and S describe `guest` */
	FLAGS_BOOL       /* `guest` is 1 if cc holds, else 0 */
};

enum cold_kind { COLD_CHECK, COLD_POLL, COLD_STEP, COLD_LINK, COLD_MIRROR };

/* Code that is to be emitted out of line.  */
struct cold {
	uint32_t site;   /* rel32 that leads here; COLD_CHECK: index of the unit_entry; COLD_LINK: of the unit_reloc */
	gva pc;          /* to be stored in cpu->pc */
	uint16_t refund;
	uint8_t kind;    /* enum cold_kind */
};

struct sem {
	struct x64 x;
	struct unit *u;
	const struct run *run;
	const struct template_opts *opts;
	bool be, bmi2, overflow;

	/* the instruction */
	const struct insn *insn;
	gva pc;
	unsigned word;       /* where a fault restarts: index in the page */
	unsigned refund;     /* instructions of the block, already subtracted, that have not run when the step begins */
	unsigned sites;      /* enum site_flag of the step */
	struct node node[NODES_MAX];
	unsigned nnodes;
	int pending_load;    /* N_LOAD not yet evaluated, or -1: it must be, wanted or not */
	int pair_lo, pair_hi; /* N_LO64, N_HI64 waiting to be stored together, or -1 */

	/* the branch whose slot is being walked */
	enum { BR_NONE, BR_COND, BR_JUMP, BR_REG } br;
	bool br_likely, br_held; /* held: RBX has what the slot overwrites */
	val br_value;        /* condition or target */
	gva br_target;
	uint32_t br_skip;    /* likely: rel32 that leads behind the slot, 0 none */

	/* the block */
	uint32_t known_mask;
	uint32_t known[32];
	struct scratch scratch[SCRATCHES];
	uint32_t stamp;
	struct { uint8_t kind, guest, cc; uint32_t gen; } flags;
	/* The code from const_from to const_to does nothing but give const_guest a known value.  */
	uint32_t const_from, const_to;
	unsigned const_guest;
	uint8_t alu_host;    /* register whose value the last flag-setting instruction computed */
	uint32_t alu_gen;
	bool reachable;      /* control can get to the end of what has been emitted */

	/* the run */
	unsigned at;         /* index in use[] of what comes behind the current instruction */
	unsigned nuse;
	struct { uint32_t reads, writes; } use[USES_MAX]; /* general registers, by the instructions of the block's beginning */
	page_bits leaders;
	uint32_t label[GUEST_PAGE_WORDS]; /* bound: code offset; else last rel32 that waits for it, 0 none */
	page_bits bound;
	struct cold cold[COLD_MAX];
	unsigned ncold;
};

/* --- expr.c --- */
val expr_const(struct sem *s, uint32_t k);
val expr_gpc(struct sem *s, uint32_t k);
val expr_reg(struct sem *s, unsigned r);     /* 0..31, GUEST_HI, GUEST_LO */
val expr_host(struct sem *s, enum node_op op, unsigned host); /* takes over one lock of @host */
val expr_op1(struct sem *s, enum node_op op, val a);
val expr_op2(struct sem *s, enum node_op op, val a, val b);
val expr_select(struct sem *s, val c, val a, val b);
val expr_load(struct sem *s, val addr, unsigned size, bool sgn);

static inline const struct node *node_at(const struct sem *s, val v) { return &s->node[v.n]; }
static inline val node_a(const struct node *n) { return (val){ n->a }; }
static inline val node_b(const struct node *n) { return (val){ n->b }; }

/* --- place.c --- */
struct x64_mem gen_home(unsigned guest);
unsigned gen_pinned(unsigned guest);         /* host register of a pinned guest register, or X64_NOREG */
unsigned gen_where(const struct sem *s, unsigned guest); /* host register that holds it now, or X64_NOREG */
struct scratch *gen_copy_of(struct sem *s, unsigned guest);   /* NULL: no scratch register holds it */
struct scratch *gen_scratch_of(struct sem *s, unsigned host); /* NULL: not a scratch register */
bool gen_soon(const struct sem *s, unsigned guest); /* will it be read again soon, before it is written? */
void gen_forget(struct sem *s, unsigned guest);
void gen_forget_all(struct sem *s);          /* copies, known values, flags: at leaders and behind calls */
void gen_step_reset(struct sem *s);          /* drop nodes and locks */

unsigned gen_alloc(struct sem *s);           /* a locked scratch register */
bool gen_any_free(const struct sem *s);
void gen_take(struct sem *s, unsigned host); /* lock this very scratch register */
void gen_lock(struct sem *s, unsigned host); /* these two: no effect on a register that is not scratch */
void gen_unlock(struct sem *s, unsigned host);

/* --- eval.c --- */
bool gen_flags_live(const struct sem *s);    /* do the flags still say what s->flags remembers? */
/* The value in some host register, which must not be written; unlock it afterwards.  */
unsigned gen_value(struct sem *s, val v);
/* The value in @dst: a pinned register, or a locked scratch register.  */
void gen_value_to(struct sem *s, val v, unsigned dst);
/* The value in a scratch register of its own, locked: may be written.  */
unsigned gen_own(struct sem *s, val v);
/* Flags for v != 0; v is not known.  */
enum x64_cc gen_cond(struct sem *s, val v);
void gen_set(struct sem *s, unsigned guest, val v);
void gen_flush_pair(struct sem *s);

/* --- arith.c: what needs particular registers or two results --- */
void gen_shift_var(struct sem *s, enum x64_shift op, val a, val n, unsigned dst);
void gen_mult(struct sem *s, val a, val b, bool sgn, val *lo, val *hi);
void gen_div(struct sem *s, val a, val b, bool sgn, val *quot, val *rem);
void gen_add64(struct sem *s, enum x64_alu op, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi);

/* --- access.c --- */
void gen_load(struct sem *s, const struct node *load, unsigned dst);
void gen_store(struct sem *s, val addr, unsigned size, val v);
val gen_load_part(struct sem *s, val addr, val old, bool left);
void gen_store_part(struct sem *s, val addr, val v, bool left);
val gen_load_linked(struct sem *s, val addr);
val gen_store_cond(struct sem *s, val addr, val v);

/* --- template.c --- */
void gen_reloc(struct sem *s, enum unit_reloc_kind kind, uint32_t off, uint32_t arg);
void gen_leave_if(struct sem *s, enum x64_cc cc); /* let the engine execute this step from its beginning */

#endif
