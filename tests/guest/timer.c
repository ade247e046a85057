/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Interrupts: a loop that makes no call is left when a timer runs out; time does not stand still or run backwards.
 */
#define _GNU_SOURCE
#include "tests/guest/guest.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t rang;

static void ring(int sig)
{
	(void)sig;
	rang = rang + 1;
}

static void arm(long usec, long again)
{
	struct itimerval t = { { 0, again }, { 0, usec } };

	if (setitimer(ITIMER_REAL, &t, NULL))
		broken("setitimer");
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void test_timer(void)
{
	struct timespec nap = { 0, 30 * 1000 * 1000 };
	uint64_t before, after, last;
	uint32_t backwards = 0, counter = 0;

	signal(SIGALRM, ring);
	rang = 0;
	arm(20000, 0);
	while (!rang) /* a load and a branch */
		;
	check("loop_memory", rang == 1);
	rang = 0;
	arm(20000, 0);
	while (!rang)
		counter = counter * 1664525u + 1013904223u;
	__asm__ volatile("" : : "r"(counter));
	check("loop_compute", rang == 1);
	rang = 0;
	arm(10000, 10000);
	while (rang < 10)
		;
	arm(0, 0);
	check("loop_many", rang >= 10);
	rang = 0;
	arm(20000, 0);
	pause();
	check("pause", rang == 1);
	before = now_ns();
	nanosleep(&nap, NULL);
	after = now_ns();
	check("sleep", after - before >= 30u * 1000u * 1000u);
	last = now_ns();
	for (unsigned i = 0; i < 20000; i++) {
		uint64_t t = now_ns();

		backwards += t < last;
		last = t;
	}
	check_eq("monotonic", backwards, 0);
}
