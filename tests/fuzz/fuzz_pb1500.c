/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Pb1500 board on its bus: see bus_run.c.  Particular: matches set close to the counter, frames, and commands for the flash.  */
#include "tests/fuzz/bus_run.h"

#include <string.h>

static const struct bus_place places[] = {
	{ PB1500_SYS, 0x7f }, { PB1500_SYS, 0x1ff }, { PB1500_SYS + 0x44, 0x1f }, { PB1500_SYS, 0xfff },
	{ 0x10400000, 0x7f }, { 0x10400040, 0x3f }, { 0x11800040, 0x3f }, { 0x11800000, 0xfff },
	{ PB1500_UART0, 0x3f }, { PB1500_UART0 + 0x100, 0x03 }, { 0x11400000, 0x1ff }, { 0x11400000, 0xfff },
	{ PB1500_BCSR, 0x1f }, { 0x0f000000, 0x0f }, { 0x11000000, 0xffffff }, { 0x14000000, 0x7fff },
	{ 0x10000000, 0xffffff }, { 0x11700000, 0x1f }, { 0x16000000, 0x3fff }, { PB1500_FLASH, 0x3ffffff },
	{ PB1500_MONITOR, 0xfffff }, { 0x00000000, 0x1fffff }, { 0x00000000, 0x1fffffff }, { 0x0c000000, 0xff },
	{ 0x440000000, 0xfffffff }, { 0x500000000, 0xffff }, { 0x600000000, 0xffffff }, { 0x680000000, 0xffffff },
	{ 0xe1b000000, 0x3fffff }, { 0xf00000000, 0xffff }, { 0xf80000000, 0x3fffff }, { 0x1b000000, 0x3fffff },
	{ 0x10100000, 0x7f }, { 0x1017fff0, 0x0f }, { 0x14002000, 0x7ff },
	{ 0x11500000, 0x3f }, { 0x11510000, 0x3f }, { 0x11520000, 0x07 }, { 0x14004000, 0x3ff },
};

/* Random writes hardly ever unlock a chip.  Then somebody looks, in whatever mode the chips are.  */
static void flash_command(struct rig *r, struct fuzz_in *in, bool second)
{
	static const uint8_t commands[] = { 0x90, 0xa0, 0x80, 0x98 };
	gpa bank = PB1500_FLASH + (second ? PB1500_FLASH_SIZE / 2 : 0);
	uint32_t lanes = fuzz_take(in, 1) % 4 ? 0x00010001 : 1, command = commands[fuzz_take(in, 1) % ARRAY_LEN(commands)], all, look;

	if (command == 0x98) {
		mem_store(r->map, bank + 0x154, 4, command * lanes);
	} else {
		mem_store(r->map, bank + 0x1554, 4, 0xaa * lanes);
		mem_store(r->map, bank + 0xaa8, 4, 0x55 * lanes);
		mem_store(r->map, bank + 0x1554, 4, command * lanes);
	}
	if (command == 0x80) {
		all = fuzz_take(in, 1);
		mem_store(r->map, bank + 0x1554, 4, 0xaa * lanes);
		mem_store(r->map, bank + 0xaa8, 4, 0x55 * lanes);
		if (all == 0xff) /* seldom: it takes long */
			mem_store(r->map, bank + 0x1554, 4, 0x10 * lanes);
		else
			mem_store(r->map, bank + (fuzz_take(in, 4) & (PB1500_FLASH_SIZE / 2 - 4)), 4, 0x30 * lanes);
	}
	look = fuzz_take(in, 2);
	bus_load(r, bank + (look & 0x3fc), 4);
	bus_load(r, bank + (look & 0x3fe), 2);
	bus_load(r, bank + (look & 0x3ff), 1);
}

/* As a kernel sets its next tick: ahead of the counter, or too late.  */
static void next_tick(struct rig *r, struct fuzz_in *in, bool toy, uint32_t match_no)
{
	gpa sys = PB1500_SYS, match = sys + (toy ? 0x08 : 0x4c) + UINT64_C(4) * match_no, counter = sys + (toy ? 0x40 : 0x58);

	mem_store(r->map, match, 4, mem_load(r->map, counter, 4) + fuzz_take(in, 1) - 64);
}

/* A frame comes in, to whom and how long the input says; before it, maybe, the MAC is set up to take it.  */
static void frame(struct rig *r, struct fuzz_in *in)
{
	uint32_t what = fuzz_take(in, 1), mac = what & 1;
	uint8_t bytes[NIC_FRAME_MAX] = { 0 };
	const uint8_t *at;
	size_t n;

	if (what & 2) {
		mem_store(r->map, 0x11520000 + 4 * mac, 4, 0x33);
		mem_store(r->map, 0x11500000 + 0x10000 * mac, 4, 0x4000c | (what & 4 ? 0x200000 : 0)); /* promiscuous; in a loop */
		mem_store(r->map, 0x14004104 + 0x200 * mac + (what >> 4 & 3) * 0x10, 4, fuzz_take(in, 4) | 1);
	}
	if (what & 8) { /* taken by hash and with VLAN tags, or not */
		for (unsigned i = 0; i < 2; i++) {
			mem_store(r->map, 0x1150000c + 0x10000 * mac + 4 * i, 4, (fuzz_take(in, 1) & 1) - 1);
			mem_store(r->map, 0x11500020 + 0x10000 * mac + 4 * i, 4, fuzz_take(in, 2));
		}
		mem_store(r->map, 0x11500000 + 0x10000 * mac, 4, fuzz_take(in, 4) | 4);
	}
	at = fuzz_take_bytes(in, 14, &n);
	memcpy(bytes, at, n);
	nic_deliver(&r->nic[mac].nic, bytes, fuzz_take(in, 2) % (NIC_FRAME_MAX + 1));
}

/* The guest sends, from RAM or from anywhere; in a loop the frame comes back, to RAM or to anywhere.  */
static void transmit(struct rig *r, struct fuzz_in *in)
{
	uint32_t what = fuzz_take(in, 1), mac = what & 1;
	gpa dma = 0x14004000 + 0x200 * mac;

	mem_store(r->map, 0x11520000 + 4 * mac, 4, 0x33);
	mem_store(r->map, 0x11500000 + 0x10000 * mac, 4, 0x4000c | (what & 2 ? 0x200000 : 0));
	if (what & 4)
		for (unsigned i = 0; i < 4; i++)
			mem_store(r->map, dma + 0x104 + i * 0x10, 4, (fuzz_take(in, 2) << (what & 8 ? 16 : 4)) | 1);
	for (unsigned i = 0; i < 4; i++) {
		mem_store(r->map, dma + i * 0x10 + 8, 4, fuzz_take(in, 2));
		mem_store(r->map, dma + i * 0x10 + 4, 4, (fuzz_take(in, 2) << (what & 16 ? 16 : 4)) | 1);
	}
}

/* A register of a transceiver, written or read: mostly of the one that is there.  */
static void transceiver(struct rig *r, struct fuzz_in *in)
{
	uint32_t what = fuzz_take(in, 1), mac = what & 1, phy = what & 0xf8 ? AU1000_MAC_PHY : fuzz_take(in, 1) & 31;
	gpa regs = 0x11500000 + 0x10000 * mac;

	mem_store(r->map, 0x11520000 + 4 * mac, 4, 0x33);
	mem_store(r->map, regs + 0x18, 4, fuzz_take(in, 2));
	mem_store(r->map, regs + 0x14, 4, phy << 11 | (fuzz_take(in, 1) & 31) << 6 | (what & 2));
	bus_load(r, regs + 0x18, 4);
}

/* A word, unlocked and programmed.  */
static void program(struct rig *r, struct fuzz_in *in, bool second)
{
	gpa bank = PB1500_FLASH + (second ? PB1500_FLASH_SIZE / 2 : 0), at = bank + (fuzz_take(in, 3) & ~3u);
	uint32_t value = fuzz_take(in, 4), old;

	mem_store(r->map, bank + 0x1554, 4, 0xf000f0);
	old = mem_load(r->map, at, 4);
	mem_store(r->map, bank + 0x1554, 4, 0xaa00aa);
	mem_store(r->map, bank + 0xaa8, 4, 0x550055);
	mem_store(r->map, bank + 0x1554, 4, 0xa000a0);
	mem_store(r->map, at, 4, value);
	FUZZ_CHECK(mem_load(r->map, at, 4) == (old & value));
}

static void particular(struct rig *r, struct fuzz_in *in, bool network)
{
	uint32_t what;

	if (network) {
		what = fuzz_take(in, 1);
		if (what & 0x80)
			transmit(r, in);
		else if (what & 0x40)
			transceiver(r, in);
		else
			frame(r, in);
		return;
	}
	what = fuzz_take(in, 1);
	if (what < 0xa0)
		next_tick(r, in, what & 1, what % 3);
	else if (what < 0xd0)
		program(r, in, what & 1);
	else
		flash_command(r, in, what & 1);
}

static void still_a_machine(struct rig *r)
{
	uint32_t seconds = 1000000000u + (uint32_t)(r->time.now / NS_PER_S);

	r->serial[0].out_n = 0;
	mem_store(r->map, PB1500_UART0 + 4, 4, '!');
	FUZZ_CHECK(r->serial[0].out_n == 1);
	FUZZ_CHECK(mem_load(r->map, PB1500_BCSR, 2) >> 8 == 1);
	FUZZ_CHECK(mem_load(r->map, PB1500_SYS + 0x40, 4) == seconds);
	FUZZ_CHECK((mem_load(r->map, PB1500_SYS + 0x14, 4) & 0x120) == 0x120);
}

void fuzz_pb1500(const uint8_t *bytes, size_t size)
{
	static const struct bus_target pb1500 = { &board_pb1500, places, ARRAY_LEN(places), PB1500_FLASH, PB1500_FLASH_SIZE, particular,
						  still_a_machine };

	bus_run(&pb1500, bytes, size);
}
