/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Anything may be read and written, in any width and order: nothing breaks (sanitizers judge), and the machine still works
 * after a reset.
 */
#include <check.h>

#include "tests/dev/fakes.h"
#include "tests/harness/random.h"

Suite *fuzz_suite(void);

#define ACCESSES 1000000u

static uint64_t state;

/* Where devices are, with what surrounds them.  */
static gpa address(void)
{
	static const struct { uint32_t base, size; } at[] = {
		{ 0x18000000, 0x100 }, { 0x180002f0, 0x20 }, { 0x180003f0, 0x10 }, { 0x18000000, 0x2000 }, { 0x1be00000, 0x200 },
		{ 0x1be00c00, 0x100 }, { 0x1be00cf8, 8 }, { 0x1f000000, 0x1000 }, { 0x1f000900, 0x40 }, { 0x1e000000, 0x400000 },
		{ 0x10000000, 0x10000000 }, { 0x1fc00000, 0x400000 }, { 0x14000000, 0x1000 }, { 0x80000000, 0x10000 },
	};
	unsigned i = random32(&state) % ARRAY_LEN(at);

	return at[i].base + random32(&state) % at[i].size;
}

static void storm(struct rig *r)
{
	for (unsigned i = 0; i < ACCESSES; i++) {
		unsigned width = 1u << random32(&state) % 3;
		gpa pa = address() & ~(gpa)(width - 1);
		uint32_t val;

		if (random32(&state) % 2) {
			val = mem_load(r->map, pa, width);
			ck_assert(width == 4 || val >> (8 * width) == 0);
		} else {
			mem_store(r->map, pa, width, random32(&state));
		}
		if (random32(&state) % 16 == 0)
			fake_time_pass(&r->time, random32(&state) % 100000);
		if (random32(&state) % 4096 == 0)
			rig_reset(r, random32(&state) % 2 ? RESET_WARM : RESET_COLD);
		if (random32(&state) % 64 == 0 && r->serial[0].in_n < sizeof r->serial[0].in)
			fake_serial_type(&r->serial[0], "x");
	}
}

START_TEST(random_accesses)
{
	struct rig r;

	state = UINT64_C(0x9e3779b97f4a7c15) + (unsigned)_i * UINT64_C(0x2545f4914f6cdd1d);
	rig_init(&r, UINT64_C(16) << 20, _i & 1);
	storm(&r);
	rig_reset(&r, RESET_COLD);
	r.serial[0].out_n = 0;
	port_out(&r, 0x3f8, '!');
	ck_assert_uint_eq(r.serial[0].out_n, 1);
	ck_assert_uint_eq(mem_load(r.map, 0x1fc00010, 4), 0x420);
	port_out(&r, 0x70, 0x0d);
	ck_assert_uint_eq(port_in(&r, 0x71), 0x80);
	rig_fini(&r);
}
END_TEST

Suite *fuzz_suite(void)
{
	Suite *s = suite_create("fuzz");
	TCase *t = tcase_create("board");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, random_accesses, 0, 4);
	suite_add_tcase(s, t);
	return s;
}
