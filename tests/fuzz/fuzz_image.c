/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Images for sbt: ELF, S-records, raw bytes, maps of symbols, and what discovery makes of them.
 * Input: format and byte order, 16 bits each of base and entry; length of the map; the map; the image.
 */
#include "tests/fuzz/fuzz.h"

#include "sbt/image.h"
#include "tests/fuzz/sbt_run.h"

void fuzz_image(const uint8_t *bytes, size_t size)
{
	static const enum image_format formats[] = { IMAGE_AUTO, IMAGE_ELF, IMAGE_SREC, IMAGE_RAW };
	struct fuzz_in in = { bytes, size };
	uint32_t how = fuzz_take(&in, 1);
	struct image_opts o = { .format = formats[how & 3], .big_endian = how & 4 };
	size_t map_size, image_size;
	const uint8_t *map, *image;
	struct err e = ERR_INIT;
	struct image img;
	enum status s;

	/* What a format says itself is refused: a line of code, and nothing behind it.  */
	o.has_base = o.format == IMAGE_RAW && !(how & 8);
	o.has_entry = o.format >= IMAGE_SREC && how & 16;
	o.base = fuzz_take(&in, 2) << 16;
	o.entry = o.base + (fuzz_take(&in, 2) << 2);
	map = fuzz_take_bytes(&in, fuzz_take(&in, 1), &map_size);
	image = fuzz_take_bytes(&in, in.left, &image_size);
	image_init(&img);
	s = image_load(&img, fuzz_file(0, image, image_size), &o, &e);
	if (s == ST_OK && map_size)
		s = image_symbols(&img, fuzz_file(1, map, map_size), &e);
	if (s == ST_OK)
		sbt_run(&img, how & 32 ? ISA_R1 : ISA_R2);
	else
		FUZZ_CHECK(e.text[0]);
	image_free(&img);
}
