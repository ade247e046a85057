/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs the suites of one test folder with Check and prints what tools/check.sh adds up: failures with their place, then
 * "N passed, N failed, N skipped".
 *
 * Arguments pick suites by name; without any, all run.  Check knows no skipping: test_skip writes to a file that is
 * shared with the forked tests.
 */
#define _GNU_SOURCE
#include "tests/harness/suites.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int skip_fd = -1;

void test_skip(const char *name, const char *reason)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "SKIP %s/%s: %s\n", suites_folder, name, reason);

	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = sizeof(line) - 1;
	if (write(skip_fd, line, (size_t)n) < 0)
		perror("test_skip");
}

static bool wanted(const char *name, int argc, char **argv)
{
	if (argc < 2)
		return true;
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name) || !strcmp(argv[i], suites_folder))
			return true;
	return false;
}

static int skips_print(void)
{
	char text[4096];
	int lines = 0;
	ssize_t n;

	if (lseek(skip_fd, 0, SEEK_SET) < 0)
		return 0;
	while ((n = read(skip_fd, text, sizeof(text))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			lines += text[i] == '\n';
		fwrite(text, 1, (size_t)n, stdout);
	}
	return lines;
}

#define FAILURES_SHOWN 12

/* One line a failure: suite, test, place, message.  */
static void failures_print(SRunner *r, const char *suite)
{
	int n = srunner_ntests_failed(r);
	TestResult **failed = srunner_failures(r);

	for (int i = 0; i < n && i < FAILURES_SHOWN; i++)
		printf("FAIL %s/%s: %s: %s:%d: %s\n", suites_folder, suite, tr_tcname(failed[i]), tr_lfile(failed[i]), tr_lno(failed[i]),
		       tr_msg(failed[i]));
	if (n > FAILURES_SHOWN)
		printf("FAIL %s/%s: and %d more\n", suites_folder, suite, n - FAILURES_SHOWN);
	free(failed);
}

int main(int argc, char **argv)
{
	int run = 0, failed = 0, skipped, ran = 0;

	skip_fd = memfd_create("skips", 0);
	if (skip_fd < 0) {
		perror("memfd_create");
		return 1;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (const struct suite_row *s = suites; s->name; s++) {
		struct timespec t0, t1;
		SRunner *r;

		if (!wanted(s->name, argc, argv))
			continue;
		ran++;
		clock_gettime(CLOCK_MONOTONIC, &t0);
		r = srunner_create(s->make());
		srunner_run_all(r, CK_SILENT);
		clock_gettime(CLOCK_MONOTONIC, &t1);
		run += srunner_ntests_run(r);
		failed += srunner_ntests_failed(r);
		printf("%-4s %s/%s: %d checks, %d failed, %.1f s\n", srunner_ntests_failed(r) ? "FAIL" : "ok", suites_folder, s->name,
		       srunner_ntests_run(r), srunner_ntests_failed(r),
		       (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9);
		failures_print(r, s->name);
		srunner_free(r);
	}
	skipped = skips_print();
	if (ran)
		printf("%d passed, %d failed, %d skipped\n", run - failed, failed, skipped);
	return failed != 0;
}
