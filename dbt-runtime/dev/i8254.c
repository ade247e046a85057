/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the 8254 (Intel 231164): control words, latches, read-back, modes 0 to 5 with GATE high.  GATE inputs and the
 * speaker are not modelled, so modes 1 and 5 never trigger.
 * Invariant: the counter's value is always derived from virtual time, never counted.
 */
#include "dbt-runtime/dev/i8254.h"

/* A guest may ask for more interrupts than a machine can deliver; fewer than one in this time are not.  */
#define MIN_PERIOD_NS 10000u

static struct i8254 *self(struct dev *d) { return (struct i8254 *)d; }

static uint64_t elapsed(const struct i8254 *p, const struct i8254_counter *c)
{
	return c->loaded ? ns_to_ticks(clock_now(p->cfg.clock) - c->loaded_ns, I8254_HZ) : 0;
}

static uint32_t to_bcd(uint32_t v) { return v % 10 | v / 10 % 10 << 4 | v / 100 % 10 << 8 | v / 1000 % 10 << 12; }
static uint32_t from_bcd(uint32_t v) { return (v & 15) + (v >> 4 & 15) * 10 + (v >> 8 & 15) * 100 + (v >> 12 & 15) * 1000; }

static uint16_t value(const struct i8254 *p, const struct i8254_counter *c)
{
	uint32_t wrap = c->bcd ? 10000 : 65536, v;
	uint64_t d = elapsed(p, c);

	if (c->mode == 2)
		v = c->count - (uint32_t)(d % c->count);
	else if (c->mode == 3) /* counts by two; odd counts by one once a period: 8254 data sheet, mode 3 */
		v = (c->count & ~1u) - (uint32_t)(2 * d % (c->count > 1 ? c->count & ~1u : 2));
	else
		v = (uint32_t)((c->count + (uint64_t)wrap - d % wrap) % wrap);
	v %= wrap;
	return (uint16_t)(c->bcd ? to_bcd(v) : v);
}

static bool out(const struct i8254 *p, const struct i8254_counter *c)
{
	uint64_t d = elapsed(p, c);

	switch (c->mode) {
	case 0:
		return c->loaded && d >= c->count;
	case 2:
		return !c->loaded || d % c->count != c->count - 1;
	case 3:
		return !c->loaded || d % c->count < (c->count + 1) / 2;
	case 4:
		return !c->loaded || d != c->count;
	default:
		return true;
	}
}

/* Ticks after loading at which OUT of @c changes next, as seen @d ticks after loading; UINT64_MAX: never.  */
static uint64_t next_change(const struct i8254_counter *c, uint64_t d)
{
	uint64_t start = d - d % c->count, half = (c->count + 1) / 2;

	switch (c->mode) {
	case 0:
		return d < c->count ? c->count : UINT64_MAX;
	case 2:
		return start + c->count;
	case 3:
		return d - start < half ? start + half : start + c->count;
	case 4:
		return d < c->count ? c->count : d == c->count ? d + 1 : UINT64_MAX;
	default:
		return UINT64_MAX;
	}
}

static void arm(struct i8254 *p)
{
	const struct i8254_counter *c = &p->counter[0];
	uint64_t now = clock_now(p->cfg.clock), next, when;

	next = c->loaded ? next_change(c, elapsed(p, c)) : UINT64_MAX;
	if (next == UINT64_MAX) {
		timer_cancel(&p->timer);
		return;
	}
	when = c->loaded_ns + ticks_to_ns(next, I8254_HZ);
	timer_set(&p->timer, when > now + MIN_PERIOD_NS || c->mode == 0 ? when : now + MIN_PERIOD_NS);
}

static void fire(void *opaque)
{
	struct i8254 *p = opaque;

	/* Mode 2 is low for one tick only, shorter than the timer is exact.  */
	if (p->counter[0].mode == 2) {
		irq_set(&p->cfg.out0, false);
		irq_set(&p->cfg.out0, true);
	} else {
		irq_set(&p->cfg.out0, out(p, &p->counter[0]));
	}
	arm(p);
}

static void load(struct i8254 *p, struct i8254_counter *c, uint32_t raw)
{
	c->count = c->bcd ? from_bcd(raw) : raw;
	if (!c->count)
		c->count = c->bcd ? 10000 : 65536;
	c->loaded_ns = clock_now(p->cfg.clock);
	c->loaded = true;
	if (c == &p->counter[0]) {
		irq_set(&p->cfg.out0, out(p, c));
		arm(p);
	}
}

static void latch_count(const struct i8254 *p, struct i8254_counter *c)
{
	if (c->latched)
		return; /* the first latch holds until it is read */
	c->latch = value(p, c);
	c->latched = c->rw == 3 ? 2 : 1;
}

static void latch_status(const struct i8254 *p, struct i8254_counter *c)
{
	if (c->status_latched)
		return;
	c->status = (uint8_t)((out(p, c) ? 0x80 : 0) | (c->loaded ? 0 : 0x40) | c->rw << 4 | c->mode << 1 | c->bcd);
	c->status_latched = true;
}

static void control(struct i8254 *p, uint32_t val)
{
	unsigned n = val >> 6;
	struct i8254_counter *c;

	if (n == 3) { /* read-back; the select bits are active high, the latch bits low */
		for (unsigned i = 0; i < 3; i++) {
			if (!(val >> (i + 1) & 1))
				continue;
			if (!(val & 0x20))
				latch_count(p, &p->counter[i]);
			if (!(val & 0x10))
				latch_status(p, &p->counter[i]);
		}
		return;
	}
	c = &p->counter[n];
	if (!(val & 0x30)) {
		latch_count(p, c);
		return;
	}
	*c = (struct i8254_counter){ .rw = val >> 4 & 3, .mode = val >> 1 & 7, .bcd = val & 1, .count = val & 1 ? 10000 : 65536 };
	if (c->mode > 5)
		c->mode -= 4; /* bit 2 is "don't care" for modes 2 and 3 */
	if (n == 0) {
		timer_cancel(&p->timer);
		irq_set(&p->cfg.out0, out(p, c));
	}
}

static void i8254_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct i8254 *p = self(d);
	struct i8254_counter *c;

	(void)width;
	if (off == 3) {
		control(p, val);
		return;
	}
	c = &p->counter[off];
	if (c->rw == 3 && !c->second_write) {
		c->low = (uint8_t)val;
		c->second_write = true;
		return;
	}
	if (c->rw == 3)
		load(p, c, c->low | val << 8);
	else
		load(p, c, c->rw == 2 ? val << 8 : val);
	c->second_write = false;
}

static uint32_t i8254_read(struct dev *d, uint32_t off, unsigned width)
{
	struct i8254 *p = self(d);
	struct i8254_counter *c;
	bool high;
	uint16_t v;

	(void)width;
	if (off == 3)
		return 0;
	c = &p->counter[off];
	if (c->status_latched) {
		c->status_latched = false;
		return c->status;
	}
	if (c->latched) {
		high = c->rw == 2 || (c->rw == 3 && c->latched == 1);
		c->latched--;
		return high ? c->latch >> 8 : c->latch & 0xff;
	}
	v = value(p, c);
	high = c->rw == 2 || (c->rw == 3 && c->second_read);
	c->second_read = c->rw == 3 && !c->second_read;
	return high ? v >> 8 : v & 0xff;
}

static void i8254_reset(struct dev *d, enum reset_kind kind)
{
	struct i8254 *p = self(d);

	(void)kind;
	for (unsigned i = 0; i < 3; i++)
		p->counter[i] = (struct i8254_counter){ .rw = 3, .mode = 3, .count = 65536 };
	timer_cancel(&p->timer);
	irq_set(&p->cfg.out0, false);
}

static void i8254_fini(struct dev *d) { timer_cancel(&self(d)->timer); }

static const struct dev_ops ops = {
	.kind = "i8254", .span = 4, .widths = 1, .order = IO_LITTLE,
	.read = i8254_read, .write = i8254_write, .reset = i8254_reset, .fini = i8254_fini,
};

void i8254_init(struct i8254 *p, const struct i8254_cfg *cfg)
{
	*p = (struct i8254){ .cfg = *cfg };
	dev_init(&p->dev, &ops, cfg->name, NULL);
	timer_init(&p->timer, cfg->clock, fire, p);
	for (unsigned i = 0; i < 3; i++)
		p->counter[i] = (struct i8254_counter){ .rw = 3, .mode = 3, .count = 65536 };
}
