/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where guest registers are: homes, and which scratch register holds a copy of which of them.  Emits nothing: whoever makes a copy
 * or writes a home says so here.
 *
 * A copy is never newer than its home, so forgetting one costs a load and nothing else.
 */
#include "emit/gen.h"

/* How far ahead a later reading makes it worth while to keep a register in a scratch register.  */
#define SOON_INSNS 12u

static const uint8_t pinned_host[GUEST_REGS] = {
#define PIN(g, h) [g] = h,
	XABI_PINNED_ROWS(PIN)
#undef PIN
};

/* Host register 0 is scratch, so 0 can stand for "not pinned" in the table.  */
unsigned gen_pinned(unsigned guest)
{
	return pinned_host[guest] ? pinned_host[guest] : X64_NOREG;
}

struct x64_mem gen_home(unsigned guest)
{
	if (guest == GUEST_HI)
		return x64_at(X64_R12, XABI_OFF(hi));
	if (guest == GUEST_LO)
		return x64_at(X64_R12, XABI_OFF(lo));
	return x64_at(X64_R12, XABI_OFF(gpr) + 4 * (int)guest);
}

struct scratch *gen_copy_of(struct sem *s, unsigned guest)
{
	for (unsigned i = 0; i < SCRATCHES; i++)
		if (s->scratch[i].guest == guest)
			return &s->scratch[i];
	return NULL;
}

struct scratch *gen_scratch_of(struct sem *s, unsigned host)
{
	for (unsigned i = 0; i < SCRATCHES; i++)
		if (s->scratch[i].host == host)
			return &s->scratch[i];
	return NULL;
}

unsigned gen_where(const struct sem *s, unsigned guest)
{
	if (pinned_host[guest])
		return pinned_host[guest];
	for (unsigned i = 0; i < SCRATCHES; i++)
		if (s->scratch[i].guest == guest)
			return s->scratch[i].host;
	return X64_NOREG;
}

void gen_forget_all(struct sem *s)
{
	static const uint8_t hosts[SCRATCHES] = { X64_RAX, X64_RBP, X64_R10, X64_RBX };

	for (unsigned i = 0; i < SCRATCHES; i++)
		s->scratch[i] = (struct scratch){ .host = hosts[i], .guest = GUEST_NONE };
	s->known_mask = 0;
	s->flags.kind = FLAGS_NONE;
	s->alu_host = X64_NOREG;
	s->const_guest = GUEST_NONE;
}

void gen_forget(struct sem *s, unsigned guest)
{
	struct scratch *c = gen_copy_of(s, guest);

	if (c)
		c->guest = GUEST_NONE;
}

bool gen_soon(const struct sem *s, unsigned guest)
{
	if (guest >= 32)
		return false;
	for (unsigned i = s->at; i < s->nuse && i < s->at + SOON_INSNS; i++) {
		if (s->use[i].reads >> guest & 1u)
			return true;
		if (s->use[i].writes >> guest & 1u)
			return false;
	}
	return false;
}

/* --- scratch registers --- */

void gen_step_reset(struct sem *s)
{
	s->nnodes = 0;
	s->pending_load = s->pair_lo = s->pair_hi = -1;
	for (unsigned i = 0; i < SCRATCHES; i++)
		s->scratch[i].locks = 0;
}

bool gen_any_free(const struct sem *s)
{
	for (unsigned i = 0; i < SCRATCHES; i++)
		if (!s->scratch[i].locks)
			return true;
	return false;
}

unsigned gen_alloc(struct sem *s)
{
	struct scratch *best = NULL;

	for (unsigned i = 0; i < SCRATCHES; i++) {
		struct scratch *c = &s->scratch[i];

		if (c->locks)
			continue;
		if (c->guest == GUEST_NONE) {
			best = c;
			break;
		}
		if (!best || c->used < best->used)
			best = c;
	}
	if (!best) {
		s->overflow = true;
		return X64_RAX;
	}
	best->guest = GUEST_NONE;
	best->locks = 1;
	best->used = ++s->stamp;
	return best->host;
}

void gen_take(struct sem *s, unsigned host)
{
	struct scratch *c = gen_scratch_of(s, host);

	if (!c || c->locks)
		s->overflow = true;
	if (!c)
		return;
	c->guest = GUEST_NONE;
	c->locks = 1;
}

void gen_lock(struct sem *s, unsigned host)
{
	struct scratch *c = gen_scratch_of(s, host);

	if (c) {
		c->locks++;
		c->used = ++s->stamp;
	}
}

void gen_unlock(struct sem *s, unsigned host)
{
	struct scratch *c = gen_scratch_of(s, host);

	if (c && c->locks)
		c->locks--;
}
