/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Au1500's PCI host bridge: registers, and the windows in 36-bit space through which the processor reaches the bus.  */
#ifndef ATHANOR_DEV_AU1X00_PCI_H
#define ATHANOR_DEV_AU1X00_PCI_H

#include "dbt-runtime/dev/pci.h"

#define AU1X00_PCI_REGS 16

struct au1x00_pci {
	struct dev dev;
	uint32_t values[AU1X00_PCI_REGS];
	struct pci_bus bus;         /* bus.io is the I/O window */
	struct io config[2];        /* configuration cycles: type 0, of functions on the bus; type 1, beyond a bridge */
	struct io memory;           /* half of the 4 GiB of memory; nobody answers */
};

/* The bus is empty; functions may be put on it with pci_add.  */
void au1x00_pci_init(struct au1x00_pci *p, const char *name);

#endif
