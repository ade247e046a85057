/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the 8259A (Intel 231468: ICWs, OCWs, priorities, polling) and for the ELCR of the PC chip sets.  MCS-80 call
 * addresses are not modelled.
 * Invariant: the INT output is high exactly while a request of higher priority than what is in service is pending.
 */
#include "dbt-runtime/dev/i8259.h"

#include "base/log.h"

static struct i8259 *self(struct dev *d) { return (struct i8259 *)d; }

/* Distance of the foremost input in @bits from the highest priority; 8: none.  */
static unsigned foremost(const struct i8259 *p, uint8_t bits)
{
	for (unsigned i = 0; i < 8; i++)
		if (bits >> ((p->lowest + 1u + i) & 7) & 1)
			return i;
	return 8;
}

static unsigned input_at(const struct i8259 *p, unsigned distance) { return (p->lowest + 1u + distance) & 7; }

/* The input to be served, or -1.  */
static int pending(const struct i8259 *p)
{
	unsigned want = foremost(p, p->irr & (uint8_t)~p->imr);
	uint8_t served = p->isr;

	if (p->special_mask)
		served &= (uint8_t)~p->imr;
	/* Special fully nested: the cascade input does not lock out its own slave (OCW "SFNM").  */
	if (p->nested && p->cfg.slave)
		served &= (uint8_t)~4u;
	return want < foremost(p, served) ? (int)input_at(p, want) : -1;
}

static void update(struct i8259 *p) { irq_set(&p->cfg.intr, pending(p) >= 0); }

void i8259_set(void *opaque, unsigned line, bool level)
{
	struct i8259 *p = opaque;
	uint8_t bit = (uint8_t)(1u << (line & 7));

	if (p->elcr & bit) {
		p->irr = level ? p->irr | bit : p->irr & (uint8_t)~bit;
	} else if (level && !(p->lines & bit)) {
		p->irr |= bit;
	}
	p->lines = level ? p->lines | bit : p->lines & (uint8_t)~bit;
	update(p);
}

void i8259_pair_set(void *master, unsigned line, bool level)
{
	struct i8259 *p = master;

	if (line < 8)
		i8259_set(p, line, level);
	else if (p->cfg.slave)
		i8259_set(p->cfg.slave, line - 8, level);
}

/* The processor has taken input @n.  */
static void take(struct i8259 *p, unsigned n)
{
	uint8_t bit = (uint8_t)(1u << n);

	if (!(p->elcr & bit))
		p->irr &= (uint8_t)~bit;
	if (!p->auto_eoi)
		p->isr |= bit;
	else if (p->rotate_on_eoi)
		p->lowest = (uint8_t)n;
	update(p);
}

uint8_t i8259_ack(struct i8259 *p)
{
	int n = pending(p);
	uint8_t vector;

	if (n < 0)
		return p->base + 7;
	if (n == 2 && p->cfg.slave) {
		struct i8259 *s = p->cfg.slave;
		int m = pending(s);

		vector = (uint8_t)(s->base + (m < 0 ? 7 : m));
		if (m >= 0)
			take(s, (unsigned)m);
	} else {
		vector = (uint8_t)(p->base + n);
	}
	take(p, (unsigned)n);
	return vector;
}

static void icw1(struct i8259 *p, uint32_t val)
{
	p->imr = p->isr = 0;
	p->irr &= p->elcr; /* the edge sense circuit is reset */
	p->lowest = 7;
	p->nested = p->auto_eoi = p->rotate_on_eoi = p->special_mask = p->read_isr = p->poll = false;
	p->icw4 = val & 1;
	p->single = val & 2;
	p->init = 2;
	if (val & 8)
		log_line(LOG_unimp, "%s: level mode by ICW1", p->dev.name);
	update(p);
}

/* OCW2: end of interrupt and rotation.  */
static void ocw2(struct i8259 *p, uint32_t val)
{
	unsigned d = foremost(p, p->isr), n = val & 7;

	switch (val >> 5 & 7) {
	case 0:
	case 4:
		p->rotate_on_eoi = val >> 7 & 1;
		break;
	case 1:
	case 5:
		if (d < 8) {
			n = input_at(p, d);
			p->isr &= (uint8_t)~(1u << n);
			if (val & 0x80)
				p->lowest = (uint8_t)n;
		}
		break;
	case 3:
	case 7:
		p->isr &= (uint8_t)~(1u << n);
		if (val & 0x80)
			p->lowest = (uint8_t)n;
		break;
	case 6:
		p->lowest = (uint8_t)n;
		break;
	default:
		break; /* 2: no operation */
	}
	update(p);
}

static void i8259_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct i8259 *p = self(d);

	(void)width;
	if (off == 0) {
		if (val & 0x10) {
			icw1(p, val);
		} else if (val & 8) {
			if (val & 4)
				p->poll = true;
			if (val & 2)
				p->read_isr = val & 1;
			if (val & 0x40)
				p->special_mask = val >> 5 & 1;
			update(p);
		} else {
			ocw2(p, val);
		}
		return;
	}
	switch (p->init) {
	case 2:
		p->base = (uint8_t)(val & 0xf8);
		p->init = !p->single ? 3 : p->icw4 ? 4 : 0;
		break;
	case 3:
		p->init = p->icw4 ? 4 : 0;
		break;
	case 4:
		p->nested = val >> 4 & 1;
		p->auto_eoi = val >> 1 & 1;
		p->init = 0;
		break;
	default:
		p->imr = (uint8_t)val;
		update(p);
		break;
	}
}

static uint32_t i8259_read(struct dev *d, uint32_t off, unsigned width)
{
	struct i8259 *p = self(d);
	int n;

	(void)width;
	if (p->poll) {
		p->poll = false;
		n = pending(p);
		if (n < 0)
			return 0;
		take(p, (unsigned)n);
		return 0x80u | (uint32_t)n;
	}
	if (off)
		return p->imr;
	return p->read_isr ? p->isr : p->irr;
}

static void i8259_reset(struct dev *d, enum reset_kind kind)
{
	struct i8259 *p = self(d);

	(void)kind;
	p->irr = p->imr = p->isr = p->elcr = p->base = p->init = 0;
	p->lowest = 7;
	p->icw4 = p->single = p->nested = p->auto_eoi = p->rotate_on_eoi = p->special_mask = p->read_isr = p->poll = false;
	update(p);
}

static struct i8259 *of_elcr(struct dev *d) { return (struct i8259 *)((char *)d - offsetof(struct i8259, elcr_dev)); }

static uint32_t elcr_read(struct dev *d, uint32_t off, unsigned width)
{
	(void)off;
	(void)width;
	return of_elcr(d)->elcr;
}

static void elcr_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct i8259 *p = of_elcr(d);

	(void)off;
	(void)width;
	p->elcr = (uint8_t)(val & p->cfg.elcr_mask);
	p->irr = (uint8_t)((p->irr & ~p->elcr) | (p->lines & p->elcr));
	update(p);
}

static const struct dev_ops ops = {
	.kind = "i8259", .span = 2, .widths = 1, .order = IO_LITTLE, .read = i8259_read, .write = i8259_write, .reset = i8259_reset,
};

static const struct dev_ops elcr_ops = {
	.kind = "elcr", .span = 1, .widths = 1, .order = IO_LITTLE, .read = elcr_read, .write = elcr_write,
};

void i8259_init(struct i8259 *p, const struct i8259_cfg *cfg)
{
	*p = (struct i8259){ .cfg = *cfg, .lowest = 7 };
	dev_init(&p->dev, &ops, cfg->name, NULL);
	dev_init(&p->elcr_dev, &elcr_ops, cfg->elcr_name, NULL);
}
