/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what options there are and which values they take.  Not for files, boards or models: their names are checked by
 * whoever knows them.
 */
#include "dbt-runtime/vm/options.h"

#include <string.h>

#include "base/opts.h"

enum option {
	OPT_MACHINE, OPT_CPU, OPT_RAM, OPT_BIOS, OPT_KERNEL, OPT_INITRD, OPT_APPEND, OPT_DTB, OPT_ACCEL, OPT_NOGRAPHIC, OPT_SERIAL,
	OPT_LOG, OPT_LOG_FILE, OPT_NO_REBOOT, OPT_XO, OPT_PROFILE, OPT_CACHE, OPT_STATS, OPT_MARKER, OPT_VERSION, OPT_HELP,
};

static const struct opt rows[] = {
	{ "M", "MACHINE", "board to emulate; 'help' lists them (default malta)", OPT_MACHINE },
	{ "cpu", "MODEL", "processor model; 'help' lists them (default: the board's)", OPT_CPU },
	{ "m", "SIZE", "size of RAM in MiB, or with suffix M or G", OPT_RAM },
	{ "bios", "FILE", "boot monitor image for the board's flash", OPT_BIOS },
	{ "kernel", "FILE", "kernel image, ELF", OPT_KERNEL },
	{ "initrd", "FILE", "initial RAM disk for the kernel", OPT_INITRD },
	{ "append", "STRING", "kernel command line", OPT_APPEND },
	{ "dtb", "FILE", "device tree blob for the kernel", OPT_DTB },
	{ "accel", "NAME", "ref, inproc or auto (default auto)", OPT_ACCEL },
	{ "nographic", NULL, "no display, the first serial port on standard input and output (always so)", OPT_NOGRAPHIC },
	{ "serial", "WHERE", "stdio, null, none or file:PATH; once for each port, in order", OPT_SERIAL },
	{ "d", "LIST", "log categories, separated by commas; 'help' lists them", OPT_LOG },
	{ "D", "FILE", "write the log to FILE, not to standard error", OPT_LOG_FILE },
	{ "no-reboot", NULL, "end instead of rebooting", OPT_NO_REBOOT },
	{ "xo", "FILE", "use translations made by sbt; may be repeated", OPT_XO },
	{ "profile", "FILE", "at exit, merge what the run taught into FILE, for sbt", OPT_PROFILE },
	{ "cache", "none", "directory of translations; only 'none' is accepted yet", OPT_CACHE },
	{ "stats", "FILE", "write statistics as JSON on exit", OPT_STATS },
	{ "stats-marker", "STRING", "note in the statistics when STRING first appears on a console; may be repeated", OPT_MARKER },
	{ "version", NULL, "print the version", OPT_VERSION },
	{ "help", NULL, "print this list", OPT_HELP },
	{ "h", NULL, "print this list", OPT_HELP },
};

void vm_options_help(FILE *f)
{
	fputs("usage: dbt -M MACHINE -kernel FILE [option]...\n\n", f);
	opts_print(f, rows, ARRAY_LEN(rows));
	fputs("\nConsole keys: Ctrl-A h lists them, Ctrl-A x ends dbt.\n"
	      "Exit status: 0 guest powered off, 1 usage or set-up error, 2 the guest asked for a stop with failure, 3 internal error,\n"
	      "128 + N ended by signal N.\n", f);
}

static enum status parse_ram(struct vm_options *o, const char *value, struct err *e)
{
	/* What a board can take is the board's to say; this bound only keeps the arithmetic safe.  */
	enum status s = opts_size(value, 1u << 20, 1ull << 36, &o->ram, e);

	if (s != ST_OK) {
		err_context(e, "-m");
		return s;
	}
	if (!o->ram)
		return err_set(e, ST_USAGE, "-m: '%s': a machine without RAM cannot run", value);
	return ST_OK;
}

static enum status parse_serial(struct vm_options *o, const char *value, struct err *e)
{
	struct vm_serial_option s = { SERIAL_UNSET, NULL };

	if (strcmp(value, "stdio") == 0 || strcmp(value, "mon:stdio") == 0) {
		s.kind = SERIAL_STDIO;
		for (unsigned i = 0; i < o->nserials; i++)
			if (o->serial[i].kind == SERIAL_STDIO)
				return err_set(e, ST_USAGE, "-serial: standard input and output serve one port only");
	} else if (strcmp(value, "null") == 0) {
		s.kind = SERIAL_NULL;
	} else if (strcmp(value, "none") == 0) {
		s.kind = SERIAL_NONE;
	} else if (strncmp(value, "file:", 5) == 0 && value[5]) {
		s.kind = SERIAL_FILE;
		s.path = value + 5;
	} else {
		return err_set(e, ST_USAGE, "-serial: '%s' is none of stdio, null, none, file:PATH", value);
	}
	if (o->nserials == VM_SERIALS_MAX)
		return err_set(e, ST_USAGE, "-serial: more than %d ports", VM_SERIALS_MAX);
	o->serial[o->nserials++] = s;
	return ST_OK;
}

static enum status append_to(const char **list, unsigned *n, unsigned max, const char *option, const char *value, struct err *e)
{
	if (!*value)
		return err_set(e, ST_USAGE, "%s: an empty value", option);
	if (*n == max)
		return err_set(e, ST_USAGE, "%s: more than %u of them", option, max);
	list[(*n)++] = value;
	return ST_OK;
}

/* A list of categories is kept until all options are read, so that -D may come before or behind -d.  */
static enum status parse_log(struct vm_options *o, const char *value)
{
	if (strcmp(value, "help") == 0)
		o->action = ACTION_LIST_LOG;
	o->log_categories = value;
	return ST_OK;
}

static enum status take(struct vm_options *o, const struct opt *row, const char *value, struct err *e)
{
	switch ((enum option)row->id) {
	case OPT_MACHINE:
		o->machine = value;
		if (strcmp(value, "help") == 0)
			o->action = ACTION_LIST_MACHINES;
		return ST_OK;
	case OPT_CPU:
		o->cpu = value;
		if (strcmp(value, "help") == 0)
			o->action = ACTION_LIST_CPUS;
		return ST_OK;
	case OPT_RAM: return parse_ram(o, value, e);
	case OPT_BIOS: o->bios = value; return ST_OK;
	case OPT_KERNEL: o->kernel = value; return ST_OK;
	case OPT_INITRD: o->initrd = value; return ST_OK;
	case OPT_APPEND: o->append = value; return ST_OK;
	case OPT_DTB: o->dtb = value; return ST_OK;
	case OPT_ACCEL: o->accel = value; return ST_OK;
	case OPT_NOGRAPHIC: return ST_OK;
	case OPT_SERIAL: return parse_serial(o, value, e);
	case OPT_LOG: return parse_log(o, value);
	case OPT_LOG_FILE: o->log_file = value; return ST_OK;
	case OPT_NO_REBOOT: o->no_reboot = true; return ST_OK;
	case OPT_XO: return append_to(o->xo, &o->nxo, VM_XO_MAX, "-xo", value, e);
	case OPT_PROFILE: o->profile = value; return ST_OK;
	case OPT_CACHE:
		if (strcmp(value, "none") != 0)
			return err_set(e, ST_UNSUPPORTED, "-cache: '%s': only 'none' is supported; give files with -xo and -profile", value);
		return ST_OK;
	case OPT_STATS: o->stats = value; return ST_OK;
	case OPT_MARKER: return append_to(o->marker, &o->nmarkers, VM_MARKERS_MAX, "-stats-marker", value, e);
	case OPT_VERSION: o->action = ACTION_VERSION; return ST_OK;
	case OPT_HELP: o->action = ACTION_HELP; return ST_OK;
	}
	return err_set(e, ST_INTERNAL, "option '%s' is not handled", row->name);
}

static enum status check_together(const struct vm_options *o, struct err *e)
{
	if (o->action != ACTION_RUN)
		return ST_OK;
	if (o->initrd && !o->kernel)
		return err_set(e, ST_USAGE, "-initrd needs -kernel");
	if (o->append && !o->kernel)
		return err_set(e, ST_USAGE, "-append needs -kernel");
	if (o->dtb && !o->kernel)
		return err_set(e, ST_USAGE, "-dtb needs -kernel");
	if (!o->kernel && !o->bios)
		return err_set(e, ST_USAGE, "nothing to run: give a kernel with -kernel FILE (-help lists all options)");
	return ST_OK;
}

enum status vm_options_parse(struct vm_options *o, int argc, char **argv, struct err *e)
{
	struct opts at = { .rows = rows, .nrows = ARRAY_LEN(rows), .argc = argc, .argv = argv, .at = 1 };

	*o = (struct vm_options){ .action = ACTION_RUN, .machine = "malta", .accel = "auto" };
	for (;;) {
		const struct opt *row;
		const char *value;
		enum status s = opts_next(&at, &row, &value, e);

		if (s == ST_OK && row)
			s = take(o, row, value, e);
		else if (s == ST_OK && value)
			s = err_set(e, ST_USAGE, "'%s': not an option; a kernel is given with -kernel FILE", value);
		else if (s == ST_OK)
			break;
		if (s != ST_OK)
			return s;
	}
	if (!o->nserials)
		o->serial[o->nserials++] = (struct vm_serial_option){ SERIAL_STDIO, NULL };
	return check_together(o, e);
}
