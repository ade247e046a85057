/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for which .xo files a run uses and for handing what it learnt to the profile.  Not for either format (pcmap), nor for
 * deciding page by page what fits the guest's bytes (the engine).
 */
#include "dbt-runtime/vm/translations.h"

#include <stdlib.h>

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
			log_warn("%s; running without it", e.text);
			continue;
		}
		t->refused[t->n] = calloc(t->view[t->n].npages + 1u, 1);
		if (!t->refused[t->n]) {
			log_warn("%s: out of memory; running without it", paths[i]);
			xo_close(t->file[t->n]);
			continue;
		}
		log_line(LOG_cache, "%s: %u pages", paths[i], t->view[t->n].npages);
		t->views[t->n] = &t->view[t->n];
		t->n++;
	}
}

const struct xo_tables *translations_read(struct translations *t, unsigned file, uint32_t page)
{
	struct err e = ERR_INIT;

	if (t->refused[file][page])
		return NULL;
	if (xo_read(t->file[file], page, &t->tables, &e) == ST_OK)
		return &t->tables;
	t->refused[file][page] = 1;
	if (t->warned[file])
		log_line(LOG_cache, "%s", e.text);
	else
		log_warn("%s; running without this page, and others like it", e.text);
	t->warned[file] = true;
	return NULL;
}

void translations_close(struct translations *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		xo_close(t->file[i]);
		free(t->refused[i]);
	}
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
