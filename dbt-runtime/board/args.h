/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The block of arguments and environment a monitor of the YAMON kind hands to a kernel: a table of pointers (argv[0..1], then name and
 * value pairs ending with NULL), then the strings.
 */
#ifndef ATHANOR_BOARD_ARGS_H
#define ATHANOR_BOARD_ARGS_H

#include "dbt-runtime/board/board.h"

#define ARGS_MAX 0x2000u
#define ARGS_KSEG0 0x80000000u

struct args {
	uint32_t base;         /* physical */
	bool big_endian;
	uint8_t bytes[ARGS_MAX];
	unsigned pointers, at; /* next of each, in bytes */
	bool full;
};

/**
 * args_init - begin with argv: the kernel's name and its command line, with what it needs to find its initial RAM disk
 * @base: where the block will be, ARGS_MAX bytes at most; a stack ends below
 * @env: at most so many pairs follow
 * Errors: ST_FULL the command line is longer than a kernel takes
 */
enum status args_init(struct args *a, uint32_t base, bool big_endian, unsigned env, const struct board_boot *boot,
		      struct err *e) MUST_CHECK;

void args_env(struct args *a, const char *name, const char *value);

/* args_write - end the table, put everything into RAM, and into registers what leads there: a0 to a2 and sp.
   Errors: ST_FULL it does not fit; what mem_write says.  */
enum status args_write(struct args *a, struct mem_map *map, struct board_entry *entry, struct err *e) MUST_CHECK;

#endif
