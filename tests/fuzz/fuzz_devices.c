/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A Malta board on its bus: see bus_run.c.  Particular: PCI configuration.  */
#include "tests/fuzz/bus_run.h"

#define IO 0x18000000u /* I/O ports, where the boot code puts them */

static const struct bus_place places[] = {
	{ IO + 0x000, 0x0f }, { IO + 0x020, 0x01 }, { IO + 0x040, 0x03 }, { IO + 0x060, 0x07 },
	{ IO + 0x070, 0x01 }, { IO + 0x080, 0x0f }, { IO + 0x0a0, 0x01 }, { IO + 0x0b0, 0x03 },
	{ IO + 0x0c0, 0x1f }, { IO + 0x2f8, 0x07 }, { IO + 0x3f8, 0x07 }, { IO + 0x4d0, 0x01 },
	{ IO + 0xcf8, 0x07 }, { IO + 0x1000, 0x3f }, { IO + 0x1100, 0x0f }, { IO + 0x1000, 0xfff },
	{ 0x1be00000, 0xfff }, { 0x1be00c00, 0xff }, { 0x1be00000, 0xff }, { 0x14000000, 0xfff },
	{ 0x1f000000, 0xfff }, { 0x1f000500, 0x3f }, { 0x1f000900, 0x3f }, { 0x1f000b00, 0x3f },
	{ 0x1e000000, 0x3fffff }, { 0x1fc00000, 0x3fffff }, { 0x10000000, 0xfffffff }, { 0x18000000, 0x1fffff },
	{ 0x00000000, 0x1fffff }, { 0x80000000, 0x1fffff }, { 0x20000000, 0xffffff }, { 0xfffff000, 0xfff },
};

/* A configuration cycle of the bridge or of one of the PIIX4's functions, or of nothing.  */
static void configuration(struct rig *r, struct fuzz_in *in, bool write)
{
	static const uint8_t devfn[] = { 0, 80, 81, 82, 83, 84, 8, 255 };
	uint32_t fn = devfn[fuzz_take(in, 1) % ARRAY_LEN(devfn)], reg = fuzz_take(in, 1), width = 1u << reg % 3;

	reg = fuzz_take(in, 1) & ~(width - 1);
	mem_store(r->map, MALTA_GT + 0xcf8, 4, 0x80000000u | fn << 8 | (reg & 0xfc));
	if (write)
		mem_store(r->map, MALTA_GT + 0xcfc + (reg & 3), width, fuzz_take(in, width));
	else
		bus_load(r, MALTA_GT + 0xcfc + (reg & 3), width);
}

static void still_a_machine(struct rig *r)
{
	r->serial[0].out_n = 0;
	port_out(r, 0x3f8, '!');
	FUZZ_CHECK(r->serial[0].out_n == 1);
	FUZZ_CHECK(mem_load(r->map, 0x1fc00010, 4) == 0x420);
	port_out(r, 0x70, 0x0d);
	FUZZ_CHECK(port_in(r, 0x71) == 0x80);
}

void fuzz_devices(const uint8_t *bytes, size_t size)
{
	static const struct bus_target malta = { &board_malta, places, ARRAY_LEN(places), 0x1fc00000, 0x400000, configuration, still_a_machine };

	bus_run(&malta, bytes, size);
}
