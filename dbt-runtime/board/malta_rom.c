/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the boot ROM of a Malta board that is started without a monitor image: the board's revision word, exception
 * vectors, and YAMON's table of service pointers with the few services a kernel or small program may use.
 * Registers other than v0, t0, t1 survive a call, as with YAMON (at is the assembler's).
 */
#include "dbt-runtime/board/malta.h"

enum reg_name { ZERO = 0, AT = 1, V0 = 2, A1 = 5, A2 = 6, T0 = 8, T1 = 9, K0 = 26, K1 = 27, RA = 31 };

#define I_TYPE(op, rs, rt, imm) ((uint32_t)(op) << 26 | (uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | ((uint32_t)(imm) & 0xffff))
#define LUI(rt, imm)        I_TYPE(0x0f, 0, rt, imm)
#define ORI(rt, rs, imm)    I_TYPE(0x0d, rs, rt, imm)
#define ADDIU(rt, rs, imm)  I_TYPE(0x09, rs, rt, imm)
#define ANDI(rt, rs, imm)   I_TYPE(0x0c, rs, rt, imm)
#define LBU(rt, imm, rs)    I_TYPE(0x24, rs, rt, imm)
#define SB(rt, imm, rs)     I_TYPE(0x28, rs, rt, imm)
#define SW(rt, imm, rs)     I_TYPE(0x2b, rs, rt, imm)
#define BEQ(rs, rt, words)  I_TYPE(0x04, rs, rt, words)
#define ADDU(rd, rs, rt)    ((uint32_t)(rs) << 21 | (uint32_t)(rt) << 16 | (uint32_t)(rd) << 11 | 0x21)
#define JR(rs)              ((uint32_t)(rs) << 21 | 0x08)
#define WAIT                0x42000020u
#define NOP                 0u

#define REVISION_OFF 0x10u
#define REVISION_CORE_LV 0x420u /* core LV behind a GT-64120: MD00048, "Revision" */
#define TABLE_OFF 0x500u        /* YAMON User's Manual MD00008, "Application interface" */

enum {
	RESET_OFF = 0x600, HANG_OFF = 0x620, REFUSE_OFF = 0x640, OK_OFF = 0x650, PRINT_COUNT_OFF = 0x660, PRINT_OFF = 0x6a0, GETCHAR_OFF = 0x6e0,
};

#define UART_KSEG1 0xb800 /* upper half of the address of PCI I/O port 0 */
#define THR 0x3f8
#define LSR 0x3fd

struct piece {
	uint32_t off;
	unsigned n;
	uint32_t word[16];
};

#define GO(off) { LUI(K0, 0xbfc0), ORI(K0, K0, off), JR(K0), NOP }

static const struct piece pieces[] = {
	{ 0x000, 4, GO(RESET_OFF) },
	{ REVISION_OFF, 1, { REVISION_CORE_LV } },
	/* TLB refill, cache error, general, interrupt, EJTAG with Status.BEV set.  */
	{ 0x200, 4, GO(HANG_OFF) }, { 0x280, 4, GO(HANG_OFF) }, { 0x300, 4, GO(HANG_OFF) }, { 0x380, 4, GO(HANG_OFF) },
	{ 0x400, 4, GO(HANG_OFF) }, { 0x480, 4, GO(HANG_OFF) },
	{ RESET_OFF, 5, { LUI(K0, 0xbf00), ORI(K1, ZERO, 0x42), SW(K1, 0x500, K0), BEQ(ZERO, ZERO, -1), NOP } },
	{ HANG_OFF, 3, { WAIT, BEQ(ZERO, ZERO, -2), NOP } },
	{ REFUSE_OFF, 2, { JR(RA), ORI(V0, ZERO, 0x8001) } }, /* "unknown parameter" */
	{ OK_OFF, 2, { JR(RA), ADDIU(V0, ZERO, 0) } },
	{ PRINT_COUNT_OFF, 11, {
		LUI(AT, UART_KSEG1), ADDU(T0, A1, A2), ADDIU(V0, A1, 0),
		BEQ(V0, T0, 5), NOP, LBU(T1, 0, V0), ADDIU(V0, V0, 1), BEQ(ZERO, ZERO, -5), SB(T1, THR, AT),
		JR(RA), ADDIU(V0, ZERO, 0) } },
	{ PRINT_OFF, 10, {
		LUI(AT, UART_KSEG1), ADDIU(V0, A1, 0),
		LBU(T1, 0, V0), BEQ(T1, ZERO, 4), ADDIU(V0, V0, 1), SB(T1, THR, AT), BEQ(ZERO, ZERO, -5), NOP,
		JR(RA), ADDIU(V0, ZERO, 0) } },
	{ GETCHAR_OFF, 11, {
		LUI(AT, UART_KSEG1), LBU(T1, LSR, AT), ANDI(T1, T1, 1), BEQ(T1, ZERO, 5), NOP, LBU(T1, THR, AT), SB(T1, 0, A1),
		JR(RA), ADDIU(V0, ZERO, 1), JR(RA), ADDIU(V0, ZERO, 0) } },
};

/* YAMON's table: offset, service.  */
static const struct { uint32_t off, service; } table[] = {
	{ 0x00, RESET_OFF }, { 0x04, PRINT_COUNT_OFF }, { 0x20, RESET_OFF }, { 0x2c, OK_OFF }, { 0x34, PRINT_OFF }, { 0x38, REFUSE_OFF },
	{ 0x3c, REFUSE_OFF }, { 0x40, REFUSE_OFF }, { 0x44, REFUSE_OFF }, { 0x48, REFUSE_OFF }, { 0x4c, REFUSE_OFF },
	{ 0x50, GETCHAR_OFF }, { 0x54, REFUSE_OFF },
};

static enum status put_word(struct malta *m, uint32_t off, uint32_t word, struct err *e)
{
	uint8_t bytes[4];

	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(word >> (m->board.cfg.big_endian ? 24 - 8 * i : 8 * i));
	return mem_write(m->board.map, MALTA_ROM + off, bytes, 4, e);
}

enum status malta_rom_write(struct malta *m, struct err *e)
{
	enum status s = ST_OK;

	for (unsigned i = 0; i < ARRAY_LEN(pieces); i++)
		for (unsigned k = 0; s == ST_OK && k < pieces[i].n; k++)
			s = put_word(m, pieces[i].off + 4 * k, pieces[i].word[k], e);
	for (unsigned i = 0; s == ST_OK && i < ARRAY_LEN(table); i++)
		s = put_word(m, TABLE_OFF + table[i].off, 0xbfc00000u + table[i].service, e);
	return s;
}
