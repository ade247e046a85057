/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what a monitor does on Malta before a kernel starts: address windows, interrupt routing, power management
 * base, arguments and environment in RAM.
 *
 * The argument block lies at 0x80002000, below YAMON's own memory: a table of pointers (argv[0..1], then name and value pairs
 * ending with NULL), then the strings.
 */
#include "dbt-runtime/board/malta.h"

#include <stdio.h>
#include <string.h>

#define KSEG0 0x80000000u
#define BLOCK 0x2000u
#define ARGS 2u
#define ENV 8u
#define SEED 32u
#define BLOCK_MAX 0x2000u
#define COMMAND_MAX 4096u  /* COMMAND_LINE_SIZE of Linux on MIPS, with its final NUL */
#define STATUS_ERL 4u
#define DTB_MAGIC_ARG 0xfffffffeu /* a0 of a UHI boot with a device tree in a1 (MD01069, "UHI") */

enum { A0 = 4, SP = 29 };

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

struct block {
	struct malta *m;
	uint8_t bytes[BLOCK_MAX];
	unsigned pointers, at; /* next of each, in bytes */
	bool full;
};

static void put_pointer(struct block *b, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		b->bytes[b->pointers + i] = (uint8_t)(value >> (b->m->board.cfg.big_endian ? 24 - 8 * i : 8 * i));
	b->pointers += 4;
}

static void put_string(struct block *b, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > BLOCK_MAX - b->at) {
		b->full = true;
		return;
	}
	put_pointer(b, KSEG0 + BLOCK + b->at);
	memcpy(b->bytes + b->at, s, n);
	b->at += (unsigned)n;
}

/* Linux takes "rngseed", hexadecimal, into its pool (arch/mips/mti-malta).  */
static void put_seed(struct block *b)
{
	const struct board_cfg *cfg = &b->m->board.cfg;
	uint8_t bytes[SEED];
	char hex[2 * SEED + 1];

	if (!cfg->entropy)
		return;
	cfg->entropy(cfg->opaque, bytes, sizeof bytes);
	for (unsigned i = 0; i < SEED; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", bytes[i]);
	put_string(b, "rngseed");
	put_string(b, hex);
}

static enum status command_line(const struct board_boot *boot, char *out, struct err *e)
{
	const char *append = boot->append ? boot->append : "";
	int n;

	if (boot->initrd_size)
		/* The kernel reads a 64-bit number: kseg0 addresses are negative.  */
		n = snprintf(out, COMMAND_MAX, "rd_start=0xffffffff%08llx rd_size=%llu%s%s", (unsigned long long)(boot->initrd | KSEG0),
			(unsigned long long)boot->initrd_size, *append ? " " : "", append);
	else
		n = snprintf(out, COMMAND_MAX, "%s", append);
	if (n < 0 || (unsigned)n >= COMMAND_MAX)
		return err_set(e, ST_FULL, "command line of %d characters; a kernel takes %u", n, COMMAND_MAX - 1);
	return ST_OK;
}

static enum status write_block(struct malta *m, const struct board_boot *boot, struct err *e)
{
	struct block b = { .m = m, .at = 4 * (ARGS + ENV + 1) };
	const char *kernel = boot->kernel ? boot->kernel : "";
	char line[COMMAND_MAX], low[32], all[32];
	enum status s = command_line(boot, line, e);

	if (s != ST_OK)
		return s;
	snprintf(low, sizeof low, "%llu", (unsigned long long)malta_low_ram(m));
	snprintf(all, sizeof all, "%llu", (unsigned long long)m->board.cfg.ram_size);
	put_string(&b, strlen(kernel) < COMMAND_MAX / 2 ? kernel : "");
	put_string(&b, line);
	put_string(&b, "memsize");
	put_string(&b, low);
	put_string(&b, "ememsize");
	put_string(&b, all);
	put_string(&b, "modetty0");
	put_string(&b, "38400n8r");
	put_seed(&b);
	if (b.full)
		return err_set(e, ST_FULL, "arguments and environment do not fit into %u bytes", BLOCK_MAX);
	put_pointer(&b, 0);
	return mem_write(m->board.map, BLOCK, b.bytes, b.at, e);
}

enum status malta_boot(struct board *board, const struct board_boot *boot, struct board_entry *entry, struct err *e)
{
	struct malta *m = (struct malta *)board;
	enum status s = write_block(m, boot, e);

	if (s != ST_OK)
		return s;
	set_windows(m);
	set_piix4(m);
	*entry = (struct board_entry){ .pc = boot->entry, .status_clear = STATUS_ERL };
	entry->gpr[A0] = ARGS;
	entry->gpr[A0 + 1] = KSEG0 + BLOCK;
	entry->gpr[A0 + 2] = KSEG0 + BLOCK + 4 * ARGS;
	entry->gpr[A0 + 3] = (uint32_t)malta_low_ram(m);
	entry->gpr[SP] = KSEG0 + BLOCK - 64;
	if (boot->dtb_size) {
		entry->gpr[A0] = DTB_MAGIC_ARG;
		entry->gpr[A0 + 1] = KSEG0 + (uint32_t)boot->dtb;
	}
	return ST_OK;
}
