/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Decoding: the generated switch and the facts of each row.
 */
#include "isa/insn.h"

#include "isa/decode.inc"

void insn_decode(insn_word w, enum isa_rev rev, struct insn *out)
{
	out->word = w;
	out->rs = (uint8_t)(w >> 21 & 31u);
	out->rt = (uint8_t)(w >> 16 & 31u);
	out->rd = (uint8_t)(w >> 11 & 31u);
	out->sa = (uint8_t)(w >> 6 & 31u);
	out->op = (uint16_t)decode_op(w, rev);
}

static const struct {
	const char *mnemonic;
	uint32_t flags;
} facts[INSN_COUNT] = {
	[INSN_INVALID] = { ".word", IF_ENGINE | IF_ENDS | IF_TRAPS },
#define INSN(name, mnemonic, bits, operands, flags, since, ref) [INSN_##name] = { mnemonic, flags },
#define INSN_REFINES(name, mnemonic, bits, operands, flags, since, ref, parent) [INSN_##name] = { mnemonic, flags },
#include "isa/mips32.def"
#undef INSN
#undef INSN_REFINES
};

uint32_t insn_flags(enum insn_op op)
{
	return facts[op].flags;
}

const char *insn_mnemonic(enum insn_op op)
{
	return facts[op].mnemonic;
}
