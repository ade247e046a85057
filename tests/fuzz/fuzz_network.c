/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a guest sends to the user network: frames of any kind, whole and broken, with time that passes.  libslirp is the distribution's, and
 * not instrumented: what is seen is a crash, a wait without end, and what reaches the guest.
 * It runs in a network of its own, where there is nobody, so that no packet gets out; where the host gives none, restricted.
 */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <sched.h>
#include <string.h>

#include "dbt-runtime/dev/nic.h"
#include "dbt-runtime/vm/net_user.h"
#include "tests/dev/fakes.h"
#include "tests/firmware/frames.h"

#define FRAMES_MAX 128u

static unsigned came;

static void to_guest(void *opaque, const uint8_t *frame, size_t n)
{
	unsigned sum = 0;

	(void)opaque;
	for (size_t i = 0; i < n; i++) /* all of it is there */
		sum += frame[i];
	came += sum != 0;
}

static void hurry(void *opaque) { (void)opaque; }

static void sum_put(uint8_t *at, const uint8_t *from, unsigned n, uint32_t sum)
{
	put16(at, 0);
	put16(at, inet_checksum(from, n, sum));
}

static uint32_t pseudo(const uint8_t *h, unsigned n)
{
	return (uint32_t)get16(h + 12) + get16(h + 14) + get16(h + 16) + get16(h + 18) + h[9] + n;
}

/* The sums of an IPv4 packet and of what is in it, as they should be.  */
static void sums_right(uint8_t *f, unsigned n)
{
	static const struct { uint8_t proto, at, least; bool pseudo; } sums[] = { { 1, 2, 8, false }, { 6, 16, 20, true }, { 17, 6, 8, true } };
	uint8_t *h = f + 14;
	unsigned head = (h[0] & 15u) * 4, rest;

	if (get16(f + 12) != 0x0800 || n < 34 || head < 20 || head > n - 14)
		return;
	rest = n - 14 - head;
	put16(h + 2, n - 14);
	sum_put(h + 10, h, head, 0);
	for (unsigned i = 0; i < ARRAY_LEN(sums); i++)
		if (h[9] == sums[i].proto && rest >= sums[i].least)
			sum_put(h + head + sums[i].at, h + head, rest, sums[i].pseudo ? pseudo(h, rest) : 0);
}

/* A packet to one of those who are there.  */
static unsigned packet(struct fuzz_in *in, uint8_t *f, uint32_t how)
{
	static const uint32_t to[] = { 0x0a000202, 0x0a000203, 0xffffffff, 0x0a000204, 0x7f000001, 0x0a0000ff, 0xe0000001, 0x0a00020f };
	static const uint16_t ports[] = { 69, 67, 53, 80, 113, 21, 6667, 2049 };
	static const uint8_t protos[] = { 17, 6, 1, 17 };
	unsigned head = how & 0x20 ? 20 + 4 * (fuzz_take(in, 1) % 11) : 20, odd = fuzz_take(in, 1);
	const uint8_t *bytes;
	size_t n;

	memset(f, 0, FRAME_MAX);
	memcpy(f, peer_mac, 6);
	memcpy(f + 6, our_mac, 6);
	put16(f + 12, 0x0800);
	f[14] = (uint8_t)(0x40 | head / 4);
	f[22] = 64;
	f[23] = odd & 0x80 ? (uint8_t)fuzz_take(in, 1) : protos[how >> 3 & 3];
	put32(f + 26, odd & 0x40 ? fuzz_take(in, 4) : OUR_IP);
	put32(f + 30, to[odd & 7]);
	bytes = fuzz_take_bytes(in, fuzz_take(in, 1) * (odd & 0x20 ? 6u : 1u) % (FRAME_MAX - 14 - head - 20), &n);
	memcpy(f + 14 + head, bytes, n);
	if (f[23] == 17 || f[23] == 6)
		put16(f + 14 + head + 2, ports[odd >> 3 & 7]);
	if (f[23] == 17)
		put16(f + 14 + head + 4, odd & 0x10 ? fuzz_take(in, 2) : (uint32_t)(n < 8 ? 8 : n));
	return (unsigned)(14 + head + (n < 20 ? 20 : n));
}

static void send(struct net_user *u, struct fuzz_in *in, uint32_t how)
{
	uint8_t f[FRAME_MAX] = { 0 };
	const uint8_t *bytes;
	unsigned n;
	size_t got;

	if (how & 1) {
		n = packet(in, f, how);
	} else if (how & 2) {
		n = make_arp(f, (uint16_t)(1 + (how >> 3 & 1)), OUR_IP, 0x0a000200u | fuzz_take(in, 1));
	} else {
		bytes = fuzz_take_bytes(in, fuzz_take(in, 2) % (FRAME_MAX + 1), &got);
		memcpy(f, bytes, got);
		n = (unsigned)got;
	}
	if (!(how & 0x40))
		sums_right(f, n);
	if (n >= NIC_FRAME_MIN) /* as nic_send has it */
		net_user_input(u, f, n);
}

static void look(struct net_user *u, struct fds *fds)
{
	uint64_t ns = CLOCK_NEVER;

	fds->n = 0;
	net_user_fill(u, fds, &ns);
	net_user_take(u, fds, fds->n && poll(fds->at, fds->n, 0) < 0);
}

void fuzz_network(const uint8_t *bytes, size_t size)
{
	static int alone; /* 1: a network of our own, -1: none */
	struct fuzz_in in = { bytes, size };
	struct vm_nic_option option;
	struct net_user *u = NULL;
	struct fake_time time;
	struct fds fds = { 0 };
	struct err e = ERR_INIT;

	if (!net_user_built())
		return;
	if (!alone)
		alone = unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 1 : -1;
	vm_nic_default(0, &option);
	option.kind = NIC_USER;
	option.restricted = alone < 0;
	strcpy(option.tftp, "tests/firmware");
	strcpy(option.bootfile, "fakes.h");
	fake_time_init(&time);
	FUZZ_CHECK(net_user_create(&(struct net_user_cfg){ .option = &option, .clock = &time.clock, .frame = to_guest, .hurry = hurry }, &u, &e) ==
		ST_OK);
	for (unsigned i = 0; i < FRAMES_MAX && in.left; i++) {
		uint32_t how = fuzz_take(&in, 1);

		if (how & 0x80) {
			fake_time_pass(&time, (uint64_t)fuzz_take(&in, 2) << (how & 31));
			look(u, &fds);
		} else {
			send(u, &in, how);
		}
	}
	look(u, &fds);
	net_user_destroy(u);
	fds_free(&fds);
}
