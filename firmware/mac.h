/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ethernet frames by one of the Au1500's two MACs, polled.  It runs between mac_start and mac_stop only: what is started by `go` must
 * not have frames written to its memory.
 */
#ifndef ATHANOR_FIRMWARE_MAC_H
#define ATHANOR_FIRMWARE_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAC_FRAME_MAX 1518u /* without FCS; with a VLAN tag */

/* @unit 0 or 1.  Waits for a link, some seconds.  NULL, or why there is none.  */
const char *mac_start(unsigned unit, const uint8_t address[6]);
void mac_stop(void);

/* Without FCS; short frames are padded.  False: the MAC has not sent it.  */
bool mac_send(const uint8_t *frame, unsigned n);
/* The next good frame, copied to @frame (MAC_FRAME_MAX bytes); 0: none has come.  */
unsigned mac_receive(uint8_t *frame);

#endif
