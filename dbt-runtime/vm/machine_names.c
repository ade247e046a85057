/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for turning names into rows, and for saying what there is when a name is wrong.
 */
#include "dbt-runtime/vm/machine_names.h"

#include <string.h>

#include "base/opts.h"

#define RELEASE2 "24Kc" /* the name that programs of release 2 are run with */

static const char *board_name(const void *unused, unsigned i)
{
	const struct board_ops *b = board_at(i);

	(void)unused;
	return b ? b->name : NULL;
}

static const char *model_name(const void *unused, unsigned i)
{
	const struct cpu_model *m = cpu_model_at(i);

	(void)unused;
	return m ? m->name : NULL;
}

static enum status unknown(const char *option, const char *what, const char *name, const char *near, struct err *e)
{
	if (near)
		return err_set(e, ST_USAGE, "%s: no %s '%s'; did you mean '%s'? '%s help' lists them", option, what, name, near, option);
	return err_set(e, ST_USAGE, "%s: no %s '%s'; '%s help' lists them", option, what, name, option);
}

enum status machine_find(const char *name, const struct board_ops **out, struct err *e)
{
	*out = board_find(name);
	return *out ? ST_OK : unknown("-M", "board", name, opts_nearest(name, board_name, NULL), e);
}

enum status cpu_find(const struct board_ops *board, const char *name, const struct cpu_model **out, struct err *e)
{
	if (!name)
		name = board->default_cpu;
	else if (board->release2_cpu && strcmp(name, RELEASE2) == 0)
		name = board->release2_cpu;
	else if (strcmp(name, "24Kf") == 0)
		return err_set(e, ST_UNSUPPORTED, "-cpu: 24Kf has a floating-point unit, and no processor here has one; take " RELEASE2);
	*out = cpu_model_find(name);
	return *out ? ST_OK : unknown("-cpu", "processor model", name, opts_nearest(name, model_name, NULL), e);
}

void machine_list(FILE *f)
{
	const struct board_ops *b;

	for (unsigned i = 0; (b = board_at(i)) != NULL; i++)
		fprintf(f, "%-12s %s (processor %s, %llu MiB of RAM)\n", b->name, b->description, b->default_cpu,
			(unsigned long long)(b->default_ram >> 20));
}

void cpu_list(FILE *f)
{
	const struct cpu_model *m;

	for (unsigned i = 0; (m = cpu_model_at(i)) != NULL; i++)
		fprintf(f, "%-12s %s\n", m->name, m->description);
}
