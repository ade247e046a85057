/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scalar domains: typedefs only for numbers that must not be mixed up.
 */
#ifndef ATHANOR_BASE_TYPES_H
#define ATHANOR_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t gva;       /* guest virtual address */
typedef uint64_t gpa;       /* guest physical address: 36 bits on the Au1500 */
typedef uint32_t insn_word; /* one guest instruction, in host byte order */

#define GUEST_PAGE_LOG2  12u
#define GUEST_PAGE_SIZE  4096u
#define GUEST_PAGE_MASK  (GUEST_PAGE_SIZE - 1u)
#define GUEST_PAGE_WORDS (GUEST_PAGE_SIZE / 4u)

/* Of structures that the engine's services copy: a compiler copies by 8 bytes whatever the alignment (base/alignment.h).  */
#define COPIED_ALIGNED __attribute__((aligned(8)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
