/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of a test, in a file of its temp_dir.  */
#ifndef ATHANOR_TESTS_HARNESS_LOG_LINES_H
#define ATHANOR_TESTS_HARNESS_LOG_LINES_H

#include "base/file.h"
#include "base/log.h"
#include "tests/harness/temp_dir.h"

/* From now on the log has @categories, and begins.  */
static inline void log_begin(const char *categories)
{
	struct err e = ERR_INIT;

	ck_assert_msg(log_select(categories, &e) == ST_OK, "%s", e.text);
	ck_assert_msg(log_to_file(temp_path("log"), &e) == ST_OK, "%s", e.text);
}

/* All of it; freed by the caller.  */
static inline char *log_text(void)
{
	struct err e = ERR_INIT;
	struct file_bytes f;
	char *text;

	ck_assert_msg(file_read(temp_path("log"), 64u << 20, &f, &e) == ST_OK, "%s", e.text);
	text = strndup((const char *)f.at, f.size);
	ck_assert_ptr_nonnull(text);
	file_bytes_free(&f);
	return text;
}

/* Lines of @text that begin with @part.  */
static inline unsigned log_count(const char *text, const char *part)
{
	unsigned n = 0;

	for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
		n += !strncmp(line, part, strlen(part));
	return n;
}

#endif
