/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the basic command set of Intel StrataFlash (JEDEC JEP137 command set 1, JESD68.01 query): array, identifier,
 * query, status, word program, block erase.  Both chips are taken to be commanded alike.  No lock bits, no write buffer.
 * The contents are not kept between runs.
 */
#include "dbt-runtime/dev/cfi_flash.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define BLOCK 0x20000u /* 64 KiB of each chip */
enum { READY = 0x80, ERASE_ERROR = 0x20, PROGRAM_ERROR = 0x10 };

static struct cfi_flash *self(struct dev *d) { return (struct cfi_flash *)d; }

static uint16_t query_word(const struct cfi_flash *f, unsigned n)
{
	uint32_t chip = f->dev.io.span / 2;
	unsigned blocks = f->dev.io.span / BLOCK;

	switch (n) {
	case 0x10: return 'Q';
	case 0x11: return 'R';
	case 0x12: return 'Y';
	case 0x13: return 1;          /* Intel command set */
	case 0x15: return 0x31;       /* primary table */
	case 0x1b: return 0x27;       /* Vcc 2.7 to 3.6 V */
	case 0x1c: return 0x36;
	case 0x1f: return 4;          /* 16 us a word, 1 s a block, at most 16 times that */
	case 0x21: return 10;
	case 0x23: return 4;
	case 0x25: return 4;
	case 0x27: return (uint16_t)__builtin_ctz(chip);
	case 0x28: return 1;          /* x16 */
	case 0x2c: return 1;          /* one region */
	case 0x2d: return (uint16_t)((blocks - 1) & 0xff);
	case 0x2e: return (uint16_t)((blocks - 1) >> 8);
	case 0x30: return BLOCK / 2 / 256 >> 8;
	case 0x2f: return BLOCK / 2 / 256 & 0xff;
	case 0x31: return 'P';
	case 0x32: return 'R';
	case 0x33: return 'I';
	case 0x34: return '1';
	case 0x35: return '0';
	default: return 0;
	}
}

static uint16_t id_word(unsigned n) { return n == 0 ? 0x0089 : n == 1 ? 0x0017 : 0; /* Intel; 32 Mbit */ }

/* One 16-bit word of what the chips drive; address bit 1 chooses the chip.  */
static uint16_t word(const struct cfi_flash *f, uint32_t off)
{
	switch (f->mode) {
	case CFI_STATUS:
		return f->status;
	case CFI_ID:
		return id_word(off >> 2);
	case CFI_QUERY:
		return query_word(f, off >> 2);
	case CFI_ARRAY:
		break;
	}
	if (!f->array)
		return 0xffff;
	return (uint16_t)(f->array[off] | f->array[off + 1] << 8);
}

static uint32_t cfi_read(struct dev *d, uint32_t off, unsigned width)
{
	const struct cfi_flash *f = self(d);
	uint32_t low = word(f, off & ~1u);

	if (width == 1)
		return off & 1 ? low >> 8 : low & 0xff;
	return width == 2 ? low : low | (uint32_t)word(f, off + 2) << 16;
}

static bool have_array(struct cfi_flash *f)
{
	if (!f->array) {
		f->array = malloc(f->dev.io.span);
		if (f->array)
			memset(f->array, 0xff, f->dev.io.span);
	}
	return f->array != NULL;
}

static void second_write(struct cfi_flash *f, uint32_t off, unsigned width, uint32_t val)
{
	uint8_t command = f->command;

	f->command = 0;
	f->mode = CFI_STATUS;
	if (command == 0x60)
		return; /* lock, unlock: there are no lock bits */
	if (command == 0x20) {
		if ((val & 0xff) != 0xd0)
			f->status |= ERASE_ERROR | PROGRAM_ERROR; /* command sequence error */
		else if (f->array)
			memset(f->array + (off & ~(BLOCK - 1)), 0xff, BLOCK);
		return;
	}
	if (!have_array(f)) {
		f->status |= PROGRAM_ERROR;
		return;
	}
	for (unsigned i = 0; i < width; i++)
		f->array[off + i] &= (uint8_t)(val >> (8 * i)); /* programming only clears bits */
}

static void cfi_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct cfi_flash *f = self(d);

	if (f->command) {
		second_write(f, off, width, val);
		return;
	}
	switch (val & 0xff) {
	case 0x10: case 0x20: case 0x40: case 0x60:
		f->command = (uint8_t)val;
		f->mode = CFI_STATUS;
		break;
	case 0x50:
		f->status = READY;
		break;
	case 0x70:
		f->mode = CFI_STATUS;
		break;
	case 0x90:
		f->mode = CFI_ID;
		break;
	case 0x98:
		f->mode = CFI_QUERY;
		break;
	case 0xff:
	case 0xf0:
		f->mode = CFI_ARRAY;
		break;
	default:
		log_line(LOG_unimp, "%s: command 0x%x", d->name, val);
		break;
	}
}

static void cfi_reset(struct dev *d, enum reset_kind kind)
{
	struct cfi_flash *f = self(d);

	(void)kind;
	f->mode = CFI_ARRAY;
	f->status = READY;
	f->command = 0;
}

static void cfi_fini(struct dev *d)
{
	free(self(d)->array);
	self(d)->array = NULL;
}

static const struct dev_ops ops = {
	.kind = "cfi-flash", .span = 0x400000, .widths = 1 | 2 | 4, .order = IO_LITTLE,
	.read = cfi_read, .write = cfi_write, .reset = cfi_reset, .fini = cfi_fini,
};

void cfi_flash_init(struct cfi_flash *f, const char *name, uint32_t size)
{
	*f = (struct cfi_flash){ .status = READY };
	dev_init(&f->dev, &ops, name, NULL);
	f->dev.io.span = size;
}
