/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random guest programs: one page of code in which every translatable row occurs, mostly well-behaved.
 */
#ifndef ATHANOR_TESTS_EMIT_GUESTCODE_H
#define ATHANOR_TESTS_EMIT_GUESTCODE_H

#include "isa/cpu.h"
#include "tests/harness/random.h"

#define FOCUS_REGS 3u
#define FOCUS_ROWS 8u

struct rng {
	uint64_t state;
	/* Few registers and few rows, so that instructions meet; 0: all of them.  */
	unsigned nregs, nrows;
	uint8_t regs[FOCUS_REGS];
	uint16_t ops[FOCUS_ROWS];
};

static inline uint32_t rng_next(struct rng *r) { return random32(&r->state); }
static inline uint32_t rng_below(struct rng *r, uint32_t n) { return rng_next(r) % n; }
static inline bool rng_chance(struct rng *r, uint32_t in_256) { return (rng_next(r) & 0xffu) < in_256; }

/* Fill @page with a program of @nwords words that ends in a branch back to its start.  */
void guestcode_page(struct rng *r, insn_word *page, unsigned nwords);
/* Random registers for it: data and code addresses where the programs expect them, corner cases elsewhere.  */
void guestcode_registers(struct rng *r, struct cpu *c, unsigned nwords);
/* Restrict what the following programs are made of, or not.  */
void guestcode_focus(struct rng *r);
/* One random instruction of @op.  */
insn_word guestcode_insn(struct rng *r, enum insn_op op, unsigned at, unsigned nwords);

#endif
