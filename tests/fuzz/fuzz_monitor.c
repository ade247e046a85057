/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The boot monitor's parsers, compiled for this machine: images of programs, conversations on the network, the environment in flash, and
 * lines that are typed.  The input's first byte says which; monitor_host.c has the world around them.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/env_store.h"
#include "firmware/line.h"
#include "firmware/main.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/tftp.h"
#include "tests/firmware/frames.h"
#include "tests/firmware/image_ram.h"
#include "tests/fuzz/monitor_host.h"

/* --- images: the same, whole and in pieces --- */

#define IMAGE_MAX 8192u

static void feed(struct image *im, const uint32_t *raw, const uint8_t *bytes, size_t n, uint32_t step)
{
	image_ram_feed(im, raw, bytes, (uint32_t)n, step);
	image_close(im);
	FUZZ_CHECK(im->state == IMAGE_DONE || (im->state == IMAGE_BAD && im->why && im->unit));
	FUZZ_CHECK(im->low > im->high || (image_ram_holds(im->low, 1) && image_ram_holds(im->high, 1)));
}

static void both_ways(const uint32_t *raw, const uint8_t *bytes, size_t n, uint32_t step)
{
	static uint8_t before[IMAGE_RAM_SIZE];
	static struct image whole, parts;

	feed(&whole, raw, bytes, n, IMAGE_MAX);
	memcpy(before, image_ram, sizeof before);
	feed(&parts, raw, bytes, n, step);
	FUZZ_CHECK(whole.state == parts.state);
	if (whole.state == IMAGE_DONE)
		FUZZ_CHECK(!memcmp(before, image_ram, sizeof before) && whole.entry == parts.entry && whole.low == parts.low && whole.high == parts.high);
	else if (!whole.format || whole.format[0] == 'S')
		FUZZ_CHECK(whole.why == parts.why && whole.place == parts.place);
}

static int digit(uint8_t c) { return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1; }

/* Each record's last byte becomes the sum that it should be.  */
static void sums_right(uint8_t *text, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i + 4 <= n; i++) {
		unsigned sum = 0, count, k;

		if (text[i] != 'S' || digit(text[i + 2]) < 0 || digit(text[i + 3]) < 0)
			continue;
		count = (unsigned)(digit(text[i + 2]) << 4 | digit(text[i + 3]));
		if (!count || 4 + 2 * count > n - i)
			continue;
		for (k = 0; k < count && digit(text[i + 2 + 2 * k]) >= 0 && digit(text[i + 3 + 2 * k]) >= 0; k++)
			sum += (unsigned)(digit(text[i + 2 + 2 * k]) << 4 | digit(text[i + 3 + 2 * k]));
		if (k < count)
			continue;
		text[i + 2 + 2 * count] = (uint8_t)hex[~sum >> 4 & 15];
		text[i + 3 + 2 * count] = (uint8_t)hex[~sum & 15];
		i += 3 + 2 * count;
	}
}

static void images(struct fuzz_in *in)
{
	uint32_t step = 1 + fuzz_take(in, 1), raw = IMAGE_RAM + fuzz_take(in, 2);
	uint8_t text[IMAGE_MAX];
	size_t n = in->left < IMAGE_MAX ? in->left : IMAGE_MAX;

	memcpy(text, in->at, n);
	both_ways(NULL, text, n, step);
	both_ways(&raw, text, n, step);
	if (n && text[0] == 'S') {
		sums_right(text, n);
		both_ways(NULL, text, n, step);
	}
}

/* --- the network --- */

static bool take(void *opaque, const uint8_t *bytes, unsigned n)
{
	struct image *im = opaque;

	FUZZ_CHECK(n > 0 && n <= 1468);
	return image_feed(im, bytes, n) == IMAGE_MORE;
}

static void network(struct fuzz_in *in)
{
	static struct image im;
	struct tftp t = { .server = PEER_IP, .file = "dir/file", .take = take, .opaque = &im };
	uint32_t how = fuzz_take(in, 1), begun, raw = IMAGE_RAM;
	enum net_status s;

	host.outside = in;
	host.floods = how & 1;
	host.deaf = (how & 0x0e) == 0x0e;
	host.no_link = (how & 0x70) == 0x70 ? "no link" : NULL;
	host.break_at = how & 0x80 ? host.ms + fuzz_take(in, 2) : 0;
	begun = host.ms;
	if (how & 2) {
		shell_run("ping 10.0.2.2 20");
		return;
	}
	image_open(&im, &image_ram_sink, how & 4 ? &raw : NULL);
	if (net_open()) {
		FUZZ_CHECK(host.no_link);
		return;
	}
	s = tftp_get(&t);
	net_close();
	FUZZ_CHECK(strlen(t.said) < TFTP_SAID_MAX);
	for (const char *p = t.said; *p; p++)
		FUZZ_CHECK(*p >= ' ' && *p <= '~');
	FUZZ_CHECK(s != NET_STOPPED || im.state != IMAGE_MORE);
	FUZZ_CHECK(s != NET_NO_ANSWER || host.ms - begun >= 4000);
	con_printf("%s %s\n", net_status_text(s), t.said);
}

/* --- the environment --- */

struct known { char name[ENV_NAME_MAX + 1], value[ENV_VALUE_MAX + 1]; };

/* All variables are what variables may be.  */
static unsigned environment(struct known *all)
{
	struct env_var v;
	unsigned n = 0;

	for (; env_at(n, &v); n++) {
		FUZZ_CHECK(n < ENV_MAX + 32 && strlen(v.name) <= ENV_NAME_MAX && *v.name && strlen(v.value) <= ENV_VALUE_MAX);
		for (const char *p = v.value; *p; p++)
			FUZZ_CHECK(*p >= ' ' && *p <= '~');
		memset(&all[n], 0, sizeof all[n]);
		strcpy(all[n].name, v.name);
		strcpy(all[n].value, v.value);
		FUZZ_CHECK(!n || strcmp(all[n - 1].name, v.name) < 0);
	}
	return n;
}

static void word_put(uint8_t *at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (8 * i));
}

/* A block with a header, mostly, and records, mostly with good sums.  */
static void block_make(struct fuzz_in *in, uint8_t *block)
{
	uint32_t how = fuzz_take(in, 1), off = 8;

	word_put(block, how & 1 ? 0x41544841u : fuzz_take(in, 4));
	word_put(block + 4, 0x31564e45u);
	if (how & 2)
		off = FLASH_BLOCK - 4 * fuzz_take(in, 1) - 4; /* what is in between is erased: only its end counts if it is a record's */
	for (unsigned i = fuzz_take(in, 1) % 16; i && off <= FLASH_BLOCK - 8 && in->left; i--) {
		uint32_t odd = fuzz_take(in, 1), size = odd & 1 ? fuzz_take(in, 2) : (fuzz_take(in, 1) % 32 + 1) * 4;
		uint32_t room = FLASH_BLOCK - 8 - off;
		const uint8_t *bytes;
		size_t got;

		bytes = fuzz_take_bytes(in, size < room ? size : room, &got);
		memset(block + off + 8, 0, size < room ? size : room);
		memcpy(block + off + 8, bytes, got);
		word_put(block + off, size << 16 | (odd & 2 ? fuzz_take(in, 2) : 0xff42));
		word_put(block + off + 4, odd & 4 ? fuzz_take(in, 4) : fuzz_crc32(block + off + 8, size < room ? size : room));
		off += 8 + (size < room ? size : room);
	}
}

static const char *text_take(struct fuzz_in *in, char *text, size_t max)
{
	size_t n;
	const uint8_t *bytes = fuzz_take_bytes(in, fuzz_take(in, 2) % max, &n);

	memset(text, 0, max);
	memcpy(text, bytes, n);
	return text;
}

/* Whatever the flash held, what is set now is found again after the next start.  */
static void environments(struct fuzz_in *in)
{
	static struct known before[ENV_MAX + 32], after[ENV_MAX + 32];
	static const char *const names[] = { "ipaddr", "x", "start", "prompt", "MAC", "memsize", "startdelay", "ethaddr" };
	char name[32], value[600];
	uint32_t how = fuzz_take(in, 1);
	bool kept = true;
	unsigned n;

	host_flash.changed = true;
	block_make(in, host_flash.env);
	if (how & 1)
		block_make(in, host_flash.spare);
	host.flash_fails = (how & 0xe) == 0xe;
	env_init(2u << 20);
	n = environment(before);
	kept = n < ENV_MAX; /* beyond, what does not fit is left out, and which is not said */
	for (unsigned i = 0; i < 16 && in->left; i++) {
		uint32_t op = fuzz_take(in, 1);
		const char *which;
		enum env_error e;

		if (op == 0xff) {
			kept &= env_erase();
			continue;
		}
		which = op & 8 ? text_take(in, name, sizeof name) : names[op >> 4 & 7];
		e = op % 4 == 3 ? env_unset(which) : env_set(which, text_take(in, value, sizeof value));

		kept &= e != ENV_FLASH && e != ENV_FULL;
		FUZZ_CHECK(*env_error_text(e));
	}
	n = environment(before);
	env_init(2u << 20);
	FUZZ_CHECK(!kept || (environment(after) == n && !memcmp(before, after, n * sizeof before[0])));
}

/* --- lines --- */

/* In the place of the commands that need the board.  */
static int any(int argc, char **argv)
{
	uint32_t a, b;
	uint8_t mac[6];
	unsigned width;

	FUZZ_CHECK(argc >= 1 && argc <= SHELL_ARGS_MAX && !argv[argc]);
	for (int i = 0; i < argc; i++) {
		FUZZ_CHECK(strlen(argv[i]) < SHELL_LINE_MAX);
		if (!shell_number(argv[i], &a) && !shell_decimal(argv[i], &a) && !shell_ip(argv[i], &a) && !shell_mac(argv[i], mac) &&
		    !shell_width(argv[i], &width))
			shell_bad_number(argv[i]);
	}
	if (argc == 3 && shell_range(argv + 1, &a, &b))
		FUZZ_CHECK(!b || a + (b - 1) >= a);
	if (argc == 4)
		return shell_confirm() ? SHELL_OK : SHELL_FAILED;
	return argc == 5 ? shell_usage(argv[0]) : SHELL_OK;
}

#define ANY(n) extern const struct command n##_command; const struct command n##_command = { #n, "", "", NULL, any };
ANY(cksum) ANY(compare) ANY(copy) ANY(cp0) ANY(date) ANY(disk) ANY(dump) ANY(edit) ANY(erase) ANY(fill) ANY(fl) ANY(flush) ANY(go)
ANY(info) ANY(load) ANY(port) ANY(reset) ANY(search) ANY(sleep) ANY(stty) ANY(test) ANY(tlb)

bool memory_wraps(uint32_t addr, uint32_t n) { return n && addr + (n - 1) < addr; }
void main_restart(void (*fn)(void)) { fuzz_failed(__FILE__, __LINE__, fn ? "the monitor starts again" : ""); }
void main_recover(void) {}

static void lines(struct fuzz_in *in)
{
	char line[SHELL_LINE_MAX];

	host.keys = *in;
	host.no_link = "no network";
	for (unsigned i = 0; i < 32 && host.keys.left; i++) {
		host.break_at = host.ms + 200;
		memset(line, 0x55, sizeof line);
		if (line_read("> ", line, host.keys.left & 1 ? sizeof line : 40, host.keys.left & 2)) {
			FUZZ_CHECK(strlen(line) < (sizeof line));
			shell_run(line);
		}
	}
}

void fuzz_monitor(const uint8_t *bytes, size_t size)
{
	static void (*const kinds[])(struct fuzz_in *) = { images, network, environments, lines };
	struct fuzz_in in = { bytes, size };
	uint32_t kind = fuzz_take(&in, 1) % ARRAY_LEN(kinds);

	host_start();
	if (kind != 0)
		env_init(2u << 20);
	kinds[kind](&in);
}
