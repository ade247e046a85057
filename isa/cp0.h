/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between the files of isa/ that keep CP0 state; no one else needs it.
 */
#ifndef ATHANOR_ISA_CP0_H
#define ATHANOR_ISA_CP0_H

#include "isa/cpu.h"

#define CAUSE_DC     0x08000000u
#define INTCTL_VS    0x000003e0u
#define CONFIG3_VINT 0x00000020u
#define CONFIG_BE    0x00008000u
#define WATCHHI_M    0x80000000u
#define WATCHHI_RW   0x40ff0ff8u /* G, ASID, Mask */
#define ENTRYLO_RW(m) ((m)->pa_bits > 32 ? 0x3fffffffu : 0x03ffffffu)

/* Reset values of every row; Count and the timer start over.  */
void cp0_reset(struct cpu *c);

/* The pending timer interrupt and the hardware inputs, as Cause shows them.  */
void cp0_update_irq(struct cpu *c);

/* Mode or address space may differ from now on.  */
void cpu_mode_changed(struct cpu *c);

/* What an IF_ENGINE row does.  Whoever calls goes on behind the instruction (or at the branch target) unless pc was set.  */
enum system_next { SYSTEM_GO_ON, SYSTEM_PC_SET, SYSTEM_RAISED };
enum system_next system_insn(struct cpu *c, const struct insn *i, bool in_slot);

#endif
