/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Integer matrix products, 32-bit and 64-bit accumulation, and a two-dimensional filter.
 */
#include "tests/bench/bench.h"

#define N 96u

static int32_t a[N][N], b[N][N];
static uint32_t c[N][N];

static void product(void)
{
	for (uint32_t i = 0; i < N; i++)
		for (uint32_t j = 0; j < N; j++) {
			uint32_t sum = 0;

			for (uint32_t k = 0; k < N; k++)
				sum += (uint32_t)a[i][k] * (uint32_t)b[k][j];
			c[i][j] = sum;
		}
}

static uint32_t product_wide(void)
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < N; i++)
		for (uint32_t j = 0; j < N; j++) {
			int64_t sum = 0;

			for (uint32_t k = 0; k < N; k++)
				sum += (int64_t)a[i][k] * b[j][k];
			all = all * 31u + (uint64_t)sum;
		}
	return (uint32_t)(all ^ all >> 32);
}

static void filter(void)
{
	for (uint32_t i = 1; i + 1 < N; i++)
		for (uint32_t j = 1; j + 1 < N; j++)
			a[i][j] = (int32_t)((c[i - 1][j] + c[i + 1][j] + c[i][j - 1] + c[i][j + 1] + 4 * c[i][j]) >> 19) - 4096;
}

uint32_t bench_matrix(uint32_t rounds)
{
	uint32_t sum = 19, seed = 31;

	for (uint32_t i = 0; i < N; i++)
		for (uint32_t j = 0; j < N; j++) {
			a[i][j] = (int32_t)(bench_random(&seed) & 0xffffu) - 0x8000;
			b[i][j] = (int32_t)(bench_random(&seed) & 0xffffu) - 0x8000;
		}
	for (uint32_t r = 0; r < rounds * 110; r++) {
		product();
		sum = bench_mix(sum, product_wide());
		filter();
		sum = bench_mix(sum, c[r % N][(r * 7) % N]);
	}
	return sum;
}
