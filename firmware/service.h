/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The calls of a program, and the call of a program: vectors.S stands between.
 */
#ifndef ATHANOR_FIRMWARE_SERVICE_H
#define ATHANOR_FIRMWARE_SERVICE_H

#include <stdint.h>

void app_print_count(uint32_t port, const char *s, uint32_t n);
void app_print(uint32_t port, const char *s);
uint32_t app_getchar(uint32_t port, char *c); /* 1: there was one */
void app_flush_cache(uint32_t type);          /* 0: instructions, 1: data */
uint32_t app_refuse(void);
uint32_t app_syscon_read(uint32_t id, void *buf, uint32_t size);

/* How a program is entered.  In this order for vectors.S.  */
struct app_entry {
	uint32_t pc, sp, a0, a1, a2, a3;
};

/* Returns what the program returns, or gives to exit.  */
uint32_t app_call(const struct app_entry *);

#endif
