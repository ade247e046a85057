/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers of an Au1000 interrupt controller, as Linux (arch/mips/alchemy/common/irq.c) and NetBSD (aureg.h) use them.
 * Invariant: the request lines follow REQ0INT and REQ1INT.
 *
 * Most registers are a pair: what is written to the first sets bits, to the second clears them; the first reads as the bits.  The second
 * of CFG2 and of SRC read as something else, the requests.  Edges are latched whether or not their input is enabled by MASK.
 */
#include "dbt-runtime/dev/au1x00_ic.h"

#include "dbt-runtime/dev/reg.h"

enum {
	CFG0 = 0x40, CFG1 = 0x48, CFG2 = 0x50, REQ0INT = 0x54, SRC = 0x58, REQ1INT = 0x5c, ASSIGN = 0x60, WAKE = 0x68, MASK = 0x70,
	RISING = 0x78, FALLING = 0x7c, TESTBIT = 0x80,
};

static struct au1x00_ic *self(struct dev *d) { return (struct au1x00_ic *)d; }
static uint32_t bits(struct au1x00_ic *ic, uint32_t off) { return *reg_value(&ic->dev, off); }

/* Types of an input, by (CFG2, CFG1, CFG0): 001 rising edge, 010 falling edge, 011 both; 101 high, 110 low level, 111 both.  */
static uint32_t pending(struct au1x00_ic *ic)
{
	uint32_t c0 = bits(ic, CFG0), c1 = bits(ic, CFG1), level = bits(ic, CFG2);
	uint32_t edges = (c0 & bits(ic, RISING)) | (c1 & bits(ic, FALLING)), levels = (c0 & ic->seen) | (c1 & ~ic->seen);

	return bits(ic, MASK) & ((edges & ~level) | (levels & level));
}

static uint32_t request(struct au1x00_ic *ic, unsigned n)
{
	return pending(ic) & (n ? ~bits(ic, ASSIGN) : bits(ic, ASSIGN));
}

static void update(struct au1x00_ic *ic)
{
	uint32_t src = bits(ic, SRC), now = (ic->level & src) | (bits(ic, TESTBIT) ? ~src : 0), edge = ~bits(ic, CFG2);

	*reg_value(&ic->dev, RISING) |= now & ~ic->seen & edge & bits(ic, CFG0);
	*reg_value(&ic->dev, FALLING) |= ~now & ic->seen & edge & bits(ic, CFG1);
	ic->seen = now;
	for (unsigned n = 0; n < ARRAY_LEN(ic->cfg.req); n++)
		irq_set(&ic->cfg.req[n], request(ic, n) != 0);
}

void au1x00_ic_set(void *opaque, unsigned line, bool level)
{
	struct au1x00_ic *ic = opaque;

	ic->level = (ic->level & ~(1u << line)) | (uint32_t)level << line;
	update(ic);
}

void au1x00_ic_set_low(void *opaque, unsigned line, bool level) { au1x00_ic_set(opaque, line, !level); }

static void set_bits(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	*reg_value(d, r->off) = old | val;
	update(self(d));
}

static void clear_bits(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)old;
	*reg_value(d, r->off - 4) &= ~val;
	update(self(d));
}

static void changed(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	(void)val;
	update(self(d));
}

static uint32_t request_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)stored;
	return request(self(d), r->off == REQ1INT);
}

#define REF "Linux 6.1 arch/mips/alchemy/common/irq.c"
#define SET(n, o) { .name = n, .off = o, .width = 4, .readable = UINT32_MAX, .write = set_bits, .ref = REF }
#define CLEAR(n, o, rd) { .name = n, .off = o, .width = 4, .read = rd, .write = clear_bits, .ref = REF }
#define EDGE(n, o) { .name = n, .off = o, .width = 4, .readable = UINT32_MAX, .w1c = UINT32_MAX, .write = changed, .ref = REF }
static const struct reg regs[] = {
	SET("CFG0", CFG0), CLEAR("CFG0CLR", CFG0 + 4, NULL), SET("CFG1", CFG1), CLEAR("CFG1CLR", CFG1 + 4, NULL),
	SET("CFG2", CFG2), CLEAR("REQ0INT/CFG2CLR", REQ0INT, request_read), SET("SRC", SRC), CLEAR("REQ1INT/SRCCLR", REQ1INT, request_read),
	SET("ASSIGN", ASSIGN), CLEAR("ASSIGNCLR", ASSIGN + 4, NULL), SET("WAKE", WAKE), CLEAR("WAKECLR", WAKE + 4, NULL),
	SET("MASK", MASK), CLEAR("MASKCLR", MASK + 4, NULL), EDGE("RISING", RISING), EDGE("FALLING", FALLING),
	{ .name = "TESTBIT", .off = TESTBIT, .width = 4, .readable = 1, .writable = 1, .write = changed, .ref = REF },
};
_Static_assert(ARRAY_LEN(regs) <= AU1X00_IC_REGS, "room for stored values");

/* The inputs are where they are; what they do while nothing is configured is not an edge.  */
static void ic_reset(struct dev *d, enum reset_kind kind)
{
	(void)kind;
	update(self(d));
}

static const struct dev_ops ops = {
	.kind = "au1x00-ic", .span = 0x1000, .widths = 1 | 2 | 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .reset = ic_reset, .regs = regs, .nregs = ARRAY_LEN(regs),
};

void au1x00_ic_init(struct au1x00_ic *ic, const struct au1x00_ic_cfg *cfg)
{
	*ic = (struct au1x00_ic){ .cfg = *cfg, .level = cfg->idle };
	dev_init(&ic->dev, &ops, cfg->name, ic->values);
	dev_reset(&ic->dev, RESET_COLD);
}
