/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/pcmap/xo_sample.h"

#include <check.h>
#include <string.h>

#include "pcmap/key.h"
#include "pcmap/xabi.h"

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
	if (which == 1)
		sites[5] = SITE_USER;
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
