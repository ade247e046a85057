/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for monitor_host.h.  Invariants it sees to: nobody waits for ever, nothing is printed that a terminal would obey, the
 * environment's flash is written in its two blocks only.
 */
#include "tests/fuzz/monitor_host.h"

#include <string.h>

#include "firmware/console.h"
#include "firmware/flash.h"
#include "firmware/mac.h"
#include "firmware/string.h"
#include "firmware/timer.h"
#include "tests/firmware/frames.h"

#define LOOKS_MAX 400000u /* a hundred times what the longest wait takes */
#define SERVER_PORT 3333u
#define CTRL_C 3

struct monitor_host host;
struct monitor_flash host_flash = { .changed = true };

/* The conversation, as the peer sees it.  */
static struct {
	uint8_t frame[FRAME_MAX];
	unsigned n;              /* of frame, the last one that came */
	uint32_t asked;          /* by ARP */
	uint16_t port, block;    /* of the client; the last one it has acknowledged */
	uint8_t echo[FRAME_MAX];
	unsigned echo_n;
} peer;

void host_start(void)
{
	memset(&host, 0, sizeof host);
	memset(&peer, 0, sizeof peer);
	if (host_flash.changed)
		memset(&host_flash, 0xff, offsetof(struct monitor_flash, changed));
	host_flash.changed = false;
	host.ms = 1000;
}

/* --- console --- */

void con_putc(unsigned tty, char c)
{
	FUZZ_CHECK(tty < CON_TTYS);
	FUZZ_CHECK((c >= ' ' && c <= '~') || (c && strchr("\n\r\b\a", c)));
}

void con_write(const char *s, size_t n)
{
	while (n--)
		con_putc(0, *s++);
}

int con_getc(unsigned tty)
{
	FUZZ_CHECK(tty < CON_TTYS);
	return host.keys.left ? (int)fuzz_take(&host.keys, 1) : CTRL_C;
}

void con_wait(void) {}

bool con_break(void) { return host.break_at && ++host.ms >= host.break_at; }

bool con_mode_valid(const char *mode) { return strlen(mode) > 3; }

/* As in firmware/string.c, whose other functions are the host's.  */
bool strput(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = 0;
	return !from[n];
}

/* --- time, and the network --- */

uint32_t timer_ms(void) { return host.ms; }

const char *mac_start(unsigned unit, const uint8_t address[6])
{
	FUZZ_CHECK(unit < 2 && !(address[0] & 1));
	return host.no_link;
}

void mac_stop(void) {}

bool mac_send(const uint8_t *frame, unsigned n)
{
	FUZZ_CHECK(n >= 14 && n <= MAC_FRAME_MAX);
	if (get16(frame + 12) == 0x0806) {
		peer.asked = get32(frame + 38);
	} else if (frame[23] == 17) {
		peer.port = get16(frame + 34);
		if (get16(frame + 42) == 4)
			peer.block = get16(frame + 44);
	} else {
		memcpy(peer.echo, frame, n);
		peer.echo_n = n;
	}
	return !host.deaf;
}

/* A packet of the server's, of @n bytes at least 4, in @packet.  */
static void server_says(uint32_t how, const uint8_t *packet, unsigned n)
{
	peer.n = make_udp(peer.frame, how & 0x80 ? SERVER_PORT + 1 : SERVER_PORT, peer.port, packet, n);
}

/* DATA, OACK, ERROR or something else, with its own idea of what is next.  */
static void tftp(struct fuzz_in *in, uint32_t how)
{
	static const uint8_t ops[] = { 3, 3, 6, 5 };
	uint8_t packet[FRAME_MAX - 42] = { 0 };
	uint32_t odd = fuzz_take(in, 1);
	size_t n = odd & 1 ? 512 : odd & 2 ? 1468 : fuzz_take(in, 2) % (sizeof packet - 4), got;
	const uint8_t *bytes;

	packet[1] = odd & 4 ? (uint8_t)fuzz_take(in, 1) : ops[how >> 5 & 3];
	put16(packet + 2, odd & 8 ? fuzz_take(in, 2) : peer.block + 1u);
	bytes = fuzz_take_bytes(in, odd & 16 ? n : n < 24 ? n : 24, &got);
	if (packet[1] == 6) {
		memcpy(packet + 2, odd & 32 ? bytes : (const uint8_t *)"blksize\0001468", odd & 32 ? got : 13);
		n = odd & 32 ? got : 11;
	} else {
		memcpy(packet + 4, bytes, got);
	}
	server_says(how, packet, (unsigned)n + 4);
}

/* The last frame, spoilt somewhere; maybe with its header's sum made right.  */
static void spoil(struct fuzz_in *in, uint32_t how)
{
	for (unsigned i = 0; i <= (how >> 4 & 3); i++)
		peer.frame[fuzz_take(in, 1) % 64] = (uint8_t)fuzz_take(in, 1);
	if (how & 0x40) {
		put16(peer.frame + 24, 0);
		put16(peer.frame + 24, inet_checksum(peer.frame + 14, (peer.frame[14] & 15u) * 4, 0));
	}
	if (how & 0x80)
		peer.n = fuzz_take(in, 2) % (FRAME_MAX + 1);
}

/* What comes next; nothing: peer.n is 0.  */
static void act(struct fuzz_in *in)
{
	uint32_t how = fuzz_take(in, 1);
	const uint8_t *bytes;
	size_t n;

	switch (how % 8) {
	case 0:
		host.ms += fuzz_take(in, 2);
		peer.n = 0;
		break;
	case 1:
		bytes = fuzz_take_bytes(in, fuzz_take(in, 2) % (FRAME_MAX + 1), &n);
		memcpy(peer.frame, bytes, n);
		peer.n = (unsigned)n;
		break;
	case 2:
		peer.n = make_arp(peer.frame, how & 8 ? 1 : 2, how & 16 ? PEER_IP : peer.asked, OUR_IP);
		break;
	case 3:
		bytes = fuzz_take_bytes(in, fuzz_take(in, 2) % (FRAME_MAX - 42), &n);
		peer.n = make_echo(peer.frame, how & 8 ? 8 : 0, (uint16_t)fuzz_take(in, 1), (uint16_t)fuzz_take(in, 1), bytes, (unsigned)n);
		break;
	case 4: /* our request, answered */
		memcpy(peer.frame, peer.echo, peer.echo_n);
		if (peer.echo_n >= 42)
			peer.n = make_echo(peer.frame, 0, get16(peer.echo + 38), get16(peer.echo + 40), peer.echo + 42, peer.echo_n - 42);
		break;
	case 5:
		spoil(in, how);
		break;
	default:
		tftp(in, how);
		break;
	}
}

unsigned mac_receive(uint8_t *frame)
{
	FUZZ_CHECK(++host.looks < LOOKS_MAX);
	host.ms++;
	if (host.outside && host.outside->left)
		act(host.outside);
	else if (!host.floods)
		peer.n = 0;
	if (!peer.n)
		host.ms += 50;
	memset(frame, 0xa5, MAC_FRAME_MAX);
	memcpy(frame, peer.frame, peer.n);
	return peer.n;
}

/* --- flash --- */

static uint8_t *at(uint32_t pa, size_t n)
{
	if (pa - FLASH_ENV < FLASH_BLOCK && n <= FLASH_BLOCK - (pa - FLASH_ENV))
		return host_flash.env + (pa - FLASH_ENV);
	FUZZ_CHECK(pa - FLASH_ENV_SPARE < FLASH_BLOCK && n <= FLASH_BLOCK - (pa - FLASH_ENV_SPARE));
	return host_flash.spare + (pa - FLASH_ENV_SPARE);
}

const void *flash_env_memory(uint32_t pa) { return at(pa, 0); }

enum flash_error flash_env_erase(uint32_t pa)
{
	FUZZ_CHECK(pa % FLASH_BLOCK == 0);
	if (host.flash_fails)
		return FLASH_TIMEOUT;
	host_flash.changed = true;
	memset(at(pa, FLASH_BLOCK), 0xff, FLASH_BLOCK);
	return FLASH_OK;
}

enum flash_error flash_env_program(uint32_t pa, const void *from, size_t n)
{
	uint8_t *to = at(pa, n);
	const uint8_t *bytes = from;

	FUZZ_CHECK(((pa | n) & 3) == 0);
	if (host.flash_fails)
		return FLASH_TIMEOUT;
	host_flash.changed = true;
	for (size_t i = 0; i < n; i++) {
		if ((to[i] & bytes[i]) != bytes[i])
			return FLASH_NOT_ERASED;
		to[i] = bytes[i];
	}
	return FLASH_OK;
}
