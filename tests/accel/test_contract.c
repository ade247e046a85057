/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every accelerator promises, in one list: each test runs on all of them.  Programs are compared with `ref` in everything the
 * guest can see, and with values worked out by hand.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isa/tlb.h"
#include "tests/accel/each.h"

Suite *contract_suite(void);

#define USER_CODE 0x00400000u
#define USER_DATA 0x00502000u
#define ALIAS 0x00504000u
#define CODE_PA 0x400000u
#define DATA_PA 0x500000u

static const struct rig_opts none;

/* v0 counts for ever.  */
static void endless(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top = code_put(&c, ADDIU(V0, V0, 1));

	code_branch(&c, BEQ(ZERO, ZERO), top);
	code_put(&c, ADDIU(V1, V1, 1));
}

/* --- the outside --- */

/* A run gets on by a step, however late it is, and not by more.  */
ON_EACH(kick_before_run)
{
	struct rig *g = rig_open(ops, &none);
	uint64_t before = 0;

	endless(g);
	for (unsigned i = 0; i < 3; i++) {
		g->cpu->attention = 1;
		ck_assert_int_eq(ops->run(g->accel, UINT64_MAX, UINT64_MAX), EXIT_POLL);
		ck_assert_uint_gt(cpu_insns(g->cpu), before);
		ck_assert_uint_le(cpu_insns(g->cpu), before + 2); /* a branch and its slot are one step */
		before = cpu_insns(g->cpu);
	}
	rig_close(g);
}

static struct rig *kicked;

static void on_alarm(int sig)
{
	(void)sig;
	__atomic_store_n(&kicked->cpu->attention, 1, __ATOMIC_RELAXED);
}

/* Signals come at any moment, the one before an entry included; the run has no other end.  Translated code runs with AC set; this handler
   has nothing misaligned.  */
ON_EACH(kick_by_a_signal)
{
	struct rig *g = kicked = rig_open(ops, &none);
	struct sigaction sa = { .sa_handler = on_alarm };

	endless(g);
	ck_assert_int_eq(sigaction(SIGALRM, &sa, NULL), 0);
	for (unsigned i = 0; i < 300; i++) {
		struct itimerval t = { .it_value.tv_usec = 1 + 37 * i % 400 };
		uint64_t before = cpu_insns(g->cpu);

		g->cpu->attention = 0;
		ck_assert_int_eq(setitimer(ITIMER_REAL, &t, NULL), 0);
		ck_assert_int_eq(ops->run(g->accel, UINT64_MAX, UINT64_MAX), EXIT_POLL);
		ck_assert_uint_eq(g->cpu->attention, 1);
		ck_assert_uint_ge(cpu_insns(g->cpu), before);
	}
	ck_assert_uint_gt(cpu_insns(g->cpu), 1000);
	ck_assert_uint_le(g->cpu->gpr[V0] - g->cpu->gpr[V1], 1);
	rig_close(g);
}

ON_EACH(instruction_limit)
{
	struct rig *g = rig_open(ops, &none);
	uint64_t want = 0;

	endless(g);
	for (unsigned i = 0; i < 400; i++) {
		uint64_t n = i < 30 ? i % 5 : 1 + i * 97 % 50000, done;

		ck_assert_int_eq(ops->run(g->accel, UINT64_MAX, n), EXIT_POLL);
		done = cpu_insns(g->cpu);
		want += n;
		ck_assert_msg(done == want || done == want + 1, "%llu instructions, not %llu", (unsigned long long)done, (unsigned long long)want);
		want = done;
	}
	rig_close(g);
}

ON_EACH(deadline)
{
	struct rig *g = rig_open(ops, &none);

	endless(g);
	for (unsigned i = 1; i < 20; i++) {
		ck_assert_int_eq(ops->run(g->accel, i * 100000, UINT64_MAX), EXIT_POLL);
		ck_assert_uint_ge(cpu_insns(g->cpu), i * 100000);
		ck_assert_uint_lt(cpu_insns(g->cpu), i * 100000 + 50000);
	}
	rig_close(g);
}

static void stopping(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);

	EMIT(&c, ORI(V0, ZERO, 7));
	code_stop(&c);
}

ON_EACH(stop_and_go_on)
{
	struct rig *g = rig_open(ops, &none);

	stopping(g);
	ck_assert_int_eq(rig_exit(g, 1000), EXIT_STOP);
	ck_assert_uint_eq(cpu_insns(g->cpu), 3);
	ck_assert_uint_eq(g->cpu->gpr[V0], 7);
	ck_assert_int_eq(rig_exit(g, 1000), EXIT_STOP); /* until somebody takes it back */
	ck_assert_uint_eq(cpu_insns(g->cpu), 3);
	g->cpu->stopped = false;
	ck_assert_int_eq(rig_exit(g, 1000), EXIT_POLL);
	ck_assert_uint_ge(cpu_insns(g->cpu), 1000);
	rig_close(g);
}

/* After a reset nothing is known of what memory held, and the TLB is empty.  */
ON_EACH(reset_forgets_everything)
{
	struct rig *g = rig_open(ops, &none);
	struct code c = code_at(g, RIG_CODE);
	gva top = c.va;

	rig_handlers(g);
	rig_pte(g, 0, USER_DATA, LO(DATA_PA, 7), LO(DATA_PA, 7));
	rig_put(g, 0x80000000u + DATA_PA, 5);
	EMIT(&c, LUI(A0, USER_DATA >> 16), LW(T0, USER_DATA & 0xffffu, A0), ADDU(V0, V0, T0));
	code_branch(&c, BEQ(ZERO, ZERO), top);
	code_put(&c, NOP);
	ck_assert_int_eq(each_exit(g, 100000), EXIT_POLL);
	ck_assert_uint_eq(rig_get(g, RIG_REFILLS), 1);
	cpu_reset(g->cpu);
	cp0_write(g->cpu, C0_STATUS, 0, 0);
	g->cpu->pc = RIG_CODE;
	rig_put(g, top + 8, ADDIU(V0, V0, 1)); /* nobody tells */
	ops->reset(g->accel);
	ck_assert_uint_eq(g->cpu->gpr[V0], 0);
	ck_assert_int_eq(each_exit(g, 5000), EXIT_POLL);
	ck_assert_uint_eq(rig_get(g, RIG_REFILLS), 2);
	ck_assert_uint_lt(g->cpu->gpr[V0], 1100);
	ck_assert_uint_gt(g->cpu->gpr[V0], 900);
	rig_close(g);
}

/* RAM written between runs, far more often than anybody would keep a list: most of it where other code is.  */
ON_EACH(ram_written_from_outside)
{
	struct rig *g = rig_open(ops, &none);
	gva add = RIG_CODE, other = RIG_CODE + 0x2000;
	struct code c = code_at(g, other);

	endless(g);
	code_branch(&c, BEQ(ZERO, ZERO), other);
	code_put(&c, NOP);
	for (unsigned i = 0; i < 20; i++) {
		uint32_t before;

		g->cpu->pc = other;
		ck_assert_int_eq(each_exit(g, 30000), EXIT_POLL);
		g->cpu->pc = add;
		ck_assert_int_eq(each_exit(g, 30000), EXIT_POLL);
		before = g->cpu->gpr[V0];
		for (unsigned k = 0; k < 200; k++) /* the last one is it */
			ops->ram_write(g->accel, k == 199 ? (add & 0x1fffffffu) : (other & 0x1fffffffu) + 64 + 8 * k, 4);
		rig_put(g, add, ADDIU(V0, V0, i % 2 ? 1 : -1));
		ck_assert_int_eq(each_exit(g, 30000), EXIT_POLL);
		ck_assert_msg(((int32_t)(g->cpu->gpr[V0] - before) > 0) == (i % 2 != 0), "round %u: the old code ran", i);
	}
	rig_close(g);
}

/* Somebody writes registers between runs: another mode, another address space, another pc.  */
ON_EACH(registers_written_from_outside)
{
	struct rig *g = rig_open(ops, &none);
	struct code c = code_mapped(g, CODE_PA, USER_CODE);

	endless(g);
	rig_handlers(g);
	for (unsigned a = 0; a < 3; a++) {
		rig_pte(g, (uint8_t)a, USER_CODE, LO(CODE_PA, 6), LO(CODE_PA, 6));
		rig_pte(g, (uint8_t)a, USER_DATA, LO(DATA_PA + a * 0x1000, 6), LO(DATA_PA, 6));
		rig_put(g, 0x80000000u + DATA_PA + a * 0x1000, 100 + a);
	}
	EMIT(&c, LUI(A0, USER_DATA >> 16), LW(S0, USER_DATA & 0xffffu, A0));
	code_branch(&c, BEQ(ZERO, ZERO), USER_CODE);
	code_put(&c, NOP);
	for (unsigned i = 0; i < 12; i++) {
		ck_assert_int_eq(each_exit(g, 3000), EXIT_POLL);
		cp0_write(g->cpu, C0_ENTRYHI, 0, i % 3);
		cp0_write(g->cpu, C0_STATUS, 0, ST_UM);
		g->cpu->pc = USER_CODE;
		ck_assert_int_eq(each_exit(g, 3000), EXIT_POLL);
		ck_assert_uint_eq(g->cpu->gpr[S0], 100 + i % 3);
		cp0_write(g->cpu, C0_STATUS, 0, 0);
		g->cpu->pc = RIG_CODE;
	}
	rig_close(g);
}

/* --- the guest --- */

static void own_page(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top, fix;

	EMIT(&c, ORI(S6, ZERO, 40), LUI(S0, 0x8001));
	code_li(&c, S1, ADDIU(V0, V0, 1));
	code_li(&c, S2, ADDIU(V0, V0, 2));
	top = c.va;
	EMIT(&c, MOVE(T0, S1), MOVE(S1, S2), MOVE(S2, T0));
	fix = code_put(&c, NOP);
	rig_put(g, fix, SW(T0, (fix + 4) & 0xffffu, S0)); /* the very next instruction */
	EMIT(&c, NOP, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(write_to_own_code_page)
{
	struct pair p = pair_run_on(ops, own_page, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 60);
	pair_close(&p);
}

static void faulting_slot(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top, branch;

	rig_handlers(g);
	EMIT(&c, ORI(S6, ZERO, 20), LUI(A0, USER_DATA >> 16));
	top = c.va;
	code_li(&c, S7, c.va + 16);
	branch = code_branch(&c, BEQ(ZERO, ZERO), top);
	ck_assert_uint_eq(branch, RIG_CODE + 16);
	EMIT(&c, LW(V0, (USER_DATA & 0xffffu) + 2, A0)); /* address error, in the slot */
	EMIT(&c, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(fault_in_a_delay_slot)
{
	struct pair p = pair_run_on(ops, faulting_slot, NULL);

	ck_assert_uint_eq((rig_get(p.in, RIG_LOG_AT) - RIG_LOG) / 16, 20);
	for (gva at = RIG_LOG; at < rig_get(p.in, RIG_LOG_AT); at += 16) {
		ck_assert_uint_eq(rig_get(p.in, at) & (CAUSE_EXC | CAUSE_BD), CAUSE_BD | EXC_ADEL << 2);
		ck_assert_uint_eq(rig_get(p.in, at + 4), RIG_CODE + 16);
		ck_assert_uint_eq(rig_get(p.in, at + 8), USER_DATA + 2);
	}
	pair_close(&p);
}

/* Two addresses of one page, one of them read-only; a store through that one is an exception, through the other it is seen.  */
static void aliases(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	rig_handlers(g);
	rig_pte(g, 0, USER_DATA, LO(DATA_PA, 6), LO(DATA_PA + 0x1000, 6));
	rig_pte(g, 0, ALIAS, LO(DATA_PA, 2), LO(DATA_PA + 0x1000, 6));
	EMIT(&c, ORI(S6, ZERO, 30));
	code_li(&c, A0, USER_DATA);
	code_li(&c, A1, ALIAS);
	code_li(&c, A2, 0xa0000000u + DATA_PA);
	top = c.va;
	code_li(&c, S7, c.va + 8 + 8 * 4);
	EMIT(&c, SW(S6, 0, A0), LW(T0, 0, A1), LW(T1, 0, A2), ADDU(V0, V0, T0), ADDU(V0, V0, T1), NOP, SW(ZERO, 0, A1), ADDIU(V0, V0, 1000));
	EMIT(&c, LW(T0, 0, A1), ADDU(V1, V1, T0), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(permissions_and_aliases)
{
	struct pair p = pair_run_on(ops, aliases, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 2 * (30 * 31 / 2));
	ck_assert_uint_eq(p.in->cpu->gpr[V1], 30 * 31 / 2);
	ck_assert_uint_eq((rig_get(p.in, RIG_LOG_AT) - RIG_LOG) / 16, 30);
	ck_assert_uint_eq(rig_get(p.in, RIG_LOG) & CAUSE_EXC, EXC_MOD << 2);
	ck_assert_uint_eq(rig_get(p.in, RIG_LOG + 8), ALIAS);
	pair_close(&p);
}

/* One address in eight address spaces, the table changed and the whole TLB overwritten now and then.  */
static void spaces(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva round, top, sweep;

	rig_handlers(g);
	for (unsigned a = 0; a < 8; a++) {
		rig_pte(g, (uint8_t)a, USER_DATA, LO(DATA_PA + a * 0x1000, 6), LO(DATA_PA, 6));
		rig_put(g, 0x80000000u + DATA_PA + a * 0x1000, 1u << a);
	}
	rig_put(g, 0x80000000u + DATA_PA + 0x9000, 0x1000);
	EMIT(&c, ORI(S6, ZERO, 6), LUI(A0, USER_DATA >> 16));
	round = c.va;
	EMIT(&c, MOVE(S0, ZERO));
	top = c.va;
	EMIT(&c, MTC0(S0, C0_ENTRYHI), LW(T0, USER_DATA & 0xffffu, A0), ADDU(V0, V0, T0), ADDIU(S0, S0, 1), SLTIU(T1, S0, 8));
	code_branch(&c, BNE(T1, ZERO), top);
	code_put(&c, NOP);
	/* Space 3 now shows another page; the sweep is what tells.  */
	code_li(&c, T0, rig_pte_address(3, USER_DATA));
	code_li(&c, T1, LO(DATA_PA + 0x9000, 6));
	EMIT(&c, SW(T1, 0, T0), MTC0(ZERO, C0_ENTRYLO0), MTC0(ZERO, C0_ENTRYLO1), MOVE(T1, ZERO), LUI(T2, 0xa000), ORI(T3, ZERO, 0x2000));
	sweep = c.va;
	EMIT(&c, MTC0(T2, C0_ENTRYHI), MTC0(T1, C0_INDEX), TLBWI, ADDIU(T1, T1, 1), ADDU(T2, T2, T3), SLTIU(T4, T1, 16));
	code_branch(&c, BNE(T4, ZERO), sweep);
	EMIT(&c, NOP, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(address_spaces_and_sweeps)
{
	struct pair p = pair_run_on(ops, spaces, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 6 * (255 - 8) + 8 + 5 * 0x1000);
	pair_close(&p);
}

/* User mode may not name what the kernel may, whatever was mapped for it a moment before.  */
static void modes(struct rig *g)
{
	struct code c = code_mapped(g, CODE_PA, USER_CODE), k = code_at(g, 0x80000180u);
	gva top;

	rig_handlers(g);
	k = code_at(g, 0x80000180u); /* the exception counts, and the kernel reads what the user may not */
	EMIT(&k, LUI(K0, 0x8010), LW(K1, 0, K0), ADDU(V1, V1, K1), MFC0(K0, C0_CAUSE), ANDI(K0, K0, 0x7c), XORI(K0, K0, 8 << 2));
	EMIT(&k, BEQ(K0, ZERO) | 4u, NOP, MTC0(S7, C0_EPC), ERET, NOP);
	code_stop(&k);
	rig_put(g, RIG_DATA, 3);
	rig_pte(g, 0, USER_CODE, LO(CODE_PA, 6), 0);
	EMIT(&c, ORI(S6, ZERO, 25), LUI(A0, RIG_DATA >> 16));
	top = c.va;
	code_li(&c, S7, c.va + 8 + 12);
	EMIT(&c, LW(V0, 0, A0), ADDIU(V0, V0, 1), NOP, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	EMIT(&c, NOP, SYSCALL);
	cp0_write(g->cpu, C0_STATUS, 0, ST_UM);
	g->cpu->pc = USER_CODE;
}

ON_EACH(mode_changes)
{
	struct pair p = pair_run_on(ops, modes, NULL);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 0);
	ck_assert_uint_eq(p.in->cpu->gpr[V1], 3 * 26);
	pair_close(&p);
}

static void mmio(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	EMIT(&c, LUI(S0, DEV_KSEG1 >> 16), ORI(S6, ZERO, 30), LUI(T0, 0x89ab), ORI(T0, T0, 0xcdef));
	top = c.va;
	EMIT(&c, LB(T1, 0x41, S0), ADDU(V0, V0, T1), LBU(T1, 0x42, S0), ADDU(V0, V0, T1), LH(T1, 0x42, S0), ADDU(V0, V0, T1), LHU(T1, 0x44, S0),
	     ADDU(V0, V0, T1), LW(T1, 0x48, S0), ADDU(V0, V0, T1), SB(T0, 0x43, S0), SH(T0, 0x46, S0), SW(T0, 0x4c, S0), SWL(T0, 0x51, S0),
	     SWR(T0, 0x55, S0), LWL(T2, 0x59, S0), LWR(T3, 0x5d, S0), ADDU(V0, V0, T2), ADDU(V0, V0, T3));
	EMIT(&c, LW(T4, DEV_COUNTER, S0), ADDU(V1, V1, T4), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, SW(V0, 0x60, S0));
	code_stop(&c);
}

ON_EACH(device_accesses_of_each_width)
{
	for (unsigned be = 0; be < 2; be++) {
		struct rig_opts o = { .big_endian = be };
		struct pair p = pair_run_on(ops, mmio, &o);

		ck_assert_uint_eq(p.in->cpu->gpr[V1], 30 * 31 / 2); /* once each */
		pair_close(&p);
	}
}

/* Asleep until the timer, then until a line another party raises.  */
static void sleeping(struct rig *g)
{
	struct code c = code_at(g, 0x80000180u);
	gva top;

	EMIT(&c, ADDIU(S5, S5, 1), MTC0(ZERO, C0_COMPARE), LUI(K0, DEV_KSEG1 >> 16), SW(ZERO, DEV_LINES, K0), ERET);
	c = code_at(g, RIG_CODE);
	EMIT(&c, ORI(T2, ZERO, 0xfc01), MTC0(T2, C0_STATUS), ORI(S6, ZERO, 10), LUI(S0, DEV_KSEG1 >> 16));
	top = c.va;
	EMIT(&c, MFC0(T0, C0_COUNT), ORI(T1, ZERO, 5000), ADDU(T0, T0, T1), MTC0(T0, C0_COMPARE), WAIT, ADDIU(V0, V0, 1), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(wait_and_wake)
{
	struct pair p = pair_run_on(ops, sleeping, NULL);
	struct rig *g;

	ck_assert_uint_eq(p.in->waits, 10);
	ck_assert_uint_eq(p.in->cpu->gpr[S5], 10);
	pair_close(&p);
	g = rig_open(ops, &none);
	sleeping(g);
	ck_assert_int_eq(each_exit(g, 1000), EXIT_WAIT);
	ck_assert_int_eq(each_exit(g, 1000), EXIT_WAIT); /* nothing has come */
	ck_assert_uint_eq(g->cpu->gpr[V0], 0);
	cpu_set_irq(g->cpu, 0, true);
	ck_assert_int_eq(each_exit(g, 4), EXIT_POLL);
	ck_assert_uint_eq(g->cpu->gpr[S5], 1);
	rig_close(g);
}

#define GROWTH_PAGES 1500u

/* Code in very many pages, called in a row, twice: tables, mirrors and the code cache grow.  */
static void growth(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva round, top;

	for (unsigned i = 0; i < GROWTH_PAGES; i++) {
		struct code l = code_at(g, 0x80200000u + i * GUEST_PAGE_SIZE);

		EMIT(&l, ADDIU(V0, V0, 1 + i % 7), ADDU(V1, V1, V0), JR(RA), XOR(V1, V1, RA));
	}
	EMIT(&c, ORI(S6, ZERO, 5), ORI(S2, ZERO, GROWTH_PAGES), ORI(S3, ZERO, GUEST_PAGE_SIZE));
	round = c.va;
	EMIT(&c, MOVE(S1, S2), LUI(S0, 0x8020));
	top = c.va;
	EMIT(&c, JALR(RA, S0), ADDIU(S1, S1, -1));
	code_branch(&c, BGTZ(S1), top);
	EMIT(&c, ADDU(S0, S0, S3), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(memory_grows)
{
	struct pair p = pair_run_on(ops, growth, NULL);

	rig_tiers(p.in, ops == &accel_ref ? 0 : GROWTH_PAGES * 4 * 2);
	pair_close(&p);
}

/* Au1500: bits 29:26 of EntryLo are bits 35:32 of the address.  */
static void far_device(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	rig_handlers(g);
	rig_pte(g, 0, USER_DATA, LO(0xf40000000ull, 7), LO(0x400000000ull, 7));
	code_li(&c, A0, USER_DATA);
	EMIT(&c, ORI(S6, ZERO, 20));
	top = c.va;
	EMIT(&c, LW(T0, 0x10, A0), ADDU(V0, V0, T0), LW(T0, 0x1010, A0), ADDU(V0, V0, T0));
	EMIT(&c, SW(V0, 0x20, A0), SB(V0, 0x1023, A0), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

ON_EACH(physical_addresses_of_36_bits)
{
	struct rig_opts o = { .model = "au1500" };
	struct pair p = pair_run_on(ops, far_device, &o);
	uint32_t once = (0x5a5a5a5au ^ 0x40000010u) + (0x5a5a5a5au ^ 0x00000010u);

	ck_assert_uint_eq(p.in->cpu->gpr[V0], 20 * once);
	ck_assert_uint_eq(p.in->io_count, 20 * 4 + 1);
	pair_close(&p);
}

/* --- life --- */

/* Where the address map is one's own, two machines live in one process.  */
START_TEST(two_machines)
{
	const struct accel_ops *ops = each_or_skip(2, "two_machines");
	struct rig *a, *b;

	if (!ops)
		return;
	a = rig_open(ops, &none);
	b = rig_open(ops, &none);
	endless(a);
	stopping(b);
	for (unsigned i = 0; i < 10; i++)
		ck_assert_int_eq(rig_exit(a, 10000), EXIT_POLL);
	ck_assert_int_eq(rig_exit(b, 10000), EXIT_STOP);
	ck_assert_int_eq(rig_exit(a, 10000), EXIT_POLL);
	rig_close(a);
	ck_assert_uint_eq(b->cpu->gpr[V0], 7);
	rig_close(b);
}
END_TEST

/* Made and ended many times: no descriptor, no mapping stays.  */
static unsigned open_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += lseek(fd, 0, SEEK_CUR) >= 0 || dup2(fd, fd) >= 0;
	return n;
}

ON_EACH(nothing_stays_behind)
{
	unsigned before = open_descriptors();

	for (unsigned i = 0; i < 8; i++) {
		struct rig *g = rig_open(ops, &none);

		stopping(g);
		ck_assert_int_eq(each_exit(g, 1000), EXIT_STOP);
		rig_close(g);
	}
	ck_assert_uint_eq(open_descriptors(), before);
}

Suite *contract_suite(void)
{
	const TTest *const each[] = {
		kick_before_run_on, kick_by_a_signal_on, instruction_limit_on, deadline_on, stop_and_go_on_on, reset_forgets_everything_on,
		ram_written_from_outside_on, registers_written_from_outside_on, write_to_own_code_page_on, fault_in_a_delay_slot_on,
		permissions_and_aliases_on, address_spaces_and_sweeps_on, mode_changes_on, device_accesses_of_each_width_on, wait_and_wake_on,
		memory_grows_on, physical_addresses_of_36_bits_on, nothing_stays_behind_on,
	};
	Suite *s = suite_create("contract");
	TCase *t = tcase_create("contract");

	tcase_set_timeout(t, 60);
	for (size_t i = 0; i < ARRAY_LEN(each); i++)
		tcase_add_loop_test(t, each[i], 0, EACH);
	tcase_add_test(t, two_machines);
	suite_add_tcase(s, t);
	return s;
}
