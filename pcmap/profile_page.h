/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run taught: for each guest page the engine translated from, its bytes at that time, the entry points, marked sites and
 * where the samples fell.  The engine gathers it in its arena; pcmap/profile.c writes and reads it.
 */
#ifndef ATHANOR_PCMAP_PROFILE_PAGE_H
#define ATHANOR_PCMAP_PROFILE_PAGE_H

#include "isa/block.h"
#include "pcmap/unit.h"

struct profile_page {
	gva page;
	uint32_t flags;                       /* UNIT_KERNEL | UNIT_MAPPED | UNIT_BE */
	uint32_t leaders[GUEST_PAGE_WORDS / 32]; /* entry points met */
	uint8_t sites[GUEST_PAGE_WORDS];      /* enum site_flag */
	uint16_t samples[GUEST_PAGE_WORDS];   /* polls that found the guest here, saturating */
	uint8_t bytes[GUEST_PAGE_SIZE];       /* in guest byte order, as in memory */
};

#endif
