/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Galileo GT-64120 system controller.  It decodes the processor's addresses itself, by windows that software may move, so it
 * is given the whole piece of the physical map they can lie in.
 */
#ifndef ATHANOR_DEV_GT64120_H
#define ATHANOR_DEV_GT64120_H

#include "dbt-runtime/dev/pci.h"

#define GT64120_REGS 128

struct gt64120_cfg {
	const char *name;
	gpa base;                 /* of the span, so that offsets become the addresses the windows are compared with */
	uint32_t span;
	bool big_endian;          /* strapped: the registers' byte order */
	struct pci_bus *pci;
	uint8_t (*iack)(void *opaque); /* interrupt acknowledge cycle on the PCI bus */
	/* What no window claims, and PCI memory space; may log.  @pci: claimed by a memory window.  */
	uint32_t (*other_read)(void *opaque, gpa pa, unsigned width, bool pci);
	void (*other_write)(void *opaque, gpa pa, unsigned width, uint32_t val, bool pci);
	void *opaque;
};

struct gt64120 {
	struct dev dev;
	struct gt64120_cfg cfg;
	uint32_t values[GT64120_REGS];
	struct pci_fn fn;         /* itself, as function 0 of slot 0 */
};

void gt64120_init(struct gt64120 *g, const struct gt64120_cfg *cfg);

#endif
