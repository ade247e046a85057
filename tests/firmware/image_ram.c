/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header.  */
#include "tests/firmware/image_ram.h"

#include <assert.h>
#include <string.h>

uint8_t image_ram[IMAGE_RAM_SIZE];

bool image_ram_holds(uint32_t va, uint32_t n)
{
	return va >= IMAGE_RAM && va - IMAGE_RAM < IMAGE_RAM_SIZE && n <= IMAGE_RAM_SIZE - (va - IMAGE_RAM);
}

static const char *check(uint32_t va, uint32_t n)
{
	assert(n > 0);
	return image_ram_holds(va, n) ? NULL : "no memory";
}

static const char *store(uint32_t va, const uint8_t *bytes, uint32_t n)
{
	const char *why = check(va, n);

	if (!why)
		memcpy(image_ram + (va - IMAGE_RAM), bytes, n);
	return why;
}

const struct image_sink image_ram_sink = { check, store };

enum image_state image_ram_feed(struct image *im, const uint32_t *raw, const uint8_t *bytes, uint32_t n, uint32_t step)
{
	memset(image_ram, 0xee, sizeof image_ram);
	image_open(im, &image_ram_sink, raw);
	for (uint32_t at = 0, m; at < n; at += m) {
		m = n - at < step ? n - at : step;
		image_feed(im, bytes + at, m);
	}
	return im->state;
}
