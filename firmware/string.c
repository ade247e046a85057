/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for string.h.  Compiled so that no loop becomes a call of the function it is in.
 */
#include "firmware/string.h"

#include <stdint.h>

struct unaligned { uint32_t word; } __attribute__((packed)); /* read by LWL and LWR */

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	for (; n && (uintptr_t)d & 3; n--)
		*d++ = *s++;
	for (; n >= 4; n -= 4, d += 4, s += 4)
		*(uint32_t *)(void *)d = ((const struct unaligned *)(const void *)s)->word;
	while (n--)
		*d++ = *s++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if (d <= s || d >= s + n)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	unsigned char *d = to;

	while (n--)
		*d++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (unsigned char)*a - (unsigned char)*b;
	return 0;
}

int strcmp(const char *a, const char *b) { return strncmp(a, b, SIZE_MAX); }

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)(uintptr_t)s;
}

bool strput(char *to, size_t size, const char *from)
{
	size_t n = strlen(from), fits = n < size ? n : size - 1;

	memcpy(to, from, fits);
	to[fits] = 0;
	return fits == n;
}
