/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for image files.  Not for what is in them.
 * Invariant: nothing is read or written beyond the size at opening; a file that has become shorter is an error, and is not made longer.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

#define SECTOR 512u

struct disk {
	struct blockdev blockdev;
	int fd;
	bool regular;
};

static enum status failed(const struct disk *d, const char *what, uint64_t at, struct err *e)
{
	return err_set(e, ST_HOST, "%s: cannot %s at offset 0x%llx: %s", d->blockdev.name, what, (unsigned long long)at, strerror(errno));
}

static enum status shorter(const struct disk *d, struct err *e)
{
	return err_set(e, ST_HOST, "%s: is shorter than the %llu bytes it had at the start", d->blockdev.name,
		(unsigned long long)d->blockdev.size);
}

static enum status disk_read(struct blockdev *b, uint64_t at, void *bytes, size_t n, struct err *e)
{
	const struct disk *d = (const struct disk *)b;
	uint8_t *to = bytes;

	while (n) {
		ssize_t got = pread(d->fd, to, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return failed(d, "read", at, e);
		if (!got)
			return shorter(d, e);
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return ST_OK;
}

/* Somebody may have cut the file off: writing would make a hole of what was there.  */
static bool whole(const struct disk *d)
{
	struct stat st;

	return !d->regular || (!fstat(d->fd, &st) && (uint64_t)st.st_size >= d->blockdev.size);
}

static enum status disk_write(struct blockdev *b, uint64_t at, const void *bytes, size_t n, struct err *e)
{
	const struct disk *d = (const struct disk *)b;
	const uint8_t *from = bytes;

	if (b->readonly)
		return err_set(e, ST_USAGE, "%s: is read-only", b->name);
	if (!whole(d))
		return shorter(d, e);
	while (n) {
		ssize_t put = pwrite(d->fd, from, n, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return failed(d, "write", at, e);
		from += put;
		at += (uint64_t)put;
		n -= (size_t)put;
	}
	return ST_OK;
}

static enum status disk_flush(struct blockdev *b, struct err *e)
{
	const struct disk *d = (const struct disk *)b;

	while (!b->readonly && fdatasync(d->fd))
		if (errno != EINTR)
			return err_set(e, ST_HOST, "%s: cannot be made durable: %s", b->name, strerror(errno));
	return ST_OK;
}

static const struct blockdev_ops ops = { .name = "raw", .read = disk_read, .write = disk_write, .flush = disk_flush };

static enum status find_size(struct disk *d, struct err *e)
{
	struct stat st;
	off_t end;

	if (fstat(d->fd, &st))
		return err_set(e, ST_IO, "%s: %s", d->blockdev.name, strerror(errno));
	d->regular = S_ISREG(st.st_mode);
	if (!d->regular && !S_ISBLK(st.st_mode))
		return err_set(e, ST_FORMAT, "%s: is neither a file nor a block device", d->blockdev.name);
	end = lseek(d->fd, 0, SEEK_END);
	if (end <= 0)
		return err_set(e, ST_FORMAT, "%s: empty; 'truncate -s SIZE' gives a file a size", d->blockdev.name);
	if (end % SECTOR)
		return err_set(e, ST_FORMAT, "%s: %lld bytes are not a multiple of %u", d->blockdev.name, (long long)end, SECTOR);
	d->blockdev.size = (uint64_t)end;
	return ST_OK;
}

/* Formats that are refused are named.  */
static enum status check_format(const struct disk *d, struct err *e)
{
	static const struct { char magic[5]; const char *name; } other[] = { { "QFI\xfb", "qcow2" }, { "KDMV", "vmdk" }, { "QED", "qed" } };
	char first[4];

	if (pread(d->fd, first, sizeof first, 0) != (ssize_t)sizeof first)
		return err_set(e, ST_IO, "%s: cannot read: %s", d->blockdev.name, strerror(errno));
	for (unsigned i = 0; i < ARRAY_LEN(other); i++)
		if (!memcmp(first, other[i].magic, sizeof first))
			return err_set(e, ST_FORMAT, "%s: is a %s image; only raw ones can be used: 'qemu-img convert -O raw' makes one (format=raw: "
				"it is raw all the same)", d->blockdev.name, other[i].name);
	return ST_OK;
}

static enum status lock(const struct disk *d, struct err *e)
{
	if (!flock(d->fd, (d->blockdev.readonly ? LOCK_SH : LOCK_EX) | LOCK_NB))
		return ST_OK;
	if (errno == EWOULDBLOCK)
		return err_set(e, ST_USAGE, "%s: is in use by another machine, or given twice%s", d->blockdev.name,
			d->blockdev.readonly ? ", and not read-only" : "; readonly=on lets several share it");
	log_warn("%s: cannot be locked (%s): see to it that no other machine uses it", d->blockdev.name, strerror(errno));
	return ST_OK;
}

enum status disk_open(const char *path, bool readonly, bool raw, struct disk **out, struct err *e)
{
	struct disk *d = calloc(1, sizeof *d);
	enum status s;

	if (!d)
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	d->blockdev = (struct blockdev){ .ops = &ops, .name = path, .readonly = readonly };
	/* A pipe is not waited for.  */
	d->fd = open(path, (readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (d->fd < 0)
		s = err_set(e, ST_IO, "%s: cannot open%s: %s%s", path, readonly ? "" : " for reading and writing", strerror(errno),
			!readonly && (errno == EACCES || errno == EROFS || errno == EPERM) ? " (readonly=on only reads)" : "");
	else
		s = find_size(d, e);
	if (s == ST_OK && !raw)
		s = check_format(d, e);
	if (s == ST_OK)
		s = lock(d, e);
	if (s != ST_OK) {
		disk_close(d);
		return s;
	}
	*out = d;
	return ST_OK;
}

struct blockdev *disk_blockdev(struct disk *d) { return d ? &d->blockdev : NULL; }

void disk_close(struct disk *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		close(d->fd); /* and with it the lock */
	free(d);
}
