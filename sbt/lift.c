/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The lifter's entry points: one run in, one unit out.  Each run gets an LLVM context of its own, so that memory does not grow
 * with the number of runs and no run depends on another.
 */
#include "sbt/lift.h"

#include <llvm-c/Analysis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sbt/lift_build.h"

#define MAX_INSNS_DEFAULT 1500u

struct lifter {
	struct lift_opts opts;
	struct optimiser *optimiser;
	struct lift_graph graph;
	struct lift_build build;
};

enum status lifter_create(const struct lift_opts *opts, struct lifter **out, struct err *e)
{
	struct lifter *l = calloc(1, sizeof *l);
	enum status st;

	*out = NULL;
	if (!l)
		return err_set(e, ST_NOMEM, "lifter");
	if (opts)
		l->opts = *opts;
	if (!l->opts.max_insns)
		l->opts.max_insns = MAX_INSNS_DEFAULT;
	st = optimiser_create(&l->optimiser, e);
	if (st != ST_OK) {
		lifter_destroy(l);
		return st;
	}
	*out = l;
	return ST_OK;
}

void lifter_destroy(struct lifter *l)
{
	if (!l)
		return;
	optimiser_destroy(l->optimiser);
	free(l);
}

static LLVMAttributeRef enum_attr(struct lift_build *u, const char *name)
{
	return LLVMCreateEnumAttribute(u->cx, LLVMGetEnumAttributeKindForName(name, strlen(name)), 0);
}

static void make_types(struct lift_build *u)
{
	LLVMTypeRef arg[LIFT_ARGS];
	LLVMMetadataRef weights[3];

	u->i1 = LLVMInt1TypeInContext(u->cx);
	u->i8 = LLVMInt8TypeInContext(u->cx);
	u->i16 = LLVMInt16TypeInContext(u->cx);
	u->i32 = LLVMInt32TypeInContext(u->cx);
	u->i64 = LLVMInt64TypeInContext(u->cx);
	u->ptr = LLVMPointerTypeInContext(u->cx, 0);
	for (unsigned i = 0; i < LIFT_ARGS; i++)
		arg[i] = u->i64;
	arg[0] = u->ptr;
	arg[2] = u->i32;
	u->fn = LLVMFunctionType(LLVMVoidTypeInContext(u->cx), arg, LIFT_ARGS, 0);
	u->kind_prof = LLVMGetMDKindIDInContext(u->cx, "prof", 4);
	weights[0] = LLVMMDStringInContext2(u->cx, "branch_weights", 14);
	weights[1] = LLVMValueAsMetadata(LLVMConstInt(u->i32, 1, 0));
	weights[2] = LLVMValueAsMetadata(LLVMConstInt(u->i32, 4000, 0));
	u->unlikely = LLVMMetadataAsValue(u->cx, LLVMMDNodeInContext2(u->cx, weights, 3));
}

/* The function of one entry block, without a body.  */
static void make_entry(struct lift_build *u, unsigned block)
{
	/* The upper halves of pinned registers are zero: LLVM need not clear them again.  */
	static const uint64_t lower[1] = { 0 }, upper[1] = { 0x100000000ull };
	static const char *const plain[] = { "nounwind", "noimplicitfloat", "noredzone" };
	unsigned range = LLVMGetEnumAttributeKindForName("range", 5);
	LLVMAttributeRef bounded = LLVMCreateConstantRangeAttribute(u->cx, range, 64, lower, upper);
	LLVMAttributeIndex whole = (LLVMAttributeIndex)LLVMAttributeFunctionIndex;
	char name[32];
	LLVMValueRef fn;

	snprintf(name, sizeof name, LIFT_SYM_ENTRY "%03x", (u->graph->block[block].pc & GUEST_PAGE_MASK) / 4);
	fn = u->entry[block] = lift_declare(u, name, false);
	for (unsigned i = 0; i < ARRAY_LEN(plain); i++)
		LLVMAddAttributeAtIndex(fn, whole, enum_attr(u, plain[i]));
	LLVMAddAttributeAtIndex(fn, whole, LLVMCreateStringAttribute(u->cx, "no-jump-tables", 14, "true", 4));
	for (unsigned i = 0; i < XABI_PINNED; i++)
		LLVMAddAttributeAtIndex(fn, LIFT_ARG_PINNED + i + 1, bounded);
}

static enum status build_module(struct lift_build *u, struct err *e)
{
	for (unsigned i = 0; i < u->graph->nblocks; i++)
		if (u->graph->block[i].entry)
			make_entry(u, i);
	for (unsigned i = 0; i < u->graph->nblocks; i++) {
		enum status st;

		if (!u->graph->block[i].entry)
			continue;
		lift_func_plan(u->graph, (int)i, lift_pinned, &u->func);
		st = lift_func_build(u, e);
		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}

static enum status verify(struct lift_build *u, struct err *e)
{
	char *text = NULL;
	enum status st = ST_OK;

	if (LLVMVerifyModule(u->mod, LLVMReturnStatusAction, &text))
		st = err_set(e, ST_INTERNAL, "0x%08x: LLVM's verifier: %.300s", u->run->start, text);
	LLVMDisposeMessage(text);
	return st;
}

static enum status compile(struct lifter *l, struct unit *out, struct err *e)
{
	struct lift_build *u = &l->build;
	LLVMMemoryBufferRef obj;
	enum status st = build_module(u, e);

	if (st == ST_OK && l->opts.verify)
		st = verify(u, e);
	if (st == ST_OK)
		st = optimiser_run(l->optimiser, u->mod, u->opts->bmi2, l->opts.dump_ir, &obj, e);
	if (st != ST_OK)
		return st;
	st = lift_obj_read(u, LLVMGetBufferStart(obj), LLVMGetBufferSize(obj), out, e);
	LLVMDisposeMemoryBuffer(obj);
	return st;
}

enum status lift_run(struct lifter *l, const struct run *run, const struct template_opts *opts, struct unit *out, struct err *e)
{
	struct lift_build *u = &l->build;
	enum status st = lift_graph_build(&l->graph, run, opts, l->opts.max_insns, e);

	if (st != ST_OK)
		return st;
	out->page = run->start & ~(gva)GUEST_PAGE_MASK;
	out->first = (uint16_t)((run->start & GUEST_PAGE_MASK) / 4);
	out->nwords = (uint16_t)run->nwords;
	out->flags = opts->flags | UNIT_LLVM | UNIT_FIXED;
	out->code_len = out->nentries = out->nfaults = out->nrelocs = 0;

	memset(u, 0, sizeof *u);
	u->run = run;
	u->opts = opts;
	u->graph = &l->graph;
	u->status = ST_OK;
	u->cx = LLVMContextCreate();
	u->mod = LLVMModuleCreateWithNameInContext("unit", u->cx);
	u->b = LLVMCreateBuilderInContext(u->cx);
	optimiser_prepare(l->optimiser, u->mod);
	make_types(u);
	st = compile(l, out, e);
	LLVMDisposeBuilder(u->b);
	LLVMDisposeModule(u->mod);
	LLVMContextDispose(u->cx);
	return st;
}
