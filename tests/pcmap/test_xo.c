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
static struct xo_view v;
static struct xo_file *file;
static struct xo_tables t;

static void make(void) { image = sample_make(false, &size); }

static void drop(void)
{
	xo_close(file);
	file = NULL;
	free(image);
}

static Elf64_Shdr section(enum xo_section s)
{
	Elf64_Shdr h;

	memcpy(&h, image + XO_SECTIONS_AT + (size_t)s * sizeof h, sizeof h);
	return h;
}

static void open_image(const struct xo_key *k)
{
	struct err e = ERR_INIT;

	ck_assert_msg(xo_open_memory("x", image, size, k, &v, &file, &e) == ST_OK, "%s", e.text);
}

static void read_page(uint32_t i)
{
	struct err e = ERR_INIT;

	ck_assert_msg(xo_read(file, i, &t, &e) == ST_OK, "%s", e.text);
}

START_TEST(round_trip)
{
	struct xo_key k;
	const struct xo_page *p;

	sample_key(&k);
	ck_assert_int_eq(xo_check("x", image, size, &k, NULL), ST_OK);
	open_image(&k);
	ck_assert_uint_eq(v.npages, 3);
	ck_assert_uint_eq(v.pages[3].first[XO_PART_UNIT], 4);
	ck_assert_ptr_null(xo_find(&v, SAMPLE_PAGE, UNIT_KERNEL | UNIT_MAPPED));
	ck_assert_ptr_null(xo_find(&v, SAMPLE_PAGE + 0x1000, UNIT_KERNEL));
	ck_assert_ptr_null(xo_find(&v, 0, 0));
	ck_assert_ptr_eq(xo_find(&v, SAMPLE_USER, UNIT_MAPPED), &v.pages[0]);
	p = xo_find(&v, SAMPLE_PAGE, UNIT_KERNEL);
	ck_assert_ptr_eq(p, &v.pages[1]);
	ck_assert_uint_eq(p[1].page, SAMPLE_PAGE);
	read_page(2);
	ck_assert_uint_eq(t.src[0], 0x33);
	ck_assert_uint_eq(xo_site_flags(&t, 5), 0);
	read_page(1);
	ck_assert_uint_eq(t.nunits, 2);
	ck_assert_uint_eq(t.src[0], 0x22);
	ck_assert_uint_eq(t.nsrc, GUEST_PAGE_SIZE);
	/* Order of units is the writer's, not the address's.  */
	ck_assert_uint_eq(t.units[0].first, 4);
	ck_assert_uint_eq(t.units[1].first, 3);
	ck_assert_uint_eq(xo_site_flags(&t, 5), SITE_USER);
	ck_assert_uint_eq(xo_site_flags(&t, 4), 0);
}
END_TEST

START_TEST(tables_survive)
{
	const struct xo_unit *u;

	open_image(NULL);
	read_page(1);
	u = &t.units[1];
	ck_assert_uint_eq(u->nentries, 2);
	ck_assert_uint_eq(t.entries[u->entry].off, 8);
	ck_assert_uint_eq(t.entries[u->entry + 1].link, 12);
	ck_assert_uint_eq(t.faults[u->fault + 1].off, 14);
	ck_assert_uint_eq(t.faults[u->fault + 1].refund, 1);
	ck_assert_uint_eq(u->nlinks, 2);
	ck_assert_uint_eq(t.links[u->link].arg, SAMPLE_PAGE + 0x40);
	ck_assert_uint_eq(t.links[u->link + 1].kind, RELOC_GPC);
	ck_assert_uint_eq(u->nrelas, 2);
	ck_assert_uint_eq(t.text_at, v.pages[1].first[XO_PART_TEXT]);
	ck_assert_uint_eq(t.relas[u->rela].offset, t.text_at + u->code + 4);
	ck_assert_uint_eq(t.relas[u->rela].info >> 32, XABI_POLL + 1);
	ck_assert_uint_eq(t.relas[u->rela + 1].info >> 32, XABI_MISS + 1);
	ck_assert_uint_eq(t.text[u->code], 0x90);
	ck_assert_uint_ne(u->code, 0);
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
		uint8_t *cut = malloc(n + 1); /* exactly as long: reading behind it is found by the sanitizer */

		memcpy(cut, image, n);
		ck_assert_msg(xo_open_memory("cut.xo", cut, n, NULL, &v, &file, &e) != ST_OK, "accepted at length %zu", n);
		ck_assert_msg(strstr(e.text, "cut.xo: ") == e.text, "%s", e.text);
		ck_assert_uint_eq(v.npages, 0);
		ck_assert_ptr_null(file);
		free(cut);
	}
}
END_TEST

START_TEST(every_flip_refused)
{
	for (size_t i = 0; i < size; i++) {
		struct err e = ERR_INIT;

		image[i] ^= (uint8_t)(1u << i % 8);
		ck_assert_msg(xo_check("bad.xo", image, size, NULL, &e) != ST_OK, "accepted with byte %zu changed", i);
		ck_assert_msg(strstr(e.text, "offset 0x") || strstr(e.text, ".note.athanor"), "no place: %s", e.text);
		image[i] ^= (uint8_t)(1u << i % 8);
	}
	ck_assert_int_eq(xo_check("good.xo", image, size, NULL, NULL), ST_OK);
}
END_TEST

/* The page record to which a byte of the file belongs; npages: it is in the head, or nobody's.  */
static uint32_t owner_of(size_t at)
{
	for (uint32_t p = 0; p < v.npages; p++)
		for (unsigned k = 0; k < XO_PART_COUNT; k++) {
			size_t from = section(xo_part_section[k]).sh_offset + v.pages[p].first[k] * xo_part_bytes[k];

			if (at >= from && at - from < xo_part_size(&v.pages[p], (enum xo_part)k) * xo_part_bytes[k])
				return p;
		}
	return v.npages;
}

/* What is damaged once the file is open is refused when it is met; all else goes on being good.  */
START_TEST(late_flips_refused)
{
	unsigned met = 0;

	open_image(NULL);
	for (size_t i = section(XO_S_TEXT).sh_offset; i < size; i++) {
		uint32_t owner = owner_of(i);

		image[i] ^= (uint8_t)(1u << i % 8);
		for (uint32_t p = 0; p < v.npages; p++) {
			struct err e = ERR_INIT;

			ck_assert_msg((xo_read(file, p, &t, &e) == ST_OK) == (p != owner), "byte 0x%zx, record %u: '%s'", i, p, e.text);
			ck_assert(p != owner || strstr(e.text, "x: offset 0x"));
		}
		image[i] ^= (uint8_t)(1u << i % 8);
		met += owner < v.npages;
	}
	ck_assert_uint_gt(met, 3 * GUEST_PAGE_SIZE);
}
END_TEST

/* Structure is checked even where the checksums fit: @bytes at @at in @s become @value.  */
#define PAGE_ROW sizeof(struct xo_page)
#define FIRST(record, part) ((record) * PAGE_ROW + offsetof(struct xo_page, first) + 4 * XO_PART_##part)
static const struct { enum xo_section s; unsigned at, bytes; uint64_t value; const char *why; } forged[] = {
	{ XO_S_PAGE, 0, 4, 0x400004, "not a page's" },
	{ XO_S_PAGE, 48, 4, 0x00300000, "not sorted" },
	{ XO_S_PAGE, 4, 4, UNIT_BE, "impossible flags" },
	{ XO_S_PAGE, 4, 4, UNIT_LLVM, "impossible flags" },
	{ XO_S_PAGE, FIRST(0, TEXT), 4, 16, "do not fill .text" },
	{ XO_S_PAGE, FIRST(0, SITE), 4, 1, "do not fill .site" },
	{ XO_S_PAGE, FIRST(1, TEXT), 4, 0x70000000, "more than one page can have" },
	{ XO_S_PAGE, FIRST(1, TEXT), 4, 47, "impossible parts" }, /* not where code begins */
	{ XO_S_PAGE, FIRST(1, UNIT), 4, 0, "impossible parts" },
	{ XO_S_PAGE, FIRST(2, UNIT), 4, 0, "its part of .unit ends before it begins" },
	{ XO_S_PAGE, FIRST(1, SRC), 4, 4095, "impossible parts" },
	{ XO_S_PAGE, FIRST(1, PCMAP), 4, 3, "hold more" },
	{ XO_S_PAGE, FIRST(1, FAULT), 4, 1, "not the next in .fault" },
	{ XO_S_PAGE, FIRST(1, LINK), 4, 3, "hold more" },
	{ XO_S_PAGE, FIRST(1, RELA), 4, 1, "not the next in .rela.text" },
	{ XO_S_PAGE, FIRST(1, SITE), 4, 3, "its part of .site ends before it begins" },
	{ XO_S_PAGE, FIRST(3, TEXT), 4, 0, "do not fill .text" },
	{ XO_S_PAGE, FIRST(3, UNIT), 4, 5, "do not fill .unit" },
	{ XO_S_PAGE, 3 * PAGE_ROW, 4, 0x80400000, "impossible end mark" },
	{ XO_S_PAGE, 3 * PAGE_ROW + 40, 1, 1, "impossible end mark" },
	{ XO_S_UNIT, 0, 2, 1024, "not in a page" },
	{ XO_S_UNIT, 2, 2, 0, "not in a page" },
	{ XO_S_UNIT, 2, 2, 1021, "not in a page" },
	{ XO_S_UNIT, 4, 4, UNIT_MAPPED, "impossible flags" },
	{ XO_S_UNIT, 4, 4, UNIT_XO, "impossible flags" },
	{ XO_S_UNIT, 8, 4, 16, "not the next in .text" },
	{ XO_S_UNIT, 12, 4, 0, "not the next in .text" },
	{ XO_S_UNIT, 12, 4, 0xffffffff, "not the next in .text" },
	{ XO_S_UNIT, 16, 4, 1, "not the next in .pcmap" },
	{ XO_S_UNIT, 20, 4, 0x10000, "not the next in .pcmap" },
	{ XO_S_UNIT, 20, 4, 0, "not the next in .pcmap" },
	{ XO_S_UNIT, 24, 4, 1, "not the next in .fault" },
	{ XO_S_UNIT, 28, 4, 0xffffffff, "not the next in .fault" },
	{ XO_S_UNIT, 36, 4, 99, "not the next in .link" },
	{ XO_S_UNIT, 44, 4, 99, "not the next in .rela.text" },
	{ XO_S_UNIT, 48 + 8, 4, 48, "not the next in .text" }, /* positions count from the page record's beginning */
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
	{ XO_S_SITE, 0, 2, 1024, "impossible row" },
	{ XO_S_SITE, 2, 1, 0, "impossible row" },
	{ XO_S_SITE, 2, 1, 0x80, "impossible row" },
	{ XO_S_SITE, 3, 1, 1, "impossible row" },
	{ XO_S_SITE, 4, 2, 5, "not sorted" },
	{ XO_S_SYMTAB, 24 + 6, 2, 1, ".symtab" },
	{ XO_S_STRTAB, 1, 1, 'y', ".strtab" },
	{ XO_S_SHSTRTAB, 1, 1, 'x', ".shstrtab" },
	{ XO_S_NOTE, 0, 4, 7, "not our note" },
	{ XO_S_NOTE, 60, 4, 3, "impossible key" }, /* isa_rev */
	{ XO_S_NOTE, 20, 4, XO_FORMAT_VERSION + 1, "another format" },
};

START_TEST(forgery_refused)
{
	struct err e = ERR_INIT;
	Elf64_Shdr h = section(forged[_i].s);

	ck_assert_uint_le(forged[_i].at + forged[_i].bytes, h.sh_size);
	ck_assert_int_ne(memcmp(image + h.sh_offset + forged[_i].at, &forged[_i].value, forged[_i].bytes), 0);
	memcpy(image + h.sh_offset + forged[_i].at, &forged[_i].value, forged[_i].bytes);
	sample_seal(image, size);
	ck_assert_msg(xo_check("forged.xo", image, size, NULL, &e) != ST_OK, "accepted");
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
		memcpy(copy, image, size);
		for (unsigned i = 0; i < 1 + round % 3; i++) {
			size_t at;

			x = x * 1664525u + 1013904223u;
			at = x >> 8;
			x = x * 1664525u + 1013904223u;
			copy[at % size] = (uint8_t)(x >> 16);
		}
		sample_seal(copy, size);
		if (xo_open_memory("random.xo", copy, size, NULL, &v, &file, NULL) != ST_OK)
			continue;
		for (uint32_t p = 0; p < v.npages; p++) {
			if (xo_read(file, p, &t, NULL) != ST_OK)
				continue;
			accepted++;
			for (uint32_t i = 0; i < t.nunits; i++)
				ck_assert_uint_le((uint64_t)t.units[i].code + t.units[i].code_len, t.ntext);
		}
		xo_close(file);
	}
	file = NULL;
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
	struct xo_key k;

	sample_key(&k);
	((uint8_t *)&k)[key_fields[_i].at] ^= 1;
	ck_assert_int_eq(xo_open_memory("x.xo", image, size, &k, &v, &file, &e), ST_STALE);
	ck_assert_msg(strstr(e.text, key_fields[_i].field), "%s", e.text);
	ck_assert_msg(strstr(e.text, "x.xo"), "%s", e.text);
}
END_TEST

START_TEST(more_features_than_needed)
{
	struct xo_key k;

	sample_key(&k);
	k.host_features |= 0x80;
	ck_assert_int_eq(xo_check("x.xo", image, size, &k, NULL), ST_OK);
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
	u.page -= GUEST_PAGE_SIZE;
	u.first = GUEST_PAGE_WORDS;
	ck_assert_int_eq(xo_builder_unit(b, &u, NULL), ST_INTERNAL);
	xo_builder_destroy(b);
}
END_TEST

START_TEST(empty_file_is_a_file)
{
	struct xo_builder *b;
	struct xo_key k;
	uint8_t *bytes;
	size_t n;

	sample_key(&k);
	ck_assert_int_eq(xo_builder_create(&k, &b, NULL), ST_OK);
	ck_assert_int_eq(xo_builder_image(b, &bytes, &n, NULL), ST_OK);
	ck_assert_int_eq(xo_check("x", bytes, n, &k, NULL), ST_OK);
	ck_assert_int_eq(xo_open_memory("x", bytes, n, &k, &v, &file, NULL), ST_OK);
	ck_assert_uint_eq(v.npages, 0);
	ck_assert_ptr_null(xo_find(&v, SAMPLE_PAGE, UNIT_KERNEL));
	free(bytes);
	xo_builder_destroy(b);
}
END_TEST

static const char *put_image(const char *name)
{
	const char *path = temp_path(name);
	struct err e = ERR_INIT;

	ck_assert_msg(file_write(path, image, size, &e) == ST_OK, "%s", e.text);
	return path;
}

START_TEST(open_and_close)
{
	const char *path = put_image("a.xo");
	struct err e = ERR_INIT;

	ck_assert_msg(xo_open(path, NULL, &v, &file, &e) == ST_OK, "%s", e.text);
	ck_assert_uint_eq(v.npages, 3);
	for (uint32_t i = 0; i < 3; i++) { /* back and forth, and the same as in memory */
		struct xo_tables want;
		struct xo_view other;
		struct xo_file *memory;

		read_page(2 - i);
		ck_assert_int_eq(xo_open_memory("x", image, size, NULL, &other, &memory, NULL), ST_OK);
		ck_assert_int_eq(xo_read(memory, 2 - i, &want, NULL), ST_OK);
		ck_assert_uint_eq(t.nunits, want.nunits);
		ck_assert_mem_eq(t.text, want.text, want.ntext);
		ck_assert_mem_eq(t.src, want.src, GUEST_PAGE_SIZE);
		ck_assert_mem_eq(t.relas, want.relas, want.nrelas * sizeof *t.relas);
		xo_close(memory);
	}
	xo_close(file);
	xo_close(NULL);
	ck_assert_msg(xo_open_whole(path, &v, &file, &e) == ST_OK, "%s", e.text);
	read_page(2);
	ck_assert_uint_eq(t.src[0], 0x33);
	xo_close(file);
	ck_assert_int_eq(truncate(path, 100), 0);
	ck_assert_int_eq(xo_open(path, NULL, &v, &file, &e), ST_FORMAT);
	ck_assert_ptr_null(file);
	ck_assert_int_eq(xo_open_whole(path, &v, &file, &e), ST_FORMAT);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(xo_open(path, NULL, &v, &file, &e), ST_FORMAT);
	ck_assert_int_eq(xo_open(temp_dir, NULL, &v, &file, &e), ST_IO);
	ck_assert_int_eq(xo_open("/dev/zero", NULL, &v, &file, &e), ST_IO);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(xo_open(path, NULL, &v, &file, &e), ST_IO);
	ck_assert_msg(strstr(e.text, path), "%s", e.text);
}
END_TEST

/* Whatever becomes of a file that is open: what was read stays, what is gone is an error, and who has it open lives.  */
START_TEST(file_changes_while_open)
{
	const char *path = put_image("a.xo");
	struct err e = ERR_INIT;
	const uint64_t last_src = section(XO_S_SRC).sh_offset + 2 * GUEST_PAGE_SIZE;
	int fd;

	ck_assert_msg(xo_open(path, NULL, &v, &file, &e) == ST_OK, "%s", e.text);
	read_page(0);
	fd = open(path, O_WRONLY);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(pwrite(fd, "?", 1, (off_t)last_src), 1);
	read_page(1);
	ck_assert_int_eq(xo_read(file, 2, &t, &e), ST_FORMAT);
	ck_assert_msg(strstr(e.text, "checksum of page 0x80100000 (record 2)") && strstr(e.text, path), "%s", e.text);
	ck_assert_int_eq(pwrite(fd, "3", 1, (off_t)last_src), 1); /* as it was */
	close(fd);
	read_page(2);
	ck_assert_int_eq(truncate(path, (off_t)last_src), 0);
	ck_assert_uint_eq(t.src[0], 0x33); /* read before */
	ck_assert_int_eq(xo_read(file, 2, &t, &e), ST_FORMAT);
	ck_assert_msg(strstr(e.text, "has become shorter") && strstr(e.text, path), "%s", e.text);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_int_eq(xo_read(file, 0, &t, &e), ST_FORMAT);
	ck_assert_uint_eq(v.pages[2].page, SAMPLE_PAGE);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(xo_read(file, 0, &t, &e), ST_FORMAT);
}
END_TEST

/* Replaced by its own kind, as sbt does: who has the old one open goes on with it.  */
START_TEST(file_is_replaced_while_open)
{
	const char *path = put_image("a.xo");
	struct err e = ERR_INIT;

	ck_assert_msg(xo_open(path, NULL, &v, &file, &e) == ST_OK, "%s", e.text);
	image[section(XO_S_SRC).sh_offset] ^= 1;
	put_image("a.xo");
	read_page(0);
	ck_assert_int_eq(xo_check("a.xo", image, size, NULL, &e), ST_FORMAT);
}
END_TEST

START_TEST(unwritable_leaves_nothing)
{
	char path[128];
	struct err e = ERR_INIT;
	struct unit u;
	struct xo_builder *b = sample_builder(&u);
	uint64_t n;

	ck_assert_int_eq(xo_builder_unit(b, &u, NULL), ST_OK);
	snprintf(path, sizeof path, "%s/none/a.xo", temp_dir);
	ck_assert_int_eq(xo_builder_write(b, path, &n, &e), ST_IO);
	ck_assert_int_eq(xo_builder_write(b, "/dev/full", &n, &e), ST_IO);
	xo_builder_destroy(b);
	ck_assert_uint_eq(temp_dir_entries(), 0);
}
END_TEST

Suite *xo_suite(void);
Suite *xo_suite(void)
{
	Suite *s = suite_create("xo");
	TCase *m = tcase_create("memory"), *f = tcase_create("file");

	tcase_add_checked_fixture(m, make, drop);
	tcase_set_timeout(m, 60);
	tcase_add_test(m, round_trip);
	tcase_add_test(m, tables_survive);
	tcase_add_test(m, deterministic);
	tcase_add_test(m, every_length_refused);
	tcase_add_test(m, every_flip_refused);
	tcase_add_loop_test(m, forgery_refused, 0, (int)ARRAY_LEN(forged));
	tcase_add_test(m, random_forgeries);
	tcase_add_loop_test(m, key_field_named, 0, (int)ARRAY_LEN(key_fields));
	tcase_add_test(m, more_features_than_needed);
	tcase_add_test(m, broken_units_not_written);
	tcase_add_test(m, empty_file_is_a_file);
	tcase_add_test(m, late_flips_refused);
	suite_add_tcase(s, m);
	tcase_add_checked_fixture(f, make, drop);
	tcase_add_checked_fixture(f, temp_dir_make, temp_dir_drop);
	tcase_add_test(f, open_and_close);
	tcase_add_test(f, file_changes_while_open);
	tcase_add_test(f, file_is_replaced_while_open);
	tcase_add_test(f, unwritable_leaves_nothing);
	suite_add_tcase(s, f);
	return s;
}
