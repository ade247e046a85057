/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LZ77 with a hash of three bytes: generated text is compressed, decompressed and compared.
 */
#include "tests/bench/bench.h"

#define SIZE 200000u
#define WINDOW 8192u
#define HASH_LOG2 12u
#define MATCH_MIN 3u
#define MATCH_MAX 66u

static uint8_t text[SIZE], packed[SIZE * 2], unpacked[SIZE];
static uint32_t heads[1u << HASH_LOG2];

static void generate(uint32_t seed)
{
	static const char words[] = "the quick translation of every block runs warm when its page is known "
				     "and cold code waits for nothing ";
	uint32_t at = 0;

	while (at < SIZE) {
		uint32_t from = bench_random(&seed) % (sizeof(words) - 12), n = 2 + bench_random(&seed) % 9;

		for (uint32_t i = 0; i < n && at < SIZE; i++)
			text[at++] = (uint8_t)words[from + i];
	}
}

static uint32_t hash3(const uint8_t *p)
{
	return ((p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16) * 0x9e3779b1u) >> (32 - HASH_LOG2);
}

static uint32_t compress(void)
{
	uint32_t at = 0, out = 0;

	for (uint32_t i = 0; i < (1u << HASH_LOG2); i++)
		heads[i] = 0;
	while (at + MATCH_MIN < SIZE) {
		uint32_t h = hash3(text + at), from = heads[h], n = 0;

		heads[h] = at + 1;
		if (from && at - --from < WINDOW)
			while (n < MATCH_MAX && at + n < SIZE && text[from + n] == text[at + n])
				n++;
		if (n < MATCH_MIN) {
			packed[out++] = text[at++]; /* below 128 */
			continue;
		}
		packed[out++] = (uint8_t)(0x80u | (n - MATCH_MIN));
		packed[out++] = (uint8_t)(at - from);
		packed[out++] = (uint8_t)((at - from) >> 8);
		at += n;
	}
	while (at < SIZE)
		packed[out++] = text[at++];
	return out;
}

static uint32_t decompress(uint32_t n)
{
	uint32_t out = 0;

	for (uint32_t i = 0; i < n;) {
		uint32_t c = packed[i++];

		if (c < 0x80u) {
			unpacked[out++] = (uint8_t)c;
			continue;
		}
		uint32_t back = packed[i] | (uint32_t)packed[i + 1] << 8;
		i += 2;
		for (c = (c & 0x7fu) + MATCH_MIN; c; c--, out++)
			unpacked[out] = unpacked[out - back];
	}
	return out;
}

uint32_t bench_lz(uint32_t rounds)
{
	uint32_t sum = 11;

	for (uint32_t r = 0; r < rounds * 160; r++) {
		uint32_t n, same = 0;

		generate(77 + r);
		n = compress();
		sum = bench_mix(sum, n);
		n = decompress(n);
		for (uint32_t i = 0; i < n; i++)
			same += unpacked[i] == text[i];
		sum = bench_mix(sum, same);
	}
	return sum;
}
