/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What dbt loads: kernel, RAM disk, device tree, command line, into Malta boards of several sizes; or a monitor, into a Pb1500.
 * Input: RAM size; lengths of command line, RAM disk and device tree (255: there is a monitor); those; the kernel or the monitor.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "dbt-runtime/board/board.h"
#include "dbt-runtime/vm/loader.h"

#define APPEND_MAX 65536u
#define MONITOR 255u

static uint64_t still(void *opaque)
{
	(void)opaque;
	return 0;
}

static void random_bytes(void *opaque, uint8_t *bytes, size_t n)
{
	(void)opaque;
	memset(bytes, 0x5a, n);
}

static void place(const struct loader *l, const struct board_ops *ops, uint64_t ram, const char *append)
{
	struct clock clock;
	struct board_cfg cfg = { .ram_size = ram, .big_endian = l->big_endian, .clock = &clock, .entropy = random_bytes };
	struct board_entry entry = { 0 };
	struct board *b = NULL;
	struct err e = ERR_INIT;

	clock_init(&clock, still, NULL, NULL);
	FUZZ_CHECK(ops->create(&cfg, &b, &e) == ST_OK);
	if (!l->kernel)
		FUZZ_CHECK(loader_place_monitor(l, b, &e) == ST_OK); /* all of it was checked before */
	else if (loader_place(l, b, append, &entry, &e) == ST_OK)
		FUZZ_CHECK(entry.pc == l->kernel->entry && !entry.gpr[0]);
	else
		FUZZ_CHECK(e.text[0]);
	ops->destroy(b);
}

void fuzz_loader(const uint8_t *bytes, size_t size)
{
	static const uint64_t ram[] = { 1, 2, 16, 255, 256, 257, 511, 512, 513, 2047, 2048 };
	static char append[APPEND_MAX + 1];
	struct fuzz_in in = { bytes, size };
	uint64_t ram_size = ram[fuzz_take(&in, 1) % ARRAY_LEN(ram)] << 20;
	size_t nappend = fuzz_take(&in, 2), ninitrd = fuzz_take(&in, 1), ndtb = fuzz_take(&in, 1), got;
	bool has_initrd = ninitrd != 0, has_dtb = ndtb != 0, has_monitor = ndtb == MONITOR;
	const struct board_ops *board = has_monitor ? &board_pb1500 : &board_malta;
	struct loader_files files;
	const char *initrd, *dtb, *kernel;
	const uint8_t *at;
	struct err e = ERR_INIT;
	struct loader l;

	at = fuzz_take_bytes(&in, nappend % 4096, &got);
	memset(append, 'a', nappend); /* long ones need not be typed */
	memcpy(append, at, got);
	append[nappend] = 0;
	at = fuzz_take_bytes(&in, ninitrd, &got);
	initrd = fuzz_file(1, at, got);
	at = fuzz_take_bytes(&in, ndtb, &got);
	dtb = fuzz_file(2, at, got);
	kernel = fuzz_file(0, in.at, in.left);
	files = has_monitor ? (struct loader_files){ .monitor = kernel } :
		(struct loader_files){ .kernel = kernel, .initrd = has_initrd ? initrd : NULL, .dtb = has_dtb ? dtb : NULL };
	if (loader_open(&l, &files, board, &e) != ST_OK) {
		FUZZ_CHECK(e.text[0]);
		return;
	}
	place(&l, board, has_monitor ? UINT64_C(1) << 20 : ram_size, nappend ? append : NULL);
	loader_close(&l);
}
