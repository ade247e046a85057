/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The in-process accelerator: windows are host mappings of the RAM file, a guest page that is not mapped is a SIGSEGV, and the
 * code cache is one memfd seen twice (writable here, executable there).
 *
 * The address map is fixed (pcmap/xabi.h), so one process runs one such machine.  Translated code runs with EFLAGS.AC set:
 * a misaligned guest access is a SIGBUS, for nothing.
 */
#define _GNU_SOURCE
#include "dbt-runtime/accel/accel.h"

#include <cpuid.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/alignment.h"
#include "base/host_time.h"
#include "base/log.h"
#include "dbt-runtime/accel/event_log.h"
#include "pcmap/xabi.h"

#define SIGNAL_STACK_SIZE 65536u
#define WINDOWS_SIZE (XABI_WINDOWS_MAX * XABI_WINDOW_STRIDE)
#define PAGE_FAULT_WRITE 2u /* error code bit of an x86 page fault */

struct accel {
	struct accel_cfg cfg;
	struct engine_host host;
	struct engine *engine;
	uint8_t *arena, *code_rw;
	size_t arena_size;
	void *code_rx, *windows, *signal_stack;
	bool handlers;
	struct sigaction old_segv, old_bus;
	stack_t old_stack;
};

/* The one machine whose faults the handler serves; set while handlers are installed.  */
static struct accel *running;

/* --- engine_host --- */

static int host_prot(unsigned prot)
{
	return (prot & HOST_READ ? PROT_READ : 0) | (prot & HOST_WRITE ? PROT_WRITE : 0);
}

static bool host_map(void *opaque, uint64_t addr, uint64_t offset, uint64_t length, unsigned prot)
{
	const struct accel *a = opaque;

	return mmap((void *)(uintptr_t)addr, length, host_prot(prot), MAP_SHARED | MAP_FIXED, a->cfg.ram_fd, (off_t)offset) != MAP_FAILED;
}

static bool host_protect(void *opaque, uint64_t addr, uint64_t length, unsigned prot)
{
	(void)opaque;
	return !mprotect((void *)(uintptr_t)addr, length, host_prot(prot));
}

static bool host_unmap(void *opaque, uint64_t addr, uint64_t length)
{
	(void)opaque;
	/* MAP_FIXED replaces; it can only fail for want of memory, and then the old mapping must not stay.  */
	return mmap((void *)(uintptr_t)addr, length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED ||
	       !munmap((void *)(uintptr_t)addr, length);
}

static void host_zero(void *opaque, uint64_t addr, uint64_t length)
{
	(void)opaque;
	madvise((void *)(uintptr_t)addr, length, MADV_DONTNEED);
}

static uint64_t host_time(void *opaque)
{
	(void)opaque;
	return host_ns();
}

/* --- faults --- */

/* ucontext order of the x86-64 registers, by their encoding number.  */
static const int reg_index[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
				   REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

static void not_ours(int sig, const struct sigaction *old)
{
	sigaction(sig, old, NULL); /* the instruction faults again, and the process ends as it would have */
}

/* Never inlined: its caller has cleared EFLAGS.AC, and nothing here may be scheduled before that.  */
__attribute__((noinline)) static void fault(int sig, const siginfo_t *info, void *context)
{
	greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
	uint64_t regs[16], pc = (uint64_t)g[REG_RIP];
	unsigned i;
	int saved = errno;

	if (info->si_code <= 0) { /* sent by a process: there is no fault, and it does not come again by itself */
		not_ours(sig, sig == SIGBUS ? &running->old_bus : &running->old_segv);
		raise(sig);
		return;
	}
	for (i = 0; i < 16; i++)
		regs[i] = (uint64_t)g[reg_index[i]];
	switch (engine_host_fault(running->engine, &pc, (uint64_t)g[REG_CR2], g[REG_ERR] & PAGE_FAULT_WRITE,
				  sig == SIGBUS && info->si_code == BUS_ADRALN, regs)) {
	case FAULT_RETRY:
		break;
	case FAULT_RESUME:
		g[REG_RIP] = (greg_t)pc;
		break;
	case FAULT_ALIGNMENT:
		if (g[REG_EFL] & EFLAGS_AC) {
			g[REG_EFL] &= ~(greg_t)EFLAGS_AC;
			break;
		}
		/* fall through */
	case FAULT_NOT_OURS:
		not_ours(sig, sig == SIGBUS ? &running->old_bus : &running->old_segv);
		break;
	}
	errno = saved;
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	alignment_check_off();
	fault(sig, info, context);
}

static enum status handlers_install(struct accel *a, struct err *err)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	stack_t ss = { .ss_sp = a->signal_stack, .ss_size = SIGNAL_STACK_SIZE };

	sigemptyset(&sa.sa_mask);
	if (sigaltstack(&ss, &a->old_stack) || sigaction(SIGSEGV, &sa, &a->old_segv) || sigaction(SIGBUS, &sa, &a->old_bus))
		return err_set(err, ST_HOST, "inproc: cannot install fault handlers: %s", strerror(errno));
	a->handlers = true;
	running = a;
	return ST_OK;
}

/* --- life --- */

static bool host_has_bmi2(void)
{
	unsigned eax, ebx, ecx, edx;

	return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_BMI2);
}

static enum status inproc_probe(struct err *err)
{
	if (running)
		return err_set(err, ST_HOST, "inproc: this process already runs a machine");
	return ST_OK;
}

static void *reserve(uint64_t addr, uint64_t size, int prot, int flags, int fd)
{
	void *want = (void *)(uintptr_t)addr;
	void *got = mmap(want, size, prot, flags | MAP_FIXED_NOREPLACE, fd, 0);

	if (got != MAP_FAILED && got != want) { /* a kernel that does not know MAP_FIXED_NOREPLACE */
		munmap(got, size);
		got = MAP_FAILED;
	}
	return got == MAP_FAILED ? NULL : got;
}

static enum status code_create(struct accel *a, struct err *err)
{
	int fd = memfd_create("athanor-code", MFD_CLOEXEC);
	void *rw;

	if (fd < 0 || ftruncate(fd, (off_t)XABI_CODE_SIZE)) {
		if (fd >= 0)
			close(fd);
		return err_set(err, ST_HOST, "inproc: no memory file for the code cache: %s", strerror(errno));
	}
	rw = mmap(NULL, XABI_CODE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	a->code_rw = rw == MAP_FAILED ? NULL : rw;
	a->code_rx = reserve(XABI_CODE_BASE, XABI_CODE_SIZE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_NORESERVE, fd);
	close(fd);
	if (!a->code_rw || !a->code_rx)
		return err_set(err, ST_HOST, "inproc: cannot map the code cache at 0x%llx: %s", (unsigned long long)XABI_CODE_BASE, strerror(errno));
	return ST_OK;
}

static enum status windows_create(struct accel *a, struct err *err)
{
	unsigned w;

	a->windows = reserve(XABI_WINDOW_BASE, WINDOWS_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	if (!a->windows)
		return err_set(err, ST_HOST, "inproc: cannot reserve address space at 0x%llx: %s", (unsigned long long)XABI_WINDOW_BASE, strerror(errno));
	for (w = 0; w < XABI_WINDOWS_MAX; w++)
		if (mprotect((void *)(uintptr_t)(XABI_WINDOW_BASE + w * XABI_WINDOW_STRIDE + XABI_WINDOW_MIRROR), 1ull << 32,
			     PROT_READ | PROT_WRITE))
			return err_set(err, ST_HOST, "inproc: cannot reserve PC-mapping mirrors: %s (vm.overcommit_memory=2?)", strerror(errno));
	return ST_OK;
}

static void inproc_destroy(struct accel *a)
{
	if (!a)
		return;
	if (a->handlers) {
		sigaction(SIGSEGV, &a->old_segv, NULL);
		sigaction(SIGBUS, &a->old_bus, NULL);
		sigaltstack(&a->old_stack, NULL);
		running = NULL;
	}
	if (a->windows)
		munmap(a->windows, WINDOWS_SIZE);
	if (a->code_rx)
		munmap(a->code_rx, XABI_CODE_SIZE);
	if (a->code_rw)
		munmap(a->code_rw, XABI_CODE_SIZE);
	if (a->arena)
		munmap(a->arena, a->arena_size);
	free(a->signal_stack);
	free(a);
}

static enum status memory_create(struct accel *a, struct err *err)
{
	void *arena;
	enum status s;

	a->arena_size = engine_arena_min();
	arena = mmap(NULL, a->arena_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	a->arena = arena == MAP_FAILED ? NULL : arena;
	a->signal_stack = malloc(SIGNAL_STACK_SIZE);
	if (!a->arena || !a->signal_stack)
		return err_set(err, ST_NOMEM, "inproc: out of memory");
	s = code_create(a, err);
	return s == ST_OK ? windows_create(a, err) : s;
}

static enum status inproc_create(const struct accel_cfg *cfg, struct accel **out, struct err *err)
{
	struct accel *a = calloc(1, sizeof *a);
	struct engine_cfg ec;
	enum status s;

	if (!a)
		return err_set(err, ST_NOMEM, "inproc: out of memory");
	a->cfg = *cfg;
	a->host = (struct engine_host){ .machine = cfg->opaque, .io_load = cfg->io_load, .io_store = cfg->io_store, .now_ns = cfg->now_ns,
					.timer_set = cfg->timer_set, .xo_read = cfg->xo_read, .opaque = a, .host_ns = host_time, .log = event_log,
					.map = host_map, .protect = host_protect, .unmap = host_unmap, .zero = host_zero };
	s = memory_create(a, err);
	if (s != ST_OK)
		goto fail;
	ec = (struct engine_cfg){ .cpu = cfg->cpu, .model = cfg->model, .big_endian = cfg->big_endian, .translate = true,
				  .bmi2 = host_has_bmi2(), .arena = a->arena, .arena_size = a->arena_size, .code_rw = a->code_rw,
				  .code_size = XABI_CODE_SIZE, .host = &a->host, .xo = cfg->xo, .nxo = cfg->nxo, .log = log_mask,
				  .profile = cfg->profile };
	s = engine_create(&ec, &a->engine);
	if (s != ST_OK) {
		err_set(err, s, "inproc: the engine cannot start: %s", status_text(s));
		goto fail;
	}
	s = handlers_install(a, err);
	if (s != ST_OK)
		goto fail;
	*out = a;
	return ST_OK;
fail:
	inproc_destroy(a);
	return s;
}

static enum accel_exit inproc_run(struct accel *a, uint64_t deadline_ns, uint64_t insns)
{
	return accel_exit_of(engine_run(a->engine, deadline_ns, insns));
}

static void inproc_ram_write(struct accel *a, gpa pa, uint64_t len)
{
	engine_ram_write(a->engine, pa, len);
}

static void inproc_reset(struct accel *a)
{
	engine_reset(a->engine);
}

static void inproc_disturb(struct accel *a, uint32_t random)
{
	engine_disturb(a->engine, random);
}

static struct engine *inproc_engine(struct accel *a)
{
	return a->engine;
}

const struct accel_ops accel_inproc = {
	.name = "inproc",
	.probe = inproc_probe,
	.create = inproc_create,
	.destroy = inproc_destroy,
	.run = inproc_run,
	.ram_write = inproc_ram_write,
	.reset = inproc_reset,
	.disturb = inproc_disturb,
	.engine = inproc_engine,
};
