/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for bringing a .xo into memory, shared with everyone who has it open.  What is in it: xo_check.c.
 */
#define _GNU_SOURCE
#include "pcmap/xo_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct xo_file {
	void *at;
	size_t size;
};

static enum status map(int fd, const char *path, struct xo_file *f, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, ST_IO, "%s: cannot look at: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(e, ST_IO, "%s: is a directory", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ST_IO, "%s: not a regular file", path);
	if (st.st_size == 0)
		return err_set(e, ST_FORMAT, "%s: offset 0x0: the file is empty", path);
	if ((uint64_t)st.st_size > XO_FILE_MAX)
		return err_set(e, ST_FORMAT, "%s: offset 0x%llx: too long for a .xo", path, XO_FILE_MAX);
	f->size = (size_t)st.st_size;
	f->at = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (f->at == MAP_FAILED) {
		f->at = NULL;
		return err_set(e, ST_IO, "%s: cannot map: %s", path, strerror(errno));
	}
	return ST_OK;
}

enum status xo_open(const char *path, const struct xo_key *expect, struct xo_view *out, struct xo_file **owner, struct err *e)
{
	struct xo_file *f = calloc(1, sizeof *f);
	enum status s;
	int fd;

	*owner = NULL;
	memset(out, 0, sizeof *out);
	if (!f)
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		free(f);
		return err_set(e, ST_IO, "%s: cannot open: %s", path, strerror(errno));
	}
	s = map(fd, path, f, e);
	close(fd);
	if (s == ST_OK)
		s = xo_check(path, f->at, f->size, expect, out, e);
	if (s != ST_OK) {
		xo_close(f);
		return s;
	}
	*owner = f;
	return ST_OK;
}

void xo_close(struct xo_file *f)
{
	if (!f)
		return;
	if (f->at)
		munmap(f->at, f->size);
	free(f);
}
