/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the way from reset to C: clocks, memory controllers, size of the memory, caches, TLB, the copy to RAM; for a processor
 * that wakes from sleep; and for exceptions while Status.BEV is set.  Runs in flash, uncached; no RAM is used before it has been
 * measured.  The other devices are board.c's.
 */
#include "firmware/cp0.h"
#include "firmware/layout.h"
#include "firmware/pb1500.h"

#define KSEG1(pa) (KSEG1_BASE + (pa))
#define COUNTS_PER_US 396
#define PROBE_PATTERN 0x5ac3
/* In s7 while memory is probed: an exception means "nothing there", and s6 is where to go on.  */
#define PROBING 0x50524f42

	.set	noreorder
	.set	noat
	.section .boot, "ax"

	.globl	reset_vector
reset_vector:
	b	reset
	nop

	/* Exception vectors with Status.BEV set.  */
	.org	0x200
	b	boot_exception
	nop
	.org	0x280
	b	boot_exception
	nop
	.org	0x300
	b	boot_exception
	nop
	.org	0x380
	b	boot_exception
	nop
	.org	0x400
	b	boot_exception
	nop
	.org	0x480
	b	boot_exception
	nop

	/* YAMON's table of services, at 0x9fc00500.  */
	.org	0x500
	.word	reset_vector
	.word	service_print_count
	.org	0x520
	.word	service_exit
	.org	0x52c
	.word	service_flush_cache
	.org	0x534
	.word	service_print
	.word	service_refuse /* register_cpu_isr */
	.word	service_refuse /* deregister_cpu_isr */
	.word	service_refuse /* register_ic_isr */
	.word	service_refuse /* deregister_ic_isr */
	.word	service_refuse /* register_esr */
	.word	service_refuse /* deregister_esr */
	.word	service_getchar
	.word	service_syscon_read

	.org	0x600
/* What has to be right before memory can be used.  Address 0: microseconds to wait.  */
registers:
	.word	KSEG1(AU_SYS + SYS_CPUPLL), CPUPLL_396MHZ
	.word	0, 1000
	.word	KSEG1(AU_SYS + SYS_AUXPLL), AUXPLL_96MHZ
	.word	KSEG1(AU_SYS + SYS_POWERCTRL), 0 /* system bus: half the processor's clock */
	.word	0, 1000
	/* Chip selects: flash 64 MiB; clock chip and board registers 64 MiB; S1D13806 4 MiB; PCMCIA.  */
	.word	KSEG1(AU_STATIC + 0x00), 0x00001403, KSEG1(AU_STATIC + 0x04), 0xffffffdd, KSEG1(AU_STATIC + 0x08), 0x11c03f00
	.word	KSEG1(AU_STATIC + 0x10), 0x00000083, KSEG1(AU_STATIC + 0x14), 0x33030a10, KSEG1(AU_STATIC + 0x18), 0x10c03f00
	.word	KSEG1(AU_STATIC + 0x20), 0x00000004, KSEG1(AU_STATIC + 0x24), 0x08061908, KSEG1(AU_STATIC + 0x28), 0x11b03ff0
	.word	KSEG1(AU_STATIC + 0x30), 0x00000002, KSEG1(AU_STATIC + 0x34), 0x280e3e07, KSEG1(AU_STATIC + 0x38), 0x10000000
	/* SDRAM: modes, addresses (two banks of 32 MiB), refresh off, precharge, two refreshes, refresh on, mode registers of the chips.  */
	.word	KSEG1(AU_SDRAM + 0x00), 0x00000000, KSEG1(AU_SDRAM + 0x04), 0x00552229, KSEG1(AU_SDRAM + 0x08), 0x00552229
	.word	KSEG1(AU_SDRAM + 0x0c), 0x00000000, KSEG1(AU_SDRAM + 0x10), 0x001003f8, KSEG1(AU_SDRAM + 0x14), 0x001023f8
	.word	KSEG1(AU_SDRAM + 0x18), 0x74000c30
	.word	KSEG1(AU_SDRAM + 0x1c), 0
	.word	KSEG1(AU_SDRAM + 0x20), 0
	.word	KSEG1(AU_SDRAM + 0x20), 0
	.word	KSEG1(AU_SDRAM + 0x18), 0x76000c30
	.word	KSEG1(AU_SDRAM + 0x24), 0x23, KSEG1(AU_SDRAM + 0x28), 0x23, KSEG1(AU_SDRAM + 0x2c), 0x23
	.word	0, 1000
registers_end:

reset:
	move	$23, $0
	li	$8, STATUS_BEV
	mtc0	$8, $CP0_STATUS
	mtc0	$0, $CP0_CAUSE
	mtc0	$0, $CP0_WATCHLO
	mtc0	$0, $CP0_WIRED
	mfc0	$8, $CP0_CONFIG
	ori	$8, $8, 7
	xori	$8, $8, 7 ^ 3 /* K0: cacheable */
	mtc0	$8, $CP0_CONFIG

	la	$8, registers
	la	$9, registers_end
1:	lw	$10, 0($8)
	bnez	$10, 3f
	lw	$11, 4($8)
	li	$12, COUNTS_PER_US
	multu	$11, $12
	mflo	$11
	mfc0	$12, $CP0_COUNT
2:	mfc0	$13, $CP0_COUNT
	subu	$13, $13, $12
	sltu	$13, $13, $11
	bnez	$13, 2b
	nop
	b	4f
	nop
3:	sw	$11, 0($10)
	sync
4:	addiu	$8, $8, 8
	bne	$8, $9, 1b
	nop

/* Caches: no line is valid.  */
	mtc0	$0, $CP0_TAGLO
	li	$8, KSEG0_BASE
	li	$9, KSEG0_BASE + CACHE_SIZE
1:	cache	CACHE_INDEX_STORE_TAG_I, 0($8)
	cache	CACHE_INDEX_STORE_TAG_D, 0($8)
	addiu	$8, $8, CACHE_LINE
	bne	$8, $9, 1b
	nop

/* TLB: each entry has an address of its own, of kseg0, where nothing is looked up.  */
	mtc0	$0, $CP0_ENTRYLO0
	mtc0	$0, $CP0_ENTRYLO1
	mtc0	$0, $CP0_PAGEMASK
	li	$8, KSEG0_BASE
	move	$9, $0
	li	$10, TLB_ENTRIES
1:	mtc0	$8, $CP0_ENTRYHI
	mtc0	$9, $CP0_INDEX
	ssnop
	ssnop
	tlbwi
	addiu	$9, $9, 1
	bne	$9, $10, 1b
	addiu	$8, $8, 0x2000
	mtc0	$0, $CP0_ENTRYHI

/* Awake?  Then SCRATCH1 says where to go on; once, so that a reset some time later is a reset.  The cause stays for who asks.  */
	li	$8, KSEG1(AU_SYS)
	lw	$9, SYS_WAKESRC($8)
	andi	$9, $9, WAKESRC_SLEEP
	beqz	$9, cold
	lw	$9, SYS_SCRATCH1($8)
	li	$10, KSEG0_BASE >> 30
	srl	$11, $9, 30
	bne	$10, $11, cold
	andi	$11, $9, 3
	bnez	$11, cold
	nop
	sw	$0, SYS_SCRATCH1($8)
	jr	$9
	nop

/*
 * How much memory?  A word of each step gets a value of its own, from the top down: where addresses wrap around, what is read above
 * is what was written below.  The first step from the bottom up that keeps neither its value nor the complement ends the memory.
 */
cold:
	li	$23, PROBING
	la	$22, 1f
	li	$8, KSEG1_BASE
	sw	$0, ALIVE_AT($8)
1:	li	$9, RAM_STEP
	li	$10, KSEG1_BASE + RAM_MAX_SIZE
	la	$22, 3f
2:	subu	$10, $10, $9
	xori	$11, $10, PROBE_PATTERN
	sw	$11, 0($10)
3:	bne	$10, $8, 2b
	nop
	la	$22, 5f
	li	$12, KSEG1_BASE + RAM_MAX_SIZE
4:	xori	$11, $10, PROBE_PATTERN
	lw	$13, 0($10)
	bne	$11, $13, 5f
	nor	$11, $11, $0
	sw	$11, 0($10)
	sync
	lw	$13, 0($10)
	bne	$11, $13, 5f
	nop
	addu	$10, $10, $9
	bne	$10, $12, 4b
	nop
5:	move	$23, $0
	subu	$16, $10, $8 /* bytes */
	li	$9, APP_BASE + RAM_STEP - KSEG0_BASE
	sltu	$9, $16, $9
	beqz	$9, 1f
	nop
	la	$4, no_memory
	b	boot_say
	move	$5, $16

/* The image: nothing of it is in a cache.  */
1:	la	$8, image_lma
	la	$9, image_start + (KSEG1_BASE - KSEG0_BASE)
	la	$10, image_end + (KSEG1_BASE - KSEG0_BASE)
2:	lw	$11, 0($8)
	addiu	$8, $8, 4
	sw	$11, 0($9)
	addiu	$9, $9, 4
	bne	$9, $10, 2b
	nop
	la	$9, bss_start + (KSEG1_BASE - KSEG0_BASE)
	la	$10, bss_end + (KSEG1_BASE - KSEG0_BASE)
3:	sw	$0, 0($9)
	addiu	$9, $9, 4
	bne	$9, $10, 3b
	nop
	sync
	la	$29, stack_top - 32
	la	$25, monitor_main
	jr	$25
	move	$4, $16

/* An exception with BEV set: of a program (then the monitor is there to report it), of the probe, or of this file.  */
boot_exception:
	li	$26, KSEG1_BASE
	lw	$26, ALIVE_AT($26)
	li	$27, ALIVE
	bne	$26, $27, 1f
	nop
	la	$26, exception_entry
	jr	$26
	nop
1:	li	$27, PROBING
	bne	$23, $27, 2f
	nop
	li	$27, STATUS_BEV
	mtc0	$27, $CP0_STATUS
	ssnop
	ssnop
	jr	$22
	nop
2:	la	$4, early_exception
	mfc0	$5, $CP0_CAUSE

/* Says a0 and the number a1 on UART0, and no more: without memory there is nothing to go on with.  */
boot_say:
	li	$8, KSEG1(AU_UART0)
	sw	$0, UART_MODULE($8)
	li	$9, 1
	sw	$9, UART_MODULE($8)
	li	$9, 3
	sw	$9, UART_MODULE($8)
	sw	$9, UART_LCR($8)
	li	$9, 54 /* 115200 at 99 MHz */
	sw	$9, UART_DIV($8)
1:	lbu	$9, 0($4)
	beqz	$9, 2f
	addiu	$4, $4, 1
	bal	boot_putc
	nop
	b	1b
	nop
2:	li	$11, 8
3:	srl	$9, $5, 28
	sltiu	$10, $9, 10
	bnez	$10, 4f
	addiu	$9, $9, '0'
	addiu	$9, $9, 'a' - '0' - 10
4:	bal	boot_putc
	sll	$5, $5, 4
	addiu	$11, $11, -1
	bnez	$11, 3b
	nop
5:	b	5b
	nop

boot_putc:
	lw	$10, UART_LSR($8)
	andi	$10, $10, LSR_THRE
	beqz	$10, boot_putc
	nop
	jr	$31
	sw	$9, UART_TX($8)

no_memory:
	.asciz	"\r\nAthanor boot monitor: too little memory works: 0x"
early_exception:
	.asciz	"\r\nAthanor boot monitor: exception in the start-up code: Cause = 0x"
	.align	2
