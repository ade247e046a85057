/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor's IPv4: what it answers while it waits, what it does not believe, where it sends packets.
 */
#include <check.h>
#include <string.h>

#include "firmware/net.h"
#include "tests/firmware/fakes.h"

Suite *net_suite(void);

static uint8_t frame[FRAME_MAX];

static void open_net(void (*sent)(const uint8_t *frame, unsigned n))
{
	wire_start(sent);
	ck_assert_ptr_null(net_open());
}

static enum net_status wait_ms(struct net_packet *p, uint32_t ms) { return net_wait(p, wire.ms, ms); }

/* RFC 1071, 3: the words sum up to ddf2 */
START_TEST(checksum)
{
	uint8_t b[1500] __attribute__((aligned(2))) = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	uint64_t seed = 3;

	ck_assert_uint_eq(net_checksum(b, 8, 0), 0xffff & ~0xddf2);
	for (unsigned i = 0; i < 2000; i++) {
		unsigned n = random32(&seed) % sizeof(b);
		uint32_t sum = random32(&seed) >> (random32(&seed) % 20);

		for (unsigned k = 0; k < n; k++)
			b[k] = i < 10 ? 0xff : (uint8_t)random32(&seed);
		ck_assert_uint_eq(net_checksum(b, n, sum), inet_checksum(b, n, (sum & 0xffff) + (sum >> 16)));
	}
}
END_TEST

static void answer_arp(const uint8_t *f, unsigned n)
{
	if (get16(f + 12) != 0x0806)
		return;
	ck_assert_uint_eq(n, 42);
	ck_assert_uint_eq(get16(f + 20), 1);
	ck_assert_mem_eq(f, "\xff\xff\xff\xff\xff\xff", 6);
	ck_assert_mem_eq(f + 22, our_mac, 6);
	ck_assert_uint_eq(get32(f + 28), OUR_IP);
	make_arp(frame, 2, 0x0a000263, OUR_IP); /* somebody else is somewhere else */
	frame[22] ^= 0x80;
	wire_put(frame, 42);
	wire_put(frame, make_arp(frame, 2, get32(f + 38), OUR_IP));
}

START_TEST(find_peer)
{
	open_net(answer_arp);
	ck_assert_int_eq(net_find(PEER_IP), NET_OK);
	ck_assert_uint_eq(get32(wire.last + 38), PEER_IP);
	ck_assert(net_udp_send(PEER_IP, 1000, 2000, "abc", 3));
	ck_assert_mem_eq(wire.last, peer_mac, 6);
	ck_assert_uint_eq(wire.last_n, 14 + 20 + 8 + 3);
	ck_assert_uint_eq(inet_checksum(wire.last + 14, 20, 0), 0);
	ck_assert_uint_eq(inet_checksum(wire.last + 34, 11, 17 + 11 + 0x0a00 + 0x020f + 0x0a00 + 0x0202), 0);
	ck_assert_uint_eq(get32(wire.last + 26), OUR_IP);
	ck_assert_uint_eq(get32(wire.last + 30), PEER_IP);
	ck_assert_uint_eq(get16(wire.last + 34), 1000);
	ck_assert_uint_eq(get16(wire.last + 36), 2000);
	ck_assert_mem_eq(wire.last + 42, "abc", 3);
}
END_TEST

START_TEST(second_mac)
{
	wire_start(NULL);
	wire.second = true;
	ck_assert_ptr_null(net_open());
}
END_TEST

START_TEST(find_far)
{
	open_net(answer_arp);
	ck_assert_int_eq(net_find(0x08080808), NET_OK);
	ck_assert_uint_eq(get32(wire.last + 38), GATEWAY_IP);
	ck_assert(net_udp_send(0x08080808, 1, 2, "", 0));
	ck_assert_uint_eq(get32(wire.last + 30), 0x08080808);
	wire.no_gateway = true;
	ck_assert_ptr_null(net_open());
	ck_assert_int_eq(net_find(0x08080808), NET_OK);
	ck_assert_uint_eq(get32(wire.last + 38), 0x08080808);
}
END_TEST

START_TEST(find_nobody)
{
	open_net(NULL);
	ck_assert_int_eq(net_find(PEER_IP), NET_NO_ARP);
	ck_assert_uint_eq(wire.nsent, 4);
	ck_assert_uint_ge(wire.ms, 5000);
	open_net(NULL);
	wire.break_at = 1500;
	ck_assert_int_eq(net_find(PEER_IP), NET_BREAK);
	ck_assert_uint_eq(wire.nsent, 1);
}
END_TEST

START_TEST(arp_answered)
{
	struct net_packet p;

	open_net(NULL);
	wire_put(frame, make_arp(frame, 1, PEER_IP, OUR_IP + 1)); /* not us */
	ck_assert_int_eq(wait_ms(&p, 10), NET_NO_ANSWER);
	ck_assert_uint_eq(wire.nsent, 0);
	wire_put(frame, make_arp(frame, 1, PEER_IP, OUR_IP));
	ck_assert_int_eq(wait_ms(&p, 10), NET_NO_ANSWER);
	ck_assert_uint_eq(wire.nsent, 1);
	ck_assert_mem_eq(wire.last, peer_mac, 6);
	ck_assert_uint_eq(get16(wire.last + 20), 2);
	ck_assert_mem_eq(wire.last + 22, our_mac, 6);
	ck_assert_uint_eq(get32(wire.last + 28), OUR_IP);
	ck_assert_mem_eq(wire.last + 32, peer_mac, 6);
	ck_assert_uint_eq(get32(wire.last + 38), PEER_IP);
}
END_TEST

START_TEST(echo_answered)
{
	uint8_t b[NET_UDP_MAX];
	struct net_packet p;

	memset(b, 0x5a, sizeof(b));
	for (unsigned n = 0; n <= NET_UDP_MAX; n += 64) {
		open_net(NULL);
		wire_put(frame, make_echo(frame, 8, 77, 99, b, n));
		ck_assert_int_eq(wait_ms(&p, 10), NET_NO_ANSWER);
		ck_assert_uint_eq(wire.nsent, 1);
		ck_assert_uint_eq(wire.last_n, 42 + n);
		ck_assert_mem_eq(wire.last, peer_mac, 6);
		ck_assert_uint_eq(get32(wire.last + 30), PEER_IP);
		ck_assert_uint_eq(inet_checksum(wire.last + 34, 8 + n, 0), 0);
		ck_assert_uint_eq(wire.last[34], 0);
		ck_assert_mem_eq(wire.last + 38, "\0\115\0\143", 4);
		ck_assert_mem_eq(wire.last + 42, b, n);
	}
}
END_TEST

START_TEST(echo_replied)
{
	struct net_packet p;

	open_net(NULL);
	wire_put(frame, make_echo(frame, 0, 0x1234, 5, "ping", 4));
	ck_assert_int_eq(wait_ms(&p, 10), NET_OK);
	ck_assert_int_eq(p.kind, NET_ECHO);
	ck_assert_uint_eq(p.from, PEER_IP);
	ck_assert_uint_eq(p.from_port, 0x1234);
	ck_assert_uint_eq(p.to_port, 5);
	ck_assert_uint_eq(p.n, 4);
	ck_assert_mem_eq(p.bytes, "ping", 4);
}
END_TEST

START_TEST(echo_refused)
{
	struct net_packet p;

	open_net(NULL);
	for (unsigned type = 0; type <= 8; type += 8) {
		unsigned n = make_echo(frame, (uint8_t)type, 1, 1, "ping", 4);

		for (unsigned at = 35; at < n; at++) { /* type, which may decide, excepted */
			frame[at] ^= 0x10;
			wire_put(frame, n);
			ck_assert_msg(wait_ms(&p, 2) == NET_NO_ANSWER && !wire.nsent, "byte %u", at);
			frame[at] ^= 0x10;
		}
	}
}
END_TEST

START_TEST(udp_received)
{
	struct net_packet p;
	unsigned n = make_udp(frame, 69, 4000, "hello", 5);

	open_net(NULL);
	wire_put(frame, 60); /* padded, as short frames are */
	ck_assert_int_eq(wait_ms(&p, 10), NET_OK);
	ck_assert_int_eq(p.kind, NET_UDP);
	ck_assert_uint_eq(p.from, PEER_IP);
	ck_assert_uint_eq(p.from_port, 69);
	ck_assert_uint_eq(p.to_port, 4000);
	ck_assert_uint_eq(p.n, 5);
	ck_assert_mem_eq(p.bytes, "hello", 5);

	for (unsigned cut = 0; cut < n; cut++) { /* what is not there is not delivered */
		wire_put(frame, cut);
		ck_assert_int_eq(wait_ms(&p, 2), NET_NO_ANSWER);
	}
	for (unsigned at = 14; at < n; at++) { /* each byte is under some checksum, or decides */
		if (at == 34 + 6 || at == 34 + 7)
			continue;
		frame[at] ^= 0x40;
		wire_put(frame, n);
		ck_assert_msg(wait_ms(&p, 2) == NET_NO_ANSWER, "byte %u", at);
		frame[at] ^= 0x40;
	}
	put16(frame + 40, 0); /* no checksum */
	wire_put(frame, n);
	ck_assert_int_eq(wait_ms(&p, 10), NET_OK);
}
END_TEST

START_TEST(ip_refused)
{
	struct net_packet p;
	unsigned n;
	uint8_t *h = frame + 14;

	open_net(NULL);
	for (unsigned what = 0; what < 6; what++) {
		n = make_udp(frame, 69, 4000, "hello", 5);
		switch (what) {
		case 0: put16(h + 6, 0x2000); break;         /* more fragments */
		case 1: put16(h + 6, 0x0001); break;         /* a later fragment */
		case 2: put32(h + 16, OUR_IP + 1); break;    /* for somebody else */
		case 3:                                      /* a header of 16 bytes; what follows looks like UDP's */
			n = make_udp(frame, 17, 0, "hello", 5);
			h[0] = 0x44;
			break;
		case 4: put16(h + 2, 19); break;             /* shorter than its header */
		case 5: put16(h + 2, 34); break;             /* longer than the frame */
		}
		put16(h + 10, 0);
		put16(h + 10, inet_checksum(h, (h[0] & 15u) * 4, 0));
		wire_put(frame, n);
		ck_assert_msg(wait_ms(&p, 2) == NET_NO_ANSWER, "case %u", what);
	}
	n = make_udp(frame, 69, 4000, "hello", 5);
	put16(frame + 38, 14); /* the datagram says it is longer */
	wire_put(frame, n);
	ck_assert_int_eq(wait_ms(&p, 2), NET_NO_ANSWER);
	put16(frame + 38, 7);
	wire_put(frame, n);
	ck_assert_int_eq(wait_ms(&p, 2), NET_NO_ANSWER);
}
END_TEST

START_TEST(options_skipped)
{
	struct net_packet p;
	unsigned n = make_udp(frame, 69, 4000, "hello", 5);

	memmove(frame + 38, frame + 34, n - 34); /* a header with an option */
	memset(frame + 34, 1, 4);
	frame[14] = 0x46;
	put16(frame + 16, n + 4 - 14);
	put16(frame + 24, 0);
	put16(frame + 24, inet_checksum(frame + 14, 24, 0));
	open_net(NULL);
	wire_put(frame, n + 4);
	ck_assert_int_eq(wait_ms(&p, 2), NET_OK);
	ck_assert_mem_eq(p.bytes, "hello", 5);
}
END_TEST

START_TEST(random_frames)
{
	uint64_t seed = 5;
	struct net_packet p;

	open_net(NULL);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n = make_udp(frame, 69, 4000, "0123456789", 10);

		if (i % 3 == 1)
			n = make_echo(frame, i % 2 ? 8 : 0, 1, 1, "0123456789", 10);
		if (i % 3 == 2)
			n = make_arp(frame, i % 2 ? 1 : 2, PEER_IP, OUR_IP);
		for (uint32_t k = random32(&seed) % 3; k; k--)
			frame[12 + random32(&seed) % 40] = (uint8_t)random32(&seed);
		if (frame[12] == 8 && frame[13] == 0) { /* so that more is looked at than the checksum */
			put16(frame + 24, 0);
			put16(frame + 24, inet_checksum(frame + 14, (frame[14] & 15u) * 4, 0));
		}
		wire_put(frame, random32(&seed) % 2 ? n : random32(&seed) % (n + 1));
		if (wait_ms(&p, 2) == NET_OK) {
			ck_assert_ptr_nonnull(p.bytes);
			ck_assert_uint_le(p.n, FRAME_MAX - 42);
		}
	}
}
END_TEST

Suite *net_suite(void)
{
	Suite *s = suite_create("net");
	TCase *t = tcase_create("net");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, checksum);
	tcase_add_test(t, find_peer);
	tcase_add_test(t, second_mac);
	tcase_add_test(t, find_far);
	tcase_add_test(t, find_nobody);
	tcase_add_test(t, arp_answered);
	tcase_add_test(t, echo_answered);
	tcase_add_test(t, echo_replied);
	tcase_add_test(t, echo_refused);
	tcase_add_test(t, udp_received);
	tcase_add_test(t, ip_refused);
	tcase_add_test(t, options_skipped);
	tcase_add_test(t, random_frames);
	suite_add_tcase(s, t);
	return s;
}
