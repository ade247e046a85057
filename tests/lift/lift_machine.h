/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A minimal machine for lifted units: one RAM bank in kseg0, one code page, a data window whose pages can be taken away,
 * engine entry points, and a driver that finishes with the interpreter whatever translated code leaves to it.  The same program
 * also runs in the interpreter alone; the two ends must be equal.
 */
#ifndef ATHANOR_TESTS_LIFT_MACHINE_H
#define ATHANOR_TESTS_LIFT_MACHINE_H

#include "isa/block.h"
#include "isa/cpu.h"
#include "pcmap/unit.h"
#include "sbt/lift.h"

#define LM_RAM_SIZE 0x40000u
#define LM_CODE 0x80010000u      /* the code page */
#define LM_DATA 0x80020000u      /* data: two pages programs use */
#define LM_USER 0x00020000u      /* LM_DATA as kuseg has it while Status.ERL is set: in the second window only */
#define LM_EXIT 0x80030000u      /* jumping anywhere outside the code page ends a run */

struct lm_stats {
	unsigned faults, hidden, recovered, polls, steps, misses, lifted_insns;
	unsigned overran;           /* times it came back with more executed than the budget had */
};

struct lm {
	struct cpu cpu;
	struct lm_stats stats;
	uint32_t *page;             /* guest code, in host order: set by the test, copied to RAM by lm_run */
	struct unit *units[64];
	unsigned nunits;
	unsigned inject;            /* per cent of faults that go to the recovery block; 0: no page is ever taken away */
	bool short_budgets;
	bool bmi2;                  /* lift for hosts that have it */
	uint32_t unit_flags;        /* of units lifted from now on; byte order is added */
	uint64_t seed;
};

uint32_t lm_random(struct lm *m);

/* lm_open - map everything; exits the test on failure.  One machine a process.  */
struct lm *lm_open(bool big_endian);

/* lm_lift - lift the run at word @word of the page and place it.  Returns lift_run's status.  */
enum status lm_lift(struct lm *m, struct lifter *l, unsigned word, const uint8_t *sites, struct err *e);
void lm_drop_units(struct lm *m);

/* lm_link - let direct jumps lead to the entry points there are, instead of leaving.  */
void lm_link(struct lm *m);

/* lm_compare - run the program from the registers in @start for at least @insns instructions both ways.
   Returns NULL if the ends are equal, else what differs (static text).  */
const char *lm_compare(struct lm *m, const struct cpu *start, unsigned insns);

#endif
