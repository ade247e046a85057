/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the bridge's registers and for its windows.  Not for access by bus masters: there are none.
 * Invariant: a cycle that nobody claims reads all ones and leaves "received master abort" in the status register.
 */
#include "dbt-runtime/dev/au1x00_pci.h"

#define ALL 0xffffffffu
#define WINDOW 0x80000000u
#define IDSEL_SHIFT 11u     /* AD[11 + device] is the IDSEL of a device */
#define MASTER_ABORT (1u << 29)
enum { OFF_VID = 0x0c, OFF_DEV = 0x14, OFF_STATCMD = 0x104 };

/* Vendor and device are the low halves of two window registers.  */
static uint32_t id_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return (*reg_value(d, OFF_DEV) & 0xffff) << 16 | (*reg_value(d, OFF_VID) & 0xffff);
}

#define REF "Linux asm/mach-au1x00/au1000.h"
#define R(n, o, rs, wr) { .name = n, .off = o, .width = 4, .reset = rs, .readable = ALL, .writable = wr, .ref = REF }
static const struct reg regs[] = {
	R("CMEM", 0x00, 0, 0x1fffffff), R("CONFIG", 0x04, 0, 0x001fffff), R("B2BMASK_CCH", 0x08, 0, ALL),
	R("B2BBASE0_VID", OFF_VID, 0x1755, ALL),
	R("B2BBASE1_SID", 0x10, 0, ALL), R("MWMASK_DEV", OFF_DEV, 0, ALL), R("MWBASE_REV_CCL", 0x18, 0, ALL), R("ERR_ADDR", 0x1c, 0, 0),
	R("SPEC_INTACK", 0x20, 0, 0),
	{ .name = "ID", .off = 0x100, .width = 4, .read = id_read, .ref = REF },
	{ .name = "STATCMD", .off = OFF_STATCMD, .width = 4, .reset = 0x02a00000, .readable = ALL, .writable = 0xffff, .w1c = 0xf9000000,
	  .ref = REF },
	R("CLASSREV", 0x108, 0x06000000, 0), R("PARAM", 0x10c, 0, ALL), R("MBAR", 0x110, 0, ALL), R("TIMEOUT", 0x140, 0, ALL),
};
_Static_assert(ARRAY_LEN(regs) <= AU1X00_PCI_REGS, "room for stored values");

static const struct dev_ops ops = {
	.kind = "au1x00-pci", .span = 0x1000, .widths = 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .regs = regs, .nregs = ARRAY_LEN(regs),
};

static void abort_cycle(struct au1x00_pci *p) { *reg_value(&p->dev, OFF_STATCMD) |= MASTER_ABORT; }

/* Device and function of a cycle of type 0; -1: no IDSEL, or several.  */
static int decode(uint32_t off)
{
	uint32_t idsel = off >> IDSEL_SHIFT;

	if (!idsel || (idsel & (idsel - 1)))
		return -1;
	return (int)PCI_DEVFN((unsigned)__builtin_ctz(idsel), off >> 8 & 7);
}

static uint32_t config0_read(void *opaque, uint32_t off, unsigned width)
{
	struct au1x00_pci *p = opaque;
	int devfn = decode(off);
	bool absent = devfn < 0;
	uint32_t val = absent ? ALL : pci_config_read(&p->bus, (unsigned)devfn, off & 0xff, width, &absent);

	if (absent)
		abort_cycle(p);
	return val;
}

static void config0_write(void *opaque, uint32_t off, unsigned width, uint32_t val)
{
	struct au1x00_pci *p = opaque;
	int devfn = decode(off);
	bool absent = devfn < 0;

	if (!absent)
		pci_config_write(&p->bus, (unsigned)devfn, off & 0xff, width, val, &absent);
	if (absent)
		abort_cycle(p);
}

static uint32_t nobody_reads(void *opaque, uint32_t off, unsigned width)
{
	(void)off;
	(void)width;
	abort_cycle(opaque);
	return ALL;
}

static void nobody_writes(void *opaque, uint32_t off, unsigned width, uint32_t val)
{
	(void)off;
	(void)width;
	(void)val;
	abort_cycle(opaque);
}

void au1x00_pci_init(struct au1x00_pci *p, const char *name)
{
	const struct io window = { .span = WINDOW, .widths = 1 | 2 | 4, .order = IO_LITTLE, .opaque = p,
		.read = nobody_reads, .write = nobody_writes };

	*p = (struct au1x00_pci){ .config = { window, window }, .memory = window };
	p->config[0].name = "PCI configuration, type 0";
	p->config[0].read = config0_read;
	p->config[0].write = config0_write;
	p->config[1].name = "PCI configuration, type 1";
	p->memory.name = "PCI memory";
	pci_bus_init(&p->bus, nobody_reads, nobody_writes, p);
	dev_init(&p->dev, &ops, name, p->values);
	dev_reset(&p->dev, RESET_COLD);
}
