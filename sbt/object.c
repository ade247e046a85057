/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for handing pages and units to pcmap's writer, in the order in which the engine should prefer them.
 */
#include "sbt/object.h"

#include "pcmap/xo_write.h"

static enum status add_units(struct xo_builder *b, const struct image *img, const struct translation *t, struct err *e)
{
	enum status s = ST_OK;

	for (unsigned i = 0; i < t->njobs && s == ST_OK; i++) {
		const struct job *j = &t->jobs[i];
		const struct image_page *p = &img->pages[j->page];

		if (i == 0 || t->jobs[i - 1].page != j->page)
			s = xo_builder_page(b, p->page, p->flags, p->bytes, p->sites, e);
		for (unsigned k = 0; k < j->nunits && s == ST_OK; k++)
			s = xo_builder_unit(b, &j->units[k], e);
	}
	return s;
}

enum status object_write(const char *path, const struct xo_key *key, const struct image *img, const struct translation *t, uint64_t *size,
			 struct err *e)
{
	struct xo_builder *b;
	enum status s = xo_builder_create(key, &b, e);

	if (s != ST_OK)
		return s;
	s = add_units(b, img, t, e);
	if (s == ST_OK)
		s = xo_builder_write(b, path, size, e);
	xo_builder_destroy(b);
	return s;
}
