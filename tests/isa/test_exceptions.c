/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exceptions in both slot positions, vectors, interrupts, the timer, CP0 registers and privilege.  MD00090.
 */
#include <check.h>

#include "tests/isa/guest.h"

Suite *exceptions_suite(void);

#define NOP 0u
#define BEQ_PLUS_3 0x10000003u /* beq $0, $0, . + 16 */
#define SYSCALL 0x0000000cu
#define ERET 0x42000018u
#define BAD_LW 0x8c020001u     /* lw $2, 1($0): misaligned */
#define LW_USER 0x8c220000u    /* lw $2, 0($1) */
#define SW_USER 0xac220000u    /* sw $2, 0($1) */
#define WAIT 0x42000020u

static struct guest *g;

static void set_up(void) { g = guest_open("24Kc", false); }
static void tear_down(void) { guest_close(g); }

static unsigned code(void) { return g->cpu.cause >> 2 & 31; }

#define RUN(steps, ...) guest_run(g, (const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4, steps)

START_TEST(in_a_slot)
{
	ck_assert_uint_eq(RUN(1, BEQ_PLUS_3, BAD_LW), 2);
	ck_assert_uint_eq(g->cpu.pc, 0x80000180u);
	ck_assert_uint_eq(g->cpu.epc, GUEST_CODE);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_BD, CAUSE_BD);
	ck_assert_uint_eq(code(), EXC_ADEL);
	ck_assert_uint_eq(g->cpu.badvaddr, 1);
	g->cpu.status = 0;
	ck_assert_uint_eq(RUN(2, NOP, BAD_LW), 2);
	ck_assert_uint_eq(g->cpu.epc, GUEST_CODE + 4);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_BD, 0);
}
END_TEST

/* CACHE by address and SYNCI are translated as loads: TLBL, in both positions; CACHE by index is not.  */
START_TEST(cache_operations_fault)
{
	static const uint32_t by_address[] = { 0xbc300000u, 0xbc350000u, 0xbc340000u, 0x043f0000u };

	for (unsigned i = 0; i < ARRAY_LEN(by_address); i++) {
		g->cpu.status = 0;
		g->cpu.gpr[1] = 0x00400013u;
		RUN(1, by_address[i]);
		ck_assert_uint_eq(code(), EXC_TLBL);
		ck_assert_uint_eq(g->cpu.pc, 0x80000000u);
		ck_assert_uint_eq(g->cpu.badvaddr, 0x00400013u);
		ck_assert_uint_eq(g->hints, 0);
		g->cpu.status = 0;
		RUN(1, BEQ_PLUS_3, by_address[i]);
		ck_assert_uint_eq(g->cpu.cause & CAUSE_BD, CAUSE_BD);
		ck_assert_uint_eq(g->cpu.epc, GUEST_CODE);
	}
	g->cpu.status = 0;
	RUN(1, 0xbc200000u);
	ck_assert_uint_eq(g->cpu.pc, GUEST_CODE + 4);
}
END_TEST

START_TEST(link_survives_a_fault_in_the_slot)
{
	RUN(1, 0x04110003 /* bal */, SYSCALL);
	ck_assert_uint_eq(g->cpu.epc, GUEST_CODE);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_BD, CAUSE_BD);
	ck_assert_uint_eq(code(), EXC_SYS);
	ck_assert_uint_eq(g->cpu.gpr[31], GUEST_CODE + 8);
}
END_TEST

START_TEST(nullified_slot_does_nothing)
{
	/* The slot of a likely branch that is not taken is not even fetched: the page behind is unmapped kernel space.  */
	ck_assert(guest_tlbwi(g, 0, 0xc0000000u, 0, ENTRYLO(0x20000, TLB_LO_V | TLB_LO_G), TLB_LO_G));
	guest_put(g, 0x20ffc, 0x54000003); /* bnel $0, $0 */
	g->cpu.pc = 0xc0000ffcu;
	ck_assert_uint_eq(interp_step(&g->cpu), 1);
	ck_assert_uint_eq(g->cpu.pc, 0xc0001004u);
	guest_put(g, 0x20ffc, 0x50000003); /* beql: taken, the slot is fetched, and that faults */
	g->cpu.pc = 0xc0000ffcu;
	ck_assert_uint_eq(interp_step(&g->cpu), 2);
	ck_assert_uint_eq(g->cpu.epc, 0xc0000ffcu);
	ck_assert_uint_eq(g->cpu.badvaddr, 0xc0001000u);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_BD, CAUSE_BD);
	ck_assert_uint_eq(code(), EXC_TLBL);
	ck_assert_uint_eq(g->cpu.pc, 0x80000180u); /* an entry matched: not the refill vector */
}
END_TEST

START_TEST(unpredictable_slots_are_reserved)
{
	static const uint32_t slots[] = { BEQ_PLUS_3, 0x08000000, 0x03e00008, ERET, WAIT, 0x4200001f };

	for (unsigned i = 0; i < ARRAY_LEN(slots); i++) {
		g->cpu.status = 0;
		RUN(1, BEQ_PLUS_3, slots[i]);
		ck_assert_uint_eq(code(), EXC_RI);
		ck_assert_uint_eq(g->cpu.epc, GUEST_CODE);
		ck_assert_uint_eq(g->cpu.cause & CAUSE_BD, CAUSE_BD);
	}
}
END_TEST

START_TEST(refill_and_general_vectors)
{
	g->cpu.gpr[1] = 0x00403456u & ~3u;
	RUN(1, LW_USER);
	ck_assert_uint_eq(g->cpu.pc, 0x80000000u);
	ck_assert_uint_eq(code(), EXC_TLBL);
	ck_assert_uint_eq(g->cpu.badvaddr, 0x00403454u);
	ck_assert_uint_eq(g->cpu.context, 0x403454u >> 13 << 4);
	ck_assert_uint_eq(g->cpu.entryhi, 0x00402000u);
	/* with EXL set: general vector, EPC and BD stay */
	g->cpu.epc = 0x1234;
	RUN(1, BEQ_PLUS_3, SW_USER);
	ck_assert_uint_eq(g->cpu.pc, 0x80000180u);
	ck_assert_uint_eq(g->cpu.epc, 0x1234);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_BD, 0);
	ck_assert_uint_eq(code(), EXC_TLBS);
	/* an invalid entry: general vector */
	ck_assert(guest_tlbwi(g, 0, 0x00402000u, 0, 0, 0));
	g->cpu.status = 0;
	RUN(1, LW_USER);
	ck_assert_uint_eq(g->cpu.pc, 0x80000180u);
	/* BEV */
	g->cpu.status = ST_BEV;
	RUN(1, SYSCALL);
	ck_assert_uint_eq(g->cpu.pc, 0xbfc00380u);
	g->cpu.status = ST_BEV;
	g->cpu.gpr[1] = 0x00600000u;
	RUN(1, LW_USER);
	ck_assert_uint_eq(g->cpu.pc, 0xbfc00200u);
	/* EBase */
	cp0_write(&g->cpu, 15, 1, 0xffffffffu);
	ck_assert_uint_eq(cp0_read(&g->cpu, 15, 1), 0xbffff000u);
	cp0_write(&g->cpu, 15, 1, 0x80004000u);
	g->cpu.status = 0;
	RUN(1, SYSCALL);
	ck_assert_uint_eq(g->cpu.pc, 0x80004180u);
}
END_TEST

START_TEST(context_keeps_ptebase)
{
	cp0_write(&g->cpu, 4, 0, 0xffffffffu);
	ck_assert_uint_eq(g->cpu.context, 0xff800000u);
	g->cpu.gpr[1] = 0x7fffe000u;
	RUN(1, LW_USER);
	ck_assert_uint_eq(g->cpu.context, 0xff800000u | 0x7fffe000u >> 9);
}
END_TEST

START_TEST(fetch_faults)
{
	g->cpu.pc = 0x80000002u;
	ck_assert_uint_eq(interp_step(&g->cpu), 1);
	ck_assert_uint_eq(code(), EXC_ADEL);
	ck_assert_uint_eq(g->cpu.badvaddr, 0x80000002u);
	ck_assert_uint_eq(g->cpu.epc, 0x80000002u);
	g->cpu.status = ST_UM;
	g->cpu.pc = 0x80001000u;
	interp_step(&g->cpu);
	ck_assert_uint_eq(code(), EXC_ADEL);
	g->cpu.status = ST_UM;
	g->cpu.pc = 0x00400000u;
	interp_step(&g->cpu);
	ck_assert_uint_eq(code(), EXC_TLBL);
	ck_assert_uint_eq(g->cpu.pc, 0x80000000u);
}
END_TEST

START_TEST(eret_and_link)
{
	g->cpu.status = ST_EXL | ST_ERL;
	g->cpu.errorepc = 0x80020000u;
	g->cpu.epc = 0x80030000u;
	g->cpu.ll_bit = 1;
	RUN(1, ERET);
	ck_assert_uint_eq(g->cpu.pc, 0x80020000u);
	ck_assert_uint_eq(g->cpu.status, ST_EXL);
	ck_assert_uint_eq(g->cpu.ll_bit, 0);
	RUN(1, ERET);
	ck_assert_uint_eq(g->cpu.pc, 0x80030000u);
	ck_assert_uint_eq(g->cpu.status, 0);
}
END_TEST

START_TEST(user_mode_has_no_cp0)
{
	static const uint32_t words[] = { 0x40026000 /* mfc0 */, 0x40826000 /* mtc0 */, 0x42000008 /* tlbp */, ERET, WAIT, 0xbc300000 /* cache */,
					  0x41606000 /* di */, 0x4200003f /* reserved */ };

	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 0, ENTRYLO(0x20000, TLB_LO_V), 0));
	for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
		guest_put(g, 0x20000, words[i]);
		g->cpu.status = ST_UM;
		g->cpu.pc = 0x00400000u;
		interp_step(&g->cpu);
		ck_assert_uint_eq(code(), EXC_CPU);
		ck_assert_uint_eq(g->cpu.cause >> 28 & 3, 0);
		ck_assert_uint_eq(g->cpu.epc, 0x00400000u);
	}
	guest_put(g, 0x20000, 0x40026000);
	g->cpu.status = ST_UM | ST_CU0;
	g->cpu.pc = 0x00400000u;
	interp_step(&g->cpu);
	ck_assert_uint_eq(g->cpu.gpr[2], ST_UM | ST_CU0);
	g->cpu.status = ST_UM;
	cp0_write(&g->cpu, 12, 0, ST_CU1 | ST_UM); /* there is no FPU to enable */
	ck_assert_uint_eq(g->cpu.status & ST_CU1, 0);
}
END_TEST

static bool rdhwr_works(unsigned reg)
{
	guest_put(g, 0x20000, 0x7c02003bu | reg << 11);
	g->cpu.status = ST_UM;
	g->cpu.pc = 0x00400000u;
	interp_step(&g->cpu);
	ck_assert(g->cpu.pc == 0x00400004u || code() == EXC_RI);
	return g->cpu.pc == 0x00400004u;
}

START_TEST(rdhwr_needs_hwrena)
{
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 0, ENTRYLO(0x20000, TLB_LO_V), 0));
	for (unsigned reg = 0; reg < 32; reg++) {
		cp0_write(&g->cpu, 7, 0, 0);
		ck_assert(!rdhwr_works(reg));
		cp0_write(&g->cpu, 7, 0, 0xffffffffu);
		ck_assert(rdhwr_works(reg) == (reg < 4)); /* no UserLocal */
		cp0_write(&g->cpu, 7, 0, ~(1u << reg));
		ck_assert(!rdhwr_works(reg));
	}
	cp0_write(&g->cpu, 7, 0, 2);
	ck_assert(rdhwr_works(1));
	ck_assert_uint_eq(g->cpu.gpr[2], 32);
}
END_TEST

START_TEST(interrupts)
{
	cp0_write(&g->cpu, 12, 0, ST_IE | 0x0400);
	ck_assert(!cpu_irq_ready(&g->cpu));
	cpu_set_irq(&g->cpu, 1, true); /* IP3: masked */
	ck_assert(!cpu_irq_ready(&g->cpu));
	cpu_set_irq(&g->cpu, 0, true);
	ck_assert(cpu_irq_ready(&g->cpu));
	g->cpu.status |= ST_EXL;
	ck_assert(!cpu_irq_ready(&g->cpu));
	g->cpu.status &= ~ST_EXL;
	cpu_interrupt(&g->cpu);
	ck_assert_uint_eq(g->cpu.pc, 0x80000180u);
	ck_assert_uint_eq(g->cpu.epc, GUEST_CODE);
	ck_assert_uint_eq(g->cpu.cause & (CAUSE_EXC | CAUSE_IP | CAUSE_BD), 0x0c00);
	cpu_set_irq(&g->cpu, 0, false);
	cpu_set_irq(&g->cpu, 1, false);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_IP, 0);
	/* software interrupts, and the vector of its own */
	cp0_write(&g->cpu, 13, 0, 0xffffffffu);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_IP, 0x0300);
	ck_assert_uint_eq(g->cpu.cause & CAUSE_IV, CAUSE_IV);
	g->cpu.status = ST_IE | 0x0100;
	ck_assert(cpu_irq_ready(&g->cpu));
	cpu_interrupt(&g->cpu);
	ck_assert_uint_eq(g->cpu.pc, 0x80000200u);
	g->cpu.status = ST_BEV;
	cpu_interrupt(&g->cpu);
	ck_assert_uint_eq(g->cpu.pc, 0xbfc00400u);
}
END_TEST

START_TEST(timer)
{
	struct cpu *c = &g->cpu;

	/* 160 MHz: 6.25 ns a tick */
	g->now_ns = 1000;
	cp0_write(c, 9, 0, 500);
	ck_assert_uint_eq(cp0_read(c, 9, 0), 500);
	g->now_ns += 1000;
	ck_assert_uint_eq(cp0_read(c, 9, 0), 660);
	g->now_ns += 3600ull * 1000000000;
	ck_assert_uint_eq(cp0_read(c, 9, 0), (uint32_t)(660 + 3600ull * 160000000));
	cp0_write(c, 9, 0, 0);
	cp0_write(c, 11, 0, 1600);
	ck_assert_uint_eq(g->timer_ns, g->now_ns + 10000);
	g->now_ns = g->timer_ns - 1;
	ck_assert_uint_eq(cp0_read(c, 9, 0), 1599);
	ck_assert_uint_eq(cp0_read(c, 13, 0) & CAUSE_TI, 0);
	g->now_ns++;
	ck_assert_uint_eq(cp0_read(c, 9, 0), 1600);
	ck_assert_uint_eq(cp0_read(c, 13, 0) & (CAUSE_TI | CAUSE_IP), CAUSE_TI | 0x8000); /* seen without being told */
	ck_assert_uint_eq(g->timer_ns, g->now_ns + (1ull << 32) * 25 / 4);
	cp0_write(c, 11, 0, 3200);
	ck_assert_uint_eq(c->cause & (CAUSE_TI | CAUSE_IP), 0);
	ck_assert_uint_eq(g->timer_ns, g->now_ns + 10000);
	cp0_write(c, 9, 0, 3100); /* Count written: the match comes sooner */
	ck_assert_uint_eq(g->timer_ns, g->now_ns + 625);
	g->now_ns = g->timer_ns;
	cpu_timer_expired(c);
	ck_assert_uint_eq(c->cause & (CAUSE_TI | CAUSE_IP), CAUSE_TI | 0x8000);
	/* the line of the same input comes and goes without the timer's share */
	cpu_set_irq(c, 5, true);
	cpu_set_irq(c, 5, false);
	ck_assert_uint_eq(c->cause & (CAUSE_TI | CAUSE_IP), CAUSE_TI | 0x8000);
	cpu_set_irq(c, 5, true);
	cp0_write(c, 11, 0, 0);
	ck_assert_uint_eq(c->cause & (CAUSE_TI | CAUSE_IP), 0x8000);
}
END_TEST

/* Time passes while registers are written: a Compare that is one tick ahead of the Count written is not missed.  */
START_TEST(near_match)
{
	struct cpu *c = &g->cpu;

	cp0_write(c, 11, 0, 1001);
	g->passes_ns = 100; /* 16 ticks */
	cp0_write(c, 9, 0, 1000);
	ck_assert_uint_lt(g->timer_ns, g->now_ns + 100);
	cp0_write(c, 11, 0, 2000);
	cp0_write(c, 13, 0, 0x08000000); /* stopped */
	cp0_write(c, 9, 0, 1999);
	cp0_write(c, 13, 0, 0);
	ck_assert_uint_lt(g->timer_ns, g->now_ns + 100);
}
END_TEST

START_TEST(count_can_be_stopped)
{
	struct cpu *c = &g->cpu;

	cp0_write(c, 9, 0, 1000);
	cp0_write(c, 13, 0, 0x08000000); /* DC */
	ck_assert_uint_eq(g->timer_ns, UINT64_MAX);
	g->now_ns += 1000000;
	ck_assert_uint_eq(cp0_read(c, 9, 0), 1000);
	cp0_write(c, 9, 0, 2000);
	g->now_ns += 1000000;
	ck_assert_uint_eq(cp0_read(c, 9, 0), 2000);
	cp0_write(c, 11, 0, 2160);
	cp0_write(c, 13, 0, 0);
	ck_assert_uint_eq(g->timer_ns, g->now_ns + 1000);
	g->now_ns += 500;
	ck_assert_uint_eq(cp0_read(c, 9, 0), 2080);
}
END_TEST

START_TEST(wait_waits)
{
	RUN(1, WAIT);
	ck_assert(g->cpu.waiting);
	ck_assert_uint_eq(g->cpu.pc, GUEST_CODE + 4);
	g->cpu.waiting = false;
	g->cpu.status = 0x0400; /* pending, though IE is 0: no reason to wait */
	cpu_set_irq(&g->cpu, 0, true);
	RUN(1, WAIT);
	ck_assert(!g->cpu.waiting);
}
END_TEST

START_TEST(reset_state)
{
	struct cpu *c = &g->cpu;

	c->gpr[5] = 7;
	cp0_write(c, 6, 0, 3);
	ck_assert(guest_tlbwi(g, 0, 0x00400000u, 0, ENTRYLO(0x20000, TLB_LO_V), 0));
	cpu_raise(c, EXC_RESET, false, 0, false, 0);
	ck_assert_uint_eq(c->pc, 0xbfc00000u);
	ck_assert_uint_eq(c->status, ST_BEV | ST_ERL);
	ck_assert_uint_eq(cp0_read(c, 6, 0), 0);
	ck_assert_uint_eq(c->gpr[5], 0);
	ck_assert_uint_eq(cp0_read(c, 9, 0), 0);
	ck_assert_uint_ge(g->modes, 1);
	c->status = 0;
	c->pc = 0x80001234u;
	cpu_raise(c, EXC_NMI, false, 0, false, 0);
	ck_assert_uint_eq(c->pc, 0xbfc00000u);
	ck_assert_uint_eq(c->errorepc, 0x80001234u);
	ck_assert_uint_eq(c->status, ST_BEV | ST_ERL | ST_NMI);
}
END_TEST

static void check_taken(unsigned n, enum exc e, gva pc, gva to)
{
	ck_assert_uint_eq(g->taken.n, n);
	ck_assert_uint_eq(g->taken.e, e);
	ck_assert_uint_eq(g->taken.pc, pc);
	ck_assert_uint_eq(g->taken.to, to);
}

/* Each is told once, with where it came from, which EPC does not say of one in a handler, and where it led.  */
START_TEST(exceptions_and_eret_are_told)
{
	struct cpu *c = &g->cpu;

	c->status = 0;
	c->pc = 0x80001000u;
	cpu_raise(c, EXC_SYS, true, 0, false, 0);
	check_taken(1, EXC_SYS, 0x80001000u, 0x80000180u);
	cpu_raise(c, EXC_TLBL, false, 0x400000u, true, 0);
	check_taken(2, EXC_TLBL, 0x80000180u, 0x80000180u);
	ck_assert_uint_eq(c->epc, 0x80001000u);
	cpu_eret(c);
	ck_assert_uint_eq(g->left.to, 0x80001000u);
	c->status = 0x0400 | ST_IE;
	cpu_set_irq(c, 0, true);
	cpu_interrupt(c);
	check_taken(3, EXC_INT, 0x80001000u, 0x80000180u);
	cpu_raise(c, EXC_NMI, false, 0, false, 0);
	check_taken(4, EXC_NMI, 0x80000180u, 0xbfc00000u);
	cpu_eret(c);
	ck_assert_uint_eq(g->left.to, 0x80000180u);
	ck_assert_uint_eq(g->left.n, 2);
}
END_TEST

/* What Linux finds on QEMU's processor of the same name.  */
START_TEST(identity_24kc)
{
	static const struct { unsigned reg, sel; uint32_t value; } rows[] = {
		{ 15, 0, 0x00019300 }, { 16, 0, 0x80000482 }, { 16, 1, 0x9e190c8a }, { 16, 2, 0x80000000 }, { 16, 3, 0 }, { 16, 4, 0 },
		{ 16, 7, 0 }, { 12, 1, 0xe0000000 }, { 12, 2, 0 }, { 15, 1, 0x80000000 }, { 4, 2, 0 }, { 5, 1, 0 }, { 31, 2, 0 },
	};
	struct cpu *c = &g->cpu;

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_uint_eq(cp0_read(c, rows[i].reg, rows[i].sel), rows[i].value);
		cp0_write(c, rows[i].reg, rows[i].sel, (~rows[i].value & 0xc0000f78u) | (rows[i].value & 7u));
		if (rows[i].reg != 15 || !rows[i].sel)
			ck_assert_uint_eq(cp0_read(c, rows[i].reg, rows[i].sel), rows[i].value);
	}
	for (unsigned i = 0; i < 8; i++) {
		cp0_write(c, 18, i, 7);
		ck_assert_uint_eq(cp0_read(c, 18, i), 0);
		cp0_write(c, 19, i, 0xff8);
		ck_assert_uint_eq(cp0_read(c, 19, i), i < 7 ? 0x80000ff8u : 0xff8u);
	}
	cp0_write(c, 16, 0, 3);
	ck_assert_uint_eq(cp0_read(c, 16, 0), 0x80000483u);
	guest_close(g);
	g = guest_open("24Kc", true);
	ck_assert_uint_eq(cp0_read(&g->cpu, 16, 0), 0x80008482u);
}
END_TEST

START_TEST(identity_au1500)
{
	struct cpu *c;

	guest_close(g);
	g = guest_open("au1500", false);
	c = &g->cpu;
	ck_assert_uint_eq(cp0_read(c, 15, 0), 0x01030202);
	ck_assert_uint_eq(cp0_read(c, 16, 0), 0x80000083);
	ck_assert_uint_eq(cp0_read(c, 16, 1), 0x3e63318a);
	cp0_write(c, 16, 0, 0x00080003);
	ck_assert_uint_eq(cp0_read(c, 16, 0), 0x80080083);
	for (unsigned sel = 1; sel < 4; sel++) { /* release 2 registers */
		cp0_write(c, 15, 1, 0x80004000);
		ck_assert_uint_eq(cp0_read(c, 15, 1), 0);
		ck_assert_uint_eq(cp0_read(c, 12, sel), 0);
	}
	cp0_write(c, 7, 0, 15);
	ck_assert_uint_eq(cp0_read(c, 7, 0), 0);
	RUN(1, 0x7c03e83b); /* rdhwr $3, $29 */
	ck_assert_uint_eq(code(), EXC_RI);
	ck_assert_uint_eq(c->pc, 0x80000180u);
	/* Count at the full clock, no TI */
	cp0_write(c, 9, 0, 0);
	cp0_write(c, 11, 0, 396);
	ck_assert_uint_eq(g->timer_ns, 1000);
	g->now_ns = 1000;
	cpu_timer_expired(c);
	ck_assert_uint_eq(cp0_read(c, 13, 0) & (CAUSE_TI | CAUSE_IP), 0x8000);
}
END_TEST

static const char *const au1500[] = { "au1500", "au1500-r2" };

START_TEST(au1500_after_reset)
{
	struct cpu *c;

	guest_close(g);
	g = guest_open(au1500[_i], false);
	c = &g->cpu;
	cpu_reset(c);
	ck_assert_uint_eq(c->pc, 0xbfc00000u);
	ck_assert_uint_eq(cp0_read(c, 12, 0) & (ST_BEV | ST_ERL | ST_NMI | ST_SR), ST_BEV | ST_ERL);
	cp0_write(c, 16, 0, 0x00080002); /* K0 and OD are the guest's, the rest is not */
	ck_assert_uint_eq(cp0_read(c, 16, 0) & 0x000fffff, _i ? 0x00080482u : 0x00080082u);
	cp0_write(c, 18, 0, 0xffffffff); /* WatchLo, WatchHi are there */
	cp0_write(c, 19, 0, 0xffffffff);
	ck_assert_uint_eq(cp0_read(c, 19, 0) & 0xff8, 0xff8);
}
END_TEST

/* What Linux's au1k_wait does: CACHE 0x14 on its own code, then WAIT with an interrupt that may be there already.  */
START_TEST(au1500_idle)
{
	struct cpu *c;

	guest_close(g);
	g = guest_open(au1500[_i], false);
	c = &g->cpu;
	c->status = ST_IE | 0x0400;
	c->gpr[1] = GUEST_CODE;
	RUN(3, 0xbc340000u /* cache 0x14, 0($1) */, 0xbc340020u, WAIT);
	ck_assert_uint_eq(c->pc, GUEST_CODE + 12);
	ck_assert(c->waiting);
	cpu_set_irq(c, 0, true);
	ck_assert(cpu_irq_ready(c));
	c->waiting = false;
	c->cause |= CAUSE_IV;
	cpu_interrupt(c);
	ck_assert_uint_eq(c->pc, 0x80000200u);
	c->status = 0x0400;
	RUN(1, WAIT);
	ck_assert(!c->waiting);
}
END_TEST

START_TEST(au1500_r2_is_an_au1500_with_release_2)
{
	struct cpu *c;

	guest_close(g);
	g = guest_open("au1500-r2", false);
	c = &g->cpu;
	ck_assert_uint_eq(cp0_read(c, 15, 0), 0x01030202);
	ck_assert_uint_eq(cp0_read(c, 16, 0), 0x80000483);
	ck_assert_uint_eq(cp0_read(c, 16, 1), 0x3e63318a);
	c->gpr[2] = 0x1234;
	RUN(1, 0x7c423900 /* ext $2, $2, 4, 8 */);
	ck_assert_uint_eq(c->gpr[2], 0x23);
	ck_assert_uint_eq(cp0_read(c, 7, 0), 0); /* HWREna: a user's RDHWR is the kernel's, who does not know the register */
	cp0_write(c, 9, 0, 0);
	cp0_write(c, 11, 0, 396);
	g->now_ns = 1000;
	cpu_timer_expired(c);
	ck_assert_uint_eq(cp0_read(c, 13, 0) & CAUSE_IP, 0x8000);
}
END_TEST

START_TEST(mode_changes_are_told)
{
	struct cpu *c = &g->cpu;

	cp0_write(c, 12, 0, ST_IE);
	cp0_write(c, 10, 0, 0x00400000);
	ck_assert_uint_eq(g->modes, 0);
	cp0_write(c, 10, 0, 0x00400001);
	ck_assert_uint_eq(g->modes, 1);
	cp0_write(c, 12, 0, ST_UM);
	ck_assert_uint_eq(g->modes, 2);
	RUN(1, NOP); /* user mode: an address error */
	ck_assert_uint_eq(g->modes, 3);
	RUN(1, ERET);
	ck_assert_uint_eq(g->modes, 4);
}
END_TEST

Suite *exceptions_suite(void)
{
	Suite *s = suite_create("exceptions");
	TCase *t = tcase_create("exceptions"), *r = tcase_create("registers");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, in_a_slot);
	tcase_add_test(t, cache_operations_fault);
	tcase_add_test(t, link_survives_a_fault_in_the_slot);
	tcase_add_test(t, nullified_slot_does_nothing);
	tcase_add_test(t, unpredictable_slots_are_reserved);
	tcase_add_test(t, refill_and_general_vectors);
	tcase_add_test(t, context_keeps_ptebase);
	tcase_add_test(t, fetch_faults);
	tcase_add_test(t, eret_and_link);
	tcase_add_test(t, user_mode_has_no_cp0);
	tcase_add_test(t, rdhwr_needs_hwrena);
	tcase_add_test(t, interrupts);
	tcase_add_test(t, mode_changes_are_told);
	tcase_add_checked_fixture(r, set_up, tear_down);
	tcase_add_test(r, timer);
	tcase_add_test(r, near_match);
	tcase_add_test(r, count_can_be_stopped);
	tcase_add_test(r, wait_waits);
	tcase_add_test(r, reset_state);
	tcase_add_test(r, exceptions_and_eret_are_told);
	tcase_add_test(r, identity_24kc);
	tcase_add_test(r, identity_au1500);
	tcase_add_loop_test(r, au1500_after_reset, 0, 2);
	tcase_add_loop_test(r, au1500_idle, 0, 2);
	tcase_add_test(r, au1500_r2_is_an_au1500_with_release_2);
	suite_add_tcase(s, t);
	suite_add_tcase(s, r);
	return s;
}
