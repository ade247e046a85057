/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Virtual time in nanoseconds and the timers that hang on it.  The source of time is injected, so that a run can be
 * deterministic; nothing here asks the host.  One thread.
 */
#ifndef ATHANOR_DEV_CLOCK_H
#define ATHANOR_DEV_CLOCK_H

#include "base/types.h"

#define CLOCK_NEVER UINT64_MAX
#define NS_PER_S UINT64_C(1000000000)

struct timer {
	struct clock *clock;
	void (*fire)(void *opaque);
	void *opaque;
	uint64_t when_ns;   /* valid while armed */
	struct timer *next; /* sorted by when_ns */
	bool armed;
};

struct clock {
	uint64_t (*now_ns)(void *opaque); /* monotonic, starts near 0 at reset */
	void *opaque;
	void (*sooner)(void *opaque);     /* the next deadline moved to an earlier time; may be NULL; same @opaque */
	struct timer *first;
};

/* clock_init - @now_ns is borrowed with its @opaque; @sooner may be NULL.  */
void clock_init(struct clock *c, uint64_t (*now_ns)(void *opaque), void (*sooner)(void *opaque), void *opaque);

static inline uint64_t clock_now(const struct clock *c) { return c->now_ns(c->opaque); }

/* clock_next_deadline - when the first armed timer is due; CLOCK_NEVER if none.  O(1).  */
uint64_t clock_next_deadline(const struct clock *c);

/* clock_next_other - the same for all timers but @t.  O(1).  */
uint64_t clock_next_other(const struct clock *c, const struct timer *t);

/* clock_run_due - fire every timer that is due now, in order of time; each is disarmed before it fires and may arm itself again.
   A timer that keeps arming itself in the past is served a bounded number of times per call.  */
void clock_run_due(struct clock *c);

void timer_init(struct timer *t, struct clock *c, void (*fire)(void *opaque), void *opaque);
void timer_set(struct timer *t, uint64_t when_ns); /* (re)arm; CLOCK_NEVER cancels.  O(armed timers) */
void timer_cancel(struct timer *t);                /* no effect if not armed */

/* ns_to_ticks, ticks_to_ns - whole periods of a clock of @hz in @ns, rounded down; the time, rounded up, after @ticks periods.  */
static inline uint64_t ns_to_ticks(uint64_t ns, uint32_t hz)
{
	return (uint64_t)((unsigned __int128)ns * hz / NS_PER_S);
}

static inline uint64_t ticks_to_ns(uint64_t ticks, uint32_t hz)
{
	return (uint64_t)(((unsigned __int128)ticks * NS_PER_S + hz - 1) / hz);
}

#endif
