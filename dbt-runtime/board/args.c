/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See the header.  Not responsible for which variables a board has.  */
#include "dbt-runtime/board/args.h"

#include <stdio.h>
#include <string.h>

#define ARGC 2u
#define COMMAND_MAX 4096u  /* COMMAND_LINE_SIZE of Linux on MIPS, with its final NUL */

enum { A0 = 4, SP = 29 };

static void put_pointer(struct args *a, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		a->bytes[a->pointers + i] = (uint8_t)(value >> (a->big_endian ? 24 - 8 * i : 8 * i));
	a->pointers += 4;
}

static void put_string(struct args *a, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > ARGS_MAX - a->at) {
		a->full = true;
		return;
	}
	put_pointer(a, ARGS_KSEG0 + a->base + a->at);
	memcpy(a->bytes + a->at, s, n);
	a->at += (unsigned)n;
}

static enum status command_line(const struct board_boot *boot, char *out, struct err *e)
{
	const char *append = boot->append ? boot->append : "";
	int n;

	if (boot->initrd_size)
		/* The kernel reads a 64-bit number: kseg0 addresses are negative.  */
		n = snprintf(out, COMMAND_MAX, "rd_start=0xffffffff%08llx rd_size=%llu%s%s", (unsigned long long)(boot->initrd | ARGS_KSEG0),
			(unsigned long long)boot->initrd_size, *append ? " " : "", append);
	else
		n = snprintf(out, COMMAND_MAX, "%s", append);
	if (n < 0 || (unsigned)n >= COMMAND_MAX)
		return err_set(e, ST_FULL, "command line of %d characters; a kernel takes %u", n, COMMAND_MAX - 1);
	return ST_OK;
}

enum status args_init(struct args *a, uint32_t base, bool big_endian, unsigned env, const struct board_boot *boot, struct err *e)
{
	const char *kernel = boot->kernel ? boot->kernel : "";
	char line[COMMAND_MAX];
	enum status s = command_line(boot, line, e);

	*a = (struct args){ .base = base, .big_endian = big_endian, .at = 4 * (ARGC + 2 * env + 1) };
	if (s != ST_OK)
		return s;
	put_string(a, strlen(kernel) < COMMAND_MAX / 2 ? kernel : "");
	put_string(a, line);
	return ST_OK;
}

void args_env(struct args *a, const char *name, const char *value)
{
	put_string(a, name);
	put_string(a, value);
}

enum status args_write(struct args *a, struct mem_map *map, struct board_entry *entry, struct err *e)
{
	if (a->full)
		return err_set(e, ST_FULL, "arguments and environment do not fit into %u bytes", ARGS_MAX);
	put_pointer(a, 0);
	entry->gpr[A0] = ARGC;
	entry->gpr[A0 + 1] = ARGS_KSEG0 + a->base;
	entry->gpr[A0 + 2] = ARGS_KSEG0 + a->base + 4 * ARGC;
	entry->gpr[SP] = ARGS_KSEG0 + a->base - 64;
	return mem_write(map, a->base, a->bytes, a->at, e);
}
