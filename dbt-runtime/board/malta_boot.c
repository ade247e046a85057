/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what a monitor does on Malta before a kernel starts: address windows, interrupt routing, power management
 * base, arguments and environment in RAM.
 */
#include "dbt-runtime/board/args.h"
#include "dbt-runtime/board/malta.h"

#include <stdio.h>

#define ARGS 0x2000u        /* below a monitor's own memory */
#define ENV 4u
#define SEED 32u
#define STATUS_ERL 4u
#define DTB_MAGIC_ARG 0xfffffffeu /* a0 of a UHI boot with a device tree in a1 (MD01069, "UHI") */

enum { A0 = 4 };

/* Each as {register, value}; data sheet "CPU address decode".  */
static void set_windows(struct malta *m)
{
	static const uint32_t window[][2] = {
		{ 0x048, 0xc0 }, { 0x050, 0x40 }, /* I/O: 0x18000000 */
		{ 0x058, 0x80 }, { 0x060, 0x3f }, /* memory 0: 0x10000000 */
		{ 0x080, 0xc1 }, { 0x088, 0x5e }, /* memory 1: 0x18200000 */
	};

	mem_store(m->board.map, MALTA_GT_RESET + 0x068, 4, (uint32_t)(MALTA_GT >> 21));
	for (unsigned i = 0; i < ARRAY_LEN(window); i++)
		mem_store(m->board.map, MALTA_GT + window[i][0], 4, window[i][1]);
}

static void set_piix4(struct malta *m)
{
	struct pci_fn *isa = &m->piix4.fn[PIIX4_ISA], *pm = &m->piix4.fn[PIIX4_PM];

	pci_fn_write(isa, 0x60, 4, 0x0b0b0a0a); /* PIRQ A, B to 10; C, D to 11 */
	pci_fn_write(isa, 0x69, 1, pci_fn_read(isa, 0x69, 1) | 0xf0);
	pci_fn_write(isa, 0x64, 1, pci_fn_read(isa, 0x64, 1) | 0xc0);
	pci_fn_write(isa, 0xb0, 4, pci_fn_read(isa, 0xb0, 4) | 1u << 16);
	pci_fn_write(isa, 0x82, 1, pci_fn_read(isa, 0x82, 1) | 7);
	pci_fn_write(isa, 0x04, 2, pci_fn_read(isa, 0x04, 2) | 8); /* special cycles */
	pci_fn_write(pm, 0x90, 4, 0x1100);
	pci_fn_write(pm, 0xd2, 1, 0x09);
}

/* Linux takes "rngseed", hexadecimal, into its pool (arch/mips/mti-malta).  */
static void put_seed(struct args *a, const struct board_cfg *cfg)
{
	uint8_t bytes[SEED];
	char hex[2 * SEED + 1];

	if (!cfg->entropy)
		return;
	cfg->entropy(cfg->opaque, bytes, sizeof bytes);
	for (unsigned i = 0; i < SEED; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", bytes[i]);
	args_env(a, "rngseed", hex);
}

static enum status write_args(struct malta *m, const struct board_boot *boot, struct board_entry *entry, struct err *e)
{
	char low[32], all[32];
	struct args a;
	enum status s = args_init(&a, ARGS, m->board.cfg.big_endian, ENV, boot, e);

	if (s != ST_OK)
		return s;
	snprintf(low, sizeof low, "%llu", (unsigned long long)malta_low_ram(m));
	snprintf(all, sizeof all, "%llu", (unsigned long long)m->board.cfg.ram_size);
	args_env(&a, "memsize", low);
	args_env(&a, "ememsize", all);
	args_env(&a, "modetty0", "38400n8r");
	put_seed(&a, &m->board.cfg);
	return args_write(&a, m->board.map, entry, e);
}

enum status malta_boot(struct board *board, const struct board_boot *boot, struct board_entry *entry, struct err *e)
{
	struct malta *m = (struct malta *)board;
	enum status s;

	*entry = (struct board_entry){ .pc = boot->entry, .status_clear = STATUS_ERL };
	s = write_args(m, boot, entry, e);
	if (s != ST_OK)
		return s;
	set_windows(m);
	set_piix4(m);
	entry->gpr[A0 + 3] = (uint32_t)malta_low_ram(m);
	if (boot->dtb_size) {
		entry->gpr[A0] = DTB_MAGIC_ARG;
		entry->gpr[A0 + 1] = ARGS_KSEG0 + (uint32_t)boot->dtb;
	}
	return ST_OK;
}
