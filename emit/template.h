/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The template emitter: one run of guest code -> x86-64, in one pass, microseconds a block.  Used by the engine for what
 * it meets at run time and by sbt for everything it can find.  Freestanding; writes only into the unit it is given.
 */
#ifndef ATHANOR_EMIT_TEMPLATE_H
#define ATHANOR_EMIT_TEMPLATE_H

#include "base/status.h"
#include "isa/block.h"
#include "pcmap/unit.h"

struct cpu;

struct template_opts {
	uint32_t flags;       /* enum unit_flag for the unit: KERNEL, MAPPED, BE, XO */
	const uint8_t *sites; /* enum site_flag for the 1024 words of the page, or NULL: none */
	bool bmi2;            /* host has BMI2 (SHLX ...): part of a .xo's key */
};

/**
 * template_translate - translate a scanned run
 * @run:  from run_scan(); nwords > 0
 * @u:    buffers and capacities set by the caller, lengths reset here; on failure contents are undefined
 * Errors: ST_FULL a buffer of @u is too small
 * Cost:   about 1 us per 10 guest instructions; no allocation
 */
enum status template_translate(const struct run *run, const struct template_opts *opts, struct unit *u) MUST_CHECK;

/* Where stubs_emit put the entry points and the way in.  */
struct xabi_stubs {
	uint32_t entry[16];   /* offset of each enum xabi_entry; entry[XABI_MISS] is 0 */
	uint32_t enter;       /* void enter(char *cpu_plus_bias, void *code): saves the C registers, loads guest state, sets AC, jumps */
	uint32_t leave_fault; /* a fault handler that has stored guest state in struct cpu resumes here: restores the C
				 registers and returns from `enter` (cpu->host_exc set by the handler) */
	uint32_t size;
};

/* Services the stubs call, with struct cpu exact and AC clear: cpu is the plain struct cpu *.  */
struct xabi_services {
	/* Interpret the step at cpu->pc; @refund instructions of the running block have been subtracted but not run.
	   Returns true: go back behind the call.  False: dispatch to cpu->pc through the mirror.  */
	bool (*call_step)(struct cpu *cpu, uint32_t refund);
	/* Interpret the step at cpu->pc, which the block has not counted.  True: dispatch to cpu->pc through the mirror.  False: leave
	   translated code as POLL does.  */
	bool (*step)(struct cpu *cpu);
};

/**
 * stubs_emit - write the engine entry points of xabi.def at the start of the code cache
 * @buf:   writable view of the cache; @base: address it executes at (XABI_CODE_BASE)
 * MISS, POLL and RECOVER spill the pinned registers and the budget into struct cpu, close the tier account, clear AC, set
 * cpu->host_exc and return from `enter`.
 */
enum status stubs_emit(uint8_t *buf, uint32_t cap, uint64_t base, const struct xabi_services *svc, struct xabi_stubs *out) MUST_CHECK;

#endif
