/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Template code against the interpreter: the same program, the same registers and memory, stopped after the same number of
 * instructions; everything the guest can see must be equal.  Then properties of the units themselves.
 *
 * A failure prints the seed of its program: run_program() with it reproduces the failure.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/template.h"
#include "tests/emit/guestcode.h"
#include "tests/emit/machine.h"

Suite *template_suite(void);

#define CODE_CAP (1u << 18)
#define RECORDS 8192u

static uint8_t code[CODE_CAP];
static struct unit_entry entries[RECORDS];
static struct unit_fault faults[RECORDS];
static struct unit_reloc relocs[RECORDS];
static struct run run;
static insn_word page[GUEST_PAGE_WORDS];

static struct unit new_unit(void)
{
	return (struct unit){ .code = code, .code_cap = CODE_CAP, .entries = entries, .entries_cap = RECORDS,
			      .faults = faults, .faults_cap = RECORDS, .relocs = relocs, .relocs_cap = RECORDS };
}

/* One way of running the tests.  */
struct variant {
	const char *name;
	bool big_endian, bmi2, mapped, xo;
};

static const struct variant variants[] = {
	{ "little-endian", false, true, false, false },
	{ "little-endian, no BMI2, mapped", false, false, true, false },
	{ "big-endian, .xo tier", true, true, false, true },
	{ "big-endian, no BMI2, mapped, .xo tier", true, false, true, true },
};

static bool host_has_bmi2(void) { return __builtin_cpu_supports("bmi2"); }

static struct template_opts options(const struct variant *v, const uint8_t *sites)
{
	return (struct template_opts){
		.flags = UNIT_KERNEL | (v->mapped ? (uint32_t)UNIT_MAPPED : 0u) | (v->big_endian ? (uint32_t)UNIT_BE : 0u) |
			 (v->xo ? (uint32_t)UNIT_XO : 0u),
		.sites = sites,
		.bmi2 = v->bmi2 && host_has_bmi2(),
	};
}

/* What the engine relies on without checking.  */
static void check_unit(const struct unit *u, uint64_t seed)
{
	for (uint32_t i = 0; i < u->nentries; i++) {
		ck_assert_msg(u->entries[i].off < u->code_len && u->entries[i].link < u->code_len, "seed %llx: entry outside the unit",
			      (unsigned long long)seed);
		ck_assert_msg(i == 0 || u->entries[i].word > u->entries[i - 1].word, "seed %llx: entries are not sorted", (unsigned long long)seed);
		ck_assert(u->entries[i].word >= u->first && u->entries[i].word < u->first + u->nwords);
	}
	for (uint32_t i = 0; i < u->nfaults; i++)
		ck_assert_msg(u->faults[i].off < u->code_len && (i == 0 || u->faults[i].off > u->faults[i - 1].off),
			      "seed %llx: fault table is not sorted", (unsigned long long)seed);
	for (uint32_t i = 0; i < u->nrelocs; i++)
		ck_assert_msg(u->relocs[i].off + 4 <= u->code_len && u->relocs[i].stub < u->code_len, "seed %llx: relocation outside the unit",
			      (unsigned long long)seed);
}

static void random_sites(struct rng *r, uint8_t *sites)
{
	bool user = rng_chance(r, 128), slow = rng_chance(r, 64);

	for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++)
		sites[i] = (uint8_t)((user && rng_chance(r, 200) ? SITE_USER : 0) | (slow && rng_chance(r, 40) ? SITE_SLOW : 0));
}

/* Translate from @first on, now and then for another page and moved.  */
static void translate(struct rng *r, const struct variant *v, struct machine *m, unsigned first, uint64_t seed)
{
	struct unit u = new_unit();
	uint8_t sites[GUEST_PAGE_WORDS] = { 0 };
	page_bits leaders = { 0 };
	struct run_opts scan = { .rev = ISA_R2, .kernel = rng_chance(r, 128), .leaders = leaders,
				 .max_words = rng_chance(r, 60) ? 1 + rng_below(r, 64) : 0 };
	struct template_opts opts = options(v, sites);
	gva at = rng_chance(r, 60) ? 0x80007000u : MACHINE_PAGE;
	enum status st;

	random_sites(r, sites);
	for (unsigned i = rng_below(r, 4); i > 0; i--)
		page_bit_set(leaders, rng_below(r, GUEST_PAGE_WORDS));
	run_scan(page, at + 4 * first, &scan, &run);
	if (run.nwords == 0)
		return;
	st = template_translate(&run, &opts, &u);
	ck_assert_msg(st == ST_OK, "%s, seed %llx: status %d", v->name, (unsigned long long)seed, st);
	check_unit(&u, seed);
	if (u.flags & UNIT_FIXED && u.page != MACHINE_PAGE) {
		run_scan(page, MACHINE_PAGE + 4 * first, &scan, &run);
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
	}
	machine_place(m, &u, rng_chance(r, 128));
}

/* From one random state on, in stretches of random length, until control leaves the page.  Returns instructions compared.  */
static uint64_t run_state(struct rng *r, const struct variant *v, struct machine *m, unsigned nwords, uint64_t seed, bool *dirty)
{
	uint32_t status = machine_cpu(m)->status;
	uint64_t total = 0;

	guestcode_registers(r, machine_cpu(m), nwords);
	for (unsigned i = MACHINE_DATA; i < MACHINE_RAM; i += 1 + rng_below(r, 64))
		machine_ram(m)[i] = (uint8_t)rng_next(r);
	machine_sync(m);
	*dirty = false;
	for (unsigned stretch = 0; stretch < 12 && !*dirty; stretch++) {
		gva from = machine_cpu(m)->pc;
		uint32_t n = machine_run(m, (int32_t)(1 + rng_below(r, stretch < 6 ? 30 : 400)), dirty);
		bool whole = machine_run_ref(m, n);
		const char *diff = machine_difference(m);

		ck_assert_msg(whole, "%s, seed %llx: %u instructions from %08x end inside a step", v->name, (unsigned long long)seed, n, from);
		ck_assert_msg(!diff, "%s, seed %llx: after %u instructions from %08x: %s", v->name, (unsigned long long)seed, n, from, diff);
		total += n;
		if ((machine_cpu(m)->pc & ~GUEST_PAGE_MASK) != MACHINE_PAGE)
			break;
	}
	machine_cpu(m)->status = status;
	return total;
}

static uint64_t run_program(struct machine *m, const struct variant *v, uint64_t seed)
{
	struct rng rng = { .state = seed }, *r = &rng;
	unsigned nwords = rng_chance(r, 24) ? GUEST_PAGE_WORDS : 12 + rng_below(r, 150);
	uint64_t total = 0;
	bool dirty = false;

	guestcode_focus(r);
	guestcode_page(r, page, nwords);
	machine_load(m, page);
	machine_noise(m, seed, rng_chance(r, 128) ? 0 : rng_below(r, 64), rng_chance(r, 128) ? 0 : rng_below(r, 64));
	translate(r, v, m, 0, seed);
	for (unsigned i = rng_below(r, 5); i > 0; i--)
		translate(r, v, m, rng_below(r, nwords), seed);
	for (unsigned i = 0; i < 8 && !dirty; i++)
		total += run_state(r, v, m, nwords, seed, &dirty);
	return total;
}

#define INSNS_PER_VARIANT 2000000u

START_TEST(template_code_does_what_the_interpreter_does)
{
	const struct variant *v = &variants[_i];
	struct machine *m = machine_create(v->big_endian);
	const char *given = getenv("TEMPLATE_SEED");
	const struct machine_counts *n = machine_counts(m);
	uint64_t total = 0;

	if (given) {
		run_program(m, v, strtoull(given, NULL, 16));
		return;
	}
	for (uint64_t seed = 0x1234567 + (uint64_t)_i * 0x9e3779b97f4a7c15u; total < INSNS_PER_VARIANT; seed += 0x9e3779b97f4a7c15u)
		total += run_program(m, v, seed | 1);
	/* The comparison is worth something only if translated code did most of the work, and met everything it can meet.  */
	ck_assert_uint_gt(n->template_insns, INSNS_PER_VARIANT / 3);
	ck_assert_uint_gt(n->faults, 1000);
	ck_assert_uint_gt(n->steps, 1000);
	ck_assert_uint_gt(n->misses, 1000);
}
END_TEST

/* One instruction of every translatable row at a time, over many register values.  */
START_TEST(every_row_alone)
{
	const struct variant *v = &variants[_i];
	struct machine *m = machine_create(v->big_endian);
	struct rng rng = { .state = 0xabcdef }, *r = &rng;
	struct template_opts opts = options(v, NULL);
	unsigned compared = 0;

	for (unsigned op = INSN_INVALID + 1; op < INSN_COUNT; op++) {
		if (insn_flags((enum insn_op)op) & (IF_ENGINE | IF_BRANCH))
			continue;
		for (unsigned form = 0; form < 24; form++) {
			struct run_opts scan = { .rev = ISA_R2, .max_words = 1 };
			struct unit u = new_unit();
			bool dirty;

			memset(page, 0, sizeof(page));
			page[0] = guestcode_insn(r, (enum insn_op)op, 0, 1);
			machine_load(m, page);
			run_scan(page, MACHINE_PAGE, &scan, &run);
			ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
			machine_place(m, &u, false);
			machine_noise(m, 1, 0, 0);
			for (unsigned state = 0; state < 12; state++) {
				uint32_t status = machine_cpu(m)->status, n;
				const char *diff;

				guestcode_registers(r, machine_cpu(m), 1);
				machine_cpu(m)->pc = MACHINE_PAGE;
				machine_sync(m);
				n = machine_run(m, 1, &dirty);
				ck_assert_uint_eq(n, 1);
				ck_assert(machine_run_ref(m, n));
				diff = machine_difference(m);
				ck_assert_msg(!diff, "%s: word %08x: %s", v->name, page[0], diff);
				machine_cpu(m)->status = status;
				compared++;
			}
		}
	}
	ck_assert_uint_gt(compared, 20000);
	ck_assert_uint_gt(machine_counts(m)->template_insns, compared / 2);
}
END_TEST

/* Kernel code at a marked site reaches kernel and user window without a fault, and gets the right one of them.  */
START_TEST(marked_sites_choose_the_window)
{
	static const uint32_t bases[] = { 0x80000000u, 0xa0000000u, 0 };
	const struct variant *v = &variants[_i];
	struct machine *m = machine_create(v->big_endian);
	struct cpu *c = machine_cpu(m);
	struct run_opts scan = { .rev = ISA_R2, .max_words = 8 };
	struct unit u = new_unit();
	uint8_t sites[GUEST_PAGE_WORDS];
	struct template_opts opts = options(v, sites);
	bool dirty;

	memset(sites, SITE_USER, sizeof(sites));
	memset(page, 0, sizeof(page));
	page[0] = 0x8c820008; /* lw v0, 8(a0) */
	page[1] = 0xac820010; /* sw v0, 16(a0) */
	page[2] = 0x88830001; /* lwl v1, 1(a0) */
	page[3] = 0xb883001a; /* swr v1, 26(a0) */
	page[4] = 0xc0850020; /* ll a1, 32(a0) */
	page[5] = 0xe0850024; /* sc a1, 36(a0) */
	page[6] = 0x84880006; /* lh t0, 6(a0) */
	page[7] = 0xa088001f; /* sb t0, 31(a0) */
	machine_load(m, page);
	run_scan(page, MACHINE_PAGE, &scan, &run);
	ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
	machine_place(m, &u, false);
	machine_noise(m, 1, 0, 0);
	for (unsigned i = 0; i < ARRAY_LEN(bases); i++) {
		for (unsigned j = 0; j < 64; j++)
			machine_ram(m)[MACHINE_DATA + j] = (uint8_t)(j * 37 + i);
		c->gpr[4] = bases[i] + MACHINE_DATA;
		c->pc = MACHINE_PAGE;
		machine_sync(m);
		ck_assert_uint_eq(machine_run(m, 8, &dirty), 8);
		ck_assert(machine_run_ref(m, 8));
		ck_assert_msg(!machine_difference(m), "base %08x: %s", bases[i], machine_difference(m));
		ck_assert_uint_eq(c->gpr[5], 1);
	}
	ck_assert_uint_eq(machine_counts(m)->template_insns, 8 * ARRAY_LEN(bases));
	ck_assert_uint_eq(machine_counts(m)->faults, 0);
}
END_TEST

/* Host code of the straight line @words, behind the block's count and poll, up to the jump that ends the unit.  */
static const char *straight_code(const insn_word *words, unsigned n)
{
	static char text[256];
	const struct template_opts opts = { .flags = UNIT_KERNEL };
	struct run_opts scan = { .rev = ISA_R2, .max_words = n };
	struct unit u = new_unit();
	uint32_t end = UINT32_MAX;
	size_t len = 0;

	memset(page, 0, sizeof(page));
	memcpy(page, words, n * sizeof(*words));
	run_scan(page, MACHINE_PAGE, &scan, &run);
	ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
	for (uint32_t i = 0; i < u.nrelocs; i++)
		if (u.relocs[i].kind == RELOC_LINK)
			end = u.relocs[i].off - 1;
	ck_assert_uint_le(end, 70);
	text[0] = 0;
	for (uint32_t i = u.entries[0].link + 10; i < end; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%02x", code[i]);
	return text;
}

#define WORDS(...) (const insn_word[]){ __VA_ARGS__ }, ARRAY_LEN(((const insn_word[]){ __VA_ARGS__ }))

/* What common instructions cost: one x86 instruction on pinned registers.  */
START_TEST(common_forms_are_short)
{
	ck_assert_str_eq(straight_code(WORDS(0x27bdffe0)), "4183c3e0");           /* addiu sp,sp,-32: add r11d,-32 */
	ck_assert_str_eq(straight_code(WORDS(0x00851021)), "468d3c06");           /* addu v0,a0,a1: lea r15d,[rsi+r8] */
	ck_assert_str_eq(straight_code(WORDS(0x00441021)), "4101f7");             /* addu v0,v0,a0: add r15d,esi */
	ck_assert_str_eq(straight_code(WORDS(0x8fa40010)), "438b742b10");         /* lw a0,16(sp): mov esi,[r11+r13+16] */
	ck_assert_str_eq(straight_code(WORDS(0xafb00018)), "47894c2b18");      /* sw s0,24(sp): mov [r11+r13+24],r9d */
	ck_assert_str_eq(straight_code(WORDS(0x26310001)), "418344244401");       /* addiu s1,s1,1: add dword [r12+0x44],1 */
	ck_assert_str_eq(straight_code(WORDS(0x3c028050, 0x24421234)), "41bf34125080"); /* lui, addiu: mov r15d,0x80501234 */
	ck_assert_str_eq(straight_code(WORDS(0x00000000)), "");                   /* nop */
}
END_TEST

/* Too small a buffer of any kind is ST_FULL, and nothing is written behind it.  */
START_TEST(full_buffers)
{
	struct rng rng = { .state = 0x5eed }, *r = &rng;
	const struct template_opts opts = { .flags = UNIT_KERNEL, .bmi2 = true };
	const struct run_opts scan = { .rev = ISA_R2 };
	struct unit u = new_unit(), whole;

	guestcode_page(r, page, 100);
	run_scan(page, MACHINE_PAGE, &scan, &run);
	ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
	whole = u;
	for (uint32_t cap = 0; cap < whole.code_len; cap++) {
		u = new_unit();
		u.code_cap = cap;
		memset(code + cap, 0xa5, 64);
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_FULL);
		for (unsigned i = 0; i < 64; i++)
			ck_assert_uint_eq(code[cap + i], 0xa5);
	}
	for (uint32_t cap = 0; cap < whole.nentries; cap++) {
		u = new_unit();
		u.entries_cap = cap;
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_FULL);
	}
	for (uint32_t cap = 0; cap < whole.nfaults; cap++) {
		u = new_unit();
		u.faults_cap = cap;
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_FULL);
	}
	for (uint32_t cap = 0; cap < whole.nrelocs; cap++) {
		u = new_unit();
		u.relocs_cap = cap;
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_FULL);
	}
}
END_TEST

/* The same input gives the same bytes: .xo files are compared bit by bit.  */
START_TEST(output_is_deterministic)
{
	struct rng rng = { .state = 0xd00d }, *r = &rng;
	const struct template_opts opts = { .flags = UNIT_KERNEL };
	const struct run_opts scan = { .rev = ISA_R2 };
	static uint8_t first[CODE_CAP];

	for (unsigned i = 0; i < 50; i++) {
		struct unit u = new_unit();
		uint32_t len;

		guestcode_page(r, page, 200);
		run_scan(page, MACHINE_PAGE, &scan, &run);
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
		memcpy(first, code, u.code_len);
		len = u.code_len;
		memset(code, 0xff, sizeof(code));
		u = new_unit();
		ck_assert_int_eq(template_translate(&run, &opts, &u), ST_OK);
		ck_assert_uint_eq(u.code_len, len);
		ck_assert_int_eq(memcmp(first, code, len), 0);
	}
}
END_TEST

/* Every row, also those that are translated in kernel code only: none runs out of scratch registers, not even in a branch's slot, where
   the condition holds one.  Such a run would be interpreted for ever, and nobody told.  */
START_TEST(every_row_has_registers)
{
	const struct variant *v = &variants[_i];
	struct template_opts opts = options(v, NULL);
	struct rng rng = { .state = 0x7ea }, *r = &rng;
	unsigned translated = 0;

	for (unsigned op = INSN_INVALID + 1; op < INSN_COUNT; op++) {
		for (unsigned form = 0; form < 64; form++) {
			unsigned slot = form & 1u;
			struct run_opts scan = { .rev = ISA_R2, .kernel = form & 2u, .max_words = slot + 1 };
			struct unit u = new_unit();
			enum status st;

			if (slot && insn_flags((enum insn_op)op) & (IF_BRANCH | IF_ENDS))
				continue;
			memset(page, 0, sizeof(page));
			page[0] = 0x14850008; /* bne a0, a1, .+36 */
			page[slot] = guestcode_insn(r, (enum insn_op)op, slot, 16);
			run_scan(page, MACHINE_PAGE, &scan, &run);
			if (!run.nwords)
				continue;
			st = template_translate(&run, &opts, &u);
			ck_assert_msg(st == ST_OK, "%s: word %08x%s%s: status %d", v->name, page[slot], slot ? " in a slot" : "",
				      scan.kernel ? ", kernel" : "", st);
			translated++;
		}
	}
	ck_assert_uint_gt(translated, 5000);
}
END_TEST

Suite *template_suite(void)
{
	Suite *s = suite_create("template");
	TCase *t = tcase_create("against the interpreter");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, template_code_does_what_the_interpreter_does, 0, (int)ARRAY_LEN(variants));
	tcase_add_loop_test(t, every_row_alone, 0, (int)ARRAY_LEN(variants));
	tcase_add_loop_test(t, marked_sites_choose_the_window, 0, (int)ARRAY_LEN(variants));
	suite_add_tcase(s, t);
	t = tcase_create("units");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, common_forms_are_short);
	tcase_add_test(t, full_buffers);
	tcase_add_test(t, output_is_deterministic);
	tcase_add_loop_test(t, every_row_has_registers, 0, (int)ARRAY_LEN(variants));
	suite_add_tcase(s, t);
	return s;
}
