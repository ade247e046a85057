/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening and reading .xo files.  Host only.
 *
 * Opening reads and checks the head; a page record is read and checked when it is asked for.  So opening costs what the number of
 * pages costs, and not the size of the file; and a file that is damaged somewhere is found to be when that place is used.  What is
 * handed out has been checked completely (checksum, every count, offset, index, relocation and order), so that its users check nothing.
 * The file may change, become shorter or vanish while it is open: what has been handed out is memory of this process.
 */
#ifndef ATHANOR_PCMAP_XO_FILE_H
#define ATHANOR_PCMAP_XO_FILE_H

#include "base/err.h"
#include "pcmap/xo.h"

struct xo_file;

#define XO_FILE_MAX 0xf0000000ull /* offsets in the tables are 32 bits */

/**
 * xo_open - open a .xo and check its head
 * @expect: key the file must fit (key_fill() with key_host_features()); NULL: any key of this format version
 * @out:    valid until xo_close(@owner)
 * Errors: ST_IO; ST_NOMEM; ST_FORMAT damaged or not a .xo; ST_STALE another key, the first differing field is named.
 * The text is "path: offset 0x...: reason" or "path: section: reason".
 */
enum status xo_open(const char *path, const struct xo_key *expect, struct xo_view *out, struct xo_file **owner, struct err *e) MUST_CHECK;

/* xo_open_memory - the same for a file in memory, 8-byte aligned, that outlives @owner.  @path is for messages.  */
enum status xo_open_memory(const char *path, const uint8_t *bytes, uint64_t size, const struct xo_key *expect, struct xo_view *out,
			   struct xo_file **owner, struct err *e) MUST_CHECK;

/* xo_open_whole - the same, and what xo_check checks: nothing in the file is bad.  Costs what the size of the file costs.  */
enum status xo_open_whole(const char *path, struct xo_view *out, struct xo_file **owner, struct err *e) MUST_CHECK;

/* xo_close - accepts NULL.  */
void xo_close(struct xo_file *f);

/**
 * xo_read - read a page record and check it
 * @page: its index in the view
 * @out:  valid until the next xo_read or xo_close of @f
 * Errors: ST_IO; ST_NOMEM; ST_FORMAT damaged, or shorter than it was when it was opened
 * Cost:   one pass over the record, some 15 us for a full page
 */
enum status xo_read(struct xo_file *f, uint32_t page, struct xo_tables *out, struct err *e) MUST_CHECK;

/* xo_check - head, all page records, and what belongs to none of them, of a file in memory.  Errors: those of xo_open and xo_read.  */
enum status xo_check(const char *path, const uint8_t *bytes, uint64_t size, const struct xo_key *expect, struct err *e) MUST_CHECK;

#endif
