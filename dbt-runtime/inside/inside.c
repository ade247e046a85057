/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine's life inside the VM: commands of the VMM, what the engine asks of its host, and faults.  Runs at CPL 3.
 *
 * Where time is read inside, the processor's timer is set and fires inside, and the VMM learns of it at the next exit.  Where it is
 * not, the VMM may have to think anew how long the run is to be.
 */
#include "dbt-runtime/inside/inside.h"

#include "base/alignment.h"


#define VECTOR_PAGE 14u
#define VECTOR_ALIGN 17u
#define FAULT_PRESENT 1u /* bits of a page fault's error code: Intel SDM volume 3, section 4.7 */
#define FAULT_WRITE 2u

static struct box *box;
static struct engine_host host;
static uint64_t last_ns; /* guest time never goes back */

static uint64_t tsc_read(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

/* What the VMM wrote into RAM while we were out.  */
static void tell_writes(struct box *b)
{
	uint32_t i, n = b->nwrites;

	b->nwrites = 0;
	for (i = 0; i < n; i++)
		engine_ram_write(b->engine, b->write[i].pa, b->write[i].len);
	if (!(b->pending & PENDING_RAM))
		return;
	b->pending &= ~(uint32_t)PENDING_RAM;
	for (i = 0; i < b->cpu.nbanks; i++)
		engine_ram_write(b->engine, b->cpu.bank[i].base, b->cpu.bank[i].size);
}

static void go_out(struct box *b, enum box_why why)
{
	b->why = why;
	b->tsc = tsc_read();
	__asm__ volatile("outl %%eax, %0" : : "N"(INSIDE_PORT_LEAVE), "a"(0) : "memory");
	b->tsc = tsc_read();
}

/* Out to the VMM, and back with its answer.  */
static void leave(struct box *b, enum box_why why)
{
	go_out(b, why);
	if (b->engine)
		tell_writes(b);
}

/* --- engine_host --- */

static uint32_t host_io_load(void *machine, gpa pa, unsigned size)
{
	struct box *b = machine;

	b->pa = pa;
	b->size = size;
	leave(b, WHY_LOAD);
	return b->value;
}

static void host_io_store(void *machine, gpa pa, unsigned size, uint32_t value)
{
	struct box *b = machine;

	if (pa == b->post_pa && size == b->post_size && b->nposts < BOX_POSTS_MAX) {
		b->post[b->nposts++] = value;
		return;
	}
	b->pa = pa;
	b->size = size;
	b->value = value;
	leave(b, WHY_STORE);
}

static uint64_t host_now_ns(void *machine)
{
	struct box *b = machine;
	uint64_t now;

	if (!b->tsc_scale) {
		leave(b, WHY_NOW);
		return b->ns;
	}
	now = b->entry_ns + (uint64_t)((unsigned __int128)(tsc_read() - b->tsc) * b->tsc_scale >> 32);
	if (now > last_ns)
		last_ns = now;
	return last_ns;
}

static void host_timer_set(void *machine, uint64_t when_ns)
{
	struct box *b = machine;

	b->timer_ns = when_ns;
	b->timer_set = 1;
	if (!b->tsc_scale)
		leave(b, WHY_TIMER);
}

static const struct xo_tables *host_xo_read(void *machine, unsigned file, uint32_t page)
{
	struct box *b = machine;

	b->xo_file = file;
	b->xo_page = page;
	leave(b, WHY_XO);
	return b->xo_good ? &b->tables : NULL;
}

/* May come from a fault in translated code: whatever the VMM did to RAM before must wait until that has been left.  */
static void host_log(void *opaque, const struct engine_event *event)
{
	struct box *b = opaque;

	if (b->nevents >= BOX_EVENTS_MAX)
		go_out(b, WHY_EVENTS);
	b->event[b->nevents++] = *event;
}

/* --- commands --- */

static enum status create(struct box *b)
{
	struct engine *e = NULL;
	enum status s;

	host = (struct engine_host){ .machine = b, .io_load = host_io_load, .io_store = host_io_store, .now_ns = host_now_ns,
				     .timer_set = host_timer_set, .xo_read = host_xo_read, .log = host_log,
				     .host_ns = b->tsc_scale ? host_now_ns : NULL };
	windows_host(b, &host);
	b->cfg.cpu = &b->cpu;
	b->cfg.model = &b->model;
	b->cfg.host = &host;
	s = engine_create(&b->cfg, &e);
	b->engine = e;
	return s;
}

/* The processor's timer is the VMM's business only when the guest sleeps: where time is read inside, it fires inside.  */
static enum engine_exit run_timed(struct box *b)
{
	uint64_t until = b->insns < UINT64_MAX - cpu_insns(&b->cpu) ? cpu_insns(&b->cpu) + b->insns : UINT64_MAX;

	for (;;) {
		uint64_t due;
		enum engine_exit x;

		if (host_now_ns(b) >= b->cpu.timer_ns)
			cpu_timer_expired(&b->cpu);
		due = b->cpu.timer_ns < b->deadline_ns ? b->cpu.timer_ns : b->deadline_ns;
		x = engine_run(b->engine, due, until == UINT64_MAX ? until : until - cpu_insns(&b->cpu));
		if (x != ENGINE_POLL || cpu_insns(&b->cpu) >= until || __atomic_load_n(&b->cpu.attention, __ATOMIC_RELAXED) ||
		    host_now_ns(b) >= b->deadline_ns)
			return x;
	}
}

static enum engine_exit run(struct box *b)
{
	uint32_t pending = b->pending;

	b->pending = 0;
	if (pending & PENDING_RESET)
		engine_reset(b->engine);
	if (pending & PENDING_MODE)
		engine_registers_changed(b->engine);
	if (pending & PENDING_DISTURB)
		engine_disturb(b->engine, b->random);
	return b->tsc_scale ? run_timed(b) : engine_run(b->engine, b->deadline_ns, b->insns);
}

void inside_main(struct box *b)
{
	box = b;
	for (;;) {
		switch ((enum box_command)b->command) {
		case COMMAND_PING:
			b->result = 0;
			break;
		case COMMAND_CREATE:
			b->result = create(b);
			break;
		case COMMAND_RUN:
			b->result = run(b);
			break;
		}
		leave(b, WHY_DONE);
	}
}

/* --- faults --- */

static bool handled(struct box *b, struct box_fault *f)
{
	bool align = f->vector == VECTOR_ALIGN;

	if (!align && !(f->error & FAULT_PRESENT) && mirror_fill(b, f->addr))
		return true;
	if (!b->engine)
		return false;
	switch (engine_host_fault(b->engine, &f->rip, f->addr, f->error & FAULT_WRITE, align, f->regs)) {
	case FAULT_RETRY:
	case FAULT_RESUME:
		return true;
	case FAULT_ALIGNMENT:
		align = f->flags & EFLAGS_AC;
		f->flags &= ~(uint64_t)EFLAGS_AC;
		return align;
	case FAULT_NOT_OURS:
		break;
	}
	return false;
}

void inside_fault(struct box_fault *f)
{
	struct box *b = box;

	if (handled(b, f))
		return;
	b->fault = *f;
	for (;;)
		leave(b, WHY_FAULT);
}
