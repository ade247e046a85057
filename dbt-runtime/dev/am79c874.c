/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers of IEEE 802.3 clause 22 as the Am79C874 has them.  Negotiation takes no time, and the other
 * end of the cable can do everything.  Not for the vendor's registers: they read 0.
 */
#include "dbt-runtime/dev/am79c874.h"

enum { BMCR, BMSR, PHYIDR1, PHYIDR2, ANAR, ANLPAR, ANER };
enum { BMCR_RESET = 0x8000, BMCR_SPEED = 0x2000, BMCR_ANEG = 0x1000, BMCR_POWER_DOWN = 0x0800, BMCR_ISOLATE = 0x0400,
       BMCR_DUPLEX = 0x0100 };
enum { BMSR_ABILITIES = 0x7800, BMSR_ANEG_DONE = 0x20, BMSR_CAN_ANEG = 8, BMSR_LINK = 4, BMSR_EXTENDED = 1 };
#define BMCR_STORED 0x7d80u /* all but the bits that clear themselves and the reserved ones */
#define ANAR_RESET 0x01e1u
#define ANAR_STORED 0x2fffu
#define ID1 0x0022u
#define ID2 0x561bu
#define PARTNER 0x45e1u     /* acknowledged; pause; 100 and 10 Mbit/s, full and half duplex */

static bool link_up(const struct am79c874 *p) { return p->cable && !(p->control & (BMCR_POWER_DOWN | BMCR_ISOLATE)); }
static bool negotiated(const struct am79c874 *p) { return link_up(p) && (p->control & BMCR_ANEG); }

void am79c874_reset(struct am79c874 *p)
{
	p->control = BMCR_ANEG | BMCR_SPEED | BMCR_DUPLEX;
	p->advertised = ANAR_RESET;
}

uint16_t am79c874_read(const struct am79c874 *p, unsigned reg)
{
	switch (reg) {
	case BMCR:
		return p->control;
	case BMSR:
		return (uint16_t)(BMSR_ABILITIES | BMSR_CAN_ANEG | BMSR_EXTENDED | (link_up(p) ? BMSR_LINK : 0) |
				  (negotiated(p) ? BMSR_ANEG_DONE : 0));
	case PHYIDR1:
		return ID1;
	case PHYIDR2:
		return ID2;
	case ANAR:
		return p->advertised;
	case ANLPAR:
		return negotiated(p) ? PARTNER : 0;
	case ANER:
		return negotiated(p) ? 1 : 0; /* the other end can negotiate too */
	default:
		return 0;
	}
}

void am79c874_write(struct am79c874 *p, unsigned reg, uint16_t val)
{
	if (reg == ANAR)
		p->advertised = val & ANAR_STORED;
	else if (reg == BMCR && (val & BMCR_RESET))
		am79c874_reset(p);
	else if (reg == BMCR)
		p->control = val & BMCR_STORED;
}
