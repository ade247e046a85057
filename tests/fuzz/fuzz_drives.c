/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Image files of every size and content behind the flash and the disks of a Pb1500, opened, read, changed by the guest and kept.
 * Input: how many and of what kind; of each its size, some of its bytes and where they are; what the guest does with them.
 * Invariants: what is refused is said; the processor finds in the flash what is in the file, and the file afterwards what it found; no
 * access gets beyond a file's size, and a file that has become shorter stays so.
 */
#define _GNU_SOURCE
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dbt-runtime/board/pb1500.h"
#include "dbt-runtime/vm/drives.h"
#include "tests/dev/fakes.h"

#define FLASH 3u       /* slots of fuzz_file: disks are 0..2 */
#define DISK_MAX (UINT64_C(1) << 40)

static struct drive_options options;

/* A size that is likely to matter.  */
static uint64_t size_take(struct fuzz_in *in, uint64_t usual)
{
	uint32_t how = fuzz_take(in, 1), n = fuzz_take(in, 4);

	switch (how % 6) {
	case 0: return usual;
	case 1: return usual + n % 256 - 128;
	case 2: return (n % 64) * 512;
	case 3: return n;
	case 4: return (uint64_t)n << 10;
	default: return n % 1024;
	}
}

/* The file, sparse, with some bytes in it.  */
static void file_make(struct fuzz_in *in, unsigned slot, uint64_t size)
{
	struct drive_option *d = &options.drive[options.n++];
	const char *path = fuzz_file(slot, NULL, 0);
	uint32_t how = fuzz_take(in, 1);

	*d = (struct drive_option){ .flash = slot == FLASH, .readonly = how & 1, .raw = how & 2 };
	strcpy(d->file, path);
	FUZZ_CHECK(truncate(path, (off_t)(size < DISK_MAX ? size : DISK_MAX)) == 0);
	for (unsigned i = how >> 2 & 3; i; i--) {
		uint64_t at = (uint64_t)fuzz_take(in, 4) << (how >> 4 & 3) * 4;
		const uint8_t *bytes;
		size_t n;
		int fd = open(path, O_WRONLY | O_CLOEXEC);

		bytes = fuzz_take_bytes(in, fuzz_take(in, 1), &n);
		FUZZ_CHECK(fd >= 0 && (at >= size || n > size - at || pwrite(fd, bytes, n, (off_t)at) == (ssize_t)n));
		close(fd);
	}
}

/* One access to a disk; in between somebody may cut its file off, and then nothing makes it longer.  */
static void disk_use(struct fuzz_in *in, struct blockdev *b, const char *path)
{
	static uint8_t bytes[256 * 512];
	uint64_t room = b->size / 512, at = room ? ((uint64_t)fuzz_take(in, 4) << (fuzz_take(in, 1) & 31)) % room * 512 : 0;
	size_t n = fuzz_take(in, 1) * 512u;
	uint32_t how = fuzz_take(in, 1);
	struct err e = ERR_INIT;
	enum status s;
	struct stat st;
	uint64_t left;

	if (n > b->size - at)
		n = (size_t)(b->size - at);
	FUZZ_CHECK(stat(path, &st) == 0);
	left = (uint64_t)st.st_size;
	if ((how & 0xf0) == 0xf0) {
		left = fuzz_take(in, 3) % (left + 1);
		FUZZ_CHECK(truncate(path, (off_t)left) == 0);
	}
	s = how & 1 ? b->ops->write(b, at, bytes, n, &e) : b->ops->read(b, at, bytes, n, &e);
	FUZZ_CHECK(s == ST_OK || e.text[0]);
	FUZZ_CHECK(!(how & 1) || !b->readonly || s == ST_USAGE);
	FUZZ_CHECK(how & 1 || s == ST_OK || at + n > left);
	if (how & 2)
		FUZZ_CHECK(b->ops->flush(b, &e) == ST_OK);
	FUZZ_CHECK(stat(path, &st) == 0 && (uint64_t)st.st_size <= left);
}

static uint32_t file_word(struct blockdev *b, uint32_t off)
{
	uint8_t bytes[4];
	struct err e = ERR_INIT;

	FUZZ_CHECK(b->ops->read(b, off, bytes, 4, &e) == ST_OK);
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* The guest programs or erases; what it finds then is what the file has afterwards, unless it is read-only.  */
static void flash_use(struct fuzz_in *in, struct blockdev *file)
{
	static struct rig r;
	uint32_t at[8], found[8];
	unsigned n = 0;

	rig_init_flash(&r, &board_pb1500, UINT64_C(1) << 20, false, file);
	for (; n < ARRAY_LEN(at) && in->left; n++) {
		gpa bank, pa;
		uint32_t how = fuzz_take(in, 1), value = fuzz_take(in, 4);

		at[n] = fuzz_take(in, 4) & (PB1500_FLASH_SIZE - 4);
		pa = PB1500_FLASH + at[n];
		bank = PB1500_FLASH + (at[n] & (PB1500_FLASH_SIZE / 2));
		FUZZ_CHECK(n || mem_load(r.map, pa, 4) == file_word(file, at[n]));
		mem_store(r.map, bank + 0x1554, 4, 0xaa00aa);
		mem_store(r.map, bank + 0xaa8, 4, 0x550055);
		mem_store(r.map, bank + 0x1554, 4, how & 1 ? 0x800080 : 0xa000a0);
		if (how & 1) {
			mem_store(r.map, bank + 0x1554, 4, 0xaa00aa);
			mem_store(r.map, bank + 0xaa8, 4, 0x550055);
			value = 0x300030;
		}
		mem_store(r.map, pa, 4, value);
		if (how & 2)
			fake_time_pass(&r.time, fuzz_take(in, 4));
		if (how & 4)
			rig_reset(&r, RESET_WARM);
	}
	for (unsigned i = 0; i < n; i++)
		found[i] = mem_load(r.map, PB1500_FLASH + at[i], 4);
	rig_fini(&r);
	for (unsigned i = 0; i < n && !file->readonly; i++)
		FUZZ_CHECK(file_word(file, at[i]) == found[i]);
}

void fuzz_drives(const uint8_t *bytes, size_t size)
{
	struct fuzz_in in = { bytes, size };
	uint32_t how = fuzz_take(&in, 1);
	struct drives d = { .flash = NULL };
	struct err e = ERR_INIT;

	options.n = 0;
	if (how & 1)
		file_make(&in, FLASH, size_take(&in, PB1500_FLASH_SIZE));
	for (unsigned i = 0; i < (how >> 1) % 4; i++)
		file_make(&in, i, size_take(&in, 4096));
	if (drives_open(&d, &options, &board_pb1500, &e) == ST_OK) {
		for (unsigned i = 0; i < 16 && in.left; i++) {
			unsigned n = fuzz_take(&in, 1) % DRIVE_DISKS_MAX;

			if (d.disk[n])
				disk_use(&in, disk_blockdev(d.disk[n]), options.drive[n + (how & 1)].file);
			else if (d.flash && !i)
				flash_use(&in, disk_blockdev(d.flash));
		}
	} else {
		FUZZ_CHECK(e.text[0]);
	}
	drives_close(&d);
}
