/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A MAC with its four transmit and four receive descriptors, which are registers, and its PHY.  Registers and their use as in Linux
 * 6.1, drivers/net/ethernet/amd/au1000_eth.[ch].  Buffers are used through kseg1: DMA does not see the caches.
 */
#include "firmware/io.h"
#include "firmware/mac.h"
#include "firmware/memory.h"
#include "firmware/string.h"
#include "firmware/timer.h"

#define MAC_CONTROL  (unit->mac + 0x00)
#define MAC_ADDRHIGH (unit->mac + 0x04)
#define MAC_ADDRLOW  (unit->mac + 0x08)
#define MAC_HASHHIGH (unit->mac + 0x0c)
#define MAC_HASHLOW  (unit->mac + 0x10)
#define MAC_MIICTL   (unit->mac + 0x14)
#define MAC_MIIDATA  (unit->mac + 0x18)
#define CONTROL_RX   0x00000004u
#define CONTROL_TX   0x00000008u
#define CONTROL_FULL 0x00100000u
#define MIICTL_BUSY  1u

#define ENABLE_CLOCK 0x01u
#define ENABLE_ALL   0x33u /* clock, out of reset */

#define TX(n) (unit->dma + (n) * 0x10)
#define RX(n) (unit->dma + 0x100 + (n) * 0x10)
#define D_STATUS 0x0
#define D_BUFFER 0x4 /* address and control */
#define D_LENGTH 0x8
#define BUFFER_EN 1u
#define BUFFER_DN 2u
#define TX_ABORTED 0x00000001u
#define RX_LENGTH  0x00003fffu /* FCS included */
#define RX_ERRORS  0x852bc000u /* watchdog, runt, overlong, collision, MII, CRC, length, control, missed */
#define FCS 4u

#define PHY_BMSR   1
#define PHY_ID1    2
#define PHY_ANAR   4
#define PHY_ANLPAR 5
#define BMSR_LINK  0x0004
#define AN_FULL    0x0140 /* 100 and 10 Mbit/s */

#define RING 4u
#define BUFFER_SIZE 2048u
#define FRAME_MIN 60u
#define LINK_WAIT_MS 3000u
#define MII_WAIT_MS 20u
#define SEND_WAIT_MS 100u

static const struct unit { uint32_t mac, enable, dma; } units[] = {
	{ AU_MAC0, AU_MACEN, AU_MACDMA0 },
	{ AU_MAC1, AU_MACEN + 4, AU_MACDMA1 },
};
static const struct unit *unit = units; /* the one in use */
static uint8_t buffers[RING + 1][BUFFER_SIZE] __attribute__((aligned(32))); /* the last one: to send */
static unsigned tx, rx; /* the descriptors that are next */

static uint32_t physical(const void *p) { return (uint32_t)(uintptr_t)p & PHYS_MASK; }
static uint8_t *uncached(unsigned buffer) { return kseg1(physical(buffers[buffer])); }

static bool wait_clear(uint32_t reg, uint32_t bit, uint32_t ms)
{
	uint32_t since = timer_ms();

	while (io_read32(reg) & bit)
		if (timer_ms() - since > ms)
			return false;
	return true;
}

/* All ones if nothing answers, as an absent PHY.  */
static uint16_t phy_read(unsigned phy, unsigned reg)
{
	if (!wait_clear(MAC_MIICTL, MIICTL_BUSY, MII_WAIT_MS))
		return 0xffff;
	io_write32(MAC_MIICTL, phy << 11 | reg << 6);
	return wait_clear(MAC_MIICTL, MIICTL_BUSY, MII_WAIT_MS) ? (uint16_t)io_read32(MAC_MIIDATA) : 0xffff;
}

/* The lowest address that answers; 32: none.  */
static unsigned phy_find(void)
{
	unsigned phy = 0;

	while (phy < 32 && phy_read(phy, PHY_ID1) == 0xffff)
		phy++;
	return phy;
}

static bool phy_wait_link(unsigned phy)
{
	uint32_t since = timer_ms();

	do {
		phy_read(phy, PHY_BMSR); /* that a link was lost is kept until read */
		if (phy_read(phy, PHY_BMSR) & BMSR_LINK)
			return true;
	} while (timer_ms() - since < LINK_WAIT_MS);
	return false;
}

static void receive_arm(unsigned n)
{
	io_sync();
	io_write32(RX(n) + D_BUFFER, physical(buffers[n]) | BUFFER_EN);
}

static void enable(void)
{
	io_write32(unit->enable, ENABLE_CLOCK);
	timer_delay_ms(2);
	io_write32(unit->enable, ENABLE_ALL);
	timer_delay_ms(2);
}

void mac_stop(void)
{
	io_write32(unit->enable, ENABLE_CLOCK); /* in reset */
	timer_delay_ms(2);
	io_write32(unit->enable, 0);
	for (unsigned i = 0; i < RING; i++) {
		io_write32(RX(i) + D_BUFFER, physical(buffers[i]));
		io_write32(TX(i) + D_BUFFER, physical(buffers[RING]));
	}
}

const char *mac_start(unsigned which, const uint8_t a[6])
{
	bool full;
	unsigned phy;

	unit = &units[which];
	mac_stop();
	memory_flush_range(buffers, sizeof(buffers));
	enable();
	phy = phy_find();
	if (phy == 32)
		return "no PHY answers";
	if (!phy_wait_link(phy))
		return "no link";
	full = phy_read(phy, PHY_ANAR) & phy_read(phy, PHY_ANLPAR) & AN_FULL;
	io_write32(MAC_ADDRHIGH, (uint32_t)a[5] << 8 | a[4]);
	io_write32(MAC_ADDRLOW, (uint32_t)a[3] << 24 | (uint32_t)a[2] << 16 | (uint32_t)a[1] << 8 | a[0]);
	io_write32(MAC_HASHHIGH, 0);
	io_write32(MAC_HASHLOW, 0);
	tx = io_read32(TX(0) + D_BUFFER) >> 2 & (RING - 1);
	rx = io_read32(RX(0) + D_BUFFER) >> 2 & (RING - 1);
	for (unsigned i = 0; i < RING; i++)
		receive_arm(i);
	io_write32(MAC_CONTROL, CONTROL_RX | CONTROL_TX | (full ? CONTROL_FULL : 0));
	return NULL;
}

bool mac_send(const uint8_t *frame, unsigned n)
{
	uint8_t *to = uncached(RING);
	uint32_t d = TX(tx);

	if (n > MAC_FRAME_MAX)
		return false;
	memcpy(to, frame, n);
	if (n < FRAME_MIN) {
		memset(to + n, 0, FRAME_MIN - n);
		n = FRAME_MIN;
	}
	io_write32(d + D_LENGTH, n);
	io_sync();
	io_write32(d + D_BUFFER, physical(buffers[RING]) | BUFFER_EN);
	if (!wait_clear(d + D_BUFFER, BUFFER_EN, SEND_WAIT_MS))
		return false;
	io_write32(d + D_BUFFER, physical(buffers[RING])); /* clears DN */
	io_write32(d + D_LENGTH, 0);
	tx = (tx + 1) % RING;
	return !(io_read32(d + D_STATUS) & TX_ABORTED);
}

unsigned mac_receive(uint8_t *frame)
{
	for (unsigned i = 0; i < RING && io_read32(RX(rx) + D_BUFFER) & BUFFER_DN; i++) {
		uint32_t status = io_read32(RX(rx) + D_STATUS), n = status & RX_LENGTH;
		bool good = !(status & RX_ERRORS) && n > FCS && n - FCS <= MAC_FRAME_MAX;

		if (good)
			memcpy(frame, uncached(rx), n - FCS);
		receive_arm(rx);
		rx = (rx + 1) % RING;
		if (good)
			return n - FCS;
	}
	return 0;
}
