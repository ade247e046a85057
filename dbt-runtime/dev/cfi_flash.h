/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parallel NOR flash with Intel's command set: two 16-bit chips side by side on a 32-bit bus.  */
#ifndef ATHANOR_DEV_CFI_FLASH_H
#define ATHANOR_DEV_CFI_FLASH_H

#include "dbt-runtime/dev/dev.h"

enum cfi_mode { CFI_ARRAY, CFI_STATUS, CFI_ID, CFI_QUERY };

struct cfi_flash {
	struct dev dev;
	uint8_t *array;          /* NULL: all erased */
	uint8_t status;          /* of both chips */
	uint8_t command;         /* whose second write comes next; 0: none */
	enum cfi_mode mode;
};

/* cfi_flash_init - @size: bytes, a power of two from 128 KiB to 64 MiB.  */
void cfi_flash_init(struct cfi_flash *f, const char *name, uint32_t size);

#endif
