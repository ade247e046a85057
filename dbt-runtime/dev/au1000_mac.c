/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the registers, descriptors and address filter of the MAC (Au1500 data book, "Ethernet MAC controller", and what Linux's
 * drivers/net/ethernet/amd/au1000_eth.c asks of it).  A frame takes no time: it has been sent when the register that starts it has been
 * written.  Not for collisions, pause frames and statistics of them: the cable is full duplex and nobody else is on it.
 *
 * Invariants: the interrupt wire is high exactly while a descriptor is done; guest memory is written only from the back end and from the
 * timer, never from within a register access.
 */
#include "dbt-runtime/dev/au1000_mac.h"

#include <string.h>

#include "dbt-runtime/dev/reg.h"

#define ALL 0xffffffffu
#define FCS 4u

enum { MAC_CONTROL = 0x00, MAC_ADDRESS_HIGH = 0x04, MAC_ADDRESS_LOW = 0x08, MAC_HASH_HIGH = 0x0c, MAC_HASH_LOW = 0x10,
       MAC_MII_CONTROL = 0x14, MAC_MII_DATA = 0x18, MAC_FLOW_CONTROL = 0x1c, MAC_VLAN1 = 0x20, MAC_VLAN2 = 0x24 };
#define CONTROL_BITS 0xc0ffbdecu      /* those that are not reserved */
#define CONTROL_RX 0x00000004u
#define CONTROL_TX 0x00000008u
#define CONTROL_NO_BROADCAST 0x00000800u
#define CONTROL_HASH 0x00002000u      /* group addresses by the hash table */
#define CONTROL_HASH_ONLY 0x00008000u /* with HASH: single addresses too */
#define CONTROL_INVERSE 0x00020000u
#define CONTROL_PROMISCUOUS 0x00040000u
#define CONTROL_ALL_MULTICAST 0x00080000u
#define CONTROL_LOOP 0x00200000u
#define CONTROL_RECEIVE_ALL 0x80000000u
#define MII_WRITE 2u

#define ENABLE_CLOCK 0x01u
#define ENABLE_RUN 0x33u              /* the clock, and the three bits that hold it in reset while 0 */

#define RX_BASE 0x100u
#define DESC_ADDRESS 0xffffffe0u
#define DESC_EN 1u
#define DESC_DN 2u
#define DESC_CB_SHIFT 2
#define TX_ABORTED 0x01u
#define TX_JABBER 0x02u
#define TX_UNDERRUN 0x80u
#define TX_LENGTH 0x3fffu
#define RX_TYPE 0x00040000u           /* a type, not a length, behind the addresses */
#define RX_VLAN1 0x00400000u
#define RX_VLAN2 0x00800000u
#define RX_MULTICAST 0x08000000u
#define RX_BROADCAST 0x10000000u
#define RX_FILTER_FAIL 0x20000000u
#define RX_FILTER_PASS 0x40000000u
#define RX_MISSED 0x80000000u
#define TYPE_MIN 0x600u

static struct au1000_mac *self(struct dev *d) { return (struct au1000_mac *)d; }
static struct au1000_mac *of_enable(struct dev *d) { return (struct au1000_mac *)((char *)d - offsetof(struct au1000_mac, enable_dev)); }
static struct au1000_mac *of_dma(struct dev *d) { return (struct au1000_mac *)((char *)d - offsetof(struct au1000_mac, dma_dev)); }

static uint32_t mac_reg(const struct au1000_mac *m, uint32_t off) { return m->values[off / 4]; }
static bool control(const struct au1000_mac *m, uint32_t bits) { return (mac_reg(m, MAC_CONTROL) & bits) != 0; }
static bool clocked(const struct au1000_mac *m) { return m->enable & ENABLE_CLOCK; }
static bool running(const struct au1000_mac *m) { return (m->enable & ENABLE_RUN) == ENABLE_RUN; }

static void update(const struct au1000_mac *m) { irq_set(&m->cfg.irq, m->tx.done || m->rx.done); }

/* --- descriptors --- */

static bool is_armed(const struct au1000_ring *g) { return g->armed >> g->current & 1; }

static void finish(struct au1000_ring *g)
{
	g->armed &= (uint8_t)~(1u << g->current);
	g->done |= (uint8_t)(1u << g->current);
	g->current = (g->current + 1) & 3;
}

static uint32_t *tx_reg(struct au1000_mac *m, uint32_t off) { return reg_value(&m->dma_dev, m->tx.current * 0x10u + off); }
static uint32_t *rx_reg(struct au1000_mac *m, uint32_t off) { return reg_value(&m->dma_dev, RX_BASE + m->rx.current * 0x10u + off); }

/* --- address filter --- */

/* The hash is the upper six bits of the CRC before its inversion, with its most significant bit first.  */
static bool hash_hit(const struct au1000_mac *m, const uint8_t *address)
{
	uint32_t c = ~crc32_of(&m->crc, address, 6), index = 0;

	for (unsigned i = 0; i < 6; i++)
		index = index << 1 | (c >> i & 1);
	return mac_reg(m, index & 32 ? MAC_HASH_HIGH : MAC_HASH_LOW) >> (index & 31) & 1;
}

static bool own_address(const struct au1000_mac *m, const uint8_t *a)
{
	uint32_t low = (uint32_t)a[0] | (uint32_t)a[1] << 8 | (uint32_t)a[2] << 16 | (uint32_t)a[3] << 24;
	uint32_t high = (uint32_t)a[4] | (uint32_t)a[5] << 8;

	return low == mac_reg(m, MAC_ADDRESS_LOW) && high == mac_reg(m, MAC_ADDRESS_HIGH);
}

static bool is_broadcast(const uint8_t *a) { return !memcmp(a, "\xff\xff\xff\xff\xff\xff", 6); }
static bool is_group(const uint8_t *a) { return a[0] & 1; }

static bool filter(const struct au1000_mac *m, const uint8_t *a)
{
	if (is_broadcast(a))
		return !control(m, CONTROL_NO_BROADCAST);
	if (is_group(a))
		return control(m, CONTROL_ALL_MULTICAST) || (control(m, CONTROL_HASH) && hash_hit(m, a));
	if (control(m, CONTROL_HASH) && control(m, CONTROL_HASH_ONLY))
		return hash_hit(m, a);
	return own_address(m, a) != control(m, CONTROL_INVERSE);
}

/* --- frames --- */

static bool receiving(const struct au1000_mac *m) { return running(m) && control(m, CONTROL_RX); }

/* Of a frame that is taken.  */
static uint32_t rx_status(const struct au1000_mac *m, const uint8_t *frame, size_t n, bool passes)
{
	uint32_t type = (uint32_t)frame[12] << 8 | frame[13], s = (uint32_t)(n + FCS);

	s |= passes || control(m, CONTROL_PROMISCUOUS) ? RX_FILTER_PASS : RX_FILTER_FAIL;
	if (is_broadcast(frame))
		s |= RX_BROADCAST;
	else if (is_group(frame))
		s |= RX_MULTICAST;
	if (type >= TYPE_MIN)
		s |= RX_TYPE;
	if (type && type == mac_reg(m, MAC_VLAN1))
		s |= RX_VLAN1;
	else if (type && type == mac_reg(m, MAC_VLAN2))
		s |= RX_VLAN2;
	return s;
}

/* A frame on the wire: the receiver is on.  Without a descriptor it is lost.  */
static void take(struct au1000_mac *m, const uint8_t *frame, size_t n)
{
	bool passes = filter(m, frame);
	uint32_t status, fcs;
	uint8_t *to;

	if (!is_armed(&m->rx) || !(passes || control(m, CONTROL_PROMISCUOUS | CONTROL_RECEIVE_ALL)))
		return;
	status = rx_status(m, frame, n, passes);
	to = dma_borrow(&m->cfg.memory, *rx_reg(m, 4), n + FCS, true);
	if (to) {
		memmove(to, frame, n); /* a frame that loops back lies in memory itself */
		fcs = crc32_of(&m->crc, to, n);
		for (unsigned i = 0; i < FCS; i++)
			to[n + i] = (uint8_t)(fcs >> (8 * i));
	} else {
		status |= RX_MISSED;
	}
	*rx_reg(m, 0) = status;
	finish(&m->rx);
	update(m);
}

/* A receiver that is off lets frames pass by: there is nothing to wait for.  */
static bool can_receive(void *device)
{
	const struct au1000_mac *m = device;

	return !receiving(m) || control(m, CONTROL_LOOP) || is_armed(&m->rx);
}

static void receive(void *device, const uint8_t *frame, size_t n)
{
	struct au1000_mac *m = device;

	if (receiving(m) && !control(m, CONTROL_LOOP))
		take(m, frame, n);
}

static void transmit_one(struct au1000_mac *m)
{
	uint32_t n = *tx_reg(m, 8), status = 0;
	const uint8_t *frame = NULL;

	if (n <= NIC_FRAME_MAX)
		frame = dma_borrow(&m->cfg.memory, *tx_reg(m, 4), n, false);
	if (n > NIC_FRAME_MAX)
		status = TX_ABORTED | TX_JABBER;
	else if (!frame)
		status = TX_ABORTED | TX_UNDERRUN;
	else if (!control(m, CONTROL_LOOP))
		nic_send(m->cfg.nic, frame, n);
	else if (n >= NIC_FRAME_MIN && receiving(m))
		take(m, frame, n);
	*tx_reg(m, 0) = status;
	finish(&m->tx);
}

static void transmit(struct au1000_mac *m)
{
	while (running(m) && control(m, CONTROL_TX) && is_armed(&m->tx))
		transmit_one(m);
	update(m);
}

static void loop_due(void *opaque) { transmit(opaque); }

/* A register was written: send what may be sent, ask for what may be received.  While the guest is still taking what is there it is left
   alone, so that it gets as many frames at a time as there are descriptors.  */
static void go_on(struct au1000_mac *m)
{
	if (!control(m, CONTROL_LOOP))
		transmit(m);
	else if (is_armed(&m->tx))
		timer_set(&m->loop, clock_now(m->cfg.clock));
	if (!m->rx.done && nic_can_deliver(m->cfg.nic))
		nic_ready(m->cfg.nic);
}

/* --- MAC registers --- */

static void control_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	(void)r;
	(void)old;
	(void)val;
	go_on(self(d));
}

/* An operation on the management bus takes no time: it is never seen busy.  Where no transceiver is, the line stays high.  */
static void mii_control_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct au1000_mac *m = self(d);
	uint32_t *data = reg_value(d, MAC_MII_DATA);
	unsigned reg = val >> 6 & 31, phy = val >> 11 & 31;

	(void)r;
	(void)old;
	if (val & MII_WRITE) {
		if (phy == AU1000_MAC_PHY)
			am79c874_write(&m->phy, reg, (uint16_t)*data);
	} else {
		*data = phy == AU1000_MAC_PHY ? am79c874_read(&m->phy, reg) : 0xffff;
	}
}

#define BOOK "Au1500 data book, Ethernet MAC"
#define R(n, o, wr, hook) { .name = n, .off = o, .width = 4, .readable = wr, .writable = wr, .write = hook, .ref = BOOK }
static const struct reg mac_regs[] = {
	R("control", MAC_CONTROL, CONTROL_BITS, control_write), R("address high", MAC_ADDRESS_HIGH, 0xffff, NULL),
	R("address low", MAC_ADDRESS_LOW, ALL, NULL), R("hash high", MAC_HASH_HIGH, ALL, NULL), R("hash low", MAC_HASH_LOW, ALL, NULL),
	R("MII control", MAC_MII_CONTROL, 0xffc2, mii_control_write), R("MII data", MAC_MII_DATA, 0xffff, NULL),
	R("flow control", MAC_FLOW_CONTROL, 0xffff0006, NULL), R("VLAN 1 tag", MAC_VLAN1, 0xffff, NULL), R("VLAN 2 tag", MAC_VLAN2, 0xffff, NULL),
};
_Static_assert(ARRAY_LEN(mac_regs) == AU1000_MAC_REGS, "a stored value each");

/* Without a clock there is nobody to listen; what is read are reset values.  */
static void mac_write(struct dev *d, uint32_t off, unsigned width, uint32_t val)
{
	if (clocked(self(d)))
		reg_write(d, off, width, val);
}

/* What the enable register's reset does.  Buffer addresses survive it: Linux writes them once, and resets the MAC afterwards.  */
static void mac_reset(struct au1000_mac *m)
{
	reg_reset(&m->dev);
	m->tx = m->rx = (struct au1000_ring){ 0 };
	timer_cancel(&m->loop);
	update(m);
}

static void enable_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct au1000_mac *m = of_enable(d);

	(void)r;
	(void)old;
	(void)val;
	if (!running(m))
		mac_reset(m);
	go_on(m);
}

static const struct reg enable_regs[] = {
	R("enable", 0, 0x7f, enable_write),
};

/* --- descriptor registers --- */

static struct au1000_ring *ring(struct au1000_mac *m, const struct reg *r) { return r->off < RX_BASE ? &m->tx : &m->rx; }

static uint32_t address_read(struct dev *d, const struct reg *r, uint32_t stored)
{
	const struct au1000_ring *g = ring(of_dma(d), r);
	unsigned n = r->off >> 4 & 3;

	return stored | (g->armed >> n & 1 ? DESC_EN : 0u) | (g->done >> n & 1 ? DESC_DN : 0u) | (uint32_t)g->current << DESC_CB_SHIFT;
}

/* DN can only be cleared.  What is written to CB does not matter.  */
static void address_write(struct dev *d, const struct reg *r, uint32_t old, uint32_t val)
{
	struct au1000_mac *m = of_dma(d);
	struct au1000_ring *g = ring(m, r);
	uint8_t bit = (uint8_t)(1u << (r->off >> 4 & 3));

	(void)old;
	g->armed = (uint8_t)((g->armed & ~bit) | (val & DESC_EN ? bit : 0));
	if (!(val & DESC_DN))
		g->done &= (uint8_t)~bit;
	update(m);
	go_on(m);
}

#define STATUS(n, o) { .name = n, .off = o, .width = 4, .readable = ALL, .ref = BOOK }
#define ADDRESS(n, o) { .name = n, .off = o, .width = 4, .readable = DESC_ADDRESS, .writable = DESC_ADDRESS, .read = address_read, \
	.write = address_write, .ref = BOOK }
#define TX(n) STATUS("TX " #n " status", n * 0x10), ADDRESS("TX " #n " address", n * 0x10 + 4), \
	R("TX " #n " length", n * 0x10 + 8, TX_LENGTH, NULL)
#define RX(n) STATUS("RX " #n " status", RX_BASE + n * 0x10), ADDRESS("RX " #n " address", RX_BASE + n * 0x10 + 4)
static const struct reg dma_regs[] = { TX(0), TX(1), TX(2), TX(3), RX(0), RX(1), RX(2), RX(3) };
_Static_assert(ARRAY_LEN(dma_regs) == AU1000_MAC_DMA_REGS, "a stored value each");

/* --- life --- */

static void reset(struct dev *d, enum reset_kind kind)
{
	struct au1000_mac *m = self(d);

	(void)kind;
	am79c874_reset(&m->phy);
	reg_reset(&m->enable_dev);
	reg_reset(&m->dma_dev);
	mac_reset(m);
}

static void fini(struct dev *d)
{
	struct au1000_mac *m = self(d);

	timer_cancel(&m->loop);
	if (m->cfg.nic && m->cfg.nic->device == m) {
		m->cfg.nic->can_receive = NULL;
		m->cfg.nic->receive = NULL;
		m->cfg.nic->device = NULL;
	}
}

static const struct dev_ops mac_ops = { .kind = "au1000-mac", .span = AU1000_MAC_SPAN, .widths = 4, .order = IO_NATIVE, .read = reg_read,
	.write = mac_write, .reset = reset, .fini = fini, .regs = mac_regs, .nregs = ARRAY_LEN(mac_regs) };
static const struct dev_ops enable_ops = { .kind = "au1000-mac-enable", .span = 4, .widths = 4, .order = IO_NATIVE, .read = reg_read,
	.write = reg_write, .regs = enable_regs, .nregs = ARRAY_LEN(enable_regs) };
static const struct dev_ops dma_ops = { .kind = "au1000-mac-dma", .span = AU1000_MAC_DMA_SPAN, .widths = 4, .order = IO_NATIVE,
	.read = reg_read, .write = reg_write, .regs = dma_regs, .nregs = ARRAY_LEN(dma_regs) };

void au1000_mac_init(struct au1000_mac *m, const struct au1000_mac_cfg *cfg)
{
	*m = (struct au1000_mac){ .cfg = *cfg, .phy.cable = cfg->nic != NULL };
	dev_init(&m->dev, &mac_ops, cfg->name, m->values);
	dev_init(&m->enable_dev, &enable_ops, cfg->name, &m->enable);
	dev_init(&m->dma_dev, &dma_ops, cfg->name, m->dma_values);
	crc32_init(&m->crc);
	timer_init(&m->loop, cfg->clock, loop_due, m);
	if (cfg->nic) {
		cfg->nic->device = m;
		cfg->nic->can_receive = can_receive;
		cfg->nic->receive = receive;
	}
	dev_reset(&m->dev, RESET_COLD);
}
