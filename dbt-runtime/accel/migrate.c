/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for handing a running machine from one accelerator to another.  What an accelerator has built up stays behind: nothing of
 * it is state of the guest.
 */
#include <stdlib.h>
#include <string.h>

#include "dbt-runtime/accel/accel.h"
#include "isa/tlb.h"

enum status accel_migrate(const struct accel_ops *from, const struct accel_ops *to, const struct accel_cfg *cfg, struct accel **a,
			  struct err *e)
{
	struct cpu *was = malloc(sizeof *was);
	struct tlb *tlb = malloc(tlb_sizeof());
	enum status s = was && tlb ? ST_OK : err_set(e, ST_NOMEM, "out of memory");

	if (s == ST_OK) {
		memcpy(was, cfg->cpu, sizeof *was);
		memcpy(tlb, cfg->cpu->tlb, tlb_sizeof());
		from->reset(*a); /* pages lose their marks, which belong to the banks */
		from->destroy(*a);
		*a = NULL;
		s = to->create(cfg, a, e);
	}
	if (s == ST_OK)
		cpu_resume(cfg->cpu, was, tlb);
	free(was);
	free(tlb);
	return s;
}
