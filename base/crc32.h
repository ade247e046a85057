/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CRC of Ethernet (IEEE 802.3, 3.2.9), least significant bit first, eight bytes at a time.  */
#ifndef ATHANOR_BASE_CRC32_H
#define ATHANOR_BASE_CRC32_H

#include "base/types.h"

struct crc32 { uint32_t table[8][256]; }; /* [k][b]: of byte b with k zero bytes behind it */

void crc32_init(struct crc32 *c);
uint32_t crc32_of(const struct crc32 *c, const uint8_t *p, size_t n);

#endif
