/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From found code to units: cutting pages into runs, choosing a translator for each, and running the translators on several
 * threads.  The result does not depend on the number of threads.
 */
#ifndef ATHANOR_SBT_TRANSLATE_H
#define ATHANOR_SBT_TRANSLATE_H

#include "sbt/discover.h"

enum translate_opt { OPT_NONE, OPT_HOT, OPT_ALL };

struct translate_opts {
	enum isa_rev rev;
	enum translate_opt opt;
	bool bmi2;
	unsigned budget_words;  /* OPT_HOT: guest words LLVM may translate at most */
	unsigned threads;       /* 0: as many as the host has processors */
	void (*progress)(void *opaque, unsigned done, unsigned total); /* may be NULL; called from one thread at a time */
	void *opaque;
};

/* One run and what became of it.  */
struct job {
	uint32_t page;          /* index in image and found */
	uint32_t before;        /* plan's: an earlier job that begins at the same word of the same page */
	uint16_t first, nwords;
	uint16_t max_words;     /* of run_scan */
	bool through;           /* of run_scan */
	bool llvm;              /* asked for */
	uint64_t samples;
	page_bits leaders;      /* words of the run where blocks begin */
	page_bits needed;       /* those control comes to from outside the run */
	struct unit *units;     /* nunits of them, LLVM's first */
	unsigned nunits;
	bool refused;           /* by LLVM */
	char why[96];           /* the reason, numbers left out */
};

struct translation {
	struct job *jobs;       /* by page, then by preference of the engine */
	unsigned njobs, cap;
	unsigned equal_runs;    /* left out: an earlier record of the page has the same */
	uint64_t samples, llvm_samples;
};

/**
 * translate - make units of everything found
 * Errors: ST_NOMEM; ST_INTERNAL a translator failed where it must not
 * Cost:   1 us per 10 guest instructions, LLVM 2000-4000 a second and thread
 */
enum status translate(const struct image *img, const struct found *f, const struct translate_opts *o, struct translation *out,
		      struct err *e) MUST_CHECK;
void translation_free(struct translation *t);

#endif
