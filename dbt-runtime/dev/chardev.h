/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A byte stream behind a serial device.  The back end (terminal, file, nothing) embeds struct chardev as its first member and
 * fills ops; the device sets itself as the reader.  Nothing here blocks.
 */
#ifndef ATHANOR_DEV_CHARDEV_H
#define ATHANOR_DEV_CHARDEV_H

#include "base/types.h"

struct chardev;

struct chardev_ops {
	const char *name;
	/* Up to @n bytes of input that is there now; 0: none.  May be NULL: never any.  */
	size_t (*read)(struct chardev *, uint8_t *bytes, size_t n);
	/* Takes all @n bytes; what cannot be delivered is the back end's to keep or drop.  */
	void (*write)(struct chardev *, const uint8_t *bytes, size_t n);
	/* Bytes that read would return now; 0: none.  May be NULL: never any.  */
	size_t (*poll)(struct chardev *);
};

struct chardev {
	const struct chardev_ops *ops;
	/* Set by the device: input has arrived (or a break).  It then calls chardev_read until it is full or gets 0,
	   and calls chardev_read again by itself when there is room.  */
	void (*on_input)(void *device);
	void (*on_break)(void *device);
	void *device;
};

/* All accept NULL for "not connected".  */
static inline size_t chardev_read(struct chardev *c, uint8_t *bytes, size_t n)
{
	return c && c->ops->read ? c->ops->read(c, bytes, n) : 0;
}

static inline void chardev_write(struct chardev *c, const uint8_t *bytes, size_t n)
{
	if (c && c->ops->write)
		c->ops->write(c, bytes, n);
}

static inline size_t chardev_poll(struct chardev *c)
{
	return c && c->ops->poll ? c->ops->poll(c) : 0;
}

/* chardev_input - the back end tells the device that there is input.  */
static inline void chardev_input(struct chardev *c)
{
	if (c && c->on_input)
		c->on_input(c->device);
}

/* chardev_break - the back end tells the device that the line was held at space.  */
static inline void chardev_break(struct chardev *c)
{
	if (c && c->on_break)
		c->on_break(c->device);
}

#endif
