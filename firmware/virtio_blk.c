/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One request at a time, of three descriptors that never change but for the data's length and direction.  Sections: virtio 1.0.
 */
#include "firmware/io.h"
#include "firmware/memory.h"
#include "firmware/timer.h"
#include "firmware/virtio_blk.h"

/* Registers: 4.2.2 */
#define R_MAGIC       0x000u
#define R_VERSION     0x004u
#define R_DEVICE      0x008u
#define R_HAS         0x010u
#define R_HAS_SEL     0x014u
#define R_WANT        0x020u
#define R_WANT_SEL    0x024u
#define R_QUEUE_SEL   0x030u
#define R_QUEUE_MAX   0x034u
#define R_QUEUE_NUM   0x038u
#define R_QUEUE_READY 0x044u
#define R_NOTIFY      0x050u
#define R_STATUS      0x070u
#define R_DESC        0x080u /* low, high */
#define R_AVAIL       0x090u
#define R_USED        0x0a0u
#define R_CAPACITY    0x100u /* low, high */

#define MAGIC 0x74726976u
#define DEVICE_BLOCK 2u
#define WINDOW 0x1000u
/* Device status: 2.1 */
#define S_ACKNOWLEDGE 1u
#define S_DRIVER 2u
#define S_DRIVER_OK 4u
#define S_FEATURES_OK 8u
#define S_NEEDS_RESET 0x40u
#define S_FAILED 0x80u
/* Features: 5.2.3, and 6 in the upper word */
#define F_READONLY (1u << 5)
#define F_VERSION_1 (1u << 0)

#define QUEUE 4u             /* a power of two that holds a request's descriptors */
#define DESC_NEXT 1u
#define DESC_WRITE 2u
#define NO_VERDICT 0xffu
#define WAIT_MS 5000u

struct descriptor { uint32_t addr, addr_high, size; uint16_t flags, next; };

/* What the device reads and writes: 2.4, 5.2.6.  Used through kseg1.  */
struct shared {
	struct descriptor desc[QUEUE];
	struct { uint16_t flags, index, ring[QUEUE], event; } avail;
	struct { uint16_t flags, index; struct { uint32_t id, size; } ring[QUEUE]; } used __attribute__((aligned(4)));
	struct { uint32_t type, reserved, sector, sector_high; } request;
	uint8_t verdict;
};

static struct shared shared_memory __attribute__((aligned(64)));
uint8_t disk_buffer[DISK_BUFFER_SECTORS * DISK_SECTOR] __attribute__((aligned(64)));

static uint32_t physical(const volatile void *p) { return (uint32_t)(uintptr_t)p & PHYS_MASK; }
static volatile struct shared *shared(void) { return kseg1(physical(&shared_memory)); }
static uint32_t reg(const struct disk *d, uint32_t r) { return io_read32(d->window + r); }
static void set(const struct disk *d, uint32_t r, uint32_t v) { io_write32(d->window + r, v); }

static void set_address(const struct disk *d, uint32_t r, const volatile void *p)
{
	set(d, r, physical(p));
	set(d, r + 4, 0);
}

static bool queue_start(const struct disk *d)
{
	volatile struct shared *s = shared();

	memory_flush_range(&shared_memory, sizeof(shared_memory));
	memory_flush_range(disk_buffer, sizeof(disk_buffer));
	s->avail.flags = 1; /* no interrupts */
	s->avail.index = s->used.index = 0;
	s->desc[0] = (struct descriptor){ physical(&s->request), 0, sizeof(s->request), DESC_NEXT, 1 };
	s->desc[2] = (struct descriptor){ physical(&s->verdict), 0, sizeof(s->verdict), DESC_WRITE, 0 };
	set(d, R_QUEUE_SEL, 0);
	if (reg(d, R_QUEUE_READY) || reg(d, R_QUEUE_MAX) < QUEUE)
		return false;
	set(d, R_QUEUE_NUM, QUEUE);
	set_address(d, R_DESC, s->desc);
	set_address(d, R_AVAIL, &s->avail);
	set_address(d, R_USED, &s->used);
	io_sync();
	set(d, R_QUEUE_READY, 1);
	return true;
}

static void capacity_read(struct disk *d)
{
	d->sectors = reg(d, R_CAPACITY + 4) ? UINT32_MAX : reg(d, R_CAPACITY);
}

/* Initialisation: 3.1.1 */
const char *disk_open(unsigned n, struct disk *d)
{
	*d = (struct disk){ .window = PB_VIRTIO + n * WINDOW };
	if (reg(d, R_MAGIC) != MAGIC || reg(d, R_DEVICE) != DEVICE_BLOCK)
		return "there is no such disk";
	if (reg(d, R_VERSION) != 2)
		return "the disk's interface has an unknown version";
	set(d, R_STATUS, 0);
	set(d, R_STATUS, S_ACKNOWLEDGE);
	set(d, R_STATUS, S_ACKNOWLEDGE | S_DRIVER);
	set(d, R_HAS_SEL, 1);
	if (!(reg(d, R_HAS) & F_VERSION_1))
		return "the disk is no virtio 1.0 device";
	set(d, R_HAS_SEL, 0);
	d->readonly = reg(d, R_HAS) & F_READONLY;
	set(d, R_WANT_SEL, 0);
	set(d, R_WANT, d->readonly ? F_READONLY : 0);
	set(d, R_WANT_SEL, 1);
	set(d, R_WANT, F_VERSION_1);
	set(d, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK);
	if (!(reg(d, R_STATUS) & S_FEATURES_OK) || !queue_start(d))
		return "the disk does not start";
	set(d, R_STATUS, S_ACKNOWLEDGE | S_DRIVER | S_FEATURES_OK | S_DRIVER_OK);
	capacity_read(d);
	return NULL;
}

void disk_close(struct disk *d)
{
	if (reg(d, R_MAGIC) == MAGIC)
		set(d, R_STATUS, 0);
}

const char *disk_transfer(struct disk *d, bool write, uint32_t sector, uint32_t count)
{
	volatile struct shared *s = shared();
	uint32_t since = timer_ms();

	s->request.type = write;
	s->request.reserved = 0;
	s->request.sector = sector;
	s->request.sector_high = 0;
	s->verdict = NO_VERDICT;
	s->desc[1] = (struct descriptor){ physical(disk_buffer), 0, count * DISK_SECTOR, DESC_NEXT | (write ? 0 : DESC_WRITE), 2 };
	s->avail.ring[d->requests % QUEUE] = 0;
	memory_flush_range(disk_buffer, count * DISK_SECTOR);
	io_sync();
	s->avail.index = ++d->requests;
	io_sync();
	set(d, R_NOTIFY, 0);
	while (s->used.index != d->requests) {
		if (reg(d, R_STATUS) & (S_NEEDS_RESET | S_FAILED))
			return "the disk has failed";
		if (timer_ms() - since >= WAIT_MS)
			return "the disk does not answer";
	}
	memory_flush_range(disk_buffer, count * DISK_SECTOR);
	switch (s->verdict) {
	case 0: return NULL;
	case 1: return "the disk reports an error";
	case 2: return "the disk does not know such a request";
	default: return "the disk says nonsense";
	}
}
