/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The images of a machine: its disks and its flash.  */
#ifndef ATHANOR_VM_DRIVES_H
#define ATHANOR_VM_DRIVES_H

#include "dbt-runtime/board/board.h"
#include "dbt-runtime/vm/disk.h"
#include "dbt-runtime/vm/options_drive.h"

struct drives { struct disk *disk[BOARD_DISKS_MAX], *flash; };

/**
 * drives_open - check that the board takes what was given, and open it
 * @o: borrowed until drives_close
 * Errors: ST_USAGE, and those of disk_open; the text begins with the option.  What is open then is for drives_close all the same.
 */
enum status drives_open(struct drives *d, const struct drive_options *o, const struct board_ops *board, struct err *e) MUST_CHECK;
void drives_close(struct drives *d); /* accepts a zeroed one */

#endif
