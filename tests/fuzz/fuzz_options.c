/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Command lines of dbt, and numbers and sizes as all tools read them.  Input: arguments, each ended by a zero byte.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/log.h"
#include "base/opts.h"
#include "dbt-runtime/vm/options.h"

#define ARGS_MAX 64
#define TEXT_MAX 4096u

static void numbers(const char *text)
{
	static const uint64_t units[] = { 1, 1u << 20, 1u << 30 };
	struct err e = ERR_INIT;
	uint64_t v;

	if (opts_number(text, UINT32_MAX, &v, &e) == ST_OK)
		FUZZ_CHECK(v <= UINT32_MAX);
	for (unsigned i = 0; i < ARRAY_LEN(units); i++)
		if (opts_size(text, units[i], UINT64_C(1) << 36, &v, &e) == ST_OK)
			FUZZ_CHECK(v <= UINT64_C(1) << 36);
}

static void log_list(const char *text)
{
	struct err e = ERR_INIT;

	FUZZ_CHECK(log_select(text, &e) == ST_OK || e.text[0]);
	log_mask = 0;
}

void fuzz_options(const uint8_t *bytes, size_t size)
{
	static char text[TEXT_MAX + 1];
	char *argv[ARGS_MAX + 2] = { "dbt" };
	struct vm_options o;
	struct err e = ERR_INIT;
	int argc = 1;

	size = size < TEXT_MAX ? size : TEXT_MAX;
	memcpy(text, bytes, size);
	text[size] = 0;
	for (char *at = text; at < text + size && argc <= ARGS_MAX; at += strlen(at) + 1) {
		argv[argc++] = at;
		numbers(at);
		log_list(at);
	}
	if (vm_options_parse(&o, argc, argv, &e) != ST_OK) {
		FUZZ_CHECK(e.text[0]);
		return;
	}
	FUZZ_CHECK(o.nnics <= VM_NICS_MAX);
	for (unsigned i = 0; i < VM_NICS_MAX; i++)
		FUZZ_CHECK(o.nic[i].nhostfwd <= VM_HOSTFWD_MAX && !(o.nic[i].mac[0] & 1) && !(o.nic[i].net & ~o.nic[i].mask));
	FUZZ_CHECK(o.nserials <= VM_SERIALS_MAX && o.nxo <= VM_XO_MAX && o.nmarkers <= VM_MARKERS_MAX);
	FUZZ_CHECK(o.action != ACTION_RUN || o.kernel || o.bios);
}
