/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The key of translated code: what must agree before a .xo may be used.  This build's constants, this host's features, and
 * the comparison that names the first field that differs.  Host only; does not read files.
 */
#ifndef ATHANOR_PCMAP_KEY_H
#define ATHANOR_PCMAP_KEY_H

#include "base/err.h"
#include "isa/insn.h"
#include "pcmap/xo.h"

/* key_host_features - enum xo_host_feature bits of the processor this runs on.  Never fails.  */
uint32_t key_host_features(void);

/**
 * key_fill - the key of code made, or used, by this build
 * @rev:      architecture release of the guest processor model (cpu_model.rev)
 * @features: in a file: the host features its code needs; when opening: the ones there are (key_host_features())
 * Never fails.
 */
void key_fill(struct xo_key *k, enum isa_rev rev, bool big_endian, uint32_t features);

/**
 * key_check - may code with key @have be used where @want holds?
 * All fields must be equal, but @have may need fewer host features than @want has.
 * Errors: ST_STALE; the text names the first differing field and both values, without a file name
 */
enum status key_check(const struct xo_key *have, const struct xo_key *want, struct err *e) MUST_CHECK;

#endif
