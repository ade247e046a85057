/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A VM with the engine's image in it: /dev/kvm, memory, registers, entries and exits.  Knows nothing of guests and devices.
 *
 * The one processor starts in 64-bit mode with paging on, at CPL 3.  All memory of the VM is regions; each is one memory
 * slot, at physical addresses of its own.
 */
#ifndef ATHANOR_ACCEL_KVM_VM_H
#define ATHANOR_ACCEL_KVM_VM_H

#include <signal.h>

#include "base/err.h"
#include "dbt-runtime/inside/box.h"

#define KVM_REGIONS_MAX 32u

struct kvm_region {
	uint8_t *at;          /* in this process; page aligned, and as far from a multiple of 2 MiB as `pa` is */
	uint64_t size, pa;
	void *reserved;       /* mapping to be undone */
	uint64_t nreserved;
};

struct kvm_vm {
	int dev, vm, vcpu;
	struct kvm_run *run;
	sigset_t signals;     /* blocked before kvm_vm_hold */
	uint64_t run_size;
	bool bmi2;
	struct inside_header image;
	struct box *box;      /* the first thing of its region */
	struct pages pages;   /* until kvm_vm_start: then box->pages is the one that counts */
	struct kvm_region region[KVM_REGIONS_MAX];
	unsigned nregions;
	uint64_t next_pa;
	const struct kvm_region *stack0; /* region that holds the stack exceptions push to */
};

/**
 * kvm_vm_probe - can this host run a VM for this user?
 * No side effects.  Errors: ST_HOST /dev/kvm is absent or may not be opened; ST_UNSUPPORTED it cannot do what is needed, or this build has
 * no engine image.  The text names reason and remedy.
 */
enum status kvm_vm_probe(struct err *e) MUST_CHECK;

/**
 * kvm_vm_create - a VM with the engine's image, descriptor tables, and a box of @box_size bytes
 * @tables: page tables it may need at most
 * Errors: as kvm_vm_probe; ST_HOST, ST_NOMEM.  On failure kvm_vm_destroy is still to be called.
 */
enum status kvm_vm_create(struct kvm_vm *v, uint64_t box_size, uint32_t tables, struct err *e) MUST_CHECK;
void kvm_vm_destroy(struct kvm_vm *v); /* accepts a zeroed or half-made one */

/**
 * kvm_vm_add - a new region of zero-filled memory, seen in the VM at the address it has here, at CPL 3, not executable
 * @fd:    file to share, or -1
 * @flags: PTE_WRITE, or 0: the VM may only read
 * Errors: ST_HOST, ST_NOMEM, ST_FULL
 */
enum status kvm_vm_add(struct kvm_vm *v, const char *name, uint64_t size, int fd, uint64_t flags, const struct kvm_region **out,
		       struct err *e) MUST_CHECK;

/* kvm_vm_alias - @region is to be seen at @addr too.  @flags: as pages_map.  Errors: ST_FULL.  */
enum status kvm_vm_alias(struct kvm_vm *v, const struct kvm_region *region, uint64_t addr, uint64_t flags, struct err *e) MUST_CHECK;

/* kvm_vm_start - set registers so that the next entry begins at the image's entry, with @stack_top.  Errors: ST_HOST.  */
enum status kvm_vm_start(struct kvm_vm *v, uint64_t stack_top, struct err *e) MUST_CHECK;

/*
 * From kvm_vm_hold to kvm_vm_release no signal handler runs: a signal that comes meanwhile ends kvm_vm_enter, however close before it
 * came.  So what a handler asks for is not overlooked: release, look, hold, enter.
 */
void kvm_vm_hold(struct kvm_vm *v);
void kvm_vm_release(struct kvm_vm *v);

/**
 * kvm_vm_enter - run inside until it leaves; signals are held
 * KVM_VM_LEFT: box->why says for what; KVM_VM_SIGNAL: a signal came; KVM_VM_BROKEN: it cannot go on, @e says why.
 */
enum kvm_vm_left { KVM_VM_LEFT, KVM_VM_SIGNAL, KVM_VM_BROKEN };
enum kvm_vm_left kvm_vm_enter(struct kvm_vm *v, struct err *e);

#endif
