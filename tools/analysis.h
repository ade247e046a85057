/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Included ahead of every file by tools/analyze.sh, and by nothing else: what an analyser that sees one file cannot know.
 *
 * - err_set returns the status it is given, which is never ST_OK: behind `s = err_set(...)` there is no success.
 */
#include "base/err.h"

#define err_set(e, s, ...) ({ enum status given_ = (s); (void)(err_set)(e, given_, __VA_ARGS__); given_; })
