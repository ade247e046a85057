/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest image: a driver that runs the programs of a list, and the handlers.  Responsible for what the guest does around a program;
 * not for what is in one.  See fuzz.h for the layout.
 *
 * The handlers keep to k0 and k1, which programs do not use.  The general one writes a record of everything, then does what the program's
 * table of resumptions says; the refill handler fills one of the upper TLB entries from the program's page table.  Interrupts of
 * hardware are hidden: no record, only a count outside of what is compared.
 */
#include "tests/fuzz-isa/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "tests/engine/rig.h"

#define VARS 0x80000000u
enum var { V_SLOT = 0xe00, V_LOG = 0xe04, V_LEFT = 0xe08, V_END = 0xe0c, V_PTE = 0xe10, V_NEXT_ENTRY = 0xe14, V_FLAGS = 0xe18,
	   V_LIST = 0xe1c, V_RESUME = 0xe20, V_REFILLS = 0xe24, V_HASH = 0xe28, V_FINISH = 0xe2c };

#define VECTORS_ALSO 0x80001000u    /* the other value of EBase */
#define MONITOR 0x80010000u
#define MONITOR_END 0x80030000u
#define BOOT 0xbfc00000u
#define UNSEEN_HIGH 0x8100u         /* LUI; a word in front of it counts hidden interrupts */
#define UNSEEN (-0x1000)

#define C0_CONTEXT 4
#define C0_HWRENA 7
#define C0_EBASE 15
#define C0_CONFIG 16
#define C0_ERROREPC 30
#define SEL(insn, sel) ((insn) | (sel))
#define BLTZ(rs) I_TYPE(1, rs, 0, 0)
#define BGEZ(rs) I_TYPE(1, rs, 1, 0)
#define MFHI(rd) R_TYPE(0, 0, rd, 0, 16)
#define MFLO(rd) R_TYPE(0, 0, rd, 0, 18)
#define MTHI(rs) R_TYPE(rs, 0, 0, 0, 17)
#define MTLO(rs) R_TYPE(rs, 0, 0, 0, 19)

/* CP0 as a record has it, and as the driver sets it.  */
static const struct { uint8_t log, reg, sel; } logged[] = {
	{ LOG_CAUSE, C0_CAUSE, 0 }, { LOG_EPC, C0_EPC, 0 }, { LOG_BADVADDR, C0_BADVADDR, 0 }, { LOG_STATUS, C0_STATUS, 0 },
	{ LOG_ENTRYHI, C0_ENTRYHI, 0 }, { LOG_CONTEXT, C0_CONTEXT, 0 }, { LOG_INDEX, C0_INDEX, 0 }, { LOG_LO0, C0_ENTRYLO0, 0 },
	{ LOG_LO1, C0_ENTRYLO1, 0 }, { LOG_PAGEMASK, C0_PAGEMASK, 0 }, { LOG_WIRED, C0_WIRED, 0 }, { LOG_ERROREPC, C0_ERROREPC, 0 },
	{ LOG_HWRENA, C0_HWRENA, 0 }, { LOG_EBASE, C0_EBASE, 1 },
};
static const struct { uint8_t set, reg, sel; } set_up[] = {
	{ SET_EBASE, C0_EBASE, 1 }, { SET_CAUSE, C0_CAUSE, 0 }, { SET_ENTRYHI, C0_ENTRYHI, 0 }, { SET_CONTEXT, C0_CONTEXT, 0 },
	{ SET_PAGEMASK, C0_PAGEMASK, 0 }, { SET_WIRED, C0_WIRED, 0 }, { SET_INDEX, C0_INDEX, 0 }, { SET_LO0, C0_ENTRYLO0, 0 },
	{ SET_LO1, C0_ENTRYLO1, 0 }, { SET_HWRENA, C0_HWRENA, 0 }, { SET_ERROREPC, C0_ERROREPC, 0 }, { SET_START, C0_EPC, 0 },
};
/* Registers without effects that programs may write: 0 at the start of each.  */
static const struct { uint8_t reg, sel; } cleared[] = {
	{ 18, 0 }, { 19, 0 }, { 24, 0 }, { 26, 0 }, { 28, 0 }, { 28, 1 }, { 29, 0 }, { 29, 1 }, { 31, 0 },
};

bool image_is_monitor(gva pc)
{
	return pc - VARS < 0x30000u || pc - BOOT < IMAGE_ROM;
}

bool image_is_vector(gva pc)
{
	gva offset = pc & 0xfffu;

	if (pc - BOOT < IMAGE_ROM)
		return true;
	return (pc & ~(gva)0xfffu) - VARS < 2 * 0x1000u && (offset == 0 || offset == 0x180 || offset == 0x200);
}

/* --- handlers --- */

static void hide_interrupt(struct code *c)
{
	gva not_int, not_hard;

	EMIT(c, MFC0(K0, C0_CAUSE), ANDI(K1, K0, 0x7c));
	not_int = code_forward(c, BNE(K1, ZERO));
	EMIT(c, MFC0(K1, C0_STATUS), AND(K0, K0, K1), ANDI(K0, K0, 0xfc00));
	not_hard = code_forward(c, BEQ(K0, ZERO));
	EMIT(c, NOP, MFC0(K0, C0_COMPARE), MTC0(K0, C0_COMPARE), LUI(K0, DEV_KSEG1 >> 16), SW(ZERO, DEV_LINES, K0));
	EMIT(c, LUI(K0, UNSEEN_HIGH), LW(K1, UNSEEN, K0), ADDIU(K1, K1, 1), SW(K1, UNSEEN, K0), ERET);
	code_land(c, not_int);
	code_land(c, not_hard);
}

/* Behind it k1 is the record, k0 the base of the variables, and every other register is free.  */
static void write_record(struct code *c)
{
	EMIT(c, LUI(K0, VARS >> 16), LW(K1, V_LOG, K0));
	for (unsigned r = 1; r < 32; r++)
		if (r != K0 && r != K1)
			code_put(c, SW(r, 4 * r, K1));
	EMIT(c, MFHI(K0), SW(K0, 4 * LOG_HI, K1), MFLO(K0), SW(K0, 4 * LOG_LO, K1));
	for (unsigned i = 0; i < ARRAY_LEN(logged); i++)
		EMIT(c, SEL(MFC0(K0, logged[i].reg), logged[i].sel), SW(K0, 4 * logged[i].log, K1));
	EMIT(c, LUI(K0, VARS >> 16), ADDIU(T0, K1, 4 * LOG_WORDS), SW(T0, V_LOG, K0));
}

/* Make the failing TLB entry usable: t5 stays EPC, t0-t3, t6, t7 are used.  Returns the branch for when there is no such entry.  */
static void fix_entry(struct code *c, gva no[2])
{
	EMIT(c, SRL(T3, T2, 2), ADDIU(T3, T3, -1), SLTIU(T3, T3, 3));
	no[0] = code_forward(c, BEQ(T3, ZERO));
	EMIT(c, MFC0(T6, C0_ENTRYHI), TLBP, MFC0(T3, C0_INDEX));
	no[1] = code_forward(c, BLTZ(T3));
	EMIT(c, NOP, TLBR, MFC0(T3, C0_ENTRYLO0), ORI(T3, T3, 6), MTC0(T3, C0_ENTRYLO0), MFC0(T3, C0_ENTRYLO1), ORI(T3, T3, 6),
	     MTC0(T3, C0_ENTRYLO1), TLBWI, MTC0(T6, C0_ENTRYHI));
}

/* t4: how to go on (RESUME_*), t5: where.  */
static void leave(struct code *c)
{
	gva keep, kernel;

	EMIT(c, LW(T3, 4 * LOG_STATUS, K1), ADDIU(T0, ZERO, ~ST_ERL), AND(T3, T3, T0), ORI(T3, T3, ST_EXL));
	keep = code_forward(c, BEQ(T4, ZERO));
	EMIT(c, ADDIU(T0, ZERO, ~ST_UM), AND(T3, T3, T0), ANDI(T0, T4, RESUME_USER));
	kernel = code_forward(c, BEQ(T0, ZERO));
	EMIT(c, NOP, ORI(T3, T3, ST_UM));
	code_land(c, keep);
	code_land(c, kernel);
	EMIT(c, MTC0(T3, C0_STATUS), MTC0(T5, C0_EPC));
	for (unsigned r = T0; r <= T7; r++)
		code_put(c, LW(r, 4 * r, K1));
	EMIT(c, ERET);
}

static void general_handler(struct code *c)
{
	gva none_left, goes_on, not_int, leaves[2], skips[3], to_fix, goes, addressed;

	hide_interrupt(c);
	write_record(c);
	EMIT(c, LW(T0, V_LEFT, K0), ADDIU(T0, T0, -1), SW(T0, V_LEFT, K0));
	none_left = code_forward(c, BLTZ(T0));
	EMIT(c, LW(T1, 4 * LOG_CAUSE, K1), LW(T5, 4 * LOG_EPC, K1), LW(T4, V_END, K0));
	goes_on = code_forward(c, BNE(T4, T5));
	EMIT(c, ANDI(T2, T1, 0x7c));
	code_land(c, none_left);
	EMIT(c, LW(T0, V_FINISH, K0), JR(T0), NOP);
	code_land(c, goes_on);
	not_int = code_forward(c, BNE(T2, ZERO));
	EMIT(c, MOVE(T4, ZERO), ADDIU(T3, ZERO, ~0x300), AND(T1, T1, T3), MTC0(T1, C0_CAUSE)); /* software interrupts: taken back */
	leaves[0] = code_forward(c, BEQ(ZERO, ZERO));
	EMIT(c, NOP);
	code_land(c, not_int);
	EMIT(c, ADDIU(T3, T2, 0u - (EXC_ADEL << 2)), SLTIU(T3, T3, 8)); /* an address error leaves EntryHi.VPN2 UNPREDICTABLE */
	addressed = code_forward(c, BEQ(T3, ZERO));
	EMIT(c, MFC0(T3, C0_ENTRYHI), ANDI(T3, T3, 0xff), MTC0(T3, C0_ENTRYHI));
	code_land(c, addressed);
	EMIT(c, LW(T6, V_RESUME, K0), LW(T7, 0, T6), ADDIU(T6, T6, 4), SW(T6, V_RESUME, K0));
	skips[0] = code_forward(c, BEQ(T7, ZERO));
	EMIT(c, XORI(T3, T7, RESUME_FIX));
	to_fix = code_forward(c, BEQ(T3, ZERO));
	EMIT(c, ANDI(T4, T7, 3));
	goes = code_forward(c, BEQ(ZERO, ZERO));
	EMIT(c, SUBU(T5, T7, T4));
	code_land(c, to_fix);
	fix_entry(c, &skips[1]);
	leaves[1] = code_forward(c, BEQ(ZERO, ZERO));
	EMIT(c, MOVE(T4, ZERO));
	code_land(c, skips[2]);
	EMIT(c, MTC0(ZERO, C0_INDEX)); /* what a failed probe leaves besides bit 31 is anybody's choice */
	code_land(c, skips[0]);
	code_land(c, skips[1]);
	EMIT(c, MOVE(T4, ZERO), SRL(T3, T1, 31), SLL(T3, T3, 2), ADDIU(T3, T3, 4), ADDU(T5, T5, T3));
	code_land(c, leaves[0]);
	code_land(c, leaves[1]);
	code_land(c, goes);
	leave(c);
}

/* Counts, and mixes address, EPC and BD into a hash; then writes the pair from the program's table.  */
static void refill_handler(struct code *c)
{
	gva random;

	EMIT(c, LUI(K0, VARS >> 16), LW(K1, V_REFILLS, K0), ADDIU(K1, K1, 1), SW(K1, V_REFILLS, K0), LW(K0, V_HASH, K0), SLL(K1, K0, 5),
	     ADDU(K1, K1, K0), MFC0(K0, C0_BADVADDR), ADDU(K1, K1, K0), MFC0(K0, C0_EPC), XOR(K1, K1, K0), MFC0(K0, C0_CAUSE), SRL(K0, K0, 31),
	     ADDU(K1, K1, K0), LUI(K0, VARS >> 16), SW(K1, V_HASH, K0));
	EMIT(c, MTC0(ZERO, C0_PAGEMASK), MFC0(K0, C0_ENTRYHI), ANDI(K1, K0, 1), SLL(K1, K1, 7), SRL(K0, K0, 13), ANDI(K0, K0, PTE_PAIRS - 1),
	     SLL(K0, K0, 3), ADDU(K1, K1, K0), LUI(K0, VARS >> 16), LW(K0, V_PTE, K0), ADDU(K1, K1, K0), LW(K0, 0, K1), MTC0(K0, C0_ENTRYLO0),
	     LW(K0, 4, K1), MTC0(K0, C0_ENTRYLO1), LUI(K0, VARS >> 16), LW(K1, V_FLAGS, K0), ANDI(K1, K1, FUZZ_RANDOM));
	random = code_forward(c, BNE(K1, ZERO));
	EMIT(c, LW(K1, V_NEXT_ENTRY, K0), ADDIU(K1, K1, 1), ANDI(K1, K1, 7), SW(K1, V_NEXT_ENTRY, K0), ADDIU(K1, K1, TLB_SET),
	     MTC0(K1, C0_INDEX), TLBWI, ERET);
	code_land(c, random);
	EMIT(c, TLBWR, ERET);
}

/* --- the driver --- */

/* Each entry gets the address that it has in the slots of programs, too, so that no two ever have the same.  */
static void wipe_tlb(struct code *c)
{
	gva top;

	EMIT(c, MTC0(ZERO, C0_PAGEMASK), MTC0(ZERO, C0_ENTRYLO0), MTC0(ZERO, C0_ENTRYLO1), ADDIU(T0, ZERO, 15));
	code_li(c, T1, slot_tlb_none(15));
	top = c->va;
	EMIT(c, MTC0(T1, C0_ENTRYHI), MTC0(T0, C0_INDEX), TLBWI, ADDIU(T1, T1, -0x2000), ADDIU(T0, T0, -1));
	code_branch(c, BGEZ(T0), top);
	EMIT(c, NOP);
}

static void load_tlb(struct code *c)
{
	gva top;

	EMIT(c, ADDIU(T1, S0, SLOT_TLB), MOVE(T0, ZERO));
	top = c->va;
	EMIT(c, LW(T2, 0, T1), MTC0(T2, C0_ENTRYHI), LW(T2, 4, T1), MTC0(T2, C0_PAGEMASK), LW(T2, 8, T1), MTC0(T2, C0_ENTRYLO0), LW(T2, 12, T1),
	     MTC0(T2, C0_ENTRYLO1), MTC0(T0, C0_INDEX), TLBWI, ADDIU(T1, T1, 16), ADDIU(T0, T0, 1), SLTIU(T2, T0, 16));
	code_branch(c, BNE(T2, ZERO), top);
	EMIT(c, NOP);
}

static void save_end(struct code *c)
{
	gva top;

	EMIT(c, LW(S0, V_SLOT, K0), LW(T0, V_LOG, K0), LW(T1, V_REFILLS, K0), LW(T2, V_HASH, K0));
	EMIT(c, ADDIU(S1, S0, SLOT_END), SW(T0, 4 * END_LOG_AT, S1), SW(T1, 4 * END_REFILLS, S1), SW(T2, 4 * END_REFILL_HASH, S1),
	     ADDIU(T0, ZERO, 1), SW(T0, 4 * END_DONE, S1));
	EMIT(c, ADDIU(T1, S0, SLOT_TLB_END), MOVE(T0, ZERO));
	top = c->va;
	EMIT(c, MTC0(T0, C0_INDEX), TLBR, MFC0(T2, C0_ENTRYHI), SW(T2, 0, T1), MFC0(T2, C0_PAGEMASK), SW(T2, 4, T1), MFC0(T2, C0_ENTRYLO0),
	     SW(T2, 8, T1), MFC0(T2, C0_ENTRYLO1), SW(T2, 12, T1), ADDIU(T1, T1, 16), ADDIU(T0, T0, 1), SLTIU(T2, T0, 16));
	code_branch(c, BNE(T2, ZERO), top);
	EMIT(c, NOP);
}

static void stop(struct code *c)
{
	EMIT(c, LUI(T0, DEV_KSEG1 >> 16), SW(ZERO, DEV_STOP, T0), ADDIU(T1, ZERO, 0x42), SW(T1, PORT_SOFTRES & 0xffffu, T0));
	code_branch(c, BEQ(ZERO, ZERO), c->va);
	EMIT(c, NOP);
}

/* s0: the slot.  */
static void set_state(struct code *c)
{
	gva timer;

	EMIT(c, LUI(T0, ST_BEV >> 16), MTC0(T0, C0_STATUS));
	for (unsigned i = 0; i < ARRAY_LEN(set_up); i++)
		EMIT(c, LW(T0, SLOT_CP0 + 4 * set_up[i].set, S0), SEL(MTC0(T0, set_up[i].reg), set_up[i].sel));
	for (unsigned i = 0; i < ARRAY_LEN(cleared); i++)
		EMIT(c, SEL(MTC0(ZERO, cleared[i].reg), cleared[i].sel));
	EMIT(c, ADDIU(T0, ZERO, 2), MTC0(T0, C0_CONFIG));
	/* Without a timer, the match lies a full turn of Count ahead.  */
	EMIT(c, MTC0(ZERO, C0_COUNT), LW(T1, SLOT_CP0 + 4 * SET_TIMER, S0), MFC0(T0, C0_COUNT));
	timer = code_forward(c, BNE(T1, ZERO));
	EMIT(c, ADDU(T1, T1, T0), ADDIU(T1, T0, -1));
	code_land(c, timer);
	EMIT(c, MTC0(T1, C0_COMPARE));
	EMIT(c, LUI(T1, DEV_KSEG1 >> 16), LW(T0, SLOT_CP0 + 4 * SET_STATUS, S0), ORI(T0, T0, ST_EXL), MTC0(T0, C0_STATUS), SW(S0, DEV_KICK, T1));
	EMIT(c, LW(T0, SLOT_GPR + 4 * 32, S0), MTHI(T0), LW(T0, SLOT_GPR + 4 * 33, S0), MTLO(T0), MOVE(K0, S0));
	for (unsigned r = 1; r < 32; r++)
		if (r != K0 && r != K1)
			code_put(c, LW(r, SLOT_GPR + 4 * r, K0));
	EMIT(c, ERET);
}

/* What an earlier program has left where MTC0 does not reach: an address error outside of a slot, and a probe that matches.  */
static void settle(struct code *c, gva error)
{
	EMIT(c, MTC0(ZERO, C0_STATUS), ADDIU(T0, S0, SLOT_LOG), SW(T0, V_LOG, K0), SW(T0, V_LEFT, K0));
	code_li(c, T0, error);
	EMIT(c, SW(T0, V_END, K0), JAL(error), SW(RA, V_FINISH, K0));
	wipe_tlb(c);
	EMIT(c, TLBP, LUI(K0, VARS >> 16));
}

static void driver(struct code *c)
{
	static const struct { uint16_t var, set; } vars[] = { { V_LEFT, SET_LEFT }, { V_END, SET_END }, { V_FLAGS, SET_FLAGS } };
	gva first, none, error, finish;

	/* Malta's interrupt controllers let the time of day through as they are.  */
	EMIT(c, LUI(T1, 0xb000), ADDIU(T0, ZERO, 0xff), SB(T0, 0x21, T1), SB(T0, 0xa1, T1));
	code_li(c, T0, IMAGE_LIST);
	EMIT(c, LUI(K0, VARS >> 16), SW(T0, V_LIST, K0));
	first = code_forward(c, BEQ(ZERO, ZERO));
	EMIT(c, NOP);
	error = code_put(c, LW(ZERO, 1, ZERO));
	finish = code_put(c, MTC0(ZERO, C0_STATUS));
	EMIT(c, LUI(K0, VARS >> 16), LUI(T1, DEV_KSEG1 >> 16), SW(ZERO, DEV_KICK, T1));
	save_end(c);
	code_land(c, first);
	EMIT(c, LUI(K0, VARS >> 16), LW(T0, V_LIST, K0), LW(S0, 0, T0), ADDIU(T0, T0, 4), SW(T0, V_LIST, K0));
	none = code_forward(c, BEQ(S0, ZERO));
	EMIT(c, SW(S0, V_SLOT, K0));
	settle(c, error);
	EMIT(c, ADDIU(T0, S0, SLOT_LOG), SW(T0, V_LOG, K0), ADDIU(T0, S0, SLOT_PTE), SW(T0, V_PTE, K0),
	     ADDIU(T0, S0, SLOT_RESUME), SW(T0, V_RESUME, K0), SW(ZERO, V_REFILLS, K0), SW(ZERO, V_HASH, K0), SW(ZERO, V_NEXT_ENTRY, K0));
	for (unsigned i = 0; i < ARRAY_LEN(vars); i++)
		EMIT(c, LW(T0, SLOT_CP0 + 4 * vars[i].set, S0), SW(T0, vars[i].var, K0));
	code_li(c, T0, finish);
	EMIT(c, SW(T0, V_FINISH, K0));
	load_tlb(c);
	set_state(c);
	code_land(c, none);
	stop(c);
}

static void jump_at(struct rig *g, gva at, gva to)
{
	struct code c = code_at(g, at);

	code_li(&c, K0, to);
	EMIT(&c, JR(K0), NOP);
}

static void monitor(struct rig *g)
{
	struct code c = code_at(g, MONITOR);
	gva general, refill;

	driver(&c);
	general = c.va;
	general_handler(&c);
	refill = c.va;
	refill_handler(&c);
	for (unsigned i = 0; i < 2; i++) {
		gva base = i ? VECTORS_ALSO : VARS;

		jump_at(g, base, refill);
		jump_at(g, base + 0x180, general);
		jump_at(g, base + 0x200, general);
	}
	jump_at(g, BOOT, MONITOR);
	jump_at(g, BOOT + 0x200, refill);
	jump_at(g, BOOT + 0x380, general);
	jump_at(g, BOOT + 0x400, general);
}

/* --- the image --- */

void image_create(struct image *m, bool big_endian)
{
	struct cpu order = { .big_endian = big_endian };
	struct rig g = { .cpu = &order, .ram_size = IMAGE_RAM }; /* memory only: what the assembler needs */

	*m = (struct image){ .big_endian = big_endian, .ram = calloc(1, IMAGE_RAM + IMAGE_ROM) };
	if (!m->ram)
		abort();
	m->rom = m->ram + IMAGE_RAM;
	g.ram = m->ram;
	g.rom = m->rom;
	monitor(&g);
}

void image_destroy(struct image *m) { free(m->ram); }

uint32_t image_get(const struct image *m, gva kseg0)
{
	uint32_t w;

	memcpy(&w, m->ram + (kseg0 - 0x80000000u), 4);
	return m->big_endian ? __builtin_bswap32(w) : w;
}

void image_put(struct image *m, gva kseg0, uint32_t w)
{
	if (m->big_endian)
		w = __builtin_bswap32(w);
	memcpy(m->ram + (kseg0 - 0x80000000u), &w, 4);
}

static void put_words(struct image *m, gva at, const uint32_t *words, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		image_put(m, at + 4 * i, words[i]);
}

static void fill_data(struct image *m, const struct program *p, gva at)
{
	uint64_t x = p->seed * 0x9e3779b97f4a7c15u | 1;

	for (unsigned i = 0; i < DATA_SIZE / 4; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		image_put(m, at + 4 * i, (uint32_t)(x >> 32));
	}
}

void image_place(struct image *m, const struct program *p)
{
	gva s = slot_address(p->slot);

	memset(m->ram + (s - 0x80000000u), 0, SLOT_SIZE);
	put_words(m, s + SLOT_GPR, p->gpr, 32);
	image_put(m, s + SLOT_GPR + 4 * 32, p->hi);
	image_put(m, s + SLOT_GPR + 4 * 33, p->lo);
	put_words(m, s + SLOT_CP0, p->cp0, SETUP_WORDS);
	for (unsigned i = 0; i < 16; i++) {
		if (i < TLB_SET && p->tlb[i][0] | p->tlb[i][2] | p->tlb[i][3])
			put_words(m, s + SLOT_TLB + 16 * i, p->tlb[i], 4);
		else
			image_put(m, s + SLOT_TLB + 16 * i, slot_tlb_none(i));
	}
	put_words(m, s + SLOT_PTE, p->pte[0][0], 2 * PTE_PAIRS * 2);
	put_words(m, s + SLOT_RESUME, p->resume, EXCEPTIONS_MAX);
	put_words(m, s + SLOT_CODE + 4 * p->first, p->code, p->nwords);
	fill_data(m, p, s + SLOT_DATA);
}

void image_list(struct image *m, const struct program *p, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		image_put(m, IMAGE_LIST + 4 * i, slot_address(p[i].slot));
	image_put(m, IMAGE_LIST + 4 * n, 0);
}
