/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF32 reading: a small image in both byte orders, the same cut short at every length, each field wrong in turn, and random
 * corruption, which may be accepted or refused but must stay inside the file.
 */
#include <check.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/elf32.h"

Suite *elf32_suite(void);

/*
 * Layout of the image: header 0x00, two program headers 0x34, text 0x80 (16 bytes), symbol table 0xa0 (3), strings 0xd0,
 * section names 0xe0, section headers 0x110 (5).
 */
#define AT_PH 0x34u
#define AT_TEXT 0x80u
#define AT_SYM 0xa0u
#define AT_STR 0xd0u
#define AT_NAMES 0xe0u
#define AT_SH 0x110u
#define SIZE (AT_SH + 5u * sizeof(Elf32_Shdr))

struct image { bool be; uint8_t bytes[SIZE]; };

static void put16(struct image *im, size_t at, uint32_t v)
{
	im->bytes[at + !im->be] = (uint8_t)(v >> 8);
	im->bytes[at + im->be] = (uint8_t)v;
}

static void put32(struct image *im, size_t at, uint32_t v)
{
	put16(im, at + (im->be ? 0 : 2), v >> 16);
	put16(im, at + (im->be ? 2 : 0), v & 0xffffu);
}

#define EH(im, field, v) (sizeof(((Elf32_Ehdr *)0)->field) == 2 ? put16 : put32)((im), offsetof(Elf32_Ehdr, field), (v))

static void put_phdr(struct image *im, unsigned i, uint32_t vaddr, uint32_t filesz, uint32_t memsz, uint32_t flags)
{
	uint32_t words[8] = { PT_LOAD, AT_TEXT, vaddr, vaddr, filesz, memsz, flags, 16 };

	for (size_t k = 0; k < 8; k++)
		put32(im, AT_PH + i * sizeof(Elf32_Phdr) + 4 * k, words[k]);
}

static void put_shdr(struct image *im, unsigned i, const uint32_t words[10])
{
	for (size_t k = 0; k < 10; k++)
		put32(im, AT_SH + i * sizeof(Elf32_Shdr) + 4 * k, words[k]);
}

static void put_sym(struct image *im, unsigned i, uint32_t name, uint32_t value, uint32_t size, uint8_t info, uint32_t shndx)
{
	size_t at = AT_SYM + i * sizeof(Elf32_Sym);

	put32(im, at, name);
	put32(im, at + 4, value);
	put32(im, at + 8, size);
	im->bytes[at + 12] = info;
	put16(im, at + 14, shndx);
}

static void make(struct image *im, bool be)
{
	memset(im, 0, sizeof *im);
	im->be = be;
	memcpy(im->bytes, ELFMAG, SELFMAG);
	im->bytes[EI_CLASS] = ELFCLASS32;
	im->bytes[EI_DATA] = be ? ELFDATA2MSB : ELFDATA2LSB;
	im->bytes[EI_VERSION] = EV_CURRENT;
	EH(im, e_type, ET_EXEC);
	EH(im, e_machine, EM_MIPS);
	EH(im, e_version, EV_CURRENT);
	EH(im, e_entry, 0x80100004);
	EH(im, e_phoff, AT_PH);
	EH(im, e_shoff, AT_SH);
	EH(im, e_flags, 0x70001001);
	EH(im, e_ehsize, sizeof(Elf32_Ehdr));
	EH(im, e_phentsize, sizeof(Elf32_Phdr));
	EH(im, e_phnum, 2);
	EH(im, e_shentsize, sizeof(Elf32_Shdr));
	EH(im, e_shnum, 5);
	EH(im, e_shstrndx, 4);
	put_phdr(im, 0, 0x80100000, 16, 16, PF_R | PF_X);
	put_phdr(im, 1, 0x80102000, 8, 0x1000, PF_R | PF_W);
	memcpy(im->bytes + AT_TEXT, "0123456789abcdef", 16);
	put_sym(im, 1, 1, 0x80100004, 8, ELF32_ST_INFO(STB_GLOBAL, STT_FUNC), 1);
	put_sym(im, 2, 0, 0, 0, ELF32_ST_INFO(STB_LOCAL, STT_SECTION), 1);
	memcpy(im->bytes + AT_STR, "\0start\0", 7);
	memcpy(im->bytes + AT_NAMES, "\0.text\0.symtab\0.strtab\0.shstrtab\0", 33);
	put_shdr(im, 1, (uint32_t[10]){ 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x80100000, AT_TEXT, 16, 0, 0, 16, 0 });
	put_shdr(im, 2, (uint32_t[10]){ 7, SHT_SYMTAB, 0, 0, AT_SYM, 48, 3, 2, 4, 16 });
	put_shdr(im, 3, (uint32_t[10]){ 15, SHT_STRTAB, 0, 0, AT_STR, 7, 0, 0, 1, 0 });
	put_shdr(im, 4, (uint32_t[10]){ 23, SHT_STRTAB, 0, 0, AT_NAMES, 33, 0, 0, 1, 0 });
}

START_TEST(reads_both_byte_orders)
{
	struct err e = ERR_INIT;
	struct elf32 *elf;
	struct image im;

	make(&im, _i == 1);
	ck_assert_msg(elf32_parse("image", im.bytes, SIZE, &elf, &e) == ST_OK, "%s", e.text);
	ck_assert_int_eq(elf->big_endian, _i == 1);
	ck_assert(elf->executable);
	ck_assert_uint_eq(elf->entry, 0x80100004);
	ck_assert_uint_eq(elf->flags, 0x70001001);
	ck_assert_uint_eq(elf->nsegments, 2);
	ck_assert_uint_eq(elf->segments[0].vaddr, 0x80100000);
	ck_assert_uint_eq(elf->segments[0].perm, ELF32_R | ELF32_X);
	ck_assert_int_eq(memcmp(elf->segments[0].bytes, "0123456789abcdef", 16), 0);
	ck_assert_uint_eq(elf->segments[1].filesz, 8);
	ck_assert_uint_eq(elf->segments[1].memsz, 0x1000);
	ck_assert_uint_eq(elf->segments[1].perm, ELF32_R | ELF32_W);
	ck_assert_uint_eq(elf->nsections, 1);
	ck_assert_str_eq(elf->sections[0].name, ".text");
	ck_assert(elf->sections[0].executable && !elf->sections[0].writable);
	ck_assert_int_eq(memcmp(elf->sections[0].bytes, "0123", 4), 0);
	ck_assert_uint_eq(elf->nsymbols, 1);
	ck_assert_str_eq(elf->symbols[0].name, "start");
	ck_assert_uint_eq(elf->symbols[0].value, 0x80100004);
	ck_assert_uint_eq(elf->symbols[0].size, 8);
	ck_assert_int_eq(elf->symbols[0].kind, ELF32_FUNC);
	ck_assert(elf->symbols[0].global);
	elf32_close(elf);
	elf32_close(NULL);
}
END_TEST

START_TEST(cut_at_every_length)
{
	struct image im;

	make(&im, false);
	for (size_t n = 0; n < SIZE; n++) {
		struct err e = ERR_INIT;
		struct elf32 *elf;

		ck_assert_msg(elf32_parse("image", im.bytes, n, &elf, &e) != ST_OK, "accepted at %zu bytes", n);
		ck_assert_msg(strstr(e.text, "image: offset 0x") == e.text, "%zu: %s", n, e.text);
	}
}
END_TEST

/* One field changed: where, how wide, to what, and what the message must speak of.  */
static const struct { size_t at; unsigned width; uint32_t value; enum status s; const char *says; } wrong[] = {
	{ 0, 1, 0, ST_FORMAT, "magic" },
	{ EI_CLASS, 1, ELFCLASS64, ST_UNSUPPORTED, "64-bit" },
	{ EI_CLASS, 1, 7, ST_FORMAT, "neither" },
	{ EI_DATA, 1, 0, ST_FORMAT, "byte order" },
	{ EI_DATA, 1, ELFDATA2MSB, ST_UNSUPPORTED, "machine" }, /* every field reversed: the machine is met first */
	{ EI_VERSION, 1, 9, ST_FORMAT, "version" },
	{ offsetof(Elf32_Ehdr, e_machine), 2, EM_X86_64, ST_UNSUPPORTED, "machine 62" },
	{ offsetof(Elf32_Ehdr, e_type), 2, ET_REL, ST_UNSUPPORTED, "type 1" },
	{ offsetof(Elf32_Ehdr, e_phnum), 2, 0xffff, ST_FORMAT, "too many program headers" },
	{ offsetof(Elf32_Ehdr, e_phnum), 2, 250, ST_FORMAT, "beyond the end of the file" },
	{ offsetof(Elf32_Ehdr, e_phentsize), 2, 31, ST_FORMAT, "unknown size" },
	{ offsetof(Elf32_Ehdr, e_phoff), 4, 0xfffffff0, ST_FORMAT, "beyond the end of the file" },
	{ offsetof(Elf32_Ehdr, e_shoff), 4, 0xfffffff0, ST_FORMAT, "beyond the end of the file" },
	{ offsetof(Elf32_Ehdr, e_shentsize), 2, 1, ST_FORMAT, "unknown size" },
	{ offsetof(Elf32_Ehdr, e_shnum), 2, 0, ST_FORMAT, "extended section numbering" },
	{ offsetof(Elf32_Ehdr, e_shnum), 2, 0xfeff, ST_FORMAT, "beyond the end of the file" },
	{ offsetof(Elf32_Ehdr, e_shstrndx), 2, 5, ST_FORMAT, "string table" },
	{ offsetof(Elf32_Ehdr, e_shstrndx), 2, 1, ST_FORMAT, "string table" },
	{ offsetof(Elf32_Ehdr, e_phoff), 4, AT_PH + 2, ST_FORMAT, "not aligned" },
	{ offsetof(Elf32_Ehdr, e_shoff), 4, AT_SH - 1, ST_FORMAT, "not aligned" },
	{ AT_SH + 80 + 16, 4, AT_SYM + 2, ST_FORMAT, "not aligned" },
	{ AT_PH + 4, 4, 0xffffffff, ST_FORMAT, "segment reaches beyond the end of the file" },
	{ AT_PH + 16, 4, 0x10000, ST_FORMAT, "more bytes in the file" },
	{ AT_PH + 20, 4, 0x80000000, ST_FORMAT, "end of the address space" },
	{ AT_PH + 20, 4, 0x3000, ST_FORMAT, "overlaps" },
	{ AT_SH + 40 + 12, 4, 0xfffffff8, ST_FORMAT, "end of the address space" },
	{ AT_SH + 40 + 16, 4, 0xfffffff8, ST_FORMAT, "beyond the end of the file" },
	{ AT_SH + 80 + 36, 4, 8, ST_FORMAT, "records of an unknown size" },
	{ AT_SH + 80 + 24, 4, 77, ST_FORMAT, "string table that does not exist" },
	{ AT_SYM + 16, 4, 8, ST_FORMAT, "name lies outside" },
};

START_TEST(each_field_wrong)
{
	struct err e = ERR_INIT;
	struct elf32 *elf;
	struct image im;

	make(&im, false);
	for (unsigned k = 0; k < wrong[_i].width; k++)
		im.bytes[wrong[_i].at + k] = (uint8_t)(wrong[_i].value >> 8 * k);
	ck_assert_int_eq(elf32_parse("image", im.bytes, SIZE, &elf, &e), wrong[_i].s);
	ck_assert_msg(strstr(e.text, wrong[_i].says) != NULL, "%s", e.text);
	ck_assert_ptr_eq(strstr(e.text, "image: offset 0x"), e.text);
}
END_TEST

/* Reads everything handed out, so that a sanitizer or a guard page sees what lies outside.  */
static unsigned long touch(const struct elf32 *elf)
{
	unsigned long sum = 0;

	for (unsigned i = 0; i < elf->nsegments; i++)
		for (uint32_t k = 0; k < elf->segments[i].filesz; k++)
			sum += elf->segments[i].bytes[k];
	for (unsigned i = 0; i < elf->nsections; i++) {
		sum += strlen(elf->sections[i].name);
		for (uint32_t k = 0; elf->sections[i].bytes && k < elf->sections[i].size; k++)
			sum += elf->sections[i].bytes[k];
	}
	for (unsigned i = 0; i < elf->nsymbols; i++)
		sum += strlen(elf->symbols[i].name);
	return sum;
}

START_TEST(random_corruption)
{
	uint32_t rng = 12345;
	unsigned accepted = 0, refused = 0;
	unsigned long sum = 0;

	for (unsigned round = 0; round < 20000; round++) {
		struct err e = ERR_INIT;
		struct elf32 *elf;
		struct image im;

		make(&im, round & 1);
		for (unsigned k = 0; k < 1 + round % 3; k++) {
			rng = rng * 1664525u + 1013904223u;
			im.bytes[(rng >> 8) % SIZE] = (uint8_t)(rng >> 24);
		}
		if (elf32_parse("image", im.bytes, SIZE, &elf, &e) == ST_OK) {
			accepted++;
			sum += touch(elf);
			elf32_close(elf);
		} else {
			refused++;
			ck_assert_msg(strstr(e.text, "image: offset 0x") == e.text, "%s", e.text);
		}
	}
	ck_assert_uint_gt(accepted, 100);
	ck_assert_uint_gt(refused, 100);
	ck_assert_uint_gt(sum, 0);
}
END_TEST

/* A header that describes nothing may say anything.  */
START_TEST(null_section_is_none)
{
	struct err e = ERR_INIT;
	struct elf32 *elf;
	struct image im;
	unsigned before;

	make(&im, false);
	ck_assert_int_eq(elf32_parse("image", im.bytes, SIZE, &elf, &e), ST_OK);
	before = elf->nsections;
	elf32_close(elf);
	put32(&im, AT_SH + sizeof(Elf32_Shdr) + 4, SHT_NULL);
	put32(&im, AT_SH + sizeof(Elf32_Shdr) + 16, 0x7f000000);
	ck_assert_msg(elf32_parse("image", im.bytes, SIZE, &elf, &e) == ST_OK, "%s", e.text);
	ck_assert_uint_eq(elf->nsections, before - 1);
	touch(elf);
	elf32_close(elf);
}
END_TEST

START_TEST(missing_file)
{
	struct err e = ERR_INIT;
	struct elf32 *elf;

	ck_assert_int_eq(elf32_open("/nonexistent/vmlinux", &elf, &e), ST_IO);
	ck_assert_ptr_eq(strstr(e.text, "/nonexistent/vmlinux: "), e.text);
}
END_TEST

Suite *elf32_suite(void)
{
	Suite *s = suite_create("elf32");
	TCase *t = tcase_create("images");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, reads_both_byte_orders, 0, 2);
	tcase_add_test(t, cut_at_every_length);
	tcase_add_loop_test(t, each_field_wrong, 0, (int)ARRAY_LEN(wrong));
	tcase_add_test(t, random_corruption);
	tcase_add_test(t, null_section_is_none);
	tcase_add_test(t, missing_file);
	suite_add_tcase(s, t);
	return s;
}
