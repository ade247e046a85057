/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers of the USB host controller, by the OHCI specification, and for its power-on handshake.  Not for
 * transfers: no list is processed and nothing is written to memory, because both ports are empty for good.
 */
#include "dbt-runtime/dev/au1x00_usbh.h"

#define ALL 0xffffffffu
#define FRAMES_HZ 1000u
#define BITS_HZ 12000000u
enum { OFF_CONTROL = 0x04, OFF_STATUS = 0x0c, OFF_ENABLE = 0x10, OFF_RH_DESCRIPTOR_A = 0x48, OFF_CONFIG = 0x7fffc };
enum { CTRL_HCFS = 0xc0, CTRL_OPERATIONAL = 0x80, CTRL_SUSPEND = 0xc0, CTRL_IR = 0x100, CTRL_RWC = 0x200, CMD_HCR = 1 };
enum { INT_RHSC = 0x40 };
#define INT_MIE 0x80000000u
enum { RH_DRWE = 0x8000, PORT_PES = 0x2, PORT_PSS = 0x4, PORT_PRS = 0x10, PORT_PPS = 0x100, PORT_CSC = 0x10000 };
#define RH_CRWE 0x80000000u
enum { CFG_E = 4, CFG_CE = 8, CFG_RD = 0x10 };

static struct au1x00_usbh *self(struct dev *d) { return (struct au1x00_usbh *)d; }

static void update_irq(struct dev *d)
{
	uint32_t enable = *reg_value(d, OFF_ENABLE);

	irq_set(&self(d)->irq, (enable & INT_MIE) && (enable & *reg_value(d, OFF_STATUS)));
}

/* A reset by software ends at once, in state USBSUSPEND; interrupt routing and the root hub are spared (OHCI 7.1.3).  */
static void command_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	uint32_t keep = *reg_value(d, OFF_CONTROL) & (CTRL_IR | CTRL_RWC);

	(void)r;
	(void)old;
	if (!(val & CMD_HCR))
		return;
	for (size_t i = 0; d->ops->regs[i].off < OFF_RH_DESCRIPTOR_A; i++)
		d->values[i] = d->ops->regs[i].reset;
	*reg_value(d, OFF_CONTROL) = keep | CTRL_SUSPEND;
	update_irq(d);
}

static void status_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	(void)val;
	update_irq(d);
}

static void enable_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	*reg_value(d, OFF_ENABLE) |= val & r->readable;
	update_irq(d);
}

static void disable_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	*reg_value(d, OFF_ENABLE) &= ~val;
	update_irq(d);
}

static uint32_t disable_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return *reg_value(d, OFF_ENABLE);
}

static bool operational(struct dev *d) { return (*reg_value(d, OFF_CONTROL) & CTRL_HCFS) == CTRL_OPERATIONAL; }

/* Bit times left of the frame.  */
static uint32_t fmremaining_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	const uint32_t frame = BITS_HZ / FRAMES_HZ;

	(void)r;
	return operational(d) ? frame - 1 - (uint32_t)(ns_to_ticks(clock_now(self(d)->clock), BITS_HZ) % frame) : stored;
}

static uint32_t fmnumber_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	return operational(d) ? (uint32_t)ns_to_ticks(clock_now(self(d)->clock), FRAMES_HZ) & 0xffff : stored;
}

static void rh_status_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	uint32_t *v = &d->values[r - d->ops->regs];

	(void)old;
	if (val & RH_DRWE)
		*v |= RH_DRWE;
	if (val & RH_CRWE)
		*v &= ~(uint32_t)RH_DRWE;
}

/* Enabling, suspending or resetting a port where nothing is reports a change of connection instead (OHCI 7.4.4).  */
static void port_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	if (!(val & (PORT_PES | PORT_PSS | PORT_PRS)))
		return;
	d->values[r - d->ops->regs] |= PORT_CSC;
	*reg_value(d, OFF_STATUS) |= INT_RHSC;
	update_irq(d);
}

/* Linux waits for "reset done" without end, interrupts off.  */
static uint32_t config_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)d;
	(void)r;
	return stored | ((stored & (CFG_CE | CFG_E)) == (CFG_CE | CFG_E) ? CFG_RD : 0u);
}

#define R(n, o, rs, wr) { .name = n, .off = o, .width = 4, .reset = rs, .readable = ALL, .writable = wr, .ref = "OHCI" }
#define PORT(n, o) { .name = n, .off = o, .width = 4, .reset = PORT_PPS, .readable = ALL, .w1c = 0x1f0000, .write = port_write, \
	.ref = "OHCI 7.4.4" }
static const struct reg regs[] = {
	R("HcRevision", 0x00, 0x10, 0), R("HcControl", OFF_CONTROL, 0, 0x7ff),
	{ .name = "HcCommandStatus", .off = 0x08, .width = 4, .write = command_write, .ref = "OHCI 7.1.3" },
	{ .name = "HcInterruptStatus", .off = OFF_STATUS, .width = 4, .readable = ALL, .w1c = 0x4000007f, .write = status_write, .ref = "OHCI" },
	{ .name = "HcInterruptEnable", .off = OFF_ENABLE, .width = 4, .readable = 0xc000007f, .write = enable_write, .ref = "OHCI" },
	{ .name = "HcInterruptDisable", .off = 0x14, .width = 4, .read = disable_read, .write = disable_write, .ref = "OHCI" },
	R("HcHCCA", 0x18, 0, 0xffffff00), R("HcPeriodCurrentED", 0x1c, 0, 0), R("HcControlHeadED", 0x20, 0, 0xfffffff0),
	R("HcControlCurrentED", 0x24, 0, 0xfffffff0), R("HcBulkHeadED", 0x28, 0, 0xfffffff0), R("HcBulkCurrentED", 0x2c, 0, 0xfffffff0),
	R("HcDoneHead", 0x30, 0, 0), R("HcFmInterval", 0x34, 0x2edf, 0xffff3fff),
	{ .name = "HcFmRemaining", .off = 0x38, .width = 4, .read = fmremaining_read, .ref = "OHCI 7.3.2" },
	{ .name = "HcFmNumber", .off = 0x3c, .width = 4, .read = fmnumber_read, .ref = "OHCI 7.3.3" },
	R("HcPeriodicStart", 0x40, 0, 0x3fff), R("HcLSThreshold", 0x44, 0x628, 0xfff),
	R("HcRhDescriptorA", OFF_RH_DESCRIPTOR_A, 0x202, 0), /* two ports, always powered */
	R("HcRhDescriptorB", 0x4c, 0, ALL),
	{ .name = "HcRhStatus", .off = 0x50, .width = 4, .readable = ALL, .write = rh_status_write, .ref = "OHCI 7.4.3" },
	PORT("HcRhPortStatus1", 0x54),
	PORT("HcRhPortStatus2", 0x58),
	{ .name = "USB host configuration", .off = OFF_CONFIG, .width = 4, .readable = 0xf, .writable = 0xf, .read = config_read,
	  .ref = "Linux arch/mips/alchemy/common/usb.c" },
};
_Static_assert(ARRAY_LEN(regs) <= AU1X00_USBH_REGS, "room for stored values");

static void usbh_reset(struct dev *d, enum reset_kind kind)
{
	(void)kind;
	update_irq(d);
}

static const struct dev_ops ops = {
	.kind = "au1x00-usbh", .span = OFF_CONFIG + 4, .widths = 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .reset = usbh_reset, .regs = regs, .nregs = ARRAY_LEN(regs),
};

void au1x00_usbh_init(struct au1x00_usbh *u, const char *name, struct clock *clock, const struct irq *irq)
{
	*u = (struct au1x00_usbh){ .clock = clock, .irq = *irq };
	dev_init(&u->dev, &ops, name, u->values);
	dev_reset(&u->dev, RESET_COLD);
}
