/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what options there are and which values they take.  Not for files, boards or models: their names are checked by
 * whoever knows them.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/options.h"

#include <string.h>
#include <time.h>

#include "base/opts.h"
#include "dbt-runtime/vm/sandbox.h"

#define ICOUNT_SHIFT_MAX 10u   /* as in QEMU */
#define CHAOS_PERIOD 100000u

enum option {
	OPT_MACHINE, OPT_CPU, OPT_RAM, OPT_BIOS, OPT_KERNEL, OPT_INITRD, OPT_APPEND, OPT_DTB, OPT_ACCEL, OPT_NOGRAPHIC, OPT_SERIAL,
	OPT_DRIVE, OPT_PFLASH, OPT_NIC,
	OPT_LOG, OPT_LOG_FILE, OPT_NO_REBOOT, OPT_ICOUNT, OPT_RTC, OPT_SEED, OPT_CHAOS,
	OPT_XO, OPT_PROFILE, OPT_CACHE, OPT_STATS, OPT_MARKER, OPT_SANDBOX, OPT_VERSION, OPT_HELP,
};

static const struct opt rows[] = {
	{ "M", "MACHINE", "board to emulate; 'help' lists them (default malta)", OPT_MACHINE },
	{ "cpu", "MODEL", "processor model; 'help' lists them (default: the board's)", OPT_CPU },
	{ "m", "SIZE", "size of RAM in MiB, or with suffix M or G", OPT_RAM },
	{ "bios", "FILE", "boot monitor for the board's flash, ELF or raw; it is started instead of a kernel (pb1500)", OPT_BIOS },
	{ "kernel", "FILE", "kernel image, ELF", OPT_KERNEL },
	{ "initrd", "FILE", "initial RAM disk for the kernel", OPT_INITRD },
	{ "append", "STRING", "kernel command line", OPT_APPEND },
	{ "dtb", "FILE", "device tree blob for the kernel (malta)", OPT_DTB },
	{ "accel", "NAME", "kvm, inproc, ref or auto (default auto)", OPT_ACCEL },
	{ "nographic", NULL, "no display, the first serial port on standard input and output (always so)", OPT_NOGRAPHIC },
	{ "serial", "WHERE", "stdio, null, none or file:PATH; once for each port, in order", OPT_SERIAL },
	{ "drive", "LIST", "file=F[,format=raw][,if=virtio|pflash][,readonly=on|off]: an image behind a disk, or the flash", OPT_DRIVE },
	{ "pflash", "FILE", "image that holds the flash: -drive file=FILE,if=pflash; alone, its monitor is started (pb1500)", OPT_PFLASH },
	{ "nic", "LIST", "user[,mac=M][,net=N/BITS][,hostfwd=tcp|udp:[A]:P-[A]:P][,tftp=DIR][,bootfile=F][,restrict=on], or none; in order",
	  OPT_NIC },
	{ "d", "LIST", "log categories, separated by commas; 'help' lists them", OPT_LOG },
	{ "D", "FILE", "write the log to FILE, not to standard error", OPT_LOG_FILE },
	{ "no-reboot", NULL, "end instead of rebooting", OPT_NO_REBOOT },
	{ "icount", "LIST", "[shift=]N[,sleep=off]: guest time is the number of instructions, each 2^N ns: runs can be repeated", OPT_ICOUNT },
	{ "rtc", "base=DATE", "date at the start: utc, or 2000-12-31[T23:59:59] (default: utc; with -icount 2000-01-01)", OPT_RTC },
	{ "seed", "N", "random numbers for the kernel (malta) from this seed, not from the host (default with -icount: 0)", OPT_SEED },
	{ "chaos", "LIST", "[seed=]N[,period=INSNS][,migrate=off]: lose translations, windows ... at random moments; the guest must not notice",
	  OPT_CHAOS },
	{ "xo", "FILE", "use translations made by sbt; may be repeated", OPT_XO },
	{ "profile", "FILE", "at exit, merge what the run taught into FILE, for sbt", OPT_PROFILE },
	{ "cache", "none", "directory of translations; only 'none' is accepted yet", OPT_CACHE },
	{ "stats", "FILE", "write statistics as JSON on exit", OPT_STATS },
	{ "stats-marker", "STRING", "note in the statistics when STRING first appears on a console; may be repeated", OPT_MARKER },
	{ "sandbox", "on|off", "refuse system calls a running VM does not need (-accel kvm; default on where built in)", OPT_SANDBOX },
	{ "version", NULL, "print the version", OPT_VERSION },
	{ "help", NULL, "print this list", OPT_HELP },
	{ "h", NULL, "print this list", OPT_HELP },
};

void vm_options_help(FILE *f)
{
	fputs("usage: dbt -M MACHINE -kernel FILE|-bios FILE|-pflash FILE [option]...\n\n", f);
	opts_print(f, rows, ARRAY_LEN(rows));
	fputs("\nConsole keys: Ctrl-A h lists them, Ctrl-A x ends dbt.\n"
	      "Exit status: 0 the guest powered off, was reset under -no-reboot, or Ctrl-A x; 1 usage or set-up error; 3 internal error;\n"
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

static enum status parse_nic(struct vm_options *o, const char *value, struct err *e)
{
	enum status s;

	if (o->nnics == VM_NICS_MAX)
		return err_set(e, ST_USAGE, "-nic: more than %d interfaces", VM_NICS_MAX);
	s = vm_nic_parse(value, o->nnics, &o->nic[o->nnics], e);
	if (s != ST_OK)
		err_context(e, "-nic");
	o->nnics++;
	return s;
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

static enum status unknown_key(const struct opts_pair *p, const char *known, struct err *e)
{
	return err_set(e, ST_USAGE, "'%s%s%s': there are %s", p->key, *p->key ? "=" : "", p->value, known);
}

static enum status take_icount(struct vm_options *o, const struct opts_pair *p, struct err *e)
{
	enum status s;
	uint64_t n;

	if (strcmp(p->key, "sleep") == 0)
		return opts_flag(p->value, &o->icount.sleep, e);
	if (*p->key && strcmp(p->key, "shift") != 0)
		return unknown_key(p, "shift=N and sleep=on|off", e);
	if (strcmp(p->value, "auto") == 0)
		return err_set(e, ST_UNSUPPORTED, "shift=auto follows the host's clock, so that no two runs are equal; give a number, such as 3");
	s = opts_number(p->value, ICOUNT_SHIFT_MAX, &n, e);
	o->icount.shift = (unsigned)n;
	return s;
}

/* "utc", a date, or a date and a time of day.  */
static enum status take_rtc(struct vm_options *o, const struct opts_pair *p, struct err *e)
{
	struct tm t = { 0 };
	const char *end;
	int day;

	if (strcmp(p->key, "base") != 0)
		return unknown_key(p, "base=utc and base=DATE", e);
	if (strcmp(p->value, "utc") == 0) {
		o->rtc_base = (int64_t)time(NULL);
		o->rtc_set = true;
		return ST_OK;
	}
	end = strptime(p->value, "%Y-%m-%d", &t);
	if (end && *end == 'T')
		end = strptime(end + 1, "%H:%M:%S", &t);
	day = t.tm_mday;
	o->rtc_base = (int64_t)timegm(&t);
	if (!end || *end || t.tm_mday != day) /* February 30 has become a day of March */
		return err_set(e, ST_USAGE, "base=%s is neither utc nor a date such as 2000-12-31 or 2000-12-31T23:59:59", p->value);
	o->rtc_set = true;
	return ST_OK;
}

static enum status take_chaos(struct vm_options *o, const struct opts_pair *p, struct err *e)
{
	if (strcmp(p->key, "migrate") == 0)
		return opts_flag(p->value, &o->chaos.migrate, e);
	if (strcmp(p->key, "period") == 0)
		return opts_number(p->value, UINT32_MAX, &o->chaos.period, e);
	if (*p->key && strcmp(p->key, "seed") != 0)
		return unknown_key(p, "seed=N, period=INSNS and migrate=on|off", e);
	return opts_number(p->value, UINT64_MAX, &o->chaos.seed, e);
}

static enum status take_seed(struct vm_options *o, const char *value, struct err *e)
{
	enum status s = opts_number(value, UINT64_MAX, &o->seed, e);

	if (s != ST_OK)
		err_context(e, "-seed");
	return s;
}

/* Each part of a list of pairs.  */
static enum status take_pairs(struct vm_options *o, const char *option, const char *value,
			      enum status (*one)(struct vm_options *, const struct opts_pair *, struct err *), struct err *e)
{
	enum status s = ST_OK;

	while (s == ST_OK && value) {
		struct opts_pair p;

		s = opts_pair_next(&value, &p, e);
		if (s == ST_OK)
			s = one(o, &p, e);
	}
	if (s != ST_OK)
		err_context(e, "%s", option);
	return s;
}

/* A list of categories is kept until all options are read, so that -D may come before or behind -d.  */
static enum status parse_log(struct vm_options *o, const char *value)
{
	if (strcmp(value, "help") == 0)
		o->action = ACTION_LIST_LOG;
	o->log_categories = value;
	return ST_OK;
}

static enum status parse_sandbox(struct vm_options *o, const char *value, struct err *e)
{
	o->sandbox = strcmp(value, "on") == 0;
	if (!o->sandbox && strcmp(value, "off") != 0)
		return err_set(e, ST_USAGE, "-sandbox: '%s' is neither on nor off", value);
	if (o->sandbox && !sandbox_built())
		return err_set(e, ST_UNSUPPORTED, "-sandbox: this build has no system call filter (libseccomp)");
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
	case OPT_DRIVE: return drive_option_add(&o->drives, value, e);
	case OPT_PFLASH: return drive_option_add_flash(&o->drives, value, e);
	case OPT_NIC: return parse_nic(o, value, e);
	case OPT_LOG: return parse_log(o, value);
	case OPT_LOG_FILE: o->log_file = value; return ST_OK;
	case OPT_NO_REBOOT: o->no_reboot = true; return ST_OK;
	case OPT_ICOUNT:
		o->icount.on = true;
		return take_pairs(o, "-icount", value, take_icount, e);
	case OPT_RTC: return take_pairs(o, "-rtc", value, take_rtc, e);
	case OPT_SEED:
		o->seed_set = true;
		return take_seed(o, value, e);
	case OPT_CHAOS:
		o->chaos.on = true;
		return take_pairs(o, "-chaos", value, take_chaos, e);
	case OPT_XO: return append_to(o->xo, &o->nxo, VM_XO_MAX, "-xo", value, e);
	case OPT_PROFILE: o->profile = value; return ST_OK;
	case OPT_CACHE:
		if (strcmp(value, "none") != 0)
			return err_set(e, ST_UNSUPPORTED, "-cache: '%s': only 'none' is supported; give files with -xo and -profile", value);
		return ST_OK;
	case OPT_STATS: o->stats = value; return ST_OK;
	case OPT_MARKER: return append_to(o->marker, &o->nmarkers, VM_MARKERS_MAX, "-stats-marker", value, e);
	case OPT_SANDBOX: return parse_sandbox(o, value, e);
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
	if (o->chaos.on && !o->chaos.period)
		return err_set(e, ST_USAGE, "-chaos: period=0: at least one instruction must pass");
	if (o->chaos.on && o->chaos.migrate && o->profile)
		return err_set(e, ST_USAGE, "-chaos: an accelerator that is left takes along what -profile would learn; give migrate=off");
	if (o->kernel && o->bios)
		return err_set(e, ST_USAGE, "-bios and -kernel together: a monitor loads its kernel itself; give one of them");
	if (!o->kernel && !o->bios && !drive_options_flash(&o->drives))
		return err_set(e, ST_USAGE, "nothing to run: give a kernel with -kernel FILE, or a monitor with -bios FILE or in the image behind "
			"-pflash (-help lists all options)");
	return ST_OK;
}

enum status vm_options_parse(struct vm_options *o, int argc, char **argv, struct err *e)
{
	struct opts at = { .rows = rows, .nrows = ARRAY_LEN(rows), .argc = argc, .argv = argv, .at = 1 };

	*o = (struct vm_options){ .action = ACTION_RUN, .machine = "malta", .accel = "auto", .sandbox = sandbox_built(), .icount.sleep = true,
				  .chaos = { .migrate = true, .period = CHAOS_PERIOD } };
	for (unsigned i = 0; i < VM_NICS_MAX; i++)
		vm_nic_default(i, &o->nic[i]);
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
