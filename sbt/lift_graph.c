/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks, entries and function plans of a lifted run.  Decides what is duplicated and what is shared; states no semantics
 * and emits nothing.  Deterministic: ties go to the lower block index.
 */
#include "sbt/lift_graph.h"

#include <string.h>

/* A loop or tail of at most this many instructions is copied rather than jumped to: flushing and reloading costs as much.  */
#define COPY_INSNS 24u

bool lift_step_engine(const struct step *t, const uint8_t *sites)
{
	uint32_t mem = insn_flags((enum insn_op)t->insn.op);
	unsigned word = (t->pc & GUEST_PAGE_MASK) / 4;

	if (t->kind == STEP_ENGINE)
		return true;
	if (t->kind == STEP_BRANCH)
		mem |= insn_flags((enum insn_op)t->slot.op);
	if (!sites || !(mem & (IF_LOAD | IF_STORE)))
		return false;
	if (sites[word] & SITE_SLOW)
		return true;
	return t->kind == STEP_BRANCH && word + 1 < GUEST_PAGE_WORDS && (sites[word + 1] & SITE_SLOW);
}

static int block_at(const struct lift_graph *g, gva pc)
{
	if ((pc & ~GUEST_PAGE_MASK) != (g->run->start & ~GUEST_PAGE_MASK) || (pc & 3u))
		return LIFT_NONE;
	return g->block_at[(pc & GUEST_PAGE_MASK) / 4];
}

/* B and BAL are written as comparisons of a register with itself.  */
static bool always_taken(const struct insn *i)
{
	if (insn_flags((enum insn_op)i->op) & IF_UNCOND)
		return true;
	if (i->op == INSN_BEQ || i->op == INSN_BEQL)
		return i->rs == i->rt;
	return (i->op == INSN_BGEZ || i->op == INSN_BGEZL || i->op == INSN_BGEZAL || i->op == INSN_BLEZ) && i->rs == 0;
}

static enum status cut_blocks(struct lift_graph *g, const uint8_t *sites, struct err *e)
{
	const struct run *run = g->run;
	struct lift_block *b = NULL;
	bool lead = true;

	for (unsigned i = 0; i < run->nsteps; i++) {
		const struct step *t = &run->steps[i];
		bool engine = lift_step_engine(t, sites);
		struct insn_deps d;

		if (lead || t->leader) {
			if (g->nblocks == LIFT_BLOCKS_MAX)
				return err_set(e, ST_UNSUPPORTED, "more than %d blocks", LIFT_BLOCKS_MAX);
			g->block_at[(t->pc & GUEST_PAGE_MASK) / 4] = (int)g->nblocks;
			b = &g->block[g->nblocks++];
			*b = (struct lift_block){ .pc = t->pc, .step = i };
		}
		b->nsteps++;
		lead = t->ends || engine || t->kind == STEP_BRANCH;
		if (engine) {
			b->term = LIFT_STEP;
			continue;
		}
		b->term = t->kind == STEP_BRANCH ? LIFT_BRANCH : LIFT_FALL;
		b->insns += t->nwords;
		insn_deps(&t->insn, &d);
		b->reads |= d.reads;
		b->writes |= d.writes;
		if (t->kind == STEP_BRANCH) {
			insn_deps(&t->slot, &d);
			b->reads |= d.reads;
			b->writes |= d.writes;
		}
	}
	return ST_OK;
}

/* Leaders that nothing in the run explains are known from elsewhere: control arrives there from outside.  */
static void outside_entries(struct lift_graph *g)
{
	bool explained[LIFT_BLOCKS_MAX] = { false };

	for (unsigned i = 0; i < g->nblocks; i++) {
		const struct lift_block *b = &g->block[i];

		if (b->target != LIFT_NONE)
			explained[b->target] = true;
		if (b->next != LIFT_NONE && g->run->steps[b->step + b->nsteps - 1].ends)
			explained[b->next] = true;
	}
	for (unsigned i = 0; i < g->nblocks; i++)
		if (i == 0 || (!explained[i] && g->run->steps[g->block[i].step].leader))
			g->block[i].entry = true;
}

/* Where blocks lead, and which are entries because control comes back to them from outside.  */
static void connect(struct lift_graph *g)
{
	for (unsigned i = 0; i < g->nblocks; i++) {
		struct lift_block *b = &g->block[i];
		const struct step *t = &g->run->steps[b->step + b->nsteps - 1];
		uint32_t fl = insn_flags((enum insn_op)t->insn.op);
		bool direct = t->kind == STEP_BRANCH && !(fl & IF_INDIRECT);

		b->next = block_at(g, t->pc + 4u * t->nwords);
		b->target = direct ? block_at(g, branch_target(&t->insn, t->pc)) : LIFT_NONE;
		b->succ[0] = b->succ[1] = LIFT_NONE;
		switch ((enum lift_term)b->term) {
		case LIFT_FALL:
			b->succ[1] = b->next;
			break;
		case LIFT_BRANCH:
			if (!(fl & IF_LINK))
				b->succ[0] = b->target;
			b->always = always_taken(&t->insn);
			if (!b->always)
				b->succ[1] = b->next;
			if ((fl & IF_LINK) && b->next != LIFT_NONE)
				g->block[b->next].entry = true;
			if ((fl & IF_LINK) && b->target != LIFT_NONE)
				g->block[b->target].entry = g->block[b->target].hard = true;
			break;
		case LIFT_STEP:
			if (b->next != LIFT_NONE)
				g->block[b->next].entry = true;
			if (b->target != LIFT_NONE)
				g->block[b->target].entry = true;
			break;
		}
	}
}

/* Blocks reachable from @from without entering a hard block; @seen by block.  Returns their instructions.  */
static unsigned reach(const struct lift_graph *g, int from, bool *seen)
{
	int stack[LIFT_BLOCKS_MAX];
	unsigned n = 0, insns = 0;

	memset(seen, 0, g->nblocks * sizeof *seen);
	seen[from] = true;
	stack[n++] = from;
	while (n) {
		const struct lift_block *b = &g->block[stack[--n]];

		insns += b->insns + 1;
		for (unsigned k = 0; k < 2; k++) {
			int s = b->succ[k];

			if (s == LIFT_NONE || seen[s] || g->block[s].hard)
				continue;
			seen[s] = true;
			stack[n++] = s;
		}
	}
	return insns;
}

/* Does control that leaves @b come back to it?  Whatever is hard; inside @f, if that is not NULL.  */
static bool cyclic(const struct lift_graph *g, const struct lift_func *f, int b)
{
	int stack[LIFT_BLOCKS_MAX];
	bool seen[LIFT_BLOCKS_MAX] = { false };
	unsigned n = 0;

	stack[n++] = b;
	while (n) {
		const struct lift_block *x = &g->block[stack[--n]];

		for (unsigned k = 0; k < 2; k++) {
			int s = x->succ[k];

			if (s == b)
				return true;
			if (s == LIFT_NONE || seen[s] || (f && f->pos[s] == LIFT_NONE))
				continue;
			seen[s] = true;
			stack[n++] = s;
		}
	}
	return false;
}

struct walk {
	const struct lift_graph *g;
	bool stop_hard;
	bool seen[LIFT_BLOCKS_MAX], active[LIFT_BLOCKS_MAX], header[LIFT_BLOCKS_MAX];
	int post[LIFT_BLOCKS_MAX];
	unsigned n;
};

/* Depth first from @root, without recursion: runs are as deep as they are long.  */
static void walk_from(struct walk *w, int root)
{
	int stack[LIFT_BLOCKS_MAX];
	uint8_t next[LIFT_BLOCKS_MAX];
	unsigned depth = 0;

	if (w->seen[root])
		return;
	w->seen[root] = w->active[root] = true;
	stack[0] = root;
	next[0] = 0;
	depth = 1;
	while (depth) {
		int b = stack[depth - 1];
		int s;

		if (next[depth - 1] == 2) {
			w->active[b] = false;
			w->post[w->n++] = b;
			depth--;
			continue;
		}
		s = w->g->block[b].succ[next[depth - 1]++];
		if (s == LIFT_NONE)
			continue;
		if (w->active[s])
			w->header[s] = true;
		if (w->seen[s] || (w->stop_hard && w->g->block[s].hard))
			continue;
		w->seen[s] = w->active[s] = true;
		stack[depth] = s;
		next[depth++] = 0;
	}
}

/* The loop of header @h: blocks that it reaches and that reach an edge back to it without passing it.  */
static void loop_body(const struct lift_graph *g, const int *finished, int h, bool *body)
{
	bool from[LIFT_BLOCKS_MAX];
	bool more = true;

	reach(g, h, from);
	memset(body, 0, g->nblocks * sizeof *body);
	body[h] = true;
	while (more) {
		more = false;
		for (unsigned i = 0; i < g->nblocks; i++)
			for (unsigned k = 0; k < 2; k++) {
				int s = g->block[i].succ[k];

				if (!body[i] && from[i] && s != LIFT_NONE && body[s] && (s != h || finished[i] < finished[h]))
					body[i] = more = true;
			}
	}
}

/*
 * A loop whose header is no entry would be left for good at its first poll: every header is one.  The outermost header of a
 * large loop is hard, so that the loop is made once; inner ones are soft, so that its registers stay where they are.
 */
static void find_loops(struct lift_graph *g)
{
	struct walk w = { .g = g };
	bool inner[LIFT_BLOCKS_MAX] = { false }, outer[LIFT_BLOCKS_MAX] = { false };
	bool body[LIFT_BLOCKS_MAX];
	int finished[LIFT_BLOCKS_MAX];

	for (unsigned i = 0; i < g->nblocks; i++) {
		if (g->block[i].entry)
			walk_from(&w, (int)i);
		g->block[i].in_loop = cyclic(g, NULL, (int)i);
		finished[i] = LIFT_NONE;
	}
	for (unsigned i = 0; i < w.n; i++)
		finished[w.post[i]] = (int)i;
	for (unsigned i = w.n; i-- > 0;) {
		int h = w.post[i];

		if (!w.header[h])
			continue;
		g->block[h].entry = true;
		outer[h] = !inner[h];
		loop_body(g, finished, h, body);
		for (unsigned k = 0; k < g->nblocks; k++) {
			g->block[k].depth += body[k];
			if (body[k] && !outer[k])
				inner[k] = true;
		}
	}
	for (unsigned i = 0; i < g->nblocks; i++)
		if (outer[i] && reach(g, (int)i, body) > COPY_INSNS)
			g->block[i].hard = true;
}

/* Total instructions of all functions; @count: functions each block is copied into, its own not counted.  */
static unsigned total_insns(const struct lift_graph *g, unsigned *count)
{
	bool seen[LIFT_BLOCKS_MAX];
	unsigned total = 0;

	memset(count, 0, g->nblocks * sizeof *count);
	for (unsigned i = 0; i < g->nblocks; i++) {
		if (!g->block[i].entry)
			continue;
		total += reach(g, (int)i, seen);
		for (unsigned k = 0; k < g->nblocks; k++)
			if (seen[k] && k != i)
				count[k]++;
	}
	return total;
}

/* What an entry in a loop costs, against one outside.  */
static uint64_t loop_cost(const struct lift_block *b)
{
	return 1ull << 3 * (b->depth < 8 ? b->depth : 8);
}

/* Make shared continuations hard until duplication is within bounds: those that save most for what they cost.  */
static unsigned limit_copies(struct lift_graph *g)
{
	unsigned count[LIFT_BLOCKS_MAX];
	bool seen[LIFT_BLOCKS_MAX];
	unsigned unique = 0, total = total_insns(g, count);

	for (unsigned i = 0; i < g->nblocks; i++)
		unique += g->block[i].entry || count[i] ? g->block[i].insns + 1 : 0;
	while (total > unique * 3 / 2 + COPY_INSNS) {
		unsigned best = 0, best_gain = 0;

		for (unsigned i = 0; i < g->nblocks; i++) {
			unsigned copies = g->block[i].entry ? count[i] : count[i] - 1;
			unsigned gain;

			if (g->block[i].hard || !count[i])
				continue;
			gain = copies * reach(g, (int)i, seen);
			if (gain * loop_cost(&g->block[best]) > best_gain * loop_cost(&g->block[i])) {
				best = i;
				best_gain = gain;
			}
		}
		if (!best_gain)
			break;
		g->block[best].hard = g->block[best].entry = true;
		total = total_insns(g, count);
	}
	return total;
}

enum status lift_graph_build(struct lift_graph *g, const struct run *run, const struct template_opts *opts, unsigned max_insns,
			     struct err *e)
{
	unsigned total;
	enum status st;

	memset(g, 0, sizeof *g);
	g->run = run;
	memset(g->block_at, 0xff, sizeof g->block_at);
	if (!run->nsteps)
		return err_set(e, ST_UNSUPPORTED, "0x%08x: nothing to lift", run->start);
	st = cut_blocks(g, opts->sites, e);
	if (st != ST_OK)
		return st;
	connect(g);
	outside_entries(g);
	find_loops(g);
	total = limit_copies(g);
	if (total > max_insns)
		return err_set(e, ST_UNSUPPORTED, "0x%08x: lifts to %u instructions, limit %u", run->start, total, max_insns);
	return ST_OK;
}

/* --- one function --- */

static int intersect(const struct lift_func *f, const int *idom, int a, int b)
{
	while (a != b) {
		while (f->pos[a] > f->pos[b])
			a = idom[a];
		while (f->pos[b] > f->pos[a])
			b = idom[b];
	}
	return a;
}

/* Immediate dominators by iteration over reverse postorder.  */
static void dominators(const struct lift_graph *g, const struct lift_func *f, int *idom)
{
	bool more = true;

	for (unsigned i = 0; i < g->nblocks; i++)
		idom[i] = LIFT_NONE;
	idom[f->entry] = f->entry;
	while (more) {
		more = false;
		for (unsigned i = 0; i < f->n; i++) {
			int b = f->order[i];

			for (unsigned k = 0; k < 2; k++) {
				int s = g->block[b].succ[k];
				int d;

				if (s == LIFT_NONE || f->pos[s] == LIFT_NONE || s == f->entry || idom[b] == LIFT_NONE)
					continue;
				d = idom[s] == LIFT_NONE ? b : intersect(f, idom, b, idom[s]);
				if (d != idom[s]) {
					idom[s] = d;
					more = true;
				}
			}
		}
	}
}

static void flow_dirty(const struct lift_graph *g, struct lift_func *f, uint64_t pinned)
{
	bool more = true;

	while (more) {
		more = false;
		for (unsigned i = 0; i < f->n; i++) {
			const struct lift_block *b = &g->block[f->order[i]];
			uint64_t out = f->dirty_in[f->order[i]] | (b->writes & ~pinned);

			for (unsigned k = 0; k < 2; k++) {
				int s = b->succ[k];

				if (s == LIFT_NONE || f->pos[s] == LIFT_NONE || (out & ~f->dirty_in[s]) == 0)
					continue;
				f->dirty_in[s] |= out;
				more = true;
			}
		}
	}
}

/*
 * A register is loaded once: at the nearest block that dominates all that mention it, outside loops.  Blocks that may flush it
 * mention it, too.
 */
static void place_loads(const struct lift_graph *g, struct lift_func *f, uint64_t pinned)
{
	int idom[LIFT_BLOCKS_MAX];
	bool in_loop[LIFT_BLOCKS_MAX] = { false };

	dominators(g, f, idom);
	for (unsigned i = 0; i < f->n; i++)
		in_loop[f->order[i]] = g->block[f->order[i]].in_loop && cyclic(g, f, f->order[i]);
	for (unsigned r = 0; r < LIFT_REGS; r++) {
		uint64_t bit = (uint64_t)1 << r;
		int at = LIFT_NONE;

		f->load_at[r] = LIFT_NONE;
		if (r == 0 || (pinned & bit))
			continue;
		for (unsigned i = 0; i < f->n; i++) {
			int b = f->order[i];

			if ((g->block[b].reads | g->block[b].writes | f->dirty_in[b]) & bit)
				at = at == LIFT_NONE ? b : intersect(f, idom, at, b);
		}
		while (at != LIFT_NONE && in_loop[at] && at != f->entry)
			at = idom[at];
		f->load_at[r] = at != LIFT_NONE && in_loop[at] ? LIFT_LOAD_ENTRY : at;
	}
}

/* Polls stand at entries and on edges that lead back: what lies between is acyclic.  Successors first.  */
static void bound_paths(const struct lift_graph *g, struct lift_func *f)
{
	for (unsigned i = f->n; i-- > 0;) {
		int b = f->order[i];
		unsigned longest = 0;

		for (unsigned k = 0; k < 2; k++) {
			int s = g->block[b].succ[k];

			if (s != LIFT_NONE && f->pos[s] != LIFT_NONE && !lift_retreats(f, b, s) && f->ahead[s] > longest)
				longest = f->ahead[s];
		}
		f->ahead[b] = g->block[b].insns + longest;
	}
}

void lift_func_plan(const struct lift_graph *g, int entry, uint64_t pinned, struct lift_func *f)
{
	struct walk w = { .g = g, .stop_hard = true };

	memset(f, 0, sizeof *f);
	memset(f->pos, 0xff, sizeof f->pos);
	f->entry = entry;
	walk_from(&w, entry);
	f->n = w.n;
	for (unsigned i = 0; i < w.n; i++) {
		int b = w.post[w.n - 1 - i];

		f->order[i] = b;
		f->pos[b] = (int)i;
		f->insns += g->block[b].insns;
	}
	flow_dirty(g, f, pinned);
	place_loads(g, f, pinned);
	bound_paths(g, f);
}
