/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The networks behind a machine's network devices: frames for the guest wait here until the device has room, and the sockets behind them
 * are looked at between two runs, at a bounded cost.
 * Invariant: a frame reaches the device between two runs only, whenever it was made.
 */
#ifndef ATHANOR_VM_NET_H
#define ATHANOR_VM_NET_H

#include "base/err.h"
#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/nic.h"
#include "dbt-runtime/vm/fds.h"
#include "dbt-runtime/vm/options.h"

struct nets;

struct nets_cfg {
	const struct vm_nic_option *option; /* borrowed until they are created */
	unsigned n;                         /* at most VM_NICS_MAX */
	const struct clock *clock;          /* guest time */
	void (*wake)(void *opaque);         /* from within a device access: end the run, there is a frame to deliver */
	void *opaque;
};

/* nets_create - Errors: ST_IO a port cannot be had; ST_USAGE, ST_HOST, ST_NOMEM, ST_UNSUPPORTED.  */
enum status nets_create(const struct nets_cfg *cfg, struct nets **out, struct err *e) MUST_CHECK;
void nets_destroy(struct nets *); /* accepts NULL */

/* nets_nic - the cable of interface @i; NULL: none.  Lives until nets_destroy.  */
struct nic *nets_nic(struct nets *, unsigned i);

/* nets_any - is there a network at all?  */
bool nets_any(const struct nets *);

/* nets_close - end all connections and give the ports back; from now on frames go nowhere.  */
void nets_close(struct nets *);

/* nets_look - between two runs: deliver what there is room for, and look at the sockets if it is time.  @host_ns: CLOCK_MONOTONIC.  */
void nets_look(struct nets *, uint64_t host_ns);

/* nets_fill, nets_take - around a sleep: add descriptors, shorten @ns (CLOCK_NEVER: as long as it takes); then see what happened.  */
void nets_fill(struct nets *, struct fds *fds, uint64_t *ns);
void nets_take(struct nets *, const struct fds *fds, bool failed);

#endif
