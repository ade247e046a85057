/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzz targets: each takes any bytes whatever and must neither crash, nor break an invariant it states, nor take more than bounded time
 * and memory.  libFuzzer drives them (make fuzz); test_corpus.c replays what it kept (make check).
 *
 * Where a checksum would stop a mutated input at the door, the target itself also tries the input with its checksums made right: so
 * no mutator has to know the format, and an old corpus stays deep when a format changes.
 */
#ifndef ATHANOR_TESTS_FUZZ_FUZZ_H
#define ATHANOR_TESTS_FUZZ_FUZZ_H

#include "base/types.h"

/* fuzz_<name>.c has fuzz_<name>; a folder of that name in corpus/ has its inputs.  */
#define FUZZ_TARGETS(T) T(decode) T(devices) T(drives) T(image) T(loader) T(monitor) T(network) T(options) T(pb1500) T(profile) T(virtio) \
	T(xo)

#define FUZZ_DECLARE(name) void fuzz_##name(const uint8_t *bytes, size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)
#undef FUZZ_DECLARE

/* What is wrong is printed with its place, and the process aborts.  */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #condition))
__attribute__((noreturn)) void fuzz_failed(const char *file, int line, const char *what);

/* An input taken apart from its front; behind its end there are zeros.  */
struct fuzz_in {
	const uint8_t *at;
	size_t left;
};

uint32_t fuzz_take(struct fuzz_in *in, unsigned bytes); /* 1 to 4, little-endian */
/* At most @n of what is left; *got of them.  */
const uint8_t *fuzz_take_bytes(struct fuzz_in *in, size_t n, size_t *got);

uint32_t fuzz_crc32(const uint8_t *bytes, size_t n); /* of IEEE 802.3 */

/* A file that holds the bytes: its path, valid until the next call for the same @slot.  */
#define FUZZ_FILES 4u
const char *fuzz_file(unsigned slot, const uint8_t *bytes, size_t size);

#endif
