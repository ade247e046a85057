/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for timer.h.
 */
#include "firmware/timer.h"

#include "firmware/cp0.h"
#include "firmware/io.h"

uint32_t timer_cpu_hz(void) { return (io_read32(AU_SYS + SYS_CPUPLL) & 0x3f) * SYS_OSC_HZ; }
uint32_t timer_bus_hz(void) { return timer_cpu_hz() / ((io_read32(AU_SYS + SYS_POWERCTRL) & 3) + 2); }
uint32_t timer_periph_hz(void) { return timer_bus_hz() / 2; }

/* 32768 Hz is 4096 ticks for 125 ms.  The counter wraps after 36 hours; what it had before is added up here.  */
uint32_t timer_ms(void)
{
	static uint32_t last, rest;
	static uint32_t ms;
	uint32_t now = io_read32(AU_SYS + SYS_RTCREAD), ticks = now - last;

	last = now;
	ms += ticks / 4096 * 125;
	rest += ticks % 4096 * 125;
	ms += rest / 4096;
	rest %= 4096;
	return ms;
}

void timer_delay_us(uint32_t us)
{
	uint32_t start = cp0_read(CP0_COUNT), counts = us * (timer_cpu_hz() / 1000000);

	while (cp0_read(CP0_COUNT) - start < counts)
		;
}

void timer_delay_ms(uint32_t ms)
{
	while (ms--)
		timer_delay_us(1000);
}
