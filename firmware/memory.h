/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memory there is, and whose it is.
 */
#ifndef ATHANOR_FIRMWARE_MEMORY_H
#define ATHANOR_FIRMWARE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of RAM, from physical address 0, as the start-up code has found it.  */
uint32_t memory_size(void);
/* Does [addr, addr + n) meet the RAM below APP_BASE, in kseg0 or kseg1?  */
bool memory_is_ours(uint32_t addr, uint32_t n);
/* [addr, addr + n) lies in RAM, as seen in kseg0 or kseg1.  */
bool memory_is_ram(uint32_t addr, uint32_t n);
/* Does addr + n wrap around?  */
bool memory_wraps(uint32_t addr, uint32_t n);
/* An address in kseg0 or kseg1: its physical address.  False: it is elsewhere.  */
bool memory_unmapped(uint32_t addr, uint32_t *pa);

/* Caches: written back and invalidated, both, over all of them.  */
void memory_flush_all(void);
void memory_flush_dcache(void);
void memory_flush_icache(void);
/* The lines of [p, p + n): before a device reads it, and before (and after) a device writes it.  */
void memory_flush_range(const void *p, size_t n);

#endif
