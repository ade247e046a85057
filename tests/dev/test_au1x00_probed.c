/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Au1500's devices that a stock kernel only probes: what it polls ends, what is absent reads as absent, wires idle as they should.  */
#include <check.h>

#include "dbt-runtime/dev/au1x00_ac97.h"
#include "dbt-runtime/dev/au1x00_dma.h"
#include "dbt-runtime/dev/au1x00_gpio2.h"
#include "dbt-runtime/dev/au1x00_pci.h"
#include "dbt-runtime/dev/au1x00_usbh.h"
#include "dbt-runtime/dev/ds1693.h"
#include "tests/dev/fakes.h"

Suite *au1x00_probed_suite(void);

static struct fake_time now;
static struct fake_wire wire;

static uint32_t in(struct dev *d, uint32_t off) { return io_read(&d->io, off, 4); }
static void out(struct dev *d, uint32_t off, uint32_t val) { io_write(&d->io, off, 4, val); }

/* --- USB host: Linux arch/mips/alchemy/common/usb.c and drivers/usb/host/ohci-hcd.c, in their order --- */

#define USB_CONFIG 0x7fffcu

static void usb_init(struct au1x00_usbh *u)
{
	struct irq w = fake_wire(&wire);

	fake_time_init(&now);
	au1x00_usbh_init(u, "USB host", &now.clock, &w);
}

START_TEST(usb_reset_is_done_when_enabled)
{
	struct au1x00_usbh u;

	usb_init(&u);
	ck_assert_uint_eq(in(&u.dev, USB_CONFIG) & 0x10, 0);
	out(&u.dev, USB_CONFIG, 8);
	ck_assert_uint_eq(in(&u.dev, USB_CONFIG) & 0x10, 0);
	out(&u.dev, USB_CONFIG, 0xe);
	ck_assert_uint_eq(in(&u.dev, USB_CONFIG), 0x1e);
	out(&u.dev, USB_CONFIG, 0);
	ck_assert_uint_eq(in(&u.dev, USB_CONFIG), 0);
}
END_TEST

START_TEST(ohci_probes_with_two_empty_ports)
{
	struct au1x00_usbh u;

	usb_init(&u);
	ck_assert_uint_eq(in(&u.dev, 0x00) & 0xff, 0x10);
	ck_assert_uint_eq(in(&u.dev, 0x04) & 0x100, 0); /* not the BIOS's */
	out(&u.dev, 0x04, 0x280);
	out(&u.dev, 0x34, 0x12345678);
	out(&u.dev, 0x08, 1);
	ck_assert_uint_eq(in(&u.dev, 0x08) & 1, 0);
	ck_assert_uint_eq(in(&u.dev, 0x04), 0x2c0); /* suspended, remote wake-up kept */
	ck_assert_uint_eq(in(&u.dev, 0x34), 0x2edf);
	out(&u.dev, 0x34, 0xa7782edf);
	out(&u.dev, 0x40, 0x2a2f);
	ck_assert_uint_eq(in(&u.dev, 0x34), 0xa7782edf);
	ck_assert_uint_eq(in(&u.dev, 0x40), 0x2a2f);
	ck_assert_uint_eq(in(&u.dev, 0x48) & 0xff, 2);
	for (uint32_t port = 0x54; port <= 0x58; port += 4) {
		out(&u.dev, port, 0x100);
		ck_assert_uint_eq(in(&u.dev, port), 0x100);
	}
	ck_assert_uint_eq(in(&u.dev, 0x5c), 0);
}
END_TEST

/* ohci_run, the hub driver's look at each port, ohci_rh_suspend a second later because nothing is there, ohci_rh_resume: without an
   interrupt, and each state is found as it was left.  */
START_TEST(ohci_root_hub_stops_and_starts_again)
{
	static const uint32_t port_changes[] = { 0x10000, 0x20000, 0x40000, 0x80000, 0x100000 };
	struct au1x00_usbh u;

	usb_init(&u);
	out(&u.dev, 0x04, 0x000);
	out(&u.dev, 0x08, 1);
	out(&u.dev, 0x04, 0x083);
	out(&u.dev, 0x50, 0x8000);
	out(&u.dev, 0x0c, 0xffffffff);
	out(&u.dev, 0x10, 0x80000052);
	out(&u.dev, 0x48, in(&u.dev, 0x48) | 0x800);
	ck_assert_uint_eq(in(&u.dev, 0x48) >> 24, 0); /* power is good at once: the driver waits that long with interrupts off */
	out(&u.dev, 0x50, 0x10000);
	for (uint32_t port = 0x54; port <= 0x58; port += 4) {
		out(&u.dev, port, 0x100);
		for (unsigned i = 0; i < ARRAY_LEN(port_changes); i++)
			out(&u.dev, port, port_changes[i]);
		ck_assert_uint_eq(in(&u.dev, port), 0x100);
	}
	out(&u.dev, 0x04, 0x4c3);
	ck_assert_uint_eq(in(&u.dev, 0x04), 0x4c3);
	out(&u.dev, 0x04, 0x443);
	ck_assert_uint_eq(in(&u.dev, 0x04) & 0xc0, 0x40); /* else "controller won't resume" */
	out(&u.dev, 0x04, 0x080);
	out(&u.dev, 0x04, 0x083);
	ck_assert_uint_eq(in(&u.dev, 0x04), 0x083);
	ck_assert_uint_eq(in(&u.dev, 0x0c), 0);
	ck_assert_uint_eq(in(&u.dev, 0x50), 0x8000);
	ck_assert(!wire.level);
}
END_TEST

START_TEST(ohci_frames_count_while_operational)
{
	struct au1x00_usbh u;

	usb_init(&u);
	fake_time_pass(&now, 5000000);
	ck_assert_uint_eq(in(&u.dev, 0x3c), 0);
	out(&u.dev, 0x04, 0x80);
	ck_assert_uint_eq(in(&u.dev, 0x3c), 5);
	ck_assert_uint_eq(in(&u.dev, 0x38), 11999);
	fake_time_pass(&now, 1500000);
	ck_assert_uint_eq(in(&u.dev, 0x3c), 6);
	ck_assert_uint_eq(in(&u.dev, 0x38), 5999);
}
END_TEST

START_TEST(ohci_interrupt_follows_status_and_enable)
{
	struct au1x00_usbh u;

	usb_init(&u);
	out(&u.dev, 0x54, 0x10); /* reset a port where nothing is */
	ck_assert_uint_eq(in(&u.dev, 0x54), 0x10100);
	ck_assert_uint_eq(in(&u.dev, 0x0c), 0x40);
	ck_assert(!wire.level);
	out(&u.dev, 0x10, 0x40);
	ck_assert(!wire.level);
	out(&u.dev, 0x10, 0x80000000);
	ck_assert(wire.level);
	ck_assert_uint_eq(in(&u.dev, 0x14), 0x80000040);
	out(&u.dev, 0x14, 0x80000000);
	ck_assert(!wire.level);
	out(&u.dev, 0x10, 0x80000000);
	out(&u.dev, 0x54, 0x10000);
	out(&u.dev, 0x0c, 0x40);
	ck_assert(!wire.level);
	ck_assert_uint_eq(in(&u.dev, 0x54), 0x100);
	out(&u.dev, 0x58, 2);
	ck_assert(wire.level);
	out(&u.dev, 0x08, 1);
	ck_assert(!wire.level);
	out(&u.dev, 0x10, 0x80000040);
	out(&u.dev, 0x58, 2);
	ck_assert(wire.level);
	dev_reset(&u.dev, RESET_WARM);
	ck_assert(!wire.level);
}
END_TEST

START_TEST(ohci_remote_wakeup_is_set_and_cleared_apart)
{
	struct au1x00_usbh u;

	usb_init(&u);
	out(&u.dev, 0x50, 0x8000);
	out(&u.dev, 0x50, 0x10000);
	ck_assert_uint_eq(in(&u.dev, 0x50), 0x8000);
	out(&u.dev, 0x50, 0x80000000);
	ck_assert_uint_eq(in(&u.dev, 0x50), 0);
}
END_TEST

/* --- DMA --- */

START_TEST(dma_halts_when_told_to)
{
	struct au1x00_dma m;

	au1x00_dma_init(&m, "DMA");
	for (uint32_t c = 0; c < 0x800; c += 0x100) {
		ck_assert_uint_eq(in(&m.dev, c), 0x40);
		out(&m.dev, c + 4, ~0x00041085u);
		out(&m.dev, c, 0x00041085);
		ck_assert_uint_eq(in(&m.dev, c), 0x000410c5);
		out(&m.dev, c, 0x20);
		ck_assert_uint_eq(in(&m.dev, c), 0x000410a5); /* busy, for good */
		out(&m.dev, c + 4, 0x20);
		ck_assert_uint_eq(in(&m.dev, c), 0x000410c5);
	}
}
END_TEST

START_TEST(dma_status_is_the_controllers)
{
	struct au1x00_dma m;

	au1x00_dma_init(&m, "DMA");
	out(&m.dev, 0x300, 0xffffffff);
	ck_assert_uint_eq(in(&m.dev, 0x300), 0x00ffbfa5); /* neither done nor halted nor the second buffer */
	out(&m.dev, 0x304, 0xffffffff);
	ck_assert_uint_eq(in(&m.dev, 0x300), 0x40);
	ck_assert_uint_eq(in(&m.dev, 0x304), 0);
	out(&m.dev, 0x314, 0x12345678);
	ck_assert_uint_eq(in(&m.dev, 0x314), 0x12345678);
	ck_assert_uint_eq(in(&m.dev, 0x214), 0);
}
END_TEST

/* --- AC97 --- */

START_TEST(ac97_has_no_codec)
{
	struct au1x00_ac97 a;

	au1x00_ac97_init(&a, "AC97");
	out(&a.dev, 0x10, 2);
	out(&a.dev, 0x10, 3);
	out(&a.dev, 0x10, 1);
	ck_assert_uint_eq(in(&a.dev, 0x10), 1);
	out(&a.dev, 0x00, 1);
	out(&a.dev, 0x0c, 0x80 | 0x7c);
	ck_assert_uint_eq(in(&a.dev, 0x04), 0x12); /* no codec, no command pending, empty FIFOs */
	ck_assert_uint_eq(in(&a.dev, 0x0c), 0);
}
END_TEST

/* --- PCI: Linux arch/mips/pci/pci-alchemy.c, config_access --- */

static uint32_t config(struct au1x00_pci *p, uint32_t off, uint32_t *status)
{
	uint32_t val;

	out(&p->dev, 0x104, (in(&p->dev, 0x104) & 0xffff) | 0x20000000);
	ck_assert_uint_eq(in(&p->dev, 0x104) & 0xf0000000, 0);
	val = io_read(&p->config[0], off, 4);
	*status = in(&p->dev, 0x104);
	return val;
}

START_TEST(pci_slots_are_empty)
{
	struct au1x00_pci p;
	uint32_t status;

	au1x00_pci_init(&p, "PCI");
	out(&p.dev, 0x104, 0x0356);
	for (unsigned slot = 0; slot < 20; slot++) {
		ck_assert_uint_eq(config(&p, 1u << (11 + slot), &status), 0xffffffff);
		ck_assert_uint_eq(status & 0xf000ffff, 0x20000356);
	}
	ck_assert_uint_eq(config(&p, 0, &status), 0xffffffff);
	ck_assert_uint_eq(status >> 28, 2);
	out(&p.dev, 0x104, 0x20000000);
	io_write(&p.config[0], 1u << 20, 4, 0);
	ck_assert_uint_eq(in(&p.dev, 0x104) >> 28, 2);
}
END_TEST

START_TEST(pci_windows_nobody_claims)
{
	struct au1x00_pci p;
	const struct io *window[] = { &p.config[1], &p.memory, &p.bus.io };

	au1x00_pci_init(&p, "PCI");
	for (unsigned i = 0; i < ARRAY_LEN(window); i++) {
		ck_assert_uint_eq(in(&p.dev, 0x104) >> 28, 0);
		ck_assert_uint_eq(io_read(window[i], window[i]->span - 4, 4), 0xffffffff);
		ck_assert_uint_eq(in(&p.dev, 0x104) >> 28, 2);
		out(&p.dev, 0x104, 0x20000000);
		ck_assert_uint_eq(io_read(window[i], 1, 1), 0xff);
		out(&p.dev, 0x104, 0x20000000);
		io_write(window[i], 0x1000, 2, 0);
		ck_assert_uint_eq(in(&p.dev, 0x104) >> 28, 2);
		out(&p.dev, 0x104, 0x20000000);
	}
}
END_TEST

START_TEST(pci_reaches_a_function_by_its_idsel)
{
	static const struct reg rows[] = { { .name = "ID", .off = 0, .width = 4, .reset = 0x12345678, .ref = "test" },
		{ .name = "BAR", .off = 0x10, .width = 4, .writable = 0xfffff000, .ref = "test" } };
	static const struct pci_fn_ops fn_ops = { "test", rows, ARRAY_LEN(rows), NULL };
	struct pci_fn f;
	struct au1x00_pci p;
	struct err e = ERR_INIT;
	uint32_t status;

	au1x00_pci_init(&p, "PCI");
	pci_fn_init(&f, &fn_ops, "test");
	pci_fn_reset(&f);
	ck_assert_int_eq(pci_add(&p.bus, PCI_DEVFN(13, 1), &f, &e), ST_OK);
	ck_assert_uint_eq(config(&p, (1u << 24) + 0x100, &status), 0x12345678);
	ck_assert_uint_eq(status >> 28, 0);
	io_write(&p.config[0], (1u << 24) + 0x110, 4, 0xffffffff);
	ck_assert_uint_eq(config(&p, (1u << 24) + 0x110, &status), 0xfffff000);
	ck_assert_uint_eq(io_read(&p.config[0], (1u << 24) + 0x102, 2), 0x1234);
	ck_assert_uint_eq(config(&p, 1u << 24, &status), 0xffffffff);
	ck_assert_uint_eq(status >> 28, 2);
	ck_assert_uint_eq(config(&p, (3u << 24) + 0x100, &status), 0xffffffff); /* two devices chosen at once */
	ck_assert_uint_eq(status >> 28, 2);
	ck_assert_uint_eq(config(&p, (1u << 24) + 0x900, &status), 0xffffffff); /* as here */
}
END_TEST

START_TEST(pci_identifies_itself)
{
	struct au1x00_pci p;

	au1x00_pci_init(&p, "PCI");
	ck_assert_uint_eq(in(&p.dev, 0x100), 0x00001755);
	out(&p.dev, 0x14, 0xf0000abc);
	ck_assert_uint_eq(in(&p.dev, 0x100), 0x0abc1755);
}
END_TEST

/* --- GPIO2 --- */

static uint32_t ic_level;
static void ic_set(void *opaque, unsigned line, bool level)
{
	(void)opaque;
	ic_level = (ic_level & ~(1u << line)) | (uint32_t)level << line;
}

#define IC_PINS 0x606f0000u /* 16..19, 21, 22, 29, 30 */

START_TEST(gpio2_inputs_idle_high)
{
	struct irq ic = { ic_set, NULL, 0 };
	struct au1x00_gpio2 g;

	ic_level = 0;
	au1x00_gpio2_init(&g, "GPIO2", &ic);
	ck_assert_uint_eq(in(&g.dev, 0x0c), 0xffff);
	ck_assert_uint_eq(ic_level, IC_PINS);
	au1x00_gpio2_set_low(&g, 4, true);
	ck_assert_uint_eq(in(&g.dev, 0x0c), 0xffef);
	ck_assert_uint_eq(ic_level, IC_PINS & ~(1u << 21));
	dev_reset(&g.dev, RESET_WARM);
	ck_assert_uint_eq(ic_level, IC_PINS & ~(1u << 21));
	au1x00_gpio2_set_low(&g, 4, false);
	ck_assert_uint_eq(ic_level, IC_PINS);
}
END_TEST

START_TEST(gpio2_outputs)
{
	struct irq ic = { ic_set, NULL, 0 };
	struct au1x00_gpio2 g;

	ic_level = 0;
	au1x00_gpio2_init(&g, "GPIO2", &ic);
	out(&g.dev, 0x00, 0x0003);
	ck_assert_uint_eq(in(&g.dev, 0x0c), 0xfffc);
	ck_assert_uint_eq(ic_level, IC_PINS & ~(3u << 16));
	out(&g.dev, 0x08, 0x00020003); /* pin 200 is not chosen */
	ck_assert_uint_eq(in(&g.dev, 0x08), 2);
	ck_assert_uint_eq(in(&g.dev, 0x0c), 0xfffe);
	ck_assert_uint_eq(ic_level, IC_PINS & ~(1u << 16));
	out(&g.dev, 0x08, 0x00020000);
	ck_assert_uint_eq(in(&g.dev, 0x0c), 0xfffc);
	au1x00_gpio2_set(&g, 0, false); /* against an output */
	ck_assert_uint_eq(in(&g.dev, 0x0c), 0xfffc);
	out(&g.dev, 0x00, 0);
	ck_assert_uint_eq(in(&g.dev, 0x0c), 0xfffe);
}
END_TEST

START_TEST(gpio2_upper_pins_share_an_input)
{
	struct irq ic = { ic_set, NULL, 0 };
	struct au1x00_gpio2 g;

	ic_level = 0;
	au1x00_gpio2_init(&g, "GPIO2", &ic);
	for (unsigned i = 8; i < 16; i++)
		au1x00_gpio2_set(&g, i, false);
	out(&g.dev, 0x10, 0x81);
	ck_assert_uint_eq(ic_level >> 31, 0);
	au1x00_gpio2_set(&g, 9, true);
	ck_assert_uint_eq(ic_level >> 31, 0);
	au1x00_gpio2_set(&g, 15, true);
	ck_assert_uint_eq(ic_level >> 31, 1);
	out(&g.dev, 0x10, 0x01);
	ck_assert_uint_eq(ic_level >> 31, 0);
}
END_TEST

/* --- DS1693 --- */

START_TEST(rtc_registers_are_four_bytes_apart)
{
	struct mc146818_cfg cfg = { .name = "RTC", .clock = &now.clock, .base = 1000000000 }; /* 2001-09-09 01:46:40 */
	struct ds1693 r;

	fake_time_init(&now);
	ds1693_init(&r, &cfg);
	ck_assert_uint_eq(in(&r.dev, 0x28) & 0x7f, 0x26);
	ck_assert_uint_eq(in(&r.dev, 0x2c) & 0x80, 0);
	ck_assert_uint_eq(in(&r.dev, 0x00), 0x40);
	ck_assert_uint_eq(in(&r.dev, 0x08), 0x46);
	fake_time_pass(&now, UINT64_C(21000000000));
	ck_assert_uint_eq(in(&r.dev, 0x00), 0x01);
	ck_assert_uint_eq(in(&r.dev, 0x08), 0x47);
	out(&r.dev, 0x40, 0xa5);
	ck_assert_uint_eq(io_read(&r.dev.io, 0x40, 1), 0xa5);
	dev_reset(&r.dev, RESET_WARM);
	ck_assert_uint_eq(in(&r.dev, 0x40), 0xa5);
	dev_reset(&r.dev, RESET_COLD);
	ck_assert_uint_eq(in(&r.dev, 0x40), 0);
	dev_fini(&r.dev);
}
END_TEST

Suite *au1x00_probed_suite(void)
{
	Suite *s = suite_create("au1x00_probed");
	TCase *t = tcase_create("devices");

	tcase_add_test(t, usb_reset_is_done_when_enabled);
	tcase_add_test(t, ohci_probes_with_two_empty_ports);
	tcase_add_test(t, ohci_root_hub_stops_and_starts_again);
	tcase_add_test(t, ohci_frames_count_while_operational);
	tcase_add_test(t, ohci_interrupt_follows_status_and_enable);
	tcase_add_test(t, ohci_remote_wakeup_is_set_and_cleared_apart);
	tcase_add_test(t, dma_halts_when_told_to);
	tcase_add_test(t, dma_status_is_the_controllers);
	tcase_add_test(t, ac97_has_no_codec);
	tcase_add_test(t, pci_slots_are_empty);
	tcase_add_test(t, pci_windows_nobody_claims);
	tcase_add_test(t, pci_reaches_a_function_by_its_idsel);
	tcase_add_test(t, pci_identifies_itself);
	tcase_add_test(t, gpio2_inputs_idle_high);
	tcase_add_test(t, gpio2_outputs);
	tcase_add_test(t, gpio2_upper_pins_share_an_input);
	tcase_add_test(t, rtc_registers_are_four_bytes_apart);
	suite_add_tcase(s, t);
	return s;
}
