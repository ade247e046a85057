/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an exit costs, for -accel auto.
 */
#ifndef ATHANOR_ACCEL_KVM_COST_H
#define ATHANOR_ACCEL_KVM_COST_H

#include "base/err.h"
#include "base/types.h"

/* kvm_exit_cost - nanoseconds from one entry to the next, at best.  Makes a VM and ends it.  Errors: as kvm_vm_create.  */
enum status kvm_exit_cost(uint64_t *ns, struct err *e) MUST_CHECK;

#endif
