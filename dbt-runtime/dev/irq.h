/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An interrupt wire is a value: who to tell, and the index of the input.  Wires carry levels, not events.  */
#ifndef ATHANOR_DEV_IRQ_H
#define ATHANOR_DEV_IRQ_H

#include "base/types.h"

struct irq {
	void (*set)(void *opaque, unsigned line, bool level); /* NULL: not connected */
	void *opaque;
	unsigned line;
};

static inline void irq_set(const struct irq *w, bool level)
{
	if (w->set)
		w->set(w->opaque, w->line, level);
}

#endif
