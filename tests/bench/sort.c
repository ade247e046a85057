/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Three sorts over the same keys; their results must agree, and the checksum says so.
 */
#include "tests/bench/bench.h"

#define KEYS 100000u

static uint32_t keys[KEYS], work[KEYS], merged[KEYS];

static void quicksort(uint32_t *a, uint32_t n)
{
	while (n > 16) {
		uint32_t pivot = a[n / 2], i = 0, j = n - 1;

		for (;;) {
			while (a[i] < pivot)
				i++;
			while (a[j] > pivot)
				j--;
			if (i >= j)
				break;
			uint32_t t = a[i];
			a[i++] = a[j];
			a[j--] = t;
		}
		quicksort(a, i);
		a += i;
		n -= i;
	}
	for (uint32_t i = 1; i < n; i++) {
		uint32_t v = a[i], j = i;

		for (; j && a[j - 1] > v; j--)
			a[j] = a[j - 1];
		a[j] = v;
	}
}

static void sift(uint32_t *a, uint32_t root, uint32_t n)
{
	uint32_t v = a[root], child;

	while ((child = 2 * root + 1) < n) {
		if (child + 1 < n && a[child + 1] > a[child])
			child++;
		if (a[child] <= v)
			break;
		a[root] = a[child];
		root = child;
	}
	a[root] = v;
}

static void heapsort_keys(uint32_t *a, uint32_t n)
{
	for (uint32_t i = n / 2; i--;)
		sift(a, i, n);
	while (n > 1) {
		uint32_t t = a[0];

		a[0] = a[--n];
		a[n] = t;
		sift(a, 0, n);
	}
}

static void mergesort_keys(uint32_t *a, uint32_t *b, uint32_t n)
{
	for (uint32_t width = 1; width < n; width *= 2) {
		for (uint32_t at = 0; at < n; at += 2 * width) {
			uint32_t i = at, mid = at + width < n ? at + width : n, j = mid, end = mid + width < n ? mid + width : n;

			for (uint32_t k = at; k < end; k++)
				b[k] = i < mid && (j >= end || a[i] <= a[j]) ? a[i++] : a[j++];
		}
		for (uint32_t k = 0; k < n; k++)
			a[k] = b[k];
	}
}

uint32_t bench_sort(uint32_t rounds)
{
	uint32_t sum = 1, seed = 12345;

	for (uint32_t r = 0; r < rounds * 8; r++) {
		for (uint32_t i = 0; i < KEYS; i++)
			keys[i] = bench_random(&seed) >> (i % 7);
		for (unsigned way = 0; way < 3; way++) {
			for (uint32_t i = 0; i < KEYS; i++)
				work[i] = keys[i];
			if (way == 0)
				quicksort(work, KEYS);
			else if (way == 1)
				heapsort_keys(work, KEYS);
			else
				mergesort_keys(work, merged, KEYS);
			for (uint32_t i = 0; i < KEYS; i += 97)
				sum = bench_mix(sum, work[i] + i);
		}
	}
	return sum;
}
