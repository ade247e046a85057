/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 16550A: what Linux's probe asks, interrupt priorities, FIFO, loop-back; through the board's I/O window and CBUS.  */
#include <check.h>
#include <string.h>

#include "tests/dev/fakes.h"

Suite *uart_suite(void);

static struct rig rig;
static struct fake_serial line;
static struct fake_time now;
static struct fake_wire wire;
static struct ns16550 uart;

static uint32_t in(uint32_t off) { return io_read(&uart.dev.io, off, 1); }
static void out(uint32_t off, uint32_t val) { io_write(&uart.dev.io, off, 1, val); }

static void set_up(void)
{
	fake_time_init(&now);
	fake_serial_init(&line);
	ns16550_init(&uart, &(struct ns16550_cfg){ .name = "uart", .clock = &now.clock, .chardev = &line.chardev, .irq = fake_wire(&wire),
		.hz = 1843200 });
}

static void tear_down(void) { dev_fini(&uart.dev); }

START_TEST(registers_and_divisor)
{
	out(7, 0x5a);
	ck_assert_uint_eq(in(7), 0x5a);
	out(1, 0xff);
	ck_assert_uint_eq(in(1), 0x0f); /* no 16750, no sleep mode */
	out(3, 0x83);
	out(0, 0x34);
	out(1, 0x12);
	ck_assert_uint_eq(in(0), 0x34);
	ck_assert_uint_eq(in(1), 0x12);
	out(3, 0x03);
	ck_assert_uint_eq(in(1), 0x0f);
	out(4, 0xff);
	ck_assert_uint_eq(in(4), 0x1f);
	ck_assert_uint_eq(in(5), 0x60);
	out(5, 0); /* read-only */
	ck_assert_uint_eq(in(5), 0x60);
}
END_TEST

START_TEST(fifo_is_a_16550a)
{
	ck_assert_uint_eq(in(2), 0x01);
	out(2, 0x01);
	ck_assert_uint_eq(in(2), 0xc1);
	out(2, 0x21 | 0x80);
	ck_assert_uint_eq(in(2) & 0x20, 0); /* not a 16750 */
	out(2, 0);
	ck_assert_uint_eq(in(2), 0x01);
}
END_TEST

START_TEST(transmitter_interrupt)
{
	out(1, 2); /* enabling it while empty raises it */
	ck_assert(wire.level);
	ck_assert_uint_eq(in(2), 0x02);
	ck_assert(!wire.level); /* reading IIR has acknowledged it */
	out(0, 'x');
	ck_assert(wire.level);
	ck_assert_uint_eq(line.out_n, 1);
	ck_assert_uint_eq(line.out[0], 'x');
	ck_assert_uint_eq(in(5), 0x60);
	out(1, 0);
	ck_assert(!wire.level);
	out(1, 2);
	ck_assert(wire.level);
}
END_TEST

START_TEST(receiver_without_fifo)
{
	out(1, 1);
	fake_serial_type(&line, "ab");
	ck_assert(wire.level);
	ck_assert_uint_eq(line.in_at, 1); /* the second waits outside */
	ck_assert_uint_eq(in(5) & 1, 1);
	ck_assert_uint_eq(in(2), 0x04);
	ck_assert_uint_eq(in(0), 'a');
	ck_assert(wire.level);
	ck_assert_uint_eq(in(0), 'b');
	ck_assert(!wire.level);
	ck_assert_uint_eq(in(5) & 3, 0);
	ck_assert_uint_eq(in(0), 0);
}
END_TEST

START_TEST(trigger_level_and_timeout)
{
	out(3, 0x03);
	out(2, 0x81); /* trigger at 8 */
	out(1, 1);
	fake_serial_type(&line, "abc");
	ck_assert(!wire.level);
	/* 9600 baud after reset, 10 bits: four characters are 4.17 ms.  */
	fake_time_pass(&now, 4100000);
	ck_assert(!wire.level);
	fake_time_pass(&now, 100000);
	ck_assert(wire.level);
	ck_assert_uint_eq(in(2), 0xcc);
	ck_assert_uint_eq(in(0), 'a');
	ck_assert(!wire.level); /* and again four characters later */
	fake_time_pass(&now, 4200000);
	ck_assert(wire.level);
	fake_serial_type(&line, "defghi");
	ck_assert_uint_eq(in(2), 0xc4);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_uint_eq(in(0), 'b' + i);
	ck_assert(!wire.level);
	fake_time_pass(&now, 1000000000);
	ck_assert(!wire.level);
}
END_TEST

START_TEST(nothing_is_lost_beyond_the_fifo)
{
	char text[101];

	for (unsigned i = 0; i < 100; i++)
		text[i] = (char)('A' + i % 26);
	text[100] = 0;
	out(2, 0x01);
	fake_serial_type(&line, text);
	ck_assert_uint_eq(line.in_at, 16);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_uint_eq(in(0), (uint8_t)text[i]);
	ck_assert_uint_eq(in(5) & 3, 0);
}
END_TEST

START_TEST(line_status_comes_first)
{
	out(1, 0x0f);
	out(0, 'x');
	chardev_break(&line.chardev);
	ck_assert_uint_eq(in(2), 0x06);
	ck_assert_uint_eq(in(5) & 0x11, 0x11);
	ck_assert_uint_eq(in(5) & 0x10, 0);
	ck_assert_uint_eq(in(2), 0x04);
	ck_assert_uint_eq(in(0), 0);
	ck_assert_uint_eq(in(2), 0x02);
	ck_assert_uint_eq(in(2), 0x01);
	ck_assert(!wire.level);
}
END_TEST

START_TEST(loop_back)
{
	ck_assert_uint_eq(in(6), 0xb0);
	out(1, 8);
	out(4, 0x10);
	ck_assert_uint_eq(in(6) & 0xf0, 0);
	ck_assert_uint_eq(in(6) & 0x0f, 0); /* reading has cleared the changes */
	out(4, 0x1a); /* RTS, OUT2: what Linux's 8250 probe checks */
	ck_assert(wire.level);
	ck_assert_uint_eq(in(2), 0x00);
	ck_assert_uint_eq(in(6), 0x99);
	ck_assert(!wire.level);
	out(4, 0x14); /* RI rises: no change is reported */
	ck_assert_uint_eq(in(6), 0x49);
	out(4, 0x10); /* RI falls */
	ck_assert_uint_eq(in(6), 0x04);
	out(0, 'q');
	ck_assert_uint_eq(line.out_n, 0);
	ck_assert_uint_eq(in(5) & 1, 1);
	ck_assert_uint_eq(in(0), 'q');
	out(0, '1');
	out(0, '2');
	ck_assert_uint_eq(in(5) & 2, 2); /* overrun */
	fake_serial_type(&line, "z"); /* the line is cut off meanwhile */
	ck_assert_uint_eq(line.in_at, 0);
	in(0);
	out(4, 0);
	ck_assert_uint_eq(in(0), 'z');
}
END_TEST

START_TEST(fifo_clear)
{
	out(2, 0x01);
	fake_serial_type(&line, "abc");
	out(2, 0x03);
	ck_assert_uint_eq(in(5) & 1, 0);
	fake_time_pass(&now, 1000000000);
	ck_assert(!wire.level);
}
END_TEST

START_TEST(fini_lets_go_of_the_chardev)
{
	dev_fini(&uart.dev);
	ck_assert_ptr_null(line.chardev.device);
	fake_serial_type(&line, "x"); /* nobody listens, nothing breaks */
	ck_assert_uint_eq(line.in_at, 0);
}
END_TEST

START_TEST(wired_to_the_board)
{
	rig_init(&rig, UINT64_C(16) << 20, _i);
	port_out(&rig, 0x3f8, 'A');
	port_out(&rig, 0x2f8, 'B');
	for (unsigned i = 0; i < 8; i++) /* 32-bit accesses, registers 8 bytes apart */
		mem_load(rig.map, 0x1f000900 + 8 * i, 4);
	mem_store(rig.map, 0x1f000900, 4, 'C');
	mem_store(rig.map, 0x1f000938, 4, 0x77);
	ck_assert_uint_eq(mem_load(rig.map, 0x1f000938, 4), 0x77);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(rig.serial[i].out_n, 1);
		ck_assert_uint_eq(rig.serial[i].out[0], 'A' + i);
	}
	mem_store(rig.map, 0x1f000908, 4, 2);
	ck_assert(rig.cpu_line[2]); /* IP4 */
	ck_assert(!rig.cpu_line[0]);
	mem_load(rig.map, 0x1f000910, 4);
	ck_assert(!rig.cpu_line[2]);
	rig_fini(&rig);
}
END_TEST

Suite *uart_suite(void)
{
	Suite *s = suite_create("uart");
	TCase *t = tcase_create("16550"), *b = tcase_create("board");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, registers_and_divisor);
	tcase_add_test(t, fifo_is_a_16550a);
	tcase_add_test(t, transmitter_interrupt);
	tcase_add_test(t, receiver_without_fifo);
	tcase_add_test(t, trigger_level_and_timeout);
	tcase_add_test(t, nothing_is_lost_beyond_the_fifo);
	tcase_add_test(t, line_status_comes_first);
	tcase_add_test(t, loop_back);
	tcase_add_test(t, fifo_clear);
	tcase_add_test(t, fini_lets_go_of_the_chardev);
	suite_add_tcase(s, t);
	tcase_add_loop_test(b, wired_to_the_board, 0, 2);
	suite_add_tcase(s, b);
	return s;
}
