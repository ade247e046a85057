/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Coprocessor 0 registers and cache operations.
 */
#ifndef ATHANOR_FIRMWARE_CP0_H
#define ATHANOR_FIRMWARE_CP0_H

#define CP0_INDEX    0
#define CP0_RANDOM   1
#define CP0_ENTRYLO0 2
#define CP0_ENTRYLO1 3
#define CP0_CONTEXT  4
#define CP0_PAGEMASK 5
#define CP0_WIRED    6
#define CP0_BADVADDR 8
#define CP0_COUNT    9
#define CP0_ENTRYHI  10
#define CP0_COMPARE  11
#define CP0_STATUS   12
#define CP0_CAUSE    13
#define CP0_EPC      14
#define CP0_PRID     15
#define CP0_CONFIG   16
#define CP0_WATCHLO  18
#define CP0_TAGLO    28
#define CP0_ERROREPC 30

#define STATUS_IE  0x00000001
#define STATUS_ERL 0x00000004
#define STATUS_BEV 0x00400000

/* MIPS32 Architecture III, CACHE */
#define CACHE_INDEX_INVALIDATE_I     0x00
#define CACHE_INDEX_WRITEBACK_INV_D  0x01
#define CACHE_INDEX_STORE_TAG_I      0x08
#define CACHE_INDEX_STORE_TAG_D      0x09
#define CACHE_HIT_WRITEBACK_INV_D    0x15

/* The Au1's caches: 16 KiB each, lines of 32 bytes.  */
#define CACHE_SIZE 0x4000
#define CACHE_LINE 32
#define TLB_ENTRIES 32

#ifndef __ASSEMBLER__
#include <stdint.h>

#define CP0_STRING_(x) #x
#define CP0_STRING(x) CP0_STRING_(x)

/* Release 1 has no hazard barrier: the Au1 interlocks, and SSNOPs are for other processors.  */
#define cp0_read_sel(reg, sel) __extension__({ uint32_t cp0_value_; \
	__asm__ volatile("mfc0 %0, $" CP0_STRING(reg) ", " CP0_STRING(sel) : "=r"(cp0_value_)); cp0_value_; })
#define cp0_read(reg) cp0_read_sel(reg, 0)
#define cp0_write_sel(reg, sel, value) \
	__asm__ volatile("mtc0 %0, $" CP0_STRING(reg) ", " CP0_STRING(sel) "\n\tssnop\n\tssnop\n\tssnop" : : "r"(value) : "memory")
#define cp0_write(reg, value) cp0_write_sel(reg, 0, value)
#define cache_op(op, addr) __asm__ volatile("cache %0, 0(%1)" : : "i"(op), "r"(addr) : "memory")
#endif

#endif
