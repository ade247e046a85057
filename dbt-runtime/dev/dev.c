/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for what every device does alike: being on a bus, reset, end.  */
#include "dbt-runtime/dev/dev.h"

#include "base/log.h"
#include "dbt-runtime/dev/reg.h"

static uint32_t read_dev(void *opaque, uint32_t off, unsigned width)
{
	struct dev *d = opaque;
	uint32_t val = d->ops->read(d, off, width);

	if (log_enabled(LOG_dev)) {
		const struct reg *r = reg_find(d->ops->regs, d->ops->nregs, off);

		log_line(LOG_dev, "%s: read %u at 0x%03x %s: 0x%08x", d->name, width, off, r ? r->name : "", val);
	}
	return val;
}

static void write_dev(void *opaque, uint32_t off, unsigned width, uint32_t val)
{
	struct dev *d = opaque;

	if (log_enabled(LOG_dev)) {
		const struct reg *r = reg_find(d->ops->regs, d->ops->nregs, off);

		log_line(LOG_dev, "%s: write %u at 0x%03x %s: 0x%08x", d->name, width, off, r ? r->name : "", val);
	}
	d->ops->write(d, off, width, val);
}

void dev_init(struct dev *d, const struct dev_ops *ops, const char *name, uint32_t *values)
{
	d->ops = ops;
	d->name = name;
	d->values = values;
	d->io = (struct io){ .name = name, .span = ops->span, .widths = ops->widths, .order = ops->order, .opaque = d,
		.read = read_dev, .write = write_dev };
}

void dev_reset(struct dev *d, enum reset_kind kind)
{
	if (d->values)
		reg_reset(d);
	if (d->ops->reset)
		d->ops->reset(d, kind);
}

void dev_fini(struct dev *d)
{
	if (d && d->ops && d->ops->fini)
		d->ops->fini(d);
}
