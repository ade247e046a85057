/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for bringing a .xo into memory.  What is in it: xo_check.c.
 * It is read, not mapped: what was checked is what is used, whatever becomes of the file.
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

#define HUGE_PAGE ((size_t)2 << 20)

struct xo_file {
	uint8_t *at;
	size_t size;
};

/* At most @f->size bytes; a file that has become shorter is not what it was, which the check will find.  */
static enum status read_all(int fd, const char *path, struct xo_file *f, struct err *e)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < f->size && n) {
		n = read(fd, f->at + got, f->size - got);
		if (n < 0 && errno != EINTR)
			return err_set(e, ST_IO, "%s: cannot read: %s", path, strerror(errno));
		got += n > 0 ? (size_t)n : 0;
	}
	f->size = got;
	return ST_OK;
}

static enum status load(int fd, const char *path, struct xo_file *f, struct err *e)
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
	/* Huge pages where the host has them: a page fault for each 4 KiB would take longer than reading.  */
	f->at = aligned_alloc(HUGE_PAGE, (f->size + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
	if (!f->at)
		return err_set(e, ST_NOMEM, "%s: no memory for %zu bytes", path, f->size);
	(void)madvise(f->at, f->size, MADV_HUGEPAGE);
	return read_all(fd, path, f, e);
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
	s = load(fd, path, f, e);
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
	free(f->at);
	free(f);
}
