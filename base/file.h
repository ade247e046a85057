/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole files in, whole files out.  Reading is bounded; writing never leaves half a file under the final name.
 */
#ifndef ATHANOR_BASE_FILE_H
#define ATHANOR_BASE_FILE_H

#include "base/err.h"
#include "base/types.h"

/**
 * file_std_open - make sure that descriptors 0, 1 and 2 are open, on /dev/null where they were not
 * Reading there is at the end, writing fails as before.
 * For the start of main: whatever is opened later would otherwise get such a number, and be read as the console or be written to.
 * Returns false if that cannot be; then nothing may be opened.
 */
bool file_std_open(void) MUST_CHECK;

struct file_bytes {
	uint8_t *at; /* one zero byte follows the contents, so that text needs no copy */
	size_t size;
};

/**
 * file_read - read a whole file into memory
 * @path: file, pipe or device; not a directory
 * @max:  refuse anything longer, in bytes
 * @out:  filled on success; release with file_bytes_free
 * Errors: ST_IO cannot be opened or read; ST_FORMAT longer than @max; ST_NOMEM.  The text begins with @path.
 */
enum status file_read(const char *path, size_t max, struct file_bytes *out, struct err *e) MUST_CHECK;

/* file_bytes_free - accepts what was never filled, as long as it is zero.  */
void file_bytes_free(struct file_bytes *b);

/* A file being written beside its final name.  */
struct file_out;

/**
 * file_out_open - begin to write @path
 * A regular file gets its name only in file_out_commit (temporary in the same directory, fsync, rename); what was there before stays
 * until then.  Where the file system can do that, the temporary has no name until it is complete: who is killed leaves nothing.
 * A device or pipe is written directly.  A symbolic link is followed: what it points to is replaced.
 * Errors: ST_IO, ST_NOMEM; nothing is left behind.
 */
enum status file_out_open(const char *path, struct file_out **out, struct err *e) MUST_CHECK;

/* file_out_write - append.  After a failure only file_out_abort makes sense.  */
enum status file_out_write(struct file_out *f, const void *bytes, size_t size, struct err *e) MUST_CHECK;

/* file_out_commit - make it durable and visible.  Takes @f, whatever the result; on failure nothing is left behind.  */
enum status file_out_commit(struct file_out *f, struct err *e) MUST_CHECK;

/* file_out_abort - forget it, removing the temporary.  Takes @f; accepts NULL.  */
void file_out_abort(struct file_out *f);

/* file_write - open, write and commit in one call.  */
enum status file_write(const char *path, const void *bytes, size_t size, struct err *e) MUST_CHECK;

#endif
