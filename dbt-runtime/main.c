/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dbt command: options in, a machine run to its end, an exit status out.  The only file of the runtime that prints errors
 * and exits.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "dbt-runtime/vm/machine_names.h"
#include "dbt-runtime/vm/options.h"
#include "dbt-runtime/vm/terminal.h"
#include "dbt-runtime/vm/vm.h"
#include "version.h"

#define EXIT_SIGNAL 128 /* as shells show it */

static int fail(const struct err *e)
{
	terminal_restore();
	fprintf(stderr, "dbt: %s\n", e->text);
	return status_exit_code(e->status);
}

static void list_log(FILE *f)
{
	for (unsigned i = 0; log_category_name(i); i++)
		fprintf(f, "%-14s %s\n", log_category_name(i), log_category_text(i));
}

static int end_status(enum vm_end end)
{
	switch (end) {
	case VM_END_POWEROFF: case VM_END_RESET: case VM_END_QUIT:
		return 0;
	case VM_END_SIGNAL:
		fprintf(stderr, "dbt: ended by signal %d (%s)\n", terminal_signal(), strsignal(terminal_signal()));
		return EXIT_SIGNAL + terminal_signal();
	case VM_END_INTERNAL:
		break;
	}
	return status_exit_code(ST_INTERNAL);
}

static int run(const struct vm_options *o)
{
	struct err e = ERR_INIT;
	enum vm_end end = VM_END_INTERNAL;
	struct vm *vm;
	enum status s = vm_create(o, &vm, &e);
	int code;

	if (s != ST_OK)
		return fail(&e);
	s = vm_run(vm, &end, &e);
	if (s != ST_OK) {
		code = fail(&e);
	} else {
		code = end_status(end);
		s = vm_save(vm, &e);
		if (s != ST_OK && !code)
			code = fail(&e);
		else if (s != ST_OK)
			fail(&e);
	}
	vm_destroy(vm);
	return code;
}

int main(int argc, char **argv)
{
	struct vm_options o;
	struct err e = ERR_INIT;
	int code = 0;

	if (!file_std_open())
		return 1;
	if (vm_options_parse(&o, argc, argv, &e) != ST_OK)
		return fail(&e);
	switch (o.action) {
	case ACTION_HELP: vm_options_help(stdout); break;
	case ACTION_VERSION: puts("dbt (Athanor) " ATHANOR_VERSION); break;
	case ACTION_LIST_MACHINES: machine_list(stdout); break;
	case ACTION_LIST_CPUS: cpu_list(stdout); break;
	case ACTION_LIST_LOG: list_log(stdout); break;
	case ACTION_RUN: return run(&o);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "dbt: cannot write to standard output\n");
		code = 1;
	}
	return code;
}
