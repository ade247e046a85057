/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for running the translators over planned runs.  Which runs: plan.c.  What translators do: emit/template.h, sbt/lift.h.
 * Invariant: jobs are independent of each other, so that threads take them in any order and the result is the same.
 */
#include "sbt/translate.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sbt/lift.h"
#include "sbt/plan.h"

#define SCRATCH_CODE (1u << 20)
#define SCRATCH_ROWS (1u << 14)
#define THREADS_MAX 64u

struct pool {
	const struct image *img;
	const struct found *f;
	const struct translate_opts *o;
	struct translation *t;
	const unsigned *order;   /* jobs, long ones first */
	pthread_mutex_t lock;    /* guards what follows */
	unsigned next, done;
	enum status status;
	struct err *e;
};

struct worker {
	struct pool *p;
	struct lifter *lifter;
	struct run run;
	struct unit u;           /* scratch */
};

static bool unit_alloc(struct unit *u)
{
	*u = (struct unit){ .code_cap = SCRATCH_CODE, .entries_cap = GUEST_PAGE_WORDS, .faults_cap = SCRATCH_ROWS,
			    .relocs_cap = SCRATCH_ROWS };
	u->code = malloc(u->code_cap);
	u->entries = calloc(u->entries_cap, sizeof *u->entries);
	u->faults = calloc(u->faults_cap, sizeof *u->faults);
	u->relocs = calloc(u->relocs_cap, sizeof *u->relocs);
	return u->code && u->entries && u->faults && u->relocs;
}

static void unit_free(struct unit *u)
{
	free(u->code);
	free(u->entries);
	free(u->faults);
	free(u->relocs);
}

static void *copy(const void *from, size_t size)
{
	void *to = malloc(size ? size : 1);

	if (to && size)
		memcpy(to, from, size);
	return to;
}

/* Append a copy of @u to the job's units.  */
static bool job_keep(struct job *j, const struct unit *u)
{
	struct unit *more = realloc(j->units, (j->nunits + 1u) * sizeof *more), *to;

	if (!more)
		return false;
	j->units = more;
	to = &more[j->nunits];
	*to = *u;
	to->code = copy(u->code, u->code_len);
	to->entries = copy(u->entries, u->nentries * sizeof *u->entries);
	to->faults = copy(u->faults, u->nfaults * sizeof *u->faults);
	to->relocs = copy(u->relocs, u->nrelocs * sizeof *u->relocs);
	if (!to->code || !to->entries || !to->faults || !to->relocs) {
		unit_free(to);
		return false;
	}
	j->nunits++;
	return true;
}

/* The reason without the numbers that make each refusal unlike the others.  */
static void job_refuse(struct job *j, const char *why)
{
	size_t n = 0;

	j->refused = true;
	for (; *why && n < sizeof j->why - 1; why++) {
		bool word_start = n == 0 || !isalnum((unsigned char)j->why[n - 1]);

		if (word_start && isdigit((unsigned char)*why)) {
			while (isxdigit((unsigned char)why[1]) || why[1] == 'x')
				why++;
			j->why[n++] = '#';
		} else {
			j->why[n++] = *why;
		}
	}
	j->why[n] = 0;
}

/* A word control may come to from elsewhere, at which @u cannot be entered.  */
static bool entry_missing(const struct job *j, const struct unit *u)
{
	page_bits has = { 0 };

	for (uint32_t i = 0; i < u->nentries; i++)
		page_bit_set(has, u->entries[i].word);
	for (unsigned i = 0; i < ARRAY_LEN(has); i++)
		if (j->needed[i] & ~has[i])
			return true;
	return false;
}

static enum status job_run(struct worker *w, struct job *j, struct err *e)
{
	const struct image_page *p = &w->p->img->pages[j->page];
	struct template_opts o = { .flags = p->flags | UNIT_XO, .sites = p->sites, .bmi2 = w->p->o->bmi2 };
	struct err why = ERR_INIT;
	enum status s;

	plan_scan(w->p->img, &w->p->f->pages[j->page], w->p->o->rev, j, &w->run);
	if (j->llvm) {
		s = lift_run(w->lifter, &w->run, &o, &w->u, &why);
		if (s == ST_OK && !job_keep(j, &w->u))
			return err_set(e, ST_NOMEM, "out of memory for translations");
		if (s != ST_OK)
			job_refuse(j, why.text[0] ? why.text : status_text(s));
		if (s == ST_OK && !entry_missing(j, &w->u))
			return ST_OK;
	}
	s = template_translate(&w->run, &o, &w->u);
	if (s != ST_OK)
		return err_set(e, ST_INTERNAL, "the template translator failed at 0x%08x: %s", w->run.start, status_text(s));
	return job_keep(j, &w->u) ? ST_OK : err_set(e, ST_NOMEM, "out of memory for translations");
}

static void *work(void *opaque)
{
	struct worker *w = opaque;
	struct pool *p = w->p;

	for (;;) {
		struct err e = ERR_INIT;
		enum status s;
		unsigned at;

		pthread_mutex_lock(&p->lock);
		at = p->status == ST_OK ? p->next++ : p->t->njobs;
		pthread_mutex_unlock(&p->lock);
		if (at >= p->t->njobs)
			return NULL;
		s = job_run(w, &p->t->jobs[p->order[at]], &e);
		pthread_mutex_lock(&p->lock);
		if (s != ST_OK && p->status == ST_OK) {
			p->status = s;
			if (p->e)
				*p->e = e;
		}
		p->done++;
		if (p->o->progress)
			p->o->progress(p->o->opaque, p->done, p->t->njobs);
		pthread_mutex_unlock(&p->lock);
	}
}

static unsigned thread_count(const struct translate_opts *o, unsigned njobs)
{
	long host = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned n = o->threads ? o->threads : host > 0 ? (unsigned)host : 1;

	n = n < THREADS_MAX ? n : THREADS_MAX;
	return n < njobs ? n : njobs ? njobs : 1;
}

static enum status worker_init(struct worker *w, struct pool *p, bool llvm, struct err *e)
{
	w->p = p;
	w->lifter = NULL;
	if (!unit_alloc(&w->u))
		return err_set(e, ST_NOMEM, "out of memory for translations");
	return llvm ? lifter_create(NULL, &w->lifter, e) : ST_OK;
}

static enum status pool_run(struct pool *p, bool llvm, struct err *e)
{
	unsigned n = thread_count(p->o, p->t->njobs), started = 0;
	struct worker *w = calloc(n, sizeof *w);
	pthread_t id[THREADS_MAX];
	enum status s = w ? ST_OK : err_set(e, ST_NOMEM, "out of memory for threads");

	for (unsigned i = 0; i < n && s == ST_OK; i++)
		s = worker_init(&w[i], p, llvm, e);
	/* One that cannot be started leaves its work to the others.  */
	while (s == ST_OK && started + 1 < n && pthread_create(&id[started], NULL, work, &w[started + 1]) == 0)
		started++;
	if (s == ST_OK)
		work(&w[0]);
	while (started)
		pthread_join(id[--started], NULL);
	for (unsigned i = 0; w && i < n; i++) {
		unit_free(&w[i].u);
		lifter_destroy(w[i].lifter);
	}
	free(w);
	return s == ST_OK ? p->status : s;
}

/* LLVM's jobs first: they are the long ones.  */
static enum status jobs_run(struct pool *p, struct err *e)
{
	unsigned *order = calloc(p->t->njobs + 1u, sizeof *order), n = 0, nllvm;
	enum status s;

	if (!order)
		return err_set(e, ST_NOMEM, "out of memory for translations");
	for (unsigned i = 0; i < p->t->njobs; i++)
		if (p->t->jobs[i].llvm)
			order[n++] = i;
	nllvm = n;
	for (unsigned i = 0; i < p->t->njobs; i++)
		if (!p->t->jobs[i].llvm)
			order[n++] = i;
	p->order = order;
	pthread_mutex_init(&p->lock, NULL);
	s = pool_run(p, nllvm != 0, e);
	pthread_mutex_destroy(&p->lock);
	free(order);
	return s;
}

enum status translate(const struct image *img, const struct found *f, const struct translate_opts *o, struct translation *out,
		      struct err *e)
{
	struct pool p = { .img = img, .f = f, .o = o, .t = out, .e = e };
	enum status s;

	memset(out, 0, sizeof *out);
	s = plan_make(img, f, o, out, e);
	if (s == ST_OK)
		s = jobs_run(&p, e);
	if (s != ST_OK)
		translation_free(out);
	return s;
}

void translation_free(struct translation *t)
{
	for (unsigned i = 0; i < t->njobs; i++) {
		for (unsigned k = 0; k < t->jobs[i].nunits; k++)
			unit_free(&t->jobs[i].units[k]);
		free(t->jobs[i].units);
	}
	free(t->jobs);
	memset(t, 0, sizeof *t);
}
