/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for reading and for atomically replacing whole files.  Not for what is in them, nor for directories.
 * Invariant: until file_out_commit has renamed it, the final name shows what it showed before.
 */
#define _GNU_SOURCE
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FD_DIRECTORY "/proc/self/fd"
#define NAME_TRIES 1000u

struct file_out {
	int fd;
	char *path; /* where it goes, symbolic links resolved */
	char *temp; /* where it is now, or will be until it is renamed; NULL: written in place (a device, a pipe) */
	bool nameless; /* it is nowhere yet, and `temp` still a pattern */
	char *shown; /* as the user wrote it */
};

static enum status io_error(const char *path, const char *what, struct err *e)
{
	return err_set(e, ST_IO, "%s: cannot %s: %s", path, what, strerror(errno));
}

bool file_std_open(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
			return false; /* open takes the lowest free number */
	return true;
}

/* Files of /proc and pipes have no size in advance, so the buffer grows with what arrives.  */
static enum status read_all(int fd, const char *path, size_t max, size_t hint, struct file_bytes *out, struct err *e)
{
	size_t cap = hint + 1, size = 0;
	uint8_t *buf = malloc(cap);

	for (;;) {
		ssize_t n;

		if (!buf)
			return err_set(e, ST_NOMEM, "%s: no memory for %zu bytes", path, cap);
		n = read(fd, buf + size, cap - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(buf);
			return io_error(path, "read", e);
		}
		if (n == 0)
			break;
		size += (size_t)n;
		if (size > max) {
			free(buf);
			return err_set(e, ST_FORMAT, "%s: longer than the %zu bytes that are accepted", path, max);
		}
		if (size == cap) {
			uint8_t *more = realloc(buf, cap * 2);

			if (!more)
				free(buf);
			buf = more;
			cap *= 2;
		}
	}
	buf[size] = 0; /* size < cap here: a full buffer was grown above */
	out->at = buf;
	out->size = size;
	return ST_OK;
}

enum status file_read(const char *path, size_t max, struct file_bytes *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	enum status s;

	if (fd < 0)
		return io_error(path, "open", e);
	if (fstat(fd, &st) < 0)
		s = io_error(path, "look at", e);
	else if (S_ISDIR(st.st_mode))
		s = err_set(e, ST_IO, "%s: is a directory", path);
	else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > max)
		s = err_set(e, ST_FORMAT, "%s: %llu bytes, longer than the %zu that are accepted", path,
			(unsigned long long)st.st_size, max);
	else
		s = read_all(fd, path, max, S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 4096, out, e);
	close(fd);
	return s;
}

void file_bytes_free(struct file_bytes *b)
{
	free(b->at);
	b->at = NULL;
	b->size = 0;
}

static void file_out_free(struct file_out *f)
{
	free(f->path);
	free(f->temp);
	free(f->shown);
	free(f);
}

/* Of a file; to be freed.  NULL: out of memory.  */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
}

/* Mode of the new file: that of the file it replaces, else what open() would have given.  */
static mode_t wanted_mode(const struct stat *old)
{
	mode_t mask;

	if (old)
		return old->st_mode & 07777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

/* A file without a name, which is gone when we are killed; -1: not on this file system, or it could not be given one.  */
static int open_nameless(const char *path)
{
	char *dir = directory_of(path);
	int fd = dir && access(FD_DIRECTORY, X_OK) == 0 ? open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600) : -1;

	free(dir);
	return fd;
}

static enum status open_temp(struct file_out *f, const struct stat *old, struct err *e)
{
	const char *slash = strrchr(f->path, '/');
	int dir = slash ? (int)(slash - f->path) + 1 : 0;

	if (asprintf(&f->temp, "%.*s.%s.XXXXXX", dir, f->path, f->path + dir) < 0) {
		f->temp = NULL;
		return err_set(e, ST_NOMEM, "%s: out of memory", f->shown);
	}
	f->fd = open_nameless(f->path);
	f->nameless = f->fd >= 0;
	if (!f->nameless)
		f->fd = mkostemp(f->temp, O_CLOEXEC);
	if (f->fd < 0) {
		free(f->temp);
		f->temp = NULL;
		return io_error(f->shown, "create", e);
	}
	if (fchmod(f->fd, wanted_mode(old)) < 0)
		return io_error(f->shown, "set the mode", e);
	return ST_OK;
}

enum status file_out_open(const char *path, struct file_out **out, struct err *e)
{
	struct file_out *f = calloc(1, sizeof *f);
	struct stat st;
	enum status s;
	bool exists;

	if (!f)
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	f->fd = -1;
	exists = stat(path, &st) == 0;
	f->shown = strdup(path);
	f->path = exists ? realpath(path, NULL) : strdup(path);
	if (!f->shown || !f->path) {
		s = err_set(e, ST_NOMEM, "%s: out of memory", path);
	} else if (exists && S_ISDIR(st.st_mode)) {
		s = err_set(e, ST_IO, "%s: is a directory", path);
	} else if (exists && !S_ISREG(st.st_mode)) {
		f->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		s = f->fd < 0 ? io_error(path, "open", e) : ST_OK;
	} else if (exists && access(path, W_OK) < 0) {
		s = io_error(path, "write", e); /* a read-only file in a writable directory is not ours to replace */
	} else {
		s = open_temp(f, exists ? &st : NULL, e);
	}
	if (s != ST_OK) {
		file_out_abort(f);
		return s;
	}
	*out = f;
	return ST_OK;
}

enum status file_out_write(struct file_out *f, const void *bytes, size_t size, struct err *e)
{
	const uint8_t *p = bytes;

	while (size) {
		ssize_t n = write(f->fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(f->shown, "write", e);
		p += n;
		size -= (size_t)n;
	}
	return ST_OK;
}

/* The temporary name, for as long as it takes to rename it.  */
static enum status name(struct file_out *f, struct err *e)
{
	char *digits = f->temp + strlen(f->temp) - 6, fd[sizeof FD_DIRECTORY + 12];

	snprintf(fd, sizeof fd, FD_DIRECTORY "/%d", f->fd);
	for (unsigned i = 0; i < NAME_TRIES; i++) {
		snprintf(digits, 7, "%06u", ((unsigned)getpid() * 31u + i) % 1000000u);
		if (linkat(AT_FDCWD, fd, AT_FDCWD, f->temp, AT_SYMLINK_FOLLOW) == 0) {
			f->nameless = false;
			return ST_OK;
		}
		if (errno != EEXIST)
			break;
	}
	return io_error(f->shown, "create", e);
}

/* The rename itself must survive a crash too.  A file system that cannot do this has done what it can.  */
static void sync_directory(const char *path)
{
	char *dir = directory_of(path);
	int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

enum status file_out_commit(struct file_out *f, struct err *e)
{
	enum status s = ST_OK;

	if (f->temp && fsync(f->fd) < 0)
		s = io_error(f->shown, "write", e);
	if (s == ST_OK && f->nameless)
		s = name(f, e);
	if (close(f->fd) < 0 && s == ST_OK)
		s = io_error(f->shown, "write", e);
	f->fd = -1;
	if (s == ST_OK && f->temp && rename(f->temp, f->path) < 0)
		s = io_error(f->shown, "create", e);
	if (s != ST_OK) {
		file_out_abort(f);
		return s;
	}
	if (f->temp)
		sync_directory(f->path);
	file_out_free(f);
	return ST_OK;
}

void file_out_abort(struct file_out *f)
{
	if (!f)
		return;
	if (f->fd >= 0)
		close(f->fd);
	if (f->temp && !f->nameless)
		unlink(f->temp);
	file_out_free(f);
}

enum status file_write(const char *path, const void *bytes, size_t size, struct err *e)
{
	struct file_out *f;
	enum status s = file_out_open(path, &f, e);

	if (s != ST_OK)
		return s;
	s = file_out_write(f, bytes, size, e);
	if (s != ST_OK) {
		file_out_abort(f);
		return s;
	}
	return file_out_commit(f, e);
}
