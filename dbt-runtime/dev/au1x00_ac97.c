/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers of the AC97 controller.  Nobody answers on the link: the codec is never ready, a command is over at
 * once, its response is 0, samples are lost.
 */
#include "dbt-runtime/dev/au1x00_ac97.h"

#define ALL 0xffffffffu
enum { STATUS_TE = 0x10, STATUS_RE = 2 }; /* both FIFOs are empty */

#define REF "Linux sound/soc/au1x/ac97c.c"
#define R(n, o, rs, rd, wr) { .name = n, .off = o, .width = 4, .reset = rs, .readable = rd, .writable = wr, .ref = REF }
static const struct reg regs[] = {
	R("config", 0x00, 0, ALL, 0x007fffff), R("status", 0x04, STATUS_TE | STATUS_RE, ALL, 0), R("data", 0x08, 0, 0, 0),
	R("command", 0x0c, 0, 0, 0), R("enable", 0x10, 0, ALL, 3),
};
_Static_assert(ARRAY_LEN(regs) <= AU1X00_AC97_REGS, "room for stored values");

static const struct dev_ops ops = {
	.kind = "au1x00-ac97", .span = 0x1000, .widths = 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .regs = regs, .nregs = ARRAY_LEN(regs),
};

void au1x00_ac97_init(struct au1x00_ac97 *a, const char *name)
{
	*a = (struct au1x00_ac97){ 0 };
	dev_init(&a->dev, &ops, name, a->values);
	dev_reset(&a->dev, RESET_COLD);
}
