/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what exceptions lead to, for the guarded accesses (guard.h), for calling a program and coming back, and for the calls
 * a program makes.  Runs in RAM.  What an exception means is exception.c's business, what a call does is service.c's.
 */
#include "firmware/cp0.h"
#include "firmware/layout.h"
#include "firmware/pb1500.h"

	.set	noreorder
	.set	noat
	.text

/* Copied to each vector by exception.c.  */
	.globl	exception_stub
exception_stub:
	lui	$26, %hi(exception_entry)
	addiu	$26, $26, %lo(exception_entry)
	jr	$26
	nop
	.globl	exception_stub_end
exception_stub_end:

/* An exception of a guarded access goes back to the caller of guard_*, with its code as the result and without interrupts.  */
	.globl	exception_entry
exception_entry:
	mfc0	$26, $CP0_EPC
	la	$27, guard_start
	sltu	$27, $26, $27
	bnez	$27, 1f
	nop
	la	$27, guard_end
	sltu	$27, $26, $27
	beqz	$27, 1f
	nop
	mtc0	$31, $CP0_EPC
	mfc0	$27, $CP0_STATUS
	ori	$27, $27, STATUS_IE
	xori	$27, $27, STATUS_IE
	mtc0	$27, $CP0_STATUS
	mfc0	$2, $CP0_CAUSE
	srl	$2, $2, 2
	andi	$2, $2, 31
	ssnop
	ssnop
	eret

1:	la	$26, exception_state
	.irp	r, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28, 29, 30, 31
	sw	$\r, 4 * \r($26)
	.endr
	sw	$0, 4 * 26($26)
	mfc0	$8, $CP0_STATUS
	sw	$8, EXCEPTION_STATUS($26)
	mfc0	$8, $CP0_CAUSE
	sw	$8, EXCEPTION_CAUSE($26)
	mfc0	$8, $CP0_EPC
	sw	$8, EXCEPTION_EPC($26)
	mfc0	$8, $CP0_BADVADDR
	sw	$8, EXCEPTION_BADVADDR($26)
	mfc0	$8, $CP0_ERROREPC
	sw	$8, EXCEPTION_ERROREPC($26)
	mfhi	$8
	sw	$8, EXCEPTION_HI($26)
	mflo	$8
	sw	$8, EXCEPTION_LO($26)
	/* Kernel mode, no interrupts, vectors in RAM, not in an exception: one in the report is seen as such by exception_report.  */
	mtc0	$0, $CP0_STATUS
	ssnop
	ssnop
	ssnop
	la	$29, exception_stack + EXCEPTION_STACK_SIZE - 32
	la	$25, exception_report
	jr	$25
	move	$4, $26

/* restart_on(sp, fn): calls fn with an empty stack.  */
	.globl	restart_on
restart_on:
	jr	$5
	addiu	$29, $4, -32

/* uint32_t app_call(const struct app_entry *): registers of a program as go says them.  The result is its result.  */
	.globl	app_call
	.ent	app_call
app_call:
	la	$8, app_context
	.irp	r, 16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31
	sw	$\r, 4 * (\r - 16)($8)
	.endr
	li	$9, 1
	sw	$9, 4 * 16($8)
	lw	$25, 0($4)
	lw	$29, 4($4)
	lw	$5, 12($4)
	lw	$6, 16($4)
	lw	$7, 20($4)
	jalr	$25
	lw	$4, 8($4)
	move	$4, $2
	.end	app_call

/* void app_exit(uint32_t rc): goes back to who called app_call; if nobody did, to the prompt.  */
	.globl	app_exit
	.ent	app_exit
app_exit:
	mtc0	$0, $CP0_STATUS
	la	$8, app_context
	lw	$9, 4 * 16($8)
	bnez	$9, 1f
	sw	$0, 4 * 16($8)
	la	$29, stack_top - 32
	la	$25, shell_restart
	jr	$25
	nop
1:	.irp	r, 16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31
	lw	$\r, 4 * (\r - 16)($8)
	.endr
	jr	$31
	move	$2, $4
	.end	app_exit

/*
 * Calls of programs: everything but v0, t0, t1 survives; interrupts are off meanwhile.  On the program's stack.
 */
	.macro	service name, function
	.globl	\name
\name:
	lui	$9, %hi(\function)
	b	service
	addiu	$9, $9, %lo(\function)
	.endm

	service	service_print_count, app_print_count
	service	service_exit, app_exit
	service	service_flush_cache, app_flush_cache
	service	service_print, app_print
	service	service_getchar, app_getchar
	service	service_syscon_read, app_syscon_read
	service	service_refuse, app_refuse

	.ent	service
service:
	addiu	$29, $29, -96
	.irp	r, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15
	sw	$\r, 16 + 4 * \r($29)
	.endr
	sw	$24, 16($29)
	sw	$25, 24($29)
	sw	$31, 80($29)
	mfhi	$8
	sw	$8, 48($29)
	mflo	$8
	sw	$8, 52($29)
	mfc0	$8, $CP0_STATUS
	sw	$8, 84($29)
	ori	$8, $8, STATUS_IE
	xori	$8, $8, STATUS_IE
	mtc0	$8, $CP0_STATUS
	ssnop
	ssnop
	ssnop
	jalr	$9
	nop
	lw	$8, 48($29)
	mthi	$8
	lw	$8, 52($29)
	mtlo	$8
	lw	$24, 16($29)
	lw	$25, 24($29)
	.irp	r, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15
	lw	$\r, 16 + 4 * \r($29)
	.endr
	lw	$31, 80($29)
	lw	$8, 84($29)
	mtc0	$8, $CP0_STATUS
	ssnop
	ssnop
	jr	$31
	addiu	$29, $29, 96
	.end	service

/* --- guarded accesses: leaves that use no register which a caller expects to survive --- */
	.section .guard, "ax"

/* An interrupt before WAIT ends this as one in it does: none is slept through.  */
	.globl	guard_wait
	.ent	guard_wait
guard_wait:
	ori	$4, $4, STATUS_IE
	mtc0	$4, $CP0_STATUS
	ssnop
	ssnop
	ssnop
	wait
	mtc0	$0, $CP0_STATUS
	ssnop
	ssnop
	jr	$31
	move	$2, $0
	.end	guard_wait

	.globl	guard_load
	.ent	guard_load
guard_load:
	li	$8, 1
	beq	$4, $8, 1f
	li	$8, 2
	beq	$4, $8, 2f
	nop
	b	3f
	lw	$9, 0($5)
1:	b	3f
	lbu	$9, 0($5)
2:	lhu	$9, 0($5)
3:	sw	$9, 0($6)
	jr	$31
	move	$2, $0
	.end	guard_load

	.globl	guard_store
	.ent	guard_store
guard_store:
	li	$8, 1
	beq	$4, $8, 1f
	li	$8, 2
	beq	$4, $8, 2f
	nop
	b	3f
	sw	$6, 0($5)
1:	b	3f
	sb	$6, 0($5)
2:	sh	$6, 0($5)
3:	sync
	jr	$31
	move	$2, $0
	.end	guard_store

/* guard_copy(to, from, n) */
	.globl	guard_copy
	.ent	guard_copy
guard_copy:
	subu	$8, $4, $5 /* below n (unsigned): to lies in [from, from + n) */
	sltu	$8, $8, $6
	bnez	$8, 5f
	addu	$10, $4, $6
	or	$8, $4, $5
	andi	$8, $8, 3
	bnez	$8, 3f
	srl	$8, $6, 2
	beqz	$8, 3f
	sll	$8, $8, 2
	addu	$8, $4, $8
2:	lw	$9, 0($5)
	addiu	$5, $5, 4
	sw	$9, 0($4)
	addiu	$4, $4, 4
	bne	$4, $8, 2b
	nop
3:	beq	$4, $10, 8f
	nop
4:	lbu	$9, 0($5)
	addiu	$5, $5, 1
	sb	$9, 0($4)
	addiu	$4, $4, 1
	bne	$4, $10, 4b
	nop
	b	8f
	nop
5:	addu	$5, $5, $6
	beq	$10, $4, 8f
	nop
	or	$8, $10, $5
	or	$8, $8, $6
	andi	$8, $8, 3
	bnez	$8, 7f
	nop
6:	addiu	$5, $5, -4
	lw	$9, 0($5)
	addiu	$10, $10, -4
	bne	$4, $10, 6b
	sw	$9, 0($10)
	b	8f
	nop
7:	addiu	$5, $5, -1
	lbu	$9, 0($5)
	addiu	$10, $10, -1
	bne	$4, $10, 7b
	sb	$9, 0($10)
8:	sync
	jr	$31
	move	$2, $0
	.end	guard_copy

/* guard_fill(width, addr, value, count) */
	.globl	guard_fill
	.ent	guard_fill
guard_fill:
	beqz	$7, 4f
	li	$8, 1
	beq	$4, $8, 1f
	li	$8, 2
	beq	$4, $8, 2f
	nop
3:	sw	$6, 0($5)
	addiu	$7, $7, -1
	bnez	$7, 3b
	addiu	$5, $5, 4
	b	4f
	nop
1:	sb	$6, 0($5)
	addiu	$7, $7, -1
	bnez	$7, 1b
	addiu	$5, $5, 1
	b	4f
	nop
2:	sh	$6, 0($5)
	addiu	$7, $7, -1
	bnez	$7, 2b
	addiu	$5, $5, 2
4:	sync
	jr	$31
	move	$2, $0
	.end	guard_fill

	.bss
	.align	4
exception_state:
	.space	EXCEPTION_SIZE
app_context:
	.space	4 * 18
	.align	4
exception_stack:
	.space	EXCEPTION_STACK_SIZE
	.space	STACK_SIZE
	.globl	stack_top
stack_top:
	.space	APP_STACK_SIZE
	.globl	app_stack_top
app_stack_top:
	.space	16
