/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ethernet II, ARP (RFC 826), IPv4 (RFC 791), ICMP echo (RFC 792), UDP (RFC 768).  Every length a frame states is held against
 * what has come of it.
 */
#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/mac.h"
#include "firmware/net.h"
#include "firmware/string.h"
#include "firmware/timer.h"

/* Offsets in a frame, and sizes.  */
enum { ETH_TO = 0, ETH_FROM = 6, ETH_TYPE = 12, ETH = 14 };
enum { ARP_OP = ETH + 6, ARP_FROM_MAC = ETH + 8, ARP_FROM_IP = ETH + 14, ARP_TO_MAC = ETH + 18, ARP_TO_IP = ETH + 24, ARP_END = ETH + 28 };
enum { IP_SIZE = 20, UDP_SIZE = 8, ICMP_SIZE = 8 };
enum { TYPE_IP = 0x0800, TYPE_ARP = 0x0806, PROTO_ICMP = 1, PROTO_UDP = 17 };
enum { ARP_REQUEST = 1, ARP_REPLY = 2, ECHO_REPLY = 0, ECHO_REQUEST = 8 };

#define ARP_TRIES 4u
#define ARP_WAIT_MS 1000u

static const uint8_t arp_head[6] = { 0, 1, TYPE_IP >> 8, 0, 6, 4 }; /* Ethernet, IP, their lengths */
static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static struct {
	uint8_t mac[6], hop_mac[6];
	uint32_t ip, mask, gateway;
	uint32_t hop;            /* hop_mac is its Ethernet address, if hop_known */
	bool hop_known;
	uint16_t ident;
	/* Two bytes before a frame let what follows its header begin with a word.  */
	uint8_t in_buffer[2 + MAC_FRAME_MAX] __attribute__((aligned(4))), out_buffer[2 + MAC_FRAME_MAX] __attribute__((aligned(4)));
} net;
static uint8_t *const in = net.in_buffer + 2, *const out = net.out_buffer + 2;

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

const char *net_status_text(enum net_status s)
{
	switch (s) {
	case NET_OK: return "done";
	case NET_NO_ARP: return "nobody answers for that address (ARP)";
	case NET_NO_ANSWER: return "no answer";
	case NET_BREAK: return "Ctrl-C";
	case NET_UNSENT: return "the Ethernet controller does not send";
	case NET_REFUSED: return "refused";
	case NET_STOPPED: return "stopped";
	}
	return "?";
}

static uint32_t fold(uint32_t sum)
{
	sum = (sum & 0xffffu) + (sum >> 16);
	return (sum & 0xffffu) + (sum >> 16);
}

/* The sum does not depend on the byte order it is made in (RFC 1071, 2 (B)), nor on the size of the words; this processor's are taken.  */
uint16_t net_checksum(const void *bytes, unsigned n, uint32_t sum)
{
	typedef uint32_t __attribute__((may_alias)) word;
	const uint8_t *p = bytes;
	uint32_t carries = 0;

	sum = fold(sum);
	sum = (sum & 0xffu) << 8 | sum >> 8;
	if (n >= 2 && (uintptr_t)p & 2) {
		sum += p[0] | (uint32_t)p[1] << 8;
		p += 2;
		n -= 2;
	}
	for (; n >= 4; p += 4, n -= 4) {
		sum += *(const word *)p;
		carries += sum < *(const word *)p;
	}
	sum = fold(sum) + carries;
	if (n >= 2)
		sum += p[0] | (uint32_t)p[1] << 8;
	if (n & 1)
		sum += p[n - 1];
	sum = fold(sum);
	return (uint16_t)~((sum & 0xffu) << 8 | sum >> 8);
}

/* --- sending --- */

static bool send(const uint8_t to[6], uint16_t type, unsigned n)
{
	memcpy(out + ETH_TO, to, 6);
	memcpy(out + ETH_FROM, net.mac, 6);
	put16(out + ETH_TYPE, type);
	return mac_send(out, n);
}

static bool arp_send(uint16_t op, const uint8_t to[6], uint32_t ip)
{
	memcpy(out + ETH, arp_head, sizeof(arp_head));
	put16(out + ARP_OP, op);
	memcpy(out + ARP_FROM_MAC, net.mac, 6);
	put32(out + ARP_FROM_IP, net.ip);
	memcpy(out + ARP_TO_MAC, to, 6);
	put32(out + ARP_TO_IP, ip);
	return send(to, TYPE_ARP, ARP_END);
}

/* @n bytes behind the IP header are in their place.  */
static bool ip_send(const uint8_t to_mac[6], uint32_t to, uint8_t proto, unsigned n)
{
	uint8_t *h = out + ETH;

	h[0] = 0x45;
	h[1] = 0;
	put16(h + 2, IP_SIZE + n);
	put16(h + 4, net.ident++);
	put16(h + 6, 0);
	h[8] = 64;
	h[9] = proto;
	put16(h + 10, 0);
	put32(h + 12, net.ip);
	put32(h + 16, to);
	put16(h + 10, net_checksum(h, IP_SIZE, 0));
	return send(to_mac, TYPE_IP, ETH + IP_SIZE + n);
}

/* The part of a UDP checksum that is not in the datagram.  */
static uint32_t pseudo_sum(uint32_t a, uint32_t b, unsigned n)
{
	return (a >> 16) + (a & 0xffffu) + (b >> 16) + (b & 0xffffu) + PROTO_UDP + n;
}

bool net_udp_send(uint32_t ip, uint16_t from_port, uint16_t to_port, const void *bytes, unsigned n)
{
	uint8_t *h = out + ETH + IP_SIZE;
	uint16_t sum;

	put16(h, from_port);
	put16(h + 2, to_port);
	put16(h + 4, UDP_SIZE + n);
	put16(h + 6, 0);
	memcpy(h + UDP_SIZE, bytes, n);
	sum = net_checksum(h, UDP_SIZE + n, pseudo_sum(net.ip, ip, UDP_SIZE + n));
	put16(h + 6, sum ? sum : 0xffffu);
	return ip_send(net.hop_mac, ip, PROTO_UDP, UDP_SIZE + n);
}

static bool icmp_send(const uint8_t to_mac[6], uint32_t ip, uint8_t type, const uint8_t id_seq[4], const void *bytes, unsigned n)
{
	uint8_t *h = out + ETH + IP_SIZE;

	h[0] = type;
	h[1] = 0;
	put16(h + 2, 0);
	memcpy(h + 4, id_seq, 4);
	memcpy(h + ICMP_SIZE, bytes, n);
	put16(h + 2, net_checksum(h, ICMP_SIZE + n, 0));
	return ip_send(to_mac, ip, PROTO_ICMP, ICMP_SIZE + n);
}

bool net_echo_send(uint32_t ip, uint16_t ident, uint16_t sequence, const void *bytes, unsigned n)
{
	uint8_t id_seq[4];

	put16(id_seq, ident);
	put16(id_seq + 2, sequence);
	return icmp_send(net.hop_mac, ip, ECHO_REQUEST, id_seq, bytes, n);
}

/* --- receiving; true: there is something for whoever waits --- */

static void arp_take(const uint8_t *f, unsigned n)
{
	uint32_t from;

	if (n < ARP_END || memcmp(f + ETH, arp_head, sizeof(arp_head)))
		return;
	from = get32(f + ARP_FROM_IP);
	if (get32(f + ARP_TO_IP) != net.ip)
		return;
	if (get16(f + ARP_OP) == ARP_REQUEST) {
		arp_send(ARP_REPLY, f + ARP_FROM_MAC, from);
	} else if (get16(f + ARP_OP) == ARP_REPLY && from == net.hop) {
		memcpy(net.hop_mac, f + ARP_FROM_MAC, 6);
		net.hop_known = true;
	}
}

static bool icmp_take(struct net_packet *p, const uint8_t *h, unsigned n)
{
	if (n < ICMP_SIZE || h[1] || net_checksum(h, n, 0))
		return false;
	if (h[0] == ECHO_REQUEST && n - ICMP_SIZE <= NET_UDP_MAX)
		icmp_send(in + ETH_FROM, p->from, ECHO_REPLY, h + 4, h + ICMP_SIZE, n - ICMP_SIZE);
	if (h[0] != ECHO_REPLY)
		return false;
	p->kind = NET_ECHO;
	p->from_port = get16(h + 4);
	p->to_port = get16(h + 6);
	p->bytes = h + ICMP_SIZE;
	p->n = n - ICMP_SIZE;
	return true;
}

static bool udp_take(struct net_packet *p, const uint8_t *h, unsigned n)
{
	unsigned size;

	if (n < UDP_SIZE)
		return false;
	size = get16(h + 4);
	if (size < UDP_SIZE || size > n)
		return false;
	if (get16(h + 6) && net_checksum(h, size, pseudo_sum(p->from, net.ip, size)))
		return false;
	p->kind = NET_UDP;
	p->from_port = get16(h);
	p->to_port = get16(h + 2);
	p->bytes = h + UDP_SIZE;
	p->n = size - UDP_SIZE;
	return true;
}

static bool ip_take(struct net_packet *p, const uint8_t *h, unsigned n)
{
	unsigned head, size;

	if (n < IP_SIZE || h[0] >> 4 != 4)
		return false;
	head = (h[0] & 15u) * 4;
	size = get16(h + 2);
	if (head < IP_SIZE || size < head || size > n || net_checksum(h, head, 0))
		return false;
	if ((get16(h + 6) & 0x3fffu) || get32(h + 16) != net.ip) /* a fragment; not for us */
		return false;
	p->from = get32(h + 12);
	switch (h[9]) {
	case PROTO_ICMP: return icmp_take(p, h + head, size - head);
	case PROTO_UDP: return udp_take(p, h + head, size - head);
	default: return false;
	}
}

static bool frame_take(struct net_packet *p)
{
	unsigned n = mac_receive(in);

	if (n < ETH)
		return false;
	switch (get16(in + ETH_TYPE)) {
	case TYPE_ARP:
		arp_take(in, n);
		return false;
	case TYPE_IP:
		return ip_take(p, in + ETH, n - ETH);
	default:
		return false;
	}
}

/* The time is looked at before each frame: whoever sends without a pause what nobody wants shall not keep us waiting.  */
enum net_status net_wait(struct net_packet *p, uint32_t since, uint32_t ms)
{
	while (timer_ms() - since < ms) {
		if (con_break())
			return NET_BREAK;
		if (frame_take(p))
			return NET_OK;
	}
	return NET_NO_ANSWER;
}

/* --- addresses --- */

enum net_status net_find(uint32_t ip)
{
	net.hop = net.gateway && (ip ^ net.ip) & net.mask ? net.gateway : ip;
	net.hop_known = false;
	for (unsigned i = 0; i < ARP_TRIES; i++) {
		uint32_t since = timer_ms();
		struct net_packet ignored;

		if (!arp_send(ARP_REQUEST, broadcast, net.hop))
			return NET_UNSENT;
		do {
			if (con_break())
				return NET_BREAK;
			frame_take(&ignored);
			if (net.hop_known)
				return NET_OK;
		} while (timer_ms() - since < ARP_WAIT_MS);
	}
	return NET_NO_ARP;
}

const char *net_open(void)
{
	const char *selector = env_get("MAC");
	unsigned unit = selector && !strcmp(selector, "1");

	if (!env_ip("ipaddr", &net.ip) || !net.ip)
		return "the variable ipaddr is not set";
	if (!env_mac(net.mac))
		return "the variable ethaddr is not set";
	if (!env_ip("gateway", &net.gateway))
		net.gateway = 0;
	if (!env_ip("subnetmask", &net.mask) || !net.mask)
		net.mask = 0xffffff00;
	net.mac[5] = (uint8_t)(net.mac[5] + unit); /* as kernels have it */
	return mac_start(unit, net.mac);
}

void net_close(void) { mac_stop(); }
