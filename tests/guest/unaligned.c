/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Misaligned accesses.  The processor raises an address error, the kernel does the access and goes on behind it: the value,
 * the register and the place to go on must be right, in delay slots too.  Beside them, LWL/LWR/SWL/SWR at every alignment.
 */
#include "tests/guest/guest.h"

#include <string.h>

static uint8_t bytes[64] __attribute__((aligned(8)));

static uint32_t byte_word(unsigned at)
{
	return bytes[at] | (uint32_t)bytes[at + 1] << 8 | (uint32_t)bytes[at + 2] << 16 | (uint32_t)bytes[at + 3] << 24;
}

static void fill(void)
{
	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0x81 + 7 * i);
}

static void loads(void)
{
	bool words = true, halves = true, slots = true, pairs = true;

	fill();
	for (unsigned at = 0; at < 32; at++) {
		uint32_t w, h, u, taken, s, p = 0;
		const uint8_t *from = bytes + at;

		__asm__ volatile("lw %0, 0(%1)" : "=r"(w) : "r"(from) : "memory");
		__asm__ volatile("lh %0, 0(%1)" : "=r"(h) : "r"(from) : "memory");
		__asm__ volatile("lhu %0, 0(%1)" : "=r"(u) : "r"(from) : "memory");
		__asm__ volatile(".set push\n.set noreorder\n"
				 "	li %1, 1\n"
				 "	bnez %1, 1f\n"
				 "	lw %0, 0(%2)\n"
				 "	li %1, 2\n"
				 "1:\n.set pop"
				 : "=&r"(s), "=&r"(taken)
				 : "r"(from)
				 : "memory");
		__asm__ volatile("lwl %0, 3(%1)\n\tlwr %0, 0(%1)" : "+r"(p) : "r"(from) : "memory");
		words &= w == byte_word(at);
		halves &= h == (uint32_t)(int16_t)byte_word(at) && u == (byte_word(at) & 0xffffu);
		slots &= s == byte_word(at) && taken == 1;
		pairs &= p == byte_word(at);
	}
	check("load_word", words);
	check("load_half", halves);
	check("load_slot", slots);
	check("load_pair", pairs);
}

static bool only(unsigned at, unsigned n, uint32_t value)
{
	for (unsigned i = 0; i < sizeof(bytes); i++) {
		uint8_t expected = i - at < n ? (uint8_t)(value >> (8 * (i - at))) : (uint8_t)(0x81 + 7 * i);

		if (bytes[i] != expected)
			return false;
	}
	return true;
}

static void stores(void)
{
	bool words = true, halves = true, slots = true, pairs = true, parts = true;

	for (unsigned at = 0; at < 32; at++) {
		uint32_t v = 0xa1b2c3d4u + at, taken;
		uint8_t *to = bytes + at;

		fill();
		__asm__ volatile("sw %0, 0(%1)" : : "r"(v), "r"(to) : "memory");
		words &= only(at, 4, v);
		fill();
		__asm__ volatile("sh %0, 0(%1)" : : "r"(v), "r"(to) : "memory");
		halves &= only(at, 2, v);
		fill();
		__asm__ volatile(".set push\n.set noreorder\n"
				 "	li %0, 1\n"
				 "	bnez %0, 1f\n"
				 "	sw %1, 0(%2)\n"
				 "	li %0, 2\n"
				 "1:\n.set pop"
				 : "=&r"(taken)
				 : "r"(v), "r"(to)
				 : "memory");
		slots &= only(at, 4, v) && taken == 1;
		fill();
		__asm__ volatile("swl %0, 3(%1)\n\tswr %0, 0(%1)" : : "r"(v), "r"(to) : "memory");
		pairs &= only(at, 4, v);
		fill();
		__asm__ volatile("swr %0, 0(%1)" : : "r"(v), "r"(to) : "memory"); /* to the end of the aligned word */
		parts &= only(at, 4 - at % 4, v);
	}
	check("store_word", words);
	check("store_half", halves);
	check("store_slot", slots);
	check("store_pair", pairs);
	check("store_right", parts);
}

void test_unaligned(void)
{
	loads();
	stores();
}
