/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/kicks.h"

#include "base/alignment.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>


#define PERIOD_US 997

/* For the handler; set while it is installed.  */
static uint32_t *kicked;
static struct sigaction before;

__attribute__((noinline)) static void kick(void)
{
	__atomic_store_n(kicked, 1, __ATOMIC_RELAXED);
}

static void on_alarm(int sig)
{
	(void)sig;
	alignment_check_off();
	kick();
}

enum status kicks_start(uint32_t *attention, struct err *e)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_ONSTACK | SA_RESTART };
	struct itimerval t = { { 0, PERIOD_US }, { 0, PERIOD_US } };

	sigemptyset(&sa.sa_mask);
	kicked = attention;
	if (sigaction(SIGALRM, &sa, &before) || setitimer(ITIMER_REAL, &t, NULL)) {
		kicked = NULL;
		return err_set(e, ST_HOST, "-chaos: no alarm can be set: %s", strerror(errno));
	}
	return ST_OK;
}

void kicks_stop(void)
{
	struct itimerval none = { { 0, 0 }, { 0, 0 } };

	if (!kicked)
		return;
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &before, NULL);
	kicked = NULL;
}
