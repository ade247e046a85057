/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a line from the console, with editing and history.
 */
#ifndef ATHANOR_FIRMWARE_LINE_H
#define ATHANOR_FIRMWARE_LINE_H

#include <stdbool.h>
#include <stddef.h>

/* Prints @prompt and waits for a line.  False: Ctrl-C; the line is empty then.  @buf has @size >= 2 bytes.  @keep: the line goes to the
   history of lines.  */
bool line_read(const char *prompt, char *buf, size_t size, bool keep);

#endif
