/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ethernet MAC of the Au1500: what Linux's au1000_eth asks of it, step by step; address filter; hostile accesses.  */
#include <check.h>
#include <string.h>

#include "dbt-runtime/dev/au1000_mac.h"
#include "tests/dev/fakes.h"
#include "tests/harness/random.h"

Suite *au1000_mac_suite(void);

#define RAM (UINT64_C(1) << 20)
#define TX(n) ((n) * 0x10u)
#define RX(n) (0x100u + (n) * 0x10u)
#define BUFFER(n) (0x10000u + (n) * 0x800u) /* of descriptor n; those of the receiver are 4..7 */
#define EN 1u
#define DN 2u

static struct fake_time now;
static struct fake_wire wire;
static struct mem_map *map;
static struct au1000_mac mac;
static struct fake_nic cable;

static uint8_t *borrow(void *opaque, gpa pa, uint64_t len, bool write) { return mem_borrow(opaque, pa, len, write); }

static uint32_t get(uint32_t off) { return io_read(&mac.dev.io, off, 4); }
static void set(uint32_t off, uint32_t val) { io_write(&mac.dev.io, off, 4, val); }
static uint32_t dma_get(uint32_t off) { return io_read(&mac.dma_dev.io, off, 4); }
static void dma_set(uint32_t off, uint32_t val) { io_write(&mac.dma_dev.io, off, 4, val); }
static void enable(uint32_t val) { io_write(&mac.enable_dev.io, 0, 4, val); }

static void plug(struct nic *nic)
{
	au1000_mac_init(&mac, &(struct au1000_mac_cfg){ .name = "MAC 0", .clock = &now.clock,
		.irq = fake_wire(&wire), .memory = { borrow, map }, .nic = nic });
}

static void set_up(void)
{
	struct err e = ERR_INIT;

	fake_time_init(&now);
	ck_assert(mem_create(&(struct mem_cfg){ .name = "test" }, &map, &e) == ST_OK);
	ck_assert(mem_add_ram(map, "RAM", 0, RAM, &e) == ST_OK);
	ck_assert(mem_add_rom(map, "ROM", 0x1fc00000, 0x10000, &e) == ST_OK);
	ck_assert(mem_freeze(map, &e) == ST_OK);
	fake_nic_init(&cable);
	plug(&cable.nic);
}

static void tear_down(void)
{
	dev_fini(&mac.dev);
	mem_destroy(map);
}

static void poke(gpa pa, const void *bytes, size_t n)
{
	struct err e = ERR_INIT;

	ck_assert(mem_write(map, pa, bytes, n, &e) == ST_OK);
}

static const uint8_t own[6] = { 0x00, 0x50, 0xc2, 0x0c, 0x11, 0x22 };

/* As Linux does: clock, out of reset, address, receive descriptors, receiver and transmitter on.  */
static void bring_up(uint32_t control)
{
	enable(0x01);
	enable(0x33);
	for (unsigned i = 0; i < 4; i++) {
		dma_set(TX(i) + 4, BUFFER(i));
		dma_set(RX(i) + 4, BUFFER(4 + i) | EN);
	}
	set(0x04, 0x2211);
	set(0x08, 0x0cc25000);
	set(0x00, control | 0x0c);
}

static size_t frame_to(uint8_t *f, const uint8_t *to, size_t n)
{
	memset(f, 0, n);
	memcpy(f, to, 6);
	memcpy(f + 6, "\x52\x55\x0a\x00\x02\x02\x08\x00", 8);
	for (size_t i = 14; i < n; i++)
		f[i] = (uint8_t)(i * 7);
	return n;
}

static void deliver(const uint8_t *to, size_t n)
{
	uint8_t f[NIC_FRAME_MAX];

	nic_deliver(&cable.nic, f, frame_to(f, to, n));
}

static void send_from(unsigned i, uint32_t n)
{
	dma_set(TX(i) + 8, n);
	dma_set(TX(i) + 4, BUFFER(i) | EN);
}

START_TEST(registers)
{
	static const uint32_t bits[AU1000_MAC_REGS] = { 0xc0ffbdec, 0xffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffc2, 0xffff, 0xffff0006,
		0xffff, 0xffff };

	set(0x08, 0x12345678); /* no clock: nobody there */
	ck_assert_uint_eq(get(0x08), 0);
	enable(0x33);
	ck_assert_uint_eq(io_read(&mac.enable_dev.io, 0, 4), 0x33);
	ck_assert_uint_eq(get(0x08), 0);
	for (unsigned i = 0; i < AU1000_MAC_REGS; i++) {
		if (i != 6) { /* MII control's write changes MII data */
			set(4 * i, 0xffffffff);
			ck_assert_uint_eq(get(4 * i), bits[i]);
		}
	}
	set(0x18, 0xffff1234);
	ck_assert_uint_eq(get(0x18), 0x1234);
	set(0x20, 0x8100);
	ck_assert_uint_eq(get(0x20), 0x8100);
	enable(0x01); /* in reset */
	ck_assert_uint_eq(get(0x20), 0);
	set(0x20, 0x8100);
	enable(0);
	ck_assert_uint_eq(get(0x20), 0);
	enable(0x33);
	ck_assert_uint_eq(get(0x28), 0);
	ck_assert_uint_eq(get(0xfffc), 0);
}
END_TEST

static uint32_t mdio(unsigned phy, unsigned reg)
{
	ck_assert_uint_eq(get(0x14) & 1, 0);
	set(0x14, phy << 11 | reg << 6);
	ck_assert_uint_eq(get(0x14) & 1, 0);
	return get(0x18);
}

static void mdio_write(unsigned phy, unsigned reg, uint32_t val)
{
	set(0x18, val);
	set(0x14, phy << 11 | reg << 6 | 2);
}

START_TEST(management_bus)
{
	enable(0x33);
	for (unsigned phy = 0; phy < 31; phy++)
		for (unsigned reg = 0; reg < 32; reg++)
			ck_assert_uint_eq(mdio(phy, reg), 0xffff);
	ck_assert_uint_eq(mdio(31, 2), 0x0022);
	ck_assert_uint_eq(mdio(31, 3), 0x561b);
	ck_assert_uint_eq(mdio(31, 1), 0x782d);
	ck_assert_uint_eq(mdio(31, 5), 0x45e1);
	mdio_write(0, 0, 0); /* nobody */
	ck_assert_uint_eq(mdio(31, 0), 0x3100);
	mdio_write(31, 0, 0x2100);
	ck_assert_uint_eq(mdio(31, 0), 0x2100);
	ck_assert_uint_eq(mdio(31, 1), 0x780d); /* a link, but nothing negotiated */
	ck_assert_uint_eq(mdio(31, 5), 0);
	mdio_write(31, 0, 0x1a00); /* restart clears itself; powered down */
	ck_assert_uint_eq(mdio(31, 0), 0x1800);
	ck_assert_uint_eq(mdio(31, 1) & 0x24, 0);
	mdio_write(31, 4, 0x0061);
	ck_assert_uint_eq(mdio(31, 4), 0x0061);
	mdio_write(31, 2, 0);
	ck_assert_uint_eq(mdio(31, 2), 0x0022);
	mdio_write(31, 0, 0x9800); /* reset clears itself */
	ck_assert_uint_eq(mdio(31, 0), 0x3100);
	ck_assert_uint_eq(mdio(31, 4), 0x01e1);
	mdio_write(31, 0, 0x2100);
	enable(0);
	ck_assert_uint_eq(get(0x18), 0); /* no clock */
	enable(0x33);
	ck_assert_uint_eq(mdio(31, 0), 0x2100); /* the transceiver is another chip */
}
END_TEST

START_TEST(no_cable_no_link)
{
	dev_fini(&mac.dev);
	plug(NULL);
	bring_up(0);
	ck_assert_uint_eq(mdio(31, 1), 0x7809);
	ck_assert_uint_eq(mdio(31, 5), 0);
	send_from(0, 60); /* into the air */
	ck_assert_uint_eq(dma_get(TX(0) + 4), BUFFER(0) | DN | 1 << 2);
}
END_TEST

START_TEST(transmit)
{
	uint8_t f[NIC_FRAME_MAX];

	bring_up(0);
	for (unsigned i = 0; i < 6; i++) {
		unsigned k = i % 4;
		size_t n = frame_to(f, own, 60 + 200 * i);

		f[14] = (uint8_t)i;
		poke(BUFFER(k), f, n);
		ck_assert(!wire.level);
		send_from(k, (uint32_t)n);
		ck_assert(wire.level);
		ck_assert_uint_eq(cable.n, i + 1);
		ck_assert_uint_eq(cable.size[i], n);
		ck_assert(!memcmp(cable.frame[i], f, n));
		ck_assert_uint_eq(dma_get(TX(k)), 0);
		ck_assert_uint_eq(dma_get(TX(k) + 4), BUFFER(k) | DN | (i + 1) % 4 << 2);
		dma_set(TX(k) + 4, dma_get(TX(k) + 4) & ~DN); /* as the driver acknowledges it */
		ck_assert(!wire.level);
		ck_assert_uint_eq(dma_get(TX(k) + 4), BUFFER(k) | (i + 1) % 4 << 2);
		dma_set(TX(k) + 8, 0);
		ck_assert_uint_eq(dma_get(TX(k) + 8), 0);
	}
}
END_TEST

START_TEST(transmit_strictly_in_turn)
{
	bring_up(0);
	send_from(2, 60);
	send_from(1, 60);
	ck_assert_uint_eq(cable.n, 0);
	ck_assert_uint_eq(dma_get(TX(2) + 4), BUFFER(2) | EN);
	send_from(0, 60);
	ck_assert_uint_eq(cable.n, 3);
	ck_assert_uint_eq(dma_get(TX(2) + 4) & 0xf, DN | 3 << 2);
	/* A driver that lost count writes old CB bits: they do not matter.  */
	dma_set(TX(3) + 8, 60);
	dma_set(TX(3) + 4, BUFFER(3) | 2 << 2 | EN);
	ck_assert_uint_eq(cable.n, 4);
	ck_assert_uint_eq(dma_get(TX(3) + 4), BUFFER(3) | DN);
}
END_TEST

START_TEST(transmitter_off)
{
	bring_up(0);
	set(0x00, 0x04);
	send_from(0, 60);
	ck_assert_uint_eq(cable.n, 0);
	ck_assert_uint_eq(dma_get(TX(0) + 4), BUFFER(0) | EN); /* busy */
	set(0x00, 0x0c);
	ck_assert_uint_eq(cable.n, 1);
	ck_assert_uint_eq(dma_get(TX(0) + 4) & 3, DN);
}
END_TEST

START_TEST(transmit_errors)
{
	bring_up(0);
	send_from(0, 0x3fff);
	ck_assert_uint_eq(dma_get(TX(0)), 0x03); /* jabber */
	dma_set(TX(1) + 8, 100);
	dma_set(TX(1) + 4, (uint32_t)(RAM - 32) | EN); /* half of it is not there */
	ck_assert_uint_eq(dma_get(TX(1)), 0x81); /* underrun */
	dma_set(TX(2) + 8, 100);
	dma_set(TX(2) + 4, 0xffffffe0 | EN);
	ck_assert_uint_eq(dma_get(TX(2)), 0x81);
	send_from(3, 5);
	ck_assert_uint_eq(dma_get(TX(3)), 0);
	ck_assert_uint_eq(cable.n, 0);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(dma_get(TX(i) + 4) & 3, DN);
	send_from(0, 1518);
	ck_assert_uint_eq(cable.size[0], 1518);
	ck_assert_uint_eq(dma_get(TX(0)), 0);
	send_from(1, 1519);
	ck_assert_uint_eq(dma_get(TX(1)), 0x03);
}
END_TEST

START_TEST(receive)
{
	uint8_t f[NIC_FRAME_MAX], got[NIC_FRAME_MAX + 4];
	struct err e = ERR_INIT;

	bring_up(0);
	for (unsigned i = 0; i < 6; i++) {
		unsigned k = i % 4;
		size_t n = frame_to(f, own, i ? 64 + 290 * i : 60);

		ck_assert(nic_can_deliver(&cable.nic));
		nic_deliver(&cable.nic, f, n);
		ck_assert(wire.level);
		ck_assert_uint_eq(dma_get(RX(k)), 0x40040000 | (uint32_t)(n + 4));
		ck_assert_uint_eq(dma_get(RX(k) + 4), BUFFER(4 + k) | DN | (i + 1) % 4 << 2);
		ck_assert(mem_read(map, BUFFER(4 + k), got, n + 4, &e) == ST_OK);
		ck_assert(!memcmp(got, f, n));
		dma_set(RX(k) + 4, BUFFER(4 + k) | EN);
		ck_assert(!wire.level);
		ck_assert_uint_eq(dma_get(RX(k) + 4), BUFFER(4 + k) | EN | (i + 1) % 4 << 2);
	}
}
END_TEST

/* The CRC over a frame and its FCS is the same for every frame.  */
START_TEST(frame_check_sequence)
{
	uint8_t got[NIC_FRAME_MAX + 4];
	struct err e = ERR_INIT;

	bring_up(0);
	for (unsigned n = 60, k = 0; n < 76; n++, k = (k + 1) % 4) {
		uint32_t crc = 0xffffffff;

		deliver(own, n);
		ck_assert(mem_read(map, BUFFER(4 + k), got, n + 4, &e) == ST_OK);
		for (unsigned i = 0; i < (n + 4) * 8; i++)
			crc = crc >> 1 ^ ((crc ^ (uint32_t)got[i / 8] >> i % 8) & 1 ? 0xedb88320 : 0);
		ck_assert_uint_eq(crc, 0xdebb20e3);
		dma_set(RX(k) + 4, BUFFER(4 + k) | EN);
	}
}
END_TEST

START_TEST(receive_waits_for_a_descriptor)
{
	bring_up(0);
	for (unsigned i = 0; i < 4; i++) {
		ck_assert(nic_can_deliver(&cable.nic));
		deliver(own, 60);
	}
	ck_assert(!nic_can_deliver(&cable.nic));
	deliver(own, 60); /* all the same: it is lost, and nothing else changes */
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(dma_get(RX(i) + 4), BUFFER(4 + i) | DN);
	cable.ready = 0;
	dma_set(RX(1) + 4, BUFFER(5) | EN); /* not the one that is next */
	ck_assert(!nic_can_deliver(&cable.nic));
	ck_assert(wire.level);
	dma_set(RX(0) + 4, BUFFER(4) | EN);
	ck_assert(nic_can_deliver(&cable.nic));
	ck_assert_uint_eq(cable.ready, 0); /* the guest has two more to take; nobody disturbs it */
	dma_set(RX(2) + 4, BUFFER(6));
	dma_set(RX(3) + 4, BUFFER(7));
	ck_assert_uint_eq(cable.ready, 1);
	deliver(own, 61);
	deliver(own, 62);
	ck_assert_uint_eq(dma_get(RX(0)) & 0x3fff, 65);
	ck_assert_uint_eq(dma_get(RX(1)) & 0x3fff, 66);
	ck_assert(!nic_can_deliver(&cable.nic));
}
END_TEST

START_TEST(receiver_off)
{
	ck_assert(nic_can_deliver(&cable.nic)); /* nothing to wait for */
	deliver(own, 60);
	bring_up(0);
	set(0x00, 0x08);
	ck_assert(nic_can_deliver(&cable.nic));
	deliver(own, 60);
	ck_assert_uint_eq(dma_get(RX(0) + 4), BUFFER(4) | EN);
	cable.ready = 0;
	set(0x00, 0x0c);
	ck_assert_uint_ge(cable.ready, 1);
	deliver(own, 60);
	ck_assert_uint_eq(dma_get(RX(0) + 4), BUFFER(4) | DN | 1 << 2);
}
END_TEST

START_TEST(receive_errors)
{
	uint8_t rom[4] = { 1, 2, 3, 4 }, got[4];
	struct err e = ERR_INIT;

	bring_up(0);
	poke(0x1fc00000, rom, 4);
	dma_set(RX(0) + 4, 0x1fc00000 | EN);
	dma_set(RX(1) + 4, (uint32_t)(RAM - 64) | EN);
	dma_set(RX(2) + 4, (uint32_t)(RAM - 64) | EN);
	poke(RAM - 64, rom, 4);
	deliver(own, 60);
	ck_assert_uint_eq(dma_get(RX(0)), 0xc0040040);
	ck_assert_uint_eq(dma_get(RX(0) + 4) & 0xf, DN | 1 << 2);
	ck_assert(mem_read(map, 0x1fc00000, got, 4, &e) == ST_OK);
	ck_assert(!memcmp(got, rom, 4));
	deliver(own, 61); /* 65 bytes with the FCS: one too many */
	ck_assert_uint_eq(dma_get(RX(1)), 0xc0040041);
	ck_assert(mem_read(map, RAM - 64, got, 4, &e) == ST_OK);
	ck_assert(!memcmp(got, rom, 4));
	deliver(own, 60);
	ck_assert_uint_eq(dma_get(RX(2)), 0x40040040);
}
END_TEST

/* The index of the hash bit by the long way: CRC with the most significant bit first, upper six bits.  */
static unsigned hash_index(const uint8_t *a)
{
	uint32_t crc = 0xffffffff;

	for (unsigned i = 0; i < 48; i++)
		crc = crc << 1 ^ ((crc >> 31 ^ (uint32_t)a[i / 8] >> i % 8) & 1 ? 0x04c11db7 : 0);
	return crc >> 26;
}

static uint32_t taken(const uint8_t *to)
{
	unsigned k = dma_get(RX(0) + 4) >> 2 & 3;

	deliver(to, 60);
	if (!(dma_get(RX(k) + 4) & DN))
		return 0;
	dma_set(RX(k) + 4, BUFFER(4 + k) | EN);
	return dma_get(RX(k)) & ~0x3fffu;
}

START_TEST(address_filter)
{
	static const uint8_t other[6] = { 0x00, 0x50, 0xc2, 0x0c, 0x11, 0x23 }, all[6] = { 255, 255, 255, 255, 255, 255 };
	static const uint8_t group[6] = { 0x01, 0x00, 0x5e, 0x00, 0x00, 0x01 };
	unsigned h = hash_index(group), u = hash_index(other);

	bring_up(0);
	ck_assert_uint_eq(taken(own), 0x40040000);
	ck_assert_uint_eq(taken(all), 0x50040000);
	ck_assert_uint_eq(taken(other), 0);
	ck_assert_uint_eq(taken(group), 0);
	set(0x00, 0x0c | 1 << 11); /* no broadcast */
	ck_assert_uint_eq(taken(all), 0);
	set(0x00, 0x0c | 1 << 19); /* all multicast */
	ck_assert_uint_eq(taken(group), 0x48040000);
	ck_assert_uint_eq(taken(other), 0);
	set(0x00, 0x0c | 1 << 13); /* hash */
	ck_assert_uint_eq(taken(group), 0);
	set(h & 32 ? 0x0c : 0x10, 1u << (h & 31));
	ck_assert_uint_eq(taken(group), 0x48040000);
	ck_assert_uint_eq(taken(own), 0x40040000);
	set(h & 32 ? 0x0c : 0x10, ~(1u << (h & 31)));
	set(h & 32 ? 0x10 : 0x0c, 0xffffffff);
	ck_assert_uint_eq(taken(group), 0);
	set(0x00, 0x0c | 1 << 13 | 1 << 15); /* hash only */
	set(0x0c, 0);
	set(0x10, 0);
	ck_assert_uint_eq(taken(own), 0);
	set(u & 32 ? 0x0c : 0x10, 1u << (u & 31));
	ck_assert_uint_eq(taken(other), 0x40040000);
	set(0x00, 0x0c | 1 << 17); /* inverse */
	ck_assert_uint_eq(taken(own), 0);
	ck_assert_uint_eq(taken(other), 0x40040000);
	set(0x00, 0x0c | 1 << 18); /* promiscuous */
	ck_assert_uint_eq(taken(other), 0x40040000);
	ck_assert_uint_eq(taken(group), 0x48040000);
	set(0x00, 0x0c | 1u << 31); /* receive all, and say whether it passed */
	ck_assert_uint_eq(taken(other), 0x20040000);
	ck_assert_uint_eq(taken(own), 0x40040000);
}
END_TEST

START_TEST(kinds_of_frames)
{
	uint8_t f[64];

	bring_up(0);
	frame_to(f, own, sizeof f);
	f[12] = 0; /* a length */
	f[13] = 46;
	nic_deliver(&cable.nic, f, sizeof f);
	ck_assert_uint_eq(dma_get(RX(0)), 0x40000044);
	set(0x20, 0x8100);
	set(0x24, 0x9100);
	f[12] = 0x81;
	f[13] = 0x00;
	nic_deliver(&cable.nic, f, sizeof f);
	ck_assert_uint_eq(dma_get(RX(1)), 0x40440044);
	f[12] = 0x91;
	nic_deliver(&cable.nic, f, sizeof f);
	ck_assert_uint_eq(dma_get(RX(2)), 0x40840044);
}
END_TEST

/* Linux writes buffer addresses once, resets, and on opening only ors EN in.  */
START_TEST(addresses_survive_reset)
{
	for (unsigned i = 0; i < 4; i++) {
		dma_set(TX(i) + 4, BUFFER(i)); /* while disabled */
		dma_set(RX(i) + 4, BUFFER(4 + i));
		ck_assert_uint_eq(dma_get(RX(i) + 4), BUFFER(4 + i));
	}
	bring_up(0);
	deliver(own, 60);
	send_from(0, 60);
	ck_assert_uint_eq(dma_get(RX(0) + 4) & 0xf, DN | 1 << 2);
	set(0x00, 0);
	enable(0x01);
	enable(0x00);
	ck_assert(!wire.level);
	for (unsigned i = 0; i < 4; i++) {
		dma_set(RX(i) + 4, dma_get(RX(i) + 4) & ~0xfu);
		dma_set(TX(i) + 4, dma_get(TX(i) + 4) & ~0xfu);
		ck_assert_uint_eq(dma_get(RX(i) + 4), BUFFER(4 + i));
		ck_assert_uint_eq(dma_get(TX(i) + 4), BUFFER(i));
	}
	enable(0x01);
	enable(0x33);
	ck_assert_uint_eq(get(0x08), 0); /* the MAC's own registers do not */
	for (unsigned i = 0; i < 4; i++)
		dma_set(RX(i) + 4, dma_get(RX(i) + 4) | EN);
	set(0x04, 0x2211);
	set(0x08, 0x0cc25000);
	set(0x00, 0x0c);
	deliver(own, 60);
	ck_assert_uint_eq(dma_get(RX(0) + 4), BUFFER(4) | DN | 1 << 2);
	dev_reset(&mac.dev, RESET_WARM); /* the board's reset takes everything */
	ck_assert_uint_eq(dma_get(RX(1) + 4), 0);
	ck_assert_uint_eq(io_read(&mac.enable_dev.io, 0, 4), 0);
	ck_assert(!wire.level);
}
END_TEST

START_TEST(done_is_cleared_only)
{
	bring_up(0);
	dma_set(RX(0) + 4, BUFFER(4) | DN);
	ck_assert_uint_eq(dma_get(RX(0) + 4), BUFFER(4));
	ck_assert(!wire.level);
	dma_set(RX(0) + 4, BUFFER(4) | EN);
	deliver(own, 60);
	dma_set(RX(0) + 4, BUFFER(4) | DN); /* as read: not acknowledged */
	ck_assert(wire.level);
	dma_set(RX(0) + 0, 0); /* status is the hardware's */
	ck_assert_uint_eq(dma_get(RX(0)), 0x40040040);
	deliver(own, 60);
	dma_set(RX(0) + 4, BUFFER(4) | EN);
	ck_assert(wire.level); /* the other one is still there */
	dma_set(RX(1) + 4, BUFFER(5) | EN);
	ck_assert(!wire.level);
}
END_TEST

START_TEST(loop_back)
{
	uint8_t f[80], got[80];
	struct err e = ERR_INIT;

	bring_up(1 << 21);
	poke(BUFFER(0), f, frame_to(f, own, sizeof f));
	send_from(0, sizeof f);
	ck_assert_uint_eq(dma_get(RX(0) + 4) & 3, EN); /* nothing is written from within an access */
	fake_time_pass(&now, 0);
	ck_assert_uint_eq(cable.n, 0);
	ck_assert_uint_eq(dma_get(TX(0) + 4) & 3, DN);
	ck_assert_uint_eq(dma_get(RX(0)), 0x40040000 | (sizeof f + 4));
	ck_assert(mem_read(map, BUFFER(4), got, sizeof got, &e) == ST_OK);
	ck_assert(!memcmp(got, f, sizeof f));
	deliver(own, 60); /* cut off from the cable */
	ck_assert_uint_eq(dma_get(RX(1) + 4) & 3, EN);
	send_from(1, 1518);
	enable(0);
	ck_assert_uint_eq(now.clock.first == NULL, 1);
}
END_TEST

START_TEST(fini_lets_go_of_the_cable)
{
	bring_up(0);
	dev_fini(&mac.dev);
	ck_assert_ptr_null(cable.nic.device);
	ck_assert(!nic_can_deliver(&cable.nic));
	deliver(own, 60);
	ck_assert_uint_eq(dma_get(RX(0) + 4) & 3, EN);
}
END_TEST

/* The wire follows the descriptors, time does not run away, and no byte outside RAM is touched (the map would not let it).  */
START_TEST(hostile)
{
	uint64_t s = 0x41750000u + (unsigned)_i;
	uint8_t f[NIC_FRAME_MAX] = { 0 };

	for (unsigned i = 0; i < 20000; i++) {
		uint32_t r = random32(&s), val = random32(&s), width = 1u << (r >> 8) % 3, off = (r >> 10) & ~(width - 1);
		bool done = false;

		if (val >> 28 == 0)
			val &= 0x1fffff;
		switch (r % 9) {
		case 0: io_write(&mac.dev.io, off & 0x3f & ~(width - 1), width, val); break;
		case 1: io_write(&mac.dev.io, off & 0xffff & ~(width - 1), width, val); break;
		case 2: io_write(&mac.enable_dev.io, 0, 4, r & 0x100 ? 0x33 : val); break;
		case 3: case 4: io_write(&mac.dma_dev.io, off & 0x1ff & ~(width - 1), width, val); break;
		case 5: io_read(&mac.dma_dev.io, off & 0x1ff & ~(width - 1), width); break;
		case 6: io_read(&mac.dev.io, off & 0xffff & ~(width - 1), width); break;
		case 7: nic_deliver(&cable.nic, f, val % (NIC_FRAME_MAX + 1)); break;
		default: fake_time_pass(&now, 1); break;
		}
		for (unsigned k = 0; k < 4; k++)
			done |= (dma_get(TX(k) + 4) | dma_get(RX(k) + 4)) & DN;
		ck_assert_msg(done == wire.level, "seed %d, step %u", _i, i);
	}
	fake_time_pass(&now, 1);
	ck_assert_uint_eq(clock_next_deadline(&now.clock), CLOCK_NEVER);
	dev_reset(&mac.dev, RESET_COLD);
	bring_up(0);
	cable.n = 0;
	send_from(0, 60);
	ck_assert_uint_eq(cable.n, 1);
	deliver(own, 60);
	ck_assert_uint_eq(dma_get(RX(0)), 0x40040040);
}
END_TEST

Suite *au1000_mac_suite(void)
{
	Suite *s = suite_create("au1000_mac");
	TCase *t = tcase_create("au1000_mac");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, registers);
	tcase_add_test(t, management_bus);
	tcase_add_test(t, no_cable_no_link);
	tcase_add_test(t, transmit);
	tcase_add_test(t, transmit_strictly_in_turn);
	tcase_add_test(t, transmitter_off);
	tcase_add_test(t, transmit_errors);
	tcase_add_test(t, receive);
	tcase_add_test(t, frame_check_sequence);
	tcase_add_test(t, receive_waits_for_a_descriptor);
	tcase_add_test(t, receiver_off);
	tcase_add_test(t, receive_errors);
	tcase_add_test(t, address_filter);
	tcase_add_test(t, kinds_of_frames);
	tcase_add_test(t, addresses_survive_reset);
	tcase_add_test(t, done_is_cleared_only);
	tcase_add_test(t, loop_back);
	tcase_add_test(t, fini_lets_go_of_the_cable);
	tcase_add_loop_test(t, hostile, 0, 8);
	suite_add_tcase(s, t);
	return s;
}
