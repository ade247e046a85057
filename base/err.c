/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum status err_set(struct err *e, enum status status, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return status;
	e->status = status;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return status;
}

enum status err_context(struct err *e, const char *fmt, ...)
{
	char old[sizeof e->text];
	va_list ap;
	size_t n;

	if (!e)
		return ST_INTERNAL;
	memcpy(old, e->text, sizeof old);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	n = strlen(e->text);
	snprintf(e->text + n, sizeof e->text - n, ": %s", old);
	return e->status;
}

const char *status_text(enum status s)
{
	switch (s) {
#define STATUS(name, text, code) case ST_##name: return text;
#include "base/status.def"
#undef STATUS
	}
	return "unknown status";
}

int status_exit_code(enum status s)
{
	switch (s) {
#define STATUS(name, text, code) case ST_##name: return code;
#include "base/status.def"
#undef STATUS
	}
	return 3;
}
