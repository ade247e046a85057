/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The functions of the C library that the monitor has, with their usual meaning.
 */
#ifndef ATHANOR_FIRMWARE_STRING_H
#define ATHANOR_FIRMWARE_STRING_H

#include <stdbool.h>
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
/* Copies as much as fits; always terminated.  False: it did not fit.  */
bool strput(char *to, size_t size, const char *from);

#endif
