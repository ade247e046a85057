/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * As much of IPv4 as a boot monitor needs: one conversation at a time, polled.  While somebody waits here, requests for our Ethernet
 * address and echo requests are answered.  Fragments are not put together.  Addresses: first byte uppermost.
 */
#ifndef ATHANOR_FIRMWARE_NET_H
#define ATHANOR_FIRMWARE_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NET_UDP_MAX 1472u  /* data of a datagram, or of an echo request, that fits into a frame */

enum net_status {
	NET_OK,
	NET_NO_ARP,    /* nobody said whose Ethernet address it is */
	NET_NO_ANSWER,
	NET_BREAK,     /* Ctrl-C */
	NET_UNSENT,    /* the MAC did not send */
	NET_REFUSED,   /* the other side ended it */
	NET_STOPPED,   /* this side did */
};
const char *net_status_text(enum net_status);

enum net_kind { NET_UDP, NET_ECHO };

/* Something that has come.  Valid until the next call of anything here.  */
struct net_packet {
	enum net_kind kind;
	uint32_t from;
	uint16_t from_port, to_port; /* of an echo reply: identifier, sequence number */
	const uint8_t *bytes;
	unsigned n;
};

/* net_open - with the environment's addresses.  NULL, or the reason why there is no network.  net_close: in any case.  */
const char *net_open(void);
void net_close(void);

/* net_find - whose Ethernet address takes packets for @ip?  What is sent afterwards goes there: call it first.
   Asks a few times.  NET_OK, NET_NO_ARP, NET_BREAK, NET_UNSENT.  */
enum net_status net_find(uint32_t ip);

/* n <= NET_UDP_MAX.  False: not sent.  */
bool net_udp_send(uint32_t ip, uint16_t from_port, uint16_t to_port, const void *bytes, unsigned n);
bool net_echo_send(uint32_t ip, uint16_t ident, uint16_t sequence, const void *bytes, unsigned n);

/* net_wait - until something comes, or @ms are over since @since.  NET_OK, NET_NO_ANSWER, NET_BREAK.  */
enum net_status net_wait(struct net_packet *p, uint32_t since, uint32_t ms);

/* The Internet checksum (RFC 1071) of @n bytes at an even address, @sum added.  */
uint16_t net_checksum(const void *bytes, unsigned n, uint32_t sum);

#endif
