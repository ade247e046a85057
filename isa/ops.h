/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The primitive vocabulary in which mips32.sem.inc states instructions.  Not a header of code: each
 * consumer (interpreter, template emitter, LLVM lifter, dependency analysis) defines `val`, `struct sem`
 * and these functions, all `static`, and then includes "isa/mips32.sem.inc".
 *
 * `val` is a struct in every consumer, so that `if (v)` compiles nowhere.  A C `if` in the semantics may test
 * instruction fields only.  Every primitive is total: every corner is defined here.  All values are 32 bits.
 * A value obtained from op_gpr() stands for the register at the time of the call, but the semantics never
 * read a register after having written one: a consumer may evaluate lazily.
 *
 *   val  op_const(s, uint32_t)         a number
 *   val  op_gpc(s, uint32_t)           a number that is a guest code address (rebased with the code)
 *   uint32_t op_pc(s)                  C value: address of this instruction
 *   val  op_gpr(s, r)                  r 0..31; register 0 reads 0
 *   void op_set_gpr(s, r, val)         r 0 is ignored
 *   val  op_hi(s), op_lo(s); void op_set_hi(s, val), op_set_lo(s, val)
 *   val  op_add op_sub op_and op_or op_xor op_nor (s, a, b)          modulo 2^32
 *   val  op_shl op_shr op_sar op_rotr (s, a, n)                      shift count taken modulo 32
 *   val  op_eq op_ne op_lts op_ltu op_les (s, a, b)                  1 or 0; lts, les signed, ltu unsigned
 *   val  op_select(s, c, a, b)                                       c != 0 ? a : b
 *   val  op_mul(s, a, b)                                             low 32 bits
 *   void op_mult(s, a, b, bool sgn, val *lo, val *hi)                64-bit product
 *   void op_div(s, a, b, bool sgn, val *quot, val *rem)              b = 0, or INT_MIN / -1 signed: divides by 1 instead
 *                                                                    (quot = a, rem = 0): UNPREDICTABLE in the manual, QEMU's choice
 *   void op_add64, op_sub64(s, val lo, val hi, val lo2, val hi2, val *rlo, val *rhi)
 *   val  op_clz(s, a)                                                clz(0) = 32
 *   val  op_sext8 op_sext16 op_zext8 op_zext16 (s, a)
 *   val  op_bswap16x2(s, a)                                          swap bytes within each half (WSBH)
 *   val  op_add_ov op_sub_ov (s, a, b)                               1 if the signed result overflows
 *   void op_trap_if(s, c, enum exc)                                  raise if c != 0, nothing else changed yet
 *   void op_raise(s, enum exc)                                       raise always (BREAK, SYSCALL, RI)
 *   val  op_load(s, addr, size, bool sgn)                            size 1, 2, 4; misaligned: AdEL
 *   void op_store(s, addr, size, v)                                  misaligned: AdES
 *   val  op_load_left, op_load_right(s, addr, old)                   LWL, LWR: merged word
 *   void op_store_left, op_store_right(s, addr, v)                   SWL, SWR
 *   val  op_ll(s, addr); val op_sc(s, addr, v)                       ll: load a word, ll_bit = 1 (LLAddr does not exist and reads 0)
 *                                                                    sc: ll_bit ? store a word, 1 : 0 (then memory is not touched and
 *                                                                    nothing faults); ll_bit = 0 behind it, unless the store faulted
 *   void op_branch(s, c, gva target, bool likely)                    taken if c != 0; likely: slot nullified when not taken
 *   void op_jump(s, gva target)                                      unconditional, target known
 *   void op_jump_reg(s, val target)                                  unconditional, target in a register
 *   bool op_kernel(s)                  C value: the code is known to run in kernel mode, and the consumer has the next two
 *   val  op_field(s, offset); void op_set_field(s, offset, v)        a 32-bit field of struct cpu that has no effects of its own
 *   void op_engine(s, const struct insn *i)                          what only the interpreter does (IF_ENGINE rows):
 *                                                                    CP0 moves, TLB, ERET, CACHE, WAIT, RDHWR, DI/EI, COP1...
 * The slot of a branch is walked by isa/block.h, never by the semantics.
 */
