/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Surroundings of the monitor's network code: a wire with a peer on it, time that passes when nothing comes, an environment.
 */
#ifndef ATHANOR_TESTS_FIRMWARE_FAKES_H
#define ATHANOR_TESTS_FIRMWARE_FAKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUR_IP 0x0a00020fu
#define PEER_IP 0x0a000202u
#define GATEWAY_IP 0x0a000201u
#define FRAME_MAX 1518u

extern const uint8_t our_mac[6], peer_mac[6];

struct wire {
	/* What the peer does when we send.  */
	void (*sent)(const uint8_t *frame, unsigned n);
	/* Frames that are on their way to us.  */
	uint8_t queue[16][FRAME_MAX];
	unsigned size[16], head, tail;
	unsigned nsent;
	uint8_t last[FRAME_MAX];   /* what we sent last */
	unsigned last_n;
	uint32_t ms;
	uint32_t break_at;         /* Ctrl-C is typed then; 0: never */
	bool no_gateway, second;   /* the environment: no gateway; the second MAC */
};
extern struct wire wire;

/* An empty wire, time 1000.  */
void wire_start(void (*sent)(const uint8_t *frame, unsigned n));
void wire_put(const uint8_t *frame, unsigned n); /* lost if too many are on their way */

uint16_t get16(const uint8_t *p);
uint32_t get32(const uint8_t *p);
void put16(uint8_t *p, uint32_t v);
void put32(uint8_t *p, uint32_t v);

/* Frames of the peer's, with good checksums; all return their size.  */
unsigned make_arp(uint8_t *f, uint16_t op, uint32_t from, uint32_t to);
unsigned make_ip(uint8_t *f, uint8_t proto, uint32_t from, uint32_t to, unsigned n); /* @n bytes are at f + 34 */
unsigned make_udp(uint8_t *f, uint16_t from_port, uint16_t to_port, const void *bytes, unsigned n);
unsigned make_echo(uint8_t *f, uint8_t type, uint16_t ident, uint16_t sequence, const void *bytes, unsigned n);
/* Checked by other code than what is tested.  */
uint16_t slow_checksum(const uint8_t *p, unsigned n, uint32_t sum);

uint32_t test_random(uint32_t *state);

#endif
