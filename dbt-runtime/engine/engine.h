/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine: dispatch, windows, code cache, linking, self-modifying code.  Freestanding: no libc, no allocation but from
 * the arena it is given, no way out but struct engine_host.
 */
#ifndef ATHANOR_ENGINE_ENGINE_H
#define ATHANOR_ENGINE_ENGINE_H

#include "base/status.h"
#include "dbt-runtime/engine/host.h"
#include "isa/cpu.h"

struct engine;
struct xo_view;      /* pcmap/xo.h: what a .xo file has, by pages */
struct profile_page; /* pcmap/profile_page.h */

struct engine_cfg {
	struct cpu *cpu;             /* banks filled; cpu_init done by engine_create */
	const struct cpu_model *model;
	bool big_endian;
	bool translate;              /* false: interpret everything (ref) */
	bool bmi2;
	uint8_t *arena;              /* engine's working memory */
	size_t arena_size;           /* at least engine_arena_min() */
	uint8_t *code_rw;            /* writable view of the code cache; executes at XABI_CODE_BASE */
	size_t code_size;
	const struct engine_host *host;
	const struct xo_view *const *xo; /* .xo files to use, in order: engine_host.xo_read reads them */
	unsigned nxo;
	uint32_t log;                /* log_mask of base/log.h: of what engine_host.log is told */
	bool profile;                /* keep page images, entries and samples for -profile */
};

enum engine_exit { ENGINE_POLL, ENGINE_WAIT, ENGINE_STOP, ENGINE_FAILED };

size_t engine_arena_min(void);
enum status engine_create(const struct engine_cfg *cfg, struct engine **out) MUST_CHECK;

/**
 * engine_run - run the guest until something outside is due
 * @deadline_ns: guest time at which to return ENGINE_POLL at the latest (checked every few thousand instructions, but not before
 *               the first)
 * @insns:       instructions to execute at most; UINT64_MAX: any number.  Exact, whatever tier runs: the stop is at the first step
 *               boundary at which so many have been executed (one more if the last step is a branch with its slot)
 * Returns ENGINE_POLL deadline passed, limit reached, or cpu->attention is set (then at once: behind the step that set it);
 * ENGINE_WAIT the guest executed WAIT and nothing is pending; ENGINE_STOP cpu->stopped was set by a device; ENGINE_FAILED an
 * invariant is broken.
 */
enum engine_exit engine_run(struct engine *e, uint64_t deadline_ns, uint64_t insns);

/* engine_reset - the machine was reset or RAM rewritten wholesale: forget everything learnt about memory.  */
void engine_reset(struct engine *e);

/* engine_registers_changed - registers that choose the mode or the address space were written from outside (reset, debugger).  */
void engine_registers_changed(struct engine *e);

/* engine_ram_write - tell the engine that [pa, pa+len) of RAM is about to change behind the guest's back (DMA, loader, debugger), or that
   PAGE_DEVICE of its pages just has: from now on something else answers there.  Also from within a device access.  */
void engine_ram_write(struct engine *e, gpa pa, uint64_t len);

/* engine_disturb - fault injection, between two runs: lose, or doubt, something that @random chooses.  The guest does not notice.  */
void engine_disturb(struct engine *e, uint32_t random);

/* What a host fault inside translated code means; called from the fault handler with the host registers saved in @regs
   (x86-64 numbering).  */
enum engine_fault {
	FAULT_RETRY,
	FAULT_RESUME,    /* host_pc was changed */
	FAULT_ALIGNMENT, /* not of translated code: try again with EFLAGS.AC clear (base/alignment.h); if it was, it is not ours */
	FAULT_NOT_OURS,
};
enum engine_fault engine_host_fault(struct engine *e, uint64_t *host_pc, uint64_t addr, bool write, bool alignment, uint64_t regs[16]);

/* Numbers for -stats; all count from engine_create.  Nothing but uint64_t.  */
struct engine_stats {
	uint64_t units_mapped, units_enabled, units_disabled, units_translated, units_refused;
	uint64_t fault_hidden, fault_guest, fault_code_write, fault_device, fault_alignment;
	uint64_t exit_miss, exit_poll, exit_step, exit_recover, exit_fault;
	uint64_t device_loads, device_stores;
	uint64_t cache_flushes, window_evictions;
	uint64_t translate_ns;
};
const struct engine_stats *engine_get_stats(const struct engine *e);
void engine_stats_add(struct engine_stats *sum, const struct engine_stats *s);

/* engine_profile_page - page record @i of what was learnt, or NULL past the last.  Valid until the engine runs again.  */
const struct profile_page *engine_profile_page(const struct engine *e, unsigned i);

/* engine_distrust - the engine's memory was in strange hands: a profile that is not wholly in [arena, arena+size) is forgotten.  */
void engine_distrust(struct engine *e, const void *arena, size_t size);

#endif
