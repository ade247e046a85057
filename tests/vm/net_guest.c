/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for the fake guest of the network tests.  */
#define _GNU_SOURCE
#include "tests/vm/net_guest.h"

#include <check.h>
#include <signal.h>
#include <string.h>

#include "base/host_time.h"

struct net_guest guest;

static struct clock time_now;

static uint64_t now_ns(void *opaque)
{
	(void)opaque;
	return host_ns();
}

static void wake(void *opaque)
{
	(void)opaque;
	guest.wakes++;
}

static bool can_receive(void *device)
{
	(void)device;
	return guest.room > 0;
}

static void receive(void *device, const uint8_t *frame, size_t n)
{
	(void)device;
	ck_assert(!guest.sending && guest.room);
	guest.room--;
	ck_assert_uint_lt(guest.nheld, HELD);
	guest.held[guest.nheld].n = n;
	memcpy(guest.held[guest.nheld++].bytes, frame, n);
}

enum status guest_make(const char *value, struct err *e)
{
	struct vm_nic_option o;

	ck_assert_msg(vm_nic_parse(value, 0, &o, e) == ST_OK, "%s", e->text);
	clock_init(&time_now, now_ns, NULL, NULL);
	return nets_create(&(struct nets_cfg){ .option = &o, .n = 1, .clock = &time_now, .wake = wake }, &guest.nets, e);
}

void guest_plug(const char *value)
{
	struct err e = ERR_INIT;

	ck_assert_msg(guest_make(value, &e) == ST_OK, "%s", e.text);
	guest.cable = nets_nic(guest.nets, 0);
	ck_assert_ptr_nonnull(guest.cable);
	ck_assert_ptr_null(nets_nic(guest.nets, 1));
	guest.cable->device = &guest;
	guest.cable->can_receive = can_receive;
	guest.cable->receive = receive;
	guest.room = UINT32_MAX;
	signal(SIGPIPE, SIG_IGN); /* as the machine does */
}

void guest_unplug(void)
{
	nets_destroy(guest.nets);
	guest.nets = NULL;
}

/* --- frames --- */

const uint8_t guest_mac[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };

void send_frame(const uint8_t *f, size_t n)
{
	guest.sending = true;
	nic_send(guest.cable, f, n);
	guest.sending = false;
}

void send_ip(uint32_t to, unsigned proto, const uint8_t *payload, size_t n, unsigned check)
{
	uint8_t f[NIC_FRAME_MAX] = { 0 }, *ip = f + 14, *p = f + 34;
	uint32_t s = 0;

	memcpy(f, to == UINT32_MAX ? (const uint8_t *)"\xff\xff\xff\xff\xff\xff" : (const uint8_t *)"\x52\x55\x0a\x00\x02\x02", 6);
	memcpy(f + 6, guest_mac, 6);
	put16(f + 12, 0x0800);
	put16(ip, 0x4500);
	put16(ip + 2, (unsigned)(20 + n));
	ip[8] = 64;
	ip[9] = (uint8_t)proto;
	put32(ip + 12, to == UINT32_MAX ? 0 : GUEST);
	put32(ip + 16, to);
	put16(ip + 10, inet_checksum(ip, 20, 0));
	memcpy(p, payload, n);
	if (proto != ICMP)
		s = proto + (uint32_t)n + get16(ip + 12) + get16(ip + 14) + get16(ip + 16) + get16(ip + 18);
	if (check)
		put16(p + check, inet_checksum(p, n, s));
	send_frame(f, 34 + n);
}

/* --- time passes --- */

void turn(void)
{
	static struct fds fds;
	uint64_t ns = 2000000;
	struct timespec t;
	bool failed;

	nets_look(guest.nets, host_ns());
	fds.n = 0;
	nets_fill(guest.nets, &fds, &ns);
	t = (struct timespec){ .tv_nsec = (long)ns };
	failed = ppoll(fds.at, fds.n, &t, NULL) < 0;
	nets_take(guest.nets, &fds, failed);
}

/* The first frame held of IPv4 protocol @proto (0: ARP) for port @port (0: any), taken out; NULL: none has come.  */
static const uint8_t *take(unsigned proto, unsigned port, size_t *n)
{
	static uint8_t out[NIC_FRAME_MAX];

	for (unsigned i = 0; i < guest.nheld; i++) {
		const uint8_t *f = guest.held[i].bytes;

		if (proto ? get16(f + 12) != 0x0800 || f[23] != proto || (port && get16(f + 36) != port) : get16(f + 12) != 0x0806)
			continue;
		*n = guest.held[i].n;
		memcpy(out, f, guest.held[i].n);
		memmove(&guest.held[i], &guest.held[i + 1], (--guest.nheld - i) * sizeof guest.held[0]);
		return out;
	}
	return NULL;
}

const uint8_t *expect(unsigned proto, unsigned port, size_t *n)
{
	uint64_t end = host_ns() + PATIENCE_NS;
	const uint8_t *f = take(proto, port, n);

	for (; !f && host_ns() < end; f = take(proto, port, n))
		turn();
	ck_assert_msg(f != NULL, "no frame of protocol %u came", proto);
	return f;
}

/* --- ARP --- */

static void send_arp(unsigned op, const uint8_t *to_mac, uint32_t to)
{
	uint8_t f[42] = { 0 };

	memcpy(f, op == 1 ? (const uint8_t *)"\xff\xff\xff\xff\xff\xff" : to_mac, 6);
	memcpy(f + 6, guest_mac, 6);
	put16(f + 12, 0x0806);
	memcpy(f + 14, "\0\1\x08\0\6\4", 6);
	put16(f + 20, op);
	memcpy(f + 22, guest_mac, 6);
	put32(f + 28, GUEST);
	memcpy(f + 32, to_mac, 6);
	put32(f + 38, to);
	send_frame(f, sizeof f);
}

void arp(void)
{
	const uint8_t *f;
	size_t n;

	send_arp(1, (const uint8_t *)"\0\0\0\0\0\0", ROUTER);
	f = expect(0, 0, &n);
	ck_assert_uint_eq(get16(f + 20), 2);
	ck_assert_uint_eq(get32(f + 28), ROUTER);
	ck_assert(!memcmp(f, guest_mac, 6));
	ck_assert(!memcmp(f + 22, "\x52\x55\x0a\x00\x02\x02", 6));
}

/* --- ICMP, UDP --- */

void send_ping(unsigned seq)
{
	uint8_t p[64] = { 8 };

	put16(p + 4, 0x1234);
	put16(p + 6, seq);
	for (unsigned i = 8; i < sizeof p; i++)
		p[i] = (uint8_t)i;
	send_ip(ROUTER, ICMP, p, sizeof p, 2);
}

void send_udp(uint32_t to, unsigned from_port, unsigned to_port, const void *bytes, size_t n)
{
	uint8_t u[NIC_FRAME_MAX] = { 0 };

	put16(u, from_port);
	put16(u + 2, to_port);
	put16(u + 4, (unsigned)(8 + n));
	memcpy(u + 8, bytes, n);
	send_ip(to, UDP, u, 8 + n, 6);
}

/* --- TCP --- */

void tcp_send(struct tcp *t, unsigned flags, const void *bytes, size_t n)
{
	uint8_t p[NIC_FRAME_MAX] = { 0 };

	put16(p, t->port);
	put16(p + 2, t->peer);
	put32(p + 4, t->seq);
	put32(p + 8, t->ack);
	p[12] = 0x50;
	p[13] = (uint8_t)flags;
	put16(p + 14, 0xffff);
	if (n)
		memcpy(p + 20, bytes, n);
	send_ip(t->to, TCP, p, 20 + n, 16);
	t->seq += (uint32_t)n + (flags & (SYN | FIN) ? 1 : 0);
}

unsigned tcp_take(struct tcp *t, uint8_t *bytes, size_t *n)
{
	for (;;) {
		size_t frame;
		const uint8_t *f = expect(TCP, t->port, &frame), *p = f + 34, *text = p + (p[12] >> 4) * 4;
		unsigned flags = p[13];

		*n = get16(f + 16) - 20u - (size_t)(text - p);
		if (flags & SYN) {
			t->peer = get16(p);
			t->ack = get32(p + 4) + 1;
			return flags;
		}
		if ((flags & RST) || ((flags & FIN || *n) && get32(p + 4) == t->ack)) {
			memcpy(bytes, text, *n);
			t->ack += (uint32_t)*n + (flags & FIN ? 1 : 0);
			return flags;
		}
		if (flags & FIN || *n)
			tcp_send(t, ACK, NULL, 0);
	}
}

