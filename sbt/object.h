/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From units to a .xo file.
 */
#ifndef ATHANOR_SBT_OBJECT_H
#define ATHANOR_SBT_OBJECT_H

#include "pcmap/xo.h"
#include "sbt/translate.h"

/**
 * object_write - write all units of @t
 * @key:  of the file
 * @size: length of the file in bytes
 * Errors: ST_NOMEM; ST_FULL; ST_IO (nothing is left behind); ST_INTERNAL a unit breaks its contract
 */
enum status object_write(const char *path, const struct xo_key *key, const struct image *img, const struct translation *t, uint64_t *size,
			 struct err *e) MUST_CHECK;

#endif
