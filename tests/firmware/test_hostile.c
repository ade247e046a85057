/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor, interpreted as a whole, with surroundings that mean it no good: disks that break the rules of virtio, a flash whose
 * environment is rubbish, a network that does not stop talking.  The rule: it says what is wrong and comes back to its prompt.
 */
#include <check.h>
#include <string.h>

#include "tests/firmware/fakes.h"
#include "tests/firmware/machine.h"
#include "tests/harness/suites.h"

#include "firmware/pb1500.h" /* macros: behind the headers of the host's devices, which use the same names */

Suite *hostile_suite(void);

static struct machine m;

/* False: it was skipped.  */
static bool start(void)
{
	if (!machine_open(&m)) {
		test_skip("hostile", "the monitor is not built (make firmware)");
		return false;
	}
	return true;
}

static void expect(const char *line, const char *what)
{
	const char *said = machine_says(&m, line);

	ck_assert_msg(said != NULL, "no prompt after '%s': %s", line, m.said);
	ck_assert_msg(strstr(said, what) != NULL, "'%s' says: %s", line, said);
}

static void expect_alive(void) { expect("echo a''live\r", "\nalive\n"); }

static void expect_started(void)
{
	expect("", "Athanor boot monitor");
	ck_assert_msg(strstr(m.said, "SDRAM size =                     2 MByte") != NULL, "%s", m.said);
}

/* --- disks --- */

enum { R_MAGIC = 0x00, R_VERSION = 0x04, R_HAS = 0x10, R_QUEUE_MAX = 0x34, R_QUEUE_READY = 0x44, R_NOTIFY = 0x50, R_STATUS = 0x70,
       R_DESC = 0x80, R_USED = 0xa0, R_CAPACITY = 0x100 };
enum { S_ACKNOWLEDGE_DRIVER_FEATURES = 11, S_NEEDS_RESET = 64 };
#define NOTHING 0xffffffffu

/* What a disk does: a register that lies, or something done to the driver's memory in the place of what was asked for.  */
struct disk_case {
	const char *command, *answer;
	uint32_t reg, value;             /* NOTHING: none */
	void (*notified)(uint8_t *verdict, uint8_t *used); /* NULL: as a disk does; used: at the ring's flags */
	bool from_notify;                /* the register lies from the first request on */
};

static struct {
	struct io real;
	const struct disk_case *what;
	bool asked;
	uint32_t desc, used;
	uint64_t seed;                   /* not 0: it lies and writes at random */
} disk;

static uint8_t *guest(gpa pa, uint64_t n)
{
	uint8_t *p = mem_borrow(m.rig.map, pa, n, true);

	ck_assert_msg(p != NULL, "the driver names 0x%08llx", (unsigned long long)pa);
	return p;
}

static bool chance(unsigned one_in) { return disk.seed && random32(&disk.seed) % one_in == 0; }

/* Descriptors, rings, request and verdict: the driver's structure.  */
#define SHARED 130u

static void write_at_random(void)
{
	uint8_t *shared = guest(disk.desc, SHARED);

	for (unsigned n = random32(&disk.seed) % 8; n; n--)
		shared[random32(&disk.seed) % SHARED] = (uint8_t)(random32(&disk.seed) & (chance(2) ? 0xff : 1));
}

static uint32_t disk_read(void *opaque, uint32_t off, unsigned width)
{
	if (chance(40)) {
		uint32_t lie = random32(&disk.seed);

		return chance(2) ? 0 : lie >> lie % 32;
	}
	if (off == disk.what->reg && (disk.asked || !disk.what->from_notify))
		return disk.what->value;
	return disk.real.read(opaque, off, width);
}

static void disk_write(void *opaque, uint32_t off, unsigned width, uint32_t value)
{
	uint8_t verdict_desc[4];

	if (off == R_DESC)
		disk.desc = value;
	if (off == R_USED)
		disk.used = value;
	if (off == R_NOTIFY)
		disk.asked = true;
	if (off == R_NOTIFY && chance(8))
		return;
	if (off != R_NOTIFY || !disk.what->notified) {
		disk.real.write(opaque, off, width, value);
		if (off == R_NOTIFY && chance(2))
			write_at_random();
		return;
	}
	memcpy(verdict_desc, guest(disk.desc + 32, 4), 4); /* descriptor 2 */
	disk.what->notified(guest((gpa)verdict_desc[0] | (gpa)verdict_desc[1] << 8 | (gpa)verdict_desc[2] << 16, 1), guest(disk.used, 38));
}

static void nothing(uint8_t *verdict, uint8_t *used)
{
	(void)verdict;
	(void)used;
}

static void index_only(uint8_t *verdict, uint8_t *used)
{
	(void)verdict;
	used[2] = 1;
}

static void index_far(uint8_t *verdict, uint8_t *used)
{
	*verdict = 0;
	used[2] = used[3] = 0xff;
}

static void nonsense(uint8_t *verdict, uint8_t *used)
{
	*verdict = 77;
	used[2] = 1;
}

static void error(uint8_t *verdict, uint8_t *used)
{
	*verdict = 1;
	used[2] = 1;
}

static void unknown(uint8_t *verdict, uint8_t *used)
{
	*verdict = 2;
	used[2] = 1;
}

/* An id and a length that nobody gave; the driver needs neither.  */
static void rubbish_ring(uint8_t *verdict, uint8_t *used)
{
	memset(used, 0xff, 36);
	used[2] = 1;
	used[3] = 0;
	*verdict = 0;
}

#define READ "disk read 0 0 1 80120000\r"
#define LIES(reg, value) reg, value, NULL, false
#define THEN(reg, value) reg, value, nothing, true
#define DOES(what) NOTHING, 0, what, false
static const struct disk_case disk_cases[] = {
	{ READ, "disk read", DOES(NULL) },
	{ READ, "Error : Disk 0: there is no such disk", LIES(R_MAGIC, 0) },
	{ READ, "Error : Disk 0: there is no such disk", LIES(R_MAGIC, UINT32_MAX) },
	{ READ, "Error : Disk 0: the disk's interface has an unknown version", LIES(R_VERSION, 1) },
	{ READ, "Error : Disk 0: the disk is no virtio 1.0 device", LIES(R_HAS, 0) },
	{ READ, "Error : Disk 0: the disk does not start", LIES(R_QUEUE_MAX, 0) },
	{ READ, "Error : Disk 0: the disk does not start", LIES(R_QUEUE_MAX, 2) },
	{ READ, "Error : Disk 0: the disk does not start", LIES(R_QUEUE_READY, UINT32_MAX) },
	{ READ, "Error : Disk 0: the disk does not start", LIES(R_STATUS, 0) },
	{ READ, "Error : Disk 0: the disk does not start", LIES(R_STATUS, S_NEEDS_RESET) },
	{ READ, "Error : Sector 0x0: the disk has failed", THEN(R_STATUS, S_ACKNOWLEDGE_DRIVER_FEATURES | S_NEEDS_RESET) },
	{ READ, "Error : The disk ends at sector 0x0", LIES(R_CAPACITY, 0) },
	{ "disk id\r", "disk 0: sectors = 0x00000000 (0 MByte)", LIES(R_CAPACITY, 0) },
	{ "disk id\r", "disk 0: sectors = 0xffffffff (2097151 MByte)", LIES(R_CAPACITY + 4, UINT32_MAX) },
	{ "disk read 0 fffffff0 1 80120000\r", "Error : Sector 0xfffffff0: the disk reports an error", LIES(R_CAPACITY + 4, UINT32_MAX) },
	{ "load disk:0/0\r", "Error : offset 0: neither S-records nor an ELF file", LIES(R_CAPACITY + 4, UINT32_MAX) },
	{ "load disk:0/0\r", "Error : The disk ends at sector 0x0", LIES(R_CAPACITY, 0) },
	{ "load disk:0/0\r", "Error : Sector 0x0: the disk does not answer", DOES(nothing) },
	{ READ, "Error : Sector 0x0: the disk does not answer", DOES(nothing) },
	{ READ, "Error : Sector 0x0: the disk does not answer", DOES(index_far) },
	{ READ, "Error : Sector 0x0: the disk says nonsense", DOES(index_only) },
	{ READ, "Error : Sector 0x0: the disk says nonsense", DOES(nonsense) },
	{ READ, "Error : Sector 0x0: the disk reports an error", DOES(error) },
	{ READ, "Error : Sector 0x0: the disk does not know such a request", DOES(unknown) },
	{ READ, "80120000", DOES(rubbish_ring) },
	{ "disk write 0 0 1 80120000\r", "Error : Sector 0x0: the disk reports an error", DOES(error) },
};

/* What the first sector begins with.  */
static uint8_t image_head[84] = "1";

static enum status image_access(struct blockdev *b, uint64_t at, void *bytes, size_t n, struct err *e)
{
	if (at > b->size || n > b->size - at)
		return err_set(e, ST_HOST, "beyond");
	memset(bytes, '1', n);
	memcpy(bytes, image_head, at < sizeof image_head && n >= sizeof image_head ? sizeof image_head : 0);
	return ST_OK;
}

static enum status image_write(struct blockdev *b, uint64_t at, const void *bytes, size_t n, struct err *e)
{
	(void)b;
	(void)at;
	(void)bytes;
	(void)n;
	(void)e;
	return ST_OK;
}

static enum status image_flush(struct blockdev *b, struct err *e)
{
	(void)b;
	(void)e;
	return ST_OK;
}

static void insert_disk(const struct disk_case *what)
{
	static const struct blockdev_ops ops = { .name = "test", .read = image_access, .write = image_write, .flush = image_flush };
	static struct blockdev image = { .ops = &ops, .name = "test", .size = 64 * 512 };
	struct virtio_blk *b = &m.rig.pb1500->disk[0];
	struct virtio_mmio_cfg cfg = b->virtio.cfg;
	struct io *io = &b->virtio.dev.io;

	virtio_blk_init(b, &cfg, &image, "hostile");
	disk.real = *io;
	disk.what = what;
	disk.asked = false;
	io->read = disk_read;
	io->write = disk_write;
}

START_TEST(disks)
{
	const struct disk_case *c = &disk_cases[_i];

	if (!start())
		return;
	insert_disk(c);
	expect_started();
	expect(c->command, c->answer);
	expect_alive();
	machine_close(&m);
}
END_TEST

START_TEST(random_disks)
{
	static const struct disk_case honest = { .reg = NOTHING };
	static const char *const commands[] = {
		"disk id\r", "disk read 0 0 3 80120000\r", "load disk:0/0\r", "disk write 0 8 38 80120000\r", "load -b disk:0/1,3f 80120000\r", "disk\r",
	};

	if (!start())
		return;
	insert_disk(&honest);
	expect_started();
	disk.seed = 77 + (uint64_t)_i;
	for (unsigned round = 0; round < 30; round++) {
		expect(commands[random32(&disk.seed) % ARRAY_LEN(commands)], "YAMON> ");
		ck_assert_msg(!strstr(m.said, "Exception") && !strstr(m.said, "overwritten"), "%s", m.said);
		expect_alive();
	}
	machine_close(&m);
}
END_TEST

/* Ctrl-C is typed when a load has been under way for a while.  */
static void break_later(struct machine *machine)
{
	static uint64_t when;

	if (!when && strstr(machine->said, "Press Ctrl-C"))
		when = machine->insns + 1000000;
	if (when && machine->insns > when) {
		machine->keys = "\003";
		machine->nkeys = 1;
		when = UINT64_MAX;
	}
}

/* A header alone asks for 48 MiB of flash to be programmed with zeros, which Ctrl-C ends.  */
START_TEST(endless_images)
{
	static const struct disk_case honest = { .reg = NOTHING };
	static const uint32_t header[] = { 0x464c457f, 0x00010101, 0, 0, 0x00080002, 1, 0xbc000000, 52, 0, 0x50001000, 0x00200034, 0x00000001, 0,
		1, 0, 0xbc000000, 0xbc000000, 0, 0x03000000, 7, 0 };

	if (!start())
		return;
	memcpy(image_head, header, sizeof header);
	insert_disk(&honest);
	expect_started();
	m.around = break_later;
	expect("load disk:0/0\r", "Error : User break (Ctrl-C)");
	expect_alive();
	machine_close(&m);
}
END_TEST

/* --- the environment --- */

#define ENV_KEPT 1024u

/* A few variables, as the monitor writes them.  */
static void write_environment(uint8_t *block)
{
	struct err e = ERR_INIT;

	expect_started();
	expect("setenv one 1\r", "YAMON> ");
	expect("setenv ipaddr 10.0.2.99\r", "YAMON> ");
	expect("setenv long 'a value of some length; and $one'\r", "YAMON> ");
	expect("setenv one 2\r", "YAMON> ");
	ck_assert_int_eq(mem_read(m.rig.map, FLASH_ENV, block, ENV_KEPT, &e), ST_OK);
}

/* Starts with the block as it is now: there are a prompt, a list, and room for a variable, or a message.  */
static void start_with(const uint8_t *block, unsigned from, unsigned n)
{
	struct err e = ERR_INIT;

	ck_assert_int_eq(mem_write(m.rig.map, FLASH_ENV, block, ENV_KEPT, &e), ST_OK);
	m.rig.board->ops->reset(m.rig.board, RESET_COLD);
	cpu_reset(&m.cpu);
	if (!machine_says(&m, "\r"))
		ck_abort_msg("no prompt with %u bytes from %u on: %s", n, from, m.said);
	expect("setenv\r", "bootserver           (R/W)   10.0.2.2\n");
	expect("setenv after 1\r", "YAMON> ");
	expect("echo $after\r", "\n1\n");
}

/* Words of one environment, each replaced by each of these.  */
START_TEST(environments)
{
	static const uint32_t words[] = { 0, 0xffffffff, 0xffff0042, 0xfffcff42, 0x0004ff42, 0x02180042, 0x0008ff42, 0x01010101, 0x00000041 };
	uint8_t block[ENV_KEPT], changed[ENV_KEPT];

	if (!start())
		return;
	write_environment(block);
	for (unsigned at = (unsigned)_i * 4; at < 64; at += 4 * 8) {
		for (unsigned i = 0; i < ARRAY_LEN(words); i++) {
			memcpy(changed, block, ENV_KEPT);
			memcpy(changed + at, &words[i], 4);
			start_with(changed, at, 4);
		}
	}
	machine_close(&m);
}
END_TEST

START_TEST(random_environments)
{
	uint8_t block[ENV_KEPT], changed[ENV_KEPT];
	uint64_t seed = 11 + (uint32_t)_i;

	if (!start())
		return;
	write_environment(block);
	for (unsigned round = 0; round < 6; round++) {
		unsigned from = random32(&seed) % ENV_KEPT, n = random32(&seed) % (ENV_KEPT - from);

		if (round % 2)
			from = 8 + from % 100, n = 1 + n % 3;
		memcpy(changed, block, ENV_KEPT);
		for (unsigned i = 0; i < n; i++)
			changed[from + i] = (uint8_t)random32(&seed);
		start_with(changed, from, n);
	}
	machine_close(&m);
}
END_TEST

/* --- the network --- */

static struct { uint8_t frame[FRAME_MAX]; unsigned n, sent; } flood;

static void flood_sent(struct nic *nic, const uint8_t *frame, size_t n)
{
	(void)nic;
	(void)n;
	flood.sent++;
	if (get16(frame + 12) == 0x0806)
		flood.n = make_arp(flood.frame, 2, get32(frame + 38), OUR_IP);
	else if (frame[23] == 17)
		flood.n = make_udp(flood.frame, 3333, get16(frame + 34), "\0\3\0\0old", 7);
	else
		flood.n = make_echo(flood.frame, 0, 1, 1, "not yours", 9);
}

static void flood_on(struct machine *machine)
{
	struct nic *nic = &machine->rig.nic[0].nic;

	for (unsigned i = 0; i < 4 && flood.n && nic_can_deliver(nic); i++) /* a receiver that is off takes them all */
		nic_deliver(nic, flood.frame, flood.n);
}

/* Whoever sends what nobody wants, without end, is not waited for any longer than whoever sends nothing.  */
START_TEST(floods)
{
	static const struct nic_ops ops = { .name = "flood", .send = flood_sent };

	if (!start())
		return;
	m.rig.nic[0].nic.ops = &ops;
	m.around = flood_on;
	expect_started();
	expect("ping 10.0.2.2\r", "Error : 10.0.2.2: no answer");
	expect("load /file\r", "Error : 10.0.2.2: file: no answer");
	ck_assert_uint_ge(flood.sent, 1 + 4 + 1 + 5);
	expect_alive();
	machine_close(&m);
}
END_TEST

Suite *hostile_suite(void)
{
	Suite *s = suite_create("hostile");
	TCase *t = tcase_create("hostile");

	tcase_set_timeout(t, 300);
	tcase_add_loop_test(t, disks, 0, ARRAY_LEN(disk_cases));
	tcase_add_loop_test(t, random_disks, 0, 8);
	tcase_add_test(t, endless_images);
	tcase_add_loop_test(t, environments, 0, 8);
	tcase_add_loop_test(t, random_environments, 0, 4);
	tcase_add_test(t, floods);
	suite_add_tcase(s, t);
	return s;
}
