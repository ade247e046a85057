/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine's events in words, whatever accelerator the engine runs under.
 */
#ifndef ATHANOR_ACCEL_EVENT_LOG_H
#define ATHANOR_ACCEL_EVENT_LOG_H

#include "dbt-runtime/engine/event.h"

/* event_log - write one event to the log, if its category is on; an engine_host.log.  @event may hold anything.  */
void event_log(void *opaque, const struct engine_event *event);

#endif
