/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Intel 82371AB (PIIX4): the four PCI functions and the registers behind them that are no device of their own.
 * The ISA devices of the chip are modelled apart; the board puts them on the ISA bus.
 */
#ifndef ATHANOR_DEV_PIIX4_H
#define ATHANOR_DEV_PIIX4_H

#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/pci.h"

enum { PIIX4_ISA, PIIX4_IDE, PIIX4_USB, PIIX4_PM, PIIX4_FUNCTIONS };

struct piix4_cfg {
	struct clock *clock;
	struct irq pic;        /* .line is ignored: ISA interrupts 0..15 that PIRQs are routed to */
	struct irq sci;        /* power management interrupt */
	struct irq reset, poweroff; /* set once when asked for */
};

struct piix4 {
	struct piix4_cfg cfg;
	struct pci_fn fn[PIIX4_FUNCTIONS];
	struct dev pm, smbus, bmide, uhci;
	uint32_t pm_values[16], smbus_values[16], bmide_values[8], uhci_values[8];
	struct dev apm;        /* two ports */
	uint8_t apm_byte[2];
	struct dev rcr;        /* reset control, one port */
	uint8_t rcr_byte;
	bool pirq[4];
	uint16_t routed;       /* ISA interrupts this chip holds high */
};

void piix4_init(struct piix4 *p, const struct piix4_cfg *cfg);
void piix4_reset(struct piix4 *p, enum reset_kind kind);

/* piix4_pirq - level of PIRQA..PIRQD (@line 0..3); fit for struct irq with the chip as opaque.  */
void piix4_pirq(void *p, unsigned line, bool level);

#endif
