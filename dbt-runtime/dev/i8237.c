/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the register file of the 8237A (Intel 231466) and the DMA page registers.  No device requests a transfer.  */
#include "dbt-runtime/dev/i8237.h"

#include <string.h>

static struct i8237 *self(struct dev *d) { return (struct i8237 *)d; }

static void clear(struct i8237 *c)
{
	c->command = c->request = 0;
	c->mask = 15;
	c->second = false;
}

static void write_word(struct i8237 *c, unsigned n, uint32_t val)
{
	uint16_t v = c->base[n];

	v = c->second ? (uint16_t)((v & 0xff) | val << 8) : (uint16_t)((v & 0xff00) | val);
	c->base[n] = c->value[n] = v;
	c->second = !c->second;
}

static uint8_t with_bit(uint8_t bits, unsigned n, bool on) { return (uint8_t)(on ? bits | 1u << n : bits & ~(1u << n)); }

static void i8237_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct i8237 *c = self(d);
	unsigned n = off >> c->stride_log2;

	(void)width;
	val &= 0xff;
	switch (n) {
	case 8:
		c->command = (uint8_t)val;
		break;
	case 9:
		c->request = with_bit(c->request, val & 3, val & 4);
		break;
	case 10:
		c->mask = with_bit(c->mask, val & 3, val & 4);
		break;
	case 11:
		c->mode[val & 3] = (uint8_t)val;
		break;
	case 12:
		c->second = false;
		break;
	case 13:
		clear(c);
		break;
	case 14:
		c->mask = 0;
		break;
	case 15:
		c->mask = val & 15;
		break;
	default:
		write_word(c, n & 7, val);
		break;
	}
}

static uint32_t i8237_read(struct dev *d, uint32_t off, unsigned width)
{
	struct i8237 *c = self(d);
	unsigned n = off >> c->stride_log2;

	(void)width;
	if (n < 8) {
		c->second = !c->second;
		return c->second ? c->value[n] & 0xffu : c->value[n] >> 8;
	}
	if (n == 8)
		return (uint32_t)c->request << 4;
	return n == 15 ? c->mask : 0;
}

static void i8237_reset(struct dev *d, enum reset_kind kind)
{
	struct i8237 *c = self(d);

	(void)kind;
	memset(c->value, 0, sizeof c->value);
	memset(c->base, 0, sizeof c->base);
	memset(c->mode, 0, sizeof c->mode);
	clear(c);
}

static uint32_t page_read(struct dev *d, uint32_t off, unsigned width)
{
	(void)width;
	return ((struct dma_page *)d)->page[off];
}

static void page_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	(void)width;
	((struct dma_page *)d)->page[off] = (uint8_t)val;
}

static void page_reset(struct dev *d, enum reset_kind kind)
{
	(void)kind;
	memset(((struct dma_page *)d)->page, 0, sizeof ((struct dma_page *)d)->page);
}

static const struct dev_ops ops = {
	.kind = "i8237", .span = 16, .widths = 1, .order = IO_LITTLE, .read = i8237_read, .write = i8237_write, .reset = i8237_reset,
};

static const struct dev_ops page_ops = {
	.kind = "dma-page", .span = 16, .widths = 1, .order = IO_LITTLE, .read = page_read, .write = page_write, .reset = page_reset,
};

void i8237_init(struct i8237 *c, const char *name, unsigned stride_log2)
{
	*c = (struct i8237){ .stride_log2 = stride_log2 };
	dev_init(&c->dev, &ops, name, NULL);
	c->dev.io.span = 16u << stride_log2;
	clear(c);
}

void dma_page_init(struct dma_page *p, const char *name)
{
	*p = (struct dma_page){ 0 };
	dev_init(&p->dev, &page_ops, name, NULL);
}
