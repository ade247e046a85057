/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * State of the guest inside a lifted function, and every way into and out of one: prologue, edges, polls, recovery
 * blocks, tail calls.
 *
 * The registers of struct cpu are 4-byte aligned and EFLAGS.AC is set, so no two accesses to them may ever be joined into one:
 * stores are volatile and loads atomic (unordered), which LLVM neither joins nor narrows.
 */
#include "sbt/lift_build.h"

#include <stdio.h>
#include <string.h>

#define PIN_ROW(greg, hreg) greg,
static const uint8_t pinned_reg[XABI_PINNED] = { XABI_PINNED_ROWS(PIN_ROW) };
#undef PIN_ROW
#define PIN_BIT(greg, hreg) | (uint64_t)1 << (greg)
const uint64_t lift_pinned = 0 XABI_PINNED_ROWS(PIN_BIT);
#undef PIN_BIT

int lift_reg_off(unsigned r)
{
	if (r == LIFT_HI)
		return XABI_OFF(hi);
	if (r == LIFT_LO)
		return XABI_OFF(lo);
	return XABI_OFF(gpr) + 4 * (int)r;
}

LLVMValueRef lift_const(struct sem *s, uint32_t v) { return LLVMConstInt(s->u->i32, v, 0); }

LLVMValueRef lift_cpu_ptr(struct sem *s, int off)
{
	LLVMValueRef at = LLVMConstInt(s->u->i64, (unsigned long long)off, 1);

	return LLVMBuildInBoundsGEP2(s->u->b, s->u->i8, s->cpu, &at, 1, "");
}

LLVMValueRef lift_load(struct sem *s, LLVMTypeRef type, int off)
{
	LLVMValueRef v = LLVMBuildLoad2(s->u->b, type, lift_cpu_ptr(s, off), "");

	LLVMSetAlignment(v, type == s->u->i64 ? 8 : 4);
	LLVMSetOrdering(v, LLVMAtomicOrderingUnordered);
	return v;
}

void lift_store(struct sem *s, LLVMValueRef v, int off)
{
	LLVMValueRef st = LLVMBuildStore(s->u->b, v, lift_cpu_ptr(s, off));

	LLVMSetAlignment(st, 4);
	LLVMSetVolatile(st, 1);
}

LLVMBasicBlockRef lift_new_bb(struct sem *s, const char *name)
{
	return LLVMAppendBasicBlockInContext(s->u->cx, s->fn, name);
}

void lift_set_unlikely(struct lift_build *u, LLVMValueRef br) { LLVMSetMetadata(br, u->kind_prof, u->unlikely); }

static void add_attr(struct lift_build *u, LLVMValueRef fn, const char *name)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

	LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, LLVMCreateEnumAttribute(u->cx, kind, 0));
}

LLVMValueRef lift_declare(struct lift_build *u, const char *name, bool cold)
{
	LLVMValueRef fn = LLVMGetNamedFunction(u->mod, name);

	if (fn)
		return fn;
	fn = LLVMAddFunction(u->mod, name, u->fn);
	LLVMSetFunctionCallConv(fn, LIFT_CALL_CONV);
	LLVMSetVisibility(fn, LLVMHiddenVisibility);
	add_attr(u, fn, "nounwind");
	if (cold)
		add_attr(u, fn, "cold");
	return fn;
}

/* --- values --- */

static LLVMValueRef state_reg(struct sem *s, const struct lift_state *st, unsigned r)
{
	return st->reg[r] ? st->reg[r] : LLVMBuildLoad2(s->u->b, s->u->i32, s->slot[r], "");
}

static LLVMValueRef state_budget(struct sem *s, const struct lift_state *st)
{
	return LLVMBuildSub(s->u->b, s->budget, lift_const(s, st->count), "");
}

void lift_commit(struct sem *s, const struct lift_state *st)
{
	for (unsigned r = 1; r < LIFT_REGS; r++)
		if ((st->changed >> r) & 1u)
			LLVMBuildStore(s->u->b, st->reg[r], s->slot[r]);
	LLVMBuildStore(s->u->b, state_budget(s, st), s->budget_slot);
}

/* --- out --- */

static void flush(struct sem *s, const struct lift_state *st)
{
	for (unsigned r = 1; r < LIFT_REGS; r++)
		if ((st->dirty >> r) & 1u)
			lift_store(s, state_reg(s, st, r), lift_reg_off(r));
}

/* The registers that travel in host registers, and the tail call.  */
static void tail_call(struct sem *s, const struct lift_state *st, LLVMValueRef callee, LLVMValueRef rax)
{
	struct lift_build *u = s->u;
	LLVMValueRef arg[LIFT_ARGS], call;

	arg[0] = s->cpu;
	arg[1] = s->base;
	arg[2] = state_budget(s, st);
	for (unsigned i = 0; i < XABI_PINNED; i++)
		arg[LIFT_ARG_PINNED + i] = LLVMBuildZExt(u->b, state_reg(s, st, pinned_reg[i]), u->i64, "");
	arg[LIFT_ARG_RAX] = rax ? rax : LLVMGetPoison(u->i64);
	call = LLVMBuildCall2(u->b, u->fn, callee, arg, LIFT_ARGS, "");
	LLVMSetInstructionCallConv(call, LIFT_CALL_CONV);
	LLVMSetTailCallKind(call, LLVMTailCallKindMustTail);
	LLVMBuildRetVoid(u->b);
}

void lift_leave(struct sem *s, const struct lift_state *st, enum xabi_entry to)
{
	static const char *const name[XABI_ENTRY_COUNT] = {
#define XABI(n, how, what) LIFT_SYM_XABI #n,
#include "pcmap/xabi.def"
#undef XABI
	};

	flush(s, st);
	lift_store(s, lift_const(s, st->pc), XABI_OFF(pc));
	tail_call(s, st, lift_declare(s->u, name[to], true), NULL);
}

void lift_leave_indirect(struct sem *s, const struct lift_state *st, LLVMValueRef target)
{
	flush(s, st);
	tail_call(s, st, lift_declare(s->u, LIFT_SYM_INDIRECT, false), LLVMBuildZExt(s->u->b, target, s->u->i64, ""));
}

/* To a guest address outside the function.  */
static void leave_to(struct sem *s, const struct lift_state *st, int to, gva pc)
{
	struct lift_build *u = s->u;
	const struct run *run = u->run;
	char name[32];

	if (to != LIFT_NONE && u->graph->block[to].entry) {
		flush(s, st);
		tail_call(s, st, u->entry[to], NULL);
		return;
	}
	if ((u->opts->flags & UNIT_MAPPED) && ((pc ^ run->start) & ~GUEST_PAGE_MASK)) {
		lift_leave_indirect(s, st, lift_const(s, pc));
		return;
	}
	flush(s, st);
	snprintf(name, sizeof name, LIFT_SYM_LINK "%08x", pc);
	tail_call(s, st, lift_declare(u, name, false), NULL);
}

/* Control goes on to @next unless the budget may be used up before the next poll.  Ends the current LLVM block.  */
static void poll(struct sem *s, const struct lift_state *st, gva pc, unsigned ahead, LLVMBasicBlockRef next)
{
	struct lift_build *u = s->u;
	LLVMBasicBlockRef out = lift_new_bb(s, "poll");
	struct lift_state there = *st;
	LLVMValueRef left, br;

	left = LLVMBuildSub(u->b, s->budget, lift_const(s, st->count + ahead), "");
	br = LLVMBuildCondBr(u->b, LLVMBuildICmp(u->b, LLVMIntSLT, left, lift_const(s, 0), ""), out, next);
	lift_set_unlikely(u, br);
	LLVMPositionBuilderAtEnd(u->b, out);
	there.pc = pc;
	lift_leave(s, &there, XABI_POLL);
}

LLVMBasicBlockRef lift_edge(struct sem *s, const struct lift_state *st, int to, gva pc)
{
	struct lift_build *u = s->u;
	LLVMBasicBlockRef from = LLVMGetInsertBlock(u->b), bb;
	const struct lift_block *gb = &u->graph->block[s->block];
	/* A call to the function's own entry is no edge of its graph.  */
	bool inside = to != LIFT_NONE && u->func.pos[to] != LIFT_NONE && (to == gb->succ[0] || to == gb->succ[1]);

	if (inside && !lift_retreats(&u->func, s->block, to))
		return s->bb[to];
	bb = lift_new_bb(s, inside ? "back" : "out");
	LLVMPositionBuilderAtEnd(u->b, bb);
	if (inside)
		poll(s, st, pc, u->func.ahead[to], s->bb[to]);
	else
		leave_to(s, st, to, pc);
	LLVMPositionBuilderAtEnd(u->b, from);
	return bb;
}

/*
 * Accesses form groups that can be executed again from the first one's step without harm: no store of a group follows a load
 * of it and is followed by another access.  A group shares one recovery block, which restarts at its beginning.
 */
LLVMBasicBlockRef lift_recovery(struct sem *s, bool load, bool store)
{
	LLVMBasicBlockRef from = LLVMGetInsertBlock(s->u->b);

	if (!s->recover || s->group_shut) {
		s->group = s->step;
		s->group_loads = false;
		s->recover = lift_new_bb(s, "recover");
		LLVMPositionBuilderAtEnd(s->u->b, s->recover);
		lift_leave(s, &s->group, XABI_RECOVER);
		LLVMPositionBuilderAtEnd(s->u->b, from);
	}
	s->group_loads |= load;
	s->group_shut = store && s->group_loads;
	return s->recover;
}

/* --- in --- */

void lift_prologue(struct sem *s)
{
	struct lift_build *u = s->u;
	struct lift_state none;

	memset(&none, 0, sizeof none);
	LLVMPositionBuilderAtEnd(u->b, lift_new_bb(s, "entry"));
	s->cpu = LLVMGetParam(s->fn, 0);
	s->base = LLVMGetParam(s->fn, 1);
	s->budget = LLVMGetParam(s->fn, 2);
	for (unsigned r = 1; r < LIFT_REGS; r++)
		s->slot[r] = LLVMBuildAlloca(u->b, u->i32, "");
	s->budget_slot = LLVMBuildAlloca(u->b, u->i32, "");
	LLVMBuildStore(u->b, s->budget, s->budget_slot);
	for (unsigned i = 0; i < XABI_PINNED; i++)
		LLVMBuildStore(u->b, LLVMBuildTrunc(u->b, LLVMGetParam(s->fn, LIFT_ARG_PINNED + i), u->i32, ""), s->slot[pinned_reg[i]]);
	for (unsigned r = 1; r < LIFT_REGS; r++)
		if (u->func.load_at[r] == LIFT_LOAD_ENTRY)
			LLVMBuildStore(u->b, lift_load(s, u->i32, lift_reg_off(r)), s->slot[r]);
	for (unsigned i = 0; i < u->func.n; i++)
		s->bb[u->func.order[i]] = lift_new_bb(s, "g");
	if (u->func.ahead[u->func.entry])
		poll(s, &none, u->graph->block[u->func.entry].pc, u->func.ahead[u->func.entry], s->bb[u->func.entry]);
	else
		LLVMBuildBr(u->b, s->bb[u->func.entry]);
}
