/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What goes into guest memory before the first instruction: kernel, initial RAM disk, device tree.  Kept, so that a reset can load it
 * again.
 */
#ifndef ATHANOR_VM_LOADER_H
#define ATHANOR_VM_LOADER_H

#include "base/elf32.h"
#include "base/err.h"
#include "base/file.h"
#include "dbt-runtime/board/board.h"

struct loader {
	struct elf32 *kernel;
	struct file_bytes initrd, dtb;
	const char *kernel_path, *initrd_path, *dtb_path;
	uint64_t kernel_end; /* first physical byte behind the kernel */
};

/**
 * loader_open - read and check the files, without a machine
 * @initrd, @dtb: NULL: none.  Paths are borrowed.
 * Errors: what file_read and elf32_open say; ST_FORMAT: a segment is not in kseg0 or kseg1, or the entry is in none
 */
enum status loader_open(struct loader *l, const char *kernel, const char *initrd, const char *dtb, struct err *e) MUST_CHECK;
void loader_close(struct loader *l); /* accepts a zeroed one */

/**
 * loader_place - put everything into RAM and let the board write its hand-off
 * Errors: ST_FORMAT a segment lies outside RAM; what the board says about the rest
 */
enum status loader_place(const struct loader *l, struct board *b, const char *append, struct board_entry *entry, struct err *e) MUST_CHECK;

#endif
