/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands of AMD's NOR flash (JEDEC JEP137 command set 2, JESD68.01 query): array, autoselect, query, word program,
 * sector and chip erase.  Not for keeping the contents (flash_image.c), which are the memory map's.
 *
 * The model is an S29GL128N in word mode, but with one size of sector and no write buffer.  Every operation is complete at once, so that
 * toggle bits stand still and data polling finds the data; hence nothing can be suspended, and more sectors for an erase need more
 * commands.  No sector protection, no unlock bypass, no status register.
 *
 * Each chip hears what is on its 16 data lines: a 32-bit write commands both, a 16-bit write one.  Only the low byte is a command.  The
 * half of a chip's lines that a byte write leaves alone reads as ones: programmed, it changes nothing; as a command, 0xff is a reset.
 * A write that is no step of any command is a reset, too.
 */
#include "dbt-runtime/dev/amd_flash.h"

#include "base/log.h"

#define UNLOCK_MASK 0x7ffu /* address lines a chip looks at in unlock cycles, and for a query */
#define QUERY_MASK 0xffu

static struct amd_flash *self(struct dev *d) { return (struct amd_flash *)d; }

/* --- what reads find --- */

/* By word address.  Times are as short as they can be told: drivers sleep that long.  */
static const uint8_t query[] = {
	[0x10] = 'Q', 'R', 'Y', 2, 0, 0x40, 0, /* AMD's command set, with a table at 0x40 */
	[0x1b] = 0x27, 0x36,    /* Vcc 2.7 to 3.6 V */
	[0x1f] = 1, 0, 1, 0,    /* typically 2 us a word and 2 ms a sector; no write buffer, no time for a chip */
	[0x23] = 1, 0, 1, 0,    /* at most twice that */
	[0x28] = 1, 0, 0, 0,    /* x16; no write buffer */
	[0x2c] = 1,             /* one region of sectors */
	[0x2f] = AMD_FLASH_BLOCK / AMD_FLASH_CHIPS / 256 & 0xff, AMD_FLASH_BLOCK / AMD_FLASH_CHIPS / 256 >> 8,
	[0x40] = 'P', 'R', 'I', '1', '3',
	[0x4f] = 4,             /* sectors are alike */
};

static uint16_t query_word(const struct amd_flash *f, uint32_t n)
{
	uint32_t sectors = f->dev.io.span / AMD_FLASH_BLOCK;

	switch (n) {
	case 0x27: return (uint16_t)__builtin_ctz(f->dev.io.span / AMD_FLASH_CHIPS);
	case 0x2d: return (uint16_t)((sectors - 1) & 0xff);
	case 0x2e: return (uint16_t)((sectors - 1) >> 8);
	default: return n < sizeof query ? query[n] : 0;
	}
}

static uint16_t id_word(uint32_t n)
{
	switch (n) {
	case 0x00: return 0x0001; /* AMD */
	case 0x01: return 0x227e;
	case 0x0e: return 0x2221; /* 128 Mbit */
	case 0x0f: return 0x2201;
	default: return 0;        /* 2: the sector is not protected */
	}
}

/* A chip's 16 lines from, or to, two bytes with the lower address first.  */
static uint16_t lines(const struct amd_flash *f, uint16_t bytes) { return f->big_endian ? __builtin_bswap16(bytes) : bytes; }

/* Two bytes at @off, a multiple of two, as their chip drives them.  */
static uint16_t word(const struct amd_flash *f, uint32_t off)
{
	const uint8_t *p;

	switch (f->chip[off >> 1 & 1].mode) {
	case AMD_AUTOSELECT:
		return lines(f, id_word(off >> 2 & QUERY_MASK));
	case AMD_QUERY:
		return lines(f, query_word(f, off >> 2 & QUERY_MASK));
	case AMD_ARRAY:
		break;
	}
	p = mem_flash_bytes(&f->array, off, 2);
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t amd_read(struct dev *d, uint32_t off, unsigned width)
{
	const struct amd_flash *f = self(d);
	uint32_t low = word(f, off & ~1u);

	if (width == 1)
		return off & 1 ? low >> 8 : low & 0xff;
	return width == 2 ? low : low | (uint32_t)word(f, off + 2) << 16;
}

/* --- commands --- */

static void program(struct amd_flash *f, uint32_t off, uint16_t bytes)
{
	uint8_t *p = mem_flash_bytes(&f->array, off, 2);

	mem_flash_changes(&f->array, off, 2);
	p[0] &= (uint8_t)bytes; /* programming only clears bits */
	p[1] &= (uint8_t)(bytes >> 8);
	flash_image_changed(&f->image, off, 2);
}

/* One chip's words of the range.  */
static void erase(struct amd_flash *f, unsigned chip, uint32_t off, uint32_t len)
{
	uint16_t *p = (uint16_t *)(void *)mem_flash_bytes(&f->array, off, len) + chip;

	mem_flash_changes(&f->array, off, len);
	for (uint32_t i = 0; i < len / 2; i += 2)
		p[i] = 0xffff;
	flash_image_changed(&f->image, off, len);
}

static void act_query(struct amd_flash *f, unsigned chip, uint32_t off) { (void)off; f->chip[chip].mode = AMD_QUERY; }
static void act_autoselect(struct amd_flash *f, unsigned chip, uint32_t off) { (void)off; f->chip[chip].mode = AMD_AUTOSELECT; }

static void act_erase_sector(struct amd_flash *f, unsigned chip, uint32_t off)
{
	f->chip[chip].mode = AMD_ARRAY;
	erase(f, chip, off & ~(AMD_FLASH_BLOCK - 1), AMD_FLASH_BLOCK);
}

static void act_erase_chip(struct amd_flash *f, unsigned chip, uint32_t off)
{
	(void)off;
	f->chip[chip].mode = AMD_ARRAY;
	erase(f, chip, 0, f->dev.io.span);
}

/* Steps of commands, by word address and low byte.  */
static const struct step {
	enum amd_cycle at;
	uint16_t addr, mask;
	uint8_t data;
	enum amd_cycle next;
	void (*act)(struct amd_flash *f, unsigned chip, uint32_t off);
} steps[] = {
	{ AMD_READY, 0x555, UNLOCK_MASK, 0xaa, AMD_UNLOCK, NULL },
	{ AMD_READY, 0x55, QUERY_MASK, 0x98, AMD_READY, act_query },
	{ AMD_UNLOCK, 0x2aa, UNLOCK_MASK, 0x55, AMD_UNLOCKED, NULL },
	{ AMD_UNLOCKED, 0x555, UNLOCK_MASK, 0x90, AMD_READY, act_autoselect },
	{ AMD_UNLOCKED, 0x555, UNLOCK_MASK, 0xa0, AMD_PROGRAM, NULL },
	{ AMD_UNLOCKED, 0x555, UNLOCK_MASK, 0x80, AMD_ERASE, NULL },
	{ AMD_ERASE, 0x555, UNLOCK_MASK, 0xaa, AMD_ERASE_UNLOCK, NULL },
	{ AMD_ERASE_UNLOCK, 0x2aa, UNLOCK_MASK, 0x55, AMD_ERASE_UNLOCKED, NULL },
	{ AMD_ERASE_UNLOCKED, 0x555, UNLOCK_MASK, 0x10, AMD_READY, act_erase_chip },
	{ AMD_ERASE_UNLOCKED, 0, 0, 0x30, AMD_READY, act_erase_sector },
};

static void reset_chip(struct amd_chip *c) { *c = (struct amd_chip){ .mode = AMD_ARRAY, .cycle = AMD_READY }; }

/* What one chip sees of a write.  */
static void chip_write(struct amd_flash *f, uint32_t off, uint16_t bytes)
{
	unsigned chip = off >> 1 & 1;
	struct amd_chip *c = &f->chip[chip];
	uint8_t command = (uint8_t)lines(f, bytes);

	if (c->cycle == AMD_PROGRAM) {
		reset_chip(c);
		program(f, off, bytes);
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(steps); i++) {
		const struct step *s = &steps[i];

		if (s->at != c->cycle || s->data != command || ((off >> 2 ^ s->addr) & s->mask))
			continue;
		c->cycle = s->next;
		if (s->act)
			s->act(f, chip, off);
		return;
	}
	if (command != 0xf0 && command != 0xff)
		log_line(LOG_guest_errors, "%s: 0x%04x at 0x%07x is no step of a command", f->dev.name, lines(f, bytes), off);
	reset_chip(c);
}

/* Who answers the next read?  */
static void show(struct amd_flash *f)
{
	bool asked = f->chip[0].mode != AMD_ARRAY || f->chip[1].mode != AMD_ARRAY;

	if (asked == f->asked)
		return;
	f->asked = asked;
	mem_flash_show(&f->array, !asked);
}

static void amd_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct amd_flash *f = self(d);
	unsigned shift = 8 * (off & 1);

	if (width == 1)
		val = (0xffffu & ~(0xffu << shift)) | val << shift;
	chip_write(f, off & ~1u, (uint16_t)val);
	if (width == 4)
		chip_write(f, off + 2, (uint16_t)(val >> 16));
	show(f);
}

/* --- life --- */

static void amd_reset(struct dev *d, enum reset_kind kind)
{
	struct amd_flash *f = self(d);

	(void)kind;
	for (unsigned i = 0; i < AMD_FLASH_CHIPS; i++)
		reset_chip(&f->chip[i]);
	show(f);
	flash_image_save(&f->image);
}

static void amd_fini(struct dev *d) { flash_image_fini(&self(d)->image); }

static const struct dev_ops ops = {
	.kind = "amd-flash", .span = FLASH_IMAGE_MAX, .widths = 1 | 2 | 4, .order = IO_LITTLE,
	.read = amd_read, .write = amd_write, .reset = amd_reset, .fini = amd_fini,
};

void amd_flash_init(struct amd_flash *f, const struct amd_flash_cfg *cfg)
{
	*f = (struct amd_flash){ 0 };
	dev_init(&f->dev, &ops, cfg->name, NULL);
	f->dev.io.span = cfg->size;
	f->big_endian = cfg->big_endian;
	flash_image_init(&f->image, cfg->name, &f->array, cfg->size, cfg->image, cfg->image_at, cfg->clock);
}

enum status amd_flash_load(struct amd_flash *f, struct err *e) { return flash_image_load(&f->image, e); }
