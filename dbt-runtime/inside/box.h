/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The contract between the two sides of the KVM accelerator: the VMM (dbt-runtime/accel/kvm*.c, an ordinary process) and what runs
 * inside the VM (dbt-runtime/inside, linked with the engine into engine.elf).
 *
 * Both share `struct box`.  The VMM writes a command and enters; inside does it and comes back through a port, with `why` saying for what:
 * a service on the way (a device access, the time), or the command's end.  What is shared has the same address on both sides,
 * so pointers into it need no translation.  The VMM believes nothing it reads here without looking at it.
 *
 * Not responsible for: page tables (pages.h), or what the engine does.
 */
#ifndef ATHANOR_INSIDE_BOX_H
#define ATHANOR_INSIDE_BOX_H

#include "dbt-runtime/engine/engine.h"
#include "dbt-runtime/engine/event.h"
#include "dbt-runtime/inside/pages.h"
#include "pcmap/xo.h"

#define INSIDE_BASE 0x180000000000ull /* linker-scripts/engine.ld */
#define INSIDE_MAGIC 0x31656469736e6941 /* of struct inside_header */

/* Below 32: the map of permitted ports ends there.  */
#define INSIDE_PORT_LEAVE 0x10 /* box->why tells for what; 4 bytes */
#define INSIDE_PORT_FATAL 0x11 /* an exception nobody expects: its vector; 1 byte */

/* Selectors: those of Linux, because a software KVM may run CPL 3 with its own host's.  */
#define INSIDE_KERNEL_CODE 0x10
#define INSIDE_KERNEL_DATA 0x18
#define INSIDE_USER_DATA 0x2b
#define INSIDE_USER_CODE 0x33
#define INSIDE_TSS 0x40

/* IOPL 3, so that CPL 3 may use ports.  A software KVM may not keep IOPL, and an emulator may not look into the map of permitted
   ports of the task state segment: the VMM prepares both.  */
#define INSIDE_RFLAGS 0x3002

#define INSIDE_VECTORS 32
#define INSIDE_VECTOR_STRIDE 32 /* bytes of code a vector */

/* At the start of engine.elf.  */
struct inside_header {
	uint64_t magic;
	uint64_t entry;       /* CPL 3, rdi: struct box */
	uint64_t vectors;     /* code of vector 0; the others follow INSIDE_VECTOR_STRIDE apart */
	uint64_t stack0_top;  /* of the stack that exceptions push to */
};

enum box_command {
	COMMAND_PING,         /* nothing: what an entry and an exit cost, and which time it is inside */
	COMMAND_CREATE,       /* engine_create with box->cfg */
	COMMAND_RUN,          /* engine_run until box->deadline_ns, or so many instructions */
};

enum box_why {
#define WHY(name, text) WHY_##name,
#include "dbt-runtime/inside/why.def"
#undef WHY
	WHY_COUNT
};

/* What the VMM did to the machine since the last entry; inside tells the engine before anything else runs.  */
enum box_pending {
	PENDING_MODE = 1,     /* registers that choose mode or address space were written */
	PENDING_RESET = 2,    /* engine_reset */
	PENDING_RAM = 4,      /* more of RAM was written than box->write could hold */
	PENDING_DISTURB = 8,  /* engine_disturb with box->random */
};

#define BOX_WRITES_MAX 64u
#define BOX_POSTS_MAX 64u
#define BOX_EVENTS_MAX 128u

struct box_fault {
	uint64_t vector, error, addr, rip, flags;
	uint64_t regs[16];    /* x86-64 numbering */
};

struct box {
	/* To inside.  */
	uint32_t command;     /* enum box_command */
	uint32_t pending;     /* enum box_pending */
	uint32_t random;
	uint64_t deadline_ns, insns; /* as engine_run */
	uint32_t nwrites;
	struct { gpa pa; uint64_t len; } write[BOX_WRITES_MAX]; /* RAM written behind the guest's back */
	struct engine_cfg cfg; /* cpu and host are filled in inside */
	struct cpu_model model; /* its strings are not there */

	/* Stores of post_size bytes (0: none) to post_pa need no exit: they are kept here, in order, and the VMM does them before anything else
	   when inside leaves for some other reason.  */
	gpa post_pa;
	uint32_t post_size, nposts;
	uint32_t post[BOX_POSTS_MAX];

	/* Guest time: now_ns at the last entry, and nanoseconds of a TSC tick times 2^32; 0: time is asked for with WHY_NOW.  */
	uint64_t entry_ns, tsc_scale;
	uint64_t tsc;         /* as inside read it right before leaving, and again right after it was entered */

	/* From inside.  */
	uint32_t why;         /* enum box_why */
	uint32_t result;      /* enum engine_exit, enum status */
	gpa pa;               /* WHY_LOAD, WHY_STORE */
	uint32_t size;
	uint32_t value;       /* stored, or loaded (to inside) */
	uint64_t ns;          /* WHY_NOW: to inside */
	uint32_t xo_file, xo_page; /* WHY_XO */
	uint32_t xo_good;     /* to inside, */
	struct xo_tables tables; /* with these, valid until the next WHY_XO */
	uint64_t timer_ns;    /* what the processor's timer was set to */
	uint32_t timer_set;   /* ... since the last exit */
	uint32_t nevents;     /* for the log, in order; the VMM writes them whenever inside leaves */
	struct engine_event event[BOX_EVENTS_MAX];
	struct engine *engine; /* made by COMMAND_CREATE */
	struct box_fault fault;

	/* Memory inside manages itself.  */
	struct pages pages;
	struct mirrors {
		uint8_t *at;          /* pool of zero-filled pages */
		uint64_t pa;
		uint32_t npages, used, free; /* free: index + 1 of the first page given back, which holds the next one's */
	} mirrors;
	uint64_t ram_pa;              /* of the first byte of the RAM file */

	struct cpu cpu;               /* the one translated code uses */
};

#endif
