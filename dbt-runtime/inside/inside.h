/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between the files of this folder that run in the VM.
 */
#ifndef ATHANOR_INSIDE_INSIDE_H
#define ATHANOR_INSIDE_INSIDE_H

#include "dbt-runtime/inside/box.h"

/* inside.c, called from vectors.c */
void inside_main(struct box *b) __attribute__((noreturn));
void inside_fault(struct box_fault *f); /* changes f->rip, or nothing */

/* vectors.c: the processor forgets its translation of @addr; 0: all translations.  */
void inside_forget(uint64_t addr);

/* windows.c: what the engine's host table wants of page tables */
void windows_host(struct box *b, struct engine_host *h);
/* A page of a mirror that was never touched: put memory there.  False: @addr is not in a mirror.  */
bool mirror_fill(struct box *b, uint64_t addr);

#endif
