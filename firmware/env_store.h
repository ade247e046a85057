/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The environment's form in flash.
 */
#ifndef ATHANOR_FIRMWARE_ENV_STORE_H
#define ATHANOR_FIRMWARE_ENV_STORE_H

#include "firmware/flash.h"

/* Reads what is in flash: gives each variable to @take, the latest value last.  */
void env_store_read(void (*take)(const char *name, const char *value));
/* A new value.  @at: gives the i-th of all variables that shall be in flash, the new one included; false past the last.  */
enum flash_error env_store_put(const char *name, const char *value, bool (*at)(unsigned i, const char **name, const char **value));
enum flash_error env_store_remove(const char *name);
enum flash_error env_store_erase(void);

#endif
