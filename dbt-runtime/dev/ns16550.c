/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers and interrupts of the PC16550D.  Transmission takes no time: a written character has left at
 * once.  Received characters are pulled from the chardev as there is room, so that none is ever lost.
 * Invariant: the interrupt wire follows IIR: high exactly while IIR names a cause.
 */
#include "dbt-runtime/dev/ns16550.h"

enum { IER_RDA = 1, IER_THRE = 2, IER_LINE = 4, IER_MODEM = 8 };
enum { IIR_NONE = 1, IIR_MODEM = 0, IIR_THRE = 2, IIR_RDA = 4, IIR_LINE = 6, IIR_TIMEOUT = 12 };
enum { FCR_ENABLE = 1, FCR_CLEAR_RX = 2, FCR_CLEAR_TX = 4 };
enum { LSR_DR = 1, LSR_OE = 2, LSR_BI = 0x10, LSR_THRE = 0x20, LSR_TEMT = 0x40, LSR_ERRORS = 0x1e };
enum { MCR_DTR = 1, MCR_RTS = 2, MCR_OUT1 = 4, MCR_OUT2 = 8, MCR_LOOP = 0x10 };
enum { MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80 };

static struct ns16550 *self(struct dev *d) { return (struct ns16550 *)d; }

static unsigned trigger(const struct ns16550 *u)
{
	static const uint8_t level[] = { 1, 4, 8, 14 };

	return u->fcr & FCR_ENABLE ? level[u->fcr >> 6] : 1;
}

/* The cause of highest priority (PC16550D table 4).  */
static unsigned cause(const struct ns16550 *u)
{
	if ((u->ier & IER_LINE) && (u->lsr & LSR_ERRORS))
		return IIR_LINE;
	if ((u->ier & IER_RDA) && u->rx_n >= trigger(u))
		return IIR_RDA;
	if ((u->ier & IER_RDA) && u->rx_n && u->timed_out)
		return IIR_TIMEOUT;
	if ((u->ier & IER_THRE) && u->thr_empty_pending)
		return IIR_THRE;
	if ((u->ier & IER_MODEM) && (u->msr & 0x0f))
		return IIR_MODEM;
	return IIR_NONE;
}

static void update(struct ns16550 *u) { irq_set(&u->cfg.irq, cause(u) != IIR_NONE); }

static uint64_t char_ns(const struct ns16550 *u)
{
	unsigned bits = 7u + (u->lcr & 3) + (u->lcr >> 2 & 1) + (u->lcr >> 3 & 1); /* start, 5..8, parity, stop */

	return ticks_to_ns((uint64_t)(u->divisor ? u->divisor : 1) * 16 * bits, u->cfg.hz);
}

static void rx_changed(struct ns16550 *u)
{
	u->timed_out = false;
	if (u->rx_n) {
		u->lsr |= LSR_DR;
		if (u->fcr & FCR_ENABLE)
			timer_set(&u->timer, clock_now(u->cfg.clock) + 4 * char_ns(u));
	} else {
		u->lsr &= (uint8_t)~LSR_DR;
		timer_cancel(&u->timer);
	}
}

static void receive(struct ns16550 *u, uint8_t byte)
{
	unsigned room = u->fcr & FCR_ENABLE ? NS16550_FIFO : 1;

	if (u->rx_n < room)
		u->rx[u->rx_n++] = byte;
	else
		u->lsr |= LSR_OE;
	rx_changed(u);
}

/* Takes what the chardev has, as far as there is room.  */
static void pull(void *opaque)
{
	struct ns16550 *u = opaque;
	unsigned room = u->fcr & FCR_ENABLE ? NS16550_FIFO : 1;
	uint8_t byte;
	bool any = false;

	while (!u->off && !(u->mcr & MCR_LOOP) && u->rx_n < room && chardev_read(u->cfg.chardev, &byte, 1)) {
		u->rx[u->rx_n++] = byte;
		any = true;
	}
	if (any)
		rx_changed(u);
	update(u);
}

static void line_break(void *opaque)
{
	struct ns16550 *u = opaque;

	if (u->off || (u->mcr & MCR_LOOP))
		return;
	receive(u, 0);
	u->lsr |= LSR_BI;
	update(u);
}

static void timeout(void *opaque)
{
	struct ns16550 *u = opaque;

	u->timed_out = true;
	update(u);
}

static void transmit(struct ns16550 *u, uint8_t byte)
{
	if (u->mcr & MCR_LOOP)
		receive(u, byte);
	else
		chardev_write(u->cfg.chardev, &byte, 1);
	u->thr_empty_pending = true;
}

/* Modem lines as the other end, or the loop, sets them; changes are remembered in the low nibble.  */
static void modem(struct ns16550 *u)
{
	unsigned now = MSR_CTS | MSR_DSR | MSR_DCD, was = u->msr & 0xf0u, delta;

	if (u->mcr & MCR_LOOP)
		now = (u->mcr & MCR_DTR ? MSR_DSR : 0u) | (u->mcr & MCR_RTS ? MSR_CTS : 0u) | (u->mcr & MCR_OUT1 ? MSR_RI : 0u) |
			(u->mcr & MCR_OUT2 ? MSR_DCD : 0u);
	delta = (now ^ was) >> 4;
	if (!(was & MSR_RI) || (now & MSR_RI)) /* RI counts on its trailing edge only */
		delta &= ~4u;
	u->msr = (uint8_t)(now | (u->msr & 0x0fu) | delta);
}

static void clear_rx(struct ns16550 *u)
{
	u->rx_n = 0;
	u->lsr &= (uint8_t)~LSR_BI;
	rx_changed(u);
}

static void write_fcr(struct ns16550 *u, uint32_t val)
{
	bool toggled = (u->fcr ^ val) & FCR_ENABLE;

	if (!(val & FCR_ENABLE))
		val = 0;
	if (toggled || (val & FCR_CLEAR_RX))
		clear_rx(u);
	if (toggled || (val & FCR_CLEAR_TX))
		u->thr_empty_pending = true;
	u->fcr = (uint8_t)(val & 0xc9);
}

void uart_reg_write(struct ns16550 *u, enum uart_reg r, uint32_t val)
{
	switch (r) {
	case UART_TX:
		transmit(u, (uint8_t)val);
		break;
	case UART_IER:
		/* Enabling the interrupt while the holding register is empty raises it.  */
		if (val & ~u->ier & IER_THRE)
			u->thr_empty_pending = true;
		u->ier = (uint8_t)(val & 0x0f);
		break;
	case UART_FCR:
		write_fcr(u, val);
		break;
	case UART_LCR:
		u->lcr = (uint8_t)val;
		break;
	case UART_MCR:
		u->mcr = (uint8_t)(val & 0x1f);
		modem(u);
		break;
	case UART_SCR:
		u->scr = (uint8_t)val;
		break;
	case UART_DIVISOR:
		u->divisor = (uint16_t)val;
		break;
	case UART_RX:
	case UART_IIR:
	case UART_LSR: /* LSR, MSR: factory test */
	case UART_MSR:
	case UART_NONE:
		break;
	}
	pull(u);
}

static uint32_t read_rbr(struct ns16550 *u)
{
	uint8_t byte = u->rx[0];

	if (!u->rx_n)
		return 0;
	u->rx_n--;
	for (unsigned i = 0; i < u->rx_n; i++)
		u->rx[i] = u->rx[i + 1];
	rx_changed(u);
	pull(u);
	return byte;
}

uint32_t uart_reg_read(struct ns16550 *u, enum uart_reg r)
{
	uint32_t val = 0;

	switch (r) {
	case UART_RX:
		val = read_rbr(u);
		break;
	case UART_IER:
		val = u->ier;
		break;
	case UART_IIR:
		val = cause(u);
		if (val == IIR_THRE)
			u->thr_empty_pending = false;
		if (u->fcr & FCR_ENABLE)
			val |= 0xc0;
		break;
	case UART_LCR:
		val = u->lcr;
		break;
	case UART_MCR:
		val = u->mcr;
		break;
	case UART_LSR:
		val = u->lsr | LSR_THRE | LSR_TEMT;
		u->lsr &= (uint8_t)~(LSR_OE | LSR_BI);
		break;
	case UART_MSR:
		val = u->msr;
		u->msr &= 0xf0;
		break;
	case UART_SCR:
		val = u->scr;
		break;
	case UART_DIVISOR:
		val = u->divisor;
		break;
	case UART_TX:
	case UART_FCR:
	case UART_NONE:
		break;
	}
	update(u);
	return val;
}

void uart_reset(struct ns16550 *u, bool off)
{
	u->off = off;
	u->rx_n = 0;
	u->ier = u->fcr = u->lcr = u->mcr = u->scr = 0;
	u->lsr = LSR_THRE | LSR_TEMT;
	u->msr = MSR_CTS | MSR_DSR | MSR_DCD;
	u->divisor = 12;
	u->thr_empty_pending = u->timed_out = false;
	timer_cancel(&u->timer);
	update(u);
}

/* --- the 16550's own layout --- */

static enum uart_reg reg_at(const struct ns16550 *u, uint32_t off, bool write)
{
	static const enum uart_reg in[] = { UART_RX, UART_IER, UART_IIR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR };
	static const enum uart_reg out[] = { UART_TX, UART_IER, UART_FCR, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR };

	if (off & ((1u << u->cfg.stride_log2) - 1))
		return UART_NONE;
	return (write ? out : in)[off >> u->cfg.stride_log2 & 7];
}

/* LCR's divisor latch access bit puts the divisor's halves over the first two registers; the shift of the half at @off, or -1.  */
static int latch_shift(const struct ns16550 *u, uint32_t off)
{
	return u->lcr & 0x80 && off < 2u << u->cfg.stride_log2 ? (int)(off >> u->cfg.stride_log2) * 8 : -1;
}

static void ns16550_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct ns16550 *u = self(d);
	enum uart_reg r = reg_at(u, off, true);
	int shift = latch_shift(u, off);

	(void)width;
	val &= 0xff;
	if (r != UART_NONE && shift >= 0)
		uart_reg_write(u, UART_DIVISOR, (u->divisor & ~(0xffu << shift)) | val << shift);
	else if (r != UART_NONE)
		uart_reg_write(u, r, val);
}

static uint32_t ns16550_read(struct dev *d, uint32_t off, unsigned width)
{
	struct ns16550 *u = self(d);
	enum uart_reg r = reg_at(u, off, false);
	int shift = latch_shift(u, off);

	(void)width;
	if (r != UART_NONE && shift >= 0)
		return uart_reg_read(u, UART_DIVISOR) >> shift & 0xff;
	return r == UART_NONE ? 0 : uart_reg_read(u, r);
}

static void ns16550_reset(struct dev *d, enum reset_kind kind)
{
	(void)kind;
	uart_reset(self(d), false);
}

void uart_fini(struct dev *d)
{
	struct ns16550 *u = self(d);

	timer_cancel(&u->timer);
	if (u->cfg.chardev && u->cfg.chardev->device == u) {
		u->cfg.chardev->on_input = u->cfg.chardev->on_break = NULL;
		u->cfg.chardev->device = NULL;
	}
}

#define UART_OPS(w, o) { .kind = "ns16550", .span = 8, .widths = (w), .order = (o), .read = ns16550_read, .write = ns16550_write, \
	.reset = ns16550_reset, .fini = uart_fini }
static const struct dev_ops byte_ops = UART_OPS(1, IO_LITTLE);
static const struct dev_ops wide_ops = UART_OPS(1 | 2 | 4, IO_NATIVE);

void ns16550_init(struct ns16550 *u, const struct ns16550_cfg *cfg)
{
	*u = (struct ns16550){ .cfg = *cfg };
	dev_init(&u->dev, cfg->wide ? &wide_ops : &byte_ops, cfg->name, NULL);
	u->dev.io.span = 8u << cfg->stride_log2;
	timer_init(&u->timer, cfg->clock, timeout, u);
	if (cfg->chardev) {
		cfg->chardev->device = u;
		cfg->chardev->on_input = pull;
		cfg->chardev->on_break = line_break;
	}
	ns16550_reset(&u->dev, RESET_COLD);
}
