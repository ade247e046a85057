/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An image file, byte for byte what is on a disk or in a flash chip.  Its size is that at opening.  While it is open nobody else can open
 * it for writing this way; who opens it read-only shares it with others who do.
 */
#ifndef ATHANOR_VM_DISK_H
#define ATHANOR_VM_DISK_H

#include "dbt-runtime/dev/blockdev.h"

struct disk;

/**
 * disk_open - @path: a file or a block device, of whole sectors of 512 bytes; borrowed until disk_close
 * @raw: it is raw whatever its first bytes say; else an image of another format is refused
 * Errors: ST_IO cannot be opened; ST_USAGE in use; ST_FORMAT not an image.  The text begins with @path.
 */
enum status disk_open(const char *path, bool readonly, bool raw, struct disk **out, struct err *e) MUST_CHECK;

struct blockdev *disk_blockdev(struct disk *d); /* NULL for NULL */

void disk_close(struct disk *d); /* accepts NULL */

#endif
