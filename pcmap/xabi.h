/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contract between translated code and the engine: registers, entry points, offsets into struct cpu.
 *
 * Registers while translated code runs (they are the argument registers of LLVM's preserve_none in this order,
 * so that a template block and an LLVM region can jump to one another):
 *     r12  struct cpu * + CPU_BIAS (address of gpr[0])
 *     r13  data window base of the current mode: guest address a is host address r13 + zero_extend(a)
 *     r14d budget: instructions left; a block subtracts its length on entry and polls when the result is negative
 *     r15 rdi rsi rdx rcx r8 r9 r11   pinned guest registers v0 v1 a0 a2 a3 a1 s0 sp, zero-extended
 *     rax rbx rbp r10                 scratch, dead at every entry point and exit
 *     rsp  host stack; at an entry point rsp % 16 == 8, as behind a call
 *     EFLAGS.AC = 1: a misaligned access faults in hardware (#AC); DF = 0
 * All other guest registers live in struct cpu.  Guest registers are exact, in their homes, at every guest access of template
 * code; the pc is not stored: host address -> guest pc is a table (struct unit, faults).
 *
 * An entry point has two addresses.  The mirror entry M checks the tier (cmp byte [r12+tier], K; je L; call TO_K; jmp L; it may stand
 * out of line); the link entry L is what direct jumps from code of the same tier use.
 *
 * Indirect jump to guest pc x:  cpu->pc = x;  jump to XABI_CODE_BASE + *(uint32_t *)(cpu->mirror + 4 * (ror32(x, 2))).
 * Offset 0 is the MISS entry.  An unaligned x indexes the guard behind the mirror and faults.
 */
#ifndef ATHANOR_PCMAP_XABI_H
#define ATHANOR_PCMAP_XABI_H

#include "isa/cpu.h"

enum xabi_entry {
#define XABI(name, how, what) XABI_##name,
#include "pcmap/xabi.def"
#undef XABI
	XABI_ENTRY_COUNT
};

#define XABI_VERSION 1u

#define XABI_CODE_BASE 0x40000000ull          /* host address of the executable view of the code cache */
#define XABI_CODE_SIZE 0x10000000ull          /* 256 MiB, so that every jump inside is rel32 */
#define XABI_WINDOW_BASE 0x200000000000ull    /* host address of window slot 0 */
#define XABI_WINDOW_STRIDE 0x1000000000ull    /* 64 GiB a slot */
#define XABI_WINDOW_DATA 0x100000000ull       /* data window in its slot: 4 GiB of guard, then 4 GiB */
#define XABI_WINDOW_MIRROR 0x400000000ull     /* mirror in its slot: 4 GiB, then 12 GiB of guard */
#define XABI_WINDOWS_MAX 64u                  /* 0: kernel; 1: boot (kuseg under ERL); 2..: one per ASID */

#define XABI_PINNED 8
/* guest register, host register number (x86-64 encoding) */
#define XABI_PINNED_ROWS(P) P(2, 15) P(3, 7) P(4, 6) P(6, 2) P(7, 1) P(5, 8) P(16, 9) P(29, 11)

/* Offset of a field of struct cpu from the register that holds the cpu.  */
#define XABI_OFF(field) ((int)offsetof(struct cpu, field) - CPU_BIAS)

/* Why translated code came back to the engine's C loop: in cpu->host_exc.  */
enum xabi_leave { LEAVE_MISS, LEAVE_POLL, LEAVE_RECOVER, LEAVE_FAULT };

#endif
