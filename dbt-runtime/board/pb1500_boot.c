/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what a monitor does on the Pb1500 before a kernel starts, for kernels that are started without one: clocks, counters,
 * console, resets, arguments and environment in RAM.  It is what Linux relies on and does not do itself (alchemy/common/{prom,time}.c).
 */
#include <stdio.h>
#include <string.h>

#include "dbt-runtime/board/args.h"
#include "dbt-runtime/board/pb1500.h"

#define ENV 2u
#define STATUS_ERL 4u

enum { A0 = 4 };

/* Clocks as the processor runs; chip selects and PCI as old kernels and boot loaders for these boards leave them (Linux 2.6.12
   au1000/pb1500/board_setup.c, U-Boot dbau1x00 lowlevel_init).  The SDRAM controller is left alone: RAM works without it.  */
static const struct { gpa at; uint32_t value; } registers[] = {
	{ PB1500_SYS + 0x60, 33 },             /* CPUPLL: 396 MHz */
	{ PB1500_SYS + 0x64, 8 },              /* AUXPLL: 96 MHz, for USB */
	{ PB1500_SYS + 0x3c, 0 },              /* POWERCTRL: system bus at half of it */
	{ PB1500_SYS + 0x44, 0 },              /* RTCTRIM: 32768 Hz */
	{ PB1500_SYS + 0x14, 0x2900 },         /* CNTRCTRL: oscillator, TOY and RTC */
	{ PB1500_SYS + 0x110, 0 },             /* PININPUTEN */
	{ PB1500_STATIC + 0x00, 0x00001403 },  /* chip select 0: flash, 64 MiB at 0x1c000000 */
	{ PB1500_STATIC + 0x08, 0x11c03f00 },
	{ PB1500_STATIC + 0x10, 0x00000083 },  /* 1: clock and board registers, 64 MiB at 0x0c000000 */
	{ PB1500_STATIC + 0x18, 0x10c03f00 },
	{ PB1500_STATIC + 0x20, 0x00000004 },  /* 2: S1D13806, 4 MiB at 0x1b000000 */
	{ PB1500_STATIC + 0x28, 0x11b03ff0 },
	{ PB1500_STATIC + 0x30, 0x00000002 },  /* 3: PCMCIA */
	{ PB1500_STATIC + 0x38, 0x10000000 },
	{ PB1500_PCI + 0x00, 0x00003fff },     /* CMEM */
	{ PB1500_PCI + 0x04, 0x0000000f },     /* CONFIG: arbiter, retries, coherent */
	{ PB1500_PCI + 0x14, 0xf0000000 },     /* MWMASK, MWBASE: bus masters reach 256 MiB from 0 */
	{ PB1500_PCI + 0x18, 0 },
	{ PB1500_PCI + 0x10c, 0x00003c04 },    /* PARAM */
	{ PB1500_PCI + 0x110, 8 },             /* MBAR */
	{ PB1500_PCI + 0x104, 0x02a00356 },    /* STATCMD */
	{ PB1500_UART0 + 0x100, 1 },           /* clock, then run */
	{ PB1500_UART0 + 0x100, 3 },
	{ PB1500_UART0 + 0x28, 54 },           /* 99 MHz / 16 / 115200 */
	{ PB1500_UART0 + 0x14, 3 },            /* 8 bits */
	{ PB1500_BCSR + 0x0c, 7 },             /* RESETS: PHYs and daughter card run */
};

static enum status write_args(const struct pb1500 *m, const struct board_boot *boot, struct board_entry *entry, struct err *e)
{
	static const uint8_t none[6];
	const uint8_t *mac = m->board.cfg.mac[0];
	char memsize[32], ethaddr[32];
	struct args a;
	enum status s = args_init(&a, pb1500_args(m), m->board.cfg.big_endian, ENV, boot, e);

	if (s != ST_OK)
		return s;
	snprintf(memsize, sizeof memsize, "0x%08llx", (unsigned long long)m->board.cfg.ram_size);
	args_env(&a, "memsize", memsize);
	snprintf(ethaddr, sizeof ethaddr, "%02x.%02x.%02x.%02x.%02x.%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (memcmp(mac, none, sizeof none) != 0)
		args_env(&a, "ethaddr", ethaddr);
	return args_write(&a, m->board.map, entry, e);
}

enum status pb1500_boot(struct board *board, const struct board_boot *boot, struct board_entry *entry, struct err *e)
{
	struct pb1500 *m = (struct pb1500 *)board;
	enum status s;

	*entry = (struct board_entry){ .pc = boot->entry, .status_clear = STATUS_ERL };
	s = write_args(m, boot, entry, e);
	if (s != ST_OK)
		return s;
	for (unsigned i = 0; i < ARRAY_LEN(registers); i++)
		mem_store(m->board.map, registers[i].at, 4, registers[i].value);
	entry->gpr[A0 + 3] = (uint32_t)m->board.cfg.ram_size;
	return ST_OK;
}
