/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A virtio block device with a driver that does anything: registers, rings and buffers of its choice, in any order, and a host that may
 * fail.  Invariants: the wire is high exactly while an interrupt is pending; nothing is served unless the driver is ready; a read-only
 * image stays as it is; what is left to do is done as soon as time passes; after a reset it is a disk as before.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tests/dev/virtio_driver.h"

#define OPERATIONS_MAX 256u

static const uint16_t registers[] = {
	R_STATUS, R_STATUS, R_READY, R_READY, R_NOTIFY, R_NOTIFY, R_ACK, R_NUM, R_QUEUE, R_DESC, R_DESC + 4, R_AVAIL, R_AVAIL + 4, R_USED,
	R_USED + 4, R_ACCEPTED, R_ACCEPTED_SEL, R_OFFERED_SEL, R_CONFIG, R_INTERRUPT, R_MAGIC,
};

/* Mostly in RAM.  */
static uint64_t address(struct fuzz_in *in)
{
	uint32_t a = fuzz_take(in, 2), kind = fuzz_take(in, 1);

	if (kind < 240)
		return RIG_RAM_BASE + a;
	return kind < 250 ? a : (uint64_t)kind << 32 | a;
}

static void operate(struct virtio_rig *r, struct fuzz_in *in)
{
	uint32_t op = fuzz_take(in, 1), at, i;
	const struct io *io = &r->blk.virtio.dev.io;
	const uint8_t *bytes;
	uint64_t addr;
	size_t n;

	switch (op % 12) {
	case 0:
		at = registers[fuzz_take(in, 1) % ARRAY_LEN(registers)];
		drv_set(r, at, fuzz_take(in, op & 64 ? 4 : 1));
		break;
	case 1:
		at = registers[fuzz_take(in, 1) % ARRAY_LEN(registers)];
		drv_set(r, at, RIG_RAM_BASE + fuzz_take(in, 2));
		break;
	case 2:
		at = fuzz_take(in, 2);
		bytes = fuzz_take_bytes(in, fuzz_take(in, 1) % 64, &n);
		memcpy(r->ram + at, bytes, n < RIG_RAM - at ? n : RIG_RAM - at);
		break;
	case 3: case 4:
		i = fuzz_take(in, 1) % RIG_NUM;
		addr = address(in);
		at = fuzz_take(in, op & 64 ? 4 : 2);
		drv_desc(r, i, addr, at, fuzz_take(in, 1) & 7, fuzz_take(in, 1) % (RIG_NUM + 1));
		break;
	case 5:
		drv_offer(r, fuzz_take(in, 1) % (RIG_NUM + 1));
		break;
	case 6:
		drv_set(r, R_NOTIFY, 0);
		break;
	case 7:
		at = fuzz_take(in, 1);
		drv_header(r, at & 128 ? fuzz_take(in, 4) : at % 14, fuzz_take(in, at & 64 ? 4 : 1));
		break;
	case 8:
		FUZZ_CHECK(drv_start(r));
		break;
	case 9:
		fake_time_pass(&r->time, fuzz_take(in, 1));
		FUZZ_CHECK(clock_next_deadline(&r->time.clock) > r->time.now);
		break;
	case 10:
		at = fuzz_take(in, 2) % VIRTIO_MMIO_SPAN & ~3u;
		io_read(io, at, 1u << op / 12 % 3);
		io_write(io, at, 1u << op / 12 % 3, fuzz_take(in, 4));
		break;
	default:
		r->fails = (op & 0xf0) == 0xf0; /* seldom: each prints a warning */
		i = fuzz_take(in, 1) % 14;
		at = fuzz_take(in, 1);
		drv_request(r, i, at, fuzz_take(in, 1) * 64);
		break;
	}
}

void fuzz_virtio(const uint8_t *bytes, size_t size)
{
	struct fuzz_in in = { bytes, size };
	static struct virtio_rig r;
	static uint8_t before[RIG_IMAGE];
	bool readonly = fuzz_take(&in, 1) & 1;

	virtio_rig_init(&r, readonly);
	memcpy(before, r.image, sizeof before);
	for (unsigned i = 0; i < OPERATIONS_MAX && in.left; i++) {
		unsigned done = r.reads + r.writes + r.flushes;
		bool ready = r.blk.virtio.status & S_DRIVER_OK;

		operate(&r, &in);
		FUZZ_CHECK(r.wire.level == (drv_get(&r, R_INTERRUPT) != 0));
		FUZZ_CHECK(ready || (r.blk.virtio.status & S_DRIVER_OK) || done == r.reads + r.writes + r.flushes);
	}
	FUZZ_CHECK(!readonly || (!r.writes && !memcmp(before, r.image, sizeof before)));
	r.fails = false;
	FUZZ_CHECK(drv_start(&r));
	FUZZ_CHECK(drv_request(&r, BLK_IN, 1, 1024) == 0 && !memcmp(r.ram + RIG_DATA, r.image + 512, 1024));
	FUZZ_CHECK(drv_request(&r, BLK_OUT, 0, 512) == (readonly ? 1 : 0));
	dev_fini(&r.blk.virtio.dev);
}
