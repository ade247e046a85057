/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for bringing the head and the page records of a .xo into memory.  What is in them: xo_check.c.
 * They are read, not mapped: what was checked is what is used, and a file that becomes shorter is an error, not a SIGBUS.
 */
#define _GNU_SOURCE
#include "pcmap/xo_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pcmap/xo_check.h"

#define PART_ALIGN 16u

struct xo_file {
	struct xo_check check;
	char *path;
	int fd;               /* -1: all of it is in memory, at `bytes` */
	const uint8_t *bytes;
	uint8_t *own;         /* what was read when it was opened: the head, or all of it */
	uint8_t *room;        /* the page record read last, if that was not all of it */
	size_t room_size;
};

/* --- bytes --- */

static enum status read_at(const struct xo_file *f, uint64_t offset, void *to, size_t size, struct err *e)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = pread(f->fd, (uint8_t *)to + got, size - got, (off_t)(offset + got));

		if (n < 0 && errno != EINTR)
			return err_set(e, ST_IO, "%s: cannot read: %s", f->path, strerror(errno));
		if (n == 0)
			return err_set(e, ST_FORMAT, "%s: offset 0x%llx: the file has become shorter", f->path,
				       (unsigned long long)(offset + got));
		got += n > 0 ? (size_t)n : 0;
	}
	return ST_OK;
}

static enum status make_room(struct xo_file *f, const struct xo_page *p, struct err *e)
{
	size_t need = (xo_page_size(p) + XO_PART_COUNT * PART_ALIGN) & ~(size_t)(PART_ALIGN - 1);

	if (need <= f->room_size)
		return ST_OK;
	free(f->room);
	f->room = aligned_alloc(PART_ALIGN, need);
	f->room_size = f->room ? need : 0;
	return f->room ? ST_OK : err_set(e, ST_NOMEM, "%s: no memory for a page record of %zu bytes", f->path, need);
}

enum status xo_read(struct xo_file *f, uint32_t page, struct xo_tables *out, struct err *e)
{
	const struct xo_page *p = &f->check.v.pages[page];
	enum status s = f->fd >= 0 ? make_room(f, p, e) : ST_OK;
	size_t used = 0;

	memset(out, 0, sizeof *out);
	out->text_at = p->first[XO_PART_TEXT];
	for (unsigned i = 0; s == ST_OK && i < XO_PART_COUNT; i++) {
		const size_t size = (size_t)xo_part_size(p, (enum xo_part)i) * xo_part_bytes[i];
		const uint64_t at = f->check.l.section[xo_part_section[i]].sh_offset + (uint64_t)p->first[i] * xo_part_bytes[i];

		if (f->fd >= 0)
			s = read_at(f, at, f->room + used, size, e);
		xo_part_set(out, p, (enum xo_part)i, f->fd >= 0 ? f->room + used : f->bytes + at);
		used += (size + PART_ALIGN - 1) & ~(size_t)(PART_ALIGN - 1);
	}
	return s == ST_OK ? xo_check_tables(&f->check, page, out, e) : s;
}

/* --- the head --- */

static enum status find_size(struct xo_file *f, struct err *e)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0)
		return err_set(e, ST_IO, "%s: cannot look at: %s", f->path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(e, ST_IO, "%s: is a directory", f->path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ST_IO, "%s: not a regular file", f->path);
	f->check.size = (uint64_t)st.st_size;
	return ST_OK;
}

static enum status size_ok(const struct xo_file *f, struct err *e)
{
	if (f->check.size == 0)
		return err_set(e, ST_FORMAT, "%s: offset 0x0: the file is empty", f->path);
	if (f->check.size > XO_FILE_MAX)
		return err_set(e, ST_FORMAT, "%s: offset 0x%llx: too long for a .xo", f->path, XO_FILE_MAX);
	return ST_OK;
}

static enum status read_begin(struct xo_file *f, uint64_t size, struct err *e)
{
	f->own = malloc(size);
	if (!f->own)
		return err_set(e, ST_NOMEM, "%s: no memory for %llu bytes", f->path, (unsigned long long)size);
	return read_at(f, 0, f->own, size, e);
}

/* What a head begins with says how long it is.  */
static enum status read_head(struct xo_file *f, struct err *e)
{
	uint8_t begin[XO_NOTE_AT];
	enum status s = read_at(f, 0, begin, f->check.size < sizeof begin ? (size_t)f->check.size : sizeof begin, e);

	if (s == ST_OK)
		s = xo_check_layout(&f->check, begin, e);
	if (s != ST_OK)
		return s;
	return read_begin(f, f->check.l.head, e);
}

static enum status open_head(struct xo_file *f, const struct xo_key *expect, struct xo_view *out, struct err *e)
{
	enum status s = f->fd >= 0 ? read_head(f, e) : xo_check_layout(&f->check, f->bytes, e);

	if (s == ST_OK)
		s = xo_check_head(&f->check, f->fd >= 0 ? f->own : f->bytes, expect, e);
	if (s == ST_OK)
		*out = f->check.v;
	return s;
}

static enum status check_all(struct xo_file *f, struct err *e)
{
	struct xo_tables t;
	enum status s = ST_OK;

	for (uint32_t i = 0; s == ST_OK && i < f->check.v.npages; i++)
		s = xo_read(f, i, &t, e);
	return s == ST_OK ? xo_check_rest(&f->check, f->bytes, e) : s;
}

/* --- life --- */

static enum status file_new(const char *path, struct xo_file **out, struct err *e)
{
	struct xo_file *f = *out = calloc(1, sizeof *f);

	if (!f)
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	f->fd = -1;
	f->check.path = f->path = strdup(path);
	return f->path ? ST_OK : err_set(e, ST_NOMEM, "%s: out of memory", path);
}

static enum status file_open(const char *path, struct xo_file **out, struct err *e)
{
	enum status s = file_new(path, out, e);
	struct xo_file *f = *out;

	if (s != ST_OK)
		return s;
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd < 0)
		return err_set(e, ST_IO, "%s: cannot open: %s", path, strerror(errno));
	s = find_size(f, e);
	return s == ST_OK ? size_ok(f, e) : s;
}

static enum status memory_open(const char *path, const uint8_t *bytes, uint64_t size, struct xo_file **out, struct err *e)
{
	enum status s = file_new(path, out, e);

	if (s != ST_OK)
		return s;
	(*out)->bytes = bytes;
	(*out)->check.size = size;
	return size_ok(*out, e);
}

/* Nothing comes of what failed.  */
static enum status opened(enum status s, struct xo_view *out, struct xo_file **owner)
{
	if (s == ST_OK)
		return s;
	xo_close(*owner);
	*owner = NULL;
	memset(out, 0, sizeof *out);
	return s;
}

enum status xo_open(const char *path, const struct xo_key *expect, struct xo_view *out, struct xo_file **owner, struct err *e)
{
	enum status s = file_open(path, owner, e);

	if (s == ST_OK)
		s = open_head(*owner, expect, out, e);
	return opened(s, out, owner);
}

enum status xo_open_memory(const char *path, const uint8_t *bytes, uint64_t size, const struct xo_key *expect, struct xo_view *out,
			   struct xo_file **owner, struct err *e)
{
	enum status s = memory_open(path, bytes, size, owner, e);

	if (s == ST_OK)
		s = open_head(*owner, expect, out, e);
	return opened(s, out, owner);
}

enum status xo_open_whole(const char *path, struct xo_view *out, struct xo_file **owner, struct err *e)
{
	enum status s = file_open(path, owner, e);
	struct xo_file *f = *owner;

	if (s == ST_OK)
		s = read_begin(f, f->check.size, e);
	if (s == ST_OK) {
		f->bytes = f->own;
		close(f->fd);
		f->fd = -1;
		s = open_head(f, NULL, out, e);
	}
	if (s == ST_OK)
		s = check_all(f, e);
	return opened(s, out, owner);
}

void xo_close(struct xo_file *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	free(f->own);
	free(f->room);
	free(f->path);
	free(f);
}

enum status xo_check(const char *path, const uint8_t *bytes, uint64_t size, const struct xo_key *expect, struct err *e)
{
	struct xo_view v;
	struct xo_file *f;
	enum status s = xo_open_memory(path, bytes, size, expect, &v, &f, e);

	if (s == ST_OK)
		s = check_all(f, e);
	xo_close(f);
	return s;
}
