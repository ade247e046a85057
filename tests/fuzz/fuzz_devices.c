/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole Malta board on its bus, with time, serial lines and wires of the test's.  The input is a sequence of operations: accesses of
 * any width to any register of any device, PCI configuration, passing of time, console input, bytes written by a bus master, resets.
 * Invariants: a value fits its width; no timer is left behind in the past; timers fire at a bounded rate; a reset brings everything back.
 */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "tests/dev/fakes.h"

#define OPERATIONS_MAX 512u
#define PASS_MAX_NS UINT64_C(10000000)
/* The 8254's ten microseconds and what the other timers can do in PASS_MAX_NS.  */
#define FIRES_MAX 1600u
#define RAM (UINT64_C(1) << 20)
#define IO 0x18000000u /* I/O ports, where the boot code puts them */

/* Where registers are; spans are a power of two so that an offset needs no division to be mutated.  */
static const struct place { uint32_t base, mask; } places[] = {
	{ IO + 0x000, 0x0f }, { IO + 0x020, 0x01 }, { IO + 0x040, 0x03 }, { IO + 0x060, 0x07 },
	{ IO + 0x070, 0x01 }, { IO + 0x080, 0x0f }, { IO + 0x0a0, 0x01 }, { IO + 0x0b0, 0x03 },
	{ IO + 0x0c0, 0x1f }, { IO + 0x2f8, 0x07 }, { IO + 0x3f8, 0x07 }, { IO + 0x4d0, 0x01 },
	{ IO + 0xcf8, 0x07 }, { IO + 0x1000, 0x3f }, { IO + 0x1100, 0x0f }, { IO + 0x1000, 0xfff },
	{ 0x1be00000, 0xfff }, { 0x1be00c00, 0xff }, { 0x1be00000, 0xff }, { 0x14000000, 0xfff },
	{ 0x1f000000, 0xfff }, { 0x1f000500, 0x3f }, { 0x1f000900, 0x3f }, { 0x1f000b00, 0x3f },
	{ 0x1e000000, 0x3fffff }, { 0x1fc00000, 0x3fffff }, { 0x10000000, 0xfffffff }, { 0x18000000, 0x1fffff },
	{ 0x00000000, 0x1fffff }, { 0x80000000, 0x1fffff }, { 0x20000000, 0xffffff }, { 0xfffff000, 0xfff },
};

static gpa address(struct fuzz_in *in, unsigned width)
{
	const struct place *p = &places[fuzz_take(in, 1) % ARRAY_LEN(places)];
	uint32_t off = fuzz_take(in, p->mask > 0xffff ? 4 : p->mask > 0xff ? 2 : 1) & p->mask;

	return (p->base + off) & ~(gpa)(width - 1);
}

static void load(struct rig *r, gpa pa, unsigned width)
{
	uint32_t v = mem_load(r->map, pa, width);

	FUZZ_CHECK(width == 4 || v >> (8 * width) == 0);
}

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
		load(r, MALTA_GT + 0xcfc + (reg & 3), width);
}

/* Timers fire at the moments they are due.  */
static void pass(struct rig *r, uint64_t ns)
{
	uint64_t end = r->time.now + ns;
	unsigned fires = 0;

	while (clock_next_deadline(&r->time.clock) <= end) {
		uint64_t due = clock_next_deadline(&r->time.clock);

		FUZZ_CHECK(++fires < FIRES_MAX);
		if (due > r->time.now)
			r->time.now = due;
		clock_run_due(&r->time.clock);
		FUZZ_CHECK(clock_next_deadline(&r->time.clock) > r->time.now);
	}
	r->time.now = end;
}

/* The host slept: one look at the timers finds all of them late.  */
static void jump(struct rig *r, uint64_t ns)
{
	r->time.now += ns;
	clock_run_due(&r->time.clock);
	FUZZ_CHECK(clock_next_deadline(&r->time.clock) > r->time.now);
}

static void type(struct fake_serial *s, struct fuzz_in *in)
{
	size_t got, room;
	const uint8_t *at;

	memmove(s->in, s->in + s->in_at, s->in_n - s->in_at);
	s->in_n -= s->in_at;
	s->in_at = 0;
	room = sizeof s->in - s->in_n;
	at = fuzz_take_bytes(in, fuzz_take(in, 1) % (room + 1), &got);
	memcpy(s->in + s->in_n, at, got);
	s->in_n += got;
	chardev_input(&s->chardev);
}

static void master(struct rig *r, struct fuzz_in *in, unsigned what)
{
	uint8_t bytes[64] = { 0 };
	gpa pa = address(in, 1);
	uint64_t n = fuzz_take(in, 1);
	struct err e = ERR_INIT;
	enum status s;

	if (what != 1 && pa - MALTA_ROM < MALTA_ROM_SIZE)
		return; /* loaders may write there, bus masters not */
	if (what == 0)
		s = mem_write(r->map, pa, bytes, n % sizeof bytes, &e);
	else if (what == 1)
		s = mem_read(r->map, pa, bytes, n % sizeof bytes, &e);
	else
		s = mem_fill(r->map, pa, 0xa5, n << 12, &e);
	FUZZ_CHECK(s == ST_OK || e.text[0]);
	FUZZ_CHECK(mem_is_ram(r->map, pa, 1) == (pa < RAM));
}

static void operate(struct rig *r, struct fuzz_in *in)
{
	uint32_t op = fuzz_take(in, 1);
	unsigned width = 1u << (op >> 4 & 3) % 3;
	gpa pa;

	switch (op & 15) {
	case 0: case 1: case 2: case 3:
		load(r, address(in, width), width);
		break;
	case 4: case 5: case 6: case 7:
		pa = address(in, width);
		mem_store(r->map, pa, width, fuzz_take(in, width));
		break;
	case 8: case 9:
		configuration(r, in, op & 1);
		break;
	case 10:
		pass(r, ((uint64_t)fuzz_take(in, 2) << (op >> 4 & 7)) % PASS_MAX_NS);
		break;
	case 11:
		jump(r, (uint64_t)fuzz_take(in, 2) << (op >> 4) * 3);
		break;
	case 12:
		type(&r->serial[(op >> 4) % MALTA_SERIALS], in);
		break;
	case 13:
		chardev_break(&r->serial[(op >> 4) % MALTA_SERIALS].chardev);
		break;
	case 14:
		master(r, in, (op >> 4) % 3);
		break;
	default:
		rig_reset(r, op & 16 ? RESET_WARM : RESET_COLD);
		break;
	}
}

static void still_a_machine(struct rig *r)
{
	rig_reset(r, RESET_COLD);
	for (unsigned i = 0; i < ARRAY_LEN(r->cpu_line); i++)
		FUZZ_CHECK(!r->cpu_line[i]);
	r->serial[0].out_n = 0;
	port_out(r, 0x3f8, '!');
	FUZZ_CHECK(r->serial[0].out_n == 1);
	FUZZ_CHECK(mem_load(r->map, 0x1fc00010, 4) == 0x420);
	port_out(r, 0x70, 0x0d);
	FUZZ_CHECK(port_in(r, 0x71) == 0x80);
}

void fuzz_devices(const uint8_t *bytes, size_t size)
{
	struct fuzz_in in = { bytes, size };
	static struct rig r;

	rig_init(&r, RAM, fuzz_take(&in, 1) & 1);
	for (unsigned i = 0; i < OPERATIONS_MAX && in.left; i++)
		operate(&r, &in);
	still_a_machine(&r);
	rig_fini(&r);
}
