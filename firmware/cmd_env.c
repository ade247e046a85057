/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands setenv and unsetenv.
 */
#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/shell.h"
#include "firmware/string.h"

static int list(void)
{
	static const char *const tag[] = { [ENV_READ_ONLY] = "(RO)", [ENV_SYSTEM] = "(R/W)", [ENV_USER] = "(USER)" };
	struct env_var v;

	con_printf("\n");
	for (unsigned i = 0; env_at(i, &v); i++)
		con_printf("%-20s %-6s  %s\n", v.name, tag[v.kind], v.value);
	return SHELL_OK;
}

static int failed(const char *name, enum env_error e)
{
	shell_error("%s: %s", name, env_error_text(e));
	if (e == ENV_FLASH)
		shell_hint("erase -e makes a new environment");
	return SHELL_FAILED;
}

/* Several words are one value, as they were typed but for the blanks between them.  */
static int setenv(int argc, char **argv)
{
	char value[ENV_VALUE_MAX + 2];
	enum env_error e;
	size_t n = 0;

	if (argc == 1)
		return list();
	value[0] = 0;
	for (int i = 2; i < argc; i++) {
		n += con_format(value + n, sizeof(value) - n, "%s%s", i > 2 ? " " : "", argv[i]);
		if (n >= sizeof(value) - 1)
			return failed(argv[1], ENV_BAD_VALUE);
	}
	e = env_set(argv[1], value);
	return e == ENV_OK ? SHELL_OK : failed(argv[1], e);
}

const struct command setenv_command = {
	"setenv", "[variable [value]]", "List the environment, or set a variable in it",
	"(RO)     cannot be changed\n"
	"(R/W)    known to the monitor, which checks the value\n"
	"(USER)   anything else; up to 20 letters, digits and _\n\n"
	"Values are kept in flash.  $variable in a line is replaced by the value.\n",
	setenv,
};

/* All variables of a kind; removing one changes the numbers of those behind it.  */
static int unset_kind(enum env_kind kind)
{
	struct env_var v;
	char name[ENV_NAME_MAX + 1];
	unsigned i = 0;

	while (env_at(i, &v)) {
		enum env_error e;

		if (v.kind != kind) {
			i++;
			continue;
		}
		strput(name, sizeof(name), v.name);
		e = env_unset(name);
		if (e != ENV_OK)
			return failed(name, e);
		if (kind != ENV_USER)
			i++;
	}
	return SHELL_OK;
}

static int unsetenv(int argc, char **argv)
{
	enum env_error e;

	if (argc != 2)
		return shell_usage(argv[0]);
	if (!strcmp(argv[1], "-u"))
		return unset_kind(ENV_USER);
	if (!strcmp(argv[1], "-s"))
		return unset_kind(ENV_SYSTEM);
	e = env_unset(argv[1]);
	return e == ENV_OK ? SHELL_OK : failed(argv[1], e);
}

const struct command unsetenv_command = {
	"unsetenv", "variable | -u | -s", "Remove a variable from the environment",
	"-u       all user variables\n"
	"-s       system variables get the values of a new board\n",
	unsetenv,
};
