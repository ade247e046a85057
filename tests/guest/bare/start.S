/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the first instruction, for what every exception vector leads to, and for the way back.  What an exception means
 * is the tests' business (bare.h, struct trap).
 *
 * `guarded` calls a function and comes back whatever happens: if an exception ends it, with the state of the processor in `trap`.
 * Guards nest; `guard` is the innermost frame.  With a hook, exceptions are given to it first; it may have the code go on (ERET).
 */
#include "tests/guest/bare/bare.h"

	.set	noreorder
	.set	noat

	.text
	.globl	start
	.ent	start
start:
	la	$29, stack_top
	la	$8, __bss_start
	la	$9, __bss_end
1:	sw	$0, 0($8)
	addiu	$8, $8, 4
	sltu	$10, $8, $9
	bnez	$10, 1b
	nop
	jal	bare_main
	nop
1:	b	1b
	nop
	.end	start

/* bool guarded(fn, a, b, c, d) */
	.globl	guarded
	.ent	guarded
guarded:
	addiu	$29, $29, -72
	sw	$16, 16($29)
	sw	$17, 20($29)
	sw	$18, 24($29)
	sw	$19, 28($29)
	sw	$20, 32($29)
	sw	$21, 36($29)
	sw	$22, 40($29)
	sw	$23, 44($29)
	sw	$30, 48($29)
	sw	$28, 52($29)
	sw	$31, 56($29)
	la	$8, guard
	lw	$9, 0($8)
	sw	$9, 60($29)
	mfc0	$9, $12
	sw	$9, 64($29)
	sw	$29, 0($8)
	la	$8, trap
	sw	$0, TRAP_COUNT($8)
	move	$25, $4
	move	$4, $5
	move	$5, $6
	move	$6, $7
	jalr	$25
	lw	$7, 72 + 16($29)
	la	$8, trap
	sw	$2, 2 * 4($8)
	sw	$3, 3 * 4($8)
	la	$8, guard
	lw	$29, 0($8)
	move	$2, $0
guard_leave:
	la	$8, guard
	lw	$9, 60($29)
	sw	$9, 0($8)
	lw	$16, 16($29)
	lw	$17, 20($29)
	lw	$18, 24($29)
	lw	$19, 28($29)
	lw	$20, 32($29)
	lw	$21, 36($29)
	lw	$22, 40($29)
	lw	$23, 44($29)
	lw	$30, 48($29)
	lw	$28, 52($29)
	lw	$31, 56($29)
	jr	$31
	addiu	$29, $29, 72
	.end	guarded

/* void eret_to(pc, status, a, b): Status (with EXL set, so that nothing happens in between), EPC, and ERET with a0 = a, a1 = b.  */
	.globl	eret_to
	.ent	eret_to
eret_to:
	mtc0	$5, $12
	ehb
	mtc0	$4, $14
	ehb
	move	$4, $6
	move	$5, $7
	eret
	.end	eret_to

/* uint32_t do_load(va), void do_store(va, value): one access each, at its label.  */
	.globl	do_load
do_load:
	lw	$2, 0($4)
	jr	$31
	nop
	.globl	do_store
do_store:
	sw	$5, 0($4)
	jr	$31
	nop

/* What is copied to each vector: its own address, completed by vectors_install, goes into k1.  */
	.globl	vector_stub
vector_stub:
	lui	$27, 0
	lui	$26, %hi(exception)
	addiu	$26, $26, %lo(exception)
	jr	$26
	ori	$27, $27, 0

	.ent	exception
exception:
	la	$26, trap
	.irp	r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	sw	$\r, 4 * \r($26)
	.endr
	sw	$27, TRAP_VECTOR($26)
	mfc0	$8, $12
	sw	$8, TRAP_STATUS($26)
	mfc0	$8, $13
	sw	$8, TRAP_CAUSE($26)
	mfc0	$8, $14
	sw	$8, TRAP_EPC($26)
	mfc0	$8, $8
	sw	$8, TRAP_BADVADDR($26)
	mfc0	$8, $4
	sw	$8, TRAP_CONTEXT($26)
	mfc0	$8, $10
	sw	$8, TRAP_ENTRYHI($26)
	mfc0	$8, $30
	sw	$8, TRAP_ERROREPC($26)
	mfhi	$8
	sw	$8, TRAP_HI($26)
	mflo	$8
	sw	$8, TRAP_LO($26)
	lw	$8, TRAP_COUNT($26)
	addiu	$8, $8, 1
	sw	$8, TRAP_COUNT($26)
	la	$8, guard
	lw	$9, 0($8)
	la	$29, exception_stack_top
	beqz	$9, bare_unguarded
	move	$4, $26
	la	$8, trap_hook
	lw	$25, 0($8)
	beqz	$25, abort
	nop
	jalr	$25
	nop
	beqz	$2, abort
	nop
	la	$26, trap
	lw	$8, TRAP_HI($26)
	mthi	$8
	lw	$8, TRAP_LO($26)
	mtlo	$8
	lw	$8, TRAP_STATUS($26)
	mtc0	$8, $12
	lw	$8, TRAP_EPC($26)
	mtc0	$8, $14
	ehb
	.irp	r, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 31
	lw	$\r, 4 * \r($26)
	.endr
	eret
abort:
	la	$8, guard
	lw	$29, 0($8)
	lw	$9, 64($29)
	mtc0	$9, $12
	ehb
	b	guard_leave
	li	$2, 1
	.end	exception

	.bss
	.align	3
	.globl	guard
guard:
	.space	8
	.globl	trap
trap:
	.space	TRAP_SIZE
	.globl	trap_hook
trap_hook:
	.space	8
	.space	16384
stack_top:
	.space	32
	.space	8192
exception_stack_top:
	.space	32
