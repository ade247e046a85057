/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How code is cut into steps, blocks and runs.  Delay slots live here and in isa/step.inc only.
 *
 * A step is one instruction, or one branch with its slot.  A run is a contiguous range of guest words inside
 * one page, made of steps; its leaders are the words where a basic block begins, each an entry point of the
 * translation.  A run is what one unit translates.
 */
#ifndef ATHANOR_ISA_BLOCK_H
#define ATHANOR_ISA_BLOCK_H

#include "isa/insn.h"

enum step_kind {
	STEP_PLAIN,   /* one instruction, translated */
	STEP_BRANCH,  /* branch and slot, both translated */
	STEP_ENGINE,  /* the interpreter executes it (IF_ENGINE; a branch whose slot is one, or is itself a branch: UNPREDICTABLE
			 in the manual; a branch in a page's last word, whose slot is on the next one: nwords is 1), then control
			 comes back if !ends */
};

struct step {
	gva pc;
	struct insn insn, slot;
	uint8_t kind;    /* enum step_kind */
	uint8_t nwords;  /* 1, or 2 with a slot */
	bool ends;       /* control does not simply go on behind it: a branch of any kind, or IF_ENDS */
	bool falls;      /* control may come back right behind it: conditional branches, calls, IF_ENDS that return */
	bool leader;     /* an entry point */
};

/* The address behind @t, and behind its slot wherever that stands.  */
static inline gva step_behind(const struct step *t)
{
	return t->pc + (insn_flags((enum insn_op)t->insn.op) & IF_BRANCH ? 8u : 4u);
}

#define RUN_WORDS_MAX GUEST_PAGE_WORDS

enum run_end {
	RUN_JUMP,     /* the last step leaves the run: an unconditional transfer without return (J, JR, ERET), a reserved encoding,
			 a branch in the page's last word */
	RUN_LIMIT,    /* max_words reached */
	RUN_PAGE,     /* end of page: control goes on in the next one */
	RUN_KNOWN,    /* the next word is set in @stop */
};

struct run {
	gva start;            /* address of the first word */
	unsigned nwords;      /* words covered: at least one */
	unsigned nsteps;
	enum run_end end;
	struct step steps[RUN_WORDS_MAX];
};

typedef uint32_t page_bits[GUEST_PAGE_WORDS / 32]; /* one bit a word of a page */

static inline bool page_bit(const uint32_t *b, unsigned word) { return (b[word / 32] >> (word % 32)) & 1u; }
static inline void page_bit_set(uint32_t *b, unsigned word) { b[word / 32] |= 1u << (word % 32); }

static inline void page_bit_clear(uint32_t *b, unsigned word) { b[word / 32] &= ~(1u << (word % 32)); }

/* Limits and knowledge for a scan; both may be zero/NULL.  */
struct run_opts {
	enum isa_rev rev;
	bool kernel;               /* the code runs in kernel mode: insn_plain_in_kernel() rows need no engine */
	unsigned max_words;        /* 0: to the end of the page */
	const uint32_t *leaders;   /* extra leaders known from elsewhere (page_bits), or NULL */
	const uint32_t *stop;      /* stop before such a word when control only falls into it, or NULL (page_bits) */
	bool through;              /* whole functions, for translators that profit: do not end at an unconditional jump (B is one)
				      that an earlier branch of the run leads past, but at the first other one */
};

/**
 * run_scan - decode the run that begins at @start
 * @page:  the 1024 instruction words of the page in host order
 * Leaders: the start, the word behind each step that ends and falls, targets of direct branches of this run
 * that are first words of its steps, and opts->leaders that are.
 * Never fails; touches no other page.  Cost: linear in the words.
 */
void run_scan(const insn_word *page, gva start, const struct run_opts *opts, struct run *out);

/* run_cut_at - words to keep of a run of more than @max: up to the last leader behind @min words, or @max.  */
unsigned run_cut_at(const struct run *r, unsigned min, unsigned max);

/* in_straight_code - does @word follow, in the same page, an instruction behind which control simply goes on?  Then an exception may
   have come back there; where only profiles know it, nothing else does.  */
bool in_straight_code(const insn_word *page, unsigned word, enum isa_rev rev);

/* branch_target - target of a direct branch or jump at @pc (IF_BRANCH without IF_INDIRECT).  */
gva branch_target(const struct insn *i, gva pc);

/* Registers an instruction reads and writes, from the dependency analyser (the semantics over register sets):
   bit r = GPR r, bit 32 = HI, bit 33 = LO.  Engine instructions: all bits in both.  */
struct insn_deps { uint64_t reads, writes; };
void insn_deps(const struct insn *i, struct insn_deps *out);

#endif
