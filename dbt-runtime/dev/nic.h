/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ethernet frames behind a network device.  The back end (user-mode network, nothing) embeds struct nic as its first member and fills
 * ops; the device sets itself as the receiver.  A frame is destination, source, type and data, without preamble and without FCS.
 * Nothing here blocks.  One thread.
 */
#ifndef ATHANOR_DEV_NIC_H
#define ATHANOR_DEV_NIC_H

#include "base/types.h"

#define NIC_FRAME_MIN 14u   /* a header; shorter ones are dropped */
#define NIC_FRAME_MAX 1518u /* with a VLAN tag; longer ones are dropped */

struct nic;

struct nic_ops {
	const char *name;
	/* The guest sends.  Takes the frame, or drops it; @frame is the caller's.  */
	void (*send)(struct nic *, const uint8_t *frame, size_t n);
	/* The device can take frames again: deliver what was kept back.  May be NULL.  */
	void (*ready)(struct nic *);
};

struct nic {
	const struct nic_ops *ops;
	/* Set by the device.  can_receive: does it have room for a frame now?  receive: takes it or, by its address filter, drops it.  */
	bool (*can_receive)(void *device);
	void (*receive)(void *device, const uint8_t *frame, size_t n);
	void *device;
};

/* All accept NULL for "not connected".  */
static inline void nic_send(struct nic *n, const uint8_t *frame, size_t size)
{
	if (n && size >= NIC_FRAME_MIN && size <= NIC_FRAME_MAX)
		n->ops->send(n, frame, size);
}

static inline void nic_ready(struct nic *n)
{
	if (n && n->ops->ready)
		n->ops->ready(n);
}

static inline bool nic_can_deliver(const struct nic *n) { return n && n->can_receive && n->can_receive(n->device); }

static inline void nic_deliver(struct nic *n, const uint8_t *frame, size_t size)
{
	if (n && n->receive && size >= NIC_FRAME_MIN && size <= NIC_FRAME_MAX)
		n->receive(n->device, frame, size);
}

#endif
