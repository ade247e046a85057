/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Malta board of QEMU runs the image: guest RAM is a memory file that both processes see, the boot ROM is another one.  A ROM
 * and not -kernel, because the vectors of Status.BEV lie in it.  The guest ends QEMU by resetting the board.
 */
#define _GNU_SOURCE
#include "tests/fuzz-isa/system.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/oracle/process.h"

#define SECONDS 30u       /* of processor time: the machine may have much else to do */
#define SECONDS_ALL 300u

const char *system_name(bool big_endian) { return big_endian ? "qemu-system-mips" : "qemu-system-mipsel"; }

/* Malta's ROM is a file of big-endian words, whatever the processor is.  */
static int rom_file(const struct image *m)
{
	static uint8_t rom[IMAGE_ROM];

	for (unsigned i = 0; i < IMAGE_ROM; i += 4) {
		uint32_t w;

		memcpy(&w, m->rom + i, 4);
		w = m->big_endian ? w : __builtin_bswap32(w);
		memcpy(rom + i, &w, 4);
	}
	return process_file(rom, IMAGE_ROM);
}

static int run(const struct image *m, int ram, int rom, int errors)
{
	char object[120], bios[40];
	/* One instruction a translation: interrupts are looked for behind each.  */
	const char *const argv[] = { system_name(m->big_endian), "-M", "malta,memory-backend=ram", "-cpu", "24Kc", "-m", "16M", "-object", object,
		"-bios", bios, "-singlestep", "-no-reboot", "-display", "none", "-vga", "none", "-serial", "none", "-monitor", "none",
		"-parallel", "none", "-net", "none", NULL };
	int null = open("/dev/null", O_RDWR), status;

	snprintf(object, sizeof object, "memory-backend-file,id=ram,share=on,size=%u,mem-path=/proc/self/fd/%d", IMAGE_RAM, ram);
	snprintf(bios, sizeof bios, "/proc/self/fd/%d", rom);
	status = process_run(argv, (const int[]){ null, null, errors }, SECONDS, SECONDS_ALL);
	close(null);
	return status;
}

void system_run(const struct image *m, struct outcome *out)
{
	int ram = process_file(m->ram, IMAGE_RAM), rom = rom_file(m), errors = process_file(NULL, 0), status = run(m, ram, rom, errors);

	out->ram = malloc(IMAGE_RAM);
	if (!out->ram || process_file_read(ram, out->ram, IMAGE_RAM) != IMAGE_RAM)
		abort();
	if (status) {
		int n = snprintf(out->failed, sizeof out->failed, status == PROCESS_KILLED ? "it does not end " : "status 0x%x ", status);

		process_file_read(errors, out->failed + n, sizeof out->failed - (size_t)n - 1);
	}
	close(ram);
	close(rom);
	close(errors);
}
