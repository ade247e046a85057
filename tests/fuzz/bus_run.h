/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random accesses to a board: what the targets that do this share.  */
#ifndef ATHANOR_TESTS_FUZZ_BUS_RUN_H
#define ATHANOR_TESTS_FUZZ_BUS_RUN_H

#include "tests/dev/fakes.h"
#include "tests/fuzz/fuzz.h"

#define BUS_RAM (UINT64_C(1) << 20)

/* Where registers are; spans are a power of two so that an offset needs no division to be mutated.  */
struct bus_place { gpa base; uint32_t mask; };

struct bus_target {
	const struct board_ops *board;
	const struct bus_place *places;
	unsigned nplaces;
	gpa rom;             /* loaders may write there, bus masters not */
	uint64_t rom_size;
	void (*special)(struct rig *, struct fuzz_in *, bool write); /* an operation of this board */
	void (*alive)(struct rig *); /* after a reset: it is a machine as before */
};

void bus_run(const struct bus_target *t, const uint8_t *bytes, size_t size);

/* bus_load - one checked read, for special.  */
void bus_load(struct rig *r, gpa pa, unsigned width);

#endif
