/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * QEMU's system emulator as a process.
 */
#ifndef ATHANOR_TESTS_FUZZ_ISA_SYSTEM_H
#define ATHANOR_TESTS_FUZZ_ISA_SYSTEM_H

#include "tests/fuzz-isa/columns.h"

const char *system_name(bool big_endian);
void system_run(const struct image *m, struct outcome *out);

#endif
