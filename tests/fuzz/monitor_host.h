/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What surrounds the parts of the boot monitor that are compiled for this machine (fuzz_monitor.c): a console, a clock, a network with a
 * peer that does what the input says, flash for the environment.
 */
#ifndef ATHANOR_TESTS_FUZZ_MONITOR_HOST_H
#define ATHANOR_TESTS_FUZZ_MONITOR_HOST_H

#include "firmware/pb1500.h"
#include "tests/fuzz/fuzz.h"

struct monitor_host {
	struct fuzz_in *outside;     /* what the peer does, frame by frame; NULL: nothing */
	bool floods;                 /* and then its last frame again, without end */
	bool deaf;                   /* what we send is not sent */
	bool flash_fails;            /* it takes no more */
	uint32_t ms, break_at;       /* break_at: Ctrl-C is typed then; 0: never */
	const char *no_link;         /* why mac_start fails; NULL: it does not */
	struct fuzz_in keys;         /* what is typed; Ctrl-C behind its end */
	unsigned looks;              /* at the network, since host_start */
};
extern struct monitor_host host;

/* The environment's two blocks; whoever changes them says so, because making them anew takes time.  */
struct monitor_flash {
	_Alignas(4) uint8_t env[FLASH_BLOCK], spare[FLASH_BLOCK];
	bool changed;
};
extern struct monitor_flash host_flash;

/* A new board, with nobody around.  */
void host_start(void);

#endif
