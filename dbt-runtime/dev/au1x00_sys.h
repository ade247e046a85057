/* SPDX-License-Identifier: GPL-3.0-or-later */
/* System control block of the Au1000 family: the two 32 kHz counters, clocks, pins of GPIO 1, power management.  */
#ifndef ATHANOR_DEV_AU1X00_SYS_H
#define ATHANOR_DEV_AU1X00_SYS_H

#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/dev.h"
#include "dbt-runtime/dev/irq.h"

#define AU1X00_SYS_REGS 48
#define AU1X00_SYS_HZ 32768u
#define AU1X00_SYS_MATCHES 3

/* TOY ("time of year") and RTC.  */
enum au1x00_counter_id { AU1X00_TOY, AU1X00_RTC, AU1X00_COUNTERS };

struct au1x00_sys_cfg {
	const char *name;
	struct clock *clock;
	int64_t rtc_base;        /* TOY at clock time 0: seconds since 1970 */
	bool big_endian;         /* as the processor was strapped */
	struct irq match[AU1X00_COUNTERS][AU1X00_SYS_MATCHES]; /* pulses */
	struct irq gpio;         /* level of pin .line, whenever it changes; .line here is ignored */
	uint32_t pins_idle;      /* levels of pins nothing drives */
};

/* Times are periods of the 32 kHz oscillator since clock time 0.  */
struct au1x00_counter {
	struct au1x00_sys *sys;
	enum au1x00_counter_id id;
	bool runs;
	uint32_t trim;           /* periods of a tick, less one; bypassed: as 0 */
	uint32_t value;          /* at `since`, where a tick began */
	uint64_t since;
	uint32_t known;          /* what the guest knows the counter to have reached */
	uint32_t match[AU1X00_SYS_MATCHES];
	uint64_t due[AU1X00_SYS_MATCHES]; /* UINT64_MAX: never */
	struct timer timer;
};

struct au1x00_sys {
	struct dev dev;
	struct au1x00_sys_cfg cfg;
	uint32_t values[AU1X00_SYS_REGS];
	/* What a battery keeps over a reset.  */
	struct au1x00_counter counter[AU1X00_COUNTERS];
	uint32_t control, scratch[2];
	uint32_t driven, out;    /* GPIO 1: pins that are outputs, and their levels */
	uint32_t in, pins;       /* what others drive; levels as gpio was last told */
};

void au1x00_sys_init(struct au1x00_sys *s, const struct au1x00_sys_cfg *cfg);

/* au1x00_sys_pin - something outside drives pin @pin of GPIO 1: fit for struct irq.  */
void au1x00_sys_pin(void *sys, unsigned pin, bool level);

#endif
