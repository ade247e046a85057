/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Au1500's AC97 controller, with no codec on its link.  */
#ifndef ATHANOR_DEV_AU1X00_AC97_H
#define ATHANOR_DEV_AU1X00_AC97_H

#include "dbt-runtime/dev/reg.h"

#define AU1X00_AC97_REGS 5

struct au1x00_ac97 {
	struct dev dev;
	uint32_t values[AU1X00_AC97_REGS];
};

void au1x00_ac97_init(struct au1x00_ac97 *a, const char *name);

#endif
