/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the variables: which there are, what they may be, and their copies in RAM.  env_store.c has those in flash.
 */
#include "firmware/env.h"

#include "firmware/console.h"
#include "firmware/env_store.h"
#include "firmware/shell.h"
#include "firmware/string.h"

/* A system variable; without a check any text will do.  */
struct system_var {
	const char *name, *standard;
	enum env_kind kind;
	bool (*valid)(const char *value);
};

static bool valid_mac(const char *v)
{
	uint8_t mac[6];

	return shell_mac(v, mac) && !(mac[0] & 1);
}

static bool valid_ip(const char *v)
{
	uint32_t ip;

	return shell_ip(v, &ip);
}

static bool valid_prot(const char *v) { return !strcmp(v, "tftp") || !strcmp(v, "asc"); }
static bool valid_port(const char *v) { return !strcmp(v, "tty0") || !strcmp(v, "tty1"); }
static bool valid_selector(const char *v) { return !strcmp(v, "0") || !strcmp(v, "1"); }

static bool valid_delay(const char *v)
{
	uint32_t n;

	return shell_decimal(v, &n) && n <= 3600;
}

/* Sorted.  MAC is which of the two network devices is used.  */
static const struct system_var system_vars[] = {
	{ "MAC", "0", ENV_SYSTEM, valid_selector },
	{ "bootfile", "", ENV_SYSTEM, NULL },
	{ "bootprot", "tftp", ENV_SYSTEM, valid_prot },
	{ "bootserport", "tty0", ENV_SYSTEM, valid_port },
	{ "bootserver", "10.0.2.2", ENV_SYSTEM, valid_ip },
	{ "ethaddr", "00.00.1a.19.15.00", ENV_SYSTEM, valid_mac },
	{ "gateway", "10.0.2.2", ENV_SYSTEM, valid_ip },
	{ "ipaddr", "10.0.2.15", ENV_SYSTEM, valid_ip },
	{ "memsize", "", ENV_READ_ONLY, NULL },
	{ "modetty0", "115200,n,8,1,none", ENV_SYSTEM, con_mode_valid },
	{ "modetty1", "115200,n,8,1,none", ENV_SYSTEM, con_mode_valid },
	{ "prompt", "YAMON", ENV_SYSTEM, NULL },
	{ "start", "", ENV_SYSTEM, NULL },
	{ "startdelay", "2", ENV_SYSTEM, valid_delay },
	{ "subnetmask", "255.255.255.0", ENV_SYSTEM, valid_ip },
};
#define NSYSTEM (sizeof(system_vars) / sizeof(system_vars[0]))

struct var {
	char name[ENV_NAME_MAX + 1], value[ENV_VALUE_MAX + 1];
	const struct system_var *system; /* NULL: the user's */
};

static struct var vars[ENV_MAX + NSYSTEM]; /* sorted by name */
static unsigned nvars;

static struct var *find(const char *name)
{
	for (unsigned i = 0; i < nvars; i++)
		if (!strcmp(vars[i].name, name))
			return &vars[i];
	return NULL;
}

static const struct system_var *find_system(const char *name)
{
	for (unsigned i = 0; i < NSYSTEM; i++)
		if (!strcmp(system_vars[i].name, name))
			return &system_vars[i];
	return NULL;
}

static bool name_valid(const char *name)
{
	size_t n = strlen(name);

	for (const char *p = name; *p; p++)
		if (!((*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'z') || *p == '_'))
			return false;
	return n && n <= ENV_NAME_MAX;
}

/* What a terminal cannot show would not be typed again.  */
static bool value_valid(const struct system_var *s, const char *value)
{
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~')
			return false;
	return strlen(value) <= ENV_VALUE_MAX && (!s || !s->valid || s->valid(value));
}

/* In RAM only.  False: there are too many.  */
static bool put(const char *name, const char *value, const struct system_var *system)
{
	struct var *v = find(name);
	unsigned i = nvars;

	if (!v) {
		if (nvars == ENV_MAX + NSYSTEM)
			return false;
		for (; i && strcmp(vars[i - 1].name, name) > 0; i--)
			vars[i] = vars[i - 1];
		v = &vars[i];
		nvars++;
		strput(v->name, sizeof(v->name), name);
		v->system = system;
	}
	strput(v->value, sizeof(v->value), value);
	return true;
}

static void remove(struct var *v)
{
	nvars--;
	memmove(v, v + 1, (size_t)(&vars[nvars] - v) * sizeof(*v));
}

/* From flash: what is not valid (any more) is left out.  */
static void take(const char *name, const char *value)
{
	const struct system_var *s = find_system(name);

	if (name_valid(name) && value_valid(s, value) && !(s && s->kind == ENV_READ_ONLY))
		put(name, value, s);
}

static void set_standard(void)
{
	nvars = 0;
	for (unsigned i = 0; i < NSYSTEM; i++)
		put(system_vars[i].name, system_vars[i].standard, &system_vars[i]);
}

static void set_memsize(uint32_t memsize)
{
	char text[12];

	con_format(text, sizeof(text), "0x%08x", memsize);
	put("memsize", text, NULL);
}

const char *env_get(const char *name)
{
	const struct var *v = find(name);

	return v && *v->value ? v->value : NULL;
}

bool env_at(unsigned i, struct env_var *out)
{
	if (i >= nvars)
		return false;
	*out = (struct env_var){ vars[i].name, vars[i].value, vars[i].system ? vars[i].system->kind : ENV_USER };
	return true;
}

/* What belongs into the flash: everything but what is read-only, or is as it would be anyway.  */
static bool stored_at(unsigned n, const char **name, const char **value)
{
	for (unsigned i = 0; i < nvars; i++) {
		const struct system_var *s = vars[i].system;

		if (s && (s->kind == ENV_READ_ONLY || !strcmp(s->standard, vars[i].value)))
			continue;
		if (n--)
			continue;
		*name = vars[i].name;
		*value = vars[i].value;
		return true;
	}
	return false;
}

void env_init(uint32_t memsize)
{
	set_standard();
	set_memsize(memsize);
	env_store_read(take, stored_at);
}

enum env_error env_set(const char *name, const char *value)
{
	const struct system_var *s = find_system(name);

	if (s && s->kind == ENV_READ_ONLY)
		return ENV_IS_READ_ONLY;
	if (!name_valid(name))
		return ENV_BAD_NAME;
	if (!value_valid(s, value))
		return ENV_BAD_VALUE;
	if (!put(name, value, s))
		return ENV_FULL;
	return env_store_put(name, value, stored_at) == FLASH_OK ? ENV_OK : ENV_FLASH;
}

enum env_error env_unset(const char *name)
{
	struct var *v = find(name);

	if (!v)
		return ENV_NO_SUCH;
	if (v->system && v->system->kind == ENV_READ_ONLY)
		return ENV_IS_READ_ONLY;
	if (v->system)
		strput(v->value, sizeof(v->value), v->system->standard);
	else
		remove(v);
	return env_store_remove(name) == FLASH_OK ? ENV_OK : ENV_FLASH;
}

bool env_erase(void)
{
	char memsize[12];

	strput(memsize, sizeof(memsize), env_get("memsize"));
	set_standard();
	put("memsize", memsize, NULL);
	return env_store_erase() == FLASH_OK;
}

const char *env_error_text(enum env_error e)
{
	switch (e) {
	case ENV_OK: return "No error";
	case ENV_NO_SUCH: return "There is no such variable";
	case ENV_IS_READ_ONLY: return "Variable is read-only";
	case ENV_BAD_NAME: return "Names have up to 20 letters, digits and _";
	case ENV_BAD_VALUE: return "Illegal value";
	case ENV_FULL: return "There are too many variables";
	case ENV_FLASH: return "Flash could not be written: this lasts until the next reset only";
	}
	return "Unknown environment error";
}

bool env_ip(const char *name, uint32_t *ip)
{
	const char *v = env_get(name);

	return v && shell_ip(v, ip);
}

bool env_mac(uint8_t mac[6])
{
	const char *v = env_get("ethaddr");

	return v && shell_mac(v, mac);
}
