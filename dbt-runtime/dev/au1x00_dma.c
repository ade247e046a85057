/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers of the DMA controller.  Not for transfers: no device here requests one, so a channel that is started
 * stays busy, no buffer is ever done and the channels' interrupt wires stay low.
 */
#include "dbt-runtime/dev/au1x00_dma.h"

#define ALL 0xffffffffu
enum { MODE_HALT = 0x40, MODE_GO = 0x20 };
/* What software can set: all but AB (active buffer), D0 and D1 (done) and HALT, which are the controller's.  */
#define MODE_SETTABLE 0x00ffbfa5u

/* Its software waits for HALT after it has cleared GO.  */
static uint32_t mode_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)d;
	(void)r;
	return stored | (stored & MODE_GO ? 0u : MODE_HALT);
}

static void mode_set(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	d->values[r - d->ops->regs] |= val & MODE_SETTABLE;
}

/* The row before this one holds the mode.  */
static void mode_clear(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	d->values[r - d->ops->regs - 1] &= ~val;
}

#define REF "Linux asm/mach-au1x00/au1000_dma.h"
#define R(n, o) { .name = n, .off = o, .width = 4, .readable = ALL, .writable = ALL, .ref = REF }
#define CHANNEL(n) \
	{ .name = "mode " #n, .off = 0x100 * (n), .width = 4, .read = mode_read, .write = mode_set, .ref = REF }, \
	{ .name = "mode clear " #n, .off = 0x100 * (n) + 0x04, .width = 4, .write = mode_clear, .ref = REF }, \
	R("peripheral address " #n, 0x100 * (n) + 0x08), R("buffer 0 start " #n, 0x100 * (n) + 0x0c), \
	R("buffer 0 count " #n, 0x100 * (n) + 0x10), R("buffer 1 start " #n, 0x100 * (n) + 0x14), R("buffer 1 count " #n, 0x100 * (n) + 0x18)
static const struct reg regs[] = { CHANNEL(0), CHANNEL(1), CHANNEL(2), CHANNEL(3), CHANNEL(4), CHANNEL(5), CHANNEL(6), CHANNEL(7) };
_Static_assert(ARRAY_LEN(regs) == AU1X00_DMA_CHANNELS * AU1X00_DMA_REGS, "one stored value each");

static const struct dev_ops ops = {
	.kind = "au1x00-dma", .span = 0x800, .widths = 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .regs = regs, .nregs = ARRAY_LEN(regs),
};

void au1x00_dma_init(struct au1x00_dma *m, const char *name)
{
	*m = (struct au1x00_dma){ 0 };
	dev_init(&m->dev, &ops, name, m->values);
	dev_reset(&m->dev, RESET_COLD);
}
