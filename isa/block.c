/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Cutting code into steps and runs: the only place, with step.inc, that knows delay slots.
 */
#include "isa/block.h"

#include "isa/cpu.h"

gva branch_target(const struct insn *i, gva pc)
{
	if (i->op == INSN_J || i->op == INSN_JAL)
		return ((pc + 4) & 0xf0000000u) | insn_index26(i) << 2;
	return pc + 4 + (insn_simm(i) << 2);
}

/* Control never comes back behind it.  */
static bool leaves_for_good(const struct insn *i)
{
	uint32_t f = insn_flags((enum insn_op)i->op);

	if (f & IF_BRANCH)
		return (f & IF_UNCOND) && !(f & IF_LINK);
	return i->op == INSN_ERET || i->op == INSN_DERET || i->op == INSN_INVALID;
}

/* B, written as a comparison of a register with itself.  */
static bool always_branches(const struct insn *i)
{
	return i->op == INSN_BEQ && i->rs == i->rt;
}

/* Row flags, in the knowledge of the mode.  */
static uint32_t flags_of(const struct insn *i, bool kernel)
{
	uint32_t f = insn_flags((enum insn_op)i->op);

	return kernel && (f & IF_ENGINE) && insn_plain_in_kernel(i) ? f & ~(uint32_t)(IF_ENGINE | IF_ENDS) : f;
}

static void scan_step(const insn_word *page, gva pc, const struct run_opts *o, struct step *t)
{
	unsigned word = (pc & GUEST_PAGE_MASK) / 4;
	uint32_t f, sf;

	*t = (struct step){ .pc = pc, .nwords = 1, .kind = STEP_PLAIN };
	insn_decode(page[word], o->rev, &t->insn);
	f = flags_of(&t->insn, o->kernel);
	t->ends = (f & (IF_BRANCH | IF_ENDS)) != 0;
	t->falls = t->ends && !leaves_for_good(&t->insn);
	if (f & IF_ENGINE)
		t->kind = STEP_ENGINE;
	if (!(f & IF_BRANCH))
		return;
	if (word == GUEST_PAGE_WORDS - 1) {
		t->kind = STEP_ENGINE;
		return;
	}
	t->nwords = 2;
	insn_decode(page[word + 1], o->rev, &t->slot);
	sf = flags_of(&t->slot, o->kernel);
	t->kind = sf & (IF_ENGINE | IF_BRANCH) ? STEP_ENGINE : STEP_BRANCH;
}

/* Mark the words at which blocks begin.  */
static void mark_leaders(struct run *r, const struct run_opts *o)
{
	uint16_t step_at[GUEST_PAGE_WORDS];
	unsigned first = (r->start & GUEST_PAGE_MASK) / 4, i;

	for (i = 0; i < r->nwords; i++)
		step_at[i] = UINT16_MAX;
	for (i = 0; i < r->nsteps; i++)
		step_at[(r->steps[i].pc & GUEST_PAGE_MASK) / 4 - first] = (uint16_t)i;
	for (i = 0; i < r->nsteps; i++) {
		struct step *t = &r->steps[i];
		uint32_t f = insn_flags((enum insn_op)t->insn.op);
		unsigned word = (t->pc & GUEST_PAGE_MASK) / 4;

		if (i == 0 || (o->leaders && page_bit(o->leaders, word)) || r->steps[i - 1].ends)
			t->leader = true;
		if ((f & IF_BRANCH) && !(f & IF_INDIRECT)) {
			uint32_t at = (branch_target(&t->insn, t->pc) - r->start) / 4;

			if (at < r->nwords && step_at[at] != UINT16_MAX)
				r->steps[step_at[at]].leader = true;
		}
	}
}

unsigned run_cut_at(const struct run *r, unsigned min, unsigned max)
{
	unsigned best = max;

	for (unsigned i = 0; i < r->nsteps; i++) {
		unsigned at = (r->steps[i].pc - r->start) / 4;

		if (r->steps[i].leader && at >= min && at <= max)
			best = at;
	}
	return best;
}

bool in_straight_code(const insn_word *page, unsigned word, enum isa_rev rev)
{
	struct insn i;

	if (!word)
		return false;
	insn_decode(page[word - 1], rev, &i);
	if (insn_flags((enum insn_op)i.op) & (IF_BRANCH | IF_ENDS))
		return false;
	if (word == 1)
		return true;
	insn_decode(page[word - 2], rev, &i);
	return !(insn_flags((enum insn_op)i.op) & IF_BRANCH); /* a slot */
}

void run_scan(const insn_word *page, gva start, const struct run_opts *opts, struct run *out)
{
	unsigned first = (start & GUEST_PAGE_MASK) / 4, word = first;
	unsigned ahead = 0; /* bytes from the start to the farthest target of a conditional branch, in this page */

	out->start = start;
	out->nsteps = 0;
	for (;;) {
		struct step *t = &out->steps[out->nsteps];
		uint32_t f;

		if (word == GUEST_PAGE_WORDS) {
			out->end = RUN_PAGE;
			break;
		}
		if (opts->stop && word != first && page_bit(opts->stop, word)) {
			out->end = RUN_KNOWN;
			break;
		}
		if (opts->max_words && word - first >= opts->max_words) {
			out->end = RUN_LIMIT;
			break;
		}
		scan_step(page, (start & ~GUEST_PAGE_MASK) + 4 * word, opts, t);
		f = insn_flags((enum insn_op)t->insn.op);
		out->nsteps++;
		word += t->nwords;
		if ((f & IF_BRANCH) && t->nwords == 1) {
			out->end = RUN_JUMP;
			break;
		}
		if (opts->through && (f & IF_BRANCH) && !(f & (IF_UNCOND | IF_LINK)) && !always_branches(&t->insn)) {
			gva to = branch_target(&t->insn, t->pc);

			if (((to ^ start) & ~GUEST_PAGE_MASK) == 0 && to > start + ahead)
				ahead = to - start;
		}
		if ((leaves_for_good(&t->insn) || (opts->through && always_branches(&t->insn))) && ahead < 4 * (word - first)) {
			out->end = RUN_JUMP;
			break;
		}
	}
	out->nwords = word - first;
	mark_leaders(out, opts);
}
