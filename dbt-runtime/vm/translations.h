/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of the loop "run, learn, translate, run warm": .xo images going in, the profile coming out.
 */
#ifndef ATHANOR_VM_TRANSLATIONS_H
#define ATHANOR_VM_TRANSLATIONS_H

#include "base/err.h"
#include "dbt-runtime/engine/engine.h"
#include "dbt-runtime/vm/options.h"
#include "isa/cpu.h"
#include "pcmap/xo.h"

struct xo_file; /* pcmap/xo_file.h */

struct translations {
	unsigned n;
	struct xo_view view[VM_XO_MAX];
	const struct xo_view *views[VM_XO_MAX]; /* as the engine wants them */
	struct xo_file *file[VM_XO_MAX];
};

/* translations_open - map what can be used for @model.  A file that cannot is a warning with the reason, and the guest runs without it.  */
void translations_open(struct translations *t, const char *const *paths, unsigned npaths, const struct cpu_model *model, bool big_endian);
void translations_close(struct translations *t); /* accepts a zeroed one */

/* profile_save - merge what @e learnt into the profile at @path.  Errors: what pcmap/profile.h says.  */
enum status profile_save(const char *path, struct engine *engine, enum isa_rev rev, struct err *e) MUST_CHECK;

#endif
