/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupts: what enables them, what makes them due, which vector they take, where they return to; hardware inputs; WAIT.
 * MD00090, "Interrupts", Status, Cause, IntCtl, EBase; MD00086 DI, EI, ERET, WAIT; MD00051 for the board's UART at IP4.
 */
#include "tests/guest/bare/bare.h"

#define INTCTL_VS 0x3e0u
#define CONFIG3_VINT 0x20u
#define CBUS_UART 0xbf000900u /* registers 8 bytes apart */
#define UART_IER 1
#define UART_MCR 4
#define IER_THRE 2
#define MCR_OUT2 8
#define CBUS_IP 4

static void set_ip(uint32_t ip) { cp0_set(CP0_CAUSE, ip << 8); }

/* EPC of an interrupt that @setter has made due: the hazard barrier behind it at the latest is over when it comes.  */
static void expect_interrupt(uint32_t vector, uint32_t setter)
{
	eq("exception code", trap_code(), EXC_INT);
	if (!trap.count)
		return;
	eq("vector", trap.vector, vector);
	eq("Cause.BD", trap.cause >> 31, 0);
	eq("EPC is behind the instruction, or its barrier", trap.epc == setter + 4 || trap.epc == setter + 8, 1);
	eq("Status.EXL", trap.status & ST_EXL, ST_EXL);
}

/* MD00090, "Interrupts": IE = 1, EXL = 0, ERL = 0, and a bit both in IM and IP.  Row: the two bits of IP.  */
static void gates(uint32_t ip)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, NOP, NOP, MTC0(ZERO, C0_STATUS), EHB, RETURN);

	for (uint32_t bits = 0; bits < 8; bits++)
		for (uint32_t im = 0; im < 8; im++) {
			uint32_t status = bits | (im & 3) << 8 | (im & 4 ? 0xfc00u : 0);

			set_ip(ip);
			eq("Cause.IP", cp0_get(CP0_CAUSE) >> 8 & 3, ip);
			guarded(code, status, 0, 0, 0);
			if (bits == ST_IE && (im & ip & 3)) {
				expect_interrupt(VECTOR_GENERAL, (uint32_t)code);
				eq("Cause.IP in the handler", trap.cause >> 8 & 3, ip);
				eq("Status", trap.status, status | ST_EXL);
			} else {
				eq("exception code", trap_code(), EXC_NONE);
			}
		}
	set_ip(0);
}

static const char *ip_name(uint32_t row)
{
	static const char *const names[] = { "none", "ip0", "ip1", "both" };

	return names[row];
}

/* Every instruction that can make a pending interrupt due, by itself and in a slot.  */
static void made_due(uint32_t row)
{
	static const struct { uint32_t word, status, ip; } rows[] = {
		{ MTC0(A0, C0_STATUS), ST_IM(0), 1 }, { EI, ST_IM(0), 1 }, { MTC0(A1, C0_CAUSE), ST_IM(0) | ST_IE, 0 },
	};
	uint32_t word = rows[row].word, on = ST_IE | ST_IM(0);
	const uint32_t *plain = CODE(MTC0(A2, C0_STATUS), EHB, word, EHB, NOP, RETURN);
	const uint32_t *slot = CODE(MTC0(A2, C0_STATUS), EHB, BRANCH(BEQ(ZERO, ZERO), 3), word, BREAK, BREAK, EHB, NOP, RETURN);

	set_ip(rows[row].ip);
	guarded(plain, on, 0x100, rows[row].status, 0);
	expect_interrupt(VECTOR_GENERAL, (uint32_t)plain + 8);
	eq("Status", trap.status, on | ST_EXL);
	/* In a slot: EPC is the target, for the branch is complete; or what is behind a barrier there.  */
	set_ip(rows[row].ip);
	guarded(slot, on, 0x100, rows[row].status, 0);
	expect_interrupt(VECTOR_GENERAL, (uint32_t)slot + 20);
	set_ip(0);
}

static const char *due_name(uint32_t row)
{
	static const char *const names[] = { "mtc0-status", "ei", "mtc0-cause" };

	return names[row];
}

/* ERET that ends an exception: the interrupt comes before the first instruction it returns to.  */
static void due_by_eret(uint32_t row)
{
	const uint32_t *code = CODE(ADDIU(V0, ZERO, 1), RETURN);

	(void)row;
	for (unsigned i = 0; i < 3; i++) {
		set_ip(2);
		guarded((const void *)eret_to, (uint32_t)code, ST_EXL | ST_IE | ST_IM(1), 0, 0);
		eq("exception code", trap_code(), EXC_INT);
		eq("EPC", trap.epc, (uint32_t)code);
		eq("Cause.BD", trap.cause >> 31, 0);
		set_ip(0);
	}
}

/* The handler takes the request back and returns: once each; between EXL and ERET no second one comes.  */
static unsigned taken;
static uint32_t still_pending;

static bool acknowledge(struct trap *t)
{
	if ((t->cause >> 2 & 31) != EXC_INT)
		return false;
	taken++;
	if (!still_pending)
		set_ip(0);
	else
		still_pending--;
	return true;
}

static void taken_once(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, MTC0(A1, C0_CAUSE), EHB, ADDIU(V0, ZERO, 3), MTC0(A1, C0_CAUSE), EHB,
		ADDIU(V0, V0, 4), MTC0(ZERO, C0_STATUS), EHB, RETURN);

	(void)row;
	trap_hook = acknowledge;
	taken = still_pending = 0;
	eq("exception", guarded(code, ST_IE | ST_IM(0), 0x100, 0, 0), 0);
	eq("interrupts", taken, 2);
	eq("result", trap.gpr[V0], 7);
	still_pending = 3; /* it comes again after ERET as long as it is pending */
	taken = 0;
	eq("exception", guarded(code, ST_IE | ST_IM(0), 0x100, 0, 0), 0);
	eq("interrupts", taken, 5);
	eq("result", trap.gpr[V0], 7);
}

/* MD00086 DI, EI: rt is the Status before.  */
static void di_ei(uint32_t row)
{
	const uint32_t *code = CODE(EI | V0 << 16, EHB, MFC0(T0, C0_STATUS), DI | V1 << 16, EHB, MFC0(T1, C0_STATUS), BRANCH(BEQ(ZERO, ZERO), 1),
		EI | T2 << 16, MFC0(T3, C0_STATUS), DI, EHB, MFC0(T4, C0_STATUS), BREAK);

	(void)row;
	guarded(code, 0, 0, 0, 0);
	expect(EXC_BP, VECTOR_GENERAL, (uint32_t)code + 48, false);
	eq("EI's old Status", trap.gpr[V0], 0);
	eq("Status behind EI", trap.gpr[T0], ST_IE);
	eq("DI's old Status", trap.gpr[V1], ST_IE);
	eq("Status behind DI", trap.gpr[T1], 0);
	eq("old Status of EI in a slot", trap.gpr[T2], 0);
	eq("Status behind it", trap.gpr[T3], ST_IE);
	eq("Status behind DI to $0", trap.gpr[T4], 0);
}

/* MD00090 Cause.IV: the special vector; other exceptions keep theirs.  */
static void special_vector(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, NOP, RETURN);

	(void)row;
	for (unsigned iv = 0; iv < 2; iv++) {
		cp0_set(CP0_CAUSE, 0x200u | (iv ? CAUSE_IV : 0));
		guarded(code, ST_IE | ST_IM(1), 0, 0, 0);
		expect_interrupt(iv ? VECTOR_INTERRUPT : VECTOR_GENERAL, (uint32_t)code);
		eq("Cause.IV", trap.cause & CAUSE_IV, iv ? CAUSE_IV : 0);
		guarded(CODE(BREAK), 0, 0, 0, 0);
		eq("vector of a breakpoint", trap.vector, VECTOR_GENERAL);
		load(0x00800000u);
		eq("vector of a refill", trap.vector, VECTOR_REFILL);
		cp0_set(CP0_CAUSE, 0);
	}
}

/* MD00090 IntCtl.VS: without Config3.VInt (and VEIC) it is reserved: reads as zero, and all interrupts share the special vector.  */
static void vector_spacing(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, NOP, RETURN);
	bool vint = (cp0_get(CP0_CONFIG3) & CONFIG3_VINT) != 0;

	(void)row;
	cp0_set(CP0_INTCTL, 1u << 5);
	eq_not_qemu("MD00090 IntCtl.VS", "IntCtl.VS", cp0_get(CP0_INTCTL) & INTCTL_VS, vint ? 1u << 5 : 0);
	if ((cp0_get(CP0_INTCTL) & INTCTL_VS) && !vint)
		return;
	cp0_set(CP0_CAUSE, 0x200u | CAUSE_IV);
	guarded(code, ST_IE | ST_IM(1), 0, 0, 0);
	expect_interrupt(VECTOR_INTERRUPT + (vint ? 0x20 : 0), (uint32_t)code);
	cp0_set(CP0_CAUSE, 0);
	cp0_set(CP0_INTCTL, 0);
}

/* MD00090 EBase: bits 29:12 move all vectors while BEV = 0; bits 31:30 are 2, CPUNum is read-only.  */
static void ebase(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, NOP, RETURN);
	uint32_t base = KSEG0(TEST_RAM + 0x5000);

	(void)row;
	vectors_install(base);
	cp0_set(CP0_EBASE, 0xffffffffu);
	eq("EBase", cp0_get(CP0_EBASE), 0xbffff000u);
	cp0_set(CP0_EBASE, base & 0x3ffff000u);
	eq("EBase", cp0_get(CP0_EBASE), base);
	cp0_set(CP0_CAUSE, 0x200u | CAUSE_IV);
	guarded(code, ST_IE | ST_IM(1), 0, 0, 0);
	expect_interrupt(base + 0x200, (uint32_t)code);
	cp0_set(CP0_CAUSE, 0);
	guarded(CODE(BREAK), 0, 0, 0, 0);
	eq("vector of a breakpoint", trap.vector, base + 0x180);
	load(0x00800000u);
	eq("vector of a refill", trap.vector, base);
	cp0_set(CP0_EBASE, 0x80000000u);
	guarded(CODE(BREAK), 0, 0, 0, 0);
	eq("vector of a breakpoint", trap.vector, VECTOR_GENERAL);
}

/* MD00090, exception priority: an interrupt that is due goes before what its instruction would raise.  */
static void before_others(uint32_t row)
{
	static const uint32_t words[] = { BREAK, LW(V0, 1, ZERO), LW(V0, 0, A2), SYSCALL };
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, words[row], RETURN);

	set_ip(1);
	guarded(code, ST_IE | ST_IM(0), 0, 0x00800000u, 0);
	expect_interrupt(VECTOR_GENERAL, (uint32_t)code);
	set_ip(0);
}

static const char *other_name(uint32_t row)
{
	static const char *const names[] = { "break", "address-error", "tlb-refill", "syscall" };

	return names[row];
}

/* A hardware input follows its wire: IP4 is the board's UART, whose transmitter is empty.  */
static void uart(unsigned reg, uint32_t v) { *(volatile uint8_t *)(CBUS_UART + 8 * reg) = (uint8_t)v; }

static bool quiet(struct trap *t)
{
	if ((t->cause >> 2 & 31) != EXC_INT)
		return false;
	taken++;
	uart(UART_IER, 0);
	return true;
}

static void hardware(uint32_t row)
{
	const uint32_t *code = CODE(MTC0(A0, C0_STATUS), EHB, ADDIU(T0, ZERO, IER_THRE), SB(T0, 8, A1), ADDIU(T0, ZERO, 2000),
		BRANCH(BNE(T0, ZERO), -1), ADDIU(T0, T0, -1), MTC0(ZERO, C0_STATUS), EHB, RETURN);

	(void)row;
	uart(UART_IER, 0);
	uart(UART_MCR, MCR_OUT2);
	eq("Cause.IP4", cp0_get(CP0_CAUSE) & CAUSE_IP(CBUS_IP), 0);
	uart(UART_IER, IER_THRE);
	eq("Cause.IP4 with the request", cp0_get(CP0_CAUSE) & CAUSE_IP(CBUS_IP), CAUSE_IP(CBUS_IP));
	cp0_set(CP0_CAUSE, 0);
	eq("Cause.IP4 is not software's to clear", cp0_get(CP0_CAUSE) & CAUSE_IP(CBUS_IP), CAUSE_IP(CBUS_IP));
	eq("masked", guarded(CODE(MTC0(A0, C0_STATUS), EHB, NOP, RETURN), ST_IE | 0xef00u, 0, 0, 0), 0);
	cp0_set(CP0_STATUS, 0);
	uart(UART_IER, 0);
	eq("Cause.IP4 without it", cp0_get(CP0_CAUSE) & CAUSE_IP(CBUS_IP), 0);
	taken = 0;
	trap_hook = quiet;
	for (unsigned i = 0; i < 5; i++)
		eq("exception", guarded(code, ST_IE | ST_IM(CBUS_IP), CBUS_UART, 0, 0), 0);
	eq("interrupts", taken, 5);
	uart(UART_MCR, 0);
}

static const struct test tests[] = {
	{ "gates", gates, 4, ip_name },
	{ "made-due", made_due, 3, due_name },
	{ "due-by-eret", due_by_eret, 0, NULL },
	{ "taken-once", taken_once, 0, NULL },
	{ "di-ei", di_ei, 0, NULL },
	{ "special-vector", special_vector, 0, NULL },
	{ "vector-spacing", vector_spacing, 0, NULL },
	{ "ebase", ebase, 0, NULL },
	{ "before-others", before_others, 4, other_name },
	{ "hardware", hardware, 0, NULL },
};

const struct group interrupts_group = { "interrupts", tests, ARRAY_LEN(tests) };
