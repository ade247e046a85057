/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for walking descriptor table, available ring and used ring.  Invariants: a chain has at most as many descriptors as the
 * queue, so loops end; all of a chain lies in RAM before any of it is used; what was read from a ring once is not read again.
 */
#include "dbt-runtime/dev/virtq.h"

#include <string.h>

/* Sizes and flags of the rings' parts (2.7.5, 2.7.6, 2.7.8).  */
enum { DESC_SIZE = 16, USED_SIZE = 8, RING_HEAD = 4 };
enum { DESC_F_NEXT = 1, DESC_F_WRITE = 2, DESC_F_INDIRECT = 4, AVAIL_F_NO_INTERRUPT = 1 };

static uint8_t *borrow(const struct virtq *q, gpa pa, uint64_t len, bool write)
{
	return dma_borrow(q->memory, pa, len, write);
}

bool virtq_usable(const struct virtq *q)
{
	return q->num && q->num <= VIRTQ_NUM_MAX && !(q->num & (q->num - 1)) && !(q->desc & 15) && !(q->avail & 1) && !(q->used & 3);
}

/* One descriptor into the chain; @flags and @next are those of the descriptor.  NULL, or why not.  */
static const char *take(const struct virtq *q, const uint8_t *desc, struct virtq_chain *c, unsigned *flags, uint16_t *next)
{
	gpa addr = virtio_get(desc, 8);
	uint32_t len = (uint32_t)virtio_get(desc + 8, 4);
	bool write;

	*flags = (uint32_t)virtio_get(desc + 12, 2);
	*next = (uint16_t)virtio_get(desc + 14, 2);
	write = *flags & DESC_F_WRITE;
	if (*flags & DESC_F_INDIRECT)
		return "an indirect descriptor, which was not offered";
	if (!len)
		return "a descriptor of length 0";
	if (!write && c->nin)
		return "a buffer to read behind one to write";
	c->segment[c->nout + c->nin] = (struct virtq_segment){ borrow(q, addr, len, write), len };
	if (!c->segment[c->nout + c->nin].at)
		return "a buffer outside of RAM";
	if (write) {
		c->nin++;
		c->in_len += len;
	} else {
		c->nout++;
		c->out_len += len;
	}
	return NULL;
}

static const char *walk(const struct virtq *q, struct virtq_chain *c)
{
	const uint8_t *table = borrow(q, q->desc, (uint64_t)q->num * DESC_SIZE, false);
	uint16_t at = c->head;
	unsigned flags = DESC_F_NEXT;

	if (!table)
		return "a descriptor table outside of RAM";
	for (unsigned n = 0; flags & DESC_F_NEXT; n++) {
		const char *why;

		if (at >= q->num)
			return "a descriptor that is not in the table";
		if (n == q->num)
			return "a chain that goes round";
		why = take(q, table + (size_t)at * DESC_SIZE, c, &flags, &at);
		if (why)
			return why;
	}
	return NULL;
}

enum virtq_result virtq_pop(struct virtq *q, struct virtq_chain *out, const char **why)
{
	const uint8_t *ring = borrow(q, q->avail, RING_HEAD + (uint64_t)2 * q->num, false);
	uint16_t there;

	if (!ring) {
		*why = "an available ring outside of RAM";
		return VIRTQ_BROKEN;
	}
	there = (uint16_t)(virtio_get(ring + 2, 2) - q->avail_next);
	if (!there)
		return VIRTQ_EMPTY;
	if (there > q->num) {
		*why = "more chains than the queue has entries";
		return VIRTQ_BROKEN;
	}
	out->head = (uint16_t)virtio_get(ring + RING_HEAD + (size_t)2 * (q->avail_next & (q->num - 1)), 2);
	out->nout = out->nin = 0;
	out->out_len = out->in_len = 0;
	*why = walk(q, out);
	if (*why)
		return VIRTQ_BROKEN;
	q->avail_next++;
	return VIRTQ_CHAIN;
}

bool virtq_push(struct virtq *q, uint16_t head, uint32_t written)
{
	uint8_t *ring = borrow(q, q->used, RING_HEAD + (uint64_t)USED_SIZE * q->num, true), *entry;

	if (!ring)
		return false;
	entry = ring + RING_HEAD + (size_t)USED_SIZE * (q->used_next & (q->num - 1));
	virtio_put(entry, 4, head);
	virtio_put(entry + 4, 4, written);
	virtio_put(ring + 2, 2, ++q->used_next);
	return true;
}

bool virtq_wants_interrupt(const struct virtq *q)
{
	const uint8_t *ring = borrow(q, q->avail, RING_HEAD, false);

	return ring && !(virtio_get(ring, 2) & AVAIL_F_NO_INTERRUPT);
}

/* Copy between @bytes and @n segments, from @at of these.  */
static size_t copy(const struct virtq_segment *s, unsigned n, uint64_t at, uint8_t *to, const uint8_t *from, size_t size)
{
	size_t done = 0;

	for (unsigned i = 0; i < n && done < size; i++) {
		size_t part;

		if (at >= s[i].len) {
			at -= s[i].len;
			continue;
		}
		part = s[i].len - at < size - done ? (size_t)(s[i].len - at) : size - done;
		if (to)
			memcpy(to + done, s[i].at + at, part);
		else
			memcpy(s[i].at + at, from + done, part);
		done += part;
		at = 0;
	}
	return done;
}

size_t virtq_read(const struct virtq_chain *c, uint64_t at, void *bytes, size_t n) { return copy(c->segment, c->nout, at, bytes, NULL, n); }

size_t virtq_write(const struct virtq_chain *c, uint64_t at, const void *bytes, size_t n)
{
	return copy(c->segment + c->nout, c->nin, at, NULL, bytes, n);
}
