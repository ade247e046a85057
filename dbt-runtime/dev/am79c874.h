/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AMD Am79C874 NetPHY: the management registers of a 10/100 transceiver.  */
#ifndef ATHANOR_DEV_AM79C874_H
#define ATHANOR_DEV_AM79C874_H

#include "base/types.h"

struct am79c874 {
	bool cable;          /* something is at the other end */
	uint16_t control, advertised;
};

void am79c874_reset(struct am79c874 *p);
uint16_t am79c874_read(const struct am79c874 *p, unsigned reg);              /* @reg: 0..31 */
void am79c874_write(struct am79c874 *p, unsigned reg, uint16_t val);

#endif
