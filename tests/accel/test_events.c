/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What -d exec, smc, tlb and int say, on every accelerator: what the guest does is told in the same words by all, what the engine does by
 * those that translate.
 */
#define _GNU_SOURCE
#include "dbt-runtime/accel/event_log.h"
#include "dbt-runtime/inside/box.h"
#include "tests/accel/each.h"
#include "tests/harness/log_lines.h"

Suite *events_suite(void);

typedef gva program_fn(struct rig *g); /* returns an address that the test speaks about */

/* The log of @program's run in @categories; freed by the caller.  */
static char *log_of_run(const struct accel_ops *ops, const char *categories, const struct rig_opts *o, program_fn *program, gva *at)
{
	struct rig *g;

	log_begin(categories);
	g = rig_open(ops, o);
	*at = program(g);
	rig_run(g);
	rig_close(g);
	return log_text();
}

/* @n lines that begin with @part, which is a format for @a and @b.  */
static void check_lines(const char *text, unsigned n, const char *format, uint32_t a, uint32_t b)
{
	char part[160];

	ck_assert_int_lt(snprintf(part, sizeof part, format, a, b), sizeof part);
	ck_assert_msg(log_count(text, part) == n, "%u lines '%s', not %u:\n%.4000s", log_count(text, part), part, n, text);
}

/* --- int --- */

#define ROUNDS 20u

/* Goes on behind what raised it, or, after an interrupt, where it came.  */
static void skipping_handler(struct rig *g)
{
	struct code c = code_at(g, 0x80000180u);
	gva interrupt;

	EMIT(&c, LUI(K0, DEV_KSEG1 >> 16), SW(ZERO, DEV_LINES, K0), MFC0(K0, C0_CAUSE), ANDI(K0, K0, CAUSE_EXC));
	interrupt = code_forward(&c, BEQ(K0, ZERO));
	EMIT(&c, NOP, MFC0(K0, C0_EPC), ADDIU(K0, K0, 4), MTC0(K0, C0_EPC));
	code_land(&c, interrupt);
	EMIT(&c, ERET);
}

/* A system call, a misaligned load, an interrupt.  The load is a device's: QEMU's emulated x86 processors check no alignment.  */
static gva three_exceptions(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	skipping_handler(g);
	EMIT(&c, LUI(S1, DEV_KSEG1 >> 16), ORI(S2, ZERO, 1), ORI(S3, ZERO, 0x400 | ST_IE), ORI(S6, ZERO, ROUNDS));
	top = c.va;
	EMIT(&c, SYSCALL, LW(T0, 2, S1), MTC0(S3, C0_STATUS), SW(S2, DEV_LINES, S1), MTC0(ZERO, C0_STATUS), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
	return top;
}

ON_EACH(exceptions_are_told)
{
	const struct rig_opts o = { 0 };
	char want[4096], *text, *line = want;
	gva at;

	text = log_of_run(ops, "int", &o, three_exceptions, &at);
	line += sprintf(line, "int: SYS (system call) at 0x%08x: EPC 0x%08x, Status 0x00000002, Cause 0x00000020, to 0x80000180\n", at, at);
	line += sprintf(line, "int: ERET to 0x%08x, Status 0x00000000\n", at + 4);
	line += sprintf(line, "int: ADEL (address error on load or fetch) at 0x%08x, BadVAddr 0x%08x: EPC 0x%08x, Status 0x00000002, "
			      "Cause 0x00000010, to 0x80000180\n", at + 4, DEV_KSEG1 + 2, at + 4);
	line += sprintf(line, "int: ERET to 0x%08x, Status 0x00000000\n", at + 8);
	line += sprintf(line, "int: INT (interrupt) at 0x%08x, Cause.IP 0x04: EPC 0x%08x, Status 0x00000403, Cause 0x00000400, to 0x80000180\n",
			at + 16, at + 16);
	sprintf(line, "int: ERET to 0x%08x, Status 0x00000401\n", at + 16);
	for (unsigned i = 0; i < ROUNDS; i++) {
		const char *round = text + i * strlen(want);

		ck_assert_msg(!strncmp(round, want, strlen(want)), "round %u:\n%.1000s\nnot:\n%s", i, round, want);
	}
	ck_assert_uint_eq(strlen(text), ROUNDS * strlen(want));
	free(text);
}

/* --- tlb --- */

#define SPACES 70u /* more than there are windows */
#define WRITES 300u
#define KSEG2 0xc0010000u

_Static_assert(WRITES > BOX_EVENTS_MAX, "events between two exits of a VM that do not fit into the box");

/* An entry for kseg2 changes to and fro between two pages, and is used in between; then one address space after the other.  */
static gva entries_and_spaces(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	code_li(&c, S0, KSEG2);
	code_li(&c, S1, LO(0x00100000, 7 | 3 << 3));
	code_li(&c, S2, LO(0x00200000, 3 | 3 << 3));
	EMIT(&c, MTC0(S0, C0_ENTRYHI), MTC0(ZERO, C0_ENTRYLO1), MTC0(ZERO, C0_PAGEMASK), ORI(T0, ZERO, 3), MTC0(T0, C0_INDEX));
	EMIT(&c, ORI(T1, ZERO, 1), MTC0(T1, C0_ENTRYLO1), ORI(S6, ZERO, WRITES / 2));
	top = c.va;
	EMIT(&c, MTC0(S1, C0_ENTRYLO0), TLBWI, EHB, LW(T0, 0, S0), SW(T0, 4, S0));
	EMIT(&c, MTC0(S2, C0_ENTRYLO0), TLBWI, EHB, LW(T0, 0, S0), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	EMIT(&c, NOP, ORI(S6, ZERO, SPACES));
	top = c.va;
	EMIT(&c, MTC0(S6, C0_ENTRYHI), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
	return KSEG2;
}

ON_EACH(entries_and_windows_are_told)
{
	const struct rig_opts o = { 0 };
	const char *first = "VPN2 0xc0010000 mask 0x00000000 ASID 0x00 G: PFN 0x000100 C3 DV, PFN 0x000000 C0 --\n";
	const char *second = "VPN2 0xc0010000 mask 0x00000000 ASID 0x00 G: PFN 0x000200 C3 -V, PFN 0x000000 C0 --\n";
	bool windows = ops != &accel_ref;
	char part[160], *text;
	gva at;

	text = log_of_run(ops, "tlb", &o, entries_and_spaces, &at);
	for (unsigned i = 0; i < 2; i++) {
		snprintf(part, sizeof part, "tlb: written: %s", i ? second : first);
		check_lines(text, WRITES / 2, part, 0, 0);
		snprintf(part, sizeof part, "tlb: dropped: %s", i ? second : first);
		check_lines(text, WRITES / 2 - i, part, 0, 0);
	}
	if (!windows) {
		check_lines(text, 0, "tlb: window", 0, 0);
	} else {
		check_lines(text, 1, "tlb: window 2: given to ASID 0x00\n", 0, 0);
		check_lines(text, 1, "tlb: window 2: taken from ASID 0x00\n", 0, 0);
		check_lines(text, 1, "tlb: window 2: given to ASID 0x%02x\n", SPACES - 61, 0);
		/* All rounds but the first few, which are interpreted.  */
		ck_assert_uint_ge(log_count(text, "tlb: window 0: 0xc0010000 shows 0x00100000, pages: 1, writable\n"), WRITES / 2 - 10);
		ck_assert_uint_ge(log_count(text, "tlb: window 0: 0xc0010000 shows 0x00200000, pages: 1\n"), WRITES / 2 - 10);
		ck_assert_uint_ge(log_count(text, "tlb: window 0: 0xc0010000 shows nothing any more\n"), WRITES - 20);
	}
	free(text);
}

/* --- exec --- */

/* A loop over a device register.  */
static gva device_loop(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	EMIT(&c, LUI(S0, DEV_KSEG1 >> 16), ORI(S6, ZERO, 100));
	top = c.va;
	EMIT(&c, ADDIU(S6, S6, -1), LW(T0, DEV_COUNTER, S0));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
	return top;
}

ON_EACH(units_are_told)
{
	const struct rig_opts o = { 0 };
	bool code = ops != &accel_ref;
	char *text;
	gva at;

	text = log_of_run(ops, "exec", &o, device_loop, &at);
	check_lines(text, code ? 2 : 0, "exec: 0x%08x: template of ", at, 0); /* again, when it was found to access a device */
	check_lines(text, code ? 1 : 0, "exec: 0x%08x accesses devices, units killed: 1\n", at + 4, 0);
	if (!code)
		ck_assert_str_eq(text, "");
	free(text);
}

#define SMALL_CACHE 3000u

/* Loops, each in a page of its own, around and around.  */
static gva many_loops(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	for (unsigned i = 0; i < 40; i++) {
		struct code f = code_at(g, RIG_DATA + i * GUEST_PAGE_SIZE);

		EMIT(&f, ADDIU(V0, V0, i), XOR(V0, V0, S6), JR(RA), SLL(V0, V0, 1));
	}
	EMIT(&c, ORI(S6, ZERO, 20));
	top = c.va;
	for (unsigned i = 0; i < 40; i++)
		EMIT(&c, JAL(RIG_DATA + i * GUEST_PAGE_SIZE), NOP);
	code_put(&c, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
	return top;
}

ON_EACH(emptying_the_cache_is_told)
{
	const struct rig_opts o = { .code_room = SMALL_CACHE };
	uint64_t flushes;
	struct rig *g;
	char *text;

	log_begin("exec");
	g = rig_open(ops, &o);
	many_loops(g);
	rig_run(g);
	flushes = engine_get_stats(rig_engine(g))->cache_flushes;
	rig_close(g);
	text = log_text();
	check_lines(text, (uint32_t)flushes, "exec: code cache emptied, units: ", 0, 0);
	ck_assert_int_eq(flushes > 0, ops != &accel_ref);
	free(text);
}

/* --- smc --- */

static unsigned rounds, rewrites;

/* A loop that rewrites the word behind the store, so often a round.  */
static gva rewriting_loop(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva fix = c.va, top, word;

	EMIT(&c, NOP, NOP);
	code_li(&c, S1, ADDIU(V0, V0, 1));
	code_li(&c, S6, rounds);
	top = c.va;
	EMIT(&c, ADDIU(S6, S6, -1), XORI(S1, S1, 3));
	for (unsigned i = 0; i < rewrites; i++)
		code_put(&c, SW(S1, 0, S0));
	word = code_put(&c, NOP);
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
	c = code_at(g, fix);
	code_li(&c, S0, word);
	return word;
}

ON_EACH(writes_to_code_are_told)
{
	const struct rig_opts o = { 0 };
	bool code = ops != &accel_ref;
	char *text;
	gva at;

	rounds = 6; /* three until there is code, and one write to it */
	rewrites = 1;
	text = log_of_run(ops, "smc", &o, rewriting_loop, &at);
	check_lines(text, code ? 1 : 0, "smc: 0x%08x: 4 bytes of a code page written, units killed: 1\n", at & 0x1fffffffu, 0);
	if (!code)
		ck_assert_str_eq(text, "");
	free(text);
}

ON_EACH(pages_given_up_are_told)
{
	const struct rig_opts o = { 0 };
	unsigned dropped, cooled;
	char *text;
	gva at;

	rounds = 1000;
	rewrites = 6;
	text = log_of_run(ops, "smc", &o, rewriting_loop, &at);
	dropped = log_count(text, "smc: 0x00010000: written 6 times, units killed: ");
	cooled = log_count(text, "smc: 0x00010000: cooled down, code is made again\n");
	if (ops == &accel_ref) {
		ck_assert_str_eq(text, "");
	} else {
		ck_assert_uint_gt(cooled, 0);
		/* The first eight times it need not cool down, the last time it may not have.  */
		ck_assert_uint_le(dropped - 8 - cooled, 1);
	}
	free(text);
}

/* Code in the flash that is a device for a moment.  */
static gva hidden_code(struct rig *g)
{
	struct code c = code_at(g, 0x80000000u + RIG_ROM_PA);
	gva top;

	EMIT(&c, ADDIU(V0, V0, 1), JR(RA), NOP);
	c = code_at(g, RIG_CODE);
	code_li(&c, S0, 0x80000000u + RIG_ROM_PA);
	EMIT(&c, ORI(S1, ZERO, RIG_FLASH_QUERY), ORI(S2, ZERO, RIG_FLASH_ARRAY), ORI(S6, ZERO, 10));
	top = c.va;
	EMIT(&c, JALR(RA, S0), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	EMIT(&c, NOP, SW(S1, 0, S0), SW(S2, 0, S0));
	code_stop(&c);
	return RIG_ROM_PA;
}

ON_EACH(code_that_a_device_hides_is_told)
{
	const struct rig_opts o = { .flash = true };
	char *text;
	gva at;

	text = log_of_run(ops, "smc", &o, hidden_code, &at);
	check_lines(text, ops != &accel_ref, "smc: 0x%08x: a device answers here, units killed: 1\n", at, 0);
	free(text);
}

/* --- the events --- */

/* Whatever a VM says: a line of the event's category for each there is, and nothing for others.  */
START_TEST(any_numbers_make_a_line)
{
	static const uint32_t numbers[] = { 0, 1, 0x80000000u, UINT32_MAX };
	char *text, *line;

	log_begin("all");
	for (uint32_t k = 0; k < EVENT_COUNT + 3; k++)
		for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
			struct engine_event v = { .kind = k < EVENT_COUNT + 2 ? k : UINT32_MAX };

			for (unsigned a = 0; a < EVENT_ARGS; a++)
				v.arg[a] = numbers[i];
			event_log(NULL, &v);
		}
	line = text = log_text();
	for (uint32_t n = 0; n < EVENT_COUNT * ARRAY_LEN(numbers); n++) {
		const char *category = log_category_name(event_category((enum event_kind)(n / ARRAY_LEN(numbers))));
		size_t len = strlen(category);

		ck_assert_msg(!strncmp(line, category, len) && line[len] == ':', "line %u is not of %s: %.100s", n, category, line);
		line = strchr(line, '\n') + 1;
	}
	ck_assert_str_eq(line, "");
	free(text);
}
END_TEST

Suite *events_suite(void)
{
	const TTest *const each[] = {
		exceptions_are_told_on, entries_and_windows_are_told_on, units_are_told_on, emptying_the_cache_is_told_on,
		writes_to_code_are_told_on, pages_given_up_are_told_on, code_that_a_device_hides_is_told_on,
	};
	Suite *s = suite_create("events");
	TCase *t = tcase_create("events");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, temp_dir_make, temp_dir_drop);
	for (size_t i = 0; i < ARRAY_LEN(each); i++)
		tcase_add_loop_test(t, each[i], 0, EACH);
	tcase_add_test(t, any_numbers_make_a_line);
	suite_add_tcase(s, t);
	return s;
}
