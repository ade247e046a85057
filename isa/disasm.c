/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Printing instructions from the rows: mnemonic and operand letters (mips32.def).  Freestanding.
 */
#include "isa/block.h"

static const char *const operands[INSN_COUNT] = {
	[INSN_INVALID] = "",
#define INSN(name, mnemonic, bits, ops, flags, since, ref) [INSN_##name] = ops,
#define INSN_REFINES(name, mnemonic, bits, ops, flags, since, ref, parent) [INSN_##name] = ops,
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
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

static void put_hex(struct out *o, uint32_t n, int digits)
{
	put_text(o, "0x");
	for (; digits > 1 && !(n >> 4 * (digits - 1)) && digits < 8; digits--)
		;
	for (; digits > 0; digits--)
		put_char(o, "0123456789abcdef"[n >> 4 * (digits - 1) & 15u]);
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

/* The free field of rows with operand c: wherever the row has it.  */
static uint32_t free_field(const struct insn *i)
{
	switch ((int)i->op) {
	case INSN_CACHE: case INSN_PREF: return i->rt;
	case INSN_SYSCALL: case INSN_BREAK: case INSN_SDBBP: return i->word >> 6 & 0xfffffu;
	default: return i->word & 0x1ffffffu;
	}
}

static void put_position(struct out *o, const struct insn *i)
{
	/* EXT and INS give pos and size; the word holds pos and size - 1, or pos and msb */
	put_dec(o, i->sa);
	put_text(o, ", ");
	put_dec(o, i->op == INSN_EXT ? i->rd + 1 : i->rd - i->sa + 1);
}

static void put_operand(struct out *o, char letter, const struct insn *i, gva pc)
{
	switch (letter) {
	case 'd': if (i->op == INSN_MFC0 || i->op == INSN_MTC0 || i->op == INSN_RDHWR) { put_char(o, '$'); put_dec(o, i->rd); if (i->word & 7u && i->op != INSN_RDHWR) { put_text(o, ", "); put_dec(o, (int32_t)(i->word & 7u)); } } else put_text(o, gpr_names[i->rd]); break;
	case 's': put_text(o, gpr_names[i->rs]); break;
	case 't': put_text(o, gpr_names[i->rt]); break;
	case 'h': put_dec(o, i->sa); break;
	case 'i': case 'o': put_dec(o, (int32_t)insn_simm(i)); break;
	case 'u': put_hex(o, insn_uimm(i), 4); break;
	case 'b': case 'j': put_hex(o, branch_target(i, pc), 8); break;
	case 'c': put_hex(o, free_field(i), 5); break;
	case ',': put_text(o, ", "); break;
	default: put_char(o, letter); break;
	}
}

int insn_disasm(char *buf, size_t size, insn_word w, gva pc, enum isa_rev rev)
{
	struct out o = { buf, size, 0 };
	struct insn i;
	const char *p;

	insn_decode(w, rev, &i);
	put_text(&o, insn_mnemonic((enum insn_op)i.op));
	if (i.op == INSN_INVALID) {
		put_char(&o, ' ');
		put_hex(&o, w, 8);
	}
	p = operands[i.op];
	if (*p)
		put_char(&o, ' ');
	if (i.op == INSN_EXT || i.op == INSN_INS) {
		put_text(&o, gpr_names[i.rt]);
		put_text(&o, ", ");
		put_text(&o, gpr_names[i.rs]);
		put_text(&o, ", ");
		put_position(&o, &i);
		p = "";
	}
	for (; *p; p++)
		put_operand(&o, *p, &i, pc);
	if (size)
		buf[(size_t)o.len < size ? (size_t)o.len : size - 1] = '\0';
	return o.len;
}
