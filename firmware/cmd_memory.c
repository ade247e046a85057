/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands on ranges of memory: fill, copy, compare, cksum, search.  They go piece by piece, so that Ctrl-C is
 * heard.
 */
#include "firmware/console.h"
#include "firmware/flash.h"
#include "firmware/guard.h"
#include "firmware/load.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"

#define PIECE 0x4000u

static unsigned char piece_a[PIECE], piece_b[PIECE];

static uint32_t address_of(const void *p) { return (uint32_t)(uintptr_t)p; }

static uint32_t piece_of(uint32_t left) { return left < PIECE ? left : PIECE; }

/* A piece of memory into a buffer.  */
static int fetch(unsigned char *to, uint32_t from, uint32_t n)
{
	int code = guard_copy(address_of(to), from, n);

	return code == GUARD_OK ? SHELL_OK : shell_bad_access(code);
}

static int fill(int argc, char **argv)
{
	unsigned width = 1;
	uint32_t addr, size, v;
	const char *why;
	int i = 1;

	if (i < argc && argv[i][0] == '-' && !shell_width(argv[i++], &width))
		return shell_usage(argv[0]);
	if (argc - i != 3)
		return shell_usage(argv[0]);
	if (!shell_range(argv + i, &addr, &size))
		return SHELL_FAILED;
	if (!shell_number(argv[i + 2], &v) || (width < 4 && v >> (8 * width)))
		return shell_bad_number(argv[i + 2]);
	if ((addr | size) & (width - 1))
		return shell_error("Address and size must be multiples of %u", width);
	why = load_refuses(addr, size);
	if (!why && flash_touches(addr, size))
		why = "Flash is written by copy, and must be erased";
	if (why)
		return shell_error("%s", why);
	for (uint32_t n; size; addr += n, size -= n) {
		int code;

		n = piece_of(size);
		code = guard_fill(width, addr, v, n / width);
		if (code != GUARD_OK)
			return shell_bad_access(code);
		if (con_break())
			return shell_broken();
	}
	return SHELL_OK;
}

const struct command fill_command = {
	"fill", "[-8|-16|-32] addr size data", "Fill memory with a value",
	"-8 ...   size of data: 8 (default), 16 or 32 bits\n"
	"size     bytes\n",
	fill,
};

static int copy_to_flash(uint32_t from, uint32_t to, uint32_t size)
{
	enum flash_error f;

	if (!flash_erased(to, size))
		return shell_error("%s", flash_error_text(FLASH_NOT_ERASED));
	for (uint32_t n; size; from += n, to += n, size -= n) {
		n = piece_of(size);
		if (fetch(piece_a, from, n) != SHELL_OK)
			return SHELL_FAILED;
		f = flash_program(to, piece_a, n);
		if (f != FLASH_OK)
			return shell_error("%s", flash_error_text(f));
		if (con_break())
			return shell_broken();
	}
	return SHELL_OK;
}

/* From the end where the target begins inside the source.  */
static int copy_to_memory(uint32_t from, uint32_t to, uint32_t size)
{
	bool backwards = to - from < size;

	for (uint32_t done = 0, n; done < size; done += n) {
		uint32_t off;
		int code;

		n = piece_of(size - done);
		off = backwards ? size - done - n : done;
		code = guard_copy(to + off, from + off, n);
		if (code != GUARD_OK)
			return shell_bad_access(code);
		if (con_break())
			return shell_broken();
	}
	return SHELL_OK;
}

static int copy(int argc, char **argv)
{
	bool flush = true;
	uint32_t from, to, size;
	const char *why;
	int i = 1, rc;

	if (i < argc && !strcmp(argv[i], "-f")) {
		flush = false;
		i++;
	}
	if (argc - i != 3)
		return shell_usage(argv[0]);
	if (!shell_number(argv[i], &from))
		return shell_bad_number(argv[i]);
	if (!shell_range(argv + i + 1, &to, &size))
		return SHELL_FAILED;
	why = memory_wraps(from, size) ? "Range exceeds the address space" : load_refuses(to, size);
	if (why)
		return shell_error("%s", why);
	rc = flash_touches(to, size) ? copy_to_flash(from, to, size) : copy_to_memory(from, to, size);
	if (flush)
		memory_flush_all();
	return rc;
}

const struct command copy_command = {
	"copy", "[-f] src dst size", "Copy memory",
	"-f       do not flush the caches afterwards\n"
	"dst      may be in flash, which must be erased there\n"
	"size     bytes; the ranges may overlap\n",
	copy,
};

static int compare(int argc, char **argv)
{
	uint32_t a, b, size;

	if (argc != 4)
		return shell_usage(argv[0]);
	if (!shell_number(argv[1], &a))
		return shell_bad_number(argv[1]);
	if (!shell_range(argv + 2, &b, &size))
		return SHELL_FAILED;
	if (memory_wraps(a, size))
		return shell_error("Range exceeds the address space");
	for (uint32_t n; size; a += n, b += n, size -= n) {
		n = piece_of(size);
		if (fetch(piece_a, a, n) != SHELL_OK || fetch(piece_b, b, n) != SHELL_OK)
			return SHELL_FAILED;
		for (uint32_t i = 0; i < n; i++)
			if (piece_a[i] != piece_b[i])
				return shell_error("Mismatch: 0x%08x has 0x%02x, 0x%08x has 0x%02x", a + i, piece_a[i], b + i, piece_b[i]);
		if (con_break())
			return shell_broken();
	}
	con_printf("Compare OK\n");
	return SHELL_OK;
}

const struct command compare_command = { "compare", "addr1 addr2 size", "Compare two ranges of memory", NULL, compare };

/* POSIX cksum: CRC-32 with the highest bit first, of the bytes and then of their number, lowest byte first, without leading zeros.  */
static uint32_t cksum_byte(uint32_t crc, unsigned char byte)
{
	static uint32_t table[256];

	if (!table[1]) {
		for (uint32_t i = 0; i < 256; i++) {
			uint32_t v = i << 24;

			for (unsigned k = 0; k < 8; k++)
				v = v << 1 ^ (v >> 31 ? 0x04c11db7u : 0);
			table[i] = v;
		}
	}
	return crc << 8 ^ table[crc >> 24 ^ byte];
}

static int cksum(int argc, char **argv)
{
	uint32_t addr, size, crc = 0;

	if (argc != 3)
		return shell_usage(argv[0]);
	if (!shell_range(argv + 1, &addr, &size))
		return SHELL_FAILED;
	for (uint32_t left = size, n; left; addr += n, left -= n) {
		n = piece_of(left);
		if (fetch(piece_a, addr, n) != SHELL_OK)
			return SHELL_FAILED;
		for (uint32_t i = 0; i < n; i++)
			crc = cksum_byte(crc, piece_a[i]);
		if (con_break())
			return shell_broken();
	}
	for (uint32_t left = size; left; left >>= 8)
		crc = cksum_byte(crc, (unsigned char)left);
	con_printf("Checksum = %u (0x%08x)\n", ~crc, ~crc);
	return SHELL_OK;
}

const struct command cksum_command = {
	"cksum", "addr size", "Calculate a checksum of memory", "The first number is what cksum(1) says of a file with these bytes.\n", cksum,
};

/* Hexadecimal digits in pairs.  0: they are not that.  */
static uint32_t hex_bytes(const char *digits, unsigned char *bytes, uint32_t max)
{
	uint32_t n = 0, v;

	for (; *digits; digits += 2, n++) {
		const char pair[] = { digits[0], digits[1], 0 };

		if (!digits[1] || n == max || !shell_number(pair, &v))
			return 0;
		bytes[n] = (unsigned char)v;
	}
	return n;
}

/* Pieces overlap by the pattern less one byte, so that one across their border is found.  */
static int search_range(uint32_t addr, uint32_t size, const unsigned char *pattern, uint32_t len)
{
	unsigned found = 0;

	while (size >= len) {
		uint32_t n = piece_of(size);

		if (fetch(piece_a, addr, n) != SHELL_OK)
			return SHELL_FAILED;
		for (uint32_t i = 0; i + len <= n; i++) {
			if (piece_a[i] != pattern[0] || memcmp(piece_a + i, pattern, len))
				continue;
			con_printf("Found at 0x%08x\n", addr + i);
			found++;
			if (con_break())
				return shell_broken();
		}
		if (con_break())
			return shell_broken();
		addr += n - len + 1;
		size -= n - len + 1;
	}
	if (!found)
		con_printf("Not found\n");
	return SHELL_OK;
}

static int search(int argc, char **argv)
{
	static unsigned char pattern[SHELL_LINE_MAX];
	uint32_t addr, size, len;
	bool hex = false;
	int i = 1;

	if (i < argc && argv[i][0] == '-') {
		hex = !strcmp(argv[i], "-hex");
		if (!hex && strcmp(argv[i], "-asc"))
			return shell_usage(argv[0]);
		i++;
	}
	if (argc - i != 3)
		return shell_usage(argv[0]);
	if (!shell_range(argv + i, &addr, &size))
		return SHELL_FAILED;
	len = (uint32_t)strlen(argv[i + 2]);
	if (hex)
		len = hex_bytes(argv[i + 2], pattern, sizeof(pattern));
	else
		memcpy(pattern, argv[i + 2], len);
	if (!len)
		return hex ? shell_error("Illegal string: pairs of hexadecimal digits are needed") : shell_error("The string is empty");
	return search_range(addr, size, pattern, len);
}

const struct command search_command = {
	"search", "[-asc|-hex] addr size string", "Search memory",
	"-asc     string is text (default)\n"
	"-hex     string is pairs of hexadecimal digits, in the order of the bytes\n",
	search,
};
