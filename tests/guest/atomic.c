/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LL/SC: exact under preemption, refused after an exception return, plain when nothing comes between.
 */
#define _GNU_SOURCE
#include "tests/guest/guest.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES 4
#define STEPS 20000u

static void counting(void)
{
	uint32_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (shared == MAP_FAILED) {
		broken("counting");
		return;
	}
	for (int p = 0; p < PROCESSES; p++)
		if (!fork()) {
			for (uint32_t i = 0; i < STEPS; i++) {
				__atomic_fetch_add(&shared[0], 1, __ATOMIC_SEQ_CST);
				__atomic_fetch_xor(&shared[1], i * 2654435761u, __ATOMIC_SEQ_CST);
				if (i % 500 == 0)
					sched_yield();
			}
			_exit(0);
		}
	while (wait(&status) > 0)
		;
	check_eq("counting", shared[0], PROCESSES * STEPS);
	check_eq("xor", shared[1], 0); /* an even number of processes */
}

/* A lock of compare-and-swap around plain counters.  */
static void locking(void)
{
	volatile uint32_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	if (shared == MAP_FAILED) {
		broken("locking");
		return;
	}
	for (int p = 0; p < PROCESSES; p++)
		if (!fork()) {
			for (uint32_t i = 0; i < STEPS / 10; i++) {
				uint32_t free_value = 0;

				while (!__atomic_compare_exchange_n(&shared[0], &free_value, 1, false, __ATOMIC_ACQUIRE,
								    __ATOMIC_RELAXED)) {
					free_value = 0;
					sched_yield();
				}
				shared[1]++;
				shared[2] += shared[1];
				__atomic_store_n(&shared[0], 0, __ATOMIC_RELEASE);
			}
			_exit(0);
		}
	while (wait(&status) > 0)
		;
	check_eq("lock_count", shared[1], PROCESSES * STEPS / 10);
	check_eq("lock_sum", shared[2], (PROCESSES * STEPS / 10) * (PROCESSES * STEPS / 10 + 1) / 2);
}

static uint32_t conditional(volatile uint32_t *at, bool call_between)
{
	uint32_t stored, number = 4020; /* getpid */

	if (call_between)
		__asm__ volatile("	ll %0, 0(%2)\n"
				 "	move $2, %1\n"
				 "	syscall\n"
				 "	li %0, 7\n"
				 "	sc %0, 0(%2)\n"
				 : "=&r"(stored)
				 : "r"(number), "r"(at)
				 : "$2", "$3", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo",
				   "memory");
	else
		__asm__ volatile("	ll %0, 0(%1)\n"
				 "	li %0, 9\n"
				 "	sc %0, 0(%1)\n"
				 : "=&r"(stored)
				 : "r"(at)
				 : "memory");
	return stored;
}

void test_atomic(void)
{
	static volatile uint32_t word;
	unsigned plain = 0;

	counting();
	locking();
	for (unsigned i = 0; i < 100; i++) { /* an interrupt may come between once in a while */
		word = 0;
		plain += conditional(&word, false) && word == 9;
	}
	check("plain", plain >= 90);
	word = 3;
	check_eq("after_call", conditional(&word, true), 0);
	check_eq("after_call_value", word, 3);
}
