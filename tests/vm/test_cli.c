/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dbt program as users meet it: every bad input is one line and status 1, and small guests run to each kind of end.
 * The program is taken from $ATHANOR_BIN (default build/release/bin).
 */
#define _GNU_SOURCE
#include <check.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.h"
#include "dbt-runtime/accel/accel.h"
#include "dbt-runtime/vm/net_user.h"
#include "tests/harness/suites.h"
#include "tests/harness/temp_dir.h"

Suite *cli_suite(void);

#define ARGS_MAX 16

static char program[512];

static void set_up(void)
{
	const char *bin = getenv("ATHANOR_BIN");

	snprintf(program, sizeof program, "%s/dbt", bin ? bin : "build/release/bin");
	ck_assert_msg(access(program, X_OK) == 0, "%s is not built", program);
	temp_dir_make();
}

/* --- guests --- */

#define LOAD_AT 0x80200000u

static const uint32_t say_hi_and_reset[] = {
	0x3c08b800,                     /* lui   t0, 0xb800: the PCI I/O window */
	0x24090068, 0xa10903f8,         /* 'h' to port 0x3f8 */
	0x24090069, 0xa10903f8,         /* 'i' */
	0x2409000a, 0xa10903f8,
	0x3c08bf00,                     /* lui   t0, 0xbf00: FPGA */
	0x24090042, 0xad090500,         /* 0x42 to SOFTRES */
	0x1000ffff, 0x00000000,         /* b     . */
};
static const uint32_t spin[] = { 0x3c08b800, 0x24090021, 0xa10903f8, 0x1000ffff, 0x00000000 };       /* '!' */
static const uint32_t sleep_for_ever[] = { 0x3c08b800, 0x24090021, 0xa10903f8, 0x42000020, 0x1000fffe, 0x00000000 };
static const uint32_t jump_nowhere[] = { 0x3c08b800, 0x24090021, 0xa10903f8, 0x3c08ff00, 0x01000008, 0x00000000 };
static const uint32_t bad_opcode[] = { 0x3c08b800, 0x24090021, 0xa10903f8, 0xffffffff, 0xffffffff };

struct guest { const uint32_t *words; size_t n; uint32_t vaddr, entry, memsz; };

#define GUEST(w) { w, ARRAY_LEN(w), LOAD_AT, LOAD_AT, sizeof(w) }

static const char *write_guest(const struct guest *g)
{
	static char path[128];
	static uint8_t bytes[4096];
	Elf32_Ehdr eh = { .e_type = ET_EXEC, .e_machine = EM_MIPS, .e_version = EV_CURRENT, .e_entry = g->entry, .e_phoff = sizeof eh,
			  .e_flags = EF_MIPS_ARCH_32R2, .e_ehsize = sizeof eh, .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1 };
	Elf32_Phdr ph = { .p_type = PT_LOAD, .p_offset = 0x100, .p_vaddr = g->vaddr, .p_paddr = g->vaddr,
			  .p_filesz = (uint32_t)(4 * g->n), .p_memsz = g->memsz, .p_flags = PF_R | PF_W | PF_X };
	struct err e = ERR_INIT;

	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS32;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(bytes, &eh, sizeof eh);
	memcpy(bytes + sizeof eh, &ph, sizeof ph);
	memcpy(bytes + 0x100, g->words, 4 * g->n);
	snprintf(path, sizeof path, "%s/guest", temp_dir);
	ck_assert_msg(file_write(path, bytes, 0x100 + 4 * g->n, &e) == ST_OK, "%s", e.text);
	return path;
}

/* --- running dbt --- */

struct run { pid_t pid; int in, out, err; int status; char said[8192], complained[8192]; };

static void start(struct run *r, const char *const *args)
{
	char *argv[ARGS_MAX + 2] = { program };
	int in[2], out[2], err[2];

	for (unsigned i = 0; args[i]; i++)
		argv[i + 1] = (char *)args[i];
	memset(r, 0, sizeof *r);
	ck_assert_int_eq(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC), 0);
	r->pid = fork();
	if (!r->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		execv(program, argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	r->in = in[1];
	r->out = out[0];
	r->err = err[0];
}

static void append_from(int fd, char *text, size_t size)
{
	size_t at = strlen(text);
	ssize_t n;

	while (at < size - 1 && (n = read(fd, text + at, size - 1 - at)) > 0)
		at += (size_t)n;
	text[at] = 0;
}

static void finish(struct run *r)
{
	append_from(r->out, r->said, sizeof r->said);
	append_from(r->err, r->complained, sizeof r->complained);
	ck_assert_int_eq(waitpid(r->pid, &r->status, 0), r->pid);
	close(r->in);
	close(r->out);
	close(r->err);
}

static void expect_exit(const struct run *r, int code)
{
	ck_assert_msg(WIFEXITED(r->status) && WEXITSTATUS(r->status) == code, "wait status 0x%x instead of exit %d; it said: %s", r->status, code,
		r->complained);
}

static void wait_for_output(struct run *r, const char *text)
{
	while (!strstr(r->said, text)) {
		struct pollfd p = { .fd = r->out, .events = POLLIN };
		size_t at = strlen(r->said);
		ssize_t n;

		ck_assert_msg(poll(&p, 1, 20000) > 0, "no '%s' on the console", text);
		n = read(r->out, r->said + at, sizeof r->said - 1 - at);
		ck_assert_int_gt(n, 0);
	}
}

/* --- wrong input --- */

static const struct { const char *args[ARGS_MAX]; const char *says; } wrong[] = {
	{ { NULL }, "-kernel FILE" },
	{ { "-kernle", "x" }, "did you mean '-kernel'" },
	{ { "-kernel", "/nonexistent/vmlinux" }, "/nonexistent/vmlinux: cannot open: No such file" },
	{ { "-kernel", "/dev/null" }, "/dev/null: offset 0x0: too short" },
	{ { "-kernel", "/" }, "/: is a directory" },
	{ { "-kernel", "GUEST", "-initrd", "/nonexistent/rd" }, "/nonexistent/rd: cannot open" },
	{ { "-kernel", "GUEST", "-initrd", "/dev/null" }, "/dev/null: empty" },
	{ { "-kernel", "GUEST", "-dtb", "GUEST" }, "not a device tree blob" },
	{ { "-kernel", "GUEST", "-m", "1" }, "does not fit" },
	{ { "-kernel", "GUEST", "-m", "64G" }, "at most" },
	{ { "-kernel", "GUEST", "-M", "matla" }, "did you mean 'malta'" },
	{ { "-kernel", "GUEST", "-cpu", "24Kx" }, "did you mean '24Kc'" },
	{ { "-kernel", "GUEST", "-accel", "inprok" }, "did you mean 'inproc'" },
	{ { "-kernel", "GUEST", "-d", "unipm" }, "did you mean 'unimp'" },
	{ { "-kernel", "GUEST", "-D", "/nonexistent/log" }, "/nonexistent/log" },
	{ { "-kernel", "GUEST", "-stats", "/nonexistent/stats" }, "/nonexistent/stats" },
	{ { "-kernel", "GUEST", "-profile", "/nonexistent/profile" }, "/nonexistent/profile" },
	{ { "-kernel", "GUEST", "-serial", "file:/nonexistent/out" }, "/nonexistent/out" },
	{ { "-kernel", "GUEST", "-drive", "file=/nonexistent/disk" }, "-drive: /nonexistent/disk: board malta takes no disks" },
	{ { "-kernel", "GUEST", "-M", "pb1500", "-drive", "file=/nonexistent/disk" }, "-drive: /nonexistent/disk: cannot open for reading" },
	{ { "-kernel", "GUEST", "-M", "pb1500", "-drive", "file=/" }, "-drive: /: " },
	{ { "-kernel", "GUEST", "-M", "pb1500", "-drive", "file=/dev/null" }, "-drive: /dev/null: is neither a file nor a block device" },
	{ { "-kernel", "GUEST", "-pflash", "GUEST" }, "-drive if=pflash: board malta has no flash that can be kept" },
	{ { "-bios", "GUEST" }, "-bios: board malta has no support for a boot monitor" },
	{ { "-M", "pb1500", "-bios", "/nonexistent/monitor" }, "/nonexistent/monitor: cannot open" },
	{ { "-M", "pb1500", "-bios", "/dev/null" }, "/dev/null: empty" },
	{ { "-M", "pb1500", "-bios", "GUEST" }, "segment with load address 0x80200000 (0x14 bytes) is outside the monitor's flash" },
	{ { "-M", "pb1500", "-kernel", "GUEST", "-dtb", "GUEST" }, "not a device tree blob" },
	{ { "-M", "pb1500", "-kernel", "GUEST", "-m", "193" }, "at most 192M" },
	{ { "-M", "pb1500", "-kernel", "GUEST", "-serial", "null", "-serial", "null", "-serial", "null" }, "board pb1500 has 2 serial ports" },
	{ { "-M", "pb1500", "-kernel", "GUEST", "-cpu", "24Kf" }, "24Kf has a floating-point unit" },
	{ { "-kernel", "GUEST", "-cpu", "24Kf" }, "24Kf has a floating-point unit" },
	{ { "-kernel", "GUEST", "-nic", "tap" }, "-nic: 'tap' is neither user nor none" },
	/* from here on with a user network */
	{ { "-kernel", "GUEST", "-nic", "user" }, "-nic: board malta has 0 network interfaces" },
	{ { "-kernel", "GUEST", "-M", "pb1500", "-nic", "user,tftp=/nonexistent" }, "-nic: tftp: /nonexistent: No such file" },
};
#define NEED_NETWORK 2 /* the last ones */

START_TEST(wrong_input)
{
	struct guest g = GUEST(spin);
	const char *args[ARGS_MAX + 1] = { NULL }, *path = write_guest(&g);
	struct run r;

	for (unsigned i = 0; wrong[_i].args[i]; i++)
		args[i] = strcmp(wrong[_i].args[i], "GUEST") ? wrong[_i].args[i] : path;
	start(&r, args);
	finish(&r);
	expect_exit(&r, 1);
	ck_assert_msg(strstr(r.complained, wrong[_i].says) != NULL, "%s", r.complained);
	ck_assert_ptr_eq(strstr(r.complained, "dbt: "), r.complained);
	ck_assert_ptr_eq(strchr(r.complained, '\n'), r.complained + strlen(r.complained) - 1);
	ck_assert_uint_eq(temp_dir_entries(), 1);
}
END_TEST

/* A monitor that puts a character out, counts its starts in SCRATCH0, and asks for a reset or, the third time, for power off.  */
static const uint32_t monitor[] = {
	0x3c08b110,                         /* lui   t0, 0xb110: UART 0 */
	0x24090001, 0xad090100,             /* clock, then run */
	0x24090003, 0xad090100,
	0x2409006d, 0xad090004,             /* 'm' */
	0x3c08b190,                         /* lui   t0, 0xb190: SYS */
	0x8d090018, 0x25290001, 0xad090018, /* SCRATCH0 += 1 */
	0x3c08ae00,                         /* lui   t0, 0xae00: BCSR */
	0x240a0003, 0x152a0002,             /* bne   t1, 3, 1f */
	0x340b0000,                         /* ori   t3, zero, 0: reset */
	0x340b4000,                         /* ori   t3, zero, 0x4000: power off */
	0xa50b001c,                         /* 1: sh t3, 0x1c(t0): SYSTEM */
	0x1000ffff, 0x00000000,             /* b     . */
};
#define MONITOR { monitor, ARRAY_LEN(monitor), 0xbfc00000, 0xbfc00000, sizeof monitor }

static const struct { struct guest g; const char *says; } bad_monitors[] = {
	{ { monitor, ARRAY_LEN(monitor), 0xbfc00100, 0xbfc00100, sizeof monitor }, "no segment with the load address of the reset vector" },
	{ { monitor, ARRAY_LEN(monitor), 0xbfbffffc, 0xbfc00000, sizeof monitor }, "outside the monitor's flash" },
	{ { monitor, ARRAY_LEN(monitor), 0xbfcffffc, 0xbfcffffc, sizeof monitor }, "outside the monitor's flash" },
};

START_TEST(bad_monitor)
{
	const char *args[] = { "-M", "pb1500", "-bios", write_guest(&bad_monitors[_i].g), NULL };
	struct run r;

	start(&r, args);
	finish(&r);
	expect_exit(&r, 1);
	ck_assert_msg(strstr(r.complained, bad_monitors[_i].says) != NULL, "%s", r.complained);
	ck_assert_msg(strstr(r.complained, args[3]) != NULL, "%s", r.complained);
}
END_TEST

/* An image of the Pb1500's flash with these words where the processor starts.  */
static const char *write_flash(const uint32_t *words, size_t bytes)
{
	static char path[128];
	int fd;

	snprintf(path, sizeof path, "%s/flash", temp_dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, 64 << 20), 0);
	ck_assert_int_eq(pwrite(fd, words, bytes, 60 << 20), (ssize_t)bytes);
	close(fd);
	return path;
}

static const uint32_t no_monitor[][4] = { { 0 }, { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff } };

START_TEST(flash_without_monitor)
{
	const char *args[] = { "-M", "pb1500", "-pflash", write_flash(no_monitor[_i], sizeof no_monitor[_i]), NULL };
	struct run r;

	start(&r, args);
	finish(&r);
	expect_exit(&r, 1);
	ck_assert_msg(strstr(r.complained, "the flash is empty where board pb1500 starts, at 0x1fc00000") != NULL, "%s", r.complained);
}
END_TEST

START_TEST(monitor_too_large)
{
	struct err e = ERR_INIT;
	char path[128];
	uint8_t *bytes = calloc(1, 0x100001);
	const char *args[] = { "-M", "pb1500", "-bios", path, NULL };
	struct run r;

	snprintf(path, sizeof path, "%s/raw", temp_dir);
	ck_assert_int_eq(file_write(path, bytes, 0x100001, &e), ST_OK);
	start(&r, args);
	finish(&r);
	expect_exit(&r, 1);
	ck_assert_msg(strstr(r.complained, "1048577 bytes; a raw monitor of board pb1500 has at most 1048576") != NULL, "%s", r.complained);
	free(bytes);
}
END_TEST

static const struct { struct guest g; const char *says; } bad_guests[] = {
	{ { spin, ARRAY_LEN(spin), 0x00400000, 0x00400000, sizeof spin }, "not inside kseg0 or kseg1" },
	{ { spin, ARRAY_LEN(spin), 0xc0000000, 0xc0000000, sizeof spin }, "not inside kseg0 or kseg1" },
	{ { spin, ARRAY_LEN(spin), 0x9fffff00, 0x9fffff00, 0x200 }, "not inside kseg0 or kseg1" },
	{ { spin, ARRAY_LEN(spin), LOAD_AT, 0x80100000, sizeof spin }, "entry point 0x80100000" },
	{ { spin, ARRAY_LEN(spin), LOAD_AT, LOAD_AT + 2, sizeof spin }, "entry point" },
	{ { spin, ARRAY_LEN(spin), LOAD_AT, LOAD_AT, 0x1f000000 }, "does not fit" },
	{ { spin, ARRAY_LEN(spin), LOAD_AT, LOAD_AT, 4 }, "more bytes in the file" },
};

START_TEST(bad_guest)
{
	const char *args[] = { "-kernel", write_guest(&bad_guests[_i].g), NULL };
	struct run r;

	start(&r, args);
	finish(&r);
	expect_exit(&r, 1);
	ck_assert_msg(strstr(r.complained, bad_guests[_i].says) != NULL, "%s", r.complained);
	ck_assert_msg(strstr(r.complained, args[1]) != NULL, "%s", r.complained);
}
END_TEST

static const char *const listing[][3] = {
	{ "-help", NULL, "-kernel FILE" }, { "-version", NULL, "Athanor" }, { "-M", "help", "malta" }, { "-cpu", "help", "24Kc" },
	{ "-M", "help", "pb1500" }, { "-cpu", "help", "au1500-r2" },
	{ "-d", "help", "unimp" },
};

START_TEST(listings)
{
	const char *args[] = { listing[_i][0], listing[_i][1], NULL };
	struct run r;

	start(&r, args);
	finish(&r);
	expect_exit(&r, 0);
	ck_assert_msg(strstr(r.said, listing[_i][2]) != NULL, "%s", r.said);
	ck_assert_str_eq(r.complained, "");
}
END_TEST

/* --- ends --- */

static const char *const accels[] = { "ref", "inproc", "kvm" };
#define ACCELS (int)ARRAY_LEN(accels)

/* False: this host cannot, which is said.  */
static bool accel_is_here(int i, const char *test)
{
	struct err e = ERR_INIT;
	char name[64];

	if (strcmp(accels[i % ACCELS], "kvm") != 0 || accel_kvm.probe(&e) == ST_OK)
		return true;
	snprintf(name, sizeof name, "cli/%s with kvm", test);
	test_skip(name, e.text);
	return false;
}

START_TEST(reset_without_reboot)
{
	struct guest g = GUEST(say_hi_and_reset);
	char stats[128];
	const char *args[] = { "-kernel", write_guest(&g), "-accel", accels[_i], "-no-reboot", "-stats", stats, "-stats-marker", "hi", NULL };
	struct file_bytes f;
	struct err e = ERR_INIT;
	struct run r;

	if (!accel_is_here(_i, "reset_without_reboot"))
		return;
	snprintf(stats, sizeof stats, "%s/stats", temp_dir);
	start(&r, args);
	finish(&r);
	expect_exit(&r, 0);
	ck_assert_str_eq(r.said, "hi\n");
	ck_assert_str_eq(r.complained, "");
	ck_assert_uint_eq(temp_dir_entries(), 2);
	ck_assert_msg(file_read(stats, 1u << 20, &f, &e) == ST_OK, "%s", e.text);
	/* 10 instructions up to the store that resets; all but the stores to devices could be translated */
	ck_assert_msg(strstr((char *)f.at, "\"guest_instructions\": 10,") != NULL, "%s", (char *)f.at);
	ck_assert_msg(strstr((char *)f.at, "\"device_store\": 4") != NULL, "%s", (char *)f.at);
	ck_assert_msg(strstr((char *)f.at, "\"uptime_at\": {\"hi\": ") != NULL, "%s", (char *)f.at);
	file_bytes_free(&f);
}
END_TEST

/* ELF, then raw, then in the flash already.  It is started at the reset vector, and again at each reset, which SCRATCH0 and the flash
   outlive.  */
START_TEST(monitor_starts)
{
	struct guest g = MONITOR;
	char raw[128];
	const char *args[] = { "-M", "pb1500", "-bios", write_guest(&g), "-accel", accels[_i % ACCELS], NULL };
	struct err e = ERR_INIT;
	struct run r;

	if (!accel_is_here(_i, "monitor_starts"))
		return;
	if (_i >= 2 * ACCELS) {
		args[2] = "-pflash";
		args[3] = write_flash(monitor, sizeof monitor);
	} else if (_i >= ACCELS) {
		snprintf(raw, sizeof raw, "%s/raw", temp_dir);
		ck_assert_int_eq(file_write(raw, monitor, sizeof monitor, &e), ST_OK);
		args[3] = raw;
	}
	start(&r, args);
	finish(&r);
	expect_exit(&r, 0);
	ck_assert_str_eq(r.said, "mmm");
	ck_assert_str_eq(r.complained, "");
}
END_TEST

START_TEST(reset_reboots)
{
	struct guest g = GUEST(say_hi_and_reset);
	const char *args[] = { "-kernel", write_guest(&g), "-accel", accels[_i], NULL };
	struct run r;

	if (!accel_is_here(_i, "reset_reboots"))
		return;
	start(&r, args);
	wait_for_output(&r, "hi\nhi\nhi\n");
	kill(r.pid, SIGINT);
	finish(&r);
	expect_exit(&r, 128 + SIGINT);
}
END_TEST

static const struct guest lively[] = { GUEST(spin), GUEST(sleep_for_ever), GUEST(jump_nowhere), GUEST(bad_opcode) };
#define ENDS (ACCELS * (int)ARRAY_LEN(lively))

START_TEST(quit_key)
{
	const char *args[] = { "-kernel", write_guest(&lively[_i / ACCELS]), "-accel", accels[_i % ACCELS], NULL };
	struct run r;

	if (!accel_is_here(_i, "quit_key"))
		return;
	start(&r, args);
	wait_for_output(&r, "!");
	ck_assert_int_eq(write(r.in, "\001x", 2), 2);
	finish(&r);
	expect_exit(&r, 0);
	ck_assert_str_eq(r.complained, "");
}
END_TEST

START_TEST(signals_end_it)
{
	static const int sigs[] = { SIGTERM, SIGHUP };
	const char *args[] = { "-kernel", write_guest(&lively[_i / ACCELS]), "-accel", accels[_i % ACCELS], NULL };
	struct run r;

	if (!accel_is_here(_i, "signals_end_it"))
		return;
	start(&r, args);
	wait_for_output(&r, "!");
	kill(r.pid, sigs[_i / ACCELS % 2]);
	finish(&r);
	expect_exit(&r, 128 + sigs[_i / ACCELS % 2]);
}
END_TEST

/* --- the terminal --- */

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag;
}

/* The ends that leave the terminal as it was found.  0: Ctrl-A x.  */
static const int tty_ends[] = { 0, SIGINT, SIGTERM, SIGHUP, SIGSEGV, SIGABRT, SIGFPE };

static pid_t start_on_terminal(int *master, const char *const *args)
{
	pid_t pid;

	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	ck_assert(*master >= 0 && grantpt(*master) == 0 && unlockpt(*master) == 0);
	pid = fork();
	if (!pid) {
		int slave;

		setsid();
		/* A sanitizer that reports signals would end dbt its own way.  */
		setenv("ASAN_OPTIONS", "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_abort=0", 1);
		slave = open(ptsname(*master), O_RDWR);
		dup2(slave, 0);
		dup2(slave, 1);
		dup2(slave, 2);
		execv(program, (char *const *)args);
		_exit(127);
	}
	return pid;
}

START_TEST(terminal_as_it_was)
{
	struct guest g = GUEST(spin);
	const char *args[] = { program, "-kernel", write_guest(&g), "-nographic", "-accel", accels[_i % ACCELS], NULL };
	struct termios before, during, after;
	char said[64] = "";
	int master, sig = tty_ends[_i / ACCELS], status;
	pid_t pid;
	int keep;

	if (!accel_is_here(_i, "terminal_as_it_was"))
		return;
	pid = start_on_terminal(&master, args);
	keep = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC); /* so that the modes outlive the program */
	ck_assert_int_eq(tcgetattr(keep, &before), 0);
	while (!strchr(said, '!')) {
		struct pollfd p = { .fd = master, .events = POLLIN };
		ssize_t n;

		ck_assert_int_gt(poll(&p, 1, 20000), 0);
		n = read(master, said, sizeof said - 1);
		ck_assert_int_gt(n, 0);
		said[n] = 0;
	}
	ck_assert_int_eq(tcgetattr(keep, &during), 0);
	ck_assert(!(during.c_lflag & (ICANON | ECHO | ISIG)));
	ck_assert(during.c_oflag & OPOST);
	if (sig)
		kill(pid, sig);
	else
		ck_assert_int_eq(write(master, "\001x", 2), 2);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(sig == SIGSEGV || sig == SIGABRT || sig == SIGFPE ? WIFSIGNALED(status) && WTERMSIG(status) == sig :
		  WIFEXITED(status) && WEXITSTATUS(status) == (sig ? 128 + sig : 0));
	ck_assert_int_eq(tcgetattr(keep, &after), 0);
	ck_assert(same_modes(&before, &after));
	close(keep);
	close(master);
}
END_TEST

START_TEST(damaged_xo_is_a_warning)
{
	struct guest g = GUEST(say_hi_and_reset);
	const char *path = write_guest(&g), *args[] = { "-kernel", path, "-no-reboot", "-xo", path, "-xo", "/nonexistent.xo", NULL };
	struct run r;

	start(&r, args);
	finish(&r);
	expect_exit(&r, 0);
	ck_assert_str_eq(r.said, "hi\n");
	ck_assert_msg(strstr(r.complained, "dbt: warning: /nonexistent.xo: ") != NULL, "%s", r.complained);
	ck_assert_msg(strstr(r.complained, path) != NULL, "%s", r.complained);
	ck_assert_msg(strstr(r.complained, "running without it") != NULL, "%s", r.complained);
}
END_TEST

START_TEST(an_interpreter_learns_nothing)
{
	struct guest g = GUEST(say_hi_and_reset);
	const char *path = write_guest(&g), *args[] = { "-kernel", path, "-no-reboot", "-accel", "ref", "-profile", NULL, NULL };
	char profile[128];
	struct run r;

	snprintf(profile, sizeof profile, "%s/profile", temp_dir);
	args[6] = profile;
	start(&r, args);
	finish(&r);
	expect_exit(&r, 0);
	ck_assert_str_eq(r.complained, "dbt: warning: -profile: the interpreter (-accel ref) learns nothing\n");
}
END_TEST

START_TEST(stats_that_cannot_be_written)
{
	struct guest g = GUEST(say_hi_and_reset);
	const char *args[] = { "-kernel", write_guest(&g), "-no-reboot", "-stats", "/dev/full", NULL };
	struct run r;

	start(&r, args);
	finish(&r);
	expect_exit(&r, 1);
	ck_assert_str_eq(r.said, "hi\n");
	ck_assert_msg(strstr(r.complained, "/dev/full: cannot write") != NULL, "%s", r.complained);
}
END_TEST

Suite *cli_suite(void)
{
	Suite *s = suite_create("cli");
	TCase *t = tcase_create("wrong"), *u = tcase_create("ends");

	tcase_add_checked_fixture(t, set_up, temp_dir_drop);
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, wrong_input, 0, (int)ARRAY_LEN(wrong) - (net_user_built() ? 0 : NEED_NETWORK));
	tcase_add_loop_test(t, bad_guest, 0, (int)ARRAY_LEN(bad_guests));
	tcase_add_loop_test(t, bad_monitor, 0, (int)ARRAY_LEN(bad_monitors));
	tcase_add_loop_test(t, flash_without_monitor, 0, (int)ARRAY_LEN(no_monitor));
	tcase_add_test(t, monitor_too_large);
	tcase_add_loop_test(t, listings, 0, (int)ARRAY_LEN(listing));
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(u, set_up, temp_dir_drop);
	tcase_set_timeout(u, 60);
	tcase_add_loop_test(u, reset_without_reboot, 0, ACCELS);
	tcase_add_loop_test(u, monitor_starts, 0, 3 * ACCELS);
	tcase_add_loop_test(u, reset_reboots, 0, ACCELS);
	tcase_add_loop_test(u, quit_key, 0, ENDS);
	tcase_add_loop_test(u, signals_end_it, 0, ENDS);
	tcase_add_loop_test(u, terminal_as_it_was, 0, ACCELS * (int)ARRAY_LEN(tty_ends));
	tcase_add_test(u, damaged_xo_is_a_warning);
	tcase_add_test(u, an_interpreter_learns_nothing);
	tcase_add_test(u, stats_that_cannot_be_written);
	suite_add_tcase(s, u);
	return s;
}
