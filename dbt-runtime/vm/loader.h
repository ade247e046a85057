/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes into guest memory before the first instruction: kernel, initial RAM disk, device tree, kept so that a reset can load them
 * again; or a boot monitor, which goes into the board's flash once.
 */
#ifndef ATHANOR_VM_LOADER_H
#define ATHANOR_VM_LOADER_H

#include "base/elf32.h"
#include "base/err.h"
#include "base/file.h"
#include "dbt-runtime/board/board.h"

/* Paths; NULL: none.  Either a kernel or a monitor; or neither, and there is a monitor in the flash.  */
struct loader_files {
	const char *kernel, *initrd, *dtb, *monitor;
};

struct loader {
	struct loader_files path;
	struct elf32 *kernel;        /* NULL: a monitor is started */
	struct file_bytes initrd, dtb;
	uint64_t kernel_end;         /* first physical byte behind the kernel */
	struct elf32 *monitor;       /* NULL: raw, or none, or in the flash already */
	struct file_bytes raw_monitor;
	bool big_endian;             /* as the kernel or the monitor says; a raw monitor is little-endian */
};

/**
 * loader_open - read and check the files, without a machine
 * @board: whose monitor it is to be
 * Paths are borrowed.
 * Errors: what file_read and elf32_open say; ST_FORMAT: a segment is not in kseg0 or kseg1, or the entry is in none; a monitor is not
 * for the place where the board starts
 */
enum status loader_open(struct loader *l, const struct loader_files *files, const struct board_ops *board, struct err *e) MUST_CHECK;
void loader_close(struct loader *l); /* accepts a zeroed one */

/**
 * loader_place - put kernel and what belongs to it into RAM and let the board write its hand-off
 * Errors: ST_FORMAT a segment lies outside RAM; what the board says about the rest
 */
enum status loader_place(const struct loader *l, struct board *b, const char *append, struct board_entry *entry, struct err *e) MUST_CHECK;

/* loader_place_monitor - put the monitor where the board starts; if there is neither monitor nor kernel, see that there is something.
   Errors: ST_FORMAT there is not.  */
enum status loader_place_monitor(const struct loader *l, struct board *b, struct err *e) MUST_CHECK;

#endif
