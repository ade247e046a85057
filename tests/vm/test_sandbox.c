/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is refused once a machine runs, and what is not.  Each test is a process of its own, which ends with the filter on.
 */
#define _GNU_SOURCE
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "dbt-runtime/vm/sandbox.h"
#include "tests/harness/suites.h"

Suite *sandbox_suite(void);

/* Check forks for each test and wants to hear from it: a child of the test's tells by its exit status.  */
static int inside(bool network, bool (*what)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert(pid >= 0);
	if (!pid) {
		struct err e = ERR_INIT;

		_exit(sandbox_enter(network, &e) != ST_OK ? 2 : what() ? 0 : 1);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool denied(long result) { return result < 0 && errno == EPERM; }
static bool no_program(void) { return denied(execl("/bin/true", "true", NULL)); }
static bool no_process(void) { return denied(syscall(SYS_fork)) && denied(syscall(SYS_clone, 17, 0, 0, 0, 0)); }
static bool no_socket(void) { return denied(socket(AF_UNIX, SOCK_STREAM, 0)) && denied(socket(AF_INET, SOCK_DGRAM, 0)); }

/* A user network's connections, and nothing else.  */
static bool connections_only(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), d = socket(AF_INET, SOCK_DGRAM, 0);

	return s >= 0 && d >= 0 && connect(d, (struct sockaddr *)&at, sizeof at) == 0 && denied(bind(s, (struct sockaddr *)&at, sizeof at)) &&
	       denied(listen(s, 1)) && denied(socket(AF_INET, SOCK_RAW, 1)) && denied(socket(AF_INET6, SOCK_STREAM, 0)) &&
	       denied(socket(AF_UNIX, SOCK_STREAM, 0)) && denied(socket(AF_NETLINK, SOCK_DGRAM, 0)) && denied(socket(AF_PACKET, SOCK_DGRAM, 0));
}

static bool no_other_process(void) { return denied(ptrace(PTRACE_ATTACH, getppid(), 0, 0)) && denied(kill(getppid(), 0)); }

static bool no_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED && denied(mprotect(p, 4096, PROT_READ | PROT_EXEC)) &&
	       mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == EPERM;
}

static bool files_can_be_written(void)
{
	char path[64];
	struct err e = ERR_INIT;
	bool ok;

	snprintf(path, sizeof path, "%s/athanor-sandbox-%d", P_tmpdir, (int)getpid());
	ok = file_write(path, "x", 1, &e) == ST_OK && file_write(path, "yy", 2, &e) == ST_OK;
	return unlink(path) == 0 && ok;
}

static bool (*const rules[])(void) = { no_program, no_process, no_socket, no_other_process, no_code, files_can_be_written };

START_TEST(rule)
{
	if (!sandbox_built()) {
		test_skip("sandbox", "built without libseccomp");
		return;
	}
	ck_assert_int_eq(inside(false, rules[_i]), 0);
	ck_assert(rules[_i] == no_socket || inside(true, rules[_i]) == 0);
}
END_TEST

START_TEST(network)
{
	if (!sandbox_built()) {
		test_skip("sandbox", "built without libseccomp");
		return;
	}
	ck_assert_int_eq(inside(true, connections_only), 0);
}
END_TEST

Suite *sandbox_suite(void)
{
	Suite *s = suite_create("sandbox");
	TCase *t = tcase_create("sandbox");

	tcase_add_loop_test(t, rule, 0, (int)(sizeof rules / sizeof rules[0]));
	tcase_add_test(t, network);
	suite_add_tcase(s, t);
	return s;
}
