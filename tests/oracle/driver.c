/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writes the executable word by word: one segment from PROGRAM_STATE to the end of the signal stack.  Everything the driver needs
 * while registers hold a program's values is in reach of register 0.
 *
 * System calls and structures: o32 ABI of Linux, arch/mips/include/uapi/asm/{unistd,signal,sigcontext,ucontext}.h.
 */
#include "tests/oracle/driver.h"

#include <stddef.h>
#include <string.h>

#define FILE_STATE 0x1000u /* where PROGRAM_STATE is in the file */
#define ADDR_STACK_T (PROGRAM_STATE + 0x800u)
#define ADDR_SIGACTION (PROGRAM_STATE + 0x820u)
#define ADDR_NOWHERE (PROGRAM_STATE + 0x840u)

#define SYS_EXIT 4001u
#define SYS_READ 4003u
#define SYS_WRITE 4004u
#define SYS_SIGACTION 4194u
#define SYS_SIGALTSTACK 4206u
#define SA_FLAGS (0x00000008u | 0x08000000u | 0x40000000u) /* SIGINFO, ONSTACK, NODEFER */

#define UC_SIGCONTEXT 24u
#define SC_PC (UC_SIGCONTEXT + 8u)
#define SC_REGS (UC_SIGCONTEXT + 16u)
#define SC_HI (UC_SIGCONTEXT + 552u)
#define SC_LO (UC_SIGCONTEXT + 560u)

enum { ZERO, AT, V0, V1, A0, A1, A2, A3 };

struct writer {
	uint8_t *file;
	bool big_endian;
	gva at;
};

static void word_at(struct writer *w, gva at, uint32_t word)
{
	if (w->big_endian)
		word = __builtin_bswap32(word);
	memcpy(w->file + FILE_STATE + (at - PROGRAM_STATE), &word, 4);
}

static void put(struct writer *w, insn_word word)
{
	word_at(w, w->at, word);
	w->at += 4;
}

static void put_imm(struct writer *w, uint32_t opcode, uint32_t rs, uint32_t rt, uint32_t imm)
{
	put(w, opcode << 26 | rs << 21 | rt << 16 | (imm & 0xffffu));
}

static void li(struct writer *w, uint32_t r, uint32_t v) { put_imm(w, 0x0d, ZERO, r, v); } /* ori */
static void lw(struct writer *w, uint32_t r, uint32_t base, uint32_t off) { put_imm(w, 0x23, base, r, off); }
static void sw(struct writer *w, uint32_t r, uint32_t base, uint32_t off) { put_imm(w, 0x2b, base, r, off); }

static void jump(struct writer *w, gva to)
{
	put(w, 0x08000000u | to >> 2);
	put(w, 0);
}

static void call(struct writer *w, uint32_t number)
{
	li(w, V0, number);
	put(w, 0x0000000c);
}

static uint32_t state_gpr(uint32_t r) { return PROGRAM_STATE + (uint32_t)offsetof(struct program_state, gpr) + 4 * r; }
#define STATE(field) (PROGRAM_STATE + (uint32_t)offsetof(struct program_state, field))

/* Where each of them would end the process, a signal ends the program only.  */
static void signals(struct writer *w, gva handler)
{
	static const uint32_t fatal[] = { 4, 5, 8, 10, 11 }; /* ILL TRAP FPE BUS SEGV */

	word_at(w, ADDR_STACK_T, PROGRAM_STACK);
	word_at(w, ADDR_STACK_T + 4, PROGRAM_STACK_SIZE);
	word_at(w, ADDR_SIGACTION, SA_FLAGS);
	word_at(w, ADDR_SIGACTION + 4, handler);
	li(w, A0, ADDR_STACK_T);
	li(w, A1, 0);
	call(w, SYS_SIGALTSTACK);
	for (unsigned i = 0; i < ARRAY_LEN(fatal); i++) {
		li(w, A0, fatal[i]);
		li(w, A1, ADDR_SIGACTION);
		li(w, A2, 0);
		li(w, A3, 16);
		call(w, SYS_SIGACTION);
	}
}

/* Exit with status 0 at the end of the input.  */
static void read_all(struct writer *w, gva to, uint32_t size)
{
	li(w, A0, 0);
	li(w, A1, to);
	li(w, A2, size);
	call(w, SYS_READ);
	put_imm(w, 0x07, V0, 0, 4); /* bgtz over the exit */
	put(w, 0);
	li(w, A0, 0);
	call(w, SYS_EXIT);
}

static void write_all(struct writer *w, gva from, uint32_t size)
{
	li(w, A0, 1);
	li(w, A1, from);
	li(w, A2, size);
	call(w, SYS_WRITE);
}

/* LL of a word that no program can reach breaks a link the last one has left.  */
static void enter(struct writer *w)
{
	put_imm(w, 0x30, ZERO, AT, ADDR_NOWHERE); /* ll */
	lw(w, AT, ZERO, STATE(hi));
	put(w, 0x00200011); /* mthi at */
	lw(w, AT, ZERO, STATE(lo));
	put(w, 0x00200013); /* mtlo at */
	for (uint32_t r = 1; r < 32; r++)
		lw(w, r, ZERO, state_gpr(r));
	jump(w, PROGRAM_CODE);
}

static void leave(struct writer *w)
{
	for (uint32_t r = 0; r < 32; r++)
		sw(w, r, ZERO, state_gpr(r));
	put(w, 0x00000810); /* mfhi at */
	sw(w, AT, ZERO, STATE(hi));
	put(w, 0x00000812); /* mflo at */
	sw(w, AT, ZERO, STATE(lo));
	sw(w, ZERO, ZERO, STATE(signal));
	sw(w, ZERO, ZERO, STATE(pc));
}

/* a0 signal, a2 ucontext, whose registers are 64 bits wide.  Never returns from the signal.  */
static void handle(struct writer *w)
{
	uint32_t low = w->big_endian ? 4 : 0;

	sw(w, A0, ZERO, STATE(signal));
	lw(w, V0, A2, SC_PC + low);
	sw(w, V0, ZERO, STATE(pc));
	lw(w, V0, A2, SC_HI + low);
	sw(w, V0, ZERO, STATE(hi));
	lw(w, V0, A2, SC_LO + low);
	sw(w, V0, ZERO, STATE(lo));
	for (uint32_t r = 0; r < 32; r++) {
		lw(w, V0, A2, SC_REGS + 8 * r + low);
		sw(w, V0, ZERO, state_gpr(r));
	}
}

static void half_at(struct writer *w, unsigned at, uint32_t v)
{
	uint16_t h = (uint16_t)(w->big_endian ? __builtin_bswap16((uint16_t)v) : v);

	memcpy(w->file + at, &h, 2);
}

static void header_words(struct writer *w, unsigned at, const uint32_t *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++, at += 4) {
		uint32_t x = w->big_endian ? __builtin_bswap32(v[i]) : v[i];

		memcpy(w->file + at, &x, 4);
	}
}

static void elf_header(struct writer *w)
{
	const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', 1, (uint8_t)(w->big_endian ? 2 : 1), 1 };
	const uint32_t rest[] = { 1, PROGRAM_DRIVER, 52, 0, 0x70001001u }; /* version entry phoff shoff flags: MIPS32r2, o32 */
	const uint32_t segment[] = {
		1, FILE_STATE, PROGRAM_STATE, PROGRAM_STATE, DRIVER_FILE_SIZE - FILE_STATE,
		PROGRAM_STACK + PROGRAM_STACK_SIZE - PROGRAM_STATE, 7, GUEST_PAGE_SIZE,
	};

	memcpy(w->file, ident, sizeof(ident));
	half_at(w, 16, 2); /* ET_EXEC */
	half_at(w, 18, 8); /* EM_MIPS */
	header_words(w, 20, rest, ARRAY_LEN(rest));
	half_at(w, 40, 52);
	half_at(w, 42, 32);
	half_at(w, 44, 1);
	header_words(w, 52, segment, ARRAY_LEN(segment));
}

gva driver_build(uint8_t file[DRIVER_FILE_SIZE], bool big_endian)
{
	struct writer w = { .file = file, .big_endian = big_endian };
	gva exit, out, again, handler = PROGRAM_DRIVER + 0x800;

	memset(file, 0, DRIVER_FILE_SIZE);
	elf_header(&w);
	w.at = PROGRAM_DRIVER;
	signals(&w, handler);
	again = w.at;
	read_all(&w, PROGRAM_STATE, sizeof(struct program_state));
	read_all(&w, PROGRAM_CODE, PROGRAM_WORDS * 4);
	read_all(&w, PROGRAM_DATA, PROGRAM_DATA_SIZE);
	enter(&w);
	exit = w.at;
	leave(&w);
	out = w.at;
	write_all(&w, PROGRAM_STATE, sizeof(struct program_state));
	write_all(&w, PROGRAM_DATA, PROGRAM_DATA_SIZE);
	jump(&w, again);
	w.at = handler;
	handle(&w);
	jump(&w, out);
	return exit;
}
