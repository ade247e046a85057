/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tests that run inside the guest, as ordinary Linux programs: what an operating system makes of the processor.
 *
 * Output is the same in every run on every correct machine: no addresses, times or process numbers.
 */
#ifndef ATHANOR_TESTS_GUEST_GUEST_H
#define ATHANOR_TESTS_GUEST_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* GROUP(name, what, only by name) */
#define GROUPS(GROUP) \
	GROUP(smc, "code that changes while it runs, with and without cache operations", false) \
	GROUP(signals, "faults and traps as signals: number, code, address, program counter", false) \
	GROUP(unaligned, "misaligned accesses, emulated by the kernel", false) \
	GROUP(atomic, "LL/SC between processes and across system calls", false) \
	GROUP(process, "fork, exec, pipes, copy on write", false) \
	GROUP(memory, "mmap, mprotect, mremap, madvise, deep stacks", false) \
	GROUP(timer, "interrupts in loops that do nothing else", false) \
	GROUP(fpu, "floating point through the kernel's emulator", false) \
	GROUP(strict, "rewriting the instruction that follows: stricter than hardware promises", true)

#define GROUP_DECLARE(name, what, by_name) void test_##name(void);
GROUPS(GROUP_DECLARE)
#undef GROUP_DECLARE

/* check - one PASS or FAIL line.  */
void check(const char *name, bool ok);
/* check_eq - the same for numbers, shown when they differ.  */
void check_eq(const char *name, uint32_t got, uint32_t expected);
/* broken - something the test needs does not work; counts as a failure.  */
void broken(const char *name);

/* Instruction words of MIPS32 (MD00086) the tests write.  */
#define MIPS_JR_RA 0x03e00008u
#define MIPS_NOP 0u
#define MIPS_LI_V0(imm) (0x24020000u | ((uint32_t)(imm) & 0xffffu)) /* addiu v0, zero, imm */
#define MIPS_ADDIU_V0(imm) (0x24420000u | ((uint32_t)(imm) & 0xffffu)) /* addiu v0, v0, imm */

#endif
