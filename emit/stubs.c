/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine entry points of pcmap/xabi.def, generated at the start of the code cache, and the way in and out.
 *
 * Invariants: translated code runs with the stack pointer that `enter` left behind (kept in cpu->host_sp), with EFLAGS.AC set;
 * C code is met with struct cpu exact, and with AC clear, but for the services (base/alignment.h).  cpu->tier_mark is the budget at the
 * moment the account of cpu->tier was last closed; closing it twice adds nothing.
 * Not responsible for: what the services do, nor for where control goes after `enter` returned.
 */
#include "base/alignment.h"
#include "emit/template.h"
#include "emit/x64.h"
#include "pcmap/xabi.h"

#define STUB_ALIGN 16u

/* Callee-saved registers of the System V AMD64 ABI, in the order of their pushes.  Six of them leave rsp % 16 == 8.  */
static const uint8_t saved[] = { X64_RBP, X64_RBX, X64_R12, X64_R13, X64_R14, X64_R15 };

struct pin { uint8_t guest, host; };
static const struct pin pins[XABI_PINNED] = {
#define PIN(g, h) { g, h },
	XABI_PINNED_ROWS(PIN)
#undef PIN
};

#define FIELD(f) x64_at(X64_R12, XABI_OFF(f))

static struct x64_mem home(unsigned r)
{
	return x64_at(X64_R12, XABI_OFF(gpr) + 4 * (int)r);
}

static void reload_guest(struct x64 *x)
{
	for (unsigned i = 0; i < XABI_PINNED; i++)
		x64_mov_rm(x, X64_W32, pins[i].host, home(pins[i].guest));
	x64_mov_rm(x, X64_W64, X64_R13, FIELD(mem_base));
	x64_mov_rm(x, X64_W32, X64_R14, FIELD(budget));
}

static void spill_guest(struct x64 *x)
{
	for (unsigned i = 0; i < XABI_PINNED; i++)
		x64_mov_mr(x, X64_W32, home(pins[i].guest), pins[i].host);
	x64_mov_mr(x, X64_W32, FIELD(budget), X64_R14);
}

static void set_ac(struct x64 *x)
{
	x64_pushf(x);
	x64_alu_mi(x, X64_W64, X64_OR, x64_at(X64_RSP, 0), EFLAGS_AC);
	x64_popf(x);
}

/* Behind a service, which may have cleared it: changing the flag costs ten times what looking at it does.  Clobbers rax.  */
static void renew_ac(struct x64 *x)
{
	uint32_t over;

	x64_pushf(x);
	x64_pop(x, X64_RAX);
	x64_test_ri(x, X64_RAX, EFLAGS_AC);
	over = x64_jcc(x, X64_NE);
	set_ac(x);
	x64_patch(x, over, x->len);
}

static void clear_ac(struct x64 *x)
{
	x64_pushf(x);
	x64_alu_mi(x, X64_W64, X64_AND, x64_at(X64_RSP, 0), ~EFLAGS_AC);
	x64_popf(x);
}

/* cpu->tier_insns[cpu->tier] += cpu->tier_mark - budget, with the budget in a register; that register is the new mark.  */
static void close_account(struct x64 *x, unsigned budget, unsigned tmp_tier, unsigned tmp_count)
{
	x64_load(x, 1, false, tmp_tier, FIELD(tier));
	x64_mov_rm(x, X64_W32, tmp_count, FIELD(tier_mark));
	x64_alu_rr(x, X64_W32, X64_SUB, tmp_count, budget);
	x64_movsxd_rr(x, tmp_count, tmp_count);
	x64_alu_mr(x, X64_W64, X64_ADD, x64_at_index(X64_R12, tmp_tier, 3, XABI_OFF(tier_insns)), tmp_count);
	x64_mov_mr(x, X64_W32, FIELD(tier_mark), budget);
}

/* Jump to cpu->pc through the mirror: pcmap/xabi.h.  */
static void dispatch(struct x64 *x, uint32_t base)
{
	x64_mov_rm(x, X64_W32, X64_RAX, FIELD(pc));
	x64_shift_ri(x, X64_W32, X64_ROR, X64_RAX, 2);
	x64_mov_rm(x, X64_W64, X64_RBP, FIELD(mirror));
	x64_mov_rm(x, X64_W32, X64_RAX, x64_at_index(X64_RBP, X64_RAX, 2, 0));
	x64_alu_ri(x, X64_W64, X64_ADD, X64_RAX, base);
	x64_jmp_r(x, X64_RAX);
}

static void emit_enter(struct x64 *x)
{
	for (unsigned i = 0; i < ARRAY_LEN(saved); i++)
		x64_push(x, saved[i]);
	x64_mov_rr(x, X64_W64, X64_R12, X64_RDI);
	x64_mov_rr(x, X64_W64, X64_RAX, X64_RSI);
	x64_mov_mr(x, X64_W64, FIELD(host_sp), X64_RSP);
	reload_guest(x);
	/* The first tier check may close an account: there is nothing in it yet.  */
	x64_mov_mr(x, X64_W32, FIELD(tier_mark), X64_R14);
	set_ac(x);
	x64_jmp_r(x, X64_RAX);
}

static void emit_leave(struct x64 *x)
{
	x64_mov_rm(x, X64_W64, X64_RSP, FIELD(host_sp));
	clear_ac(x);
	x64_mov_rm(x, X64_W32, X64_R14, FIELD(budget));
	close_account(x, X64_R14, X64_RBP, X64_RAX);
	for (unsigned i = ARRAY_LEN(saved); i-- > 0; )
		x64_pop(x, saved[i]);
	x64_ret(x);
}

/* The service may change everything but r12 and the stack: reload all of it.  */
static void emit_call_step(struct x64 *x, const struct xabi_services *svc, uint32_t base)
{
	uint32_t back;

	spill_guest(x);
	if (SERVICES_CLEAR_AC)
		clear_ac(x);
	x64_lea(x, X64_W64, X64_RDI, x64_at(X64_R12, -CPU_BIAS));
	x64_mov_rr(x, X64_W32, X64_RSI, X64_RAX);
	x64_mov_ri64(x, X64_RAX, (uint64_t)(uintptr_t)svc->call_step);
	x64_call_r(x, X64_RAX);
	x64_mov_rr(x, X64_W32, X64_RBX, X64_RAX);
	reload_guest(x);
	renew_ac(x);
	x64_alu_ri(x, X64_W32, X64_AND, X64_RBX, 0xff); /* bool: only the low byte is defined by the ABI */
	back = x64_jcc(x, X64_NE);
	x64_alu_ri(x, X64_W64, X64_ADD, X64_RSP, 8);
	dispatch(x, base);
	x64_patch(x, back, x->len);
	x64_ret(x);
}

/* One step for code that cannot go on behind it; the way out to C is only taken when the service says so.  */
static void emit_step(struct x64 *x, const struct xabi_services *svc, uint32_t base, uint32_t leave)
{
	uint32_t out;

	spill_guest(x);
	if (SERVICES_CLEAR_AC)
		clear_ac(x);
	x64_lea(x, X64_W64, X64_RDI, x64_at(X64_R12, -CPU_BIAS));
	x64_mov_ri64(x, X64_RAX, (uint64_t)(uintptr_t)svc->step);
	x64_alu_ri(x, X64_W64, X64_SUB, X64_RSP, 8); /* entry points have rsp % 16 == 8 */
	x64_call_r(x, X64_RAX);
	x64_alu_ri(x, X64_W64, X64_ADD, X64_RSP, 8);
	x64_alu_ri(x, X64_W32, X64_AND, X64_RAX, 0xff);
	out = x64_jcc(x, X64_E);
	reload_guest(x);
	renew_ac(x);
	dispatch(x, base);
	x64_patch(x, out, x->len);
	x64_mov_mi(x, FIELD(host_exc), LEAVE_POLL);
	x64_patch(x, x64_jmp(x), leave);
}

static void emit_tier_change(struct x64 *x, enum cpu_tier tier)
{
	x64_push(x, X64_RBX);
	close_account(x, X64_R14, X64_RBX, X64_RAX);
	x64_store_imm(x, 1, FIELD(tier), tier);
	x64_pop(x, X64_RBX);
	x64_ret(x);
}

enum status stubs_emit(uint8_t *buf, uint32_t cap, uint64_t base, const struct xabi_services *svc, struct xabi_stubs *out)
{
	static const struct { uint8_t entry, why; } exits[] = {
		{ XABI_MISS, LEAVE_MISS }, { XABI_POLL, LEAVE_POLL }, { XABI_RECOVER, LEAVE_RECOVER },
	};
	uint32_t to_common[ARRAY_LEN(exits)];
	struct x64 x;

	_Static_assert(XABI_MISS == 0, "mirror offset 0 leads to the MISS entry");
	_Static_assert(XABI_ENTRY_COUNT <= ARRAY_LEN(out->entry), "an entry point without a place in struct xabi_stubs");
	_Static_assert(XABI_OFF(lo) == CPU_BIAS * -1 + 40 && XABI_OFF(hi) == XABI_OFF(lo) + 4, "HI and LO share a quadword");
	_Static_assert(XABI_CODE_BASE + XABI_CODE_SIZE <= INT32_MAX, "an ADD with an immediate reaches the code cache");
	if (base > INT32_MAX)
		return ST_FULL;

	x64_init(&x, buf, cap);
	for (unsigned i = 0; i < ARRAY_LEN(exits); i++) {
		out->entry[exits[i].entry] = x.len;
		x64_mov_mi(&x, FIELD(host_exc), exits[i].why);
		to_common[i] = x64_jmp(&x);
		x64_align(&x, STUB_ALIGN);
	}
	for (unsigned i = 0; i < ARRAY_LEN(exits); i++)
		x64_patch(&x, to_common[i], x.len);
	spill_guest(&x);
	out->leave_fault = x.len;
	emit_leave(&x);

	x64_align(&x, STUB_ALIGN);
	out->enter = x.len;
	emit_enter(&x);
	x64_align(&x, STUB_ALIGN);
	out->entry[XABI_CALL_STEP] = x.len;
	emit_call_step(&x, svc, (uint32_t)base);
	x64_align(&x, STUB_ALIGN);
	out->entry[XABI_STEP] = x.len;
	emit_step(&x, svc, (uint32_t)base, out->leave_fault);
	x64_align(&x, STUB_ALIGN);
	out->entry[XABI_TO_XO] = x.len;
	emit_tier_change(&x, TIER_XO);
	x64_align(&x, STUB_ALIGN);
	out->entry[XABI_TO_TEMPLATE] = x.len;
	emit_tier_change(&x, TIER_TEMPLATE);
	x64_align(&x, STUB_ALIGN);
	out->size = x.len;
	return x.full ? ST_FULL : ST_OK;
}
