/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A small machine for comparing template code with the interpreter: two processors with their own 64 KiB of RAM, one of them
 * also behind data windows, a code cache and a mirror.  No engine: code is placed, linked and left by this file.
 */
#ifndef ATHANOR_TESTS_EMIT_MACHINE_H
#define ATHANOR_TESTS_EMIT_MACHINE_H

#include "emit/template.h"
#include "isa/cpu.h"

#define MACHINE_RAM 0x10000u
#define MACHINE_CODE 0x4000u          /* physical address of the page of guest code */
#define MACHINE_DATA 0x8000u          /* data up to the end of RAM */
#define MACHINE_PAGE 0x80004000u      /* where the code runs: kseg0 */

struct machine;

/* Maps everything; a machine exists once in a process.  */
struct machine *machine_create(bool big_endian);

struct cpu *machine_cpu(struct machine *m);  /* runs template code */
uint8_t *machine_ram(struct machine *m);     /* of machine_cpu; what is written here is not seen by the other */

/* Same memory and same registers in both; forgets cached translations.  */
void machine_sync(struct machine *m);
/* The first difference in words, or NULL.  */
const char *machine_difference(struct machine *m);

/* Write guest code, in host order, into both memories, and forget all translations.  */
void machine_load(struct machine *m, const insn_word *page);

/* Place a unit for MACHINE_PAGE, moving it by the difference to u->page; later units take over entry points.  @link: connect
   direct jumps to entry points that exist now.  */
void machine_place(struct machine *m, const struct unit *u, bool link);

/* Chance in 256 of interpreting where there is an entry point, and of not going back behind a stepped instruction.  */
void machine_noise(struct machine *m, uint64_t seed, unsigned interpret, unsigned leave);

/* Run template code until @budget instructions have run, control leaves the page, or code is overwritten (which *@dirty
   reports).  Returns the instructions executed.  */
uint32_t machine_run(struct machine *m, int32_t budget, bool *dirty);
/* The interpreter runs exactly @n instructions; false: @n ends in the middle of a step.  */
bool machine_run_ref(struct machine *m, uint32_t n);

struct machine_counts { uint64_t template_insns, interp_insns, faults, steps, misses; };
const struct machine_counts *machine_counts(const struct machine *m);

#endif
