/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fault injection: signals that ask for attention when nothing has happened, between any two instructions of the host.
 * Process-wide, because signals are.
 */
#ifndef ATHANOR_VM_KICKS_H
#define ATHANOR_VM_KICKS_H

#include "base/err.h"
#include "base/types.h"

/**
 * kicks_start - set *@attention about every millisecond of host time, by SIGALRM
 * @attention: borrowed until kicks_stop
 * Errors: ST_HOST
 */
enum status kicks_start(uint32_t *attention, struct err *e) MUST_CHECK;
void kicks_stop(void); /* no effect if they were not started */

#endif
