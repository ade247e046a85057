/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sbt says about its work: --report, and the one line it ends with.
 */
#ifndef ATHANOR_SBT_REPORT_H
#define ATHANOR_SBT_REPORT_H

#include <stdio.h>

#include "sbt/translate.h"

struct report {
	unsigned units, llvm_units, template_units, refused;
	uint64_t words, llvm_words;        /* source words of units; a word in two units counts twice */
	uint64_t code_bytes, llvm_bytes;
	uint64_t file_bytes;
};

void report_count(struct report *r, const struct translation *t);

/* report_line - "vmlinux.xo: 812 pages, ...".  */
void report_line(FILE *f, const char *output, const struct report *r);

void report_print(FILE *f, const struct report *r, const struct image *img, const struct found *found, const struct translation *t);

#endif
