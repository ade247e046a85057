/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Pb1500 board: what is where, which wire ends where, and the hand-off to a kernel that is started without a monitor.  */
#include <check.h>
#include <string.h>

#include "isa/cpu.h"
#include "tests/dev/fakes.h"

Suite *pb1500_suite(void);

#define MIB (UINT64_C(1) << 20)
#define IC0 0x10400000u
#define IC1 0x11800000u
#define SYS 0x11900000u
#define UART0 0x11100000u
#define UART3 0x11400000u
#define BCSR 0x0e000000u

enum { CFG0 = 0x40, CFG1 = 0x48, CFG2 = 0x50, REQ0INT = 0x54, SRC = 0x58, REQ1INT = 0x5c, ASSIGN = 0x60, MASK = 0x70 };
enum { IP2, IP3, IP4, IP5 };

static struct rig rig;

static void set_up(void) { rig_init_board(&rig, &board_pb1500, 64 * MIB, false); }
static void tear_down(void) { rig_fini(&rig); }

static uint32_t load(gpa pa) { return mem_load(rig.map, pa, 4); }
static void store(gpa pa, uint32_t val) { mem_store(rig.map, pa, 4, val); }

/* --- map --- */

START_TEST(where_nothing_is)
{
	static const gpa at[] = {
		0x04000000, 0x0c000200, 0x0e000020, 0x0f00000c, 0x10300000, 0x11000000, 0x11200000, 0x12000000, 0x14003000, 0x15000000,
		0x1a000000, 0x1b000000, 0x1b0001f0, 0x20000000, 0x40000000, 0x1fffffffcull, 0x300000000, 0xe1b000000, 0xf00000000, 0xf40000000,
		0xf80000000, 0xffffffffcull,
	};
	gpa pa = at[_i];

	for (unsigned width = 1; width <= 4; width *= 2) {
		mem_store(rig.map, pa, width, UINT32_MAX);
		ck_assert_uint_eq(mem_load(rig.map, pa, width), 0); /* power-save status of the S1D13806 among them, which is polled */
	}
}
END_TEST

/* By a register that reads as nothing else does there.  */
START_TEST(each_device_is_where_linux_has_it)
{
	static const struct { gpa pa; uint32_t set, mask, value; } want[] = {
		{ 0x0c000028, 0x26, 0x7f, 0x26 },             /* clock chip, register A */
		{ 0x0f000000, 0xa5, ~0u, 0xa5 },              /* hexadecimal digits */
		{ 0x10000010, 2, ~0u, 2 },                    /* AC97: enable */
		{ 0x10100000, 0, 0xff, 0x10 },                /* OHCI: revision */
		{ 0x1017fffc, 0xc, ~0u, 0x1c },               /* USB host: clock, enable; reset done */
		{ 0x11700008, 0x00030002, ~0u, 2 },           /* GPIO2: output */
		{ 0x1400000c, 0x001003f8, ~0u, 0x001003f8 },  /* SDADDR0 */
		{ 0x14001018, 0x10c03f00, ~0u, 0x10c03f00 },  /* STADDR1 */
		{ 0x14002000, 0, ~0u, 0x40 }, { 0x14002700, 0, ~0u, 0x40 }, /* DMA 0 and 7: halted */
		{ 0x14005100, 0, 0xffff, 0x1755 },            /* PCI: vendor */
		{ 0x16000000, 0, ~0u, 0x74726976 }, { 0x16001000, 0, ~0u, 0x74726976 }, { 0x16002000, 0, ~0u, 0x74726976 },
	};

	store(want[_i].pa, want[_i].set);
	ck_assert_uint_eq(load(want[_i].pa) & want[_i].mask, want[_i].value);
}
END_TEST

/* 36-bit addresses: as pci-alchemy.c and ioremap make them.  */
START_TEST(pci_is_above_32_bits)
{
	static const gpa at[] = { 0x400000000, 0x440000000, 0x4fffffffc, 0x500001000, 0x600800000, 0x601000000, 0x680000000 };

	store(0x14005104, 0x20000356);
	ck_assert_uint_eq(load(0x14005104) >> 28, 0);
	ck_assert_uint_eq(load(at[_i]), 0xffffffff);
	ck_assert_uint_eq(load(0x14005104) >> 28, 2);
}
END_TEST

START_TEST(ram_ends_where_it_ends)
{
	store(64 * MIB - 4, 0x12345678);
	ck_assert_uint_eq(load(64 * MIB - 4), 0x12345678);
	store(64 * MIB, 0x12345678);
	ck_assert_uint_eq(load(64 * MIB), 0);
}
END_TEST

START_TEST(amounts_of_ram)
{
	static const struct { uint64_t size; enum status s; } want[] = {
		{ 1, ST_USAGE }, { 0, ST_USAGE }, { 1 * MIB, ST_OK }, { 192 * MIB, ST_OK }, { 193 * MIB, ST_USAGE }, { 64 * MIB + 4096, ST_USAGE },
		{ UINT64_MAX, ST_USAGE },
	};
	struct board_cfg cfg = { .ram_size = want[_i].size, .clock = &rig.time.clock };
	struct board *b = NULL;
	struct err e = ERR_INIT;

	ck_assert_int_eq(board_pb1500.create(&cfg, &b, &e), want[_i].s);
	if (want[_i].s == ST_OK)
		ck_assert(mem_is_ram(b->map, want[_i].size - 1, 1) && !mem_is_ram(b->map, want[_i].size, 1));
	board_pb1500.destroy(b);
}
END_TEST

START_TEST(monitor_area_is_in_the_flash)
{
	static const uint8_t code[] = { 1, 2, 3, 4 };
	struct err e = ERR_INIT;

	ck_assert_uint_eq(board_pb1500.monitor, 0x1fc00000);
	ck_assert_int_eq(mem_write(rig.map, board_pb1500.monitor, code, sizeof code, &e), ST_OK);
	rig_reset(&rig, RESET_COLD);
	ck_assert_uint_eq(load(0x1fc00000), 0x04030201);
	store(0x1fc00000, 0); /* flash takes commands, not data */
	store(0x1fc00000, 0xf0f0f0f0);
	ck_assert_uint_eq(load(0x1fc00000), 0x04030201);
}
END_TEST

/* --- wires --- */

/* As Linux sets an input up: its type, then enabled; every input has its real source.  */
static void listen(uint32_t ic, unsigned line, unsigned type, bool request0)
{
	store(ic + SRC, UINT32_MAX);
	for (unsigned i = 0; i < 3; i++)
		store(ic + CFG0 + 8 * i + (type >> i & 1 ? 0 : 4), 1u << line);
	store(ic + ASSIGN + (request0 ? 0 : 4), 1u << line);
	store(ic + MASK, 1u << line);
}

START_TEST(uarts_interrupt)
{
	static const struct { uint32_t uart; unsigned line; } want[] = { { UART0, 0 }, { UART3, 3 } };

	listen(IC0, want[_i].line, 5, false);
	store(want[_i].uart + 0x100, 1);
	store(want[_i].uart + 0x100, 3);
	store(want[_i].uart + 0x08, 2);
	ck_assert_uint_eq(load(IC0 + REQ1INT), 1u << want[_i].line);
	ck_assert(rig.cpu_line[IP3] && !rig.cpu_line[IP2]);
	ck_assert_uint_eq(load(want[_i].uart + 0x0c) & 15, 2);
	ck_assert(!rig.cpu_line[IP3]);
	store(want[_i].uart + 0x04, 'k');
	ck_assert_uint_eq(rig.serial[_i].out[0], 'k');
}
END_TEST

START_TEST(each_mac_has_its_parts_and_its_input)
{
	uint32_t regs = _i ? 0x11510000 : 0x11500000, enable = _i ? 0x11520004 : 0x11520000;
	uint32_t dma = _i ? 0x14004200 : 0x14004000, line = 28u + (unsigned)_i;
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct err e = ERR_INIT;

	listen(IC0, line, 5, true);
	store(enable, 0x33);
	store(regs + 0x14, 31 << 11 | 2 << 6);
	ck_assert_uint_eq(load(regs + 0x18), 0x0022);
	ck_assert_int_eq(mem_write(rig.map, 0x10000, frame, sizeof frame, &e), ST_OK);
	store(regs, 0x0c);
	store(dma + 8, sizeof frame);
	store(dma + 4, 0x10001);
	ck_assert_uint_eq(rig.nic[_i].n, 1);
	ck_assert_uint_eq(rig.nic[1 - _i].n, 0);
	ck_assert(!memcmp(rig.nic[_i].frame[0], frame, sizeof frame));
	ck_assert_uint_eq(load(IC0 + REQ0INT), 1u << line);
	ck_assert(rig.cpu_line[IP2]);
	store(dma + 4, 0x10000);
	ck_assert(!rig.cpu_line[IP2]);
	store(dma + 0x104, 0x20001);
	nic_deliver(&rig.nic[_i].nic, frame, sizeof frame);
	ck_assert_uint_eq(load(dma + 0x100), 0x50000000 | (sizeof frame + 4));
	ck_assert_uint_eq(load(0x20000), 0xffffffff);
	ck_assert(rig.cpu_line[IP2]);
	rig_reset(&rig, RESET_WARM);
	ck_assert(!rig.cpu_line[IP2]);
	ck_assert_uint_eq(load(enable), 0);
}
END_TEST

/* Where a store of the processor is a command, a frame is nothing: it is missed, and one from there is not sent.  */
START_TEST(no_frame_gets_into_the_flash)
{
	static const uint32_t at[] = { 0x1c000000, 0x1dfffff0, 0x1fc00000, 0x1fffffe0, 64 * MIB - 32, 0x11100000 };
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint32_t dma = 0x14004000, to = at[_i] & ~31u;

	store(0x11520000, 0x33);
	store(0x11500000, 0x0c);
	store(dma + 0x104, to | 1);
	nic_deliver(&rig.nic[0].nic, frame, sizeof frame);
	ck_assert_uint_eq(load(dma + 0x100) >> 31, 1);
	ck_assert_uint_eq(load(dma + 0x104) & 3, 2);
	store(dma + 8, sizeof frame);
	store(dma + 4, to | 1);
	ck_assert_uint_eq(load(dma), 0x81);
	ck_assert_uint_eq(rig.nic[0].n, 0);
	if (to >= 0x1c000000)
		ck_assert_uint_eq(load(to), 0xffffffff);
	ck_assert_uint_eq(load(64 * MIB - 32), 0);
}
END_TEST

START_TEST(the_tick_of_linux)
{
	listen(IC0, 21, 1, true);
	store(SYS + 0x44, 0);
	store(SYS + 0x48, 0);
	store(SYS + 0x54, load(SYS + 0x58) + 328);
	fake_time_pass(&rig.time, ticks_to_ns(328, 32768) - 1);
	ck_assert(!rig.cpu_line[IP2]);
	fake_time_pass(&rig.time, 1);
	ck_assert(rig.cpu_line[IP2]);
	ck_assert_uint_eq(load(IC0 + REQ0INT), 1u << 21);
	store(IC0 + 0x7c, 1u << 21);
	store(IC0 + 0x78, 1u << 21);
	ck_assert(!rig.cpu_line[IP2]);
}
END_TEST

/* TOY match 0..2: inputs 15..17; RTC match 0..2: 19..21.  */
START_TEST(each_match_has_its_input)
{
	for (unsigned i = 0; i < 6; i++) {
		listen(IC0, (i < 3 ? 15 : 16) + i, 1, true);
		store(SYS + (i < 3 ? 0x08 : 0x4c - 12) + 4 * i, load(SYS + (i < 3 ? 0x40 : 0x58)));
		ck_assert_uint_eq(load(IC0 + REQ0INT), 1u << ((i < 3 ? 15 : 16) + i));
		store(IC0 + 0x78, UINT32_MAX);
	}
}
END_TEST

START_TEST(gpio_pins_reach_controller_1)
{
	for (unsigned pin = 0; pin < 31; pin++) { /* input 31 is something else, and low when idle */
		bool wired = pin < 16 || pin == 20 || (pin >= 23 && pin <= 28);

		listen(IC1, pin, 6, false);
		ck_assert_uint_eq(load(IC1 + REQ1INT), 0);
		store(SYS + 0x10c, 1u << pin);
		ck_assert_uint_eq(load(IC1 + REQ1INT), wired ? 1u << pin : 0);
		ck_assert_uint_eq(rig.cpu_line[IP5], wired);
		store(SYS + 0x100, 1u << pin);
		ck_assert(!rig.cpu_line[IP5]);
	}
}
END_TEST

START_TEST(nothing_storms)
{
	/* Inputs of IC0 that Linux has active low; all of IC1 as if they were.  */
	static const unsigned low[] = { 1, 2, 4, 5, 26 };

	for (unsigned i = 0; i < ARRAY_LEN(low); i++)
		listen(IC0, low[i], 6, false);
	for (unsigned i = 0; i < 31; i++)
		listen(IC1, i, 6, false);
	for (unsigned i = 0; i < ARRAY_LEN(rig.cpu_line); i++)
		ck_assert(!rig.cpu_line[i]);
	ck_assert_uint_eq(load(SYS + 0x110) & 1, 1); /* no PCMCIA card */
}
END_TEST

START_TEST(reset_and_power)
{
	store(SYS + 0x18, 77);
	mem_store(rig.map, BCSR + 0x0c, 2, 0);
	mem_store(rig.map, BCSR + 0x1c, 2, 0);
	ck_assert_uint_eq(rig.resets, 1);
	rig_reset(&rig, RESET_WARM);
	ck_assert_uint_eq(load(SYS + 0x18), 77);
	ck_assert_uint_eq(load(IC0 + MASK), 0);
	mem_store(rig.map, BCSR + 0x1c, 2, 0xc000);
	ck_assert_uint_eq(rig.poweroffs, 1);
	ck_assert_uint_eq(rig.resets, 1);
}
END_TEST

/* --- hand-off --- */

START_TEST(kernel_finds_arguments_and_environment)
{
	struct board_boot boot = { .entry = 0x80100400, .initrd = 0x03000000, .initrd_size = 0x1234, .append = "console=ttyS0,115200",
		.kernel = "vmlinux" };
	static const uint8_t mac[6] = { 0x02, 0x00, 0x5e, 0xaa, 0xbb, 0xfe };
	struct board_entry entry;
	struct err e = ERR_INIT;

	ck_assert_int_eq(board_pb1500.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_uint_eq(entry.pc, 0x80100400);
	ck_assert_uint_eq(entry.gpr[4], 2);
	ck_assert_uint_eq(entry.gpr[7], 64 * MIB);
	ck_assert_uint_eq(entry.status_clear, ST_ERL);
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[5])), "vmlinux");
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[5] + 4)), "rd_start=0xffffffff83000000 rd_size=4660 console=ttyS0,115200");
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6])), "memsize"); /* without '=': pairs, as YAMON's */
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 4)), "0x04000000");
	ck_assert_uint_eq(rig_word(&rig, entry.gpr[6] + 8), 0);
	memcpy(rig.board->cfg.mac[0], mac, sizeof mac);
	ck_assert_int_eq(board_pb1500.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 8)), "ethaddr");
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 12)), "02.00.5e.aa.bb.fe");
	ck_assert_uint_eq(rig_word(&rig, entry.gpr[6] + 16), 0);
}
END_TEST

START_TEST(what_a_monitor_leaves_behind)
{
	ck_assert_uint_eq(load(SYS + 0x14) & 0x2920, 0x2920);
	ck_assert_uint_eq(load(SYS + 0x60), 33);
	ck_assert_uint_eq(load(SYS + 0x64), 8);
	ck_assert_uint_eq(load(SYS + 0x3c) & 3, 0);
	ck_assert_uint_eq(load(UART0 + 0x100), 3);
	ck_assert_uint_eq(load(UART0 + 0x28), 54);
	ck_assert_uint_eq(mem_load(rig.map, BCSR + 0x0c, 2), 7);
	ck_assert_uint_eq(load(0x14001008), 0x11c03f00);
	ck_assert_uint_eq(load(0x14001000) & 0x800, 0); /* LCLK is a quarter */
	store(UART0 + 4, '!');
	ck_assert_uint_eq(rig.serial[0].out_n, 1);
	fake_time_pass(&rig.time, NS_PER_S);
	ck_assert_uint_eq(load(SYS + 0x58), 32768);
	ck_assert_uint_eq(load(SYS + 0x40), 1000000001);
}
END_TEST

START_TEST(big_endian_board)
{
	rig_fini(&rig);
	rig_init_board(&rig, &board_pb1500, 64 * MIB, true);
	ck_assert_uint_eq(load(SYS + 0x38), 0);
	ck_assert_uint_eq(mem_load(rig.map, BCSR, 2) >> 8, 1);
	ck_assert_uint_eq(load(64 * MIB - 0x10000) & 0xffff0000, 0x83ff0000); /* argv[0], as the processor reads it */
}
END_TEST

START_TEST(initrd_and_device_tree)
{
	static const struct { uint64_t low, size, at; } want[] = {
		{ 0x1000000, 0x100000, 0x3ef0000 }, { 0x1000000, 0x100001, 0x3ee0000 }, { 0x1000000, 0x2ff0000, 0x1000000 },
		{ 0x1000000, 0x2ff0001, 0 }, { 0, UINT64_MAX, 0 }, { 64 * MIB + 1, 1, 0 },
	};
	struct err e = ERR_INIT;
	gpa at = 0;

	for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
		at = 0;
		ck_assert_int_eq(board_pb1500.place_initrd(rig.board, want[i].low, want[i].size, &at, &e), want[i].at ? ST_OK : ST_FULL);
		ck_assert_uint_eq(at, want[i].at);
	}
	ck_assert_int_eq(board_pb1500.place_dtb(rig.board, 0, 4096, &at, &e), ST_UNSUPPORTED);
}
END_TEST

Suite *pb1500_suite(void)
{
	Suite *s = suite_create("pb1500");
	TCase *t = tcase_create("board");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, where_nothing_is, 0, 22);
	tcase_add_loop_test(t, each_device_is_where_linux_has_it, 0, 14);
	tcase_add_loop_test(t, pci_is_above_32_bits, 0, 7);
	tcase_add_test(t, ram_ends_where_it_ends);
	tcase_add_loop_test(t, amounts_of_ram, 0, 7);
	tcase_add_test(t, monitor_area_is_in_the_flash);
	tcase_add_loop_test(t, uarts_interrupt, 0, 2);
	tcase_add_loop_test(t, each_mac_has_its_parts_and_its_input, 0, 2);
	tcase_add_loop_test(t, no_frame_gets_into_the_flash, 0, 6);
	tcase_add_test(t, the_tick_of_linux);
	tcase_add_test(t, each_match_has_its_input);
	tcase_add_test(t, gpio_pins_reach_controller_1);
	tcase_add_test(t, nothing_storms);
	tcase_add_test(t, reset_and_power);
	tcase_add_test(t, kernel_finds_arguments_and_environment);
	tcase_add_test(t, what_a_monitor_leaves_behind);
	tcase_add_test(t, big_endian_board);
	tcase_add_test(t, initrd_and_device_tree);
	suite_add_tcase(s, t);
	return s;
}
