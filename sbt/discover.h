/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding code: recursive descent from seeds over the pages of an image.  Every word that begins a block has a reason
 * (reason.def).  Words nothing leads to stay untranslated: the engine will translate them when it meets them.
 */
#ifndef ATHANOR_SBT_DISCOVER_H
#define ATHANOR_SBT_DISCOVER_H

#include "sbt/image.h"

/* What was found in one page of the image; same index.  */
struct found_page {
	insn_word words[GUEST_PAGE_WORDS];  /* in host order */
	page_bits code;                      /* words of steps, slots included */
	page_bits steps;                     /* first words of steps */
	page_bits leaders;
	page_bits resumed;                   /* no leaders: a recorded run came back to them in the middle of a block, from an exception */
	page_bits outside;                   /* leaders control comes to from outside the page, or not by a branch */
	uint8_t reason[GUEST_PAGE_WORDS];    /* of leaders: enum reason */
};

struct found {
	struct found_page *pages;
	unsigned npages;
	unsigned tables, table_words;        /* jump tables read */
	unsigned lost_jumps;                 /* indirect jumps (not returns) without a known target */
};

/**
 * discover - find the code of a finished image
 * @rev: architecture release to decode for
 * @out: release with found_free
 * Errors: ST_NOMEM
 */
enum status discover(const struct image *img, enum isa_rev rev, struct found *out, struct err *e) MUST_CHECK;
void found_free(struct found *f);

/**
 * table_targets - where an indirect jump may go, if a jump table explains it
 * @words, @code: of the page; @word: of the jump in it
 * @put: called for each target
 * Returns how many targets were found.  Only tables whose index is bounded by an unsigned comparison ahead of the jump count.
 */
unsigned table_targets(const struct image *img, enum isa_rev rev, const insn_word *words, const uint32_t *code, unsigned word,
		       void (*put)(void *opaque, gva target), void *opaque);

/* table_call - the known target of a JALR through the GOT, or 0.  */
gva table_call(const struct image *img, enum isa_rev rev, const insn_word *words, const uint32_t *code, unsigned word);

const char *reason_name(enum reason r);
const char *reason_text(enum reason r);

#endif
