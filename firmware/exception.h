/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exceptions that nobody guards against.
 */
#ifndef ATHANOR_FIRMWARE_EXCEPTION_H
#define ATHANOR_FIRMWARE_EXCEPTION_H

#include <stdint.h>

/* As vectors.S writes it (layout.h).  */
struct exception {
	uint32_t gpr[32];
	uint32_t status, cause, epc, badvaddr, errorepc, hi, lo;
};

/* Writes the vectors; exceptions are reported from then on.  Again after a program that may have written its own.  */
void exception_init(void);
/* From vectors.S.  Prints, and goes to the prompt.  */
void exception_report(const struct exception *) __attribute__((noreturn));

#endif
