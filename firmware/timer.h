/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Time: the 32 kHz counter for milliseconds, the processor's counter for delays.  No interrupt: who does not ask for 36 hours loses
 * some of them.
 */
#ifndef ATHANOR_FIRMWARE_TIMER_H
#define ATHANOR_FIRMWARE_TIMER_H

#include <stdint.h>

/* Milliseconds since some moment; wraps at 2^32, so compare by differences.  */
uint32_t timer_ms(void);
void timer_delay_us(uint32_t us); /* at most 5000000 */
void timer_delay_ms(uint32_t ms); /* ended early by nothing */

/* Clocks in Hz, as the PLL and divider registers have them.  */
uint32_t timer_cpu_hz(void);
uint32_t timer_bus_hz(void);
uint32_t timer_periph_hz(void);

#endif
