/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Error text on its way to whoever prints it.  The detector describes, the handler prints, nobody does both.
 */
#ifndef ATHANOR_BASE_ERR_H
#define ATHANOR_BASE_ERR_H

#include "base/status.h"

struct err {
	enum status status;
	char text[512]; /* one line, no newline: "file: offset: reason" */
};

#define ERR_INIT { ST_OK, "" }

/**
 * err_set - describe a failure
 * @e: may be NULL: the text is lost, the status is returned all the same
 * Returns @status, so that `return err_set(e, ST_FORMAT, ...)` is the idiom.
 */
enum status err_set(struct err *e, enum status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* err_context - put "<what>: " in front of the text there is.  Returns e->status.
   @e may be NULL, but then ST_INTERNAL comes back: who accepts that keeps the status itself.  */
enum status err_context(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

const char *status_text(enum status s);
int status_exit_code(enum status s);

#endif
