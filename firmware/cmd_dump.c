/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands that show and change single units of memory or of device registers: dump, edit, port.
 */
#include "firmware/console.h"
#include "firmware/flash.h"
#include "firmware/guard.h"
#include "firmware/io.h"
#include "firmware/line.h"
#include "firmware/load.h"
#include "firmware/shell.h"
#include "firmware/string.h"

#define ROW 16u
#define PAGE_ROWS 22u

/* Hexadecimal digits of a unit, and of an address.  */
static void print_unit(unsigned width, uint32_t v) { con_printf("%0*X", 2 * width, v); }

/* One row of up to 16 bytes.  */
static int dump_row(unsigned width, uint32_t addr, uint32_t size)
{
	unsigned char bytes[ROW];
	uint32_t v;

	con_printf("%08X:", addr);
	for (uint32_t i = 0; i < size; i += width) {
		int code = guard_load(width, addr + i, &v);

		if (code != GUARD_OK) {
			con_printf("\n");
			return shell_bad_access(code);
		}
		memcpy(bytes + i, &v, width);
		con_printf(width == 1 && i == ROW / 2 ? "  " : " ");
		print_unit(width, v);
	}
	for (uint32_t i = size; i < ROW; i += width)
		con_printf("%*s", 2 * width + 1 + (width == 1 && i == ROW / 2), "");
	con_printf("  ");
	for (uint32_t i = 0; i < size; i++)
		con_printf("%c", bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.');
	con_printf("\n");
	return SHELL_OK;
}

/* False: enough.  */
static bool more(void)
{
	int c;

	con_printf("Press any key for more, Ctrl-C or q to end");
	while ((c = con_getc(0)) < 0)
		con_wait();
	con_printf("\r%43s\r", "");
	return c != 3 && c != 'q';
}

static int dump(int argc, char **argv)
{
	char *range[2] = { NULL, (char[]){ "100" } };
	unsigned width = 1, rows = 0;
	bool paging = false;
	uint32_t addr, size;
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-m"))
			paging = true;
		else if (!shell_width(argv[i], &width))
			return shell_usage(argv[0]);
	}
	if (argc - i < 1 || argc - i > 2)
		return shell_usage(argv[0]);
	for (int k = 0; i < argc; i++)
		range[k++] = argv[i];
	if (!shell_range(range, &addr, &size))
		return SHELL_FAILED;
	con_printf("\n");
	for (uint32_t n; size; addr += n, size -= n) {
		n = size < ROW ? size : ROW;
		if (con_break())
			return shell_broken();
		if (paging && rows++ == PAGE_ROWS) {
			rows = 1;
			if (!more())
				return SHELL_OK;
		}
		if (dump_row(width, addr, (n + width - 1) & ~(width - 1)) != SHELL_OK)
			return SHELL_FAILED;
	}
	return SHELL_OK;
}

const struct command dump_command = {
	"dump", "[-m] [-8|-16|-32] addr [size]", "Show memory",
	"-m       stop after each page\n"
	"-8 ...   access by 8 (default), 16 or 32 bits\n"
	"addr     where; any address the processor can use\n"
	"size     bytes; 0x100 without it\n",
	dump,
};

/* What edit and port must not write; NULL: they may.  */
static const char *write_refused(uint32_t addr, unsigned width)
{
	const char *why = load_refuses(addr, width);

	return !why && flash_touches(addr, width) ? "Flash is written by copy, and must be erased" : why;
}

static bool fits(unsigned width, uint32_t v) { return width == 4 || v >> (8 * width) == 0; }

/* What is typed for one unit: a value, nothing or + for the next, - for the one before, . for the end.  */
static int edit(int argc, char **argv)
{
	char prompt[32], line[32];
	const char *why;
	unsigned width = 1;
	uint32_t addr = APP_BASE, v;
	int i = 1, code;

	if (i < argc && argv[i][0] == '-' && !shell_width(argv[i++], &width))
		return shell_usage(argv[0]);
	if (argc - i > 1)
		return shell_usage(argv[0]);
	if (i < argc && !shell_number(argv[i], &addr))
		return shell_bad_number(argv[i]);
	con_printf("\nValue, Enter or + for the next, - for the one before, . to end\n\n");
	for (;;) {
		code = guard_load(width, addr, &v);
		if (code != GUARD_OK)
			return shell_bad_access(code);
		con_format(prompt, sizeof(prompt), "%08X: %0*X ", addr, 2 * width, v);
		if (!line_read(prompt, line, sizeof(line), false) || !strcmp(line, "."))
			return SHELL_OK;
		if (!strcmp(line, "-")) {
			addr -= width;
			continue;
		}
		if (*line && strcmp(line, "+")) {
			if (!shell_number(line, &v) || !fits(width, v)) {
				shell_bad_number(line);
				continue;
			}
			why = write_refused(addr, width);
			if (why)
				return shell_error("%s", why);
			code = guard_store(width, addr, v);
			if (code != GUARD_OK)
				return shell_bad_access(code);
		}
		addr += width;
	}
}

const struct command edit_command = {
	"edit", "[-8|-16|-32] [addr]", "Change memory, unit by unit",
	"-8 ...   access by 8 (default), 16 or 32 bits\n"
	"addr     where; the first free address of RAM without it\n",
	edit,
};

static int port(int argc, char **argv)
{
	unsigned width = 4;
	uint32_t addr, v;
	const char *why;
	int i = 1, code;

	if (i < argc && argv[i][0] == '-' && !shell_width(argv[i++], &width))
		return shell_usage(argv[0]);
	if (argc - i < 1 || argc - i > 2)
		return shell_usage(argv[0]);
	if (!shell_number(argv[i], &addr))
		return shell_bad_number(argv[i]);
	if (addr <= PHYS_MASK)
		addr |= KSEG1_BASE;
	if (argc - i == 1) {
		code = guard_load(width, addr, &v);
		if (code != GUARD_OK)
			return shell_bad_access(code);
		con_printf("%08X: %0*X\n", addr, 2 * width, v);
		return SHELL_OK;
	}
	if (!shell_number(argv[i + 1], &v) || !fits(width, v))
		return shell_bad_number(argv[i + 1]);
	why = write_refused(addr, width);
	if (why)
		return shell_error("%s", why);
	code = guard_store(width, addr, v);
	return code == GUARD_OK ? SHELL_OK : shell_bad_access(code);
}

const struct command port_command = {
	"port", "[-8|-16|-32] addr [data]", "Read or write a device register",
	"-8 ...   access by 8, 16 or 32 (default) bits\n"
	"addr     a physical address below 0x20000000, taken uncached, or any other as it is\n"
	"data     is written; without it the register is read\n\n"
	"Board registers have 16 bits from 0x0e000000 on, e.g. port -16 0e000000\n",
	port,
};
