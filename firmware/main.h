/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor's own beginning, and its way back from a program that has left the board in whatever state.
 */
#ifndef ATHANOR_FIRMWARE_MAIN_H
#define ATHANOR_FIRMWARE_MAIN_H

#include <stdint.h>

#define MONITOR_REVISION "1.00"

/* From start.S.  */
void monitor_main(uint32_t ram_size) __attribute__((noreturn));
/* Calls fn on an empty stack.  */
void main_restart(void (*fn)(void)) __attribute__((noreturn));
/* Makes the console, exceptions and time work again.  If the monitor's own memory has been written, starts it from flash instead.  */
void main_recover(void);

#endif
