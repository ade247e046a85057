/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Au1500's USB host controller: an OHCI with two root hub ports and nothing in them.  */
#ifndef ATHANOR_DEV_AU1X00_USBH_H
#define ATHANOR_DEV_AU1X00_USBH_H

#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/reg.h"

#define AU1X00_USBH_REGS 24

struct au1x00_usbh {
	struct dev dev;
	struct clock *clock;
	struct irq irq;        /* true: asserted; the chip's own wire is active low */
	uint32_t values[AU1X00_USBH_REGS];
};

void au1x00_usbh_init(struct au1x00_usbh *u, const char *name, struct clock *clock, const struct irq *irq);

#endif
