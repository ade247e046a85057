/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor's image formats: the same image whole, byte by byte and cut anywhere; each thing that can be wrong with one, with the
 * place that is named; random corruption, which may be accepted or refused but must stay inside the memory that there is.
 */
#include <check.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/firmware/fakes.h"
#include "tests/firmware/image_ram.h"

Suite *image_suite(void);

#define RAM IMAGE_RAM
#define RAM_SIZE IMAGE_RAM_SIZE

static struct image im;

static enum image_state feed(const uint8_t *bytes, uint32_t n, uint32_t step) { return image_ram_feed(&im, NULL, bytes, n, step); }
static enum image_state feed_text(const char *text) { return feed((const uint8_t *)text, (uint32_t)strlen(text), UINT32_MAX); }

/* --- S-records --- */

static const char good_srec[] =
	"S00600004844521B\r\n"
	"S30D80100000001122334455667786\r\n"
	"S309801000100a0b0c0d28\n"
	"\n"
	"S5030002FA\n"
	"S7058010000466\r\n";

static void srec_expect(void)
{
	static const uint8_t first[8] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77 }, second[4] = { 0x0a, 0x0b, 0x0c, 0x0d };

	ck_assert_msg(im.state == IMAGE_DONE, "%s %u: %s", im.unit, im.place, im.why);
	ck_assert_str_eq(im.format, "SREC");
	ck_assert_uint_eq(im.entry, 0x80100004);
	ck_assert_uint_eq(im.low, 0x80100000);
	ck_assert_uint_eq(im.high, 0x80100013);
	ck_assert_mem_eq(image_ram, first, 8);
	ck_assert_uint_eq(image_ram[8], 0xee);
	ck_assert_mem_eq(image_ram + 16, second, 4);
	ck_assert_uint_eq(image_ram[20], 0xee);
}

START_TEST(srec_any_pieces)
{
	const uint32_t n = sizeof(good_srec) - 1;

	for (uint32_t step = 1; step <= n; step++) {
		feed((const uint8_t *)good_srec, n, step);
		srec_expect();
	}
}
END_TEST

START_TEST(srec_truncated)
{
	const uint8_t *text = (const uint8_t *)good_srec;
	const uint32_t n = sizeof(good_srec) - 3; /* without the last line's end, which is not needed */

	for (uint32_t cut = 0; cut < n; cut++) {
		ck_assert_int_eq(feed(text, cut, UINT32_MAX), IMAGE_MORE);
		ck_assert_int_eq(image_close(&im), IMAGE_BAD);
		ck_assert_ptr_nonnull(im.why);
	}
	ck_assert_int_eq(feed(text, n, UINT32_MAX), IMAGE_DONE);
}
END_TEST

static const struct { const char *text, *why; uint32_t place; } srec_bad[] = {
	{ "S00600004844521C\n", "checksum", 1 },
	{ "S00600004844521B\nS30D80100000001122334455667787\n", "checksum", 2 },
	{ "S00600004844521B\nS30D801000000011223344556677\n", "shorter", 2 },
	{ "S30D80100000001122334455667G86\n", "digit", 1 },
	{ "S30D80100000001122334455667786 junk\n", "something else", 1 },
	{ "S30D8010000000112233445566778600\n", "something else", 1 },
	{ "S304801000006B\n", "too small", 1 },
	{ "S3", NULL, 1 },
	{ "S4030000FC\n", "unknown type", 1 },
	{ "S6030000FC\n", "unknown type", 1 },
	{ "SS", "unknown type", 1 },
	{ "S00600004844521B\nS5030001FB\n", "counts", 2 },
	{ "hello\n", "neither", 0 },
	{ "\nhello\n", "something else", 0 },
};

START_TEST(srec_wrong)
{
	const char *text = srec_bad[_i].text, *why = srec_bad[_i].why;

	feed_text(text);
	ck_assert_int_eq(image_close(&im), IMAGE_BAD);
	ck_assert_msg(!why || strstr(im.why, why), "%s", im.why);
	ck_assert_uint_eq(im.place, srec_bad[_i].place);
}
END_TEST

static void srec_line(char *to, unsigned type, uint32_t address, unsigned n)
{
	static const unsigned sizes[10] = { 2, 2, 3, 4, 0, 2, 0, 4, 3, 2 };
	unsigned sum = sizes[type] + n + 1, a = sizes[type];

	to += sprintf(to, "S%u%02X", type, sum);
	for (unsigned i = a; i-- > 0; sum += address >> 8 * i & 0xff)
		to += sprintf(to, "%02X", address >> 8 * i & 0xff);
	for (unsigned i = 0; i < n; i++, sum += 0xab)
		to += sprintf(to, "AB");
	sprintf(to, "%02X\n", ~sum & 0xff);
}

static const struct { unsigned type, n; uint32_t address; bool good; } places[] = {
	{ 3, 4, RAM, true }, { 3, 4, RAM + RAM_SIZE - 4, true }, { 3, 250, RAM, true }, { 3, 0, 0, true },
	{ 3, 4, RAM + RAM_SIZE - 3, false }, { 3, 4, RAM - 1, false }, { 3, 8, 0xfffffffc, false }, { 3, 1, 0, false },
	{ 1, 4, 0x1000, false }, { 2, 4, 0x100000, false },
};

START_TEST(srec_places)
{
	char line[600];

	srec_line(line, places[_i].type, places[_i].address, places[_i].n);
	ck_assert_int_eq(feed_text(line), places[_i].good ? IMAGE_MORE : IMAGE_BAD);
	if (!places[_i].good) {
		ck_assert_str_eq(im.why, "no memory");
		ck_assert(im.has_address);
		ck_assert_uint_eq(im.address, places[_i].address);
	}
}
END_TEST

START_TEST(srec_ends)
{
	char line[100];

	for (unsigned type = 7; type <= 9; type++) {
		srec_line(line, type, 0x1234, 0);
		ck_assert_int_eq(feed_text(line), IMAGE_DONE);
		ck_assert_uint_eq(im.entry, 0x1234);
		ck_assert_uint_gt(im.low, im.high);
	}
	ck_assert_int_eq(image_feed(&im, (const uint8_t *)"junk", 4), IMAGE_DONE);
}
END_TEST

START_TEST(srec_corrupted)
{
	uint64_t seed = 7;

	for (unsigned i = 0; i < 10000; i++) {
		char text[sizeof(good_srec)];
		const size_t n = sizeof(text) - 1;

		memcpy(text, good_srec, sizeof(text));
		for (uint32_t k = random32(&seed) % 3 + 1; k; k--)
			text[random32(&seed) % n] = random32(&seed) % 2 ? (char)random32(&seed) : "0123456789ABCDEFS\r\n"[random32(&seed) % 19];
		feed((uint8_t *)text, (uint32_t)n, random32(&seed) % 40 + 1);
		ck_assert_int_ne(image_close(&im), IMAGE_MORE);
	}
}
END_TEST

/* --- ELF --- */

#define ELF_SIZE 0x220u
static uint8_t elf[ELF_SIZE];

/* Two segments: the file's first 0x200 bytes, headers included, and 0x20 more with 0x900 cleared behind them.  */
static void elf_make(void)
{
	Elf32_Ehdr h = { .e_ident = ELFMAG, .e_type = ET_EXEC, .e_machine = EM_MIPS, .e_version = 1, .e_entry = RAM + 0x100, .e_phoff = 52,
		.e_ehsize = 52, .e_phentsize = 32, .e_phnum = 3 };
	Elf32_Phdr p[3] = {
		{ PT_LOAD, 0, RAM, RAM, 0x200, 0x200, PF_R | PF_X, 4 },
		{ PT_NOTE, 0x100, 0, 0, 0xffffffff, 0xffffffff, PF_R, 4 },
		{ PT_LOAD, 0x200, RAM + 0x1000, 0, 0x20, 0x920, PF_R | PF_W, 4 },
	};

	h.e_ident[EI_CLASS] = ELFCLASS32;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	for (unsigned i = 0; i < ELF_SIZE; i++)
		elf[i] = (uint8_t)(i * 7 + 1);
	memcpy(elf, &h, sizeof(h));
	memcpy(elf + 52, p, sizeof(p));
}

static void expect_bytes(unsigned from, unsigned to, uint8_t byte)
{
	while (from < to && image_ram[from] == byte)
		from++;
	ck_assert_uint_eq(from, to);
}

static void elf_expect(void)
{
	ck_assert_msg(im.state == IMAGE_DONE, "%s %u: %s", im.unit, im.place, im.why);
	ck_assert_str_eq(im.format, "ELF");
	ck_assert_uint_eq(im.entry, RAM + 0x100);
	ck_assert_uint_eq(im.low, RAM);
	ck_assert_uint_eq(im.high, RAM + 0x191f);
	ck_assert_mem_eq(image_ram, elf, 0x200);
	ck_assert_uint_eq(image_ram[0x200], 0xee);
	ck_assert_mem_eq(image_ram + 0x1000, elf + 0x200, 0x20);
	expect_bytes(0x1020, 0x1920, 0);
	ck_assert_uint_eq(image_ram[0x1920], 0xee);
}

START_TEST(elf_any_pieces)
{
	elf_make();
	for (uint32_t step = 1; step <= ELF_SIZE; step++) {
		feed(elf, ELF_SIZE, step);
		elf_expect();
	}
}
END_TEST

START_TEST(elf_truncated)
{
	elf_make();
	for (uint32_t cut = 0; cut < ELF_SIZE; cut++) {
		feed(elf, cut, 33);
		ck_assert_int_eq(image_close(&im), IMAGE_BAD);
		ck_assert_ptr_nonnull(strstr(im.why, cut ? "ends inside" : "empty"));
		ck_assert_uint_eq(im.place, cut);
	}
}
END_TEST

#define P0(f) (52u + (unsigned)offsetof(Elf32_Phdr, f))
#define EH(f) ((unsigned)offsetof(Elf32_Ehdr, f))
static const struct { unsigned at, size; uint32_t value; const char *why; uint32_t place; } elf_bad[] = {
	{ 1, 1, 'X', "not an ELF", 0 },
	{ EI_CLASS, 1, ELFCLASS64, "32-bit", 4 },
	{ EI_DATA, 1, ELFDATA2MSB, "little-endian", 4 },
	{ EH(e_type), 2, ET_DYN, "executable", EH(e_type) },
	{ EH(e_machine), 2, EM_386, "MIPS", EH(e_machine) },
	{ EH(e_phentsize), 2, 33, "size", EH(e_phentsize) },
	{ EH(e_phoff), 4, 0xffffffff, "beginning", EH(e_phoff) },
	{ EH(e_phoff), 4, IMAGE_ELF_HEAD - 95, "beginning", EH(e_phoff) },
	{ EH(e_phnum), 2, 0xffff, "beginning", EH(e_phoff) },
	{ EH(e_phnum), 2, 0, "start address", EH(e_entry) },
	{ EH(e_entry), 4, RAM + 0x200, "start address", EH(e_entry) },
	{ P0(p_filesz), 4, 0x201, "sizes", 52 },
	{ P0(p_filesz), 4, 0xffffffff, "sizes", 52 },
	{ P0(p_offset), 4, 0xffffff00, "sizes", 52 },
	{ P0(p_memsz), 4, RAM_SIZE + 1, "no memory", 52 },
	{ P0(p_memsz), 4, 0xffffffff, "no memory", 52 },
	{ P0(p_vaddr), 4, RAM - 4, "no memory", 52 },
	{ P0(p_vaddr), 4, 0xffffff00, "no memory", 52 },
};

START_TEST(elf_wrong)
{
	elf_make();
	for (unsigned i = 0; i < elf_bad[_i].size; i++)
		elf[elf_bad[_i].at + i] = (uint8_t)(elf_bad[_i].value >> 8 * i);
	feed(elf, ELF_SIZE, 100);
	ck_assert_int_eq(image_close(&im), IMAGE_BAD);
	ck_assert_msg(strstr(im.why, elf_bad[_i].why) != NULL, "%s", im.why);
	ck_assert_uint_eq(im.place, elf_bad[_i].place);
	expect_bytes(0, RAM_SIZE, 0xee); /* refused before anything was written */
}
END_TEST

START_TEST(elf_segments)
{
	static uint8_t many[IMAGE_ELF_HEAD];

	elf_make();
	memcpy(many, elf, 52);
	for (unsigned i = 0; i <= IMAGE_ELF_SEGMENTS; i++) {
		Elf32_Phdr p = { PT_LOAD, 0, RAM + 0x200 * i, 0, 0, 0x200, PF_R, 4 };

		memcpy(many + 52 + 32 * i, &p, 32);
	}
	many[offsetof(Elf32_Ehdr, e_phnum)] = IMAGE_ELF_SEGMENTS;
	ck_assert_int_eq(feed(many, sizeof(many), 200), IMAGE_DONE);
	ck_assert_uint_eq(im.high, RAM + 0x200 * IMAGE_ELF_SEGMENTS - 1);
	many[offsetof(Elf32_Ehdr, e_phnum)] = IMAGE_ELF_SEGMENTS + 1;
	ck_assert_int_eq(feed(many, sizeof(many), 200), IMAGE_BAD);
}
END_TEST

START_TEST(elf_corrupted)
{
	uint64_t seed = 11;

	for (unsigned i = 0; i < 10000; i++) {
		elf_make();
		for (uint32_t k = random32(&seed) % 4 + 1; k; k--)
			elf[random32(&seed) % 148] = (uint8_t)random32(&seed);
		feed(elf, ELF_SIZE, random32(&seed) % 200 + 1);
		ck_assert_int_ne(image_close(&im), IMAGE_MORE);
	}
}
END_TEST

/* --- bytes as they are --- */

START_TEST(raw)
{
	const uint32_t at = RAM + RAM_SIZE - 6;

	memset(image_ram, 0xee, sizeof(image_ram));
	image_open(&im, &image_ram_sink, &at);
	ck_assert_int_eq(image_feed(&im, (const uint8_t *)"S30D", 4), IMAGE_MORE);
	ck_assert_int_eq(image_feed(&im, (const uint8_t *)"\177E", 2), IMAGE_MORE);
	ck_assert_mem_eq(image_ram + RAM_SIZE - 6, "S30D\177E", 6);
	ck_assert_int_eq(image_close(&im), IMAGE_DONE);
	ck_assert_uint_eq(im.entry, at);
	ck_assert_uint_eq(im.low, at);
	ck_assert_uint_eq(im.high, RAM + RAM_SIZE - 1);

	image_open(&im, &image_ram_sink, &at);
	image_feed(&im, (const uint8_t *)"1234", 4);
	ck_assert_int_eq(image_feed(&im, (const uint8_t *)"567", 3), IMAGE_BAD);
	ck_assert_uint_eq(im.place, 4);
	ck_assert_uint_eq(im.address, at + 4);

	image_open(&im, &image_ram_sink, &at);
	ck_assert_int_eq(image_close(&im), IMAGE_BAD);
}
END_TEST

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *image_suite(void)
{
	Suite *s = suite_create("image");
	TCase *t = tcase_create("image");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, srec_any_pieces);
	tcase_add_test(t, srec_truncated);
	tcase_add_loop_test(t, srec_wrong, 0, ROWS(srec_bad));
	tcase_add_loop_test(t, srec_places, 0, ROWS(places));
	tcase_add_test(t, srec_ends);
	tcase_add_test(t, srec_corrupted);
	tcase_add_test(t, elf_any_pieces);
	tcase_add_test(t, elf_truncated);
	tcase_add_loop_test(t, elf_wrong, 0, ROWS(elf_bad));
	tcase_add_test(t, elf_segments);
	tcase_add_test(t, elf_corrupted);
	tcase_add_test(t, raw);
	suite_add_tcase(s, t);
	return s;
}
