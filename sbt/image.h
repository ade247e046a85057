/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What there is to translate: guest memory as the image files and profiles show it, and where code is known to begin.
 * Reads files; finds no code by itself.
 */
#ifndef ATHANOR_SBT_IMAGE_H
#define ATHANOR_SBT_IMAGE_H

#include "base/err.h"
#include "isa/block.h"
#include "pcmap/unit.h"

enum reason {
#define REASON(name, text) REASON_##name,
#include "sbt/reason.def"
#undef REASON
	REASON_COUNT
};

/* Bytes that stand at an address.  Sorted by address once image_finish has run; none overlaps another.  */
struct image_region {
	const char *path;
	gva at;
	uint32_t size;
	uint8_t *bytes;
	bool executable;
};

struct image_seed {
	gva at;
	enum reason reason;
};

/* One page that may hold code, as one source shows it.  */
struct image_page {
	gva page;
	uint32_t flags;                      /* UNIT_KERNEL | UNIT_MAPPED | UNIT_BE */
	bool from_image;                     /* else from a profile */
	uint8_t bytes[GUEST_PAGE_SIZE];
	page_bits code;                      /* words that are present and executable */
	uint32_t leaders[GUEST_PAGE_WORDS / 32]; /* from profiles */
	uint8_t sites[GUEST_PAGE_WORDS];
	uint32_t samples[GUEST_PAGE_WORDS];
};

struct image {
	bool loaded, big_endian;             /* loaded: big_endian is known */
	struct image_region *regions;
	unsigned nregions, regions_cap;
	struct image_seed *seeds;
	unsigned nseeds, seeds_cap;
	struct image_page *pages;            /* sorted by (page, flags), the image's first */
	unsigned npages, pages_cap;
	gva *user_sites;                     /* instructions that may fault on user addresses, from __ex_table */
	unsigned nuser_sites;
	gva gp;                              /* global pointer of position-independent code, 0: none */
};

enum image_format { IMAGE_AUTO, IMAGE_ELF, IMAGE_SREC, IMAGE_RAW };

struct image_opts {
	enum image_format format;
	bool big_endian;                     /* of formats that do not say */
	gva base, entry;                     /* raw; entry of S-records, too */
	bool has_base, has_entry, has_order;
};

void image_init(struct image *img);
void image_free(struct image *img);

/**
 * image_load - read an image file
 * @img: from image_init
 * Errors: ST_IO, ST_NOMEM, ST_FORMAT, ST_UNSUPPORTED, ST_USAGE (a raw image without base, or what the format says itself); the text
 *   begins with @path
 */
enum status image_load(struct image *img, const char *path, const struct image_opts *o, struct err *e) MUST_CHECK;

/* image_symbols - seeds from a map file: lines "address type name" as of nm; types T, t, W, w count.  */
enum status image_symbols(struct image *img, const char *path, struct err *e) MUST_CHECK;

/**
 * image_profile - add what a run taught
 * @rev: in: needed ISA release, 0: not yet known; out: the profile's
 * Errors: as profile_read; ST_STALE another release or byte order than the rest
 */
enum status image_profile(struct image *img, const char *path, unsigned *rev, struct err *e) MUST_CHECK;

/* image_finish - all is loaded: make pages of regions, let profile and image pages share what is equal, and sort.
   Errors: ST_FORMAT regions overlap; ST_NOMEM.  */
enum status image_finish(struct image *img, struct err *e) MUST_CHECK;

/* image_word - the word at @at in host order, from regions; false: not there.  */
bool image_word(const struct image *img, gva at, insn_word *out);

/* image_page_first - index of the first page record at @page or above; npages: none.  */
unsigned image_page_first(const struct image *img, gva page);

/* image_mode - UNIT_KERNEL and UNIT_MAPPED as code at @at runs.  */
uint32_t image_mode(gva at);

/* image_page_words - a page's words in host order.  */
void image_page_words(const struct image *img, const struct image_page *p, insn_word words[GUEST_PAGE_WORDS]);

/* For image_file.c.  @path is borrowed for the life of @img.  */
enum status image_region_add(struct image *img, const char *path, gva at, const uint8_t *bytes, size_t size, bool executable,
			     struct err *e) MUST_CHECK;
enum status image_seed_add(struct image *img, gva at, enum reason reason, struct err *e) MUST_CHECK;

#endif
