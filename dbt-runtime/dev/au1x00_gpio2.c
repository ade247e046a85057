/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for direction, output and level of pins 200..215.  Invariant: each wire to the interrupt controller carries its pin's
 * level, whoever drives the pin.
 */
#include "dbt-runtime/dev/au1x00_gpio2.h"

#define ALL 0xffffffffu
#define PINS 0xffffu
#define SHARED_PINS 8u      /* pins 208..215 */
#define SHARED_INPUT 31u
enum { OFF_DIR = 0x00, OFF_OUTPUT = 0x08, OFF_INTENABLE = 0x10 };

/* Inputs of interrupt controller 1 for pins 200..207 (Linux asm/mach-au1x00/au1000.h, AU1500_GPIO200_INT and on).  */
static const uint8_t input[] = { 16, 17, 18, 19, 21, 22, 29, 30 };

static struct au1x00_gpio2 *self(struct dev *d) { return (struct au1x00_gpio2 *)d; }

static uint32_t levels(struct dev *d)
{
	uint32_t dir = *reg_value(d, OFF_DIR);

	return (*reg_value(d, OFF_OUTPUT) & dir) | (self(d)->outside & ~dir);
}

static void drive(struct dev *d)
{
	uint32_t now = levels(d);
	struct irq wire = self(d)->ic1;

	for (unsigned i = 0; i < ARRAY_LEN(input); i++) {
		wire.line = input[i];
		irq_set(&wire, now >> i & 1);
	}
	wire.line = SHARED_INPUT;
	irq_set(&wire, now >> SHARED_PINS & *reg_value(d, OFF_INTENABLE));
}

static void any_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	(void)val;
	drive(d);
}

/* The upper half says which pins the lower half is for.  */
static void output_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	d->values[r - d->ops->regs] = (d->values[r - d->ops->regs] & ~(val >> 16)) | (val & val >> 16);
	drive(d);
}

static uint32_t pinstate_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return levels(d);
}

#define REF "Linux asm/mach-au1x00/gpio-au1000.h"
static const struct reg regs[] = {
	{ .name = "DIR", .off = OFF_DIR, .width = 4, .readable = ALL, .writable = PINS, .write = any_write, .ref = REF },
	{ .name = "OUTPUT", .off = OFF_OUTPUT, .width = 4, .readable = ALL, .write = output_write, .ref = REF },
	{ .name = "PINSTATE", .off = 0x0c, .width = 4, .read = pinstate_read, .ref = REF },
	{ .name = "INTENABLE", .off = OFF_INTENABLE, .width = 4, .readable = ALL, .writable = 0xff, .write = any_write, .ref = REF },
	{ .name = "ENABLE", .off = 0x14, .width = 4, .reset = 2, .readable = ALL, .writable = 3, .ref = REF },
};
_Static_assert(ARRAY_LEN(regs) <= AU1X00_GPIO2_REGS, "room for stored values");

static void gpio2_reset(struct dev *d, enum reset_kind kind)
{
	(void)kind;
	drive(d);
}

static const struct dev_ops ops = {
	.kind = "au1x00-gpio2", .span = 0x20, .widths = 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .reset = gpio2_reset, .regs = regs, .nregs = ARRAY_LEN(regs),
};

void au1x00_gpio2_set(void *gpio2, unsigned line, bool level)
{
	struct au1x00_gpio2 *g = gpio2;
	uint32_t pin = 1u << line & PINS;

	g->outside = (g->outside & ~pin) | (level ? pin : 0);
	drive(&g->dev);
}

void au1x00_gpio2_set_low(void *gpio2, unsigned line, bool level) { au1x00_gpio2_set(gpio2, line, !level); }

void au1x00_gpio2_init(struct au1x00_gpio2 *g, const char *name, const struct irq *ic1)
{
	*g = (struct au1x00_gpio2){ .ic1 = *ic1, .outside = PINS };
	dev_init(&g->dev, &ops, name, g->values);
	dev_reset(&g->dev, RESET_COLD);
}
