/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * .xo files: what is written is read back; whatever is damaged, cut, of another key or structurally wrong is refused with the place.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "pcmap/key.h"
#include "pcmap/xabi.h"
#include "pcmap/xo_file.h"
#include "pcmap/xo_layout.h"
#include "tests/harness/suites.h"
#include "tests/harness/temp_dir.h"
#include "tests/pcmap/xo_sample.h"

static uint8_t *image;
static size_t size;

static void make(void) { image = sample_make(false, &size); }
static void drop(void) { free(image); }

static void seal(uint8_t *at)
{
	ck_assert_int_eq(xo_digest(at, size, at + sizeof(Elf64_Ehdr) + offsetof(struct xo_note, sha256), NULL), ST_OK);
}

static Elf64_Shdr section(enum xo_section s)
{
	Elf64_Shdr h;
	uint64_t shoff;

	memcpy(&shoff, image + offsetof(Elf64_Ehdr, e_shoff), sizeof shoff);
	memcpy(&h, image + shoff + (size_t)s * sizeof h, sizeof h);
	return h;
}

START_TEST(round_trip)
{
	struct xo_view v;
	struct xo_key k;
	const struct xo_page *p;

	sample_key(&k);
	ck_assert_int_eq(xo_check("x", image, size, &k, &v, NULL), ST_OK);
	ck_assert_uint_eq(v.npages, 3);
	ck_assert_uint_eq(v.nunits, 4);
	ck_assert_ptr_null(xo_find(&v, SAMPLE_PAGE, UNIT_KERNEL | UNIT_MAPPED));
	ck_assert_ptr_null(xo_find(&v, SAMPLE_PAGE + 0x1000, UNIT_KERNEL));
	ck_assert_ptr_null(xo_find(&v, 0, 0));
	p = xo_find(&v, SAMPLE_USER, UNIT_MAPPED);
	ck_assert_ptr_eq(p, &v.pages[0]);
	ck_assert_uint_eq(p->next, UINT32_MAX);
	p = xo_find(&v, SAMPLE_PAGE, UNIT_KERNEL);
	ck_assert_ptr_eq(p, &v.pages[1]);
	ck_assert_uint_eq(p->next, 2);
	ck_assert_uint_eq(p->nunits, 2);
	ck_assert_uint_eq(v.src[(size_t)p->src * GUEST_PAGE_SIZE], 0x22);
	/* Order of units is the writer's, not the address's.  */
	ck_assert_uint_eq(v.units[p->first_unit].first, 4);
	ck_assert_uint_eq(v.units[p->first_unit + 1].first, 3);
	ck_assert_uint_eq(xo_site_flags(&v, p, 5), SITE_USER);
	ck_assert_uint_eq(xo_site_flags(&v, p, 4), 0);
	ck_assert_uint_eq(xo_site_flags(&v, p + 1, 5), 0);
}
END_TEST

START_TEST(tables_survive)
{
	struct xo_view v;
	const struct xo_unit *u;

	ck_assert_int_eq(xo_check("x", image, size, NULL, &v, NULL), ST_OK);
	u = &v.units[2];
	ck_assert_uint_eq(u->nentries, 2);
	ck_assert_uint_eq(v.entries[u->entry].off, 8);
	ck_assert_uint_eq(v.entries[u->entry + 1].link, 12);
	ck_assert_uint_eq(v.faults[u->fault + 1].off, 14);
	ck_assert_uint_eq(v.faults[u->fault + 1].refund, 1);
	ck_assert_uint_eq(u->nlinks, 2);
	ck_assert_uint_eq(v.links[u->link].arg, SAMPLE_PAGE + 0x40);
	ck_assert_uint_eq(v.links[u->link + 1].kind, RELOC_GPC);
	ck_assert_uint_eq(u->nrelas, 2);
	ck_assert_uint_eq(v.relas[u->rela].offset, u->code + 4);
	ck_assert_uint_eq(v.relas[u->rela].info >> 32, XABI_POLL + 1);
	ck_assert_uint_eq(v.relas[u->rela + 1].info >> 32, XABI_MISS + 1);
	ck_assert_uint_eq(v.text[u->code], 0x90);
}
END_TEST

START_TEST(deterministic)
{
	size_t other_size;
	uint8_t *other = sample_make(true, &other_size);

	ck_assert_uint_eq(other_size, size);
	ck_assert_mem_eq(other, image, size);
	free(other);
}
END_TEST

START_TEST(every_length_refused)
{
	for (size_t n = 0; n < size; n++) {
		struct err e = ERR_INIT;
		struct xo_view v;
		uint8_t *cut = malloc(n + 1); /* exactly as long: reading behind it is found by the sanitizer */

		memcpy(cut, image, n);
		ck_assert_msg(xo_check("cut.xo", cut, n, NULL, &v, &e) != ST_OK, "accepted at length %zu", n);
		ck_assert_msg(strstr(e.text, "cut.xo: ") == e.text, "%s", e.text);
		ck_assert_uint_eq(v.npages, 0);
		free(cut);
	}
}
END_TEST

START_TEST(every_flip_refused)
{
	struct xo_view v;

	for (size_t i = 0; i < size; i++) {
		struct err e = ERR_INIT;

		image[i] ^= (uint8_t)(1u << i % 8);
		ck_assert_msg(xo_check("bad.xo", image, size, NULL, &v, &e) != ST_OK, "accepted with byte %zu changed", i);
		ck_assert_msg(strstr(e.text, "offset 0x") || strstr(e.text, ".note.athanor"), "no place: %s", e.text);
		image[i] ^= (uint8_t)(1u << i % 8);
	}
	ck_assert_int_eq(xo_check("good.xo", image, size, NULL, &v, NULL), ST_OK);
}
END_TEST

/* Structure is checked even where the checksum fits: @bytes at @at in @s become @value.  */
static const struct { enum xo_section s; unsigned at, bytes; uint64_t value; const char *why; } forged[] = {
	{ XO_S_UNIT, 0, 4, 4, ".unit: 4 pages" },
	{ XO_S_UNIT, 4, 4, 0xffffffff, "do not fill it" },
	{ XO_S_UNIT, 8, 4, 1, "do not fill it" },
	{ XO_S_UNIT, 16, 4, 0x400004, "not a page's" },
	{ XO_S_UNIT, 40, 4, 0x00300000, "not sorted" },
	{ XO_S_UNIT, 20, 4, UNIT_BE, "impossible flags" },
	{ XO_S_UNIT, 20, 4, UNIT_LLVM, "impossible flags" },
	{ XO_S_UNIT, 24, 4, 3, ".src has 3 pages, not 3" },
	{ XO_S_UNIT, 28, 4, 1, "do not follow" },
	{ XO_S_UNIT, 32, 4, 0, "do not follow" },
	{ XO_S_UNIT, 32, 4, 5, "do not follow" },
	{ XO_S_UNIT, 36, 4, 1, "wrong next record" },
	{ XO_S_UNIT, 88, 2, 1024, "not in a page" },
	{ XO_S_UNIT, 90, 2, 0, "not in a page" },
	{ XO_S_UNIT, 90, 2, 1021, "not in a page" },
	{ XO_S_UNIT, 92, 4, UNIT_MAPPED, "impossible flags" },
	{ XO_S_UNIT, 92, 4, UNIT_XO, "impossible flags" },
	{ XO_S_UNIT, 96, 4, 16, "not the next in .text" },
	{ XO_S_UNIT, 100, 4, 0, "not the next in .text" },
	{ XO_S_UNIT, 100, 4, 0xffffffff, "not the next in .text" },
	{ XO_S_UNIT, 104, 4, 1, "not the next in .pcmap" },
	{ XO_S_UNIT, 108, 4, 0x10000, "not the next in .pcmap" },
	{ XO_S_UNIT, 108, 4, 0, "not the next in .pcmap" },
	{ XO_S_UNIT, 112, 4, 1, "not the next in .fault" },
	{ XO_S_UNIT, 116, 4, 0xffffffff, "not the next in .fault" },
	{ XO_S_UNIT, 124, 4, 99, "not the next in .link" },
	{ XO_S_UNIT, 132, 4, 99, "not the next in .rela.text" },
	{ XO_S_TEXT, 41, 1, 0x90, "fill behind unit" },
	{ XO_S_PCMAP, 0, 4, 40, "leads outside" },
	{ XO_S_PCMAP, 4, 4, 0x80000000, "leads outside" },
	{ XO_S_PCMAP, 8, 2, 3, "leads outside" },
	{ XO_S_PCMAP, 8, 2, 10, "leads outside" },
	{ XO_S_PCMAP, 10, 2, 1, "leads outside" },
	{ XO_S_PCMAP, 8, 2, 6, "not sorted" },
	{ XO_S_FAULT, 0, 4, 40, "leads outside" },
	{ XO_S_FAULT, 4, 4, 8, "leads outside" }, /* a recovery block of a template unit */
	{ XO_S_FAULT, 8, 2, 1023, "leads outside" },
	{ XO_S_FAULT, 0, 4, 14, "not sorted" },
	{ XO_S_LINK, 0, 4, 37, "impossible row" },
	{ XO_S_LINK, 0, 4, 0xfffffffd, "impossible row" },
	{ XO_S_LINK, 0, 4, 6, "impossible row" }, /* overlaps the relocation at 4 */
	{ XO_S_LINK, 4, 4, SAMPLE_PAGE + 2, "impossible row" },
	{ XO_S_LINK, 8, 4, 40, "impossible row" },
	{ XO_S_LINK, 12, 1, RELOC_XABI, "impossible row" },
	{ XO_S_LINK, 12, 1, 77, "impossible row" },
	{ XO_S_RELA, 0, 8, 37, "impossible relocation" },
	{ XO_S_RELA, 0, 8, 0xffffffffffffffff, "impossible relocation" },
	{ XO_S_RELA, 12, 4, 0, "impossible relocation" },
	{ XO_S_RELA, 12, 4, XABI_ENTRY_COUNT + 1, "impossible relocation" },
	{ XO_S_RELA, 8, 4, 1, "impossible relocation" },
	{ XO_S_RELA, 16, 8, 0, "impossible relocation" },
	{ XO_S_SITE, 0, 4, 3, "impossible row" },
	{ XO_S_SITE, 4, 2, 1024, "impossible row" },
	{ XO_S_SITE, 6, 1, 0, "impossible row" },
	{ XO_S_SITE, 6, 1, 0x80, "impossible row" },
	{ XO_S_SYMTAB, 24 + 6, 2, 1, ".symtab" },
	{ XO_S_STRTAB, 1, 1, 'y', ".strtab" },
	{ XO_S_SHSTRTAB, 1, 1, 'x', ".shstrtab" },
	{ XO_S_NOTE, 0, 4, 7, "not our note" },
	{ XO_S_NOTE, 60, 4, 3, "impossible key" }, /* isa_rev */
	{ XO_S_NOTE, 20, 4, 2, "another format" },
};

START_TEST(forgery_refused)
{
	struct err e = ERR_INIT;
	struct xo_view v;
	Elf64_Shdr h = section(forged[_i].s);

	ck_assert_uint_le(forged[_i].at + forged[_i].bytes, h.sh_size);
	ck_assert_int_ne(memcmp(image + h.sh_offset + forged[_i].at, &forged[_i].value, forged[_i].bytes), 0);
	memcpy(image + h.sh_offset + forged[_i].at, &forged[_i].value, forged[_i].bytes);
	seal(image);
	ck_assert_msg(xo_check("forged.xo", image, size, NULL, &v, &e) != ST_OK, "accepted");
	ck_assert_msg(strstr(e.text, forged[_i].why), "'%s' instead of '%s'", e.text, forged[_i].why);
}
END_TEST

/* Whatever numbers stand in the tables, checking ends and touches nothing outside; what is accepted is in range.  */
START_TEST(random_forgeries)
{
	uint8_t *copy = malloc(size);
	uint32_t x = 12345;
	unsigned accepted = 0;

	for (unsigned round = 0; round < 20000; round++) {
		struct xo_view v;

		memcpy(copy, image, size);
		for (unsigned i = 0; i < 1 + round % 3; i++) {
			size_t at;

			x = x * 1664525u + 1013904223u;
			at = x >> 8;
			x = x * 1664525u + 1013904223u;
			copy[at % size] = (uint8_t)(x >> 16);
		}
		seal(copy);
		if (xo_check("random.xo", copy, size, NULL, &v, NULL) != ST_OK)
			continue;
		accepted++;
		for (uint32_t i = 0; i < v.nunits; i++)
			ck_assert_uint_le((uint64_t)v.units[i].code + v.units[i].code_len, v.text_len);
	}
	ck_assert_uint_gt(accepted, 0); /* code and source bytes may be anything */
	free(copy);
}
END_TEST

static const struct { const char *field; unsigned at; } key_fields[] = {
	{ "format", offsetof(struct xo_key, format) },         { "xabi", offsetof(struct xo_key, xabi) },
	{ "isa_hash", offsetof(struct xo_key, isa_hash) + 31 }, { "isa_rev", offsetof(struct xo_key, isa_rev) },
	{ "big_endian", offsetof(struct xo_key, big_endian) }, { "host_features", offsetof(struct xo_key, host_features) },
	{ "cpu_bias", offsetof(struct xo_key, cpu_bias) },     { "reserved", offsetof(struct xo_key, reserved) + 12 },
};

START_TEST(key_field_named)
{
	struct err e = ERR_INIT;
	struct xo_view v;
	struct xo_key k;

	sample_key(&k);
	((uint8_t *)&k)[key_fields[_i].at] ^= 1;
	ck_assert_int_eq(xo_check("x.xo", image, size, &k, &v, &e), ST_STALE);
	ck_assert_msg(strstr(e.text, key_fields[_i].field), "%s", e.text);
	ck_assert_msg(strstr(e.text, "x.xo"), "%s", e.text);
}
END_TEST

START_TEST(more_features_than_needed)
{
	struct xo_view v;
	struct xo_key k;

	sample_key(&k);
	k.host_features |= 0x80;
	ck_assert_int_eq(xo_check("x.xo", image, size, &k, &v, NULL), ST_OK);
}
END_TEST

START_TEST(broken_units_not_written)
{
	struct err e = ERR_INIT;
	struct unit u;
	struct xo_builder *b = sample_builder(&u);
	uint8_t *bytes;
	size_t n;

	u.flags &= ~(uint32_t)UNIT_XO;
	ck_assert_int_eq(xo_builder_unit(b, &u, NULL), ST_OK);
	ck_assert_int_eq(xo_builder_image(b, &bytes, &n, &e), ST_INTERNAL);
	ck_assert_msg(strstr(e.text, "impossible flags"), "%s", e.text);
	ck_assert_int_eq(xo_builder_image(b, &bytes, &n, NULL), ST_INTERNAL); /* without anybody who wants the text */
	xo_builder_destroy(b);
	b = sample_builder(&u);
	u.page += GUEST_PAGE_SIZE;
	ck_assert_int_eq(xo_builder_unit(b, &u, NULL), ST_INTERNAL);
	xo_builder_destroy(b);
}
END_TEST

START_TEST(empty_file_is_a_file)
{
	struct xo_builder *b;
	struct xo_view v;
	struct xo_key k;
	uint8_t *bytes;
	size_t n;

	sample_key(&k);
	ck_assert_int_eq(xo_builder_create(&k, &b, NULL), ST_OK);
	ck_assert_int_eq(xo_builder_image(b, &bytes, &n, NULL), ST_OK);
	ck_assert_int_eq(xo_check("x", bytes, n, &k, &v, NULL), ST_OK);
	ck_assert_uint_eq(v.npages, 0);
	ck_assert_ptr_null(xo_find(&v, SAMPLE_PAGE, UNIT_KERNEL));
	free(bytes);
	xo_builder_destroy(b);
}
END_TEST

START_TEST(open_and_close)
{
	char path[128];
	struct err e = ERR_INIT;
	struct xo_file *f;
	struct xo_view v;
	struct unit u;
	struct xo_builder *b = sample_builder(&u);

	snprintf(path, sizeof path, "%s/a.xo", temp_dir);
	ck_assert_int_eq(xo_builder_unit(b, &u, NULL), ST_OK);
	ck_assert_msg(xo_builder_write(b, path, &e) == ST_OK, "%s", e.text);
	xo_builder_destroy(b);
	ck_assert_msg(xo_open(path, NULL, &v, &f, &e) == ST_OK, "%s", e.text);
	ck_assert_uint_eq(v.nunits, 1);
	ck_assert_int_eq(truncate(path, 100), 0); /* whoever has it open goes on with what was checked */
	ck_assert_uint_eq(v.units[0].code_len, u.code_len);
	ck_assert_int_eq(memcmp(v.text, u.code, 4), 0);
	xo_close(f);
	xo_close(NULL);
	ck_assert_int_eq(xo_open(path, NULL, &v, &f, &e), ST_FORMAT);
	ck_assert_ptr_null(f);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(xo_open(path, NULL, &v, &f, &e), ST_FORMAT);
	ck_assert_int_eq(xo_open(temp_dir, NULL, &v, &f, &e), ST_IO);
	ck_assert_int_eq(xo_open("/dev/zero", NULL, &v, &f, &e), ST_IO);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(xo_open(path, NULL, &v, &f, &e), ST_IO);
	ck_assert_msg(strstr(e.text, path), "%s", e.text);
}
END_TEST

START_TEST(unwritable_leaves_nothing)
{
	char path[128];
	struct err e = ERR_INIT;
	struct unit u;
	struct xo_builder *b = sample_builder(&u);

	ck_assert_int_eq(xo_builder_unit(b, &u, NULL), ST_OK);
	snprintf(path, sizeof path, "%s/none/a.xo", temp_dir);
	ck_assert_int_eq(xo_builder_write(b, path, &e), ST_IO);
	ck_assert_int_eq(xo_builder_write(b, "/dev/full", &e), ST_IO);
	xo_builder_destroy(b);
	ck_assert_uint_eq(temp_dir_entries(), 0);
}
END_TEST

Suite *xo_suite(void);
Suite *xo_suite(void)
{
	Suite *s = suite_create("xo");
	TCase *t = tcase_create("memory");

	tcase_add_checked_fixture(t, make, drop);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, round_trip);
	tcase_add_test(t, tables_survive);
	tcase_add_test(t, deterministic);
	tcase_add_test(t, every_length_refused);
	tcase_add_test(t, every_flip_refused);
	tcase_add_loop_test(t, forgery_refused, 0, (int)ARRAY_LEN(forged));
	tcase_add_test(t, random_forgeries);
	tcase_add_loop_test(t, key_field_named, 0, (int)ARRAY_LEN(key_fields));
	tcase_add_test(t, more_features_than_needed);
	tcase_add_test(t, broken_units_not_written);
	tcase_add_test(t, empty_file_is_a_file);
	suite_add_tcase(s, t);
	t = tcase_create("file");
	tcase_add_checked_fixture(t, temp_dir_make, temp_dir_drop);
	tcase_add_test(t, open_and_close);
	tcase_add_test(t, unwritable_leaves_nothing);
	suite_add_tcase(s, t);
	return s;
}
