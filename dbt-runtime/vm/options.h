/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command line of dbt, taken apart and checked as far as it can be without touching the outside.  Names are QEMU's where QEMU has them.
 */
#ifndef ATHANOR_VM_OPTIONS_H
#define ATHANOR_VM_OPTIONS_H

#include <stdio.h>

#include "base/err.h"
#include "base/types.h"
#include "dbt-runtime/vm/options_drive.h"

#define VM_SERIALS_MAX 3
#define VM_XO_MAX 16
#define VM_MARKERS_MAX 16

enum vm_serial_kind { SERIAL_UNSET, SERIAL_NONE, SERIAL_NULL, SERIAL_STDIO, SERIAL_FILE };

struct vm_serial_option { enum vm_serial_kind kind; const char *path; };

enum vm_action { ACTION_RUN, ACTION_HELP, ACTION_VERSION, ACTION_LIST_MACHINES, ACTION_LIST_CPUS, ACTION_LIST_LOG };

/* Strings belong to argv, but for those of drives.  */
struct vm_options {
	enum vm_action action;
	const char *machine, *cpu, *accel;
	uint64_t ram;                /* bytes; 0: the board's default */
	const char *kernel, *initrd, *append, *dtb, *bios;
	unsigned nserials;
	struct vm_serial_option serial[VM_SERIALS_MAX];
	struct drive_options drives;
	bool no_reboot;
	const char *log_categories, *log_file;
	bool sandbox;                /* filter system calls while a guest runs in a VM */
	const char *xo[VM_XO_MAX];
	unsigned nxo;
	const char *profile, *stats;
	const char *marker[VM_MARKERS_MAX];
	unsigned nmarkers;
	struct { bool on, sleep; unsigned shift; } icount;
	bool rtc_set;                /* rtc_base holds; else the host's time, or with -icount RTC_BASE_COUNTED */
	int64_t rtc_base;            /* seconds since 1970-01-01 UTC */
	bool seed_set;               /* random numbers for the guest come from `seed`, not from the host */
	uint64_t seed;
	struct { bool on, migrate; uint64_t seed, period; } chaos; /* period: instructions */
};

#define RTC_BASE_COUNTED 946684800 /* 2000-01-01 */

/**
 * vm_options_parse - read the command line
 * Errors: ST_USAGE, one line that names the option and what is wrong with it
 */
enum status vm_options_parse(struct vm_options *o, int argc, char **argv, struct err *e) MUST_CHECK;

void vm_options_help(FILE *f);

#endif
