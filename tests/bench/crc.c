/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRC-32 (ISO 3309, reflected polynomial EDB88320), a table look-up a byte and one bit a step.
 */
#include "tests/bench/bench.h"

#define SIZE 65536u

static uint32_t table[256];
static uint8_t buffer[SIZE];

static uint32_t by_bits(uint32_t crc, const uint8_t *p, uint32_t n)
{
	while (n--) {
		crc ^= *p++;
		for (unsigned i = 0; i < 8; i++)
			crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1u)));
	}
	return crc;
}

static uint32_t by_table(uint32_t crc, const uint8_t *p, uint32_t n)
{
	while (n--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xffu];
	return crc;
}

uint32_t bench_crc(uint32_t rounds)
{
	uint32_t sum = 23, seed = 5;

	for (uint32_t i = 0; i < 256; i++) {
		uint8_t byte = (uint8_t)i;

		table[i] = by_bits(0, &byte, 1);
	}
	for (uint32_t i = 0; i < SIZE; i++)
		buffer[i] = (uint8_t)bench_random(&seed);
	for (uint32_t r = 0; r < rounds * 280; r++) {
		uint32_t quick = ~by_table(~0u, buffer, SIZE);

		for (unsigned again = 0; again < 5; again++)
			quick = by_table(quick, buffer, SIZE);
		sum = bench_mix(sum, quick);
		sum = bench_mix(sum, by_bits(~0u, buffer, SIZE / 2));
		buffer[r % SIZE] ^= (uint8_t)sum;
	}
	return sum;
}
