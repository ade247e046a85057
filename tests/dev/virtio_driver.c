/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the surroundings of a virtio device under test.  */
#include "tests/dev/virtio_driver.h"

#include <string.h>

static uint8_t *borrow(void *opaque, gpa pa, uint64_t len, bool write)
{
	struct virtio_rig *r = opaque;

	if (!len || pa < RIG_RAM_BASE || pa - RIG_RAM_BASE > RIG_RAM || len > RIG_RAM - (pa - RIG_RAM_BASE))
		return NULL;
	if (write)
		r->notified += (unsigned)len;
	return r->ram + (pa - RIG_RAM_BASE);
}

static struct virtio_rig *rig_of(struct blockdev *b) { return (struct virtio_rig *)((char *)b - offsetof(struct virtio_rig, disk)); }

static enum status image_read(struct blockdev *b, uint64_t at, void *bytes, size_t n, struct err *e)
{
	struct virtio_rig *r = rig_of(b);

	r->reads++;
	if (r->fails || at > RIG_IMAGE || n > RIG_IMAGE - at)
		return err_set(e, ST_HOST, "image: refuses to be read");
	memcpy(bytes, r->image + at, n);
	return ST_OK;
}

static enum status image_write(struct blockdev *b, uint64_t at, const void *bytes, size_t n, struct err *e)
{
	struct virtio_rig *r = rig_of(b);

	r->writes++;
	if (r->fails || at > RIG_IMAGE || n > RIG_IMAGE - at)
		return err_set(e, ST_HOST, "image: refuses to be written");
	memcpy(r->image + at, bytes, n);
	return ST_OK;
}

static enum status image_flush(struct blockdev *b, struct err *e)
{
	struct virtio_rig *r = rig_of(b);

	r->flushes++;
	return r->fails ? err_set(e, ST_HOST, "image: refuses to be flushed") : ST_OK;
}

static const struct blockdev_ops image_ops = { .name = "test", .read = image_read, .write = image_write, .flush = image_flush };

void virtio_rig_init(struct virtio_rig *r, bool readonly)
{
	struct irq wire = fake_wire(&r->wire);

	memset(r->ram, 0, sizeof r->ram);
	for (unsigned i = 0; i < RIG_IMAGE; i++)
		r->image[i] = (uint8_t)(i * 7);
	r->reads = r->writes = r->flushes = r->notified = r->avail = 0;
	r->fails = false;
	fake_time_init(&r->time);
	r->disk = (struct blockdev){ .ops = &image_ops, .name = "image", .size = RIG_IMAGE, .readonly = readonly };
	virtio_blk_init(&r->blk, &(struct virtio_mmio_cfg){ .name = "virtio", .clock = &r->time.clock, .irq = wire, .memory = { borrow, r } },
		&r->disk, "athanor-test");
}

uint32_t drv_get(struct virtio_rig *r, uint32_t off) { return io_read(&r->blk.virtio.dev.io, off, 4); }
void drv_set(struct virtio_rig *r, uint32_t off, uint32_t val) { io_write(&r->blk.virtio.dev.io, off, 4, val); }

static void put(struct virtio_rig *r, unsigned off, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		r->ram[off + i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get(const struct virtio_rig *r, unsigned off, unsigned n)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint32_t)r->ram[off + i] << (8 * i);
	return v;
}

bool drv_start(struct virtio_rig *r)
{
	static const struct { uint32_t reg, at; } ring[] = { { R_DESC, RIG_DESC }, { R_AVAIL, RIG_AVAIL }, { R_USED, RIG_USED } };
	uint32_t low;

	drv_set(r, R_STATUS, 0);
	drv_set(r, R_STATUS, S_ACKNOWLEDGE | S_DRIVER);
	drv_set(r, R_OFFERED_SEL, 0);
	low = drv_get(r, R_OFFERED);
	drv_set(r, R_ACCEPTED_SEL, 0);
	drv_set(r, R_ACCEPTED, low);
	drv_set(r, R_ACCEPTED_SEL, 1);
	drv_set(r, R_ACCEPTED, 1);
	drv_set(r, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
	if (!(drv_get(r, R_STATUS) & S_FEATURES_OK))
		return false;
	drv_set(r, R_QUEUE, 0);
	drv_set(r, R_NUM, RIG_NUM);
	for (unsigned i = 0; i < ARRAY_LEN(ring); i++) {
		drv_set(r, ring[i].reg, RIG_RAM_BASE + ring[i].at);
		drv_set(r, ring[i].reg + 4, 0);
	}
	drv_set(r, R_READY, 1);
	memset(r->ram + RIG_AVAIL, 0, 0x1000);
	memset(r->ram + RIG_USED, 0, 0x1000);
	r->avail = 0;
	drv_set(r, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK | S_DRIVER_OK);
	return drv_get(r, R_READY) == 1 && drv_get(r, R_STATUS) == (S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK | S_DRIVER_OK);
}

void drv_desc(struct virtio_rig *r, unsigned i, uint64_t addr, uint32_t len, unsigned flags, unsigned next)
{
	unsigned at = RIG_DESC + 16 * i;

	put(r, at, 8, addr);
	put(r, at + 8, 4, len);
	put(r, at + 12, 2, flags);
	put(r, at + 14, 2, next);
}

void drv_offer(struct virtio_rig *r, unsigned head)
{
	put(r, RIG_AVAIL + 4 + 2 * (r->avail % RIG_NUM), 2, head);
	put(r, RIG_AVAIL + 2, 2, ++r->avail);
}

void drv_header(struct virtio_rig *r, uint32_t type, uint64_t sector)
{
	put(r, RIG_HEADER, 4, type);
	put(r, RIG_HEADER + 4, 4, 0);
	put(r, RIG_HEADER + 8, 8, sector);
}

uint16_t drv_used(const struct virtio_rig *r) { return (uint16_t)get(r, RIG_USED + 2, 2); }

uint32_t drv_written(const struct virtio_rig *r)
{
	return get(r, RIG_USED + 4 + 8 * ((drv_used(r) - 1u) % RIG_NUM) + 4, 4);
}

uint8_t drv_request(struct virtio_rig *r, uint32_t type, uint64_t sector, uint32_t len)
{
	uint16_t before = drv_used(r);

	drv_header(r, type, sector);
	drv_desc(r, 0, RIG_RAM_BASE + RIG_HEADER, 16, D_NEXT, len ? 1 : 2);
	drv_desc(r, 1, RIG_RAM_BASE + RIG_DATA, len, D_NEXT | (type == BLK_OUT ? 0 : D_WRITE), 2);
	drv_desc(r, 2, RIG_RAM_BASE + RIG_STATUS, 1, D_WRITE, 0);
	r->ram[RIG_STATUS] = 0xee;
	drv_offer(r, 0);
	drv_set(r, R_NOTIFY, 0);
	return drv_used(r) == (uint16_t)(before + 1) ? r->ram[RIG_STATUS] : 0xff;
}
