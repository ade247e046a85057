/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One packet is always under way: what we sent last is sent again when nothing new comes in time.  A block that has come before, or
 * any other out of order, is ignored: answering copies is what makes them more.
 */
#include "firmware/string.h"
#include "firmware/tftp.h"
#include "firmware/timer.h"

enum { RRQ = 1, DATA = 3, ACK = 4, ERROR = 5, OACK = 6 };
enum { E_OTHER = 0, E_ILLEGAL = 4, E_UNKNOWN_PORT = 5, E_OPTION = 8 };

#define PORT 69
#define HEAD 4u
#define BLOCK_PLAIN 512u
#define BLOCK_WANTED 1468u /* with the headers, an Ethernet frame */
#define BLOCK_OPTION "blksize\0" "1468" /* and the terminator */
#define WAIT_MS 1000u
#define TRIES 5u

struct transfer {
	struct tftp *t;
	uint16_t ours, port;     /* UDP ports; the server's is known once talking */
	bool talking, over;
	uint32_t blocks;         /* taken; the last one's number is the lower half */
	unsigned size;           /* of a block */
	unsigned nlast;
	uint8_t last[HEAD + TFTP_FILE_MAX + 32]; /* what was sent last */
};

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }

static bool again(struct transfer *x) { return net_udp_send(x->t->server, x->ours, x->port, x->last, x->nlast); }

static void request_make(struct transfer *x)
{
	size_t n = strlen(x->t->file);

	x->last[0] = 0;
	x->last[1] = RRQ;
	memcpy(x->last + 2, x->t->file, n + 1);
	memcpy(x->last + 2 + n + 1, "octet\0" BLOCK_OPTION, 6 + sizeof(BLOCK_OPTION));
	x->nlast = (unsigned)(2 + n + 1 + 6 + sizeof(BLOCK_OPTION));
}

static bool acknowledge(struct transfer *x)
{
	x->last[0] = 0;
	x->last[1] = ACK;
	x->last[2] = (uint8_t)(x->blocks >> 8);
	x->last[3] = (uint8_t)x->blocks;
	x->nlast = HEAD;
	return again(x);
}

static void error_send(const struct transfer *x, uint16_t port, uint8_t code, const char *text)
{
	uint8_t e[HEAD + 40] = { 0, ERROR, 0, code };
	size_t n = strlen(text);

	memcpy(e + HEAD, text, n + 1);
	net_udp_send(x->t->server, x->ours, port, e, (unsigned)(HEAD + n + 1));
}

/* Ends the transfer from this side.  */
static enum net_status give_up(struct transfer *x, enum net_status s, uint8_t code, const char *text)
{
	if (x->talking)
		error_send(x, x->port, code, text);
	return s;
}

static void said(struct transfer *x, const char *text, size_t n)
{
	char *to = x->t->said, *end = to + TFTP_SAID_MAX - 1;

	for (; n && *text && to < end; n--, text++)
		*to++ = *text >= ' ' && *text <= '~' ? *text : '?';
	*to = 0;
}

static enum net_status illegal(struct transfer *x, uint8_t code, const char *text)
{
	said(x, text, strlen(text));
	return give_up(x, NET_REFUSED, code, text);
}

/* The text of up to @n bytes at *p, which is moved behind it; NULL: it has no end.  */
static const char *string_next(const uint8_t **p, unsigned *n)
{
	const uint8_t *s = *p;

	for (unsigned i = 0; i < *n; i++) {
		if (!s[i]) {
			*p += i + 1;
			*n -= i + 1;
			return (const char *)s;
		}
	}
	return NULL;
}

/* 0: no number, or larger than asked for.  */
static unsigned block_size(const char *text)
{
	unsigned v = 0;

	for (; *text >= '0' && *text <= '9' && v <= BLOCK_WANTED; text++)
		v = v * 10 + (unsigned)(*text - '0');
	return *text || v < 8 || v > BLOCK_WANTED ? 0 : v;
}

/* In any case (RFC 2347).  */
static bool is_blksize(const char *name)
{
	static const char want[] = "blksize";
	unsigned i = 0;

	while (want[i] && (name[i] | 0x20) == want[i])
		i++;
	return !want[i] && !name[i];
}

static enum net_status options_take(struct transfer *x, const uint8_t *p, unsigned n)
{
	if (x->blocks)
		return NET_OK; /* late */
	while (n) {
		const char *name = string_next(&p, &n), *value = name ? string_next(&p, &n) : NULL;

		if (!value)
			return illegal(x, E_OPTION, "malformed options");
		if (!is_blksize(name))
			return illegal(x, E_OPTION, "an option nobody asked for");
		x->size = block_size(value);
		if (!x->size)
			return illegal(x, E_OPTION, "an impossible block size");
	}
	return acknowledge(x) ? NET_OK : NET_UNSENT;
}

static enum net_status data_take(struct transfer *x, uint16_t block, const uint8_t *bytes, unsigned n)
{
	if (block != (uint16_t)(x->blocks + 1))
		return NET_OK;
	if (n > x->size)
		return illegal(x, E_ILLEGAL, "a block is too long");
	x->blocks++;
	x->over = n < x->size;
	if (!acknowledge(x)) /* first, so that the next block is on its way while this one is worked on */
		return NET_UNSENT;
	if (!n || x->t->take(x->t->opaque, bytes, n) || x->over)
		return NET_OK;
	return give_up(x, NET_STOPPED, E_OTHER, "no more is wanted");
}

/* *progress: it is something new, so that the time to wait starts again.  */
static enum net_status packet_take(struct transfer *x, const struct net_packet *p, bool *progress)
{
	uint32_t before = x->blocks;
	unsigned op;
	enum net_status s;

	if (p->kind != NET_UDP || p->from != x->t->server || p->to_port != x->ours || p->n < HEAD)
		return NET_OK;
	if (x->talking && p->from_port != x->port) {
		error_send(x, p->from_port, E_UNKNOWN_PORT, "unknown transfer");
		return NET_OK;
	}
	op = get16(p->bytes);
	if (op == ERROR) {
		said(x, (const char *)p->bytes + HEAD, p->n - HEAD);
		return NET_REFUSED;
	}
	*progress = !x->talking;
	x->talking = true;
	x->port = p->from_port;
	switch (op) {
	case DATA: s = data_take(x, get16(p->bytes + 2), p->bytes + HEAD, p->n - HEAD); break;
	case OACK: s = options_take(x, p->bytes + 2, p->n - 2); break;
	default: return illegal(x, E_ILLEGAL, "an unknown kind of packet");
	}
	*progress |= x->blocks != before;
	return s;
}

static enum net_status run(struct transfer *x)
{
	uint32_t since = timer_ms();
	struct net_packet p;

	if (!again(x))
		return NET_UNSENT;
	for (unsigned tries = 1; !x->over;) {
		enum net_status s = net_wait(&p, since, WAIT_MS);
		bool progress = false;

		if (s == NET_NO_ANSWER) {
			if (tries++ == TRIES)
				return s;
			if (!again(x))
				return NET_UNSENT;
			since = timer_ms();
			continue;
		}
		if (s == NET_BREAK)
			return give_up(x, s, E_OTHER, "interrupted");
		s = packet_take(x, &p, &progress);
		if (s != NET_OK)
			return s;
		if (progress) {
			tries = 1;
			since = timer_ms();
		}
	}
	return NET_OK;
}

enum net_status tftp_get(struct tftp *t)
{
	static struct transfer x;
	enum net_status s;

	memset(&x, 0, sizeof(x));
	t->said[0] = 0;
	x.t = t;
	if (strlen(t->file) > TFTP_FILE_MAX) {
		said(&x, "the name is too long", TFTP_SAID_MAX);
		return NET_REFUSED;
	}
	x.port = PORT;
	x.ours = (uint16_t)(0x8000u | timer_ms()); /* another one than the last time, whose packets may still come */
	x.size = BLOCK_PLAIN;
	s = net_find(t->server);
	if (s != NET_OK)
		return s;
	request_make(&x);
	return run(&x);
}
