/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter by libseccomp: a list of what is allowed.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/sandbox.h"

#include <errno.h>
#include <linux/kvm.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

/* Whatever their arguments are.  Files: one's own at the end.  */
static const int plain[] = {
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(close),
	SCMP_SYS(lseek), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(fstat),
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2),
	SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink),
	SCMP_SYS(unlinkat), SCMP_SYS(linkat), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate), SCMP_SYS(fchmod), SCMP_SYS(umask),
	SCMP_SYS(flock), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom), SCMP_SYS(futex), SCMP_SYS(sched_yield),
	SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* KVM: what a machine that is made does; terminals: modes, in and out.  */
static const unsigned long requests[] = { KVM_RUN, KVM_GET_REGS, TCGETS, TCSETS, TCSETSW, TCSETSF };

/* What connections of a user network do (libslirp).  Ports that are forwarded were opened before.  */
static const int sockets[] = {
	SCMP_SYS(connect), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(shutdown), SCMP_SYS(getpeername),
	SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg),
};

#define SOCKET_TYPE 0xfu /* what is left are flags, as SOCK_CLOEXEC */

static int allow_network(scmp_filter_ctx f)
{
	static const unsigned types[] = { SOCK_STREAM, SOCK_DGRAM };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(sockets) && r >= 0; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, sockets[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(types) && r >= 0; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, SCMP_A0_32(SCMP_CMP_EQ, AF_INET),
				     SCMP_A1_32(SCMP_CMP_MASKED_EQ, SOCKET_TYPE, types[i]));
	return r >= 0 ? seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1_32(SCMP_CMP_EQ, FIONREAD)) : r;
}

static int allow(scmp_filter_ctx f)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(plain) && r >= 0; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, plain[i], 0);
	for (size_t i = 0; i < ARRAY_LEN(requests) && r >= 0; i++)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, SCMP_A1_32(SCMP_CMP_EQ, requests[i]));
	if (r >= 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (r >= 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2_32(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* To oneself: abort(), and signals that are raised again with their old meaning.  */
	if (r >= 0)
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0_32(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	return r;
}

bool sandbox_built(void) { return true; }

enum status sandbox_enter(bool network, struct err *e)
{
	scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!f)
		return err_set(e, ST_HOST, "-sandbox: no system call filter can be made");
	r = allow(f);
	if (r >= 0 && network)
		r = allow_network(f);
	if (r >= 0)
		r = seccomp_load(f);
	seccomp_release(f);
	return r < 0 ? err_set(e, ST_HOST, "-sandbox: the system call filter is refused: %s; -sandbox off runs without it", strerror(-r)) : ST_OK;
}
