/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A whole board on its bus, with time, serial lines and wires of the test's.  The input is a sequence of operations: accesses of
 * any width to any register of any device, what is particular to the board, passing of time, console input, bytes written by a bus
 * master, resets.
 * Invariants: a value fits its width; no timer is left behind in the past; timers fire at a bounded rate; a reset brings everything back.
 */
#include "tests/fuzz/bus_run.h"

#include <stdlib.h>
#include <string.h>

#define OPERATIONS_MAX 512u
#define PASS_MAX_NS UINT64_C(10000000)
/* The 8254's ten microseconds and what the other timers can do in PASS_MAX_NS.  */
#define FIRES_MAX 1600u

static gpa address(const struct bus_target *t, struct fuzz_in *in, unsigned width)
{
	const struct bus_place *p = &t->places[fuzz_take(in, 1) % t->nplaces];
	uint32_t off = fuzz_take(in, p->mask > 0xffff ? 4 : p->mask > 0xff ? 2 : 1) & p->mask;

	return (p->base + off) & ~(gpa)(width - 1);
}

void bus_load(struct rig *r, gpa pa, unsigned width)
{
	uint32_t v = mem_load(r->map, pa, width);

	FUZZ_CHECK(width == 4 || v >> (8 * width) == 0);
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

static void master(const struct bus_target *t, struct rig *r, struct fuzz_in *in, unsigned what)
{
	uint8_t bytes[64] = { 0 };
	gpa pa = address(t, in, 1);
	uint64_t n = fuzz_take(in, 1);
	struct err e = ERR_INIT;
	enum status s;

	if (what != 1 && pa - t->rom < t->rom_size)
		return; /* loaders may write there, bus masters not */
	if (what == 0)
		s = mem_write(r->map, pa, bytes, n % sizeof bytes, &e);
	else if (what == 1)
		s = mem_read(r->map, pa, bytes, n % sizeof bytes, &e);
	else
		s = mem_fill(r->map, pa, 0xa5, n << 12, &e);
	FUZZ_CHECK(s == ST_OK || e.text[0]);
	FUZZ_CHECK(mem_is_ram(r->map, pa, 1) == (pa < BUS_RAM));
}

static void operate(const struct bus_target *t, struct rig *r, struct fuzz_in *in)
{
	uint32_t op = fuzz_take(in, 1);
	unsigned width = 1u << (op >> 4 & 3) % 3;
	gpa pa;

	switch (op & 15) {
	case 0: case 1: case 2: case 3:
		bus_load(r, address(t, in, width), width);
		break;
	case 4: case 5: case 6: case 7:
		pa = address(t, in, width);
		mem_store(r->map, pa, width, fuzz_take(in, width));
		break;
	case 8: case 9:
		t->special(r, in, op & 1);
		break;
	case 10:
		pass(r, ((uint64_t)fuzz_take(in, 2) << (op >> 4 & 7)) % PASS_MAX_NS);
		break;
	case 11:
		jump(r, (uint64_t)fuzz_take(in, 2) << (op >> 4) * 3);
		break;
	case 12:
		type(&r->serial[(op >> 4) % RIG_SERIALS], in);
		break;
	case 13:
		chardev_break(&r->serial[(op >> 4) % RIG_SERIALS].chardev);
		break;
	case 14:
		master(t, r, in, (op >> 4) % 3);
		break;
	default:
		rig_reset(r, op & 16 ? RESET_WARM : RESET_COLD);
		break;
	}
}

/* The file behind the flash: erased, which costs time but no memory, and not always in a mood to be written.  */
struct flash_file { struct blockdev blockdev; bool fails; };

static enum status erased(struct blockdev *b, uint64_t at, void *bytes, size_t n, struct err *e)
{
	FUZZ_CHECK(at <= b->size && n <= b->size - at && !e->text[0]);
	memset(bytes, 0xff, n);
	return ST_OK;
}

static enum status forget(struct blockdev *b, uint64_t at, const void *bytes, size_t n, struct err *e)
{
	(void)bytes;
	FUZZ_CHECK(at <= b->size && n <= b->size - at && !e->text[0]);
	return ((struct flash_file *)b)->fails ? err_set(e, ST_HOST, "the host is full") : ST_OK;
}

static enum status keep(struct blockdev *b, struct err *e)
{
	return ((struct flash_file *)b)->fails ? err_set(e, ST_HOST, "the host has failed") : ST_OK;
}

/* The first byte: big-endian; a file behind the flash, where there is one; it cannot be written.  */
void bus_run(const struct bus_target *t, const uint8_t *bytes, size_t size)
{
	static const struct blockdev_ops flash_ops = { .name = "erased", .read = erased, .write = forget, .flush = keep };
	struct flash_file flash = { .blockdev = { .ops = &flash_ops, .name = "erased", .size = t->board->pflash_size } };
	struct fuzz_in in = { bytes, size };
	uint32_t how = fuzz_take(&in, 1);
	static struct rig r;

	flash.fails = how & 4;
	rig_init_flash(&r, t->board, BUS_RAM, how & 1, flash.blockdev.size && (how & 2) ? &flash.blockdev : NULL);
	for (unsigned i = 0; i < OPERATIONS_MAX && in.left; i++)
		operate(t, &r, &in);
	rig_reset(&r, RESET_COLD);
	for (unsigned i = 0; i < ARRAY_LEN(r.cpu_line); i++)
		FUZZ_CHECK(!r.cpu_line[i]);
	t->alive(&r);
	rig_fini(&r);
}
