/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  Numbers of registers and descriptors: Intel SDM volume 3, chapters 2, 3 and 6; of ioctls: Linux
 * Documentation/virt/kvm/api.rst.
 */
#define _GNU_SOURCE
#include "dbt-runtime/accel/kvm_vm.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dbt-runtime/accel/kvm_image.h"
#include "pcmap/xabi.h"

#define DEVICE "/dev/kvm"
#define LARGE 0x200000ull
#define PA_FIRST 0x100000000ull /* above everything a PC keeps below 4 GiB */

#define CR0_VALUE 0x80050033ull /* PG, AM, WP, NE, ET, MP, PE: with AM a misaligned access of translated code is #AC */
#define CR4_VALUE 0x620ull      /* PAE, OSFXSR, OSXMMEXCPT */
#define EFER_VALUE 0xd01ull     /* SCE, LME, LMA, NXE */
#define CPUID_ENTRIES 256u
#define CPUID_7_EBX_BMI2 (1u << 8)

static uint64_t round_up(uint64_t n, uint64_t to) { return (n + to - 1) & ~(to - 1); }

/* --- the device --- */

static enum status device_open(int *fd, struct err *e)
{
	static const struct { int cap; const char *name; } needed[] = {
		{ KVM_CAP_USER_MEMORY, "user memory" }, { KVM_CAP_EXT_CPUID, "processor identification" },
	};
	int f = open(DEVICE, O_RDWR | O_CLOEXEC);

	if (f < 0 && (errno == ENOENT || errno == ENXIO || errno == ENODEV))
		return err_set(e, ST_HOST, "kvm: " DEVICE " is not there: load kvm_intel or kvm_amd, or switch virtualisation on in the firmware; "
			       "or use -accel inproc");
	if (f < 0 && (errno == EACCES || errno == EPERM))
		return err_set(e, ST_HOST, "kvm: no permission to use " DEVICE ": join the group that owns it (usually kvm), or use -accel inproc");
	if (f < 0)
		return err_set(e, ST_HOST, "kvm: cannot open " DEVICE ": %s", strerror(errno));
	*fd = f;
	if (ioctl(f, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		return err_set(e, ST_UNSUPPORTED, "kvm: " DEVICE " does not speak version %d of the KVM interface; use -accel inproc", KVM_API_VERSION);
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (ioctl(f, KVM_CHECK_EXTENSION, needed[i].cap) <= 0)
			return err_set(e, ST_UNSUPPORTED, "kvm: this kernel's KVM has no %s; use -accel inproc", needed[i].name);
	return ST_OK;
}

enum status kvm_vm_probe(struct err *e)
{
	enum status s;
	size_t size;
	int fd = -1;

	kvm_image(&size);
	if (!size)
		return err_set(e, ST_UNSUPPORTED, "kvm: this build (with sanitizers) has no engine to put into a VM; use -accel inproc");
	s = device_open(&fd, e);
	if (fd >= 0)
		close(fd);
	return s;
}

/* --- memory --- */

/* What is at the same address on both sides must not be where the VM has things of its own.  */
static bool is_free_inside(const struct kvm_region *r)
{
	return (uintptr_t)r->at >= XABI_WINDOW_BASE + XABI_WINDOWS_MAX * XABI_WINDOW_STRIDE;
}

static enum status slot_add(struct kvm_vm *v, const char *name, const struct kvm_region *r, struct err *e)
{
	struct kvm_userspace_memory_region m = { .slot = v->nregions, .guest_phys_addr = r->pa, .memory_size = r->size,
						 .userspace_addr = (uintptr_t)r->at };

	if (v->nregions == KVM_REGIONS_MAX)
		return err_set(e, ST_FULL, "kvm: too many pieces of memory");
	if (!is_free_inside(r))
		return err_set(e, ST_HOST, "kvm: the VM's %s is at %p, which is taken inside", name, (void *)r->at);
	if (ioctl(v->vm, KVM_SET_USER_MEMORY_REGION, &m) < 0)
		return err_set(e, ST_HOST, "kvm: cannot give the VM its %s (%llu MiB): %s", name, (unsigned long long)(r->size >> 20), strerror(errno));
	v->region[v->nregions++] = *r;
	v->next_pa = round_up(r->pa + r->size, LARGE);
	return ST_OK;
}

/* Memory that starts at a multiple of 2 MiB here, too, so that both kinds of page tables can use large pages.  */
static enum status region_new(struct kvm_vm *v, const char *name, uint64_t size, int fd, struct kvm_region *r, struct err *e)
{
	uint8_t *at;
	void *p;

	*r = (struct kvm_region){ .size = round_up(size, GUEST_PAGE_SIZE), .pa = v->next_pa, .nreserved = round_up(size, LARGE) + LARGE };
	p = mmap(NULL, r->nreserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return err_set(e, ST_NOMEM, "kvm: no address space for the VM's %s: %s", name, strerror(errno));
	at = (uint8_t *)round_up((uintptr_t)p, LARGE);
	r->reserved = p;
	r->at = at;
	p = mmap(at, r->size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_NORESERVE | (fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED), fd, 0);
	if (p == MAP_FAILED) {
		int why = errno;

		munmap(r->reserved, r->nreserved);
		return err_set(e, ST_NOMEM, "kvm: no memory for the VM's %s: %s", name, strerror(why));
	}
	return ST_OK;
}

static enum status region_add(struct kvm_vm *v, const char *name, uint64_t size, int fd, const struct kvm_region **out, struct err *e)
{
	struct kvm_region r;
	enum status s = region_new(v, name, size, fd, &r, e);

	if (s != ST_OK)
		return s;
	s = slot_add(v, name, &r, e);
	if (s != ST_OK)
		munmap(r.reserved, r.nreserved);
	else
		*out = &v->region[v->nregions - 1];
	return s;
}

static enum status map(struct kvm_vm *v, uint64_t addr, uint64_t pa, uint64_t size, uint64_t flags, struct err *e)
{
	if (!pages_map(&v->pages, addr, pa, round_up(size, GUEST_PAGE_SIZE), flags))
		return err_set(e, ST_FULL, "kvm: out of page tables");
	return ST_OK;
}

enum status kvm_vm_alias(struct kvm_vm *v, const struct kvm_region *region, uint64_t addr, uint64_t flags, struct err *e)
{
	return map(v, addr, region->pa, region->size, flags, e);
}

enum status kvm_vm_add(struct kvm_vm *v, const char *name, uint64_t size, int fd, uint64_t flags, const struct kvm_region **out,
		       struct err *e)
{
	enum status s = region_add(v, name, size, fd, out, e);

	return s == ST_OK ? kvm_vm_alias(v, *out, (uintptr_t)(*out)->at, flags | PTE_USER | PTE_NX, e) : s;
}

static enum status tables_create(struct kvm_vm *v, uint32_t tables, struct err *e)
{
	const struct kvm_region *r;
	enum status s = region_add(v, "page tables", (uint64_t)tables * PAGES_TABLE, -1, &r, e);

	if (s != ST_OK)
		return s;
	pages_init(&v->pages, (uint64_t *)(void *)r->at, r->pa, tables);
	return kvm_vm_alias(v, r, (uintptr_t)r->at, PTE_USER | PTE_WRITE | PTE_NX, e);
}

/* --- the image --- */

static enum status image_load(struct kvm_vm *v, struct err *e)
{
	size_t size;
	const uint8_t *elf = kvm_image(&size);
	const Elf64_Ehdr *h = (const Elf64_Ehdr *)(const void *)elf;
	const Elf64_Phdr *p = (const Elf64_Phdr *)(const void *)(elf + h->e_phoff);
	const struct kvm_region *r;
	uint64_t end = INSIDE_BASE;
	enum status s;

	for (unsigned i = 0; i < h->e_phnum; i++)
		if (p[i].p_type == PT_LOAD && p[i].p_vaddr + p[i].p_memsz > end)
			end = p[i].p_vaddr + p[i].p_memsz;
	s = region_add(v, "engine", end - INSIDE_BASE, -1, &r, e);
	for (unsigned i = 0; i < h->e_phnum && s == ST_OK; i++) {
		uint64_t off = p[i].p_vaddr - INSIDE_BASE;

		if (p[i].p_type != PT_LOAD)
			continue;
		memcpy(r->at + off, elf + p[i].p_offset, p[i].p_filesz);
		s = map(v, p[i].p_vaddr, r->pa + off, p[i].p_memsz,
			PTE_USER | (p[i].p_flags & PF_W ? PTE_WRITE : 0) | (p[i].p_flags & PF_X ? 0 : PTE_NX), e);
	}
	if (s != ST_OK)
		return s;
	memcpy(&v->image, r->at, sizeof v->image);
	v->stack0 = r;
	return v->image.magic == INSIDE_MAGIC ? ST_OK : err_set(e, ST_INTERNAL, "kvm: the engine's image has no header");
}

/* --- descriptors --- */

#define GDT_ENTRIES 10u
#define TSS_PORTS 104u /* where the map of permitted ports begins: 32 ports, and a byte of ones behind them */
#define TSS_LIMIT (TSS_PORTS + 4)
#define IDT_OFF 0x400u
#define TSS_OFF 0x800u

static void gate(uint8_t *idt, unsigned vector, uint64_t to)
{
	uint64_t low = (to & 0xffff) | (uint64_t)INSIDE_KERNEL_CODE << 16 | 0x8e00ull << 32 | (to >> 16 & 0xffff) << 48, high = to >> 32;

	memcpy(idt + 16 * vector, &low, 8);
	memcpy(idt + 16 * vector + 8, &high, 8);
}

static enum status descriptors_create(struct kvm_vm *v, struct err *e)
{
	uint64_t gdt[GDT_ENTRIES] = { [INSIDE_KERNEL_CODE / 8] = 0x00af9b000000ffff, [INSIDE_KERNEL_DATA / 8] = 0x00cf93000000ffff,
				      [INSIDE_USER_DATA / 8] = 0x00cff3000000ffff, [INSIDE_USER_CODE / 8] = 0x00affb000000ffff };
	const struct kvm_region *r;
	enum status s = region_add(v, "descriptor tables", GUEST_PAGE_SIZE, -1, &r, e);
	struct kvm_sregs sr;
	uint64_t tss;

	if (s == ST_OK)
		s = kvm_vm_alias(v, r, (uintptr_t)r->at, PTE_WRITE | PTE_NX, e);
	if (s != ST_OK)
		return s;
	tss = (uintptr_t)r->at + TSS_OFF;
	gdt[INSIDE_TSS / 8] = TSS_LIMIT | (tss & 0xffffff) << 16 | 0x8bull << 40 | (tss >> 24 & 0xff) << 56;
	gdt[INSIDE_TSS / 8 + 1] = tss >> 32;
	memcpy(r->at, gdt, sizeof gdt);
	for (unsigned i = 0; i < INSIDE_VECTORS; i++)
		gate(r->at + IDT_OFF, i, v->image.vectors + i * INSIDE_VECTOR_STRIDE);
	memcpy(r->at + TSS_OFF + 4, &v->image.stack0_top, 8); /* RSP0 */
	r->at[TSS_OFF + 102] = TSS_PORTS;
	r->at[TSS_OFF + TSS_LIMIT] = 0xff;
	if (ioctl(v->vcpu, KVM_GET_SREGS, &sr) < 0)
		return err_set(e, ST_HOST, "kvm: cannot read registers: %s", strerror(errno));
	sr.cs = sr.ss = (struct kvm_segment){ .limit = 0xffffffff, .present = 1, .dpl = 3, .s = 1, .g = 1 };
	sr.cs.selector = INSIDE_USER_CODE, sr.cs.type = 11, sr.cs.l = 1;
	sr.ss.selector = INSIDE_USER_DATA, sr.ss.type = 3, sr.ss.db = 1;
	sr.ds = sr.es = sr.fs = sr.gs = sr.ss;
	sr.tr = (struct kvm_segment){ .selector = INSIDE_TSS, .base = tss, .limit = TSS_LIMIT, .type = 11, .present = 1 };
	sr.ldt = (struct kvm_segment){ .unusable = 1, .type = 2 };
	sr.gdt = (struct kvm_dtable){ .base = (uintptr_t)r->at, .limit = sizeof gdt - 1 };
	sr.idt = (struct kvm_dtable){ .base = (uintptr_t)r->at + IDT_OFF, .limit = 16 * INSIDE_VECTORS - 1 };
	sr.cr0 = CR0_VALUE;
	sr.cr3 = v->pages.pa;
	sr.cr4 = CR4_VALUE;
	sr.efer = EFER_VALUE;
	if (ioctl(v->vcpu, KVM_SET_SREGS, &sr) < 0)
		return err_set(e, ST_HOST, "kvm: the VM cannot start in 64-bit mode: %s", strerror(errno));
	return ST_OK;
}

/* --- life --- */

static enum status identify(struct kvm_vm *v, struct err *e)
{
	struct kvm_cpuid2 *c = calloc(1, sizeof *c + CPUID_ENTRIES * sizeof c->entries[0]);
	bool ok;

	if (!c)
		return err_set(e, ST_NOMEM, "kvm: out of memory");
	c->nent = CPUID_ENTRIES;
	ok = ioctl(v->dev, KVM_GET_SUPPORTED_CPUID, c) >= 0 && ioctl(v->vcpu, KVM_SET_CPUID2, c) >= 0;
	for (unsigned i = 0; ok && i < c->nent; i++)
		if (c->entries[i].function == 7 && c->entries[i].index == 0)
			v->bmi2 = c->entries[i].ebx & CPUID_7_EBX_BMI2;
	free(c);
	return ok ? ST_OK : err_set(e, ST_HOST, "kvm: cannot tell the VM what processor it has: %s", strerror(errno));
}

static enum status vcpu_create(struct kvm_vm *v, struct err *e)
{
	int size = ioctl(v->dev, KVM_GET_VCPU_MMAP_SIZE, 0);
	void *p;

	do
		v->vm = ioctl(v->dev, KVM_CREATE_VM, 0);
	while (v->vm < 0 && errno == EINTR);
	if (v->vm < 0)
		return err_set(e, ST_HOST, "kvm: cannot create a VM: %s", strerror(errno));
	v->vcpu = ioctl(v->vm, KVM_CREATE_VCPU, 0);
	if (v->vcpu < 0 || size < (int)sizeof *v->run)
		return err_set(e, ST_HOST, "kvm: cannot create a processor: %s", strerror(errno));
	p = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, v->vcpu, 0);
	if (p == MAP_FAILED)
		return err_set(e, ST_HOST, "kvm: cannot map a processor: %s", strerror(errno));
	v->run = p;
	v->run_size = (uint64_t)size;
	return identify(v, e);
}

enum status kvm_vm_create(struct kvm_vm *v, uint64_t box_size, uint32_t tables, struct err *e)
{
	const struct kvm_region *r;
	enum status s;

	*v = (struct kvm_vm){ .dev = -1, .vm = -1, .vcpu = -1, .next_pa = PA_FIRST };
	s = device_open(&v->dev, e);
	if (s == ST_OK)
		s = vcpu_create(v, e);
	if (s == ST_OK)
		s = tables_create(v, tables, e);
	if (s == ST_OK)
		s = image_load(v, e);
	if (s == ST_OK)
		s = descriptors_create(v, e);
	if (s == ST_OK)
		s = kvm_vm_add(v, "mailbox", box_size, -1, PTE_WRITE, &r, e);
	if (s == ST_OK)
		v->box = (struct box *)(void *)r->at;
	return s;
}

void kvm_vm_destroy(struct kvm_vm *v)
{
	if (v->run)
		munmap(v->run, v->run_size);
	if (v->run || v->vcpu > 0)
		close(v->vcpu);
	if (v->vm > 0)
		close(v->vm);
	if (v->dev > 0)
		close(v->dev);
	for (unsigned i = 0; i < v->nregions; i++)
		if (v->region[i].reserved)
			munmap(v->region[i].reserved, v->region[i].nreserved);
	memset(v, 0, sizeof *v);
}

/* --- entries --- */

/* The set by which signals are let in while the VM runs.  The kernel's set is 8 bytes, whatever the C library's is.  */
static enum status signals_let_in(struct kvm_vm *v, struct err *e)
{
	union {
		struct kvm_signal_mask m;
		uint8_t bytes[sizeof(struct kvm_signal_mask) + 8];
	} set = { .m.len = 8 };

	if (sigprocmask(SIG_SETMASK, NULL, &v->signals) < 0)
		return err_set(e, ST_HOST, "kvm: cannot read the signal mask: %s", strerror(errno));
	memcpy(set.bytes + sizeof set.m, &v->signals, 8);
	if (ioctl(v->vcpu, KVM_SET_SIGNAL_MASK, &set) < 0)
		return err_set(e, ST_HOST, "kvm: cannot set the processor's signal mask: %s", strerror(errno));
	return ST_OK;
}

void kvm_vm_hold(struct kvm_vm *v)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP };
	sigset_t all;

	sigfillset(&all);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		sigdelset(&all, faults[i]);
	sigprocmask(SIG_BLOCK, &all, &v->signals);
}

void kvm_vm_release(struct kvm_vm *v)
{
	sigprocmask(SIG_SETMASK, &v->signals, NULL);
}

enum status kvm_vm_start(struct kvm_vm *v, uint64_t stack_top, struct err *e)
{
	struct kvm_regs r = { .rip = v->image.entry, .rsp = stack_top, .rdi = (uintptr_t)v->box, .rflags = INSIDE_RFLAGS };

	v->box->pages = v->pages;
	if (ioctl(v->vcpu, KVM_SET_REGS, &r) < 0)
		return err_set(e, ST_HOST, "kvm: cannot set registers: %s", strerror(errno));
	return signals_let_in(v, e);
}

/* What the processor pushed when it took an exception nobody expects; all but the vector is for the report only.  */
static enum kvm_vm_left exception(const struct kvm_vm *v, unsigned vector, struct err *e)
{
	uint64_t pushed[6];

	memcpy(pushed, v->stack0->at + (v->image.stack0_top - sizeof pushed - INSIDE_BASE), sizeof pushed);
	err_set(e, ST_INTERNAL, "kvm: exception %u inside the VM; rip 0x%llx rsp 0x%llx flags 0x%llx error 0x%llx", vector,
		(unsigned long long)pushed[1], (unsigned long long)pushed[4], (unsigned long long)pushed[3], (unsigned long long)pushed[0]);
	return KVM_VM_BROKEN;
}

static enum kvm_vm_left left_by_port(const struct kvm_vm *v, struct err *e)
{
	const struct kvm_run *r = v->run;

	if (r->io.direction == KVM_EXIT_IO_OUT && r->io.count == 1 && r->io.port == INSIDE_PORT_LEAVE && r->io.size == 4)
		return KVM_VM_LEFT;
	if (r->io.port == INSIDE_PORT_FATAL && r->io.size == 1 && r->io.data_offset < v->run_size)
		return exception(v, ((const uint8_t *)r)[r->io.data_offset], e);
	err_set(e, ST_INTERNAL, "kvm: the VM used port 0x%x, which is not there", r->io.port);
	return KVM_VM_BROKEN;
}

static void where(const struct kvm_vm *v, struct err *e)
{
	struct kvm_regs r;

	if (ioctl(v->vcpu, KVM_GET_REGS, &r) >= 0)
		err_context(e, "rip 0x%llx rsp 0x%llx rflags 0x%llx", r.rip, r.rsp, r.rflags);
}

enum kvm_vm_left kvm_vm_enter(struct kvm_vm *v, struct err *e)
{
	if (ioctl(v->vcpu, KVM_RUN, 0) < 0) {
		if (errno == EINTR || errno == EAGAIN)
			return KVM_VM_SIGNAL;
		err_set(e, ST_INTERNAL, "kvm: the VM cannot run: %s", strerror(errno));
		return KVM_VM_BROKEN;
	}
	if (v->run->exit_reason == KVM_EXIT_IO)
		return left_by_port(v, e);
	if (v->run->exit_reason == KVM_EXIT_MMIO)
		err_set(e, ST_INTERNAL, "kvm: the VM touched physical address 0x%llx, where nothing is", (unsigned long long)v->run->mmio.phys_addr);
	else
		err_set(e, ST_INTERNAL, "kvm: the VM ended with exit reason %u (%llu)", v->run->exit_reason,
			(unsigned long long)v->run->hw.hardware_exit_reason);
	where(v, e);
	return KVM_VM_BROKEN;
}
