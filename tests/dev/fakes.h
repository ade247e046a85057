/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Surroundings of a device under test: time that stands still until told, a serial line in memory, wires that remember.  */
#ifndef ATHANOR_TESTS_DEV_FAKES_H
#define ATHANOR_TESTS_DEV_FAKES_H

#include "dbt-runtime/board/malta.h"
#include "dbt-runtime/board/pb1500.h"

struct fake_time {
	uint64_t now;
	unsigned sooner;  /* how often an earlier deadline was announced */
	struct clock clock;
};

void fake_time_init(struct fake_time *t);
/* Let time pass, firing timers at the moments they are due.  */
void fake_time_pass(struct fake_time *t, uint64_t ns);

struct fake_wire {
	bool level;
	unsigned rises, calls, line;
};

struct irq fake_wire(struct fake_wire *w);

struct fake_serial {
	struct chardev chardev;
	uint8_t in[256], out[256];
	size_t in_n, in_at, out_n;
};

void fake_serial_init(struct fake_serial *s);
void fake_serial_type(struct fake_serial *s, const char *text); /* and tell the device */

/* The other end of a network cable: keeps the last frames sent.  */
#define FAKE_NIC_FRAMES 8u
struct fake_nic {
	struct nic nic;
	uint8_t frame[FAKE_NIC_FRAMES][NIC_FRAME_MAX];
	size_t size[FAKE_NIC_FRAMES], n;
	unsigned ready;   /* how often the device said that it has room */
};

void fake_nic_init(struct fake_nic *n);

/* A whole board; every access goes through its memory map, as the processor's do.  */
#define RIG_SERIALS 3u
struct rig {
	struct fake_time time;
	struct fake_serial serial[RIG_SERIALS];
	struct fake_nic nic[BOARD_NICS_MAX];
	bool cpu_line[6];
	unsigned cpu_rises[6];
	unsigned resets, poweroffs;
	struct board *board;
	struct mem_map *map;
	struct malta *malta;    /* the board, if it is this one */
	struct pb1500 *pb1500;
};

void rig_init(struct rig *r, uint64_t ram, bool big_endian); /* a Malta with the windows where the boot code leaves them */
void rig_init_board(struct rig *r, const struct board_ops *ops, uint64_t ram, bool big_endian);
void rig_init_flash(struct rig *r, const struct board_ops *ops, uint64_t ram, bool big_endian, struct blockdev *pflash);
void rig_reset(struct rig *r, enum reset_kind kind);         /* and what the boot code does after it */
void rig_fini(struct rig *r);

/* What a kernel finds at @va, an address in kseg0: a word, or a string, of which the last eight stay valid.  */
uint32_t rig_word(const struct rig *r, uint32_t va);
const char *rig_string(const struct rig *r, uint32_t va);

/* Ports of a Malta.  */
uint8_t port_in(struct rig *r, uint32_t port);
void port_out(struct rig *r, uint32_t port, uint8_t val);

#endif
