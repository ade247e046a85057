/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/pcmap/xo_sample.h"

#include <check.h>
#include <string.h>

#include "pcmap/key.h"
#include "pcmap/xabi.h"
#include "pcmap/xo_layout.h"

static uint8_t code[40];
static struct unit_entry entries[] = { { 8, 0, 4, { 0 } }, { 20, 12, 6, { 0 } } };
static struct unit_fault faults[] = { { 3, 0, 5, 2 }, { 14, 0, 7, 1 } };
static struct unit_reloc relocs[] = {
	{ 30, XABI_MISS, 0, RELOC_XABI, { 0 } },
	{ 10, SAMPLE_PAGE + 0x40, 24, RELOC_LINK, { 0 } },
	{ 24, SAMPLE_PAGE + 0x10, 0, RELOC_GPC, { 0 } },
	{ 4, XABI_POLL, 0, RELOC_XABI, { 0 } },
};

void sample_key(struct xo_key *k)
{
	key_fill(k, ISA_R2, false, XO_HOST_BMI2);
}

static struct unit sample_unit(gva page, uint32_t flags)
{
	memset(code, 0x90, sizeof code);
	return (struct unit){ .page = page, .first = 4, .nwords = 6, .flags = flags, .code = code, .code_len = sizeof code,
			      .entries = entries, .nentries = 2, .faults = faults, .nfaults = 2, .relocs = relocs, .nrelocs = 4 };
}

struct xo_builder *sample_builder(struct unit *u)
{
	static uint8_t bytes[GUEST_PAGE_SIZE];
	struct xo_builder *b;
	struct xo_key k;

	sample_key(&k);
	ck_assert_int_eq(xo_builder_create(&k, &b, NULL), ST_OK);
	ck_assert_int_eq(xo_builder_page(b, SAMPLE_PAGE, UNIT_KERNEL, bytes, NULL, NULL), ST_OK);
	*u = sample_unit(SAMPLE_PAGE, UNIT_KERNEL | UNIT_XO);
	return b;
}

static void add_page(struct xo_builder *b, unsigned which)
{
	static const struct { gva page; uint32_t flags; uint8_t fill; unsigned units; } pages[] = {
		{ SAMPLE_USER, UNIT_MAPPED, 0x11, 1 }, { SAMPLE_PAGE, UNIT_KERNEL, 0x22, 2 }, { SAMPLE_PAGE, UNIT_KERNEL, 0x33, 1 },
	};
	uint8_t bytes[GUEST_PAGE_SIZE], sites[GUEST_PAGE_WORDS] = { 0 };

	memset(bytes, pages[which].fill, sizeof bytes);
	if (which == 1) {
		sites[5] = SITE_USER;
		sites[9] = SITE_SLOW;
	}
	ck_assert_int_eq(xo_builder_page(b, pages[which].page, pages[which].flags, bytes, sites, NULL), ST_OK);
	for (unsigned i = 0; i < pages[which].units; i++) {
		struct unit u = sample_unit(pages[which].page, pages[which].flags | UNIT_XO);

		u.first = (uint16_t)(4 - i);
		u.nwords = (uint16_t)(6 + i);
		ck_assert_int_eq(xo_builder_unit(b, &u, NULL), ST_OK);
	}
}

uint8_t *sample_make(bool reversed, size_t *size)
{
	struct xo_builder *b;
	struct err e = ERR_INIT;
	uint8_t *bytes = NULL;
	struct xo_key k;

	sample_key(&k);
	ck_assert_int_eq(xo_builder_create(&k, &b, NULL), ST_OK);
	for (unsigned i = 0; i < 3; i++)
		add_page(b, reversed ? 2 - i : i);
	ck_assert_msg(xo_builder_image(b, &bytes, size, &e) == ST_OK, "%s", e.text);
	xo_builder_destroy(b);
	return bytes;
}

/* Where a part of page record @p is; NULL: not in the file, or of no size a page's can have.  */
static const void *part_at(const uint8_t *bytes, size_t size, const Elf64_Shdr *sections, const struct xo_page *p, enum xo_part part)
{
	uint64_t at = sections[xo_part_section[part]].sh_offset, from = (uint64_t)p->first[part] * xo_part_bytes[part];
	uint64_t n = (uint64_t)xo_part_size(p, part) * xo_part_bytes[part];

	if (p[1].first[part] < p->first[part] || n > XO_PAGE_MAX || at > size || from > size - at || n > size - at - from)
		return NULL;
	return bytes + at + from;
}

static void seal_page(const uint8_t *bytes, size_t size, const Elf64_Shdr *sections, struct xo_page *p)
{
	struct xo_tables t = { 0 };

	for (unsigned k = 0; k < XO_PART_COUNT; k++) {
		const void *at = part_at(bytes, size, sections, p, (enum xo_part)k);

		if (!at)
			return;
		xo_part_set(&t, p, (enum xo_part)k, at);
	}
	p->sum = xo_page_sum(&t);
}

void sample_seal(uint8_t *bytes, size_t size)
{
	Elf64_Shdr sections[XO_S_COUNT], *page = &sections[XO_S_PAGE];
	uint64_t sum, npages;

	if (size < XO_NOTE_AT + sizeof(struct xo_note))
		return;
	memcpy(sections, bytes + XO_SECTIONS_AT, sizeof sections);
	if (page->sh_offset < XO_NOTE_AT + sizeof(struct xo_note) || page->sh_offset > size || page->sh_size > size - page->sh_offset ||
	    page->sh_offset % 8)
		return;
	npages = page->sh_size / sizeof(struct xo_page);
	for (uint64_t i = 0; i + 1 < npages; i++)
		seal_page(bytes, size, sections, (struct xo_page *)(void *)(bytes + page->sh_offset) + i);
	sum = xo_head_sum(bytes, page->sh_offset + page->sh_size);
	memcpy(bytes + XO_NOTE_AT + offsetof(struct xo_note, sum), &sum, sizeof sum);
}
