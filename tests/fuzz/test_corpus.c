/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Replays what the fuzzers kept (corpus/TARGET/): each target over its inputs, in a process of its own.  An input that ends the process,
 * or takes longer than a second or so, is named.
 */
#define _GNU_SOURCE
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/fuzz/fuzz.h"

Suite *corpus_suite(void);

#define SECONDS_MAX 20u /* for one input: sanitizers and busy machines are slow, endless loops slower */

static const struct { const char *name; void (*one)(const uint8_t *bytes, size_t size); } targets[] = {
#define FUZZ_ROW(name) { #name, fuzz_##name },
	FUZZ_TARGETS(FUZZ_ROW)
#undef FUZZ_ROW
};

static int visible(const struct dirent *d) { return d->d_name[0] != '.'; }

static void replay(const char *folder, struct dirent *const *inputs, unsigned n, unsigned *at, void (*one)(const uint8_t *, size_t))
{
	for (; *at < n; ++*at) {
		struct file_bytes b = { 0 };
		char path[512];

		snprintf(path, sizeof path, "%s/%s", folder, inputs[*at]->d_name);
		if (file_read(path, 1u << 20, &b, NULL) != ST_OK)
			_exit(1);
		alarm(SECONDS_MAX);
		one(b.at, b.size);
		alarm(0);
		file_bytes_free(&b);
	}
	_exit(0);
}

START_TEST(inputs_are_harmless)
{
	char folder[128];
	struct dirent **inputs;
	unsigned *at = mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int n, status;
	pid_t pid;

	ck_assert_ptr_ne(at, MAP_FAILED);
	snprintf(folder, sizeof folder, "tests/fuzz/corpus/%s", targets[_i].name);
	n = scandir(folder, &inputs, visible, alphasort);
	ck_assert_msg(n > 0, "%s: no inputs", folder);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		replay(folder, inputs, (unsigned)n, at, targets[_i].one);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0, "%s/%s: %s %d", folder, *at < (unsigned)n ? inputs[*at]->d_name : "", WIFSIGNALED(status) ? "signal" : "status",
		      WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	for (int i = 0; i < n; i++)
		free(inputs[i]);
	free(inputs);
	munmap(at, sizeof *at);
}
END_TEST

Suite *corpus_suite(void)
{
	Suite *s = suite_create("corpus");
	TCase *t = tcase_create("replay");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, inputs_are_harmless, 0, (int)ARRAY_LEN(targets));
	suite_add_tcase(s, t);
	return s;
}
