/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The x86-64 encoder.  Opcode numbers and the REX, ModRM, SIB and VEX layouts are those of the Intel 64 and IA-32
 * Architectures Software Developer's Manual, volume 2, chapter 2 and the instruction pages.
 */
#include "emit/x64.h"

/* Longest instruction this file makes; checked once an instruction, so that none is ever cut in half.  */
#define INSN_BYTES_MAX 16u

/* How an opcode is introduced.  The low 16 bits of an opcode argument are the opcode bytes; a two-byte one has 0x0f first.  */
enum form {
	F_W = 1u << 16,        /* REX.W */
	F_66 = 1u << 17,       /* operand-size prefix */
	F_BYTE_REG = 1u << 18, /* the reg operand is a byte register: SPL..DIL need a REX prefix */
	F_BYTE_RM = 1u << 19,
};

static inline uint32_t form_width(enum x64_width w) { return w == X64_W64 ? (uint32_t)F_W : 0u; }

void x64_init(struct x64 *x, uint8_t *buf, uint32_t cap)
{
	*x = (struct x64){ .buf = buf, .cap = cap };
}

/* Room for one instruction?  Everything below asks before its first byte.  */
static inline bool room(struct x64 *x)
{
	if (x->full || x->cap - x->len < INSN_BYTES_MAX) {
		x->full = true;
		return false;
	}
	return true;
}

static inline void put(struct x64 *x, uint8_t b) { x->buf[x->len++] = b; }

static inline void put_u32(struct x64 *x, uint32_t v)
{
	put(x, (uint8_t)v);
	put(x, (uint8_t)(v >> 8));
	put(x, (uint8_t)(v >> 16));
	put(x, (uint8_t)(v >> 24));
}

void x64_byte(struct x64 *x, uint8_t b)
{
	if (room(x))
		put(x, b);
}

void x64_align(struct x64 *x, uint32_t alignment)
{
	while (x->len % alignment != 0 && !x->full)
		x64_byte(x, 0xcc);
}

static void put_opcode(struct x64 *x, uint32_t op, unsigned reg, unsigned index, unsigned base, bool need_rex)
{
	uint8_t rex = (uint8_t)(0x40u | (op & F_W ? 8u : 0u) | (reg >> 3) << 2 | (index >> 3 & 1u) << 1 | base >> 3);

	if (op & F_66)
		put(x, 0x66);
	if (rex != 0x40 || need_rex)
		put(x, rex);
	if (op & 0xff00u)
		put(x, (uint8_t)(op >> 8));
	put(x, (uint8_t)op);
}

/* One instruction with a register as its r/m operand.  */
static void insn_rr(struct x64 *x, uint32_t op, unsigned reg, unsigned rm)
{
	bool byte = (op & F_BYTE_REG && reg >= 4) || (op & F_BYTE_RM && rm >= 4);

	put_opcode(x, op, reg, 0, rm, byte);
	put(x, (uint8_t)(0xc0u | (reg & 7u) << 3 | (rm & 7u)));
}

/*
 * One instruction with a memory operand.  RSP and R12 as base need a SIB byte; RBP and R13 as base have no form
 * without displacement.
 */
static void insn_rm(struct x64 *x, uint32_t op, unsigned reg, struct x64_mem m)
{
	bool indexed = m.index != X64_NOREG;
	bool sib = indexed || (m.base & 7u) == X64_RSP;
	unsigned mod;

	if (m.disp == 0 && (m.base & 7u) != X64_RBP)
		mod = 0;
	else
		mod = m.disp >= -128 && m.disp <= 127 ? 1 : 2;

	put_opcode(x, op, reg, indexed ? m.index : 0, m.base, op & F_BYTE_REG && reg >= 4);
	put(x, (uint8_t)(mod << 6 | (reg & 7u) << 3 | (sib ? 4u : m.base & 7u)));
	if (sib)
		put(x, (uint8_t)((indexed ? m.scale : 0u) << 6 | (indexed ? m.index & 7u : 4u) << 3 | (m.base & 7u)));
	if (mod == 1)
		put(x, (uint8_t)m.disp);
	else if (mod == 2)
		put_u32(x, (uint32_t)m.disp);
}

static inline bool imm_is_byte(uint32_t imm) { return imm + 128u < 256u; }

/* --- moves --- */

void x64_mov_rr(struct x64 *x, enum x64_width w, unsigned dst, unsigned src)
{
	if (room(x))
		insn_rr(x, 0x89 | form_width(w), src, dst);
}

void x64_mov_ri(struct x64 *x, unsigned dst, uint32_t imm)
{
	if (!room(x))
		return;
	if (dst >= 8)
		put(x, 0x41);
	put(x, (uint8_t)(0xb8u | (dst & 7u)));
	put_u32(x, imm);
}

void x64_mov_ri64(struct x64 *x, unsigned dst, uint64_t imm)
{
	if (imm <= UINT32_MAX) {
		x64_mov_ri(x, dst, (uint32_t)imm);
		return;
	}
	if (!room(x))
		return;
	put(x, (uint8_t)(0x48u | dst >> 3));
	put(x, (uint8_t)(0xb8u | (dst & 7u)));
	put_u32(x, (uint32_t)imm);
	put_u32(x, (uint32_t)(imm >> 32));
}

void x64_mov_rm(struct x64 *x, enum x64_width w, unsigned dst, struct x64_mem m)
{
	if (room(x))
		insn_rm(x, 0x8b | form_width(w), dst, m);
}

void x64_mov_mr(struct x64 *x, enum x64_width w, struct x64_mem m, unsigned src)
{
	if (room(x))
		insn_rm(x, 0x89 | form_width(w), src, m);
}

void x64_mov_mi(struct x64 *x, struct x64_mem m, uint32_t imm)
{
	x64_store_imm(x, 4, m, imm);
}

void x64_lea(struct x64 *x, enum x64_width w, unsigned dst, struct x64_mem m)
{
	if (room(x))
		insn_rm(x, 0x8d | form_width(w), dst, m);
}

void x64_movsxd_rr(struct x64 *x, unsigned dst, unsigned src)
{
	if (room(x))
		insn_rr(x, 0x63 | F_W, dst, src);
}

void x64_movsxd_rm(struct x64 *x, unsigned dst, struct x64_mem m)
{
	if (room(x))
		insn_rm(x, 0x63 | F_W, dst, m);
}

/* MOVZX 0f b6/b7, MOVSX 0f be/bf.  */
static uint32_t ext_opcode(unsigned size, bool sgn)
{
	if (size == 4)
		return 0x8b;
	return 0x0fb6u | (sgn ? 8u : 0u) | (size == 2 ? 1u : (uint32_t)F_BYTE_RM);
}

void x64_ext_rr(struct x64 *x, unsigned size, bool sgn, unsigned dst, unsigned src)
{
	if (room(x))
		insn_rr(x, ext_opcode(size, sgn), dst, src);
}

void x64_load(struct x64 *x, unsigned size, bool sgn, unsigned dst, struct x64_mem m)
{
	if (room(x))
		insn_rm(x, ext_opcode(size, sgn), dst, m);
}

void x64_store(struct x64 *x, unsigned size, struct x64_mem m, unsigned src)
{
	if (!room(x))
		return;
	if (size == 1)
		insn_rm(x, 0x88 | F_BYTE_REG, src, m);
	else
		insn_rm(x, 0x89 | (size == 2 ? (uint32_t)F_66 : 0u), src, m);
}

void x64_store_imm(struct x64 *x, unsigned size, struct x64_mem m, uint32_t imm)
{
	if (!room(x))
		return;
	if (size == 1) {
		insn_rm(x, 0xc6, 0, m);
		put(x, (uint8_t)imm);
	} else if (size == 2) {
		insn_rm(x, 0xc7 | F_66, 0, m);
		put(x, (uint8_t)imm);
		put(x, (uint8_t)(imm >> 8));
	} else {
		insn_rm(x, 0xc7, 0, m);
		put_u32(x, imm);
	}
}

/* --- arithmetic: all of it changes the flags, except where said --- */

void x64_alu_rr(struct x64 *x, enum x64_width w, enum x64_alu op, unsigned dst, unsigned src)
{
	x->flags_gen++;
	if (room(x))
		insn_rr(x, 0x01u | (uint32_t)op << 3 | form_width(w), src, dst);
}

void x64_alu_ri(struct x64 *x, enum x64_width w, enum x64_alu op, unsigned dst, uint32_t imm)
{
	x->flags_gen++;
	if (!room(x))
		return;
	if (imm_is_byte(imm)) {
		insn_rr(x, 0x83u | form_width(w), op, dst);
		put(x, (uint8_t)imm);
		return;
	}
	if (dst == X64_RAX)
		put_opcode(x, 0x05u | (uint32_t)op << 3 | form_width(w), 0, 0, 0, false);
	else
		insn_rr(x, 0x81u | form_width(w), op, dst);
	put_u32(x, imm);
}

void x64_alu_rm(struct x64 *x, enum x64_width w, enum x64_alu op, unsigned dst, struct x64_mem m)
{
	x->flags_gen++;
	if (room(x))
		insn_rm(x, 0x03u | (uint32_t)op << 3 | form_width(w), dst, m);
}

void x64_alu_mr(struct x64 *x, enum x64_width w, enum x64_alu op, struct x64_mem m, unsigned src)
{
	x->flags_gen++;
	if (room(x))
		insn_rm(x, 0x01u | (uint32_t)op << 3 | form_width(w), src, m);
}

void x64_alu_mi(struct x64 *x, enum x64_width w, enum x64_alu op, struct x64_mem m, uint32_t imm)
{
	x->flags_gen++;
	if (!room(x))
		return;
	insn_rm(x, (imm_is_byte(imm) ? 0x83u : 0x81u) | form_width(w), op, m);
	if (imm_is_byte(imm))
		put(x, (uint8_t)imm);
	else
		put_u32(x, imm);
}

void x64_alu_mi8(struct x64 *x, enum x64_alu op, struct x64_mem m, uint8_t imm)
{
	x->flags_gen++;
	if (!room(x))
		return;
	insn_rm(x, 0x80, op, m);
	put(x, imm);
}

void x64_test_rr(struct x64 *x, enum x64_width w, unsigned a, unsigned b)
{
	x->flags_gen++;
	if (room(x))
		insn_rr(x, 0x85 | form_width(w), b, a);
}

void x64_test_ri(struct x64 *x, unsigned a, uint32_t imm)
{
	x->flags_gen++;
	if (!room(x))
		return;
	if (imm < 0x80) { /* the sign flag is clear in both widths */
		insn_rr(x, 0xf6 | F_BYTE_RM, 0, a);
		put(x, (uint8_t)imm);
	} else {
		if (a == X64_RAX)
			put(x, 0xa9);
		else
			insn_rr(x, 0xf7, 0, a);
		put_u32(x, imm);
	}
}

void x64_shift_ri(struct x64 *x, enum x64_width w, enum x64_shift op, unsigned dst, unsigned count)
{
	x->flags_gen++;
	if (!room(x))
		return;
	insn_rr(x, 0xc1 | form_width(w), op, dst);
	put(x, (uint8_t)count);
}

void x64_shift_mi(struct x64 *x, enum x64_shift op, struct x64_mem m, unsigned count)
{
	x->flags_gen++;
	if (!room(x))
		return;
	insn_rm(x, 0xc1, op, m);
	put(x, (uint8_t)count);
}

void x64_shift_cl(struct x64 *x, enum x64_shift op, unsigned dst)
{
	x->flags_gen++;
	if (room(x))
		insn_rr(x, 0xd3, op, dst);
}

void x64_rol16(struct x64 *x, unsigned dst, unsigned count)
{
	x->flags_gen++;
	if (!room(x))
		return;
	insn_rr(x, 0xc1 | F_66, X64_ROL, dst);
	put(x, (uint8_t)count);
}

/* Three-byte VEX, 32-bit operands, L0; R, X, B and vvvv are stored inverted.  */
static void put_vex(struct x64 *x, unsigned map, unsigned pp, unsigned opcode, unsigned reg, unsigned vvvv, unsigned rm)
{
	put(x, 0xc4);
	put(x, (uint8_t)((reg < 8 ? 0x80u : 0u) | 0x40u | (rm < 8 ? 0x20u : 0u) | map));
	put(x, (uint8_t)((~vvvv & 15u) << 3 | pp));
	put(x, (uint8_t)opcode);
	put(x, (uint8_t)(0xc0u | (reg & 7u) << 3 | (rm & 7u)));
}

void x64_shiftx(struct x64 *x, enum x64_shift op, unsigned dst, unsigned src, unsigned count)
{
	unsigned pp = op == X64_SHL ? 1 : op == X64_SHR ? 3 : 2; /* 66, f2, f3 */

	if (room(x))
		put_vex(x, 2, pp, 0xf7, dst, count, src);
}

void x64_rorx(struct x64 *x, unsigned dst, unsigned src, unsigned count)
{
	if (!room(x))
		return;
	put_vex(x, 3, 3, 0xf0, dst, 0, src);
	put(x, (uint8_t)count);
}

void x64_unary_r(struct x64 *x, enum x64_width w, enum x64_unary op, unsigned r)
{
	if (op != X64_NOT)
		x->flags_gen++;
	if (room(x))
		insn_rr(x, 0xf7 | form_width(w), op, r);
}

void x64_imul_rr(struct x64 *x, enum x64_width w, unsigned dst, unsigned src)
{
	x->flags_gen++;
	if (room(x))
		insn_rr(x, 0x0faf | form_width(w), dst, src);
}

void x64_imul_rm(struct x64 *x, unsigned dst, struct x64_mem m)
{
	x->flags_gen++;
	if (room(x))
		insn_rm(x, 0x0faf, dst, m);
}

void x64_imul_rri(struct x64 *x, unsigned dst, unsigned src, uint32_t imm)
{
	x->flags_gen++;
	if (!room(x))
		return;
	insn_rr(x, imm_is_byte(imm) ? 0x6b : 0x69, dst, src);
	if (imm_is_byte(imm))
		put(x, (uint8_t)imm);
	else
		put_u32(x, imm);
}

void x64_bsr(struct x64 *x, enum x64_width w, unsigned dst, unsigned src)
{
	x->flags_gen++;
	if (room(x))
		insn_rr(x, 0x0fbd | form_width(w), dst, src);
}

void x64_bswap(struct x64 *x, unsigned r)
{
	if (!room(x))
		return;
	if (r >= 8)
		put(x, 0x41);
	put(x, 0x0f);
	put(x, (uint8_t)(0xc8u | (r & 7u)));
}

void x64_cdq(struct x64 *x)
{
	x64_byte(x, 0x99);
}

void x64_xchg_rr(struct x64 *x, unsigned a, unsigned b)
{
	if (room(x))
		insn_rr(x, 0x87, a, b);
}

/* --- conditions --- */

void x64_setcc(struct x64 *x, enum x64_cc cc, unsigned dst)
{
	if (room(x))
		insn_rr(x, 0x0f90u | (uint32_t)cc | F_BYTE_RM, 0, dst);
}

void x64_cmov_rr(struct x64 *x, enum x64_cc cc, unsigned dst, unsigned src)
{
	if (room(x))
		insn_rr(x, 0x0f40u | (uint32_t)cc, dst, src);
}

void x64_cmov_rm(struct x64 *x, enum x64_width w, enum x64_cc cc, unsigned dst, struct x64_mem m)
{
	if (room(x))
		insn_rm(x, 0x0f40u | (uint32_t)cc | form_width(w), dst, m);
}

/* --- stack and control --- */

static void put_short(struct x64 *x, unsigned opcode, unsigned r)
{
	if (!room(x))
		return;
	if (r >= 8)
		put(x, 0x41);
	put(x, (uint8_t)(opcode | (r & 7u)));
}

void x64_push(struct x64 *x, unsigned r) { put_short(x, 0x50, r); }
void x64_pop(struct x64 *x, unsigned r) { put_short(x, 0x58, r); }
void x64_pushf(struct x64 *x) { x64_byte(x, 0x9c); }
void x64_ret(struct x64 *x) { x64_byte(x, 0xc3); }

void x64_popf(struct x64 *x)
{
	x->flags_gen++;
	x64_byte(x, 0x9d);
}

static uint32_t put_rel32(struct x64 *x)
{
	put_u32(x, 0);
	return x->len - 4;
}

uint32_t x64_jmp(struct x64 *x)
{
	if (!room(x))
		return 0;
	put(x, 0xe9);
	return put_rel32(x);
}

uint32_t x64_call(struct x64 *x)
{
	if (!room(x))
		return 0;
	put(x, 0xe8);
	return put_rel32(x);
}

uint32_t x64_jcc(struct x64 *x, enum x64_cc cc)
{
	if (!room(x))
		return 0;
	put(x, 0x0f);
	put(x, (uint8_t)(0x80u | (unsigned)cc));
	return put_rel32(x);
}

static bool jump_back(struct x64 *x, unsigned opcode, uint32_t target)
{
	uint32_t rel = target - (x->len + 2);

	if (target > x->len || !imm_is_byte(rel) || !room(x))
		return false;
	put(x, (uint8_t)opcode);
	put(x, (uint8_t)rel);
	return true;
}

bool x64_jmp_back(struct x64 *x, uint32_t target) { return jump_back(x, 0xeb, target); }
bool x64_jcc_back(struct x64 *x, enum x64_cc cc, uint32_t target) { return jump_back(x, 0x70u | (unsigned)cc, target); }

void x64_jmp_r(struct x64 *x, unsigned r)
{
	if (room(x))
		insn_rr(x, 0xff, 4, r);
}

void x64_call_r(struct x64 *x, unsigned r)
{
	if (room(x))
		insn_rr(x, 0xff, 2, r);
}

void x64_patch(struct x64 *x, uint32_t off, uint32_t target)
{
	uint32_t rel = target - (off + 4);

	if (x->full)
		return;
	x->buf[off] = (uint8_t)rel;
	x->buf[off + 1] = (uint8_t)(rel >> 8);
	x->buf[off + 2] = (uint8_t)(rel >> 16);
	x->buf[off + 3] = (uint8_t)(rel >> 24);
}
