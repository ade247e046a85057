/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Files of the loop "run, learn, translate, run warm": .xo files going in, the profile coming out.
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
	uint8_t *refused[VM_XO_MAX];            /* by page record: it was bad */
	bool warned[VM_XO_MAX];
	struct xo_tables tables;                /* read last */
};

/* translations_open - open what can be used for @model.  A file that cannot is a warning with the reason, and the guest runs without.  */
void translations_open(struct translations *t, const char *const *paths, unsigned npaths, const struct cpu_model *model, bool big_endian);
void translations_close(struct translations *t); /* accepts a zeroed one */

/* translations_read - page record @page of file @file, valid until the next call.  NULL: it is bad, which is a warning the first time
   in a file, and the guest runs without it.  */
const struct xo_tables *translations_read(struct translations *t, unsigned file, uint32_t page);

/* profile_save - merge what @e learnt into the profile at @path.  Errors: what pcmap/profile.h says.  */
enum status profile_save(const char *path, struct engine *engine, enum isa_rev rev, struct err *e) MUST_CHECK;

#endif
