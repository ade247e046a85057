/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for assembling a machine, for the run loop, and for time.  Not for what devices, boards and accelerators do.
 *
 * Order is reading order: options, files, board, processor, accelerator, guest.  Invariants: one thread; devices only note a reset or
 * power-off and the loop acts on it (no device is reset from within its own access); no guest action ends the process (I6).
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/vm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/file.h"
#include "base/host_time.h"
#include "base/log.h"
#include "dbt-runtime/accel/accel.h"
#include "dbt-runtime/board/board.h"
#include "dbt-runtime/vm/chaos.h"
#include "dbt-runtime/vm/console.h"
#include "dbt-runtime/vm/drives.h"
#include "dbt-runtime/vm/guest_time.h"
#include "dbt-runtime/vm/kicks.h"
#include "dbt-runtime/vm/loader.h"
#include "dbt-runtime/vm/machine_names.h"
#include "dbt-runtime/vm/net.h"
#include "dbt-runtime/vm/net_user.h"
#include "dbt-runtime/vm/sandbox.h"
#include "dbt-runtime/vm/stats.h"
#include "dbt-runtime/vm/terminal.h"
#include "dbt-runtime/vm/translations.h"

/* How long the guest may run before consoles are looked at: a key is answered within this time.  With counted time that hangs on guest
   time too, so that input which is there (a file) arrives at the same instruction in every run.  */
#define LOOK_OUTSIDE_NS UINT64_C(1000000)
#define LOOK_OUTSIDE_INSNS UINT64_C(1000000)
#define CONSOLE_PERIOD_NS (10 * LOOK_OUTSIDE_NS)
#define LOOK_OUTSIDE_VM_NS UINT64_C(10000000) /* where looking costs an exit */

struct vm {
	struct cpu cpu;          /* first: translated code addresses it */
	const struct vm_options *o;
	const struct board_ops *board_ops;
	const struct cpu_model *model;
	const struct accel_ops *accel_ops, *chosen_ops; /* that runs; that was asked for */
	struct loader loader;
	struct translations translations;
	struct guest_time time;
	struct clock clock;
	struct timer cpu_timer, console_timer;
	bool arming_cpu_timer;
	bool output;             /* the device access under way put out a character */
	struct console *console[VM_SERIALS_MAX];
	struct drives drives;
	struct nets *nets;
	struct fds fds;          /* of wait_outside */
	struct board *board;
	struct accel *accel;
	uint64_t start_ns;       /* host time, for statistics */
	uint64_t seed;           /* state of the guest's random numbers, if they are not the host's */
	bool seeded;
	struct chaos chaos;
	struct engine_stats left; /* of accelerators that have been left */
	bool want_reset, want_poweroff, want_quit;
	struct stats stats;
};

/* --- time --- */

/* Guest time.  Everything that ticks in the machine derives from this one function.  */
static uint64_t vm_now_ns(void *opaque)
{
	const struct vm *vm = opaque;

	return guest_time_now(&vm->time, cpu_insns(&vm->cpu));
}

static void attention(struct vm *vm) { __atomic_store_n(&vm->cpu.attention, 1, __ATOMIC_RELAXED); }

/* A device armed a timer while the guest runs.  For the processor's own timer the engine sees to it, to within a slice: not if time is
   counted.  */
static void vm_sooner(void *opaque)
{
	struct vm *vm = opaque;

	if (!vm->arming_cpu_timer || vm->time.counted)
		attention(vm);
}

static void vm_cpu_timer(void *opaque)
{
	struct vm *vm = opaque;

	cpu_timer_expired(&vm->cpu);
}

static void vm_timer_set(void *opaque, uint64_t when_ns)
{
	struct vm *vm = opaque;

	vm->arming_cpu_timer = true;
	timer_set(&vm->cpu_timer, when_ns);
	vm->arming_cpu_timer = false;
}

/* --- what the parts ask of the machine --- */

static uint32_t vm_io_load(void *opaque, gpa pa, unsigned size)
{
	const struct vm *vm = opaque;

	return mem_load(vm->board->map, pa, size);
}

static void vm_io_store(void *opaque, gpa pa, unsigned size, uint32_t value)
{
	struct vm *vm = opaque;

	vm->output = false;
	mem_store(vm->board->map, pa, size, value);
}

static void vm_output(void *opaque) { ((struct vm *)opaque)->output = true; }
static const struct xo_tables *vm_xo_read(void *opaque, unsigned file, uint32_t page)
{
	return translations_read(&((struct vm *)opaque)->translations, file, page);
}

static bool vm_output_only(void *opaque) { return ((const struct vm *)opaque)->output; }

static void vm_ram_changes(void *opaque, gpa pa, uint64_t len)
{
	struct vm *vm = opaque;

	if (vm->accel)
		vm->accel_ops->ram_write(vm->accel, pa, len);
}

static uint32_t vm_site(void *opaque)
{
	const struct vm *vm = opaque;

	return vm->cpu.pc;
}

/* Before the processor exists the board resets its devices: every wire is low, as the processor will find it.  */
static void vm_cpu_irq(void *opaque, unsigned line, bool level)
{
	struct vm *vm = opaque;

	if (vm->accel)
		cpu_set_irq(&vm->cpu, line, level);
}

static void vm_request(void *opaque, enum board_request r)
{
	struct vm *vm = opaque;

	switch (r) {
	case BOARD_RESET: vm->want_reset = true; break;
	case BOARD_POWEROFF: vm->want_poweroff = true; break;
	}
	vm->cpu.stopped = true;
}

/* At most 256 bytes are wanted: getrandom gives those completely (getrandom(2)).  */
static void vm_entropy(void *opaque, uint8_t *bytes, size_t n)
{
	struct vm *vm = opaque;

	memset(bytes, 0, n);
	for (size_t i = 0; vm->seeded && i < n; i++)
		bytes[i] = (uint8_t)random_next(&vm->seed);
	if (!vm->seeded && getrandom(bytes, n, 0) < (ssize_t)n)
		log_line(LOG_dev, "the host gave no random numbers");
}

static void vm_wake(void *opaque) { attention(opaque); }

static void vm_quit(void *opaque)
{
	struct vm *vm = opaque;

	vm->want_quit = true;
	attention(vm);
}

/* The moment is noted here; counters are in the middle of something and are read when the loop is next reached.  */
static void vm_marker(void *opaque, unsigned index)
{
	struct vm *vm = opaque;
	struct stats_mark *m = &vm->stats.mark[index];

	if (m->seen)
		return;
	m->seen = true;
	m->ns = host_ns() - vm->start_ns;
	m->insns = cpu_insns(&vm->cpu);
	attention(vm);
}

static void count_accel(struct vm *vm, struct accel_count *out)
{
	vm->stats.ncounts = vm->accel_ops->counts ? vm->accel_ops->counts(vm->accel, out) : 0;
}

static void count_marks(struct vm *vm)
{
	for (unsigned i = 0; i < vm->stats.nmarks; i++) {
		struct stats_mark *m = &vm->stats.mark[i];

		if (!m->seen || m->counted)
			continue;
		m->counted = true;
		for (unsigned t = 0; t < TIER_COUNT; t++)
			m->tiers[t] = vm->stats.tiers[t] + vm->cpu.tier_insns[t];
		count_accel(vm, m->count);
	}
}

/* --- running --- */

static void consoles_flush(struct vm *vm)
{
	for (unsigned i = 0; i < VM_SERIALS_MAX; i++)
		if (vm->console[i])
			console_flush(vm->console[i]);
}

static void consoles_poll(struct vm *vm)
{
	for (unsigned i = 0; i < VM_SERIALS_MAX; i++)
		if (vm->console[i])
			console_poll(vm->console[i]);
}

static void vm_console_timer(void *opaque)
{
	struct vm *vm = opaque;

	consoles_poll(vm);
	timer_set(&vm->console_timer, clock_now(&vm->clock) + CONSOLE_PERIOD_NS);
}

/* Everything outside the guest that may have happened.  */
static void look_outside(struct vm *vm)
{
	__atomic_store_n(&vm->cpu.attention, 0, __ATOMIC_RELAXED); /* before looking: what comes later sets it again */
	count_marks(vm);
	consoles_flush(vm);
	if (!vm->time.counted)
		consoles_poll(vm);
	nets_look(vm->nets, host_ns());
	clock_run_due(&vm->clock);
}

/* Sleep until something happens to a descriptor, for @ns at most; CLOCK_NEVER: as long as it takes.  */
static void sleep_outside(struct vm *vm, uint64_t ns)
{
	struct timespec t = { .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
	uint64_t from = host_ns();
	bool failed = ppoll(vm->fds.at, vm->fds.n, ns == CLOCK_NEVER ? NULL : &t, NULL) < 0;

	vm->stats.waiting_ns += host_ns() - from;
	nets_take(vm->nets, &vm->fds, failed);
}

/* The guest waits: sleep until a timer is due, a key is pressed, the network has something or a signal arrives.  */
static void wait_outside(struct vm *vm)
{
	uint64_t from = vm_now_ns(vm), due = clock_next_deadline(&vm->clock), ns = due == CLOCK_NEVER ? CLOCK_NEVER : due - from;

	if (due <= from)
		return;
	vm->fds.n = 0;
	fds_add(&vm->fds, terminal_signal_fd(), POLLIN);
	/* With counted time, keys have their own time to arrive: the console timer, which also sees to it that there is a next deadline.  */
	for (unsigned i = 0; i < VM_SERIALS_MAX && !vm->time.counted; i++)
		if (vm->console[i])
			fds_add(&vm->fds, console_fd(vm->console[i]), POLLIN);
	if (!vm->time.counted || vm->time.sleep) {
		nets_fill(vm->nets, &vm->fds, &ns);
		sleep_outside(vm, ns);
	}
	if (vm->time.counted)
		vm->time.skipped_ns += due - from;
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* To the next deadline: a moment, or an instruction.  */
static enum accel_exit run_some(struct vm *vm)
{
	uint64_t due = clock_next_deadline(&vm->clock), insns = chaos_insns(&vm->chaos, cpu_insns(&vm->cpu));

	if (!vm->time.counted)
		return vm->accel_ops->run(vm->accel, least(due, vm_now_ns(vm) + LOOK_OUTSIDE_NS), insns);
	insns = least(insns, guest_time_insns(&vm->time, due, cpu_insns(&vm->cpu)));
	return vm->accel_ops->run(vm->accel, CLOCK_NEVER, least(insns, LOOK_OUTSIDE_INSNS));
}

static uint64_t vm_others_due(void *opaque)
{
	const struct vm *vm = opaque;
	uint64_t due = clock_next_other(&vm->clock, &vm->cpu_timer), look = vm_now_ns(opaque) + LOOK_OUTSIDE_VM_NS;

	return due < look ? due : look;
}

static void print_state(const struct vm *vm)
{
	const struct cpu *c = &vm->cpu;

	fprintf(stderr, "dbt: internal error in the %s accelerator after %llu guest instructions; the processor:\n", vm->accel_ops->name,
		(unsigned long long)cpu_insns(c));
	fprintf(stderr, "  pc 0x%08x status 0x%08x cause 0x%08x epc 0x%08x badvaddr 0x%08x entryhi 0x%08x hi 0x%08x lo 0x%08x\n", c->pc,
		c->status, c->cause, c->epc, c->badvaddr, c->entryhi, c->hi, c->lo);
	for (unsigned i = 0; i < 32; i += 8)
		fprintf(stderr, "  $%-2u 0x%08x 0x%08x 0x%08x 0x%08x 0x%08x 0x%08x 0x%08x 0x%08x\n", i, c->gpr[i], c->gpr[i + 1], c->gpr[i + 2],
			c->gpr[i + 3], c->gpr[i + 4], c->gpr[i + 5], c->gpr[i + 6], c->gpr[i + 7]);
}

static enum status start_guest(struct vm *vm, enum reset_kind kind, struct err *e)
{
	struct board_entry entry;
	uint64_t before[TIER_COUNT];
	enum status s;

	memcpy(before, vm->cpu.tier_insns, sizeof before);
	cpu_reset(&vm->cpu);
	for (unsigned t = 0; t < TIER_COUNT; t++)
		vm->stats.tiers[t] += before[t] - vm->cpu.tier_insns[t]; /* whether or not the reset cleared them */
	vm->board_ops->reset(vm->board, kind);
	vm->cpu.stopped = false;
	if (vm->loader.kernel) { /* else the monitor starts, at the reset vector */
		s = loader_place(&vm->loader, vm->board, vm->o->append, &entry, e);
		if (s != ST_OK)
			return s;
		memcpy(vm->cpu.gpr, entry.gpr, sizeof vm->cpu.gpr);
		vm->cpu.gpr[0] = 0;
		vm->cpu.status &= ~entry.status_clear;
		vm->cpu.pc = entry.pc;
	}
	log_line(LOG_int, "RESET (reset), to 0x%08x", vm->cpu.pc);
	vm->accel_ops->reset(vm->accel);
	return ST_OK;
}

static struct accel_cfg accel_cfg(struct vm *vm)
{
	return (struct accel_cfg){
		.cpu = &vm->cpu, .model = vm->model, .big_endian = vm->loader.big_endian, .ram_fd = mem_ram_fd(vm->board->map),
		.opaque = vm, .io_load = vm_io_load, .io_store = vm_io_store, .now_ns = vm_now_ns, .timer_set = vm_timer_set,
		.host_time = !vm->time.counted, .others_due = vm_others_due, .output_only = vm_output_only,
		.xo = vm->translations.views, .nxo = vm->translations.n, .xo_read = vm_xo_read, .profile = vm->o->profile != NULL,
	};
}

/* The machine goes on under another accelerator: the interpreter, or the one that was asked for.  */
static enum status migrate(struct vm *vm, struct err *e)
{
	const struct accel_ops *to = vm->accel_ops != &accel_ref ? &accel_ref : vm->chosen_ops != &accel_ref ? vm->chosen_ops : &accel_inproc;
	struct accel_cfg cfg = accel_cfg(vm);
	enum status s;

	engine_stats_add(&vm->left, engine_get_stats(vm->accel_ops->engine(vm->accel)));
	s = accel_migrate(vm->accel_ops, to, &cfg, &vm->accel, e);
	vm->accel_ops = to;
	vm->chaos.migrated++;
	return s;
}

static enum status make_chaos(struct vm *vm, struct err *e)
{
	vm->chaos.disturbed++;
	vm->accel_ops->disturb(vm->accel, (uint32_t)random_next(&vm->chaos.state));
	return chaos_migrates(&vm->chaos) ? migrate(vm, e) : ST_OK;
}

/* A device stopped the machine.  True: it is to end.  */
static enum status on_stop(struct vm *vm, bool *over, enum vm_end *end, struct err *e)
{
	vm->cpu.stopped = false;
	*over = true;
	if (vm->want_poweroff) {
		*end = VM_END_POWEROFF;
	} else if (vm->want_reset && vm->o->no_reboot) {
		*end = VM_END_RESET;
	} else {
		*over = false;
		if (vm->want_reset) {
			vm->want_reset = false;
			vm->stats.resets++;
			return start_guest(vm, RESET_WARM, e);
		}
	}
	return ST_OK;
}

static bool user_ends(const struct vm *vm, enum vm_end *end)
{
	if (terminal_signal())
		*end = VM_END_SIGNAL;
	else if (vm->want_quit)
		*end = VM_END_QUIT;
	else
		return false;
	return true;
}

static enum status run_loop(struct vm *vm, enum vm_end *end, struct err *e)
{
	bool over = false;
	enum status s = ST_OK;

	while (!over && s == ST_OK) {
		look_outside(vm);
		if (user_ends(vm, end))
			break;
		switch (run_some(vm)) {
		case EXIT_POLL:
			vm->stats.exits_poll++;
			if (chaos_happens(&vm->chaos, cpu_insns(&vm->cpu)))
				s = make_chaos(vm, e);
			break;
		case EXIT_WAIT:
			vm->stats.exits_wait++;
			/* Nothing may be looked at between the guest's last look at its interrupts and the sleep: whatever is
			   there already ends the sleep at once, and is dealt with above.  */
			consoles_flush(vm);
			if (!__atomic_load_n(&vm->cpu.attention, __ATOMIC_RELAXED))
				wait_outside(vm);
			break;
		case EXIT_STOP:
			vm->stats.exits_stop++;
			s = on_stop(vm, &over, end, e);
			break;
		case EXIT_INTERNAL:
			*end = VM_END_INTERNAL;
			over = true;
			break;
		}
	}
	return s;
}

enum status vm_run(struct vm *vm, enum vm_end *end, struct err *e)
{
	enum status s;

	for (unsigned i = 0; i < vm->o->nserials; i++)
		if (vm->o->serial[i].kind == SERIAL_STDIO)
			terminal_raw();
	s = vm->chaos.on ? kicks_start(&vm->cpu.attention, e) : ST_OK;
	/* Chaos makes machines and timers as it goes.  */
	if (s == ST_OK && vm->o->sandbox && !vm->chaos.on && vm->accel_ops == &accel_kvm)
		s = sandbox_enter(nets_any(vm->nets), e);
	if (s == ST_OK)
		s = run_loop(vm, end, e);
	kicks_stop();
	nets_close(vm->nets); /* what is written now finds descriptors */
	vm->stats.total_ns = host_ns() - vm->start_ns;
	count_marks(vm);
	count_accel(vm, vm->stats.count);
	consoles_flush(vm);
	terminal_restore();
	if (s == ST_OK && *end == VM_END_INTERNAL)
		print_state(vm);
	return s;
}

enum status vm_save(struct vm *vm, struct err *e)
{
	struct engine *engine = vm->accel_ops->engine(vm->accel);
	struct err second = ERR_INIT;
	enum status s = ST_OK, t = ST_OK;

	if (vm->o->stats) {
		engine_stats_add(&vm->left, engine_get_stats(engine));
		vm->stats.disturbed = vm->chaos.disturbed;
		vm->stats.migrated = vm->chaos.migrated;
		s = stats_write(vm->o->stats, &vm->stats, &vm->cpu, &vm->left, e);
	}
	if (vm->o->profile)
		t = profile_save(vm->o->profile, engine, vm->model->rev, s == ST_OK ? e : &second);
	if (s != ST_OK && t != ST_OK)
		log_warn("%s", second.text);
	return s != ST_OK ? s : t;
}

/* --- set-up --- */

/* Is the board one that takes what was asked for?  */
static enum status check_board(const struct vm_options *o, const struct board_ops *b, struct err *e)
{
	if (o->bios && !b->monitor_size)
		return err_set(e, ST_UNSUPPORTED, "-bios: board %s has no support for a boot monitor; use -kernel", b->name);
	if (o->nserials > b->serials)
		return err_set(e, ST_USAGE, "-serial: board %s has %u serial ports", b->name, b->serials);
	for (unsigned i = b->nics; i < o->nnics; i++)
		if (o->nic[i].kind != NIC_NONE)
			return err_set(e, ST_USAGE, "-nic: board %s has %u network interfaces", b->name, b->nics);
	if (o->ram > b->max_ram)
		return err_set(e, ST_USAGE, "-m: board %s takes at most %lluM of RAM", b->name, (unsigned long long)(b->max_ram >> 20));
	return ST_OK;
}

static enum status find_names(struct vm *vm, struct err *e)
{
	const struct vm_options *o = vm->o;
	enum status s = machine_find(o->machine, &vm->board_ops, e);

	if (s == ST_OK)
		s = cpu_find(vm->board_ops, o->cpu, &vm->model, e);
	if (s == ST_OK)
		s = accel_select(o->accel, &vm->accel_ops, e);
	return s == ST_OK ? check_board(o, vm->board_ops, e) : s;
}

/* Learn now, not after an hour's run, that a result cannot be written.  Nothing is created.  */
static enum status check_writable(const char *path, const char *option, struct err *e)
{
	struct file_out *f;
	enum status s;

	if (!path)
		return ST_OK;
	s = file_out_open(path, &f, e);
	if (s == ST_OK)
		file_out_abort(f);
	else
		err_context(e, "%s", option);
	return s;
}

static enum status create_consoles(struct vm *vm, struct err *e)
{
	struct console_events events = { .marker = vm_marker, .quit = vm_quit, .written = vm_output, .opaque = vm };

	vm->stats.nmarks = vm->o->nmarkers;
	for (unsigned i = 0; i < vm->o->nmarkers; i++)
		vm->stats.mark[i].text = vm->o->marker[i];
	for (unsigned i = 0; i < vm->o->nserials; i++) {
		enum status s;

		if (vm->o->serial[i].kind == SERIAL_NONE)
			continue;
		s = console_create(&vm->o->serial[i], vm->o->marker, vm->o->nmarkers, &events, &vm->console[i], e);
		if (s != ST_OK)
			return s;
	}
	return ST_OK;
}

/* Without -nic a board's first interface has a user network, unless the run is to be repeatable.  */
static enum status create_nets(struct vm *vm, struct err *e)
{
	struct nets_cfg cfg = { .option = vm->o->nic, .n = vm->o->nnics, .clock = &vm->clock, .wake = vm_wake, .opaque = vm };

	if (!cfg.n && vm->board_ops->nics && net_user_built() && !vm->time.counted)
		cfg.n = 1;
	return nets_create(&cfg, &vm->nets, e);
}

static enum status create_board(struct vm *vm, struct err *e)
{
	struct board_cfg cfg = {
		.ram_size = vm->o->ram ? vm->o->ram : vm->board_ops->default_ram,
		.big_endian = vm->loader.big_endian,
		.clock = &vm->clock,
		.cpu_irq = { .set = vm_cpu_irq, .opaque = vm },
		.request = vm_request,
		.opaque = vm,
		.rtc_base = vm->o->rtc_set ? vm->o->rtc_base : vm->o->icount.on ? RTC_BASE_COUNTED : (int64_t)time(NULL),
		.entropy = vm_entropy,
	};
	enum status s;

	for (unsigned i = 0; i < VM_SERIALS_MAX; i++)
		cfg.serial[i] = vm->console[i] ? &vm->console[i]->chardev : NULL;
	for (unsigned i = 0; i < BOARD_DISKS_MAX; i++)
		cfg.disk[i] = disk_blockdev(vm->drives.disk[i]);
	cfg.pflash = disk_blockdev(vm->drives.flash);
	for (unsigned i = 0; i < vm->board_ops->nics; i++) {
		cfg.nic[i] = nets_nic(vm->nets, i);
		memcpy(cfg.mac[i], vm->o->nic[i].mac, sizeof cfg.mac[i]);
	}
	s = vm->board_ops->create(&cfg, &vm->board, e);
	if (s != ST_OK)
		return s;
	mem_set_notify(vm->board->map, vm_ram_changes, vm);
	mem_set_site(vm->board->map, vm_site, vm);
	vm->cpu.nbanks = mem_banks(vm->board->map);
	for (unsigned i = 0; i < vm->cpu.nbanks; i++)
		mem_bank(vm->board->map, i, &vm->cpu.bank[i]);
	return ST_OK;
}

static enum status create_accel(struct vm *vm, struct err *e)
{
	struct accel_cfg cfg = accel_cfg(vm);

	vm->chosen_ops = vm->accel_ops;
	return vm->accel_ops->create(&cfg, &vm->accel, e);
}

static enum status build(struct vm *vm, struct err *e)
{
	const struct vm_options *o = vm->o;
	const struct loader_files files = { .kernel = o->kernel, .initrd = o->initrd, .dtb = o->dtb, .monitor = o->bios };
	enum status s = o->log_categories ? log_select(o->log_categories, e) : ST_OK;

	if (s == ST_OK && o->log_file) /* before anything that has something to say */
		s = log_to_file(o->log_file, e);
	if (s == ST_OK)
		s = find_names(vm, e);
	if (s == ST_OK)
		s = loader_open(&vm->loader, &files, vm->board_ops, e);
	if (s == ST_OK)
		s = check_writable(o->stats, "-stats", e);
	if (s == ST_OK)
		s = check_writable(o->profile, "-profile", e);
	if (s == ST_OK && o->profile && vm->accel_ops == &accel_ref)
		log_warn("-profile: the interpreter (-accel ref) learns nothing");
	if (s == ST_OK)
		s = terminal_signals(&vm->cpu.attention, e);
	if (s == ST_OK)
		s = create_consoles(vm, e);
	if (s == ST_OK)
		s = drives_open(&vm->drives, &o->drives, vm->board_ops, e);
	if (s == ST_OK)
		s = create_nets(vm, e);
	if (s == ST_OK)
		s = create_board(vm, e);
	if (s == ST_OK)
		s = loader_place_monitor(&vm->loader, vm->board, e);
	if (s == ST_OK)
		translations_open(&vm->translations, o->xo, o->nxo, vm->model, vm->loader.big_endian);
	if (s == ST_OK)
		s = create_accel(vm, e);
	if (s == ST_OK)
		s = start_guest(vm, RESET_COLD, e);
	return s;
}

enum status vm_create(const struct vm_options *o, struct vm **out, struct err *e)
{
	struct vm *vm = NULL;
	enum status s;

	if (posix_memalign((void **)&vm, 64, sizeof *vm) != 0)
		return err_set(e, ST_NOMEM, "out of memory");
	memset(vm, 0, sizeof *vm);
	vm->o = o;
	vm->start_ns = host_ns();
	vm->time = (struct guest_time){ .counted = o->icount.on, .sleep = o->icount.sleep, .shift = o->icount.shift, .start_ns = vm->start_ns };
	vm->seed = o->seed;
	vm->seeded = o->seed_set || o->icount.on;
	vm->chaos = (struct chaos){ .on = o->chaos.on, .migrate = o->chaos.migrate, .state = o->chaos.seed, .period = o->chaos.period };
	clock_init(&vm->clock, vm_now_ns, vm_sooner, vm);
	timer_init(&vm->cpu_timer, &vm->clock, vm_cpu_timer, vm);
	timer_init(&vm->console_timer, &vm->clock, vm_console_timer, vm);
	s = build(vm, e);
	if (s == ST_OK && vm->time.counted)
		vm_console_timer(vm);
	if (s != ST_OK) {
		vm_destroy(vm);
		return s;
	}
	vm->stats.machine = vm->board_ops->name;
	vm->stats.cpu = vm->model->name;
	vm->stats.accel = vm->accel_ops->name;
	*out = vm;
	return ST_OK;
}

void vm_destroy(struct vm *vm)
{
	struct err ignored = ERR_INIT;

	if (!vm)
		return;
	if (terminal_signals(NULL, &ignored) != ST_OK)
		log_warn("%s", ignored.text);
	timer_cancel(&vm->cpu_timer);
	timer_cancel(&vm->console_timer);
	if (vm->accel)
		vm->accel_ops->destroy(vm->accel);
	vm->accel = NULL; /* the board's wires are let go without it */
	translations_close(&vm->translations);
	if (vm->board)
		vm->board_ops->destroy(vm->board);
	nets_destroy(vm->nets);
	fds_free(&vm->fds);
	for (unsigned i = 0; i < VM_SERIALS_MAX; i++)
		console_destroy(vm->console[i]);
	drives_close(&vm->drives);
	loader_close(&vm->loader);
	free(vm);
}
