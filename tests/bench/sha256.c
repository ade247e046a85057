/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SHA-256 (FIPS 180-4) over a generated buffer; the constants are derived as the standard defines them: the first 32 bits of
 * the fractional parts of square and cube roots of the first primes.
 */
#include "tests/bench/bench.h"

#define SIZE (64u * 1024u)
#define PASSES 900u

static uint32_t constants[64], initial[8];
static uint8_t buffer[SIZE];

/* Fraction of the @power-th root of @p in 32 bits: the largest x with x^power <= p * 2^(32 * power), by bisection in 128 bits.  */
static uint32_t root_fraction(uint32_t p, unsigned power)
{
	uint64_t low = 0, high = (uint64_t)8 << 32;

	while (high - low > 1) {
		uint64_t mid = low + (high - low) / 2;
		uint32_t x[2] = { (uint32_t)mid, (uint32_t)(mid >> 32) }, y[6] = { x[0], x[1], 0, 0, 0, 0 };

		for (unsigned k = 1; k < power; k++) { /* y *= x */
			uint32_t z[6] = { 0, 0, 0, 0, 0, 0 };

			for (unsigned i = 0; i < 2; i++) {
				uint64_t carry = 0;

				for (unsigned j = 0; i + j < 6; j++) {
					carry += (uint64_t)x[i] * y[j] + z[i + j];
					z[i + j] = (uint32_t)carry;
					carry >>= 32;
				}
			}
			for (unsigned i = 0; i < 6; i++)
				y[i] = z[i];
		}
		/* p * 2^(32 * power): the word above the fraction is the whole number.  */
		uint64_t whole = (uint64_t)y[power] | (power + 1 < 6 ? (uint64_t)y[power + 1] << 32 : 0);
		if (whole >= p)
			high = mid;
		else
			low = mid;
	}
	return (uint32_t)low;
}

static void constants_make(void)
{
	uint32_t n = 0;

	for (uint32_t p = 2; n < 64; p++) {
		uint32_t d = 2;

		while (d * d <= p && p % d)
			d++;
		if (d * d <= p)
			continue;
		if (n < 8)
			initial[n] = root_fraction(p, 2);
		constants[n++] = root_fraction(p, 3);
	}
}

static uint32_t rotr(uint32_t v, unsigned n) { return v >> n | v << (32 - n); }

static void block(uint32_t h[8], const uint8_t *p)
{
	uint32_t w[64], v[8];

	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 | (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (unsigned i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[i - 7] + (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
	}
	for (unsigned i = 0; i < 8; i++)
		v[i] = h[i];
	for (unsigned i = 0; i < 64; i++) {
		uint32_t e = v[4], a = v[0];
		uint32_t t1 = v[7] + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & v[5]) ^ (~e & v[6])) + constants[i] + w[i];
		uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]));

		v[7] = v[6], v[6] = v[5], v[5] = e, v[4] = v[3] + t1;
		v[3] = v[2], v[2] = v[1], v[1] = a, v[0] = t1 + t2;
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

/* A wrong constant or round shows here: FIPS 180-4, "abc" begins with ba7816bf.  */
static uint32_t abc(void)
{
	uint32_t h[8];
	uint8_t p[64] = { 'a', 'b', 'c', 0x80 };

	p[63] = 24;
	for (unsigned i = 0; i < 8; i++)
		h[i] = initial[i];
	block(h, p);
	return h[0];
}

uint32_t bench_sha256(uint32_t rounds)
{
	uint32_t seed = 1, sum;

	constants_make();
	sum = abc();
	if (sum != 0xba7816bfu)
		return 0;
	for (uint32_t i = 0; i < SIZE; i++)
		buffer[i] = (uint8_t)bench_random(&seed);
	for (uint32_t r = 0; r < rounds * PASSES; r++) {
		uint32_t h[8];

		for (unsigned i = 0; i < 8; i++)
			h[i] = initial[i];
		for (uint32_t at = 0; at < SIZE; at += 64)
			block(h, buffer + at);
		buffer[r % SIZE] ^= (uint8_t)h[0];
		for (unsigned i = 0; i < 8; i++)
			sum = bench_mix(sum, h[i]);
	}
	return sum;
}
