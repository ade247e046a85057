/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For builds without libseccomp.
 */
#include "dbt-runtime/vm/sandbox.h"

bool sandbox_built(void) { return false; }

enum status sandbox_enter(bool network, struct err *e)
{
	(void)network;
	(void)e; /* nothing to be had: -sandbox on is answered when options are looked at */
	return ST_OK;
}
