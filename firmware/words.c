/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what words of a command line mean, and for what is said of those that mean nothing.
 */
#include "firmware/console.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Digits from @word on up to something else, which is where the result points; NULL: none, or too large.  */
static const char *digits(const char *word, uint32_t radix, uint32_t *value)
{
	const char *start = word;

	for (*value = 0; (uint32_t)digit(*word) < radix; word++) {
		uint32_t d = (uint32_t)digit(*word);

		if (*value > (UINT32_MAX - d) / radix)
			return NULL;
		*value = *value * radix + d;
	}
	return word == start ? NULL : word;
}

bool shell_number(const char *word, uint32_t *value)
{
	static const struct { const char *prefix; uint32_t radix; } prefixes[] = {
		{ "0x", 16 }, { "0X", 16 }, { "16/", 16 }, { "10/", 10 }, { "8/", 8 },
	};
	uint32_t radix = 16;

	for (unsigned i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t n = strlen(prefixes[i].prefix);

		if (!strncmp(word, prefixes[i].prefix, n)) {
			word += n;
			radix = prefixes[i].radix;
			break;
		}
	}
	word = digits(word, radix, value);
	return word && !*word;
}

bool shell_decimal(const char *word, uint32_t *value)
{
	word = digits(word, 10, value);
	return word && !*word;
}

bool shell_ip(const char *word, uint32_t *ip)
{
	*ip = 0;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t byte;

		if (i && *word++ != '.')
			return false;
		word = digits(word, 10, &byte);
		if (!word || byte > 255)
			return false;
		*ip = *ip << 8 | byte;
	}
	return !*word;
}

bool shell_mac(const char *word, uint8_t mac[6])
{
	for (unsigned i = 0; i < 6; i++) {
		uint32_t byte;

		if (i && *word != '.' && *word != ':')
			return false;
		word = digits(word + (i > 0), 16, &byte);
		if (!word || byte > 255)
			return false;
		mac[i] = (uint8_t)byte;
	}
	return !*word;
}

int shell_bad_number(const char *word) { return shell_error("Illegal number: %s", word); }

bool shell_width(const char *word, unsigned *bytes)
{
	*bytes = !strcmp(word, "-8") ? 1 : !strcmp(word, "-16") ? 2 : !strcmp(word, "-32") ? 4 : 0;
	return *bytes != 0;
}

bool shell_range(char **words, uint32_t *addr, uint32_t *size)
{
	uint32_t *const out[] = { addr, size };

	for (unsigned i = 0; i < 2; i++) {
		if (!shell_number(words[i], out[i])) {
			shell_bad_number(words[i]);
			return false;
		}
	}
	if (memory_wraps(*addr, *size)) {
		shell_error("Range exceeds the address space");
		return false;
	}
	return true;
}

int shell_usage(const char *name)
{
	const struct command *c;

	shell_error("Syntax error");
	for (unsigned i = 0; (c = shell_command(i)); i++)
		if (!strcmp(c->name, name))
			shell_hint("%s%s%s", c->name, *c->syntax ? " " : "", c->syntax);
	return SHELL_FAILED;
}

bool shell_confirm(void)
{
	int c;

	con_printf("Confirm ? (y/n) ");
	do {
		con_wait();
		c = con_getc(0);
	} while (c != 'y' && c != 'Y' && c != 'n' && c != 'N' && c != 3);
	con_printf("%c\n", c == 3 ? 'n' : c);
	return c == 'y' || c == 'Y';
}
