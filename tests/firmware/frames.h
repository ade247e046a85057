/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames of a peer of the monitor's, with its addresses and those it has without an environment.
 */
#ifndef ATHANOR_TESTS_FIRMWARE_FRAMES_H
#define ATHANOR_TESTS_FIRMWARE_FRAMES_H

#include "tests/harness/packet.h"

#define OUR_IP 0x0a00020fu
#define PEER_IP 0x0a000202u
#define GATEWAY_IP 0x0a000201u
#define FRAME_MAX 1518u

extern const uint8_t our_mac[6], peer_mac[6];

/* Frames of the peer's, with good checksums; all return their size.  */
unsigned make_arp(uint8_t *f, uint16_t op, uint32_t from, uint32_t to);
unsigned make_udp(uint8_t *f, uint16_t from_port, uint16_t to_port, const void *bytes, unsigned n);
unsigned make_echo(uint8_t *f, uint8_t type, uint16_t ident, uint16_t sequence, const void *bytes, unsigned n);

#endif
