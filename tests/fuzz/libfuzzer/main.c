/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libFuzzer calls.  FUZZ_TARGET is the target's function, given by the build.  Check is not linked: the helpers of the unit tests
 * that targets use find here what its assertions call.
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__lsan_default_suppressions(void);

/* GLib is there for libslirp only, which forgets, when it ends, the names of files that are under way by TFTP: twenty at most.  */
const char *__lsan_default_suppressions(void) { return "leak:g_malloc\n"; }

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	FUZZ_TARGET(bytes, size);
	return 0;
}

void _mark_point(const char *file, int line)
{
	(void)file;
	(void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expr, const char *msg, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(ap, msg);
	vfprintf(stderr, msg ? msg : expr, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}
