/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 16550A UART; and its core, for UARTs that have the same registers at other places.  */
#ifndef ATHANOR_DEV_NS16550_H
#define ATHANOR_DEV_NS16550_H

#include "dbt-runtime/dev/chardev.h"
#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"

#define NS16550_FIFO 16

struct ns16550_cfg {
	const char *name;
	struct clock *clock;
	struct chardev *chardev;  /* NULL: not connected */
	struct irq irq;
	uint32_t hz;              /* of the baud rate generator */
	unsigned stride_log2;     /* distance of registers */
	bool wide;                /* takes 16- and 32-bit accesses in the processor's byte order; else bytes only */
};

struct ns16550 {
	struct dev dev;
	struct ns16550_cfg cfg;
	uint8_t rx[NS16550_FIFO];
	unsigned rx_n;
	uint16_t divisor;
	uint8_t ier, fcr, lcr, mcr, lsr, msr, scr;
	bool thr_empty_pending;   /* THRE interrupt is due */
	bool off;                 /* without clock: receives nothing */
	bool timed_out;           /* characters wait longer than four character times */
	struct timer timer;
};

void ns16550_init(struct ns16550 *u, const struct ns16550_cfg *cfg);

/* The registers by name, wherever they are.  An access to one that is not there for its direction reads 0, or is dropped.  */
enum uart_reg {
	UART_RX, UART_TX, UART_IER, UART_IIR, UART_FCR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR, UART_DIVISOR, UART_NONE,
};

uint32_t uart_reg_read(struct ns16550 *u, enum uart_reg r);
void uart_reg_write(struct ns16550 *u, enum uart_reg r, uint32_t val);

/* uart_reset - as after power-on.  @off: from now on without clock: what arrives waits outside.  */
void uart_reset(struct ns16550 *u, bool off);
void uart_fini(struct dev *d); /* dev_ops.fini */

#endif
