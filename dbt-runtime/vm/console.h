/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Back ends of serial ports: standard input and output, a file, nothing.  Escape keys (Ctrl-A ...) and console markers live here.
 */
#ifndef ATHANOR_VM_CONSOLE_H
#define ATHANOR_VM_CONSOLE_H

#include "base/err.h"
#include "base/types.h"
#include "dbt-runtime/dev/chardev.h"
#include "dbt-runtime/vm/options.h"

#define CONSOLE_INPUT 4096u
#define CONSOLE_OUTPUT 4096u

/* What a console tells the machine.  Called from within device accesses and console_poll.  */
struct console_events {
	void (*marker)(void *opaque, unsigned index); /* marker @index stood on the output for the first time on this console */
	void (*quit)(void *opaque);                   /* Ctrl-A x */
	void (*written)(void *opaque);                /* output came; may be NULL */
	void *opaque;
};

struct console_marker {
	const char *text;
	size_t length, matched;
	size_t *fallback; /* [length]: longest proper prefix that ends there, as Knuth, Morris and Pratt have it */
	bool seen;
};

struct console {
	struct chardev chardev; /* first: what the device sees */
	struct console_events events;
	int in, out;            /* -1: none */
	bool owned;             /* close them */
	bool escape;            /* Ctrl-A was the last key */
	bool keys;              /* Ctrl-A means something here */
	size_t in_at, in_size, out_size;
	uint8_t input[CONSOLE_INPUT], output[CONSOLE_OUTPUT];
	unsigned nmarkers;
	struct console_marker marker[VM_MARKERS_MAX];
};

/**
 * console_create - a back end for one port
 * Errors: ST_IO the file cannot be opened; ST_NOMEM
 */
enum status console_create(const struct vm_serial_option *o, const char *const *markers, unsigned nmarkers,
			   const struct console_events *events, struct console **out, struct err *e) MUST_CHECK;
void console_destroy(struct console *c); /* flushes; accepts NULL */

/* console_flush - deliver what the guest wrote.  */
void console_flush(struct console *c);

/* console_fd - descriptor to wait on for input; -1: none, or no room for more at the moment.  */
int console_fd(const struct console *c);

/* console_poll - take in what is there now and tell the device.  Does not block.  */
void console_poll(struct console *c);

#endif
