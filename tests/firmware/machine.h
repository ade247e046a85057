/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole boot monitor, interpreted, on the emulator's board: what a test puts around it (a disk, a wire, flash, keys) is as hostile as
 * the test wants.  Guest time is the number of instructions, and passes fast, so that time-outs are short.
 */
#ifndef ATHANOR_TESTS_FIRMWARE_MACHINE_H
#define ATHANOR_TESTS_FIRMWARE_MACHINE_H

#include "base/elf32.h"
#include "isa/cpu.h"
#include "tests/dev/fakes.h"

#define MACHINE_RAM (UINT64_C(2) << 20)
#define MACHINE_NS_LOG2 12u /* of an instruction */

struct machine {
	struct rig rig;
	struct cpu cpu;
	struct elf32 *elf;
	uint32_t text, text_end;
	uint64_t insns;
	char said[16384];        /* on the console, without CR; the end of it, if it is more */
	size_t nsaid;
	const char *keys;        /* still to be typed; borrowed */
	size_t nkeys;
	void (*around)(struct machine *); /* between two runs, often: what the outside does by itself; NULL: nothing */
};

/* machine_open - a board with the monitor in its flash, before its first instruction.  False: there is no monitor.  */
bool machine_open(struct machine *m);
void machine_close(struct machine *m);

/* machine_says - @line is typed at the prompt: what the monitor said to it, with the next prompt; NULL: no prompt came
   in time, something else than the monitor runs, or it wants a reset of the board.  */
const char *machine_says(struct machine *m, const char *line);

#endif
