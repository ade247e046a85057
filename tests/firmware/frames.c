/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for frames.h.  */
#include "tests/firmware/frames.h"

#include <string.h>

const uint8_t our_mac[6] = { 0x00, 0x00, 0x1a, 0x19, 0x15, 0x00 }, peer_mac[6] = { 0x52, 0x55, 0x0a, 0x00, 0x02, 0x02 };

static void ethernet(uint8_t *f, uint16_t type)
{
	memcpy(f, our_mac, 6);
	memcpy(f + 6, peer_mac, 6);
	put16(f + 12, type);
}

unsigned make_arp(uint8_t *f, uint16_t op, uint32_t from, uint32_t to)
{
	static const uint8_t head[6] = { 0, 1, 8, 0, 6, 4 };

	ethernet(f, 0x0806);
	memcpy(f + 14, head, 6);
	put16(f + 20, op);
	memcpy(f + 22, peer_mac, 6);
	put32(f + 28, from);
	memset(f + 32, 0, 6);
	put32(f + 38, to);
	return 42;
}

static unsigned make_ip(uint8_t *f, uint8_t proto, uint32_t from, uint32_t to, unsigned n)
{
	uint8_t *h = f + 14;

	ethernet(f, 0x0800);
	memset(h, 0, 20);
	h[0] = 0x45;
	put16(h + 2, 20 + n);
	h[8] = 64;
	h[9] = proto;
	put32(h + 12, from);
	put32(h + 16, to);
	put16(h + 10, inet_checksum(h, 20, 0));
	return 34 + n;
}

unsigned make_udp(uint8_t *f, uint16_t from_port, uint16_t to_port, const void *bytes, unsigned n)
{
	uint8_t *h = f + 34;
	uint32_t pseudo = (PEER_IP >> 16) + (PEER_IP & 0xffffu) + (OUR_IP >> 16) + (OUR_IP & 0xffffu) + 17 + 8 + n;
	uint16_t sum;

	put16(h, from_port);
	put16(h + 2, to_port);
	put16(h + 4, 8 + n);
	put16(h + 6, 0);
	memcpy(h + 8, bytes, n);
	sum = inet_checksum(h, 8 + n, pseudo);
	put16(h + 6, sum ? sum : 0xffff);
	return make_ip(f, 17, PEER_IP, OUR_IP, 8 + n);
}

unsigned make_echo(uint8_t *f, uint8_t type, uint16_t ident, uint16_t sequence, const void *bytes, unsigned n)
{
	uint8_t *h = f + 34;

	h[0] = type;
	h[1] = 0;
	put16(h + 2, 0);
	put16(h + 4, ident);
	put16(h + 6, sequence);
	memcpy(h + 8, bytes, n);
	put16(h + 2, inet_checksum(h, 8 + n, 0));
	return make_ip(f, 1, PEER_IP, OUR_IP, 8 + n);
}
