/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for where log lines go and which categories are on.  Not for what they say.
 * Invariant: every line is written by one call, so that lines of several threads do not mix.
 */
#define _GNU_SOURCE
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/opts.h"

uint32_t log_mask;

/* NULL: standard error.  One of the few mutable globals there are: a log that must be handed around is not used.  */
static FILE *log_file;

static const struct { const char *name, *text; } categories[LOG_CATEGORIES] = {
#define LOG_ROW(name, text) { #name, text },
	LOG_ROWS(LOG_ROW)
#undef LOG_ROW
};

const char *log_category_name(unsigned c) { return c < LOG_CATEGORIES ? categories[c].name : NULL; }
const char *log_category_text(unsigned c) { return c < LOG_CATEGORIES ? categories[c].text : NULL; }

static const char *name_at(const void *unused, unsigned i)
{
	(void)unused;
	return log_category_name(i);
}

static enum status unknown_category(const char *name, size_t n, struct err *e)
{
	char list[256] = "", word[32];
	const char *near;

	snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), name);
	near = opts_nearest(word, name_at, NULL);
	for (unsigned i = 0; i < LOG_CATEGORIES; i++) {
		size_t used = strlen(list);

		snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", categories[i].name);
	}
	if (near)
		return err_set(e, ST_USAGE, "no log category '%s'; did you mean '%s'? There are: %s", word, near, list);
	return err_set(e, ST_USAGE, "no log category '%s'; there are: %s", word, list);
}

enum status log_select(const char *list, struct err *e)
{
	uint32_t mask = 0;

	for (const char *p = list;;) {
		size_t n = strcspn(p, ",");
		unsigned c = 0;

		if (n == 3 && memcmp(p, "all", 3) == 0) {
			mask = (1u << LOG_CATEGORIES) - 1u;
		} else {
			while (c < LOG_CATEGORIES && (strlen(categories[c].name) != n || memcmp(categories[c].name, p, n) != 0))
				c++;
			if (c == LOG_CATEGORIES)
				return unknown_category(p, n, e);
			mask |= 1u << c;
		}
		if (!p[n])
			break;
		p += n + 1;
	}
	log_mask |= mask;
	return ST_OK;
}

enum status log_to_file(const char *path, struct err *e)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return err_set(e, ST_IO, "%s: cannot open: %s", path, strerror(errno));
	setvbuf(f, NULL, _IOLBF, 0);
	if (log_file)
		fclose(log_file);
	log_file = f;
	return ST_OK;
}

static void put_line(FILE *f, const char *head, const char *fmt, va_list ap)
{
	char line[1024];
	size_t n = (size_t)snprintf(line, sizeof line - 1, "%s", head);

	if (n > sizeof line - 2)
		n = sizeof line - 2;
	vsnprintf(line + n, sizeof line - 1 - n, fmt, ap);
	n = strlen(line);
	line[n] = '\n';
	fwrite(line, 1, n + 1, f);
	fflush(f);
}

void log_line(enum log_category c, const char *fmt, ...)
{
	char head[32];
	va_list ap;

	if (!log_enabled(c))
		return;
	snprintf(head, sizeof head, "%s: ", categories[c].name);
	va_start(ap, fmt);
	put_line(log_file ? log_file : stderr, head, fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	char head[64];
	va_list ap;

	snprintf(head, sizeof head, "%.40s: warning: ", program_invocation_short_name);
	va_start(ap, fmt);
	put_line(stderr, head, fmt, ap);
	va_end(ap);
}
