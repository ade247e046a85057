/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * virtio over memory-mapped registers, version 2 (OASIS, Virtual I/O Device 1.2, 4.2).  A device embeds struct virtio_mmio as its
 * first member and serves the chains of its queues; without one the window says that there is no device.
 */
#ifndef ATHANOR_DEV_VIRTIO_MMIO_H
#define ATHANOR_DEV_VIRTIO_MMIO_H

#include "dbt-runtime/dev/clock.h"
#include "dbt-runtime/dev/irq.h"
#include "dbt-runtime/dev/reg.h"
#include "dbt-runtime/dev/virtq.h"

#define VIRTIO_MMIO_SPAN 0x200u
#define VIRTIO_MMIO_REGS 32
#define VIRTIO_QUEUES_MAX 1

#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

struct virtio_mmio;

struct virtio_ops {
	const char *kind;
	uint32_t id;              /* 5.1 and on; never 0 */
	unsigned queues;
	/* Do what a chain asks for.  Returns how many bytes were put into it; false: the chain cannot be one of this device's.  */
	bool (*serve)(struct virtio_mmio *, unsigned queue, const struct virtq_chain *, uint32_t *written);
};

struct virtio_mmio_cfg {
	const char *name;
	struct clock *clock;
	struct irq irq;           /* true: asserted */
	struct dma memory;
};

struct virtio_mmio {
	struct dev dev;
	struct virtio_mmio_cfg cfg;
	const struct virtio_ops *ops; /* NULL: no device */
	uint64_t offered;         /* feature bits; VERSION_1 is among them */
	uint64_t accepted;
	const uint8_t *config;    /* of the device; read-only; it never changes, so its generation stays 0 */
	uint32_t config_size;
	uint32_t values[VIRTIO_MMIO_REGS];
	uint32_t status, interrupt;
	struct virtq queue[VIRTIO_QUEUES_MAX];
	struct timer more;        /* there is more in the queues than was served in one go */
	struct virtq_chain chain; /* being served */
};

/* virtio_mmio_init - @ops NULL: an empty window.  What the device offers and its config are set behind it.  */
void virtio_mmio_init(struct virtio_mmio *v, const struct virtio_mmio_cfg *cfg, const struct virtio_ops *ops);

#endif
