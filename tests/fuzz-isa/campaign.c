/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#include "tests/fuzz-isa/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fuzz-isa/generate.h"
#include "tests/fuzz-isa/minimise.h"

#define TRIES 200u

static struct program programs[SLOTS];
static struct outcome outcomes[COLUMNS];

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- one program, or a few --- */

/* A column against the reference, which always sees the image as it is: what the last of @n programs shows.  */
static const char *last_difference(const struct program *p, unsigned n, enum column k, bool big_endian, void (*spoil)(struct image *m))
{
	struct outcome ref, got;
	struct image m;
	const char *diff;

	image_create(&m, big_endian);
	for (unsigned i = 0; i < n; i++)
		image_place(&m, &p[i]);
	image_list(&m, p, n);
	column_run(COLUMN_REF, &m, p, n, &ref);
	if (spoil)
		spoil(&m);
	column_run(k, &m, p, n, &got);
	diff = outcome_difference(&m, &p[n - 1], &ref, &got, k == COLUMN_QEMU);
	if (!diff && k != COLUMN_QEMU)
		diff = outcome_machine_difference(&ref, &got);
	outcome_free(&ref);
	outcome_free(&got);
	image_destroy(&m);
	return diff;
}

const char *case_difference(const struct program *p, bool big_endian)
{
	static char text[400];

	for (enum column k = COLUMN_TEMPLATE; k < COLUMNS; k++) {
		const char *diff;

		if (column_missing(k, big_endian) || (k == COLUMN_QEMU && p->flags & FUZZ_OURS))
			continue;
		diff = last_difference(p, 1, k, big_endian, NULL);
		if (diff) {
			snprintf(text, sizeof text, "%s: %s", column_name(k), diff);
			return text;
		}
	}
	return NULL;
}

struct question { enum column k; bool big_endian; void (*spoil)(struct image *m); };

static bool differs(void *opaque, const struct program *p)
{
	const struct question *q = opaque;

	return last_difference(p, 1, q->k, q->big_endian, q->spoil) != NULL;
}

const char *find_difference(struct dry *d, struct program *p, enum column k, bool big_endian, void (*spoil)(struct image *m),
			    unsigned tries)
{
	struct question q = { k, big_endian, spoil };

	if (!differs(&q, p))
		return NULL;
	minimise(d, p, differs, &q, tries);
	return last_difference(p, 1, k, big_endian, spoil);
}

/* --- batches --- */

/* Program @i shows no difference alone: the last one in front of it that it needs for that, or @i: there is none.  */
static unsigned needed_in_front(const struct batch *b, enum column k, unsigned i)
{
	unsigned with = 0, without = i;

	if (!last_difference(programs, i + 1, k, b->big_endian, NULL))
		return i;
	while (without - with > 1) {
		unsigned mid = (with + without) / 2;

		if (last_difference(&programs[mid], i - mid + 1, k, b->big_endian, NULL))
			with = mid;
		else
			without = mid;
	}
	return with;
}

static void report_alone(const struct batch *b, enum column k, unsigned i)
{
	unsigned other = k == COLUMN_REF ? i : needed_in_front(b, k, i);

	printf("  (alone, it shows none)\n");
	if (other == i)
		return;
	printf("  behind program %u and what follows that one, it does\n", other);
	program_print(stdout, &programs[other], "what runs first");
}

static void report(struct dry *d, const struct batch *b, enum column k, unsigned i, const char *diff)
{
	struct program p = programs[i];
	char name[80], was[400];

	snprintf(was, sizeof was, "%s", diff);
	printf("%s%s, program %u of the batch of %u with seed 0x%llx, flags %u: %s\n", column_name(k),
	       b->big_endian ? ", big-endian" : "", i, b->n, (unsigned long long)b->seed, b->flags, was);
	diff = k == COLUMN_REF ? NULL : find_difference(d, &p, k, b->big_endian, NULL, TRIES);
	if (!diff)
		report_alone(b, k, i);
	else
		printf("  minimised: %s\n", diff);
	snprintf(name, sizeof name, "%s, seed 0x%llx", column_name(k), (unsigned long long)programs[i].seed);
	program_print(stdout, &p, name);
	fflush(stdout);
}

/* The program alone and watched has done the same as among others in the engine, but for interrupts and time.  */
static const char *dry_difference(const struct image *m, const struct program *p)
{
	if (p->flags & (FUZZ_ASYNC | FUZZ_TIMER | FUZZ_OURS))
		return NULL;
	return outcome_difference(m, p, &outcomes[COLUMN_DRY], &outcomes[COLUMN_REF], true);
}

/* Where to begin: a run that broke off did so in the first program without an end, and may have run others again from there.  */
static unsigned first_in_question(const struct image *m, const struct outcome *got, unsigned n)
{
	for (unsigned i = 0; got->failed[0] && i < n; i++)
		if (!outcome_ended(m, &programs[i], got))
			return i;
	return 0;
}

static void compare(struct dry *d, const struct batch *b, const struct image *m, enum column k, unsigned n, struct tally *t)
{
	const struct outcome *got = &outcomes[k];
	unsigned before = t->differences;
	const char *diff;

	for (unsigned i = first_in_question(m, got, n); i < n; i++) {
		diff = k == COLUMN_REF ? dry_difference(m, &programs[i]) :
		       outcome_difference(m, &programs[i], &outcomes[COLUMN_REF], got, k == COLUMN_QEMU);
		if (!diff)
			continue;
		t->differences++;
		if (t->differences < 4) /* the first ones tell enough */
			report(d, b, k, i, diff);
		if (got->failed[0])
			break;
	}
	diff = NULL;
	if (t->differences == before && got->failed[0])
		diff = got->failed;
	else if (t->differences == before && k != COLUMN_QEMU && k != COLUMN_REF && n == b->n)
		diff = outcome_machine_difference(&outcomes[COLUMN_REF], got);
	if (diff) {
		printf("%s, batch of %u with seed 0x%llx, flags %u: %s\n", column_name(k), b->n, (unsigned long long)b->seed, b->flags, diff);
		t->differences++;
	}
}

static void count(struct tally *t, enum column k, const struct coverage *v, double since)
{
	t->column[k].programs += v->programs;
	t->column[k].insns += v->insns;
	t->column[k].seconds += now() - since;
	for (unsigned i = 0; i < TIER_COUNT; i++)
		t->column[k].tiers[i] += outcomes[k].tiers[i];
}

void batch_run(const struct batch *b, struct tally *t)
{
	struct coverage all = { 0 }, some = { 0 };
	struct dry *d = dry_create(b->big_endian);
	double since = now();
	unsigned most = b->n;
	struct image m;

	image_create(&m, b->big_endian);
	outcomes[COLUMN_DRY] = (struct outcome){ .ram = need(malloc(IMAGE_RAM)) };
	for (unsigned i = 0; i < b->n; i++) {
		program_generate(&programs[i], d, b->seed + i, i, b->flags, &all);
		image_place(&m, &programs[i]);
		memcpy(outcomes[COLUMN_DRY].ram + (slot_address(i) - 0x80000000u), dry_slot(d), SLOT_SIZE);
		if (i + 1 == b->nllvm)
			some = all;
	}
	t->generating += now() - since;
	for (enum column k = COLUMN_REF; k < COLUMNS; k++) {
		unsigned n = k == COLUMN_LLVM && b->nllvm < most ? b->nllvm : most;

		if (!n || column_missing(k, b->big_endian) || (k == COLUMN_QEMU && b->flags & FUZZ_OURS) || (k == COLUMN_KVM && !b->kvm))
			continue;
		since = now();
		image_list(&m, programs, n);
		column_run(k, &m, programs, n, &outcomes[k]);
		/* What waits for a time may wait for ever: the dry run has a time of its own.  */
		if (k == COLUMN_REF && outcomes[k].failed[0] && b->flags & FUZZ_OURS) {
			printf("%s: it is left out, and what follows in its batch\n", outcomes[k].failed);
			t->endless++;
			n = most = outcomes[k].ended;
			outcomes[k].failed[0] = 0;
		}
		if (n == b->n || n == b->nllvm)
			count(t, k, n == b->n ? &all : &some, since);
		compare(d, b, &m, k, n, t);
	}
	coverage_add(&t->cover, &all);
	for (enum column k = 0; k < COLUMNS; k++)
		outcome_free(&outcomes[k]);
	image_destroy(&m);
	dry_destroy(d);
}

void tally_print(const struct tally *t)
{
	coverage_print(&t->cover);
	for (enum column k = COLUMN_REF; k < COLUMNS; k++) {
		const uint64_t *x = t->column[k].tiers, ours = x[0] + x[1] + x[2];

		printf("%-9s %8llu programs, %10llu instructions of theirs, %.1f s", column_name(k), (unsigned long long)t->column[k].programs,
		       (unsigned long long)t->column[k].insns, t->column[k].seconds);
		if (ours)
			printf("; all %llu instructions: %.1f %% LLVM or .xo, %.1f %% template, %.1f %% interpreted", (unsigned long long)ours,
			       100.0 * (double)x[TIER_XO] / (double)ours, 100.0 * (double)x[TIER_TEMPLATE] / (double)ours,
			       100.0 * (double)x[TIER_INTERP] / (double)ours);
		printf("\n");
	}
	printf("generating and dry runs %.1f s; %u programs did not end; %u differences\n", t->generating, t->endless, t->differences);
}
