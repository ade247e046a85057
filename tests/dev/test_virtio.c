/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtio block device as a driver sees it, and as it stands up to one that breaks the rules.  */
#include <check.h>
#include <string.h>

#include "tests/dev/virtio_driver.h"

Suite *virtio_suite(void);

static struct virtio_rig rig;

static void set_up(void)
{
	virtio_rig_init(&rig, false);
	ck_assert(drv_start(&rig));
}

static void tear_down(void) { dev_fini(&rig.blk.virtio.dev); }

/* --- transport --- */

START_TEST(identifies_itself)
{
	ck_assert_uint_eq(drv_get(&rig, R_MAGIC), 0x74726976);
	ck_assert_uint_eq(drv_get(&rig, R_VERSION), 2);
	ck_assert_uint_eq(drv_get(&rig, R_DEVICE), 2);
	ck_assert_uint_eq(drv_get(&rig, R_NUM_MAX), 256);
	ck_assert_uint_eq(drv_get(&rig, 0x0b0), 0xffffffff); /* no shared memory */
	ck_assert_uint_eq(drv_get(&rig, 0x0fc), 0);
	drv_set(&rig, R_QUEUE, 1);
	ck_assert_uint_eq(drv_get(&rig, R_NUM_MAX), 0);
	drv_set(&rig, R_READY, 1);
	ck_assert_uint_eq(drv_get(&rig, R_READY), 0);
	ck_assert_uint_eq(io_read(&rig.blk.virtio.dev.io, R_MAGIC, 1), 0); /* whole registers only */
}
END_TEST

START_TEST(an_empty_window_says_so)
{
	static struct virtio_blk none;
	struct irq w = fake_wire(&rig.wire);

	virtio_blk_init(&none, &(struct virtio_mmio_cfg){ .name = "none", .clock = &rig.time.clock, .irq = w }, NULL, "none");
	ck_assert_uint_eq(io_read(&none.virtio.dev.io, R_MAGIC, 4), 0x74726976);
	ck_assert_uint_eq(io_read(&none.virtio.dev.io, R_DEVICE, 4), 0);
	for (uint32_t off = 0; off < VIRTIO_MMIO_SPAN; off += 4) {
		io_write(&none.virtio.dev.io, off, 4, 0xffffffff);
		io_write(&none.virtio.dev.io, off, 4, 0);
		io_read(&none.virtio.dev.io, off, 4);
	}
	ck_assert(!rig.wire.level);
	dev_fini(&none.virtio.dev);
}
END_TEST

START_TEST(features_are_negotiated)
{
	const uint32_t expected = 1u << 1 | 1u << 2 | 1u << 6 | 1u << 9;

	drv_set(&rig, R_OFFERED_SEL, 0);
	ck_assert_uint_eq(drv_get(&rig, R_OFFERED), expected);
	drv_set(&rig, R_OFFERED_SEL, 1);
	ck_assert_uint_eq(drv_get(&rig, R_OFFERED), 1);
	drv_set(&rig, R_OFFERED_SEL, 2);
	ck_assert_uint_eq(drv_get(&rig, R_OFFERED), 0);
	drv_set(&rig, R_STATUS, 0);
	drv_set(&rig, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK); /* without VERSION_1 */
	ck_assert_uint_eq(drv_get(&rig, R_STATUS), S_ACKNOWLEDGE | S_DRIVER);
	drv_set(&rig, R_ACCEPTED_SEL, 1);
	drv_set(&rig, R_ACCEPTED, 1);
	drv_set(&rig, R_ACCEPTED_SEL, 0);
	drv_set(&rig, R_ACCEPTED, 1u << 28); /* not offered */
	drv_set(&rig, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
	ck_assert_uint_eq(drv_get(&rig, R_STATUS), S_ACKNOWLEDGE | S_DRIVER);
	drv_set(&rig, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_DRIVER_OK);
	ck_assert_uint_eq(drv_get(&rig, R_STATUS) & S_DRIVER_OK, 0);
	drv_set(&rig, R_ACCEPTED, 1u << 9);
	drv_set(&rig, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
	ck_assert_uint_eq(drv_get(&rig, R_STATUS), S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
	drv_set(&rig, R_ACCEPTED, 1u << 28); /* too late to change */
	ck_assert_uint_eq(rig.blk.virtio.accepted, UINT64_C(1) << 32 | 1u << 9);
}
END_TEST

START_TEST(configuration)
{
	const struct io *io = &rig.blk.virtio.dev.io;

	ck_assert_uint_eq(drv_get(&rig, R_CONFIG), RIG_IMAGE / 512);
	ck_assert_uint_eq(drv_get(&rig, R_CONFIG + 4), 0);
	ck_assert_uint_eq(drv_get(&rig, R_CONFIG + 8), 1u << 16);
	ck_assert_uint_eq(drv_get(&rig, R_CONFIG + 12), 254);
	ck_assert_uint_eq(drv_get(&rig, R_CONFIG + 20), 512);
	ck_assert_uint_eq(io_read(io, R_CONFIG + 13, 1), 0);
	ck_assert_uint_eq(io_read(io, R_CONFIG + 12, 2), 254);
	ck_assert_uint_eq(drv_get(&rig, R_CONFIG + 0xfc), 0);
	drv_set(&rig, R_CONFIG, 0);
	ck_assert_uint_eq(drv_get(&rig, R_CONFIG), RIG_IMAGE / 512);
}
END_TEST

START_TEST(interrupt_is_a_level_until_acknowledged)
{
	ck_assert(!rig.wire.level);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
	ck_assert(rig.wire.level);
	ck_assert_uint_eq(drv_get(&rig, R_INTERRUPT), 1);
	drv_set(&rig, R_ACK, 2);
	ck_assert(rig.wire.level);
	drv_set(&rig, R_ACK, 1);
	ck_assert(!rig.wire.level);
	rig.ram[RIG_AVAIL] = 1; /* the driver wants none */
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
	ck_assert(!rig.wire.level);
	drv_set(&rig, R_NOTIFY, 0); /* nothing to do: no interrupt */
	rig.ram[RIG_AVAIL] = 0;
	drv_set(&rig, R_NOTIFY, 0);
	ck_assert(!rig.wire.level);
}
END_TEST

START_TEST(a_reset_forgets)
{
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
	if (_i)
		dev_reset(&rig.blk.virtio.dev, RESET_WARM);
	else
		drv_set(&rig, R_STATUS, 0);
	ck_assert(!rig.wire.level);
	ck_assert_uint_eq(drv_get(&rig, R_STATUS), 0);
	ck_assert_uint_eq(drv_get(&rig, R_INTERRUPT), 0);
	ck_assert_uint_eq(drv_get(&rig, R_READY), 0);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0xff);
	ck_assert(drv_start(&rig));
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
	ck_assert_uint_eq(rig.flushes, 2);
}
END_TEST

START_TEST(nothing_is_served_before_the_driver_is_ready)
{
	drv_set(&rig, R_STATUS, 0);
	drv_set(&rig, R_STATUS, S_ACKNOWLEDGE | S_DRIVER);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0xff);
	ck_assert_uint_eq(rig.flushes, 0);
	ck_assert(drv_start(&rig));
	drv_set(&rig, R_READY, 0);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0xff);
	drv_set(&rig, R_NOTIFY, 7);
	ck_assert_uint_eq(rig.flushes, 0);
}
END_TEST

START_TEST(a_queue_in_use_stays_where_it_is)
{
	drv_set(&rig, R_NUM, 0);
	drv_set(&rig, R_DESC, 0x12340000);
	drv_set(&rig, R_USED + 4, 1);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
}
END_TEST

static const struct { uint32_t num, desc, avail, used; } queues[] = {
	{ 0, 0, 0, 0 }, { 3, 0, 0, 0 }, { 512, 0, 0, 0 }, { 0x10008, 0, 0, 0 }, { 8, 8, 0, 0 }, { 8, 0, 1, 0 }, { 8, 0, 0, 2 },
};

START_TEST(a_queue_that_cannot_be)
{
	drv_set(&rig, R_READY, 0);
	drv_set(&rig, R_NUM, queues[_i].num);
	drv_set(&rig, R_DESC, RIG_RAM_BASE + RIG_DESC + queues[_i].desc);
	drv_set(&rig, R_AVAIL, RIG_RAM_BASE + RIG_AVAIL + queues[_i].avail);
	drv_set(&rig, R_USED, RIG_RAM_BASE + RIG_USED + queues[_i].used);
	drv_set(&rig, R_READY, 1);
	ck_assert_uint_eq(drv_get(&rig, R_READY), 0);
	ck_assert(drv_get(&rig, R_STATUS) & S_NEEDS_RESET);
	ck_assert(drv_start(&rig));
}
END_TEST

/* --- requests --- */

static bool same_as_image(unsigned at, unsigned n)
{
	return !memcmp(rig.ram + RIG_DATA, rig.image + at, n);
}

START_TEST(reads_and_writes)
{
	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 3, 1024), 0);
	ck_assert_uint_eq(drv_written(&rig), 1025);
	ck_assert(same_as_image(3 * 512, 1024));
	ck_assert_uint_eq(rig.ram[RIG_DATA + 1024], 0);
	memset(rig.ram + RIG_DATA, 0x5a, 512);
	ck_assert_uint_eq(drv_request(&rig, BLK_OUT, 63, 512), 0);
	ck_assert_uint_eq(drv_written(&rig), 1);
	ck_assert_uint_eq(rig.image[63 * 512], 0x5a);
	ck_assert_uint_eq(rig.image[63 * 512 + 511], 0x5a);
	ck_assert_uint_eq(rig.image[63 * 512 - 1], (uint8_t)((63 * 512 - 1) * 7));
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
	ck_assert_uint_eq(rig.flushes, 1);
}
END_TEST

START_TEST(ram_is_announced_before_it_changes)
{
	unsigned before = rig.notified;

	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 0, 2048), 0);
	ck_assert_uint_ge(rig.notified - before, 2048 + 1 + 8 * RIG_NUM + 4);
	before = rig.notified;
	ck_assert_uint_eq(drv_request(&rig, BLK_OUT, 0, 2048), 0);
	ck_assert_uint_lt(rig.notified - before, 2048);
}
END_TEST

START_TEST(says_what_it_is_called)
{
	memset(rig.ram + RIG_DATA, 0xff, 32);
	ck_assert_uint_eq(drv_request(&rig, BLK_ID, 0, 20), 0);
	ck_assert_uint_eq(drv_written(&rig), 21);
	ck_assert_str_eq((const char *)rig.ram + RIG_DATA, "athanor-test");
	ck_assert_uint_eq(rig.ram[RIG_DATA + 19], 0);
	ck_assert_uint_eq(rig.ram[RIG_DATA + 20], 0xff);
	memset(rig.ram + RIG_DATA, 0xff, 32);
	ck_assert_uint_eq(drv_request(&rig, BLK_ID, 0, 4), 0); /* as much as there is room for */
	ck_assert_mem_eq(rig.ram + RIG_DATA, "atha\xff", 5);
}
END_TEST

static const struct { uint32_t type; uint64_t sector; uint32_t len; uint8_t status; } answers[] = {
	{ BLK_IN, 63, 512, 0 }, { BLK_IN, 63, 1024, 1 }, { BLK_IN, 64, 512, 1 }, { BLK_IN, 65, 512, 1 }, { BLK_IN, 0, 513, 1 },
	{ BLK_IN, 0, 100, 1 },
	{ BLK_IN, UINT64_MAX, 512, 1 }, { BLK_IN, UINT64_C(1) << 55, 512, 1 }, { BLK_OUT, 64, 512, 1 }, { BLK_OUT, UINT64_MAX / 512, 512, 1 },
	{ BLK_OUT, 0, 511, 1 }, { BLK_IN, 0, 0, 0 }, { BLK_OUT, 64, 0, 0 }, { 2, 0, 512, 2 }, { 11, 0, 16, 2 }, { 13, 0, 16, 2 },
	{ 0x80000000, 0, 512, 2 }, { 0xffffffff, 0, 0, 2 },
};

START_TEST(each_answer)
{
	uint8_t before[RIG_IMAGE];

	memcpy(before, rig.image, sizeof before);
	ck_assert_uint_eq(drv_request(&rig, answers[_i].type, answers[_i].sector, answers[_i].len), answers[_i].status);
	ck_assert_mem_eq(before, rig.image, sizeof before);
	if (answers[_i].status) {
		ck_assert_uint_eq(drv_written(&rig), 1);
		ck_assert_uint_eq(rig.reads + rig.writes, 0);
	}
	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 0, 512), 0); /* and it goes on */
}
END_TEST

START_TEST(the_hosts_failures_are_io_errors)
{
	rig.fails = true;
	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 0, 512), 1);
	ck_assert_uint_eq(drv_written(&rig), 1);
	ck_assert_uint_eq(drv_request(&rig, BLK_OUT, 0, 512), 1);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 1);
	rig.fails = false;
	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 0, 512), 0);
}
END_TEST

START_TEST(a_read_only_disk)
{
	virtio_rig_init(&rig, true);
	ck_assert(drv_start(&rig));
	ck_assert(drv_get(&rig, R_OFFERED) & 1u << 5);
	ck_assert_uint_eq(drv_request(&rig, BLK_OUT, 0, 512), 1);
	ck_assert_uint_eq(rig.writes, 0);
	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 0, 512), 0);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
}
END_TEST

/* Where a request is cut into buffers is the driver's affair (2.7.4.3).  */
START_TEST(any_layout)
{
	gpa header = RIG_RAM_BASE + RIG_HEADER, data = RIG_RAM_BASE + RIG_DATA;

	drv_header(&rig, BLK_IN, 2);
	drv_desc(&rig, 5, header, 3, D_NEXT, 9);
	drv_desc(&rig, 9, header + 3, 13, D_NEXT, 1);
	drv_desc(&rig, 1, data, 100, D_NEXT | D_WRITE, 2);
	drv_desc(&rig, 2, data + 100, 413, D_WRITE, 0); /* the last byte is the status */
	drv_offer(&rig, 5);
	drv_set(&rig, R_NOTIFY, 0);
	ck_assert_uint_eq(drv_used(&rig), 1);
	ck_assert_uint_eq(drv_written(&rig), 513);
	ck_assert(same_as_image(1024, 512));
	ck_assert_uint_eq(rig.ram[RIG_DATA + 512], 0);

	drv_header(&rig, BLK_OUT, 0); /* header and data in one, the rest of the data in two more */
	for (unsigned i = 0; i < 512; i++)
		rig.ram[RIG_HEADER + 16 + i] = (uint8_t)(i + 1);
	drv_desc(&rig, 0, header, 5, D_NEXT, 4);
	drv_desc(&rig, 4, header + 5, 15, D_NEXT, 1);
	drv_desc(&rig, 1, header + 20, 1, D_NEXT, 2);
	drv_desc(&rig, 2, header + 21, 507, D_NEXT, 3);
	drv_desc(&rig, 3, data, 1, D_WRITE, 0);
	drv_offer(&rig, 0);
	drv_set(&rig, R_NOTIFY, 0);
	ck_assert_uint_eq(drv_used(&rig), 2);
	for (unsigned i = 0; i < 512; i++)
		ck_assert_uint_eq(rig.image[i], (uint8_t)(i + 1));
	ck_assert_uint_eq(rig.image[512], (uint8_t)(512 * 7));
}
END_TEST

START_TEST(many_at_once_and_round_the_ring)
{
	for (unsigned round = 0; round < 3 * RIG_NUM; round++) {
		for (unsigned i = 0; i < 5; i++) {
			drv_desc(&rig, 3 * i, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, 3 * i + 1);
			drv_desc(&rig, 3 * i + 1, RIG_RAM_BASE + RIG_DATA + 512 * i, 512, D_NEXT | D_WRITE, 3 * i + 2);
			drv_desc(&rig, 3 * i + 2, RIG_RAM_BASE + RIG_STATUS + i, 1, D_WRITE, 0);
			drv_offer(&rig, 3 * i);
		}
		drv_header(&rig, BLK_IN, round);
		memset(rig.ram + RIG_STATUS, 0xee, 5);
		drv_set(&rig, R_NOTIFY, 0);
		ck_assert_uint_eq(drv_used(&rig), 5 * (round + 1));
		ck_assert_mem_eq(rig.ram + RIG_STATUS, "\0\0\0\0\0", 5);
		ck_assert_mem_eq(rig.ram + RIG_DATA + 4 * 512, rig.image + (size_t)512 * round, 512);
	}
}
END_TEST

/* The driver's index is a 16-bit number that wraps.  */
START_TEST(the_index_wraps)
{
	for (unsigned i = 0; i < 0x10004; i++)
		ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0);
	ck_assert_uint_eq(drv_used(&rig), 4);
}
END_TEST

/* The guest gets to run between large amounts.  */
START_TEST(large_amounts_are_served_in_parts)
{
	const unsigned chains = 13, pieces = RIG_NUM - 1;
	unsigned at_once;

	/* A chain of 14 times the same 32 KiB; it cannot be one request, but that is known only from its length.  */
	drv_header(&rig, 0x7777, 0);
	drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, 1);
	for (unsigned i = 1; i < pieces; i++)
		drv_desc(&rig, i, RIG_RAM_BASE + 0x8000, 0x8000, D_NEXT | D_WRITE, i + 1);
	drv_desc(&rig, pieces, RIG_RAM_BASE + RIG_STATUS, 1, D_WRITE, 0);
	for (unsigned i = 0; i < chains; i++)
		drv_offer(&rig, 0);
	drv_set(&rig, R_NOTIFY, 0);
	at_once = drv_used(&rig);
	ck_assert_uint_gt(at_once, 1);
	ck_assert_uint_lt(at_once, chains);
	drv_set(&rig, R_NOTIFY, 0); /* does not hurry it */
	ck_assert_uint_eq(drv_used(&rig), at_once);
	fake_time_pass(&rig.time, 0);
	ck_assert_uint_eq(drv_used(&rig), chains);
	ck_assert_uint_eq(clock_next_deadline(&rig.time.clock), CLOCK_NEVER);
	for (unsigned i = 0; i < chains; i++)
		drv_offer(&rig, 0);
	drv_set(&rig, R_NOTIFY, 0);
	drv_set(&rig, R_STATUS, 0);
	ck_assert_uint_eq(clock_next_deadline(&rig.time.clock), CLOCK_NEVER);
}
END_TEST

/* --- a driver that breaks the rules --- */

static void head_outside(void) { drv_offer(&rig, RIG_NUM); }
static void head_far_outside(void) { drv_offer(&rig, 0xffff); }
static void next_outside(void) { drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, RIG_NUM); drv_offer(&rig, 0); }
static void to_itself(void) { drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, 0); drv_offer(&rig, 0); }
static void round_and_round(void)
{
	drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, 1);
	drv_desc(&rig, 1, RIG_RAM_BASE + RIG_DATA, 512, D_NEXT | D_WRITE, 2);
	drv_desc(&rig, 2, RIG_RAM_BASE + RIG_DATA, 512, D_NEXT | D_WRITE, 1);
	drv_offer(&rig, 0);
}
static void no_length(void) { drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 0, D_NEXT, 1); drv_offer(&rig, 0); }
static void buffer(gpa addr, uint32_t len, unsigned flags)
{
	drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, 1);
	drv_desc(&rig, 1, addr, len, D_NEXT | flags, 2);
	drv_desc(&rig, 2, RIG_RAM_BASE + RIG_STATUS, 1, D_WRITE, 0);
	drv_offer(&rig, 0);
}
static void at_nothing(void) { buffer(0, 512, D_WRITE); }
static void across_the_end(void) { buffer(RIG_RAM_BASE + RIG_RAM - 511, 512, D_WRITE); }
static void very_long(void) { buffer(RIG_RAM_BASE, 0xffffffff, D_WRITE); }
static void round_the_end(void) { buffer(UINT64_MAX - 15, 0xffffffff, D_WRITE); }
static void high_half(void) { buffer(UINT64_C(1) << 32 | (RIG_RAM_BASE + RIG_DATA), 512, 0); }
static void read_behind_write(void)
{
	buffer(RIG_RAM_BASE + RIG_DATA, 512, D_WRITE);
	drv_desc(&rig, 2, RIG_RAM_BASE + RIG_DATA, 512, 0, 0);
}
static void indirect(void) { buffer(RIG_RAM_BASE + RIG_DATA, 512, D_INDIRECT); }
static void too_many(void) { rig.avail = RIG_NUM; buffer(RIG_RAM_BASE + RIG_DATA, 512, 0); }
static void backwards(void) { rig.avail = 0xfffe; buffer(RIG_RAM_BASE + RIG_DATA, 512, 0); }
static void short_header(void)
{
	drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 15, D_NEXT, 1);
	drv_desc(&rig, 1, RIG_RAM_BASE + RIG_STATUS, 1, D_WRITE, 0);
	drv_offer(&rig, 0);
}
static void no_status(void) { drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, 0, 0); drv_offer(&rig, 0); }
static void no_header(void) { drv_desc(&rig, 0, RIG_RAM_BASE + RIG_STATUS, 100, D_WRITE, 0); drv_offer(&rig, 0); }
static void move(uint32_t reg, uint32_t low, uint32_t high)
{
	drv_set(&rig, R_READY, 0);
	drv_set(&rig, reg, low);
	drv_set(&rig, reg + 4, high);
	drv_set(&rig, R_READY, 1);
	drv_header(&rig, BLK_FLUSH, 0);
	drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, 1);
	drv_desc(&rig, 1, RIG_RAM_BASE + RIG_STATUS, 1, D_WRITE, 0);
	drv_offer(&rig, 0);
}
static void table_at_nothing(void) { move(R_DESC, 0, 0); }
static void table_across_the_end(void) { move(R_DESC, RIG_RAM_BASE + RIG_RAM - 16 * RIG_NUM + 16, 0); }
static void avail_at_nothing(void) { move(R_AVAIL, 0xfffffffe, 0xffffffff); }
static void used_at_nothing(void) { move(R_USED, 0xfffffffc, 0xffffffff); }
static void used_high(void) { move(R_USED, RIG_RAM_BASE + RIG_USED, 1); }

static void (*const breaks[])(void) = {
	head_outside, head_far_outside, next_outside, to_itself, round_and_round, indirect, no_length, at_nothing, across_the_end, very_long,
	round_the_end, high_half, read_behind_write, too_many, backwards, short_header, no_status, no_header, table_at_nothing,
	table_across_the_end, avail_at_nothing, used_at_nothing, used_high,
};

START_TEST(each_broken_rule)
{
	uint8_t before[RIG_IMAGE];

	memcpy(before, rig.image, sizeof before);
	drv_header(&rig, BLK_OUT, 0);
	breaks[_i]();
	drv_set(&rig, R_NOTIFY, 0);
	ck_assert(drv_get(&rig, R_STATUS) & S_NEEDS_RESET);
	ck_assert_uint_eq(drv_used(&rig), 0);
	ck_assert_uint_eq(drv_get(&rig, R_INTERRUPT) & 2, 2); /* something about the device has changed */
	ck_assert(rig.wire.level);
	ck_assert_mem_eq(before, rig.image, sizeof before);
	ck_assert_uint_eq(drv_request(&rig, BLK_FLUSH, 0, 0), 0xff); /* until it is reset, nothing goes */
	drv_set(&rig, R_STATUS, S_ACKNOWLEDGE);
	ck_assert(drv_get(&rig, R_STATUS) & S_NEEDS_RESET);
	ck_assert(drv_start(&rig));
	ck_assert(!rig.wire.level);
	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 0, 512), 0);
}
END_TEST

/* Data may lie over the rings themselves: what was read of them counts.  */
START_TEST(a_disk_read_over_the_rings)
{
	memset(rig.image, 0xff, sizeof rig.image);
	drv_header(&rig, BLK_IN, 0);
	drv_desc(&rig, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, 1);
	drv_desc(&rig, 1, RIG_RAM_BASE, 0x3000, D_NEXT | D_WRITE, 2);
	drv_desc(&rig, 2, RIG_RAM_BASE + RIG_STATUS, 1, D_WRITE, 0);
	drv_offer(&rig, 0);
	drv_set(&rig, R_NOTIFY, 0);
	ck_assert_uint_eq(rig.ram[RIG_STATUS], 0);
	ck_assert(drv_start(&rig));
	ck_assert_uint_eq(drv_request(&rig, BLK_IN, 0, 512), 0);
}
END_TEST

/* --- on a Pb1500: which window is which disk, and where its wire ends --- */

#define WINDOW(n) (0x16000000u + 0x1000u * (n))
#define IC1 0x11800000u
enum { IC_CFG1SET = 0x48, IC_CFG2SET = 0x50, IC_REQ0INT = 0x54, IC_SRCSET = 0x58, IC_ASSIGNSET = 0x60, IC_MASKSET = 0x70 };

static unsigned reads[BOARD_DISKS_MAX];
static struct blockdev board_disk[BOARD_DISKS_MAX];

static enum status board_disk_read(struct blockdev *b, uint64_t at, void *bytes, size_t n, struct err *e)
{
	(void)at;
	(void)e;
	reads[b - board_disk]++;
	memset(bytes, 0x30 + (int)(b - board_disk), n);
	return ST_OK;
}

static const struct blockdev_ops board_disk_ops = { .name = "test", .read = board_disk_read };

static void no_wire(void *opaque, unsigned line, bool level)
{
	(void)opaque;
	(void)line;
	(void)level;
}

static void ask_for_a_sector(struct mem_map *m, gpa window, uint32_t to)
{
	static const uint32_t set_up_queue[][2] = {
		{ R_STATUS, 0 }, { R_STATUS, 3 }, { R_ACCEPTED_SEL, 1 }, { R_ACCEPTED, 1 }, { R_STATUS, 11 }, { R_QUEUE, 0 }, { R_NUM, 8 },
		{ R_DESC, 0x1000 }, { R_AVAIL, 0x2000 }, { R_USED, 0x3000 }, { R_READY, 1 }, { R_STATUS, 15 }, { R_NOTIFY, 0 },
	};
	const uint32_t ram[][2] = {
		{ 0x1000, 0x4000 }, { 0x1004, 0 }, { 0x1008, 16 }, { 0x100c, 1 << 16 | D_NEXT },
		{ 0x1010, to }, { 0x1014, 0 }, { 0x1018, 513 }, { 0x101c, D_WRITE }, { 0x2000, 1 << 16 }, { 0x2004, 0 }, { 0x3000, 0 },
		{ 0x4000, BLK_IN }, { 0x4008, 1 }, { 0x400c, 0 },
	};

	for (unsigned i = 0; i < ARRAY_LEN(ram); i++)
		mem_store(m, ram[i][0], 4, ram[i][1]);
	for (unsigned i = 0; i < ARRAY_LEN(set_up_queue); i++)
		mem_store(m, window + set_up_queue[i][0], 4, set_up_queue[i][1]);
}

START_TEST(disks_of_the_pb1500)
{
	static const uint32_t input[] = { 1u << 21, 1u << 22, 1u << 18 }, all = 3u << 21 | 1u << 18;
	struct board_cfg cfg = { .ram_size = 1 << 20, .clock = &rig.time.clock, .cpu_irq = { no_wire, NULL, 0 } };
	struct board *b;
	struct mem_map *m;
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < BOARD_DISKS_MAX; i++) {
		board_disk[i] = (struct blockdev){ .ops = &board_disk_ops, .name = "test", .size = 4096, .readonly = true };
		cfg.disk[i] = &board_disk[i];
	}
	ck_assert_msg(board_pb1500.create(&cfg, &b, &e) == ST_OK, "%s", e.text);
	m = b->map;
	mem_store(m, IC1 + IC_CFG1SET, 4, all); /* low level */
	mem_store(m, IC1 + IC_CFG2SET, 4, all);
	mem_store(m, IC1 + IC_SRCSET, 4, all);
	mem_store(m, IC1 + IC_ASSIGNSET, 4, all);
	mem_store(m, IC1 + IC_MASKSET, 4, all);
	for (unsigned i = 0; i < ARRAY_LEN(input); i++) {
		ck_assert_uint_eq(mem_load(m, IC1 + IC_REQ0INT, 4), 0);
		ask_for_a_sector(m, WINDOW(i), 0x5000);
		ck_assert_uint_eq(reads[i], 1);
		ck_assert_uint_eq(mem_load(m, 0x5000 + 511, 1), 0x30 + i);
		ck_assert_uint_eq(mem_load(m, IC1 + IC_REQ0INT, 4), input[i]);
		mem_store(m, WINDOW(i) + R_ACK, 4, 1);
	}
	ck_assert_uint_eq(mem_load(m, IC1 + IC_REQ0INT, 4), 0);
	ask_for_a_sector(m, WINDOW(2), 0x5000);
	board_pb1500.reset(b, RESET_WARM);
	ck_assert_uint_eq(mem_load(m, WINDOW(2) + R_STATUS, 4), 0);
	ck_assert_uint_eq(mem_load(m, 0x11700000 + 0x0c, 4), 0xffff); /* every pin of GPIO2 is high again */
	board_pb1500.destroy(b);
}
END_TEST

/* Bus masters reach RAM, and nothing but RAM.  */
START_TEST(a_sector_does_not_get_into_the_flash)
{
	static const uint32_t to[] = { 0x1c000000, 0x1dffff00, 0x1fc00000, 0x1ffffe00, 0x00100000 - 256, 0x11100000 };
	struct board_cfg cfg = { .ram_size = 1 << 20, .clock = &rig.time.clock, .cpu_irq = { no_wire, NULL, 0 } };
	struct board *b;
	struct err e = ERR_INIT;

	reads[0] = 0;
	board_disk[0] = (struct blockdev){ .ops = &board_disk_ops, .name = "test", .size = 4096, .readonly = true };
	cfg.disk[0] = &board_disk[0];
	ck_assert_msg(board_pb1500.create(&cfg, &b, &e) == ST_OK, "%s", e.text);
	ask_for_a_sector(b->map, WINDOW(0), to[_i]);
	ck_assert(mem_load(b->map, WINDOW(0) + R_STATUS, 4) & S_NEEDS_RESET);
	ck_assert_uint_eq(reads[0], 0);
	if (to[_i] >= 0x1c000000)
		ck_assert_uint_eq(mem_load(b->map, to[_i], 4), 0xffffffff);
	ck_assert_uint_eq(mem_load(b->map, 0x00100000 - 256, 4), 0);
	board_pb1500.destroy(b);
}
END_TEST

Suite *virtio_suite(void)
{
	Suite *s = suite_create("virtio");
	TCase *t = tcase_create("block");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, identifies_itself);
	tcase_add_test(t, an_empty_window_says_so);
	tcase_add_test(t, features_are_negotiated);
	tcase_add_test(t, configuration);
	tcase_add_test(t, interrupt_is_a_level_until_acknowledged);
	tcase_add_loop_test(t, a_reset_forgets, 0, 2);
	tcase_add_test(t, nothing_is_served_before_the_driver_is_ready);
	tcase_add_test(t, a_queue_in_use_stays_where_it_is);
	tcase_add_loop_test(t, a_queue_that_cannot_be, 0, (int)ARRAY_LEN(queues));
	tcase_add_test(t, reads_and_writes);
	tcase_add_test(t, ram_is_announced_before_it_changes);
	tcase_add_test(t, says_what_it_is_called);
	tcase_add_loop_test(t, each_answer, 0, (int)ARRAY_LEN(answers));
	tcase_add_test(t, the_hosts_failures_are_io_errors);
	tcase_add_test(t, a_read_only_disk);
	tcase_add_test(t, any_layout);
	tcase_add_test(t, many_at_once_and_round_the_ring);
	tcase_add_test(t, the_index_wraps);
	tcase_add_test(t, large_amounts_are_served_in_parts);
	tcase_add_loop_test(t, each_broken_rule, 0, (int)ARRAY_LEN(breaks));
	tcase_add_test(t, a_disk_read_over_the_rings);
	tcase_add_test(t, disks_of_the_pb1500);
	tcase_add_loop_test(t, a_sector_does_not_get_into_the_flash, 0, 6);
	suite_add_tcase(s, t);
	return s;
}
