/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A directory for a test: temp_dir_make and temp_dir_drop are its fixture.  */
#ifndef ATHANOR_TESTS_HARNESS_TEMP_DIR_H
#define ATHANOR_TESTS_HARNESS_TEMP_DIR_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char temp_dir[64];

static inline void temp_dir_make(void)
{
	snprintf(temp_dir, sizeof temp_dir, "%s/athanor-XXXXXX", P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(temp_dir));
}

/* With all that is in it.  */
static inline void temp_dir_drop(void)
{
	char command[96];

	snprintf(command, sizeof command, "rm -rf '%s'", temp_dir);
	ck_assert_int_eq(system(command), 0);
}

static inline unsigned temp_dir_entries(void)
{
	DIR *d = opendir(temp_dir);
	struct dirent *n;
	unsigned count = 0;

	ck_assert_ptr_nonnull(d);
	while ((n = readdir(d)) != NULL)
		count += strcmp(n->d_name, ".") && strcmp(n->d_name, "..");
	closedir(d);
	return count;
}

/* The path of a file in it; the last eight stay valid.  */
static inline const char *temp_path(const char *name)
{
	static char path[8][128];
	static unsigned n;
	char *p = path[n++ % 8];

	snprintf(p, sizeof path[0], "%s/%s", temp_dir, name);
	return p;
}

#endif
