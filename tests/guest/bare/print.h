/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between main.c and machine.c; tests use bare.h.
 */
#ifndef ATHANOR_TESTS_GUEST_BARE_PRINT_H
#define ATHANOR_TESTS_GUEST_BARE_PRINT_H

#include "tests/guest/bare/bare.h"

void print(const char *s);
void print_hex(uint32_t v);
void print_decimal(uint32_t v);
void print_trap(const struct trap *t);

/* Begin a round: the same code places as in the round before, or behind all others if the test is @new.  */
void code_restart(bool new);

#endif
