/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The flash: AMD command set, two banks of two chips (pb1500.h).  Addresses are physical or in kseg0 or kseg1.
 */
#ifndef ATHANOR_FIRMWARE_FLASH_H
#define ATHANOR_FIRMWARE_FLASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum flash_error {
	FLASH_OK,
	FLASH_ABSENT,      /* nothing there answers as such a flash */
	FLASH_PROTECTED,   /* the monitor, or (unless env.c asks) the environment */
	FLASH_NOT_ERASED,  /* a bit would have to become 1 */
	FLASH_ALIGNMENT,   /* not whole blocks to erase, not whole words to program */
	FLASH_TIMEOUT,     /* the chips did not get ready */
	FLASH_DIFFERS,     /* the chips got ready, and something else is in them */
};

const char *flash_error_text(enum flash_error);

/* Is @addr in the flash's window?  Its physical addresses count, although the processor would look them up in the TLB.  */
bool flash_contains(uint32_t addr);
/* Does [addr, addr + size) meet it, or what is protected of it?  */
bool flash_touches(uint32_t addr, uint32_t size);
bool flash_protected(uint32_t addr, uint32_t size);

/* Whole blocks.  */
enum flash_error flash_erase(uint32_t addr, uint32_t size);
/* @n bytes at any address: what surrounds them in their words is kept.  Verified.  @from is in RAM.  */
enum flash_error flash_program(uint32_t addr, const void *from, size_t n);
bool flash_erased(uint32_t addr, uint32_t size);

/* For env_store.c, which may write what is protected.  Physical addresses.  */
const void *flash_env_memory(uint32_t pa);
enum flash_error flash_env_erase(uint32_t pa); /* one block */
enum flash_error flash_env_program(uint32_t pa, const void *from, size_t n);

/* Whatever the chips are doing: they can be read as memory again.  */
void flash_read_arrays(void);

struct flash_info {
	uint16_t maker, device;
	bool present;
	uint32_t base, size, block; /* of a bank */
};
/* @bank 0 or 1.  Asks the chips (autoselect).  */
void flash_identify(unsigned bank, struct flash_info *);

#endif
