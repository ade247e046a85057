/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the GT-64120's register file, its address windows on the processor's side, and configuration and interrupt
 * acknowledge cycles on PCI bus 0.  DRAM is the board's; DMA engines and counters are storage.
 *
 * Byte order: the span is little end first.  With bit 12 of the CPU interface configuration clear the internal registers are
 * big end first instead; PCI data passes unchanged, and configuration data is swapped unless PCI0_CMD.MByteSwap is set.
 * Invariant: a window is compared on every access, so that a write to it holds at once.
 */
#include "dbt-runtime/dev/gt64120.h"

#include "base/log.h"

enum {
	GT_CPU = 0x000, GT_IOLD = 0x048, GT_IOHD = 0x050, GT_M0LD = 0x058, GT_M0HD = 0x060, GT_ISD = 0x068, GT_M1LD = 0x080, GT_M1HD = 0x088,
	GT_IOREMAP = 0x0f0, GT_CMD = 0xc00, GT_CAUSE = 0xc18, GT_CFGADDR = 0xcf8, GT_CFGDATA = 0xcfc,
};
#define REGISTER_SPAN 0x1000u
#define CPU_LITTLE 0x1000u
#define CAUSE_MASTER_ABORT 0x40000u
#define ALL 0xffffffffu

static struct gt64120 *self(struct dev *d) { return (struct gt64120 *)d; }

/* Writing a window's low decode also sets its remap register (GT-64120 data sheet, "Address Remapping").  */
static void low_decode_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	static const uint16_t remap[][2] = {
		{ 0x048, 0x0f0 }, { 0x058, 0x0f8 }, { 0x080, 0x100 }, { 0x090, 0x108 }, { 0x0a0, 0x110 }, { 0x0b0, 0x118 },
	};

	(void)old;
	(void)val;
	for (unsigned i = 0; i < ARRAY_LEN(remap); i++)
		if (remap[i][0] == r->off)
			*reg_value(d, remap[i][1]) = d->values[r - d->ops->regs] & 0x7ff;
}

/* The cause register is cleared by writing zeros.  */
static void cause_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	d->values[r - d->ops->regs] = old & val;
}

static uint32_t iack_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return self(d)->cfg.iack(self(d)->cfg.opaque);
}

#define R(n, o, r, w) { .name = n, .off = o, .width = 4, .reset = r, .readable = ALL, .writable = w, .ref = "GT-64120 data sheet" }
#define LD(n, o, r) { .name = n, .off = o, .width = 4, .reset = r, .readable = ALL, .writable = 0x7fff, .write = low_decode_write, \
	.ref = "GT-64120 data sheet" }
static const struct reg regs[] = {
	R("CPU", 0x000, 0, 0x0bfe0fff), R("SCS10LD", 0x008, 0, 0x7fff), R("SCS10HD", 0x010, 0x07, 0x7f), R("SCS32LD", 0x018, 0x08, 0x7fff),
	R("SCS32HD", 0x020, 0x0f, 0x7f), R("CS20LD", 0x028, 0xe0, 0x7fff), R("CS20HD", 0x030, 0x70, 0x7f), R("CS3BOOTLD", 0x038, 0xf8, 0x7fff),
	R("CS3BOOTHD", 0x040, 0x7f, 0x7f), LD("PCI0IOLD", 0x048, 0x80), R("PCI0IOHD", 0x050, 0x0f, 0x7f), LD("PCI0M0LD", 0x058, 0x90),
	R("PCI0M0HD", 0x060, 0x1f, 0x7f), R("ISD", 0x068, 0xa0, 0x7fff), R("CPUERR_ADDRLO", 0x070, 0, 0), R("CPUERR_ADDRHI", 0x078, 0, 0),
	LD("PCI0M1LD", 0x080, 0x790), R("PCI0M1HD", 0x088, 0x1f, 0x7f), LD("PCI1IOLD", 0x090, 0x100), R("PCI1IOHD", 0x098, 0x0f, 0x7f),
	LD("PCI1M0LD", 0x0a0, 0x110), R("PCI1M0HD", 0x0a8, 0x1f, 0x7f), LD("PCI1M1LD", 0x0b0, 0x120), R("PCI1M1HD", 0x0b8, 0x2f, 0x7f),
	R("PCI0SYNC", 0x0c0, 0, 0), R("PCI1SYNC", 0x0c8, 0, 0), R("SCS10AR", 0x0d0, 0, 0x7ff), R("SCS32AR", 0x0d8, 0x08, 0x7ff),
	R("CS20R", 0x0e0, 0xe0, 0x7ff), R("CS3BOOTR", 0x0e8, 0xf8, 0x7ff), R("PCI0IOREMAP", 0x0f0, 0x80, 0x7ff),
	R("PCI0M0REMAP", 0x0f8, 0x90, 0x7ff), R("PCI0M1REMAP", 0x100, 0x790, 0x7ff), R("PCI1IOREMAP", 0x108, 0x100, 0x7ff),
	R("PCI1M0REMAP", 0x110, 0x110, 0x7ff), R("PCI1M1REMAP", 0x118, 0x120, 0x7ff), R("CPUERR_DATALO", 0x128, ALL, 0),
	R("CPUERR_DATAHI", 0x130, ALL, 0), R("CPUERR_PARITY", 0x138, 0, 0),
	R("SCS0LD", 0x400, 0, 0xff), R("SCS0HD", 0x404, 0x07, 0xff), R("SCS1LD", 0x408, 0x08, 0xff), R("SCS1HD", 0x40c, 0x0f, 0xff),
	R("SCS2LD", 0x410, 0x10, 0xff), R("SCS2HD", 0x414, 0x17, 0xff), R("SCS3LD", 0x418, 0x18, 0xff), R("SCS3HD", 0x41c, 0x1f, 0xff),
	R("CS0LD", 0x420, 0xc0, 0xff), R("CS0HD", 0x424, 0xc7, 0xff), R("CS1LD", 0x428, 0xc8, 0xff), R("CS1HD", 0x42c, 0xcf, 0xff),
	R("CS2LD", 0x430, 0xd0, 0xff), R("CS2HD", 0x434, 0xdf, 0xff), R("CS3LD", 0x438, 0xf0, 0xff), R("CS3HD", 0x43c, 0xfb, 0xff),
	R("BOOTLD", 0x440, 0xfc, 0xff), R("BOOTHD", 0x444, 0xff, 0xff), R("SDRAM_CFG", 0x448, 0x05, ALL), R("SDRAM_B0", 0x44c, 0x05, ALL),
	R("SDRAM_B1", 0x450, 0x05, ALL), R("SDRAM_B2", 0x454, 0x05, ALL), R("SDRAM_B3", 0x458, 0x05, ALL), R("DEV_B0", 0x45c, 0x386fffff, ALL),
	R("DEV_B1", 0x460, 0x386fffff, ALL), R("DEV_B2", 0x464, 0x386fffff, ALL), R("DEV_B3", 0x468, 0x386fffff, ALL),
	R("DEV_BOOT", 0x46c, 0x146fffff, ALL), R("ADDRERR", 0x470, ALL, 0), R("SDRAM_OPMODE", 0x474, 0, ALL), R("ADDRDECODE", 0x47c, 0x02, ALL),
	R("ECC_ERRDATALO", 0x480, 0, 0), R("ECC_ERRDATAHI", 0x484, 0, 0), R("ECC_MEM", 0x488, 0, 0), R("ECC_CALC", 0x48c, 0, 0),
	R("ECC_ERRADDR", 0x490, 0, 0), R("TC0", 0x850, ALL, ALL), R("TC1", 0x854, ALL, ALL), R("TC2", 0x858, ALL, ALL), R("TC3", 0x85c, ALL, ALL),
	R("TC_CONTROL", 0x864, 0, 0xff),
	R("PCI0_CMD", GT_CMD, 0, ALL), R("PCI0_TOR", 0xc04, 0x070f, ALL), R("PCI0_BS_SCS10", 0xc08, 0xfff000, ALL),
	R("PCI0_BS_SCS32", 0xc0c, 0xfff000, ALL), R("PCI0_BS_CS20", 0xc10, 0x01fff000, ALL), R("PCI0_BS_CS3BT", 0xc14, 0xfff000, ALL),
	{ .name = "INTRCAUSE", .off = GT_CAUSE, .width = 4, .readable = ALL, .write = cause_write, .ref = "GT-64120 data sheet" },
	R("INTRMASK", 0xc1c, 0, ALL), R("PCI0_ICMASK", 0xc24, 0, ALL), R("PCI0_SERR0MASK", 0xc28, 0, ALL), R("PCI1_IACK", 0xc30, 0, 0),
	{ .name = "PCI0_IACK", .off = 0xc34, .width = 4, .read = iack_read, .ref = "GT-64120 data sheet" },
	R("PCI0_BARE", 0xc3c, 0, ALL), R("PCI0_PREFMBR", 0xc40, 0, ALL), R("PCI0_SCS10_BAR", 0xc48, 0, ALL), R("PCI0_SCS32_BAR", 0xc4c, 0, ALL),
	R("PCI0_CS20_BAR", 0xc50, 0, ALL), R("PCI0_CS3BT_BAR", 0xc54, 0, ALL), R("PCI0_SSCS10_BAR", 0xc58, 0, ALL),
	R("PCI0_SSCS32_BAR", 0xc5c, 0, ALL), R("PCI0_SCS3BT_BAR", 0xc64, 0, ALL), R("PCI1_CMD", 0xc80, 0, ALL), R("PCI1_TOR", 0xc84, 0x070f, ALL),
	R("PCI1_BS_SCS10", 0xc88, 0xfff000, ALL), R("PCI1_BS_SCS32", 0xc8c, 0xfff000, ALL), R("PCI1_BS_CS20", 0xc90, 0x01fff000, ALL),
	R("PCI1_BS_CS3BT", 0xc94, 0xfff000, ALL), R("HINTRCAUSE", 0xc98, 0, 0), R("HINTRMASK", 0xc9c, 0, ALL), R("PCI1_CFGADDR", 0xcf0, 0, ALL),
	R("PCI1_CFGDATA", 0xcf4, 0, 0), R("PCI0_CFGADDR", GT_CFGADDR, 0, 0x80fffffc), R("PCI0_CFGDATA", GT_CFGDATA, 0, 0),
};
_Static_assert(ARRAY_LEN(regs) <= GT64120_REGS, "room for stored values");

#define CFG(n, o, w, r, wr, c) { .name = n, .off = o, .width = w, .reset = r, .readable = ALL, .writable = wr, .w1c = c, \
	.ref = "GT-64120 data sheet" }
/* The BARs are what the bridge answers to from PCI; nothing masters the bus, and a write must not move anything.  */
static const struct reg config_regs[] = {
	CFG("VID", 0x00, 2, 0x11ab, 0, 0), CFG("DID", 0x02, 2, 0x4620, 0, 0), CFG("CMD", 0x04, 2, 0, 0x0157, 0),
	CFG("STATUS", 0x06, 2, 0x0280, 0, 0xf900), CFG("REV", 0x08, 1, 0x10, 0, 0), CFG("PROG", 0x09, 1, 0, 0, 0),
	CFG("CLASS", 0x0a, 2, 0x0600, 0, 0), CFG("CLS", 0x0c, 1, 0, 0xff, 0), CFG("LATENCY", 0x0d, 1, 0, 0xff, 0),
	CFG("BAR0", 0x10, 4, 0x00000008, 0, 0), CFG("BAR1", 0x14, 4, 0x01000008, 0, 0), CFG("BAR2", 0x18, 4, 0x1c000000, 0, 0),
	CFG("BAR3", 0x1c, 4, 0x1f000000, 0, 0), CFG("BAR4", 0x20, 4, 0x14000000, 0, 0), CFG("BAR5", 0x24, 4, 0x14000001, 0, 0),
	CFG("INTLINE", 0x3c, 1, 0, 0xff, 0), CFG("INTPIN", 0x3d, 1, 0x01, 0, 0),
};

static const struct pci_fn_ops fn_ops = { "gt64120", config_regs, ARRAY_LEN(config_regs), NULL };

/* Base bits 35:21 are compared with the low register, 27:21 of the end with the high one.  */
static bool in_window(struct gt64120 *g, gpa pa, uint32_t low_reg, uint32_t high_reg, uint32_t *off)
{
	uint32_t low = *reg_value(&g->dev, low_reg), high = (low & ~0x7fu) | *reg_value(&g->dev, high_reg);

	if (pa >> 21 < low || pa >> 21 > high)
		return false;
	*off = (uint32_t)(pa - ((gpa)low << 21));
	return true;
}

/* Bus, device and function of the configuration address: only bus 0 exists.  */
static bool config_target(struct gt64120 *g, unsigned off, unsigned *devfn, unsigned *reg)
{
	uint32_t a = *reg_value(&g->dev, GT_CFGADDR);

	*devfn = a >> 8 & 0xff;
	*reg = (a & 0xfc) + (off & 3);
	return (a & 0x80000000u) != 0;
}

static bool config_swapped(struct gt64120 *g) { return !(*reg_value(&g->dev, GT_CMD) & 1); }

static uint32_t config_read(struct gt64120 *g, unsigned off, unsigned width)
{
	unsigned devfn, reg;
	bool absent = false;
	uint32_t val;

	if (!config_target(g, off, &devfn, &reg))
		return 0;
	if (*reg_value(&g->dev, GT_CFGADDR) >> 16 & 0xff) {
		absent = true;
		val = ALL;
	} else {
		val = pci_config_read(g->cfg.pci, devfn, reg, width, &absent);
	}
	if (absent)
		*reg_value(&g->dev, GT_CAUSE) |= CAUSE_MASTER_ABORT;
	return config_swapped(g) ? io_swap(val, width) : val;
}

static void config_write(struct gt64120 *g, unsigned off, unsigned width, uint32_t val)
{
	unsigned devfn, reg;
	bool absent = false;

	if (!config_target(g, off, &devfn, &reg))
		return;
	if (*reg_value(&g->dev, GT_CFGADDR) >> 16 & 0xff)
		absent = true;
	else
		pci_config_write(g->cfg.pci, devfn, reg, width, config_swapped(g) ? io_swap(val, width) : val, &absent);
	if (absent)
		*reg_value(&g->dev, GT_CAUSE) |= CAUSE_MASTER_ABORT;
}

static bool big_registers(struct gt64120 *g) { return !(*reg_value(&g->dev, GT_CPU) & CPU_LITTLE); }

/* Where the bytes at @off stand in a register file whose words are the other way round.  */
static uint32_t lane(uint32_t off, unsigned width) { return off ^ (4 - width); }

static uint32_t register_read(struct gt64120 *g, uint32_t off, unsigned width)
{
	uint32_t val;

	if ((off & ~3u) == GT_CFGDATA)
		return config_read(g, off, width);
	if (big_registers(g))
		return io_swap(reg_read(&g->dev, lane(off, width), width), width);
	val = reg_read(&g->dev, off, width);
	return val;
}

static void register_write(struct gt64120 *g, uint32_t off, unsigned width, uint32_t val)
{
	if ((off & ~3u) == GT_CFGDATA)
		config_write(g, off, width, val);
	else if (big_registers(g))
		reg_write(&g->dev, lane(off, width), width, io_swap(val, width));
	else
		reg_write(&g->dev, off, width, val);
}

static bool in_registers(struct gt64120 *g, gpa pa, uint32_t *off)
{
	gpa base = (gpa)*reg_value(&g->dev, GT_ISD) << 21;

	*off = (uint32_t)(pa - base);
	return pa - base < REGISTER_SPAN;
}

static bool in_pci_memory(struct gt64120 *g, gpa pa)
{
	uint32_t off;

	return in_window(g, pa, GT_M0LD, GT_M0HD, &off) || in_window(g, pa, GT_M1LD, GT_M1HD, &off);
}

/* I/O ports are numbered from the start of their window: the boards leave the remap register alone or clear it.  */
static uint32_t gt64120_read(struct dev *d, uint32_t off, unsigned width)
{
	struct gt64120 *g = self(d);
	gpa pa = g->cfg.base + off;
	uint32_t at, val;

	if (in_registers(g, pa, &at)) {
		val = register_read(g, at, width);
		log_line(LOG_dev, "%s: register read %u at 0x%03x: 0x%08x", d->name, width, at, val);
		return val;
	}
	if (in_window(g, pa, GT_IOLD, GT_IOHD, &at) && at < g->cfg.pci->io.span)
		return io_read(&g->cfg.pci->io, at, width);
	return g->cfg.other_read(g->cfg.opaque, pa, width, in_pci_memory(g, pa));
}

static void gt64120_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct gt64120 *g = self(d);
	gpa pa = g->cfg.base + off;
	uint32_t at;

	if (in_registers(g, pa, &at)) {
		log_line(LOG_dev, "%s: register write %u at 0x%03x: 0x%08x", d->name, width, at, val);
		register_write(g, at, width, val);
	} else if (in_window(g, pa, GT_IOLD, GT_IOHD, &at) && at < g->cfg.pci->io.span) {
		io_write(&g->cfg.pci->io, at, width, val);
	} else {
		g->cfg.other_write(g->cfg.opaque, pa, width, val, in_pci_memory(g, pa));
	}
}

static void gt64120_reset(struct dev *d, enum reset_kind kind)
{
	struct gt64120 *g = self(d);

	(void)kind;
	*reg_value(d, GT_CPU) = g->cfg.big_endian ? 0 : CPU_LITTLE;
	*reg_value(d, GT_CMD) = g->cfg.big_endian ? 0 : 0x00010001;
	pci_fn_reset(&g->fn);
}

static uint32_t direct_read(void *opaque, uint32_t off, unsigned width) { return gt64120_read(opaque, off, width); }
static void direct_write(void *opaque, uint32_t off, unsigned width, uint32_t val) { gt64120_write(opaque, off, width, val); }

static const struct dev_ops ops = {
	.kind = "gt64120", .span = REGISTER_SPAN, .widths = 1 | 2 | 4, .order = IO_LITTLE,
	.read = gt64120_read, .write = gt64120_write, .reset = gt64120_reset, .regs = regs, .nregs = ARRAY_LEN(regs),
};

void gt64120_init(struct gt64120 *g, const struct gt64120_cfg *cfg)
{
	*g = (struct gt64120){ .cfg = *cfg };
	dev_init(&g->dev, &ops, cfg->name, g->values);
	g->dev.io.span = cfg->span;
	g->dev.io.read = direct_read; /* offsets are addresses, not registers: it logs by itself */
	g->dev.io.write = direct_write;
	pci_fn_init(&g->fn, &fn_ops, cfg->name);
	dev_reset(&g->dev, RESET_COLD);
}
