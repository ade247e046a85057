/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one exit of a VM costs on this host, by trying it: a VM of the smallest kind that enters and leaves a few times.
 */
#define _GNU_SOURCE
#include "dbt-runtime/accel/kvm_cost.h"

#include "base/host_time.h"
#include "dbt-runtime/accel/kvm_vm.h"

#define ROUNDS 16u
#define TABLES 64u
#define STACK_SIZE 8192u

/* The cheapest of a few: whatever else the host does at the moment only adds.  */
static enum status measure(struct kvm_vm *v, uint64_t *ns, struct err *e)
{
	*ns = UINT64_MAX;
	v->box->command = COMMAND_PING;
	for (unsigned i = 0; i < ROUNDS; i++) {
		uint64_t from = host_ns(), took;
		enum kvm_vm_left left = kvm_vm_enter(v, e);

		if (left == KVM_VM_BROKEN)
			return ST_HOST;
		took = host_ns() - from;
		if (left == KVM_VM_LEFT && took < *ns)
			*ns = took;
	}
	return *ns == UINT64_MAX ? err_set(e, ST_HOST, "kvm: the VM does not answer") : ST_OK;
}

enum status kvm_exit_cost(uint64_t *ns, struct err *e)
{
	struct kvm_vm v;
	uint64_t size = (sizeof(struct box) + 63) / 64 * 64 + STACK_SIZE;
	enum status s = kvm_vm_create(&v, size, TABLES, e);

	if (s == ST_OK)
		s = kvm_vm_start(&v, (uintptr_t)v.box + size, e);
	if (s == ST_OK)
		s = measure(&v, ns, e);
	kvm_vm_destroy(&v);
	return s;
}
