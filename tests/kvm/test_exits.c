/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A VM that has turned against the process outside: dbt-runtime/accel/kvm*.c on a /dev/kvm made here, whose processor is a function
 * that leaves anything in the memory it could write, and leaves in any way.  What must hold: devices are asked for nothing that
 * cannot be, the machine keeps its pointers, nothing outside the VM's memory is read or written (the sanitizers see that), and what
 * is no exit ends the machine.  Needs no KVM, and runs in builds without an engine image, too.
 */
#define _GNU_SOURCE
#include <check.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#include "dbt-runtime/accel/accel.h"
#include "dbt-runtime/accel/kvm_image.h"
#include "dbt-runtime/accel/kvm_vm.h"
#include "dbt-runtime/engine/internal.h"
#include "dbt-runtime/vm/translations.h"
#include "isa/tlb.h"
#include "tests/emit/guestcode.h"
#include "tests/harness/log_lines.h"
#include "tests/harness/suites.h"

Suite *exits_suite(void);

#define RAM (1u << 20)
#define ROUNDS 100u
#define LEAVES_MAX 60u     /* of a VM that leaves for ever */
#define RUN_SIZE 0x3000u
#define DATA_OFFSET 0x1000u
#define ARENA_SPOILT (512u << 10)

/* --- /dev/kvm --- */

static struct {
	int dev, vm, vcpu;
	struct kvm_run *run;
	struct box *box;
	unsigned entries;
	bool created;
	void (*create)(struct box *);    /* the engine; NULL: as it should be */
	void (*inside)(struct box *);    /* whatever it is asked then; prepares box and run */
} kvm;

static struct machine {
	struct cpu cpu;
	uint8_t flags[RAM >> GUEST_PAGE_LOG2];
	struct accel *accel;
	unsigned loads, stores, xo_reads, since; /* accesses; those since the VM was entered */
	bool output_only;
} m;

static struct rng random_bits;

static uint32_t below(uint32_t n) { return rng_below(&random_bits, n); }
static bool chance(uint32_t in_256) { return rng_chance(&random_bits, in_256); }

static void garbage(void *to, size_t size)
{
	uint8_t *p = to;

	for (size_t i = 0; i < size; i++)
		p[i] = (uint8_t)rng_next(&random_bits);
}

static void leave(struct box *b, uint32_t why)
{
	b->why = why;
	kvm.run->exit_reason = KVM_EXIT_IO;
	kvm.run->io.direction = KVM_EXIT_IO_OUT;
	kvm.run->io.size = 4;
	kvm.run->io.port = INSIDE_PORT_LEAVE;
	kvm.run->io.count = 1;
	kvm.run->io.data_offset = DATA_OFFSET;
}

static void create_well(struct box *b)
{
	b->engine = (struct engine *)(void *)b->cfg.arena;
	b->cpu.tlb = (struct tlb *)(void *)((uint8_t *)b->cfg.arena + (64u << 10));
	b->result = ST_OK;
}

static void run_processor(void)
{
	struct box *b = kvm.box;

	kvm.entries++;
	m.since = 0;
	if (kvm.created) {
		kvm.inside(b);
		return;
	}
	leave(b, WHY_DONE);
	b->tsc = __rdtsc();
	if (b->command == COMMAND_PING)
		return;
	kvm.created = true;
	(kvm.create ? kvm.create : create_well)(b);
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	if (!strcmp(path, "/dev/kvm"))
		return kvm.dev = memfd_create("kvm", MFD_CLOEXEC);
	va_start(ap, flags);
	mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(ap, int) : 0;
	va_end(ap);
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int make_vcpu(void)
{
	kvm.vcpu = memfd_create("vcpu", MFD_CLOEXEC);
	if (kvm.vcpu < 0 || ftruncate(kvm.vcpu, RUN_SIZE) < 0)
		return -1;
	kvm.run = mmap(NULL, RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, kvm.vcpu, 0);
	return kvm.vcpu;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fd != kvm.dev && fd != kvm.vm && fd != kvm.vcpu)
		return (int)syscall(SYS_ioctl, fd, request, arg);
	switch (request) {
	case KVM_GET_API_VERSION: return KVM_API_VERSION;
	case KVM_CHECK_EXTENSION: return 1;
	case KVM_GET_VCPU_MMAP_SIZE: return RUN_SIZE;
	case KVM_CREATE_VM: return kvm.vm = memfd_create("vm", MFD_CLOEXEC);
	case KVM_CREATE_VCPU: return make_vcpu();
	case KVM_GET_SUPPORTED_CPUID: ((struct kvm_cpuid2 *)arg)->nent = 0; return 0;
	case KVM_GET_SREGS: memset(arg, 0, sizeof(struct kvm_sregs)); return 0;
	case KVM_GET_REGS: memset(arg, 0, sizeof(struct kvm_regs)); return 0;
	case KVM_SET_REGS: kvm.box = (struct box *)(uintptr_t)((struct kvm_regs *)arg)->rdi; return 0; /* NOLINT(performance-no-int-to-ptr) */
	case KVM_RUN: run_processor(); return 0;
	default: return 0;
	}
}

/* An image with nothing but its header and a stack: nobody executes it.  */
const uint8_t *kvm_image(size_t *size)
{
	static struct { Elf64_Ehdr e; Elf64_Phdr p; struct inside_header h; uint8_t stack[256]; } image;

	image.e = (Elf64_Ehdr){ .e_phoff = offsetof(typeof(image), p), .e_phnum = 1 };
	image.p = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_offset = offsetof(typeof(image), h), .p_vaddr = INSIDE_BASE,
				.p_filesz = sizeof image.h + sizeof image.stack, .p_memsz = sizeof image.h + sizeof image.stack };
	image.h = (struct inside_header){ .magic = INSIDE_MAGIC, .entry = INSIDE_BASE, .vectors = INSIDE_BASE,
					  .stack0_top = INSIDE_BASE + sizeof image.h + sizeof image.stack };
	*size = sizeof image;
	return (const uint8_t *)&image;
}

/* --- the machine --- */

static void check_access(gpa pa, unsigned size)
{
	ck_assert_uint_le(++m.since, BOX_POSTS_MAX + 1);
	ck_assert(size == 1 || size == 2 || size == 4);
	ck_assert(!(pa & (size - 1)));
	ck_assert(pa < UINT64_C(1) << 36);
}

static uint32_t io_load(void *opaque, gpa pa, unsigned size)
{
	((struct machine *)opaque)->loads++;
	check_access(pa, size);
	return 0x12345678;
}

static void io_store(void *opaque, gpa pa, unsigned size, uint32_t value)
{
	(void)value;
	((struct machine *)opaque)->stores++;
	check_access(pa, size);
}

static uint64_t now_ns(void *opaque) { (void)opaque; return 1; }
static uint64_t others_due(void *opaque) { (void)opaque; return UINT64_MAX; }
static bool output_only(void *opaque) { return ((struct machine *)opaque)->output_only; }

static void timer_set(void *opaque, uint64_t when_ns)
{
	(void)opaque;
	(void)when_ns;
}

/* One .xo file of two page records, one of which is bad.  */
static const struct xo_page records[3] = {
	{ .page = 0x80000000 }, { .page = 0x80001000, .first = { [XO_PART_TEXT] = 100 } },
	{ .first = { [XO_PART_TEXT] = 300, [XO_PART_SRC] = GUEST_PAGE_SIZE } },
};
static const struct xo_view view = { .pages = records, .npages = 2 };
static const struct xo_view *const views[] = { &view };

static const struct xo_tables *record_read(void *opaque, unsigned file, uint32_t page)
{
	static const uint8_t bytes[GUEST_PAGE_SIZE] = { 0x90 };
	static const struct xo_tables t = { .text_at = 100, .text = bytes, .ntext = 200, .src = bytes, .nsrc = GUEST_PAGE_SIZE };

	ck_assert_ptr_eq(opaque, &m);
	ck_assert_uint_eq(file, 0);
	ck_assert_uint_lt(page, 2);
	m.xo_reads++;
	return page ? &t : NULL;
}

static enum status machine_create(struct err *e)
{
	int fd = memfd_create("ram", MFD_CLOEXEC);
	struct accel_cfg cfg = { .cpu = &m.cpu, .model = cpu_model_find("24Kc"), .ram_fd = fd, .opaque = &m, .io_load = io_load,
				 .io_store = io_store, .now_ns = now_ns, .timer_set = timer_set, .host_time = true, .others_due = others_due,
				 .output_only = output_only, .xo = views, .nxo = 1, .xo_read = record_read, .profile = true };
	enum status s;

	ck_assert_int_eq(ftruncate(fd, RAM), 0);
	memset(&m, 0, sizeof m);
	m.cpu.nbanks = 1;
	m.cpu.bank[0] = (struct ram_bank){ .size = RAM, .flags = m.flags };
	kvm.entries = 0;
	kvm.created = false;
	s = accel_kvm.create(&cfg, &m.accel, e);
	close(fd);
	return s;
}

static void machine_destroy(void)
{
	if (m.accel)
		accel_kvm.destroy(m.accel);
	m.accel = NULL;
	munmap(kvm.run, RUN_SIZE);
	kvm.dev = kvm.vm = kvm.vcpu = -1;
}

static void machine_open(void (*inside)(struct box *))
{
	struct err e = ERR_INIT;

	kvm.inside = inside;
	kvm.create = NULL;
	ck_assert_msg(machine_create(&e) == ST_OK, "%s", e.text);
}

static enum accel_exit run(void) { return accel_kvm.run(m.accel, UINT64_MAX, UINT64_MAX); }

/* What a stranger cannot have changed.  */
static void check_machine(const struct cpu *before)
{
	ck_assert_ptr_eq(m.cpu.tlb, before->tlb);
	ck_assert_ptr_eq(m.cpu.model, before->model);
	ck_assert_ptr_eq(m.cpu.hooks, before->hooks);
	ck_assert_ptr_eq(m.cpu.owner, before->owner);
	ck_assert_uint_eq(m.cpu.nbanks, before->nbanks);
	ck_assert_uint_eq(m.cpu.attention, before->attention);
	ck_assert(!m.cpu.big_endian);
	ck_assert_uint_le(*(const uint8_t *)&m.cpu.stopped | *(const uint8_t *)&m.cpu.waiting | *(const uint8_t *)&m.cpu.timer_hit, 1);
	ck_assert(!memcmp(m.cpu.bank, before->bank, sizeof m.cpu.bank));
	ck_assert(!memcmp(&m.cpu.interp, &before->interp, sizeof m.cpu.interp));
}

/* --- exits --- */

/* Whatever the VM can write, with a reason that is one more often than not, and an access that is nearly one.  */
static void leave_with_garbage(struct box *b)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 4, 5, 8, 16, 0x80000000, UINT32_MAX };
	static const gpa places[] = { 0, 3, 0x1f000900, 0xfffffffff, 0x1000000000, UINT64_MAX, UINT64_MAX - 3 };

	if (kvm.entries > LEAVES_MAX) {
		leave(b, WHY_COUNT);
		return;
	}
	garbage(b, sizeof *b);
	if (chance(240)) {
		b->size = 1u << below(3);
		b->pa &= 0xfffffffffu & ~(gpa)(b->size - 1);
	} else {
		b->size = sizes[below(ARRAY_LEN(sizes))];
		b->pa = places[below(ARRAY_LEN(places))];
	}
	if (chance(200))
		b->nposts = below(2 * BOX_POSTS_MAX);
	if (chance(250)) {
		b->xo_file = 0;
		b->xo_page = below(2);
	}
	if (chance(250))
		b->result = chance(250) ? below(ENGINE_FAILED) : ENGINE_FAILED;
	m.output_only = chance(128);
	leave(b, chance(252) ? below(WHY_FAULT) : rng_next(&random_bits));
}

static uint64_t posted_stores(void)
{
	struct accel_count counts[ACCEL_COUNTS_MAX];
	unsigned n = accel_kvm.counts(m.accel, counts);

	for (unsigned i = 0; i < n; i++)
		if (!strcmp(counts[i].name, "posted"))
			return counts[i].n;
	return 0;
}

/* Runs until the VM counts as broken, with what the machine does to it in between.  */
START_TEST(whatever_the_box_holds)
{
	unsigned loads = 0, stores = 0, xo_reads = 0, ends[8] = { 0 };
	uint64_t posted = 0;

	random_bits = (struct rng){ .state = 0x1234567 };
	for (unsigned round = 0; round < ROUNDS; round++) {
		enum accel_exit x = EXIT_POLL;
		struct cpu before;

		machine_open(leave_with_garbage);
		before = m.cpu;
		for (unsigned i = 0; i < LEAVES_MAX && x != EXIT_INTERNAL; i++) {
			x = run();
			ck_assert_uint_lt(x, ARRAY_LEN(ends));
			ends[x]++;
			check_machine(&before);
			accel_kvm.ram_write(m.accel, rng_next(&random_bits), below(0x10000) + 1);
			accel_kvm.disturb(m.accel, rng_next(&random_bits));
			cpu_set_irq(&m.cpu, below(6), chance(128));
			if (chance(64))
				accel_kvm.reset(m.accel);
		}
		ck_assert_int_eq(x, EXIT_INTERNAL);
		posted += posted_stores();
		loads += m.loads;
		stores += m.stores;
		xo_reads += m.xo_reads;
		machine_destroy();
	}
	ck_assert_uint_gt(loads, ROUNDS / 4); /* garbage was not the same as nothing */
	ck_assert_uint_gt(stores, ROUNDS / 4);
	ck_assert_uint_gt(xo_reads, ROUNDS / 4);
	ck_assert_uint_gt(posted, ROUNDS / 4);
	ck_assert_uint_gt(ends[EXIT_POLL], ROUNDS / 4);
}
END_TEST

static void leave_for_a_good_reason(struct box *b)
{
	b->result = ENGINE_POLL;
	leave(b, WHY_DONE);
}

static void leave_for_none(struct box *b) { leave(b, WHY_COUNT); }
static void leave_for_a_fault(struct box *b) { leave(b, WHY_FAULT); }
static void leave_for_a_byte_of_3(struct box *b) { b->size = 3, leave(b, WHY_STORE); }
static void leave_for_elsewhere(struct box *b) { b->size = 4, b->pa = UINT64_C(1) << 36, leave(b, WHY_LOAD); }

static void leave_for_no_file(struct box *b) { b->xo_file = 1, b->xo_page = 0, leave(b, WHY_XO); }
static void leave_for_no_page(struct box *b) { b->xo_file = 0, b->xo_page = 2, leave(b, WHY_XO); }

static void leave_with_no_result(struct box *b)
{
	b->result = ENGINE_FAILED + 1;
	leave(b, WHY_DONE);
}

static void leave_by_no_port(struct box *b)
{
	leave_for_a_good_reason(b);
	kvm.run->io.port = 0x80;
}

/* Nothing enters a VM again that did what no engine does.  */
START_TEST(broken_stays_broken)
{
	static void (*const ways[])(struct box *) = { leave_for_none, leave_for_a_fault, leave_for_a_byte_of_3, leave_for_elsewhere,
						      leave_for_no_file, leave_for_no_page, leave_with_no_result, leave_by_no_port };

	for (unsigned i = 0; i < ARRAY_LEN(ways); i++) {
		machine_open(ways[i]);
		kvm.entries = 0;
		ck_assert_int_eq(run(), EXIT_INTERNAL);
		kvm.inside = leave_for_a_good_reason;
		ck_assert_int_eq(run(), EXIT_INTERNAL);
		ck_assert_uint_eq(kvm.entries, 1);
		ck_assert_uint_eq(m.loads + m.stores + m.xo_reads, 0);
		machine_destroy();
	}
}
END_TEST

static const struct xo_tables *answered;

/* Asks for one page record after the other; what it was given is where a VM can see it, and as the machine has it.  */
static void leave_for_pages(struct box *b)
{
	static struct xo_tables given;

	if (kvm.entries == 2) {
		ck_assert(!b->xo_good);
	} else if (kvm.entries == 3) {
		given = b->tables;
		answered = b->xo_good ? &given : NULL;
		leave_for_a_good_reason(b);
		return;
	}
	b->xo_file = 0;
	b->xo_page = kvm.entries - 1;
	leave(b, WHY_XO);
}

START_TEST(page_records_are_copies)
{
	machine_open(leave_for_pages);
	kvm.entries = 0;
	ck_assert_int_eq(run(), EXIT_POLL);
	ck_assert_uint_eq(m.xo_reads, 2);
	ck_assert_ptr_nonnull(answered);
	ck_assert_uint_eq(answered->ntext, 200);
	ck_assert_uint_eq(answered->text_at, 100);
	ck_assert_uint_eq(answered->text[0], 0x90);
	ck_assert_uint_eq(answered->nunits, 0);
	ck_assert_mem_eq(answered->src, record_read(&m, 0, 1)->src, GUEST_PAGE_SIZE);
	ck_assert_ptr_ne(answered->src, record_read(&m, 0, 1)->src);
	ck_assert(answered->text + 200 <= answered->src);
	machine_destroy();
}
END_TEST

/* Events of any kind and number, and more of them than there is room for.  */
static void leave_with_events(struct box *b)
{
	garbage(b->event, sizeof b->event);
	for (unsigned i = 0; i < BOX_EVENTS_MAX; i++)
		if (chance(128))
			b->event[i].kind = below(EVENT_COUNT);
	b->nevents = UINT32_MAX - below(2);
	b->result = ENGINE_POLL;
	leave(b, kvm.entries < 10 ? WHY_EVENTS : WHY_DONE);
}

START_TEST(events_are_numbers_in_our_words)
{
	unsigned lines = 0;
	char *text;

	random_bits = (struct rng){ .state = 0x10c };
	machine_open(leave_with_events);
	log_begin("exec,smc,tlb,int");
	kvm.entries = 0;
	ck_assert_int_eq(run(), EXIT_POLL);
	ck_assert_uint_eq(kvm.entries, 10);
	ck_assert_uint_eq(m.loads + m.stores + m.xo_reads, 0);
	machine_destroy();
	text = log_text();
	for (const char *p = text; *p; p++) {
		ck_assert(*p == '\n' || (*p >= ' ' && *p <= '~'));
		lines += *p == '\n';
	}
	ck_assert_uint_le(lines, 10 * BOX_EVENTS_MAX);
	ck_assert_uint_ge(lines, 10 * BOX_EVENTS_MAX / 4);
	ck_assert_uint_eq(lines, log_count(text, "exec: ") + log_count(text, "smc: ") + log_count(text, "tlb: ") + log_count(text, "int: "));
	free(text);
}
END_TEST

/* The exit itself: only one kind is none of KVM's troubles.  */
static void leave_in_any_way(struct box *b)
{
	static const uint16_t ports[] = { INSIDE_PORT_LEAVE, INSIDE_PORT_FATAL, 0, 0x12, 0x3f8, 0xffff };
	struct kvm_run *r = kvm.run;

	leave_for_a_good_reason(b);
	garbage(r, sizeof *r);
	r->exit_reason = chance(200) ? KVM_EXIT_IO : below(64);
	r->io.port = ports[below(ARRAY_LEN(ports))];
	r->io.size = (uint8_t)(1u << below(3));
	r->io.direction = (uint8_t)below(2);
	r->io.count = chance(128) ? 1 : rng_next(&random_bits);
	if (chance(128))
		r->io.data_offset = below(2 * RUN_SIZE);
}

static bool is_leave(const struct kvm_run *r)
{
	return r->exit_reason == KVM_EXIT_IO && r->io.port == INSIDE_PORT_LEAVE && r->io.size == 4 && r->io.direction == KVM_EXIT_IO_OUT &&
	       r->io.count == 1;
}

START_TEST(whatever_the_exit_is)
{
	unsigned good = 0;

	random_bits = (struct rng){ .state = 0x777 };
	for (unsigned round = 0; round < ROUNDS; round++) {
		enum accel_exit x;

		machine_open(leave_in_any_way);
		x = run();
		ck_assert_int_eq(x, is_leave(kvm.run) ? EXIT_POLL : EXIT_INTERNAL);
		good += x == EXIT_POLL;
		machine_destroy();
	}
	ck_assert_uint_gt(good, 0);
}
END_TEST

/* --- pointers --- */

static void create_badly(struct box *b)
{
	uint8_t *arena = b->cfg.arena;
	uint64_t size = b->cfg.arena_size;

	create_well(b);
	switch (below(6)) {
	case 0: b->engine = (struct engine *)(void *)(arena + 8); break;
	case 1: b->engine = NULL; break;
	case 2: b->cpu.tlb = NULL; break;
	case 3: b->cpu.tlb = (struct tlb *)(void *)(arena - 8); break;
	case 4: b->cpu.tlb = (struct tlb *)(void *)(arena + size - 8); break;
	default: b->result = 1 + below(1000); break;
	}
}

START_TEST(an_engine_elsewhere)
{
	random_bits = (struct rng){ .state = 0x31 };
	for (unsigned round = 0; round < 60; round++) {
		struct err e = ERR_INIT;

		kvm.create = create_badly;
		ck_assert_int_eq(machine_create(&e), ST_INTERNAL);
		ck_assert(e.text[0]);
		machine_destroy();
	}
}
END_TEST

/* The engine's structures are the VM's, and statistics and profiles are read from them at the end.  The profile is somewhere, in the
   arena, or in it but for a page.  */
static void spoil_the_arena(struct box *b)
{
	struct engine *e = (struct engine *)(void *)b->cfg.arena;
	uint8_t *end = (uint8_t *)b->cfg.arena + b->cfg.arena_size;
	unsigned n = 1 + below(40);

	garbage(e, ARENA_SPOILT);
	if (chance(64)) {
		e->nprofile = chance(128) ? below(2 * PROFILE_MAX) : e->nprofile;
	} else {
		e->profile = (struct profile_page *)(void *)(end - n * sizeof *e->profile - below(2) * 8);
		e->nprofile = n + below(2);
		garbage(e->profile, (size_t)(end - (uint8_t *)e->profile));
	}
	leave_for_a_good_reason(b);
}

START_TEST(an_engine_of_garbage)
{
	char path[] = P_tmpdir "/athanor-exits-XXXXXX";
	int fd = mkstemp(path);
	unsigned pages = 0;

	ck_assert_int_ge(fd, 0);
	close(fd);
	random_bits = (struct rng){ .state = 0x5eed };
	for (unsigned round = 0; round < 40; round++) {
		struct accel_count counts[ACCEL_COUNTS_MAX];
		struct engine_stats sum = { 0 };
		struct err e = ERR_INIT;
		struct engine *engine;

		machine_open(spoil_the_arena);
		ck_assert_int_eq(run(), EXIT_POLL);
		engine = accel_kvm.engine(m.accel);
		engine_stats_add(&sum, engine_get_stats(engine));
		for (unsigned i = 0; engine_profile_page(engine, i); i++)
			pages++;
		unlink(path);
		ck_assert_msg(profile_save(path, engine, ISA_R2, &e) == ST_OK, "%s", e.text);
		ck_assert_uint_gt(accel_kvm.counts(m.accel, counts), 0);
		machine_destroy();
	}
	unlink(path);
	ck_assert_uint_gt(pages, 40); /* some were taken for what they said they were */
}
END_TEST

/* Warnings are what these tests are after, hundreds of them; a sanitizer's words do not go through this stream.  */
static void no_warnings(void) { stderr = fopen("/dev/null", "w"); }

Suite *exits_suite(void)
{
	Suite *s = suite_create("exits");
	TCase *t = tcase_create("exits");

	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, no_warnings, NULL);
	tcase_add_checked_fixture(t, temp_dir_make, temp_dir_drop);
	tcase_add_test(t, whatever_the_box_holds);
	tcase_add_test(t, broken_stays_broken);
	tcase_add_test(t, page_records_are_copies);
	tcase_add_test(t, events_are_numbers_in_our_words);
	tcase_add_test(t, whatever_the_exit_is);
	tcase_add_test(t, an_engine_elsewhere);
	tcase_add_test(t, an_engine_of_garbage);
	suite_add_tcase(s, t);
	return s;
}
