/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XXH64 (docs/refs.md): a checksum of 64 bits at the speed of memory.  Against damage, not against forgery.
 */
#ifndef ATHANOR_PCMAP_XXH64_H
#define ATHANOR_PCMAP_XXH64_H

#include <stddef.h>
#include <stdint.h>

/* xxh64 - @bytes may be anywhere; NULL if @size is 0.  Never fails.  */
uint64_t xxh64(const void *bytes, size_t size, uint64_t seed);

#endif
