/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks: virtio block devices behind virtio-mmio windows (virtio 1.0, 4.2 and 5.2), polled.  A device is set up by disk_open and reset
 * by disk_close, so that it has nothing to do with the memory of a program that is started later.  Nothing it writes is used but data
 * and its verdict on them.
 */
#ifndef ATHANOR_FIRMWARE_VIRTIO_BLK_H
#define ATHANOR_FIRMWARE_VIRTIO_BLK_H

#include <stdbool.h>
#include <stdint.h>

#define DISKS 3u
#define DISK_SECTOR 512u
#define DISK_BUFFER_SECTORS 64u

struct disk {
	uint32_t window;         /* physical */
	uint32_t sectors;        /* at most 2^32 - 1 are seen */
	bool readonly;
	uint16_t requests;
};

/* The first two return NULL, or the reason why not.  disk_close: in any case.  */
const char *disk_open(unsigned n, struct disk *d);
/* At most DISK_BUFFER_SECTORS, which lie in the disk; from or to disk_buffer.  */
const char *disk_transfer(struct disk *d, bool write, uint32_t sector, uint32_t count);
void disk_close(struct disk *d);

extern uint8_t disk_buffer[DISK_BUFFER_SECTORS * DISK_SECTOR];

#endif
