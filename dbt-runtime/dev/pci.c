/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for configuration storage and for finding who answers in I/O space.  Not for bridges behind the bus: there are none.
 * Invariant: a region that is on lies where its function's configuration says.
 */
#include "dbt-runtime/dev/pci.h"

#include <string.h>

#include "base/log.h"

void pci_fn_init(struct pci_fn *f, const struct pci_fn_ops *ops, const char *name)
{
	memset(f, 0, sizeof *f);
	f->ops = ops;
	f->name = name;
	for (size_t i = 0; i < ops->nregs; i++)
		for (unsigned b = 0; b < ops->regs[i].width; b++) {
			f->writable[ops->regs[i].off + b] = (uint8_t)(ops->regs[i].writable >> (8 * b));
			f->w1c[ops->regs[i].off + b] = (uint8_t)(ops->regs[i].w1c >> (8 * b));
		}
}

void pci_fn_reset(struct pci_fn *f)
{
	memset(f->config, 0, sizeof f->config);
	for (size_t i = 0; i < f->ops->nregs; i++)
		for (unsigned b = 0; b < f->ops->regs[i].width; b++)
			f->config[f->ops->regs[i].off + b] = (uint8_t)(f->ops->regs[i].reset >> (8 * b));
	if (f->ops->changed)
		f->ops->changed(f);
}

uint32_t pci_fn_read(const struct pci_fn *f, unsigned off, unsigned width)
{
	uint32_t val = 0;

	for (unsigned i = 0; i < width; i++)
		val |= (uint32_t)f->config[(off + i) & 255] << (8 * i);
	return val;
}

void pci_fn_write(struct pci_fn *f, unsigned off, unsigned width, uint32_t val)
{
	for (unsigned i = 0; i < width; i++) {
		unsigned n = (off + i) & 255;
		uint8_t v = (uint8_t)(val >> (8 * i)), w = f->writable[n];

		f->config[n] = (uint8_t)(((f->config[n] & ~w) | (v & w)) & ~(v & f->w1c[n]));
	}
	if (f->ops->changed)
		f->ops->changed(f);
}

static const struct pci_region *region_at(const struct pci_bus *b, uint32_t port, unsigned width)
{
	for (unsigned i = 0; i < b->nregions; i++) {
		const struct pci_region *r = b->region[i];

		if (r->on && port - r->base < r->io->span && r->io->span - (port - r->base) >= width)
			return r;
	}
	return NULL;
}

static uint32_t io_space_read(void *opaque, uint32_t port, unsigned width)
{
	struct pci_bus *b = opaque;
	const struct pci_region *r = region_at(b, port, width);

	return r ? io_read(r->io, port - r->base, width) : b->isa_read(b->opaque, port, width);
}

static void io_space_write(void *opaque, uint32_t port, unsigned width, uint32_t val)
{
	struct pci_bus *b = opaque;
	const struct pci_region *r = region_at(b, port, width);

	if (r)
		io_write(r->io, port - r->base, width, val);
	else
		b->isa_write(b->opaque, port, width, val);
}

void pci_bus_init(struct pci_bus *b, uint32_t (*isa_read)(void *opaque, uint32_t port, unsigned width),
		  void (*isa_write)(void *opaque, uint32_t port, unsigned width, uint32_t val), void *opaque)
{
	*b = (struct pci_bus){ .isa_read = isa_read, .isa_write = isa_write, .opaque = opaque };
	b->io = (struct io){ .name = "PCI I/O", .span = 0x200000, .widths = 1 | 2 | 4, .order = IO_LITTLE, .opaque = b,
		.read = io_space_read, .write = io_space_write };
}

enum status pci_add(struct pci_bus *b, unsigned devfn, struct pci_fn *f, struct err *e)
{
	if (devfn >= ARRAY_LEN(b->fn) || b->fn[devfn])
		return err_set(e, ST_USAGE, "PCI: %s: place %02x.%u is taken", f->name, devfn >> 3, devfn & 7);
	for (unsigned i = 0; i < ARRAY_LEN(f->region); i++) {
		if (!f->region[i].io)
			continue;
		if (b->nregions == PCI_REGIONS_MAX)
			return err_set(e, ST_FULL, "PCI: %s: too many regions in I/O space", f->name);
		b->region[b->nregions++] = &f->region[i];
	}
	b->fn[devfn] = f;
	return ST_OK;
}

uint32_t pci_config_read(struct pci_bus *b, unsigned devfn, unsigned off, unsigned width, bool *absent)
{
	const struct pci_fn *f = b->fn[devfn & 255];
	uint32_t val;

	if (!f) {
		*absent = true;
		return width >= 4 ? UINT32_MAX : (1u << (8 * width)) - 1;
	}
	val = pci_fn_read(f, off, width);
	log_line(LOG_dev, "%s: configuration read %u at 0x%02x: 0x%x", f->name, width, off, val);
	return val;
}

void pci_config_write(struct pci_bus *b, unsigned devfn, unsigned off, unsigned width, uint32_t val, bool *absent)
{
	struct pci_fn *f = b->fn[devfn & 255];

	if (!f) {
		*absent = true;
		return;
	}
	log_line(LOG_dev, "%s: configuration write %u at 0x%02x: 0x%x", f->name, width, off, val);
	pci_fn_write(f, off, width, val);
}
