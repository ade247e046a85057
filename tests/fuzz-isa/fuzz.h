/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Differential fuzzing at system level: programs, the guest image that runs many of them, and what is known about each.
 *
 * A program is a small bare-metal case: registers, CP0, TLB, page table, code, and what its exception handler does each time.  It
 * lives in a slot of guest RAM; a driver in the image runs slot after slot and leaves a record of each: all registers and all of
 * CP0 at every exception, and the TLB at the end.  The same image runs in every engine and under qemu-system-mips*.
 */
#ifndef ATHANOR_TESTS_FUZZ_ISA_FUZZ_H
#define ATHANOR_TESTS_FUZZ_ISA_FUZZ_H

#include "isa/cpu.h"
#include "tests/emit/guestcode.h"

/* --- guest RAM --- */
#define IMAGE_RAM 0x1000000u
#define IMAGE_ROM 0x10000u
#define IMAGE_LIST 0x80030000u      /* addresses of the slots to run, in order; 0 ends */
#define IMAGE_SLOTS 0x80400000u
#define SLOT_SIZE 0x8000u
#define SLOTS 250u
#define slot_address(slot) (IMAGE_SLOTS + (slot) * SLOT_SIZE)

/* In a slot.  The first page is what the driver starts from.  */
#define SLOT_GPR 0x000u             /* 32 words, HI, LO */
#define SLOT_CP0 0x088u             /* enum setup */
#define SLOT_TLB 0x100u             /* 16 entries: EntryHi, PageMask, EntryLo0, EntryLo1 */
#define slot_tlb_none(i) (0x80000000u + 0x2000u * (i)) /* of entries that are not used */
#define SLOT_PTE 0x200u             /* 2 address spaces, 16 pairs */
#define SLOT_RESUME 0x300u
#define SLOT_LOG 0x1000u
#define SLOT_END 0x2c00u            /* state at the end: enum end, then the TLB as TLBR shows it */
#define SLOT_TLB_END 0x2d00u
#define SLOT_CODE 0x3000u           /* two pages */
#define SLOT_DATA 0x5000u           /* three */
#define DATA_SIZE 0x3000u
#define CODE_WORDS_MAX 2048u        /* of the two pages */

enum setup { SET_STATUS, SET_CAUSE, SET_ENTRYHI, SET_CONTEXT, SET_PAGEMASK, SET_WIRED, SET_INDEX, SET_LO0, SET_LO1, SET_HWRENA, SET_EBASE,
	     SET_ERROREPC, SET_START, SET_END, SET_FLAGS, SET_LEFT, SET_TIMER, SETUP_WORDS };

/* A log record: the registers (k0, k1 are the handler's: 0), HI, LO, then CP0.  */
enum log { LOG_HI = 32, LOG_LO, LOG_CAUSE, LOG_EPC, LOG_BADVADDR, LOG_STATUS, LOG_ENTRYHI, LOG_CONTEXT, LOG_INDEX, LOG_LO0, LOG_LO1,
	   LOG_PAGEMASK, LOG_WIRED, LOG_ERROREPC, LOG_HWRENA, LOG_EBASE, LOG_WORDS };
enum end { END_LOG_AT, END_REFILLS, END_REFILL_HASH, END_DONE, END_WORDS };

#define EXCEPTIONS_MAX 24u          /* handled by a program's handler; the next one ends it, as does the final SYSCALL */
#define PROGRAM_WORDS 240u
#define PROGRAM_INSNS_MAX 4000u
#define TLB_SET 8u                  /* entries a program sets up; the refill handler uses the rest */
#define PTE_PAIRS 16u

/* --- programs --- */
enum fuzz_flag {
	FUZZ_RANDOM = 1u << 0,      /* refills with TLBWR: when they come depends on the implementation */
	FUZZ_OURS = 1u << 1,        /* meets what the manual leaves open: not for QEMU */
	FUZZ_ASYNC = 1u << 2,       /* the engines get interrupts at random points, its handler hides them */
	FUZZ_TIMER = 1u << 3,       /* Count reaches Compare meanwhile, likewise hidden */
};

/* What the handler does next; anything else is an address to go on at, with one of RESUME_USER, RESUME_KERNEL, or neither.  */
#define RESUME_SKIP 0u
#define RESUME_FIX 4u               /* make the TLB entry that failed valid and dirty, and try again */
#define RESUME_USER 1u
#define RESUME_KERNEL 2u

struct program {
	uint64_t seed;              /* of the data; generated programs: of everything */
	uint32_t flags;
	unsigned slot;
	gva base;                   /* where the first of the code pages is seen */
	unsigned first, nwords;     /* words of the code pages */
	insn_word code[PROGRAM_WORDS];
	uint32_t gpr[32], hi, lo;
	uint32_t cp0[SETUP_WORDS];
	uint32_t tlb[TLB_SET][4];
	uint32_t pte[2][PTE_PAIRS][2];
	uint32_t resume[EXCEPTIONS_MAX];
	uint32_t irq[4];            /* FUZZ_ASYNC: instructions after the start of the program; ascending, 0: none */
};

/* One of the reserved encodings that programs for QEMU may have.  */
bool program_reserved(insn_word w);

/* --- the guest image --- */
struct image {
	bool big_endian;
	uint8_t *ram, *rom;         /* IMAGE_RAM bytes; IMAGE_ROM */
};

void image_create(struct image *m, bool big_endian);
void image_destroy(struct image *m);
uint32_t image_get(const struct image *m, gva kseg0);
void image_put(struct image *m, gva kseg0, uint32_t word);
/* Write @p into its slot, all of it.  */
void image_place(struct image *m, const struct program *p);
void image_list(struct image *m, const struct program *p, unsigned n);
/* Does the driver or a handler stand there?  */
bool image_is_monitor(gva pc);
/* Is it where an exception leads?  */
bool image_is_vector(gva pc);

/* What a store to it tells the outside.  */
#define PORT_STOP 0x1f000000u
#define PORT_DONE 0x1f000010u       /* a program begins, or has ended */
#define RANDOM_START 0xace1u        /* of what is behind Random, at the start of each program: no instruction sets it */
#define PORT_SOFTRES 0x1f000500u    /* Malta: resets the board, which ends QEMU */

#endif
