/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tests of the privileged architecture that run on the bare machine: no operating system, no library.  Each is written from the
 * manual and cites its section (docs/refs.md); each runs several times over, so that what is first interpreted is translated code
 * in later rounds.
 *
 * Physical memory: vectors below 4 KiB, the monitor's arguments up to 64 KiB, the image from 1 MiB, test pages from TEST_RAM to
 * TEST_RAM_END.  Everything of the image lies in kseg0: an exception never needs the TLB.
 */
#ifndef ATHANOR_TESTS_GUEST_BARE_BARE_H
#define ATHANOR_TESTS_GUEST_BARE_BARE_H

/* Offsets in struct trap, for start.S.  */
#define TRAP_VECTOR 128
#define TRAP_STATUS 132
#define TRAP_CAUSE 136
#define TRAP_EPC 140
#define TRAP_BADVADDR 144
#define TRAP_CONTEXT 148
#define TRAP_ENTRYHI 152
#define TRAP_ERROREPC 156
#define TRAP_HI 160
#define TRAP_LO 164
#define TRAP_COUNT 168
#define TRAP_SIZE 176

#ifndef __ASSEMBLER__
#include "tests/engine/asm.h"

/* --- the runner --- */

/* @rows 0: one test.  Otherwise as many, each called with its number and named by @row.  */
struct test {
	const char *name;
	void (*run)(uint32_t row);
	unsigned rows;
	const char *(*row)(uint32_t row);
};

struct group {
	const char *name;
	const struct test *tests;
	unsigned ntests;
};

/* GROUP(name): each is a file of that name, with `const struct group name_group`.  */
#define GROUPS(GROUP) \
	GROUP(exceptions) \
	GROUP(tlb) \
	GROUP(tlb_array) \
	GROUP(fetch) \
	GROUP(user) \
	GROUP(interrupts) \
	GROUP(count) \
	GROUP(linked) \
	GROUP(cache) \
	GROUP(registers) \
	GROUP(watch)

/* eq - a check; the first ones of a test that fail are printed.
   eq_not_qemu - the same, for what QEMU is known to do otherwise than @section says: there a failure is shown and the test counts as
   skipped.  */
void eq(const char *what, uint32_t got, uint32_t expected);
void eq_not_qemu(const char *section, const char *what, uint32_t got, uint32_t expected);

/* Shown with failures, where a test has many cases.  */
extern const char *test_case;

/* Number of the round, from 0; random numbers, the same in every run.  */
extern unsigned test_round;
uint32_t test_random(void);

/* --- exceptions --- */

enum exc_code { EXC_INT, EXC_MOD, EXC_TLBL, EXC_TLBS, EXC_ADEL, EXC_ADES, EXC_SYS = 8, EXC_BP, EXC_RI, EXC_CPU, EXC_OV, EXC_TR,
		EXC_WATCH = 23, EXC_MCHECK = 24, EXC_NONE = 99 };

/* Vectors with Status.BEV = 0 and EBase at its reset value: MD00090, exception vector locations.  */
#define VECTOR_REFILL 0x80000000u
#define VECTOR_GENERAL 0x80000180u
#define VECTOR_INTERRUPT 0x80000200u

/* The processor as an exception found it: the registers, then CP0 as the handler saw it.  */
struct trap {
	uint32_t gpr[32];
	uint32_t vector, status, cause, epc, badvaddr, context, entryhi, errorepc, hi, lo;
	uint32_t count; /* exceptions since the guarded call began */
	uint32_t pad;
};
_Static_assert(sizeof(struct trap) == TRAP_SIZE && offsetof(struct trap, count) == TRAP_COUNT, "start.S knows the layout");

extern struct trap trap;

/* Is asked at each exception; false ends the guarded call, true lets the code go on at t->epc with t's registers and Status.  */
extern bool (*trap_hook)(struct trap *t);

/* guarded - call @fn(a, b, c, d); true: an exception ended it.  Otherwise trap.gpr[V0] is what it returned.  */
bool guarded(const void *fn, uint32_t a, uint32_t b, uint32_t c, uint32_t d);
/* guarded_user - the same in user mode, at user address @pc; only an exception can end it.  */
bool guarded_user(uint32_t pc, uint32_t a, uint32_t b);
void eret_to(uint32_t pc, uint32_t status, uint32_t a, uint32_t b);

/* Copy the vectors to @base, at the three offsets.  */
void vectors_install(uint32_t base);

/* expect - the last guarded call ended in an exception of this code, at this vector; EPC and Cause.BD.  */
void expect(unsigned code, uint32_t vector, uint32_t epc, bool slot);
static inline unsigned trap_code(void) { return trap.count ? trap.cause >> 2 & 31u : EXC_NONE; }

/* load, store, call - one guarded access or call at @va: the exception code, or EXC_NONE; load's and call's value is in trap.gpr[V0].  */
unsigned load(uint32_t va);
unsigned store(uint32_t va, uint32_t value);
unsigned call(uint32_t va, uint32_t a);
void do_load(void);
void do_store(void);
/* eq_word - @va can be read, and holds this.  */
void eq_word(const char *what, uint32_t va, uint32_t expected);

/* --- code made at run time --- */

/* CODE(word...) - a place that holds these instructions, the same one in every round; code_here: where the next one will be.  */
#define CODE(...) code_make((const uint32_t[]){ __VA_ARGS__ }, sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)
uint32_t *code_make(const uint32_t *words, unsigned n);
uint32_t code_here(void);
/* code_page - the same for the start of a page whose physical address is wanted; words behind @n are 0.  */
uint32_t code_page(const uint32_t *words, unsigned n);
/* code_sync - make the instruction stream see @n words at @at (SYNCI: MD00086).  */
void code_sync(const void *at, unsigned n);
#define RETURN JR(RA), NOP
#define BRANCH(insn, words) ((insn) | ((uint32_t)(words) & 0xffffu)) /* offset from the slot */

/* --- CP0 --- */

/* Register and selector, as one argument of the two below.  */
#define CP0_INDEX 0, 0
#define CP0_RANDOM 1, 0
#define CP0_ENTRYLO0 2, 0
#define CP0_ENTRYLO1 3, 0
#define CP0_CONTEXT 4, 0
#define CP0_PAGEMASK 5, 0
#define CP0_WIRED 6, 0
#define CP0_HWRENA 7, 0
#define CP0_BADVADDR 8, 0
#define CP0_COUNT 9, 0
#define CP0_ENTRYHI 10, 0
#define CP0_COMPARE 11, 0
#define CP0_STATUS 12, 0
#define CP0_INTCTL 12, 1
#define CP0_SRSCTL 12, 2
#define CP0_CAUSE 13, 0
#define CP0_EPC 14, 0
#define CP0_PRID 15, 0
#define CP0_EBASE 15, 1
#define CP0_CONFIG 16, 0
#define CP0_CONFIG1 16, 1
#define CP0_CONFIG3 16, 3
#define cp0_get(...) cp0_get_(__VA_ARGS__)
#define cp0_set(...) cp0_set_(__VA_ARGS__)
#define cp0_get_(reg, sel) \
	({ uint32_t v_; __asm__ volatile("mfc0 %0, $%1, %2" : "=r"(v_) : "i"(reg), "i"(sel) : "memory"); v_; })
#define cp0_set_(reg, sel, value) \
	__asm__ volatile("mtc0 %z0, $%1, %2\n\tehb" : : "Jr"((uint32_t)(value)), "i"(reg), "i"(sel) : "memory")
#define tlbwi() __asm__ volatile("tlbwi\n\tehb" : : : "memory")
#define tlbwr() __asm__ volatile("tlbwr\n\tehb" : : : "memory")
#define tlbr() __asm__ volatile("tlbr\n\tehb" : : : "memory")
#define tlbp() __asm__ volatile("tlbp\n\tehb" : : : "memory")

#define ST_IE 1u
#define ST_EXL 2u
#define ST_ERL 4u
#define ST_UM 0x10u
#define ST_BEV 0x00400000u
#define ST_CU0 0x10000000u
#define ST_IM(n) (0x100u << (n))
#define CAUSE_BD 0x80000000u
#define CAUSE_TI 0x40000000u
#define CAUSE_CE 0x30000000u
#define CAUSE_DC 0x08000000u
#define CAUSE_IV 0x00800000u
#define CAUSE_IP(n) (0x100u << (n))

/* --- the TLB --- */

#define LO_G 1u
#define LO_V 2u
#define LO_D 4u
#define LO_CACHED (3u << 3)
#define LO(pa, bits) ((uint32_t)(pa) >> 12 << 6 | LO_CACHED | (bits))
#define TEST_RAM 0x04000000u
#define TEST_RAM_END 0x10000000u
#define KSEG0(pa) (0x80000000u | (pa))
#define KSEG1(pa) (0xa0000000u | (pa))
#define word_at(va) (*(volatile uint32_t *)(va))

unsigned tlb_size(void);
/* tlb_set - write entry @index; @mask as in PageMask.  Leaves EntryHi.ASID = @asid.  */
void tlb_set(unsigned index, uint32_t va, uint32_t asid, uint32_t mask, uint32_t lo0, uint32_t lo1);
/* tlb_clear - every entry invalid, at addresses of kseg0 that cannot match; Wired and PageMask 0.  */
void tlb_clear(void);

#endif
#endif
