/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The status type: what functions that can fail return.  The list is status.def.
 */
#ifndef ATHANOR_BASE_STATUS_H
#define ATHANOR_BASE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum status {
#define STATUS(name, text, code) ST_##name,
#include "base/status.def"
#undef STATUS
};

#endif
