/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The interpreter's memory: byte order, devices, ROM, pages that hold code, precise faults, and what it remembers of translations.
 */
#include <check.h>
#include <string.h>

#include "tests/isa/guest.h"

Suite *interp_suite(void);

#define RW (TLB_LO_V | TLB_LO_D)
#define I(op, rs, rt, imm) ((uint32_t)(op) << 26 | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((imm) & 0xffffu))
#define LW 0x23
#define LBU 0x24
#define LHU 0x25
#define LWL 0x22
#define LWR 0x26
#define SB 0x28
#define SH 0x29
#define SW 0x2b
#define SWL 0x2a
#define SWR 0x2e
#define SC 0x38

static struct guest *g;

static void set_up(void) { g = guest_open("24Kc", false); }
static void tear_down(void) { guest_close(g); }

static void big_endian(void)
{
	guest_close(g);
	g = guest_open("24Kc", true);
}

static void one(uint32_t word, gva base)
{
	g->cpu.gpr[1] = base;
	guest_run(g, &word, 1, 1);
}

START_TEST(devices)
{
	static const struct { unsigned op, size; uint32_t want; } loads[] = {
		{ LW, 4, 0x81828384 }, { LHU, 2, 0x8384 }, { LBU, 1, 0x84 },
	}, stores[] = { { SW, 4, 0xaabbccdd }, { SH, 2, 0xccdd }, { SB, 1, 0xdd } };

	for (int be = 0; be < 2; be++) {
		g->io_value = 0x81828384;
		for (unsigned i = 0; i < 3; i++) {
			one(I(loads[i].op, 1, 2, 8), 0xa0000000u + GUEST_IO);
			ck_assert_uint_eq(g->cpu.gpr[2], loads[i].want);
			ck_assert(g->last_pa == GUEST_IO + 8 && g->last_size == loads[i].size);
			g->cpu.gpr[2] = 0xaabbccdd;
			one(I(stores[i].op, 1, 2, 8), 0xa0000000u + GUEST_IO);
			ck_assert(g->last_pa == GUEST_IO + 8 && g->last_size == stores[i].size);
			ck_assert_uint_eq(g->last_value & (uint32_t)((1ull << 8 * stores[i].size) - 1), stores[i].want);
		}
		ck_assert_uint_eq(g->loads, 3);
		ck_assert_uint_eq(g->stores, 3);
		big_endian();
	}
}
END_TEST

START_TEST(partial_words_of_devices)
{
	g->io_value = 0x44332211;
	g->cpu.gpr[2] = 0xaabbccdd;
	one(I(LWL, 1, 2, 1), 0xa0000000u + GUEST_IO); /* one aligned load of the word */
	ck_assert_uint_eq(g->cpu.gpr[2], 0x2211ccdd);
	ck_assert(g->loads == 1 && g->last_pa == GUEST_IO && g->last_size == 4);
	g->cpu.gpr[2] = 0xaabbccdd;
	one(I(SWR, 1, 2, 2), 0xa0000000u + GUEST_IO); /* two bytes, from the lowest address up */
	ck_assert(g->stores == 2 && g->last_pa == GUEST_IO + 3 && g->last_size == 1 && g->last_value == 0xcc);
}
END_TEST

START_TEST(fetch_from_a_device)
{
	g->io_value = 0x24020007; /* addiu $2, $0, 7 */
	g->cpu.pc = 0xbfc00100u;
	interp_step(&g->cpu);
	ck_assert_uint_eq(g->cpu.gpr[2], 7);
	ck_assert(g->loads == 1 && g->last_pa == 0x1fc00100 && g->last_size == 4);
}
END_TEST

START_TEST(rom)
{
	g->flags[2] = PAGE_ROM;
	guest_put(g, 0x2000, 0x12345678);
	g->cpu.gpr[2] = 1;
	one(I(SW, 1, 2, 0), 0x80002000u);
	ck_assert_uint_eq(guest_get(g, 0x2000), 0x12345678);
	ck_assert(g->stores == 1 && g->last_pa == 0x2000 && g->last_value == 1);
	one(I(LW, 1, 2, 0), 0x80002000u);
	ck_assert_uint_eq(g->cpu.gpr[2], 0x12345678);
	ck_assert_uint_eq(g->loads, 0);
}
END_TEST

/* It may come and go; what is remembered of the page goes with interp_flush.  */
START_TEST(a_device_in_place_of_memory)
{
	guest_put(g, 0x2000, 0x12345678);
	guest_put(g, 0x2004, 0x24020009);
	g->io_value = 0x24020007;
	g->flags[2] = PAGE_ROM;
	for (unsigned i = 0; i < 4; i++) {
		one(I(LW, 1, 3, 0), 0x80002000u);
		ck_assert_uint_eq(g->cpu.gpr[3], i % 2 ? 0x24020007 : 0x12345678);
		g->cpu.pc = 0x80002004u;
		interp_step(&g->cpu);
		ck_assert_uint_eq(g->cpu.gpr[2], i % 2 ? 7 : 9);
		ck_assert_uint_eq(g->loads, (i + 1) / 2 * 2);
		g->flags[2] ^= PAGE_DEVICE;
		interp_flush(&g->cpu);
	}
}
END_TEST

START_TEST(code_pages)
{
	g->cpu.gpr[2] = 0xaabbccdd;
	one(I(SW, 1, 2, 0), 0x80002000u); /* remembered as writable */
	ck_assert_uint_eq(g->code_writes, 0);
	g->flags[2] = PAGE_CODE;
	interp_flush(&g->cpu);
	one(I(SH, 1, 2, 6), 0x80002000u);
	ck_assert(g->code_writes == 1 && g->last_pa == 0x2006 && g->last_size == 2);
	ck_assert_uint_eq(guest_get(g, 0x2004) >> 16, 0xccdd);
	one(I(LW, 1, 3, 0), 0x80002000u);
	ck_assert_uint_eq(g->cpu.gpr[3], 0xaabbccdd);
	one(I(SWL, 1, 2, 2), 0x80002000u); /* each store is told, once, with its bytes */
	ck_assert(g->code_writes == 2 && g->last_pa == 0x2000 && g->last_size == 3);
	one(I(SWR, 1, 2, 2), 0x80002000u);
	ck_assert(g->code_writes == 3 && g->last_pa == 0x2002 && g->last_size == 2);
	g->cpu.ll_bit = 0;
	one(I(SC, 1, 2, 0), 0x80002000u); /* stores nothing */
	ck_assert_uint_eq(g->code_writes, 3);
	g->flags[2] = 0;
	one(I(SW, 1, 2, 0), 0x80002000u);
	ck_assert_uint_eq(g->code_writes, 3);
}
END_TEST

START_TEST(modified_code_is_seen)
{
	static const uint32_t code[] = {
		I(SW, 1, 2, 4), /* over the next instruction */
		0x24030001,     /* addiu $3, $0, 1 */
	};

	g->cpu.gpr[1] = GUEST_CODE;
	g->cpu.gpr[2] = 0x24030002; /* addiu $3, $0, 2 */
	guest_run(g, code, 2, 2);
	ck_assert_uint_eq(g->cpu.gpr[3], 2);
}
END_TEST

START_TEST(slot_sees_the_store_before_it)
{
	static const uint32_t code[] = {
		I(SW, 1, 2, 8),
		0x10000003, /* beq $0, $0, . + 16 */
		0x24030001,
	};

	g->cpu.gpr[1] = GUEST_CODE;
	g->cpu.gpr[2] = 0x24030002;
	guest_run(g, code, 3, 2);
	ck_assert_uint_eq(g->cpu.gpr[3], 2);
	ck_assert_uint_eq(g->cpu.pc, GUEST_CODE + 4 + 4 + 12);
}
END_TEST

START_TEST(faults_change_nothing)
{
	static const unsigned ops[] = { LW, LBU, LHU, LWL, LWR, SB, SH, SW, SWL, SWR };

	for (unsigned i = 0; i < ARRAY_LEN(ops); i++)
		for (unsigned off = 0; off < 4; off++) {
			uint32_t word = I(ops[i], 1, 2, off);

			if ((ops[i] == LW || ops[i] == SW) && off)
				continue;
			if ((ops[i] == LHU || ops[i] == SH) && off & 1)
				continue;
			cp0_write(&g->cpu, 12, 0, 0);
			g->cpu.gpr[1] = 0x00400ffcu & ~0xfffu;
			g->cpu.gpr[2] = 0x5555aaaau;
			guest_run(g, &word, 1, 1);
			ck_assert_uint_eq(g->cpu.pc, 0x80000000u);
			ck_assert_uint_eq(g->cpu.gpr[2], 0x5555aaaau);
			ck_assert_uint_eq(g->cpu.badvaddr, 0x00400000u + off);
			ck_assert_uint_eq(g->cpu.epc, GUEST_CODE);
			ck_assert_uint_eq(g->cpu.cause >> 2 & 31, ops[i] >= SB ? EXC_TLBS : EXC_TLBL);
		}
}
END_TEST

START_TEST(base_register_is_the_target)
{
	guest_put(g, 0x1000, 0x00001234);
	g->cpu.gpr[1] = GUEST_DATA;
	one(I(LW, 1, 1, 0), GUEST_DATA);
	ck_assert_uint_eq(g->cpu.gpr[1], 0x1234);
	one(I(LW, 1, 0, 0), GUEST_DATA); /* into $0 */
	ck_assert_uint_eq(g->cpu.gpr[0], 0);
}
END_TEST

/* --- remembered translations --- */

static uint32_t peek(gva va)
{
	one(I(LW, 1, 2, 0), va);
	return g->cpu.status & ST_EXL ? 0xffffffffu : g->cpu.gpr[2];
}

static void user(uint8_t asid) { cp0_write(&g->cpu, 10, 0, asid); }

START_TEST(spaces_do_not_mix)
{
	guest_put(g, 0x30000, 1);
	guest_put(g, 0x31000, 2);
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 1, ENTRYLO(0x30000, RW), 0));
	ck_assert(guest_tlbwi(g, 1, 0x00400000u, 2, ENTRYLO(0x31000, RW), 0));
	for (int i = 0; i < 3; i++) {
		user(1);
		ck_assert_uint_eq(peek(0x00400000u), 1);
		user(2);
		ck_assert_uint_eq(peek(0x00400000u), 2);
	}
	user(3);
	ck_assert_uint_eq(peek(0x00400000u), 0xffffffffu);
}
END_TEST

START_TEST(remapping_is_seen)
{
	guest_put(g, 0x30000, 1);
	guest_put(g, 0x31000, 2);
	for (unsigned i = 0; i < 5000; i++) { /* more often than there are generations */
		uint32_t frame = i & 1 ? 0x31000 : 0x30000;

		ck_assert(guest_tlbwi(g, 0, 0x00400000u, 1, ENTRYLO(frame, RW), 0));
		ck_assert_uint_eq(peek(0x00400000u), i & 1 ? 2 : 1);
	}
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 1, 0, 0));
	ck_assert_uint_eq(peek(0x00400000u), 0xffffffffu);
}
END_TEST

START_TEST(narrowing_is_seen)
{
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 1, ENTRYLO(0x30000, RW), 0));
	one(I(SW, 1, 2, 0), 0x00400000u);
	ck_assert_uint_eq(g->cpu.status & ST_EXL, 0);
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 1, ENTRYLO(0x30000, TLB_LO_V), 0));
	one(I(SW, 1, 2, 0), 0x00400000u);
	ck_assert_uint_eq(g->cpu.cause >> 2 & 31, EXC_MOD);
}
END_TEST

START_TEST(modes_do_not_mix)
{
	guest_put(g, 0x30000, 1);
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 0, ENTRYLO(0x30000, TLB_LO_V), ENTRYLO(0x32000, TLB_LO_V)));
	guest_put(g, 0x32000, I(LW, 1, 2, 0)); /* code for user mode */
	ck_assert_uint_eq(peek(0x80030000u), 1);
	g->cpu.status = ST_UM;
	g->cpu.gpr[1] = 0x80030000u;
	g->cpu.pc = 0x00401000u;
	interp_step(&g->cpu);
	ck_assert_uint_eq(g->cpu.cause >> 2 & 31, EXC_ADEL);
	/* ERL: kuseg is the identity, and stops being it */
	g->cpu.status = 0;
	ck_assert_uint_eq(peek(0x00400000u), 1);
	cp0_write(&g->cpu, 12, 0, ST_ERL);
	guest_put(g, 0x40000, 3);
	ck_assert_uint_eq(peek(0x00040000u), 3);
	cp0_write(&g->cpu, 12, 0, 0);
	ck_assert_uint_eq(peek(0x00040000u), 0xffffffffu);
}
END_TEST

START_TEST(high_bank)
{
	guest_close(g);
	g = guest_open("au1500", false);
	g->cpu.status = 0;
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 0, ENTRYLO(GUEST_HIGH, RW), 0));
	g->cpu.gpr[2] = 77;
	one(I(SW, 1, 2, 12), 0x00400000u);
	ck_assert_uint_eq(guest_get(g, GUEST_HIGH + 12), 77);
	ck_assert_uint_eq(g->stores, 0);
}
END_TEST

Suite *interp_suite(void)
{
	Suite *s = suite_create("interp");
	TCase *m = tcase_create("memory"), *r = tcase_create("remembered");

	tcase_add_checked_fixture(m, set_up, tear_down);
	tcase_add_test(m, devices);
	tcase_add_test(m, partial_words_of_devices);
	tcase_add_test(m, fetch_from_a_device);
	tcase_add_test(m, rom);
	tcase_add_test(m, a_device_in_place_of_memory);
	tcase_add_test(m, code_pages);
	tcase_add_test(m, modified_code_is_seen);
	tcase_add_test(m, slot_sees_the_store_before_it);
	tcase_add_test(m, faults_change_nothing);
	tcase_add_test(m, base_register_is_the_target);
	tcase_add_test(m, high_bank);
	tcase_add_checked_fixture(r, set_up, tear_down);
	tcase_add_test(r, spaces_do_not_mix);
	tcase_add_test(r, remapping_is_seen);
	tcase_add_test(r, narrowing_is_seen);
	tcase_add_test(r, modes_do_not_mix);
	suite_add_tcase(s, m);
	suite_add_tcase(s, r);
	return s;
}
