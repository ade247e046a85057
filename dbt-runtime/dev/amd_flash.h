/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bank of parallel NOR flash with AMD's command set: two 16-bit chips side by side on a 32-bit bus.  The board gives it memory with
 * mem_add_flash; a board with several banks has one of these for each.
 */
#ifndef ATHANOR_DEV_AMD_FLASH_H
#define ATHANOR_DEV_AMD_FLASH_H

#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/flash_image.h"
#include "dbt-runtime/mem/map.h"

#define AMD_FLASH_BLOCK 0x40000u /* what is erased at once: 128 KiB of each chip */
#define AMD_FLASH_CHIPS 2u

/* What a read finds.  */
enum amd_mode { AMD_ARRAY, AMD_AUTOSELECT, AMD_QUERY };

/* What has come of a command so far.  */
enum amd_cycle { AMD_READY, AMD_UNLOCK, AMD_UNLOCKED, AMD_PROGRAM, AMD_ERASE, AMD_ERASE_UNLOCK, AMD_ERASE_UNLOCKED };

struct amd_chip {
	enum amd_mode mode;
	enum amd_cycle cycle;
};

struct amd_flash {
	struct dev dev;
	bool big_endian;
	struct mem_flash array;      /* filled by mem_add_flash */
	struct amd_chip chip[AMD_FLASH_CHIPS]; /* the first has the lower addresses */
	bool asked;                  /* reads come to the device: not both chips read as arrays */
	struct flash_image image;
};

struct amd_flash_cfg {
	const char *name;
	bool big_endian;             /* the processor's byte order, in which its bus is wired to the chips */
	uint32_t size;               /* bytes, both chips: a power of two from AMD_FLASH_BLOCK to FLASH_IMAGE_MAX */
	struct clock *clock;
	struct blockdev *image;      /* NULL: erased, and not kept */
	uint64_t image_at;           /* this bank's first byte in it */
};

void amd_flash_init(struct amd_flash *f, const struct amd_flash_cfg *cfg);

/* amd_flash_load - the contents, once the map is frozen.  Errors: as flash_image_load.  */
enum status amd_flash_load(struct amd_flash *f, struct err *e) MUST_CHECK;

#endif
