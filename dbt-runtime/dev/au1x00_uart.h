/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UART of the Au1000 family: a 16550's registers, four bytes apart in another order, and a register that turns the block on.  */
#ifndef ATHANOR_DEV_AU1X00_UART_H
#define ATHANOR_DEV_AU1X00_UART_H

#include "dbt-runtime/dev/ns16550.h"

struct au1x00_uart {
	struct ns16550 core; /* first */
	uint32_t enable, autoflow;
};

/* au1x00_uart_init - @cfg: stride_log2 and wide are ignored.  */
void au1x00_uart_init(struct au1x00_uart *u, const struct ns16550_cfg *cfg);

#endif
