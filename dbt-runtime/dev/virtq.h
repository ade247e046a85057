/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Split virtqueues as a device sees them (OASIS, Virtual I/O Device 1.2, 2.7).  Not for what is in the buffers.
 * The guest writes the rings: nothing in them is trusted, and every look at them ends.
 */
#ifndef ATHANOR_DEV_VIRTQ_H
#define ATHANOR_DEV_VIRTQ_H

#include "base/types.h"
#include "dbt-runtime/dev/dma.h"

#define VIRTQ_NUM_MAX 256u

struct virtq {
	const struct dma *memory;
	uint16_t num;             /* entries; a power of two up to VIRTQ_NUM_MAX */
	bool ready;
	gpa desc, avail, used;
	uint16_t avail_next;      /* of the available ring, the entry to look at next; both count on beyond num */
	uint16_t used_next;
};

struct virtq_segment { uint8_t *at; uint64_t len; };

/* A chain of buffers: nout segments the device reads, behind them nin it writes.  */
struct virtq_chain {
	uint16_t head;
	unsigned nout, nin;
	uint64_t out_len, in_len;
	struct virtq_segment segment[VIRTQ_NUM_MAX];
};

enum virtq_result { VIRTQ_CHAIN, VIRTQ_EMPTY, VIRTQ_BROKEN };

/**
 * virtq_pop - the next chain the driver has made available
 * VIRTQ_BROKEN: the rings or the chain break a rule of the specification, or point outside RAM; *why says which.
 */
enum virtq_result virtq_pop(struct virtq *q, struct virtq_chain *out, const char **why);

/* virtq_push - give a chain back with @written bytes put into it.  False: the ring is not in RAM.  */
bool virtq_push(struct virtq *q, uint16_t head, uint32_t written);

/* virtq_wants_interrupt - has the driver not asked to be left alone?  */
bool virtq_wants_interrupt(const struct virtq *q);

/* virtq_usable - can num and addresses be those of a queue?  Whether they are in RAM is seen when it is used.  */
bool virtq_usable(const struct virtq *q);

/* virtq_read - up to @n bytes from @at on of what the device reads; returns how many there were.  virtq_write - the same for writing.  */
size_t virtq_read(const struct virtq_chain *c, uint64_t at, void *bytes, size_t n);
size_t virtq_write(const struct virtq_chain *c, uint64_t at, const void *bytes, size_t n);

/* virtio_get, virtio_put - a number of @n bytes, at most 8, in virtio's byte order: little-endian, whatever the guest's.  */
static inline uint64_t virtio_get(const uint8_t *p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

static inline void virtio_put(uint8_t *p, unsigned n, uint64_t v)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

#endif
