/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user network as a guest sees it: a fake device that speaks ARP, DHCP, ICMP, TFTP and just enough TCP, against sockets of this
 * process on the host's loopback.  Nothing leaves the host.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/host_time.h"
#include "dbt-runtime/vm/net_user.h"
#include "dbt-runtime/vm/sandbox.h"
#include "tests/harness/suites.h"
#include "tests/harness/temp_dir.h"
#include "tests/vm/net_guest.h"

Suite *net_suite(void);

START_TEST(address_resolution)
{
	guest_plug("user");
	guest.wakes = 0;
	arp();
	ck_assert_uint_ge(guest.wakes, 1); /* the answer was there at once, and waited for the run to end */
}
END_TEST

/* --- DHCP --- */

static const uint8_t *dhcp_option(const uint8_t *f, size_t n, unsigned code)
{
	for (const uint8_t *o = f + 42 + 240; o + 2 < f + n && *o != 255; o += o[1] + 2)
		if (*o == code)
			return o + 2;
	ck_abort_msg("no option %u", code);
	return NULL;
}

static const uint8_t *dhcp(unsigned kind, size_t *n)
{
	uint8_t u[8 + 240 + 16] = { 0 }, *b = u + 8, *o = b + 240;

	put16(u, 68);
	put16(u + 2, 67);
	put16(u + 4, sizeof u);
	memcpy(b, "\1\1\6\0" "abcd", 8);
	memcpy(b + 28, guest_mac, 6);
	put32(b + 236, 0x63825363);
	memcpy(o, "\x35\1", 2);
	o[2] = (uint8_t)kind;
	memcpy(o + 3, kind == 3 ? "\x32\4\x0a\0\2\x0f\xff" : "\xff\0\0\0\0\0\0", 7);
	send_ip(UINT32_MAX, UDP, u, sizeof u, 0);
	return expect(UDP, 68, n);
}

START_TEST(dynamic_address)
{
	static const unsigned ask[] = { 1, 3 }, answer[] = { 2, 5 }; /* DISCOVER, REQUEST; OFFER, ACK */
	const uint8_t *f;
	size_t n;

	guest_plug("user,bootfile=vmlinux.srec");
	for (unsigned i = 0; i < 2; i++) {
		f = dhcp(ask[i], &n);
		ck_assert(!memcmp(f + 42 + 4, "abcd", 4));
		ck_assert_uint_eq(get32(f + 42 + 16), GUEST);
		ck_assert_str_eq((const char *)f + 42 + 108, "vmlinux.srec");
		ck_assert_uint_eq(dhcp_option(f, n, 53)[0], answer[i]);
		ck_assert_uint_eq(get32(dhcp_option(f, n, 1)), 0xffffff00);
		ck_assert_uint_eq(get32(dhcp_option(f, n, 3)), ROUTER);
		ck_assert_uint_eq(get32(dhcp_option(f, n, 6)), 0x0a000203);
	}
}
END_TEST

/* --- ICMP --- */

START_TEST(echo)
{
	const uint8_t *f;
	size_t n;

	guest_plug("user");
	arp();
	for (unsigned seq = 0; seq < 3; seq++) {
		send_ping(seq);
		f = expect(ICMP, 0, &n);
		ck_assert_uint_eq(n, 14 + 20 + 64);
		ck_assert_uint_eq(f[34], 0);
		ck_assert_uint_eq(get32(f + 38), 0x12340000 | seq);
		ck_assert_uint_eq(f[14 + 20 + 63], 63);
	}
}
END_TEST

/* What comes while the device has no guest.room waits, and no more of it than there is place for.  */
START_TEST(frames_wait_for_room)
{
	guest_plug("user");
	arp();
	guest.room = 0;
	for (unsigned i = 0; i < 300; i++)
		send_ping(i);
	for (unsigned i = 0; i < 3; i++)
		turn();
	ck_assert_uint_eq(guest.nheld, 0);
	guest.wakes = 0;
	guest.room = 2;
	nic_ready(guest.cable); /* a descriptor was armed */
	ck_assert_uint_eq(guest.wakes, 1);
	ck_assert_uint_eq(guest.nheld, 0);
	nets_look(guest.nets, host_ns());
	ck_assert_uint_eq(guest.nheld, 2);
	guest.room = UINT32_MAX;
	nets_look(guest.nets, host_ns());
	ck_assert_uint_eq(guest.nheld, 256);
	for (unsigned i = 0; i < guest.nheld; i++)
		ck_assert_uint_eq(get16(guest.held[i].bytes + 40), i);
	guest.wakes = 0;
	nic_ready(guest.cable);
	ck_assert_uint_eq(guest.wakes, 0); /* there is nothing more */
}
END_TEST

/* --- TFTP --- */

static void tftp_ack(unsigned block)
{
	uint8_t ack[4] = { 0, 4 };

	put16(ack + 2, block);
	send_udp(ROUTER, 5000, 69, ack, sizeof ack);
}

static void tftp_read(const uint8_t *want, size_t size)
{
	const uint8_t *f;
	size_t n, at = 0, part = 512;

	send_udp(ROUTER, 5000, 69, "\0\1file\0octet", 13);
	for (unsigned block = 1; part == 512; block++) {
		f = expect(UDP, 5000, &n);
		ck_assert_uint_eq(get32(f + 42), 3u << 16 | block);
		part = get16(f + 38) - 12u;
		ck_assert_uint_le(at + part, size);
		ck_assert(!memcmp(f + 46, want + at, part));
		at += part;
		tftp_ack(block);
	}
	ck_assert_uint_eq(at, size);
	send_udp(ROUTER, 5000, 69, "\0\1nofile\0octet", 15);
	f = expect(UDP, 5000, &n);
	ck_assert_uint_eq(get16(f + 42), 5);
	send_udp(ROUTER, 5000, 69, "\0\1../file\0octet", 16);
	f = expect(UDP, 5000, &n);
	ck_assert_uint_eq(get16(f + 42), 5);
}

static int listener(uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof at;
	int s = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert(bind(s, (struct sockaddr *)&at, n) == 0 && listen(s, 1) == 0 && getsockname(s, (struct sockaddr *)&at, &n) == 0);
	*port = ntohs(at.sin_port);
	return s;
}

/* From the guest to a server of the host's: @size bytes to the guest, a line to the host, and both ends close.  */
static void tcp_fetch(int server, uint16_t port, size_t size)
{
	struct tcp t = { .port = 40000, .peer = port, .to = ROUTER, .seq = 1000 };
	uint8_t got[NIC_FRAME_MAX], line[5];
	size_t n, at = 0, put = 0;
	uint64_t end;
	int s;

	tcp_send(&t, SYN, NULL, 0);
	ck_assert_uint_eq(tcp_take(&t, got, &n) & (SYN | ACK | RST), SYN | ACK);
	tcp_send(&t, ACK, NULL, 0);
	tcp_send(&t, ACK | PSH, "hello", 5);
	s = accept(server, NULL, NULL);
	ck_assert_int_ge(s, 0);
	ck_assert_int_eq(recv(s, line, sizeof line, MSG_WAITALL), 5);
	ck_assert(!memcmp(line, "hello", 5));
	fcntl(s, F_SETFL, O_NONBLOCK);
	while (at < size) {
		uint8_t chunk[8192];
		ssize_t did;

		for (size_t i = 0; i < sizeof chunk; i++)
			chunk[i] = (uint8_t)((put + i) * 31 >> 3);
		did = put < size ? send(s, chunk, size - put < sizeof chunk ? size - put : sizeof chunk, MSG_NOSIGNAL) : 0;
		put += did > 0 ? (size_t)did : 0;
		tcp_take(&t, got, &n);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(got[i], (uint8_t)((at + i) * 31 >> 3));
		at += n;
		tcp_send(&t, ACK, NULL, 0);
	}
	tcp_send(&t, ACK | FIN, NULL, 0); /* the host hears of it while its own direction is still open */
	for (end = host_ns() + PATIENCE_NS; recv(s, line, 1, 0) != 0; turn())
		ck_assert_uint_lt(host_ns(), end);
	close(s);
	ck_assert(tcp_take(&t, got, &n) & FIN);
	tcp_send(&t, ACK, NULL, 0);
}

static void tcp_and_tftp(const uint8_t *file, size_t size, int server, uint16_t port)
{
	arp();
	tftp_read(file, size);
	tcp_fetch(server, port, 200000);
}

/* Once as it is, once with all that happens after the start behind the filter.  */
START_TEST(files_and_connections)
{
	char value[128];
	uint8_t file[1300];
	struct err e = ERR_INIT;
	uint16_t port;
	int server = listener(&port), status;
	pid_t pid;

	for (unsigned i = 0; i < sizeof file; i++)
		file[i] = (uint8_t)(i * 7 >> 2);
	temp_dir_make();
	ck_assert(file_write(temp_path("file"), file, sizeof file, &e) == ST_OK);
	snprintf(value, sizeof value, "user,tftp=%s", temp_dir);
	guest_plug(value);
	if (!_i) {
		tcp_and_tftp(file, sizeof file, server, port);
	} else if (!sandbox_built()) {
		test_skip("net in the sandbox", "built without libseccomp");
	} else {
		pid = fork();
		if (!pid) {
			if (sandbox_enter(true, &e) != ST_OK)
				_exit(2);
			tcp_and_tftp(file, sizeof file, server, port);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_int_eq(status, 0);
	}
	temp_dir_drop();
}
END_TEST

/* --- ports of the host's --- */

static uint16_t free_port(int type)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t n = sizeof at;
	int s = socket(AF_INET, type, 0);

	ck_assert(bind(s, (struct sockaddr *)&at, n) == 0 && getsockname(s, (struct sockaddr *)&at, &n) == 0);
	close(s);
	return ntohs(at.sin_port);
}

static int connect_to(uint16_t port, int type)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) }, .sin_port = htons(port) };
	int s = socket(AF_INET, type, 0);

	ck_assert_msg(connect(s, (struct sockaddr *)&at, sizeof at) == 0, "%s", strerror(errno));
	return s;
}

START_TEST(forwarded_tcp)
{
	struct tcp t = { .port = 22, .to = ROUTER, .seq = 777 };
	uint8_t got[NIC_FRAME_MAX], line[3];
	uint16_t port = free_port(SOCK_STREAM);
	char value[64];
	size_t n;
	int s;

	snprintf(value, sizeof value, "user,hostfwd=tcp:127.0.0.1:%u-:22", port);
	guest_plug(value);
	arp();
	s = connect_to(port, SOCK_STREAM);
	ck_assert_uint_eq(tcp_take(&t, got, &n) & (SYN | ACK), SYN);
	tcp_send(&t, SYN | ACK, NULL, 0);
	ck_assert_int_eq(send(s, "knock", 5, 0), 5);
	tcp_take(&t, got, &n);
	ck_assert_uint_eq(n, 5);
	ck_assert(!memcmp(got, "knock", 5));
	tcp_send(&t, ACK | PSH, "who", 3);
	ck_assert_int_eq(recv(s, line, 3, MSG_WAITALL), 3);
	ck_assert(!memcmp(line, "who", 3));
	close(s);
	ck_assert(tcp_take(&t, got, &n) & (FIN | RST));
}
END_TEST

START_TEST(forwarded_udp)
{
	uint16_t port = free_port(SOCK_DGRAM);
	char value[64];
	const uint8_t *f;
	uint8_t line[8];
	size_t n;
	int s;

	snprintf(value, sizeof value, "user,hostfwd=udp::%u-10.0.2.15:7", port);
	guest_plug(value);
	arp();
	s = connect_to(port, SOCK_DGRAM);
	ck_assert_int_eq(send(s, "knock", 5, 0), 5);
	f = expect(UDP, 7, &n);
	ck_assert(!memcmp(f + 42, "knock", 5));
	send_udp(get32(f + 26), 7, get16(f + 34), "who", 3);
	ck_assert_int_eq(recv(s, line, sizeof line, 0), 3);
	ck_assert(!memcmp(line, "who", 3));
	close(s);
}
END_TEST

START_TEST(a_port_that_is_taken)
{
	uint16_t port;
	int s = listener(&port);
	struct err e = ERR_INIT;
	char value[64], says[128];

	snprintf(value, sizeof value, "user,hostfwd=tcp:127.0.0.1:%u-:22", port);
	ck_assert_int_eq(guest_make(value, &e), ST_IO);
	snprintf(says, sizeof says, "-nic: hostfwd: TCP port %u of 127.0.0.1 cannot be had: Address already in use", port);
	ck_assert_str_eq(e.text, says);
	ck_assert_int_eq(status_exit_code(e.status), 1);
	close(s);
}
END_TEST

START_TEST(ports_are_given_back)
{
	uint16_t port = free_port(SOCK_STREAM);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) }, .sin_port = htons(port) };
	char value[64];
	int s = socket(AF_INET, SOCK_STREAM, 0);

	snprintf(value, sizeof value, "user,hostfwd=tcp:127.0.0.1:%u-:22", port);
	guest_plug(value);
	ck_assert_int_lt(bind(s, (struct sockaddr *)&at, sizeof at), 0);
	nets_close(guest.nets);
	ck_assert_int_eq(bind(s, (struct sockaddr *)&at, sizeof at), 0);
	send_ping(1); /* into nothing */
	turn();
	ck_assert_uint_eq(guest.nheld, 0);
	close(s);
}
END_TEST

START_TEST(a_directory_that_is_not_there)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(guest_make("user,tftp=/nonexistent", &e), ST_USAGE);
	ck_assert_str_eq(e.text, "-nic: tftp: /nonexistent: No such file or directory");
	ck_assert_int_eq(guest_make("user,tftp=/dev/null", &e), ST_USAGE);
	ck_assert_str_eq(e.text, "-nic: tftp: /dev/null: not a directory");
}
END_TEST

START_TEST(restricted)
{
	uint16_t port;
	int s = listener(&port);
	struct tcp t = { .port = 40000, .peer = port, .to = ROUTER, .seq = 1 };
	uint8_t got[NIC_FRAME_MAX];
	size_t n;

	guest_plug("user,restrict=on");
	arp();
	tcp_send(&t, SYN, NULL, 0);
	ck_assert(tcp_take(&t, got, &n) & RST);
	fcntl(s, F_SETFL, O_NONBLOCK);
	ck_assert(accept(s, NULL, NULL) < 0 && errno == EAGAIN);
	close(s);
}
END_TEST

START_TEST(other_addresses)
{
	const uint8_t *f;
	size_t n;

	guest_plug("user,net=192.168.7.0/25");
	f = dhcp(1, &n);
	ck_assert_uint_eq(get32(f + 42 + 16), 0xc0a8070f);
	ck_assert_uint_eq(get32(dhcp_option(f, n, 1)), 0xffffff80);
	ck_assert_uint_eq(get32(dhcp_option(f, n, 3)), 0xc0a80702);
	ck_assert_uint_eq(get32(dhcp_option(f, n, 6)), 0xc0a80703);
}
END_TEST

/* Frames that make no sense, and a device that never has room for the answers.  */
START_TEST(hostile_frames)
{
	uint64_t s = 77;
	uint8_t f[NIC_FRAME_MAX];

	guest_plug("user");
	arp();
	guest.room = _i ? UINT32_MAX : 0;
	for (unsigned i = 0; i < 20000; i++) {
		size_t n;

		for (unsigned k = 0; k < 80; k++) {
			s = s * UINT64_C(6364136223846793005) + 1;
			f[k] = (uint8_t)(s >> 33);
		}
		memcpy(f + 6, guest_mac, 6);
		put16(f + 12, i & 1 ? 0x0806 : 0x0800);
		f[23] = i & 2 ? ICMP : 2;  /* no connections to anywhere */
		put32(f + 30, ROUTER);
		if (f[79] & 3) { /* a header to be believed, fragments included */
			f[14] = 0x45;
			put16(f + 16, 20 + f[78] % 80u);
			put16(f + 24, 0);
			put16(f + 24, inet_checksum(f + 14, 20, 0));
		}
		n = (size_t)(s >> 40) % 80;
		send_frame(f, n);
		if (i % 64 == 0)
			nets_look(guest.nets, host_ns());
		guest.nheld = 0;
	}
	guest.room = UINT32_MAX;
	nets_look(guest.nets, host_ns());
	guest.nheld = 0;
	arp();
}
END_TEST

/* A connection whose guest keeps no rule.  */
START_TEST(hostile_segments)
{
	uint16_t port;
	int server = listener(&port), peer;
	struct tcp t = { .port = 40000, .peer = port, .to = ROUTER, .seq = 1000 };
	uint8_t got[NIC_FRAME_MAX], junk[1400] = { 0 };
	uint64_t s = 99;
	size_t n;

	guest_plug("user");
	arp();
	for (unsigned i = 0; i < 20000; i++) {
		struct tcp sent;

		if (i % 1000 == 0) {
			t.port++;
			tcp_send(&t, SYN, NULL, 0);
			if (tcp_take(&t, got, &n) & RST)
				continue;
			tcp_send(&t, ACK, NULL, 0);
			peer = accept(server, NULL, NULL);
			ck_assert_int_ge(peer, 0);
			ck_assert_int_gt(send(peer, junk, sizeof junk, MSG_NOSIGNAL), 0);
			close(peer);
		}
		s = s * UINT64_C(6364136223846793005) + 1;
		sent = t;
		sent.seq += s >> 40 & 1 ? (uint32_t)(s >> 50) : 0;
		sent.ack += s >> 41 & 1 ? (uint32_t)(s >> 52) : 0;
		tcp_send(&sent, (s >> 42 & 3 ? (unsigned)(s >> 33) & 0x3a : (unsigned)(s >> 33) & 0x3f) | ACK, junk, (s >> 44) % sizeof junk);
		if (i % 64 == 0)
			turn();
		guest.nheld = 0;
	}
	arp();
	close(server);
}
END_TEST

START_TEST(nothing)
{
	struct err e = ERR_INIT;
	struct fds fds = { 0 };
	uint64_t ns = CLOCK_NEVER;

	ck_assert(nets_create(&(struct nets_cfg){ .n = 0 }, &guest.nets, &e) == ST_OK);
	ck_assert(!nets_any(guest.nets));
	ck_assert_ptr_null(nets_nic(guest.nets, 0));
	nets_look(guest.nets, host_ns());
	nets_fill(guest.nets, &fds, &ns);
	nets_take(guest.nets, &fds, true);
	ck_assert_uint_eq(fds.n, 0);
	ck_assert(ns == CLOCK_NEVER);
	nets_close(guest.nets);
}
END_TEST

Suite *net_suite(void)
{
	Suite *s = suite_create("net");
	TCase *t = tcase_create("user");

	tcase_add_checked_fixture(t, NULL, guest_unplug);
	tcase_add_test(t, nothing);
	suite_add_tcase(s, t);
	if (!net_user_built()) {
		test_skip("net", "built without libslirp");
		return s;
	}
	tcase_add_test(t, address_resolution);
	tcase_add_test(t, dynamic_address);
	tcase_add_test(t, echo);
	tcase_add_test(t, frames_wait_for_room);
	tcase_add_loop_test(t, files_and_connections, 0, 2);
	tcase_add_test(t, forwarded_tcp);
	tcase_add_test(t, forwarded_udp);
	tcase_add_test(t, a_port_that_is_taken);
	tcase_add_test(t, ports_are_given_back);
	tcase_add_test(t, a_directory_that_is_not_there);
	tcase_add_test(t, restricted);
	tcase_add_test(t, other_addresses);
	tcase_add_loop_test(t, hostile_frames, 0, 2);
	tcase_add_test(t, hostile_segments);
	return s;
}
