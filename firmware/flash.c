/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for flash.h.  Both chips of a bank do everything at the same time: a command is a word with the same half twice, at the
 * chip's word address times four.  AMD command set; time-outs are those of the Am29LV chips' data sheets, generously.
 */
#include "firmware/flash.h"

#include "firmware/io.h"
#include "firmware/memory.h"
#include "firmware/timer.h"

#define BOTH(half) ((half) << 16 | (half))
#define PROGRAM_TIMEOUT_US 10000u
#define ERASE_TIMEOUT_MS 15000u

/* The part of an address space that holds the code which runs is not used while a command is under way: it is in RAM.  */
static volatile uint32_t *word(uint32_t pa) { return (volatile uint32_t *)kseg1(pa & ~3u); }

static uint32_t bank_of(uint32_t pa) { return FLASH_BASE + ((pa - FLASH_BASE) & ~(FLASH_BANK_SIZE - 1u)); }

static void command(uint32_t bank, uint32_t code)
{
	*word(bank + 0x555 * 4) = BOTH(0xaau);
	*word(bank + 0x2aa * 4) = BOTH(0x55u);
	*word(bank + 0x555 * 4) = BOTH(code);
}

static void read_array(uint32_t bank)
{
	*word(bank) = BOTH(0xf0u);
	io_sync();
}

void flash_read_arrays(void)
{
	read_array(FLASH_BASE);
	read_array(FLASH_BASE + FLASH_BANK_SIZE);
}

const char *flash_error_text(enum flash_error f)
{
	switch (f) {
	case FLASH_OK: return "No error";
	case FLASH_ABSENT: return "No flash answers there";
	case FLASH_PROTECTED: return "Range is a protected area of the flash";
	case FLASH_NOT_ERASED: return "Flash is not erased";
	case FLASH_ALIGNMENT: return "Range is not one of whole flash blocks";
	case FLASH_TIMEOUT: return "Flash does not get ready";
	case FLASH_DIFFERS: return "Flash has other contents than what was written";
	}
	return "Unknown flash error";
}

bool flash_contains(uint32_t addr)
{
	uint32_t pa;

	return (addr - FLASH_BASE < FLASH_SIZE) || (memory_unmapped(addr, &pa) && pa - FLASH_BASE < FLASH_SIZE);
}

/* The physical range of [addr, addr + size), cut at @base and @end.  False: they do not meet.  A range that starts at a physical
   address of the flash is one of physical addresses (flash.h).  */
static bool meets(uint32_t addr, uint32_t size, uint32_t base, uint32_t end)
{
	uint32_t windows[] = { 0, KSEG0_BASE, KSEG1_BASE };

	if (!size)
		return false;
	for (unsigned i = 0; i < ARRAY_LEN(windows); i++) {
		uint32_t low = windows[i] + base, high = windows[i] + (end - 1), last = addr + (size - 1);

		if (last < addr)
			last = UINT32_MAX;
		if (i == 0 && !(addr >= low && addr <= high))
			continue;
		if (addr <= high && last >= low)
			return true;
	}
	return false;
}

bool flash_touches(uint32_t addr, uint32_t size) { return meets(addr, size, FLASH_BASE, FLASH_BASE + FLASH_SIZE); }

bool flash_protected(uint32_t addr, uint32_t size)
{
	return meets(addr, size, FLASH_MONITOR, FLASH_MONITOR + FLASH_MONITOR_SIZE) || meets(addr, size, FLASH_ENV, FLASH_ENV + FLASH_ENV_SIZE);
}

void flash_identify(unsigned bank, struct flash_info *info)
{
	uint32_t base = FLASH_BASE + bank * FLASH_BANK_SIZE, before0, before1, maker, device;

	read_array(base);
	before0 = *word(base);
	before1 = *word(base + 4);
	command(base, 0x90);
	maker = *word(base);
	device = *word(base + 4);
	read_array(base);
	*info = (struct flash_info){ .maker = (uint16_t)maker, .device = (uint16_t)device, .base = base, .size = FLASH_BANK_SIZE,
		.block = FLASH_BLOCK };
	/* Both chips are of the same kind, and what they say of themselves is not what they contain.  */
	info->present = maker == BOTH(maker & 0xffff) && device == BOTH(device & 0xffff) && (maker != before0 || device != before1) &&
		maker && maker != UINT32_MAX;
}

static bool bank_present(uint32_t bank)
{
	static signed char known[2]; /* 0: not asked yet */
	unsigned i = bank == FLASH_BASE ? 0 : 1;
	struct flash_info info;

	if (!known[i]) {
		flash_identify(i, &info);
		known[i] = info.present ? 1 : -1;
	}
	return known[i] > 0;
}

static enum flash_error program_word(uint32_t pa, uint32_t value)
{
	uint32_t bank = bank_of(pa);

	if (*word(pa) == value)
		return FLASH_OK;
	if ((*word(pa) & value) != value)
		return FLASH_NOT_ERASED;
	command(bank, 0xa0);
	*word(pa) = value;
	for (uint32_t us = 0; us < PROGRAM_TIMEOUT_US; us++) {
		if (*word(pa) == value)
			return FLASH_OK;
		timer_delay_us(1);
	}
	read_array(bank);
	return FLASH_TIMEOUT;
}

/* DQ6 of each chip toggles from one reading to the next as long as it erases.  */
static enum flash_error erase_block(uint32_t pa)
{
	uint32_t bank = bank_of(pa), start;

	command(bank, 0x80);
	*word(bank + 0x555 * 4) = BOTH(0xaau);
	*word(bank + 0x2aa * 4) = BOTH(0x55u);
	*word(pa) = BOTH(0x30u);
	start = timer_ms();
	while ((*word(pa) ^ *word(pa)) & BOTH(0x40u)) {
		if (timer_ms() - start > ERASE_TIMEOUT_MS) {
			read_array(bank);
			return FLASH_TIMEOUT;
		}
	}
	for (uint32_t off = 0; off < FLASH_BLOCK; off += 4)
		if (*word(pa + off) != UINT32_MAX)
			return FLASH_DIFFERS;
	return FLASH_OK;
}

static enum flash_error erase_physical(uint32_t pa, uint32_t size)
{
	if ((pa | size) & (FLASH_BLOCK - 1u))
		return FLASH_ALIGNMENT;
	for (; size; pa += FLASH_BLOCK, size -= FLASH_BLOCK) {
		enum flash_error f;

		if (!bank_present(bank_of(pa)))
			return FLASH_ABSENT;
		f = erase_block(pa);
		if (f != FLASH_OK)
			return f;
	}
	return FLASH_OK;
}

static enum flash_error program_physical(uint32_t pa, const unsigned char *from, size_t n)
{
	while (n) {
		uint32_t value = *word(pa);
		unsigned char *bytes = (unsigned char *)&value;
		enum flash_error f;

		if (!bank_present(bank_of(pa)))
			return FLASH_ABSENT;
		for (unsigned i = pa & 3; i < 4 && n; i++, n--)
			bytes[i] = *from++;
		f = program_word(pa & ~3u, value);
		if (f != FLASH_OK)
			return f;
		pa = (pa & ~3u) + 4;
	}
	return FLASH_OK;
}

/* A whole range inside the flash: its physical start.  */
static bool inside(uint32_t addr, uint32_t size, uint32_t *pa)
{
	*pa = addr & PHYS_MASK;
	return flash_contains(addr) && size <= FLASH_BASE + FLASH_SIZE - *pa;
}

enum flash_error flash_erase(uint32_t addr, uint32_t size)
{
	uint32_t pa;

	if (!inside(addr, size, &pa))
		return FLASH_ABSENT;
	if (flash_protected(addr, size))
		return FLASH_PROTECTED;
	return erase_physical(pa, size);
}

enum flash_error flash_program(uint32_t addr, const void *from, size_t n)
{
	uint32_t pa;

	if (!inside(addr, (uint32_t)n, &pa))
		return FLASH_ABSENT;
	if (flash_protected(addr, (uint32_t)n))
		return FLASH_PROTECTED;
	return program_physical(pa, from, n);
}

bool flash_erased(uint32_t addr, uint32_t size)
{
	uint32_t pa;

	if (!inside(addr, size, &pa))
		return false;
	for (; size && (pa & 3); pa++, size--)
		if (*(volatile unsigned char *)kseg1(pa) != 0xff)
			return false;
	for (; size >= 4; pa += 4, size -= 4)
		if (*word(pa) != UINT32_MAX)
			return false;
	for (; size; pa++, size--)
		if (*(volatile unsigned char *)kseg1(pa) != 0xff)
			return false;
	return true;
}

const void *flash_env_memory(uint32_t pa) { return kseg1(pa); }

enum flash_error flash_env_erase(uint32_t pa) { return erase_physical(pa, FLASH_BLOCK); }

enum flash_error flash_env_program(uint32_t pa, const void *from, size_t n) { return program_physical(pa, from, n); }
