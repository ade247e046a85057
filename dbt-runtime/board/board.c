/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the list of boards, and for wires that every board has.  */
#include "dbt-runtime/board/board.h"

#include <string.h>

static const struct board_ops *const boards[] = { &board_malta, &board_pb1500 };

const struct board_ops *board_at(unsigned i) { return i < ARRAY_LEN(boards) ? boards[i] : NULL; }

const struct board_ops *board_find(const char *name)
{
	for (unsigned i = 0; i < ARRAY_LEN(boards); i++)
		if (!strcmp(boards[i]->name, name))
			return boards[i];
	return NULL;
}

struct irq board_cpu_wire(const struct board *b, unsigned line)
{
	struct irq w = b->cfg.cpu_irq;

	w.line = line;
	return w;
}

static void request(void *opaque, unsigned what, bool level)
{
	const struct board *b = opaque;

	if (level && b->cfg.request)
		b->cfg.request(b->cfg.opaque, (enum board_request)what);
}

struct irq board_request_wire(struct board *b, enum board_request what) { return (struct irq){ request, b, what }; }
