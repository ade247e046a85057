/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only way out of the engine: what an accelerator provides to it.  `inproc` and `ref` fill it with functions,
 * `kvm` with stubs that exit or write page tables.
 */
#ifndef ATHANOR_ENGINE_HOST_H
#define ATHANOR_ENGINE_HOST_H

#include "base/types.h"

struct engine_event; /* dbt-runtime/engine/event.h */
struct xo_tables; /* pcmap/xo.h */

#define HOST_MIRROR_PAGES_MAX (1u << 17)

enum host_prot { HOST_NONE = 0, HOST_READ = 1, HOST_WRITE = 2 };

struct engine_host {
	void *opaque;  /* the accelerator: first argument of what concerns host time and windows */
	void *machine; /* first argument of what concerns devices and guest time */

	/* Devices and unmapped physical addresses: size 1, 2, 4, naturally aligned.  */
	uint32_t (*io_load)(void *machine, gpa pa, unsigned size);
	void (*io_store)(void *machine, gpa pa, unsigned size, uint32_t value);

	/* Guest time in nanoseconds, monotonic; and the next moment cpu_timer_expired() is due.  */
	uint64_t (*now_ns)(void *machine);
	void (*timer_set)(void *machine, uint64_t when_ns);

	/* Page record @page of .xo file @file, read and checked; valid until the next call.  NULL: it cannot be read, or is damaged.
	   May be NULL if there are no files.  */
	const struct xo_tables *(*xo_read)(void *machine, unsigned file, uint32_t page);

	/* Host time in nanoseconds, for statistics only; may be NULL.  */
	uint64_t (*host_ns)(void *opaque);

	/* One event, of a category in engine_cfg.log.  Also from within engine_host_fault.  May be NULL if there is none.  */
	void (*log)(void *opaque, const struct engine_event *event);

	/* Windows.  Addresses and lengths are multiples of the page size.  All NULL for an engine that only interprets.
	   map: guest RAM from byte @offset of the backing file appears at @addr; false: the host is out of mappings.
	   protect: what is mapped in the range has other rights; HOST_NONE: none, until it is given some again.
	   unmap: back to no access; false: something is still mapped there, and the machine must not go on.  */
	bool (*map)(void *opaque, uint64_t addr, uint64_t offset, uint64_t length, unsigned prot);
	bool (*protect)(void *opaque, uint64_t addr, uint64_t length, unsigned prot);
	bool (*unmap)(void *opaque, uint64_t addr, uint64_t length);
	/* Mirrors: make [addr, addr+length) zero again, giving the memory back.  At most HOST_MIRROR_PAGES_MAX pages are not zero at a time.  */
	void (*zero)(void *opaque, uint64_t addr, uint64_t length);
};

#endif
