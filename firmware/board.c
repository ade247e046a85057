/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for board.h.  Clocks and memory controllers are start.S's.
 */
#include "firmware/board.h"

#include "firmware/cp0.h"
#include "firmware/io.h"
#include "firmware/timer.h"

#define PENDING_US 2000000u /* the oscillator may need a second to start */

uint32_t board_ram_size;

static bool counter_settles(uint32_t mask, uint32_t value)
{
	for (uint32_t us = 0; us < PENDING_US; us += 100) {
		if ((io_read32(AU_SYS + SYS_CNTRCTRL) & mask) == value)
			return true;
		timer_delay_us(100);
	}
	return false;
}

/* The 32 kHz oscillator and both counters: kernels have no other clock.  The clock of day keeps its value.  */
static void counters_init(void)
{
	uint32_t on = CNTRCTRL_E0 | CNTRCTRL_EN0 | CNTRCTRL_EN1;

	if ((io_read32(AU_SYS + SYS_CNTRCTRL) & on) != on)
		io_write32(AU_SYS + SYS_CNTRCTRL, io_read32(AU_SYS + SYS_CNTRCTRL) | on);
	counter_settles(CNTRCTRL_32S, CNTRCTRL_32S);
	if (io_read32(AU_SYS + SYS_RTCTRIM) != 0 && counter_settles(CNTRCTRL_T1S, 0))
		io_write32(AU_SYS + SYS_RTCTRIM, 0);
	if (io_read32(AU_SYS + SYS_TOYTRIM) != RTC_HZ - 1 && counter_settles(CNTRCTRL_T0S, 0))
		io_write32(AU_SYS + SYS_TOYTRIM, RTC_HZ - 1);
}

/* As Linux 2.6.12 did in arch/mips/au1000/pb1500/board_setup.c; newer ones rely on the monitor.  */
static void pci_init(void)
{
	static const struct { uint16_t off; uint32_t value; } rows[] = {
		{ PCI_CMEM, 0x00003fff },                               /* no cacheable window */
		{ PCI_CONFIG, 0x0000000f },                             /* arbiter and retries */
		{ PCI_MWMASK, 0xf0000000 }, { PCI_MWBASE, 0x00000000 }, /* all memory is reached from PCI, at its own address */
		{ PCI_STATCMD, 0x02a00356 }, { PCI_PARAM, 0x00003c04 }, { PCI_MBAR, 0x00000008 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		io_write32(AU_PCI + rows[i].off, rows[i].value);
}

void board_init(void)
{
	counters_init();
	io_write32(AU_IC0 + IC_MASKCLR, UINT32_MAX);
	io_write32(AU_IC1 + IC_MASKCLR, UINT32_MAX);
	io_write32(AU_SYS + SYS_WAKEMSK, 0);
	io_write32(AU_SYS + SYS_PININPUTEN, 0); /* any write enables the inputs */
	io_write32(AU_GPIO2 + GPIO2_ENABLE, 3);
	io_write32(AU_GPIO2 + GPIO2_ENABLE, 1);
	pci_init();
	io_write16(PB_BCSR + BCSR_RESETS, io_read16(PB_BCSR + BCSR_RESETS) | RESETS_PHY0 | RESETS_PHY1 | RESETS_DC);
}

const char *board_name(void)
{
	switch (io_read16(PB_BCSR + BCSR_WHOAMI) >> 8 & 15) {
	case 1: return "PB1500";
	case 2: return "PB1500R2";
	default: return "unknown board";
	}
}

/* RESETS first, as Linux: the board does not come up with a PHY that still talks.  If the board does not do it, the reset vector.  */
void board_reset(void)
{
	void (*vector)(void) = (void (*)(void))kseg1(FLASH_MONITOR);

	io_write16(PB_BCSR + BCSR_RESETS, 0);
	io_write16(PB_BCSR + BCSR_SYSTEM, 0);
	io_sync();
	timer_delay_us(100000);
	for (;;)
		vector();
}
