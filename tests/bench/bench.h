/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compute kernels with a checksum, for the guest (no libc) and for this machine (a check of the checksums, and a yardstick).
 *
 * A kernel is deterministic, uses unsigned 32-bit arithmetic, static memory and nothing else, so that its checksum is the
 * same on any machine.
 */
#ifndef ATHANOR_TESTS_BENCH_BENCH_H
#define ATHANOR_TESTS_BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

/* KERNEL(name, what it is like) */
#define KERNELS(KERNEL) \
	KERNEL(sort, "quicksort, heapsort and merge of 32-bit keys: compare and branch") \
	KERNEL(hash, "open-addressing hash table: multiply, mask, unpredictable loads") \
	KERNEL(chase, "pointer chasing through a shuffled list and a binary tree") \
	KERNEL(vm, "bytecode interpreter running a sieve: indirect jumps") \
	KERNEL(lz, "LZ77 compression and decompression of generated text") \
	KERNEL(sha256, "SHA-256 over a buffer: rotates and adds, long blocks") \
	KERNEL(text, "string search, copying and word counting by bytes") \
	KERNEL(recurse, "deep and wide recursion: calls, returns, stack traffic") \
	KERNEL(matrix, "integer matrix product: multiply-accumulate in nested loops") \
	KERNEL(crc, "CRC-32 by table and bit by bit")

#define KERNEL_DECLARE(name, what) uint32_t bench_##name(uint32_t rounds);
KERNELS(KERNEL_DECLARE)
#undef KERNEL_DECLARE

/* A small generator; never 0 if the seed is not.  */
static inline uint32_t bench_random(uint32_t *state)
{
	uint32_t x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

static inline uint32_t bench_mix(uint32_t sum, uint32_t value) { return (sum ^ value) * 0x01000193u + (sum >> 15); }

#endif
