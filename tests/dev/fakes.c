/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the fakes of the device tests.  */
#include "tests/dev/fakes.h"

#include <check.h>
#include <string.h>

static uint64_t fake_now(void *opaque) { return ((struct fake_time *)opaque)->now; }
static void fake_sooner(void *opaque) { ((struct fake_time *)opaque)->sooner++; }

void fake_time_init(struct fake_time *t)
{
	*t = (struct fake_time){ 0 };
	clock_init(&t->clock, fake_now, fake_sooner, t);
}

void fake_time_pass(struct fake_time *t, uint64_t ns)
{
	uint64_t end = t->now + ns;

	while (clock_next_deadline(&t->clock) <= end) {
		uint64_t due = clock_next_deadline(&t->clock);

		if (due > t->now)
			t->now = due;
		clock_run_due(&t->clock);
	}
	t->now = end;
}

static void wire_set(void *opaque, unsigned line, bool level)
{
	struct fake_wire *w = opaque;

	w->calls++;
	w->line = line;
	w->rises += level && !w->level;
	w->level = level;
}

struct irq fake_wire(struct fake_wire *w)
{
	*w = (struct fake_wire){ 0 };
	return (struct irq){ wire_set, w, 0 };
}

static size_t serial_read(struct chardev *c, uint8_t *bytes, size_t n)
{
	struct fake_serial *s = (struct fake_serial *)c;
	size_t there = s->in_n - s->in_at;

	if (n > there)
		n = there;
	memcpy(bytes, s->in + s->in_at, n);
	s->in_at += n;
	return n;
}

static void serial_write(struct chardev *c, const uint8_t *bytes, size_t n)
{
	struct fake_serial *s = (struct fake_serial *)c;

	for (size_t i = 0; i < n; i++)
		s->out[s->out_n++ % sizeof s->out] = bytes[i];
}

static const struct chardev_ops serial_ops = { .name = "fake", .read = serial_read, .write = serial_write };

void fake_serial_init(struct fake_serial *s) { *s = (struct fake_serial){ .chardev = { .ops = &serial_ops } }; }

void fake_serial_type(struct fake_serial *s, const char *text)
{
	size_t n = strlen(text);

	ck_assert_uint_le(s->in_n + n, sizeof s->in);
	memcpy(s->in + s->in_n, text, n);
	s->in_n += n;
	chardev_input(&s->chardev);
}

static void nic_frame(struct nic *nic, const uint8_t *frame, size_t size)
{
	struct fake_nic *n = (struct fake_nic *)nic;

	memcpy(n->frame[n->n % FAKE_NIC_FRAMES], frame, size);
	n->size[n->n++ % FAKE_NIC_FRAMES] = size;
}

static void nic_room(struct nic *nic) { ((struct fake_nic *)nic)->ready++; }

static const struct nic_ops nic_ops = { .name = "fake", .send = nic_frame, .ready = nic_room };

void fake_nic_init(struct fake_nic *n) { *n = (struct fake_nic){ .nic.ops = &nic_ops }; }

static void rig_cpu_irq(void *opaque, unsigned line, bool level)
{
	struct rig *r = opaque;

	if (line >= ARRAY_LEN(r->cpu_line)) /* an assertion that holds writes to a file: too slow for what devices do all the time */
		ck_abort_msg("wire %u", line);
	r->cpu_rises[line] += level && !r->cpu_line[line];
	r->cpu_line[line] = level;
}

static void rig_request(void *opaque, enum board_request q)
{
	struct rig *r = opaque;

	if (q == BOARD_RESET)
		r->resets++;
	else
		r->poweroffs++;
}

void rig_init(struct rig *r, uint64_t ram, bool big_endian) { rig_init_board(r, &board_malta, ram, big_endian); }

void rig_init_board(struct rig *r, const struct board_ops *ops, uint64_t ram, bool big_endian)
{
	rig_init_flash(r, ops, ram, big_endian, NULL);
}

void rig_init_flash(struct rig *r, const struct board_ops *ops, uint64_t ram, bool big_endian, struct blockdev *pflash)
{
	struct board_cfg cfg = { .ram_size = ram, .big_endian = big_endian, .clock = &r->time.clock, .cpu_irq = { rig_cpu_irq, r, 0 },
		.request = rig_request, .opaque = r, .rtc_base = 1000000000, .pflash = pflash };
	struct err e = ERR_INIT;

	*r = (struct rig){ 0 };
	fake_time_init(&r->time);
	for (unsigned i = 0; i < RIG_SERIALS; i++) {
		fake_serial_init(&r->serial[i]);
		cfg.serial[i] = &r->serial[i].chardev;
	}
	for (unsigned i = 0; i < ops->nics; i++) {
		fake_nic_init(&r->nic[i]);
		cfg.nic[i] = &r->nic[i].nic;
	}
	ck_assert_msg(ops->create(&cfg, &r->board, &e) == ST_OK, "%s", e.text);
	r->map = r->board->map;
	r->malta = ops == &board_malta ? (struct malta *)r->board : NULL;
	r->pb1500 = ops == &board_pb1500 ? (struct pb1500 *)r->board : NULL;
	rig_reset(r, RESET_COLD);
}

void rig_reset(struct rig *r, enum reset_kind kind)
{
	struct board_boot boot = { .entry = 0x80100000 };
	struct board_entry entry;
	struct err e = ERR_INIT;

	r->board->ops->reset(r->board, kind);
	ck_assert_msg(r->board->ops->boot(r->board, &boot, &entry, &e) == ST_OK, "%s", e.text);
}

void rig_fini(struct rig *r) { r->board->ops->destroy(r->board); }

uint32_t rig_word(const struct rig *r, uint32_t va)
{
	ck_assert_uint_ge(va, 0x80000000);
	return mem_load(r->map, va & 0x1fffffff, 4);
}

const char *rig_string(const struct rig *r, uint32_t va)
{
	static char text[8][4200];
	static unsigned n;
	struct err e = ERR_INIT;
	char *t = text[n++ % 8];

	ck_assert_uint_ge(va, 0x80000000);
	ck_assert_int_eq(mem_read(r->map, va & 0x1fffffff, t, sizeof text[0], &e), ST_OK);
	return t;
}

uint8_t port_in(struct rig *r, uint32_t port) { return (uint8_t)mem_load(r->map, MALTA_PCI_IO + port, 1); }
void port_out(struct rig *r, uint32_t port, uint8_t val) { mem_store(r->map, MALTA_PCI_IO + port, 1, val); }
