/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the sorted list of timers.  Not for the passing of time.
 * Invariant: the list is sorted by when_ns, timers of the same moment in the order in which they were armed.
 */
#include "dbt-runtime/dev/clock.h"

/* Bounds one call of clock_run_due against timers that never leave the past.  */
#define FIRES_MAX 10000u

void clock_init(struct clock *c, uint64_t (*now_ns)(void *opaque), void (*sooner)(void *opaque), void *opaque)
{
	*c = (struct clock){ .now_ns = now_ns, .sooner = sooner, .opaque = opaque };
}

uint64_t clock_next_deadline(const struct clock *c) { return c->first ? c->first->when_ns : CLOCK_NEVER; }

uint64_t clock_next_other(const struct clock *c, const struct timer *t)
{
	const struct timer *first = c->first == t && t ? t->next : c->first;

	return first ? first->when_ns : CLOCK_NEVER;
}

void timer_init(struct timer *t, struct clock *c, void (*fire)(void *opaque), void *opaque)
{
	*t = (struct timer){ .clock = c, .fire = fire, .opaque = opaque };
}

void timer_cancel(struct timer *t)
{
	if (!t->armed)
		return;
	for (struct timer **p = &t->clock->first; *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			break;
		}
	t->armed = false;
}

void timer_set(struct timer *t, uint64_t when_ns)
{
	struct clock *c = t->clock;
	struct timer **p = &c->first;

	timer_cancel(t);
	if (when_ns == CLOCK_NEVER)
		return;
	while (*p && (*p)->when_ns <= when_ns)
		p = &(*p)->next;
	t->when_ns = when_ns;
	t->next = *p;
	t->armed = true;
	*p = t;
	if (c->first == t && c->sooner)
		c->sooner(c->opaque);
}

void clock_run_due(struct clock *c)
{
	uint64_t now = clock_now(c);

	for (unsigned n = 0; n < FIRES_MAX && c->first && c->first->when_ns <= now; n++) {
		struct timer *t = c->first;

		c->first = t->next;
		t->armed = false;
		t->fire(t->opaque);
	}
}
