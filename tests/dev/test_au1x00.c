/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices inside the Au1500, one by one, and the Pb1500's board registers: each thing a kernel would trip over is a test.  */
#include <check.h>

#include "dbt-runtime/dev/au1x00_ic.h"
#include "dbt-runtime/dev/au1x00_sys.h"
#include "dbt-runtime/dev/au1x00_uart.h"
#include "dbt-runtime/dev/pb1500_bcsr.h"
#include "tests/dev/fakes.h"

Suite *au1x00_suite(void);

static struct fake_time now;
static struct dev *dev; /* under test */

static uint32_t in(uint32_t off) { return io_read(&dev->io, off, 4); }
static void out(uint32_t off, uint32_t val) { io_write(&dev->io, off, 4, val); }
static void tear_down(void) { dev_fini(dev); }

/* --- interrupt controller --- */

enum { CFG0 = 0x40, CFG1 = 0x48, CFG2 = 0x50, SRC = 0x58, ASSIGN = 0x60, WAKE = 0x68, MASK = 0x70, RISING = 0x78, FALLING = 0x7c,
       TESTBIT = 0x80 };
enum { REQ0INT = 0x54, REQ1INT = 0x5c, CLR = 4 };
enum { EDGE_RISING = 1, EDGE_FALLING = 2, EDGE_BOTH = 3, LEVEL_HIGH = 5, LEVEL_LOW = 6 };

#define ACTIVE_LOW 0x00000036u

static struct au1x00_ic ic;
static struct fake_wire req[2];

static void ic_set_up(void)
{
	au1x00_ic_init(&ic, &(struct au1x00_ic_cfg){ .name = "ic", .idle = ACTIVE_LOW, .req = { fake_wire(&req[0]), fake_wire(&req[1]) } });
	dev = &ic.dev;
}

/* As Linux does before anything else.  */
static void ic_linux_init(void)
{
	static const uint32_t all[] = { CFG0 + CLR, CFG1 + CLR, CFG2 + CLR, MASK + CLR, ASSIGN + CLR, WAKE + CLR, SRC, FALLING, RISING };

	for (unsigned i = 0; i < ARRAY_LEN(all); i++)
		out(all[i], UINT32_MAX);
	out(TESTBIT, 0);
}

static void ic_type(unsigned line, unsigned type)
{
	for (unsigned i = 0; i < 3; i++)
		out(CFG0 + 8 * i + (type >> i & 1 ? 0 : CLR), 1u << line);
}

static void ic_line(unsigned line, bool level) { au1x00_ic_set(&ic, line, level); }

START_TEST(ic_pairs_set_and_clear)
{
	static const uint32_t pair[] = { CFG0, CFG1, CFG2, SRC, ASSIGN, WAKE, MASK };
	uint32_t off = pair[_i];

	ck_assert_uint_eq(in(off), 0);
	out(off, 0xf0f0f0f0);
	out(off, 0x0000000f);
	ck_assert_uint_eq(in(off), 0xf0f0f0ff);
	out(off + CLR, 0x000000f0);
	ck_assert_uint_eq(in(off), 0xf0f0f00f);
	ck_assert_uint_eq(in(off + CLR), 0); /* not the bits: nothing, or the requests */
	dev_reset(dev, RESET_WARM);
	ck_assert_uint_eq(in(off), 0);
}
END_TEST

START_TEST(ic_idle_lines_do_not_storm)
{
	ic_linux_init();
	for (unsigned n = 0; n < 32; n++) {
		ic_type(n, ACTIVE_LOW >> n & 1 ? LEVEL_LOW : n & 1 ? LEVEL_HIGH : EDGE_RISING);
		out(MASK, 1u << n);
	}
	ck_assert_uint_eq(in(REQ0INT) | in(REQ1INT), 0);
	ck_assert_uint_eq(req[0].rises + req[1].rises, 0);
	ck_assert_uint_eq(in(RISING) | in(FALLING), 0);
}
END_TEST

START_TEST(ic_levels_follow_their_line)
{
	ic_linux_init();
	ic_type(0, LEVEL_HIGH);
	ic_type(1, LEVEL_LOW);
	out(MASK, 3);
	ic_line(0, true);
	ck_assert(!req[0].level && req[1].level);
	ck_assert_uint_eq(in(REQ1INT), 1);
	out(RISING, UINT32_MAX); /* Linux does, for levels too; it means nothing */
	out(FALLING, UINT32_MAX);
	ck_assert_uint_eq(in(REQ1INT), 1);
	ic_line(0, false);
	ck_assert(!req[1].level);
	au1x00_ic_set_low(&ic, 1, true);
	ck_assert_uint_eq(in(REQ1INT), 2);
	ck_assert(req[1].level);
	out(MASK + CLR, 2);
	ck_assert(!req[1].level);
	out(MASK, 2);
	ck_assert(req[1].level);
	au1x00_ic_set_low(&ic, 1, false);
	ck_assert(!req[1].level);
	ck_assert_uint_eq(in(REQ1INT), 0);
}
END_TEST

START_TEST(ic_edges_are_kept)
{
	ic_linux_init();
	ic_type(8, EDGE_RISING);
	ic_type(9, EDGE_FALLING);
	ic_type(10, EDGE_BOTH);
	for (unsigned n = 8; n <= 10; n++) {
		ic_line(n, true);
		ic_line(n, false);
	}
	ck_assert_uint_eq(in(RISING), 1u << 10 | 1u << 8); /* masked, and latched */
	ck_assert_uint_eq(in(FALLING), 1u << 10 | 1u << 9);
	ck_assert(!req[1].level);
	out(MASK, 7u << 8);
	ck_assert_uint_eq(in(REQ1INT), 7u << 8);
	ck_assert(req[1].level);
	out(FALLING, 1u << 10);
	ck_assert_uint_eq(in(REQ1INT), 7u << 8); /* the rising one still counts */
	out(RISING, 1u << 10);
	ck_assert_uint_eq(in(REQ1INT), 3u << 8);
	ic_type(8, LEVEL_HIGH); /* what was latched is not asked any more */
	ck_assert_uint_eq(in(REQ1INT), 1u << 9);
	ic_type(8, EDGE_RISING);
	ck_assert_uint_eq(in(REQ1INT), 3u << 8);
	out(RISING, 1u << 8);
	out(FALLING, 1u << 9);
	ck_assert(!req[1].level);
}
END_TEST

START_TEST(ic_assign_chooses_the_request)
{
	ic_linux_init();
	ic_type(21, EDGE_RISING);
	out(ASSIGN, 1u << 21);
	out(MASK, 1u << 21);
	ic_line(21, true);
	ic_line(21, false);
	ck_assert(req[0].level && !req[1].level);
	ck_assert_uint_eq(in(REQ0INT), 1u << 21);
	ck_assert_uint_eq(in(REQ1INT), 0);
	out(ASSIGN + CLR, 1u << 21);
	ck_assert(!req[0].level && req[1].level);
	ck_assert_uint_eq(in(REQ1INT), 1u << 21);
}
END_TEST

START_TEST(ic_request_registers_are_not_what_is_written_there)
{
	ic_linux_init();
	ic_type(3, LEVEL_HIGH);
	out(MASK, 8);
	out(ASSIGN, 8);
	ic_line(3, true);
	ck_assert_uint_eq(in(0x54), 8);
	out(0x54, 8); /* clears CFG2: now a rising edge, of which there was none */
	ck_assert_uint_eq(in(CFG2), 0);
	ck_assert_uint_eq(in(0x54), 0);
	out(CFG2, 8);
	ck_assert_uint_eq(in(0x54), 8);
	out(0x5c, 8); /* clears SRC: the test bit is the source */
	ck_assert_uint_eq(in(SRC), ~8u);
	ck_assert_uint_eq(in(0x54), 0);
}
END_TEST

START_TEST(ic_test_bit)
{
	ic_linux_init();
	out(SRC + CLR, 0xff);
	ic_type(2, LEVEL_HIGH);
	ic_type(3, EDGE_RISING);
	out(MASK, 0x1fc);
	ic_line(2, true);
	ck_assert_uint_eq(in(REQ1INT), 0); /* the line is not asked */
	out(TESTBIT, UINT32_MAX);
	ck_assert_uint_eq(in(TESTBIT), 1);
	ck_assert_uint_eq(in(REQ1INT), 0xc);
	out(TESTBIT, 0);
	ck_assert_uint_eq(in(REQ1INT), 0x8); /* a level is gone, an edge stays */
}
END_TEST

/* --- system control: counters --- */

enum { TOYTRIM = 0x00, TOYWRITE = 0x04, TOYMATCH2 = 0x10, CNTRCTRL = 0x14, SCRATCH0 = 0x18, SCRATCH1 = 0x1c, TOYREAD = 0x40,
       RTCTRIM = 0x44, RTCWRITE = 0x48, RTCMATCH0 = 0x4c, RTCMATCH2 = 0x54, RTCREAD = 0x58, CPUPLL = 0x60, SLEEP = 0x7c, TRIOUT = 0x100,
       OUTPUTSET = 0x108, OUTPUTCLR = 0x10c, PINSTATE = 0x110 };
enum { RUNNING = 0x2900, BT0 = 0x400 };

#define BASE 1000000000
#define DAY (86400 * NS_PER_S)

static struct au1x00_sys sys;
static struct fake_wire match[AU1X00_COUNTERS][AU1X00_SYS_MATCHES];
static uint32_t pins, pin_changes;

static void pin_set(void *opaque, unsigned pin, bool level)
{
	(void)opaque;
	pin_changes++;
	pins = (pins & ~(1u << pin)) | (uint32_t)level << pin;
}

static void sys_set_up(void)
{
	struct au1x00_sys_cfg cfg = { .name = "sys", .clock = &now.clock, .rtc_base = BASE, .gpio = { pin_set, NULL, 0 },
		.pins_idle = UINT32_MAX };

	fake_time_init(&now);
	pins = pin_changes = 0;
	for (unsigned c = 0; c < AU1X00_COUNTERS; c++)
		for (unsigned i = 0; i < AU1X00_SYS_MATCHES; i++)
			cfg.match[c][i] = fake_wire(&match[c][i]);
	au1x00_sys_init(&sys, &cfg);
	dev = &sys.dev;
}

/* The first moment at which @n periods of 32768 Hz have passed.  */
static uint64_t periods(uint64_t n) { return ticks_to_ns(n, AU1X00_SYS_HZ); }
static unsigned rtc_matches(void) { return match[AU1X00_RTC][2].rises; }

/* As a monitor and Linux leave the RTC: 32768 Hz from 0.  */
static void rtc_start(void)
{
	out(CNTRCTRL, RUNNING);
	out(RTCTRIM, 0);
	out(RTCWRITE, 0);
}

START_TEST(toy_shows_the_date)
{
	ck_assert_uint_eq(in(TOYTRIM), 32767);
	ck_assert_uint_eq(in(TOYREAD), BASE);
	fake_time_pass(&now, 10 * NS_PER_S - 1);
	ck_assert_uint_eq(in(TOYREAD), BASE + 9);
	fake_time_pass(&now, 1);
	ck_assert_uint_eq(in(TOYREAD), BASE + 10);
	out(TOYWRITE, 77);
	ck_assert_uint_eq(in(CNTRCTRL) & 1, 0); /* C0S: done */
	fake_time_pass(&now, 3 * NS_PER_S);
	ck_assert_uint_eq(in(TOYREAD), 80);
	dev_reset(dev, RESET_WARM);
	fake_time_pass(&now, 3 * NS_PER_S);
	ck_assert_uint_eq(in(TOYREAD), 83);
	dev_reset(dev, RESET_COLD);
	ck_assert_uint_eq(in(TOYREAD), BASE + 16);
}
END_TEST

START_TEST(toy_with_another_trim)
{
	out(TOYTRIM, 15);
	out(TOYWRITE, 0);
	fake_time_pass(&now, NS_PER_S);
	ck_assert_uint_eq(in(TOYREAD), 2048);
	out(TOYTRIM, 32767); /* the value stays, the divider starts anew */
	ck_assert_uint_eq(in(TOYREAD), 2048);
	fake_time_pass(&now, NS_PER_S);
	ck_assert_uint_eq(in(TOYREAD), 2049);
	out(CNTRCTRL, RUNNING | BT0);
	fake_time_pass(&now, NS_PER_S);
	ck_assert_uint_eq(in(TOYREAD), 2049 + 32768);
	ck_assert_uint_eq(in(TOYTRIM), 32767);
}
END_TEST

START_TEST(rtc_counts_at_32768_hz)
{
	fake_time_pass(&now, NS_PER_S);
	ck_assert_uint_eq(in(RTCREAD), 0); /* not enabled */
	rtc_start();
	fake_time_pass(&now, NS_PER_S);
	ck_assert_uint_eq(in(RTCREAD), 32768);
	for (unsigned i = 0; i < 5; i++)
		fake_time_pass(&now, NS_PER_S / 5);
	ck_assert_uint_eq(in(RTCREAD), 65536); /* looking on the way costs nothing */
	out(CNTRCTRL, 0);
	fake_time_pass(&now, NS_PER_S);
	ck_assert_uint_eq(in(RTCREAD), 65536);
	out(CNTRCTRL, RUNNING);
	fake_time_pass(&now, NS_PER_S);
	ck_assert_uint_eq(in(RTCREAD), 98304);
	out(RTCWRITE, UINT32_MAX);
	fake_time_pass(&now, periods(2));
	ck_assert_uint_eq(in(RTCREAD), 1);
}
END_TEST

START_TEST(control_never_says_pending)
{
	ck_assert_uint_eq(in(CNTRCTRL), 0x0920);
	out(CNTRCTRL, UINT32_MAX);
	ck_assert_uint_eq(in(CNTRCTRL), 0x7d20);
	out(CNTRCTRL, 0);
	ck_assert_uint_eq(in(CNTRCTRL), 0x20); /* the oscillator has been seen */
	out(CNTRCTRL, RUNNING);
	ck_assert_uint_eq(in(CNTRCTRL) & 0x120, 0x120);
	dev_reset(dev, RESET_WARM);
	ck_assert_uint_eq(in(CNTRCTRL), RUNNING | 0x20);
}
END_TEST

START_TEST(match_fires_when_it_is_due)
{
	rtc_start();
	fake_time_pass(&now, 12345678);
	out(RTCMATCH2, in(RTCREAD) + 9);
	ck_assert_uint_eq(in(RTCMATCH2), in(RTCREAD) + 9);
	fake_time_pass(&now, periods(in(RTCMATCH2)) - now.now - 1);
	ck_assert_uint_eq(rtc_matches(), 0);
	fake_time_pass(&now, 1);
	ck_assert_uint_eq(rtc_matches(), 1);
	ck_assert(!match[AU1X00_RTC][2].level); /* a pulse */
	ck_assert_uint_eq(in(RTCREAD), in(RTCMATCH2));
	fake_time_pass(&now, DAY);
	ck_assert_uint_eq(rtc_matches(), 1);
	/* A whole round: 2^32 periods.  */
	fake_time_pass(&now, DAY);
	ck_assert_uint_eq(rtc_matches(), 2);
	ck_assert_uint_eq(match[AU1X00_TOY][2].rises, 0);
}
END_TEST

START_TEST(match_is_met_when_time_jumps_over_it)
{
	rtc_start();
	out(RTCMATCH0, 500);
	out(RTCMATCH2, 400);
	now.now += NS_PER_S; /* the host slept */
	clock_run_due(&now.clock);
	ck_assert_uint_eq(rtc_matches(), 1);
	ck_assert_uint_eq(match[AU1X00_RTC][0].rises, 1);
	out(RTCMATCH2, in(RTCREAD) + 100);
	now.now += NS_PER_S;
	ck_assert_uint_eq(in(RTCREAD), 65536); /* the guest looks before the timer runs */
	ck_assert_uint_eq(rtc_matches(), 2);
	clock_run_due(&now.clock);
	ck_assert_uint_eq(rtc_matches(), 2);
}
END_TEST

START_TEST(match_set_too_late_is_met_at_once)
{
	uint32_t at;

	rtc_start();
	fake_time_pass(&now, NS_PER_S);
	at = in(RTCREAD);
	now.now += NS_PER_S; /* between two instructions of the guest */
	out(RTCMATCH2, at + 9);
	ck_assert_uint_eq(rtc_matches(), 1);
	out(RTCMATCH2, in(RTCREAD));
	ck_assert_uint_eq(rtc_matches(), 2);
}
END_TEST

START_TEST(match_in_the_past_means_the_next_round)
{
	rtc_start();
	fake_time_pass(&now, NS_PER_S);
	out(RTCMATCH2, in(RTCREAD) - 1);
	fake_time_pass(&now, DAY);
	ck_assert_uint_eq(rtc_matches(), 0);
	out(CNTRCTRL, 0); /* and never without a clock */
	fake_time_pass(&now, DAY);
	ck_assert_uint_eq(rtc_matches(), 0);
	ck_assert_uint_eq(clock_next_deadline(&now.clock), CLOCK_NEVER);
}
END_TEST

/* Old kernels add to the register and do not look at the counter.  */
START_TEST(match_by_increments)
{
	uint32_t at = 328;

	out(TOYTRIM, 0);
	out(TOYWRITE, 0);
	out(TOYMATCH2, at);
	for (unsigned i = 1; i <= 1000; i++) {
		now.now += i % 100 == 0 ? periods(328 * 3) : i % 100 < 4 ? 1 : periods(328); /* late, catching up, in time */
		clock_run_due(&now.clock);
		while (match[AU1X00_TOY][2].rises * 328 >= at)
			out(TOYMATCH2, at += 328);
	}
	ck_assert_uint_ge(in(TOYREAD), at - 328);
	ck_assert_uint_lt(in(TOYREAD), at);
}
END_TEST

START_TEST(writing_a_counter_meets_nothing)
{
	rtc_start();
	out(RTCMATCH2, 1000);
	out(RTCWRITE, 2000);
	ck_assert_uint_eq(rtc_matches(), 0);
	out(RTCWRITE, 990);
	fake_time_pass(&now, periods(10) + 1);
	ck_assert_uint_eq(rtc_matches(), 1);
}
END_TEST

/* --- system control: pins and the rest --- */

START_TEST(pins_are_inputs_until_driven)
{
	ck_assert_uint_eq(pins, UINT32_MAX);
	ck_assert_uint_eq(in(PINSTATE), UINT32_MAX); /* bit 0 low would be a PCMCIA card */
	ck_assert_uint_eq(in(TRIOUT), 0);
	pin_changes = 0;
	au1x00_sys_pin(&sys, 3, false);
	ck_assert_uint_eq(in(PINSTATE), ~8u);
	out(OUTPUTCLR, 0x11);
	ck_assert_uint_eq(in(TRIOUT), 0x11);
	ck_assert_uint_eq(in(PINSTATE), ~0x19u);
	ck_assert_uint_eq(pins, ~0x19u);
	out(OUTPUTSET, 0x10);
	ck_assert_uint_eq(in(OUTPUTSET), 0x10);
	ck_assert_uint_eq(pins, ~0x09u);
	au1x00_sys_pin(&sys, 4, false); /* an output does not care */
	ck_assert_uint_eq(pins, ~0x09u);
	out(TRIOUT, 0x11);
	ck_assert_uint_eq(pins, ~0x18u);
	ck_assert_uint_eq(pin_changes, 6);
	out(PINSTATE, 0); /* enables input buffers */
	ck_assert_uint_eq(in(PINSTATE), ~0x18u);
	out(OUTPUTCLR, 1);
	dev_reset(dev, RESET_WARM);
	ck_assert_uint_eq(pins, ~0x18u);
}
END_TEST

START_TEST(scratch_outlives_a_reset)
{
	out(SCRATCH0, 0x80001234);
	out(SCRATCH1, 0xbfc00010);
	dev_reset(dev, RESET_WARM);
	ck_assert_uint_eq(in(SCRATCH0), 0x80001234);
	ck_assert_uint_eq(in(SCRATCH1), 0xbfc00010);
	dev_reset(dev, RESET_COLD);
	ck_assert_uint_eq(in(SCRATCH0) | in(SCRATCH1), 0);
}
END_TEST

START_TEST(clocks_never_divide_by_zero)
{
	ck_assert_uint_eq(in(CPUPLL) & 0x3f, 33); /* 396 MHz, as the processor runs */
	ck_assert_uint_eq(in(0x38), 1);           /* little-endian */
	out(SLEEP, 1);
	ck_assert_uint_eq(in(CPUPLL) & 0x3f, 33);
	out(0x5c, UINT32_MAX);
	ck_assert_uint_eq(in(0x5c), 0);
}
END_TEST

/* --- UART --- */

enum { RX = 0x00, TX = 0x04, IER = 0x08, IIR = 0x0c, FCR = 0x10, LCR = 0x14, MCR = 0x18, LSR = 0x1c, MSR = 0x20, DIVISOR = 0x28,
       ENABLE = 0x100 };

static struct au1x00_uart uart;
static struct fake_serial line;
static struct fake_wire wire;

static void uart_set_up(void)
{
	fake_time_init(&now);
	fake_serial_init(&line);
	au1x00_uart_init(&uart, &(struct ns16550_cfg){ .name = "uart", .clock = &now.clock, .chardev = &line.chardev, .irq = fake_wire(&wire),
		.hz = 99000000 });
	dev = &uart.core.dev;
}

static void uart_on(void)
{
	out(ENABLE, 0);
	out(ENABLE, 1);
	out(ENABLE, 3);
}

START_TEST(uart_is_off_after_reset)
{
	ck_assert_uint_eq(in(ENABLE), 0);
	ck_assert_uint_eq(in(LSR), 0x60); /* no poll for room hangs, and 0xff would mean: no UART */
	out(TX, 'x');
	out(IER, 0x0f);
	fake_serial_type(&line, "early");
	ck_assert_uint_eq(line.out_n, 0);
	ck_assert_uint_eq(in(IER), 0);
	ck_assert_uint_eq(line.in_at, 0);
	out(ENABLE, 1); /* clock, still in reset */
	out(TX, 'x');
	ck_assert_uint_eq(line.out_n, 0);
	uart_on();
	out(FCR, 1);
	out(TX, 'y');
	ck_assert_uint_eq(line.out_n, 1);
	ck_assert_uint_eq(in(RX), 'e'); /* what was typed has waited */
}
END_TEST

START_TEST(uart_layout)
{
	uart_on();
	ck_assert_uint_eq(in(IIR), 0x01);
	out(FCR, 1);
	ck_assert_uint_eq(in(IIR), 0xc1);
	ck_assert_uint_eq(in(LSR), 0x60);
	ck_assert_uint_eq(in(MSR), 0xb0);
	out(LCR, 0x83); /* the latch bit means nothing */
	out(DIVISOR, 0x10036);
	ck_assert_uint_eq(in(DIVISOR), 0x36);
	out(TX, 'z');
	ck_assert_uint_eq(line.out[0], 'z');
	out(IER, 0xff);
	ck_assert_uint_eq(in(IER), 0x0f);
	ck_assert_uint_eq(in(LCR), 0x83);
	out(RX, 'q'); /* read-only */
	out(0x2c, 0x5a); /* where a stride of four would have the scratch register is nothing */
	ck_assert_uint_eq(in(0x2c), 0);
	ck_assert_uint_eq(line.out_n, 1);
	ck_assert_uint_eq(in(TX) | in(FCR), 0);
	out(MCR, 3);
	ck_assert_uint_eq(in(MCR), 3);
}
END_TEST

START_TEST(uart_interrupts)
{
	uart_on();
	out(FCR, 1);
	out(IER, 2); /* with an empty transmitter it is due at once */
	ck_assert(wire.level);
	ck_assert_uint_eq(in(IIR), 0xc2);
	ck_assert(!wire.level);
	out(IER, 1);
	fake_serial_type(&line, "ab");
	ck_assert(wire.level);
	ck_assert_uint_eq(in(IIR), 0xc4);
	ck_assert_uint_eq(in(RX), 'a');
	ck_assert_uint_eq(in(RX), 'b');
	ck_assert(!wire.level);
}
END_TEST

START_TEST(uart_turned_off_and_on)
{
	uart_on();
	out(FCR, 1);
	out(IER, 3);
	out(DIVISOR, 54);
	fake_serial_type(&line, "ab");
	ck_assert(wire.level);
	out(ENABLE, 0); /* as the driver does when the port is closed */
	ck_assert(!wire.level);
	ck_assert_uint_eq(in(LSR), 0x60);
	chardev_break(&line.chardev);
	fake_serial_type(&line, "c");
	ck_assert(!wire.level);
	uart_on();
	out(FCR, 1);
	out(IER, 1);
	ck_assert_uint_eq(in(RX), 'c');
	ck_assert_uint_eq(in(LSR), 0x60);
	out(ENABLE, 3); /* again: nothing happens */
	ck_assert_uint_eq(in(IER), 1);
}
END_TEST

/* --- board registers --- */

static struct pb1500_bcsr bcsr;
static struct fake_wire reset, poweroff;

static void bcsr_set_up(void)
{
	pb1500_bcsr_init(&bcsr, &(struct pb1500_bcsr_cfg){ .name = "bcsr", .hex_name = "hex", .reset = fake_wire(&reset),
		.poweroff = fake_wire(&poweroff) });
	dev = &bcsr.dev;
}

START_TEST(bcsr_board_is_a_pb1500)
{
	ck_assert_uint_eq(in(0x00) >> 8 & 15, 1);
	out(0x00, 0);
	ck_assert_uint_eq(io_read(&dev->io, 0, 2) >> 8 & 15, 1);
	ck_assert_uint_eq(in(0x04) & 0x2000, 0);  /* flash is not swapped */
	ck_assert_uint_eq(in(0x08) & 0x80, 0x80); /* little-endian */
	bcsr.cfg.big_endian = true;
	ck_assert_uint_eq(in(0x08) & 0x80, 0);
}
END_TEST

START_TEST(bcsr_widths)
{
	out(0x0c, 0xffff0007); /* old kernels store words */
	ck_assert_uint_eq(in(0x0c), 7);
	io_write(&dev->io, 0x0c, 2, 3);
	ck_assert_uint_eq(io_read(&dev->io, 0x0c, 2), 3);
	io_write(&dev->io, 0x0d, 1, 0x20);
	ck_assert_uint_eq(io_read(&dev->io, 0x0c, 4), 0x2003);
	ck_assert_uint_eq(io_read(&dev->io, 0x0e, 2), 0);
	io_write(&bcsr.hex.io, 0, 4, 0xa5);
	ck_assert_uint_eq(io_read(&bcsr.hex.io, 0, 2), 0xa5);
	dev_reset(dev, RESET_WARM);
	ck_assert_uint_eq(in(0x0c), 0);
}
END_TEST

START_TEST(bcsr_reset_and_power)
{
	ck_assert_uint_eq(in(0x1c), 0x8000);
	io_write(&dev->io, 0x1c, 1, 0x1f); /* voltages: the upper byte is not touched */
	ck_assert_uint_eq(reset.rises + poweroff.rises, 0);
	out(0x1c, 0x801f);
	ck_assert_uint_eq(reset.rises + poweroff.rises, 0);
	io_write(&dev->io, 0x1c, 2, 0);
	ck_assert_uint_eq(reset.rises, 1);
	dev_reset(dev, RESET_WARM);
	ck_assert_uint_eq(in(0x1c), 0x8000);
	io_write(&dev->io, 0x1c, 2, 0xc000);
	ck_assert_uint_eq(poweroff.rises, 1);
	ck_assert_uint_eq(reset.rises, 1);
}
END_TEST

static TCase *group(Suite *s, const char *name, void (*set_up)(void))
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, set_up, tear_down);
	suite_add_tcase(s, t);
	return t;
}

static void add_sys(Suite *s)
{
	TCase *t = group(s, "sys", sys_set_up);

	tcase_add_test(t, toy_shows_the_date);
	tcase_add_test(t, toy_with_another_trim);
	tcase_add_test(t, rtc_counts_at_32768_hz);
	tcase_add_test(t, control_never_says_pending);
	tcase_add_test(t, match_fires_when_it_is_due);
	tcase_add_test(t, match_is_met_when_time_jumps_over_it);
	tcase_add_test(t, match_set_too_late_is_met_at_once);
	tcase_add_test(t, match_in_the_past_means_the_next_round);
	tcase_add_test(t, match_by_increments);
	tcase_add_test(t, writing_a_counter_meets_nothing);
	tcase_add_test(t, pins_are_inputs_until_driven);
	tcase_add_test(t, scratch_outlives_a_reset);
	tcase_add_test(t, clocks_never_divide_by_zero);
}

Suite *au1x00_suite(void)
{
	Suite *s = suite_create("au1x00");
	TCase *t = group(s, "ic", ic_set_up);

	tcase_add_loop_test(t, ic_pairs_set_and_clear, 0, 7);
	tcase_add_test(t, ic_idle_lines_do_not_storm);
	tcase_add_test(t, ic_levels_follow_their_line);
	tcase_add_test(t, ic_edges_are_kept);
	tcase_add_test(t, ic_assign_chooses_the_request);
	tcase_add_test(t, ic_request_registers_are_not_what_is_written_there);
	tcase_add_test(t, ic_test_bit);
	add_sys(s);
	t = group(s, "uart", uart_set_up);
	tcase_add_test(t, uart_is_off_after_reset);
	tcase_add_test(t, uart_layout);
	tcase_add_test(t, uart_interrupts);
	tcase_add_test(t, uart_turned_off_and_on);
	t = group(s, "bcsr", bcsr_set_up);
	tcase_add_test(t, bcsr_board_is_a_pb1500);
	tcase_add_test(t, bcsr_widths);
	tcase_add_test(t, bcsr_reset_and_power);
	return s;
}
