/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the way of frames between a network and a device, and for when sockets are looked at.  Not for what is in frames.
 *
 * A network may answer while the guest's device access that sent the question is still under way.  The answer waits in a queue, the run is
 * ended, and the device gets it when the guest stands still.  While many frames wait, sockets are left alone: then the host's senders wait
 * too.  What comes all the same and finds no room is lost, as on a wire, and TCP sends it again.
 */
#include "dbt-runtime/vm/net.h"

#include <string.h>

#include "base/alignment.h"
#include "base/host_time.h"
#include "dbt-runtime/vm/net_user.h"

#define QUEUE 256u           /* frames; a power of two */
#define QUEUE_ENOUGH 64u     /* so many wait: more is not asked for */
#define LOOK_NS UINT64_C(500000)
#define LOOK_SHARE 4u        /* after looking, at least so many times what it took */

struct frame { uint16_t size; uint8_t bytes[NIC_FRAME_MAX]; };

struct net {
	struct nic nic;      /* first */
	struct nets *all;
	struct net_user *user;
	bool filled;         /* its descriptors are among those being waited for */
	unsigned head, n;    /* of the queue */
	struct frame queue[QUEUE];
};

struct nets {
	struct nets_cfg cfg;
	struct net *net[VM_NICS_MAX];
	struct fds fds;      /* of nets_look */
	uint64_t look_ns;    /* when sockets are looked at next */
};

static struct net *self(struct nic *n) { return (struct net *)n; }

/* --- to and from the device --- */

static void net_send(struct nic *n, const uint8_t *frame, size_t size)
{
	alignment_check_off();
	if (self(n)->user)
		net_user_input(self(n)->user, frame, size);
}

/* Called from within a device access.  */
static void net_ready(struct nic *n)
{
	const struct net *net = self(n);

	if (net->n)
		net->all->cfg.wake(net->all->cfg.opaque);
}

static const struct nic_ops ops = { .name = "user", .send = net_send, .ready = net_ready };

static void enqueue(void *opaque, const uint8_t *frame, size_t size)
{
	struct net *net = opaque;
	struct frame *f = &net->queue[(net->head + net->n) % QUEUE];

	if (size < NIC_FRAME_MIN || size > NIC_FRAME_MAX || net->n == QUEUE)
		return;
	f->size = (uint16_t)size;
	memcpy(f->bytes, frame, size);
	net->n++;
	if (nic_can_deliver(&net->nic))
		net->all->cfg.wake(net->all->cfg.opaque);
}

static void deliver(struct net *net)
{
	while (net->n && nic_can_deliver(&net->nic)) {
		const struct frame *f = &net->queue[net->head];

		net->head = (net->head + 1) % QUEUE;
		net->n--;
		nic_deliver(&net->nic, f->bytes, f->size);
	}
}

/* --- when --- */

static void hurry(void *opaque) { ((struct net *)opaque)->all->look_ns = 0; }

void nets_fill(struct nets *s, struct fds *fds, uint64_t *ns)
{
	for (unsigned i = 0; i < VM_NICS_MAX; i++) {
		struct net *net = s->net[i];

		if (!net || !net->user || net->n >= QUEUE_ENOUGH)
			continue;
		net_user_fill(net->user, fds, ns);
		net->filled = true;
	}
}

void nets_take(struct nets *s, const struct fds *fds, bool failed)
{
	for (unsigned i = 0; i < VM_NICS_MAX; i++) {
		struct net *net = s->net[i];

		if (!net || !net->filled)
			continue;
		net->filled = false;
		net_user_take(net->user, fds, failed);
		deliver(net);
	}
}

void nets_look(struct nets *s, uint64_t host_now)
{
	uint64_t ns = CLOCK_NEVER, cost;

	for (unsigned i = 0; i < VM_NICS_MAX; i++)
		if (s->net[i])
			deliver(s->net[i]);
	if (host_now < s->look_ns)
		return;
	s->fds.n = 0;
	nets_fill(s, &s->fds, &ns);
	nets_take(s, &s->fds, s->fds.n && poll(s->fds.at, s->fds.n, 0) < 0);
	cost = host_ns() - host_now;
	s->look_ns = host_now + cost + (cost * LOOK_SHARE > LOOK_NS ? cost * LOOK_SHARE : LOOK_NS);
}

/* --- life --- */

struct nic *nets_nic(struct nets *s, unsigned i) { return i < VM_NICS_MAX && s->net[i] ? &s->net[i]->nic : NULL; }

bool nets_any(const struct nets *s)
{
	for (unsigned i = 0; i < VM_NICS_MAX; i++)
		if (s->net[i])
			return true;
	return false;
}

static enum status add(struct nets *s, unsigned i, struct err *e)
{
	struct net *net = calloc(1, sizeof *net);

	if (!net)
		return err_set(e, ST_NOMEM, "out of memory");
	s->net[i] = net;
	net->nic.ops = &ops;
	net->all = s;
	return net_user_create(&(struct net_user_cfg){ .option = &s->cfg.option[i], .clock = s->cfg.clock, .frame = enqueue, .hurry = hurry,
		.opaque = net }, &net->user, e);
}

enum status nets_create(const struct nets_cfg *cfg, struct nets **out, struct err *e)
{
	struct nets *s = calloc(1, sizeof *s);
	enum status st = ST_OK;

	if (!s)
		return err_set(e, ST_NOMEM, "out of memory");
	s->cfg = *cfg;
	for (unsigned i = 0; i < cfg->n && st == ST_OK; i++)
		if (cfg->option[i].kind == NIC_USER)
			st = add(s, i, e);
	s->cfg.option = NULL;
	if (st != ST_OK) {
		nets_destroy(s);
		return st;
	}
	*out = s;
	return ST_OK;
}

void nets_close(struct nets *s)
{
	for (unsigned i = 0; i < VM_NICS_MAX; i++)
		if (s->net[i]) {
			net_user_destroy(s->net[i]->user);
			s->net[i]->user = NULL;
		}
}

void nets_destroy(struct nets *s)
{
	if (!s)
		return;
	nets_close(s);
	for (unsigned i = 0; i < VM_NICS_MAX; i++)
		free(s->net[i]);
	fds_free(&s->fds);
	free(s);
}
