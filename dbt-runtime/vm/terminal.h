/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal dbt stands on, and the signals that end it.  Process-wide, because both are: one machine at a time uses it.
 */
#ifndef ATHANOR_VM_TERMINAL_H
#define ATHANOR_VM_TERMINAL_H

#include "base/err.h"
#include "base/types.h"

/* terminal_raw - if standard input is a terminal, pass every key on unchanged (output processing stays).  Idempotent.  */
void terminal_raw(void);

/* terminal_restore - as it was found.  Idempotent; safe in signal handlers; also done at exit and on crashes.  */
void terminal_restore(void);

/**
 * terminal_signals - catch SIGINT, SIGTERM, SIGHUP (end in good order) and crashes (restore the terminal first)
 * @attention: set to 1 when one arrives; NULL: only note it.  Borrowed until called again.
 * Errors: ST_HOST
 */
enum status terminal_signals(uint32_t *attention, struct err *e) MUST_CHECK;

int terminal_signal(void);    /* the signal that asked to end; 0: none */
int terminal_signal_fd(void); /* readable once a signal has arrived: for poll; -1 before terminal_signals */

#endif
