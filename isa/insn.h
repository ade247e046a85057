/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One decoded guest instruction.  Rows: isa/mips32.def.  The decoder is generated from the rows
 * by tools/gen_decode.c, which refuses overlapping encodings.
 */
#ifndef ATHANOR_ISA_INSN_H
#define ATHANOR_ISA_INSN_H

#include "base/types.h"

/* Row flags.  */
enum insn_flag {
	IF_BRANCH = 1u << 0, /* has a delay slot; conditional or not */
	IF_LIKELY = 1u << 1, /* nullifies its slot when not taken */
	IF_UNCOND = 1u << 2, /* always taken: J JAL JR JALR (BEQ r,r counts as conditional) */
	IF_INDIRECT = 1u << 3, /* target from a register */
	IF_LINK = 1u << 4,   /* writes a return address */
	IF_LOAD = 1u << 5,
	IF_STORE = 1u << 6,
	IF_TRAPS = 1u << 7,  /* may raise an exception that is not a memory fault */
	IF_PRIV = 1u << 8,   /* needs CP0 */
	IF_ENGINE = 1u << 9, /* executed by the interpreter only; translated code calls it (CP0, SYSCALL, CACHE, ...) */
	IF_ENDS = 1u << 10,  /* a block ends after it: control flow, mode, or mapping may change (ERET, SYSCALL, BREAK,
				MTC0, TLBW*, WAIT, CACHE, SYNCI, DI, EI, ...) */
};

enum isa_rev { ISA_R1 = 1, ISA_R2 = 2 };

enum insn_op {
	INSN_INVALID = 0, /* raises Reserved Instruction */
#define INSN(name, mnemonic, bits, operands, flags, since, ref) INSN_##name,
#define INSN_REFINES(name, mnemonic, bits, operands, flags, since, ref, parent) INSN_##name,
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
	INSN_COUNT
};

struct insn {
	insn_word word;
	uint16_t op;    /* enum insn_op */
	uint8_t rs, rt, rd, sa; /* bits 25:21, 20:16, 15:11, 10:6: always filled */
} COPIED_ALIGNED;

/* Fields as C values: tests on them are translation-time tests. */
static inline uint32_t insn_simm(const struct insn *i) { return (uint32_t)(int32_t)(int16_t)(i->word & 0xffffu); }
static inline uint32_t insn_uimm(const struct insn *i) { return i->word & 0xffffu; }
static inline uint32_t insn_index26(const struct insn *i) { return i->word & 0x03ffffffu; }

/**
 * insn_decode - find the row of one instruction word
 * @w:   instruction word in host order
 * @rev: architecture release; rows of later releases decode as INSN_INVALID
 * @out: filled always; op is INSN_INVALID for a reserved encoding
 * Cost:   a few branches; no memory but constants
 */
void insn_decode(insn_word w, enum isa_rev rev, struct insn *out);

#define CACHE_OP_BY_ADDRESS 0x10u /* CACHE: operations 100 to 111 name an address, those below an index */

uint32_t insn_flags(enum insn_op op);      /* enum insn_flag bits; INSN_INVALID: IF_ENGINE | IF_ENDS | IF_TRAPS */
const char *insn_mnemonic(enum insn_op op);

/**
 * insn_disasm - print one instruction in the manual's syntax
 * @pc: address of the instruction, for branch targets
 * Returns the length written, as snprintf would.  Never fails: a reserved encoding prints as ".word 0x%08x".
 */
int insn_disasm(char *buf, size_t size, insn_word w, gva pc, enum isa_rev rev);

#endif
