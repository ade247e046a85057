/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random programs for comparison with another emulator: code, registers and memory in front, and what the interpreter makes of them.
 *
 * Every program ends: by itself, at PROGRAM_EXIT, or with an exception that Linux reports as a signal.  What either has no counterpart in
 * user mode or is UNPREDICTABLE without a choice in isa/ops.h is taken out: whatever the interpreter meets of it becomes a NOP.
 */
#ifndef ATHANOR_TESTS_ORACLE_PROGRAM_H
#define ATHANOR_TESTS_ORACLE_PROGRAM_H

#include "isa/cpu.h"

/* Guest addresses.  All but the stack for signals are in reach of a 16-bit offset from register 0.  */
#define PROGRAM_STATE 0x2000u  /* struct program_state, in guest byte order */
#define PROGRAM_DRIVER 0x3000u /* what loads and saves it */
#define PROGRAM_CODE 0x4000u
#define PROGRAM_DATA 0x8000u
#define PROGRAM_STACK 0xa000u
#define PROGRAM_STACK_SIZE 0x4000u

#define PROGRAM_WORDS 256u
#define PROGRAM_DATA_SIZE GUEST_PAGE_SIZE
#define PROGRAM_INSNS_MAX 1500u

/* Words only: it crosses the process boundary as an array.  */
struct program_state {
	uint32_t gpr[32], hi, lo;
	uint32_t signal; /* number as in Linux for MIPS, 0: none */
	uint32_t pc;     /* of the instruction that raised it, or of its branch */
};
#define STATE_WORDS (sizeof(struct program_state) / sizeof(uint32_t))

struct program {
	uint64_t seed;
	/* Registers 25 and 31 hold code addresses and are used for nothing else: the same program, somewhere else in memory, differs
	   in them only.  */
	bool links_apart;
	unsigned nwords;
	unsigned insns;    /* executed by the interpreter */
	insn_word code[PROGRAM_WORDS];
	struct program_state in, out;
	uint8_t data_in[PROGRAM_DATA_SIZE], data_out[PROGRAM_DATA_SIZE];
	uint32_t executed[INSN_COUNT]; /* times each row did */
};
#define LINK_REGS ((1u << 25) | (1u << 31))

struct reference;
struct reference *reference_create(bool big_endian);
void reference_destroy(struct reference *r);

/* program_generate - fill @p from its seed, and run it with the interpreter.  @exit: where a program goes when it is done.  */
void program_generate(struct program *p, uint64_t seed, struct reference *r, gva exit);

/* May this row be part of a program?  */
bool program_has_row(enum insn_op op);

/* Listing on stderr.  */
void program_print(const struct program *p);

#endif
