/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The command `disk`: what disks there are, and sectors to memory and back.  */
#include "firmware/console.h"
#include "firmware/guard.h"
#include "firmware/load.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"
#include "firmware/virtio_blk.h"

static int show(unsigned n, bool wanted)
{
	struct disk d;
	const char *why = disk_open(n, &d);

	disk_close(&d);
	if (why)
		return wanted ? shell_error("Disk %u: %s", n, why) : SHELL_FAILED;
	con_printf("disk %u: sectors = 0x%08x (%u MByte)%s\n", n, d.sectors, d.sectors >> 11, d.readonly ? ", read-only" : "");
	return SHELL_OK;
}

static int show_all(void)
{
	int status = SHELL_FAILED;

	for (unsigned n = 0; n < DISKS; n++)
		if (show(n, false) == SHELL_OK)
			status = SHELL_OK;
	return status == SHELL_OK ? status : shell_error("There is no disk");
}

static int piece(struct disk *d, bool write, uint32_t sector, uint32_t count, uint32_t addr)
{
	uint32_t size = count * DISK_SECTOR;
	const char *why;

	if (write) {
		int code = guard_copy((uint32_t)(uintptr_t)disk_buffer, addr, size);

		if (code != GUARD_OK)
			return shell_bad_access(code);
	}
	why = disk_transfer(d, write, sector, count);
	if (why)
		return shell_error("Sector 0x%x: %s", sector, why);
	if (!write)
		why = load_write(addr, disk_buffer, size);
	return why ? shell_error("Address 0x%08x: %s", addr, why) : SHELL_OK;
}

static int transfer(struct disk *d, bool write, uint32_t sector, uint32_t count, uint32_t addr)
{
	if (write && d->readonly)
		return shell_error("The disk is read-only");
	if (sector > d->sectors || count > d->sectors - sector)
		return shell_error("The disk ends at sector 0x%x", d->sectors);
	for (uint32_t n; count; count -= n, sector += n, addr += n * DISK_SECTOR) {
		n = count < DISK_BUFFER_SECTORS ? count : DISK_BUFFER_SECTORS;
		if (con_break())
			return shell_broken();
		if (piece(d, write, sector, n, addr) != SHELL_OK)
			return SHELL_FAILED;
	}
	return SHELL_OK;
}

static int run(int argc, char **argv)
{
	uint32_t n = 0, sector, count, addr;
	bool write = argc > 1 && !strcmp(argv[1], "write");
	const char *why;
	struct disk d;
	int status;

	if (argc == 1 || (argc == 2 && !strcmp(argv[1], "id")))
		return show_all();
	if (argc < 3)
		return shell_usage("disk");
	if (!shell_number(argv[2], &n) || n >= DISKS)
		return shell_error("Disks are 0 to %u", DISKS - 1);
	if (argc == 3 && !strcmp(argv[1], "id"))
		return show(n, true);
	if (argc != 6 || (!write && strcmp(argv[1], "read")))
		return shell_usage("disk");
	if (!shell_number(argv[3], &sector))
		return shell_bad_number(argv[3]);
	if (!shell_number(argv[4], &count) || !count)
		return shell_bad_number(argv[4]);
	if (!shell_number(argv[5], &addr))
		return shell_bad_number(argv[5]);
	if (count > UINT32_MAX / DISK_SECTOR || memory_wraps(addr, count * DISK_SECTOR))
		return shell_error("So many sectors do not fit behind address 0x%08x", addr);
	why = write ? NULL : load_refuses_image(addr, count * DISK_SECTOR);
	if (why)
		return shell_error("Address 0x%08x: %s", addr, why);
	why = disk_open(n, &d);
	status = why ? shell_error("Disk %u: %s", n, why) : transfer(&d, write, sector, count, addr);
	disk_close(&d);
	memory_flush_all();
	return status;
}

const struct command disk_command = {
	.name = "disk",
	.syntax = "[id [disk]] | (read|write disk sector count addr)",
	.brief = "List disks; copy sectors from a disk to memory or back",
	.help = "disk 0 to 2 are the board's virtio disks. Sectors have 512 bytes.\n"
		"read writes erased flash too, if addr lies there.\n",
	.run = run,
};
