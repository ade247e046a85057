/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command interpreter, and what commands need of it: rows, numbers, options, error messages.
 *
 * A command is a `const struct command NAME_command`, listed in commands.def.  run gets the words of the line, argv[0] being the full
 * name, and returns 0 or SHELL_FAILED, having said why by shell_error, shell_usage, ... .  It may be left at any time by an exception;
 * it must not rely on code behind it for anything but memory that the next command initialises.
 */
#ifndef ATHANOR_FIRMWARE_SHELL_H
#define ATHANOR_FIRMWARE_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command {
	const char *name;
	const char *syntax; /* behind the name, e.g. "[-8|-16|-32] addr [size]"; "": none */
	const char *brief;  /* a line for the list of commands */
	const char *help;   /* lines, each ended by \n; NULL: brief says it all */
	int (*run)(int argc, char **argv);
};

enum { SHELL_OK = 0, SHELL_FAILED = -1 };

#define SHELL_LINE_MAX 1024u /* characters and a 0, also after $ has been replaced; a variable's value fits */
#define SHELL_ARGS_MAX 64

/* "Error : ..." and SHELL_FAILED; "Hint  : ..." */
int shell_error(const char *fmt, ...);
void shell_hint(const char *fmt, ...);
/* "Error : Syntax error" and how the command @name is written.  */
int shell_usage(const char *name);
/* "Error : Illegal number: ..." */
int shell_bad_number(const char *word);
/* Ctrl-C was typed: says so.  */
int shell_broken(void);
/* An exception ended an access; @code is what guard.h returned just before.  */
int shell_bad_access(int code);

/* Hexadecimal without a prefix; 0x, 16/ hexadecimal, 10/ decimal, 8/ octal.  False: not such a number, or above 32 bits.  */
bool shell_number(const char *word, uint32_t *value);
/* Decimal digits only.  */
bool shell_decimal(const char *word, uint32_t *value);
/* a.b.c.d, first byte uppermost */
bool shell_ip(const char *word, uint32_t *ip);
/* xx.xx.xx.xx.xx.xx or with ':' */
bool shell_mac(const char *word, uint8_t mac[6]);

/* -8, -16, -32 */
bool shell_width(const char *word, unsigned *bytes);
/* "addr size" at words[0] and words[1]; says what is wrong with them.  The range does not wrap around.  */
bool shell_range(char **words, uint32_t *addr, uint32_t *size);

/* "Confirm ? (y/n)", and waits for an answer.  */
bool shell_confirm(void);

/* Runs a line as if it had been typed.  The status of the last command.  */
int shell_run(const char *line);
/* The prompt, forever.  */
void shell_loop(void) __attribute__((noreturn));
/* From wherever an exception, or the program's exit, has left us.  */
void shell_restart(void) __attribute__((noreturn));

const struct command *shell_command(unsigned i); /* sorted by name; NULL past the last */
/* By its name, or by at least two characters that only its name starts with.  NULL: none, or several, which has been said.  */
const struct command *shell_find(const char *word);

#endif
