/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Command lines: options are rows of a table, an unknown one is answered with the nearest known one.
 * All tools accept one dash or two ("-kernel F", "--kernel F", "--kernel=F"); "--" ends the options.
 */
#ifndef ATHANOR_BASE_OPTS_H
#define ATHANOR_BASE_OPTS_H

#include <stdio.h>

#include "base/err.h"
#include "base/types.h"

struct opt {
	const char *name; /* without dashes */
	const char *arg;  /* what its value is called in help ("FILE"); NULL: takes none */
	const char *help; /* one line */
	int id;           /* the tool's own number */
};

struct opts {
	const struct opt *rows;
	size_t nrows;
	int argc;
	char **argv;
	int at;           /* next argument to look at; starts at 1 */
	bool only_words;  /* "--" was seen */
};

/**
 * opts_next - the next option or word of the command line
 * @row:   the option; NULL for a plain word
 * @value: the option's value (NULL if it takes none), or the word; both NULL at the end
 * Errors: ST_USAGE unknown option (names the nearest), missing or superfluous value
 */
enum status opts_next(struct opts *o, const struct opt **row, const char **value, struct err *e) MUST_CHECK;

/* opts_print - one line an option, aligned, for -help.  */
void opts_print(FILE *f, const struct opt *rows, size_t nrows);

/**
 * opts_nearest - the known name most like @word
 * @at: returns name number i, or NULL past the last
 * Returns NULL when nothing is near enough to be worth suggesting.
 */
const char *opts_nearest(const char *word, const char *(*at)(const void *opaque, unsigned i), const void *opaque);

/* opts_number - a decimal, octal or 0x number that fills the whole string.  ST_USAGE with the reason, without the option's name.  */
enum status opts_number(const char *text, uint64_t max, uint64_t *out, struct err *e) MUST_CHECK;

/* opts_size - as opts_number with an optional suffix K, M or G; a bare number counts units of @unit bytes.  */
enum status opts_size(const char *text, uint64_t unit, uint64_t max, uint64_t *out, struct err *e) MUST_CHECK;

/* One "key=value" of an option's value; a word without "=" has the key "".  A comma inside is written twice.  */
#define OPTS_VALUE_MAX 1024u
struct opts_pair { char key[16], value[OPTS_VALUE_MAX]; };

/**
 * opts_pair_next - the next of a list "key=value,key=value"
 * @at: where to read; moves on; NULL at the end of the list
 * Errors: ST_USAGE with the reason, without the option's name: an empty or overlong part
 */
enum status opts_pair_next(const char **at, struct opts_pair *out, struct err *e) MUST_CHECK;

/* opts_flag - "on" or "off".  ST_USAGE with the reason.  */
enum status opts_flag(const char *text, bool *out, struct err *e) MUST_CHECK;

#endif
