/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for where the Au1500's UART has its registers (drivers/tty/serial/8250/8250_port.c in Linux) and for turning it on and off
 * (alchemy_uart_enable in asm/mach-au1x00/au1000.h).  FIFOs and interrupts are ns16550.c's.
 * While it is off, or held in reset, it reads as after reset (an empty transmitter: a poll for room ends) and takes no writes.
 */
#include "dbt-runtime/dev/au1x00_uart.h"

enum { AUTOFLOW = 0x24, ENABLE = 0x100 };
enum { ENABLE_CLOCK = 1, ENABLE_RUN = 2, ENABLE_ALL = ENABLE_CLOCK | ENABLE_RUN };

static struct au1x00_uart *self(struct dev *d) { return (struct au1x00_uart *)d; }

/* LCR bit 7 means nothing here: the divisor has a register of its own.  There is no scratch register.  */
static enum uart_reg reg_at(uint32_t off)
{
	static const enum uart_reg order[] = {
		UART_RX, UART_TX, UART_IER, UART_IIR, UART_FCR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_NONE, UART_DIVISOR,
	};

	return off / 4 < ARRAY_LEN(order) ? order[off / 4] : UART_NONE;
}

static uint32_t uart_read(struct dev *d, uint32_t off, unsigned width)
{
	struct au1x00_uart *u = self(d);

	(void)width;
	if (off == ENABLE)
		return u->enable;
	if (off == AUTOFLOW)
		return u->autoflow;
	return uart_reg_read(&u->core, reg_at(off));
}

static void enable(struct au1x00_uart *u, uint32_t val)
{
	bool ran = u->enable == ENABLE_ALL;

	u->enable = val & ENABLE_ALL;
	if (ran != (u->enable == ENABLE_ALL))
		uart_reset(&u->core, ran);
}

static void uart_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct au1x00_uart *u = self(d);

	(void)width;
	if (off == ENABLE)
		enable(u, val);
	else if (u->enable != ENABLE_ALL)
		return;
	else if (off == AUTOFLOW)
		u->autoflow = val & 0xff;
	else
		uart_reg_write(&u->core, reg_at(off), reg_at(off) == UART_DIVISOR ? val & 0xffff : val & 0xff);
}

static void reset(struct dev *d, enum reset_kind kind)
{
	struct au1x00_uart *u = self(d);

	(void)kind;
	u->enable = u->autoflow = 0;
	uart_reset(&u->core, true);
}

static const struct dev_ops ops = {
	.kind = "au1x00-uart", .span = 0x1000, .widths = 4, .order = IO_NATIVE,
	.read = uart_read, .write = uart_write, .reset = reset, .fini = uart_fini,
};

void au1x00_uart_init(struct au1x00_uart *u, const struct ns16550_cfg *cfg)
{
	ns16550_init(&u->core, cfg);
	dev_init(&u->core.dev, &ops, cfg->name, NULL);
	dev_reset(&u->core.dev, RESET_COLD);
}
