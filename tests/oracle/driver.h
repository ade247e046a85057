/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A static MIPS Linux executable that runs programs: it reads records from standard input and writes records to standard output.
 *   in:   struct program_state, PROGRAM_WORDS instructions, PROGRAM_DATA_SIZE bytes of data
 *   out:  struct program_state, the data
 * all words in guest byte order.  A signal ends a program, and the record has the registers it found.
 */
#ifndef ATHANOR_TESTS_ORACLE_DRIVER_H
#define ATHANOR_TESTS_ORACLE_DRIVER_H

#include "tests/oracle/program.h"

#define DRIVER_FILE_SIZE 0x3000u
#define RECORD_IN (sizeof(struct program_state) + PROGRAM_WORDS * 4 + PROGRAM_DATA_SIZE)
#define RECORD_OUT (sizeof(struct program_state) + PROGRAM_DATA_SIZE)

/* driver_build - write the executable.  Returns the address a program jumps to when it is done.  */
gva driver_build(uint8_t file[DRIVER_FILE_SIZE], bool big_endian);

#endif
