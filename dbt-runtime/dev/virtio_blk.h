/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A virtio block device (OASIS, Virtual I/O Device 1.2, 5.2) in front of an image.  */
#ifndef ATHANOR_DEV_VIRTIO_BLK_H
#define ATHANOR_DEV_VIRTIO_BLK_H

#include "dbt-runtime/dev/blockdev.h"
#include "dbt-runtime/dev/virtio_mmio.h"

#define VIRTIO_BLK_CONFIG_SIZE 32u
#define VIRTIO_BLK_ID_SIZE 20u

struct virtio_blk {
	struct virtio_mmio virtio;
	struct blockdev *disk;
	uint8_t config[VIRTIO_BLK_CONFIG_SIZE];
	char id[VIRTIO_BLK_ID_SIZE + 1]; /* what the driver is told the disk is called */
	bool failed;                     /* the host has failed, and the user was told */
};

/* virtio_blk_init - @disk NULL: the window says that there is no device.  @id is cut to 20 characters.  */
void virtio_blk_init(struct virtio_blk *b, const struct virtio_mmio_cfg *cfg, struct blockdev *disk, const char *id);

#endif
