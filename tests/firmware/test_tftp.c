/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor's TFTP client against servers of all kinds: with and without options, on lossy networks, wrong, silent, and ended by
 * either side.
 */
#include <check.h>
#include <string.h>

#include "firmware/tftp.h"
#include "tests/firmware/fakes.h"

Suite *tftp_suite(void);

#define SERVER_PORT 3333
#define FILE_MAX 700000u

static struct {
	unsigned size, block;    /* of the file; of a block, 0: the server knows no options */
	bool mute;               /* does not answer */
	unsigned lose;           /* one in so many packets, either way, is lost; 0: none */
	unsigned twice;          /* one in so many of its packets comes twice */
	uint16_t port;           /* of the client */
	unsigned acked, refused; /* the last block acknowledged; error packets of the client's */
	uint8_t error_code;
	uint16_t error_to;
	bool started, finished, failed;
	uint64_t seed;
	const char *error;       /* it answers with that */
	const char *option, *value; /* of its acknowledgement, if not blksize */
} server;

static uint8_t frame[FRAME_MAX], packet[FRAME_MAX], got[FILE_MAX];
static unsigned ngot, stop_at;

static uint8_t byte_of(unsigned at) { return (uint8_t)(at * 31 + at / 251); }

static bool chance(unsigned one_in) { return one_in && random32(&server.seed) % one_in == 0; }

static void say_from(uint16_t port, unsigned n)
{
	unsigned size = make_udp(frame, port, server.port, packet, n);

	if (chance(server.lose))
		return;
	wire_put(frame, size);
	if (chance(server.twice))
		wire_put(frame, size);
}

static void say(unsigned n) { say_from(SERVER_PORT, n); }

static unsigned block_bytes(void) { return server.block ? server.block : 512; }

static unsigned make_data(unsigned block)
{
	unsigned from = (block - 1) * block_bytes(), n = server.size - from < block_bytes() ? server.size - from : block_bytes();

	put16(packet, 3);
	put16(packet + 2, block);
	for (unsigned i = 0; i < n; i++)
		packet[4 + i] = byte_of(from + i);
	return 4 + n;
}

static unsigned append(unsigned at, const char *text)
{
	memcpy(packet + at, text, strlen(text) + 1);
	return at + (unsigned)strlen(text) + 1;
}

static void on_request(const uint8_t *u, unsigned n)
{
	static const char expected[] = "\0\1dir/file\0octet\0blksize\0" "1468";
	char value[8] = { 0 };

	ck_assert_uint_eq(n, sizeof(expected));
	ck_assert_mem_eq(u, expected, n);
	server.started = true;
	if (server.error) {
		put16(packet, 5);
		put16(packet + 2, 1);
		say(append(4, server.error) - 1); /* and no terminator: none is relied upon */
	} else if (server.option) {
		put16(packet, 6);
		say(append(append(2, server.option), server.value));
	} else if (server.block) {
		value[0] = (char)('0' + server.block / 1000);
		value[1] = (char)('0' + server.block / 100 % 10);
		value[2] = (char)('0' + server.block / 10 % 10);
		value[3] = (char)('0' + server.block % 10);
		put16(packet, 6);
		say(append(append(2, "BlkSize"), value));
	} else {
		say(make_data(1));
	}
}

static void on_ack(uint16_t low)
{
	unsigned last = server.size / block_bytes() + 1;
	uint16_t step = (uint16_t)(low - (uint16_t)server.acked);

	if (step > 1)
		return; /* an old one */
	if (step == 0 && server.acked && !server.lose)
		return; /* again: RFC 1123, 4.2.3.1; a lossy network's server acts as if its own time were over */
	server.acked += step;
	if (server.acked == last)
		server.finished = true;
	else
		say(make_data(server.acked + 1));
}

static void server_take(const uint8_t *f, unsigned n)
{
	const uint8_t *u = f + 42;

	if (get16(f + 12) == 0x0806) {
		wire_put(frame, make_arp(frame, 2, get32(f + 38), OUR_IP));
		return;
	}
	ck_assert_uint_eq(f[23], 17);
	ck_assert_uint_eq(get32(f + 30), PEER_IP);
	ck_assert_uint_eq(inet_checksum(f + 34, n - 34, 17 + n - 34 + 0x0a00 + 0x020f + 0x0a00 + 0x0202), 0);
	server.port = get16(f + 34);
	if (server.mute || chance(server.lose))
		return;
	n -= 42;
	switch (get16(u)) {
	case 1:
		ck_assert_uint_eq(get16(f + 36), 69);
		on_request(u, n);
		break;
	case 4:
		ck_assert_uint_eq(get16(f + 36), SERVER_PORT);
		ck_assert_uint_eq(n, 4);
		on_ack(get16(u + 2));
		break;
	case 5:
		server.refused++;
		server.error_code = u[3];
		server.error_to = get16(f + 36);
		ck_assert_uint_eq(u[n - 1], 0);
		break;
	default:
		ck_abort_msg("the client sends %u", get16(u));
	}
}

static bool take(void *opaque, const uint8_t *bytes, unsigned n)
{
	ck_assert_ptr_eq(opaque, got);
	ck_assert_uint_le(n, FILE_MAX - ngot);
	memcpy(got + ngot, bytes, n);
	ngot += n;
	return !stop_at || ngot < stop_at;
}

static struct tftp t;

static void set_up(unsigned size, unsigned block)
{
	memset(&server, 0, sizeof(server));
	server.size = size;
	server.block = block;
	server.seed = 99;
	ngot = stop_at = 0;
	wire_start(server_take);
	ck_assert_ptr_null(net_open());
	t = (struct tftp){ .server = PEER_IP, .file = "dir/file", .take = take, .opaque = got };
}

static void expect_file(void)
{
	unsigned i = 0;

	ck_assert_uint_eq(ngot, server.size);
	while (i < ngot && got[i] == byte_of(i))
		i++;
	ck_assert_uint_eq(i, ngot);
}

static const struct { unsigned size, block; } files[] = {
	{ 0, 0 }, { 1, 0 }, { 511, 0 }, { 512, 0 }, { 513, 0 }, { 100000, 0 },
	{ 0, 1468 }, { 1467, 1468 }, { 1468, 1468 }, { 1469, 1468 }, { 100000, 1468 }, { 100000, 1000 },
	{ 600000, 8 }, /* more than 65536 blocks */
};

START_TEST(whole)
{
	set_up(files[_i].size, files[_i].block);
	ck_assert_int_eq(tftp_get(&t), NET_OK);
	expect_file();
	ck_assert(server.finished);
	ck_assert_uint_eq(server.refused, 0);
	ck_assert_uint_lt(wire.ms, 1100);
}
END_TEST

START_TEST(lossy)
{
	set_up(files[_i].size, files[_i].block);
	if (files[_i].block == 8)
		server.size = 3000;
	server.lose = 20;
	server.twice = 5;
	ck_assert_int_eq(tftp_get(&t), NET_OK);
	expect_file();
}
END_TEST

START_TEST(doubled)
{
	set_up(600000, 8);
	server.twice = 1;
	ck_assert_int_eq(tftp_get(&t), NET_OK);
	expect_file();
	ck_assert_uint_eq(wire.nsent, 1 + 1 + 1 + 1 + 600000 / 8 + 1); /* two questions for addresses: no copy is answered */
}
END_TEST

START_TEST(silent)
{
	set_up(1000, 0);
	server.mute = true;
	ck_assert_int_eq(tftp_get(&t), NET_NO_ANSWER);
	ck_assert_uint_eq(wire.nsent, 1 + 5);
	ck_assert_uint_ge(wire.ms, 6000);
	ck_assert_uint_lt(wire.ms, 6100);
}
END_TEST

/* Its packets keep coming, but nothing new is in them.  */
static void repeat(const uint8_t *f, unsigned n)
{
	server_take(f, n);
	if (server.started && !server.mute)
		server.mute = true;
	else if (server.mute && wire.nsent < 1000)
		say(make_data(1));
}

START_TEST(stuck)
{
	set_up(100000, 0);
	wire.sent = repeat;
	ck_assert_int_eq(tftp_get(&t), NET_NO_ANSWER);
	ck_assert_uint_eq(ngot, 512);
}
END_TEST

START_TEST(missing)
{
	set_up(1000, 1468);
	server.error = "File not found\033[2J";
	ck_assert_int_eq(tftp_get(&t), NET_REFUSED);
	ck_assert_str_eq(t.said, "File not found?[2J");
	set_up(1000, 1468);
	server.error = "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";
	ck_assert_int_eq(tftp_get(&t), NET_REFUSED);
	ck_assert_uint_eq(strlen(t.said), TFTP_SAID_MAX - 1);
	ck_assert_uint_eq(server.refused, 0); /* an error is not answered */
}
END_TEST

static const struct { const char *option, *value; uint8_t code; } options[] = {
	{ "blksize", "1469", 8 }, { "blksize", "7", 8 }, { "blksize", "0", 8 }, { "blksize", "", 8 }, { "blksize", "-1", 8 },
	{ "blksize", "4294967808", 8 }, { "blksize", "512x", 8 }, { "tsize", "1", 8 }, { "blksizes", "512", 8 }, { "blk", "512", 8 },
};

START_TEST(bad_options)
{
	set_up(1000, 1468);
	server.option = options[_i].option;
	server.value = options[_i].value;
	ck_assert_int_eq(tftp_get(&t), NET_REFUSED);
	ck_assert_uint_eq(server.refused, 1);
	ck_assert_uint_eq(server.error_code, options[_i].code);
	ck_assert_uint_eq(server.error_to, SERVER_PORT);
	ck_assert_uint_eq(ngot, 0);
}
END_TEST

START_TEST(stopped)
{
	set_up(100000, 1468);
	stop_at = 10000;
	ck_assert_int_eq(tftp_get(&t), NET_STOPPED);
	ck_assert_uint_eq(ngot, 7 * 1468);
	ck_assert_uint_eq(server.refused, 1);
	set_up(1000, 1468);
	stop_at = 1000; /* with the last block */
	ck_assert_int_eq(tftp_get(&t), NET_OK);
	ck_assert_uint_eq(server.refused, 0);
}
END_TEST

START_TEST(interrupted)
{
	set_up(100000, 1468);
	server.lose = 10; /* so that it takes time */
	wire.break_at = 6000;
	ck_assert_int_eq(tftp_get(&t), NET_BREAK);
	ck_assert_uint_lt(wire.ms, 6100);
}
END_TEST

static uint16_t odd_from;
static unsigned odd_op, odd_n;

static void odd(const uint8_t *f, unsigned n)
{
	if (get16(f + 12) == 0x0800 && get16(f + 42) == 4 && get16(f + 44) == 2) {
		make_data(3);
		put16(packet, odd_op);
		say_from(odd_from, odd_n);
	}
	server_take(f, n);
}

START_TEST(strangers)
{
	set_up(10000, 0);
	wire.sent = odd;
	odd_op = 3;
	odd_from = SERVER_PORT + 1; /* another transfer's packet is refused and does no harm */
	odd_n = 100;
	ck_assert_int_eq(tftp_get(&t), NET_OK);
	expect_file();
	ck_assert_uint_eq(server.refused, 1);
	ck_assert_uint_eq(server.error_code, 5);
	ck_assert_uint_eq(server.error_to, SERVER_PORT + 1);
}
END_TEST

START_TEST(wrong)
{
	set_up(10000, 0);
	wire.sent = odd;
	odd_from = SERVER_PORT;
	odd_op = 2; /* it wants to write */
	odd_n = 100;
	ck_assert_int_eq(tftp_get(&t), NET_REFUSED);
	ck_assert_uint_eq(server.error_code, 4);
	set_up(10000, 0);
	wire.sent = odd;
	odd_op = 3; /* a block that is longer than blocks are */
	odd_n = 4 + 513;
	ck_assert_int_eq(tftp_get(&t), NET_REFUSED);
	ck_assert_uint_eq(server.error_code, 4);
	ck_assert_uint_eq(ngot, 1024);
	set_up(10000, 0);
	wire.sent = odd;
	odd_n = 3; /* less than a packet */
	ck_assert_int_eq(tftp_get(&t), NET_OK);
	expect_file();
}
END_TEST

START_TEST(long_name)
{
	static char name[TFTP_FILE_MAX + 2];

	memset(name, 'n', TFTP_FILE_MAX + 1);
	set_up(1000, 0);
	t.file = name;
	ck_assert_int_eq(tftp_get(&t), NET_REFUSED);
	ck_assert_uint_eq(wire.nsent, 0);
	name[TFTP_FILE_MAX] = 0;
	server.mute = true;
	ck_assert_int_eq(tftp_get(&t), NET_NO_ANSWER);
	ck_assert_uint_eq(wire.last_n, 42 + 2 + TFTP_FILE_MAX + 1 + 6 + 13);
}
END_TEST

static void garbage(const uint8_t *f, unsigned n)
{
	server_take(f, n);
	if (wire.tail == wire.head || get16(f + 12) == 0x0806)
		return;
	if (chance(2)) {
		unsigned size = wire.size[(wire.tail - 1) % 16], m = size > 42 ? size - 42 : 0;

		memcpy(packet, wire.queue[(wire.tail - 1) % 16] + 42, m);
		for (unsigned k = random32(&server.seed) % 3; k && m; k--)
			packet[random32(&server.seed) % (m < 20 ? m : 20)] = (uint8_t)random32(&server.seed);
		say(chance(2) ? m : random32(&server.seed) % (m + 1));
	}
}

START_TEST(hostile)
{
	for (unsigned i = 0; i < 500; i++) {
		set_up(5000, i % 2 ? 1468 : 0);
		server.seed = i + 1;
		wire.sent = garbage;
		wire.break_at = 60000;
		ck_assert_int_ne(tftp_get(&t), NET_UNSENT);
	}
}
END_TEST

#define ROWS(a) ((int)(sizeof(a) / sizeof((a)[0])))

Suite *tftp_suite(void)
{
	Suite *s = suite_create("tftp");
	TCase *c = tcase_create("tftp");

	tcase_set_timeout(c, 120);
	tcase_add_loop_test(c, whole, 0, ROWS(files));
	tcase_add_loop_test(c, lossy, 0, ROWS(files));
	tcase_add_test(c, doubled);
	tcase_add_test(c, silent);
	tcase_add_test(c, stuck);
	tcase_add_test(c, missing);
	tcase_add_loop_test(c, bad_options, 0, ROWS(options));
	tcase_add_test(c, stopped);
	tcase_add_test(c, interrupted);
	tcase_add_test(c, strangers);
	tcase_add_test(c, wrong);
	tcase_add_test(c, long_name);
	tcase_add_test(c, hostile);
	suite_add_tcase(s, c);
	return s;
}
