/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Malta board of QEMU runs the image: guest RAM is a memory file that both processes see, the boot ROM is another one.  A ROM
 * and not -kernel, because the vectors of Status.BEV lie in it.  The guest ends QEMU by resetting the board.
 */
#define _GNU_SOURCE
#include "tests/fuzz-isa/system.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 30u       /* of processor time: the machine may have much else to do */
#define SECONDS_ALL 300u

const char *system_name(bool big_endian) { return big_endian ? "qemu-system-mips" : "qemu-system-mipsel"; }

static _Noreturn void die(const char *what)
{
	perror(what);
	abort();
}

static int memory_file(const void *bytes, size_t size)
{
	int fd = memfd_create("fuzz-isa", 0);

	if (fd < 0)
		die("memfd_create");
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, (const char *)bytes + done, size - done);

		if (n <= 0)
			die("write");
		done += (size_t)n;
	}
	return fd;
}

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
	return memory_file(rom, IMAGE_ROM);
}

static _Noreturn void child(const char *name, int ram, int rom, int errors)
{
	char object[120], bios[40];
	const struct rlimit limit = { SECONDS, SECONDS };
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_CPU, &limit);
	snprintf(object, sizeof object, "memory-backend-file,id=ram,share=on,size=%u,mem-path=/proc/self/fd/%d", IMAGE_RAM, ram);
	snprintf(bios, sizeof bios, "/proc/self/fd/%d", rom);
	if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(errors, 2) < 0)
		_exit(126);
	/* One instruction a translation: interrupts are looked for behind each.  */
	execlp(name, name, "-M", "malta,memory-backend=ram", "-cpu", "24Kc", "-m", "16M", "-object", object, "-bios", bios, "-singlestep",
	       "-no-reboot", "-display", "none", "-vga", "none", "-serial", "none", "-monitor", "none", "-parallel", "none", "-net", "none",
	       (char *)NULL);
	_exit(127);
}

/* Its status as of waitpid, or -1 if it had to be killed: by the limit of its processor time, or here if it does nothing.  */
static int wait_for(pid_t pid)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	int status;

	for (unsigned i = 0; i < SECONDS_ALL * 500; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? -1 : status;
		nanosleep(&pause, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return -1;
}

static void read_back(int fd, uint8_t *to, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = pread(fd, to + done, size - done, (off_t)done);

		if (n <= 0)
			die("pread");
		done += (size_t)n;
	}
}

void system_run(const struct image *m, struct outcome *out)
{
	int ram = memory_file(m->ram, IMAGE_RAM), rom = rom_file(m), errors = memory_file(NULL, 0), status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		child(system_name(m->big_endian), ram, rom, errors);
	status = wait_for(pid);
	out->ram = malloc(IMAGE_RAM);
	if (!out->ram)
		die("malloc");
	read_back(ram, out->ram, IMAGE_RAM);
	if (status) {
		int n = snprintf(out->failed, sizeof out->failed, status == -1 ? "it does not end " : "status 0x%x ", status);

		if (pread(errors, out->failed + n, sizeof out->failed - (size_t)n - 1, 0) < 0)
			die("pread");
	}
	close(ram);
	close(rom);
	close(errors);
}
