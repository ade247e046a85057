/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Programs of the host as processes, and files in memory for them.  Where the host fails, the test program ends.
 */
#ifndef ATHANOR_TESTS_ORACLE_PROCESS_H
#define ATHANOR_TESTS_ORACLE_PROCESS_H

#include "base/types.h"

#define PROCESS_KILLED (-1)

/* process_file - a file that only descriptors lead to, with @size bytes; it is read and written from its start.  The caller closes it.
   "/proc/self/fd/N" is a name for it in a process that inherits it.  */
int process_file(const void *bytes, size_t size);

/* process_file_read - its first @size bytes, or as many as there are; returns how many.  */
size_t process_file_read(int fd, void *to, size_t size);

/**
 * process_run - run argv[0], which is looked for in PATH, to its end; it does not outlive this process
 * @fds: its descriptors 0, 1 and 2; -1: ours
 * @cpu_seconds: of processor time; 0: as much as it takes
 * @seconds: of real time
 * Returns its status as of waitpid; PROCESS_KILLED: a limit was reached, or somebody else killed it.
 */
int process_run(const char *const argv[], const int fds[3], unsigned cpu_seconds, unsigned seconds);

#endif
