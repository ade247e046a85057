/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Floating point on a processor that has none: every instruction is a coprocessor-unusable exception, the kernel decodes it
 * and sets the registers; an instruction in the slot of a floating-point branch is run from a page the kernel writes for it.
 */
#include "tests/guest/guest.h"

#include <string.h>

static uint64_t bits(double d)
{
	uint64_t b;

	memcpy(&b, &d, sizeof(b));
	return b;
}

static uint32_t fold(double d) { return (uint32_t)(bits(d) ^ bits(d) >> 32); }

static uint32_t bits_single(float f)
{
	uint32_t b;

	memcpy(&b, &f, sizeof(b));
	return b;
}

/* Newton's square root, so that no library is asked.  */
static double root(double v)
{
	double x = v;

	for (int i = 0; i < 30; i++)
		x = 0.5 * (x + v / x);
	return x;
}

static double __attribute__((noinline)) series(unsigned terms)
{
	double sum = 0;

	for (unsigned i = 0; i < terms; i++)
		sum += (i & 1 ? -1.0 : 1.0) / (2.0 * i + 1.0);
	return 4 * sum;
}

static uint32_t __attribute__((noinline)) below(const double *v, unsigned n, double limit)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < n; i++)
		if (v[i] < limit)
			count++;
		else if (v[i] == limit)
			count += 100;
	return count;
}

/* An integer instruction in the slot of a floating-point branch, taken and not taken.  */
static uint32_t __attribute__((noinline)) slot(double a, double b)
{
	uint32_t r;

	__asm__ volatile(".set push\n.set noreorder\n"
			 "	li %0, 1\n"
			 "	c.lt.d %1, %2\n"
			 "	bc1t 1f\n"
			 "	addiu %0, %0, 10\n"
			 "	addiu %0, %0, 100\n"
			 "1:\n.set pop"
			 : "=&r"(r)
			 : "f"(a), "f"(b));
	return r;
}

void test_fpu(void)
{
	double values[64];
	volatile double zero = 0, one = 1;
	volatile float third = 1.0f / 3.0f;

	/* Expected bits are those of IEEE 754 double arithmetic, to nearest.  */
	check("sqrt2", bits(root(2.0)) == 0x3ff6a09e667f3bcdu || bits(root(2.0)) == 0x3ff6a09e667f3bccu);
	check_eq("series", fold(series(200)), 0xa7db1ce3u);
	for (unsigned i = 0; i < 64; i++)
		values[i] = (double)((i * 37) % 64) / 8.0;
	check_eq("compare", below(values, 64, 4.0), 132);
	check_eq("slot_taken", slot(1.0, 2.0), 11);
	check_eq("slot_not_taken", slot(2.0, 1.0), 111);
	check("infinity", bits(one / zero) == 0x7ff0000000000000u && bits(-one / zero) == 0xfff0000000000000u);
	check("nan", zero / zero != zero / zero);
	check_eq("single", bits_single(third * 3.0f), 0x3f800000u);
	check_eq("single_to_double", fold((double)third), fold(0x1.555556p-2));
	check_eq("to_integer", (uint32_t)(int32_t)(one * -1234567.75), (uint32_t)-1234567);
	check_eq("from_integer", fold((double)(int32_t)0x80000001 * one), fold(-2147483647.0));
}
