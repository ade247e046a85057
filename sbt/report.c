/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for counting and printing what was found, translated and refused.
 */
#include "sbt/report.h"

#include <stdlib.h>
#include <string.h>

void report_count(struct report *r, const struct translation *t)
{
	memset(r, 0, sizeof *r);
	for (unsigned i = 0; i < t->njobs; i++) {
		const struct job *j = &t->jobs[i];

		r->refused += j->refused;
		for (unsigned k = 0; k < j->nunits; k++) {
			const struct unit *u = &j->units[k];
			bool llvm = u->flags & UNIT_LLVM;

			r->units++;
			r->words += u->nwords;
			r->code_bytes += u->code_len;
			r->llvm_units += llvm;
			r->llvm_words += llvm ? u->nwords : 0u;
			r->llvm_bytes += llvm ? u->code_len : 0u;
		}
	}
	r->template_units = r->units - r->llvm_units;
}

void report_line(FILE *f, const char *output, const struct report *r)
{
	fprintf(f, "%s: %llu KiB, %u units of %llu guest instructions (%u by LLVM, %llu instructions)\n", output,
		(unsigned long long)(r->file_bytes + 1023) / 1024, r->units, (unsigned long long)r->words, r->llvm_units,
		(unsigned long long)r->llvm_words);
}

static double per(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0.0;
}

static void print_coverage(FILE *f, const struct image *img, const struct found *found)
{
	uint64_t leaders[REASON_COUNT] = { 0 }, known = 0, code = 0, pages = 0, recorded = 0, resumed = 0;

	for (unsigned p = 0; p < found->npages; p++) {
		bool image = img->pages[p].from_image;

		pages += image;
		recorded += !image;
		for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++) {
			if (image && page_bit(img->pages[p].code, w)) {
				known++;
				code += page_bit(found->pages[p].code, w);
			}
			if (page_bit(found->pages[p].leaders, w))
				leaders[found->pages[p].reason[w]]++;
			resumed += page_bit(found->pages[p].resumed, w);
		}
	}
	fprintf(f, "pages                 %8llu of images, %llu more as recorded\n", (unsigned long long)pages,
		(unsigned long long)recorded);
	fprintf(f, "executable words      %8llu, found to be code: %llu (%.1f%%)\n", (unsigned long long)known, (unsigned long long)code,
		100.0 * per(code, known));
	fprintf(f, "jump tables           %8u with %u entries; indirect jumps without known target: %u\n", found->tables,
		found->table_words, found->lost_jumps);
	for (unsigned i = 0; i < REASON_COUNT; i++)
		fprintf(f, "blocks %-14s %8llu  %s\n", reason_name((enum reason)i), (unsigned long long)leaders[i],
			reason_text((enum reason)i));
	fprintf(f, "middles of blocks     %8llu to which a recorded run came back from an exception\n", (unsigned long long)resumed);
}

struct refusal { const char *why; unsigned n; };

static int by_why(const void *a, const void *b)
{
	const struct refusal *x = a, *y = b;

	return strcmp(x->why, y->why);
}

static int by_count(const void *a, const void *b)
{
	const struct refusal *x = a, *y = b;

	return x->n != y->n ? (x->n < y->n ? 1 : -1) : strcmp(x->why, y->why);
}

static void print_refused(FILE *f, const struct translation *t)
{
	struct refusal *r = calloc(t->njobs + 1u, sizeof *r);
	unsigned n = 0, m = 0;

	for (unsigned i = 0; r && i < t->njobs; i++)
		if (t->jobs[i].refused)
			r[n++] = (struct refusal){ t->jobs[i].why, 1 };
	if (n) {
		qsort(r, n, sizeof *r, by_why);
		for (unsigned i = 1; i < n; i++)
			if (strcmp(r[m].why, r[i].why) == 0)
				r[m].n++;
			else
				r[++m] = r[i];
		qsort(r, m + 1u, sizeof *r, by_count);
		for (unsigned i = 0; i <= m; i++)
			fprintf(f, "refused by LLVM       %8u  %s\n", r[i].n, r[i].why);
	}
	free(r);
}

void report_print(FILE *f, const struct report *r, const struct image *img, const struct found *found, const struct translation *t)
{
	print_coverage(f, img, found);
	fprintf(f, "units                 %8u, %u left out that repeat another record of their page\n", r->units, t->equal_runs);
	fprintf(f, "  template            %8u, %llu words, %llu bytes, %.1f bytes a word\n", r->template_units,
		(unsigned long long)(r->words - r->llvm_words), (unsigned long long)(r->code_bytes - r->llvm_bytes),
		per(r->code_bytes - r->llvm_bytes, r->words - r->llvm_words));
	fprintf(f, "  LLVM                %8u, %llu words, %llu bytes, %.1f bytes a word\n", r->llvm_units,
		(unsigned long long)r->llvm_words, (unsigned long long)r->llvm_bytes, per(r->llvm_bytes, r->llvm_words));
	fprintf(f, "samples               %8llu, in units chosen for LLVM: %.1f%%\n", (unsigned long long)t->samples,
		100.0 * per(t->llvm_samples, t->samples));
	print_refused(f, t);
	fprintf(f, "file                  %8llu bytes\n", (unsigned long long)r->file_bytes);
}
