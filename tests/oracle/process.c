/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header.  */
#define _GNU_SOURCE
#include "tests/oracle/process.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOKS_PER_SECOND 500u

static _Noreturn void die(const char *what)
{
	perror(what);
	abort();
}

int process_file(const void *bytes, size_t size)
{
	int fd = memfd_create("process", 0);

	if (fd < 0)
		die("memfd_create");
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, (const char *)bytes + done, size - done);

		if (n <= 0)
			die("write");
		done += (size_t)n;
	}
	if (lseek(fd, 0, SEEK_SET) != 0)
		die("lseek");
	return fd;
}

size_t process_file_read(int fd, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, (char *)to + done, size - done, (off_t)done);

		if (n < 0)
			die("pread");
		if (!n)
			break;
		done += (size_t)n;
	}
	return done;
}

static _Noreturn void child(const char *const argv[], const int fds[3], unsigned cpu_seconds)
{
	const struct rlimit limit = { cpu_seconds, cpu_seconds };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (cpu_seconds)
		setrlimit(RLIMIT_CPU, &limit);
	for (int i = 0; i < 3; i++)
		if (fds[i] >= 0 && dup2(fds[i], i) < 0)
			_exit(126);
	execvp(argv[0], (char *const *)argv);
	_exit(127);
}

int process_run(const char *const argv[], const int fds[3], unsigned cpu_seconds, unsigned seconds)
{
	const struct timespec pause = { .tv_nsec = 1000000000 / LOOKS_PER_SECOND };
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("fork");
	if (!pid)
		child(argv, fds, cpu_seconds);
	for (unsigned i = 0; i < seconds * LOOKS_PER_SECOND; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? PROCESS_KILLED : status;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return PROCESS_KILLED;
}
