/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Translated code runs with EFLAGS.AC set, so that a misaligned guest access is a fault (Intel SDM volume 1, section 3.4.3).  The kernel
 * leaves AC as it was when it calls a signal handler, and C code may access misaligned data: every handler begins with this.
 */
#ifndef ATHANOR_ACCEL_ALIGNMENT_H
#define ATHANOR_ACCEL_ALIGNMENT_H

/* Works below the red zone.  What follows in the handler belongs into another function that is not inlined.  */
static inline __attribute__((always_inline)) void alignment_check_off(void)
{
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\tpushfq\n\tandl $~0x40000, (%%rsp)\n\tpopfq\n\tleaq 128(%%rsp), %%rsp" : : : "memory", "cc");
}

#endif
