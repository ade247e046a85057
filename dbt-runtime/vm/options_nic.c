/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for what -nic takes: the syntax of QEMU's -nic user.  Not for whether ports are free and directories exist.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/opts.h"
#include "dbt-runtime/vm/net_user.h"
#include "dbt-runtime/vm/options.h"

#define DEFAULT_NET 0x0a000200u  /* 10.0.2.0 */
#define DEFAULT_BITS 24u
#define BITS_MIN 8u
#define BITS_MAX 27u             /* the guest's address ends in 15 */
#define PORT_MAX 65535u

static uint32_t mask_of(unsigned bits) { return UINT32_MAX << (32 - bits); }

void vm_nic_default(unsigned index, struct vm_nic_option *out)
{
	*out = (struct vm_nic_option){ .kind = NIC_USER, .mac = { 0x52, 0x54, 0x00, 0x12, 0x34, (uint8_t)(0x56 + index) }, .net = DEFAULT_NET,
		.mask = mask_of(DEFAULT_BITS) };
}

static enum status take_mac(struct vm_nic_option *o, const char *text, struct err *e)
{
	unsigned b[6];

	/* sscanf alone would take blanks and signs too.  */
	if (strlen(text) != 17 || strspn(text, ":0123456789abcdefABCDEF") != 17 ||
	    sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
		return err_set(e, ST_USAGE, "mac=%.60s is not an address such as 52:54:00:12:34:56", text);
	for (unsigned i = 0; i < 6; i++)
		o->mac[i] = (uint8_t)b[i];
	if ((b[0] & 1) || !(b[0] | b[1] | b[2] | b[3] | b[4] | b[5]))
		return err_set(e, ST_USAGE, "mac=%.60s is not the address of one interface", text);
	return ST_OK;
}

static bool parse_ip(const char *text, uint32_t *out)
{
	struct in_addr a;

	if (inet_pton(AF_INET, text, &a) != 1)
		return false;
	*out = ntohl(a.s_addr);
	return true;
}

static enum status take_net(struct vm_nic_option *o, char *text, struct err *e)
{
	char *slash = strchr(text, '/');
	struct err why = ERR_INIT;
	uint64_t bits = 0;

	if (slash)
		*slash = 0;
	if (!slash || !parse_ip(text, &o->net) || opts_number(slash + 1, BITS_MAX, &bits, &why) != ST_OK || bits < BITS_MIN) {
		if (slash)
			*slash = '/';
		return err_set(e, ST_USAGE, "net=%.60s is not a network such as 10.0.2.0/24, with %u to %u bits", text, BITS_MIN, BITS_MAX);
	}
	o->mask = mask_of((unsigned)bits);
	o->net &= o->mask;
	return ST_OK;
}

/* "[address]:port" up to the end.  */
static bool parse_end(char *text, uint32_t *address, uint16_t *port)
{
	char *colon = strchr(text, ':');
	struct err why = ERR_INIT;
	uint64_t n = 0;

	if (!colon)
		return false;
	*colon = 0;
	*address = 0;
	if (*text && !parse_ip(text, address))
		return false;
	if (opts_number(colon + 1, PORT_MAX, &n, &why) != ST_OK || !n)
		return false;
	*port = (uint16_t)n;
	return true;
}

/* "[tcp|udp]:[address]:port-[address]:port" */
static bool parse_hostfwd(char *text, struct vm_hostfwd *f)
{
	char *host = strchr(text, ':'), *guest = host ? strchr(host, '-') : NULL;

	if (!guest)
		return false;
	*host++ = 0;
	*guest++ = 0;
	f->udp = strcmp(text, "udp") == 0;
	if (!f->udp && *text && strcmp(text, "tcp") != 0)
		return false;
	return parse_end(host, &f->host, &f->host_port) && parse_end(guest, &f->guest, &f->guest_port);
}

static enum status take_hostfwd(struct vm_nic_option *o, const struct opts_pair *p, struct err *e)
{
	struct opts_pair copy = *p;

	if (o->nhostfwd == VM_HOSTFWD_MAX)
		return err_set(e, ST_USAGE, "hostfwd: more than %u of them", VM_HOSTFWD_MAX);
	if (!parse_hostfwd(copy.value, &o->hostfwd[o->nhostfwd]))
		return err_set(e, ST_USAGE, "hostfwd=%.80s is not tcp|udp:[address]:port-[address]:port", p->value);
	o->nhostfwd++;
	return ST_OK;
}

static enum status take_text(char *out, size_t room, const struct opts_pair *p, struct err *e)
{
	if (strlen(p->value) >= room)
		return err_set(e, ST_USAGE, "%s=%.60s... is longer than %zu bytes", p->key, p->value, room - 1);
	memcpy(out, p->value, strlen(p->value) + 1);
	return ST_OK;
}

static enum status take(struct vm_nic_option *o, struct opts_pair *p, struct err *e)
{
	if (strcmp(p->key, "mac") == 0)
		return take_mac(o, p->value, e);
	if (strcmp(p->key, "net") == 0)
		return take_net(o, p->value, e);
	if (strcmp(p->key, "hostfwd") == 0)
		return take_hostfwd(o, p, e);
	if (strcmp(p->key, "tftp") == 0)
		return take_text(o->tftp, sizeof o->tftp, p, e);
	if (strcmp(p->key, "bootfile") == 0)
		return take_text(o->bootfile, sizeof o->bootfile, p, e);
	if (strcmp(p->key, "restrict") == 0)
		return opts_flag(p->value, &o->restricted, e);
	return err_set(e, ST_USAGE, "'%s%s%.60s': there are mac, net, hostfwd, tftp, bootfile and restrict", p->key, *p->key ? "=" : "", p->value);
}

enum status vm_nic_parse(const char *value, unsigned index, struct vm_nic_option *out, struct err *e)
{
	struct opts_pair p;
	enum status s = opts_pair_next(&value, &p, e);

	vm_nic_default(index, out);
	if (s != ST_OK)
		return s;
	if (!*p.key && strcmp(p.value, "none") == 0) {
		out->kind = NIC_NONE;
		return value ? err_set(e, ST_USAGE, "'none,%.60s': nothing can be said of a network that is not there", value) : ST_OK;
	}
	if (*p.key || strcmp(p.value, "user") != 0)
		return err_set(e, ST_USAGE, "'%s%s%.60s' is neither user nor none", p.key, *p.key ? "=" : "", p.value);
	if (!net_user_built())
		return err_set(e, ST_UNSUPPORTED, "this build has no user network (libslirp)");
	while (value && s == ST_OK) {
		s = opts_pair_next(&value, &p, e);
		if (s == ST_OK)
			s = take(out, &p, e);
	}
	return s;
}
