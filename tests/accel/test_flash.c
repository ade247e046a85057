/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that is a device for a while (PAGE_DEVICE), as every accelerator must show it: a NOR flash that code is loaded from, stands in,
 * programs and commands.  Compared with `ref` and with values worked out by hand.
 */
#include "tests/accel/each.h"

Suite *flash_suite(void);

#define FLASH(off) (0x80000000u + RIG_ROM_PA + (off))
#define FLASH_KSEG1(off) (0xa0000000u + RIG_ROM_PA + (off))
#define FLASH_MAPPED 0xc0002000u

static uint32_t query_word(uint32_t off) { return 0x5a5a5a5au ^ (RIG_ROM_PA + off); }

/* Loads of each kind through three addresses of one page, added to @sum.  */
static void flash_loads(struct code *c, unsigned sum)
{
	EMIT(c, LW(T0, 0, A0), ADDU(sum, sum, T0), LW(T0, 4, A1), ADDU(sum, sum, T0), LW(T0, 8, A2), ADDU(sum, sum, T0));
	EMIT(c, LBU(T0, 1, A2), ADDU(sum, sum, T0), LHU(T0, 2, A1), ADDU(sum, sum, T0), LWL(T0, 5, A0), LWR(T0, 2, A0), ADDU(sum, sum, T0));
}

static void flash_as_data(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	rig_handlers(g);
	rig_pte(g, 0, FLASH_MAPPED, LO(RIG_ROM_PA + 0x2000, 7), LO(RIG_ROM_PA + 0x3000, 7));
	for (unsigned i = 0; i < 3; i++)
		rig_put(g, FLASH(0x2000 + 4 * i), 0x01020304u * (i + 1));
	code_li(&c, A0, FLASH_KSEG1(0x2000));
	code_li(&c, A1, FLASH(0x2000));
	code_li(&c, A2, FLASH_MAPPED);
	EMIT(&c, ORI(S1, ZERO, RIG_FLASH_QUERY), ORI(S2, ZERO, RIG_FLASH_ARRAY), ORI(S6, ZERO, 30));
	top = c.va;
	flash_loads(&c, V0);
	code_put(&c, SW(S1, 0x100, A0));
	flash_loads(&c, V1);
	EMIT(&c, SW(S2, 0x104, A2), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

/* What flash_loads adds up, little end first.  */
static uint32_t flash_sum(const uint32_t w[3])
{
	return w[0] + w[1] + w[2] + (w[0] >> 8 & 0xff) + (w[0] >> 16) + (w[1] << 16 | w[0] >> 16);
}

ON_EACH(is_memory_or_a_device)
{
	const uint32_t array[3] = { 0x01020304, 0x02040608, 0x0306090c };
	const uint32_t query[3] = { query_word(0x2000), query_word(0x2004), query_word(0x2008) };

	for (unsigned be = 0; be < 2; be++) {
		struct rig_opts o = { .flash = true, .big_endian = be };
		struct pair p = pair_run_on(ops, flash_as_data, &o);

		if (!be) {
			ck_assert_uint_eq(p.in->cpu->gpr[V0], 30 * flash_sum(array));
			/* The device is asked for a halfword, and a byte, as it would be for a word: by the address.  */
			ck_assert_uint_eq(p.in->cpu->gpr[V1],
					  30 * (flash_sum(query) - (query[0] >> 8 & 0xff) + (query_word(0x2001) & 0xff) - (query[0] >> 16) +
						(query_word(0x2002) & 0xffff)));
		}
		ck_assert_uint_eq(p.in->io_count, 30 * (7 + 2) + 1);
		pair_close(&p);
	}
}

/* Code in the flash, called at three addresses and through a jump between its pages; now and then a word of it is programmed, or its bank
   is a device for a moment.  */
static void flash_as_code(struct rig *g)
{
	struct code c = code_at(g, FLASH(0x4000));
	gva round, top;

	rig_handlers(g);
	rig_pte(g, 0, FLASH_MAPPED, LO(RIG_ROM_PA + 0x4000, 7), LO(RIG_ROM_PA + 0x5000, 7));
	EMIT(&c, ADDIU(V0, V0, 1), JR(RA), NOP);
	c = code_at(g, FLASH(0x5000));
	EMIT(&c, J(FLASH(0x6000)), NOP);
	c = code_at(g, FLASH(0x6000));
	EMIT(&c, JR(RA), ADDIU(V1, V1, 1));
	c = code_at(g, RIG_CODE);
	code_li(&c, A0, FLASH(0x4000));
	code_li(&c, A1, FLASH_KSEG1(0x4000));
	code_li(&c, A2, FLASH_MAPPED);
	code_li(&c, A3, FLASH(0x5000));
	code_li(&c, S0, ADDIU(V0, V0, 1));
	code_li(&c, S1, ADDIU(V0, V0, 2));
	code_li(&c, S2, ADDIU(V1, V1, 1));
	code_li(&c, S3, ADDIU(V1, V1, 2));
	EMIT(&c, ORI(S4, ZERO, RIG_FLASH_QUERY), ORI(S5, ZERO, RIG_FLASH_ARRAY), ORI(S6, ZERO, 40));
	round = c.va;
	EMIT(&c, ORI(S7, ZERO, 10));
	top = c.va;
	EMIT(&c, JALR(RA, A0), NOP, JALR(RA, A1), NOP, JALR(RA, A2), NOP, JALR(RA, A3), ADDIU(S7, S7, -1));
	code_branch(&c, BGTZ(S7), top);
	EMIT(&c, NOP, MOVE(T0, S0), MOVE(S0, S1), MOVE(S1, T0), MOVE(T0, S2), MOVE(S2, S3), MOVE(S3, T0));
	EMIT(&c, SW(S0, 0, A2), SW(S2, 0x1004, A3), SW(S4, 0, A0), LW(T0, 0, A1), ADDU(T9, T9, T0), SW(S5, 0, A0), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(is_executed_and_programmed)
{
	struct rig_opts o = { .flash = true };
	struct pair p = pair_run_on(ops, flash_as_code, &o);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 30 * 20 * (1 + 2));
	ck_assert_uint_eq(p.in->cpu->gpr[V1], 10 * 20 * (1 + 2));
	ck_assert_uint_eq(p.in->cpu->gpr[T9], 40 * query_word(0x4000));
	rig_tiers(p.in, ops == &accel_ref ? 0 : 4000);
	pair_close(&p);
}

/* Code in the flash commands its bank: what is fetched next is the device's answer, a coprocessor instruction.  Then the same from a delay
   slot on the way out: the next call finds it.  Then from the other bank, which jumps straight to it.  */
static void flash_from_itself(struct rig *g)
{
	struct code c = code_at(g, FLASH(0x6000));
	gva round, top;

	rig_handlers(g);
	EMIT(&c, SW(A1, 0, A0), ADDIU(V0, V0, 1), JR(RA), SW(A2, 0, A0));
	c = code_at(g, FLASH(0xa000));
	EMIT(&c, SW(A3, 0, A0), J(FLASH(0x6000)), NOP);
	c = code_at(g, RIG_CODE);
	code_li(&c, A0, FLASH(0x6000));
	code_li(&c, S3, FLASH(0xa000));
	EMIT(&c, ORI(S1, ZERO, RIG_FLASH_QUERY), ORI(S2, ZERO, RIG_FLASH_ARRAY), ORI(S6, ZERO, 40));
	round = c.va;
	EMIT(&c, MOVE(A1, S2), MOVE(A2, S2), MOVE(A3, S2), ORI(S5, ZERO, 5));
	top = c.va;
	EMIT(&c, JALR(RA, A0), NOP, JALR(RA, S3), ADDIU(S5, S5, -1));
	code_branch(&c, BGTZ(S5), top);
	EMIT(&c, NOP, MOVE(A1, S1));
	code_li(&c, S7, c.va + 16);
	EMIT(&c, JALR(RA, A0), NOP);
	EMIT(&c, SW(S2, 0, A0), MOVE(A1, S2), JALR(RA, A0), MOVE(A2, S1));
	code_li(&c, S7, c.va + 16);
	EMIT(&c, JALR(RA, A0), NOP);
	EMIT(&c, SW(S2, 0, A0), MOVE(A3, S1));
	code_li(&c, S7, c.va + 16);
	EMIT(&c, JALR(RA, S3), NOP);
	EMIT(&c, SW(S2, 0, A0), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(commanded_by_code_in_it)
{
	struct rig_opts o = { .flash = true };
	struct pair p = pair_run_on(ops, flash_from_itself, &o);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 40 * 11);
	ck_assert_uint_eq((rig_get(p.in, RIG_LOG_AT) - RIG_LOG) / 16, 120);
	for (gva at = RIG_LOG, i = 0; at < rig_get(p.in, RIG_LOG_AT); at += 16, i++) {
		ck_assert_uint_eq(rig_get(p.in, at) & CAUSE_EXC, EXC_CPU << 2);
		ck_assert_uint_eq(rig_get(p.in, at + 4), FLASH(0x6000) + (i % 3 ? 0 : 4));
	}
	rig_tiers(p.in, ops == &accel_ref ? 0 : 300);
	pair_close(&p);
}

/* Pages without memory get it with the first load, by the device.  The instruction that happened to load is none that asks devices, and as
   fast as before.  */
static void blank_pages(struct rig *g)
{
	struct code c = code_at(g, RIG_DATA + 0x1000);
	gva round, top;

	rig_put(g, RIG_DATA, 3);
	EMIT(&c, LW(T0, 0, A0), LW(T1, 4, A0), ADDU(V0, V0, T0), JR(RA), ADDU(V0, V0, T1));
	c = code_at(g, RIG_CODE);
	code_li(&c, T9, RIG_DATA + 0x1000);
	EMIT(&c, ORI(S6, ZERO, 2));
	round = c.va;
	EMIT(&c, LUI(A0, RIG_DATA >> 16), ORI(S5, ZERO, 500));
	top = c.va;
	EMIT(&c, JALR(RA, T9), ADDIU(S5, S5, -1));
	code_branch(&c, BGTZ(S5), top);
	code_put(&c, NOP);
	for (unsigned i = 0; i < 4; i++) {
		code_li(&c, A0, FLASH(RIG_FLASH_BLANK) + i * GUEST_PAGE_SIZE);
		EMIT(&c, JALR(RA, T9), NOP, JALR(RA, T9), NOP);
	}
	code_put(&c, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(blank_pages_get_memory)
{
	struct rig_opts o = { .flash = true };
	struct pair p = pair_run_on(ops, blank_pages, &o);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 2 * (500 * 3) - 2 * (4 * 2 * 2));
	ck_assert_uint_eq(p.in->io_count, 4 + 1);
	if (ops != &accel_ref)
		ck_assert_uint_lt(p.in->cpu->tier_insns[TIER_INTERP], 250);
	pair_close(&p);
}

/* A machine whose flash is a device just now is handed over, to the interpreter and back.  */
ON_EACH(mode_survives_migration)
{
	struct rig_opts o = { .flash = true };
	struct rig *g = rig_open(ops, &o);
	struct code c = code_at(g, RIG_CODE);

	rig_put(g, FLASH(0x2000), 1234);
	code_li(&c, A0, FLASH(0x2000));
	EMIT(&c, LUI(K0, DEV_KSEG1 >> 16), ORI(S1, ZERO, RIG_FLASH_QUERY), ORI(S2, ZERO, RIG_FLASH_ARRAY), SW(S1, 0, A0));
	EMIT(&c, SW(ZERO, DEV_STOP, K0), LW(V0, 0, A0), SW(ZERO, DEV_STOP, K0), LW(V1, 0, A0), SW(S2, 0, A0), LW(A1, 0, A0));
	code_stop(&c);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_int_eq(each_exit(g, 1000), EXIT_STOP);
		g->cpu->stopped = false;
		rig_migrate(g, i % 2 ? ops : &accel_ref);
	}
	ck_assert_uint_eq(g->cpu->gpr[V0], query_word(0x2000));
	ck_assert_uint_eq(g->cpu->gpr[V1], query_word(0x2000));
	ck_assert_uint_eq(g->cpu->gpr[A1], 1234);
	rig_close(g);
}

Suite *flash_suite(void)
{
	const TTest *const each[] = {
		is_memory_or_a_device_on, is_executed_and_programmed_on, commanded_by_code_in_it_on, mode_survives_migration_on,
		blank_pages_get_memory_on,
	};
	Suite *s = suite_create("flash");
	TCase *t = tcase_create("flash");

	tcase_set_timeout(t, 60);
	for (size_t i = 0; i < ARRAY_LEN(each); i++)
		tcase_add_loop_test(t, each[i], 0, EACH);
	suite_add_tcase(s, t);
	return s;
}
