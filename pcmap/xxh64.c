/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XXH64 as its specification has it.  Responsible for nothing else.
 */
#include "pcmap/xxh64.h"

#include <string.h>

#define PRIME1 0x9e3779b185ebca87u
#define PRIME2 0xc2b2ae3d27d4eb4fu
#define PRIME3 0x165667b19e3779f9u
#define PRIME4 0x85ebca77c2b2ae63u
#define PRIME5 0x27d4eb2f165667c5u
#define STRIPE 32u

static uint64_t rotl(uint64_t v, unsigned n)
{
	return v << n | v >> (64 - n);
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint64_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return v;
}

static uint64_t round_of(uint64_t acc, uint64_t lane)
{
	return rotl(acc + lane * PRIME2, 31) * PRIME1;
}

static uint64_t merged(uint64_t acc, uint64_t lane)
{
	return (acc ^ round_of(0, lane)) * PRIME1 + PRIME4;
}

/* Whole stripes of four lanes; *p behind them.  */
static uint64_t stripes(const uint8_t **p, const uint8_t *end, uint64_t seed)
{
	uint64_t a = seed + PRIME1 + PRIME2, b = seed + PRIME2, c = seed, d = seed - PRIME1, acc;

	for (; (size_t)(end - *p) >= STRIPE; *p += STRIPE) {
		a = round_of(a, get64(*p));
		b = round_of(b, get64(*p + 8));
		c = round_of(c, get64(*p + 16));
		d = round_of(d, get64(*p + 24));
	}
	acc = rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18);
	return merged(merged(merged(merged(acc, a), b), c), d);
}

uint64_t xxh64(const void *bytes, size_t size, uint64_t seed)
{
	const uint8_t *p = bytes, *end = p + size;
	uint64_t acc = size >= STRIPE ? stripes(&p, end, seed) : seed + PRIME5;

	acc += size;
	for (; end - p >= 8; p += 8)
		acc = rotl(acc ^ round_of(0, get64(p)), 27) * PRIME1 + PRIME4;
	for (; end - p >= 4; p += 4)
		acc = rotl(acc ^ get32(p) * PRIME1, 23) * PRIME2 + PRIME3;
	for (; p < end; p++)
		acc = rotl(acc ^ *p * PRIME5, 11) * PRIME1;
	acc = (acc ^ acc >> 33) * PRIME2;
	acc = (acc ^ acc >> 29) * PRIME3;
	return acc ^ acc >> 32;
}
