/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF executables for this processor.  The headers are gathered, all segments asked for, and then each byte of the file goes where the
 * segments want it.  Memory that a segment has beyond its part of the file is cleared at the end.
 */
#include "firmware/image.h"
#include "firmware/string.h"

/* Offsets in the file's header and in a program header, and their sizes: System V ABI, MIPS supplement.  */
enum { E_CLASS = 4, E_DATA = 5, E_TYPE = 16, E_MACHINE = 18, E_ENTRY = 24, E_PHOFF = 28, E_PHENTSIZE = 42, E_PHNUM = 44, E_SIZE = 52 };
enum { P_TYPE = 0, P_OFFSET = 4, P_VADDR = 8, P_FILESZ = 16, P_MEMSZ = 20, P_SIZE = 32 };
enum { CLASS_32 = 1, DATA_LITTLE = 1, TYPE_EXEC = 2, MACHINE_MIPS = 8, P_LOAD = 1 };

static enum image_state fail(struct image *im, const char *why, uint32_t offset)
{
	im->place = offset;
	return image_fail(im, why);
}

static uint32_t get16(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8; }
static uint32_t get32(const uint8_t *p) { return get16(p) | get16(p + 2) << 16; }

static enum image_state header_parse(struct image *im)
{
	struct image_elf *e = &im->elf;
	const uint8_t *h = e->head;
	uint32_t phoff = get32(h + E_PHOFF), phnum = get16(h + E_PHNUM);

	if (memcmp(h, "\177ELF", 4))
		return fail(im, "not an ELF file", 0);
	if (h[E_CLASS] != CLASS_32 || h[E_DATA] != DATA_LITTLE)
		return fail(im, "not a 32-bit little-endian ELF file", E_CLASS);
	if (get16(h + E_TYPE) != TYPE_EXEC)
		return fail(im, "not an executable", E_TYPE);
	if (get16(h + E_MACHINE) != MACHINE_MIPS)
		return fail(im, "not for MIPS", E_MACHINE);
	if (get16(h + E_PHENTSIZE) != P_SIZE)
		return fail(im, "program headers have an unknown size", E_PHENTSIZE);
	if (phoff > IMAGE_ELF_HEAD || phnum > (IMAGE_ELF_HEAD - phoff) / P_SIZE)
		return fail(im, "the program headers are not at the beginning", E_PHOFF);
	im->entry = get32(h + E_ENTRY);
	e->want = phoff + phnum * P_SIZE;
	if (e->want < E_SIZE)
		e->want = E_SIZE;
	return IMAGE_MORE;
}

static enum image_state segment_add(struct image *im, const uint8_t *p)
{
	struct image_elf *e = &im->elf;
	uint32_t where = (uint32_t)(p - e->head), offset = get32(p + P_OFFSET), va = get32(p + P_VADDR);
	uint32_t filesz = get32(p + P_FILESZ), memsz = get32(p + P_MEMSZ);
	const char *why;

	if (get32(p + P_TYPE) != P_LOAD || !memsz)
		return IMAGE_MORE;
	if (e->nsegments == IMAGE_ELF_SEGMENTS)
		return fail(im, "too many segments", where);
	if (filesz > memsz || filesz > UINT32_MAX - offset)
		return fail(im, "a segment's sizes contradict each other", where);
	why = im->sink->check(va, memsz);
	if (why) {
		im->place = where;
		return image_fail_at(im, why, va);
	}
	e->segments[e->nsegments].offset = offset;
	e->segments[e->nsegments].va = va;
	e->segments[e->nsegments].filesz = filesz;
	e->segments[e->nsegments++].memsz = memsz;
	if (filesz && offset + filesz > e->end)
		e->end = offset + filesz;
	return IMAGE_MORE;
}

static enum image_state segments_parse(struct image *im)
{
	struct image_elf *e = &im->elf;
	uint32_t phoff = get32(e->head + E_PHOFF), phnum = get16(e->head + E_PHNUM);
	bool found = false;

	for (uint32_t i = 0; i < phnum; i++)
		if (segment_add(im, e->head + phoff + i * P_SIZE) == IMAGE_BAD)
			return IMAGE_BAD;
	for (unsigned i = 0; i < e->nsegments; i++)
		found |= im->entry - e->segments[i].va < e->segments[i].memsz;
	if (!found)
		return fail(im, "the start address is in no segment", E_ENTRY);
	e->parsed = true;
	return IMAGE_MORE;
}

/* The file's bytes [im->at, im->at + n).  */
static enum image_state bytes_place(struct image *im, const uint8_t *bytes, uint32_t n)
{
	struct image_elf *e = &im->elf;

	for (unsigned i = 0; i < e->nsegments; i++) {
		uint32_t begin = e->segments[i].offset, end = begin + e->segments[i].filesz;
		uint32_t from = begin > im->at ? begin : im->at, to = end < im->at + n ? end : im->at + n;

		im->place = from;
		if (from < to && image_put(im, e->segments[i].va + (from - begin), bytes + (from - im->at), to - from) == IMAGE_BAD)
			return IMAGE_BAD;
	}
	im->at += n;
	return IMAGE_MORE;
}

static enum image_state rest_clear(struct image *im)
{
	static const uint8_t zero[1024];
	struct image_elf *e = &im->elf;

	im->place = im->at;
	for (unsigned i = 0; i < e->nsegments; i++) {
		for (uint32_t done = e->segments[i].filesz, n; done < e->segments[i].memsz; done += n) {
			n = e->segments[i].memsz - done;
			n = n < sizeof(zero) ? n : sizeof(zero);
			if (image_put(im, e->segments[i].va + done, zero, n) == IMAGE_BAD)
				return IMAGE_BAD;
		}
	}
	return im->state = IMAGE_DONE;
}

/* Takes what is missing of the headers; true: all of them are there, and good.  */
static bool head_take(struct image *im, const uint8_t **bytes, uint32_t *n)
{
	struct image_elf *e = &im->elf;

	if (!e->want)
		e->want = E_SIZE;
	for (;;) {
		uint32_t m = e->want - e->have < *n ? e->want - e->have : *n;

		memcpy(e->head + e->have, *bytes, m);
		e->have += m;
		*bytes += m;
		*n -= m;
		if (e->have < e->want)
			return false;
		if (e->have > E_SIZE || header_parse(im) == IMAGE_BAD || e->want == e->have)
			break;
	}
	return im->state != IMAGE_BAD && segments_parse(im) != IMAGE_BAD && bytes_place(im, e->head, e->have) != IMAGE_BAD;
}

enum image_state image_elf_feed(struct image *im, const uint8_t *bytes, uint32_t n)
{
	if (!im->elf.parsed && !head_take(im, &bytes, &n))
		return im->state;
	if (n > UINT32_MAX - im->at)
		return fail(im, "the file is too long", im->at);
	if (bytes_place(im, bytes, n) == IMAGE_BAD)
		return IMAGE_BAD;
	return im->at >= im->elf.end ? rest_clear(im) : IMAGE_MORE;
}
