/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Translated code runs with EFLAGS.AC set, so that a misaligned guest access is a fault (Intel SDM volume 1, section 3.4.3), and the
 * services it calls, device models among them, start with AC as it is: changing the flag costs some 40 ns (measured on an AMD EPYC), as
 * much as a service.  C code may access misaligned data, and SSE moves count.  What is likely to clears AC itself: bulk copies, what
 * leads into libraries, and signal handlers, for which the kernel leaves AC as it was.  What does nonetheless faults, and goes on with
 * AC clear: right, but slow (-stats, faults, service_alignment).
 */
#ifndef ATHANOR_BASE_ALIGNMENT_H
#define ATHANOR_BASE_ALIGNMENT_H

#include <stdbool.h>

#define EFLAGS_AC 0x40000u

/* AddressSanitizer marks the stack of most functions by misaligned stores: there, services start with AC clear.  */
#ifdef __SANITIZE_ADDRESS__
#define SERVICES_CLEAR_AC true
#else
#define SERVICES_CLEAR_AC false
#endif

/* Works below the red zone.  What follows in a signal handler belongs into another function that is not inlined.  */
static inline __attribute__((always_inline)) void alignment_check_off(void)
{
	__asm__ volatile("leaq -128(%%rsp), %%rsp\n\tpushfq\n\tandl $~0x40000, (%%rsp)\n\tpopfq\n\tleaq 128(%%rsp), %%rsp" : : : "memory", "cc");
}

#endif
