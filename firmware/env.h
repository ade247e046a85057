/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The environment: variables that outlive power-off.  env_store.c keeps them in flash.
 */
#ifndef ATHANOR_FIRMWARE_ENV_H
#define ATHANOR_FIRMWARE_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENV_NAME_MAX 20u   /* characters, as YAMON */
#define ENV_VALUE_MAX 512u
#define ENV_MAX 100u       /* variables */

enum env_kind { ENV_READ_ONLY, ENV_SYSTEM, ENV_USER };

enum env_error { ENV_OK, ENV_NO_SUCH, ENV_IS_READ_ONLY, ENV_BAD_NAME, ENV_BAD_VALUE, ENV_FULL, ENV_FLASH };

struct env_var {
	const char *name, *value;
	enum env_kind kind;
};

/* NULL: not set.  Valid until the next env_set or env_unset.  */
const char *env_get(const char *name);
/* Kept in flash.  ENV_FLASH: the flash did not take it; it is set until the next reset.  */
enum env_error env_set(const char *name, const char *value);
/* A user variable goes; a system variable gets its default.  */
enum env_error env_unset(const char *name);
const char *env_error_text(enum env_error);
/* Sorted by name.  False past the last.  */
bool env_at(unsigned i, struct env_var *v);

/* The value as an address; false: not set, or not one.  */
bool env_ip(const char *name, uint32_t *ip);
bool env_mac(uint8_t mac[6]); /* of ethaddr */

/* Reads the flash.  @memsize is what memsize says.  */
void env_init(uint32_t memsize);
/* Forgets everything but what is read-only, in flash too.  False: the flash could not be written.  */
bool env_erase(void);

#endif
