/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the key's fields: their values in this build, and their comparison.  Not for where keys are stored.
 */
#include "pcmap/key.h"

#include <stdio.h>
#include <string.h>

#include "isa_hash.h"
#include "pcmap/xabi.h"

_Static_assert(sizeof(struct xo_key) == 72, "the key has no padding: files hold its bytes");
_Static_assert(sizeof(ATHANOR_ISA_HASH) == 65, "a SHA-256 in hexadecimal");

static uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

uint32_t key_host_features(void)
{
	__builtin_cpu_init();
	return __builtin_cpu_supports("bmi2") ? XO_HOST_BMI2 : 0u;
}

void key_fill(struct xo_key *k, enum isa_rev rev, bool big_endian, uint32_t features)
{
	static const char hash[] = ATHANOR_ISA_HASH;

	memset(k, 0, sizeof *k);
	k->format = XO_FORMAT_VERSION;
	k->xabi = XABI_VERSION;
	for (size_t i = 0; i < sizeof k->isa_hash; i++)
		k->isa_hash[i] = (uint8_t)(hex_digit(hash[2 * i]) << 4 | hex_digit(hash[2 * i + 1]));
	k->isa_rev = (uint32_t)rev;
	k->big_endian = big_endian;
	k->host_features = features;
	k->cpu_bias = CPU_BIAS;
}

static enum status differs(const char *field, uint32_t have, uint32_t want, struct err *e)
{
	return err_set(e, ST_STALE, "made for another %s: 0x%x, needed is 0x%x", field, have, want);
}

enum status key_check(const struct xo_key *have, const struct xo_key *want, struct err *e)
{
	if (have->format != want->format)
		return differs("format", have->format, want->format, e);
	if (have->xabi != want->xabi)
		return differs("xabi", have->xabi, want->xabi, e);
	if (memcmp(have->isa_hash, want->isa_hash, sizeof have->isa_hash) != 0)
		return err_set(e, ST_STALE, "made for another isa_hash: %02x%02x%02x%02x..., needed is %02x%02x%02x%02x...: other sources",
			       have->isa_hash[0], have->isa_hash[1], have->isa_hash[2], have->isa_hash[3],
			       want->isa_hash[0], want->isa_hash[1], want->isa_hash[2], want->isa_hash[3]);
	if (have->isa_rev != want->isa_rev)
		return differs("isa_rev", have->isa_rev, want->isa_rev, e);
	if (have->big_endian != want->big_endian)
		return differs("big_endian", have->big_endian, want->big_endian, e);
	if (have->host_features & ~want->host_features)
		return err_set(e, ST_STALE, "made for other host_features: 0x%x, there are 0x%x", have->host_features, want->host_features);
	if (have->cpu_bias != want->cpu_bias)
		return differs("cpu_bias", have->cpu_bias, want->cpu_bias, e);
	for (size_t i = 0; i < ARRAY_LEN(have->reserved); i++)
		if (have->reserved[i] != want->reserved[i])
			return differs("reserved", have->reserved[i], want->reserved[i], e);
	return ST_OK;
}
