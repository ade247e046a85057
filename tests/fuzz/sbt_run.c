/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header.  */
#include "tests/fuzz/sbt_run.h"

#include "sbt/translate.h"
#include "tests/fuzz/fuzz.h"

#define PAGES_TRANSLATED 4u

static void check_pages(const struct image *img)
{
	for (unsigned i = 1; i < img->nregions; i++)
		FUZZ_CHECK(img->regions[i].at - img->regions[i - 1].at >= img->regions[i - 1].size);
	for (unsigned i = 1; i < img->npages; i++)
		FUZZ_CHECK(img->pages[i].page >= img->pages[i - 1].page);
}

static void check_units(const struct translation *t)
{
	for (unsigned i = 0; i < t->njobs; i++)
		for (unsigned k = 0; k < t->jobs[i].nunits; k++) {
			const struct unit *u = &t->jobs[i].units[k];

			FUZZ_CHECK(u->code_len && u->nentries && u->first + u->nwords <= GUEST_PAGE_WORDS);
		}
}

void sbt_run(struct image *img, enum isa_rev rev)
{
	struct translate_opts o = { .rev = rev, .opt = OPT_NONE, .bmi2 = true, .threads = 1 };
	struct translation t;
	struct found f;
	struct err e = ERR_INIT;

	if (image_finish(img, &e) != ST_OK) {
		FUZZ_CHECK(e.text[0]);
		return;
	}
	check_pages(img);
	FUZZ_CHECK(discover(img, rev, &f, &e) == ST_OK);
	FUZZ_CHECK(f.npages == img->npages);
	if (img->npages && img->npages <= PAGES_TRANSLATED) {
		FUZZ_CHECK(translate(img, &f, &o, &t, &e) == ST_OK);
		check_units(&t);
		translation_free(&t);
	}
	found_free(&f);
}
