/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Plan of a lifted run: its blocks, which of them are entry points, and which blocks each entry's function holds.
 * No LLVM here: only isa/block.h and tables.
 *
 * One LLVM function is made for each entry.  Control inside a function never passes a call, an engine step or a hard entry:
 * there the function ends in a tail call.  A soft entry has its own function, and is copied into the functions that reach it.
 */
#ifndef ATHANOR_SBT_LIFT_GRAPH_H
#define ATHANOR_SBT_LIFT_GRAPH_H

#include "base/err.h"
#include "emit/template.h"
#include "isa/block.h"

#define LIFT_BLOCKS_MAX 512
#define LIFT_NONE (-1)

/* Registers the lifter follows, numbered as in struct insn_deps: GPRs, then HI and LO.  */
#define LIFT_HI 32u
#define LIFT_LO 33u
#define LIFT_REGS 34u

enum lift_term {
	LIFT_FALL,   /* goes on in the next word */
	LIFT_BRANCH, /* its last step is a branch of any kind */
	LIFT_STEP,   /* its last step is not lifted: the engine steps it */
};

struct lift_block {
	gva pc;
	unsigned step, nsteps;  /* index and count in run->steps */
	unsigned insns;         /* instructions of the lifted steps, slots included */
	uint8_t term;           /* enum lift_term */
	int succ[2];            /* taken or target, then fall-through: blocks control reaches inside a function, or LIFT_NONE */
	int target, next;       /* blocks at the branch target and behind the block, whatever leads there; LIFT_NONE: not in the run */
	uint64_t reads, writes; /* bits as in struct insn_deps, of the lifted steps */
	bool always;            /* its branch is taken whatever the registers hold */
	uint8_t depth;          /* loops it is in */
	bool entry, hard, in_loop;
};

struct lift_graph {
	const struct run *run;
	unsigned nblocks;
	struct lift_block block[LIFT_BLOCKS_MAX];
	int block_at[GUEST_PAGE_WORDS];  /* by word of the page: block that begins there, or LIFT_NONE */
};

/* One function: the blocks of one entry, in reverse postorder.  */
struct lift_func {
	int entry;
	unsigned n, insns;
	int order[LIFT_BLOCKS_MAX];      /* reverse postorder; order[0] is the entry */
	int pos[LIFT_BLOCKS_MAX];        /* by block: index in order, or LIFT_NONE */
	uint64_t dirty_in[LIFT_BLOCKS_MAX]; /* by block: registers that may differ from struct cpu at its start */
	unsigned ahead[LIFT_BLOCKS_MAX]; /* by block: instructions from its start to the next poll at most */
	int load_at[LIFT_REGS];          /* block at whose start the register is loaded; LIFT_NONE: not needed; or LOAD_ENTRY */
};
#define LIFT_LOAD_ENTRY (-2)             /* ahead of the entry block, which is part of a loop */

/* lift_step_engine - must the engine execute this step?  Engine rows, and accesses to sites marked slow.  */
bool lift_step_engine(const struct step *t, const uint8_t *sites);

/**
 * lift_graph_build - cut a run into blocks and choose entries
 * Errors: ST_UNSUPPORTED more blocks, or more instructions with duplicates, than allowed
 */
enum status lift_graph_build(struct lift_graph *g, const struct run *run, const struct template_opts *opts, unsigned max_insns,
			     struct err *e) MUST_CHECK;

/* lift_func_plan - the function of entry block @entry: its blocks, and where registers are loaded.  @pinned: registers never loaded.  */
void lift_func_plan(const struct lift_graph *g, int entry, uint64_t pinned, struct lift_func *f);

/* lift_retreats - does the edge lead back, so that it needs a poll?  */
static inline bool lift_retreats(const struct lift_func *f, int from, int to) { return f->pos[to] <= f->pos[from]; }

#endif
