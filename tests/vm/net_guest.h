/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A guest for the user network: a fake device that speaks ARP, ICMP, UDP and just enough TCP.  One at a time; each test is a process.
 */
#ifndef ATHANOR_TESTS_VM_NET_GUEST_H
#define ATHANOR_TESTS_VM_NET_GUEST_H

#include "dbt-runtime/vm/net.h"
#include "tests/harness/packet.h"

#define GUEST 0x0a00020fu
#define ROUTER 0x0a000202u
#define PATIENCE_NS UINT64_C(5000000000)
#define HELD 1024u
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum { ICMP = 1, TCP = 6, UDP = 17 };

struct net_guest {
	struct nets *nets;
	struct nic *cable;
	unsigned room;       /* frames the device will take */
	bool sending;        /* a device access is under way */
	unsigned wakes;      /* how often the run was to end */
	unsigned nheld;      /* frames received and not yet taken */
	struct { size_t n; uint8_t bytes[NIC_FRAME_MAX]; } held[HELD];
};

extern struct net_guest guest;
extern const uint8_t guest_mac[6];

enum status guest_make(const char *value, struct err *e); /* the network alone, from a value of -nic */
void guest_plug(const char *value);                       /* and a device with room at its end */
void guest_unplug(void);

void send_frame(const uint8_t *f, size_t n);
/* @payload with its own header; its checksum is at @check, 0: it has none.  @to UINT32_MAX: everybody, from nobody.  */
void send_ip(uint32_t to, unsigned proto, const uint8_t *payload, size_t n, unsigned check);
void send_udp(uint32_t to, unsigned from_port, unsigned to_port, const void *bytes, size_t n);
void send_ping(unsigned seq);

void turn(void); /* one turn of the machine's loop, asleep for a few milliseconds at most */
/* The first frame held of IPv4 protocol @proto (0: ARP) for port @port (0: any), taken out; it must come in time.  */
const uint8_t *expect(unsigned proto, unsigned port, size_t *n);

void arp(void); /* ask for the router, which thereby knows us */

struct tcp { unsigned port, peer; uint32_t to, seq, ack; };

void tcp_send(struct tcp *t, unsigned flags, const void *bytes, size_t n);
/* The next segment that brings something: its flags, its text.  What comes twice is answered and forgotten.  */
unsigned tcp_take(struct tcp *t, uint8_t *bytes, size_t *n);

#endif
