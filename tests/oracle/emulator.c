/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#define _GNU_SOURCE
#include "tests/oracle/emulator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/oracle/process.h"

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

const char *emulator_run(const char *name, const void *file, size_t file_size, const void *in, size_t in_size, void *out, size_t *out_size,
			 unsigned seconds)
{
	static char text[80];
	int program = process_file(file, file_size), fds[3] = { process_file(in, in_size), process_file(NULL, 0), -1 }, status;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", program);
	status = process_run((const char *const[]){ name, "-cpu", "24Kc", path, NULL }, fds, 0, seconds);
	*out_size = process_file_read(fds[1], out, *out_size);
	close(program);
	close(fds[0]);
	close(fds[1]);
	if (status == 0)
		return NULL;
	if (status == PROCESS_KILLED)
		snprintf(text, sizeof(text), "%s did not end within %u s", name, seconds);
	else
		snprintf(text, sizeof(text), "%s ended with %s %d", name, WIFSIGNALED(status) ? "signal" : "status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return text;
}
