/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for running the tests and for the console: the first serial port of a Malta board, polled.
 *
 * Words of the command line: "qemu" (the machine is QEMU: its known differences from the manual are named and skipped), "rounds=N"
 * (each test so often), "only=TEXT" (tests whose name contains TEXT).
 * Output: PASS NAME, or FAIL NAME: WHAT, expected X, got Y; or QEMU NAME: ...; in the end "N passed, N failed, N skipped".
 */
#include "tests/guest/bare/bare.h"
#include "tests/guest/bare/print.h"

#define UART 0xb80003f8u    /* PCI I/O window of the GT-64120 as the monitor leaves it; PC16550D */
#define UART_LSR 5
#define LSR_THRE 0x20
#define SOFTRES 0xbf000500u /* MD00051: writing 0x42 resets the board */
#define PIC_MASK 0xb8000021u /* of the first 8259A, through which every other one goes; 8259A data sheet, OCW1 */
#define SHOWN_MAX 4
#define ROUNDS 8

#define GROUP_DECLARE(name) extern const struct group name##_group;
GROUPS(GROUP_DECLARE)

static const struct group *const groups[] = {
#define GROUP_ROW(name) &name##_group,
	GROUPS(GROUP_ROW)
};

unsigned test_round;
const char *test_case;

static bool on_qemu;
static unsigned passed, failed, skipped, checks, rounds = ROUNDS;
static const char *only;
static const char *group_name;
static const struct test *current;
static uint32_t current_row;
static unsigned failures, differences; /* of the current test */
static uint32_t seed;

/* --- console --- */

static void put(char c)
{
	volatile uint8_t *uart = (volatile uint8_t *)UART;

	while (!(uart[UART_LSR] & LSR_THRE))
		;
	uart[0] = (uint8_t)c;
}

void print(const char *s)
{
	for (; *s; s++)
		put(*s);
}

void print_hex(uint32_t v)
{
	print("0x");
	for (int i = 28; i >= 0; i -= 4)
		put("0123456789abcdef"[v >> i & 15u]);
}

void print_decimal(uint32_t v)
{
	char digits[11];
	int n = 10;

	digits[10] = 0;
	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	print(digits + n);
}

/* --- checks --- */

static void name(const char *verdict)
{
	print(verdict);
	print(" ");
	print(group_name);
	print("/");
	print(current->name);
	if (current->rows) {
		print("/");
		print(current->row(current_row));
	}
}

static void show(const char *what, uint32_t got, uint32_t expected)
{
	print(what);
	print(", expected ");
	print_hex(expected);
	print(", got ");
	print_hex(got);
	print(" (");
	if (test_case) {
		print(test_case);
		print(", ");
	}
	print("round ");
	print_decimal(test_round);
	print(")\n");
}

void eq(const char *what, uint32_t got, uint32_t expected)
{
	checks++;
	if (got == expected || failures++ >= SHOWN_MAX)
		return;
	name("FAIL");
	print(": ");
	show(what, got, expected);
}

void eq_not_qemu(const char *section, const char *what, uint32_t got, uint32_t expected)
{
	if (!on_qemu || got == expected) {
		eq(what, got, expected);
		return;
	}
	if (differences++)
		return;
	name("QEMU");
	print(": differs from ");
	print(section);
	print(": ");
	show(what, got, expected);
}

uint32_t test_random(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

/* --- running --- */

static bool contains(const char *text, const char *part)
{
	for (; *text; text++) {
		unsigned i = 0;

		while (part[i] && text[i] == part[i])
			i++;
		if (!part[i] || part[i] == ' ')
			return true;
	}
	return false;
}

static void end(void)
{
	print_decimal(checks);
	print(" checks\n");
	print_decimal(passed);
	print(" passed, ");
	print_decimal(failed);
	print(" failed, ");
	print_decimal(skipped);
	print(" skipped\n");
	*(volatile uint32_t *)SOFTRES = 0x42;
	for (;;)
		;
}

void print_trap(const struct trap *t)
{
	print("cause ");
	print_hex(t->cause);
	print(" epc ");
	print_hex(t->epc);
	print(" badvaddr ");
	print_hex(t->badvaddr);
	print(" status ");
	print_hex(t->status);
	print(" vector ");
	print_hex(t->vector);
	print(" ra ");
	print_hex(t->gpr[RA]);
	print("\n");
}

/* start.S: an exception outside any guarded call.  */
void bare_unguarded(const struct trap *t);
void bare_unguarded(const struct trap *t)
{
	print("FAIL an exception outside the tests: ");
	print_trap(t);
	failed++;
	end();
}

/* The state each round begins with: kernel mode, interrupts off, no entry in the TLB, vectors at 0x80000000.  */
static void reset_state(void)
{
	trap_hook = NULL;
	cp0_set(CP0_STATUS, 0);
	cp0_set(CP0_CAUSE, 0);
	cp0_set(CP0_HWRENA, 0);
	cp0_set(CP0_CONTEXT, 0);
	cp0_set(CP0_INTCTL, 0);
	cp0_set(CP0_COMPARE, cp0_get(CP0_COUNT) - 1);
	tlb_clear();
	cp0_set(CP0_ENTRYHI, 0);
}

static void run(void)
{
	failures = differences = 0;
	seed = 0x2545f491u;
	for (test_round = 0; test_round < rounds; test_round++) {
		code_restart(test_round == 0);
		reset_state();
		test_case = NULL;
		if (guarded((const void *)current->run, current_row, 0, 0, 0)) {
			if (failures++ < SHOWN_MAX) {
				name("FAIL");
				print(": an exception that is not awaited: ");
				print_trap(&trap);
			}
			break;
		}
	}
	reset_state();
	if (failures) {
		failed++;
		return;
	}
	if (differences) {
		skipped++;
		return;
	}
	passed++;
	name("PASS");
	print("\n");
}

static bool wanted(void)
{
	return !only || contains(group_name, only) || contains(current->name, only) ||
	       (current->rows && contains(current->row(current_row), only));
}

static void command_line(const char *s)
{
	for (; *s; s++) {
		if (contains(s, "qemu ") && s[0] == 'q')
			on_qemu = true;
		if (s[0] == 'o' && contains(s, "only=") && s[4] == '=')
			only = s + 5;
		if (s[0] == 'r' && contains(s, "rounds=") && s[6] == '=')
			for (rounds = 0, s += 7; *s >= '0' && *s <= '9'; s++)
				rounds = rounds * 10 + (uint32_t)(*s - '0');
		if (!*s)
			break;
	}
}

void bare_main(uint32_t argc, char **argv);
void bare_main(uint32_t argc, char **argv)
{
	/* YAMON User's Manual, "go": argument 1 is the command line.  */
	if (argc > 1 && argc < 16)
		command_line(argv[1]);
	*(volatile uint8_t *)PIC_MASK = 0xff; /* no interrupts but the tests' own */
	vectors_install(0x80000000u);
	for (unsigned g = 0; g < ARRAY_LEN(groups); g++) {
		group_name = groups[g]->name;
		for (unsigned i = 0; i < groups[g]->ntests; i++) {
			current = &groups[g]->tests[i];
			current_row = 0;
			do {
				if (wanted())
					run();
			} while (++current_row < current->rows);
		}
	}
	end();
}
