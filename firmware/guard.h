/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory accesses that may fail.  Each returns GUARD_OK, or the code of the exception (Cause.ExcCode) that ended it: addresses are
 * what somebody has typed.  Addresses are virtual.  In assembly (vectors.S): an exception with its EPC there returns to the caller.
 */
#ifndef ATHANOR_FIRMWARE_GUARD_H
#define ATHANOR_FIRMWARE_GUARD_H

#define GUARD_OK 0

#ifndef __ASSEMBLER__
#include <stdint.h>

/* @width: bytes, 1, 2 or 4; @addr a multiple of it, or the result is an address error.  */
int guard_load(unsigned width, uint32_t addr, uint32_t *value);
int guard_store(unsigned width, uint32_t addr, uint32_t value);
/* Blocks, any alignment, right where they overlap.  The caller has seen to it that neither wraps around.  An exception leaves the
   rest undone.  */
int guard_copy(uint32_t to, uint32_t from, uint32_t n);
/* @count units of @width bytes.  */
int guard_fill(unsigned width, uint32_t addr, uint32_t value, uint32_t count);

/* Sleeps until there is an interrupt of those in @mask (Status.IM), which is not handled.  */
int guard_wait(uint32_t mask);

/* "TLB miss on a load", ... for a code */
const char *guard_text(int code);
#endif

#endif
