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
#define VM_NICS_MAX 2
#define VM_HOSTFWD_MAX 32

enum vm_serial_kind { SERIAL_UNSET, SERIAL_NONE, SERIAL_NULL, SERIAL_STDIO, SERIAL_FILE };

struct vm_serial_option { enum vm_serial_kind kind; const char *path; };

enum vm_nic_kind { NIC_NONE, NIC_USER };

/* IPv4 addresses as numbers; 0: any, or the guest's first one.  */
struct vm_hostfwd { bool udp; uint32_t host, guest; uint16_t host_port, guest_port; };

struct vm_nic_option {
	enum vm_nic_kind kind;
	uint8_t mac[6];              /* QEMU's default unless given */
	uint32_t net, mask;
	bool restricted;             /* nothing outside but what is forwarded */
	char tftp[1024], bootfile[128]; /* "": none */
	unsigned nhostfwd;
	struct vm_hostfwd hostfwd[VM_HOSTFWD_MAX];
};

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
	unsigned nnics;              /* -nic options; 0: the board's default */
	struct vm_nic_option nic[VM_NICS_MAX]; /* beyond nnics: as a bare "user" */
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

/**
 * vm_nic_parse - the value of one -nic
 * @index: of the interface, for its default address; vm_nic_default fills in what a bare "user" is
 * Errors: ST_USAGE and ST_UNSUPPORTED with the reason, without the option's name
 */
enum status vm_nic_parse(const char *value, unsigned index, struct vm_nic_option *out, struct err *e) MUST_CHECK;
void vm_nic_default(unsigned index, struct vm_nic_option *out);

#endif
