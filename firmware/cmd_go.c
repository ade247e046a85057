/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the command go: the state of the machine and the words in memory that a program or kernel is given.
 *
 * a0 number of arguments, a1 their table (argv[0] is "go"), a2 a table of pairs of name and value, a3 bytes of memory; sp a stack, ra the
 * way back.  Interrupts are off, the vectors are in RAM.  Tables and strings lie just below APP_BASE: Linux reads the environment again
 * when it has long begun to use memory, from the bottom up.
 */
#include "firmware/board.h"
#include "firmware/console.h"
#include "firmware/cp0.h"
#include "firmware/env.h"
#include "firmware/flash.h"
#include "firmware/guard.h"
#include "firmware/load.h"
#include "firmware/main.h"
#include "firmware/memory.h"
#include "firmware/pb1500.h"
#include "firmware/service.h"
#include "firmware/shell.h"
#include "firmware/string.h"

#define POINTERS_MAX (SHELL_ARGS_MAX + 1 + 2 * 160)

extern char app_stack_top[];

struct handoff {
	const char *pointers[POINTERS_MAX];
	char strings[HANDOFF_SIZE - 4 * POINTERS_MAX];
};
_Static_assert(sizeof(struct handoff) == HANDOFF_SIZE, "what is below APP_BASE");

struct writer {
	struct handoff *to;
	size_t pointers, strings;
	bool full;
};

static void put_pointer(struct writer *w, const char *p)
{
	if (w->pointers == POINTERS_MAX)
		w->full = true;
	else
		w->to->pointers[w->pointers++] = p;
}

static void put_string(struct writer *w, const char *s)
{
	size_t n = strlen(s) + 1;

	if (n > sizeof(w->to->strings) - w->strings) {
		w->full = true;
		return;
	}
	memcpy(w->to->strings + w->strings, s, n);
	put_pointer(w, w->to->strings + w->strings);
	w->strings += n;
}

/* The words behind the address are arguments; argv[0] is "go".  False: they do not fit.  */
static bool write_handoff(struct app_entry *e, int argc, char **argv)
{
	struct writer w = { .to = (struct handoff *)HANDOFF_BASE };
	struct env_var v;
	size_t env;

	put_string(&w, argv[0]);
	for (int i = 2; i < argc; i++)
		put_string(&w, argv[i]);
	put_pointer(&w, NULL);
	env = w.pointers;
	for (unsigned i = 0; env_at(i, &v); i++) {
		if (*v.value) {
			put_string(&w, v.name);
			put_string(&w, v.value);
		}
	}
	put_pointer(&w, NULL);
	put_pointer(&w, NULL);
	e->a0 = argc > 1 ? (uint32_t)argc - 1 : 1;
	e->a1 = (uint32_t)(uintptr_t)w.to->pointers;
	e->a2 = (uint32_t)(uintptr_t)(w.to->pointers + env);
	e->a3 = memory_size();
	return !w.full;
}

static int start(const struct app_entry *e)
{
	uint32_t rc;

	board_init();
	flash_read_arrays();
	con_drain(0);
	memory_flush_all();
	cp0_write(CP0_STATUS, 0);
	rc = app_call(e);
	main_recover();
	con_printf("\nUser application returned with code = 0x%08x\n", rc);
	return SHELL_OK;
}

static int go(int argc, char **argv)
{
	struct app_entry e = { .sp = (uint32_t)(uintptr_t)app_stack_top - 32 };
	bool remembered = load_entry(&e.pc);
	uint32_t insn;
	int code;

	if (argc == 2 && !strcmp(argv[1], "?")) {
		if (remembered)
			con_printf("Default start address = 0x%08x\n", e.pc);
		else
			con_printf("There is no default start address: nothing has been loaded\n");
		return SHELL_OK;
	}
	if (argc == 1 || !strcmp(argv[1], ".")) {
		if (!remembered) {
			shell_error("There is no default start address");
			shell_hint("load a program, or go <address>");
			return SHELL_FAILED;
		}
	} else if (!shell_number(argv[1], &e.pc)) {
		return shell_bad_number(argv[1]);
	}
	code = guard_load(4, e.pc, &insn);
	if (code != GUARD_OK)
		return shell_bad_access(code);
	if (!write_handoff(&e, argc, argv))
		return shell_error("Arguments and environment do not fit into %u bytes", HANDOFF_SIZE);
	return start(&e);
}

const struct command go_command = {
	"go", "[? | . | addr [args]]", "Start a program",
	"?        show the address it starts at\n"
	".        start at the entry address of what was loaded last; so does no word at all\n"
	"addr     start there\n"
	"args     are given to the program, as a kernel's command line for example:\n"
	"         go . console=ttyS0,115200 root=/dev/mtdblock0\n",
	go,
};
