/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What loading commands share: where may be written, how, and what `go` shall start.
 */
#ifndef ATHANOR_FIRMWARE_LOAD_H
#define ATHANOR_FIRMWARE_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* May [addr, addr + n) be written by something that is loaded?  Not the monitor, its vectors, its environment; not around the end of
   the address space.  NULL: yes; otherwise the reason, for an error message.  */
const char *load_refuses(uint32_t addr, uint32_t n);

/* The same for whole images, disks' sectors and the like, which must not be written where there is neither RAM nor flash.  */
const char *load_refuses_image(uint32_t addr, uint32_t n);

/* Writes, after load_refuses has agreed: RAM under guard, erased flash by programming.  @addr is virtual.  NULL, or the reason why
   not.  The caller flushes the caches when it is done (load_done does).  */
const char *load_write(uint32_t addr, const void *bytes, uint32_t n);

/* Something is about to be loaded: what was before is not to be started any more.  */
void load_begin(void);
/* What was loaded: for `go` and for the message of the loading commands.  The caches are flushed.  */
void load_done(uint32_t entry);
/* False: nothing has been loaded.  */
bool load_entry(uint32_t *entry);

#endif
