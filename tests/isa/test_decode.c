/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The decoder against the rows' pictures, read here independently of the generator; and what the generator must refuse.
 */
#define _GNU_SOURCE
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "isa/insn.h"
#include "tests/harness/suites.h"

Suite *decode_suite(void);

static const struct { const char *name, *bits, *parent; unsigned since; uint32_t flags; } rows[INSN_COUNT] = {
#define INSN(name, mnemonic, bits, operands, flags, since, ref) [INSN_##name] = { #name, bits, NULL, since, flags },
#define INSN_REFINES(name, mnemonic, bits, operands, flags, since, ref, parent) [INSN_##name] = { #name, bits, #parent, since, flags },
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
};

static uint64_t seed = 0x2545f4914f6cdd1dull;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

/* Does @w look like the picture?  */
static bool fits(insn_word w, const char *bits)
{
	for (uint32_t bit = 0x80000000u; *bits; bits++) {
		if (*bits == ' ')
			continue;
		if ((*bits == '1' && !(w & bit)) || (*bits == '0' && (w & bit)))
			return false;
		bit >>= 1;
	}
	return true;
}

static insn_word fill(const char *bits)
{
	insn_word w = 0;

	for (; *bits; bits++)
		if (*bits != ' ')
			w = w << 1 | (*bits == '1' || (*bits != '0' && rnd() & 1u));
	return w;
}

/* The row @w belongs to: the only one that fits, or of two the one that names the other.  */
static unsigned expected(insn_word w, enum isa_rev rev)
{
	unsigned best = INSN_INVALID;

	for (unsigned op = 1; op < INSN_COUNT; op++) {
		if (rows[op].since > rev || !fits(w, rows[op].bits))
			continue;
		if (best == INSN_INVALID || (rows[op].parent && !strcmp(rows[op].parent, rows[best].name)))
			best = op;
		else
			ck_assert_msg(rows[best].parent && !strcmp(rows[best].parent, rows[op].name), "0x%08x is %s and %s", w,
				      rows[best].name, rows[op].name);
	}
	return best;
}

static void check_word(insn_word w)
{
	struct insn i;

	for (enum isa_rev rev = ISA_R1; rev <= ISA_R2; rev++) {
		unsigned op = expected(w, rev);

		insn_decode(w, rev, &i);
		ck_assert_msg(i.op == op, "0x%08x, release %u: %s, should be %s", w, (unsigned)rev, i.op ? rows[i.op].name : "reserved",
			      op ? rows[op].name : "reserved");
		ck_assert_uint_eq(i.word, w);
		ck_assert(i.rs == (w >> 21 & 31) && i.rt == (w >> 16 & 31) && i.rd == (w >> 11 & 31) && i.sa == (w >> 6 & 31));
	}
}

START_TEST(words_of_each_row)
{
	for (unsigned op = 1; op < INSN_COUNT; op++)
		for (int n = 0; n < 300; n++) {
			insn_word w = fill(rows[op].bits);

			check_word(w);
			check_word(w ^ 1u << (rnd() & 31)); /* a neighbour, often of another row or of none */
		}
}
END_TEST

START_TEST(random_words)
{
	for (int n = 0; n < 200000; n++)
		check_word(rnd());
}
END_TEST

START_TEST(facts)
{
	for (unsigned op = 1; op < INSN_COUNT; op++) {
		uint32_t f = insn_flags((enum insn_op)op);

		ck_assert_uint_eq(f, rows[op].flags);
		ck_assert_msg(!(f & (IF_LIKELY | IF_UNCOND | IF_INDIRECT)) || (f & IF_BRANCH), "%s", rows[op].name);
		ck_assert_msg(!(f & (IF_LOAD | IF_STORE | IF_BRANCH)) || !(f & IF_ENGINE), "%s", rows[op].name);
	}
	ck_assert_uint_eq(insn_flags(INSN_INVALID), IF_ENGINE | IF_ENDS | IF_TRAPS);
}
END_TEST

/* --- the generator --- */

static const struct { const char *file, *says; } fixtures[] = {
	{ "good", NULL },
	{ "overlap", "ONE and TWO overlap" },
	{ "siblings", "TWO and THREE overlap" },
	{ "narrow", "ONE: 31 bits, not 32" },
	{ "wide", "ONE: 33 bits, not 32" },
	{ "letter", "ONE: unknown letter 'q'" },
	{ "operand", "ONE: unknown letter 'q'" },
	{ "split", "ONE: field 'i' is not contiguous" },
	{ "twice", "ONE: two rows of this name" },
	{ "orphan", "ONE does not lie inside NOBODY" },
	{ "outside", "TWO does not lie inside ONE" },
};

START_TEST(generator)
{
	char command[512], dir[] = "/tmp/rows-XXXXXX", text[1024] = "";
	const char *file = fixtures[_i].file;
	FILE *p;
	int status;

	if (access("tools/gen_decode.c", R_OK) != 0 || system("cc --version >/dev/null 2>&1") != 0) {
		test_skip("decode/generator", "needs a compiler and the source tree as the current directory");
		return;
	}
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(command, sizeof(command),
		 "cc -std=gnu11 -I. -DROWS='\"tests/isa/rows/%s.def\"' -o %s/gen tools/gen_decode.c && %s/gen 2>&1 >%s/out; s=$?; rm -r %s; exit $s",
		 file, dir, dir, dir, dir);
	p = popen(command, "r");
	ck_assert_ptr_nonnull(p);
	text[fread(text, 1, sizeof(text) - 1, p)] = '\0';
	status = pclose(p);
	ck_assert_msg((status == 0) == !fixtures[_i].says, "%s: status 0x%x: %s", file, (unsigned)status, text);
	if (fixtures[_i].says) {
		ck_assert_int_eq(status, 1 << 8);
		ck_assert_msg(strstr(text, fixtures[_i].says) != NULL, "%s: it says: %s", file, text);
	}
}
END_TEST

Suite *decode_suite(void)
{
	Suite *s = suite_create("decode");
	TCase *t = tcase_create("decoder"), *g = tcase_create("generator");

	tcase_add_test(t, words_of_each_row);
	tcase_add_test(t, random_words);
	tcase_add_test(t, facts);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(g, generator, 0, (int)ARRAY_LEN(fixtures));
	tcase_set_timeout(g, 60);
	suite_add_tcase(s, t);
	suite_add_tcase(s, g);
	return s;
}
