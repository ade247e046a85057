/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The KVM accelerator, outside: memory for the engine in the VM, entries, and what the VM leaves for.
 *
 * The engine, its structures, translated code and the guest's windows are in the VM (dbt-runtime/inside).  There are two struct cpu: that
 * of the machine, and the VM's.  Whoever runs has the state; it is copied at each entry and exit (a KiB), so the machine's never
 * holds a pointer that came out of the VM, and devices, statistics and the debugger find it as with any other accelerator.
 * What is done to the machine between runs (reset, RAM written) waits in the box until the next entry.
 *
 * Invariant: nothing read from the box is used before it was looked at, and looked at only after it was copied.
 */
#define _GNU_SOURCE
#include "dbt-runtime/accel/accel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <x86intrin.h>

#include "base/host_time.h"
#include "base/log.h"
#include "dbt-runtime/accel/event_log.h"
#include "dbt-runtime/accel/kvm_vm.h"
#include "isa/tlb.h"
#include "pcmap/xabi.h"
#include "pcmap/xo.h"

#define STACK_SIZE (256u << 10)
/* Per window: tables of its data and of its mirror, and what leads to them; besides, the VM's other memory.  */
#define TABLES_MAX (XABI_WINDOWS_MAX * (2u * (2048u + 4u)) + 8192u)
#define MIRROR_PAGES (HOST_MIRROR_PAGES_MAX + 16384u)
#define CALIBRATION_NS 2000000u
#define MOMENT_TICKS 20000u
#define DEVICE_FLAGS (PAGE_DEVICE | PAGE_BLANK) /* what the machine changes of a page's flags; the others are the engine's, or constant */

/* Why the VM was left, as -stats shows it; the last two rows are stores that needed no exit, and time.  */
enum count {
	COUNT_LOAD, COUNT_STORE, COUNT_TIME, COUNT_XO, COUNT_POLL, COUNT_WAIT, COUNT_STOP, COUNT_OTHER, COUNT_SIGNAL, COUNT_POSTED,
	COUNT_INSIDE_NS, COUNTS
};
static const char *const count_names[COUNTS] = {
	[COUNT_LOAD] = "device_load", [COUNT_STORE] = "device_store", [COUNT_TIME] = "time", [COUNT_XO] = "xo", [COUNT_POLL] = "poll",
	[COUNT_WAIT] = "wait", [COUNT_STOP] = "stop", [COUNT_OTHER] = "other", [COUNT_SIGNAL] = "signal", [COUNT_POSTED] = "posted",
	[COUNT_INSIDE_NS] = "inside_ns",
};

struct accel {
	struct accel_cfg cfg;
	struct kvm_vm vm;
	struct box *box;
	uint8_t *flags;       /* of the VM's pages, bank after bank */
	const struct kvm_region *arena;
	uint8_t *xo_room;     /* for the page record of a .xo file that was asked for last */
	struct engine *engine;
	struct tlb *tlb;
	gpa post_pa;          /* as in the box: that one may have been written to */
	uint32_t post_size;
	uint64_t tsc_scale;
	uint64_t count[COUNTS];
	bool broken;
};

/* --- the processor's state, in and out --- */

/* Everything but pointers, the attention others ask for, and the interpreter's memory.  */
struct part { size_t from, to; };
static const struct part parts[] = {
	{ 0, offsetof(struct cpu, attention) },
	{ offsetof(struct cpu, host_exc), offsetof(struct cpu, tlb) },
	{ offsetof(struct cpu, timer_ns), offsetof(struct cpu, interp) },
};

static void state_copy(struct cpu *to, const struct cpu *from)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		memcpy((char *)to + parts[i].from, (const char *)from + parts[i].from, parts[i].to - parts[i].from);
}

/* Out of the VM, where anything may have been written: a bool is 0 or 1, and no machine changes its byte order.  */
static void state_take(struct accel *a)
{
	struct cpu *c = a->cfg.cpu;
	bool *const flags[] = { &c->stopped, &c->waiting, &c->timer_hit };

	state_copy(c, &a->box->cpu);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		*flags[i] = *(const uint8_t *)flags[i] != 0;
	c->big_endian = a->cfg.big_endian;
}

static void attention_pass(struct accel *a)
{
	__atomic_store_n(&a->box->cpu.attention, __atomic_load_n(&a->cfg.cpu->attention, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

/* --- hooks of the machine's processor: it never executes, but it is reset and written to --- */

static struct accel *owner(const struct cpu *c) { return c->owner; }
static uint32_t hook_io_load(struct cpu *c, gpa pa, unsigned size) { return owner(c)->cfg.io_load(owner(c)->cfg.opaque, pa, size); }
static uint64_t hook_now_ns(struct cpu *c) { return owner(c)->cfg.now_ns(owner(c)->cfg.opaque); }
static void hook_timer_set(struct cpu *c, uint64_t when_ns) { owner(c)->cfg.timer_set(owner(c)->cfg.opaque, when_ns); }
static void hook_mode_changed(struct cpu *c) { owner(c)->box->pending |= PENDING_MODE; }

static void hook_io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	owner(c)->cfg.io_store(owner(c)->cfg.opaque, pa, size, value);
}

static void ram_written(struct box *b, gpa pa, uint64_t len)
{
	uint32_t n = b->nwrites;

	if (n < BOX_WRITES_MAX) {
		b->write[n].pa = pa;
		b->write[n].len = len;
		b->nwrites = n + 1;
	} else {
		b->pending |= PENDING_RAM;
	}
}

static void hook_code_write(struct cpu *c, gpa pa, unsigned size) { ram_written(owner(c)->box, pa, size); }

static void hook_tlb_dropped(struct cpu *c, const struct tlb_entry *t)
{
	(void)t;
	owner(c)->box->pending |= PENDING_RESET;
}

static const struct cpu_hooks hooks = {
	.io_load = hook_io_load,
	.io_store = hook_io_store,
	.code_write = hook_code_write,
	.tlb_dropped = hook_tlb_dropped,
	.mode_changed = hook_mode_changed,
	.now_ns = hook_now_ns,
	.timer_set = hook_timer_set,
};

/* --- entries and exits --- */

static enum box_why broken(struct accel *a, const char *text)
{
	if (!a->broken)
		log_warn("%s", text);
	a->broken = true;
	return WHY_COUNT;
}

static enum count count_of(const struct box *b, enum box_why why)
{
	switch (why) {
	case WHY_LOAD:
		return COUNT_LOAD;
	case WHY_STORE:
		return COUNT_STORE;
	case WHY_NOW:
	case WHY_TIMER:
		return COUNT_TIME;
	case WHY_XO:
		return COUNT_XO;
	case WHY_DONE:
		break;
	case WHY_EVENTS:
	case WHY_FAULT:
	case WHY_COUNT:
		return COUNT_OTHER;
	}
	if (b->command != COMMAND_RUN)
		return COUNT_OTHER;
	return b->result == ENGINE_POLL ? COUNT_POLL : b->result == ENGINE_WAIT ? COUNT_WAIT : COUNT_STOP;
}

/* What the engine has for the log.  */
static void events(struct accel *a)
{
	const uint32_t n = a->box->nevents;

	a->box->nevents = 0;
	for (uint32_t i = 0; i < n && i < BOX_EVENTS_MAX; i++) {
		const struct engine_event copy = a->box->event[i];

		event_log(NULL, &copy);
	}
}

/* Enter, and come back with a reason: WHY_COUNT: the VM is broken.  */
static enum box_why enter_once(struct accel *a)
{
	struct err e = ERR_INIT;
	uint64_t from = host_ns();
	uint32_t why;

	if (a->broken)
		return WHY_COUNT;
	if (a->tsc_scale)
		a->box->entry_ns = a->cfg.now_ns(a->cfg.opaque);
	for (;;) {
		attention_pass(a);
		switch (kvm_vm_enter(&a->vm, &e)) {
		case KVM_VM_LEFT:
			why = a->box->why;
			if (why >= WHY_COUNT)
				return broken(a, "kvm: the VM left for no reason");
			a->count[COUNT_INSIDE_NS] += host_ns() - from;
			a->count[count_of(a->box, (enum box_why)why)]++;
			return (enum box_why)why;
		case KVM_VM_SIGNAL:
			a->count[COUNT_SIGNAL]++;
			kvm_vm_release(&a->vm);
			kvm_vm_hold(&a->vm);
			break;
		case KVM_VM_BROKEN:
			return broken(a, e.text);
		}
	}
}

/* The same, for a reason that is the machine's business.  */
static enum box_why enter(struct accel *a)
{
	enum box_why why;

	do {
		why = enter_once(a);
		events(a);
	} while (why == WHY_EVENTS);
	return why;
}

static enum box_why fault(struct accel *a)
{
	const struct box_fault f = a->box->fault;
	struct err e = ERR_INIT;

	err_set(&e, ST_INTERNAL, "kvm: fault %llu (error 0x%llx) at 0x%llx inside the VM, address 0x%llx, rsp 0x%llx",
		(unsigned long long)f.vector,
		(unsigned long long)f.error, (unsigned long long)f.rip, (unsigned long long)f.addr, (unsigned long long)f.regs[4]);
	return broken(a, e.text);
}

static bool access_valid(gpa pa, uint32_t size)
{
	return (size == 1 || size == 2 || size == 4) && !(pa & (size - 1)) && pa < 1ull << 36;
}

/* A device access on the guest's behalf: the machine's state is exact meanwhile, and devices may change it.  */
static enum box_why device(struct accel *a, enum box_why why)
{
	struct box *b = a->box;
	const gpa pa = b->pa;
	const uint32_t size = b->size, value = b->value;

	if (!access_valid(pa, size))
		return broken(a, "kvm: the VM asked for a device access that cannot be");
	if (why == WHY_LOAD) {
		b->value = a->cfg.io_load(a->cfg.opaque, pa, size);
		return why;
	}
	a->cfg.io_store(a->cfg.opaque, pa, size, value);
	/* Any other store may change what is where.  */
	a->post_pa = pa;
	a->post_size = a->tsc_scale && a->cfg.output_only && a->cfg.output_only(a->cfg.opaque) ? size : 0;
	return why;
}

static uint64_t aligned(uint64_t n) { return (n + 63) & ~UINT64_C(63); }

/* A part of a page record, as a pointer in its tables and bytes.  */
struct xo_piece { const void **at; uint64_t size; };

static void xo_pieces(struct xo_tables *t, struct xo_piece piece[XO_PART_COUNT])
{
	const struct xo_piece all[XO_PART_COUNT] = {
#define XO_PIECE(name, section, type) { (const void **)&t->name, t->n##name * sizeof(type) },
		XO_PARTS(XO_PIECE)
#undef XO_PIECE
	};

	memcpy(piece, all, sizeof all);
}

/* A page record of a .xo file: what the machine has read and checked is copied to where the VM sees it.  */
static enum box_why page_record(struct accel *a)
{
	struct box *b = a->box;
	const uint32_t file = b->xo_file, page = b->xo_page;
	const struct xo_tables *found;
	struct xo_piece piece[XO_PART_COUNT];
	struct xo_tables t;
	uint8_t *to = a->xo_room;

	if (file >= a->cfg.nxo || page >= a->cfg.xo[file]->npages)
		return broken(a, "kvm: the VM asked for a page that no .xo file has");
	found = a->cfg.xo_read(a->cfg.opaque, file, page);
	b->xo_good = found != NULL;
	if (!found)
		return WHY_XO;
	t = *found;
	xo_pieces(&t, piece);
	for (unsigned i = 0; i < XO_PART_COUNT; i++) {
		if (piece[i].size)
			memcpy(to, *piece[i].at, piece[i].size);
		*piece[i].at = to;
		to += aligned(piece[i].size);
	}
	b->tables = t;
	return WHY_XO;
}

/* Stores that were put off.  */
static void posted(struct accel *a)
{
	const uint32_t n = a->post_size ? a->box->nposts : 0;

	a->box->nposts = 0;
	for (uint32_t i = 0; i < n && i < BOX_POSTS_MAX; i++) {
		a->cfg.io_store(a->cfg.opaque, a->post_pa, a->post_size, a->box->post[i]);
		a->count[COUNT_POSTED]++;
	}
}

/* Serve what is left for until the command is done.  False: the VM is broken.  */
static bool serve(struct accel *a)
{
	struct box *b = a->box;
	enum box_why why;

	for (;;) {
		state_copy(&b->cpu, a->cfg.cpu);
		b->post_pa = a->post_pa;
		b->post_size = a->post_size;
		why = enter(a);
		state_take(a);
		if (b->timer_set) {
			b->timer_set = 0;
			a->cfg.timer_set(a->cfg.opaque, b->timer_ns);
		}
		posted(a);
		switch (why) {
		case WHY_DONE:
			return true;
		case WHY_LOAD:
		case WHY_STORE:
			why = device(a, why);
			break;
		case WHY_NOW:
			b->ns = a->cfg.now_ns(a->cfg.opaque);
			break;
		case WHY_TIMER:
			break; /* dealt with above */
		case WHY_XO:
			why = page_record(a);
			break;
		case WHY_FAULT:
			why = fault(a);
			break;
		case WHY_EVENTS: /* dealt with by enter */
		case WHY_COUNT:
			break;
		}
		if (why == WHY_COUNT)
			return false;
	}
}

static bool command(struct accel *a, enum box_command c)
{
	bool ok;

	a->box->command = c;
	kvm_vm_hold(&a->vm);
	ok = serve(a);
	kvm_vm_release(&a->vm);
	return ok;
}

static enum accel_exit kvm_run(struct accel *a, uint64_t deadline_ns, uint64_t insns)
{
	uint32_t result;

	a->box->deadline_ns = a->tsc_scale && a->cfg.others_due ? a->cfg.others_due(a->cfg.opaque) : deadline_ns;
	a->box->insns = insns;
	if (!command(a, COMMAND_RUN))
		return EXIT_INTERNAL;
	result = a->box->result;
	if (result > ENGINE_FAILED) {
		(void)broken(a, "kvm: the engine inside the VM came back with no result");
		return EXIT_INTERNAL;
	}
	return accel_exit_of((enum engine_exit)result);
}

/* The VM's copy follows the machine's flags.  Must the engine hear of it?  Where PAGE_DEVICE came or went, and of a change
   to pages with code in them; most of what devices bring is data.  */
static bool pages_matter(const struct accel *a, gpa pa, uint64_t len)
{
	uint8_t *to = a->flags;
	bool matter = false;

	for (unsigned i = 0; i < a->cfg.cpu->nbanks; i++) {
		const struct ram_bank *b = &a->cfg.cpu->bank[i];
		uint64_t pages = b->size >> GUEST_PAGE_LOG2;

		if (pa - b->base < b->size)
			for (uint64_t p = (pa - b->base) >> GUEST_PAGE_LOG2; p < pages && p <= (pa - b->base + len - 1) >> GUEST_PAGE_LOG2; p++) {
				matter |= (to[p] & PAGE_CODE) || ((to[p] ^ b->flags[p]) & PAGE_DEVICE);
				to[p] = (uint8_t)((to[p] & ~DEVICE_FLAGS) | (b->flags[p] & DEVICE_FLAGS));
			}
		to += pages;
	}
	return matter;
}

static void kvm_ram_write(struct accel *a, gpa pa, uint64_t len)
{
	if (pages_matter(a, pa, len))
		ram_written(a->box, pa, len);
}

static void kvm_reset(struct accel *a)
{
	a->box->pending |= PENDING_RESET;
	a->post_size = 0;
}

static void kvm_disturb(struct accel *a, uint32_t random)
{
	a->box->pending |= PENDING_DISTURB;
	a->box->random = random;
}

static struct engine *kvm_engine(struct accel *a)
{
	engine_distrust(a->engine, a->arena->at, a->arena->size);
	return a->engine;
}

static unsigned kvm_counts(struct accel *a, struct accel_count *out)
{
	_Static_assert(COUNTS <= ACCEL_COUNTS_MAX, "more numbers than anybody has room for");
	for (unsigned i = 0; i < COUNTS; i++)
		out[i] = (struct accel_count){ .name = count_names[i], .n = a->count[i] };
	return COUNTS;
}

/* --- time --- */

/* One moment by both clocks: nothing came between the two looks.  False: something always does.  */
static bool moment(uint64_t *ns, uint64_t *tsc)
{
	for (unsigned i = 0; i < 1000; i++) {
		*tsc = __rdtsc();
		*ns = host_ns();
		if (__rdtsc() - *tsc < MOMENT_TICKS)
			return true;
	}
	return false;
}

/*
 * May the VM read the time by itself?  It counts on from each entry with the TSC, if guest time is the host's and the TSC inside
 * goes as it does here.  An entry is too slow to measure a frequency by, but not to see that it is another one.
 */
static bool time_inside(struct accel *a)
{
	uint64_t ns, tsc, to_ns, to_tsc, inside;

	if (!a->cfg.host_time || !command(a, COMMAND_PING) || !moment(&ns, &tsc))
		return false;
	inside = a->box->tsc;
	while (host_ns() - ns < CALIBRATION_NS)
		;
	if (!moment(&to_ns, &to_tsc) || !command(a, COMMAND_PING))
		return false;
	inside = a->box->tsc - inside;
	tsc = to_tsc - tsc;
	if (!tsc || inside < tsc / 4 * 3 || inside > tsc * 3)
		return false;
	a->box->tsc_scale = a->tsc_scale = (uint64_t)(((unsigned __int128)(to_ns - ns) << 32) / tsc);
	return a->tsc_scale != 0;
}

/* --- life --- */

static void kvm_destroy(struct accel *a)
{
	if (!a)
		return;
	kvm_vm_destroy(&a->vm);
	free(a);
}

/* Everything of the box's region: the box, the stack inside, the flags of RAM pages, copies of .xo views.  */
struct box_layout { uint64_t stack_top, flags, views, size; };

static struct box_layout box_layout(const struct accel_cfg *cfg)
{
	struct box_layout l;
	uint64_t pages = 0;

	for (unsigned i = 0; i < cfg->cpu->nbanks; i++)
		pages += cfg->cpu->bank[i].size >> GUEST_PAGE_LOG2;
	l.stack_top = (sizeof(struct box) + 63) / 64 * 64 + STACK_SIZE;
	l.flags = l.stack_top;
	l.views = (l.flags + pages + 63) / 64 * 64;
	l.size = l.views + cfg->nxo * (sizeof(struct xo_view) + sizeof(struct xo_view *));
	return l;
}

/* For the longest page record of @x.  */
static uint64_t xo_room(const struct xo_view *x)
{
	uint64_t most = 0;

	for (const struct xo_page *p = x->pages; p < x->pages + x->npages; p++)
		most = xo_page_size(p) > most ? xo_page_size(p) : most;
	return most + XO_PART_COUNT * aligned(1);
}

/* The VM gets copies, so that it sees those and nothing else of this process: of which pages there are, and of one page record.  */
static enum status xo_add(struct accel *a, const struct box_layout *l, struct err *e)
{
	struct xo_view *view = (struct xo_view *)(void *)((uint8_t *)a->box + l->views);
	const struct xo_view **list = (const struct xo_view **)(void *)(view + a->cfg.nxo);
	const struct kvm_region *r;
	uint64_t size = 0, room = 0;
	uint8_t *to;
	enum status s;

	for (unsigned i = 0; i < a->cfg.nxo; i++) {
		uint64_t one = xo_room(a->cfg.xo[i]);

		size += aligned((a->cfg.xo[i]->npages + 1u) * sizeof(struct xo_page));
		room = one > room ? one : room;
	}
	if (!size)
		return ST_OK;
	s = kvm_vm_add(&a->vm, ".xo", size + room, -1, 0, &r, e);
	if (s != ST_OK)
		return s;
	to = r->at;
	for (unsigned i = 0; i < a->cfg.nxo; i++) {
		uint64_t n = (a->cfg.xo[i]->npages + 1u) * sizeof(struct xo_page);

		view[i] = *a->cfg.xo[i];
		view[i].pages = memcpy(to, a->cfg.xo[i]->pages, n);
		list[i] = &view[i];
		to += aligned(n);
	}
	a->xo_room = to;
	a->box->cfg.xo = list;
	a->box->cfg.nxo = a->cfg.nxo;
	return ST_OK;
}

static enum status ram_add(struct accel *a, const struct box_layout *l, struct err *e)
{
	struct cpu *to = &a->box->cpu;
	const struct cpu *from = a->cfg.cpu;
	const struct kvm_region *ram;
	uint8_t *flags = a->flags = (uint8_t *)a->box + l->flags;
	uint64_t size = 0;
	enum status s;

	for (unsigned i = 0; i < from->nbanks; i++)
		if (from->bank[i].offset + from->bank[i].size > size)
			size = from->bank[i].offset + from->bank[i].size;
	s = kvm_vm_add(&a->vm, "RAM", size, a->cfg.ram_fd, PTE_WRITE, &ram, e);
	if (s != ST_OK)
		return s;
	a->box->ram_pa = ram->pa;
	to->nbanks = from->nbanks;
	for (unsigned i = 0; i < from->nbanks; i++) {
		uint64_t pages = from->bank[i].size >> GUEST_PAGE_LOG2;

		to->bank[i] = from->bank[i];
		to->bank[i].host = ram->at + from->bank[i].offset;
		to->bank[i].flags = flags;
		memcpy(flags, from->bank[i].flags, pages);
		flags += pages;
	}
	return ST_OK;
}

static enum status engine_memory(struct accel *a, struct err *e)
{
	const struct kvm_region *code, *mirrors;
	struct box *b = a->box;
	enum status s = kvm_vm_add(&a->vm, "engine's memory", engine_arena_min(), -1, PTE_WRITE, &a->arena, e);

	if (s == ST_OK)
		s = kvm_vm_add(&a->vm, "code cache", XABI_CODE_SIZE, -1, PTE_WRITE, &code, e);
	if (s == ST_OK)
		s = kvm_vm_alias(&a->vm, code, XABI_CODE_BASE, PTE_USER, e);
	if (s == ST_OK)
		s = kvm_vm_add(&a->vm, "mirrors", (uint64_t)MIRROR_PAGES * GUEST_PAGE_SIZE, -1, PTE_WRITE, &mirrors, e);
	if (s != ST_OK)
		return s;
	b->mirrors = (struct mirrors){ .at = mirrors->at, .pa = mirrors->pa, .npages = MIRROR_PAGES };
	b->model = *a->cfg.model;
	b->cfg = (struct engine_cfg){ .big_endian = a->cfg.big_endian, .translate = true, .bmi2 = a->vm.bmi2, .arena = a->arena->at,
				      .arena_size = a->arena->size, .code_rw = code->at, .code_size = XABI_CODE_SIZE, .log = log_mask,
				      .profile = a->cfg.profile };
	return ST_OK;
}

/* A pointer the VM gave us: is all of it in the engine's memory?  */
static bool in_arena(const struct accel *a, const void *p, size_t size)
{
	uint64_t off = (uint64_t)((uintptr_t)p - (uintptr_t)a->arena->at);

	return !(off & 7) && off < a->arena->size && a->arena->size - off >= size;
}

static enum status engine_start(struct accel *a, struct err *e)
{
	struct box *b = a->box;
	uint32_t result;

	if (!time_inside(a) && a->cfg.host_time)
		log_line(LOG_accel, "kvm: the time stamp counter does not do inside the VM: each look at the time is an exit");
	if (!command(a, COMMAND_CREATE))
		return err_set(e, ST_HOST, "kvm: the VM does not run (see above); use -accel inproc");
	result = b->result;
	if (result != ST_OK)
		return err_set(e, ST_INTERNAL, "kvm: the engine cannot start: %u", result);
	a->engine = b->engine;
	a->tlb = b->cpu.tlb;
	if ((uint8_t *)a->engine != a->arena->at || !in_arena(a, a->tlb, tlb_sizeof())) /* the engine is the first thing it carves */
		return err_set(e, ST_INTERNAL, "kvm: the engine is not where it should be");
	cpu_init(a->cfg.cpu, a->cfg.model, a->cfg.big_endian, a->tlb, &hooks, a);
	return ST_OK;
}

static enum status kvm_create(const struct accel_cfg *cfg, struct accel **out, struct err *e)
{
	struct accel *a = calloc(1, sizeof *a);
	struct box_layout l = box_layout(cfg);
	enum status s;

	if (!a)
		return err_set(e, ST_NOMEM, "kvm: out of memory");
	a->cfg = *cfg;
	s = kvm_vm_create(&a->vm, l.size, TABLES_MAX, e);
	a->box = a->vm.box;
	if (s == ST_OK)
		s = ram_add(a, &l, e);
	if (s == ST_OK)
		s = engine_memory(a, e);
	if (s == ST_OK)
		s = xo_add(a, &l, e);
	if (s == ST_OK)
		s = kvm_vm_start(&a->vm, (uintptr_t)a->box + l.stack_top, e);
	if (s == ST_OK)
		s = engine_start(a, e);
	if (s != ST_OK)
		kvm_destroy(a);
	else
		*out = a;
	return s;
}

const struct accel_ops accel_kvm = {
	.name = "kvm",
	.probe = kvm_vm_probe,
	.create = kvm_create,
	.destroy = kvm_destroy,
	.run = kvm_run,
	.ram_write = kvm_ram_write,
	.reset = kvm_reset,
	.disturb = kvm_disturb,
	.engine = kvm_engine,
	.counts = kvm_counts,
};
