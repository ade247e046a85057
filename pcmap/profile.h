/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Profile files: what runs taught, for sbt.  Host only.
 *
 * A header (magic, version, ISA release, number of records, length), then one record a page (struct profile_page, zeros left out), sorted
 * by address, mode and contents; header and records carry a CRC-32.  All numbers are little-endian.
 * Records with equal address, mode and contents are one: leaders and sites are united, samples added.
 */
#ifndef ATHANOR_PCMAP_PROFILE_H
#define ATHANOR_PCMAP_PROFILE_H

#include "base/err.h"
#include "pcmap/profile_page.h"

#define PROFILE_VERSION 1u
#define PROFILE_PAGES_MAX 32768u /* of one file: the coldest of earlier runs make room */

struct profile {
	enum isa_rev rev;            /* of the processor that ran */
	struct profile_page *pages;  /* sorted after profile_read and profile_sort */
	unsigned npages, cap;
};

#define PROFILE_INIT(r) { .rev = (r) }

/**
 * profile_read - read and check a whole profile
 * @out: release with profile_free; empty on failure
 * Errors: ST_IO; ST_NOMEM; ST_FORMAT cut short or damaged: "path: offset 0x...: reason"; ST_STALE another version
 */
enum status profile_read(const char *path, struct profile *out, struct err *e) MUST_CHECK;

/* profile_parse - the same for bytes in memory; @path is for messages.  */
enum status profile_parse(const char *path, const uint8_t *bytes, size_t size, struct profile *out, struct err *e) MUST_CHECK;

/* profile_free - accepts an empty one.  */
void profile_free(struct profile *p);

/* profile_add - append a copy of @page.  Errors: ST_NOMEM.  */
enum status profile_add(struct profile *p, const struct profile_page *page, struct err *e) MUST_CHECK;

/* profile_sort - sort, and unite equal pages.  */
void profile_sort(struct profile *p);

/**
 * profile_write - merge @p into the file, making it if it is not there
 * Sorts @p and adds what the file held.  Temporary file, fsync, rename.
 * Errors: as profile_read for an existing file (which is left alone); ST_STALE it is for another ISA release; ST_IO
 */
enum status profile_write(const char *path, struct profile *p, struct err *e) MUST_CHECK;

#endif
