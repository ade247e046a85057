/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flash contents that outlive the machine: read from a block device once, written back soon after the guest has changed them.  */
#ifndef ATHANOR_DEV_FLASH_IMAGE_H
#define ATHANOR_DEV_FLASH_IMAGE_H

#include "dbt-runtime/dev/blockdev.h"
#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/mem/map.h"

#define FLASH_IMAGE_UNIT 4096u
#define FLASH_IMAGE_MAX 0x2000000u
#define FLASH_IMAGE_DELAY_NS (NS_PER_S / 10) /* of guest time, from a change to its being written */

struct flash_image {
	const char *name;      /* of the flash, for messages */
	const struct mem_flash *array;
	struct blockdev *file; /* NULL: erased, and not kept */
	uint64_t at;           /* of this flash's first byte in it */
	uint32_t size;
	struct timer timer;
	bool told;             /* that something is not kept */
	bool written;          /* since the last flush */
	uint32_t changed[FLASH_IMAGE_MAX / FLASH_IMAGE_UNIT / 32];
};

/* flash_image_init - @size: a multiple of FLASH_IMAGE_UNIT, at most FLASH_IMAGE_MAX.  @array, @file and @clock are borrowed.  */
void flash_image_init(struct flash_image *f, const char *name, const struct mem_flash *array, uint32_t size, struct blockdev *file,
		      uint64_t at, struct clock *clock);

/* flash_image_load - fill the array, once it is there.  Errors: ST_USAGE the device is too small; ST_HOST.  */
enum status flash_image_load(struct flash_image *f, struct err *e) MUST_CHECK;

/* flash_image_changed - the guest has programmed or erased something.  Never fails: what cannot be kept is logged, once.  */
void flash_image_changed(struct flash_image *f, uint32_t off, uint32_t len);

/* flash_image_save - write what is not written yet.  What cannot be written is tried again the next time.  */
void flash_image_save(struct flash_image *f);

/* flash_image_fini - the same, and let the host put it on stable storage.  */
void flash_image_fini(struct flash_image *f);

#endif
