/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the recursive descent: which words are code, and why.  What a step is: isa/block.c.  Indirect targets: table.c.
 * Invariant: the result does not depend on the order of the walk, but for which of several reasons of one class is met first; the
 * smallest is kept.
 */
#include "sbt/discover.h"

#include <stdlib.h>
#include <string.h>

#define REG_RA 31u

struct todo { uint32_t page; uint16_t word; };

struct walk {
	const struct image *img;
	enum isa_rev rev;
	struct found *f;
	struct todo *todo;
	unsigned ntodo, cap;
	bool no_memory;
	struct run run;
	uint32_t page;   /* being walked */
	unsigned added;  /* leaders since last reset */
};

static const char *const names[] = {
#define REASON(name, text) #name,
#include "sbt/reason.def"
#undef REASON
};
static const char *const texts[] = {
#define REASON(name, text) text,
#include "sbt/reason.def"
#undef REASON
};

const char *reason_name(enum reason r) { return names[r]; }
const char *reason_text(enum reason r) { return texts[r]; }

static void push(struct walk *k, uint32_t page, unsigned word)
{
	if (k->ntodo == k->cap) {
		unsigned cap = k->cap ? k->cap * 2 : 1024;
		struct todo *more = realloc(k->todo, cap * sizeof *more);

		if (!more) {
			k->no_memory = true;
			return;
		}
		k->todo = more;
		k->cap = cap;
	}
	k->todo[k->ntodo++] = (struct todo){ page, (uint16_t)word };
}

static void reach_word(struct walk *k, uint32_t page, unsigned word, enum reason r)
{
	struct found_page *p = &k->f->pages[page];

	if (!page_bit(k->img->pages[page].code, word))
		return;
	if (r != REASON_BRANCH && r != REASON_FALL)
		page_bit_set(p->outside, word);
	if (r != REASON_PROFILE)
		page_bit_clear(p->resumed, word);
	else if (!page_bit(p->leaders, word))
		page_bit_set(p->resumed, word);
	if (page_bit(p->leaders, word)) {
		if (r < p->reason[word])
			p->reason[word] = (uint8_t)r;
		return;
	}
	page_bit_set(p->leaders, word);
	p->reason[word] = (uint8_t)r;
	k->added++;
	if (!page_bit(p->steps, word))
		push(k, page, word);
}

/*
 * Control goes from page record @from (UINT32_MAX: from nowhere) to @to.  Other pages: an image's code leads to the image's, and in the
 * one address space of an unmapped kernel everything to everything; but two recorded user pages need not belong to one program.
 */
static void reach(struct walk *k, uint32_t from, gva to, enum reason r)
{
	const struct image_page *pages = k->img->pages, *p = from == UINT32_MAX ? NULL : &pages[from];
	gva page = to & ~GUEST_PAGE_MASK;

	if (to & 3u)
		return;
	if (p && p->page == page) {
		reach_word(k, from, (to & GUEST_PAGE_MASK) / 4, r);
		return;
	}
	for (uint32_t i = image_page_first(k->img, page); i < k->img->npages && pages[i].page == page; i++) {
		bool kernel = (pages[i].flags & (UNIT_KERNEL | UNIT_MAPPED)) == UNIT_KERNEL;

		if (p && (p->flags != pages[i].flags || (!kernel && (!p->from_image || !pages[i].from_image))))
			continue;
		if (!p && !pages[i].from_image && !kernel)
			continue;
		page_bit_set(k->f->pages[i].outside, (to & GUEST_PAGE_MASK) / 4);
		reach_word(k, i, (to & GUEST_PAGE_MASK) / 4, r);
	}
}

static void reach_table(void *opaque, gva target)
{
	struct walk *k = opaque;

	k->f->table_words++;
	reach(k, k->page, target, REASON_TABLE);
}

static void step_indirect(struct walk *k, const struct step *t)
{
	const struct found_page *p = &k->f->pages[k->page];
	unsigned word = (t->pc & GUEST_PAGE_MASK) / 4;

	if (insn_flags((enum insn_op)t->insn.op) & IF_LINK) {
		gva to = table_call(k->img, k->rev, p->words, p->code, word);

		if (to)
			reach(k, k->page, to, REASON_CALL);
		return;
	}
	if (t->insn.rs == REG_RA)
		return;
	if (table_targets(k->img, k->rev, p->words, p->code, word, reach_table, k)) {
		k->f->tables++;
	} else {
		gva to = table_call(k->img, k->rev, p->words, p->code, word); /* a call in tail position */

		if (to)
			reach(k, k->page, to, REASON_CALL);
		else
			k->f->lost_jumps++;
	}
}

/* Where @t leads, but for the word behind it when control just falls there.  */
static void step_follow(struct walk *k, const struct step *t)
{
	uint32_t f = insn_flags((enum insn_op)t->insn.op);

	if (f & IF_BRANCH) {
		if (f & IF_INDIRECT)
			step_indirect(k, t);
		else
			reach(k, k->page, branch_target(&t->insn, t->pc), f & IF_LINK ? REASON_CALL : REASON_BRANCH);
	}
	if (t->ends && t->falls)
		reach(k, k->page, step_behind(t), (f & IF_BRANCH) && !(f & IF_LINK) ? REASON_FALL : REASON_RETURN);
}

static void walk_run(struct walk *k, uint32_t page, unsigned word)
{
	const struct image_page *ip = &k->img->pages[page];
	struct found_page *p = &k->f->pages[page];
	struct run_opts o = { .rev = k->rev, .kernel = ip->flags & UNIT_KERNEL, .stop = p->steps };
	gva end;

	if (page_bit(p->steps, word))
		return;
	k->page = page;
	/* No further than the words that are known.  */
	for (o.max_words = 1; word + o.max_words < GUEST_PAGE_WORDS && page_bit(ip->code, word + o.max_words);)
		o.max_words++;
	run_scan(p->words, ip->page + 4 * word, &o, &k->run);
	for (unsigned i = 0; i < k->run.nsteps; i++) {
		unsigned w = (k->run.steps[i].pc & GUEST_PAGE_MASK) / 4;

		page_bit_set(p->steps, w);
		for (unsigned n = 0; n < k->run.steps[i].nwords; n++)
			page_bit_set(p->code, w + n);
	}
	for (unsigned i = 0; i < k->run.nsteps; i++)
		step_follow(k, &k->run.steps[i]);
	end = k->run.start + 4 * k->run.nwords;
	if (k->run.end == RUN_PAGE && end) /* plain code runs off the page */
		reach(k, page, end, REASON_FALL);
}

static void walk_all(struct walk *k)
{
	while (k->ntodo && !k->no_memory) {
		struct todo t = k->todo[--k->ntodo];

		walk_run(k, t.page, t.word);
	}
}

/* Does code end ahead of @to, so that a function may begin there?  */
static bool after_end(const struct walk *k, gva to)
{
	insn_word w;
	struct insn i;

	for (unsigned back = 1; back <= 4; back++) {
		if (!image_word(k->img, to - 4 * back, &w))
			return true;
		if (w == 0)
			continue; /* padding, or an empty slot */
		insn_decode(w, k->rev, &i);
		if (back > 1 && (insn_flags((enum insn_op)i.op) & (IF_UNCOND | IF_LINK)) == IF_UNCOND)
			return true;
		if (back > 1)
			return i.op == INSN_ERET;
	}
	return true;
}

static void reach_address(struct walk *k, gva to)
{
	uint32_t i = image_page_first(k->img, to & ~GUEST_PAGE_MASK);
	unsigned w = (to & GUEST_PAGE_MASK) / 4;

	if ((to & 3u) || i == k->img->npages || k->img->pages[i].page != (to & ~GUEST_PAGE_MASK) || !k->img->pages[i].from_image ||
	    page_bit(k->f->pages[i].code, w) || !page_bit(k->img->pages[i].code, w) || !after_end(k, to))
		return;
	reach(k, UINT32_MAX, to, REASON_ADDRESS);
}

/* Words of data that point at code.  */
static void scan_data(struct walk *k)
{
	for (unsigned i = 0; i < k->img->nregions; i++) {
		const struct image_region *r = &k->img->regions[i];
		uint64_t at = (r->at + 3ull) & ~3ull;

		for (; !r->executable && at + 4 <= (uint64_t)r->at + r->size; at += 4) {
			insn_word to;

			if (image_word(k->img, (gva)at, &to))
				reach_address(k, to);
		}
	}
}

/* Pairs of LUI and ADDIU in found code that make an address of code.  */
static void scan_constants(struct walk *k)
{
	for (uint32_t page = 0; page < k->f->npages; page++) {
		const struct found_page *p = &k->f->pages[page];
		uint32_t hi[32] = { 0 };
		uint32_t known = 0;

		for (unsigned w = 0; w < GUEST_PAGE_WORDS && k->img->pages[page].from_image; w++) {
			struct insn i;
			struct insn_deps d;

			if (!page_bit(p->code, w)) {
				known = 0;
				continue;
			}
			insn_decode(p->words[w], k->rev, &i);
			if (i.op == INSN_ADDIU && (known >> i.rs & 1u))
				reach_address(k, hi[i.rs] + insn_simm(&i));
			if (i.op == INSN_LUI) {
				hi[i.rt] = insn_uimm(&i) << 16;
				known |= 1u << i.rt;
				continue;
			}
			insn_deps(&i, &d);
			known &= ~(uint32_t)d.writes;
		}
	}
}

static void seeds(struct walk *k)
{
	for (unsigned i = 0; i < k->img->nseeds; i++)
		reach(k, UINT32_MAX, k->img->seeds[i].at, k->img->seeds[i].reason);
	for (uint32_t i = 0; i < k->img->npages; i++)
		for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
			if (page_bit(k->img->pages[i].leaders, w))
				reach_word(k, i, w, REASON_PROFILE);
}

/*
 * Of the leaders that only a profile knows, those that straight code leads to, and where no run was ever looking at its clock: an
 * exception came back there, once for each page the block touches.  As leaders they would cut loops in two.
 */
static void resumed_points(struct found_page *p, const struct image_page *from, enum isa_rev rev)
{
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++) {
		if (!page_bit(p->resumed, w))
			continue;
		if (!from->samples[w] && in_straight_code(p->words, w, rev) && page_bit(p->code, w - 1)) {
			page_bit_clear(p->leaders, w);
			page_bit_clear(p->outside, w);
		} else {
			page_bit_clear(p->resumed, w);
		}
	}
}

enum status discover(const struct image *img, enum isa_rev rev, struct found *out, struct err *e)
{
	struct walk *k = calloc(1, sizeof *k);

	memset(out, 0, sizeof *out);
	out->pages = calloc(img->npages + 1u, sizeof *out->pages);
	if (!k || !out->pages) {
		free(k);
		found_free(out);
		return err_set(e, ST_NOMEM, "no memory to look for code in %u pages", img->npages);
	}
	out->npages = img->npages;
	k->img = img;
	k->rev = rev;
	k->f = out;
	for (uint32_t i = 0; i < img->npages; i++)
		image_page_words(img, &img->pages[i], out->pages[i].words);
	seeds(k);
	walk_all(k);
	/* Addresses found in code may lead to more code with more addresses.  */
	for (bool data = true; !k->no_memory; data = false) {
		k->added = 0;
		if (data)
			scan_data(k);
		scan_constants(k);
		if (!k->added && !data)
			break;
		walk_all(k);
	}
	for (uint32_t i = 0; i < img->npages; i++)
		resumed_points(&out->pages[i], &img->pages[i], rev);
	free(k->todo);
	if (k->no_memory) {
		free(k);
		found_free(out);
		return err_set(e, ST_NOMEM, "no memory for the list of code still to look at");
	}
	free(k);
	return ST_OK;
}

void found_free(struct found *f)
{
	free(f->pages);
	memset(f, 0, sizeof *f);
}
