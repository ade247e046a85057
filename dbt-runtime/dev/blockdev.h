/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bytes that outlive the machine, behind a disk or a flash chip.  The back end (an image file) embeds struct blockdev as its first
 * member.  Synchronous; one thread.
 */
#ifndef ATHANOR_DEV_BLOCKDEV_H
#define ATHANOR_DEV_BLOCKDEV_H

#include "base/err.h"
#include "base/types.h"

struct blockdev;

struct blockdev_ops {
	const char *name;
	/* @n bytes at @at, all inside size.  Errors: ST_HOST.  What a failed write has written is undefined.  */
	enum status (*read)(struct blockdev *, uint64_t at, void *bytes, size_t n, struct err *e);
	enum status (*write)(struct blockdev *, uint64_t at, const void *bytes, size_t n, struct err *e); /* ST_USAGE: read-only */
	/* What was written survives a crash of the host.  Errors: ST_HOST */
	enum status (*flush)(struct blockdev *, struct err *e);
};

struct blockdev {
	const struct blockdev_ops *ops;
	const char *name;   /* for messages: the file's name */
	uint64_t size;      /* bytes */
	bool readonly;
};

#endif
