/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ethernet MAC of the AMD Alchemy Au1000 family, with a transceiver on its management bus.  */
#ifndef ATHANOR_DEV_AU1000_MAC_H
#define ATHANOR_DEV_AU1000_MAC_H

#include "base/crc32.h"
#include "dbt-runtime/dev/am79c874.h"
#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/dma.h"
#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/nic.h"

#define AU1000_MAC_SPAN 0x10000u
#define AU1000_MAC_DMA_SPAN 0x200u
#define AU1000_MAC_PHY 31u    /* address on the management bus */
#define AU1000_MAC_REGS 10
#define AU1000_MAC_DMA_REGS 20

struct au1000_mac_cfg {
	const char *name;
	struct clock *clock;
	struct irq irq;
	struct dma memory;
	struct nic *nic;          /* NULL: no cable */
};

/* Four descriptors in registers, used strictly in turn.  */
struct au1000_ring {
	uint8_t current;          /* the one that is next */
	uint8_t armed, done;      /* EN and DN, a bit for each */
};

struct au1000_mac {
	struct dev dev;           /* MAC registers */
	struct dev enable_dev;    /* clock and reset, one register */
	struct dev dma_dev;       /* descriptors */
	struct au1000_mac_cfg cfg;
	uint32_t values[AU1000_MAC_REGS], enable, dma_values[AU1000_MAC_DMA_REGS];
	struct au1000_ring tx, rx;
	struct timer loop;        /* due at once: what loops back arrives between two runs of the guest */
	struct am79c874 phy;
	struct crc32 crc;
};

/* au1000_mac_init - reset and fini of dev are those of all three.  */
void au1000_mac_init(struct au1000_mac *m, const struct au1000_mac_cfg *cfg);

#endif
