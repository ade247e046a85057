/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the board control and status registers of the Pb1500, as Linux (asm/mach-db1x00/bcsr.h) uses them: 16 bits each, four
 * bytes apart.  Lights go to the log (-d dev).
 */
#include "dbt-runtime/dev/pb1500_bcsr.h"

#include <stddef.h>

#include "base/log.h"
#include "dbt-runtime/dev/reg.h"

#define WHOAMI_PB1500 0x0110u /* board 1, CPLD revision 1, no daughter card */
#define SWITCH_1_LITTLE 0x80u
#define SYSTEM_RESET 0x8000u  /* 1: run */
#define SYSTEM_PWROFF 0x4000u

static struct pb1500_bcsr *self(struct dev *d) { return (struct pb1500_bcsr *)d; }

static uint32_t switches_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return self(d)->cfg.big_endian ? 0 : SWITCH_1_LITTLE;
}

static void leds_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	(void)val;
	log_line(LOG_dev, "%s: lights 0x%03x", d->name, *reg_value(d, r->off));
}

static void system_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	uint32_t now = *reg_value(d, r->off);

	(void)old;
	(void)val;
	if (now & SYSTEM_PWROFF)
		irq_set(&self(d)->cfg.poweroff, true);
	else if (!(now & SYSTEM_RESET))
		irq_set(&self(d)->cfg.reset, true);
}

static void hex_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	(void)val;
	log_line(LOG_dev, "%s: shows %02X", d->name, *reg_value(d, r->off) & 0xff);
}

#define REF "Linux 6.1 asm/mach-db1x00/bcsr.h"
#define R(n, o, rs, wr) { .name = n, .off = o, .width = 2, .reset = rs, .readable = 0xffff, .writable = wr, .ref = REF }
#define W(n, o, rs, wr, hook) { .name = n, .off = o, .width = 2, .reset = rs, .readable = 0xffff, .writable = wr, .write = hook, \
	.ref = REF }
static const struct reg regs[] = {
	R("WHOAMI", 0x00, WHOAMI_PB1500, 0), R("STATUS", 0x04, 0, 0), /* no card, flash not busy, not swapped */
	{ .name = "SWITCHES", .off = 0x08, .width = 2, .read = switches_read, .ref = REF },
	R("RESETS", 0x0c, 0, 0xffff), R("PCMCIA", 0x10, 0, 0xffff), R("BOARD", 0x14, 0, 0xffff),
	W("LEDS", 0x18, 0, 0xffff, leds_write), W("SYSTEM", 0x1c, SYSTEM_RESET, 0xc01f, system_write),
};
_Static_assert(ARRAY_LEN(regs) <= PB1500_BCSR_REGS, "room for stored values");

static const struct reg hex_regs[] = {
	W("HEXLEDS", 0x00, 0, 0xffff, hex_write), R("HEXCLEAR", 0x08, 0, 0xffff),
};
_Static_assert(ARRAY_LEN(hex_regs) <= PB1500_HEX_REGS, "room for stored values");

static const struct dev_ops ops = {
	.kind = "pb1500-bcsr", .span = 0x20, .widths = 1 | 2 | 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .regs = regs, .nregs = ARRAY_LEN(regs),
};

static const struct dev_ops hex_ops = {
	.kind = "pb1500-hex", .span = 0x0c, .widths = 1 | 2 | 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .regs = hex_regs, .nregs = ARRAY_LEN(hex_regs),
};

void pb1500_bcsr_init(struct pb1500_bcsr *b, const struct pb1500_bcsr_cfg *cfg)
{
	*b = (struct pb1500_bcsr){ .cfg = *cfg };
	dev_init(&b->dev, &ops, cfg->name, b->values);
	dev_init(&b->hex, &hex_ops, cfg->hex_name, b->hex_values);
	dev_reset(&b->dev, RESET_COLD);
	dev_reset(&b->hex, RESET_COLD);
}
