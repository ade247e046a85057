/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random programs through the whole engine, compared with the interpreter at every exit, while the engine is made to lose what it
 * has built up (code, windows, protection, budget), and the machine is handed to and fro between the accelerators.
 */
#include "tests/emit/guestcode.h"
#include "tests/emit/machine.h"
#include "tests/engine/rig.h"

Suite *random_suite(void);

#define EXITS 120u
#define PROGRAMS 3u
#define HANDLER_COUNT 0xf08 /* in the page of the vectors */

/* Where a program goes on after an exception: somewhere else each time.  */
static void wandering_handler(struct rig *g, gva page, unsigned nwords)
{
	struct code c;

	rig_handlers(g);
	c = code_at(g, 0x80000180u);
	EMIT(&c, LUI(K0, 0x8000), LW(K1, HANDLER_COUNT, K0), ADDIU(K1, K1, 1), SW(K1, HANDLER_COUNT, K0), SLL(K0, K1, 3), SUBU(K0, K0, K1),
	     ORI(K1, ZERO, nwords), R_TYPE(K0, K1, 0, 0, 27), R_TYPE(0, 0, K0, 0, 16), SLL(K0, K0, 2));
	code_li(&c, K1, page);
	EMIT(&c, ADDU(K0, K0, K1), MTC0(K0, C0_EPC), ERET);
}

struct mischief { bool code, windows, attention, writes, budget, disturb, migrate; };

static void make_mischief(struct rig *g, struct rng *r, const struct mischief *m)
{
	struct engine *e = rig_engine(g);
	struct cpu *c = g->cpu;

	__atomic_store_n(&c->attention, 0, __ATOMIC_RELAXED);
	if (m->code && !g->is_ref && rng_chance(r, 40))
		cache_flush(e);
	if (m->windows && rng_chance(r, 60))
		windows_drop_all(e);
	if (m->writes && rng_chance(r, 20)) /* spurious: the bytes stay; a page written too often is no longer translated */
		engine_ram_write(e, MACHINE_CODE + 4 * rng_below(r, 1000), 1 + rng_below(r, 64));
	if (m->budget && rng_chance(r, 246)) {
		c->insns += (uint64_t)((int64_t)c->slice - c->budget);
		c->slice = 1 + rng_below(r, rng_chance(r, 128) ? 40 : 2000);
		c->budget = (int32_t)c->slice;
	}
	if (m->disturb && rng_chance(r, 100))
		g->ops->disturb(g->accel, rng_next(r));
	if (m->migrate && rng_chance(r, 30))
		rig_migrate(g, g->is_ref ? &accel_inproc : &accel_ref);
	if (m->attention && rng_chance(r, 20)) {
		__atomic_store_n(&c->attention, 1, __ATOMIC_RELAXED);
		ck_assert_int_eq(rig_exit(g, 1), EXIT_POLL);
		__atomic_store_n(&c->attention, 0, __ATOMIC_RELAXED);
	}
}

static void program(struct rig *in, struct rig *ref, struct rng *r, bool user)
{
	static insn_word page[GUEST_PAGE_WORDS];
	unsigned nwords = 24 + rng_below(r, 900);
	struct cpu *c = in->cpu, *d = ref->cpu;
	gva top = user ? MACHINE_CODE : MACHINE_PAGE;

	guestcode_focus(r);
	guestcode_page(r, page, nwords);
	guestcode_registers(r, c, nwords);
	engine_ram_write(rig_engine(in), 0, 0x20000);
	engine_ram_write(rig_engine(ref), 0, 0x20000);
	for (unsigned i = 0; i < 2; i++) {
		struct rig *g = i ? in : ref;

		wandering_handler(g, top, nwords);
		for (gva va = 0; va < 0x20000; va += 0x2000)
			rig_pte(g, 0, va, LO(va, 6), LO(va + 0x1000, va == 0xa000 ? 2 : 6));
		for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
			rig_put(g, MACHINE_PAGE + 4 * w, page[w]);
	}
	for (unsigned i = 1; user && i < 32; i++)
		if (c->gpr[i] - 0x80000000u < 0x20000)
			c->gpr[i] -= 0x80000000u;
	if (user)
		c->pc -= 0x80000000u;
	d->pc = c->pc, d->hi = c->hi, d->lo = c->lo, d->ll_bit = c->ll_bit, d->ll_addr = c->ll_addr;
	for (unsigned i = 0; i < 32; i++)
		d->gpr[i] = c->gpr[i];
	cp0_write(c, C0_STATUS, 0, user ? ST_UM : 0);
	cp0_write(d, C0_STATUS, 0, user ? ST_UM : 0);
}

static void programs(struct rig *in, struct rig *ref, struct rng *r, const struct mischief *m, bool user)
{
	for (unsigned n = 0; n < PROGRAMS; n++) {
		program(in, ref, r, user);
		for (unsigned i = 0; i < EXITS; i++) {
			uint64_t stop = cpu_insns(in->cpu) + 1 + rng_below(r, rng_chance(r, 64) ? 40 : 3000);

			ck_assert_int_eq(rig_exit(in, stop - cpu_insns(in->cpu)), EXIT_POLL);
			ck_assert_msg(cpu_insns(in->cpu) - stop <= 1, "asked to stop at %llu instructions, stopped at %llu",
				      (unsigned long long)stop, (unsigned long long)cpu_insns(in->cpu));
			rig_interpret(ref, stop);
			rig_compare_cpu(ref, in);
			make_mischief(in, r, m);
			rig_interpret(ref, cpu_insns(in->cpu));
		}
		rig_tiers(in, 0);
	}
	rig_compare(ref, in);
}

START_TEST(random_programs)
{
	static const struct mischief kinds[] = {
		{ .budget = true }, { .budget = true, .code = true }, { .budget = true, .windows = true },
		{ .budget = true, .writes = true }, { .attention = true, .budget = true }, { .disturb = true }, { .budget = true, .migrate = true },
		{ true, true, true, true, true, true, true },
	};
	struct rng r = { .state = 0x9e3779b97f4a7c15ull ^ ((uint64_t)_i << 20) };
	unsigned i = (unsigned)_i;
	const struct mischief *m = &kinds[i % ARRAY_LEN(kinds)];
	struct rig_opts o = { .big_endian = i & 1, .code_room = i % 5 == 4 ? 6000 : 0, .profile = i % 3 == 1 };
	struct rig *ref = rig_open(&accel_ref, &o), *in = rig_open(&accel_inproc, &o);

	programs(in, ref, &r, m, i % 4 >= 2);
	rig_tiers(in, cpu_insns(in->cpu) / (m->writes && m->disturb ? 200 : 50)); /* pages that are written often are interpreted */
	rig_close(ref);
	rig_close(in);
}
END_TEST

Suite *random_suite(void)
{
	Suite *s = suite_create("random");
	TCase *t = tcase_create("random");

	tcase_set_timeout(t, 120);
	tcase_add_loop_test(t, random_programs, 0, 32);
	suite_add_tcase(s, t);
	return s;
}
