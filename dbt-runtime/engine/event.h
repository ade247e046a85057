/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Events: what the engine tells the log.  Numbers only: the engine has no printf, and inside a VM nobody outside would take its word for
 * a string.  Not responsible for what they say in words (dbt-runtime/accel/event_log.h).
 */
#ifndef ATHANOR_ENGINE_EVENT_H
#define ATHANOR_ENGINE_EVENT_H

#include "base/log.h"

enum event_kind {
#define EVENT(name, category, ...) EVENT_##name,
#include "dbt-runtime/engine/event.def"
#undef EVENT
	EVENT_COUNT
};

#define EVENT_ARGS 7u

struct engine_event {
	uint32_t kind;            /* enum event_kind */
	uint32_t arg[EVENT_ARGS];
};

static inline enum log_category event_category(enum event_kind k)
{
	static const uint8_t category[EVENT_COUNT] = {
#define EVENT(name, category, ...) LOG_##category,
#include "dbt-runtime/engine/event.def"
#undef EVENT
	};

	return (enum log_category)category[k];
}

#endif
