/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host's time, for statistics and for guests whose time it is.  */
#ifndef ATHANOR_BASE_HOST_TIME_H
#define ATHANOR_BASE_HOST_TIME_H

#include <stdint.h>
#include <time.h>

/* host_ns - nanoseconds of CLOCK_MONOTONIC.  Never fails.  */
static inline uint64_t host_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

#endif
