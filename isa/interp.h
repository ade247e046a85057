/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reference interpreter: one step is one instruction, or one branch with its delay slot.
 * It states nothing of its own: meaning comes from mips32.sem.inc through value primitives.
 */
#ifndef ATHANOR_ISA_INTERP_H
#define ATHANOR_ISA_INTERP_H

#include "isa/cpu.h"

/**
 * interp_step - execute one step at c->pc
 * Returns the number of instructions executed (1, or 2 for a branch whose slot ran; an instruction that raised an
 * exception counts as executed).  Does not touch c->budget.  Interrupts are not polled.
 * On return c->pc is the next instruction (a vector, if an exception was raised).
 */
unsigned interp_step(struct cpu *c);

/* interp_flush - forget cached translations and decoded instructions: after TLB, mode or code changes.
   The interpreter calls it itself for what the guest does; the engine for what it does.  */
void interp_flush(struct cpu *c);

#endif
