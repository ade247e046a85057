/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers of the transport, negotiation of features, and for getting chains served.  Not for what is in them.
 *
 * Chains are served within the write that announces them, up to an amount; then the guest runs on and the rest follows at once.
 * Invariants: nothing is served before DRIVER_OK or after a broken rule, which leaves DEVICE_NEEDS_RESET; the wire is high exactly while
 * InterruptStatus is not 0.
 */
#include "dbt-runtime/dev/virtio_mmio.h"

#include "base/log.h"

#define ALL 0xffffffffu
#define MAGIC 0x74726976u     /* "virt" */
#define VENDOR 0x4e485441u    /* "ATHN" */
#define CONFIG 0x100u
#define SERVE_BYTES_MAX (UINT64_C(4) << 20) /* in one go; a chain begun is finished */
enum { OFF_DEVICE_FEATURES_SEL = 0x14, OFF_DRIVER_FEATURES_SEL = 0x24, OFF_QUEUE_SEL = 0x30 };
enum { STATUS_DRIVER_OK = 4, STATUS_FEATURES_OK = 8, STATUS_NEEDS_RESET = 64, STATUS_BITS = 0xcf }; /* 2.1 */
enum { INT_USED = 1, INT_CONFIG = 2 };

static struct virtio_mmio *self(struct dev *d) { return (struct virtio_mmio *)d; }
static uint32_t high(uint64_t v) { return (uint32_t)(v >> 32); }

static void interrupt(struct virtio_mmio *v, uint32_t what)
{
	v->interrupt |= what;
	irq_set(&v->cfg.irq, v->interrupt);
}

/* The driver has broken a rule: it must begin anew (2.1.2).  */
static void needs_reset(struct virtio_mmio *v, const char *why)
{
	log_line(LOG_guest_errors, "%s: %s; the device waits for a reset", v->dev.name, why);
	v->status |= STATUS_NEEDS_RESET;
	timer_cancel(&v->more);
	if (v->status & STATUS_DRIVER_OK)
		interrupt(v, INT_CONFIG);
}

static bool running(const struct virtio_mmio *v) { return (v->status & (STATUS_DRIVER_OK | STATUS_NEEDS_RESET)) == STATUS_DRIVER_OK; }

/* Serve what a queue has.  *budget becomes 0 when there may be more.  */
static void serve_queue(struct virtio_mmio *v, unsigned n, uint64_t *budget)
{
	struct virtq *q = &v->queue[n];
	struct virtq_chain *c = &v->chain;
	bool used = false;

	while (running(v) && q->ready && *budget) {
		const char *why = NULL;
		enum virtq_result r = virtq_pop(q, c, &why);
		uint64_t cost = c->out_len + c->in_len;
		uint32_t written = 0;

		if (r == VIRTQ_EMPTY)
			break;
		if (r == VIRTQ_CHAIN && !v->ops->serve(v, n, c, &written))
			why = "a chain that is no request";
		else if (r == VIRTQ_CHAIN && !virtq_push(q, c->head, written))
			why = "a used ring outside of RAM";
		if (why) {
			needs_reset(v, why);
			break;
		}
		used = true;
		*budget -= cost < *budget ? cost : *budget;
	}
	if (used && virtq_wants_interrupt(q))
		interrupt(v, INT_USED);
}

static void serve(void *opaque)
{
	struct virtio_mmio *v = opaque;
	uint64_t budget = SERVE_BYTES_MAX;

	for (unsigned n = 0; v->ops && n < v->ops->queues; n++)
		serve_queue(v, n, &budget);
	if (!budget && running(v))
		timer_set(&v->more, clock_now(v->cfg.clock));
}

static void forget(struct virtio_mmio *v)
{
	v->accepted = 0;
	v->status = 0;
	for (unsigned i = 0; i < VIRTIO_QUEUES_MAX; i++)
		v->queue[i] = (struct virtq){ .memory = &v->cfg.memory };
	timer_cancel(&v->more);
	v->interrupt = 0;
	irq_set(&v->cfg.irq, false);
}

/* --- registers: 4.2.2 --- */

static uint32_t device_id_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return self(d)->ops ? self(d)->ops->id : 0;
}

static uint32_t device_features_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	uint32_t sel = *reg_value(d, OFF_DEVICE_FEATURES_SEL);

	(void)r;
	(void)stored;
	return sel == 0 ? (uint32_t)self(d)->offered : sel == 1 ? high(self(d)->offered) : 0;
}

static void driver_features_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct virtio_mmio *v = self(d);
	uint32_t sel = *reg_value(d, OFF_DRIVER_FEATURES_SEL);

	(void)r;
	(void)old;
	if (v->status & STATUS_FEATURES_OK)
		return;
	if (sel == 0)
		v->accepted = (v->accepted & ~(uint64_t)ALL) | val;
	else if (sel == 1)
		v->accepted = (v->accepted & ALL) | (uint64_t)val << 32;
}

/* The queue that is selected; NULL: the device has no such one.  */
static struct virtq *selected(struct dev *d)
{
	struct virtio_mmio *v = self(d);
	uint32_t sel = *reg_value(d, OFF_QUEUE_SEL);

	return v->ops && sel < v->ops->queues ? &v->queue[sel] : NULL;
}

static uint32_t queue_num_max_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return selected(d) ? VIRTQ_NUM_MAX : 0;
}

/* Size and addresses stay as they are while a queue is in use.  */
static struct virtq *changeable(struct dev *d)
{
	struct virtq *q = selected(d);

	return q && !q->ready ? q : NULL;
}

static void queue_num_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct virtq *q = changeable(d);

	(void)r;
	(void)old;
	if (q)
		q->num = val <= VIRTQ_NUM_MAX ? (uint16_t)val : 0;
}

static uint32_t queue_ready_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return selected(d) && selected(d)->ready;
}

static void queue_ready_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct virtq *q = selected(d);

	(void)r;
	(void)old;
	if (!q || q->ready == (val & 1))
		return;
	if ((val & 1) && !virtq_usable(q)) {
		needs_reset(self(d), "a queue of a size or at an address that cannot be");
		return;
	}
	q->ready = val & 1;
	q->avail_next = q->used_next = 0;
}

static void queue_notify_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct virtio_mmio *v = self(d);

	(void)r;
	(void)old;
	if (v->ops && val < v->ops->queues && !v->more.armed)
		serve(v);
}

static uint32_t interrupt_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return self(d)->interrupt;
}

static void interrupt_ack_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	self(d)->interrupt &= ~val;
	interrupt(self(d), 0);
}

static uint32_t status_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	(void)r;
	(void)stored;
	return self(d)->status;
}

static void status_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct virtio_mmio *v = self(d);

	(void)r;
	(void)old;
	if (!val) {
		reg_reset(d);
		forget(v);
		return;
	}
	val &= STATUS_BITS & ~STATUS_NEEDS_RESET;
	/* Features that were not offered, or a driver from before version 1: FEATURES_OK does not stay (2.2.2, 6.2).  */
	if ((val & ~v->status & STATUS_FEATURES_OK) && ((v->accepted & ~v->offered) || !(v->accepted & VIRTIO_F_VERSION_1)))
		val &= ~(uint32_t)STATUS_FEATURES_OK;
	if (!((v->status | val) & STATUS_FEATURES_OK))
		val &= ~(uint32_t)STATUS_DRIVER_OK;
	v->status |= val; /* bits are cleared by a reset only */
}

static void address_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct virtq *q = changeable(d);
	gpa *at;

	(void)old;
	if (!q)
		return;
	at = r->off >= 0xa0 ? &q->used : r->off >= 0x90 ? &q->avail : &q->desc;
	*at = r->off & 4 ? (*at & ALL) | (gpa)val << 32 : (*at & ~(gpa)ALL) | val;
}

#define REF "virtio 1.2, 4.2.2"
#define RO(n, o, rs) { .name = n, .off = o, .width = 4, .reset = rs, .readable = ALL, .ref = REF }
#define GET(n, o, hook) { .name = n, .off = o, .width = 4, .read = hook, .ref = REF }
#define SET(n, o, hook) { .name = n, .off = o, .width = 4, .write = hook, .ref = REF }
#define SELECT(n, o) { .name = n, .off = o, .width = 4, .writable = ALL, .ref = REF }
static const struct reg regs[] = {
	RO("MagicValue", 0x000, MAGIC), RO("Version", 0x004, 2), GET("DeviceID", 0x008, device_id_read), RO("VendorID", 0x00c, VENDOR),
	GET("DeviceFeatures", 0x010, device_features_read), SELECT("DeviceFeaturesSel", OFF_DEVICE_FEATURES_SEL),
	SET("DriverFeatures", 0x020, driver_features_write), SELECT("DriverFeaturesSel", OFF_DRIVER_FEATURES_SEL),
	SELECT("QueueSel", OFF_QUEUE_SEL), GET("QueueNumMax", 0x034, queue_num_max_read), SET("QueueNum", 0x038, queue_num_write),
	{ .name = "QueueReady", .off = 0x044, .width = 4, .read = queue_ready_read, .write = queue_ready_write, .ref = REF },
	SET("QueueNotify", 0x050, queue_notify_write), GET("InterruptStatus", 0x060, interrupt_read),
	SET("InterruptACK", 0x064, interrupt_ack_write),
	{ .name = "Status", .off = 0x070, .width = 4, .read = status_read, .write = status_write, .ref = REF },
	SET("QueueDescLow", 0x080, address_write), SET("QueueDescHigh", 0x084, address_write),
	SET("QueueDriverLow", 0x090, address_write), SET("QueueDriverHigh", 0x094, address_write),
	SET("QueueDeviceLow", 0x0a0, address_write), SET("QueueDeviceHigh", 0x0a4, address_write),
	/* There is no shared memory: its length is -1.  */
	SELECT("SHMSel", 0x0ac), RO("SHMLenLow", 0x0b0, ALL), RO("SHMLenHigh", 0x0b4, ALL), RO("SHMBaseLow", 0x0b8, ALL),
	RO("SHMBaseHigh", 0x0bc, ALL), RO("ConfigGeneration", 0x0fc, 0),
};
_Static_assert(ARRAY_LEN(regs) <= VIRTIO_MMIO_REGS, "room for stored values");

/* Below the configuration only whole registers are accessed (4.2.2.2).  */
static uint32_t virtio_mmio_read(struct dev *d, uint32_t off, unsigned width)
{
	const struct virtio_mmio *v = self(d);
	uint32_t val = 0;

	if (off < CONFIG)
		return width == 4 ? reg_read(d, off, width) : 0;
	for (unsigned i = 0; i < width; i++)
		if (off - CONFIG + i < v->config_size)
			val |= (uint32_t)v->config[off - CONFIG + i] << (8 * i);
	return val;
}

static void virtio_mmio_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	if (off < CONFIG && width == 4)
		reg_write(d, off, width, val);
}

static void virtio_mmio_reset(struct dev *d, enum reset_kind kind)
{
	(void)kind;
	forget(self(d));
}

static void virtio_mmio_fini(struct dev *d) { timer_cancel(&self(d)->more); }

static const struct dev_ops dev_ops = {
	.kind = "virtio-mmio", .span = VIRTIO_MMIO_SPAN, .widths = 1 | 2 | 4, .order = IO_LITTLE,
	.read = virtio_mmio_read, .write = virtio_mmio_write, .reset = virtio_mmio_reset, .fini = virtio_mmio_fini,
	.regs = regs, .nregs = ARRAY_LEN(regs),
};

void virtio_mmio_init(struct virtio_mmio *v, const struct virtio_mmio_cfg *cfg, const struct virtio_ops *ops)
{
	*v = (struct virtio_mmio){ .cfg = *cfg, .ops = ops };
	dev_init(&v->dev, &dev_ops, cfg->name, v->values);
	timer_init(&v->more, cfg->clock, serve, v);
	dev_reset(&v->dev, RESET_COLD);
}
