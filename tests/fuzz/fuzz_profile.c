/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Profiles: as they are, and with length, counts and checksums made right; then what sbt makes of them.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "pcmap/profile.h"
#include "sbt/image.h"
#include "tests/fuzz/sbt_run.h"

#define HEADER 40u
#define RECORD_FIXED 16u
#define BITMAP (GUEST_PAGE_WORDS / 8u)

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get(const uint8_t *p, unsigned n)
{
	struct fuzz_in in = { p, n };

	return fuzz_take(&in, n);
}

/* Length that the record's own counts ask for.  */
static size_t record_length(const uint8_t *r)
{
	return RECORD_FIXED + 2 * get(r + 8, 2) + 4 * get(r + 10, 2) + 4 * get(r + 12, 2) + BITMAP + 4 * get(r + 14, 2);
}

/* As many whole records as there are, each as long as its counts say.  Returns the new size.  */
static size_t mend(uint8_t *p, size_t size)
{
	size_t at = HEADER;
	uint32_t records = 0;

	if (size < HEADER)
		return size;
	while (size - at >= 8 + RECORD_FIXED && record_length(p + at + 8) <= size - at - 8) {
		uint32_t n = (uint32_t)record_length(p + at + 8);

		put32(p + at, n);
		put32(p + at + 4, fuzz_crc32(p + at + 8, n));
		at += 8 + n;
		records++;
	}
	memcpy(p, "ATHANORP", 8);
	put32(p + 8, PROFILE_VERSION);
	put32(p + 12, 1 + (p[12] & 1));
	put32(p + 16, records);
	put32(p + 24, (uint32_t)at);
	put32(p + 28, 0);
	put32(p + 36, fuzz_crc32(p, 36));
	return at;
}

static void check_profile(const struct profile *p)
{
	for (unsigned i = 0; i < p->npages; i++) {
		FUZZ_CHECK(!(p->pages[i].page & GUEST_PAGE_MASK));
		FUZZ_CHECK(!i || p->pages[i - 1].page <= p->pages[i].page);
	}
}

static void use(const uint8_t *bytes, size_t size)
{
	struct err e = ERR_INIT;
	unsigned rev = 0, n;
	struct profile p;
	struct image img;

	if (profile_parse("profile", bytes, size, &p, &e) != ST_OK) {
		FUZZ_CHECK(e.text[0] && !p.npages && !p.pages);
		return;
	}
	check_profile(&p);
	n = p.npages;
	profile_sort(&p);
	FUZZ_CHECK(p.npages == n);
	profile_free(&p);
	image_init(&img);
	if (image_profile(&img, fuzz_file(0, bytes, size), &rev, &e) == ST_OK)
		sbt_run(&img, rev == 1 ? ISA_R1 : ISA_R2);
	else
		FUZZ_CHECK(e.text[0]);
	image_free(&img);
}

void fuzz_profile(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size + 1);

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, bytes, size);
	use(copy, size);
	use(copy, mend(copy, size));
	free(copy);
}
