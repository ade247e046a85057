/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the words of the engine's events: the formats of event.def, and what they need to be printed.  Not for where lines go
 * (base/log.h).  The numbers may come out of a VM: nothing here trusts them.
 */
#include "dbt-runtime/accel/event_log.h"

#include "isa/cpu.h"
#include "isa/tlb.h"
#include "pcmap/unit.h"

/* An entry as { VPN2, PageMask, ASID, G, EntryLo0, EntryLo1 }.  */
#define TLB_FORMAT "VPN2 0x%08x mask 0x%08x ASID 0x%02x %c: PFN 0x%06x C%u %c%c, PFN 0x%06x C%u %c%c"
#define TLB_ARGS(a) (a)[0], (a)[1], (a)[2], (a)[3] ? 'G' : '-', LO_ARGS((a)[4]), LO_ARGS((a)[5])
#define LO_ARGS(lo) (lo) >> 6 & 0xffffff, (lo) >> 3 & 7, (lo) & TLB_LO_D ? 'D' : '-', (lo) & TLB_LO_V ? 'V' : '-'

/* An exception as { kind, pc, EPC, Status, Cause, vector, BadVAddr }.  */
#define TAKEN_FORMAT "EPC 0x%08x, Status 0x%08x, Cause 0x%08x, to 0x%08x"
#define TAKEN_ARGS(a) (a)[2], (a)[3], (a)[4], (a)[5]

static const char *exc_text(uint32_t e)
{
	switch (e) {
#define EXC(name, code, text, ref) case code: return #name " (" text ")";
#include "isa/exc.def"
#undef EXC
	default:
		return "an exception there is none of";
	}
}

static const char *mode_text(uint32_t flags)
{
	if (flags & UNIT_KERNEL)
		return flags & UNIT_MAPPED ? "kernel, mapped" : "kernel";
	return flags & UNIT_MAPPED ? "user, mapped" : "user";
}

static const char *site_text(uint32_t flag) { return flag & SITE_SLOW ? "devices" : "user addresses"; }

void event_log(void *opaque, const struct engine_event *event)
{
	const uint32_t *a = event->arg;

	(void)opaque;
	if (event->kind >= EVENT_COUNT)
		return;
	switch ((enum event_kind)event->kind) {
#define EVENT(name, category, ...) \
	case EVENT_##name: \
		log_line(LOG_##category, __VA_ARGS__); \
		break;
#include "dbt-runtime/engine/event.def"
#undef EVENT
	case EVENT_COUNT:
		break;
	}
}
