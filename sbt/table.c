/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the targets of indirect jumps that stand in tables: what compilers make of a switch, and calls through the
 * global offset table.  Looks back over straight code for where the jump's register came from; when in doubt, finds nothing.
 *
 *     sltiu t, i, N;  beqz t, default;  sll x, i, 2;  lui b, %hi(T); addiu b, b, %lo(T);  addu x, x, b;  lw x, 0(x);  jr x
 *
 * %lo may stand in the lw instead; position-independent code loads b from the table of global offsets, and adds gp to x.
 */
#include "sbt/discover.h"

#define LOOK_BACK 48u
#define TABLE_MAX 1024u
#define GP 28u

struct look {
	const struct image *img;
	enum isa_rev rev;
	const insn_word *words;
	const uint32_t *code;
};

static void insn_at(const struct look *l, unsigned word, struct insn *out)
{
	insn_decode(l->words[word], l->rev, out);
}

/* The last instruction ahead of @word that writes @reg, or -1.  Other paths to @word are not considered: the comparison that
   bounds a table stands on the only one compilers make.  */
static int def_of(const struct look *l, unsigned word, unsigned reg)
{
	unsigned stop = word > LOOK_BACK ? word - LOOK_BACK : 0;

	while (word-- > stop) {
		struct insn i;
		struct insn_deps d;

		if (!page_bit(l->code, word))
			return -1;
		insn_at(l, word, &i);
		if (insn_flags((enum insn_op)i.op) & IF_ENGINE)
			return -1;
		insn_deps(&i, &d);
		if (d.writes >> reg & 1u)
			return (int)word;
	}
	return -1;
}

/* The constant in @reg ahead of @word.  */
static bool constant(const struct look *l, unsigned word, unsigned reg, uint32_t *out)
{
	struct insn i;
	uint32_t v;
	int at;

	if (reg == 0) {
		*out = 0;
		return true;
	}
	if (reg == GP && l->img->gp) {
		*out = l->img->gp;
		return true;
	}
	at = def_of(l, word, reg);
	if (at < 0)
		return false;
	insn_at(l, (unsigned)at, &i);
	switch (i.op) {
	case INSN_LUI:
		*out = insn_uimm(&i) << 16;
		return true;
	case INSN_ADDIU:
	case INSN_ORI:
		if (!constant(l, (unsigned)at, i.rs, &v))
			return false;
		*out = i.op == INSN_ORI ? v | insn_uimm(&i) : v + insn_simm(&i);
		return true;
	case INSN_LW:
		/* Only the table of global offsets is known not to change.  */
		return i.rs == GP && l->img->gp && image_word(l->img, l->img->gp + insn_simm(&i), out);
	default:
		return false;
	}
}

/* @reg holds index * 4: the index register, and where it was shifted.  */
static bool shifted(const struct look *l, unsigned word, unsigned reg, unsigned *index, unsigned *where)
{
	struct insn i;
	int at = def_of(l, word, reg);

	if (at < 0)
		return false;
	insn_at(l, (unsigned)at, &i);
	if (i.op != INSN_SLL || i.sa != 2)
		return false;
	*index = i.rt;
	*where = (unsigned)at;
	return true;
}

/* The number of entries, from the comparison of @index ahead of @word; 0: none.  */
static uint32_t bound(const struct look *l, unsigned word, unsigned index)
{
	unsigned stop = word > LOOK_BACK ? word - LOOK_BACK : 0;

	/* The index may be masked instead of compared.  */
	for (unsigned w = word; w-- > stop;) {
		struct insn i;
		struct insn_deps d;

		if (!page_bit(l->code, w))
			return 0;
		insn_at(l, w, &i);
		if (i.op == INSN_SLTIU && i.rs == index)
			return insn_uimm(&i);
		insn_deps(&i, &d);
		if (!(d.writes >> index & 1u))
			continue;
		return i.op == INSN_ANDI && (insn_uimm(&i) & (insn_uimm(&i) + 1)) == 0 ? insn_uimm(&i) + 1 : 0;
	}
	return 0;
}

/* `addu reg, a, b` at @word with one side a shifted index, the other a constant.  */
static bool sum(const struct look *l, unsigned word, const struct insn *i, uint32_t *base, uint32_t *n)
{
	unsigned index, where;

	for (int side = 0; side < 2; side++) {
		unsigned x = side ? i->rt : i->rs, b = side ? i->rs : i->rt;

		if (shifted(l, word, x, &index, &where) && constant(l, word, b, base)) {
			*n = bound(l, where, index);
			return *n != 0;
		}
	}
	return false;
}

unsigned table_targets(const struct image *img, enum isa_rev rev, const insn_word *words, const uint32_t *code, unsigned word,
		       void (*put)(void *opaque, gva target), void *opaque)
{
	struct look l = { img, rev, words, code };
	uint32_t base, n, add = 0, found = 0;
	struct insn i;
	int at;

	insn_at(&l, word, &i);
	at = def_of(&l, word, i.rs);
	if (at < 0)
		return 0;
	insn_at(&l, (unsigned)at, &i);
	if (i.op == INSN_ADDU && img->gp && (i.rs == GP || i.rt == GP)) {
		add = img->gp;
		at = def_of(&l, (unsigned)at, i.rs == GP ? i.rt : i.rs);
		if (at < 0)
			return 0;
		insn_at(&l, (unsigned)at, &i);
	}
	if (i.op != INSN_LW)
		return 0;
	base = insn_simm(&i);
	at = def_of(&l, (unsigned)at, i.rs);
	if (at < 0)
		return 0;
	insn_at(&l, (unsigned)at, &i);
	if (i.op == INSN_ADDU) {
		uint32_t b;

		if (!sum(&l, (unsigned)at, &i, &b, &n))
			return 0;
		base += b;
	} else {
		return 0;
	}
	for (; found < n && found < TABLE_MAX; found++) {
		uint32_t target;

		if (!image_word(img, base + 4 * found, &target) || ((target + add) & 3u))
			break;
		put(opaque, target + add);
	}
	return found;
}

gva table_call(const struct image *img, enum isa_rev rev, const insn_word *words, const uint32_t *code, unsigned word)
{
	struct look l = { img, rev, words, code };
	struct insn i;
	uint32_t v;

	insn_at(&l, word, &i);
	return constant(&l, word, i.rs, &v) && !(v & 3u) ? v : 0;
}
