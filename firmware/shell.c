/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the prompt and for taking lines apart; words.c is for the words.  Commands are separated by ';'.  Words are separated
 * by blanks; '...' is taken as it is, in "..." and outside $name and ${name} are replaced, a backslash takes the next character as it
 * is and at the end of a line continues it.  "." alone repeats the last line, "+ n ;" in front of commands repeats them.
 */
#include "firmware/shell.h"

#include "firmware/board.h"
#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/exception.h"
#include "firmware/flash.h"
#include "firmware/line.h"
#include "firmware/main.h"
#include "firmware/string.h"

#define NESTING_MAX 4u

#define COMMAND(name) extern const struct command name##_command;
#include "firmware/commands.def"
#undef COMMAND

static const struct command *const commands[] = {
#define COMMAND(name) &name##_command,
#include "firmware/commands.def"
#undef COMMAND
};

static unsigned nesting; /* of shell_run; an exception leaves it as it is, shell_restart does not */

const struct command *shell_command(unsigned i) { return i < sizeof(commands) / sizeof(commands[0]) ? commands[i] : NULL; }

int shell_error(const char *fmt, ...)
{
	va_list ap;

	con_printf("Error : ");
	va_start(ap, fmt);
	con_vprintf(fmt, ap);
	va_end(ap);
	con_printf("\n");
	return SHELL_FAILED;
}

void shell_hint(const char *fmt, ...)
{
	va_list ap;

	con_printf("Hint  : ");
	va_start(ap, fmt);
	con_vprintf(fmt, ap);
	va_end(ap);
	con_printf("\n");
}

int shell_broken(void)
{
	con_printf("\n");
	return shell_error("User break (Ctrl-C)");
}

/* Names are sorted: a full one comes before those that only start with it.  */
const struct command *shell_find(const char *word)
{
	const struct command *c, *found = NULL;
	size_t n = strlen(word);

	for (unsigned i = 0; (c = shell_command(i)); i++) {
		if (!strcmp(c->name, word))
			return c;
		if (n < 2 || strncmp(c->name, word, n))
			continue;
		if (found) {
			shell_error("Ambiguous command: %s", word);
			shell_hint("%s, %s, ...", found->name, c->name);
			return NULL;
		}
		found = c;
	}
	if (!found) {
		shell_error("Unknown command: %s", word);
		shell_hint("'help' lists the commands");
	}
	return found;
}

static int run_command(int argc, char **argv)
{
	const struct command *c = shell_find(argv[0]);

	if (!c)
		return SHELL_FAILED;
	argv[0] = (char *)(uintptr_t)c->name;
	return c->run(argc, argv);
}

/* A line that is taken apart.  What a variable has brought in ends at @brought: nothing is replaced in it.  */
struct parse {
	char text[SHELL_LINE_MAX];
	size_t n, at, brought;
	char words[SHELL_LINE_MAX];
	size_t used;
	char *argv[SHELL_ARGS_MAX + 1];
	int argc;
};

static bool is_name(char c) { return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_'; }

/* Puts the value of the variable at p->at, a '$', in its place; none if it is not set.  */
static bool replace_variable(struct parse *p)
{
	bool braces = p->text[p->at + 1] == '{';
	size_t start = p->at + 1 + braces, end = start, n;
	char name[ENV_NAME_MAX + 1];
	const char *value;

	while (is_name(p->text[end]))
		end++;
	n = end - start;
	if (braces && p->text[end] != '}') {
		shell_error("'${' without '}'");
		return false;
	}
	end += braces;
	memcpy(name, p->text + start, n > ENV_NAME_MAX ? 0 : n);
	name[n > ENV_NAME_MAX ? 0 : n] = 0;
	value = env_get(name);
	n = value ? strlen(value) : 0;
	if (p->at + n + (p->n - end) >= sizeof(p->text)) {
		shell_error("Line is too long");
		return false;
	}
	memmove(p->text + p->at + n, p->text + end, p->n - end + 1);
	memcpy(p->text + p->at, value ? value : "", n);
	p->n = p->at + n + (p->n - end);
	p->brought = p->at + n;
	return true;
}

static bool is_variable(const struct parse *p)
{
	return p->text[p->at] == '$' && p->at >= p->brought && (is_name(p->text[p->at + 1]) || p->text[p->at + 1] == '{');
}

/* One word, from p->at on, where something other than a blank is.  */
static bool parse_word(struct parse *p)
{
	bool quote_brought = false; /* a quotation that a variable has brought may end in it; one from outside may not */
	char quote = 0, c;

	if (p->argc == SHELL_ARGS_MAX) {
		shell_error("Too many words");
		return false;
	}
	p->argv[p->argc++] = p->words + p->used;
	while ((c = p->text[p->at]) && (quote || (c != ' ' && c != '\t' && c != ';'))) {
		if (quote != '\'' && is_variable(p)) {
			if (!replace_variable(p))
				return false;
			continue;
		}
		p->at++;
		if (c == quote && (quote_brought || p->at > p->brought)) {
			quote = 0;
			continue;
		}
		if (!quote && (c == '\'' || c == '"')) {
			quote = c;
			quote_brought = p->at <= p->brought;
			continue;
		}
		if (c == '\\' && quote != '\'' && p->text[p->at])
			c = p->text[p->at++];
		p->words[p->used++] = c;
	}
	if (quote) {
		shell_error("Quotation without an end");
		return false;
	}
	p->words[p->used++] = 0;
	return true;
}

/* The words of one command.  False: it cannot be taken apart, which has been said.  */
static bool parse_command(struct parse *p)
{
	p->argc = 0;
	p->used = 0;
	for (;;) {
		while (p->text[p->at] == ' ' || p->text[p->at] == '\t')
			p->at++;
		if (is_variable(p)) {
			if (!replace_variable(p))
				return false;
			continue;
		}
		if (!p->text[p->at] || p->text[p->at] == ';') {
			p->at += p->text[p->at] == ';';
			p->argv[p->argc] = NULL;
			return true;
		}
		if (!parse_word(p))
			return false;
	}
}

/* "+ [n] ; commands": repeats what follows until it fails; without n, until Ctrl-C.  */
static int repeat(const struct parse *p)
{
	uint32_t n = 0;
	int rc = SHELL_OK;

	if (p->argc > 2 || (p->argc == 2 && !shell_number(p->argv[1], &n))) {
		shell_error("Syntax error");
		shell_hint("+ [count] ; command");
		return SHELL_FAILED;
	}
	for (uint32_t i = 0; rc == SHELL_OK && (p->argc == 1 || i < n); i++) {
		if (con_break())
			return shell_broken();
		rc = shell_run(p->text + p->at);
	}
	return rc;
}

/* An exception may leave this at any time: nothing here needs to be given back but the nesting, which shell_restart does.  */
int shell_run(const char *line)
{
	struct parse p = { .n = strlen(line) };
	int rc = SHELL_OK;

	if (p.n >= sizeof(p.text) || nesting == NESTING_MAX)
		return shell_error(p.n >= sizeof(p.text) ? "Line is too long" : "Repetitions are nested too deeply");
	nesting++;
	memcpy(p.text, line, p.n + 1);
	while (p.at < p.n) {
		if (!parse_command(&p)) {
			rc = SHELL_FAILED;
			break;
		}
		if (!p.argc)
			continue;
		if (!strcmp(p.argv[0], "+")) {
			rc = repeat(&p);
			break;
		}
		rc = run_command(p.argc, p.argv);
		if (con_break()) {
			rc = shell_broken();
			break;
		}
	}
	nesting--;
	return rc;
}

/* Reads a line and those that continue it.  */
static bool read_lines(char *line)
{
	char prompt[ENV_VALUE_MAX + 3];
	const char *set = env_get("prompt");
	size_t n = 0, slashes;

	con_format(prompt, sizeof(prompt), "%s> ", set ? set : "YAMON");
	for (;;) {
		if (!line_read(n ? "? " : prompt, line + n, SHELL_LINE_MAX - n, true))
			return false;
		n = strlen(line);
		for (slashes = 0; slashes < n && line[n - 1 - slashes] == '\\'; slashes++)
			;
		if (!(slashes & 1) || n + 2 >= SHELL_LINE_MAX)
			return true;
		line[--n] = 0;
	}
}

void shell_loop(void)
{
	static char line[SHELL_LINE_MAX], last[SHELL_LINE_MAX];

	for (;;) {
		if (!read_lines(line))
			continue;
		if (strcmp(line, "."))
			strput(last, sizeof(last), line);
		shell_run(last);
		con_printf("\n");
	}
}

static void loop_again(void)
{
	nesting = 0;
	main_recover();
	con_printf("\n");
	shell_loop();
}

void shell_restart(void) { main_restart(loop_again); }
