/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the accelerator behind a name.  Not for running anything: probes have no side effects.
 */
#include <string.h>

#include "base/opts.h"
#include "dbt-runtime/accel/accel.h"

/* Best first: the order in which `auto` tries.  */
static const struct accel_ops *const built[] = { &accel_inproc, &accel_ref };

static const char *const names[] = { "inproc", "ref", "auto", "kvm" };

static const char *name_at(const void *unused, unsigned i)
{
	(void)unused;
	return i < ARRAY_LEN(names) ? names[i] : NULL;
}

static enum status select_auto(const struct accel_ops **out, struct err *e)
{
	enum status s = ST_HOST;

	for (size_t i = 0; i < ARRAY_LEN(built); i++) {
		s = built[i]->probe(e);
		if (s == ST_OK) {
			*out = built[i];
			return ST_OK;
		}
	}
	return s;
}

enum status accel_select(const char *name, const struct accel_ops **out, struct err *e)
{
	const char *near;

	if (strcmp(name, "auto") == 0)
		return select_auto(out, e);
	if (strcmp(name, "kvm") == 0)
		return err_set(e, ST_UNSUPPORTED, "-accel kvm: this build has no KVM accelerator; use inproc or ref");
	for (size_t i = 0; i < ARRAY_LEN(built); i++) {
		if (strcmp(name, built[i]->name) == 0) {
			enum status s = built[i]->probe(e);

			if (s == ST_OK)
				*out = built[i];
			return s;
		}
	}
	near = opts_nearest(name, name_at, NULL);
	return err_set(e, ST_USAGE, "-accel %s: no such accelerator; there are ref, inproc and auto%s%s%s", name, near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
}
