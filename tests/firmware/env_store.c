/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor's store of variables, compiled for this machine.
 */
#include "firmware/env_store.c"
