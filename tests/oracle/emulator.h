/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a MIPS Linux executable in a user-mode emulator, from memory to memory: no files, nothing left running.
 */
#ifndef ATHANOR_TESTS_ORACLE_EMULATOR_H
#define ATHANOR_TESTS_ORACLE_EMULATOR_H

#include "base/types.h"

bool emulator_exists(const char *name); /* in PATH */

/**
 * emulator_run - run @file under `name -cpu 24Kc` with @in as its input, for @seconds at most
 * @out: takes what it wrote; *@out_size: its room, then its length
 * Returns NULL, or how it ended if not with status 0.
 */
const char *emulator_run(const char *name, const void *file, size_t file_size, const void *in, size_t in_size, void *out, size_t *out_size,
			 unsigned seconds);

#endif
