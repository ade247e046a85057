/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for which image becomes which disk, and for whether the board has a place for it.  */
#include "dbt-runtime/vm/drives.h"

_Static_assert(DRIVE_DISKS_MAX <= BOARD_DISKS_MAX, "a place for each");

static enum status open_flash(struct drives *d, const struct drive_option *o, const struct board_ops *board, struct err *e)
{
	enum status s;

	if (!board->pflash_size)
		return err_set(e, ST_USAGE, "board %s has no flash that can be kept in a file", board->name);
	s = disk_open(o->file, o->readonly, o->raw, &d->flash, e);
	if (s == ST_OK && disk_blockdev(d->flash)->size != board->pflash_size)
		s = err_set(e, ST_USAGE, "%s: %llu bytes; the flash of board %s has %llu; \"head -c %lluM /dev/zero | tr '\\0' '\\377' >FILE\" makes "
			"an erased one", o->file, (unsigned long long)disk_blockdev(d->flash)->size, board->name,
			(unsigned long long)board->pflash_size, (unsigned long long)(board->pflash_size >> 20));
	return s;
}

enum status drives_open(struct drives *d, const struct drive_options *o, const struct board_ops *board, struct err *e)
{
	enum status s = ST_OK;
	unsigned n = 0;

	for (unsigned i = 0; s == ST_OK && i < o->n; i++) {
		const struct drive_option *drive = &o->drive[i];

		if (drive->flash)
			s = open_flash(d, drive, board, e);
		else if (n < board->disks)
			s = disk_open(drive->file, drive->readonly, drive->raw, &d->disk[n++], e);
		else
			s = board->disks ? err_set(e, ST_USAGE, "%s: board %s takes at most %u disks", drive->file, board->name, board->disks) :
				err_set(e, ST_USAGE, "%s: board %s takes no disks", drive->file, board->name);
		if (s != ST_OK)
			err_context(e, drive->flash ? "-drive if=pflash" : "-drive");
	}
	return s;
}

void drives_close(struct drives *d)
{
	for (unsigned i = 0; i < BOARD_DISKS_MAX; i++)
		disk_close(d->disk[i]);
	disk_close(d->flash);
	*d = (struct drives){ .flash = NULL };
}
