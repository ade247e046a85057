/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest-tests [GROUP...] - runs the groups of tests, each in a process of its own so that a crash is one failure, and
 * ends with "guest-tests: N passed, N failed".  "guest-tests --exec-child N" is what the process tests start.
 */
#define _GNU_SOURCE
#include "tests/guest/guest.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct group {
	const char *name;
	void (*run)(void);
	bool by_name;
};

static const struct group groups[] = {
#define GROUP_ROW(name, what, by_name) { #name, test_##name, by_name },
	GROUPS(GROUP_ROW)
#undef GROUP_ROW
};

static const char *group_name;
static struct {
	volatile unsigned passed, failed;
} *tally;

void check(const char *name, bool ok)
{
	if (ok)
		tally->passed++;
	else
		tally->failed++;
	printf("%s %s/%s\n", ok ? "PASS" : "FAIL", group_name, name);
	fflush(stdout);
}

void check_eq(const char *name, uint32_t got, uint32_t expected)
{
	check(name, got == expected);
	if (got != expected)
		printf("     got %08x, expected %08x\n", got, expected);
	fflush(stdout);
}

void broken(const char *name)
{
	perror(name);
	check(name, false);
}

static void group_run(const struct group *g)
{
	int status = 0;
	pid_t child;

	group_name = g->name;
	fflush(stdout);
	child = fork();
	if (!child) {
		alarm(300);
		g->run();
		fflush(stdout);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child) {
		broken("fork");
		return;
	}
	if (WIFSIGNALED(status))
		printf("     ended by signal %d\n", WTERMSIG(status));
	check("ends", WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static bool wanted(const struct group *g, int argc, char **argv)
{
	if (argc < 2)
		return !g->by_name;
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], g->name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned ran = 0;

	if (argc == 3 && !strcmp(argv[1], "--exec-child"))
		return (atoi(argv[2]) * 7) & 0x7f;
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (wanted(&groups[i], argc, argv)) {
			ran++;
			group_run(&groups[i]);
		}
	if (!ran) {
		fprintf(stderr, "guest-tests: no such group\n");
		return 1;
	}
	printf("guest-tests: %u passed, %u failed\n", tally->passed, tally->failed);
	return tally->failed != 0;
}
