/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/firmware/fakes.h"

#include <check.h>
#include <string.h>

#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/mac.h"
#include "firmware/timer.h"

const uint8_t our_mac[6] = { 0x00, 0x00, 0x1a, 0x19, 0x15, 0x00 }, peer_mac[6] = { 0x52, 0x55, 0x0a, 0x00, 0x02, 0x02 };
struct wire wire;

/* --- what the code under test calls --- */

uint32_t timer_ms(void) { return wire.ms; }
bool con_break(void) { return wire.break_at && wire.ms >= wire.break_at; }

bool env_ip(const char *name, uint32_t *ip)
{
	*ip = !strcmp(name, "ipaddr") ? OUR_IP : !strcmp(name, "gateway") ? GATEWAY_IP : 0xffffff00u;
	return !(wire.no_gateway && !strcmp(name, "gateway"));
}

bool env_mac(uint8_t mac[6])
{
	memcpy(mac, our_mac, 6);
	return true;
}

const char *env_get(const char *name)
{
	ck_assert_str_eq(name, "MAC");
	return wire.second ? "1" : "0";
}

const char *mac_start(unsigned unit, const uint8_t address[6])
{
	ck_assert_uint_eq(unit, wire.second);
	ck_assert_mem_eq(address, our_mac, 5);
	ck_assert_uint_eq(address[5], our_mac[5] + unit);
	return NULL;
}

void mac_stop(void) {}

bool mac_send(const uint8_t *frame, unsigned n)
{
	ck_assert_uint_ge(n, 14);
	ck_assert_uint_le(n, MAC_FRAME_MAX);
	ck_assert_mem_eq(frame + 6, our_mac, 6);
	wire.nsent++;
	memcpy(wire.last, frame, n);
	wire.last_n = n;
	if (wire.sent)
		wire.sent(wire.last, n);
	return true;
}

unsigned mac_receive(uint8_t *frame)
{
	unsigned n;

	if (wire.head == wire.tail) {
		wire.ms++;
		return 0;
	}
	n = wire.size[wire.head % 16];
	memcpy(frame, wire.queue[wire.head++ % 16], n);
	memset(frame + n, 0xa5, MAC_FRAME_MAX - n); /* what was there before is no part of it */
	return n;
}

/* --- the other side --- */

void wire_start(void (*sent)(const uint8_t *frame, unsigned n))
{
	memset(&wire, 0, sizeof(wire));
	wire.ms = 1000;
	wire.sent = sent;
}

void wire_put(const uint8_t *frame, unsigned n)
{
	if (wire.tail - wire.head == 16)
		return; /* lost */
	memcpy(wire.queue[wire.tail % 16], frame, n);
	wire.size[wire.tail++ % 16] = n;
}

uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

uint16_t slow_checksum(const uint8_t *p, unsigned n, uint32_t sum)
{
	for (unsigned i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffffu) + (sum >> 16);
	return (uint16_t)~sum;
}

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

unsigned make_ip(uint8_t *f, uint8_t proto, uint32_t from, uint32_t to, unsigned n)
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
	put16(h + 10, slow_checksum(h, 20, 0));
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
	sum = slow_checksum(h, 8 + n, pseudo);
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
	put16(h + 2, slow_checksum(h, 8 + n, 0));
	return make_ip(f, 1, PEER_IP, OUR_IP, 8 + n);
}

uint32_t test_random(uint32_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 17;
	*s ^= *s << 5;
	return *s;
}
