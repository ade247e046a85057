/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening .xo files.  Host only: libcrypto.  What xo_open returns has been checked completely (SHA-256 over the file,
 * canonical layout, every count, offset, index, relocation and order), so that users of the view check nothing.
 * The file may change or vanish once it is open.
 */
#ifndef ATHANOR_PCMAP_XO_FILE_H
#define ATHANOR_PCMAP_XO_FILE_H

#include "base/err.h"
#include "pcmap/xo.h"

struct xo_file;

#define XO_FILE_MAX 0xf0000000ull /* offsets in the tables are 32 bits */

/**
 * xo_open - read a .xo and check all of it
 * @expect: key the file must fit (key_fill() with key_host_features()); NULL: any key of this format version
 * @out:    valid until xo_close(@owner)
 * Errors: ST_IO; ST_NOMEM; ST_FORMAT damaged or not a .xo; ST_STALE another key, the first differing field is named.
 * The text is "path: offset 0x...: reason" or "path: section: reason".
 * Cost:   one pass over the file, about 1 ms a MiB
 */
enum status xo_open(const char *path, const struct xo_key *expect, struct xo_view *out, struct xo_file **owner, struct err *e) MUST_CHECK;

/* xo_close - accepts NULL.  */
void xo_close(struct xo_file *f);

/* xo_check - the same for a file in memory, 8-byte aligned, that outlives @out.  @path is for messages.  */
enum status xo_check(const char *path, const uint8_t *bytes, size_t size, const struct xo_key *expect, struct xo_view *out,
		     struct err *e) MUST_CHECK;

#endif
