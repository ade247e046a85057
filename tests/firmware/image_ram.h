/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The memory that images of the boot monitor are loaded into on the build machine: a little of it, and nothing beside it.
 */
#ifndef ATHANOR_TESTS_FIRMWARE_IMAGE_RAM_H
#define ATHANOR_TESTS_FIRMWARE_IMAGE_RAM_H

#include "firmware/image.h"

#define IMAGE_RAM 0x80100000u
#define IMAGE_RAM_SIZE 0x8000u

extern uint8_t image_ram[IMAGE_RAM_SIZE];
extern const struct image_sink image_ram_sink;

/* image_ram_holds - is all of [va, va + n) there?  */
bool image_ram_holds(uint32_t va, uint32_t n);

/* image_ram_feed - all of @bytes in pieces of @step, into memory of 0xee; image_close is the caller's.  @raw: as for image_open.  */
enum image_state image_ram_feed(struct image *im, const uint32_t *raw, const uint8_t *bytes, uint32_t n, uint32_t step);

#endif
