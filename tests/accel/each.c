/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#include "tests/accel/each.h"

#include <stdio.h>

#include "tests/harness/suites.h"

static const struct accel_ops *const accels[EACH] = { &accel_ref, &accel_inproc, &accel_kvm };

const struct accel_ops *each_or_skip(int i, const char *test)
{
	struct err e = ERR_INIT;
	char name[64];

	if (accels[i]->probe(&e) == ST_OK)
		return accels[i];
	snprintf(name, sizeof name, "contract/%s on %s", test, accels[i]->name);
	test_skip(name, e.text);
	return NULL;
}

enum accel_exit each_exit(struct rig *g, uint64_t insns)
{
	enum accel_exit x;
	bool asked;

	do {
		g->cpu->attention = 0;
		x = rig_exit(g, insns);
		asked = g->cpu->attention;
	} while (x == EXIT_POLL && asked);
	return x;
}
