/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header.  */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/crc32.h"

void fuzz_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

uint32_t fuzz_take(struct fuzz_in *in, unsigned bytes)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < bytes && in->left; i++, in->left--)
		v |= (uint32_t)*in->at++ << (8 * i);
	return v;
}

const uint8_t *fuzz_take_bytes(struct fuzz_in *in, size_t n, size_t *got)
{
	const uint8_t *at = in->at;

	*got = n < in->left ? n : in->left;
	in->at += *got;
	in->left -= *got;
	return at;
}

uint32_t fuzz_crc32(const uint8_t *bytes, size_t n)
{
	static struct crc32 crc;

	if (!crc.table[0][1])
		crc32_init(&crc);
	return crc32_of(&crc, bytes, n);
}

const char *fuzz_file(unsigned slot, const uint8_t *bytes, size_t size)
{
	static struct { int fd; char path[40]; } files[FUZZ_FILES];

	FUZZ_CHECK(slot < FUZZ_FILES);
	if (!files[slot].fd) {
		files[slot].fd = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(files[slot].path, sizeof files[slot].path, "/proc/self/fd/%d", files[slot].fd);
	}
	FUZZ_CHECK(files[slot].fd > 0 && ftruncate(files[slot].fd, 0) == 0);
	FUZZ_CHECK(size == 0 || pwrite(files[slot].fd, bytes, size, 0) == (ssize_t)size);
	return files[slot].path;
}
