/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for taking a command line apart by a table of options.  Not for what options mean.
 */
#include "base/opts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 40u

static size_t min2(size_t a, size_t b) { return a < b ? a : b; }

/* Edit distance with transpositions (optimal string alignment), for short names.  */
static size_t distance(const char *a, const char *b)
{
	size_t row[3][NAME_MAX_LEN + 1], na = strlen(a), nb = strlen(b);

	if (na > NAME_MAX_LEN || nb > NAME_MAX_LEN)
		return SIZE_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		size_t *now = row[i % 3], *up = row[(i - 1) % 3], *up2 = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = min2(min2(up[j], now[j - 1]) + 1, up[j - 1] + (a[i - 1] != b[j - 1]));

			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = min2(best, up2[j - 2] + 1);
			now[j] = best;
		}
	}
	return row[na % 3][nb];
}

const char *opts_nearest(const char *word, const char *(*at)(const void *opaque, unsigned i), const void *opaque)
{
	const char *best = NULL, *name;
	size_t best_distance = SIZE_MAX, n = strlen(word);

	for (unsigned i = 0; (name = at(opaque, i)) != NULL; i++) {
		size_t d = distance(word, name);

		/* A name cut short ("kern") is as good as one slip.  */
		if (n >= 3 && strncmp(name, word, n) == 0)
			d = min2(d, 1);
		if (d < best_distance) {
			best_distance = d;
			best = name;
		}
	}
	/* Beyond a third of the letters a suggestion is noise.  */
	return best && best_distance <= 1 + n / 3 && best_distance < n ? best : NULL;
}

static const char *row_name(const void *opaque, unsigned i)
{
	const struct opts *o = opaque;

	return i < o->nrows ? o->rows[i].name : NULL;
}

static const struct opt *find_row(const struct opts *o, const char *name, size_t n)
{
	for (size_t i = 0; i < o->nrows; i++)
		if (strlen(o->rows[i].name) == n && memcmp(o->rows[i].name, name, n) == 0)
			return &o->rows[i];
	return NULL;
}

static enum status unknown(const struct opts *o, const char *arg, const char *name, struct err *e)
{
	const char *near = opts_nearest(name, row_name, o);

	if (near)
		return err_set(e, ST_USAGE, "unknown option '%s'; did you mean '%s%s'?", arg, name - arg == 2 ? "--" : "-", near);
	return err_set(e, ST_USAGE, "unknown option '%s'; -help lists them", arg);
}

enum status opts_next(struct opts *o, const struct opt **row, const char **value, struct err *e)
{
	const char *arg, *name, *eq;
	const struct opt *r;

	*row = NULL;
	*value = NULL;
	if (o->at >= o->argc)
		return ST_OK;
	arg = o->argv[o->at++];
	if (!o->only_words && strcmp(arg, "--") == 0) {
		o->only_words = true;
		if (o->at >= o->argc)
			return ST_OK;
		arg = o->argv[o->at++];
	}
	if (o->only_words || arg[0] != '-' || !arg[1]) {
		*value = arg;
		return ST_OK;
	}
	name = arg + (arg[1] == '-' ? 2 : 1);
	eq = name - arg == 2 ? strchr(name, '=') : NULL;
	r = find_row(o, name, eq ? (size_t)(eq - name) : strlen(name));
	if (!r)
		return unknown(o, arg, name, e);
	if (eq && !r->arg)
		return err_set(e, ST_USAGE, "'%s': this option takes no value", arg);
	if (eq)
		*value = eq + 1;
	else if (r->arg && o->at >= o->argc)
		return err_set(e, ST_USAGE, "'%s': %s must follow", arg, r->arg);
	else if (r->arg)
		*value = o->argv[o->at++];
	*row = r;
	return ST_OK;
}

void opts_print(FILE *f, const struct opt *rows, size_t nrows)
{
	for (size_t i = 0; i < nrows; i++) {
		char left[64];

		snprintf(left, sizeof left, "-%s %s", rows[i].name, rows[i].arg ? rows[i].arg : "");
		fprintf(f, "  %-24s %s\n", left, rows[i].help);
	}
}

/* Digits only at the start: strtoull would take spaces and signs.  */
static enum status parse(const char *text, const char **end, uint64_t *out, struct err *e)
{
	char *stop;

	if (text[0] < '0' || text[0] > '9')
		return err_set(e, ST_USAGE, "'%.60s' is not a number", text);
	errno = 0;
	*out = strtoull(text, &stop, 0);
	if (errno == ERANGE)
		return err_set(e, ST_USAGE, "'%.60s' is too large", text);
	*end = stop;
	return ST_OK;
}

enum status opts_number(const char *text, uint64_t max, uint64_t *out, struct err *e)
{
	const char *end;
	uint64_t v;
	enum status s = parse(text, &end, &v, e);

	if (s != ST_OK)
		return s;
	if (*end)
		return err_set(e, ST_USAGE, "'%.60s' is not a number", text);
	if (v > max)
		return err_set(e, ST_USAGE, "'%.60s' is too large: at most %llu", text, (unsigned long long)max);
	*out = v;
	return ST_OK;
}

enum status opts_size(const char *text, uint64_t unit, uint64_t max, uint64_t *out, struct err *e)
{
	const char *end;
	uint64_t v;
	enum status s = parse(text, &end, &v, e);

	if (s != ST_OK)
		return s;
	switch (*end) {
	case 'k': case 'K': unit = 1u << 10; end++; break;
	case 'm': case 'M': unit = 1u << 20; end++; break;
	case 'g': case 'G': unit = 1u << 30; end++; break;
	default: break;
	}
	if (*end)
		return err_set(e, ST_USAGE, "'%.60s' is not a size: a number with K, M or G", text);
	if (v > max / unit)
		return err_set(e, ST_USAGE, "'%.60s' is too large: at most %lluM", text, (unsigned long long)(max >> 20));
	*out = v * unit;
	return ST_OK;
}

enum status opts_pair_next(const char **at, struct opts_pair *out, struct err *e)
{
	char part[sizeof *out], *value = part;
	const char *p = *at;
	size_t n = 0, key;

	for (; *p && (*p != ',' || p[1] == ','); p++) {
		if (n == sizeof part - 1)
			return err_set(e, ST_USAGE, "'%.60s...' is too long", *at);
		part[n++] = *p;
		p += *p == ',';
	}
	part[n] = 0;
	key = strcspn(part, "=");
	if (key == n)
		key = 0;
	else
		value += key + 1;
	if (key >= sizeof out->key || strlen(value) >= sizeof out->value)
		return err_set(e, ST_USAGE, "'%.60s...' is too long", *at);
	if (!*value)
		return err_set(e, ST_USAGE, "'%.60s': something is missing", *at);
	memcpy(out->key, part, key);
	out->key[key] = 0;
	memcpy(out->value, value, strlen(value) + 1);
	*at = *p ? p + 1 : NULL;
	return ST_OK;
}

enum status opts_flag(const char *text, bool *out, struct err *e)
{
	*out = strcmp(text, "on") == 0;
	return *out || strcmp(text, "off") == 0 ? ST_OK : err_set(e, ST_USAGE, "'%.60s' is neither on nor off", text);
}
