/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the syntax of -drive.  Not for files, nor for how many drives a board takes.  */
#include "dbt-runtime/vm/options_drive.h"

#include <string.h>

#include "base/opts.h"

static enum status take_format(struct drive_option *d, const char *value, struct err *e)
{
	d->raw = true;
	if (!strcmp(value, "raw"))
		return ST_OK;
	return err_set(e, ST_UNSUPPORTED, "format=%.60s: only raw images can be used; 'qemu-img convert -O raw' makes one", value);
}

static enum status take_interface(struct drive_option *d, const char *value, struct err *e)
{
	d->flash = !strcmp(value, "pflash");
	if (d->flash || !strcmp(value, "virtio"))
		return ST_OK;
	return err_set(e, ST_USAGE, "if=%.60s is neither virtio nor pflash", value);
}

static enum status take(struct drive_option *d, const struct opts_pair *p, struct err *e)
{
	if (!*p->key)
		return err_set(e, ST_USAGE, "'%.60s': a value is missing; an image is given with file=F", p->value);
	if (!strcmp(p->key, "file")) {
		memcpy(d->file, p->value, strlen(p->value) + 1);
		return ST_OK;
	}
	if (!strcmp(p->key, "format"))
		return take_format(d, p->value, e);
	if (!strcmp(p->key, "if"))
		return take_interface(d, p->value, e);
	if (!strcmp(p->key, "readonly"))
		return opts_flag(p->value, &d->readonly, e);
	return err_set(e, ST_USAGE, "'%s': there are file=F, format=raw, if=virtio|pflash and readonly=on|off", p->key);
}

static enum status check_count(const struct drive_options *o, const struct drive_option *d, struct err *e)
{
	unsigned same = 0;

	for (unsigned i = 0; i < o->n; i++)
		same += o->drive[i].flash == d->flash;
	if (same < (d->flash ? 1 : DRIVE_DISKS_MAX))
		return ST_OK;
	return d->flash ? err_set(e, ST_USAGE, "more than one flash") : err_set(e, ST_USAGE, "more than %u disks", DRIVE_DISKS_MAX);
}

static enum status add(struct drive_options *o, const struct drive_option *d, const char *option, struct err *e)
{
	if (check_count(o, d, e) != ST_OK)
		return err_context(e, "%s", option);
	o->drive[o->n++] = *d;
	return ST_OK;
}

enum status drive_option_add(struct drive_options *o, const char *value, struct err *e)
{
	struct drive_option d = { .flash = false };
	enum status s = ST_OK;

	while (s == ST_OK && value) {
		struct opts_pair p;

		s = opts_pair_next(&value, &p, e);
		if (s == ST_OK)
			s = take(&d, &p, e);
	}
	if (s == ST_OK && !d.file[0])
		s = err_set(e, ST_USAGE, "file=F is missing");
	return s == ST_OK ? add(o, &d, "-drive", e) : err_context(e, "-drive");
}

enum status drive_option_add_flash(struct drive_options *o, const char *file, struct err *e)
{
	struct drive_option d = { .flash = true, .raw = true };

	if (!*file || strlen(file) >= sizeof d.file)
		return err_set(e, ST_USAGE, "-pflash: '%.60s' is %s", file, *file ? "too long" : "not a file name");
	memcpy(d.file, file, strlen(file) + 1);
	return add(o, &d, "-pflash", e);
}

bool drive_options_flash(const struct drive_options *o)
{
	for (unsigned i = 0; i < o->n; i++)
		if (o->drive[i].flash)
			return true;
	return false;
}
