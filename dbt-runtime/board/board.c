/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the list of boards.  */
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
