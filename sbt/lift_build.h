/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the lifter's parts: the module of one run while it is built, and the state of the guest at one point in it.
 *
 * Guest registers are SSA values while a block is lifted (struct lift_state) and live in allocas between blocks, which LLVM
 * promotes.  An alloca is written only where a block ends: within a block it holds the value at the block's start, and so
 * a register that the state does not name has that value.
 */
#ifndef ATHANOR_SBT_LIFT_BUILD_H
#define ATHANOR_SBT_LIFT_BUILD_H

#include <llvm-c/Core.h>

#include "pcmap/xabi.h"
#include "sbt/lift.h"
#include "sbt/lift_graph.h"
#include "sbt/opt.h"

/* preserve_none has no name in LLVM's C header.  */
#define LIFT_CALL_CONV 21u
/* cpu, window base, budget, the pinned registers, and rax: the target of an indirect jump, nothing elsewhere.  */
#define LIFT_ARGS (3u + XABI_PINNED + 1u)
#define LIFT_ARG_PINNED 3u
#define LIFT_ARG_RAX (LIFT_ARGS - 1u)

/* Names by which code refers to what the object reader resolves.  */
#define LIFT_SYM_XABI "xabi_"     /* + enum name: engine entry point */
#define LIFT_SYM_LINK "link_"     /* + 8 hex digits: guest address */
#define LIFT_SYM_ENTRY "entry_"   /* + 3 hex digits: word of this unit */
#define LIFT_SYM_INDIRECT "indirect"
#define LIFT_FAULT_SECTION ".athanor.fault"
/* One record of that section: address of the access, address of its recovery block, guest word.  */
#define LIFT_FAULT_SIZE 20u

struct lift_build {
	const struct run *run;
	const struct template_opts *opts;
	const struct lift_graph *graph;
	struct lift_func func;           /* plan of the function being built */

	LLVMContextRef cx;
	LLVMModuleRef mod;
	LLVMBuilderRef b;
	LLVMTypeRef i1, i8, i16, i32, i64, ptr, fn;
	LLVMValueRef entry[LIFT_BLOCKS_MAX]; /* functions, by block */
	LLVMValueRef unlikely;           /* branch weights: the first way is cold */
	unsigned kind_prof;
	enum status status;              /* first failure met deep inside the semantics */
	const char *why;
};

/* The guest at one point: what differs from the allocas, and how far the block has come.  */
struct lift_state {
	LLVMValueRef reg[LIFT_REGS];     /* NULL: as at the block's start */
	uint64_t changed;                /* registers that differ from their allocas */
	uint64_t dirty;                  /* registers that may differ from struct cpu */
	unsigned count;                  /* instructions of the block executed */
	gva pc;
};

enum lift_jump { LIFT_JUMP_NONE, LIFT_JUMP_COND, LIFT_JUMP_DIRECT, LIFT_JUMP_REG };

/* Context of the semantics: one function while its blocks are lifted.  */
struct sem {
	struct lift_build *u;
	LLVMValueRef fn, cpu, base, budget; /* function, arguments; budget: at the start of the block */
	LLVMValueRef slot[LIFT_REGS], budget_slot;
	LLVMBasicBlockRef bb[LIFT_BLOCKS_MAX];
	int block;

	struct lift_state now, step, group;
	LLVMBasicBlockRef recover;       /* of the open group, or NULL */
	bool group_loads, group_shut;    /* it has loads; nothing may join it any more */
	const struct step *t;
	const struct insn *insn;         /* the instruction being lifted: the step's or its slot's */

	enum lift_jump jump;
	LLVMValueRef cond, target_value;
	gva target;
	bool likely;
};

extern const uint64_t lift_pinned;       /* registers in arguments, as bits */

/* --- lift_exit.c: state and ways out --- */
int lift_reg_off(unsigned r);            /* offset of a register from the cpu argument */
LLVMValueRef lift_cpu_ptr(struct sem *s, int off);
LLVMValueRef lift_load(struct sem *s, LLVMTypeRef type, int off);
void lift_store(struct sem *s, LLVMValueRef v, int off);
LLVMValueRef lift_const(struct sem *s, uint32_t v);
LLVMBasicBlockRef lift_new_bb(struct sem *s, const char *name);
LLVMValueRef lift_declare(struct lift_build *u, const char *name, bool cold);

/* The block's own steps past, write what it changed where the next block finds it.  */
void lift_commit(struct sem *s, const struct lift_state *st);
/* End the current LLVM block: flush @st and leave to an engine entry point with the pc stored.  */
void lift_leave(struct sem *s, const struct lift_state *st, enum xabi_entry to);
/* End the current LLVM block with an indirect jump.  */
void lift_leave_indirect(struct sem *s, const struct lift_state *st, LLVMValueRef target);
/* An LLVM block that takes control from the end of the guest block to guest address @pc, where block @to (or LIFT_NONE) is.  */
LLVMBasicBlockRef lift_edge(struct sem *s, const struct lift_state *st, int to, gva pc);
/* The recovery block of an access now, with the group rule applied.  */
LLVMBasicBlockRef lift_recovery(struct sem *s, bool load, bool store);
void lift_set_unlikely(struct lift_build *u, LLVMValueRef br);
/* Where control enters the function: arguments, loads ahead of loops, poll.  Ends in a branch to the entry block.  */
void lift_prologue(struct sem *s);

/* --- lift_sem.c --- */
/* lift_func_build - lift the function u->func plans into u->entry[]'s function.  */
enum status lift_func_build(struct lift_build *u, struct err *e) MUST_CHECK;

/* --- lift_obj.c --- */
/* lift_obj_read - turn an object file made from @u's module into unit @out, stubs and tables included.  */
enum status lift_obj_read(const struct lift_build *u, const void *obj, size_t len, struct unit *out, struct err *e) MUST_CHECK;

#endif
