/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user network by libslirp, IPv4 only.  Addresses as QEMU's: of 10.0.2.0/24 the router is .2, names .3, the guest .15.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/net_user.h"

#include <errno.h>
#include <net/ethernet.h>
#include <netinet/ip.h>
#include <slirp/libslirp.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

#define HOST_ROUTER 2u
#define HOST_NAMES 3u
#define HOST_GUEST 15u
#define NS_PER_MS UINT64_C(1000000)

struct net_user {
	struct net_user_cfg cfg;
	Slirp *slirp;
};

/* --- what libslirp asks for --- */

static ssize_t send_packet(const void *frame, size_t n, void *opaque)
{
	struct net_user *u = opaque;

	u->cfg.frame(u->cfg.opaque, frame, n);
	return (ssize_t)n;
}

static void guest_error(const char *text, void *opaque)
{
	(void)opaque;
	log_line(LOG_guest_errors, "network: %s", text);
}

static int64_t clock_get_ns(void *opaque) { return (int64_t)clock_now(((const struct net_user *)opaque)->cfg.clock); }

/* Descriptors are asked for anew each time.  */
static void poll_fd(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static void notify(void *opaque)
{
	struct net_user *u = opaque;

	u->cfg.hurry(u->cfg.opaque);
}

/* Timers are asked for to announce an IPv6 router only, which there is none.  */
static const SlirpCb callbacks = {
	.send_packet = send_packet, .guest_error = guest_error, .clock_get_ns = clock_get_ns,
	.register_poll_fd = poll_fd, .unregister_poll_fd = poll_fd, .notify = notify,
};

/* --- frames and events --- */

/* libslirp 4.7 puts fragments together in a way that a guest can lead astray, into memory that is not its.  Nothing needs them: TCP makes
   none, and what else is large is rare (docs/limits.md).  */
static bool is_fragment(const uint8_t *frame, size_t n)
{
	unsigned type = (unsigned)frame[12] << 8 | frame[13];

	return type == ETHERTYPE_IP && n >= 22 && (((unsigned)frame[20] << 8 | frame[21]) & ~(unsigned)IP_DF);
}

void net_user_input(struct net_user *u, const uint8_t *frame, size_t n)
{
	if (!is_fragment(frame, n))
		slirp_input(u->slirp, frame, (int)n);
}

static const struct { int theirs; short ours; } events[] = {
	{ SLIRP_POLL_IN, POLLIN }, { SLIRP_POLL_OUT, POLLOUT }, { SLIRP_POLL_PRI, POLLPRI }, { SLIRP_POLL_ERR, POLLERR },
	{ SLIRP_POLL_HUP, POLLHUP },
};

static int add_poll(int fd, int wanted, void *opaque)
{
	int ours = 0;

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		ours |= wanted & events[i].theirs ? events[i].ours : 0;
	return fds_add(opaque, fd, (short)ours);
}

static int get_revents(int index, void *opaque)
{
	const struct fds *f = opaque;
	int theirs = 0;

	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		theirs |= f->at[index].revents & events[i].ours ? events[i].theirs : 0;
	return theirs;
}

void net_user_fill(struct net_user *u, struct fds *fds, uint64_t *ns)
{
	uint64_t ms = *ns / NS_PER_MS;
	uint32_t timeout = ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX, wanted = timeout;

	slirp_pollfds_fill(u->slirp, &timeout, add_poll, fds);
	if (timeout < wanted)
		*ns = timeout * NS_PER_MS;
}

void net_user_take(struct net_user *u, const struct fds *fds, bool failed)
{
	slirp_pollfds_poll(u->slirp, failed, get_revents, (void *)fds);
}

/* --- life --- */

bool net_user_built(void) { return true; }

static struct in_addr address(uint32_t a) { return (struct in_addr){ htonl(a) }; }

static enum status add_hostfwd(struct net_user *u, const struct vm_hostfwd *f, struct err *e)
{
	char at[INET_ADDRSTRLEN];
	struct in_addr host = address(f->host);

	if (slirp_add_hostfwd(u->slirp, f->udp, host, f->host_port, address(f->guest), f->guest_port) == 0)
		return ST_OK;
	inet_ntop(AF_INET, &host, at, sizeof at);
	return err_set(e, ST_IO, "-nic: hostfwd: %s port %u of %s cannot be had: %s", f->udp ? "UDP" : "TCP", f->host_port, at, strerror(errno));
}

static enum status check_tftp(const char *dir, struct err *e)
{
	struct stat st;

	if (*dir && stat(dir, &st) != 0)
		return err_set(e, ST_USAGE, "-nic: tftp: %s: %s", dir, strerror(errno));
	if (*dir && !S_ISDIR(st.st_mode))
		return err_set(e, ST_USAGE, "-nic: tftp: %s: not a directory", dir);
	return ST_OK;
}

enum status net_user_create(const struct net_user_cfg *cfg, struct net_user **out, struct err *e)
{
	const struct vm_nic_option *o = cfg->option;
	SlirpConfig sc = {
		.version = 1, .restricted = o->restricted, .in_enabled = true, .vnetwork = address(o->net), .vnetmask = address(o->mask),
		.vhost = address(o->net | HOST_ROUTER), .vnameserver = address(o->net | HOST_NAMES), .vdhcp_start = address(o->net | HOST_GUEST),
		.tftp_path = *o->tftp ? o->tftp : NULL, .bootfile = *o->bootfile ? o->bootfile : NULL,
	};
	enum status s = check_tftp(o->tftp, e);
	struct net_user *u;

	if (s != ST_OK)
		return s;
	u = calloc(1, sizeof *u);
	if (!u)
		return err_set(e, ST_NOMEM, "out of memory");
	u->cfg = *cfg;
	u->slirp = slirp_new(&sc, &callbacks, u);
	if (!u->slirp)
		s = err_set(e, ST_HOST, "-nic: libslirp %s makes no network", slirp_version_string());
	for (unsigned i = 0; i < o->nhostfwd && s == ST_OK; i++)
		s = add_hostfwd(u, &o->hostfwd[i], e);
	if (s != ST_OK) {
		net_user_destroy(u);
		return s;
	}
	u->cfg.option = NULL;
	*out = u;
	return ST_OK;
}

void net_user_destroy(struct net_user *u)
{
	if (!u)
		return;
	if (u->slirp)
		slirp_cleanup(u->slirp);
	free(u);
}
