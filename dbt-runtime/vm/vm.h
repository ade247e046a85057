/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine: board, processor, accelerator, consoles and time, assembled and run.  One thread.
 */
#ifndef ATHANOR_VM_VM_H
#define ATHANOR_VM_VM_H

#include "base/err.h"
#include "dbt-runtime/vm/options.h"

struct vm;

enum vm_end {
	VM_END_POWEROFF,  /* the guest switched itself off */
	VM_END_RESET,     /* the guest asked for a reset and -no-reboot was given */
	VM_END_QUIT,      /* the user asked for the end with Ctrl-A x */
	VM_END_SIGNAL,    /* a signal asked for the end: terminal_signal() tells which */
	VM_END_INTERNAL,  /* an invariant is broken; the processor's state was printed */
};

/**
 * vm_create - read files, build the machine, load the guest
 * @o: borrowed for the machine's life
 * Errors: every status but ST_OK; the text is one line for the user.  Nothing is left behind.
 */
enum status vm_create(const struct vm_options *o, struct vm **out, struct err *e) MUST_CHECK;

/* vm_run - run the guest to its end.  Errors: what loading the guest again after a reset can meet.  */
enum status vm_run(struct vm *vm, enum vm_end *end, struct err *e) MUST_CHECK;

/* vm_save - write what was asked for at the end: statistics, profile.  The first failure is reported, the rest is tried.  */
enum status vm_save(struct vm *vm, struct err *e) MUST_CHECK;

void vm_destroy(struct vm *vm); /* accepts NULL */

#endif
