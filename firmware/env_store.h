/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The environment's form in flash.
 */
#ifndef ATHANOR_FIRMWARE_ENV_STORE_H
#define ATHANOR_FIRMWARE_ENV_STORE_H

#include "firmware/flash.h"

/* Gives the i-th of all variables that shall be in flash; false past the last.  */
typedef bool env_store_list(unsigned i, const char **name, const char **value);

/* Reads what is in flash: gives each variable to @take, a later value after an earlier one.  Then repairs what a loss of power has left
   unfinished: @all is what @take has got.  */
void env_store_read(void (*take)(const char *name, const char *value), env_store_list *all);
/* A new value; it is among @all.  */
enum flash_error env_store_put(const char *name, const char *value, env_store_list *all);
enum flash_error env_store_remove(const char *name);
enum flash_error env_store_erase(void);

#endif
