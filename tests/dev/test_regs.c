/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every table of registers: sorted rows, reset values, masks, widths; and configuration space of every PCI function.  */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "tests/dev/fakes.h"

Suite *regs_suite(void);

static struct rig rig, alchemy;

static void set_up(void)
{
	rig_init(&rig, UINT64_C(16) << 20, false);
	rig_init_board(&alchemy, &board_pb1500, UINT64_C(16) << 20, false);
}

static void tear_down(void)
{
	rig_fini(&rig);
	rig_fini(&alchemy);
}

/* Devices with tables.  */
static struct dev *table(unsigned i)
{
	struct pb1500 *soc = alchemy.pb1500;
	struct dev *all[] = { &rig.malta->gt.dev, &rig.malta->fpga.dev, &rig.malta->piix4.pm, &rig.malta->piix4.smbus,
		&rig.malta->piix4.bmide, &rig.malta->piix4.uhci, &soc->usbh.dev, &soc->dma.dev, &soc->ac97.dev, &soc->sdram.dev, &soc->chips.dev,
		&soc->gpio2.dev, &soc->pci.dev, &soc->sys.dev, &soc->bcsr.dev, &soc->bcsr.hex, &soc->mac[0].dev, &soc->mac[0].dma_dev,
		&soc->disk[0].virtio.dev, &soc->ic[0].dev, &soc->mac[0].enable_dev };

	return i < ARRAY_LEN(all) ? all[i] : NULL;
}

static struct pci_fn *function(unsigned i)
{
	return i < PIIX4_FUNCTIONS ? &rig.malta->piix4.fn[i] : &rig.malta->gt.fn;
}
#define TABLES 21
#define PLAIN_TABLES (TABLES - 2) /* of the last two every row has a hook */
#define FUNCTIONS (PIIX4_FUNCTIONS + 1)

static uint32_t mask(unsigned width) { return width >= 4 ? UINT32_MAX : (1u << (8 * width)) - 1; }

static void well_formed(const struct reg *regs, size_t n, uint32_t span)
{
	uint32_t end = 0;

	for (size_t i = 0; i < n; i++) {
		const struct reg *r = &regs[i];

		ck_assert_msg(r->off >= end, "%s overlaps or is out of order", r->name);
		ck_assert_msg(r->width == 1 || r->width == 2 || r->width == 4, "%s: width", r->name);
		ck_assert_msg(r->off % r->width == 0 || r->width == 2, "%s: alignment", r->name);
		ck_assert_msg(r->off + r->width <= span, "%s: outside", r->name);
		ck_assert_msg(!(r->reset & ~mask(r->width)), "%s: reset value too wide", r->name);
		ck_assert_msg(!(r->writable & r->w1c), "%s: bits both stored and cleared", r->name);
		ck_assert_ptr_nonnull(r->ref);
		end = r->off + r->width;
		for (uint32_t b = 0; b < r->width; b++)
			ck_assert_ptr_eq(reg_find(regs, n, r->off + b), r);
	}
	ck_assert_ptr_null(reg_find(regs, n, span));
}

START_TEST(tables_are_well_formed)
{
	const struct dev *d = table((unsigned)_i);

	well_formed(d->ops->regs, d->ops->nregs, d->ops->span);
}
END_TEST

START_TEST(configuration_is_well_formed)
{
	const struct pci_fn *f = function((unsigned)_i);

	well_formed(f->ops->regs, f->ops->nregs, 256);
}
END_TEST

START_TEST(reset_values_and_masks)
{
	struct dev *d = table((unsigned)_i);
	unsigned seen = 0;

	for (size_t i = 0; i < d->ops->nregs; i++) {
		const struct reg *r = &d->ops->regs[i];
		uint32_t m = mask(r->width), w = r->writable & m;

		if (r->read || r->write)
			continue; /* what hooks do is tested device by device */
		seen++;
		reg_reset(d); /* straps and other devices' doings apart */
		ck_assert_msg(reg_read(d, r->off, r->width) == (r->reset & r->readable & m), "%s after reset", r->name);
		reg_write(d, r->off, r->width, UINT32_MAX);
		ck_assert_msg(reg_read(d, r->off, r->width) == (((r->reset | w) & ~r->w1c) & r->readable & m), "%s: all ones", r->name);
		reg_write(d, r->off, r->width, 0);
		ck_assert_msg(reg_read(d, r->off, r->width) == (r->reset & ~w & ~r->w1c & r->readable & m), "%s: zero", r->name);
		for (uint32_t b = 0; b < r->width; b++) {
			reg_write(d, r->off + b, 1, 0xa5);
			ck_assert_msg((reg_read(d, r->off, r->width) & w & r->readable) == (0xa5u << (8 * b) & w & r->readable),
				"%s: byte %u", r->name, b);
			ck_assert_msg(reg_read(d, r->off + b, 1) == (reg_read(d, r->off, r->width) >> (8 * b) & 0xff),
				"%s: byte %u alone", r->name, b);
			reg_write(d, r->off, r->width, 0);
		}
		*reg_value(d, r->off) = m; /* as the device would set its status bits */
		reg_write(d, r->off, r->width, r->w1c);
		ck_assert_msg(!(reg_read(d, r->off, r->width) & r->w1c), "%s: write one to clear", r->name);
	}
	ck_assert_uint_gt(seen, 0);
}
END_TEST

START_TEST(configuration_masks)
{
	struct pci_fn *f = function((unsigned)_i);

	for (size_t i = 0; i < f->ops->nregs; i++) {
		const struct reg *r = &f->ops->regs[i];
		uint32_t m = mask(r->width), w = r->writable & m;

		pci_fn_reset(f);
		ck_assert_msg(pci_fn_read(f, r->off, r->width) == r->reset, "%s after reset", r->name);
		pci_fn_write(f, r->off, r->width, UINT32_MAX);
		ck_assert_msg(pci_fn_read(f, r->off, r->width) == ((r->reset | w) & ~r->w1c & m), "%s: all ones", r->name);
		pci_fn_write(f, r->off, r->width, 0);
		ck_assert_msg(pci_fn_read(f, r->off, r->width) == (r->reset & ~w & ~r->w1c & m), "%s: zero", r->name);
	}
	/* What has no row is read-only zero.  */
	pci_fn_reset(f);
	for (unsigned off = 0; off < 256; off++) {
		if (reg_find(f->ops->regs, f->ops->nregs, off))
			continue;
		pci_fn_write(f, off, 1, 0xff);
		ck_assert_uint_eq(pci_fn_read(f, off, 1), 0);
	}
}
END_TEST

START_TEST(an_access_across_registers_reaches_both)
{
	struct dev *d = &rig.malta->piix4.pm; /* PMSTS at 0 and PMEN at 2 */

	dev_reset(d, RESET_WARM);
	reg_write(d, 0, 4, 0x0521ffff);
	ck_assert_uint_eq(reg_read(d, 2, 2), 0x0521);
	ck_assert_uint_eq(reg_read(d, 0, 4), 0x05210000);
	ck_assert_uint_eq(reg_read(d, 0x38, 4), 0); /* no row */
}
END_TEST

START_TEST(missing_registers_are_logged_once)
{
	char path[] = P_tmpdir "/athanor-regs-XXXXXX";
	struct file_bytes f;
	struct err e = ERR_INIT;

	ck_assert_int_ge(close(mkstemp(path)), 0);
	ck_assert_int_eq(log_select("unimp", &e), ST_OK);
	ck_assert_int_eq(log_to_file(path, &e), ST_OK);
	for (unsigned i = 0; i < 3; i++) {
		mem_load(rig.map, 0x1f000100, 4);
		mem_store(rig.map, 0x1f000100, 4, 1);
		mem_load(rig.map, 0x1f000d00, 2);
	}
	ck_assert_int_eq(file_read(path, 4096, &f, &e), ST_OK);
	ck_assert_str_eq((const char *)f.at, "unimp: FPGA: read of 4 bytes at 0x100: no such register\n"
		"unimp: FPGA: write of 4 bytes at 0x100: no such register\n"
		"unimp: FPGA: read of 2 bytes at 0xd00: no such register\n");
	file_bytes_free(&f);
	unlink(path);
}
END_TEST

Suite *regs_suite(void)
{
	Suite *s = suite_create("regs");
	TCase *t = tcase_create("tables");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_loop_test(t, tables_are_well_formed, 0, TABLES);
	tcase_add_loop_test(t, configuration_is_well_formed, 0, FUNCTIONS);
	tcase_add_loop_test(t, reset_values_and_masks, 0, PLAIN_TABLES);
	tcase_add_loop_test(t, configuration_masks, 0, FUNCTIONS);
	tcase_add_test(t, missing_registers_are_logged_once);
	tcase_add_test(t, an_access_across_registers_reaches_both);
	suite_add_tcase(s, t);
	return s;
}
