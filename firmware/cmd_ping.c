/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command `ping`: one echo request, sent again if nothing comes.  */
#include "firmware/console.h"
#include "firmware/net.h"
#include "firmware/shell.h"
#include "firmware/string.h"
#include "firmware/timer.h"

#define SIZE_DEFAULT 64u
#define RETRIES 3u
#define WAIT_MS 1000u
#define IDENT 0x594du

/* The reply to request @sequence, with the same data.  */
static enum net_status wait_reply(uint32_t ip, uint16_t sequence, const uint8_t *bytes, unsigned n)
{
	uint32_t since = timer_ms();
	struct net_packet p;
	enum net_status s;

	do {
		s = net_wait(&p, since, WAIT_MS);
		if (s != NET_OK)
			return s;
	} while (p.kind != NET_ECHO || p.from != ip || p.from_port != IDENT || p.to_port != sequence || p.n != n || memcmp(p.bytes, bytes, n));
	return NET_OK;
}

static enum net_status ping(uint32_t ip, unsigned n)
{
	static uint8_t bytes[NET_UDP_MAX];
	enum net_status s = net_find(ip);

	for (unsigned i = 0; i < n; i++)
		bytes[i] = (uint8_t)i;
	for (uint16_t sequence = 0; s == NET_OK || (s == NET_NO_ANSWER && sequence <= RETRIES); sequence++) {
		uint32_t since = timer_ms();

		if (!net_echo_send(ip, IDENT, sequence, bytes, n))
			return NET_UNSENT;
		s = wait_reply(ip, sequence, bytes, n);
		if (s == NET_OK) {
			con_printf("%u bytes from %I: %u ms\n", n, ip, timer_ms() - since);
			return s;
		}
	}
	return s;
}

static int run(int argc, char **argv)
{
	uint32_t ip, n = SIZE_DEFAULT;
	enum net_status s;
	const char *why;

	if (argc < 2 || argc > 3)
		return shell_usage("ping");
	if (!shell_ip(argv[1], &ip))
		return shell_error("Illegal IP address: %s", argv[1]);
	if (argc == 3 && !shell_number(argv[2], &n))
		return shell_bad_number(argv[2]);
	if (n > NET_UDP_MAX)
		return shell_error("The size is at most 0x%x", NET_UDP_MAX);
	why = net_open();
	s = why ? NET_OK : ping(ip, n);
	net_close();
	if (why)
		return shell_error("No network: %s", why);
	if (s == NET_BREAK)
		return shell_broken();
	return s == NET_OK ? SHELL_OK : shell_error("%I: %s", ip, net_status_text(s));
}

const struct command ping_command = {
	.name = "ping",
	.syntax = "ip [size]",
	.brief = "Ask another computer on the network for an answer",
	.help = "size: bytes of data, default 40 (10/64), at most 5c0 (10/1472).\n"
		"What gets no answer is sent again, three times. Needs ipaddr, for other networks subnetmask and gateway.\n",
	.run = run,
};
