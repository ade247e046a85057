/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor's start-up code, interpreted, on boards that the emulator has not got: memories whose addresses wrap around, buses that
 * answer with what was last on them, and a processor that wakes from sleep.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/elf32.h"
#include "firmware/pb1500.h"
#include "isa/cpu.h"
#include "isa/interp.h"
#include "isa/tlb.h"
#include "tests/harness/suites.h"

Suite *start_suite(void);

#define MONITOR "build/firmware/monitor.elf"
#define STEPS_MAX 4000000u

enum beyond { ZEROS, ONES, LAST_VALUE, WRAPS };

static struct {
	struct cpu cpu;
	struct elf32 *elf;
	uint8_t flash[FLASH_MONITOR_SIZE], flash_flags[FLASH_MONITOR_SIZE / GUEST_PAGE_SIZE];
	uint8_t *ram;
	uint32_t ram_size;
	enum beyond beyond;
	uint32_t bus;          /* the value of the last access */
	unsigned long ram_stores;
	uint32_t wakesrc, scratch1;
	char said[256];
	size_t nsaid;
	uint64_t now_ns;
} board;

/* Where an access to the addresses of RAM ends; NULL: nowhere.  */
static uint8_t *ram(gpa pa)
{
	if (pa >= RAM_MAX_SIZE)
		return NULL;
	if (pa < board.ram_size)
		return board.ram + pa;
	return board.beyond == WRAPS ? board.ram + pa % board.ram_size : NULL;
}

static uint32_t io_load(struct cpu *c, gpa pa, unsigned size)
{
	uint8_t *p = ram(pa);
	uint32_t v = 0;

	(void)c;
	if (p)
		memcpy(&v, p, size);
	else if (pa < RAM_MAX_SIZE)
		v = board.beyond == ONES ? UINT32_MAX : board.beyond == LAST_VALUE ? board.bus : 0;
	else if (pa == AU_SYS + SYS_WAKESRC)
		v = board.wakesrc;
	else if (pa == AU_SYS + SYS_SCRATCH1)
		v = board.scratch1;
	else if (pa == AU_UART0 + UART_LSR)
		v = LSR_THRE;
	board.bus = v;
	return v;
}

static void io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	uint8_t *p = ram(pa);

	(void)c;
	board.bus = value;
	if (p)
		memcpy(p, &value, size);
	if (pa < RAM_MAX_SIZE)
		board.ram_stores++;
	if (pa == AU_SYS + SYS_SCRATCH1)
		board.scratch1 = value;
	if (pa == AU_UART0 + UART_TX && board.nsaid < sizeof(board.said) - 1)
		board.said[board.nsaid++] = (char)value;
}

static void code_write(struct cpu *c, gpa pa, unsigned size)
{
	(void)c;
	(void)pa;
	(void)size;
}

static void cache_hint(struct cpu *c, gva va)
{
	(void)c;
	(void)va;
}

static void tlb_entry(struct cpu *c, const struct tlb_entry *e)
{
	(void)c;
	(void)e;
}

static void mode_changed(struct cpu *c) { (void)c; }

static uint64_t now_ns(struct cpu *c)
{
	(void)c;
	return board.now_ns += 10000;
}

static void timer_set(struct cpu *c, uint64_t when)
{
	(void)c;
	(void)when;
}

static const struct cpu_hooks hooks = {
	.io_load = io_load, .io_store = io_store, .code_write = code_write, .cache_hint = cache_hint, .tlb_dropped = tlb_entry,
	.tlb_written = tlb_entry, .mode_changed = mode_changed, .now_ns = now_ns, .timer_set = timer_set,
};

static uint32_t symbol(const char *name)
{
	for (unsigned i = 0; i < board.elf->nsymbols; i++)
		if (!strcmp(board.elf->symbols[i].name, name))
			return board.elf->symbols[i].value;
	ck_abort_msg("%s: no symbol %s", MONITOR, name);
	return 0;
}

/* False: there is no monitor.  */
static bool power_on(uint32_t ram_size, enum beyond beyond)
{
	const struct cpu_model *model = cpu_model_find("au1500");
	struct err e = { 0 };

	if (elf32_open(MONITOR, &board.elf, &e) != ST_OK) {
		test_skip("start", "the monitor is not built (make firmware)");
		return false;
	}
	memset(board.flash, 0xff, sizeof(board.flash));
	for (unsigned i = 0; i < board.elf->nsegments; i++) {
		const struct elf32_segment *s = &board.elf->segments[i];
		uint32_t off = (s->paddr & PHYS_MASK) - FLASH_MONITOR;

		ck_assert(off <= sizeof(board.flash) && s->filesz <= sizeof(board.flash) - off);
		memcpy(board.flash + off, s->bytes, s->filesz);
	}
	memset(board.flash_flags, PAGE_ROM, sizeof(board.flash_flags));
	board.ram_size = ram_size;
	board.beyond = beyond;
	board.ram = malloc(ram_size + 4);
	ck_assert_ptr_nonnull(board.ram);
	memset(board.ram, 0x5a, ram_size);
	board.cpu.nbanks = 1;
	board.cpu.bank[0] = (struct ram_bank){ .base = FLASH_MONITOR, .size = FLASH_MONITOR_SIZE, .host = board.flash,
		.flags = board.flash_flags };
	ck_assert_ptr_nonnull(model);
	cpu_init(&board.cpu, model, false, malloc(tlb_sizeof()), &hooks, NULL);
	return true;
}

/* Until the processor is at @pc.  */
static bool reaches(uint32_t pc)
{
	for (unsigned i = 0; i < STEPS_MAX; i++) {
		if (board.cpu.pc == pc)
			return true;
		interp_step(&board.cpu);
	}
	return false;
}

static void power_off(void)
{
	free(board.ram);
	free(board.cpu.tlb);
	elf32_close(board.elf);
}

/* The monitor's image in RAM is that in flash, and its variables are 0.  */
static void check_image(void)
{
	uint32_t start = symbol("image_start") & PHYS_MASK, size = (symbol("image_end") & PHYS_MASK) - start;
	uint32_t bss = symbol("bss_start") & PHYS_MASK, end = symbol("bss_end") & PHYS_MASK;

	ck_assert_int_eq(memcmp(board.ram + start, board.flash + ((symbol("image_lma") & PHYS_MASK) - FLASH_MONITOR), size), 0);
	ck_assert_uint_lt(bss, end);
	for (uint32_t i = bss; i < end; i++)
		if (board.ram[i])
			ck_abort_msg("0x%x is 0x%x", i, board.ram[i]);
}

static const struct {
	uint32_t megabytes;
	enum beyond beyond;
} memories[] = {
	{ 2, ZEROS }, { 3, ONES }, { 16, LAST_VALUE }, { 63, ZEROS }, { 64, ZEROS }, { 64, ONES }, { 64, LAST_VALUE }, { 191, LAST_VALUE },
	{ 192, ZEROS }, { 2, WRAPS }, { 4, WRAPS }, { 32, WRAPS }, { 64, WRAPS }, { 96, WRAPS }, { 128, WRAPS },
};

START_TEST(memory_is_measured)
{
	if (!power_on(memories[_i].megabytes << 20, memories[_i].beyond))
		return;
	ck_assert_msg(reaches(symbol("monitor_main")), "pc 0x%08x", board.cpu.pc);
	ck_assert_uint_eq(board.cpu.gpr[4], memories[_i].megabytes << 20);
	check_image();
	power_off();
}
END_TEST

START_TEST(too_little_memory_is_said)
{
	if (!power_on(1 << 20, _i ? WRAPS : ZEROS))
		return;
	ck_assert(!reaches(symbol("monitor_main")));
	ck_assert_msg(strstr(board.said, "too little memory works: 0x00100000"), "%s", board.said);
	power_off();
}
END_TEST

START_TEST(waking_goes_on_where_scratch1_says)
{
	if (!power_on(64 << 20, ZEROS))
		return;
	board.wakesrc = 2;
	board.scratch1 = 0x80345678;
	ck_assert(reaches(0x80345678));
	ck_assert_uint_eq(board.ram_stores, 0);
	ck_assert_uint_eq(board.scratch1, 0);
	ck_assert_uint_eq(board.wakesrc, 2);
	power_off();
}
END_TEST

static const struct { uint32_t wakesrc, scratch1; } no_wakes[] = {
	{ 0, 0x80345678 }, { 1, 0x80345678 }, { 2, 0 }, { 2, 0x80345679 }, { 2, 0x345678 },
};

START_TEST(what_is_no_waking)
{
	if (!power_on(4 << 20, ZEROS))
		return;
	board.wakesrc = no_wakes[_i].wakesrc;
	board.scratch1 = no_wakes[_i].scratch1;
	ck_assert(reaches(symbol("monitor_main")));
	ck_assert_uint_eq(board.cpu.gpr[4], 4 << 20);
	power_off();
}
END_TEST

Suite *start_suite(void)
{
	Suite *s = suite_create("start");
	TCase *t = tcase_create("start");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, memory_is_measured, 0, ARRAY_LEN(memories));
	tcase_add_loop_test(t, too_little_memory_is_said, 0, 2);
	tcase_add_test(t, waking_goes_on_where_scratch1_says);
	tcase_add_loop_test(t, what_is_no_waking, 0, ARRAY_LEN(no_wakes));
	suite_add_tcase(s, t);
	return s;
}
