/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LLVM as a code generator: target machines, the optimisation pipeline, and module -> object file in memory.
 * Knows nothing of guests.  The code made depends on the module alone, never on the host.
 */
#ifndef ATHANOR_SBT_OPT_H
#define ATHANOR_SBT_OPT_H

#include <llvm-c/Core.h>

#include "base/err.h"
#include "base/types.h"

struct optimiser;

/* optimiser_create - errors: ST_UNSUPPORTED this LLVM cannot make x86-64 code; ST_NOMEM.  */
enum status optimiser_create(struct optimiser **out, struct err *e) MUST_CHECK;
void optimiser_destroy(struct optimiser *o); /* accepts NULL */

/* optimiser_prepare - set a fresh module's triple and data layout.  */
void optimiser_prepare(const struct optimiser *o, LLVMModuleRef mod);

/**
 * optimiser_run - optimise @mod and compile it
 * @bmi2: the code may use BMI2
 * @dump: append the optimised IR to this file, or NULL
 * @obj:  an ELF object; dispose with LLVMDisposeMemoryBuffer
 * Errors: ST_UNSUPPORTED LLVM failed or complained; the text says how
 */
enum status optimiser_run(struct optimiser *o, LLVMModuleRef mod, bool bmi2, const char *dump, LLVMMemoryBufferRef *obj,
			  struct err *e) MUST_CHECK;

#endif
