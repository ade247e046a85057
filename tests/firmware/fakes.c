/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/firmware/fakes.h"

#include <check.h>
#include <string.h>

#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/mac.h"
#include "firmware/timer.h"

struct wire wire;

/* --- what the code under test calls --- */

uint32_t timer_ms(void) { return wire.ms; }
bool con_break(void) { return wire.break_at && wire.ms >= wire.break_at; }

bool env_ip(const char *name, uint32_t *ip)
{
	*ip = !strcmp(name, "ipaddr") ? OUR_IP : !strcmp(name, "gateway") ? GATEWAY_IP : 0xffffff00u;
	return !(wire.no_gateway && !strcmp(name, "gateway"));
}

bool env_mac(uint8_t mac[6])
{
	memcpy(mac, our_mac, 6);
	return true;
}

const char *env_get(const char *name)
{
	ck_assert_str_eq(name, "MAC");
	return wire.second ? "1" : "0";
}

const char *mac_start(unsigned unit, const uint8_t address[6])
{
	ck_assert_uint_eq(unit, wire.second);
	ck_assert_mem_eq(address, our_mac, 5);
	ck_assert_uint_eq(address[5], our_mac[5] + unit);
	return NULL;
}

void mac_stop(void) {}

bool mac_send(const uint8_t *frame, unsigned n)
{
	ck_assert_uint_ge(n, 14);
	ck_assert_uint_le(n, MAC_FRAME_MAX);
	ck_assert_mem_eq(frame + 6, our_mac, 6);
	wire.nsent++;
	memcpy(wire.last, frame, n);
	wire.last_n = n;
	if (wire.sent)
		wire.sent(wire.last, n);
	return true;
}

unsigned mac_receive(uint8_t *frame)
{
	unsigned n;

	if (wire.head == wire.tail) {
		wire.ms++;
		return 0;
	}
	n = wire.size[wire.head % 16];
	memcpy(frame, wire.queue[wire.head++ % 16], n);
	memset(frame + n, 0xa5, MAC_FRAME_MAX - n); /* what was there before is no part of it */
	return n;
}

/* --- the other side --- */

void wire_start(void (*sent)(const uint8_t *frame, unsigned n))
{
	memset(&wire, 0, sizeof(wire));
	wire.ms = 1000;
	wire.sent = sent;
}

void wire_put(const uint8_t *frame, unsigned n)
{
	if (wire.tail - wire.head == 16)
		return; /* lost */
	memcpy(wire.queue[wire.tail % 16], frame, n);
	wire.size[wire.tail++ % 16] = n;
}
