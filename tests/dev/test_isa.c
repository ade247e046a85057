/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PC's own devices: interrupt controllers, timer, clock, keyboard controller, DMA registers.  */
#include <check.h>
#include <string.h>

#include "tests/dev/fakes.h"

Suite *isa_suite(void);

static struct rig rig;

static uint8_t in(uint32_t port) { return port_in(&rig, port); }
static void out(uint32_t port, uint8_t val) { port_out(&rig, port, val); }
static void pass(uint64_t ns) { fake_time_pass(&rig.time, ns); }
static void wire(unsigned n, bool level) { i8259_pair_set(&rig.malta->pic[0], n, level); }
static uint32_t iack(void) { return mem_load(rig.map, MALTA_GT + 0xc34, 4); }

/* As Linux's init_8259A leaves the pair, but with nothing masked.  */
static void pic_init(void)
{
	static const uint8_t word[2][4] = { { 0x11, 0x00, 0x04, 0x01 }, { 0x11, 0x08, 0x02, 0x01 } };

	for (unsigned c = 0; c < 2; c++) {
		uint32_t port = c ? 0xa0 : 0x20;

		out(port, word[c][0]);
		for (unsigned i = 1; i < 4; i++)
			out(port + 1, word[c][i]);
		out(port + 1, 0);
	}
}

static void set_up(void)
{
	rig_init(&rig, UINT64_C(16) << 20, false);
	pic_init();
}

static void tear_down(void) { rig_fini(&rig); }

/* --- 8259 --- */

START_TEST(pic_mask_reads_back)
{
	out(0x21, 0xfb);
	out(0xa1, 0x5a);
	ck_assert_uint_eq(in(0x21), 0xfb);
	ck_assert_uint_eq(in(0xa1), 0x5a);
}
END_TEST

START_TEST(pic_request_acknowledge_end)
{
	ck_assert(!rig.cpu_line[0]);
	wire(4, true);
	ck_assert(rig.cpu_line[0]);
	ck_assert_uint_eq(in(0x20), 0x10); /* IRR */
	ck_assert_uint_eq(iack(), 4);
	ck_assert(!rig.cpu_line[0]);
	out(0x20, 0x0b);
	ck_assert_uint_eq(in(0x20), 0x10); /* ISR */
	wire(4, false);
	wire(4, true); /* not before the end of the first */
	ck_assert(!rig.cpu_line[0]);
	out(0x20, 0x64);
	ck_assert(rig.cpu_line[0]);
	ck_assert_uint_eq(iack(), 4);
	out(0x20, 0x20);
	ck_assert(!rig.cpu_line[0]); /* an edge: the level alone does not ask again */
	ck_assert_uint_eq(in(0x20), 0);
}
END_TEST

START_TEST(pic_priorities_and_cascade)
{
	wire(6, true);
	ck_assert_uint_eq(iack(), 6);
	wire(7, true);
	ck_assert(!rig.cpu_line[0]);
	wire(12, true);
	ck_assert(rig.cpu_line[0]);
	ck_assert_uint_eq(iack(), 12);
	wire(8, true);
	ck_assert(!rig.cpu_line[0]); /* fully nested: the cascade input is in service, as in the data sheet */
	out(0xa0, 0x64);
	out(0x20, 0x62);
	ck_assert_uint_eq(iack(), 8);
	out(0xa0, 0x60);
	out(0x20, 0x62);
	ck_assert(!rig.cpu_line[0]);
	out(0x20, 0x66);
	ck_assert_uint_eq(iack(), 7);
	out(0x20, 0x67);
}
END_TEST

START_TEST(pic_spurious)
{
	ck_assert_uint_eq(iack(), 7);
	out(0x20, 0x0b);
	ck_assert_uint_eq(in(0x20), 0); /* nothing in service: how software tells */
}
END_TEST

START_TEST(pic_poll)
{
	out(0x20, 0x0c);
	ck_assert_uint_eq(in(0x20), 0);
	wire(3, true);
	out(0x20, 0x0c);
	ck_assert_uint_eq(in(0x20), 0x83);
	ck_assert(!rig.cpu_line[0]);
	out(0x20, 0x0b);
	ck_assert_uint_eq(in(0x20), 0x08);
}
END_TEST

START_TEST(pic_masks_and_levels)
{
	out(0x21, 0x20);
	wire(5, true);
	ck_assert(!rig.cpu_line[0]);
	out(0x21, 0);
	ck_assert(rig.cpu_line[0]);
	iack();
	out(0x20, 0x65);
	ck_assert(!rig.cpu_line[0]);
	out(0x4d0, 0xff);
	ck_assert_uint_eq(in(0x4d0), 0xf8);
	out(0x4d1, 0xff);
	ck_assert_uint_eq(in(0x4d1), 0xde);
	ck_assert(rig.cpu_line[0]); /* level: still high */
	iack();
	out(0x20, 0x65);
	ck_assert(rig.cpu_line[0]);
	wire(5, false);
	ck_assert(!rig.cpu_line[0]);
}
END_TEST

START_TEST(pic_rotation_and_auto_eoi)
{
	wire(1, true);
	wire(4, true);
	ck_assert_uint_eq(iack(), 1);
	out(0x20, 0xa0); /* rotate on non-specific EOI: 1 is lowest now */
	wire(1, false);
	wire(1, true);
	ck_assert_uint_eq(iack(), 4);
	out(0x20, 0x20);
	ck_assert_uint_eq(iack(), 1);
	out(0x20, 0x20);
	pic_init();
	out(0x20, 0x11);
	out(0x21, 0x40);
	out(0x21, 4);
	out(0x21, 3); /* auto EOI */
	wire(6, true);
	ck_assert_uint_eq(iack(), 0x46);
	out(0x20, 0x0b);
	ck_assert_uint_eq(in(0x20), 0);
}
END_TEST

/* --- 8254 --- */

static uint32_t pit_count(unsigned n)
{
	uint32_t low;

	out(0x43, (uint8_t)(n << 6));
	low = in(0x40 + n);
	return low | (uint32_t)in(0x40 + n) << 8;
}

START_TEST(pit_counts_down)
{
	out(0x43, 0x34); /* counter 0, both bytes, mode 2 */
	out(0x40, 0xe8);
	out(0x40, 0x03); /* 1000 */
	ck_assert_uint_eq(pit_count(0), 1000);
	pass(ticks_to_ns(300, I8254_HZ));
	ck_assert_uint_eq(pit_count(0), 700);
	out(0x43, 0x00); /* latch */
	pass(ticks_to_ns(100, I8254_HZ));
	out(0x43, 0x00); /* a second latch does not disturb the first */
	ck_assert_uint_eq(in(0x40), 700 & 0xff);
	ck_assert_uint_eq(in(0x40), 700 >> 8);
	ck_assert_uint_eq(in(0x40), 600 & 0xff); /* unlatched, low then high */
	ck_assert_uint_eq(in(0x40), 600 >> 8);
	pass(ticks_to_ns(700, I8254_HZ));
	ck_assert_uint_eq(pit_count(0), 900);
}
END_TEST

START_TEST(pit_rate_generator_interrupts)
{
	unsigned before;

	out(0x43, 0x34);
	out(0x40, 0x9c);
	out(0x40, 0x2e); /* 11932: 100 Hz */
	ck_assert_uint_eq(iack(), 0); /* OUT has gone high with the control word */
	out(0x20, 0x60);
	before = rig.cpu_rises[0];
	for (unsigned i = 0; i < 10; i++) {
		pass(10000200);
		ck_assert_uint_eq(iack(), 0);
		out(0x20, 0x60);
	}
	ck_assert_uint_eq(rig.cpu_rises[0] - before, 10);
}
END_TEST

START_TEST(pit_one_shot)
{
	out(0x43, 0x30); /* mode 0 */
	ck_assert(!rig.cpu_line[0]);
	out(0x40, 100);
	out(0x40, 0);
	pass(ticks_to_ns(99, I8254_HZ));
	ck_assert(!rig.cpu_line[0]);
	out(0x43, 0xc2); /* read-back: count and status of counter 0 */
	ck_assert_uint_eq(in(0x40), 0x30);
	ck_assert_uint_eq(in(0x40), 1);
	ck_assert_uint_eq(in(0x40), 0);
	pass(ticks_to_ns(2, I8254_HZ));
	ck_assert(rig.cpu_line[0]);
	ck_assert_uint_eq(iack(), 0);
	out(0x20, 0x60);
	out(0x43, 0xe2); /* status alone */
	ck_assert_uint_eq(in(0x40), 0xb0);
	pass(NS_PER_S);
	ck_assert(!rig.cpu_line[0]); /* once only */
}
END_TEST

START_TEST(pit_square_wave)
{
	unsigned rises = 0;

	out(0x21, 0xff);
	out(0x43, 0xb6); /* counter 2, mode 3 */
	out(0x42, 10);
	out(0x42, 0);
	for (unsigned i = 0; i < 100; i++) {
		uint8_t was, is;

		out(0x43, 0xe8);
		was = in(0x42);
		pass(ticks_to_ns(5, I8254_HZ) + 1);
		out(0x43, 0xe8);
		is = in(0x42);
		rises += !(was & 0x80) && (is & 0x80);
		ck_assert_uint_eq((was ^ is) & 0x80, 0x80); /* half the period each */
	}
	ck_assert_uint_eq(rises, 50);
}
END_TEST

START_TEST(pit_fastest_rate_is_bearable)
{
	out(0x43, 0x14);
	out(0x40, 1);
	pass(1000000); /* a million times a second was asked for; time goes on all the same */
	ck_assert_uint_eq(in(0x40), 1);
}
END_TEST

START_TEST(pit_bcd)
{
	out(0x43, 0x35);
	out(0x40, 0x00);
	out(0x40, 0x10); /* 1000 */
	pass(ticks_to_ns(1, I8254_HZ));
	ck_assert_uint_eq(pit_count(0), 0x999);
}
END_TEST

/* --- RTC --- */

static uint8_t cmos(uint8_t n)
{
	out(0x70, n);
	return in(0x71);
}

static void cmos_set(uint8_t n, uint8_t val)
{
	out(0x70, n);
	out(0x71, val);
}

/* 1000000000 is Sunday 2001-09-09 01:46:40 UTC.  */
START_TEST(rtc_shows_the_time)
{
	static const uint8_t bcd[] = { 0x40, 0, 0x46, 0, 0x01, 0, 0x01, 0x09, 0x09, 0x01 }, binary[] = { 40, 0, 46, 0, 1, 0, 1, 9, 9, 1 };

	for (uint8_t n = 0; n < 10; n++)
		ck_assert_uint_eq(cmos(n), bcd[n]);
	ck_assert_uint_eq(cmos(0x32), 0x20);
	ck_assert_uint_eq(cmos(0x0d), 0x80);
	ck_assert_uint_eq(cmos(0x0b), 0x02);
	ck_assert_uint_eq(cmos(0x0a) & 0x7f, 0x26);
	cmos_set(0x0b, 0x06);
	for (uint8_t n = 0; n < 10; n++)
		ck_assert_uint_eq(cmos(n), binary[n]);
	cmos_set(0x0b, 0x00); /* 12 hours */
	ck_assert_uint_eq(cmos(4), 0x01);
	pass(UINT64_C(13) * 3600 * NS_PER_S);
	ck_assert_uint_eq(cmos(4), 0x82);
	ck_assert_uint_eq(in(0x70), 0xff);
}
END_TEST

/* The frequency loop of Linux waits, without end, for UIP to become 1, then 0, and for the second to change with it.  */
START_TEST(rtc_update_in_progress)
{
	uint8_t before = cmos(0);
	uint64_t high = 0;

	for (uint64_t us = 0; us < 1000000; us += 100) {
		bool uip = cmos(0x0a) & 0x80;

		ck_assert_uint_eq(cmos(0), before);
		high += uip ? 100 : 0;
		ck_assert(uip == (us >= 998000));
		pass(100000);
	}
	ck_assert_uint_eq(high, 2000);
	ck_assert_uint_eq(cmos(0x0a) & 0x80, 0);
	ck_assert_uint_ne(cmos(0), before);
}
END_TEST

START_TEST(rtc_can_be_set)
{
	static const uint8_t time[] = { 0x59, 0, 0x59, 0, 0x23, 0, 0x07, 0x31, 0x12, 0x99 };

	cmos_set(0x0b, 0x82);
	pass(3 * NS_PER_S); /* the clock stands still */
	ck_assert_uint_eq(cmos(0), 0x40);
	for (uint8_t n = 0; n < 10; n++)
		cmos_set(n, time[n]);
	cmos_set(0x32, 0x19);
	cmos_set(0x0b, 0x02);
	for (uint8_t n = 0; n < 10; n++)
		ck_assert_uint_eq(cmos(n), time[n]);
	pass(NS_PER_S);
	ck_assert_uint_eq(cmos(0), 0);
	ck_assert_uint_eq(cmos(7), 1);
	ck_assert_uint_eq(cmos(8), 1);
	ck_assert_uint_eq(cmos(9), 0);
	ck_assert_uint_eq(cmos(0x32), 0x20);
	ck_assert_uint_eq(cmos(6), 1);
	rig_reset(&rig, RESET_WARM); /* a battery keeps it */
	ck_assert_uint_eq(cmos(6), 1);
	rig_reset(&rig, RESET_COLD);
	ck_assert_uint_eq(cmos(9), 0x01);
}
END_TEST

START_TEST(rtc_february)
{
	static const struct { uint8_t year, century, next_day; } leap[] = {
		{ 0x24, 0x20, 0x29 }, { 0x23, 0x20, 0x01 }, { 0x00, 0x20, 0x29 }, { 0x00, 0x21, 0x01 }, { 0x00, 0x19, 0x01 },
	};

	cmos_set(0x0b, 0x82);
	cmos_set(0, 0x59);
	cmos_set(2, 0x59);
	cmos_set(4, 0x23);
	cmos_set(7, 0x28);
	cmos_set(8, 0x02);
	cmos_set(9, leap[_i].year);
	cmos_set(0x32, leap[_i].century);
	cmos_set(0x0b, 0x02);
	pass(NS_PER_S);
	ck_assert_uint_eq(cmos(7), leap[_i].next_day);
}
END_TEST

START_TEST(rtc_interrupts)
{
	wire(2, false);
	cmos(0x0c);
	cmos_set(0x0b, 0x12); /* update-ended */
	pass(NS_PER_S);
	ck_assert(rig.cpu_line[0]);
	ck_assert_uint_eq(iack(), 8);
	ck_assert_uint_eq(cmos(0x0c) & 0x90, 0x90);
	ck_assert_uint_eq(cmos(0x0c), 0);
	out(0xa0, 0x60);
	out(0x20, 0x62);
	ck_assert(!rig.cpu_line[0]);
	cmos_set(1, 0x45); /* alarm at xx:xx:45 */
	cmos_set(3, 0xc0);
	cmos_set(5, 0xff);
	cmos_set(0x0b, 0x22);
	pass(3 * NS_PER_S);
	ck_assert(!rig.cpu_line[0]);
	pass(NS_PER_S);
	ck_assert(rig.cpu_line[0]);
	ck_assert_uint_eq(iack(), 8);
	ck_assert_uint_eq(cmos(0x0c) & 0xa0, 0xa0);
	out(0xa0, 0x60);
	out(0x20, 0x62);
	cmos_set(0x0b, 0x42); /* periodic: 1024 Hz after reset */
	for (unsigned i = 0; i < 8; i++) {
		pass(976563);
		ck_assert(rig.cpu_line[0]);
		ck_assert_uint_eq(iack(), 8);
		ck_assert_uint_eq(cmos(0x0c) & 0xc0, 0xc0);
		out(0xa0, 0x60);
		out(0x20, 0x62);
	}
	cmos_set(0x0b, 0x02);
	pass(NS_PER_S);
	ck_assert(!rig.cpu_line[0]);
	ck_assert_uint_eq(cmos(0x0c) & 0xd0, 0x50); /* flags are set, but ask for nothing */
}
END_TEST

START_TEST(rtc_memory)
{
	for (uint8_t n = 0x0e; n < 0x80; n++)
		if (n != 0x32)
			cmos_set(n, n ^ 0x5a);
	for (uint8_t n = 0x0e; n < 0x80; n++)
		if (n != 0x32)
			ck_assert_uint_eq(cmos(n), n ^ 0x5a);
	rig_reset(&rig, RESET_WARM);
	ck_assert_uint_eq(cmos(0x20), 0x20 ^ 0x5a);
	rig_reset(&rig, RESET_COLD);
	ck_assert_uint_eq(cmos(0x20), 0);
}
END_TEST

/* --- keyboard controller --- */

static int kbc(void) { return in(0x64) & 1 ? in(0x60) : -1; }

START_TEST(kbc_probe_as_linux_does)
{
	out(0x64, 0x20);
	ck_assert_int_eq(kbc(), 0x03);
	out(0x64, 0xaa);
	ck_assert_int_eq(kbc(), 0x55);
	ck_assert_uint_eq(in(0x64) & 4, 4);
	out(0x64, 0x60);
	out(0x60, 0x74); /* both off, no interrupts */
	out(0x64, 0xd3);
	out(0x60, 0x5a);
	ck_assert_uint_eq(in(0x64) & 0x21, 0x21);
	ck_assert_int_eq(kbc(), 0x5a);
	out(0x64, 0xa9);
	ck_assert_int_eq(kbc(), 0);
	out(0x64, 0xa8);
	out(0x64, 0x20);
	ck_assert_int_eq(kbc() & 0x20, 0);
	out(0x64, 0xa7);
	out(0x64, 0x20);
	ck_assert_int_eq(kbc() & 0x20, 0x20);
	ck_assert_int_eq(kbc(), -1);
}
END_TEST

START_TEST(kbc_interrupts)
{
	out(0x64, 0x60);
	out(0x60, 0x43); /* both interrupts, as QEMU's mode byte but translating */
	out(0x60, 0xf2);
	ck_assert_uint_eq(iack(), 1);
	out(0x20, 0x61);
	ck_assert_int_eq(kbc(), 0xfa);
	ck_assert_uint_eq(iack(), 1); /* each byte makes an edge */
	out(0x20, 0x61);
	ck_assert_int_eq(kbc(), 0xab);
	iack();
	out(0x20, 0x61);
	ck_assert_int_eq(kbc(), 0x41); /* translated 0x83 */
	ck_assert(!rig.cpu_line[0]);
	out(0x64, 0xd3);
	out(0x60, 0xa5);
	ck_assert_uint_eq(iack(), 12);
	ck_assert_int_eq(kbc(), 0xa5);
}
END_TEST

START_TEST(keyboard_commands)
{
	static const struct { int send[3], get[4]; } dialogue[] = {
		{ { 0xff, -1 }, { 0xfa, 0xaa, -1 } }, { { 0xf2, -1 }, { 0xfa, 0xab, 0x83, -1 } }, { { 0xed, 0x07, -1 }, { 0xfa, 0xfa, -1 } },
		{ { 0xf3, 0x00, -1 }, { 0xfa, 0xfa, -1 } }, { { 0xf0, 0x00, -1 }, { 0xfa, 0xfa, 0x02, -1 } }, { { 0xf4, -1 }, { 0xfa, -1 } },
		{ { 0xf5, -1 }, { 0xfa, -1 } }, { { 0xee, -1 }, { 0xee, -1 } }, { { 0xea, -1 }, { 0xfe, -1 } },
	};

	for (unsigned d = 0; d < ARRAY_LEN(dialogue); d++) {
		for (unsigned i = 0; dialogue[d].send[i] >= 0; i++)
			out(0x60, (uint8_t)dialogue[d].send[i]);
		for (unsigned i = 0; dialogue[d].get[i] >= 0; i++)
			ck_assert_msg(kbc() == dialogue[d].get[i], "dialogue %u, byte %u", d, i);
		ck_assert_int_eq(kbc(), -1);
	}
}
END_TEST

static void mouse(uint8_t byte)
{
	out(0x64, 0xd4);
	out(0x60, byte);
}

START_TEST(mouse_commands)
{
	static const uint8_t knock[] = { 200, 100, 80 };

	mouse(0xff);
	ck_assert_uint_eq(in(0x64) & 0x21, 0x21);
	ck_assert_int_eq(kbc(), 0xfa);
	ck_assert_int_eq(kbc(), 0xaa);
	ck_assert_int_eq(kbc(), 0x00);
	mouse(0xf2);
	ck_assert_int_eq(kbc(), 0xfa);
	ck_assert_int_eq(kbc(), 0x00);
	for (unsigned i = 0; i < 3; i++) {
		mouse(0xf3);
		ck_assert_int_eq(kbc(), 0xfa);
		mouse(knock[i]);
		ck_assert_int_eq(kbc(), 0xfa);
	}
	mouse(0xf2);
	ck_assert_int_eq(kbc(), 0xfa);
	ck_assert_int_eq(kbc(), 0x03);
	mouse(0xe8);
	mouse(0x03);
	mouse(0xe9);
	while (kbc() == 0xfa && rig.malta->kbc.mouse.n > 3)
		;
	ck_assert_int_eq(kbc(), 0xfa);
	ck_assert_int_eq(kbc(), 0x00);
	ck_assert_int_eq(kbc(), 0x03);
	ck_assert_int_eq(kbc(), 80);
	mouse(0x55);
	ck_assert_int_eq(kbc(), 0xfe);
	ck_assert_int_eq(kbc(), -1);
}
END_TEST

START_TEST(kbc_resets_the_board)
{
	out(0x64, 0xfe);
	ck_assert_uint_eq(rig.resets, 1);
	out(0x64, 0xd1);
	out(0x60, 0xce);
	ck_assert_uint_eq(rig.resets, 2);
	out(0x64, 0xff); /* pulses nothing */
	ck_assert_uint_eq(rig.resets, 2);
}
END_TEST

START_TEST(dma_registers)
{
	out(0x0c, 0);
	out(0x02, 0x34);
	out(0x02, 0x12);
	ck_assert_uint_eq(in(0x02), 0x34);
	ck_assert_uint_eq(in(0x02), 0x12);
	out(0xd4, 0x03); /* enable_dma(7), the second controller's ports are two apart */
	ck_assert_uint_eq(in(0xde), 0x07);
	out(0xd4, 0x07);
	ck_assert_uint_eq(in(0xde), 0x0f);
	out(0x83, 0x9a);
	ck_assert_uint_eq(in(0x83), 0x9a);
	ck_assert_uint_eq(in(0x87), 0);
}
END_TEST

Suite *isa_suite(void)
{
	Suite *s = suite_create("isa");
	TCase *t = tcase_create("8259"), *p = tcase_create("8254"), *r = tcase_create("rtc"), *k = tcase_create("8042");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, pic_mask_reads_back);
	tcase_add_test(t, pic_request_acknowledge_end);
	tcase_add_test(t, pic_priorities_and_cascade);
	tcase_add_test(t, pic_spurious);
	tcase_add_test(t, pic_poll);
	tcase_add_test(t, pic_masks_and_levels);
	tcase_add_test(t, pic_rotation_and_auto_eoi);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(p, set_up, tear_down);
	tcase_add_test(p, pit_counts_down);
	tcase_add_test(p, pit_rate_generator_interrupts);
	tcase_add_test(p, pit_one_shot);
	tcase_add_test(p, pit_square_wave);
	tcase_add_test(p, pit_fastest_rate_is_bearable);
	tcase_add_test(p, pit_bcd);
	suite_add_tcase(s, p);
	tcase_add_checked_fixture(r, set_up, tear_down);
	tcase_add_test(r, rtc_shows_the_time);
	tcase_add_test(r, rtc_update_in_progress);
	tcase_add_test(r, rtc_can_be_set);
	tcase_add_loop_test(r, rtc_february, 0, 5);
	tcase_add_test(r, rtc_interrupts);
	tcase_add_test(r, rtc_memory);
	suite_add_tcase(s, r);
	tcase_add_checked_fixture(k, set_up, tear_down);
	tcase_add_test(k, kbc_probe_as_linux_does);
	tcase_add_test(k, kbc_interrupts);
	tcase_add_test(k, keyboard_commands);
	tcase_add_test(k, mouse_commands);
	tcase_add_test(k, kbc_resets_the_board);
	tcase_add_test(k, dma_registers);
	suite_add_tcase(s, k);
	return s;
}
