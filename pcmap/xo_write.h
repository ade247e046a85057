/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making .xo files.  The builder copies what it is given; equal input in any page order gives equal bytes.
 */
#ifndef ATHANOR_PCMAP_XO_WRITE_H
#define ATHANOR_PCMAP_XO_WRITE_H

#include "base/err.h"
#include "pcmap/xo.h"

struct xo_builder;

/* xo_builder_create - @key is copied.  Errors: ST_NOMEM.  */
enum status xo_builder_create(const struct xo_key *key, struct xo_builder **out, struct err *e) MUST_CHECK;
void xo_builder_destroy(struct xo_builder *b); /* accepts NULL */

/**
 * xo_builder_page - begin a page record
 * @flags: UNIT_KERNEL | UNIT_MAPPED | UNIT_BE
 * @bytes: 4096 guest bytes, as in guest memory
 * @sites: 1024 of enum site_flag, what its units were translated with; NULL: none
 * A page that gets no unit is left out of the file.
 */
enum status xo_builder_page(struct xo_builder *b, gva page, uint32_t flags, const uint8_t *bytes, const uint8_t *sites,
			    struct err *e) MUST_CHECK;

/**
 * xo_builder_unit - add a unit to the page begun last
 * Order is kept: where two units of a page have an entry for the same word, the engine takes the first.
 * Errors: ST_NOMEM; ST_FULL beyond what 32-bit offsets reach; ST_INTERNAL the unit breaks the contract of pcmap/unit.h
 */
enum status xo_builder_unit(struct xo_builder *b, const struct unit *u, struct err *e) MUST_CHECK;

/* xo_builder_image - the finished file in memory; free() it.  Checked with xo_check.
   Nothing can be added to @b afterwards.  */
enum status xo_builder_image(struct xo_builder *b, uint8_t **bytes, size_t *size, struct err *e) MUST_CHECK;

/* xo_builder_write - write it: temporary file, fsync, rename; on failure nothing is left behind.  *size: bytes of it.  */
enum status xo_builder_write(struct xo_builder *b, const char *path, uint64_t *size, struct err *e) MUST_CHECK;

#endif
