/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the system control block of the Au1500, as Linux (asm/mach-au1x00/au1000.h, alchemy/common/{time,clock}.c,
 * drivers/rtc/rtc-au1xxx.c) and NetBSD (aureg.h) use it.  Not for the frequencies themselves: the processor and the buses run at the
 * model's clock, whatever CPUPLL says.  Writes to counters take effect at once: "write pending" bits read 0, so that no poll waits.
 *
 * A match is an event, not a level: the line goes up when the counter equals the register, and the interrupt controller latches the edge.
 * It must not get lost when time jumps: a match that a late timer finds passed counts as met, and so does a match the guest sets ahead of
 * what it last read while the counter is already there (`known`).  The comparator of the chip is not that kind; but its
 * counter does not move on by milliseconds between two instructions either.
 * Missing: the tick interrupts of both counters (TODO(L2)).
 */
#include "dbt-runtime/dev/au1x00_sys.h"

#include "base/log.h"
#include "dbt-runtime/dev/reg.h"

#define ALL UINT32_MAX
#define TRIM_MASK 0xffffu
#define CONTROL_MASK 0x7d00u
#define CPUPLL_33 0x21u /* 396 MHz from 12 MHz */

enum {
	TOYTRIM = 0x00, TOYWRITE = 0x04, TOYMATCH0 = 0x08, CNTRCTRL = 0x14, SCRATCH0 = 0x18, SCRATCH1 = 0x1c, ENDIAN = 0x38, TOYREAD = 0x40,
	RTCTRIM = 0x44, RTCWRITE = 0x48, RTCMATCH0 = 0x4c, RTCREAD = 0x58, SLEEP = 0x7c, TRIOUT = 0x100, OUTPUTSET = 0x108, OUTPUTCLR = 0x10c,
	PINSTATE = 0x110,
};
enum { EN1 = 1 << 13, BT1 = 1 << 12, EN0 = 1 << 11, BT0 = 1 << 10, E0 = 1 << 8, S32 = 1 << 5 };

static struct au1x00_sys *self(struct dev *d) { return (struct au1x00_sys *)d; }

/* --- counters --- */

static struct au1x00_counter *counter(struct dev *d, const struct reg *r)
{
	return &self(d)->counter[r->off >= RTCTRIM && r->off <= RTCREAD ? AU1X00_RTC : AU1X00_TOY];
}

static uint64_t now(const struct au1x00_counter *c) { return ns_to_ticks(clock_now(c->sys->cfg.clock), AU1X00_SYS_HZ); }

static uint64_t tick(const struct au1x00_counter *c)
{
	return c->sys->control & (c->id == AU1X00_RTC ? BT1 : BT0) ? 1 : (uint64_t)c->trim + 1;
}

static void arm(struct au1x00_counter *c)
{
	uint64_t first = UINT64_MAX;

	for (unsigned i = 0; i < AU1X00_SYS_MATCHES; i++)
		if (c->due[i] < first)
			first = c->due[i];
	timer_set(&c->timer, first > ns_to_ticks(UINT64_MAX, AU1X00_SYS_HZ) ? CLOCK_NEVER : ticks_to_ns(first, AU1X00_SYS_HZ));
}

/* When the counter, which has just been brought up to now, next comes to its match; where it is, it comes to after a whole round.  */
static void plan(struct au1x00_counter *c)
{
	for (unsigned i = 0; i < AU1X00_SYS_MATCHES; i++) {
		uint64_t distance = (uint32_t)(c->match[i] - c->value - 1u) + UINT64_C(1);

		c->due[i] = c->runs ? c->since + distance * tick(c) : UINT64_MAX;
	}
	arm(c);
}

/* @at is something the counter has passed since the guest last knew its value.  */
static bool passed(const struct au1x00_counter *c, uint32_t at) { return at - c->known <= c->value - c->known; }

static void met(const struct au1x00_counter *c, unsigned i)
{
	const struct irq *w = &c->sys->cfg.match[c->id][i];

	irq_set(w, true);
	irq_set(w, false);
}

/* Bring the counter up to now.  A match on the way is met even if the timer has not run yet.  */
static void advance(struct au1x00_counter *c)
{
	uint64_t t = now(c), n = c->runs && t > c->since ? (t - c->since) / tick(c) : 0;
	bool hit[AU1X00_SYS_MATCHES], any = false;

	for (unsigned i = 0; i < AU1X00_SYS_MATCHES; i++)
		any |= hit[i] = c->due[i] <= t;
	c->value += (uint32_t)n;
	c->since = c->runs ? c->since + n * tick(c) : t;
	if (!any)
		return;
	plan(c);
	for (unsigned i = 0; i < AU1X00_SYS_MATCHES; i++)
		if (hit[i]) {
			if (passed(c, c->match[i]))
				c->known = c->match[i];
			met(c, i);
		}
}

static void fire(void *opaque) { advance(opaque); }

static void trim_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct au1x00_counter *c = counter(d, r);

	(void)old;
	advance(c);
	c->trim = val & TRIM_MASK;
	c->since = now(c);
	plan(c);
}

static uint32_t trim_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)stored;
	return counter(d, r)->trim;
}

static void counter_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct au1x00_counter *c = counter(d, r);

	(void)old;
	advance(c);
	c->value = c->known = val;
	c->since = now(c);
	plan(c);
}

static uint32_t counter_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	struct au1x00_counter *c = counter(d, r);

	(void)stored;
	advance(c);
	c->known = c->value;
	return c->value;
}

static unsigned match_index(const struct reg *r) { return (r->off - (r->off >= RTCMATCH0 ? RTCMATCH0 : TOYMATCH0)) / 4; }

static void match_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct au1x00_counter *c = counter(d, r);
	unsigned i = match_index(r);

	(void)old;
	advance(c);
	c->match[i] = val;
	plan(c);
	if (c->runs && passed(c, val))
		met(c, i);
}

static uint32_t match_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)stored;
	return counter(d, r)->match[match_index(r)];
}

static void set_control(struct au1x00_sys *s, uint32_t val)
{
	for (unsigned i = 0; i < AU1X00_COUNTERS; i++)
		advance(&s->counter[i]);
	s->control = (val & CONTROL_MASK) | ((s->control | (val & E0 ? S32 : 0u)) & S32);
	for (unsigned i = 0; i < AU1X00_COUNTERS; i++) {
		s->counter[i].runs = (val & E0) && (val & (i == AU1X00_RTC ? EN1 : EN0));
		plan(&s->counter[i]);
	}
}

static void control_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	set_control(self(d), val);
}

static uint32_t control_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return self(d)->control;
}

/* --- pins --- */

static void update_pins(struct au1x00_sys *s)
{
	uint32_t level = (s->out & s->driven) | (s->in & ~s->driven), change = level ^ s->pins;

	s->pins = level;
	for (unsigned i = 0; i < 32; i++)
		if (change >> i & 1 && s->cfg.gpio.set)
			s->cfg.gpio.set(s->cfg.gpio.opaque, i, level >> i & 1);
}

void au1x00_sys_pin(void *opaque, unsigned pin, bool level)
{
	struct au1x00_sys *s = opaque;

	s->in = (s->in & ~(1u << pin)) | (uint32_t)level << pin;
	update_pins(s);
}

/* TRIOUTCLR: back to an input.  OUTPUTSET, OUTPUTCLR: an output, and its level.  */
static void pins_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct au1x00_sys *s = self(d);

	(void)old;
	s->driven = r->off == TRIOUT ? s->driven & ~val : s->driven | val;
	if (r->off == OUTPUTSET)
		s->out |= val;
	else if (r->off == OUTPUTCLR)
		s->out &= ~val;
	update_pins(s);
}

static uint32_t pins_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	const struct au1x00_sys *s = self(d);

	(void)stored;
	return r->off == TRIOUT ? s->driven : r->off == OUTPUTSET ? s->out : s->pins;
}

/* --- the rest --- */

static void scratch_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	self(d)->scratch[r->off == SCRATCH1] = val;
}

static uint32_t scratch_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)stored;
	return self(d)->scratch[r->off == SCRATCH1];
}

static uint32_t endian_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return self(d)->cfg.big_endian ? 0 : 1;
}

static void endian_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	if ((val & 1) == self(d)->cfg.big_endian)
		log_line(LOG_unimp, "%s: ENDIAN 0x%x: the byte order stays as it is", d->name, val);
}

static void cpupll_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	if ((val & 0x3f) != CPUPLL_33)
		log_line(LOG_unimp, "%s: CPUPLL 0x%x: the processor stays at 396 MHz", d->name, val);
}

static void sleep_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	(void)val;
	log_line(LOG_unimp, "%s: %s: there is no sleep; the processor goes on", d->name, r->name);
}

#define REF "Linux 6.1 asm/mach-au1x00/au1000.h"
#define PLAIN(n, o, rs, mask) { .name = n, .off = o, .width = 4, .reset = rs, .readable = ALL, .writable = mask, .ref = REF }
#define HOOKED(n, o, rd, wr) { .name = n, .off = o, .width = 4, .read = rd, .write = wr, .ref = REF }
static const struct reg regs[] = {
	HOOKED("TOYTRIM", TOYTRIM, trim_read, trim_write), HOOKED("TOYWRITE", TOYWRITE, NULL, counter_write),
	HOOKED("TOYMATCH0", TOYMATCH0, match_read, match_write), HOOKED("TOYMATCH1", TOYMATCH0 + 4, match_read, match_write),
	HOOKED("TOYMATCH2", TOYMATCH0 + 8, match_read, match_write), HOOKED("CNTRCTRL", CNTRCTRL, control_read, control_write),
	HOOKED("SCRATCH0", SCRATCH0, scratch_read, scratch_write), HOOKED("SCRATCH1", SCRATCH1, scratch_read, scratch_write),
	PLAIN("FREQCTRL0", 0x20, 0, 0x3fffffff), PLAIN("FREQCTRL1", 0x24, 0, 0x3fffffff), PLAIN("CLKSRC", 0x28, 0, 0x3fffffff),
	PLAIN("PINFUNC", 0x2c, 0, 0xffff), PLAIN("WAKEMSK", 0x34, 0, 0x3ff), HOOKED("ENDIAN", ENDIAN, endian_read, endian_write),
	PLAIN("POWERCTRL", 0x3c, 0, 0x7f), HOOKED("TOYREAD", TOYREAD, counter_read, NULL),
	HOOKED("RTCTRIM", RTCTRIM, trim_read, trim_write), HOOKED("RTCWRITE", RTCWRITE, NULL, counter_write),
	HOOKED("RTCMATCH0", RTCMATCH0, match_read, match_write), HOOKED("RTCMATCH1", RTCMATCH0 + 4, match_read, match_write),
	HOOKED("RTCMATCH2", RTCMATCH0 + 8, match_read, match_write), HOOKED("RTCREAD", RTCREAD, counter_read, NULL),
	PLAIN("WAKESRC", 0x5c, 0, 0), /* nothing ever wakes; any write clears it */
	{ .name = "CPUPLL", .off = 0x60, .width = 4, .reset = CPUPLL_33, .readable = ALL, .writable = 0x3f, .write = cpupll_write, .ref = REF },
	PLAIN("AUXPLL", 0x64, 0, 0xff), HOOKED("SLPPWR", 0x78, NULL, sleep_write), HOOKED("SLEEP", SLEEP, NULL, sleep_write),
	HOOKED("TRIOUT", TRIOUT, pins_read, pins_write), HOOKED("OUTPUTSET", OUTPUTSET, pins_read, pins_write),
	HOOKED("OUTPUTCLR", OUTPUTCLR, NULL, pins_write), HOOKED("PINSTATE/PININPUTEN", PINSTATE, pins_read, NULL),
};
_Static_assert(ARRAY_LEN(regs) <= AU1X00_SYS_REGS, "room for stored values");

/* The battery-backed part came up long ago: TOY shows the date.  */
static void power_on(struct au1x00_sys *s)
{
	struct au1x00_counter *toy = &s->counter[AU1X00_TOY];

	for (unsigned i = 0; i < AU1X00_COUNTERS; i++) {
		struct au1x00_counter *c = &s->counter[i];

		c->trim = c->value = c->known = 0;
		c->since = now(c);
		c->runs = false;
		for (unsigned k = 0; k < AU1X00_SYS_MATCHES; k++) {
			c->match[k] = 0;
			c->due[k] = UINT64_MAX;
		}
	}
	s->scratch[0] = s->scratch[1] = 0;
	toy->trim = AU1X00_SYS_HZ - 1;
	toy->value = toy->known = (uint32_t)(s->cfg.rtc_base + (int64_t)(clock_now(s->cfg.clock) / NS_PER_S));
	set_control(s, EN0 | E0);
}

static void sys_reset(struct dev *d, enum reset_kind kind)
{
	struct au1x00_sys *s = self(d);

	if (kind == RESET_COLD)
		power_on(s);
	s->driven = s->out = 0;
	update_pins(s);
}

static void sys_fini(struct dev *d)
{
	for (unsigned i = 0; i < AU1X00_COUNTERS; i++)
		timer_cancel(&self(d)->counter[i].timer);
}

static const struct dev_ops ops = {
	.kind = "au1x00-sys", .span = 0x1000, .widths = 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .reset = sys_reset, .fini = sys_fini, .regs = regs, .nregs = ARRAY_LEN(regs),
};

void au1x00_sys_init(struct au1x00_sys *s, const struct au1x00_sys_cfg *cfg)
{
	*s = (struct au1x00_sys){ .cfg = *cfg, .in = cfg->pins_idle };
	dev_init(&s->dev, &ops, cfg->name, s->values);
	for (unsigned i = 0; i < AU1X00_COUNTERS; i++) {
		s->counter[i].sys = s;
		s->counter[i].id = (enum au1x00_counter_id)i;
		timer_init(&s->counter[i].timer, cfg->clock, fire, &s->counter[i]);
	}
	dev_reset(&s->dev, RESET_COLD);
}
