/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#define _GNU_SOURCE
#include "tests/oracle/emulator.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	perror(what);
	abort();
}

bool emulator_exists(const char *name)
{
	const char *path = getenv("PATH");
	char full[512];

	for (const char *p = path ? path : ""; *p;) {
		int n = (int)strcspn(p, ":");

		snprintf(full, sizeof(full), "%.*s/%s", n, p, name);
		if (access(full, X_OK) == 0)
			return true;
		p += n;
		p += *p == ':';
	}
	return false;
}

static int memory_file(const void *bytes, size_t size)
{
	int fd = memfd_create("oracle", 0);

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

static _Noreturn void child(const char *name, int file, int in, int out)
{
	char path[40];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(126);
	execlp(name, name, "-cpu", "24Kc", path, (char *)NULL);
	_exit(127);
}

/* Its status as of waitpid, or -1 if it had to be killed.  */
static int wait_for(pid_t pid, unsigned seconds)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	int status;

	for (unsigned i = 0; i < seconds * 200; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

const char *emulator_run(const char *name, const void *file, size_t file_size, const void *in, size_t in_size, void *out, size_t *out_size,
			 unsigned seconds)
{
	static char text[80];
	int fds[3] = { memory_file(file, file_size), memory_file(in, in_size), memory_file(NULL, 0) };
	ssize_t got;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		child(name, fds[0], fds[1], fds[2]);
	status = wait_for(pid, seconds);
	got = pread(fds[2], out, *out_size, 0);
	if (got < 0)
		die("pread");
	*out_size = (size_t)got;
	for (unsigned i = 0; i < 3; i++)
		close(fds[i]);
	if (status == 0)
		return NULL;
	if (status == -1)
		snprintf(text, sizeof(text), "%s did not end within %u s", name, seconds);
	else
		snprintf(text, sizeof(text), "%s ended with %s %d", name, WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return text;
}
