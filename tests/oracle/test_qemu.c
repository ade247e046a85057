/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same random programs under QEMU's user-mode emulators, in the interpreter and as template code.  The semantics are stated once
 * for all engines (isa/mips32.sem.inc): here is who can say that they are wrong.
 *
 * Compared after each program: all registers, HI and LO, memory, and what ended it: its exit, or the signal of an exception and the
 * address Linux gives for it.  Not compared: what MD00086 calls UNPREDICTABLE and isa/ops.h does not decide (see program.h),
 * instructions that
 * only the interpreter executes, and everything privileged.
 *
 * A difference is printed with the seed of its program; ORACLE_SEED=0x... runs that program only, ORACLE_INSNS=n programs of n instructions
 * in all, and more than are run by default.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/template.h"
#include "isa/interp.h"
#include "tests/emit/machine.h"
#include "tests/harness/suites.h"
#include "tests/oracle/driver.h"
#include "tests/oracle/emulator.h"
#include "tests/oracle/reference.h"

Suite *qemu_suite(void);

static const struct order {
	const char *emulator;
	bool big_endian;
} orders[] = { { "qemu-mipsel", false }, { "qemu-mips", true } };

#define BATCH 250u
#define INSNS_WANTED 300000u
#define ROW_WANTED 10u
#define SECONDS 20u /* for a batch, which takes a fraction of one */
#define SEED_STEP 0x9e3779b97f4a7c15u
#define RECORDS 4096u
#define CODE_CAP (1u << 18)

static uint8_t code[CODE_CAP];
static struct unit_entry entries[RECORDS];
static struct unit_fault faults[RECORDS];
static struct unit_reloc relocs[RECORDS];
static struct run run;
static insn_word page[GUEST_PAGE_WORDS];

static uint8_t driver[DRIVER_FILE_SIZE];
static uint8_t records_in[BATCH * RECORD_IN], records_out[BATCH * RECORD_OUT];
static struct program programs[BATCH];

/* What an engine made of a program.  */
struct result {
	struct program_state state;
	const uint8_t *data;
};

static uint32_t in_order(const struct order *o, uint32_t w) { return o->big_endian ? __builtin_bswap32(w) : w; }

static void words_copy(const struct order *o, void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t w;

		memcpy(&w, (const char *)from + 4 * i, 4);
		w = in_order(o, w);
		memcpy((char *)to + 4 * i, &w, 4);
	}
}

static void record_write(const struct order *o, const struct program *p, uint8_t *to)
{
	words_copy(o, to, &p->in, STATE_WORDS);
	words_copy(o, to + sizeof(p->in), p->code, PROGRAM_WORDS);
	memcpy(to + sizeof(p->in) + sizeof(p->code), p->data_in, PROGRAM_DATA_SIZE);
}

static struct result record_read(const struct order *o, const uint8_t *from)
{
	struct result r = { .data = from + sizeof(struct program_state) };

	words_copy(o, &r.state, from, STATE_WORDS);
	return r;
}

/* The first differences in words, or NULL.  */
static const char *difference(const struct program_state *ours, const uint8_t *our_data, const struct result *qemu)
{
	static const char *const special[] = { "hi", "lo", "signal", "pc" };
	static char text[200];
	uint32_t a[STATE_WORDS], b[STATE_WORDS];
	size_t n = 0;

	memcpy(a, ours, sizeof(a));
	memcpy(b, &qemu->state, sizeof(b));
	for (unsigned k = 0; k < STATE_WORDS; k++) {
		unsigned i = (k + 34) % STATE_WORDS; /* how it ended says most */

		if (a[i] == b[i])
			continue;
		if (i < 32)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s$%u is %08x, with QEMU %08x", n ? "; " : "", i, a[i], b[i]);
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s is %08x, with QEMU %08x", n ? "; " : "", special[i - 32], a[i], b[i]);
		if (n > sizeof(text) / 2)
			return text;
	}
	for (unsigned i = 0; i < PROGRAM_DATA_SIZE; i++)
		if (our_data[i] != qemu->data[i]) {
			snprintf(text + n, sizeof(text) - n, "%sbyte %04x is %02x, with QEMU %02x", n ? "; " : "", PROGRAM_DATA + i, our_data[i],
				 qemu->data[i]);
			return text;
		}
	return n ? text : NULL;
}

static void expect_equal(const struct order *o, const struct program *p, const char *engine, const char *diff)
{
	if (diff)
		program_print(p);
	ck_assert_msg(!diff, "%s, %s, seed 0x%016llx: %s", o->emulator, engine, (unsigned long long)p->seed, diff);
}

/* --- template code --- */

/* In kseg0 instead: its own addresses have bit 31 set, those of its data have not.  */
#define MOVED (MACHINE_PAGE - PROGRAM_CODE)
_Static_assert(MACHINE_CODE == PROGRAM_CODE && MACHINE_DATA == PROGRAM_DATA, "the machine has code and data where programs have them");

static void translate(const struct order *o, struct machine *m, const struct program *p)
{
	struct unit u = { .code = code, .code_cap = CODE_CAP, .entries = entries, .entries_cap = RECORDS,
			  .faults = faults, .faults_cap = RECORDS, .relocs = relocs, .relocs_cap = RECORDS };
	uint8_t sites[GUEST_PAGE_WORDS];
	struct template_opts opts = { .flags = UNIT_KERNEL | (o->big_endian ? (uint32_t)UNIT_BE : 0u), .sites = sites,
				      .bmi2 = __builtin_cpu_supports("bmi2") };
	struct run_opts scan = { .rev = ISA_R2 };
	unsigned at = 0;

	memset(sites, p->seed & 0x700 ? SITE_USER : 0, sizeof(sites)); /* without it, each access faults and is interpreted */
	memset(page, 0, sizeof(page));
	memcpy(page, p->code, sizeof(p->code));
	machine_load(m, page);
	/* Runs end at unconditional jumps; the next one begins behind it.  */
	while (at < p->nwords) {
		run_scan(page, MACHINE_PAGE + 4 * at, &scan, &run);
		if (run.nwords == 0)
			return;
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
		machine_place(m, &u, true);
		at += run.nwords;
	}
}

static void move_links(struct program_state *s, uint32_t by)
{
	s->gpr[25] += by;
	s->gpr[31] += by;
}

static void compare_template(const struct order *o, struct machine *m, const struct program *p, const struct result *qemu, gva exit)
{
	struct cpu *c = machine_cpu(m);
	uint32_t status = c->status, ran;
	struct program_state s = p->in;
	bool dirty;

	translate(o, m, p);
	move_links(&s, MOVED);
	memcpy(c->gpr, s.gpr, sizeof(c->gpr));
	c->hi = s.hi;
	c->lo = s.lo;
	c->ll_bit = 0;
	c->cause = c->epc = 0;
	c->pc = MACHINE_PAGE;
	memcpy(machine_ram(m) + MACHINE_DATA, p->data_in, PROGRAM_DATA_SIZE);
	interp_flush(c);
	ran = machine_run(m, PROGRAM_INSNS_MAX + 100, &dirty);
	memcpy(s.gpr, c->gpr, sizeof(s.gpr));
	move_links(&s, 0u - MOVED);
	s.hi = c->hi;
	s.lo = c->lo;
	s.signal = s.pc = 0;
	if (c->status & ST_EXL) {
		s.signal = reference_signal(c);
		s.pc = c->epc - MOVED;
	} else {
		ck_assert_msg(c->pc == exit + MOVED && !dirty, "template code, seed 0x%016llx: left to %08x", (unsigned long long)p->seed, c->pc);
	}
	c->status = status;
	expect_equal(o, p, "template code", difference(&s, machine_ram(m) + MACHINE_DATA, qemu));
	ck_assert_uint_eq(ran, p->insns);
}

/* --- the comparison --- */

struct tally {
	uint64_t insns, template_insns;
	unsigned programs, with_template, signals, signals_in_slots;
	uint64_t executed[INSN_COUNT];
};

/* Returns how many programs QEMU got through; *@wrong: why not all of them.  */
static unsigned batch_run(const struct order *o, unsigned n, const char **wrong)
{
	size_t size = sizeof(records_out);

	for (unsigned i = 0; i < n; i++)
		record_write(o, &programs[i], records_in + i * RECORD_IN);
	*wrong = emulator_run(o->emulator, driver, sizeof(driver), records_in, n * RECORD_IN, records_out, &size, SECONDS);
	if (!*wrong && size < n * RECORD_OUT)
		*wrong = "it ended";
	return (unsigned)(size / RECORD_OUT);
}

static void batch_compare(const struct order *o, struct machine *m, unsigned n, gva exit, struct tally *t)
{
	for (unsigned i = 0; i < n; i++) {
		const struct program *p = &programs[i];
		struct result qemu = record_read(o, records_out + i * RECORD_OUT);

		expect_equal(o, p, "interpreter", difference(&p->out, p->data_out, &qemu));
		t->programs++;
		t->insns += p->insns;
		if (p->out.signal) {
			struct insn at;

			insn_decode(p->code[(p->out.pc - PROGRAM_CODE) / 4], ISA_R2, &at);
			t->signals++;
			t->signals_in_slots += (insn_flags((enum insn_op)at.op) & IF_BRANCH) != 0;
		}
		for (unsigned op = 0; op < INSN_COUNT; op++)
			t->executed[op] += p->executed[op];
		if (!p->links_apart)
			continue;
		compare_template(o, m, p, &qemu, exit);
		t->with_template++;
	}
	t->template_insns = machine_counts(m)->template_insns;
}

/* The comparison is worth something only if every row was executed, by all sides.  */
static void expect_coverage(const struct tally *t)
{
	for (unsigned op = 0; op < INSN_COUNT; op++)
		if (program_has_row((enum insn_op)op))
			ck_assert_msg(t->executed[op] >= ROW_WANTED, "%s was executed %llu times only", insn_mnemonic((enum insn_op)op),
				      (unsigned long long)t->executed[op]);
	ck_assert_uint_gt(t->template_insns, t->insns / 5);
	ck_assert_uint_gt(t->signals, t->programs / 20);
	ck_assert_uint_lt(t->signals, t->programs / 2);
	ck_assert_uint_gt(t->signals_in_slots, 5);
}

static void compare_all(const struct order *o, uint64_t seed, uint64_t wanted, bool once, struct tally *t)
{
	gva exit = driver_build(driver, o->big_endian);
	struct reference *r = reference_create(o->big_endian);
	struct machine *m = machine_create(o->big_endian);

	while (t->insns < wanted) {
		unsigned n = once ? 1 : BATCH, done;
		const char *wrong;

		for (unsigned i = 0; i < n; i++, seed += SEED_STEP)
			program_generate(&programs[i], seed, r, exit);
		done = batch_run(o, n, &wrong);
		batch_compare(o, m, done, exit, t);
		if (wrong && done < n)
			program_print(&programs[done]);
		ck_assert_msg(!wrong, "%s in the program of seed 0x%016llx", wrong, (unsigned long long)programs[done < n ? done : n - 1].seed);
		if (once)
			break;
	}
	reference_destroy(r);
}

START_TEST(programs_do_what_they_do_with_qemu)
{
	const struct order *o = &orders[_i];
	const char *given = getenv("ORACLE_SEED"), *more = getenv("ORACLE_INSNS");
	uint64_t seed = given ? strtoull(given, NULL, 0) : 0x5eed0000u + (uint64_t)_i;
	struct tally t = { 0 };

	if (!emulator_exists(o->emulator)) {
		char text[80];

		snprintf(text, sizeof(text), "%s is not installed", o->emulator);
		test_skip("qemu", text);
		return;
	}
	compare_all(o, seed, more ? strtoull(more, NULL, 0) : INSNS_WANTED, given != NULL, &t);
	if (!given)
		expect_coverage(&t);
	if (more)
		fprintf(stderr, "%s: %u programs, %llu instructions; %u in template code, %llu instructions; %u signals, %u in slots\n", o->emulator,
			t.programs, (unsigned long long)t.insns, t.with_template, (unsigned long long)t.template_insns, t.signals,
			t.signals_in_slots);
}
END_TEST

/* One bit anywhere is a difference.  */
START_TEST(a_difference_is_seen)
{
	static struct program_state state;
	static uint8_t data[PROGRAM_DATA_SIZE];
	struct result other = { .data = data };

	ck_assert(!difference(&state, data, &other));
	for (unsigned i = 0; i < STATE_WORDS; i++) {
		((uint32_t *)(void *)&other.state)[i] ^= 1u << i % 32;
		ck_assert(difference(&state, data, &other));
		((uint32_t *)(void *)&other.state)[i] = 0;
	}
	for (unsigned i = 0; i < PROGRAM_DATA_SIZE; i += 17) {
		static uint8_t changed[PROGRAM_DATA_SIZE];

		memcpy(changed, data, sizeof(changed));
		changed[i] = 0x80;
		ck_assert(difference(&state, changed, &other));
	}
}
END_TEST

Suite *qemu_suite(void)
{
	Suite *s = suite_create("qemu");
	TCase *t = tcase_create("qemu");

	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, programs_do_what_they_do_with_qemu, 0, ARRAY_LEN(orders));
	tcase_add_test(t, a_difference_is_seen);
	suite_add_tcase(s, t);
	return s;
}
