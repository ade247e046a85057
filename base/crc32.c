/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  Frames that a guest receives pass here, and profiles: bit by bit it would take longer than all else that is done
 * with them.
 */
#include "base/crc32.h"

#define POLYNOMIAL 0xedb88320u

void crc32_init(struct crc32 *c)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t v = b;

		for (unsigned i = 0; i < 8; i++)
			v = v >> 1 ^ (v & 1 ? POLYNOMIAL : 0);
		c->table[0][b] = v;
	}
	for (uint32_t b = 0; b < 256; b++)
		for (unsigned k = 1; k < 8; k++)
			c->table[k][b] = c->table[k - 1][b] >> 8 ^ c->table[0][c->table[k - 1][b] & 0xff];
}

static uint32_t word(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

uint32_t crc32_of(const struct crc32 *c, const uint8_t *p, size_t n)
{
	const uint32_t (*t)[256] = c->table;
	uint32_t crc = UINT32_MAX;

	for (; n >= 8; n -= 8, p += 8) {
		uint32_t a = crc ^ word(p), b = word(p + 4);

		crc = t[7][a & 0xff] ^ t[6][a >> 8 & 0xff] ^ t[5][a >> 16 & 0xff] ^ t[4][a >> 24] ^
			t[3][b & 0xff] ^ t[2][b >> 8 & 0xff] ^ t[1][b >> 16 & 0xff] ^ t[0][b >> 24];
	}
	for (; n; n--, p++)
		crc = crc >> 8 ^ t[0][(crc ^ *p) & 0xff];
	return ~crc;
}
