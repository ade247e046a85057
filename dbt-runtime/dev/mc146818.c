/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the MC146818A: time of day, alarm, the three interrupts, battery-backed memory.
 * Invariants: seconds and the update-in-progress bit are derived from virtual time, and so is everything the processor counts;
 * UIP is seen for the last 2 ms of every second, long enough for a polling loop (an MC146818A shows it for 2.2 ms at 32 kHz).
 */
#include "dbt-runtime/dev/mc146818.h"

#include <string.h>

enum { SEC, SEC_ALARM, MIN, MIN_ALARM, HOUR, HOUR_ALARM, WEEKDAY, DAY, MONTH, YEAR, REG_A, REG_B, REG_C, REG_D, CENTURY = 0x32 };
enum { A_UIP = 0x80, B_SET = 0x80, B_PIE = 0x40, B_AIE = 0x20, B_UIE = 0x10, B_DM = 4, B_24H = 2 };
enum { C_IRQF = 0x80, C_PF = 0x40, C_AF = 0x20, C_UF = 0x10, D_VRT = 0x80 };
#define UIP_NS UINT64_C(2000000)
#define DIVIDER_HZ 32768u

static struct mc146818 *self(struct dev *d) { return (struct mc146818 *)d; }

struct date { int64_t year; unsigned month, day, hour, min, sec, weekday; };

/* Days since 1970-01-01 of a date in the Gregorian calendar; months count from March, so that the leap day is last.  */
static int64_t days_from_date(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year, era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400, m = month > 2 ? month - 3 : month + 9, doy = (153 * m + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static struct date date_from_seconds(int64_t t)
{
	int64_t days = (t >= 0 ? t : t - 86399) / 86400, s = t - days * 86400;
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct date d = { .day = (unsigned)(doy - (153 * mp + 2) / 5 + 1), .month = (unsigned)(mp < 10 ? mp + 3 : mp - 9) };

	d.year = yoe + era * 400 + (d.month <= 2);
	d.hour = (unsigned)(s / 3600);
	d.min = (unsigned)(s / 60 % 60);
	d.sec = (unsigned)(s % 60);
	d.weekday = (unsigned)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	return d;
}

static uint8_t encode(const struct mc146818 *r, unsigned v)
{
	return (uint8_t)(r->cmos[REG_B] & B_DM ? v : v / 10 % 10 << 4 | v % 10);
}

static unsigned decode(const struct mc146818 *r, uint8_t v)
{
	return r->cmos[REG_B] & B_DM ? v : (v >> 4) * 10u + (v & 15u);
}

static uint8_t encode_hour(const struct mc146818 *r, unsigned hour)
{
	if (r->cmos[REG_B] & B_24H)
		return encode(r, hour);
	return (uint8_t)(encode(r, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? 0x80 : 0));
}

static unsigned decode_hour(const struct mc146818 *r, uint8_t v)
{
	if (r->cmos[REG_B] & B_24H)
		return decode(r, v);
	return decode(r, v & 0x7f) % 12 + (v & 0x80 ? 12 : 0);
}

static bool stopped(const struct mc146818 *r)
{
	return (r->cmos[REG_B] & B_SET) || (r->cmos[REG_A] & 0x60) == 0x60; /* DV 11x holds the divider */
}

static int64_t seconds(const struct mc146818 *r) { return (int64_t)(clock_now(r->cfg.clock) / NS_PER_S) + r->offset; }

static void to_registers(struct mc146818 *r)
{
	struct date d = date_from_seconds(seconds(r));

	r->cmos[SEC] = encode(r, d.sec);
	r->cmos[MIN] = encode(r, d.min);
	r->cmos[HOUR] = encode_hour(r, d.hour);
	r->cmos[WEEKDAY] = encode(r, (d.weekday + r->day_shift) % 7 + 1);
	r->cmos[DAY] = encode(r, d.day);
	r->cmos[MONTH] = encode(r, d.month);
	r->cmos[YEAR] = encode(r, (unsigned)(d.year % 100));
	r->cmos[CENTURY] = encode(r, (unsigned)(d.year / 100 % 100));
}

/* Nonsense in the registers becomes some date: the months are cut to what exists, the rest carries over.  */
static void from_registers(struct mc146818 *r)
{
	unsigned month = decode(r, r->cmos[MONTH]);
	int64_t year = (int64_t)decode(r, r->cmos[CENTURY]) * 100 + decode(r, r->cmos[YEAR]);
	int64_t days = days_from_date(year, month < 1 ? 1 : month > 12 ? 12 : month, decode(r, r->cmos[DAY]));
	int64_t t = days * 86400 + decode_hour(r, r->cmos[HOUR]) * INT64_C(3600) + decode(r, r->cmos[MIN]) * INT64_C(60) + decode(r, r->cmos[SEC]);

	r->offset += t - seconds(r);
	r->day_shift = (uint8_t)((decode(r, r->cmos[WEEKDAY]) + 13 - date_from_seconds(t).weekday) % 7);
}

static void update_irq(struct mc146818 *r)
{
	bool on = r->cmos[REG_C] & r->cmos[REG_B] & (C_PF | C_AF | C_UF);

	r->cmos[REG_C] = (uint8_t)((r->cmos[REG_C] & ~C_IRQF) | (on ? C_IRQF : 0));
	irq_set(&r->cfg.irq, on);
}

/* Period of the periodic flag in divider ticks; 0: none (MC146818A table 5, 32.768 kHz).  */
static uint64_t period_ticks(const struct mc146818 *r)
{
	unsigned rs = r->cmos[REG_A] & 15;

	if (!rs)
		return 0;
	return rs <= 2 ? UINT64_C(1) << (rs + 6) : UINT64_C(1) << (rs - 1);
}

static bool alarm_field(const struct mc146818 *r, unsigned reg, unsigned now, bool hour)
{
	uint8_t v = r->cmos[reg];

	return v >= 0xc0 || (hour ? decode_hour(r, v) : decode(r, v)) == now;
}

static bool alarm_at(const struct mc146818 *r, int64_t t)
{
	struct date d = date_from_seconds(t);

	return alarm_field(r, SEC_ALARM, d.sec, false) && alarm_field(r, MIN_ALARM, d.min, false) && alarm_field(r, HOUR_ALARM, d.hour, true);
}

/* Bring the flags of register C up to date.  */
static void catch_up(struct mc146818 *r)
{
	uint64_t now = clock_now(r->cfg.clock), from = r->flags_ns, ticks = period_ticks(r);
	uint64_t first = from / NS_PER_S + 1, last = now / NS_PER_S;

	r->flags_ns = now;
	if (ticks && ns_to_ticks(now, DIVIDER_HZ) / ticks != ns_to_ticks(from, DIVIDER_HZ) / ticks)
		r->cmos[REG_C] |= C_PF;
	if (!stopped(r) && last >= first) {
		r->cmos[REG_C] |= C_UF;
		if (last - first >= 86400) /* every time of day has passed */
			first = last - 86399;
		for (uint64_t s = first; s <= last && !(r->cmos[REG_C] & C_AF); s++)
			if (alarm_at(r, (int64_t)s + r->offset))
				r->cmos[REG_C] |= C_AF;
	}
	update_irq(r);
}

/* Timers run only for interrupts that are enabled; polled flags are brought up to date when they are read.  */
static void arm(struct mc146818 *r)
{
	uint64_t now = clock_now(r->cfg.clock), ticks = period_ticks(r);

	timer_set(&r->second, r->cmos[REG_B] & (B_AIE | B_UIE) ? (now / NS_PER_S + 1) * NS_PER_S : CLOCK_NEVER);
	if ((r->cmos[REG_B] & B_PIE) && ticks)
		timer_set(&r->periodic, ticks_to_ns((ns_to_ticks(now, DIVIDER_HZ) / ticks + 1) * ticks, DIVIDER_HZ));
	else
		timer_cancel(&r->periodic);
}

static void fire(void *opaque)
{
	struct mc146818 *r = opaque;

	catch_up(r);
	arm(r);
}

static bool is_time(unsigned index)
{
	return index == SEC || index == MIN || index == HOUR || (index >= WEEKDAY && index <= YEAR) || index == CENTURY;
}

static uint32_t read_cmos(struct mc146818 *r)
{
	uint8_t c;

	if (is_time(r->index)) {
		if (!stopped(r))
			to_registers(r);
		return r->cmos[r->index];
	}
	switch (r->index) {
	case REG_A:
		if (!stopped(r) && clock_now(r->cfg.clock) % NS_PER_S >= NS_PER_S - UIP_NS)
			return r->cmos[REG_A] | A_UIP;
		return r->cmos[REG_A];
	case REG_C:
		catch_up(r);
		c = r->cmos[REG_C];
		r->cmos[REG_C] = 0;
		update_irq(r);
		return c;
	case REG_D:
		return D_VRT;
	default:
		return r->cmos[r->index];
	}
}

/* Registers A and B can stop the clock and change how the time reads.  */
static void write_control(struct mc146818 *r, unsigned reg, uint8_t val)
{
	bool was_stopped = stopped(r);

	catch_up(r);
	if (!was_stopped)
		to_registers(r);
	if (reg == REG_A)
		val &= 0x7f;
	else if (val & B_SET)
		val &= (uint8_t)~B_UIE; /* MC146818A, "SET" */
	r->cmos[reg] = val;
	if (was_stopped && !stopped(r))
		from_registers(r);
	update_irq(r);
	arm(r);
}

static void mc146818_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	struct mc146818 *r = self(d);

	(void)width;
	if (off == 0) {
		r->index = val & 0x7f;
		return;
	}
	if (r->index == REG_C || r->index == REG_D)
		return;
	if (r->index == REG_A || r->index == REG_B) {
		write_control(r, r->index, (uint8_t)val);
		return;
	}
	if (!is_time(r->index) || stopped(r)) {
		catch_up(r); /* an alarm that has passed counts as it was set */
		r->cmos[r->index] = (uint8_t)val;
		return;
	}
	catch_up(r);
	to_registers(r);
	r->cmos[r->index] = (uint8_t)val;
	from_registers(r);
}

static uint32_t mc146818_read(struct dev *d, uint32_t off, unsigned width)
{
	(void)width;
	return off ? read_cmos(self(d)) : 0xff; /* the index is write-only */
}

/* The reset line stops interrupts only: time and memory are kept by the battery.  */
static void mc146818_reset(struct dev *d, enum reset_kind kind)
{
	struct mc146818 *r = self(d);

	if (kind == RESET_COLD) {
		memset(r->cmos, 0, sizeof r->cmos);
		r->cmos[REG_A] = 0x26;
		r->cmos[REG_B] = B_24H;
		r->offset = r->cfg.base;
		r->day_shift = 0;
	}
	r->cmos[REG_B] &= (uint8_t)~(B_PIE | B_AIE | B_UIE | 8);
	r->cmos[REG_C] = 0;
	r->index = 0;
	r->flags_ns = clock_now(r->cfg.clock);
	arm(r);
	update_irq(r);
}

static void mc146818_fini(struct dev *d)
{
	timer_cancel(&self(d)->second);
	timer_cancel(&self(d)->periodic);
}

static const struct dev_ops ops = {
	.kind = "mc146818", .span = 2, .widths = 1, .order = IO_LITTLE,
	.read = mc146818_read, .write = mc146818_write, .reset = mc146818_reset, .fini = mc146818_fini,
};

void mc146818_init(struct mc146818 *r, const struct mc146818_cfg *cfg)
{
	*r = (struct mc146818){ .cfg = *cfg };
	dev_init(&r->dev, &ops, cfg->name, NULL);
	timer_init(&r->second, cfg->clock, fire, r);
	timer_init(&r->periodic, cfg->clock, fire, r);
	mc146818_reset(&r->dev, RESET_COLD);
}
