/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest physical map: what it refuses, how values travel, what is logged, and who is told before RAM changes.  */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "isa/cpu.h"
#include "tests/dev/fakes.h"

Suite *mem_suite(void);

#define MIB (UINT64_C(1) << 20)

/* A device that remembers: eight bytes, byte n at offset n, little end first.  */
struct scratch {
	struct io io;
	uint8_t byte[8];
	unsigned reads, writes, last_width;
	uint32_t last_off;
};

static uint32_t scratch_read(void *opaque, uint32_t off, unsigned width)
{
	struct scratch *s = opaque;
	uint32_t v = 0;

	ck_assert_uint_eq(off % width, 0);
	ck_assert_uint_le(off + width, s->io.span);
	ck_assert_uint_ne(s->io.widths & width, 0);
	s->reads++;
	for (unsigned i = 0; i < width; i++)
		v |= (uint32_t)s->byte[off + i] << (8 * i);
	return v;
}

static void scratch_write(void *opaque, uint32_t off, unsigned width, uint32_t val)
{
	struct scratch *s = opaque;

	ck_assert_uint_eq(off % width, 0);
	ck_assert_uint_le(off + width, s->io.span);
	ck_assert_uint_ne(s->io.widths & width, 0);
	s->writes++;
	s->last_width = width;
	s->last_off = off;
	for (unsigned i = 0; i < width; i++)
		s->byte[off + i] = (uint8_t)(val >> (8 * i));
}

static void scratch_init(struct scratch *s, unsigned widths, enum io_order order)
{
	*s = (struct scratch){ .io = { .name = "scratch", .span = 8, .widths = widths, .order = order, .opaque = s, .read = scratch_read,
		.write = scratch_write } };
}

static struct mem_map *make(bool big_endian, uint32_t unmapped)
{
	struct mem_map *m;
	struct err e = ERR_INIT;

	ck_assert_int_eq(mem_create(&(struct mem_cfg){ .name = "map", .big_endian = big_endian, .unmapped = unmapped }, &m, &e), ST_OK);
	return m;
}

static void freeze(struct mem_map *m)
{
	struct err e = ERR_INIT;

	ck_assert_msg(mem_freeze(m, &e) == ST_OK, "%s", e.text);
}

/* New region against one at [0x10000, 0x20000).  */
static const struct { uint64_t base, size; bool fits; } placements[] = {
	{ 0x0, 0x10000, true }, { 0x20000, 0x10000, true }, { 0x0, 0x11000, false }, { 0x1f000, 0x1000, false }, { 0x1f000, 0x2000, false },
	{ 0x10000, 0x10000, false }, { 0x11000, 0x1000, false }, { 0x0, 0x40000, false }, { 0x0, 0, false },
	{ UINT64_MAX - 0xfff, 0x1000, true }, { UINT64_MAX - 0xfff, 0x2000, false },
};

START_TEST(intersections_are_refused_by_both_names)
{
	struct mem_map *m = make(false, 0);
	struct err e = ERR_INIT;
	enum status s;

	ck_assert_int_eq(mem_add_ram(m, "first", 0x10000, 0x10000, &e), ST_OK);
	s = mem_add_hole(m, "second", placements[_i].base, placements[_i].size, &e);
	if (placements[_i].fits) {
		ck_assert_msg(s == ST_OK, "%s", e.text);
	} else {
		ck_assert_int_eq(s, ST_USAGE);
		ck_assert_ptr_nonnull(strstr(e.text, "second"));
		if (placements[_i].size && placements[_i].base < 0x40000)
			ck_assert_ptr_nonnull(strstr(e.text, "first"));
	}
	mem_destroy(m);
}
END_TEST

START_TEST(wrong_states_and_sizes)
{
	struct mem_map *m = make(false, 0);
	struct err e = ERR_INIT;

	ck_assert_int_eq(mem_add_ram(m, "odd", 0x100, 0x1000, &e), ST_USAGE);
	ck_assert_int_eq(mem_add_ram(m, "odd", 0, 0x1001, &e), ST_USAGE);
	ck_assert_uint_eq(mem_banks(m), 0);
	freeze(m);
	ck_assert_int_eq(mem_add_hole(m, "late", 0, 16, &e), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "late"));
	ck_assert_int_eq(mem_freeze(m, &e), ST_USAGE);
	ck_assert_int_eq(mem_ram_fd(m), -1);
	mem_destroy(m);
	mem_destroy(NULL);
}
END_TEST

START_TEST(more_banks_than_a_processor_has)
{
	struct mem_map *m = make(false, 0);
	struct err e = ERR_INIT;

	for (unsigned i = 0; i <= RAM_BANKS_MAX; i++)
		ck_assert_int_eq(mem_add_ram(m, "bank", i * 0x10000, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_freeze(m, &e), ST_FULL);
	mem_destroy(m);
}
END_TEST

START_TEST(ram_in_both_byte_orders)
{
	bool big = _i;
	struct mem_map *m = make(big, 0);
	struct ram_bank b;
	struct err e = ERR_INIT;

	ck_assert_int_eq(mem_add_ram(m, "RAM", 0x1000, 0x2000, &e), ST_OK);
	freeze(m);
	mem_bank(m, 0, &b);
	mem_store(m, 0x1004, 4, 0x11223344);
	ck_assert_uint_eq(b.host[4], big ? 0x11 : 0x44);
	ck_assert_uint_eq(mem_load(m, 0x1004, 4), 0x11223344);
	ck_assert_uint_eq(mem_load(m, 0x1004, 2), big ? 0x1122 : 0x3344);
	ck_assert_uint_eq(mem_load(m, 0x1007, 1), big ? 0x44 : 0x11);
	mem_store(m, 0x1006, 2, 0xaabb);
	ck_assert_uint_eq(mem_load(m, 0x1004, 4), big ? 0x1122aabb : 0xaabb3344);
	ck_assert_uint_eq(mem_load(m, 0x2ffe, 4), 0); /* not all of it is there */
	mem_destroy(m);
}
END_TEST

START_TEST(banks_share_one_file)
{
	struct mem_map *m = make(false, 0);
	struct ram_bank b[3];
	struct err e = ERR_INIT;
	uint8_t *again;

	ck_assert_int_eq(mem_add_ram(m, "high", 0x90000000, 2 * MIB, &e), ST_OK);
	ck_assert_int_eq(mem_add_ram(m, "low", 0, MIB, &e), ST_OK);
	ck_assert_int_eq(mem_add_rom(m, "ROM", 0x1fc00000, 0x1000, &e), ST_OK);
	freeze(m);
	ck_assert_uint_eq(mem_banks(m), 3);
	for (unsigned i = 0; i < 3; i++)
		mem_bank(m, i, &b[i]);
	ck_assert_uint_eq(b[0].base, 0);
	ck_assert_uint_eq(b[1].base, 0x1fc00000);
	ck_assert_uint_eq(b[2].base, 0x90000000);
	ck_assert_uint_eq(b[2].size, 2 * MIB);
	ck_assert_uint_eq(b[0].flags[0], 0);
	ck_assert_uint_eq(b[1].flags[0], PAGE_ROM);
	again = mmap(NULL, 3 * MIB + 0x1000, PROT_READ, MAP_SHARED, mem_ram_fd(m), 0);
	ck_assert_ptr_ne(again, MAP_FAILED);
	mem_store(m, 0x90000000 + 2 * MIB - 4, 4, 0xcafef00d);
	ck_assert_uint_eq(again[b[2].offset + 2 * MIB - 4], 0x0d);
	ck_assert_ptr_eq(b[2].host + 2 * MIB, b[0].host + 3 * MIB + 0x1000);
	munmap(again, 3 * MIB + 0x1000);
	mem_destroy(m);
}
END_TEST

START_TEST(rom_holes_and_aliases)
{
	struct mem_map *m = make(false, 0xffffffff);
	struct err e = ERR_INIT;
	const uint8_t image[] = { 1, 2, 3, 4 };

	ck_assert_int_eq(mem_add_ram(m, "RAM", 0, 0x2000, &e), ST_OK);
	ck_assert_int_eq(mem_add_rom(m, "ROM", 0x10000, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_add_hole(m, "hole", 0x20000, 16, &e), ST_OK);
	ck_assert_int_eq(mem_add_alias(m, "alias", 0x80000000, 0x2000, 0, &e), ST_OK);
	ck_assert_int_eq(mem_add_alias(m, "alias of alias", 0xa0000000, 0x2000, 0x80000000, &e), ST_OK);
	freeze(m);
	ck_assert_int_eq(mem_write(m, 0x10000, image, 4, &e), ST_OK);
	mem_store(m, 0x10000, 4, 0);
	ck_assert_uint_eq(mem_load(m, 0x10000, 4), 0x04030201);
	mem_store(m, 0x20000, 1, 0);
	ck_assert_uint_eq(mem_load(m, 0x20000, 1), 0xff);
	ck_assert_uint_eq(mem_load(m, 0x30000, 2), 0xffff);
	mem_store(m, 0x80001000, 4, 77);
	ck_assert_uint_eq(mem_load(m, 0x1000, 4), 77);
	ck_assert_uint_eq(mem_load(m, 0x80001000, 4), 77);
	ck_assert_uint_eq(mem_load(m, 0xa0001000, 4), 0xffffffff);
	ck_assert(mem_is_ram(m, 0, 0x2000));
	ck_assert(!mem_is_ram(m, 0, 0x2001));
	ck_assert(!mem_is_ram(m, 0x10000, 4));
	mem_destroy(m);
}
END_TEST

static struct { gpa pa; uint64_t len; unsigned calls; uint8_t before; const uint8_t *host; } told;

static void note(void *opaque, gpa pa, uint64_t len)
{
	(void)opaque;
	told.pa = pa;
	told.len = len;
	told.calls++;
	told.before = told.host[pa];
}

START_TEST(whoever_holds_code_is_told_before_ram_changes)
{
	struct mem_map *m = make(false, 0);
	struct ram_bank b;
	struct err e = ERR_INIT;
	uint8_t bytes[16], back[16];

	memset(bytes, 0x5a, sizeof bytes);
	memset(&told, 0, sizeof told);
	ck_assert_int_eq(mem_add_ram(m, "RAM", 0, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_add_ram(m, "RAM too", 0x1000, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_add_alias(m, "alias", 0x8000, 0x1000, 0, &e), ST_OK);
	freeze(m);
	mem_bank(m, 0, &b);
	told.host = b.host;
	mem_set_notify(m, note, NULL);
	ck_assert_int_eq(mem_write(m, 0xff8, bytes, 16, &e), ST_OK); /* across two banks */
	ck_assert_uint_eq(told.calls, 2);
	ck_assert_uint_eq(told.pa, 0x1000);
	ck_assert_uint_eq(told.len, 8);
	ck_assert_uint_eq(told.before, 0); /* the old contents were still there */
	ck_assert_int_eq(mem_read(m, 0xff8, back, 16, &e), ST_OK);
	ck_assert_mem_eq(back, bytes, 16);
	mem_store(m, 0x8000, 4, 1);
	ck_assert_uint_eq(told.calls, 3);
	ck_assert_uint_eq(told.pa, 0);
	ck_assert_int_eq(mem_fill(m, 0x100, 9, 3, &e), ST_OK);
	ck_assert_uint_eq(told.calls, 4);
	ck_assert_uint_eq(mem_load(m, 0x100, 4), 0x00090909);
	/* All or nothing, and no word to anybody.  */
	ck_assert_int_eq(mem_write(m, 0x1ff8, bytes, 16, &e), ST_NOTFOUND);
	ck_assert_uint_eq(told.calls, 4);
	ck_assert_uint_eq(mem_load(m, 0x1ff8, 4), 0);
	ck_assert_int_eq(mem_read(m, UINT64_MAX - 3, back, 16, &e), ST_NOTFOUND);
	ck_assert_int_eq(mem_fill(m, 0, 0, UINT64_MAX, &e), ST_NOTFOUND);
	mem_destroy(m);
}
END_TEST

START_TEST(bus_masters_borrow_ram)
{
	struct mem_map *m = make(false, 0);
	struct ram_bank b;
	struct err e = ERR_INIT;
	uint8_t *p;

	memset(&told, 0, sizeof told);
	ck_assert_int_eq(mem_add_ram(m, "RAM", 0x1000, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_add_ram(m, "RAM too", 0x2000, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_add_rom(m, "ROM", 0x8000, 0x1000, &e), ST_OK);
	freeze(m);
	mem_bank(m, 0, &b);
	told.host = b.host - 0x1000;
	mem_set_notify(m, note, NULL);
	p = mem_borrow(m, 0x1004, 0xffc, false);
	ck_assert_ptr_eq(p, b.host + 4);
	ck_assert_uint_eq(told.calls, 0);
	ck_assert_ptr_eq(mem_borrow(m, 0x1ff0, 16, true), b.host + 0xff0);
	ck_assert_uint_eq(told.calls, 1);
	ck_assert_uint_eq(told.pa, 0x1ff0);
	ck_assert_uint_eq(told.len, 16);
	memcpy(p, "abcd", 4);
	ck_assert_uint_eq(mem_load(m, 0x1004, 4), 0x64636261);
	/* Not all of it in one bank, no RAM at all, nothing.  */
	ck_assert_ptr_null(mem_borrow(m, 0x1ff0, 17, true));
	ck_assert_ptr_null(mem_borrow(m, 0x8000, 4, true));
	ck_assert_ptr_null(mem_borrow(m, 0x8000, 4, false));
	ck_assert_ptr_null(mem_borrow(m, 0xffc, 8, false));
	ck_assert_ptr_null(mem_borrow(m, 0x2ffc, UINT64_MAX, true));
	ck_assert_ptr_null(mem_borrow(m, UINT64_MAX, UINT64_MAX, true));
	ck_assert_ptr_null(mem_borrow(m, 0x1000, 0, true));
	ck_assert_uint_eq(told.calls, 1);
	mem_destroy(m);
}
END_TEST

/* Read as memory, written as a device; or both a device's.  The flag is there before anybody is told.  */
static void note_flash(void *opaque, gpa pa, uint64_t len)
{
	struct ram_bank b;

	mem_bank(opaque, 1, &b);
	told.pa = pa;
	told.len = len;
	told.calls++;
	told.before = b.flags[0];
}

START_TEST(flash)
{
	bool big = _i;
	struct mem_map *m = make(big, 0);
	struct scratch s;
	struct mem_flash f;
	struct ram_bank b;
	struct err e = ERR_INIT;
	const uint8_t image[] = { 1, 2, 3, 4 };
	uint8_t back[4];

	memset(&told, 0, sizeof told);
	scratch_init(&s, 1 | 2 | 4, IO_LITTLE);
	s.io.span = 0x800;
	ck_assert_int_eq(mem_add_flash(m, 0x10000, &s.io, &f, &e), ST_USAGE); /* no whole page */
	s.io.span = 0x2000;
	ck_assert_int_eq(mem_add_ram(m, "RAM", 0, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_add_flash(m, 0x10000, &s.io, &f, &e), ST_OK);
	freeze(m);
	mem_set_notify(m, note_flash, m);
	ck_assert_uint_eq(mem_banks(m), 2);
	mem_bank(m, 1, &b);
	ck_assert(!mem_is_ram(m, 0x10000, 4));
	ck_assert_ptr_eq(mem_flash_bytes(&f, 0x1ffc, 4), b.host + 0x1ffc);
	ck_assert_uint_eq(b.flags[1], PAGE_ROM);
	ck_assert_uint_eq(mem_load(m, 0x10002, 2), 0xffff);
	ck_assert_uint_eq(b.flags[0], PAGE_ROM);
	told.calls = 0;
	ck_assert_int_eq(mem_write(m, 0x10004, image, 4, &e), ST_OK);
	ck_assert(told.calls == 1 && told.pa == 0x10004 && told.len == 4);
	b.flags[1] |= PAGE_CODE; /* the engine's */
	mem_store(m, 0x10004, 4, 0x55667788);
	ck_assert_uint_eq(s.writes, 1);
	ck_assert_uint_eq(s.byte[4], big ? 0x55 : 0x88);
	ck_assert_uint_eq(mem_load(m, 0x10004, 4), big ? 0x01020304 : 0x04030201);
	mem_flash_show(&f, false);
	ck_assert(told.calls == 2 && told.pa == 0x10000 && told.len == 0x2000 && told.before == (PAGE_ROM | PAGE_DEVICE));
	ck_assert_uint_eq(b.flags[1], PAGE_ROM | PAGE_DEVICE | PAGE_CODE);
	ck_assert_uint_eq(s.reads, 0);
	ck_assert_uint_eq(mem_load(m, 0x10004, 4), 0x55667788);
	ck_assert_uint_eq(s.reads, 1);
	ck_assert_int_eq(mem_read(m, 0x10004, back, 4, &e), ST_OK);
	ck_assert_mem_eq(back, image, 4);
	mem_flash_show(&f, true);
	ck_assert(told.calls == 3 && told.before == PAGE_ROM);
	ck_assert_uint_eq(b.flags[1], PAGE_ROM | PAGE_CODE);
	ck_assert_uint_eq(mem_load(m, 0x10006, 2), big ? 0x0304 : 0x0403);
	mem_flash_changes(&f, 0x1000, 8);
	ck_assert(told.calls == 4 && told.pa == 0x11000 && told.len == 8);
	mem_destroy(m);
}
END_TEST

/* Nobody has looked at a page: it is ones, and whoever is the first makes memory of it; those who hold its flags are told.  */
START_TEST(erased_flash_needs_no_memory)
{
	const uint8_t blank = PAGE_ROM | PAGE_DEVICE | PAGE_BLANK;
	struct mem_map *m = make(false, 0);
	struct scratch s;
	struct mem_flash f;
	struct ram_bank b;
	struct err e = ERR_INIT;
	uint8_t bytes[3] = { 0 };

	memset(&told, 0, sizeof told);
	scratch_init(&s, 1 | 2 | 4, IO_LITTLE);
	s.io.span = 0x6000;
	ck_assert_int_eq(mem_add_ram(m, "RAM", 0, 0x1000, &e), ST_OK);
	ck_assert_int_eq(mem_add_flash(m, 0x10000, &s.io, &f, &e), ST_OK);
	freeze(m);
	mem_set_notify(m, note_flash, m);
	mem_bank(m, 1, &b);
	for (unsigned i = 0; i < 6; i++)
		ck_assert(b.flags[i] == blank && !b.host[0x1000 * i]);
	ck_assert_uint_eq(mem_load(m, 0x11ffc, 4), 0xffffffff);
	ck_assert(told.calls == 1 && told.pa == 0x11ffc && told.len == 4 && b.flags[1] == PAGE_ROM);
	ck_assert_uint_eq(mem_load(m, 0x11000, 4), 0xffffffff);
	ck_assert_uint_eq(told.calls, 1);
	ck_assert_int_eq(mem_write(m, 0x12fff, bytes, 2, &e), ST_OK);
	ck_assert(b.host[0x2ffe] == 0xff && !b.host[0x2fff] && !b.host[0x3000] && b.host[0x3001] == 0xff);
	ck_assert_int_eq(mem_read(m, 0x13fff, bytes, 2, &e), ST_OK);
	ck_assert(bytes[0] == 0xff && bytes[1] == 0xff);
	/* While the device is asked, memory that comes is not shown; and what is not there then, is not there afterwards.  */
	mem_flash_show(&f, false);
	ck_assert_int_eq(mem_fill(m, 0x15000, 7, 1, &e), ST_OK);
	ck_assert_uint_eq(b.flags[5], PAGE_ROM | PAGE_DEVICE);
	mem_flash_show(&f, true);
	ck_assert_uint_eq(b.flags[0], blank);
	for (unsigned i = 1; i < 6; i++)
		ck_assert_uint_eq(b.flags[i], PAGE_ROM);
	ck_assert_uint_eq(mem_load(m, 0x15000, 2), 0xff07);
	mem_destroy(m);
}
END_TEST

START_TEST(widths_a_device_lacks)
{
	static const unsigned have[] = { 1, 2, 4, 1 | 4, 1 | 2 | 4 };
	struct mem_map *m = make(false, 0);
	struct scratch s;
	struct err e = ERR_INIT;

	scratch_init(&s, have[_i], IO_LITTLE);
	ck_assert_int_eq(mem_add_io(m, 0x100, &s.io, &e), ST_OK);
	freeze(m);
	mem_store(m, 0x100, 4, 0x44332211);
	ck_assert_uint_eq(mem_load(m, 0x100, 4), 0x44332211);
	ck_assert_uint_eq(mem_load(m, 0x102, 2), 0x4433);
	ck_assert_uint_eq(mem_load(m, 0x103, 1), 0x44);
	mem_store(m, 0x106, 1, 0x7e);
	ck_assert_uint_eq(s.byte[6], 0x7e);
	ck_assert_uint_eq(mem_load(m, 0x106, 1), 0x7e);
	ck_assert_uint_eq(mem_load(m, 0x106, 4), 0); /* leaves the device: nobody answers */
	mem_destroy(m);
}
END_TEST

START_TEST(byte_order_of_devices)
{
	struct mem_map *m = make(true, 0);
	struct scratch little, native;
	struct err e = ERR_INIT;

	scratch_init(&little, 1 | 2 | 4, IO_LITTLE);
	scratch_init(&native, 1 | 2 | 4, IO_NATIVE);
	ck_assert_int_eq(mem_add_io(m, 0x100, &little.io, &e), ST_OK);
	ck_assert_int_eq(mem_add_io(m, 0x200, &native.io, &e), ST_OK);
	freeze(m);
	mem_store(m, 0x100, 4, 0x11223344);
	ck_assert_uint_eq(little.byte[0], 0x11); /* the byte at the lowest address stays there */
	ck_assert_uint_eq(mem_load(m, 0x100, 4), 0x11223344);
	ck_assert_uint_eq(mem_load(m, 0x100, 1), 0x11);
	mem_store(m, 0x102, 2, 0x55aa);
	ck_assert_uint_eq(little.byte[2], 0x55);
	mem_store(m, 0x200, 4, 0x11223344);
	ck_assert_uint_eq(native.byte[0], 0x44); /* the register holds the number */
	ck_assert_uint_eq(mem_load(m, 0x200, 4), 0x11223344);
	mem_destroy(m);
}
END_TEST

static uint32_t pc_now;
static uint32_t site(void *opaque)
{
	(void)opaque;
	return pc_now;
}

START_TEST(nothing_is_logged_once_per_place)
{
	struct mem_map *m = make(false, 0), *inner = make(false, 0xff);
	char path[] = P_tmpdir "/athanor-mem-XXXXXX";
	struct file_bytes f;
	struct err e = ERR_INIT;

	ck_assert_int_ge(close(mkstemp(path)), 0);
	ck_assert_int_eq(mem_add_hole(m, "hole", 0x40, 16, &e), ST_OK);
	freeze(m);
	freeze(inner);
	mem_set_site(m, site, NULL);
	mem_share_site(inner, m);
	ck_assert_int_eq(log_select("unimp", &e), ST_OK);
	ck_assert_int_eq(log_to_file(path, &e), ST_OK);
	pc_now = 0x80100000;
	for (unsigned i = 0; i < 5; i++) {
		ck_assert_uint_eq(mem_load(m, 0x1f000000, 4), 0);
		mem_load(m, 0x40, 4);
	}
	pc_now = 0x80100004;
	mem_store(m, 0x1f000000, 2, 0);
	mem_store(m, 0x1f000000, 2, 0);
	ck_assert_uint_eq(mem_load(inner, 0x3f0, 1), 0xff);
	ck_assert_int_eq(file_read(path, 4096, &f, &e), ST_OK);
	ck_assert_str_eq((const char *)f.at,
		"unimp: pc 0x80100000: map: read of 4 bytes at 0x1f000000: nothing there\n"
		"unimp: pc 0x80100004: map: write of 2 bytes at 0x1f000000: nothing there\n"
		"unimp: pc 0x80100004: map: read of 1 bytes at 0x000003f0: nothing there\n");
	file_bytes_free(&f);
	unlink(path);
	mem_destroy(inner);
	mem_destroy(m);
}
END_TEST

Suite *mem_suite(void)
{
	Suite *s = suite_create("mem");
	TCase *t = tcase_create("map");

	tcase_add_loop_test(t, intersections_are_refused_by_both_names, 0, (int)ARRAY_LEN(placements));
	tcase_add_test(t, wrong_states_and_sizes);
	tcase_add_test(t, more_banks_than_a_processor_has);
	tcase_add_loop_test(t, ram_in_both_byte_orders, 0, 2);
	tcase_add_test(t, banks_share_one_file);
	tcase_add_test(t, rom_holes_and_aliases);
	tcase_add_test(t, whoever_holds_code_is_told_before_ram_changes);
	tcase_add_test(t, bus_masters_borrow_ram);
	tcase_add_loop_test(t, flash, 0, 2);
	tcase_add_test(t, erased_flash_needs_no_memory);
	tcase_add_loop_test(t, widths_a_device_lacks, 0, 5);
	tcase_add_test(t, byte_order_of_devices);
	tcase_add_test(t, nothing_is_logged_once_per_place);
	suite_add_tcase(s, t);
	return s;
}
