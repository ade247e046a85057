/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Program images as they come in, piece by piece, from wherever they come: S-records, ELF files, or bytes as they are.  The format is
 * known from the first byte.  Nothing is kept of an image but what its format needs, so its size does not matter.  An image is hostile:
 * every address it names is asked for before it is written.  Knows nothing of sources, nor of what lies at an address.
 */
#ifndef ATHANOR_FIRMWARE_IMAGE_H
#define ATHANOR_FIRMWARE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_ELF_HEAD 1024u  /* an ELF file's headers end before */
#define IMAGE_ELF_SEGMENTS 16u

/* Both return NULL, or why not.  @n > 0; an address range may wrap or be nonsense in any other way.  */
struct image_sink {
	const char *(*check)(uint32_t va, uint32_t n);
	const char *(*store)(uint32_t va, const uint8_t *bytes, uint32_t n); /* checks as well */
};

enum image_state { IMAGE_MORE, IMAGE_DONE, IMAGE_BAD };

struct image_srec {
	uint8_t type;            /* '0' to '9'; 0: between records; 'S': that has come, the type has not */
	/* Count, address, data, checksum.  The three bytes before them let the data of S3 records begin with a word.  */
	uint8_t unused[3] __attribute__((aligned(4))), bytes[256];
	unsigned sum;            /* of the bytes; the lower 8 bits count */
	unsigned have, want;     /* bytes come, bytes known to belong to the record */
	unsigned half;           /* the first digit of a byte, if it has come alone */
	uint32_t record, carriers; /* records begun, of all types; with data */
};

struct image_elf {
	uint8_t head[IMAGE_ELF_HEAD];
	uint32_t have, want;     /* bytes of head come, and needed */
	bool parsed;
	unsigned nsegments;
	struct { uint32_t offset, va, filesz, memsz; } segments[IMAGE_ELF_SEGMENTS];
	uint32_t end;            /* of what is loaded, in the file */
};

struct image {
	const struct image_sink *sink;
	enum image_state state;
	const char *format;      /* "SREC", "ELF", "BIN"; NULL: nothing has come */
	uint32_t entry;
	uint32_t low, high;      /* first and last address written; low > high: none */
	uint32_t at;             /* bytes taken; in "BIN", they go to entry + at */
	/* What is wrong: "S-record 17: reason (address)".  */
	const char *why, *unit;
	uint32_t place, address;
	bool has_address;
	struct image_srec srec;
	struct image_elf elf;
};

/* image_open - @raw: bytes as they are, to @address; NULL for an image that knows.  */
void image_open(struct image *im, const struct image_sink *sink, const uint32_t *raw);

/* image_feed - take the next @n bytes.  What comes behind the end of an image is ignored; nothing is taken after IMAGE_BAD.  */
enum image_state image_feed(struct image *im, const uint8_t *bytes, uint32_t n);

/* image_close - no more bytes come: IMAGE_DONE or IMAGE_BAD.  */
enum image_state image_close(struct image *im);

/* For the formats.  image_put: store, and note the range.  image_fail: the place is set by the format.  */
enum image_state image_put(struct image *im, uint32_t va, const uint8_t *bytes, uint32_t n);
enum image_state image_fail(struct image *im, const char *why);
enum image_state image_fail_at(struct image *im, const char *why, uint32_t address);
enum image_state image_srec_feed(struct image *im, const uint8_t *bytes, uint32_t n);
enum image_state image_elf_feed(struct image *im, const uint8_t *bytes, uint32_t n);

#endif
