/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * console - drives a program that talks on a terminal: waits for texts, types lines, takes times.  Used to operate guests.
 *
 *   console [-q] [-l LOG] [-m MARKS] [-t SECONDS] STEP... -- PROGRAM ARGUMENTS...
 *     expect=TEXT   wait until the program has written TEXT (behind what earlier steps found)
 *     send=TEXT     type TEXT and Enter
 *     type=TEXT     type TEXT alone
 *     mark=NAME     write "NAME SECONDS" to MARKS: the time since the program was started, when the last text was found
 *     timeout=SEC   for the steps that follow; -t is for the whole run
 *     eof           wait until the program ends
 *     interactive   hand the terminal over until the program ends
 *
 * Status: that of the program if it ended; 124 after a time-out; 125 if it ended before a text came.  The program is killed
 * on the way out if it still runs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define KEEP 65536u /* output kept for matching */

static struct {
	int fd;                /* the terminal's other side */
	pid_t pid;
	FILE *log, *marks;
	bool quiet, ended;
	double start, last, limit, timeout;
	char kept[KEEP + 1];   /* what came behind the last match */
	size_t nkept;
	struct termios saved;
	bool raw;
} con = { .fd = -1, .limit = 600, .timeout = 120 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void terminal_restore(void)
{
	if (con.raw)
		tcsetattr(0, TCSADRAIN, &con.saved);
	con.raw = false;
}

/* Reaps the program, killing it if it does not end by itself.  Returns its exit status, 128 + n for a signal.  */
static int finish(bool kill_it)
{
	int status = 0;

	terminal_restore();
	if (con.pid <= 0)
		return 0;
	if (kill_it)
		kill(con.pid, SIGKILL);
	while (waitpid(con.pid, &status, 0) < 0 && errno == EINTR)
		;
	con.pid = 0;
	if (con.log)
		fclose(con.log);
	if (con.marks)
		fclose(con.marks);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void __attribute__((noreturn)) fail(int code, const char *what, const char *text)
{
	size_t from = con.nkept > 400 ? con.nkept - 400 : 0;
	int status;

	fprintf(stderr, "\nconsole: %s '%s' after %.1f s; the last output was:\n%s\n", what, text, now() - con.start, con.kept + from);
	status = finish(true);
	if (code == 125)
		fprintf(stderr, "console: the program ended with status %d\n", status);
	exit(code);
}

static void got(const char *bytes, size_t n)
{
	if (!con.quiet) {
		fwrite(bytes, 1, n, stdout);
		fflush(stdout);
	}
	if (con.log) { /* to be read while the program runs */
		fwrite(bytes, 1, n, con.log);
		fflush(con.log);
	}
	if (n > KEEP) {
		bytes += n - KEEP;
		n = KEEP;
	}
	if (con.nkept + n > KEEP) {
		size_t drop = con.nkept + n - KEEP;

		memmove(con.kept, con.kept + drop, con.nkept - drop);
		con.nkept -= drop;
	}
	for (size_t i = 0; i < n; i++)
		con.kept[con.nkept++] = bytes[i] ? bytes[i] : '?';
	con.kept[con.nkept] = 0;
}

/* Waits for output, at most until @until.  Keys typed here go to the program if @keys.  */
static void pump(double until, bool keys)
{
	struct pollfd p[2] = { { con.fd, POLLIN, 0 }, { keys ? 0 : -1, POLLIN, 0 } };
	double left = until - now();
	char bytes[4096];
	ssize_t n;

	if (poll(p, 2, left < 0 ? 0 : left > 1 ? 1000 : (int)(left * 1000) + 1) <= 0)
		return;
	if (p[1].revents) {
		n = read(0, bytes, sizeof(bytes));
		if (n > 0 && write(con.fd, bytes, (size_t)n) < 0)
			con.ended = true;
	}
	if (!p[0].revents)
		return;
	n = read(con.fd, bytes, sizeof(bytes));
	if (n <= 0) /* EIO: nobody has the terminal open any more */
		con.ended = true;
	else
		got(bytes, (size_t)n);
}

static void expect(const char *text)
{
	double until = now() + con.timeout, whole = con.start + con.limit;
	char *at;

	if (whole < until)
		until = whole;
	while (!(at = strstr(con.kept, text))) {
		if (con.ended)
			fail(125, "the program ended before it wrote", text);
		if (now() > until)
			fail(124, "timed out waiting for", text);
		pump(until, false);
	}
	con.last = now();
	at += strlen(text);
	con.nkept -= (size_t)(at - con.kept);
	memmove(con.kept, at, con.nkept + 1);
}

static void wait_end(bool keys)
{
	double until = now() + con.timeout;

	while (!con.ended) {
		if (!keys && now() > until)
			fail(124, "timed out waiting for", "the end");
		pump(keys ? now() + 1 : until, keys);
	}
	con.last = now();
}

static void type(const char *text)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n;) {
		ssize_t done = write(con.fd, text + at, n - at);

		if (done <= 0)
			fail(125, "the program takes no input:", text);
		at += (size_t)done;
	}
}

static void interactive(void)
{
	struct termios raw;

	if (tcgetattr(0, &con.saved) == 0) {
		raw = con.saved;
		cfmakeraw(&raw);
		con.raw = tcsetattr(0, TCSADRAIN, &raw) == 0;
	}
	wait_end(true);
	terminal_restore();
}

static void step(const char *s)
{
	if (!strncmp(s, "expect=", 7)) {
		expect(s + 7);
	} else if (!strncmp(s, "send=", 5)) {
		type(s + 5);
		type("\r");
	} else if (!strncmp(s, "type=", 5)) {
		type(s + 5);
	} else if (!strncmp(s, "mark=", 5)) {
		if (con.marks)
			fprintf(con.marks, "%s %.3f\n", s + 5, con.last - con.start);
	} else if (!strncmp(s, "timeout=", 8)) {
		con.timeout = atof(s + 8);
	} else if (!strcmp(s, "eof")) {
		wait_end(false);
	} else if (!strcmp(s, "interactive")) {
		interactive();
	} else {
		fail(1, "unknown step", s);
	}
}

static FILE *open_or_die(const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f) {
		perror(path);
		exit(1);
	}
	return f;
}

int main(int argc, char **argv)
{
	struct winsize size = { 50, 200, 0, 0 };
	int option, first, program;

	while ((option = getopt(argc, argv, "+ql:m:t:")) != -1) {
		switch (option) {
		case 'q': con.quiet = true; break;
		case 'l': con.log = open_or_die(optarg); break;
		case 'm': con.marks = open_or_die(optarg); break;
		case 't': con.limit = atof(optarg); break;
		default: return 1;
		}
	}
	first = optind;
	for (program = first; program < argc && strcmp(argv[program], "--"); program++)
		;
	if (program + 1 >= argc) {
		fprintf(stderr, "usage: console [-q] [-l LOG] [-m MARKS] [-t SECONDS] STEP... -- PROGRAM ARGUMENTS...\n");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	con.start = now();
	con.pid = forkpty(&con.fd, NULL, NULL, &size);
	if (con.pid < 0) {
		perror("forkpty");
		return 1;
	}
	if (!con.pid) {
		execvp(argv[program + 1], argv + program + 1);
		perror(argv[program + 1]);
		_exit(127);
	}
	for (int i = first; i < program; i++)
		step(argv[i]);
	return finish(!con.ended);
}
