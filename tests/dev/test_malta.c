/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Malta board: hand-off to a kernel, what firmware leaves behind, PCI, power and reset, and the pitfalls that stop kernels.  */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "isa/cpu.h"
#include "tests/dev/fakes.h"

Suite *malta_suite(void);

#define MIB (UINT64_C(1) << 20)

static struct rig rig;

static void set_up(void) { rig_init(&rig, 256 * MIB, false); }
static void tear_down(void) { rig_fini(&rig); }

static uint32_t gt(uint32_t reg) { return mem_load(rig.map, MALTA_GT + reg, 4); }
static void gt_set(uint32_t reg, uint32_t val) { mem_store(rig.map, MALTA_GT + reg, 4, val); }
static uint32_t fpga(uint32_t reg) { return mem_load(rig.map, 0x1f000000 + reg, 4); }

static uint32_t config(unsigned slot, unsigned fn, unsigned reg)
{
	gt_set(0xcf8, 0x80000000u | slot << 11 | fn << 8 | (reg & 0xfc));
	return gt(0xcfc);
}

static void config_set(unsigned slot, unsigned fn, unsigned reg, uint32_t val)
{
	gt_set(0xcf8, 0x80000000u | slot << 11 | fn << 8 | (reg & 0xfc));
	gt_set(0xcfc, val);
}

/* --- hand-off --- */

START_TEST(initrd_where_qemu_puts_it)
{
	static const struct { uint64_t ram, low, size, at; } want[] = {
		{ 256, 0x1000000, 1132839, 0x0fed0000 }, { 1024, 0x1000000, 1132839, 0x0fed0000 }, { 128, 0x1000000, 0x100000, 0x07ef0000 },
		{ 32, 0x1000000, 0xff0000, 0x1000000 }, { 32, 0x1000000, 0xff0001, 0 }, { 32, 0, UINT64_MAX - 5, 0 },
	};
	struct rig other;
	struct err e = ERR_INIT;
	gpa at = 0;
	enum status s;

	rig_init(&other, want[_i].ram * MIB, false);
	s = board_malta.place_initrd(other.board, want[_i].low, want[_i].size, &at, &e);
	ck_assert_int_eq(s, want[_i].at ? ST_OK : ST_FULL);
	ck_assert_uint_eq(at, want[_i].at);
	rig_fini(&other);
}
END_TEST

START_TEST(kernel_finds_arguments_and_environment)
{
	struct board_boot boot = { .entry = 0x80100400, .initrd = 0x0fed0000, .initrd_size = 1132839, .append = "console=ttyS0 nokaslr",
		.kernel = "vmlinuz" };
	struct board_entry entry;
	struct err e = ERR_INIT;
	static const char *const env[] = { "memsize", "268435456", "ememsize", "268435456", "modetty0", "38400n8r" };

	ck_assert_int_eq(board_malta.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_uint_eq(entry.pc, 0x80100400);
	ck_assert_uint_eq(entry.gpr[4], 2);
	ck_assert_uint_eq(entry.gpr[7], 256 * MIB);
	ck_assert_uint_eq(entry.gpr[29], 0x80001fc0);
	ck_assert_uint_eq(entry.status_clear, ST_ERL);
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[5])), "vmlinuz");
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[5] + 4)), "rd_start=0xffffffff8fed0000 rd_size=1132839 console=ttyS0 nokaslr");
	for (unsigned i = 0; i < ARRAY_LEN(env); i++)
		ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 4 * i)), env[i]);
	ck_assert_uint_eq(rig_word(&rig, entry.gpr[6] + 24), 0);
	boot.initrd_size = 0;
	boot.append = NULL;
	boot.kernel = NULL;
	ck_assert_int_eq(board_malta.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[5] + 4)), "");
}
END_TEST

START_TEST(environment_when_there_is_much_ram)
{
	struct board_boot boot = { .entry = 0x80100400 };
	struct board_entry entry;
	struct err e = ERR_INIT;

	rig_fini(&rig);
	rig_init(&rig, 2048 * MIB, true);
	ck_assert_int_eq(board_malta.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_uint_eq(entry.gpr[7], 256 * MIB);
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 4)), "268435456");
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 12)), "2147483648");
}
END_TEST

static void entropy(void *opaque, uint8_t *bytes, size_t n)
{
	(void)opaque;
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(0xa0 + i);
}

START_TEST(random_seed_if_there_is_one)
{
	struct board_boot boot = { .entry = 0x80100400 };
	struct board_entry entry;
	struct err e = ERR_INIT;

	rig.board->cfg.entropy = entropy;
	ck_assert_int_eq(board_malta.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 24)), "rngseed");
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[6] + 28)), "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf");
	ck_assert_uint_eq(rig_word(&rig, entry.gpr[6] + 32), 0);
}
END_TEST

START_TEST(long_command_lines)
{
	struct board_boot boot = { .entry = 0x80100400 };
	struct board_entry entry;
	struct err e = ERR_INIT;
	char line[4200];

	memset(line, 'x', sizeof line);
	line[4095] = 0;
	boot.append = line;
	ck_assert_int_eq(board_malta.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_str_eq(rig_string(&rig, rig_word(&rig, entry.gpr[5] + 4)), line);
	line[4095] = 'x';
	line[4096] = 0;
	ck_assert_int_eq(board_malta.boot(rig.board, &boot, &entry, &e), ST_FULL);
}
END_TEST

START_TEST(device_tree)
{
	struct board_boot boot = { .entry = 0x80100400 };
	struct board_entry entry;
	struct err e = ERR_INIT;

	ck_assert_int_eq(board_malta.place_dtb(rig.board, 0x1000000, 0x10001, &boot.dtb, &e), ST_FULL);
	ck_assert_int_eq(board_malta.place_dtb(rig.board, 0x1000000, 0x1000, &boot.dtb, &e), ST_OK);
	ck_assert_uint_eq(boot.dtb, 0x0fff0000);
	boot.dtb_size = 0x1000;
	ck_assert_int_eq(board_malta.boot(rig.board, &boot, &entry, &e), ST_OK);
	ck_assert_uint_eq(entry.gpr[4], 0xfffffffe);
	ck_assert_uint_eq(entry.gpr[5], 0x8fff0000);
}
END_TEST

START_TEST(impossible_amounts_of_ram)
{
	static const uint64_t bad[] = { 0, 1, MIB - 4096, MIB + 1, 2049 * MIB, UINT64_MAX, UINT64_C(1) << 63 };
	struct board_cfg cfg = rig.board->cfg;
	struct board *b = NULL;
	struct err e = ERR_INIT;

	cfg.ram_size = bad[_i];
	ck_assert_int_eq(board_malta.create(&cfg, &b, &e), ST_USAGE);
	ck_assert_ptr_null(b);
	ck_assert_ptr_null(strchr(e.text, '\n'));
}
END_TEST

START_TEST(memory_is_where_the_kernel_expects_it)
{
	rig_fini(&rig);
	rig_init(&rig, 1024 * MIB, false);
	mem_store(rig.map, 0x0ffffffc, 4, 1);
	mem_store(rig.map, 0x90000000, 4, 2);
	mem_store(rig.map, 0x90000000 + 768 * MIB - 4, 4, 3);
	mem_store(rig.map, 0xa0000000, 4, 4); /* byte 512 MiB of RAM */
	ck_assert_uint_eq(mem_load(rig.map, 0x8ffffffc, 4), 1); /* all RAM again from 2 GiB on */
	ck_assert_uint_eq(mem_load(rig.map, 0x20000000, 4), 4);
	ck_assert_uint_eq(mem_load(rig.map, 0x20000000 + 512 * MIB - 4, 4), 3);
	ck_assert_uint_eq(mem_load(rig.map, 0x90000000, 4), 2);
	ck_assert_uint_eq(mem_banks(rig.map), 3);
}
END_TEST

/* --- firmware's traces --- */

START_TEST(revision_word_selects_the_system_controller)
{
	rig_fini(&rig);
	rig_init(&rig, 16 * MIB, _i);
	ck_assert_uint_eq(mem_load(rig.map, 0x1fc00010, 4), 0x420);
	ck_assert_uint_eq(mem_load(rig.map, 0x1fc00504, 4) & 0xfff00003, 0xbfc00000);
	ck_assert_uint_eq(fpga(0x208), _i ? 0x12 : 0x10);
}
END_TEST

START_TEST(windows_as_the_boot_code_leaves_them)
{
	static const uint32_t want[][2] = {
		{ 0x048, 0xc0 }, { 0x050, 0x40 }, { 0x058, 0x80 }, { 0x060, 0x3f }, { 0x068, 0xdf }, { 0x080, 0xc1 }, { 0x088, 0x5e },
		{ 0x0f0, 0xc0 }, { 0xc00, 0x00010001 }, { 0xc04, 0x70f },
	};

	for (unsigned i = 0; i < ARRAY_LEN(want); i++)
		ck_assert_msg(gt(want[i][0]) == want[i][1], "register 0x%03x", want[i][0]);
	ck_assert_uint_eq(config(10, 0, 0x60), 0x0b0b0a0a);
	ck_assert_uint_eq(config(10, 0, 0xb0) & 0x10000, 0x10000);
	ck_assert_uint_eq(config(10, 3, 0x90), 0x1101);
}
END_TEST

START_TEST(registers_move_and_come_back)
{
	mem_store(rig.map, MALTA_GT + 0x68, 4, 0x14000000 >> 21);
	ck_assert_uint_eq(mem_load(rig.map, 0x14000000, 4), 0x1000);
	ck_assert_uint_eq(gt(0), 0); /* nobody is there any more */
	board_malta.reset(rig.board, RESET_WARM);
	ck_assert_uint_eq(mem_load(rig.map, 0x14000068, 4), 0xa0);
}
END_TEST

START_TEST(io_window_moves)
{
	port_out(&rig, 0x3ff, 0x5a);
	gt_set(0x048, 0x14200000 >> 21);
	gt_set(0x050, (0x14200000 >> 21) & 0x7f);
	ck_assert_uint_eq(gt(0x0f0), (0x14200000 >> 21) & 0x7ff);
	ck_assert_uint_eq(mem_load(rig.map, 0x142003ff, 1), 0x5a);
	gt_set(0x0f0, 0); /* as Linux does */
	ck_assert_uint_eq(mem_load(rig.map, 0x142003ff, 1), 0x5a);
	ck_assert_uint_eq(gt(0x048), 0x14200000 >> 21);
}
END_TEST

/* --- PCI --- */

START_TEST(pci_functions)
{
	static const struct { unsigned slot, fn; uint32_t id, class; } want[] = {
		{ 0, 0, 0x462011ab, 0x060000 }, { 10, 0, 0x71108086, 0x060100 }, { 10, 1, 0x71118086, 0x010180 },
		{ 10, 2, 0x71128086, 0x0c0300 }, { 10, 3, 0x71138086, 0x068000 },
	};
	unsigned found = 0;

	for (unsigned i = 0; i < ARRAY_LEN(want); i++) {
		ck_assert_uint_eq(config(want[i].slot, want[i].fn, 0), want[i].id);
		ck_assert_uint_eq(config(want[i].slot, want[i].fn, 8) >> 8, want[i].class);
	}
	for (unsigned slot = 0; slot < 31; slot++)
		for (unsigned fn = 0; fn < 8; fn++) {
			uint32_t id;

			gt_set(0xc18, 0); /* as Linux: clear the abort bits, look at them afterwards */
			id = config(slot, fn, 0);
			if (id == 0xffffffff) {
				ck_assert_uint_eq(gt(0xc18), 0x40000);
			} else {
				ck_assert_uint_eq(gt(0xc18), 0);
				found++;
			}
		}
	ck_assert_uint_eq(found, 5);
	ck_assert_uint_eq(config(10, 0, 0x0c) >> 16 & 0x80, 0x80); /* multi-function */
	gt_set(0xcf8, 0x80010000); /* bus 1 */
	ck_assert_uint_eq(gt(0xcfc), 0xffffffff);
	gt_set(0xcf8, 0);
	ck_assert_uint_eq(gt(0xcfc), 0);
}
END_TEST

START_TEST(pci_bar_sizing)
{
	config_set(10, 1, 0x20, 0xffffffff);
	ck_assert_uint_eq(config(10, 1, 0x20), 0xfff1);
	config_set(10, 2, 0x20, 0xffffffff);
	ck_assert_uint_eq(config(10, 2, 0x20), 0xffe1);
	for (unsigned bar = 0x10; bar < 0x28; bar += 4) { /* the bridge's do not move */
		uint32_t was = config(0, 0, bar);

		config_set(0, 0, bar, 0x1be00000);
		ck_assert_uint_eq(config(0, 0, bar), was);
	}
	ck_assert_uint_eq(config(0, 0, 0), 0x462011ab);
}
END_TEST

START_TEST(pci_regions_follow_their_configuration)
{
	port_out(&rig, 0x1040, 0);
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x1042, 2), 0xffff);
	config_set(10, 2, 0x20, 0x1040);
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x1042, 2), 0xffff); /* not before I/O is enabled */
	config_set(10, 2, 0x04, 1);
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x1042, 2), 0x0020); /* USBSTS: halted */
	config_set(10, 2, 0x20, 0x2000);
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x1042, 2), 0xffff);
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x2010, 4), 0x00800080);
}
END_TEST

START_TEST(pirq_reaches_the_processor)
{
	static const uint8_t icw[] = { 0x11, 0, 4, 1 };

	for (unsigned c = 0; c < 2; c++)
		for (unsigned i = 0; i < 4; i++)
			port_out(&rig, (c ? 0xa0u : 0x20u) + (i > 0), (uint8_t)(i == 1 ? 8 * c : i == 2 && c ? 2 : icw[i]));
	port_out(&rig, 0x21, 0);
	port_out(&rig, 0xa1, 0);
	port_out(&rig, 0x4d1, 0x0c);
	piix4_pirq(&rig.malta->piix4, 2, true); /* C: interrupt 11 */
	ck_assert(rig.cpu_line[0]);
	ck_assert_uint_eq(gt(0xc34), 11);
	piix4_pirq(&rig.malta->piix4, 3, true); /* D shares it */
	piix4_pirq(&rig.malta->piix4, 2, false);
	ck_assert(rig.malta->pic[1].lines & 8);
	config_set(10, 0, 0x60, 0x8a0b0a0a); /* D is disconnected */
	ck_assert(!(rig.malta->pic[1].lines & 8));
	config_set(10, 0, 0x60, 0x0a0b0a0a);
	ck_assert(rig.malta->pic[1].lines & 4);
	piix4_pirq(&rig.malta->piix4, 3, false);
	ck_assert_uint_eq(rig.malta->pic[1].lines, 0);
}
END_TEST

START_TEST(big_endian_configuration_cycles)
{
	rig_fini(&rig);
	rig_init(&rig, 16 * MIB, true);
	ck_assert_uint_eq(gt(0xc00), 0);
	ck_assert_uint_eq(gt(0xc04), 0x70f);
	ck_assert_uint_eq(config(10, 0, 0), 0x71108086);
	gt_set(0xcf8, 0x80005060);
	ck_assert_uint_eq(gt(0xcfc), 0x0b0b0a0a);
	/* Ports are little end first whoever asks.  */
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x70, 1), 0xff);
	port_out(&rig, 0x3ff, 0x12);
	ck_assert_uint_eq(port_in(&rig, 0x3ff), 0x12);
}
END_TEST

/* --- power, reset --- */

START_TEST(power_off)
{
	config_set(10, 3, 0x40, 0x1000); /* as Linux's early fix-up */
	config_set(10, 3, 0x80, config(10, 3, 0x80) | 1);
	ck_assert_uint_eq(config(10, 3, 0x40), 0x1001);
	*reg_value(&rig.malta->piix4.pm, 0) = 0x100;
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x1000, 2), 0x100);
	mem_store(rig.map, MALTA_PCI_IO + 0x1000, 2, 0x100); /* the driver repeats this until it reads 0 */
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x1000, 2), 0);
	mem_store(rig.map, MALTA_PCI_IO + 0x1004, 2, 0x0400); /* a type, but no trigger */
	mem_store(rig.map, MALTA_PCI_IO + 0x1004, 2, 0x2400); /* suspend is not off */
	ck_assert_uint_eq(rig.poweroffs, 0);
	mem_store(rig.map, MALTA_PCI_IO + 0x1004, 2, 0x2000);
	ck_assert_uint_eq(rig.poweroffs, 1);
	ck_assert_uint_eq(rig.resets, 0);
}
END_TEST

START_TEST(pm_timer_runs)
{
	uint32_t a, b;

	config_set(10, 3, 0x40, 0x1000);
	config_set(10, 3, 0x80, 1);
	a = mem_load(rig.map, MALTA_PCI_IO + 0x1008, 4);
	fake_time_pass(&rig.time, NS_PER_S);
	b = mem_load(rig.map, MALTA_PCI_IO + 0x1008, 4);
	ck_assert_uint_eq(((b - a) & 0xffffff), 3579545);
}
END_TEST

START_TEST(softres_resets_and_does_not_read_back)
{
	ck_assert_uint_eq(fpga(0x500), 0);
	mem_store(rig.map, 0x1f000500, 4, 0x41);
	ck_assert_uint_eq(rig.resets, 0);
	mem_store(rig.map, 0x1f000500, 4, 0x42);
	ck_assert_uint_eq(rig.resets, 1);
	ck_assert_uint_ne(fpga(0x500), 0x42); /* else a reboot driver skips its write */
}
END_TEST

START_TEST(reset_control_port)
{
	port_out(&rig, 0xcf9, 0x02);
	ck_assert_uint_eq(rig.resets, 0);
	port_out(&rig, 0xcf9, 0x06);
	ck_assert_uint_eq(rig.resets, 1);
	ck_assert_uint_eq(port_in(&rig, 0xcf9), 0x02);
}
END_TEST

START_TEST(reset_lets_go_of_all_wires)
{
	port_out(&rig, 0x3f9, 2);
	mem_store(rig.map, 0x1f000908, 4, 2);
	port_out(&rig, 0x43, 0x30);
	port_out(&rig, 0x40, 1);
	port_out(&rig, 0x40, 0);
	fake_time_pass(&rig.time, NS_PER_S);
	ck_assert(rig.cpu_line[2] && rig.cpu_line[0]);
	board_malta.reset(rig.board, RESET_WARM);
	for (unsigned i = 0; i < 6; i++)
		ck_assert(!rig.cpu_line[i]);
	ck_assert_uint_eq(clock_next_deadline(&rig.time.clock), CLOCK_NEVER);
}
END_TEST

START_TEST(destroy_leaves_no_timer_behind)
{
	struct rig other;

	rig_init(&other, 16 * MIB, false);
	port_out(&other, 0x43, 0x34);
	port_out(&other, 0x40, 0);
	port_out(&other, 0x40, 1);
	port_out(&other, 0x70, 0x0b);
	port_out(&other, 0x71, 0x72);
	ck_assert_uint_ne(clock_next_deadline(&other.time.clock), CLOCK_NEVER);
	rig_fini(&other);
	ck_assert_uint_eq(clock_next_deadline(&other.time.clock), CLOCK_NEVER);
	board_malta.destroy(NULL);
}
END_TEST

/* --- what is not there --- */

START_TEST(nothing_reads_as_nothing)
{
	static const uint32_t zero[] = { 0x1e400000, 0x1f100000, 0x1fbf8000, 0x1f800000 };

	for (unsigned i = 0; i < ARRAY_LEN(zero); i++) {
		mem_store(rig.map, zero[i], 4, 0xdeadbeef);
		ck_assert_uint_eq(mem_load(rig.map, zero[i], 4), 0);
	}
	ck_assert_uint_eq(mem_load(rig.map, 0x10000000, 4), 0xffffffff); /* PCI memory: master abort */
	ck_assert_uint_eq(port_in(&rig, 0x1f7), 0xff); /* no drive */
	ck_assert_uint_eq(mem_load(rig.map, MALTA_PCI_IO + 0x170, 4), 0xffffffff);
	ck_assert_uint_eq(mem_load(rig.map, UINT64_C(0xfffffffff), 1), 0);
}
END_TEST

START_TEST(fpga_displays_and_pins)
{
	ck_assert_uint_eq(fpga(0x210) & 0x1c, 0); /* 33 MHz, else Linux appends pci_clock= */
	ck_assert_uint_eq(fpga(0x508), 0x0a);
	mem_store(rig.map, 0x1f000410, 4, 0x1234abcd);
	ck_assert_str_eq(rig.malta->fpga.text, "1234ABCD");
	for (unsigned i = 0; i < 8; i++)
		mem_store(rig.map, 0x1f000418 + 8 * i, 4, (uint32_t)"LINUX \x01 "[i]);
	ck_assert_str_eq(rig.malta->fpga.text, "LINUX   ");
	ck_assert_uint_eq(fpga(0xb00), 3); /* I2C lines idle high */
	mem_store(rig.map, 0x1f000b10, 4, 0);
	mem_store(rig.map, 0x1f000b08, 4, 1);
	ck_assert_uint_eq(fpga(0xb00), 2);
	mem_store(rig.map, 0x1f000b08, 4, 0);
	ck_assert_uint_eq(fpga(0xb00), 3);
}
END_TEST

START_TEST(flash_answers_as_intel_chips)
{
	const uint32_t at = 0x1e000000;

	ck_assert_uint_eq(mem_load(rig.map, at, 4), 0xffffffff);
	mem_store(rig.map, at + 0x55 * 4, 4, 0x00980098);
	ck_assert_uint_eq(mem_load(rig.map, at + 0x10 * 4, 4), 0x00510051);
	ck_assert_uint_eq(mem_load(rig.map, at + 0x11 * 4, 4), 0x00520052);
	ck_assert_uint_eq(mem_load(rig.map, at + 0x27 * 4, 2), 21); /* 2 MiB a chip */
	ck_assert_uint_eq((mem_load(rig.map, at + 0x2d * 4, 2) + 1) * 2 * 65536, 0x400000);
	mem_store(rig.map, at, 4, 0x00900090);
	ck_assert_uint_eq(mem_load(rig.map, at, 4), 0x00890089);
	mem_store(rig.map, at + 0x20000, 4, 0x00400040);
	mem_store(rig.map, at + 0x20000, 4, 0x12345678);
	ck_assert_uint_eq(mem_load(rig.map, at, 4), 0x00800080);
	mem_store(rig.map, at, 4, 0x00ff00ff);
	ck_assert_uint_eq(mem_load(rig.map, at + 0x20000, 4), 0x12345678);
	ck_assert_uint_eq(mem_load(rig.map, at + 0x20003, 1), 0x12);
	mem_store(rig.map, at + 0x20000, 4, 0x00400040);
	mem_store(rig.map, at + 0x20000, 4, 0xffff00ff); /* only clears */
	mem_store(rig.map, at, 4, 0x00ff00ff);
	ck_assert_uint_eq(mem_load(rig.map, at + 0x20000, 4), 0x12340078);
	mem_store(rig.map, at + 0x20000, 4, 0x00200020);
	mem_store(rig.map, at + 0x20000, 4, 0x00550055); /* not a confirmation */
	ck_assert_uint_eq(mem_load(rig.map, at, 2) & 0x30, 0x30);
	mem_store(rig.map, at, 4, 0x00500050);
	mem_store(rig.map, at + 0x20000, 4, 0x00200020);
	mem_store(rig.map, at + 0x20000, 4, 0x00d000d0);
	ck_assert_uint_eq(mem_load(rig.map, at, 2), 0x80);
	mem_store(rig.map, at, 4, 0x00ff00ff);
	ck_assert_uint_eq(mem_load(rig.map, at + 0x20000, 4), 0xffffffff);
}
END_TEST

Suite *malta_suite(void)
{
	Suite *s = suite_create("malta");
	TCase *h = tcase_create("hand-off"), *f = tcase_create("firmware"), *p = tcase_create("PCI"), *w = tcase_create("power"),
		*d = tcase_create("devices");

	tcase_add_checked_fixture(h, set_up, tear_down);
	tcase_add_loop_test(h, initrd_where_qemu_puts_it, 0, 6);
	tcase_add_test(h, kernel_finds_arguments_and_environment);
	tcase_add_test(h, environment_when_there_is_much_ram);
	tcase_add_test(h, random_seed_if_there_is_one);
	tcase_add_test(h, long_command_lines);
	tcase_add_test(h, device_tree);
	tcase_add_loop_test(h, impossible_amounts_of_ram, 0, 7);
	tcase_add_test(h, memory_is_where_the_kernel_expects_it);
	suite_add_tcase(s, h);
	tcase_add_checked_fixture(f, set_up, tear_down);
	tcase_add_loop_test(f, revision_word_selects_the_system_controller, 0, 2);
	tcase_add_test(f, windows_as_the_boot_code_leaves_them);
	tcase_add_test(f, registers_move_and_come_back);
	tcase_add_test(f, io_window_moves);
	suite_add_tcase(s, f);
	tcase_add_checked_fixture(p, set_up, tear_down);
	tcase_add_test(p, pci_functions);
	tcase_add_test(p, pci_bar_sizing);
	tcase_add_test(p, pci_regions_follow_their_configuration);
	tcase_add_test(p, pirq_reaches_the_processor);
	tcase_add_test(p, big_endian_configuration_cycles);
	suite_add_tcase(s, p);
	tcase_add_checked_fixture(w, set_up, tear_down);
	tcase_add_test(w, power_off);
	tcase_add_test(w, pm_timer_runs);
	tcase_add_test(w, softres_resets_and_does_not_read_back);
	tcase_add_test(w, reset_control_port);
	tcase_add_test(w, reset_lets_go_of_all_wires);
	tcase_add_test(w, destroy_leaves_no_timer_behind);
	suite_add_tcase(s, w);
	tcase_add_checked_fixture(d, set_up, tear_down);
	tcase_add_test(d, nothing_reads_as_nothing);
	tcase_add_test(d, fpga_displays_and_pins);
	tcase_add_test(d, flash_answers_as_intel_chips);
	suite_add_tcase(s, d);
	return s;
}
