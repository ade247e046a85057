/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Watch registers: as many pairs as Config1.WR and WatchHi.M say, and for each of the bits I, R and W of WatchLo either an exception at
 * the address, or a bit that ignores writes and reads as zero.
 * MD00090 WatchLo, WatchHi, "Watch exception".
 */
#include "tests/guest/bare/bare.h"

#define WATCH_W 1u
#define WATCH_R 2u
#define WATCH_I 4u
#define WATCH_IRW 7u
#define HI_M 0x80000000u
#define HI_G 0x40000000u
#define HI_RW 0x40ff0ff8u /* G, ASID, Mask */
#define CONFIG1_WR 8u
#define PAIRS_MAX 8

/* A CP0 register is part of the instruction: one case for each.  */
#define CASE(n) \
	case n: \
		cp0_set(18, n, lo); \
		cp0_set(19, n, hi); \
		break;
#define CASE_LO(n) case n: return cp0_get(18, n);
#define CASE_HI(n) case n: return cp0_get(19, n);
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)

static void watch_set(unsigned pair, uint32_t lo, uint32_t hi) { switch (pair) { EACH(CASE) } }
static uint32_t watch_lo(unsigned pair) { switch (pair) { EACH(CASE_LO) } return 0; }
static uint32_t watch_hi(unsigned pair) { switch (pair) { EACH(CASE_HI) } return 0; }

static unsigned pairs(void)
{
	unsigned n = 0;

	if (!(cp0_get(CP0_CONFIG1) & CONFIG1_WR))
		return 0;
	while (n < PAIRS_MAX && (watch_hi(n++) & HI_M))
		;
	return n;
}

static void storage(uint32_t row)
{
	(void)row;
	for (unsigned i = 0; i < pairs(); i++) {
		uint32_t m = watch_hi(i) & HI_M;

		watch_set(i, 0x55555550u, 0x15555555u & HI_RW);
		eq("WatchLo", watch_lo(i), 0x55555550u);
		eq("WatchHi", watch_hi(i), m | (0x15555555u & HI_RW));
		watch_set(i, 0xaaaaaaa8u, 0xeaaaaaaau & HI_RW);
		eq("WatchLo", watch_lo(i), 0xaaaaaaa8u);
		eq("WatchHi", watch_hi(i), m | (0xeaaaaaaau & HI_RW));
		watch_set(i, 0, 0);
	}
	if (pairs() < PAIRS_MAX) {
		watch_set(pairs(), 0xfffffff8u, HI_RW);
		eq("WatchLo that is not there", watch_lo(pairs()), 0);
	}
}

/* @what happens at an address for which @bit is set: Watch if the bit could be set, else nothing.  */
static void watched(unsigned pair, uint32_t bit, uint32_t va, uint32_t inside)
{
	bool there;

	watch_set(pair, va | bit, HI_G);
	there = (watch_lo(pair) & bit) != 0;
	switch (bit) {
	case WATCH_R:
		load(inside);
		break;
	case WATCH_W:
		store(inside, 1);
		break;
	default:
		call(inside, 0);
		break;
	}
	watch_set(pair, 0, 0);
	eq("exception code", trap_code(), there ? EXC_WATCH : EXC_NONE);
}

static void exceptions(uint32_t row)
{
	static const uint32_t bits[] = { WATCH_I, WATCH_R, WATCH_W };
	uint32_t data = KSEG0(TEST_RAM + 0xb000), code = (uint32_t)CODE(ADDIU(V0, ZERO, 1), RETURN) & ~7u;

	for (unsigned i = 0; i < pairs(); i++)
		watched(i, bits[row], bits[row] == WATCH_I ? code : data, bits[row] == WATCH_I ? code : data + 4);
}

static const char *bit_name(uint32_t row)
{
	static const char *const names[] = { "fetch", "load", "store" };

	return names[row];
}

static const struct test tests[] = {
	{ "storage", storage, 0, NULL },
	{ "exceptions", exceptions, 3, bit_name },
};

const struct group watch_group = { "watch", tests, ARRAY_LEN(tests) };
