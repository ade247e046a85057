/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for moving console bytes between a serial device and the host.  Not for terminal modes (terminal.c).
 *
 * Output is gathered and delivered when the machine looks outside (at most a millisecond later).  Input that the guest has not
 * taken stays here, and no more is read than fits: nothing is lost, and a full pipe makes its writer wait.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dbt-runtime/vm/terminal.h"

#define CTRL_A 0x01

static struct console *self(struct chardev *d) { return (struct console *)d; }

/* --- output --- */

static bool marker_step(struct console_marker *m, uint8_t byte)
{
	while (m->matched && (uint8_t)m->text[m->matched] != byte)
		m->matched = m->fallback[m->matched - 1];
	if ((uint8_t)m->text[m->matched] == byte)
		m->matched++;
	return m->matched == m->length;
}

static void marker_watch(struct console *c, const uint8_t *bytes, size_t n)
{
	for (unsigned i = 0; i < c->nmarkers; i++) {
		struct console_marker *m = &c->marker[i];

		for (size_t k = 0; k < n && !m->seen; k++) {
			m->seen = marker_step(m, bytes[k]);
			if (m->seen)
				c->events.marker(c->events.opaque, i);
		}
	}
}

void console_flush(struct console *c)
{
	size_t at = 0;

	while (at < c->out_size) {
		ssize_t n = write(c->out, c->output + at, c->out_size - at);

		if (n > 0) {
			at += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			/* A descriptor shared with somebody who wants it not to block.  */
			struct pollfd p = { .fd = c->out, .events = POLLOUT };

			poll(&p, 1, 100);
			if (terminal_signal())
				break;
		} else if (n < 0 && errno == EINTR) {
			if (terminal_signal())
				break;
		} else {
			break; /* nobody reads any more: the guest goes on, its output does not */
		}
	}
	c->out_size = 0;
}

static void console_write(struct chardev *d, const uint8_t *bytes, size_t n)
{
	struct console *c = self(d);

	marker_watch(c, bytes, n);
	if (c->events.written)
		c->events.written(c->events.opaque);
	if (c->out < 0)
		return;
	while (n) {
		size_t room = CONSOLE_OUTPUT - c->out_size, part = n < room ? n : room;

		memcpy(c->output + c->out_size, bytes, part);
		c->out_size += part;
		bytes += part;
		n -= part;
		if (c->out_size == CONSOLE_OUTPUT)
			console_flush(c);
	}
}

/* --- input --- */

static size_t console_read(struct chardev *d, uint8_t *bytes, size_t n)
{
	struct console *c = self(d);

	if (n > c->in_size)
		n = c->in_size;
	memcpy(bytes, c->input + c->in_at, n);
	c->in_at += n;
	c->in_size -= n;
	if (!c->in_size)
		c->in_at = 0;
	return n;
}

static size_t console_available(struct chardev *d) { return self(d)->in_size; }

/* Room at the end of the buffer.  */
static size_t input_room(const struct console *c) { return CONSOLE_INPUT - c->in_at - c->in_size; }

int console_fd(const struct console *c)
{
	return c->in >= 0 && c->in_size < CONSOLE_INPUT ? c->in : -1;
}

static void say(const char *text) { fprintf(stderr, "\ndbt: %s\n", text); }

/* The key behind Ctrl-A.  True: it goes to the guest.  */
static bool escape_key(struct console *c, uint8_t key)
{
	c->escape = false;
	switch (key) {
	case CTRL_A:
		return true;
	case 'x':
		c->events.quit(c->events.opaque);
		break;
	case 'h': case '?':
		say("Ctrl-A x ends, Ctrl-A b sends a break, Ctrl-A Ctrl-A sends Ctrl-A, Ctrl-A h shows this");
		break;
	case 'b':
		chardev_break(&c->chardev);
		break;
	case 'c':
		say("there is no monitor; Ctrl-A x ends");
		break;
	default:
		break;
	}
	return false;
}

static void take_input(struct console *c, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (c->keys && !c->escape && bytes[i] == CTRL_A)
			c->escape = true;
		else if (!c->escape || escape_key(c, bytes[i]))
			c->input[c->in_at + c->in_size++] = bytes[i];
	}
}

void console_poll(struct console *c)
{
	struct pollfd p = { .fd = console_fd(c), .events = POLLIN };
	uint8_t bytes[512];
	size_t room;
	ssize_t n;

	if (p.fd < 0 || poll(&p, 1, 0) <= 0 || !p.revents)
		return;
	if (c->in_at) {
		memmove(c->input, c->input + c->in_at, c->in_size);
		c->in_at = 0;
	}
	room = input_room(c);
	n = read(c->in, bytes, room < sizeof bytes ? room : sizeof bytes);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		c->in = -1; /* end of input: the guest runs on without */
		return;
	}
	take_input(c, bytes, (size_t)n);
	if (c->in_size)
		chardev_input(&c->chardev);
}

/* --- life --- */

static const struct chardev_ops ops = {
	.name = "console",
	.read = console_read,
	.write = console_write,
	.poll = console_available,
};

static enum status marker_init(struct console_marker *m, const char *text, struct err *e)
{
	m->text = text;
	m->length = strlen(text);
	m->fallback = calloc(m->length, sizeof *m->fallback);
	if (!m->fallback)
		return err_set(e, ST_NOMEM, "out of memory");
	for (size_t i = 1, k = 0; i < m->length; i++) {
		while (k && text[i] != text[k])
			k = m->fallback[k - 1];
		k += text[i] == text[k];
		m->fallback[i] = k;
	}
	return ST_OK;
}

static enum status open_ends(struct console *c, const struct vm_serial_option *o, struct err *e)
{
	switch (o->kind) {
	case SERIAL_UNSET: case SERIAL_NONE: case SERIAL_NULL:
		return ST_OK;
	case SERIAL_STDIO:
		c->in = STDIN_FILENO;
		c->out = STDOUT_FILENO;
		c->keys = true;
		return ST_OK;
	case SERIAL_FILE:
		c->out = open(o->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
		c->owned = true;
		if (c->out < 0)
			return err_set(e, ST_IO, "-serial: %s: cannot open: %s", o->path, strerror(errno));
		return ST_OK;
	}
	return err_set(e, ST_INTERNAL, "-serial: unknown kind");
}

enum status console_create(const struct vm_serial_option *o, const char *const *markers, unsigned nmarkers,
			   const struct console_events *events, struct console **out, struct err *e)
{
	struct console *c = calloc(1, sizeof *c);
	enum status s;

	if (!c)
		return err_set(e, ST_NOMEM, "out of memory");
	c->chardev.ops = &ops;
	c->events = *events;
	c->in = c->out = -1;
	s = open_ends(c, o, e);
	for (unsigned i = 0; i < nmarkers && s == ST_OK; i++, c->nmarkers++)
		s = marker_init(&c->marker[i], markers[i], e);
	if (s != ST_OK) {
		console_destroy(c);
		return s;
	}
	*out = c;
	return ST_OK;
}

void console_destroy(struct console *c)
{
	if (!c)
		return;
	console_flush(c);
	if (c->owned && c->out >= 0)
		close(c->out);
	for (unsigned i = 0; i < VM_MARKERS_MAX; i++)
		free(c->marker[i].fallback);
	free(c);
}
