/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The board's devices, put into the state kernels expect of a monitor, and its reset.
 */
#ifndef ATHANOR_FIRMWARE_BOARD_H
#define ATHANOR_FIRMWARE_BOARD_H

#include <stdint.h>

extern uint32_t board_ram_size; /* bytes, as the start-up code has found; set by main.c */

/* Clocks and counters, PCI, GPIO, board registers.  Again before a program is started, which relies on it.  */
void board_init(void);
/* "PB1500", or what else the board says it is */
const char *board_name(void);
void board_reset(void) __attribute__((noreturn));

#endif
