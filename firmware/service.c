/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what the calls of YAMON's table do (start.S has the table, vectors.S the way here): "YAMON User's Manual" MD00008,
 * "Application interface".  A handler for interrupts or exceptions cannot be registered: programs have the vectors to themselves.
 */
#include "firmware/service.h"

#include "firmware/board.h"
#include "firmware/console.h"
#include "firmware/cp0.h"
#include "firmware/io.h"
#include "firmware/memory.h"
#include "firmware/string.h"
#include "firmware/timer.h"

#define SYSCON_OK              0x0000u
#define SYSCON_UNKNOWN_PARAM   0x8001u
#define SYSCON_SIZE_MISMATCH   0x8009u

void app_print_count(uint32_t port, const char *s, uint32_t n)
{
	(void)port;
	while (n--)
		con_putc(0, *s++);
}

void app_print(uint32_t port, const char *s)
{
	(void)port;
	while (*s)
		con_putc(0, *s++);
}

uint32_t app_getchar(uint32_t port, char *c)
{
	int got = con_getc(0);

	(void)port;
	if (got >= 0)
		*c = (char)got;
	return got >= 0;
}

void app_flush_cache(uint32_t type)
{
	if (type)
		memory_flush_dcache();
	else
		memory_flush_icache();
}

uint32_t app_refuse(void) { return SYSCON_UNKNOWN_PARAM; }

/* Identifiers: YAMON's syscon_api.h.  False: none of those that mean something here.  */
static bool syscon_value(uint32_t id, uint32_t *v)
{
	switch (id) {
	case 0: *v = io_read16(PB_BCSR + BCSR_WHOAMI); return true;
	case 2: *v = (uint32_t)(uintptr_t)board_name(); return true;
	case 20: case 44: *v = memory_size(); return true;
	case 34: *v = timer_cpu_hz(); return true;
	case 35: *v = timer_bus_hz(); return true;
	case 37: *v = (uint32_t)(uintptr_t)kseg1(FLASH_BASE); return true;
	case 38: *v = FLASH_SIZE; return true;
	case 39: *v = (uint32_t)(uintptr_t)kseg1(FLASH_MONITOR); return true;
	case 40: *v = FLASH_MONITOR_SIZE; return true;
	case 43: *v = KSEG0_BASE; return true;
	case 52: *v = (uint32_t)(uintptr_t)kseg1(AU_UART0); return true;
	case 53: *v = (uint32_t)(uintptr_t)kseg1(AU_UART3); return true;
	case 63: *v = timer_ms(); return true;
	case 79: case 87: *v = CACHE_SIZE; return true;
	case 80: case 88: *v = CACHE_LINE; return true;
	case 96: *v = TLB_ENTRIES; return true;
	case 100: *v = 0; return true;
	case 115: *v = cp0_read(CP0_PRID); return true;
	case 116: *v = cp0_read(CP0_CONFIG); return true;
	case 117: *v = cp0_read_sel(CP0_CONFIG, 1); return true;
	default: return false;
	}
}

uint32_t app_syscon_read(uint32_t id, void *buf, uint32_t size)
{
	uint32_t v;

	if (!syscon_value(id, &v))
		return SYSCON_UNKNOWN_PARAM;
	if (size != sizeof(v))
		return SYSCON_SIZE_MISMATCH;
	memcpy(buf, &v, sizeof(v));
	return SYSCON_OK;
}
