/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for block requests: read, write, flush, identify.  Whatever else a driver may ask is answered UNSUPP, what cannot be done
 * IOERR.  A request that is no request, without header or status byte, is the transport's to complain about.
 */
#include "dbt-runtime/dev/virtio_blk.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

#define SECTOR 512u
#define DEVICE_BLOCK 2u /* device id, 5.2.1 */
#define HEADER 16u
/* What the driver is told of bounds a request; what it is not told of bounds what a hostile one costs.  */
#define SEGMENT_MAX (UINT32_C(1) << 16)
#define SEGMENTS_MAX (VIRTQ_NUM_MAX - 2u) /* beside header and status */
#define REQUEST_MAX ((uint64_t)SEGMENT_MAX * SEGMENTS_MAX)
enum { F_SIZE_MAX = 1, F_SEG_MAX = 2, F_RO = 5, F_BLK_SIZE = 6, F_FLUSH = 9 };
enum { CONFIG_CAPACITY = 0, CONFIG_SIZE_MAX = 8, CONFIG_SEG_MAX = 12, CONFIG_BLK_SIZE = 20 };
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

static struct virtio_blk *self(struct virtio_mmio *v) { return (struct virtio_blk *)v; }

/* The user should know, once, why the guest sees a broken disk.  */
static uint8_t host_failed(struct virtio_blk *b, const struct err *e)
{
	if (!b->failed)
		log_warn("%s: %s; the guest is told of an I/O error", b->virtio.dev.name, e->text);
	b->failed = true;
	return S_IOERR;
}

/* Whole sectors that are on the disk, and not too many.  */
static bool possible(const struct virtio_blk *b, uint64_t sector, uint64_t len)
{
	return len % SECTOR == 0 && len <= REQUEST_MAX && sector <= b->disk->size / SECTOR && len <= b->disk->size - sector * SECTOR;
}

/* @len bytes between the disk and @n segments, from @skip of these.  */
static uint8_t transfer(struct virtio_blk *b, const struct virtq_segment *s, unsigned n, uint64_t skip, uint64_t len, uint64_t at, bool in)
{
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < n && len; i++) {
		uint64_t from = skip < s[i].len ? skip : s[i].len, part = s[i].len - from < len ? s[i].len - from : len;
		enum status st = ST_OK;

		skip -= from;
		if (part)
			st = in ? b->disk->ops->read(b->disk, at, s[i].at + from, part, &e) : b->disk->ops->write(b->disk, at, s[i].at + from, part, &e);
		if (st != ST_OK)
			return host_failed(b, &e);
		at += part;
		len -= part;
	}
	return S_OK;
}

static uint8_t flush(struct virtio_blk *b)
{
	struct err e = ERR_INIT;

	return b->disk->ops->flush(b->disk, &e) == ST_OK ? S_OK : host_failed(b, &e);
}

/* Does it; *data: how much of the writable part, but for the status byte, holds the answer.  */
static uint8_t request(struct virtio_blk *b, const struct virtq_chain *c, const uint8_t *header, uint64_t *data)
{
	uint64_t sector = virtio_get(header + 8, 8), out = c->out_len - HEADER, in = c->in_len - 1;
	uint8_t status;

	switch (virtio_get(header, 4)) {
	case T_IN:
		if (!possible(b, sector, in))
			return S_IOERR;
		status = transfer(b, c->segment + c->nout, c->nin, 0, in, sector * SECTOR, true);
		*data = status == S_OK ? in : 0;
		return status;
	case T_OUT:
		if (b->disk->readonly || !possible(b, sector, out))
			return S_IOERR;
		return transfer(b, c->segment, c->nout, HEADER, out, sector * SECTOR, false);
	case T_FLUSH:
		return flush(b);
	case T_GET_ID:
		*data = virtq_write(c, 0, b->id, in < VIRTIO_BLK_ID_SIZE ? (size_t)in : VIRTIO_BLK_ID_SIZE);
		return S_OK;
	default:
		return S_UNSUPP;
	}
}

static bool virtio_blk_serve(struct virtio_mmio *v, unsigned queue, const struct virtq_chain *c, uint32_t *written)
{
	uint8_t header[HEADER], status;
	uint64_t data = 0;

	(void)queue;
	if (virtq_read(c, 0, header, sizeof header) != sizeof header || !c->in_len)
		return false;
	status = request(self(v), c, header, &data);
	virtq_write(c, c->in_len - 1, &status, 1);
	*written = (uint32_t)data + 1; /* at most REQUEST_MAX + 1 */
	return true;
}

static const struct virtio_ops ops = { .kind = "virtio-blk", .id = DEVICE_BLOCK, .queues = 1, .serve = virtio_blk_serve };

void virtio_blk_init(struct virtio_blk *b, const struct virtio_mmio_cfg *cfg, struct blockdev *disk, const char *id)
{
	*b = (struct virtio_blk){ .disk = disk };
	virtio_mmio_init(&b->virtio, cfg, disk ? &ops : NULL);
	snprintf(b->id, sizeof b->id, "%s", id);
	if (!disk)
		return;
	b->virtio.offered = VIRTIO_F_VERSION_1 | 1u << F_SIZE_MAX | 1u << F_SEG_MAX | 1u << F_BLK_SIZE | 1u << F_FLUSH |
			    (disk->readonly ? 1u << F_RO : 0);
	virtio_put(b->config + CONFIG_CAPACITY, 8, disk->size / SECTOR);
	virtio_put(b->config + CONFIG_SIZE_MAX, 4, SEGMENT_MAX);
	virtio_put(b->config + CONFIG_SEG_MAX, 4, SEGMENTS_MAX);
	virtio_put(b->config + CONFIG_BLK_SIZE, 4, SECTOR);
	b->virtio.config = b->config;
	b->virtio.config_size = sizeof b->config;
}
