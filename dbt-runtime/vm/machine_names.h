/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Boards and processor models by the names users give, and lists of them. */
#ifndef ATHANOR_VM_MACHINE_NAMES_H
#define ATHANOR_VM_MACHINE_NAMES_H

#include <stdio.h>

#include "base/err.h"
#include "dbt-runtime/board/board.h"
#include "isa/cpu.h"

/* ST_USAGE: unknown; the text names the option and the nearest known name.  */
enum status machine_find(const char *name, const struct board_ops **out, struct err *e) MUST_CHECK;
/* cpu_find - @name: NULL: the board's own.  What the board takes it for.  Errors: also ST_UNSUPPORTED a model with an FPU */
enum status cpu_find(const struct board_ops *board, const char *name, const struct cpu_model **out, struct err *e) MUST_CHECK;

void machine_list(FILE *f);
void cpu_list(FILE *f);

#endif
