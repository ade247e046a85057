/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Byte loops as programs have them: search, copy, compare, upper case, count words.
 */
#include "tests/bench/bench.h"

#define SIZE 60000u

static char source[SIZE + 1], copy[SIZE + 1];

static uint32_t length(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return (uint32_t)(p - s);
}

static uint32_t search_count(const char *hay, const char *needle)
{
	uint32_t found = 0;

	for (; *hay; hay++) {
		uint32_t i = 0;

		while (needle[i] && hay[i] == needle[i])
			i++;
		found += !needle[i];
	}
	return found;
}

static void upper(char *to, const char *from)
{
	char c;

	do {
		c = *from++;
		*to++ = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	} while (c);
}

static uint32_t words(const char *s)
{
	uint32_t n = 0;
	int in = 0;

	for (; *s; s++) {
		int letter = (*s | 32) >= 'a' && (*s | 32) <= 'z';

		n += (uint32_t)(letter && !in);
		in = letter;
	}
	return n;
}

static uint32_t differ(const char *a, const char *b)
{
	uint32_t n = 0;

	for (; *a; a++, b++)
		n += *a != *b;
	return n;
}

static void reverse(char *s, uint32_t n)
{
	for (char *a = s, *b = s + n - 1; a < b; a++, b--) {
		char t = *a;

		*a = *b;
		*b = t;
	}
}

uint32_t bench_text(uint32_t rounds)
{
	uint32_t sum = 13, seed = 2024;

	for (uint32_t i = 0; i < SIZE; i++)
		source[i] = "etaoin shrdlu cmf.\n"[bench_random(&seed) % 19];
	for (uint32_t r = 0; r < rounds * 600; r++) {
		sum = bench_mix(sum, search_count(source, "ta"));
		sum = bench_mix(sum, search_count(source, "the"));
		upper(copy, source);
		sum = bench_mix(sum, words(copy));
		sum = bench_mix(sum, differ(source, copy));
		reverse(source, length(source));
		source[r % SIZE] = (char)('a' + r % 26);
	}
	return sum;
}
