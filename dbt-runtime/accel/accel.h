/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Accelerators: three ways to run the same machine, behind one table.  They differ in speed only.
 */
#ifndef ATHANOR_ACCEL_ACCEL_H
#define ATHANOR_ACCEL_ACCEL_H

#include "base/err.h"
#include "dbt-runtime/engine/engine.h"

enum accel_exit {
#define EXIT(name, what) EXIT_##name,
#include "dbt-runtime/accel/exit.def"
#undef EXIT
};

/* What an engine that ran in this process came back with.  */
static inline enum accel_exit accel_exit_of(enum engine_exit x)
{
	switch (x) {
	case ENGINE_POLL:
		return EXIT_POLL;
	case ENGINE_WAIT:
		return EXIT_WAIT;
	case ENGINE_STOP:
		return EXIT_STOP;
	case ENGINE_FAILED:
		break;
	}
	return EXIT_INTERNAL;
}

struct accel;

/* What the machine gives an accelerator.  Borrowed for its lifetime.  */
struct accel_cfg {
	struct cpu *cpu;                    /* banks filled (base, size, offset, host, flags) */
	const struct cpu_model *model;
	bool big_endian;
	int ram_fd;                         /* memfd behind all banks */
	void *opaque;                       /* for the functions below */
	uint32_t (*io_load)(void *opaque, gpa pa, unsigned size);
	void (*io_store)(void *opaque, gpa pa, unsigned size, uint32_t value);
	uint64_t (*now_ns)(void *opaque);
	void (*timer_set)(void *opaque, uint64_t when_ns);
	/* For a VM, which would rather not leave.  The functions may be NULL.  */
	bool host_time;                     /* now_ns goes as CLOCK_MONOTONIC does: the VM may count on by itself */
	uint64_t (*others_due)(void *opaque); /* if it does: the next moment that concerns anything but the processor's timer, which is then
						 the deadline instead of run's */
	bool (*output_only)(void *opaque);  /* the last store to a device did nothing but put out a character: what is stored to the same
					       place next may come later, in order, before any other access */
	const struct xo_view *const *xo;    /* -xo files */
	unsigned nxo;
	const struct xo_tables *(*xo_read)(void *opaque, unsigned file, uint32_t page); /* as engine_host's */
	bool profile;
};

/* A number an accelerator keeps by itself, for statistics.  */
struct accel_count { const char *name; uint64_t n; };
#define ACCEL_COUNTS_MAX 16u

struct accel_ops {
	const char *name;
	/* Can this host do it?  No side effects.  */
	enum status (*probe)(struct err *);
	enum status (*create)(const struct accel_cfg *, struct accel **, struct err *);
	void (*destroy)(struct accel *); /* accepts NULL */
	/* Run until an exit, as engine_run; cannot fail: failure is EXIT_INTERNAL.  struct cpu is authoritative afterwards.  */
	enum accel_exit (*run)(struct accel *, uint64_t deadline_ns, uint64_t insns);
	/* As engine_ram_write.  */
	void (*ram_write)(struct accel *, gpa pa, uint64_t len);
	void (*reset)(struct accel *);
	/* Fault injection, as engine_disturb.  */
	void (*disturb)(struct accel *, uint32_t random);
	struct engine *(*engine)(struct accel *); /* for statistics and profiles */
	/* The numbers it keeps: how many it wrote to @out, which has room for ACCEL_COUNTS_MAX; always the same ones.  NULL: none.  */
	unsigned (*counts)(struct accel *, struct accel_count *out);
};

extern const struct accel_ops accel_ref, accel_inproc, accel_kvm;

/**
 * accel_migrate - hand the machine over between two runs: @from is destroyed, @to created, and the guest goes on where it was
 * @a: the accelerator; afterwards the new one.  NULL if there is none: then the machine cannot go on.
 * @cfg: as given to create
 * The deadline asked for by cpu_hooks.timer_set is asked for again.  Errors: what @to's create says.
 */
enum status accel_migrate(const struct accel_ops *from, const struct accel_ops *to, const struct accel_cfg *cfg, struct accel **a,
			  struct err *e) MUST_CHECK;

/* accel_select - the accelerator called @name after -accel; "auto": kvm if its exits are cheap here (measured), else the best of the
   others; the log's category accel says why.  Errors: ST_USAGE no such accelerator; what its probe says.  */
enum status accel_select(const char *name, const struct accel_ops **out, struct err *e) MUST_CHECK;

#endif
