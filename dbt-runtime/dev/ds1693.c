/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for addressing an MC146818 directly.  Not for what the DS1693 has beyond one: its second bank, serial number, wake-up.  */
#include "dbt-runtime/dev/ds1693.h"

#define STRIDE 4u
#define BYTES 128u

static struct ds1693 *self(struct dev *d) { return (struct ds1693 *)d; }

static void choose(struct ds1693 *r, uint32_t off) { r->rtc.dev.ops->write(&r->rtc.dev, 0, 1, off / STRIDE); }

static uint32_t ds1693_read(struct dev *d, uint32_t off, unsigned width)
{
	(void)width;
	choose(self(d), off);
	return self(d)->rtc.dev.ops->read(&self(d)->rtc.dev, 1, 1);
}

static void ds1693_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	(void)width;
	choose(self(d), off);
	self(d)->rtc.dev.ops->write(&self(d)->rtc.dev, 1, 1, val & 0xff);
}

static void ds1693_reset(struct dev *d, enum reset_kind kind) { dev_reset(&self(d)->rtc.dev, kind); }
static void ds1693_fini(struct dev *d) { dev_fini(&self(d)->rtc.dev); }

static const struct dev_ops ops = {
	.kind = "ds1693", .span = BYTES * STRIDE, .widths = 4, .order = IO_NATIVE,
	.read = ds1693_read, .write = ds1693_write, .reset = ds1693_reset, .fini = ds1693_fini,
};

void ds1693_init(struct ds1693 *r, const struct mc146818_cfg *cfg)
{
	*r = (struct ds1693){ 0 };
	mc146818_init(&r->rtc, cfg);
	dev_init(&r->dev, &ops, cfg->name, NULL);
}
