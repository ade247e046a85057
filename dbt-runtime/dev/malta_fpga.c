/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the registers of the Malta FPGA (Malta User's Manual MD00048, "FPGA").  Displays go to the log (-d dev).  */
#include "dbt-runtime/dev/malta_fpga.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define ALL 0xffffffffu
#define SOFTRES_MAGIC 0x42u
#define ABOVE (MALTA_FPGA_UART + MALTA_FPGA_UART_SPAN)
enum { OFF_ASCIIPOS0 = 0x418, OFF_I2COE = 0xb08, OFF_I2COUT = 0xb10 };

static struct malta_fpga *self(struct dev *d) { return (struct malta_fpga *)d; }

static uint32_t status_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	return stored | (self(d)->big_endian ? 2u : 0);
}

static void softres_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	if (val == SOFTRES_MAGIC)
		irq_set(&self(d)->reset, true);
}

static void ledbar_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	log_line(LOG_dev, "%s: LEDs 0x%02x", d->name, val & 0xff);
}

static void show(struct dev *d) { log_line(LOG_dev, "%s: display \"%s\"", d->name, self(d)->text); }

static void asciiword_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	snprintf(self(d)->text, sizeof self(d)->text, "%08X", (unsigned)val);
	show(d);
}

static void asciipos_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	char c = (char)(val & 0x7f);

	(void)old;
	if (c < ' ' || c >= 0x7f)
		c = ' ';
	self(d)->text[(r->off - OFF_ASCIIPOS0) / 8] = c;
	show(d);
}

/* Open-drain lines with pull-ups: low only where this side drives a 0.  Nothing else drives them.  */
static uint32_t i2cinp_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return (*reg_value(d, OFF_I2COUT) | ~*reg_value(d, OFF_I2COE)) & 3;
}

#define R(n, o, rs, rd, wr) { .name = n, .off = o, .width = 4, .reset = rs, .readable = rd, .writable = wr, .ref = "MD00048" }
#define W(n, o, wr, hook) { .name = n, .off = o, .width = 4, .readable = wr, .writable = wr, .write = hook, .ref = "MD00048" }
static const struct reg regs[] = {
	R("NMISTATUS", 0x024, 0, ALL, 0), R("NMIACK", 0x104, 0, 1, 1), R("SWITCH", 0x200, 0, 0xff, 0),
	{ .name = "STATUS", .off = 0x208, .width = 4, .reset = 0x10, .readable = ALL, .read = status_read, .ref = "MD00048" },
	R("JMPRS", 0x210, 0, ALL, 0), W("LEDBAR", 0x408, 0xff, ledbar_write), W("ASCIIWORD", 0x410, ALL, asciiword_write),
	W("ASCIIPOS0", 0x418, 0xff, asciipos_write), W("ASCIIPOS1", 0x420, 0xff, asciipos_write), W("ASCIIPOS2", 0x428, 0xff, asciipos_write),
	W("ASCIIPOS3", 0x430, 0xff, asciipos_write), W("ASCIIPOS4", 0x438, 0xff, asciipos_write), W("ASCIIPOS5", 0x440, 0xff, asciipos_write),
	W("ASCIIPOS6", 0x448, 0xff, asciipos_write), W("ASCIIPOS7", 0x450, 0xff, asciipos_write),
	/* Reads 0: a reboot driver that finds its value already there does not write it.  */
	{ .name = "SOFTRES", .off = 0x500, .width = 4, .write = softres_write, .ref = "MD00048" },
	R("BRKRES", 0x508, 0x0a, 0xff, 0xff), R("GPOUT", 0xa00, 0, 0xff, 0xff), R("GPINP", 0xa08, 0, 0xff, 0),
	{ .name = "I2CINP", .off = 0xb00, .width = 4, .read = i2cinp_read, .ref = "MD00048" },
	R("I2COE", OFF_I2COE, 0, 3, 3), R("I2COUT", OFF_I2COUT, 3, 3, 3), R("I2CSEL", 0xb18, 0, 1, 1), R("SOFTEND", 0xc00, 0, 0, 0),
};
_Static_assert(ARRAY_LEN(regs) <= MALTA_FPGA_REGS, "room for stored values");

static void fpga_reset(struct dev *d, enum reset_kind kind)
{
	(void)kind;
	memset(self(d)->text, ' ', sizeof self(d)->text - 1);
}

static const struct dev_ops ops = {
	.kind = "malta-fpga", .span = MALTA_FPGA_SPAN, .widths = 1 | 2 | 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .reset = fpga_reset, .regs = regs, .nregs = ARRAY_LEN(regs),
};

static uint32_t above_read(void *opaque, uint32_t off, unsigned width)
{
	struct malta_fpga *f = opaque;

	return f->dev.io.read(&f->dev, off + ABOVE, width);
}

static void above_write(void *opaque, uint32_t off, unsigned width, uint32_t val)
{
	struct malta_fpga *f = opaque;

	f->dev.io.write(&f->dev, off + ABOVE, width, val);
}

void malta_fpga_init(struct malta_fpga *f, const char *name, bool big_endian, const struct irq *reset)
{
	*f = (struct malta_fpga){ .big_endian = big_endian, .reset = *reset };
	dev_init(&f->dev, &ops, name, f->values);
	f->above = f->dev.io;
	f->above.opaque = f;
	f->above.span = MALTA_FPGA_SPAN - ABOVE;
	f->above.read = above_read;
	f->above.write = above_write;
	f->dev.io.span = MALTA_FPGA_UART;
	dev_reset(&f->dev, RESET_COLD);
}
