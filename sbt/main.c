/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sbt: images and profiles -> .xo.  Responsible for the command line, progress and messages.
 * Exit status: 0 written; 1 usage, input or output; 3 a translator broke its contract.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/opts.h"
#include "isa/cpu.h"
#include "pcmap/key.h"
#include "sbt/object.h"
#include "sbt/report.h"
#include "version.h"

#define PROFILES_MAX 64u
#define BUDGET_WORDS 60000u

enum option { O_OUT, O_PROFILE, O_OPT, O_BUDGET, O_REPORT, O_CPU, O_BASE, O_ENTRY, O_FORMAT, O_EB, O_EL, O_SYMBOLS, O_HOST, O_JOBS, O_QUIET,
	      O_VERBOSE, O_VERSION, O_HELP };

static const struct opt rows[] = {
	{ "o", "FILE", "output; default: name of the image with .xo, in the current directory", O_OUT },
	{ "profile", "FILE", "use what dbt recorded with -profile; may be repeated", O_PROFILE },
	{ "opt", "hot|all|none", "what LLVM translates, templates do the rest; hot (default): what profiles show to be hot", O_OPT },
	{ "budget", "N", "with --opt hot: guest instructions LLVM may translate; default 60000", O_BUDGET },
	{ "report", NULL, "print sizes, coverage and refusals", O_REPORT },
	{ "cpu", "MODEL", "processor model as for dbt; default: the profile's release, else 24Kc", O_CPU },
	{ "format", "elf|srec|raw", "format of the image; default: elf and srec are recognised", O_FORMAT },
	{ "base", "ADDR", "address of a raw image", O_BASE },
	{ "entry", "ADDR", "entry point of a raw image or S-records; default: the base, or what the file says", O_ENTRY },
	{ "EB", NULL, "a raw image or S-records are big-endian", O_EB },
	{ "EL", NULL, "a raw image or S-records are little-endian (default)", O_EL },
	{ "symbols", "MAP", "function addresses: lines \"address type name\" as of nm or System.map", O_SYMBOLS },
	{ "host", "native|baseline|bmi2", "host features the code may use; default: native", O_HOST },
	{ "jobs", "N", "threads; default: one per processor", O_JOBS },
	{ "q", NULL, "print errors only", O_QUIET },
	{ "v", NULL, "print what is being done", O_VERBOSE },
	{ "version", NULL, "print the version", O_VERSION },
	{ "help", NULL, "print this list", O_HELP },
};

struct sbt {
	const char *image, *output, *symbols;
	const char *profiles[PROFILES_MAX];
	unsigned nprofiles;
	struct image_opts in;
	struct translate_opts tr;
	unsigned rev;           /* 0: not yet known */
	bool report, quiet, verbose, done, has_budget;
	bool tty;
	unsigned shown;         /* progress last shown, per mille + 1 */
	char output_default[4096];
};

static void help(void)
{
	printf("sbt IMAGE [options]\nsbt --profile FILE -o FILE [options]\n"
	       "Translates MIPS32 code ahead of time for dbt -xo.\n\n");
	opts_print(stdout, rows, ARRAY_LEN(rows));
}

/* Number of @value in the |-separated list that the option's help shows.  */
static enum status choose(const struct opt *row, const char *value, unsigned *out, struct err *e)
{
	const char *at = row->arg;

	for (unsigned i = 0; *at; i++) {
		size_t n = strcspn(at, "|");

		if (strlen(value) == n && memcmp(value, at, n) == 0) {
			*out = i;
			return ST_OK;
		}
		at += n + (at[n] == '|');
	}
	return err_set(e, ST_USAGE, "--%s: '%.60s' is none of %s", row->name, value, row->arg);
}

static enum status number(const struct opt *row, const char *value, uint64_t max, uint64_t *out, struct err *e)
{
	return opts_number(value, max, out, e) == ST_OK ? ST_OK : err_context(e, "--%s", row->name);
}

static enum status set_cpu(struct sbt *b, const char *name, struct err *e)
{
	const struct cpu_model *m = cpu_model_find(name);
	char list[256];
	size_t n = 0;

	if (m) {
		b->rev = (unsigned)m->rev;
		return ST_OK;
	}
	list[0] = 0;
	for (unsigned i = 0; (m = cpu_model_at(i)) && n < sizeof list; i++)
		n += (size_t)snprintf(list + n, sizeof list - n, " %s", m->name);
	return err_set(e, ST_USAGE, "--cpu: unknown model '%.60s'; there are%s", name, list);
}

static enum status set_choice(struct sbt *b, const struct opt *row, const char *value, struct err *e)
{
	static const enum translate_opt opts[] = { OPT_HOT, OPT_ALL, OPT_NONE };
	static const enum image_format formats[] = { IMAGE_ELF, IMAGE_SREC, IMAGE_RAW };
	unsigned at = 0;
	enum status s = choose(row, value, &at, e);

	if (s != ST_OK)
		return s;
	if (row->id == O_OPT)
		b->tr.opt = opts[at];
	else if (row->id == O_FORMAT)
		b->in.format = formats[at];
	else
		b->tr.bmi2 = at == 0 ? (key_host_features() & XO_HOST_BMI2) != 0 : at == 2;
	return ST_OK;
}

static enum status set_number(struct sbt *b, const struct opt *row, const char *value, struct err *e)
{
	uint64_t v = 0;
	enum status s = number(row, value, row->id == O_JOBS ? 64 : UINT32_MAX, &v, e);

	if (s != ST_OK)
		return s;
	switch (row->id) {
	case O_BASE:
		b->in.base = (gva)v;
		b->in.has_base = true;
		break;
	case O_ENTRY:
		b->in.entry = (gva)v;
		b->in.has_entry = true;
		break;
	case O_BUDGET:
		b->tr.budget_words = (unsigned)v;
		b->has_budget = true;
		break;
	default:
		b->tr.threads = (unsigned)v;
		break;
	}
	if ((row->id == O_BASE || row->id == O_ENTRY) && (v & 3u))
		return err_set(e, ST_USAGE, "--%s: 0x%llx is not a multiple of 4", row->name, (unsigned long long)v);
	return ST_OK;
}

static enum status set_option(struct sbt *b, const struct opt *row, const char *value, struct err *e)
{
	switch (row->id) {
	case O_OUT: b->output = value; break;
	case O_SYMBOLS: b->symbols = value; break;
	case O_REPORT: b->report = true; break;
	case O_EB:
	case O_EL:
		b->in.big_endian = row->id == O_EB;
		b->in.has_order = true;
		break;
	case O_QUIET: b->quiet = true; break;
	case O_VERBOSE: b->verbose = true; break;
	case O_CPU: return set_cpu(b, value, e);
	case O_OPT:
	case O_FORMAT:
	case O_HOST: return set_choice(b, row, value, e);
	case O_BASE:
	case O_ENTRY:
	case O_BUDGET:
	case O_JOBS: return set_number(b, row, value, e);
	case O_PROFILE:
		if (b->nprofiles == PROFILES_MAX)
			return err_set(e, ST_USAGE, "--profile: more than %u", PROFILES_MAX);
		b->profiles[b->nprofiles++] = value;
		break;
	case O_VERSION:
		printf("sbt %s\n", ATHANOR_VERSION);
		b->done = true;
		break;
	default:
		help();
		b->done = true;
		break;
	}
	return ST_OK;
}

static enum status parse(struct sbt *b, int argc, char **argv, struct err *e)
{
	struct opts o = { .rows = rows, .nrows = ARRAY_LEN(rows), .argc = argc, .argv = argv, .at = 1 };

	for (;;) {
		const struct opt *row;
		const char *value;
		enum status s = opts_next(&o, &row, &value, e);

		if (s == ST_OK && !row && !value)
			break;
		if (s == ST_OK && !row && b->image)
			s = err_set(e, ST_USAGE, "'%.200s': there is one image already, '%.200s'", value, b->image);
		else if (s == ST_OK && !row)
			b->image = value;
		else if (s == ST_OK)
			s = set_option(b, row, value, e);
		if (s != ST_OK || b->done)
			return s;
	}
	if (!b->image && !b->nprofiles)
		return err_set(e, ST_USAGE, "an image or --profile FILE is needed; --help lists the options");
	if (!b->image && (b->in.format != IMAGE_AUTO || b->in.has_base || b->in.has_entry || b->in.has_order))
		return err_set(e, ST_USAGE, "--format, --base, --entry, --EB and --EL are of an image, and there is none");
	if (b->has_budget && b->tr.opt != OPT_HOT)
		return err_set(e, ST_USAGE, "--budget goes with --opt hot");
	if (!b->image && !b->output)
		return err_set(e, ST_USAGE, "without an image, -o FILE is needed");
	if (!b->output) {
		const char *slash = strrchr(b->image, '/');

		if (snprintf(b->output_default, sizeof b->output_default, "%s.xo", slash ? slash + 1 : b->image) >=
		    (int)sizeof b->output_default)
			return err_set(e, ST_USAGE, "the image's name is too long: -o FILE is needed");
		b->output = b->output_default;
	}
	return ST_OK;
}

static void progress(void *opaque, unsigned done, unsigned total)
{
	struct sbt *b = opaque;
	unsigned now = (unsigned)((uint64_t)done * 1000 / (total ? total : 1)) + 1;

	if (!b->tty || now == b->shown)
		return;
	b->shown = now;
	fprintf(stderr, "\rsbt: translated %u of %u runs%s", done, total, done == total ? "\r\033[K" : "");
}

static enum status load(struct sbt *b, struct image *img, struct err *e)
{
	enum status s = b->image ? image_load(img, b->image, &b->in, e) : ST_OK;

	if (s == ST_OK && b->symbols)
		s = image_symbols(img, b->symbols, e);
	for (unsigned i = 0; i < b->nprofiles && s == ST_OK; i++) {
		if (b->verbose)
			fprintf(stderr, "sbt: reading %s\n", b->profiles[i]);
		s = image_profile(img, b->profiles[i], &b->rev, e);
	}
	return s == ST_OK ? image_finish(img, e) : s;
}

static enum status run(struct sbt *b, struct err *e)
{
	struct translation t = { 0 };
	struct found f = { 0 };
	struct report r;
	struct image img;
	struct xo_key key;
	enum status s;

	image_init(&img);
	s = load(b, &img, e);
	b->tr.rev = b->rev == ISA_R1 ? ISA_R1 : ISA_R2;
	b->tr.progress = progress;
	b->tr.opaque = b;
	if (s == ST_OK)
		s = discover(&img, b->tr.rev, &f, e);
	if (s == ST_OK)
		s = translate(&img, &f, &b->tr, &t, e);
	if (s == ST_OK && b->verbose)
		fprintf(stderr, "sbt: writing %s\n", b->output);
	if (s == ST_OK) {
		report_count(&r, &t);
		if (!r.units)
			s = err_set(e, ST_FORMAT, "%s: no code was found in it", b->image ? b->image : b->profiles[0]);
	}
	key_fill(&key, b->tr.rev, img.big_endian, b->tr.bmi2 ? XO_HOST_BMI2 : 0u);
	if (s == ST_OK)
		s = object_write(b->output, &key, &img, &t, &r.file_bytes, e);
	if (s == ST_OK && b->report)
		report_print(stdout, &r, &img, &f, &t);
	else if (s == ST_OK && !b->quiet)
		report_line(stdout, b->output, &r);
	translation_free(&t);
	found_free(&f);
	image_free(&img);
	return s;
}

int main(int argc, char **argv)
{
	struct sbt b = { .tr = { .opt = OPT_HOT, .budget_words = BUDGET_WORDS } };
	struct err e = ERR_INIT;
	enum status s;

	if (!file_std_open())
		return 1;
	b.tr.bmi2 = key_host_features() & XO_HOST_BMI2;
	s = parse(&b, argc, argv, &e);
	b.tty = !b.quiet && isatty(2);
	if (s == ST_OK && !b.done)
		s = run(&b, &e);
	if (s != ST_OK) {
		if (b.tty && b.shown)
			fputs("\r\033[K", stderr);
		fprintf(stderr, "sbt: %s\n", e.text);
		return status_exit_code(s);
	}
	if (fflush(stdout) != 0) {
		fprintf(stderr, "sbt: standard output: write error\n");
		return 1;
	}
	return 0;
}
