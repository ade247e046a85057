/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An x86-64 encoder for the forms the template emitter and the stubs use, and no more.
 *
 * It knows bytes, not meaning: no register allocation, no labels.  Writes into a bounded buffer; what does not
 * fit sets `full`, which stays set, and nothing is ever written past the end.
 * `flags_gen` counts the instructions that change the arithmetic flags, so that a caller can tell whether the
 * flags it remembers are still there.
 * Freestanding.
 */
#ifndef ATHANOR_EMIT_X64_H
#define ATHANOR_EMIT_X64_H

#include "base/types.h"

enum x64_reg {
	X64_RAX, X64_RCX, X64_RDX, X64_RBX, X64_RSP, X64_RBP, X64_RSI, X64_RDI,
	X64_R8, X64_R9, X64_R10, X64_R11, X64_R12, X64_R13, X64_R14, X64_R15,
	X64_NOREG
};

/* Condition codes; flipping bit 0 negates.  */
enum x64_cc {
	X64_O, X64_NO, X64_B, X64_AE, X64_E, X64_NE, X64_BE, X64_A,
	X64_S, X64_NS, X64_P, X64_NP, X64_L, X64_GE, X64_LE, X64_G
};

/* The number is the /digit and bits 5:3 of the opcode.  */
enum x64_alu { X64_ADD, X64_OR, X64_ADC, X64_SBB, X64_AND, X64_SUB, X64_XOR, X64_CMP };
enum x64_shift { X64_ROL = 0, X64_ROR = 1, X64_SHL = 4, X64_SHR = 5, X64_SAR = 7 };
enum x64_unary { X64_NOT = 2, X64_NEG = 3, X64_MUL = 4, X64_IMUL = 5, X64_DIV = 6, X64_IDIV = 7 };

/* Operand width of an integer operation.  */
enum x64_width { X64_W32, X64_W64 };

struct x64 {
	uint8_t *buf;
	uint32_t len, cap;
	uint32_t flags_gen;
	bool full;
};

/* [base + (index << scale) + disp]; index may be X64_NOREG, never RSP.  base is always a register.  */
struct x64_mem {
	uint8_t base, index, scale;
	int32_t disp;
};

static inline struct x64_mem x64_at(unsigned base, int32_t disp)
{
	return (struct x64_mem){ (uint8_t)base, X64_NOREG, 0, disp };
}

static inline struct x64_mem x64_at_index(unsigned base, unsigned index, unsigned scale, int32_t disp)
{
	return (struct x64_mem){ (uint8_t)base, (uint8_t)index, (uint8_t)scale, disp };
}

void x64_init(struct x64 *x, uint8_t *buf, uint32_t cap);

void x64_byte(struct x64 *x, uint8_t b);
void x64_align(struct x64 *x, uint32_t alignment); /* fills with INT3: not meant to be run */

/* Moves: none of them touches the flags.  */
void x64_mov_rr(struct x64 *x, enum x64_width w, unsigned dst, unsigned src);
void x64_mov_ri(struct x64 *x, unsigned dst, uint32_t imm);             /* zero-extends */
void x64_mov_ri64(struct x64 *x, unsigned dst, uint64_t imm);
void x64_mov_rm(struct x64 *x, enum x64_width w, unsigned dst, struct x64_mem m);
void x64_mov_mr(struct x64 *x, enum x64_width w, struct x64_mem m, unsigned src);
void x64_mov_mi(struct x64 *x, struct x64_mem m, uint32_t imm);         /* 32 bits */
void x64_lea(struct x64 *x, enum x64_width w, unsigned dst, struct x64_mem m);
void x64_movsxd_rr(struct x64 *x, unsigned dst, unsigned src);
void x64_movsxd_rm(struct x64 *x, unsigned dst, struct x64_mem m);

/* @size 1, 2 or 4 bytes; extended to 32 bits.  */
void x64_ext_rr(struct x64 *x, unsigned size, bool sgn, unsigned dst, unsigned src);
void x64_load(struct x64 *x, unsigned size, bool sgn, unsigned dst, struct x64_mem m);
void x64_store(struct x64 *x, unsigned size, struct x64_mem m, unsigned src);
void x64_store_imm(struct x64 *x, unsigned size, struct x64_mem m, uint32_t imm);

void x64_alu_rr(struct x64 *x, enum x64_width w, enum x64_alu op, unsigned dst, unsigned src);
void x64_alu_ri(struct x64 *x, enum x64_width w, enum x64_alu op, unsigned dst, uint32_t imm); /* sign-extended for W64 */
void x64_alu_rm(struct x64 *x, enum x64_width w, enum x64_alu op, unsigned dst, struct x64_mem m);
void x64_alu_mr(struct x64 *x, enum x64_width w, enum x64_alu op, struct x64_mem m, unsigned src);
void x64_alu_mi(struct x64 *x, enum x64_width w, enum x64_alu op, struct x64_mem m, uint32_t imm);
void x64_alu_mi8(struct x64 *x, enum x64_alu op, struct x64_mem m, uint8_t imm); /* byte operand */
void x64_test_rr(struct x64 *x, enum x64_width w, unsigned a, unsigned b);
void x64_test_ri(struct x64 *x, unsigned a, uint32_t imm);

void x64_shift_ri(struct x64 *x, enum x64_width w, enum x64_shift op, unsigned dst, unsigned count);
void x64_shift_mi(struct x64 *x, enum x64_shift op, struct x64_mem m, unsigned count);
void x64_shift_cl(struct x64 *x, enum x64_shift op, unsigned dst);
void x64_rol16(struct x64 *x, unsigned dst, unsigned count);            /* rotates the low half only */
void x64_shiftx(struct x64 *x, enum x64_shift op, unsigned dst, unsigned src, unsigned count); /* BMI2: SHL, SHR, SAR; keeps flags */
void x64_rorx(struct x64 *x, unsigned dst, unsigned src, unsigned count); /* BMI2; keeps flags */

void x64_unary_r(struct x64 *x, enum x64_width w, enum x64_unary op, unsigned r);
void x64_imul_rr(struct x64 *x, enum x64_width w, unsigned dst, unsigned src);
void x64_imul_rm(struct x64 *x, unsigned dst, struct x64_mem m);
void x64_imul_rri(struct x64 *x, unsigned dst, unsigned src, uint32_t imm);
void x64_bsr(struct x64 *x, enum x64_width w, unsigned dst, unsigned src);
void x64_bswap(struct x64 *x, unsigned r);
void x64_cdq(struct x64 *x);
void x64_xchg_rr(struct x64 *x, unsigned a, unsigned b);                /* 32 bits */

void x64_setcc(struct x64 *x, enum x64_cc cc, unsigned dst);            /* low byte only */
void x64_cmov_rr(struct x64 *x, enum x64_cc cc, unsigned dst, unsigned src);
void x64_cmov_rm(struct x64 *x, enum x64_width w, enum x64_cc cc, unsigned dst, struct x64_mem m);

void x64_push(struct x64 *x, unsigned r);
void x64_pop(struct x64 *x, unsigned r);
void x64_pushf(struct x64 *x);
void x64_popf(struct x64 *x);
void x64_ret(struct x64 *x);

/*
 * Jumps are always rel32.  They return the offset of the displacement, for x64_patch() or a relocation; until
 * patched they lead to the instruction behind them.
 */
uint32_t x64_jmp(struct x64 *x);
uint32_t x64_call(struct x64 *x);
uint32_t x64_jcc(struct x64 *x, enum x64_cc cc);
/* Back to buffer offset @target with a byte of displacement, if it reaches; false: nothing emitted.  */
bool x64_jmp_back(struct x64 *x, uint32_t target);
bool x64_jcc_back(struct x64 *x, enum x64_cc cc, uint32_t target);
void x64_jmp_r(struct x64 *x, unsigned r);
void x64_call_r(struct x64 *x, unsigned r);

/* x64_patch - make the rel32 at @off lead to buffer offset @target.  */
void x64_patch(struct x64 *x, uint32_t off, uint32_t target);

#endif
