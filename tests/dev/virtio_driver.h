/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtio block device, memory and an image for it, and a driver that can also break every rule.  */
#ifndef ATHANOR_TESTS_DEV_VIRTIO_DRIVER_H
#define ATHANOR_TESTS_DEV_VIRTIO_DRIVER_H

#include "dbt-runtime/dev/virtio_blk.h"
#include "tests/dev/fakes.h"

#define RIG_RAM 0x10000u
#define RIG_RAM_BASE 0x40000u /* so that address 0 is outside */
#define RIG_IMAGE 0x8000u
#define RIG_NUM 16u           /* of queue entries */

/* Where the driver puts things, from RIG_RAM_BASE on.  */
enum { RIG_DESC = 0x0000, RIG_AVAIL = 0x1000, RIG_USED = 0x2000, RIG_HEADER = 0x3000, RIG_STATUS = 0x3100, RIG_DATA = 0x4000 };

/* Registers.  */
enum {
	R_MAGIC = 0x000, R_VERSION = 0x004, R_DEVICE = 0x008, R_VENDOR = 0x00c, R_OFFERED = 0x010, R_OFFERED_SEL = 0x014, R_ACCEPTED = 0x020,
	R_ACCEPTED_SEL = 0x024, R_QUEUE = 0x030, R_NUM_MAX = 0x034, R_NUM = 0x038, R_READY = 0x044, R_NOTIFY = 0x050, R_INTERRUPT = 0x060,
	R_ACK = 0x064, R_STATUS = 0x070, R_DESC = 0x080, R_AVAIL = 0x090, R_USED = 0x0a0, R_CONFIG = 0x100,
};
enum { S_ACKNOWLEDGE = 1, S_DRIVER = 2, S_DRIVER_OK = 4, S_FEATURES_OK = 8, S_NEEDS_RESET = 64 };
enum { D_NEXT = 1, D_WRITE = 2, D_INDIRECT = 4 };
enum { BLK_IN = 0, BLK_OUT = 1, BLK_FLUSH = 4, BLK_ID = 8 };

struct virtio_rig {
	struct virtio_blk blk;
	struct fake_time time;
	struct fake_wire wire;
	struct blockdev disk;
	uint8_t ram[RIG_RAM], image[RIG_IMAGE];
	unsigned reads, writes, flushes, notified; /* notified: RAM that was about to change, in bytes */
	bool fails;              /* the host */
	uint16_t avail;          /* the driver's index */
};

void virtio_rig_init(struct virtio_rig *r, bool readonly); /* the image's byte n is n * 7 */
uint32_t drv_get(struct virtio_rig *r, uint32_t off);
void drv_set(struct virtio_rig *r, uint32_t off, uint32_t val);
bool drv_start(struct virtio_rig *r); /* as a driver does, up to DRIVER_OK.  False: the device would not */
void drv_desc(struct virtio_rig *r, unsigned i, uint64_t addr, uint32_t len, unsigned flags, unsigned next);
void drv_offer(struct virtio_rig *r, unsigned head); /* into the available ring, without a word */
void drv_header(struct virtio_rig *r, uint32_t type, uint64_t sector);
uint16_t drv_used(const struct virtio_rig *r);       /* index of the used ring */
uint32_t drv_written(const struct virtio_rig *r);    /* length in the last used entry */
/* A whole request with @len bytes at RIG_DATA; returns its status, 0xff: none came.  */
uint8_t drv_request(struct virtio_rig *r, uint32_t type, uint64_t sector, uint32_t len);

#endif
