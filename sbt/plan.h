/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cutting the code of a page into runs, and choosing the runs worth LLVM's time.  Part of translate.
 */
#ifndef ATHANOR_SBT_PLAN_H
#define ATHANOR_SBT_PLAN_H

#include "sbt/translate.h"

/* plan_make - fill @t->jobs, without units.  Errors: ST_NOMEM.  */
enum status plan_make(const struct image *img, const struct found *f, const struct translate_opts *o, struct translation *t,
		      struct err *e) MUST_CHECK;

/* plan_scan - the run of job @j.  Never fails.  */
void plan_scan(const struct image *img, const struct found_page *p, enum isa_rev rev, const struct job *j, struct run *out);

#endif
