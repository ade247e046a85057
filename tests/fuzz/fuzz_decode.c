/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Instruction words: decoder, disassembler, dependency analysis, cutting into runs, template translation.  Every unit must keep the
 * contract that the writer of .xo files checks.
 *
 * Input: release, unit flags, first word, words at most; then sites and leaders as (kind, word) pairs behind a count; then the words.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "emit/template.h"
#include "pcmap/key.h"
#include "pcmap/xo_write.h"

#define CODE_MAX (1u << 20)
#define ROWS_MAX (1u << 14)

static insn_word page[GUEST_PAGE_WORDS];
static struct run run;
static uint8_t code[CODE_MAX];
static struct unit_entry entries[GUEST_PAGE_WORDS];
static struct unit_fault faults[ROWS_MAX];
static struct unit_reloc relocs[ROWS_MAX];

static void decode(insn_word w, gva pc, enum isa_rev rev)
{
	struct insn_deps deps;
	struct insn i;
	char text[64];
	int n;

	insn_decode(w, rev, &i);
	FUZZ_CHECK(i.op < INSN_COUNT && i.word == w);
	if (rev == ISA_R1 && i.op != INSN_INVALID) {
		struct insn later;

		insn_decode(w, ISA_R2, &later);
		FUZZ_CHECK(later.op != INSN_INVALID);
	}
	insn_deps(&i, &deps);
	n = insn_disasm(text, sizeof text, w, pc, rev);
	FUZZ_CHECK(n > 0 && (size_t)n < sizeof text && strlen(text) == (size_t)n);
	FUZZ_CHECK(insn_disasm(text, 5, w, pc, rev) == n && strlen(text) == (n < 4 ? (size_t)n : 4));
}

static void check_run(const struct run *r, unsigned first, unsigned max_words)
{
	unsigned word = 0;

	FUZZ_CHECK(r->nwords <= GUEST_PAGE_WORDS - first && (!max_words || r->nwords <= max_words + 1));
	for (unsigned i = 0; i < r->nsteps; i++) {
		FUZZ_CHECK(r->steps[i].pc == r->start + 4 * word && r->steps[i].nwords >= 1 && r->steps[i].nwords <= 2);
		word += r->steps[i].nwords;
	}
	FUZZ_CHECK(word == r->nwords && (!r->nsteps || r->steps[0].leader));
}

static void translate(const struct template_opts *o)
{
	struct unit u = { .code = code, .code_cap = CODE_MAX, .entries = entries, .entries_cap = GUEST_PAGE_WORDS, .faults = faults,
			  .faults_cap = ROWS_MAX, .relocs = relocs, .relocs_cap = ROWS_MAX };
	static const uint8_t src[GUEST_PAGE_SIZE];
	struct xo_builder *b;
	uint8_t *image;
	size_t size;
	struct xo_key key;

	FUZZ_CHECK(template_translate(&run, o, &u) == ST_OK);
	FUZZ_CHECK(u.first == (run.start & GUEST_PAGE_MASK) / 4 && u.nwords == run.nwords);
	key_fill(&key, ISA_R2, o->flags & UNIT_BE, 0);
	FUZZ_CHECK(xo_builder_create(&key, &b, NULL) == ST_OK);
	u.flags |= UNIT_XO;
	FUZZ_CHECK(xo_builder_page(b, run.start & ~GUEST_PAGE_MASK, o->flags & (UNIT_KERNEL | UNIT_MAPPED | UNIT_BE), src, NULL, NULL) == ST_OK);
	FUZZ_CHECK(xo_builder_unit(b, &u, NULL) == ST_OK && xo_builder_image(b, &image, &size, NULL) == ST_OK);
	free(image);
	xo_builder_destroy(b);
}

void fuzz_decode(const uint8_t *bytes, size_t size)
{
	struct fuzz_in in = { bytes, size };
	enum isa_rev rev = fuzz_take(&in, 1) & 1 ? ISA_R1 : ISA_R2;
	uint32_t flags = fuzz_take(&in, 1), first = fuzz_take(&in, 2) % GUEST_PAGE_WORDS, max = fuzz_take(&in, 2) % (GUEST_PAGE_WORDS + 1);
	uint8_t sites[GUEST_PAGE_WORDS] = { 0 };
	page_bits leaders = { 0 }, stop = { 0 };
	struct run_opts scan = { .rev = rev, .kernel = flags & UNIT_KERNEL, .max_words = max, .leaders = leaders, .stop = stop,
				 .through = flags & 0x40 };
	struct template_opts o = { .flags = flags & (UNIT_KERNEL | UNIT_MAPPED | UNIT_BE | UNIT_XO), .sites = sites, .bmi2 = flags & 0x80 };
	gva at = (flags & UNIT_MAPPED ? 0x00400000u : 0x80100000u) + 4 * first;
	unsigned nwords;

	for (unsigned n = fuzz_take(&in, 1) % 32; n; n--) {
		uint32_t mark = fuzz_take(&in, 2), word = mark % GUEST_PAGE_WORDS;

		switch (mark >> 14) {
		case 0: page_bit_set(leaders, word); break;
		case 1: page_bit_set(stop, word); break;
		case 2: sites[word] |= SITE_USER; break;
		default: sites[word] |= SITE_SLOW; break;
		}
	}
	memset(page, 0, sizeof page);
	for (nwords = first; nwords < GUEST_PAGE_WORDS && in.left; nwords++) {
		page[nwords] = fuzz_take(&in, 4);
		decode(page[nwords], at + 4 * (nwords - first), rev);
	}
	run_scan(page, at, &scan, &run);
	check_run(&run, first, max);
	if (run.nwords)
		translate(&o);
}
