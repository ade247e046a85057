/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A network without privileges: a router, DHCP, DNS and TFTP server for one guest, whose connections are sockets of this process.
 * SIGPIPE must be ignored (terminal_signals does it).
 */
#ifndef ATHANOR_VM_NET_USER_H
#define ATHANOR_VM_NET_USER_H

#include "base/err.h"
#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/vm/fds.h"
#include "dbt-runtime/vm/options.h"

struct net_user;

struct net_user_cfg {
	const struct vm_nic_option *option; /* borrowed until it is created */
	const struct clock *clock;          /* guest time, for timeouts */
	/* A frame for the guest; called from within net_user_input and net_user_take.  */
	void (*frame)(void *opaque, const uint8_t *frame, size_t n);
	/* There is room again: the descriptors should be looked at soon.  */
	void (*hurry)(void *opaque);
	void *opaque;
};

/* Was it built in?  It needs libslirp.  */
bool net_user_built(void);

/* Errors: ST_IO a port cannot be had; ST_USAGE the directory of files does not exist; ST_HOST; ST_UNSUPPORTED not built in.  */
enum status net_user_create(const struct net_user_cfg *cfg, struct net_user **out, struct err *e) MUST_CHECK;
void net_user_destroy(struct net_user *); /* accepts NULL */

/* net_user_input - the guest sends a frame.  */
void net_user_input(struct net_user *, const uint8_t *frame, size_t n);

/* net_user_fill - add what is to be waited for, and shorten @ns, CLOCK_NEVER or a time, to the next timeout.
   net_user_take - afterwards: look at @fds, act on what has happened and on timeouts.  @failed: the wait did, events are undefined.  */
void net_user_fill(struct net_user *, struct fds *fds, uint64_t *ns);
void net_user_take(struct net_user *, const struct fds *fds, bool failed);

#endif
