/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A few guest instructions as words, for programs written by hand: MD00086 encodings, named after their mnemonics.  Only what the
 * tests here use; the product's own decoder is not involved.
 */
#ifndef ATHANOR_TESTS_ENGINE_ASM_H
#define ATHANOR_TESTS_ENGINE_ASM_H

#include "base/types.h"

enum reg { ZERO, AT, V0, V1, A0, A1, A2, A3, T0, T1, T2, T3, T4, T5, T6, T7, S0, S1, S2, S3, S4, S5, S6, S7, T8, T9, K0, K1, GP,
	   SP, FP, RA };

/* CP0 register numbers: MD00090.  */
enum cp0 { C0_INDEX = 0, C0_ENTRYLO0 = 2, C0_ENTRYLO1 = 3, C0_PAGEMASK = 5, C0_WIRED = 6, C0_BADVADDR = 8, C0_COUNT = 9,
	   C0_ENTRYHI = 10,
	   C0_COMPARE = 11, C0_STATUS = 12, C0_CAUSE = 13, C0_EPC = 14 };

#define I_TYPE(op, rs, rt, imm) ((uint32_t)(op) << 26 | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((uint32_t)(imm) & 0xffffu))
#define R_TYPE(rs, rt, rd, sa, fn) \
	((uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | (uint32_t)(rd) << 11 | (uint32_t)(sa) << 6 | (uint32_t)(fn))

#define NOP 0u
#define EHB (3u << 6)
#define ADDIU(rt, rs, imm) I_TYPE(9, rs, rt, imm)
#define ADDI(rt, rs, imm) I_TYPE(8, rs, rt, imm)
#define SLTIU(rt, rs, imm) I_TYPE(11, rs, rt, imm)
#define ANDI(rt, rs, imm) I_TYPE(12, rs, rt, imm)
#define ORI(rt, rs, imm) I_TYPE(13, rs, rt, imm)
#define XORI(rt, rs, imm) I_TYPE(14, rs, rt, imm)
#define LUI(rt, imm) I_TYPE(15, 0, rt, imm)
#define ADDU(rd, rs, rt) R_TYPE(rs, rt, rd, 0, 33)
#define ADD(rd, rs, rt) R_TYPE(rs, rt, rd, 0, 32)
#define SUB(rd, rs, rt) R_TYPE(rs, rt, rd, 0, 34)
#define SUBU(rd, rs, rt) R_TYPE(rs, rt, rd, 0, 35)
#define AND(rd, rs, rt) R_TYPE(rs, rt, rd, 0, 36)
#define OR(rd, rs, rt) R_TYPE(rs, rt, rd, 0, 37)
#define XOR(rd, rs, rt) R_TYPE(rs, rt, rd, 0, 38)
#define SLL(rd, rt, sa) R_TYPE(0, rt, rd, sa, 0)
#define SRL(rd, rt, sa) R_TYPE(0, rt, rd, sa, 2)
#define MOVE(rd, rs) ADDU(rd, rs, ZERO)
#define LB(rt, off, rs) I_TYPE(32, rs, rt, off)
#define LH(rt, off, rs) I_TYPE(33, rs, rt, off)
#define LWL(rt, off, rs) I_TYPE(34, rs, rt, off)
#define LW(rt, off, rs) I_TYPE(35, rs, rt, off)
#define LBU(rt, off, rs) I_TYPE(36, rs, rt, off)
#define LHU(rt, off, rs) I_TYPE(37, rs, rt, off)
#define LWR(rt, off, rs) I_TYPE(38, rs, rt, off)
#define SB(rt, off, rs) I_TYPE(40, rs, rt, off)
#define SH(rt, off, rs) I_TYPE(41, rs, rt, off)
#define SWL(rt, off, rs) I_TYPE(42, rs, rt, off)
#define SW(rt, off, rs) I_TYPE(43, rs, rt, off)
#define SWR(rt, off, rs) I_TYPE(46, rs, rt, off)
#define CACHE(op, off, rs) I_TYPE(47, rs, op, off)
#define LL(rt, off, rs) I_TYPE(48, rs, rt, off)
#define SC(rt, off, rs) I_TYPE(56, rs, rt, off)
#define SYNCI(off, rs) I_TYPE(1, rs, 31, off)
/* Branches: the offset is filled in by code_branch.  */
#define BEQ(rs, rt) I_TYPE(4, rs, rt, 0)
#define BNE(rs, rt) I_TYPE(5, rs, rt, 0)
#define BLEZ(rs) I_TYPE(6, rs, 0, 0)
#define BGTZ(rs) I_TYPE(7, rs, 0, 0)
#define BEQL(rs, rt) I_TYPE(20, rs, rt, 0)
#define BNEL(rs, rt) I_TYPE(21, rs, rt, 0)
#define BGEZAL(rs) I_TYPE(1, rs, 17, 0)
#define J(va) (2u << 26 | ((va) >> 2 & 0x03ffffffu))
#define JAL(va) (3u << 26 | ((va) >> 2 & 0x03ffffffu))
#define JR(rs) R_TYPE(rs, 0, 0, 0, 8)
#define JALR(rd, rs) R_TYPE(rs, 0, rd, 0, 9)
#define SYSCALL 12u
#define BREAK 13u
#define TEQ(rs, rt) R_TYPE(rs, rt, 0, 0, 52)
#define RESERVED (28u << 26 | 63u) /* SPECIAL2 63 is SDBBP: without debug mode, reserved */
#define MFC0(rt, rd) (16u << 26 | R_TYPE(0, rt, rd, 0, 0))
#define MTC0(rt, rd) (16u << 26 | R_TYPE(4, rt, rd, 0, 0))
#define TLBR (16u << 26 | 1u << 25 | 1u)
#define TLBWI (16u << 26 | 1u << 25 | 2u)
#define TLBWR (16u << 26 | 1u << 25 | 6u)
#define TLBP (16u << 26 | 1u << 25 | 8u)
#define ERET (16u << 26 | 1u << 25 | 24u)
#define WAIT (16u << 26 | 1u << 25 | 32u)
#define DI (16u << 26 | 11u << 21 | 12u << 11)
#define EI (16u << 26 | 11u << 21 | 12u << 11 | 1u << 5)

#endif
