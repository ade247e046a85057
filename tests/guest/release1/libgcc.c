/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of the cross compiler's libgcc has instructions of release 2 and is needed by programs for release 1.
 */
#include <stdint.h>

uint32_t __bswapsi2(uint32_t x);
uint64_t __bswapdi2(uint64_t x);
int64_t __fixdfdi(double x);

uint32_t __bswapsi2(uint32_t x) { return x << 24 | (x & 0xff00) << 8 | (x >> 8 & 0xff00) | x >> 24; }

uint64_t __bswapdi2(uint64_t x) { return (uint64_t)__bswapsi2((uint32_t)x) << 32 | __bswapsi2((uint32_t)(x >> 32)); }

/* Towards zero.  Outside of the range of the result it is undefined.  */
int64_t __fixdfdi(double x)
{
	double a = x < 0 ? -x : x;
	uint32_t high = (uint32_t)(a / 0x1p32);
	uint64_t r = (uint64_t)high << 32 | (uint32_t)(a - (double)high * 0x1p32);

	return x < 0 ? -(int64_t)r : (int64_t)r;
}
