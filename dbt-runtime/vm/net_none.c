/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For builds without libslirp.  No network is ever made, so that nothing of the rest is reached.
 */
#include "dbt-runtime/vm/net_user.h"

bool net_user_built(void) { return false; }

enum status net_user_create(const struct net_user_cfg *cfg, struct net_user **out, struct err *e)
{
	(void)cfg;
	(void)out;
	return err_set(e, ST_UNSUPPORTED, "-nic user: this build has no user network (libslirp)");
}

void net_user_destroy(struct net_user *u) { (void)u; }

void net_user_input(struct net_user *u, const uint8_t *frame, size_t n)
{
	(void)u;
	(void)frame;
	(void)n;
}

void net_user_fill(struct net_user *u, struct fds *fds, uint64_t *ns)
{
	(void)u;
	(void)fds;
	(void)ns;
}

void net_user_take(struct net_user *u, const struct fds *fds, bool failed)
{
	(void)u;
	(void)fds;
	(void)failed;
}
