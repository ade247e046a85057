/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command `load`: an image, from the network, a serial line, flash or a disk, to where it says it belongs.  What an image is:
 * image.c; what may be written: load.c.
 */
#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/flash.h"
#include "firmware/image.h"
#include "firmware/io.h"
#include "firmware/load.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"
#include "firmware/tftp.h"
#include "firmware/timer.h"
#include "firmware/virtio_blk.h"

#define DOTS_PER_ROW 40u
#define DOT_BYTES 0x10000u
#define DOT_BYTES_SERIAL 0x1000u /* a second's worth at any usual speed is a few of them */
#define LOOK_BYTES 512u      /* pieces of an image as large as that are an occasion to look for Ctrl-C */
#define CTRL_C 3
#define QUIET_MS 500u        /* a serial line on which nothing comes for so long has ended what it sent */
#define LINE_END_MS 100u
#define RETRY_MS 1000u

enum source { FROM_TFTP, FROM_SERIAL, FROM_FLASH, FROM_DISK };

/* What was typed, its gaps filled from the environment.  */
struct order {
	enum source source;
	bool retry, raw;
	uint32_t address;        /* of raw bytes */
	uint32_t server;
	const char *file;
	unsigned tty;
	uint32_t flash;
	uint32_t disk, sector, count; /* count 0: as many as the image has */
};

static struct {
	struct image image;
	bool raw;                /* bytes that have no start: go keeps what it had */
	bool broken;             /* by Ctrl-C, in the middle of what was to be stored */
	uint32_t dot_bytes, until_dot, dots;
} load;

static const char *store(uint32_t addr, const uint8_t *bytes, uint32_t n)
{
	const char *why = load_refuses_image(addr, n);

	/* Few bytes of an image may ask for much: memory that is to be cleared, and that is flash.  Records are too small to look each time.  */
	if (!why && n >= LOOK_BYTES && con_break()) {
		load.broken = true;
		why = "Ctrl-C";
	}
	return why ? why : load_write(addr, bytes, n);
}

/* --- progress --- */

static void dots_end(void)
{
	if (load.dots)
		con_printf("\n");
	load.dots = 0;
}

static void progress(uint32_t n)
{
	for (; n >= load.until_dot; load.until_dot = load.dot_bytes) {
		n -= load.until_dot;
		if (load.dots == DOTS_PER_ROW)
			dots_end();
		con_printf(".");
		load.dots++;
	}
	load.until_dot -= n;
}

/* True: the image wants more.  */
static bool take(void *unused, const uint8_t *bytes, unsigned n)
{
	(void)unused;
	progress(n);
	return image_feed(&load.image, bytes, n) == IMAGE_MORE;
}

static int finish(void)
{
	struct image *im = &load.image;

	image_close(im);
	dots_end();
	if (load.broken)
		return shell_broken();
	if (im->state == IMAGE_BAD && im->has_address)
		return shell_error("%s %u: address 0x%08x: %s", im->unit, im->place, im->address, im->why);
	if (im->state == IMAGE_BAD)
		return shell_error("%s %u: %s", im->unit, im->place, im->why);
	if (load.raw) { /* an initial RAM disk, say, behind its kernel */
		memory_flush_all();
		con_printf("Range = (0x%08x,0x%08x), format = %s\n", im->low, im->high, im->format);
		return SHELL_OK;
	}
	load_done(im->entry);
	con_printf("Start = 0x%08x, range = (0x%08x,0x%08x), format = %s\n", im->entry, im->low, im->high, im->format);
	return SHELL_OK;
}

static int broken(void)
{
	dots_end();
	return shell_broken();
}

/* --- sources --- */

static int load_tftp(const struct order *o)
{
	struct tftp t = { .server = o->server, .file = o->file, .take = take };
	enum net_status s;
	const char *why;
	bool said = false;

	for (;;) {
		why = net_open();
		s = why ? NET_OK : tftp_get(&t);
		net_close();
		if (s != NET_NO_ARP || !o->retry)
			break;
		if (!said)
			con_printf("%I: %s; trying again\n", o->server, net_status_text(s));
		said = true;
		timer_delay_ms(RETRY_MS);
	}
	if (why)
		return shell_error("No network: %s", why);
	if (s == NET_OK || s == NET_STOPPED)
		return finish();
	if (s == NET_BREAK)
		return broken();
	dots_end();
	if (s == NET_REFUSED)
		return shell_error("%I: %s: %s", o->server, o->file, t.said);
	return shell_error("%I: %s: %s", o->server, o->file, net_status_text(s));
}

/* -1: nothing comes for @ms.  */
static int serial_wait(unsigned tty, uint32_t ms)
{
	uint32_t since = timer_ms();
	int c;

	while ((c = con_getc(tty)) < 0 && timer_ms() - since < ms)
		;
	return c;
}

/* What follows a bad record must not be taken for commands.  */
static void serial_drop(unsigned tty)
{
	while (serial_wait(tty, QUIET_MS) >= 0)
		;
}

static int load_serial(const struct order *o)
{
	uint8_t c = 0;

	con_printf("Start the transmission of S-records\n");
	while (load.image.state == IMAGE_MORE) {
		int got = con_getc(o->tty);

		if (got == CTRL_C || (o->tty && con_break()))
			return broken();
		if (got < 0)
			continue;
		c = (uint8_t)got;
		take(NULL, &c, 1);
	}
	if (load.image.state == IMAGE_BAD)
		serial_drop(o->tty);
	while (load.image.state == IMAGE_DONE && c != '\r' && c != '\n') { /* the last record's own line */
		int got = serial_wait(o->tty, LINE_END_MS);

		if (got < 0)
			break;
		c = (uint8_t)got;
	}
	return finish();
}

static int load_flash(const struct order *o)
{
	static uint32_t piece[1024]; /* in RAM: flash that is programmed cannot be read meanwhile */
	uint32_t pa = o->flash & PHYS_MASK, end = FLASH_BASE + FLASH_SIZE;

	flash_read_arrays();
	for (uint32_t n; pa < end && load.image.state == IMAGE_MORE; pa += n) {
		n = end - pa < sizeof(piece) ? end - pa : sizeof(piece);
		if (con_break())
			return broken();
		memcpy(piece, kseg1(pa), n);
		take(NULL, (const uint8_t *)piece, n);
	}
	return finish();
}

static int disk_pieces(struct disk *d, uint32_t sector, uint32_t count)
{
	for (uint32_t n; count && load.image.state == IMAGE_MORE; count -= n, sector += n) {
		const char *why;

		n = count < DISK_BUFFER_SECTORS ? count : DISK_BUFFER_SECTORS;
		if (con_break())
			return broken();
		why = disk_transfer(d, false, sector, n);
		if (why) {
			dots_end();
			return shell_error("Sector 0x%x: %s", sector, why);
		}
		take(NULL, disk_buffer, n * DISK_SECTOR);
	}
	return finish();
}

static int load_disk(const struct order *o)
{
	struct disk d;
	const char *why = disk_open(o->disk, &d);
	int status;

	if (why)
		status = shell_error("Disk %u: %s", o->disk, why);
	else if (o->sector >= d.sectors || o->count > d.sectors - o->sector)
		status = shell_error("The disk ends at sector 0x%x", d.sectors);
	else
		status = disk_pieces(&d, o->sector, o->count ? o->count : d.sectors - o->sector);
	disk_close(&d);
	return status;
}

/* --- the command --- */

/* Copies up to one of @ends to @word; returns what follows.  NULL: too long.  */
static const char *word_take(char *word, size_t size, const char *s, const char *ends)
{
	size_t n = 0;

	while (s[n] && !strchr(ends, s[n]))
		n++;
	if (n >= size)
		return NULL;
	memcpy(word, s, n);
	word[n] = 0;
	return s + n;
}

/* [//host][/file] */
static int network_parse(struct order *o, const char *s)
{
	char host[16];

	o->file = env_get("bootfile");
	if (!strncmp(s, "//", 2)) {
		s = word_take(host, sizeof(host), s + 2, "/");
		if (!s || !shell_ip(host, &o->server))
			return shell_error("Illegal IP address behind //");
	} else if (!env_ip("bootserver", &o->server)) {
		return shell_error("No server is given, nor by the variable bootserver");
	}
	if (*s && *s != '/')
		return shell_error("The name of the file must begin with '/'");
	if (*s)
		o->file = s + 1;
	return o->file && *o->file ? SHELL_OK : shell_error("No file is given, nor by the variable bootfile");
}

/* [//tty0|//tty1] */
static int serial_parse(struct order *o, const char *s)
{
	const char *tty = *s ? s : env_get("bootserport");

	if (*s && strncmp(s, "//", 2))
		return shell_usage("load");
	if (*s)
		tty += 2;
	o->tty = tty && !strcmp(tty, "tty1");
	if (tty && !o->tty && strcmp(tty, "tty0"))
		return shell_error("Serial lines are tty0 and tty1");
	return SHELL_OK;
}

/* n/sector[,count] */
static int disk_parse(struct order *o, const char *s)
{
	char word[16];

	s = word_take(word, sizeof(word), s, "/");
	if (!s || *s != '/' || !shell_number(word, &o->disk) || o->disk >= DISKS)
		return shell_error("Disks are given as disk:n/sector[,count], n being 0 to %u", DISKS - 1);
	s = word_take(word, sizeof(word), s + 1, ",");
	if (!s || !shell_number(word, &o->sector))
		return shell_error("Illegal sector");
	if (*s && (!shell_number(s + 1, &o->count) || !o->count))
		return shell_bad_number(s + 1);
	return SHELL_OK;
}

static int source_parse(struct order *o, const char *s)
{
	char proto[8];
	const char *rest = word_take(proto, sizeof(proto), s, ":/"), *standard = env_get("bootprot");

	if (!rest)
		return shell_usage("load");
	if (*rest == ':')
		rest++;
	else if (*proto)
		return shell_usage("load");
	else
		strput(proto, sizeof(proto), standard ? standard : "tftp");
	if (!strcmp(proto, "tftp")) {
		o->source = FROM_TFTP;
		return network_parse(o, rest);
	}
	if (!strcmp(proto, "asc")) {
		o->source = FROM_SERIAL;
		return serial_parse(o, rest);
	}
	if (!strcmp(proto, "disk")) {
		o->source = FROM_DISK;
		return disk_parse(o, rest);
	}
	if (strcmp(proto, "flash"))
		return shell_error("Unknown source: %s", proto);
	o->source = FROM_FLASH;
	if (!shell_number(rest, &o->flash))
		return shell_bad_number(rest);
	return flash_contains(o->flash) ? SHELL_OK : shell_error("Address 0x%08x is not in flash", o->flash);
}

static int order_parse(struct order *o, int argc, char **argv)
{
	const char *words[2] = { "", "" };
	unsigned nwords = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-r"))
			o->retry = true;
		else if (!strcmp(argv[i], "-b"))
			o->raw = true;
		else if (argv[i][0] == '-' || nwords == 2)
			return shell_usage("load");
		else
			words[nwords++] = argv[i];
	}
	/* The address comes last, and may come alone.  */
	if (o->raw) {
		const char *last = words[nwords ? --nwords : 0];

		if (!shell_number(last, &o->address))
			return shell_error("-b needs the address where the bytes shall go");
		words[nwords] = "";
	}
	return nwords > 1 ? shell_usage("load") : source_parse(o, words[0]);
}

static void announce(const struct order *o)
{
	con_printf("About to load ");
	switch (o->source) {
	case FROM_TFTP: con_printf("tftp://%I/%s\n", o->server, o->file); break;
	case FROM_SERIAL: con_printf("asc://tty%u\n", o->tty); break;
	case FROM_FLASH: con_printf("flash:%08x\n", o->flash); break;
	case FROM_DISK: con_printf("disk:%u/%x\n", o->disk, o->sector); break;
	}
	con_printf("Press Ctrl-C to break\n");
}

static int run(int argc, char **argv)
{
	static const struct image_sink sink = { load_refuses_image, store };
	struct order o = { .retry = false };

	if (order_parse(&o, argc, argv) != SHELL_OK)
		return SHELL_FAILED;
	if (o.raw && (o.source == FROM_SERIAL || o.source == FROM_FLASH || (o.source == FROM_DISK && !o.count)))
		return shell_error("With -b, the source must say where the bytes end: a file, or disk:n/sector,count");
	announce(&o);
	load.raw = o.raw;
	load.broken = false;
	if (!load.raw)
		load_begin();
	image_open(&load.image, &sink, o.raw ? &o.address : NULL);
	load.dots = 0;
	load.dot_bytes = load.until_dot = o.source == FROM_SERIAL ? DOT_BYTES_SERIAL : DOT_BYTES;
	switch (o.source) {
	case FROM_TFTP: return load_tftp(&o);
	case FROM_SERIAL: return load_serial(&o);
	case FROM_FLASH: return load_flash(&o);
	case FROM_DISK: return load_disk(&o);
	}
	return SHELL_FAILED;
}

const struct command load_command = {
	.name = "load",
	.syntax = "[-r] [-b] [tftp:][//ip][/file] | asc:[//tty0|//tty1] | flash:addr | disk:n/sector[,count] [addr]",
	.brief = "Load a program (S-records or ELF) into memory or erased flash",
	.help = "Goes where the program says; `go` starts it. What is not given is taken from bootprot, bootserver, bootfile, bootserport.\n"
		"  -r  try again while the server's computer does not answer, until Ctrl-C\n"
		"  -b  bytes as they are, to addr; `go` keeps the program it has\n"
		"asc: takes S-records only.\n",
	.run = run,
};
