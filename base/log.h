/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Run-time log: categories chosen with -d, written to standard error or the -D file.  stdout belongs to the guest.
 */
#ifndef ATHANOR_BASE_LOG_H
#define ATHANOR_BASE_LOG_H

#include "base/err.h"
#include "base/types.h"

/* LOG(name, text) */
#define LOG_ROWS(LOG) \
	LOG(unimp, "accesses to nothing, or to registers no device implements, once per site") \
	LOG(guest_errors, "things a correct guest would not do") \
	LOG(exec, "units made, taken from .xo files or refused, and killed for what was learnt; the code cache") \
	LOG(smc, "writes to pages with translated code, and what they cost") \
	LOG(tlb, "TLB entries written and dropped; windows: whose they are, what they show") \
	LOG(int, "exceptions and interrupts taken, ERET") \
	LOG(cache, ".xo files and profiles: what was used, what was refused and why") \
	LOG(dev, "device accesses") \
	LOG(accel, "which accelerator -accel auto takes, and why")

enum log_category {
#define LOG_ENUM(name, text) LOG_##name,
	LOG_ROWS(LOG_ENUM)
#undef LOG_ENUM
	LOG_CATEGORIES
};

extern uint32_t log_mask; /* bit per category; read through log_enabled() */

static inline bool log_enabled(enum log_category c) { return (log_mask >> c) & 1u; }

/* Name and explanation of category @c, for listings; NULL past the last.  */
const char *log_category_name(unsigned c);
const char *log_category_text(unsigned c);

/* log_select - switch on "unimp,cache" or "all"; ST_USAGE names the unknown category and lists the known ones.  */
enum status log_select(const char *list, struct err *e) MUST_CHECK;
enum status log_to_file(const char *path, struct err *e) MUST_CHECK;

/* One line to the log if the category is on.  The newline is added.  */
void log_line(enum log_category c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A message for the user whatever the categories: "dbt: warning: ...".  */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
