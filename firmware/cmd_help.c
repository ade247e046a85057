/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands help and echo.
 */
#include "firmware/console.h"
#include "firmware/shell.h"

static int help(int argc, char **argv)
{
	const struct command *c;

	if (argc > 2)
		return shell_usage(argv[0]);
	if (argc == 2) {
		c = shell_find(argv[1]);
		if (!c)
			return SHELL_FAILED;
		con_printf("SYNTAX: %s%s%s\n\n%s\n", c->name, *c->syntax ? " " : "", c->syntax, c->brief);
		if (c->help)
			con_printf("\n%s", c->help);
		return SHELL_OK;
	}
	con_printf("Available commands:\n\n");
	for (unsigned i = 0; (c = shell_command(i)); i++)
		con_printf("  %-9s %s\n", c->name, c->brief);
	con_printf("\nNumbers are hexadecimal unless they start with 10/ or 8/.  'help <command>' tells more.\n");
	return SHELL_OK;
}

const struct command help_command = { "help", "[command]", "List the commands, or describe one", NULL, help };

static int echo(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		con_printf("%s%s", i > 1 ? " " : "", argv[i]);
	con_printf("\n");
	return SHELL_OK;
}

const struct command echo_command = { "echo", "[text]", "Print the words of the line", NULL, echo };
