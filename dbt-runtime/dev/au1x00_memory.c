/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for storing what a monitor programs into the memory controllers.  Not for its effect: what answers where is fixed by the
 * board, as if they had been programmed rightly.  After reset only chip select 0 answers, with the flash a processor starts from.
 */
#include "dbt-runtime/dev/au1x00_memory.h"

#define ALL 0xffffffffu
#define REF "Linux asm/mach-au1x00/au1000.h"
#define R(n, o, rs) { .name = n, .off = o, .width = 4, .reset = rs, .readable = ALL, .writable = ALL, .ref = REF }
#define W(n, o) { .name = n, .off = o, .width = 4, .ref = REF } /* a command: nothing is stored */

static const struct reg sdram_regs[] = {
	R("SDMODE0", 0x00, 0), R("SDMODE1", 0x04, 0), R("SDMODE2", 0x08, 0), R("SDADDR0", 0x0c, 0), R("SDADDR1", 0x10, 0), R("SDADDR2", 0x14, 0),
	R("SDREFCFG", 0x18, 0), W("SDPRECMD", 0x1c), W("SDAUTOREF", 0x20), W("SDWRMD0", 0x24), W("SDWRMD1", 0x28), W("SDWRMD2", 0x2c),
	R("SDSLEEP", 0x30, 0), R("SDSMCKE", 0x34, 0),
};
_Static_assert(ARRAY_LEN(sdram_regs) <= AU1X00_SDRAM_REGS, "room for stored values");

/* STCFG: device type 3 is flash.  STADDR: bit 28 enable, 27:14 base and 13:0 mask of address bits 31:18.  */
static const struct reg static_regs[] = {
	R("STCFG0", 0x00, 3), R("STTIME0", 0x04, 0), R("STADDR0", 0x08, 0x11c03f00), /* 64 MiB at 0x1c000000 */
	R("STCFG1", 0x10, 0), R("STTIME1", 0x14, 0), R("STADDR1", 0x18, 0), R("STCFG2", 0x20, 0), R("STTIME2", 0x24, 0), R("STADDR2", 0x28, 0),
	R("STCFG3", 0x30, 0), R("STTIME3", 0x34, 0), R("STADDR3", 0x38, 0), R("STNDCTL", 0x100, 0),
	{ .name = "STSTAT", .off = 0x104, .width = 4, .readable = ALL, .ref = REF },
};
_Static_assert(ARRAY_LEN(static_regs) <= AU1X00_STATIC_REGS, "room for stored values");

#define OPS(k, s, rows) { .kind = k, .span = s, .widths = 4, .order = IO_NATIVE, .read = reg_read, .write = reg_write, \
	.regs = rows, .nregs = ARRAY_LEN(rows) }
static const struct dev_ops sdram_ops = OPS("au1x00-sdram", 0x38, sdram_regs);
static const struct dev_ops static_ops = OPS("au1x00-static", 0x108, static_regs);

void au1x00_sdram_init(struct au1x00_sdram *s, const char *name)
{
	*s = (struct au1x00_sdram){ 0 };
	dev_init(&s->dev, &sdram_ops, name, s->values);
	dev_reset(&s->dev, RESET_COLD);
}

void au1x00_static_init(struct au1x00_static *s, const char *name)
{
	*s = (struct au1x00_static){ 0 };
	dev_init(&s->dev, &static_ops, name, s->values);
	dev_reset(&s->dev, RESET_COLD);
}
