/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Access to device registers by their physical address, through kseg1.
 */
#ifndef ATHANOR_FIRMWARE_IO_H
#define ATHANOR_FIRMWARE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/pb1500.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline void *kseg0(uint32_t pa) { return (void *)(uintptr_t)(KSEG0_BASE | (pa & PHYS_MASK)); }
static inline void *kseg1(uint32_t pa) { return (void *)(uintptr_t)(KSEG1_BASE | (pa & PHYS_MASK)); }

static inline uint32_t io_read32(uint32_t pa) { return *(volatile uint32_t *)kseg1(pa); }
static inline void io_write32(uint32_t pa, uint32_t v) { *(volatile uint32_t *)kseg1(pa) = v; }
static inline uint16_t io_read16(uint32_t pa) { return *(volatile uint16_t *)kseg1(pa); }
static inline void io_write16(uint32_t pa, uint16_t v) { *(volatile uint16_t *)kseg1(pa) = v; }

/* Everything stored before is done before what follows; also before a device is told of memory it shall read.  */
static inline void io_sync(void) { __asm__ volatile("sync" : : : "memory"); }

#endif
