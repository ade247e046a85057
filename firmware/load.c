/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for load.h.
 */
#include "firmware/load.h"

#include "firmware/flash.h"
#include "firmware/guard.h"
#include "firmware/memory.h"
#include "firmware/string.h"

static struct {
	bool valid;
	uint32_t entry;
} last;

const char *load_refuses(uint32_t addr, uint32_t n)
{
	if (memory_wraps(addr, n))
		return "Range exceeds the address space";
	if (memory_is_ours(addr, n))
		return "Range is used by the monitor";
	if (flash_protected(addr, n))
		return "Range is a protected area of the flash";
	return NULL;
}

/* Where most of an image goes: loads of S-records ask once for each.  */
static bool is_free_ram(uint32_t addr, uint32_t n) { return memory_is_ram(addr, n) && !memory_is_ours(addr, n); }

const char *load_refuses_image(uint32_t addr, uint32_t n)
{
	const char *why = is_free_ram(addr, n) ? NULL : load_refuses(addr, n);

	if (why || memory_is_ram(addr, n) || (flash_contains(addr) && flash_contains(addr + (n - 1))))
		return why;
	return "Range is neither in RAM nor in flash";
}

const char *load_write(uint32_t addr, const void *bytes, uint32_t n)
{
	enum flash_error f;
	int code;

	if (is_free_ram(addr, n)) {
		memcpy((void *)(uintptr_t)addr, bytes, n);
		return NULL;
	}
	if (flash_touches(addr, n)) {
		f = flash_program(addr, bytes, n);
		return f == FLASH_OK ? NULL : flash_error_text(f);
	}
	code = guard_copy(addr, (uint32_t)(uintptr_t)bytes, n);
	return code == GUARD_OK ? NULL : guard_text(code);
}

void load_begin(void) { last.valid = false; }

void load_done(uint32_t entry)
{
	last.valid = true;
	last.entry = entry;
	memory_flush_all();
}

bool load_entry(uint32_t *entry)
{
	*entry = last.entry;
	return last.valid;
}
