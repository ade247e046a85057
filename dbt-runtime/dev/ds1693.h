/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DS1693 real-time clock on a multiplexed bus: the registers of an MC146818, four bytes apart.  */
#ifndef ATHANOR_DEV_DS1693_H
#define ATHANOR_DEV_DS1693_H

#include "dbt-runtime/dev/mc146818.h"

struct ds1693 {
	struct dev dev;
	struct mc146818 rtc;
};

void ds1693_init(struct ds1693 *r, const struct mc146818_cfg *cfg);

#endif
