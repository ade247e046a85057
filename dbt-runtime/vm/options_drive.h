/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -drive and -pflash: images behind a board's disks and flash.  QEMU's syntax.  */
#ifndef ATHANOR_VM_OPTIONS_DRIVE_H
#define ATHANOR_VM_OPTIONS_DRIVE_H

#include "base/err.h"
#include "base/opts.h"
#include "base/types.h"

#define DRIVE_DISKS_MAX 3u
#define DRIVES_MAX (DRIVE_DISKS_MAX + 1u) /* and one flash */

struct drive_option {
	char file[OPTS_VALUE_MAX];
	bool flash;          /* else a disk */
	bool readonly;
	bool raw;            /* the format was given */
};

struct drive_options { struct drive_option drive[DRIVES_MAX]; unsigned n; };

/* drive_option_add - "file=F[,format=raw][,if=virtio|pflash][,readonly=on|off]", see opts_pair_next.  Errors: ST_USAGE,
   ST_UNSUPPORTED; the text begins with the option.  */
enum status drive_option_add(struct drive_options *o, const char *value, struct err *e) MUST_CHECK;

/* drive_option_add_flash - the value of -pflash: a file name, taken as it is.  */
enum status drive_option_add_flash(struct drive_options *o, const char *file, struct err *e) MUST_CHECK;

/* drive_options_flash - is one of them the flash?  */
bool drive_options_flash(const struct drive_options *o);

#endif
