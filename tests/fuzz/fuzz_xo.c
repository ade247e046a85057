/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * .xo files: the checks, and the engine placing what has passed it, unplacing it and placing it again; its host code is never run.
 * An input that begins with ELF's magic number is a file.  Any other describes one: pages and units for the writer, then bytes to poke
 * into the finished file, whose checksums are made right again.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/elf32.h"
#include "pcmap/key.h"
#include "pcmap/xo_file.h"
#include "pcmap/xo_write.h"
#include "tests/engine/rig.h"
#include "tests/pcmap/xo_sample.h"

#define UNIT_CODE 64u
#define UNIT_ROWS 8u

/* --- the file --- */

/* Mostly within what the contract allows, so that what follows gets to see some.  */
static void add_rows(struct unit *u, struct fuzz_in *in)
{
	for (unsigned i = 0; i < u->nentries; i++)
		u->entries[i] = (struct unit_entry){ .off = fuzz_take(in, 1) % u->code_len, .link = fuzz_take(in, 1) % u->code_len,
						     .word = (uint16_t)(u->first + fuzz_take(in, 1)) };
	for (unsigned i = 0; i < u->nfaults; i++) {
		u->faults[i] = (struct unit_fault){ .off = fuzz_take(in, 1) % u->code_len, .word = (uint16_t)(u->first + fuzz_take(in, 1)) };
		u->faults[i].recover = u->flags & UNIT_LLVM ? fuzz_take(in, 1) : 0;
	}
	for (unsigned i = 0; i < u->nrelocs; i++) {
		uint32_t kind = fuzz_take(in, 1);
		struct unit_reloc *r = &u->relocs[i];

		*r = (struct unit_reloc){ .off = fuzz_take(in, 1) % u->code_len, .kind = (uint8_t)(kind % 3), .stub = (kind >> 2) % u->code_len };
		r->arg = r->kind == RELOC_XABI ? fuzz_take(in, 1) : u->page + 4 * fuzz_take(in, 2);
	}
}

static enum status add_unit(struct xo_builder *b, struct fuzz_in *in, gva page, uint32_t flags)
{
	uint8_t code[UNIT_CODE];
	struct unit_entry entries[UNIT_ROWS];
	struct unit_fault faults[UNIT_ROWS];
	struct unit_reloc relocs[UNIT_ROWS];
	struct unit u = { .page = page, .flags = flags | UNIT_XO, .code = code, .entries = entries, .faults = faults, .relocs = relocs };
	uint32_t counts = fuzz_take(in, 2);

	memset(code, 0x90, sizeof code);
	u.first = (uint16_t)fuzz_take(in, 1);
	u.nwords = (uint16_t)fuzz_take(in, 1);
	u.code_len = 1 + fuzz_take(in, 1) % UNIT_CODE;
	u.flags |= counts & 0x8000 ? (uint32_t)UNIT_LLVM : 0u;
	u.nentries = counts % UNIT_ROWS;
	u.nfaults = counts / 8 % UNIT_ROWS;
	u.nrelocs = counts / 64 % UNIT_ROWS;
	add_rows(&u, in);
	return xo_builder_unit(b, &u, NULL);
}

static enum status add_page(struct xo_builder *b, struct fuzz_in *in)
{
	static const struct { gva page; uint32_t flags; } kinds[] = {
		{ RIG_CODE, UNIT_KERNEL }, { RIG_CODE + 0x1000, UNIT_KERNEL }, { 0x00400000, UNIT_MAPPED }, { 0xc0000000, UNIT_KERNEL | UNIT_MAPPED },
	};
	uint32_t what = fuzz_take(in, 1), kind = what % ARRAY_LEN(kinds);
	uint8_t bytes[GUEST_PAGE_SIZE], sites[GUEST_PAGE_WORDS] = { 0 };
	enum status s;

	memset(bytes, what & 0x40 ? 0x21 : 0, sizeof bytes);
	sites[fuzz_take(in, 2) % GUEST_PAGE_WORDS] = (uint8_t)(what >> 4 & 3);
	s = xo_builder_page(b, kinds[kind].page, kinds[kind].flags, bytes, sites, NULL);
	for (unsigned n = fuzz_take(in, 1) % 6; s == ST_OK && n; n--) {
		enum status unit = add_unit(b, in, kinds[kind].page, kinds[kind].flags);

		FUZZ_CHECK(unit == ST_OK || unit == ST_INTERNAL);
	}
	return s;
}

/* The described file; NULL: the writer refuses it.  */
static uint8_t *describe(struct fuzz_in *in, size_t *size)
{
	struct xo_builder *b;
	uint8_t *bytes = NULL;
	struct xo_key key;
	enum status s;

	key_fill(&key, fuzz_take(in, 1) & 1 ? ISA_R1 : ISA_R2, false, 0);
	FUZZ_CHECK(xo_builder_create(&key, &b, NULL) == ST_OK);
	s = add_page(b, in);
	for (unsigned n = fuzz_take(in, 1) % 4; s == ST_OK && n; n--)
		s = add_page(b, in);
	FUZZ_CHECK(s == ST_OK);
	s = xo_builder_image(b, &bytes, size, NULL);
	xo_builder_destroy(b);
	FUZZ_CHECK(s == ST_OK || s == ST_INTERNAL);
	if (s != ST_OK)
		return NULL;
	while (in->left) {
		uint32_t at = fuzz_take(in, 2);

		bytes[at % *size] = (uint8_t)fuzz_take(in, 1);
	}
	sample_seal(bytes, *size);
	return bytes;
}

/* --- the engine --- */

static struct xo_view view;
static struct xo_file *file;
static const struct xo_view *const views[] = { &view };

static struct rig *machine(void)
{
	static struct rig *g;

	if (!g)
		g = rig_open(&accel_inproc, &(struct rig_opts){ .xo = views, .xo_files = &file, .nxo = 1 });
	return g;
}

static void check_placed(const struct engine *e)
{
	for (uint32_t i = 1; i < e->nunits; i++)
		FUZZ_CHECK(e->units[i].code + e->units[i].code_len <= e->code_len && e->units[i].vpage < e->nvpages);
	for (uint32_t i = 1; i < e->nvpages; i++)
		for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
			FUZZ_CHECK(!e->vpages[i].mirror[w] || (place_find(e, e->vpages[i].mirror[w]) && place_find(e, e->vpages[i].link[w])));
}

/* Ask for code at every entry.  */
static void ask(const struct xo_page *p, const gva *entries, unsigned n)
{
	struct rig *g = machine();

	for (unsigned i = 0; i < n; i++) {
		g->cpu->pc = p->page + entries[i];
		(void)code_for_pc(rig_engine(g));
	}
}

/* The page's words are those the units were made from.  Place, write into the page, place again.  */
static void place(const struct xo_page *p, const struct xo_tables *t)
{
	gva entries[64], first = 4u * t->units[0].first;
	struct rig *g = machine();
	gpa pa = p->page & 0x1fffffffu;
	unsigned n = 0;

	if (p->flags != UNIT_KERNEL || !gva_unmapped_seg(p->page) || pa > g->ram_size - GUEST_PAGE_SIZE)
		return;
	memcpy(g->ram + pa, t->src, GUEST_PAGE_SIZE);
	for (uint32_t i = 0; i < t->nentries && n < ARRAY_LEN(entries); i++)
		entries[n++] = 4u * t->entries[i].word;
	for (unsigned round = 0; round < 3; round++) {
		ask(p, entries, n); /* reads the page record again: @t is gone */
		check_placed(rig_engine(g));
		engine_ram_write(rig_engine(g), pa + first, 4ull << 4 * round);
		check_placed(rig_engine(g));
	}
}

static void use_page(uint32_t i)
{
	const struct xo_page *p = &view.pages[i];
	struct err e = ERR_INIT;
	struct xo_tables t;

	FUZZ_CHECK(xo_find(&view, p->page, p->flags) != NULL);
	if (xo_read(file, i, &t, &e) != ST_OK) {
		FUZZ_CHECK(e.text[0]);
		return;
	}
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w += 13)
		FUZZ_CHECK(!(xo_site_flags(&t, w) & ~(SITE_USER | SITE_SLOW)));
	place(p, &t);
}

static void use(const uint8_t *bytes, size_t size)
{
	struct err e = ERR_INIT;
	bool whole = xo_check("x.xo", bytes, size, NULL, &e) == ST_OK;

	FUZZ_CHECK(whole || e.text[0]);
	if (xo_open_memory("x.xo", bytes, size, NULL, &view, &file, &e) != ST_OK) {
		FUZZ_CHECK(!whole && e.text[0]);
		return;
	}
	for (uint32_t i = 0; i < view.npages; i++)
		use_page(i);
	engine_reset(rig_engine(machine())); /* for the next file */
	xo_close(file);
	file = NULL;
}

void fuzz_xo(const uint8_t *bytes, size_t size)
{
	struct fuzz_in in = { bytes, size };
	uint8_t *copy;

	if (elf32_is_elf(bytes, size)) {
		copy = malloc(size);
		FUZZ_CHECK(copy != NULL);
		memcpy(copy, bytes, size);
		use(copy, size);
		sample_seal(copy, size);
	} else {
		copy = describe(&in, &size);
	}
	if (copy)
		use(copy, size);
	free(copy);
}
