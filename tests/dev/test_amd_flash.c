/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * AMD's NOR flash on a bus: every command and what is none, two banks that hear only their own, and what becomes of changes.
 * Values are those of the S29GL-N data sheet (command definitions, common flash interface).
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "dbt-runtime/dev/amd_flash.h"
#include "isa/cpu.h"
#include "tests/dev/fakes.h"
#include "tests/harness/random.h"

Suite *amd_flash_suite(void);

#define BANKS 2u
#define BASE 0x1c000000u
#define SMALL 0x100000u /* four blocks */
#define UNLOCK1 0x1554u /* 0x555 and 0x2aa, four bytes a word */
#define UNLOCK2 0x0aa8u

/* --- an image in memory --- */

struct disk {
	struct blockdev dev;
	uint8_t bytes[BANKS * SMALL];
	unsigned writes, flushes, fails; /* of writes and flushes: how many still fail */
	uint64_t at;
	size_t n;                               /* of the last write */
};

static enum status disk_read(struct blockdev *d, uint64_t at, void *bytes, size_t n, struct err *e)
{
	struct disk *k = (struct disk *)d;

	if (k->fails)
		return err_set(e, ST_HOST, "flash.img: cannot be read");
	ck_assert(at <= sizeof k->bytes && n <= sizeof k->bytes - at);
	memcpy(bytes, k->bytes + at, n);
	return ST_OK;
}

static enum status refuse(struct disk *k, struct err *e)
{
	k->fails--;
	return err_set(e, ST_HOST, "flash.img: no space left on device");
}

static enum status disk_write(struct blockdev *d, uint64_t at, const void *bytes, size_t n, struct err *e)
{
	struct disk *k = (struct disk *)d;

	ck_assert(!d->readonly && at <= sizeof k->bytes && n <= sizeof k->bytes - at);
	k->writes++;
	if (k->fails)
		return refuse(k, e);
	memcpy(k->bytes + at, bytes, n);
	k->at = at;
	k->n = n;
	return ST_OK;
}

static enum status disk_flush(struct blockdev *d, struct err *e)
{
	struct disk *k = (struct disk *)d;

	k->flushes++;
	return k->fails ? refuse(k, e) : ST_OK;
}

static const struct blockdev_ops disk_ops = { .name = "fake", .read = disk_read, .write = disk_write, .flush = disk_flush };
static struct disk disk;

/* --- the machine --- */

static struct fake_time when;
static struct mem_map *map;
static struct amd_flash bank[BANKS];
static struct { unsigned calls; gpa pa; uint64_t len; } told;

static void note(void *opaque, gpa pa, uint64_t len)
{
	(void)opaque;
	told.calls++;
	told.pa = pa;
	told.len = len;
}

static void machine(uint32_t size, bool big_endian, bool image)
{
	struct err e = ERR_INIT;

	fake_time_init(&when);
	memset(&told, 0, sizeof told);
	memset(&disk, 0, sizeof disk);
	disk.dev = (struct blockdev){ .ops = &disk_ops, .name = "flash.img", .size = sizeof disk.bytes };
	for (unsigned i = 0; i < sizeof disk.bytes; i++)
		disk.bytes[i] = (uint8_t)(i * 7 + i / 256 + 1);
	ck_assert_int_eq(mem_create(&(struct mem_cfg){ .name = "map", .big_endian = big_endian }, &map, &e), ST_OK);
	for (unsigned i = 0; i < BANKS; i++) {
		amd_flash_init(&bank[i], &(struct amd_flash_cfg){ .name = i ? "flash 1" : "flash 0", .big_endian = big_endian, .size = size,
			.clock = &when.clock, .image = image ? &disk.dev : NULL, .image_at = (uint64_t)i * size });
		ck_assert_int_eq(mem_add_flash(map, BASE + i * size, &bank[i].dev.io, &bank[i].array, &e), ST_OK);
	}
	ck_assert_int_eq(mem_freeze(map, &e), ST_OK);
	mem_set_notify(map, note, NULL);
}

static void load(void)
{
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < BANKS; i++)
		ck_assert_int_eq(amd_flash_load(&bank[i], &e), ST_OK);
	told.calls = 0;
	for (unsigned i = 0; i < BANKS; i++)
		dev_reset(&bank[i].dev, RESET_COLD);
	ck_assert_uint_eq(told.calls, 0); /* it is an array already */
}

static void finish(void)
{
	for (unsigned i = 0; i < BANKS; i++)
		dev_fini(&bank[i].dev);
	mem_destroy(map);
}

static void set_up(void) { machine(SMALL, false, false); load(); }
static void set_up_kept(void) { machine(SMALL, false, true); load(); }

static uint32_t get(uint32_t off) { return mem_load(map, BASE + off, 4); }
static void put(uint32_t off, uint32_t val) { mem_store(map, BASE + off, 4, val); }

/* A 32-bit store: both chips.  */
static void both(uint32_t off, uint32_t command) { put(off, command << 16 | command); }

/* Unlock the chips of the bank at @at, then a command.  */
static void command(uint32_t at, uint32_t c)
{
	both(at + UNLOCK1, 0xaa);
	both(at + UNLOCK2, 0x55);
	both(at + UNLOCK1, c);
}

static void program(uint32_t off, uint32_t val)
{
	command(off & ~(SMALL - 1), 0xa0);
	put(off, val);
}

static void erase(uint32_t off)
{
	command(off & ~(SMALL - 1), 0x80);
	both((off & ~(SMALL - 1)) + UNLOCK1, 0xaa);
	both((off & ~(SMALL - 1)) + UNLOCK2, 0x55);
	both(off, 0x30);
}

static bool is_array(unsigned b)
{
	struct ram_bank r;

	mem_bank(map, b, &r);
	ck_assert_uint_eq(r.flags[0] & (PAGE_ROM | PAGE_DEVICE), bank[b].asked || (r.flags[0] & PAGE_BLANK) ? PAGE_ROM | PAGE_DEVICE : PAGE_ROM);
	return !bank[b].asked;
}

/* --- commands --- */

START_TEST(starts_erased)
{
	for (uint32_t off = 0; off < BANKS * SMALL; off += 0x3ffc)
		ck_assert_uint_eq(get(off), 0xffffffff);
	ck_assert(is_array(0) && is_array(1));
}
END_TEST

START_TEST(programming_only_clears_bits)
{
	ck_assert_uint_eq(get(0x40), 0xffffffff);
	told.calls = 0;
	program(0x40, 0x12345678);
	ck_assert_uint_eq(get(0x40), 0x12345678);
	ck_assert(told.calls == 2 && told.pa == BASE + 0x42 && told.len == 2);
	program(0x40, 0xff00ff00);
	ck_assert_uint_eq(get(0x40), 0x12005600);
	program(0x40, 0xffffffff);
	ck_assert_uint_eq(get(0x40), 0x12005600);
	put(0x44, 0); /* one word a command */
	ck_assert_uint_eq(get(0x44), 0xffffffff);
	program(SMALL + 0x40, 0x55aa55aa);
	ck_assert_uint_eq(get(SMALL + 0x40), 0x55aa55aa);
	ck_assert_uint_eq(get(0x40), 0x12005600);
	program(BANKS * SMALL - 4, 0);
	ck_assert_uint_eq(get(BANKS * SMALL - 4), 0);
	ck_assert(is_array(0) && is_array(1));
}
END_TEST

/* Each chip hears its own half of the data lines.  */
START_TEST(chips_are_commanded_one_by_one)
{
	mem_store(map, BASE + UNLOCK1 + 2, 2, 0xaa);
	mem_store(map, BASE + UNLOCK2 + 2, 2, 0x55);
	mem_store(map, BASE + UNLOCK1 + 2, 2, 0xa0);
	mem_store(map, BASE + 0x100, 2, 0x1111); /* to the other one: no step of anything */
	mem_store(map, BASE + 0x102, 2, 0x2222);
	ck_assert_uint_eq(get(0x100), 0x2222ffff);
	/* One in autoselect mode, the other an array.  */
	mem_store(map, BASE + UNLOCK1, 2, 0xaa);
	mem_store(map, BASE + UNLOCK2, 2, 0x55);
	mem_store(map, BASE + UNLOCK1, 2, 0x90);
	ck_assert_uint_eq(get(0), 0xffff0001);
	ck_assert_uint_eq(get(0x100), 0x22220000);
	/* Then the other one as well, with the query, and back one after the other.  */
	mem_store(map, BASE + 0x156, 2, 0x98);
	ck_assert_uint_eq(get(0x40), 0x00510000);
	mem_store(map, BASE, 2, 0xf0);
	ck_assert_uint_eq(get(0x40), 0x0051ffff);
	ck_assert(!is_array(0));
	mem_store(map, BASE + 2, 2, 0xff);
	ck_assert(is_array(0));
	/* The words of one chip are erased, the other's stay.  */
	program(0x3fffc, 0);
	command(0, 0x80);
	both(UNLOCK1, 0xaa);
	both(UNLOCK2, 0x55);
	mem_store(map, BASE + 0x20000, 2, 0x30);
	ck_assert_uint_eq(get(0x3fffc), 0x0000ffff);
	ck_assert_uint_eq(get(0x100), 0x2222ffff);
	mem_store(map, BASE + 0x2, 2, 0x30);
	ck_assert_uint_eq(get(0x3fffc), 0xffffffff);
	ck_assert_uint_eq(get(0x100), 0xffffffff);
}
END_TEST

/* A byte store drives half of a chip's lines; the other half reads as ones.  */
START_TEST(byte_stores)
{
	command(0, 0xa0);
	mem_store(map, BASE + 0x81, 1, 0x12);
	mem_store(map, BASE + 0x82, 1, 0x34);
	ck_assert_uint_eq(get(0x80), 0xff3412ff);
	mem_store(map, BASE + 0x154, 1, 0x98);
	ck_assert_uint_eq(get(0x40), 0xffff0051);
	mem_store(map, BASE + 0x155, 1, 0x98); /* the low byte is 0xff: a reset */
	ck_assert(is_array(0));
}
END_TEST

START_TEST(loads_of_each_width)
{
	program(0x40, 0x44332211);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(mem_load(map, BASE + 0x40 + i, 1), 0x11 * (i + 1));
	ck_assert_uint_eq(mem_load(map, BASE + 0x42, 2), 0x4433);
	mem_store(map, BASE + 0x154, 2, 0x98);
	ck_assert_uint_eq(mem_load(map, BASE + 0x40, 1), 'Q');
	ck_assert_uint_eq(mem_load(map, BASE + 0x41, 1), 0);
	ck_assert_uint_eq(mem_load(map, BASE + 0x42, 1), 0x33); /* the other chip's */
	ck_assert_uint_eq(mem_load(map, BASE + 0x43, 1), 0x44);
	ck_assert_uint_eq(mem_load(map, BASE + 0x40, 2), 'Q');
	ck_assert_uint_eq(mem_load(map, BASE + 0x42, 2), 0x4433);
}
END_TEST

START_TEST(autoselect)
{
	static const struct { uint32_t word, val; } id[] = { { 0, 1 }, { 1, 0x227e }, { 2, 0 }, { 0xe, 0x2221 }, { 0xf, 0x2201 }, { 0x100, 1 } };

	command(0, 0x90);
	ck_assert(!is_array(0) && is_array(1));
	ck_assert(told.calls == 1 && told.pa == BASE && told.len == SMALL);
	for (unsigned i = 0; i < ARRAY_LEN(id); i++) {
		ck_assert_uint_eq(get(4 * id[i].word), id[i].val * 0x10001u);
		ck_assert_uint_eq(get(AMD_FLASH_BLOCK + 4 * id[i].word), id[i].val * 0x10001u);
	}
	ck_assert_uint_eq(get(SMALL), 0xffffffff);
	told.calls = 0;
	both(0x8888, 0xf0);
	ck_assert(is_array(0));
	ck_assert_uint_eq(told.calls, 1);
	ck_assert_uint_eq(get(0), 0xffffffff);
}
END_TEST

START_TEST(erasing_sectors_and_chips)
{
	for (uint32_t off = 0; off < BANKS * SMALL; off += AMD_FLASH_BLOCK) {
		program(off, 0);
		program(off + AMD_FLASH_BLOCK - 4, 0);
	}
	for (uint32_t off = 0; off < AMD_FLASH_BLOCK; off += 0x1000)
		ck_assert_uint_ne(get(AMD_FLASH_BLOCK + off + 4), 0);
	told.calls = 0;
	erase(AMD_FLASH_BLOCK + 0x12340);
	ck_assert(told.calls == 2 && told.pa == BASE + AMD_FLASH_BLOCK && told.len == AMD_FLASH_BLOCK);
	for (uint32_t off = 0; off < BANKS * SMALL; off += AMD_FLASH_BLOCK) {
		ck_assert_uint_eq(get(off), off == AMD_FLASH_BLOCK ? 0xffffffff : 0);
		ck_assert_uint_eq(get(off + AMD_FLASH_BLOCK - 4), off == AMD_FLASH_BLOCK ? 0xffffffff : 0);
	}
	both(2 * AMD_FLASH_BLOCK, 0x30); /* a second sector needs another command */
	ck_assert_uint_eq(get(2 * AMD_FLASH_BLOCK), 0);
	command(SMALL, 0x80);
	command(SMALL, 0x10);
	for (uint32_t off = 0; off < BANKS * SMALL; off += AMD_FLASH_BLOCK)
		ck_assert_uint_eq(get(off), off == AMD_FLASH_BLOCK || off >= SMALL ? 0xffffffff : 0);
}
END_TEST

/* What is no command: the array is as it was, and reads as one.  */
static const struct { const char *what; struct { uint32_t off, command; } w[7]; } bad[] = {
	{ "data without a command", { { 0x100, 0 } } },
	{ "second unlock first", { { UNLOCK2, 0x55 }, { UNLOCK1, 0xa0 }, { 0x100, 0 } } },
	{ "half an unlock", { { UNLOCK1, 0xaa }, { UNLOCK1, 0xa0 }, { 0x100, 0 } } },
	{ "unlock at the wrong address", { { UNLOCK2, 0xaa }, { UNLOCK2, 0x55 }, { UNLOCK1, 0xa0 }, { 0x100, 0 } } },
	{ "wrong second address", { { UNLOCK1, 0xaa }, { UNLOCK1, 0x55 }, { UNLOCK1, 0xa0 }, { 0x100, 0 } } },
	{ "command at the wrong address", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { UNLOCK2, 0xa0 }, { 0x100, 0 } } },
	{ "unknown command", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { UNLOCK1, 0x88 }, { 0x100, 0 } } },
	{ "unlock bypass", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { UNLOCK1, 0x20 }, { 0x100, 0xa0 }, { 0x100, 0 } } },
	{ "write buffer", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { 0x100, 0x25 }, { 0x100, 0 }, { 0x100, 0 }, { 0x100, 0x29 } } },
	{ "reset between", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { 0, 0xf0 }, { UNLOCK1, 0xa0 }, { 0x100, 0 } } },
	{ "erase without the second unlock", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { UNLOCK1, 0x80 }, { 0x100, 0x30 } } },
	{ "erase with half of it", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { UNLOCK1, 0x80 }, { UNLOCK1, 0xaa }, { 0x100, 0x30 } } },
	{ "chip erase elsewhere", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { UNLOCK1, 0x80 }, { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { 0, 0x10 } } },
	{ "sector erase at once", { { UNLOCK1, 0xaa }, { UNLOCK2, 0x55 }, { 0x100, 0x30 } } },
	{ "suspend", { { 0, 0xb0 }, { 0, 0x30 } } },
	{ "Intel's", { { 0, 0x20 }, { 0, 0xd0 }, { 0, 0x40 }, { 0x100, 0 }, { 0, 0x70 }, { 0, 0x50 } } },
	{ "query at the wrong address", { { 0x100, 0x98 } } },
	{ "query and a wrong command", { { 0x154, 0x98 }, { 0x100, 0x30 } } },
};

START_TEST(bad_sequences)
{
	for (unsigned first = 0; first < 2; first++) {
		program(0x200, 0x12345678);
		program(SMALL + 0x200, 0x12345678);
		for (unsigned i = 0; i < ARRAY_LEN(bad[_i].w) && bad[_i].w[i].off + bad[_i].w[i].command; i++)
			both(bad[_i].w[i].off, bad[_i].w[i].command);
		ck_assert_msg(is_array(0) && is_array(1), "%s", bad[_i].what);
		ck_assert_msg(get(0x100) == 0xffffffff && get(0x200) == 0x12345678 && get(SMALL + 0x200) == 0x12345678, "%s", bad[_i].what);
		program(0x204, 0x600d600d); /* and the next command does what it should */
		ck_assert_uint_eq(get(0x204), 0x600d600d);
	}
}
END_TEST

START_TEST(reset_line)
{
	command(0, 0x90);
	both(SMALL + UNLOCK1, 0xaa);
	both(SMALL + UNLOCK2, 0x55);
	for (unsigned i = 0; i < BANKS; i++)
		dev_reset(&bank[i].dev, RESET_WARM);
	ck_assert(is_array(0));
	both(SMALL + UNLOCK1, 0xa0);
	put(SMALL + 0x100, 0);
	ck_assert_uint_eq(get(SMALL + 0x100), 0xffffffff);
}
END_TEST

START_TEST(big_endian_bus)
{
	machine(SMALL, true, false);
	load();
	program(0x40, 0x11223344);
	ck_assert_uint_eq(get(0x40), 0x11223344);
	ck_assert_uint_eq(mem_load(map, BASE + 0x40, 1), 0x11);
	both(0x154, 0x98);
	ck_assert_uint_eq(get(0x40), 0x00510051);
	mem_store(map, BASE + 1, 1, 0xf0); /* the low byte of the first chip's lines */
	ck_assert_uint_eq(get(0x40), 0x11220051);
	finish();
}
END_TEST

/* --- as Linux finds it: drivers/mtd/chips/gen_probe.c, cfi_probe.c, cfi_util.c --- */

#define HALF 0x2000000u

static uint32_t query(uint32_t at, uint32_t n)
{
	uint32_t v = get(at + 4 * n);

	ck_assert_uint_eq(v >> 16, v & 0xffff);
	return v & 0xff;
}

static bool qry(uint32_t at) { return get(at + 0x40) == 0x00510051 && get(at + 0x44) == 0x00520052 && get(at + 0x48) == 0x00590059; }

static bool query_mode_on(uint32_t at)
{
	both(at, 0xf0);
	both(at + 0x154, 0x98);
	return qry(at);
}

static void query_mode_off(uint32_t at)
{
	both(at, 0xf0);
	both(at, 0xff);
	both(at, 0xf0);
}

START_TEST(linux_probe)
{
	machine(HALF, false, false);
	load();
	ck_assert(query_mode_on(0));
	ck_assert_uint_eq(query(0, 0x13) | query(0, 0x14) << 8, 2);      /* command set */
	ck_assert_uint_eq(query(0, 0x15) | query(0, 0x16) << 8, 0x40);   /* its table */
	ck_assert_uint_eq(query(0, 0x1f), 1);
	ck_assert_uint_eq(query(0, 0x20), 0);                            /* no buffer to be used */
	ck_assert_uint_eq(query(0, 0x27), 24);
	ck_assert_uint_eq(query(0, 0x28) | query(0, 0x29) << 8, 1);
	ck_assert_uint_eq(query(0, 0x2a) | query(0, 0x2b) << 8, 0);
	ck_assert_uint_eq(query(0, 0x2c), 1);
	ck_assert_uint_eq((query(0, 0x2d) | query(0, 0x2e) << 8) + 1, HALF / AMD_FLASH_BLOCK);
	ck_assert_uint_eq((query(0, 0x2f) | query(0, 0x30) << 8) * 256 * AMD_FLASH_CHIPS, AMD_FLASH_BLOCK);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(query(0, 0x40 + i), (uint8_t)"PRI13"[i]);
	ck_assert_uint_eq(query(0, 0x45), 0);
	ck_assert_uint_eq(query(0, 0x46), 0);                            /* no suspend */
	ck_assert_uint_eq(query(0, 0x4f), 4);
	ck_assert_uint_eq(query(0, 0x50), 0);
	query_mode_off(0);
	ck_assert(!qry(0));
	/* Is the next chip another one?  Only that bank answers, and the first is no alias of it.  */
	ck_assert(query_mode_on(HALF));
	ck_assert(!qry(0) && is_array(0));
	ck_assert(query_mode_on(0));
	query_mode_off(HALF);
	ck_assert(qry(0) && !qry(HALF));
	query_mode_off(0);
	/* Variants other chips need.  */
	both(0x555 * 4, 0x98);
	ck_assert(qry(0));
	query_mode_off(0);
	finish();
}
END_TEST

/* --- contents that are kept --- */

START_TEST(image_is_read_and_written_back)
{
	uint8_t before[sizeof disk.bytes];

	memcpy(before, disk.bytes, sizeof before);
	for (uint32_t off = 0; off < sizeof before; off += 0x3ffc) {
		uint32_t v = get(off);

		ck_assert_mem_eq(&v, before + off, 4);
	}
	program(0x1004, 0);
	program(0x2ff0, 0);
	fake_time_pass(&when, FLASH_IMAGE_DELAY_NS - 1);
	ck_assert_uint_eq(disk.writes, 0);
	program(0x2ff4, 0); /* which puts nothing off */
	program(SMALL + 0x5000, 0);
	fake_time_pass(&when, 1);
	ck_assert(disk.writes == 1 && disk.at == 0x1000 && disk.n == 0x2000); /* neighbours go together */
	fake_time_pass(&when, FLASH_IMAGE_DELAY_NS);
	ck_assert(disk.writes == 2 && disk.at == SMALL + 0x5000 && disk.n == 0x1000);
	memset(before + 0x1004, 0, 4);
	memset(before + 0x2ff0, 0, 8);
	memset(before + SMALL + 0x5000, 0, 4);
	ck_assert_mem_eq(disk.bytes, before, sizeof before);
	fake_time_pass(&when, 10 * NS_PER_S);
	ck_assert_uint_eq(disk.writes, 2);
	ck_assert_uint_eq(clock_next_deadline(&when.clock), CLOCK_NEVER);
	erase(SMALL + AMD_FLASH_BLOCK);
	dev_reset(&bank[1].dev, RESET_WARM);
	ck_assert(disk.writes == 3 && disk.at == SMALL + AMD_FLASH_BLOCK && disk.n == AMD_FLASH_BLOCK);
	memset(before + SMALL + AMD_FLASH_BLOCK, 0xff, AMD_FLASH_BLOCK);
	program(BANKS * SMALL - 4, 0);
	memset(before + BANKS * SMALL - 4, 0, 4);
	dev_fini(&bank[1].dev);
	ck_assert(disk.writes == 4 && disk.flushes == 1);
	ck_assert_mem_eq(disk.bytes, before, sizeof before);
	ck_assert_uint_eq(clock_next_deadline(&when.clock), CLOCK_NEVER);
}
END_TEST

START_TEST(nothing_changed_nothing_written)
{
	command(0, 0x90);
	both(0, 0xf0);
	fake_time_pass(&when, NS_PER_S);
	dev_reset(&bank[0].dev, RESET_COLD);
	dev_fini(&bank[0].dev);
	ck_assert(!disk.writes && !disk.flushes);
}
END_TEST

/* Lines of warnings that @during gives; the last one is in @text.  */
static unsigned warnings(void (*during)(void), char *text, size_t size)
{
	char path[] = P_tmpdir "/athanor-flash-XXXXXX";
	struct file_bytes f;
	struct err e = ERR_INIT;
	int fd = mkstemp(path), saved = dup(2);
	unsigned n = 0;

	ck_assert(fd >= 0 && saved >= 0 && dup2(fd, 2) == 2);
	during();
	ck_assert_int_eq(dup2(saved, 2), 2);
	close(saved);
	close(fd);
	ck_assert_int_eq(file_read(path, 4096, &f, &e), ST_OK);
	unlink(path);
	for (size_t i = 0; i < f.size; i++)
		n += f.at[i] == '\n';
	snprintf(text, size, "%.*s", (int)f.size, (const char *)f.at);
	file_bytes_free(&f);
	return n;
}

static void change_all_the_time(void)
{
	for (unsigned i = 0; i < 5; i++) {
		program(0x1000 + 0x2000 * i, 0);
		ck_assert_uint_eq(get(0x1000 + 0x2000 * i), 0);
		fake_time_pass(&when, NS_PER_S);
	}
}

START_TEST(failing_writes_are_told_once_and_tried_again)
{
	uint8_t before = disk.bytes[0x1000];
	char text[256];

	disk.fails = 1 + 2 + 3;
	ck_assert_uint_eq(warnings(change_all_the_time, text, sizeof text), 1);
	ck_assert_ptr_nonnull(strstr(text, "flash 0: what the guest changes is not kept: flash.img: no space left on device"));
	ck_assert_uint_ne(before, 0);
	ck_assert_uint_eq(disk.fails, 0);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_uint_eq(disk.bytes[0x1000 + 0x2000 * i], 0);
	disk.fails = 1;
	dev_fini(&bank[0].dev); /* the flush */
	ck_assert_uint_eq(disk.fails, 0);
}
END_TEST

START_TEST(a_file_that_may_not_be_written)
{
	char text[256];

	disk.dev.readonly = true;
	ck_assert_uint_eq(warnings(change_all_the_time, text, sizeof text), 1);
	ck_assert_ptr_nonnull(strstr(text, "read-only"));
	dev_fini(&bank[0].dev);
	ck_assert(!disk.writes && !disk.flushes);
	ck_assert_uint_ne(disk.bytes[0x1000], 0);
}
END_TEST

START_TEST(images_that_cannot_be_had)
{
	struct err e = ERR_INIT;

	machine(SMALL, false, true);
	disk.dev.size = BANKS * SMALL - 1;
	ck_assert_int_eq(amd_flash_load(&bank[0], &e), ST_OK);
	ck_assert_int_eq(amd_flash_load(&bank[1], &e), ST_USAGE);
	ck_assert_ptr_nonnull(strstr(e.text, "flash.img"));
	disk.dev.size = SMALL - 1;
	ck_assert_int_eq(amd_flash_load(&bank[1], &e), ST_USAGE);
	disk.fails = 1;
	disk.dev.size = BANKS * SMALL;
	ck_assert_int_eq(amd_flash_load(&bank[1], &e), ST_HOST);
	ck_assert_ptr_nonnull(strstr(e.text, "cannot be read"));
	finish();
	dev_fini(NULL);
	memset(bank, 0, sizeof bank);
	dev_fini(&bank[0].dev);
}
END_TEST

/* --- anything at all --- */

static uint64_t state;

static uint32_t some_command(void)
{
	static const uint8_t c[] = { 0xaa, 0x55, 0x90, 0xa0, 0x80, 0x30, 0x10, 0x98, 0xf0, 0xff, 0xb0, 0x20, 0x00 };

	return random32(&state) % 4 ? c[random32(&state) % ARRAY_LEN(c)] * 0x10001u : random32(&state);
}

static uint32_t some_offset(void)
{
	static const uint32_t at[] = { UNLOCK1, UNLOCK2, 0x154, 0, 0x40 };
	uint32_t off = at[random32(&state) % ARRAY_LEN(at)];

	if (random32(&state) % 4 == 0)
		return random32(&state) % (BANKS * SMALL);
	return off + (random32(&state) % 2 ? SMALL : 0) + (random32(&state) % 8 ? 0 : random32(&state) % 4);
}

START_TEST(random_accesses)
{
	state = UINT64_C(0x9e3779b97f4a7c15) * (unsigned)(_i + 1);
	for (unsigned i = 0; i < 300000; i++) {
		unsigned width = random32(&state) % 2 ? 4 : 1u << random32(&state) % 3;
		uint32_t pa = (BASE + some_offset()) & ~(width - 1);

		switch (random32(&state) % 8) {
		case 0:
			ck_assert(width == 4 || mem_load(map, pa, width) >> 8 * width == 0);
			break;
		case 1:
			fake_time_pass(&when, random32(&state) % 10000000);
			break;
		case 2:
			if (random32(&state) % 64 == 0)
				dev_reset(&bank[random32(&state) % BANKS].dev, RESET_WARM);
			break;
		case 3: /* a whole command now and then, or random writes would never complete one */
			command(random32(&state) % BANKS * SMALL, some_command() & 0xff);
			break;
		default:
			mem_store(map, pa, width, some_command());
			break;
		}
	}
	for (unsigned i = 0; i < BANKS; i++) {
		dev_reset(&bank[i].dev, RESET_WARM);
		ck_assert(is_array(i));
		erase(i * SMALL);
		program(i * SMALL + 4, 0x12345678);
		ck_assert_uint_eq(get(i * SMALL + 4), 0x12345678);
	}
	fake_time_pass(&when, FLASH_IMAGE_DELAY_NS);
	ck_assert_mem_eq(disk.bytes, mem_flash_bytes(&bank[0].array, 0, SMALL), SMALL);
	ck_assert_mem_eq(disk.bytes + SMALL, mem_flash_bytes(&bank[1].array, 0, SMALL), SMALL);
}
END_TEST

Suite *amd_flash_suite(void)
{
	Suite *s = suite_create("amd_flash");
	TCase *c = tcase_create("commands"), *w = tcase_create("whole machines"), *k = tcase_create("kept");

	tcase_add_checked_fixture(c, set_up, finish);
	tcase_add_test(c, starts_erased);
	tcase_add_test(c, programming_only_clears_bits);
	tcase_add_test(c, chips_are_commanded_one_by_one);
	tcase_add_test(c, byte_stores);
	tcase_add_test(c, loads_of_each_width);
	tcase_add_test(c, autoselect);
	tcase_add_test(c, erasing_sectors_and_chips);
	tcase_add_loop_test(c, bad_sequences, 0, (int)ARRAY_LEN(bad));
	tcase_add_test(c, reset_line);
	tcase_add_test(w, big_endian_bus);
	tcase_add_test(w, linux_probe);
	tcase_add_test(w, images_that_cannot_be_had);
	tcase_add_checked_fixture(k, set_up_kept, finish);
	tcase_add_test(k, image_is_read_and_written_back);
	tcase_add_test(k, nothing_changed_nothing_written);
	tcase_add_test(k, failing_writes_are_told_once_and_tried_again);
	tcase_add_test(k, a_file_that_may_not_be_written);
	tcase_add_loop_test(k, random_accesses, 0, 4);
	suite_add_tcase(s, c);
	suite_add_tcase(s, w);
	suite_add_tcase(s, k);
	return s;
}
