/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Many address spaces: fork, exec, pipes, processes that take turns, more of them than the processor has address space
 * identifiers.
 */
#define _GNU_SOURCE
#include "tests/guest/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void forks(void)
{
	unsigned right = 0;
	volatile uint32_t mine = 0;

	for (unsigned i = 0; i < 300; i++) {
		int status = 0;
		pid_t child = fork();

		if (!child) {
			mine += i;
			_exit((int)((mine + 3) & 0x7fu));
		}
		if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status))
			right += (unsigned)WEXITSTATUS(status) == ((i + 3) & 0x7fu) && mine == 0;
	}
	check_eq("fork", right, 300);
}

static void execs(void)
{
	static volatile uint32_t right, i; /* shared with a vfork child, which changes neither */

	for (i = 0, right = 0; i < 60; i++) {
		int status = 0;
		char number[16];
		pid_t child;

		snprintf(number, sizeof(number), "%u", i);
		child = i % 2 ? vfork() : fork();
		if (!child) {
			execl("/proc/self/exe", "guest-tests", "--exec-child", number, (char *)NULL);
			_exit(126);
		}
		if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status))
			right += (uint32_t)WEXITSTATUS(status) == ((i * 7) & 0x7fu);
	}
	check_eq("exec", right, 60);
}

/* A ring of processes passes a number round: every hop is a switch of address space.  */
static void ring(void)
{
	enum { LENGTH = 12, LAPS = 100 };
	int pipes[LENGTH + 1][2], status;
	uint32_t value = 0;

	for (int i = 0; i <= LENGTH; i++)
		if (pipe(pipes[i])) {
			broken("ring");
			return;
		}
	for (int i = 0; i < LENGTH; i++)
		if (!fork()) {
			uint32_t v;

			for (int lap = 0; lap < LAPS; lap++) {
				if (read(pipes[i][0], &v, sizeof(v)) != sizeof(v))
					_exit(1);
				v = v * 3 + (uint32_t)i;
				if (write(pipes[i + 1][1], &v, sizeof(v)) != sizeof(v))
					_exit(1);
			}
			_exit(0);
		}
	for (int lap = 0; lap < LAPS; lap++)
		if (write(pipes[0][1], &value, sizeof(value)) != sizeof(value) ||
		    read(pipes[LENGTH][0], &value, sizeof(value)) != sizeof(value)) {
			broken("ring");
			break;
		}
	while (wait(&status) > 0)
		;
	uint32_t expected = 0;
	for (int lap = 0; lap < LAPS; lap++)
		for (uint32_t i = 0; i < LENGTH; i++)
			expected = expected * 3 + i;
	check_eq("ring", value, expected);
}

/* Three hundred at once, each with its own contents at the same address: identifiers run out and are used again.  */
static void many(void)
{
	enum { COUNT = 300 };
	static volatile uint32_t secret;
	int go[2], status, right = 0;

	if (pipe(go)) {
		broken("many");
		return;
	}
	for (unsigned i = 0; i < COUNT; i++) {
		pid_t child = fork();

		if (!child) {
			char c;

			secret = i * 2654435761u;
			close(go[1]);
			if (read(go[0], &c, 1) < 0)
				_exit(2);
			_exit(secret != i * 2654435761u);
		}
		if (child < 0)
			broken("many");
	}
	close(go[1]); /* all of them read the end of file now */
	close(go[0]);
	while (wait(&status) > 0)
		right += status == 0;
	check_eq("many", (uint32_t)right, COUNT);
}

void test_process(void)
{
	forks();
	execs();
	ring();
	many();
}
