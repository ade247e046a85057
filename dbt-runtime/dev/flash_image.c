/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for which parts of a flash have changed, and for when they are written.  Not for what changes them.
 * The guest never waits for, and never notices, what becomes of the file.
 */
#include "dbt-runtime/dev/flash_image.h"

#include <string.h>

#include "base/log.h"

#define LOAD_UNITS 16u

static void tell(struct flash_image *f, const char *why)
{
	if (!f->told)
		log_warn("%s: what the guest changes is not kept: %s", f->name, why);
	f->told = true;
}

static bool changed(const struct flash_image *f, uint32_t unit) { return f->changed[unit / 32] >> unit % 32 & 1; }

static void fire(void *opaque) { flash_image_save(opaque); }

void flash_image_init(struct flash_image *f, const char *name, const struct mem_flash *array, uint32_t size, struct blockdev *file,
		      uint64_t at, struct clock *clock)
{
	*f = (struct flash_image){ .name = name, .array = array, .file = file, .at = at, .size = size };
	timer_init(&f->timer, clock, fire, f);
}

/* What is erased in the file is so already, and needs no memory.  */
static void take(struct flash_image *f, uint32_t off, const uint8_t *unit)
{
	if (unit[0] != 0xff || memcmp(unit, unit + 1, FLASH_IMAGE_UNIT - 1) != 0)
		memcpy(mem_flash_bytes(f->array, off, FLASH_IMAGE_UNIT), unit, FLASH_IMAGE_UNIT);
}

enum status flash_image_load(struct flash_image *f, struct err *e)
{
	uint8_t part[LOAD_UNITS * FLASH_IMAGE_UNIT];
	enum status s = ST_OK;

	if (!f->file)
		return ST_OK;
	if (f->file->size < f->at || f->file->size - f->at < f->size)
		return err_set(e, ST_USAGE, "%s: %s has %llu bytes, not %llu", f->name, f->file->name, (unsigned long long)f->file->size,
			(unsigned long long)(f->at + f->size));
	for (uint32_t off = 0, n; s == ST_OK && off < f->size; off += n) {
		n = f->size - off < sizeof part ? f->size - off : sizeof part;
		s = f->file->ops->read(f->file, f->at + off, part, n, e);
		for (uint32_t i = 0; s == ST_OK && i < n; i += FLASH_IMAGE_UNIT)
			take(f, off + i, part + i);
	}
	return s;
}

void flash_image_changed(struct flash_image *f, uint32_t off, uint32_t len)
{
	if (!f->file)
		return;
	if (f->file->readonly) {
		tell(f, "the file is read-only");
		return;
	}
	for (uint32_t unit = off / FLASH_IMAGE_UNIT; unit <= (off + len - 1) / FLASH_IMAGE_UNIT; unit++)
		f->changed[unit / 32] |= 1u << unit % 32;
	if (!f->timer.armed)
		timer_set(&f->timer, clock_now(f->timer.clock) + FLASH_IMAGE_DELAY_NS);
}

/* Write @n units; they stay marked if that fails.  */
static void save_units(struct flash_image *f, uint32_t unit, uint32_t n)
{
	struct err e = ERR_INIT;
	uint32_t off = unit * FLASH_IMAGE_UNIT, len = n * FLASH_IMAGE_UNIT;

	if (f->file->ops->write(f->file, f->at + off, mem_flash_bytes(f->array, off, len), len, &e) != ST_OK) {
		tell(f, e.text);
		return;
	}
	f->written = true;
	for (uint32_t i = unit; i < unit + n; i++)
		f->changed[i / 32] &= ~(1u << i % 32);
}

void flash_image_save(struct flash_image *f)
{
	uint32_t units = f->file ? f->size / FLASH_IMAGE_UNIT : 0;

	timer_cancel(&f->timer);
	for (uint32_t unit = 0, n; unit < units; unit += n ? n : 1) {
		for (n = 0; unit + n < units && changed(f, unit + n); n++)
			;
		if (n)
			save_units(f, unit, n);
	}
}

void flash_image_fini(struct flash_image *f)
{
	struct err e = ERR_INIT;

	flash_image_save(f);
	if (f->written && f->file->ops->flush(f->file, &e) != ST_OK)
		tell(f, e.text);
	f->written = false;
}
