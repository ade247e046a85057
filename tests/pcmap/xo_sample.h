/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small .xo for tests: three page records, four units, every kind of relocation, two sites.  And making the checksums of a file fit
 * again.
 */
#ifndef ATHANOR_TESTS_PCMAP_XO_SAMPLE_H
#define ATHANOR_TESTS_PCMAP_XO_SAMPLE_H

#include "pcmap/xo_write.h"

#define SAMPLE_PAGE 0x80100000u
#define SAMPLE_USER 0x00400000u

void sample_key(struct xo_key *k);

/* Make the file in memory; pages are added in reverse order if @reversed.  Fails the test on error.  free() the result.  */
uint8_t *sample_make(bool reversed, size_t *size);

/* A builder with one kernel page begun, and a unit that fits it.  */
struct xo_builder *sample_builder(struct unit *u);

/* Make the checksums of a file fit what is in it, so far as it says where things are.  @bytes is 8-byte aligned.  */
void sample_seal(uint8_t *bytes, size_t size);

#endif
