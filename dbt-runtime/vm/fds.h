/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors to wait for, gathered from whoever has some.  */
#ifndef ATHANOR_VM_FDS_H
#define ATHANOR_VM_FDS_H

#include <poll.h>
#include <stdlib.h>

struct fds {
	struct pollfd *at;
	unsigned n, room;
};

/* fds_add - returns where its events will be found, -1: no memory, it is not waited for.  */
static inline int fds_add(struct fds *f, int fd, short events)
{
	if (f->n == f->room) {
		unsigned room = f->room ? 2 * f->room : 16;
		struct pollfd *at = realloc(f->at, room * sizeof *at);

		if (!at)
			return -1;
		f->at = at;
		f->room = room;
	}
	f->at[f->n] = (struct pollfd){ .fd = fd, .events = events };
	return (int)f->n++;
}

static inline void fds_free(struct fds *f)
{
	free(f->at);
	*f = (struct fds){ 0 };
}

#endif
