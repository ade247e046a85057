/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Differential fuzzing at system level: random programs under ref, template code (in this process and in KVM), LLVM's code and
 * QEMU's system emulator.  See fuzz.h for what a program is, explained.def for what QEMU is not asked, cases.def for what was found.
 *
 * Environment: FUZZ_ISA_PROGRAMS=n programs in all, FUZZ_ISA_LLVM=n of them through LLVM, FUZZ_ISA_SEED=n, FUZZ_ISA_BATCH=n only
 * that batch of them, FUZZ_ISA_PRINT=1 prints what was covered (make fuzz-isa sets it).  A difference is printed as a row for cases.def.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/engine/asm.h"
#include "tests/fuzz-isa/campaign.h"
#include "tests/fuzz-isa/generate.h"
#include "tests/harness/suites.h"

Suite *fuzz_isa_suite(void);

#define PROGRAMS 2500u
#define PROGRAMS_LLVM 40u
#define COVERED_BY 2500u  /* so many programs leave no cell out */
#define KVM_EACH 5u       /* with more programs, one batch in so many runs in a VM, which takes long; prime to the number of kinds */
#define TIMEOUT 36000
#define TRIES 40u         /* enough to get from a hundred words down to WORDS */
#define WORDS 24u

static const struct { const char *name; struct program p; } cases[] = {
#define CASE(name, ...) { name, __VA_ARGS__ },
#include "tests/fuzz-isa/cases.def"
#undef CASE
	{ NULL, { 0 } },
};
#define CASES (int)(ARRAY_LEN(cases) - 1)

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

START_TEST(known_cases)
{
	const char *diff = case_difference(&cases[_i].p, false);

	ck_assert_msg(!diff, "%s: %s", cases[_i].name, diff);
	diff = case_difference(&cases[_i].p, true);
	ck_assert_msg(!diff, "%s, big-endian: %s", cases[_i].name, diff);
}
END_TEST

static void say_what_is_missing(void)
{
	for (enum column k = COLUMN_REF; k < COLUMNS; k++) {
		const char *why = column_missing(k, false);

		if (why)
			test_skip(column_name(k), why);
	}
}

START_TEST(random_programs)
{
	static const struct { bool big_endian; uint32_t flags; } kinds[] = {
		{ false, 0 }, { true, 0 }, { false, FUZZ_OURS }, { false, 0 }, { false, 0 }, { false, 0 }, { true, FUZZ_OURS }, { false, 0 },
	};
	uint64_t programs = number("FUZZ_ISA_PROGRAMS", PROGRAMS), llvm = number("FUZZ_ISA_LLVM", PROGRAMS_LLVM);
	uint64_t batches = (programs + SLOTS - 1) / SLOTS, llvm_each = (llvm + batches - 1) / batches;
	uint64_t seed = number("FUZZ_ISA_SEED", 1), only = number("FUZZ_ISA_BATCH", UINT64_MAX);
	struct tally t = { 0 };
	const char *missing;

	say_what_is_missing();
	if (only != UINT64_MAX)
		batches = only + 1, programs = batches * SLOTS;
	for (uint64_t i = only != UINT64_MAX ? only : 0; i < batches; i++) {
		struct batch b = { .big_endian = kinds[i % ARRAY_LEN(kinds)].big_endian, .flags = kinds[i % ARRAY_LEN(kinds)].flags,
				   .seed = (seed << 32) + i * SLOTS };

		b.n = (unsigned)(programs - i * SLOTS < SLOTS ? programs - i * SLOTS : SLOTS);
		b.kvm = programs <= COVERED_BY || only != UINT64_MAX || i % KVM_EACH == 0;
		b.nllvm = (unsigned)(llvm_each < b.n ? llvm_each : b.n);
		batch_run(&b, &t);
		if (number("FUZZ_ISA_PRINT", 0) && i % 40 == 39)
			printf("%llu programs, %u differences\n", (unsigned long long)t.cover.programs, t.differences);
	}
	if (number("FUZZ_ISA_PRINT", 0))
		tally_print(&t);
	ck_assert_msg(!t.differences, "%u differences", t.differences);
	ck_assert_uint_gt(t.column[COLUMN_TEMPLATE].tiers[TIER_TEMPLATE], t.column[COLUMN_TEMPLATE].tiers[TIER_INTERP]);
	missing = only != UINT64_MAX || programs < COVERED_BY ? NULL : coverage_missing(&t.cover);
	ck_assert_msg(!missing, "%s", missing);
}
END_TEST

/* Every SUBU of the programs' code is an ADDU.  */
static void subu_to_addu(struct image *m)
{
	for (gva at = IMAGE_SLOTS + SLOT_CODE; at < IMAGE_SLOTS + SLOT_DATA; at += 4) {
		uint32_t w = image_get(m, at);

		if ((w & 0xfc0007ffu) == SUBU(0, 0, 0))
			image_put(m, at, w - SUBU(0, 0, 0) + ADDU(0, 0, 0));
	}
}

/* The instrument sees a defect, and cuts the program down to it.  */
START_TEST(a_difference_is_seen)
{
	struct dry *d = dry_create(false);
	struct coverage tally = { 0 };
	const char *diff = NULL;
	unsigned words = 0;
	struct program p;

	for (uint64_t seed = 1; !diff; seed++) {
		ck_assert_uint_lt(seed, 40);
		program_generate(&p, d, seed, 0, 0, &tally);
		diff = find_difference(d, &p, COLUMN_TEMPLATE, false, subu_to_addu, TRIES);
	}
	for (unsigned i = 0; i < p.nwords; i++)
		words += p.code[i] != NOP;
	ck_assert_uint_le(words, WORDS);
	dry_destroy(d);
}
END_TEST

Suite *fuzz_isa_suite(void)
{
	Suite *s = suite_create("fuzz_isa");
	TCase *t = tcase_create("fuzz_isa");

	tcase_set_timeout(t, TIMEOUT);
	tcase_add_test(t, a_difference_is_seen);
	tcase_add_loop_test(t, known_cases, 0, CASES);
	tcase_add_test(t, random_programs);
	suite_add_tcase(s, t);
	return s;
}
