/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers and interrupts of the PC16550D.  Transmission takes no time: a written character has left at
 * once.  Received characters are pulled from the chardev as there is room, so that none is ever lost.
 * Invariant: the interrupt wire follows IIR: high exactly while IIR names a cause.
 */
#include "dbt-runtime/dev/ns16550.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };
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

	while (!(u->mcr & MCR_LOOP) && u->rx_n < room && chardev_read(u->cfg.chardev, &byte, 1)) {
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

	if (u->mcr & MCR_LOOP)
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

static void ns16550_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct ns16550 *u = self(d);

	(void)width;
	val &= 0xff;
	if (off & ((1u << u->cfg.stride_log2) - 1))
		return;
	switch (off >> u->cfg.stride_log2 & 7) {
	case RBR:
		if (u->lcr & 0x80)
			u->divisor = (uint16_t)((u->divisor & 0xff00) | val);
		else
			transmit(u, (uint8_t)val);
		break;
	case IER:
		if (u->lcr & 0x80) {
			u->divisor = (uint16_t)((u->divisor & 0xff) | val << 8);
			break;
		}
		/* Enabling the interrupt while the holding register is empty raises it.  */
		if (val & ~u->ier & IER_THRE)
			u->thr_empty_pending = true;
		u->ier = (uint8_t)(val & 0x0f);
		break;
	case IIR:
		write_fcr(u, val);
		break;
	case LCR:
		u->lcr = (uint8_t)val;
		break;
	case MCR:
		u->mcr = (uint8_t)(val & 0x1f);
		modem(u);
		break;
	case SCR:
		u->scr = (uint8_t)val;
		break;
	default:
		break; /* LSR, MSR: factory test */
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

static uint32_t ns16550_read(struct dev *d, uint32_t off, unsigned width)
{
	struct ns16550 *u = self(d);
	uint32_t val = 0;

	(void)width;
	if (off & ((1u << u->cfg.stride_log2) - 1))
		return 0;
	switch (off >> u->cfg.stride_log2 & 7) {
	case RBR:
		val = u->lcr & 0x80 ? u->divisor & 0xffu : read_rbr(u);
		break;
	case IER:
		val = u->lcr & 0x80 ? u->divisor >> 8 : u->ier;
		break;
	case IIR:
		val = cause(u);
		if (val == IIR_THRE)
			u->thr_empty_pending = false;
		if (u->fcr & FCR_ENABLE)
			val |= 0xc0;
		break;
	case LCR:
		val = u->lcr;
		break;
	case MCR:
		val = u->mcr;
		break;
	case LSR:
		val = u->lsr | LSR_THRE | LSR_TEMT;
		u->lsr &= (uint8_t)~(LSR_OE | LSR_BI);
		break;
	case MSR:
		val = u->msr;
		u->msr &= 0xf0;
		break;
	default:
		val = u->scr;
		break;
	}
	update(u);
	return val;
}

static void ns16550_reset(struct dev *d, enum reset_kind kind)
{
	struct ns16550 *u = self(d);

	(void)kind;
	u->rx_n = 0;
	u->ier = u->fcr = u->lcr = u->mcr = u->scr = 0;
	u->lsr = LSR_THRE | LSR_TEMT;
	u->msr = MSR_CTS | MSR_DSR | MSR_DCD;
	u->divisor = 12;
	u->thr_empty_pending = u->timed_out = false;
	timer_cancel(&u->timer);
	update(u);
}

static void ns16550_fini(struct dev *d)
{
	struct ns16550 *u = self(d);

	timer_cancel(&u->timer);
	if (u->cfg.chardev && u->cfg.chardev->device == u) {
		u->cfg.chardev->on_input = u->cfg.chardev->on_break = NULL;
		u->cfg.chardev->device = NULL;
	}
}

#define UART_OPS(w, o) { .kind = "ns16550", .span = 8, .widths = (w), .order = (o), .read = ns16550_read, .write = ns16550_write, \
	.reset = ns16550_reset, .fini = ns16550_fini }
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
