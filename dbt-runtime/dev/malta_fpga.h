/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Malta board's FPGA: revision, switches, displays, reset.  Its CBUS UART is a device of its own, in a gap of the registers.  */
#ifndef ATHANOR_DEV_MALTA_FPGA_H
#define ATHANOR_DEV_MALTA_FPGA_H

#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/reg.h"

#define MALTA_FPGA_UART 0x900u     /* the gap: a UART with registers 8 bytes apart */
#define MALTA_FPGA_UART_SPAN 0x40u
#define MALTA_FPGA_SPAN 0x1000u
#define MALTA_FPGA_REGS 32

struct malta_fpga {
	struct dev dev;            /* below the gap */
	struct io above;           /* the rest; offset 0 is MALTA_FPGA_UART + MALTA_FPGA_UART_SPAN */
	struct irq reset;          /* set once when software resets the board */
	bool big_endian;
	uint32_t values[MALTA_FPGA_REGS];
	char text[9];              /* what the eight-character display shows */
};

void malta_fpga_init(struct malta_fpga *f, const char *name, bool big_endian, const struct irq *reset);

#endif
