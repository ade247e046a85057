/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Recursion in three shapes: wide (Fibonacci), deep (Ackermann), with work and undo at each level (queens).
 */
#include "tests/bench/bench.h"

static uint32_t __attribute__((noinline, noclone)) fibonacci(uint32_t n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint32_t __attribute__((noinline, noclone)) ackermann(uint32_t m, uint32_t n)
{
	if (!m)
		return n + 1;
	if (!n)
		return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static uint32_t __attribute__((noinline, noclone)) queens(uint32_t all, uint32_t columns, uint32_t left, uint32_t right)
{
	uint32_t found = 0, open = all & ~(columns | left | right);

	if (columns == all)
		return 1;
	while (open) {
		uint32_t bit = open & (0u - open);

		open ^= bit;
		found += queens(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
	}
	return found;
}

uint32_t bench_recurse(uint32_t rounds)
{
	uint32_t sum = 17;

	for (uint32_t r = 0; r < rounds * 24; r++) {
		sum = bench_mix(sum, fibonacci(29));
		sum = bench_mix(sum, ackermann(2, 700));
		sum = bench_mix(sum, queens((1u << 10) - 1, 0, 0, 0));
	}
	return sum;
}
