/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what becomes a unit: runs that cover the code of every page, whole functions where they fit; each leader is the
 * entry of some run, and what goes on in the middle of a block has a short one of its own; two records of a page do not repeat
 * each other.  And for how LLVM's time is spent.
 */
#include "sbt/plan.h"

#include <stdlib.h>
#include <string.h>

/* Self-modifying code and changed bytes disable whole units, so units are bounded; calls and loops do not care.  */
#define RUN_WORDS 256u
#define RUN_WORDS_MIN 96u /* a run that must be cut is cut at a leader behind this many words, if there is one */
#define HOT_PERCENT 95u
#define NO_JOB UINT32_MAX

struct plan {
	const struct image *img;
	const struct found *f;
	const struct translate_opts *o;
	struct translation *t;
	struct run run;
	uint32_t page;
	page_bits entries, covered;
	unsigned last[GUEST_PAGE_WORDS]; /* latest job of this page and mode, in any record, that begins at the word; NO_JOB */
};

static unsigned words_known(const struct image_page *p, unsigned first)
{
	unsigned n = 0;

	while (first + n < GUEST_PAGE_WORDS && page_bit(p->code, first + n))
		n++;
	return n;
}

void plan_scan(const struct image *img, const struct found_page *p, enum isa_rev rev, const struct job *j, struct run *out)
{
	struct run_opts o = { .rev = rev, .kernel = img->pages[j->page].flags & UNIT_KERNEL, .max_words = j->max_words,
			      .leaders = p->leaders, .through = j->through };

	run_scan(p->words, img->pages[j->page].page + 4u * j->first, &o, out);
}

static struct job *job_new(struct plan *k, unsigned first, bool through, struct err *e)
{
	struct translation *t = k->t;

	if (t->njobs == t->cap) {
		unsigned cap = t->cap ? t->cap * 2 : 1024;
		struct job *more = realloc(t->jobs, cap * sizeof *more);

		if (!more) {
			err_set(e, ST_NOMEM, "no memory for %u runs", cap);
			return NULL;
		}
		t->jobs = more;
		t->cap = cap;
	}
	t->jobs[t->njobs] = (struct job){ .page = k->page, .first = (uint16_t)first, .through = through };
	return &t->jobs[t->njobs];
}

static bool same_run(const struct plan *k, const struct job *a, const struct job *b)
{
	const struct image_page *x = &k->img->pages[a->page], *y = &k->img->pages[b->page];

	return a->first == b->first && a->nwords == b->nwords && memcmp(a->leaders, b->leaders, sizeof a->leaders) == 0 &&
	       memcmp(x->bytes + 4 * a->first, y->bytes + 4 * a->first, 4u * a->nwords) == 0 &&
	       memcmp(x->sites + a->first, y->sites + a->first, a->nwords) == 0;
}

/* The run in k->run becomes a job, unless there is one like it.  */
static void job_take(struct plan *k, struct job *j)
{
	const struct image_page *p = &k->img->pages[k->page];

	j->nwords = (uint16_t)k->run.nwords;
	for (unsigned i = 0; i < k->run.nsteps; i++)
		if (k->run.steps[i].leader) {
			unsigned w = (k->run.steps[i].pc & GUEST_PAGE_MASK) / 4;

			page_bit_set(j->leaders, w);
			page_bit_set(k->entries, w);
		}
	for (unsigned w = j->first; w < (unsigned)j->first + j->nwords; w++) {
		if (!page_bit(k->covered, w))
			j->samples += p->samples[w];
		page_bit_set(k->covered, w);
	}
	for (unsigned i = k->last[j->first]; i != NO_JOB; i = k->t->jobs[i].before)
		if (k->t->jobs[i].page != k->page && same_run(k, &k->t->jobs[i], j)) {
			k->t->jobs[i].samples += j->samples;
			k->t->equal_runs++;
			return;
		}
	j->before = k->last[j->first];
	k->last[j->first] = k->t->njobs++;
}

/* A run that begins at @first.  @stop: words at which other runs can be entered.  */
static enum status run_plan(struct plan *k, unsigned first, const uint32_t *stop, struct err *e)
{
	const struct image_page *p = &k->img->pages[k->page];
	const struct found_page *f = &k->f->pages[k->page];
	struct run_opts o = { .rev = k->o->rev, .kernel = p->flags & UNIT_KERNEL, .max_words = words_known(p, first),
			      .leaders = f->leaders, .stop = stop, .through = !stop };
	struct job *j = job_new(k, first, o.through, e);

	if (!j)
		return ST_NOMEM;
	run_scan(f->words, p->page + 4 * first, &o, &k->run);
	if (k->run.nwords > RUN_WORDS) {
		o.max_words = run_cut_at(&k->run, RUN_WORDS_MIN, RUN_WORDS);
		run_scan(f->words, p->page + 4 * first, &o, &k->run);
	}
	/* A limit would hide that a run ends because the page does.  */
	j->max_words = (uint16_t)(k->run.end == RUN_LIMIT || k->run.end == RUN_KNOWN ? k->run.nwords : o.max_words);
	job_take(k, j);
	return ST_OK;
}

/* Which leaders of the page's jobs control can come to from outside their run.  */
static void needed_mark(struct plan *k, unsigned from)
{
	const struct found_page *f = &k->f->pages[k->page];
	page_bits outside;

	memcpy(outside, f->outside, sizeof outside);
	for (unsigned i = from; i < k->t->njobs; i++) {
		const struct job *j = &k->t->jobs[i];

		plan_scan(k->img, f, k->o->rev, j, &k->run);
		for (unsigned n = 0; n < k->run.nsteps; n++) {
			const struct step *t = &k->run.steps[n];
			uint32_t flags = insn_flags((enum insn_op)t->insn.op);
			gva to = t->pc;

			if ((flags & IF_BRANCH) && !(flags & IF_INDIRECT))
				to = branch_target(&t->insn, t->pc);
			if (((to ^ t->pc) & ~GUEST_PAGE_MASK) == 0 && to - k->run.start >= 4 * k->run.nwords)
				page_bit_set(outside, (to & GUEST_PAGE_MASK) / 4);
		}
	}
	for (unsigned i = from; i < k->t->njobs; i++)
		for (unsigned w = 0; w < ARRAY_LEN(outside); w++)
			k->t->jobs[i].needed[w] = k->t->jobs[i].leaders[w] & outside[w];
}

static enum status page_plan(struct plan *k, struct err *e)
{
	const struct found_page *f = &k->f->pages[k->page];
	unsigned from = k->t->njobs;
	enum status s = ST_OK;

	memset(k->entries, 0, sizeof k->entries);
	memset(k->covered, 0, sizeof k->covered);
	for (unsigned w = 0; w < GUEST_PAGE_WORDS && s == ST_OK; w++)
		if (page_bit(f->steps, w) && !page_bit(k->covered, w))
			s = run_plan(k, w, NULL, e);
	/* Leaders inside of runs that see another step there: jumps into delay slots.  */
	for (unsigned w = 0; w < GUEST_PAGE_WORDS && s == ST_OK; w++)
		if (page_bit(f->leaders, w) && page_bit(f->steps, w) && !page_bit(k->entries, w))
			s = run_plan(k, w, k->entries, e);
	needed_mark(k, from);
	for (unsigned w = 0; w < GUEST_PAGE_WORDS && s == ST_OK; w++)
		if (page_bit(f->resumed, w))
			s = run_plan(k, w, k->entries, e);
	return s;
}

struct ranked { uint64_t samples; unsigned job; };

static int hotter(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->samples != y->samples)
		return x->samples < y->samples ? 1 : -1;
	return (x->job > y->job) - (x->job < y->job);
}

static enum status hot_choose(struct translation *t, const struct translate_opts *o, struct err *e)
{
	struct ranked *r = calloc(t->njobs + 1u, sizeof *r);
	uint64_t words = 0;

	if (!r)
		return err_set(e, ST_NOMEM, "no memory for %u runs", t->njobs);
	for (unsigned i = 0; i < t->njobs; i++)
		r[i] = (struct ranked){ t->jobs[i].samples, i };
	qsort(r, t->njobs, sizeof *r, hotter);
	for (unsigned i = 0; i < t->njobs && r[i].samples && t->llvm_samples * 100 < t->samples * HOT_PERCENT; i++) {
		struct job *j = &t->jobs[r[i].job];

		if (words + j->nwords > o->budget_words)
			continue;
		words += j->nwords;
		j->llvm = true;
		t->llvm_samples += j->samples;
	}
	free(r);
	return ST_OK;
}

enum status plan_make(const struct image *img, const struct found *f, const struct translate_opts *o, struct translation *t, struct err *e)
{
	struct plan *k = calloc(1, sizeof *k);
	enum status s = k ? ST_OK : err_set(e, ST_NOMEM, "out of memory for runs");

	for (uint32_t i = 0; i < img->npages && s == ST_OK; i++) {
		k->img = img;
		k->f = f;
		k->o = o;
		k->t = t;
		k->page = i;
		if (!i || img->pages[i].page != img->pages[i - 1].page || img->pages[i].flags != img->pages[i - 1].flags)
			memset(k->last, 0xff, sizeof k->last);
		s = page_plan(k, e);
	}
	free(k);
	for (unsigned i = 0; i < t->njobs; i++) {
		t->samples += t->jobs[i].samples;
		t->jobs[i].llvm = o->opt == OPT_ALL;
	}
	if (s == ST_OK && o->opt == OPT_HOT)
		s = hot_choose(t, o, e);
	if (o->opt == OPT_ALL)
		t->llvm_samples = t->samples;
	return s;
}
