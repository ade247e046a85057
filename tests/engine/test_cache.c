/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the engine keeps: units of .xo files that come, go and come back with their bytes, and tables that run full.
 */
#include <stdlib.h>
#include <string.h>

#include "pcmap/key.h"
#include "pcmap/xo_file.h"
#include "pcmap/xo_write.h"
#include "tests/engine/rig.h"
#include "tests/harness/log_lines.h"

Suite *cache_suite(void);

/* --- .xo files --- */

#define F_PAGE 0x80020000u
#define F_WORD (F_PAGE + 12)   /* the instruction that changes */
#define F_LONG 30u             /* rounds of its loop */
#define CALLS 40u

static insn_word f_words[16];
static unsigned nf_words;
static bool f_device;          /* its loop stores to the device at T4 */
static bool f_unknown;         /* which the .xo has as a store to memory */

/* A function with a loop.  */
static void function(struct rig *g, gva at)
{
	struct code c = code_at(g, at);
	gva top;

	EMIT(&c, ORI(T0, ZERO, F_LONG), MOVE(T1, ZERO));
	top = c.va;
	EMIT(&c, ADDU(T1, T1, T0), ADDIU(V0, V0, 1), f_device ? SW(T0, DEV_DMA_WORD, T4) : NOP, ADDIU(T0, T0, -1));
	code_branch(&c, BGTZ(T0), top);
	EMIT(&c, SLL(T1, T1, 1), JR(RA), XOR(V0, V0, T1));
	nf_words = (c.va - at) / 4;
	for (unsigned i = 0; i < nf_words; i++)
		f_words[i] = rig_get(g, at + 4 * i);
}

/* The .xo of the function at F_PAGE, as sbt would make it; @false_word: source bytes that differ from the guest's in that word.  */
static uint8_t *make_xo(bool big, int false_word, struct xo_view *view, struct xo_file **file)
{
	static uint8_t code[16384];
	static struct unit_entry entries[64];
	static struct unit_fault faults[64];
	static struct unit_reloc relocs[256];
	static insn_word words[GUEST_PAGE_WORDS];
	static struct run run;
	struct unit u = { .code = code, .code_cap = sizeof code, .entries = entries, .entries_cap = 64, .faults = faults, .faults_cap = 64,
			  .relocs = relocs, .relocs_cap = 256 };
	struct template_opts to = { .flags = UNIT_KERNEL | UNIT_XO | (big ? UNIT_BE : 0), .bmi2 = key_host_features() & XO_HOST_BMI2 };
	struct run_opts ro = { .rev = ISA_R2, .kernel = true };
	uint8_t bytes[GUEST_PAGE_SIZE] = { 0 }, sites[GUEST_PAGE_WORDS] = { 0 }, *image;
	struct err e = ERR_INIT;
	struct xo_builder *b;
	struct xo_key key;
	size_t size;

	memcpy(words, f_words, sizeof f_words);
	if (f_device && !f_unknown)
		sites[4] = SITE_SLOW;
	to.sites = sites;
	run_scan(words, F_PAGE, &ro, &run);
	ck_assert_uint_eq(run.nwords, nf_words);
	ck_assert_int_eq(template_translate(&run, &to, &u), ST_OK);
	if (false_word >= 0)
		words[false_word] ^= 1u;
	for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++) {
		insn_word w = big ? __builtin_bswap32(words[i]) : words[i];

		memcpy(bytes + 4 * i, &w, 4);
	}
	key_fill(&key, ISA_R2, big, key_host_features());
	ck_assert_int_eq(xo_builder_create(&key, &b, &e), ST_OK);
	ck_assert_msg(xo_builder_page(b, F_PAGE, to.flags & ~(uint32_t)UNIT_XO, bytes, sites, &e) == ST_OK, "%s", e.text);
	ck_assert_msg(xo_builder_unit(b, &u, &e) == ST_OK, "%s", e.text);
	ck_assert_msg(xo_builder_image(b, &image, &size, &e) == ST_OK, "%s", e.text);
	xo_builder_destroy(b);
	ck_assert_msg(xo_open_memory("test", image, size, &key, view, file, &e) == ST_OK, "%s", e.text);
	return image;
}

static uint64_t seen[8][TIER_COUNT];
static unsigned nseen;

static void take_stock(struct rig *g)
{
	if (g->is_ref)
		return;
	ck_assert_uint_lt(nseen, ARRAY_LEN(seen));
	memcpy(seen[nseen++], g->cpu->tier_insns, sizeof seen[0]);
}

static void call_often(struct code *c)
{
	gva top;

	EMIT(c, ORI(S6, ZERO, CALLS));
	top = c->va;
	EMIT(c, JAL(F_PAGE), ADDIU(S6, S6, -1));
	code_branch(c, BGTZ(S6), top);
	EMIT(c, NOP, LUI(T3, DEV_KSEG1 >> 16), SW(ZERO, DEV_KICK, T3));
}

static bool late;

/* Called as it is; with one instruction changed; as it was.  Or first something else stands there and is met once.  */
static void come_and_go(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE), other;
	gva top;

	function(g, late ? RIG_DATA : F_PAGE);
	EMIT(&c, MOVE(V0, ZERO), LUI(T4, DEV_KSEG1 >> 16));
	if (late) {
		other = code_at(g, F_PAGE);
		EMIT(&other, JR(RA), ADDIU(V0, V0, 9));
		EMIT(&c, JAL(F_PAGE), NOP);
		code_li(&c, T0, RIG_DATA);
		code_li(&c, T1, F_PAGE);
		EMIT(&c, ORI(T2, ZERO, nf_words));
		top = c.va;
		EMIT(&c, LW(T3, 0, T0), SW(T3, 0, T1), ADDIU(T0, T0, 4), ADDIU(T2, T2, -1));
		code_branch(&c, BGTZ(T2), top);
		EMIT(&c, ADDIU(T1, T1, 4));
	}
	call_often(&c);
	for (unsigned i = 0; i < 2; i++) {
		code_li(&c, T0, F_WORD);
		code_li(&c, T1, ADDIU(V0, V0, i ? 1 : 7));
		EMIT(&c, SW(T1, 0, T0));
		call_often(&c);
	}
	code_stop(&c);
}

#define FILES 2u

/* @n files: the function's translation, or with @false_word >= 0 that of other bytes.  */
static struct pair run_with_files(bool big, const int *false_word, unsigned n, void (*guest)(struct rig *), struct rig_opts o)
{
	struct xo_view view[FILES];
	const struct xo_view *views[FILES] = { &view[0], &view[1] };
	struct xo_file *files[FILES];
	struct rig *scratch = rig_open(&accel_ref, &o);
	uint8_t *image[FILES];
	struct pair p;

	function(scratch, F_PAGE);
	rig_close(scratch);
	for (unsigned i = 0; i < n; i++)
		image[i] = make_xo(big, false_word[i], &view[i], &files[i]);
	o.big_endian = big;
	o.kicked = take_stock;
	o.xo = views;
	o.xo_files = files;
	o.nxo = n;
	nseen = 0;
	p = pair_run(guest, &o);
	ck_assert_uint_eq(nseen, guest == come_and_go ? 3 : 2);
	for (unsigned i = 0; i < n; i++) {
		xo_close(files[i]);
		free(image[i]);
	}
	return p;
}

static struct pair run_with_xo(bool big, int false_word)
{
	return run_with_files(big, &false_word, 1, come_and_go, (struct rig_opts){ .big_endian = big });
}

START_TEST(units_follow_their_bytes)
{
	const uint64_t most = CALLS * F_LONG * 4;
	struct pair p;

	late = _i & 2;
	p = run_with_xo(_i & 1, -1);
	ck_assert_uint_ge(seen[0][TIER_XO], most - 3 * F_LONG * 4); /* a page whose bytes have changed unseen is asked about when it is hot */
	ck_assert_uint_le(seen[1][TIER_XO], seen[0][TIER_XO] + 2 * F_LONG * 4); /* what the change interrupts, and no more */
	ck_assert_uint_ge(seen[1][TIER_TEMPLATE] - seen[0][TIER_TEMPLATE], most * 8 / 10);
	ck_assert_uint_ge(seen[2][TIER_XO] - seen[1][TIER_XO], most);
	ck_assert_uint_eq(engine_get_stats(rig_engine(p.in))->units_enabled, 2);
	pair_close(&p);
}
END_TEST

START_TEST(units_of_other_bytes_are_not_used)
{
	struct pair p;

	late = false;
	p = run_with_xo(_i & 1, _i >> 1);
	ck_assert_uint_eq(p.in->cpu->tier_insns[TIER_XO], 0);
	ck_assert_uint_eq(engine_get_stats(rig_engine(p.in))->units_enabled, 0);
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_TEMPLATE], CALLS * F_LONG);
	pair_close(&p);
}
END_TEST

/* What the first file has is not looked for in the second, and what it has not, is.  */
START_TEST(files_are_asked_in_order)
{
	const int false_words[FILES] = { _i ? 3 : -1, -1 };
	struct pair p;

	late = false;
	p = run_with_files(false, false_words, FILES, come_and_go, (struct rig_opts){ 0 });
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_XO], CALLS * F_LONG * 4);
	ck_assert_uint_eq(engine_get_stats(rig_engine(p.in))->units_enabled, 2);
	ck_assert_uint_ge(p.in->xo_reads[0], 2); /* at first, and when its bytes are back */
	/* While other bytes stand there, no file has anything for them, and each is asked.  */
	ck_assert_uint_ge(p.in->xo_reads[1], 1);
	ck_assert_uint_le(p.in->xo_reads[1], _i ? p.in->xo_reads[0] : p.in->xo_reads[0] - 2);
	pair_close(&p);
}
END_TEST

static unsigned refusals;

static const struct xo_tables *refuse(void *rig, unsigned file, uint32_t page)
{
	struct rig *g = rig;

	if (file == 0) {
		refusals++;
		return NULL;
	}
	return xo_read(g->opts.xo_files[file], page, &g->tables, NULL) == ST_OK ? &g->tables : NULL;
}

/* A page record that turns out to be bad: the next file's is used, or templates are made.  */
START_TEST(damaged_records_are_done_without)
{
	const int false_words[FILES] = { -1, -1 };
	struct pair p;

	late = false;
	refusals = 0;
	p = run_with_files(false, false_words, _i ? 2 : 1, come_and_go, (struct rig_opts){ .xo_read = refuse });
	ck_assert_uint_ge(refusals, 1);
	ck_assert_uint_eq(engine_get_stats(rig_engine(p.in))->units_enabled, _i ? 2 : 0);
	ck_assert((p.in->cpu->tier_insns[TIER_XO] > CALLS * F_LONG * 4) == (_i == 1));
	rig_tiers(p.in, CALLS * F_LONG);
	pair_close(&p);
}
END_TEST

enum told { ENABLED, OTHER_BYTES, OTHER_SITES, UNREADABLE, TOLD };

/* The log says what becomes of each page record that is asked.  */
START_TEST(records_are_told)
{
	static const char *const says[TOLD] = {
		[ENABLED] = "units enabled: 1, refused for other bytes: 0, for other sites: 0, not needed: 0\n",
		[OTHER_BYTES] = "units enabled: 0, refused for other bytes: 1, for other sites: 0, not needed: 0\n",
		[OTHER_SITES] = "units enabled: 0, refused for other bytes: 0, for other sites: 1, not needed: 0\n",
	};
	const int false_word = _i == OTHER_BYTES ? 3 : -1;
	char line[192], *text;
	struct pair p;

	late = false;
	f_device = f_unknown = _i == OTHER_SITES;
	log_begin("exec");
	p = run_with_files(false, &false_word, 1, come_and_go, (struct rig_opts){ .xo_read = _i == UNREADABLE ? refuse : NULL });
	text = log_text();
	snprintf(line, sizeof line, "exec: 0x80020000: record 0 of .xo 0%s", _i == UNREADABLE ? " cannot be read\n" : ": ");
	ck_assert_uint_eq(log_count(text, line), p.in->xo_reads[0]);
	if (says[_i]) {
		strcat(line, says[_i]);
		ck_assert_msg(log_count(text, line) > 0, "%s not in:\n%.1000s", line, text);
	}
	free(text);
	pair_close(&p);
}
END_TEST

static struct xo_unit huge;
static uint32_t huge_code_len;

static const struct xo_tables *read_huge(void *rig, unsigned file, uint32_t page)
{
	struct rig *g = rig;

	ck_assert_int_eq(xo_read(g->opts.xo_files[file], page, &g->tables, NULL), ST_OK);
	huge = g->tables.units[0];
	huge.code_len = huge_code_len;
	g->tables.units = &huge;
	return &g->tables;
}

/* Longer than any unit can be.  It is not placed, nor does it keep others out; its bytes are not even there.  */
START_TEST(units_beyond_all_measure_are_left_alone)
{
	const int false_word = -1;
	struct pair p;

	huge_code_len = _i ? 0xf0000000u : 0x08000000u; /* with what is in the cache: beyond 32 bits; within the cache */
	late = false;
	p = run_with_files(false, &false_word, 1, come_and_go, (struct rig_opts){ .xo_read = read_huge });
	ck_assert_uint_eq(engine_get_stats(rig_engine(p.in))->cache_flushes, 0);
	ck_assert_uint_eq(p.in->cpu->tier_insns[TIER_XO], 0);
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_TEMPLATE], CALLS * F_LONG);
	pair_close(&p);
}
END_TEST

/* Called as its unit begins; from the middle of a block, where no unit does; as at first.  */
static void into_the_middle(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	function(g, F_PAGE);
	EMIT(&c, MOVE(V0, ZERO), LUI(T4, DEV_KSEG1 >> 16));
	call_often(&c);
	EMIT(&c, ORI(S6, ZERO, CALLS));
	top = c.va;
	EMIT(&c, ORI(T0, ZERO, 2), JAL(F_PAGE + 12), ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	EMIT(&c, NOP);
	call_often(&c);
	code_stop(&c);
}

/* What begins in the middle of a block, because an exception came back there, does not cut in two what is made of the block later.  */
static void middle_first(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	function(g, F_PAGE);
	for (unsigned i = 0; i < 2; i++) {
		EMIT(&c, ORI(S6, ZERO, CALLS));
		top = c.va;
		EMIT(&c, ORI(T0, ZERO, i ? 2 : 1), JAL(F_PAGE + (i ? 0 : 16)), ADDIU(S6, S6, -1)); /* at first behind the loop's first words */
		code_branch(&c, BGTZ(S6), top);
		EMIT(&c, NOP);
	}
	code_stop(&c);
}

START_TEST(blocks_are_whole)
{
	struct pair p = pair_run(middle_first, NULL);
	const struct engine *e = rig_engine(p.in);
	unsigned whole = 0, middle = 0;

	for (uint32_t u = 1; u < e->nunits; u++) {
		const struct punit *k = &e->units[u];

		whole += e->vpages[k->vpage].page == F_PAGE && k->first == 0 && k->nwords == 8; /* up to the block behind the loop */
		middle += e->vpages[k->vpage].page == F_PAGE && k->first == 4;
	}
	ck_assert_uint_eq(middle, 1);
	ck_assert_uint_eq(whole, 1);
	pair_close(&p);
}
END_TEST

/* A template for the middle of a unit knows the unit's device accesses: learning them anew would cost the unit.  */
START_TEST(sites_are_known_beside_the_unit)
{
	const int false_word = -1;
	struct pair p;

	f_device = true;
	p = run_with_files(false, &false_word, 1, into_the_middle, (struct rig_opts){ 0 });
	f_device = false;
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_XO], 2 * CALLS * F_LONG * 4);
	ck_assert_uint_gt(p.in->cpu->tier_insns[TIER_TEMPLATE], CALLS);
	ck_assert_uint_eq(engine_get_stats(rig_engine(p.in))->units_disabled, 0);
	pair_close(&p);
}
END_TEST

/* --- tables --- */

#define FUNCTIONS 800u
#define FIRST 0x80020000u
#define SPACE 0x440u

/* Functions all over the place that call one another and touch memory, in several rounds.  */
static void many_functions(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva top;

	for (unsigned i = 0; i < FUNCTIONS; i++) {
		struct code f = code_at(g, FIRST + i * SPACE);
		gva next = FIRST + (i * 7 + 3) % FUNCTIONS * SPACE;

		EMIT(&f, LW(T0, 4 * (i & 63u), GP), ADDIU(T0, T0, 1 + i), SW(T0, 4 * (i & 63u), GP), ADDIU(S5, S5, -1), BLEZ(S5) | 3u,
		     XOR(V0, V0, T0), J(next), SLL(V1, V0, 3), JR(S4), ADDU(V0, V0, V1));
	}
	EMIT(&c, MOVE(V0, ZERO), ORI(S6, ZERO, 6));
	code_li(&c, GP, RIG_DATA);
	top = c.va;
	for (unsigned i = 0; i < 40; i++) {
		code_li(&c, S4, c.va + 5 * 4);
		EMIT(&c, ORI(S5, ZERO, 60), J(FIRST + i * 20 * SPACE), NOP);
	}
	EMIT(&c, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), top);
	code_put(&c, NOP);
	code_stop(&c);
}

enum table { UNITS, LINKS, FAULTS, VPAGES, CPAGES, WMAPS, PROFILE, CODE, TABLES };
static enum table short_table;

static void nearly_full(struct rig *g)
{
	struct engine *e = rig_engine(g);

	if (g->is_ref)
		return;
	switch (short_table) {
	case UNITS: e->nunits = UNITS_MAX - 30; break;
	case LINKS: e->nlinks = LINKS_MAX - 90; break;
	case FAULTS: e->nfaults = FAULTS_MAX - 90; break;
	case VPAGES: e->nvpages = VPAGES_MAX - 20; break;
	case CPAGES: e->ncpages = CPAGES_MAX - 20; break;
	case WMAPS: e->nwmaps = WMAPS_MAX - 5; break;
	case PROFILE: e->nprofile = PROFILE_MAX - 5; break;
	case CODE: e->code_len = e->code_cap - 5000; break;
	case TABLES: break;
	}
}

START_TEST(full_tables)
{
	struct rig_opts o = { .created = nearly_full, .profile = _i == PROFILE };
	struct pair p;

	short_table = (enum table)_i;
	p = pair_run(many_functions, &o);
	if (_i != WMAPS && _i != PROFILE && _i != TABLES)
		ck_assert_uint_ge(engine_get_stats(rig_engine(p.in))->cache_flushes, 1);
	rig_tiers(p.in, cpu_insns(p.in->cpu) / 4);
	pair_close(&p);
}
END_TEST

/* Functions with more accesses than the emitter has room for are interpreted, and said to be.  */
static void little_room(struct rig *g)
{
	if (!g->is_ref)
		rig_engine(g)->scratch.faults_cap = 1;
}

START_TEST(what_is_refused_is_counted)
{
	struct pair p = pair_run(many_functions, &(struct rig_opts){ .created = little_room });
	const struct engine_stats *s = engine_get_stats(rig_engine(p.in));

	ck_assert_uint_gt(s->units_refused, 40);
	ck_assert_uint_gt(s->units_translated, 0);
	rig_tiers(p.in, 0);
	pair_close(&p);
	p = pair_run(many_functions, &(struct rig_opts){ .created = NULL });
	ck_assert_uint_eq(engine_get_stats(rig_engine(p.in))->units_refused, 0);
	pair_close(&p);
}
END_TEST

#define WIDE_RAM 0x14000000u /* 320 MiB */
#define WIDE_FIRST 0x01000000u
#define WIDE_STEP 0x2000u

/* More scattered pages, each with code and read through kseg1, than the host lets a process map and protect one by one.  */
static void wide_code(struct rig *g)
{
	struct code c = code_at(g, RIG_CODE);
	gva round, top;

	for (uint32_t pa = WIDE_FIRST; pa < WIDE_RAM; pa += WIDE_STEP) {
		struct code f = code_mapped(g, pa, 0x80000000u + pa);

		EMIT(&f, ADDIU(V0, V0, pa >> 13), JR(RA), XOR(V0, V0, T0));
	}
	EMIT(&c, ORI(S6, ZERO, 4), MOVE(V0, ZERO));
	code_li(&c, S2, WIDE_STEP);
	code_li(&c, S1, 0x80000000u + WIDE_RAM);
	round = c.va;
	code_li(&c, T0, 0x80000000u + WIDE_FIRST);
	top = c.va;
	EMIT(&c, LUI(T3, 0x2000), JALR(RA, T0), ADDU(T3, T3, T0), LW(T3, 0, T3), ADDU(T0, T0, S2), ADDU(V0, V0, T3));
	code_branch(&c, BNE(T0, S1), top);
	EMIT(&c, NOP, ADDIU(S6, S6, -1));
	code_branch(&c, BGTZ(S6), round);
	code_put(&c, NOP);
	code_stop(&c);
}

START_TEST(more_code_pages_than_host_mappings)
{
	struct rig_opts o = { .ram_size = WIDE_RAM };
	struct pair p = pair_run(wide_code, &o);

	ck_assert_uint_gt(engine_get_stats(rig_engine(p.in))->units_translated, 30000);
	pair_close(&p);
}
END_TEST

Suite *cache_suite(void)
{
	Suite *s = suite_create("cache");
	TCase *t = tcase_create("cache");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, units_follow_their_bytes, 0, 4);
	tcase_add_loop_test(t, units_of_other_bytes_are_not_used, 0, 16);
	tcase_add_loop_test(t, files_are_asked_in_order, 0, 2);
	tcase_add_loop_test(t, damaged_records_are_done_without, 0, 2);
	tcase_add_loop_test(t, units_beyond_all_measure_are_left_alone, 0, 2);
	tcase_add_test(t, blocks_are_whole);
	tcase_add_test(t, sites_are_known_beside_the_unit);
	tcase_add_loop_test(t, full_tables, 0, TABLES + 1);
	tcase_add_test(t, what_is_refused_is_counted);
	tcase_add_test(t, more_code_pages_than_host_mappings);
	suite_add_tcase(s, t);
	t = tcase_create("told");
	tcase_add_checked_fixture(t, temp_dir_make, temp_dir_drop);
	tcase_add_loop_test(t, records_are_told, 0, TOLD);
	suite_add_tcase(s, t);
	return s;
}
