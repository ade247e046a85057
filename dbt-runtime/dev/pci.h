/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One PCI bus: configuration space of its functions, and the two address spaces behind the bridge.  Functions place regions in
 * I/O space that may move at any time; what is fixed there (the ISA devices) is a memory map beside them.
 */
#ifndef ATHANOR_DEV_PCI_H
#define ATHANOR_DEV_PCI_H

#include "base/err.h"
#include "dbt-runtime/dev/reg.h"
#include "dbt-runtime/mem/bus.h"

#define PCI_DEVFN(slot, fn) ((slot) << 3 | (fn))
#define PCI_REGIONS_MAX 8

struct pci_fn;

struct pci_fn_ops {
	const char *kind;
	const struct reg *regs;   /* configuration space; what has no row reads 0 */
	size_t nregs;
	/* Configuration changed (or was reset): decide anew where regions are.  May be NULL.  */
	void (*changed)(struct pci_fn *);
};

/* A piece of I/O space that answers.  */
struct pci_region {
	const struct io *io;
	uint32_t base;
	bool on;
};

struct pci_fn {
	const struct pci_fn_ops *ops;
	const char *name;
	uint8_t config[256];
	uint8_t writable[256], w1c[256];
	struct pci_region region[2];
};

struct pci_bus {
	struct pci_fn *fn[256];                 /* by devfn */
	struct pci_region *region[PCI_REGIONS_MAX];
	unsigned nregions;
	struct io io;                           /* the whole I/O space: 2 MiB, little end first */
	/* What no region of a function claims in I/O space.  */
	uint32_t (*isa_read)(void *opaque, uint32_t port, unsigned width);
	void (*isa_write)(void *opaque, uint32_t port, unsigned width, uint32_t val);
	void *opaque;
};

void pci_bus_init(struct pci_bus *b, uint32_t (*isa_read)(void *opaque, uint32_t port, unsigned width),
		  void (*isa_write)(void *opaque, uint32_t port, unsigned width, uint32_t val), void *opaque);

/**
 * pci_add - put a function, already initialised, into slot and function number @devfn
 * Errors: ST_USAGE the place is taken; ST_FULL too many regions
 */
enum status pci_add(struct pci_bus *b, unsigned devfn, struct pci_fn *f, struct err *e) MUST_CHECK;

void pci_fn_init(struct pci_fn *f, const struct pci_fn_ops *ops, const char *name);
void pci_fn_reset(struct pci_fn *f);

/* Configuration of a function; @off is a multiple of @width (1, 2, 4).  */
uint32_t pci_fn_read(const struct pci_fn *f, unsigned off, unsigned width);
void pci_fn_write(struct pci_fn *f, unsigned off, unsigned width, uint32_t val);

/* A configuration cycle.  No function there: reads all ones, *absent becomes true (it is left alone otherwise).  */
uint32_t pci_config_read(struct pci_bus *b, unsigned devfn, unsigned off, unsigned width, bool *absent);
void pci_config_write(struct pci_bus *b, unsigned devfn, unsigned off, unsigned width, uint32_t val, bool *absent);

#endif
