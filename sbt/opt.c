/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Target machines and the pass pipeline.  Two machines exist, with and without BMI2; vector and floating-point registers
 * are never used, so that the engine need not save them and no constant pool arises.
 */
#include "sbt/opt.h"

#include <llvm-c/Error.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRIPLE "x86_64-unknown-linux-gnu"
#define CPU "x86-64-v2"
#define NO_VECTORS "-sse,-sse2,-sse3,-ssse3,-sse4.1,-sse4.2,-mmx,-x87"

/* Guest accesses are opaque, so nothing is gained from memory or loop passes; measured within noise of default<O2>.  */
#define PASSES "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg,early-cse," \
	"instcombine<no-verify-fixpoint>,simplifycfg)"

struct optimiser {
	LLVMTargetMachineRef tm[2]; /* by BMI2 */
	LLVMPassBuilderOptionsRef pb;
};

/*
 * Loop strength reduction expresses every register of a guest loop relative to its value at the loop's start, for the sake of
 * recovery blocks that never run: spills all over.  LLVM takes this switch once a process only.
 */
static void set_switches(void)
{
	static const char *const argv[] = { "athanor", "-disable-lsr" };

	LLVMParseCommandLineOptions(2, argv, NULL);
}

enum status optimiser_create(struct optimiser **out, struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct optimiser *o = calloc(1, sizeof *o);
	LLVMTargetRef target;
	char *text = NULL;

	*out = NULL;
	if (!o)
		return err_set(e, ST_NOMEM, "optimiser");
	pthread_once(&once, set_switches);
	LLVMInitializeX86TargetInfo();
	LLVMInitializeX86Target();
	LLVMInitializeX86TargetMC();
	LLVMInitializeX86AsmPrinter();
	LLVMInitializeX86AsmParser();
	if (LLVMGetTargetFromTriple(TRIPLE, &target, &text)) {
		err_set(e, ST_UNSUPPORTED, "LLVM: %s", text);
		LLVMDisposeMessage(text);
		free(o);
		return ST_UNSUPPORTED;
	}
	for (unsigned i = 0; i < 2; i++)
		o->tm[i] = LLVMCreateTargetMachine(target, TRIPLE, CPU, i ? NO_VECTORS ",+bmi2" : NO_VECTORS, LLVMCodeGenLevelDefault,
						   LLVMRelocPIC, LLVMCodeModelSmall);
	o->pb = LLVMCreatePassBuilderOptions();
	if (!o->tm[0] || !o->tm[1] || !o->pb) {
		optimiser_destroy(o);
		return err_set(e, ST_UNSUPPORTED, "LLVM has no x86-64 target machine");
	}
	*out = o;
	return ST_OK;
}

void optimiser_destroy(struct optimiser *o)
{
	if (!o)
		return;
	for (unsigned i = 0; i < 2; i++)
		if (o->tm[i])
			LLVMDisposeTargetMachine(o->tm[i]);
	if (o->pb)
		LLVMDisposePassBuilderOptions(o->pb);
	free(o);
}

void optimiser_prepare(const struct optimiser *o, LLVMModuleRef mod)
{
	LLVMTargetDataRef td = LLVMCreateTargetDataLayout(o->tm[0]);
	char *layout = LLVMCopyStringRepOfTargetData(td);

	LLVMSetTarget(mod, TRIPLE);
	LLVMSetDataLayout(mod, layout);
	LLVMDisposeMessage(layout);
	LLVMDisposeTargetData(td);
}

/* Without a handler LLVM prints and ends the process when inline assembly does not parse.  */
static void on_diagnostic(LLVMDiagnosticInfoRef di, void *opaque)
{
	struct err *e = opaque;
	char *text;

	if (LLVMGetDiagInfoSeverity(di) != LLVMDSError || e->status != ST_OK)
		return;
	text = LLVMGetDiagInfoDescription(di);
	err_set(e, ST_UNSUPPORTED, "LLVM: %s", text);
	LLVMDisposeMessage(text);
}

static void dump_ir(LLVMModuleRef mod, const char *path)
{
	FILE *f = fopen(path, "a");
	char *text = LLVMPrintModuleToString(mod);

	if (f) {
		fputs(text, f);
		fclose(f);
	}
	LLVMDisposeMessage(text);
}

enum status optimiser_run(struct optimiser *o, LLVMModuleRef mod, bool bmi2, const char *dump, LLVMMemoryBufferRef *obj,
			  struct err *e)
{
	struct err diag = ERR_INIT;
	LLVMErrorRef failed = LLVMRunPasses(mod, PASSES, o->tm[bmi2], o->pb);
	char *text = NULL;

	*obj = NULL;
	if (failed) {
		text = LLVMGetErrorMessage(failed);
		err_set(e, ST_UNSUPPORTED, "LLVM passes: %s", text);
		LLVMDisposeErrorMessage(text);
		return ST_UNSUPPORTED;
	}
	if (dump)
		dump_ir(mod, dump);
	LLVMContextSetDiagnosticHandler(LLVMGetModuleContext(mod), on_diagnostic, &diag);
	if (LLVMTargetMachineEmitToMemoryBuffer(o->tm[bmi2], mod, LLVMObjectFile, &text, obj)) {
		err_set(e, ST_UNSUPPORTED, "LLVM code generation: %s", text ? text : "failed");
		LLVMDisposeMessage(text);
		*obj = NULL;
		return ST_UNSUPPORTED;
	}
	LLVMContextSetDiagnosticHandler(LLVMGetModuleContext(mod), NULL, NULL);
	if (diag.status != ST_OK) {
		LLVMDisposeMemoryBuffer(*obj);
		*obj = NULL;
		return err_set(e, diag.status, "%s", diag.text);
	}
	return ST_OK;
}
