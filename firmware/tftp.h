/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a file by TFTP (RFC 1350) with the block size option (RFC 2348).  What the bytes are is the taker's business.
 */
#ifndef ATHANOR_FIRMWARE_TFTP_H
#define ATHANOR_FIRMWARE_TFTP_H

#include "firmware/net.h"

#define TFTP_FILE_MAX 256u  /* characters */
#define TFTP_SAID_MAX 80u

struct tftp {
	uint32_t server;
	const char *file;
	/* The next bytes, in order, each once.  False: no more are wanted.  */
	bool (*take)(void *opaque, const uint8_t *bytes, unsigned n);
	void *opaque;
	char said[TFTP_SAID_MAX]; /* with NET_REFUSED: why */
};

/* tftp_get - net_open has been called.  NET_OK: all of it was taken.  NET_STOPPED: take wanted no more.  */
enum net_status tftp_get(struct tftp *t);

#endif
