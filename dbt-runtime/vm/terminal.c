/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for terminal modes and for noting signals.  Not for bytes of the console.
 * Invariant: whichever way the process ends short of SIGKILL, the terminal is as it was found.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/terminal.h"

#include "base/alignment.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>


/* Signal handlers get no argument of ours, so what they need is here.  */
static struct {
	struct termios found;
	volatile sig_atomic_t raw;
	volatile sig_atomic_t signal;
	uint32_t *attention;
	int fd;
	bool at_exit, installed;
} state = { .fd = -1 };

static const int crashes[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
static struct sigaction before[ARRAY_LEN(crashes)];

/* A background process may not change the terminal; it would be stopped in the middle of ending.  */
static void set_modes(const struct termios *t)
{
	sigset_t tt, old;

	sigemptyset(&tt);
	sigaddset(&tt, SIGTTOU);
	sigprocmask(SIG_BLOCK, &tt, &old);
	tcsetattr(STDIN_FILENO, TCSADRAIN, t);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

static void apply_raw(void)
{
	struct termios t = state.found;

	t.c_iflag &= (tcflag_t)~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	t.c_lflag &= (tcflag_t)~(ECHO | ECHONL | ICANON | IEXTEN | ISIG);
	t.c_cflag &= (tcflag_t)~(CSIZE | PARENB);
	t.c_cflag |= CS8;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	set_modes(&t);
}

void terminal_raw(void)
{
	if (state.raw || !isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &state.found) < 0)
		return;
	if (!state.at_exit)
		state.at_exit = atexit(terminal_restore) == 0;
	state.raw = 1;
	apply_raw();
}

void terminal_restore(void)
{
	int saved = errno;

	if (state.raw) {
		state.raw = 0;
		set_modes(&state.found);
	}
	errno = saved;
}

__attribute__((noinline)) static void note_end(int sig)
{
	uint64_t one = 1;
	int saved = errno;

	state.signal = sig;
	if (state.attention)
		__atomic_store_n(state.attention, 1, __ATOMIC_RELAXED);
	if (write(state.fd, &one, sizeof one) < 0) {
		/* The counter is full: it is readable already.  */
	}
	errno = saved;
}

__attribute__((noinline)) static void crash(int sig, const siginfo_t *info)
{
	terminal_restore();
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
		if (crashes[i] == sig)
			sigaction(sig, &before[i], NULL); /* the instruction faults again, or abort goes on: with the old meaning */
	if (info->si_code <= 0)
		raise(sig); /* sent, not met: it comes once more when this handler returns */
}

/* Stopped from outside and continued: the shell has had the terminal meanwhile.  */
__attribute__((noinline)) static void go_on(void)
{
	int saved = errno;

	if (state.raw)
		apply_raw();
	errno = saved;
}

/* --- handlers: any of them may interrupt translated code --- */

static void on_end(int sig)
{
	alignment_check_off();
	note_end(sig);
}

static void on_crash(int sig, siginfo_t *info, void *context)
{
	(void)context;
	alignment_check_off();
	crash(sig, info);
}

static void on_continue(int sig)
{
	(void)sig;
	alignment_check_off();
	go_on();
}

static bool catch(int sig, void (*handler)(int))
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_ONSTACK };

	sigemptyset(&sa.sa_mask);
	return sigaction(sig, &sa, NULL) == 0;
}

static bool catch_crash(int sig, struct sigaction *old)
{
	struct sigaction sa = { .sa_sigaction = on_crash, .sa_flags = SA_ONSTACK | SA_SIGINFO };

	sigemptyset(&sa.sa_mask);
	return sigaction(sig, &sa, old) == 0;
}

enum status terminal_signals(uint32_t *attention, struct err *e)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	bool ok = true;

	state.attention = attention;
	if (state.installed)
		return ST_OK;
	state.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (state.fd < 0)
		return err_set(e, ST_HOST, "cannot create an event descriptor: %s", strerror(errno));
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct sigaction now;

		/* A shell that starts us with nohup wants it to stay ignored.  */
		if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN)
			continue;
		ok = catch(ends[i], on_end) && ok;
	}
	for (size_t i = 0; i < ARRAY_LEN(crashes); i++)
		ok = catch_crash(crashes[i], &before[i]) && ok;
	ok = catch(SIGCONT, on_continue) && ok;
	ok = signal(SIGPIPE, SIG_IGN) != SIG_ERR && ok; /* a reader that went away is not the guest's business */
	if (!ok)
		return err_set(e, ST_HOST, "cannot install signal handlers: %s", strerror(errno));
	state.installed = true;
	return ST_OK;
}

int terminal_signal(void) { return state.signal; }
int terminal_signal_fd(void) { return state.fd; }
