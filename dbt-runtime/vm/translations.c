/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for which .xo files a run uses and for handing what it learnt to the profile.  Not for either format (pcmap), nor for
 * deciding page by page what fits the guest's bytes (the engine).
 */
#include "dbt-runtime/vm/translations.h"

#include "base/log.h"
#include "pcmap/key.h"
#include "pcmap/profile.h"
#include "pcmap/xo_file.h"

void translations_open(struct translations *t, const char *const *paths, unsigned npaths, const struct cpu_model *model, bool big_endian)
{
	struct xo_key key;

	t->n = 0;
	key_fill(&key, model->rev, big_endian, key_host_features());
	for (unsigned i = 0; i < npaths; i++) {
		struct err e = ERR_INIT;

		if (xo_open(paths[i], &key, &t->view[t->n], &t->file[t->n], &e) != ST_OK) {
			t->file[t->n] = NULL;
			log_warn("%s; running without it", e.text);
			continue;
		}
		log_line(LOG_cache, "%s: %u pages, %u units", paths[i], t->view[t->n].npages, t->view[t->n].nunits);
		t->views[t->n] = &t->view[t->n];
		t->n++;
	}
}

void translations_close(struct translations *t)
{
	for (unsigned i = 0; i < t->n; i++)
		xo_close(t->file[i]);
	t->n = 0;
}

enum status profile_save(const char *path, struct engine *engine, enum isa_rev rev, struct err *e)
{
	struct profile p = PROFILE_INIT(rev);
	const struct profile_page *page;
	enum status s = ST_OK;

	for (unsigned i = 0; s == ST_OK && (page = engine_profile_page(engine, i)) != NULL; i++)
		s = profile_add(&p, page, e);
	if (s == ST_OK)
		s = profile_write(path, &p, e);
	profile_free(&p);
	return s;
}
