/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Printing instructions from the rows: mnemonic and operand letters (mips32.def).  Freestanding.
 */
#include "isa/block.h"

static const struct { const char *operands, *bits; } rows[INSN_COUNT] = {
	[INSN_INVALID] = { "", "" },
#define INSN(name, mnemonic, bits, ops, flags, since, ref) [INSN_##name] = { ops, bits },
#define INSN_REFINES(name, mnemonic, bits, ops, flags, since, ref, parent) [INSN_##name] = { ops, bits },
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
};

static const struct { uint8_t reg, sel; const char *name; } cp0_names[] = {
#define CP0(name, reg, sel, field, reset, writable, since, ref) { reg, sel, #name },
#define CP0_FIXED(name, reg, sel, value, since, ref) { reg, sel, #name },
#include "isa/cp0.def"
#undef CP0
#undef CP0_FIXED
};

static const char *const gpr_names[32] = {
	"zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7",
	"s0",   "s1", "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "fp", "ra",
};

struct out { char *buf; size_t size; int len; };

static void put_char(struct out *o, char ch)
{
	if ((size_t)o->len + 1 < o->size)
		o->buf[o->len] = ch;
	o->len++;
}

static void put_text(struct out *o, const char *s)
{
	while (*s)
		put_char(o, *s++);
}

/* Without leading zeros.  */
static void put_hex(struct out *o, uint32_t n)
{
	int shift = n ? (31 - __builtin_clz(n)) & ~3 : 0;

	put_text(o, "0x");
	for (; shift >= 0; shift -= 4)
		put_char(o, "0123456789abcdef"[n >> shift & 15u]);
}

static void put_dec(struct out *o, int32_t n)
{
	char digits[12];
	int i = 0;
	uint32_t u = n < 0 ? -(uint32_t)n : (uint32_t)n;

	if (n < 0)
		put_char(o, '-');
	do
		digits[i++] = (char)('0' + u % 10);
	while ((u /= 10));
	while (i)
		put_char(o, digits[--i]);
}

/* The field of letter c, wherever the row has it.  */
static uint32_t free_field(const struct insn *i)
{
	uint32_t v = 0, bit = 0x80000000u;
	const char *p;

	for (p = rows[i->op].bits; *p; p++) {
		if (*p == ' ')
			continue;
		if (*p == 'c')
			v = v << 1 | ((i->word & bit) != 0);
		bit >>= 1;
	}
	return v;
}

/* c0_status; $13, 5 where there is no such register.  */
static void put_cp0(struct out *o, unsigned reg, unsigned sel)
{
	unsigned i;
	const char *p;

	for (i = 0; i < ARRAY_LEN(cp0_names); i++)
		if (cp0_names[i].reg == reg && cp0_names[i].sel == sel) {
			put_text(o, "c0_");
			for (p = cp0_names[i].name; *p; p++)
				put_char(o, *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p);
			return;
		}
	put_char(o, '$');
	put_dec(o, (int32_t)reg);
	put_text(o, ", ");
	put_dec(o, (int32_t)sel);
}

static void put_operand(struct out *o, char letter, const struct insn *i, gva pc)
{
	switch (letter) {
	case 'd': put_text(o, gpr_names[i->rd]); break;
	case 's': put_text(o, gpr_names[i->rs]); break;
	case 't': put_text(o, gpr_names[i->rt]); break;
	case 'h': put_dec(o, i->sa); break;
	case 'x': put_dec(o, i->rd + 1); break;
	case 'y': put_dec(o, i->rd - i->sa + 1); break;
	case 'i': case 'o': put_dec(o, (int32_t)insn_simm(i)); break;
	case 'u': case 'c': put_hex(o, letter == 'u' ? insn_uimm(i) : free_field(i)); break;
	case 'b': case 'j': put_hex(o, branch_target(i, pc)); break;
	case 'C': put_cp0(o, i->rd, free_field(i)); break;
	case 'k': put_char(o, '$'); put_dec(o, i->rd); break;
	case ',': put_text(o, ", "); break;
	default: put_char(o, letter); break;
	}
}

int insn_disasm(char *buf, size_t size, insn_word w, gva pc, enum isa_rev rev)
{
	struct out o = { buf, size, 0 };
	struct insn i;
	const char *p;
	int shift;

	insn_decode(w, rev, &i);
	put_text(&o, insn_mnemonic((enum insn_op)i.op));
	p = rows[i.op].operands;
	if (i.op == INSN_INVALID) {
		put_text(&o, " 0x");
		for (shift = 28; shift >= 0; shift -= 4)
			put_char(&o, "0123456789abcdef"[w >> shift & 15u]);
	} else if (*p) {
		put_char(&o, ' ');
	}
	for (; *p; p++)
		put_operand(&o, *p, &i, pc);
	if (size)
		buf[(size_t)o.len < size ? (size_t)o.len : size - 1] = '\0';
	return o.len;
}
