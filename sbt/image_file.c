/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for image file formats: ELF through base/elf32, S-records and raw bytes through libbfd, map files of symbols.
 * Not for what is code in them.
 */
#define PACKAGE "athanor" /* bfd.h insists */
#include <bfd.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/elf32.h"
#include "base/file.h"
#include "sbt/image.h"

#define IMAGE_SIZE_MAX (1u << 30)
#define GP_BIAS 0x7ff0u /* MIPS psABI: gp is this far into the GOT */

/* --- ELF --- */

static const struct elf32_section *section_named(const struct elf32 *elf, const char *name)
{
	for (unsigned i = 0; i < elf->nsections; i++)
		if (strcmp(elf->sections[i].name, name) == 0)
			return &elf->sections[i];
	return NULL;
}

static uint32_t word_of(const struct elf32 *elf, const uint8_t *p)
{
	if (elf->big_endian)
		return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* The kernel's table of instructions that may fault: pairs of instruction and where to go on.  */
static enum status elf_user_sites(struct image *img, const struct elf32 *elf, struct err *e)
{
	const struct elf32_section *x = section_named(elf, "__ex_table");

	if (!x || !x->bytes || !(image_mode(x->addr) & UNIT_KERNEL))
		return ST_OK;
	img->user_sites = calloc(x->size / 8 + 1, sizeof *img->user_sites);
	if (!img->user_sites)
		return err_set(e, ST_NOMEM, "%s: out of memory", elf->path);
	for (uint32_t i = 0; i + 8 <= x->size; i += 8)
		img->user_sites[img->nuser_sites++] = word_of(elf, x->bytes + i);
	return ST_OK;
}

/* Part [from, to) of a segment.  */
static enum status elf_part(struct image *img, const struct elf32 *elf, const struct elf32_segment *g, uint32_t from, uint32_t to,
			    bool executable, struct err *e)
{
	return image_region_add(img, elf->path, from, g->bytes + (from - g->vaddr), to - from, executable, e);
}

static int by_addr(const void *a, const void *b)
{
	const struct elf32_section *const *x = a, *const *y = b;

	return ((*x)->addr > (*y)->addr) - ((*x)->addr < (*y)->addr);
}

/* An executable segment may hold data too: its executable sections, if it has any, are the code.  */
static enum status elf_code_segment(struct image *img, const struct elf32 *elf, const struct elf32_segment *g,
				    const struct elf32_section **sorted, unsigned n, struct err *e)
{
	uint32_t at = g->vaddr, end = g->vaddr + g->filesz;
	enum status s = ST_OK;
	unsigned found = 0;

	for (unsigned i = 0; i < n && s == ST_OK; i++) {
		const struct elf32_section *x = sorted[i];

		if (!x->executable || !x->bytes || x->addr < at || x->addr >= end || x->size > end - x->addr)
			continue;
		found++;
		s = elf_part(img, elf, g, at, x->addr, false, e);
		if (s == ST_OK)
			s = elf_part(img, elf, g, x->addr, x->addr + x->size, true, e);
		at = x->addr + x->size;
	}
	return s == ST_OK ? elf_part(img, elf, g, at, end, !found, e) : s;
}

static enum status elf_segments(struct image *img, const struct elf32 *elf, struct err *e)
{
	const struct elf32_section **sorted = calloc(elf->nsections + 1u, sizeof *sorted);
	enum status s = ST_OK;

	if (!sorted)
		return err_set(e, ST_NOMEM, "%s: out of memory", elf->path);
	for (unsigned i = 0; i < elf->nsections; i++)
		sorted[i] = &elf->sections[i];
	qsort(sorted, elf->nsections, sizeof *sorted, by_addr);
	for (unsigned i = 0; i < elf->nsegments && s == ST_OK; i++) {
		const struct elf32_segment *g = &elf->segments[i];

		s = g->perm & ELF32_X ? elf_code_segment(img, elf, g, sorted, elf->nsections, e)
				      : elf_part(img, elf, g, g->vaddr, g->vaddr + g->filesz, false, e);
	}
	free(sorted);
	return s;
}

static enum status load_elf(struct image *img, const char *path, struct err *e)
{
	const struct elf32_section *got;
	struct elf32 *elf;
	enum status s = elf32_open(path, &elf, e);

	if (s != ST_OK)
		return s;
	img->big_endian = elf->big_endian;
	s = elf_segments(img, elf, e);
	if (s == ST_OK && elf->entry)
		s = image_seed_add(img, elf->entry, REASON_ENTRY, e);
	for (unsigned i = 0; i < elf->nsymbols && s == ST_OK; i++)
		if (elf->symbols[i].kind == ELF32_FUNC || (elf->symbols[i].kind == ELF32_OTHER && elf->symbols[i].global))
			s = image_seed_add(img, elf->symbols[i].value, REASON_SYMBOL, e);
	got = section_named(elf, ".got");
	if (got && got->size >= 8)
		img->gp = got->addr + GP_BIAS;
	if (s == ST_OK)
		s = elf_user_sites(img, elf, e);
	elf32_close(elf);
	return s;
}

/* --- S-records and raw bytes --- */

/* libbfd's own complaints go nowhere: the status says enough.  */
static void bfd_silent(const char *fmt, va_list ap)
{
	(void)fmt;
	(void)ap;
}

static enum status bfd_failed(const char *path, const char *what, struct err *e)
{
	return err_set(e, ST_FORMAT, "%s: %s: %s", path, what, bfd_errmsg(bfd_get_error()));
}

static int hex_byte(const uint8_t *p)
{
	static const char digits[] = "0123456789abcdef";
	const char *hi = p[0] ? strchr(digits, tolower(p[0])) : NULL, *lo = p[0] && p[1] ? strchr(digits, tolower(p[1])) : NULL;

	return hi && lo ? (int)(hi - digits) << 4 | (int)(lo - digits) : -1;
}

/* One record of @n characters; NULL: good.  */
static const char *srec_wrong(const uint8_t *line, size_t n)
{
	unsigned sum = 0;
	int count;

	if (n < 4 || line[0] != 'S' || !isdigit(line[1]))
		return "not an S-record";
	count = hex_byte(line + 2);
	if (count < 3 || n < 4 + 2 * (size_t)count)
		return "the record is cut short";
	if (n > 4 + 2 * (size_t)count)
		return "the record is longer than it states";
	for (size_t i = 2; i < n; i += 2) {
		int b = hex_byte(line + i);

		if (b < 0)
			return "not a hexadecimal digit";
		sum += (unsigned)b;
	}
	return (sum & 0xffu) == 0xffu ? NULL : "the record's checksum does not fit";
}

/* libbfd prints what it does not like, so it gets to see only what it likes.  Without a termination record something is missing.  */
static enum status srec_check(const char *path, struct err *e)
{
	struct file_bytes b = { 0 };
	enum status s = file_read(path, IMAGE_SIZE_MAX, &b, e);
	size_t at = 0, next;
	char last = 0;

	for (; s == ST_OK && at < b.size; at = next) {
		const uint8_t *nl = memchr(b.at + at, '\n', b.size - at);
		size_t end = nl ? (size_t)(nl - b.at) : b.size;
		const char *wrong;

		next = nl ? end + 1 : end;
		while (end > at && isspace(b.at[end - 1]))
			end--;
		if (end == at)
			continue;
		wrong = last >= '7' ? "more records behind the last one" : srec_wrong(b.at + at, end - at);
		if (wrong)
			s = err_set(e, ST_FORMAT, "%s: offset 0x%zx: %s", path, at, wrong);
		last = (char)b.at[at + 1];
	}
	if (s == ST_OK && last < '7')
		s = err_set(e, ST_FORMAT, "%s: offset 0x%zx: no termination record (S7, S8, S9): cut short", path, b.size);
	file_bytes_free(&b);
	return s;
}

static enum status bfd_sections(struct image *img, bfd *b, const char *path, gva base, struct err *e)
{
	for (asection *x = b->sections; x; x = x->next) {
		bfd_size_type size = bfd_section_size(x);
		uint64_t at = bfd_section_vma(x) + base;
		uint8_t *bytes;
		enum status s;

		if (!(bfd_section_flags(x) & SEC_HAS_CONTENTS) || !size)
			continue;
		if (size > IMAGE_SIZE_MAX || at + size > 1ull << 32)
			return err_set(e, ST_FORMAT, "%s: %llu bytes at 0x%08llx do not fit the address space", path,
				       (unsigned long long)size, (unsigned long long)at);
		bytes = malloc(size);
		if (!bytes)
			return err_set(e, ST_NOMEM, "%s: no memory for %llu bytes", path, (unsigned long long)size);
		s = bfd_get_section_contents(b, x, bytes, 0, size) ? image_region_add(img, path, (gva)at, bytes, size, true, e)
								   : bfd_failed(path, "cannot be read", e);
		free(bytes);
		if (s != ST_OK)
			return s;
	}
	return img->nregions ? ST_OK : err_set(e, ST_FORMAT, "%s: offset 0x0: no contents", path);
}

static enum status load_bfd(struct image *img, const char *path, const char *target, const struct image_opts *o, struct err *e)
{
	bool raw = strcmp(target, "binary") == 0;
	enum status s;
	bfd *b;

	bfd_init();
	bfd_set_error_handler(bfd_silent);
	b = bfd_openr(path, target);
	if (!b)
		return bfd_failed(path, "cannot open", e);
	if (!bfd_check_format(b, bfd_object)) {
		s = bfd_failed(path, raw ? "cannot be read" : "not an S-record file", e);
	} else {
		gva start = raw ? o->base : (gva)bfd_get_start_address(b);

		s = bfd_sections(img, b, path, raw ? o->base : 0, e);
		if (s == ST_OK)
			s = image_seed_add(img, o->has_entry ? o->entry : start, REASON_ENTRY, e);
	}
	bfd_close(b);
	return s;
}

/* --- all of them --- */

static enum status format_of(const char *path, enum image_format *format, struct err *e)
{
	uint8_t head[4] = { 0 };
	FILE *f = fopen(path, "rb");
	int failed;
	size_t n;

	if (!f)
		return err_set(e, ST_IO, "%s: cannot open: %s", path, strerror(errno));
	n = fread(head, 1, sizeof head, f);
	failed = ferror(f) ? errno : 0;
	fclose(f);
	if (failed)
		return err_set(e, ST_IO, "%s: cannot read: %s", path, strerror(failed));
	if (*format != IMAGE_AUTO)
		return ST_OK;
	if (elf32_is_elf(head, n))
		*format = IMAGE_ELF;
	else if (n >= 2 && head[0] == 'S' && head[1] >= '0' && head[1] <= '9')
		*format = IMAGE_SREC;
	else
		return err_set(e, ST_FORMAT, "%s: offset 0x0: neither ELF nor S-records; a raw image needs --format raw --base ADDR", path);
	return ST_OK;
}

enum status image_load(struct image *img, const char *path, const struct image_opts *o, struct err *e)
{
	enum image_format format = o->format;
	enum status s = format_of(path, &format, e);

	if (s != ST_OK)
		return s;
	if (format == IMAGE_RAW && !o->has_base)
		return err_set(e, ST_USAGE, "%s: a raw image needs --base ADDR", path);
	if (format != IMAGE_RAW && o->has_base)
		return err_set(e, ST_USAGE, "%s: --base is for a raw image (--format raw); this file says where it goes", path);
	if (format == IMAGE_ELF && (o->has_entry || o->has_order))
		return err_set(e, ST_USAGE, "%s: --entry, --EB and --EL are for raw images and S-records; an ELF file says it itself", path);
	img->loaded = true;
	img->big_endian = o->big_endian;
	switch (format) {
	case IMAGE_SREC:
		s = srec_check(path, e);
		return s == ST_OK ? load_bfd(img, path, "srec", o, e) : s;
	case IMAGE_RAW:
		return load_bfd(img, path, "binary", o, e);
	case IMAGE_ELF:
	case IMAGE_AUTO:
		break;
	}
	return load_elf(img, path, e);
}

enum status image_symbols(struct image *img, const char *path, struct err *e)
{
	struct file_bytes b = { 0 };
	enum status s = file_read(path, 256u << 20, &b, e);
	unsigned line = 0;

	for (char *at = (char *)b.at, *next; s == ST_OK && at && *at; at = next) {
		char *end, type;
		unsigned long long v;

		line++;
		next = strchr(at, '\n');
		next = next ? next + 1 : at + strlen(at);
		if (*at == '\n')
			continue;
		v = isxdigit((unsigned char)*at) ? strtoull(at, &end, 16) : (end = at, 0ull);
		if (end == at || end[0] != ' ' || !isgraph((unsigned char)end[1]) || end[2] != ' ') {
			s = err_set(e, ST_FORMAT, "%s: line %u: not \"address type name\"", path, line);
			break;
		}
		type = end[1];
		/* Maps of 64-bit tools show sign-extended addresses.  */
		if (strchr("TtWw", type) && (v >> 32 == 0 || v >> 32 == 0xffffffffu))
			s = image_seed_add(img, (gva)v, REASON_SYMBOL, e);
	}
	file_bytes_free(&b);
	return s;
}
