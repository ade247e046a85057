/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a .xo must look like, in the order in which its bytes become known: where things are, then the head, then one page record
 * after the other; and what nobody but a whole check looks at.  Reads no files.  Private to pcmap/xo_*.c.
 */
#ifndef ATHANOR_PCMAP_XO_CHECK_H
#define ATHANOR_PCMAP_XO_CHECK_H

#include "pcmap/xo_layout.h"

/* A file being checked.  Texts begin with @path and name the place.  */
struct xo_check {
	const char *path;
	uint64_t size;        /* of the file */
	struct xo_layout l;   /* by xo_check_layout */
	struct xo_view v;     /* by xo_check_head */
};

/* xo_check_layout - the first XO_NOTE_AT bytes of the file, or all there are.  Errors: ST_FORMAT.  */
enum status xo_check_layout(struct xo_check *c, const uint8_t *bytes, struct err *e) MUST_CHECK;

/* xo_check_head - @head: c->l.head bytes, 8-byte aligned; the view points into it.  Errors: ST_FORMAT, ST_STALE.  */
enum status xo_check_head(struct xo_check *c, const uint8_t *head, const struct xo_key *expect, struct err *e) MUST_CHECK;

/* xo_check_tables - page record @page, of which @t was read.  Errors: ST_FORMAT.  */
enum status xo_check_tables(const struct xo_check *c, uint32_t page, const struct xo_tables *t, struct err *e) MUST_CHECK;

/* xo_check_rest - what belongs to no page record, in the whole file @bytes, whose page records are good.  Errors: ST_FORMAT, ST_NOMEM.  */
enum status xo_check_rest(const struct xo_check *c, const uint8_t *bytes, struct err *e) MUST_CHECK;

#endif
