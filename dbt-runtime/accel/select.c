/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the accelerator behind a name, and for choosing one.  Not for running the machine.
 */
#include <string.h>

#include "base/log.h"
#include "base/opts.h"
#include "dbt-runtime/accel/accel.h"
#include "dbt-runtime/accel/kvm_cost.h"

/* KVM in hardware leaves a VM in 1 to 2 us; a software KVM takes 80, and so does one in an emulator.  A guest that boots leaves it some
   80,000 times, for devices mostly.  */
#define EXIT_COST_MAX_NS 10000u

static const struct accel_ops *const built[] = { &accel_kvm, &accel_inproc, &accel_ref };

static const char *const names[] = { "kvm", "inproc", "ref", "auto" };

static const char *name_at(const void *unused, unsigned i)
{
	(void)unused;
	return i < ARRAY_LEN(names) ? names[i] : NULL;
}

/* Is it worth while to run in a VM here?  Says why not.  */
static bool kvm_is_better(void)
{
	struct err why = ERR_INIT;
	uint64_t ns;

	if (accel_kvm.probe(&why) != ST_OK || kvm_exit_cost(&ns, &why) != ST_OK) {
		log_line(LOG_accel, "auto: not kvm: %s", why.text);
		return false;
	}
	log_line(LOG_accel, "auto: %s: an exit of a VM costs %llu ns here, and kvm is better up to %u", ns <= EXIT_COST_MAX_NS ? "kvm" : "not kvm",
		 (unsigned long long)ns, EXIT_COST_MAX_NS);
	return ns <= EXIT_COST_MAX_NS;
}

static enum status select_auto(const struct accel_ops **out, struct err *e)
{
	static const struct accel_ops *const others[] = { &accel_inproc, &accel_ref };
	enum status s = ST_HOST;

	if (kvm_is_better()) {
		*out = &accel_kvm;
		return ST_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		s = others[i]->probe(e);
		if (s == ST_OK) {
			*out = others[i];
			log_line(LOG_accel, "auto: %s", others[i]->name);
			return ST_OK;
		}
		log_line(LOG_accel, "auto: not %s: %s", others[i]->name, e->text);
	}
	return s;
}

enum status accel_select(const char *name, const struct accel_ops **out, struct err *e)
{
	const char *near;

	if (strcmp(name, "auto") == 0)
		return select_auto(out, e);
	for (size_t i = 0; i < ARRAY_LEN(built); i++) {
		if (strcmp(name, built[i]->name) == 0) {
			enum status s = built[i]->probe(e);

			if (s == ST_OK)
				*out = built[i];
			return s;
		}
	}
	near = opts_nearest(name, name_at, NULL);
	return err_set(e, ST_USAGE, "-accel %s: no such accelerator; there are kvm, inproc, ref and auto%s%s%s", name,
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}
