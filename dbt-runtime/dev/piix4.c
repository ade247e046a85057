/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the PIIX4's configuration spaces (Intel 290562), interrupt steering, power management registers and reset
 * control.  IDE is a controller without drives; USB a host controller without ports in use; SMBus a bus where nobody answers.
 * Invariant: an ISA interrupt is held high exactly while a PIRQ that is routed to it is high.
 */
#include "dbt-runtime/dev/piix4.h"

#include <string.h>

#define PM_TIMER_HZ 3579545u
#define ALL 0xffffffffu

/* Rows of configuration space: name, offset, width, reset, writable, write-1-clear.  */
#define CFG(n, o, w, r, wr, c) { .name = n, .off = o, .width = w, .reset = r, .readable = ALL, .writable = wr, .w1c = c, .ref = "290562" }
#define IDS(device, class, command, status, header) \
	CFG("VID", 0x00, 2, 0x8086, 0, 0), CFG("DID", 0x02, 2, device, 0, 0), CFG("PCICMD", 0x04, 2, command, 0x0105, 0), \
	CFG("PCISTS", 0x06, 2, status, 0, 0xf900), CFG("RID", 0x08, 1, 0x01, 0, 0), CFG("CLASSC", 0x09, 1, (class) & 0xff, 0, 0), \
	CFG("CLASS", 0x0a, 2, (class) >> 8, 0, 0), CFG("MLT", 0x0d, 1, 0, 0xf0, 0), CFG("HEDT", 0x0e, 1, header, 0, 0)

static const struct reg isa_regs[] = {
	CFG("VID", 0x00, 2, 0x8086, 0, 0), CFG("DID", 0x02, 2, 0x7110, 0, 0), CFG("PCICMD", 0x04, 2, 0x0007, 0x0108, 0),
	CFG("PCISTS", 0x06, 2, 0x0280, 0, 0x7800), CFG("RID", 0x08, 1, 0x01, 0, 0), CFG("CLASSC", 0x09, 1, 0x00, 0, 0),
	CFG("CLASS", 0x0a, 2, 0x0601, 0, 0), CFG("HEDT", 0x0e, 1, 0x80, 0, 0),
	CFG("IORT", 0x4c, 1, 0x4d, 0xff, 0), CFG("XBCS", 0x4e, 2, 0x0003, 0x7ff, 0),
	CFG("PIRQRCA", 0x60, 1, 0x80, 0x8f, 0), CFG("PIRQRCB", 0x61, 1, 0x80, 0x8f, 0),
	CFG("PIRQRCC", 0x62, 1, 0x80, 0x8f, 0), CFG("PIRQRCD", 0x63, 1, 0x80, 0x8f, 0),
	CFG("SERIRQC", 0x64, 1, 0x10, 0xff, 0), CFG("TOM", 0x69, 1, 0x02, 0xfe, 0), CFG("MSTAT", 0x6a, 2, 0, 0x8084, 0),
	CFG("MBDMA0", 0x76, 1, 0x0c, 0x8f, 0), CFG("MBDMA1", 0x77, 1, 0x0c, 0x8f, 0), CFG("APICBASE", 0x80, 1, 0, 0x7f, 0),
	CFG("DLC", 0x82, 1, 0, 0x0f, 0), CFG("PDMACFG", 0x90, 2, 0, 0xffff, 0), CFG("DDMABP0", 0x92, 2, 0, 0xffc0, 0),
	CFG("DDMABP1", 0x94, 2, 0, 0xffc0, 0), CFG("GENCFG", 0xb0, 4, 0, ALL, 0), CFG("RTCCFG", 0xcb, 1, 0x21, 0x7f, 0),
};

static const struct reg ide_regs[] = {
	IDS(0x7111, 0x010180, 0, 0x0280, 0), CFG("BMIBA", 0x20, 4, 0x01, 0xfff0, 0),
	CFG("IDETIM0", 0x40, 2, 0, 0xf3ff, 0), CFG("IDETIM1", 0x42, 2, 0, 0xf3ff, 0), CFG("SIDETIM", 0x44, 1, 0, 0xff, 0),
	CFG("UDMACTL", 0x48, 1, 0, 0x0f, 0), CFG("UDMATIM", 0x4a, 2, 0, 0x3333, 0),
};

static const struct reg usb_regs[] = {
	IDS(0x7112, 0x0c0300, 0, 0x0280, 0), CFG("USBBA", 0x20, 4, 0x01, 0xffe0, 0), CFG("INTLN", 0x3c, 1, 0, 0xff, 0),
	CFG("INTPN", 0x3d, 1, 0x04, 0, 0), CFG("SBRNUM", 0x60, 1, 0x10, 0, 0), CFG("LEGSUP", 0xc0, 2, 0x2000, 0x20ff, 0x8f00),
};

static const struct reg pm_regs[] = {
	IDS(0x7113, 0x068000, 0, 0x0280, 0), CFG("INTLN", 0x3c, 1, 0, 0xff, 0), CFG("INTPN", 0x3d, 1, 0x01, 0, 0),
	CFG("PMBA", 0x40, 4, 0x01, 0xffc0, 0), CFG("CNTA", 0x44, 4, 0, ALL, 0), CFG("CNTB", 0x48, 4, 0, ALL, 0),
	CFG("GPICTL", 0x4c, 4, 0, ALL, 0), CFG("DEVRESD", 0x50, 4, 0, ALL, 0), CFG("DEVACTA", 0x54, 4, 0, ALL, 0),
	CFG("DEVACTB", 0x58, 4, 0, ALL, 0), CFG("DEVRESA", 0x5c, 4, 0, ALL, 0), CFG("DEVRESB", 0x60, 4, 0, ALL, 0),
	CFG("DEVRESC", 0x64, 4, 0, ALL, 0), CFG("DEVRESE", 0x68, 4, 0, ALL, 0), CFG("DEVRESF", 0x6c, 4, 0, ALL, 0),
	CFG("DEVRESG", 0x70, 4, 0, ALL, 0), CFG("DEVRESH", 0x74, 4, 0, ALL, 0), CFG("DEVRESI", 0x78, 4, 0, ALL, 0),
	CFG("DEVRESJ", 0x7c, 4, 0, ALL, 0), CFG("PMREGMISC", 0x80, 1, 0, 0x01, 0),
	CFG("SMBBA", 0x90, 4, 0x01, 0xfff0, 0), CFG("SMBHSTCFG", 0xd2, 1, 0, 0x0f, 0), CFG("SMBSLVC", 0xd3, 1, 0, 0xff, 0),
	CFG("SMBSHDW1", 0xd4, 1, 0, 0xff, 0), CFG("SMBSHDW2", 0xd5, 1, 0, 0xff, 0),
};

#define CHIP(member, d) ((struct piix4 *)((char *)(d) - offsetof(struct piix4, member)))

/* --- power management: SUS_TYP 0 with SUS_EN switches off (290562, PMCNTRL) --- */

static void pmcntrl_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	uint32_t now = d->values[r - d->ops->regs];

	(void)old;
	(void)val;
	if ((now & 0x2000) && !(now & 0x1c00))
		irq_set(&CHIP(pm, d)->cfg.poweroff, true);
	d->values[r - d->ops->regs] = now & ~0x2000u; /* SUS_EN is a trigger and reads 0 */
}

static uint32_t pmtmr_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return (uint32_t)ns_to_ticks(clock_now(CHIP(pm, d)->cfg.clock), PM_TIMER_HZ) & 0xffffff;
}

#define IO(n, o, w, r, wr, c) { .name = n, .off = o, .width = w, .reset = r, .readable = ALL, .writable = wr, .w1c = c, .ref = "290562" }
static const struct reg pm_io[] = {
	IO("PMSTS", 0x00, 2, 0, 0, 0x8d31), IO("PMEN", 0x02, 2, 0, 0x0521, 0),
	{ .name = "PMCNTRL", .off = 0x04, .width = 2, .readable = ALL, .writable = 0x3c07, .write = pmcntrl_write, .ref = "290562" },
	{ .name = "PMTMR", .off = 0x08, .width = 4, .read = pmtmr_read, .ref = "290562" },
	IO("GPSTS", 0x0c, 2, 0, 0, 0x0f81), IO("GPEN", 0x0e, 2, 0, 0x0f01, 0), IO("PCNTRL", 0x10, 4, 0, ALL, 0),
	IO("GLBSTS", 0x18, 2, 0, 0, 0x0f75), IO("DEVSTS", 0x1c, 4, 0, 0, 0x3fff0000), IO("GLBEN", 0x20, 2, 0, 0x8f75, 0),
	IO("GLBCTL", 0x28, 4, 0, ALL, 0), IO("DEVCTL", 0x2c, 4, 0, 0x0fffffff, 0), IO("GPIREG", 0x30, 4, 0, 0, 0),
	IO("GPOREG", 0x34, 4, 0x7fffbfff, 0x7fffffff, 0),
};

/* --- SMBus: a transaction ends with "device error", because nobody acknowledges --- */

static void hstcnt_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	if (val & 0x40)
		*reg_value(d, 0x00) |= 0x04;
}

static const struct reg smbus_io[] = {
	IO("SMBHSTSTS", 0x00, 1, 0, 0, 0x1e), IO("SMBSLVSTS", 0x01, 1, 0, 0, 0x3c),
	{ .name = "SMBHSTCNT", .off = 0x02, .width = 1, .readable = 0x1f, .writable = 0x1f, .write = hstcnt_write, .ref = "290562" },
	IO("SMBHSTCMD", 0x03, 1, 0, 0xff, 0), IO("SMBHSTADD", 0x04, 1, 0, 0xff, 0), IO("SMBHSTDAT0", 0x05, 1, 0, 0xff, 0),
	IO("SMBHSTDAT1", 0x06, 1, 0, 0xff, 0), IO("SMBBLKDAT", 0x07, 1, 0, 0xff, 0), IO("SMBSLVCNT", 0x08, 1, 0, 0x0f, 0),
	IO("SMBSHDWCMD", 0x09, 1, 0, 0, 0), IO("SMBSLVEVT", 0x0a, 2, 0, 0xffff, 0), IO("SMBSLVDAT", 0x0c, 2, 0, 0, 0),
};

static const struct reg bmide_io[] = {
	IO("BMIC0", 0x00, 1, 0, 0x09, 0), IO("BMIS0", 0x02, 1, 0, 0x60, 0x06), IO("BMIDTP0", 0x04, 4, 0, 0xfffffffc, 0),
	IO("BMIC1", 0x08, 1, 0, 0x09, 0), IO("BMIS1", 0x0a, 1, 0, 0x60, 0x06), IO("BMIDTP1", 0x0c, 4, 0, 0xfffffffc, 0),
};

/* --- USB: halted unless told to run, both resets end at once --- */

static void usbcmd_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	uint32_t *cmd = &d->values[r - d->ops->regs];

	(void)old;
	if (val & 2) {
		reg_reset(d);
		return;
	}
	*reg_value(d, 0x02) = (*reg_value(d, 0x02) & ~0x20u) | (*cmd & 1 ? 0 : 0x20);
}

static const struct reg uhci_io[] = {
	{ .name = "USBCMD", .off = 0x00, .width = 2, .readable = ALL, .writable = 0xfd, .write = usbcmd_write, .ref = "290562" },
	IO("USBSTS", 0x02, 2, 0x20, 0, 0x1f), IO("USBINTR", 0x04, 2, 0, 0x0f, 0), IO("FRNUM", 0x06, 2, 0, 0x7ff, 0),
	IO("FLBASEADD", 0x08, 4, 0, 0xfffff000, 0), IO("SOFMOD", 0x0c, 1, 0x40, 0x7f, 0),
	IO("PORTSC1", 0x10, 2, 0x80, 0x1240, 0x0a), IO("PORTSC2", 0x12, 2, 0x80, 0x1240, 0x0a),
};

#define TABLE_OPS(k, s, rows) { .kind = k, .span = s, .widths = 1 | 2 | 4, .order = IO_LITTLE, .read = reg_read, .write = reg_write, \
	.regs = rows, .nregs = ARRAY_LEN(rows) }
static const struct dev_ops pm_ops = TABLE_OPS("piix4-pm", 64, pm_io);
static const struct dev_ops smbus_ops = TABLE_OPS("piix4-smbus", 16, smbus_io);
static const struct dev_ops bmide_ops = TABLE_OPS("piix4-bmide", 16, bmide_io);
static const struct dev_ops uhci_ops = TABLE_OPS("piix4-uhci", 32, uhci_io);

/* --- ports of function 0 --- */

static uint32_t apm_read(struct dev *d, uint32_t off, unsigned width)
{
	(void)width;
	return CHIP(apm, d)->apm_byte[off];
}

static void apm_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	(void)width;
	CHIP(apm, d)->apm_byte[off] = (uint8_t)val;
}

static uint32_t rcr_read(struct dev *d, uint32_t off, unsigned width)
{
	(void)off;
	(void)width;
	return CHIP(rcr, d)->rcr_byte;
}

/* RCPU (bit 2) going from 0 to 1 resets (290562, RC).  */
static void rcr_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct piix4 *p = CHIP(rcr, d);

	(void)off;
	(void)width;
	if ((val & 4) && !(p->rcr_byte & 4))
		irq_set(&p->cfg.reset, true);
	p->rcr_byte = (uint8_t)(val & 2); /* the reset clears RCPU */
}

static const struct dev_ops apm_ops = {
	.kind = "piix4-apm", .span = 2, .widths = 1, .order = IO_LITTLE, .read = apm_read, .write = apm_write,
};
static const struct dev_ops rcr_ops = {
	.kind = "piix4-rc", .span = 1, .widths = 1, .order = IO_LITTLE, .read = rcr_read, .write = rcr_write,
};

/* --- interrupt steering --- */

static void route(struct piix4 *p)
{
	uint16_t now = 0, changed;

	for (unsigned i = 0; i < 4; i++) {
		uint8_t rc = p->fn[PIIX4_ISA].config[0x60 + i];

		if (p->pirq[i] && !(rc & 0x80))
			now |= (uint16_t)(1u << (rc & 15));
	}
	changed = now ^ p->routed;
	p->routed = now;
	for (unsigned n = 0; n < 16; n++)
		if (changed >> n & 1 && p->cfg.pic.set)
			p->cfg.pic.set(p->cfg.pic.opaque, n, now >> n & 1);
}

void piix4_pirq(void *opaque, unsigned line, bool level)
{
	struct piix4 *p = opaque;

	p->pirq[line & 3] = level;
	route(p);
}

static void isa_changed(struct pci_fn *f) { route(CHIP(fn[PIIX4_ISA], f)); }

static void bar_changed(struct pci_fn *f)
{
	f->region[0].base = pci_fn_read(f, 0x20, 4) & ~3u;
	f->region[0].on = f->config[4] & 1;
}

/* PMBA is decoded when PMREGMISC says so, the SMBus when SMBHSTCFG does; PCICMD's I/O bit governs neither (290562).  */
static void pm_changed(struct pci_fn *f)
{
	f->region[0].base = pci_fn_read(f, 0x40, 4) & 0xffc0u;
	f->region[0].on = f->config[0x80] & 1;
	f->region[1].base = pci_fn_read(f, 0x90, 4) & 0xfff0u;
	f->region[1].on = f->config[0xd2] & 1;
}

static const struct pci_fn_ops functions[PIIX4_FUNCTIONS] = {
	[PIIX4_ISA] = { "piix4-isa", isa_regs, ARRAY_LEN(isa_regs), isa_changed },
	[PIIX4_IDE] = { "piix4-ide", ide_regs, ARRAY_LEN(ide_regs), bar_changed },
	[PIIX4_USB] = { "piix4-usb", usb_regs, ARRAY_LEN(usb_regs), bar_changed },
	[PIIX4_PM] = { "piix4-pm", pm_regs, ARRAY_LEN(pm_regs), pm_changed },
};

void piix4_init(struct piix4 *p, const struct piix4_cfg *cfg)
{
	memset(p, 0, sizeof *p);
	p->cfg = *cfg;
	dev_init(&p->pm, &pm_ops, "PIIX4 power management", p->pm_values);
	dev_init(&p->smbus, &smbus_ops, "PIIX4 SMBus", p->smbus_values);
	dev_init(&p->bmide, &bmide_ops, "PIIX4 bus master IDE", p->bmide_values);
	dev_init(&p->uhci, &uhci_ops, "PIIX4 USB", p->uhci_values);
	dev_init(&p->apm, &apm_ops, "PIIX4 APM", NULL);
	dev_init(&p->rcr, &rcr_ops, "PIIX4 reset control", NULL);
	for (unsigned i = 0; i < PIIX4_FUNCTIONS; i++)
		pci_fn_init(&p->fn[i], &functions[i], functions[i].kind);
	p->fn[PIIX4_IDE].region[0].io = &p->bmide.io;
	p->fn[PIIX4_USB].region[0].io = &p->uhci.io;
	p->fn[PIIX4_PM].region[0].io = &p->pm.io;
	p->fn[PIIX4_PM].region[1].io = &p->smbus.io;
	piix4_reset(p, RESET_COLD);
}

void piix4_reset(struct piix4 *p, enum reset_kind kind)
{
	struct dev *const regs[] = { &p->pm, &p->smbus, &p->bmide, &p->uhci };

	_Static_assert(ARRAY_LEN(pm_io) <= 16 && ARRAY_LEN(smbus_io) <= 16 && ARRAY_LEN(bmide_io) <= 8 && ARRAY_LEN(uhci_io) <= 8,
		       "room for stored values");
	memset(p->apm_byte, 0, sizeof p->apm_byte);
	p->rcr_byte = 0;
	for (unsigned i = 0; i < PIIX4_FUNCTIONS; i++)
		pci_fn_reset(&p->fn[i]);
	for (unsigned i = 0; i < ARRAY_LEN(regs); i++)
		dev_reset(regs[i], kind);
	irq_set(&p->cfg.sci, false);
}
