/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands erase and fl.
 */
#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/flash.h"
#include "firmware/io.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"

/* What -s erases: all below the monitor.  */
#define USER_FLASH_SIZE (FLASH_MONITOR - FLASH_BASE)

static bool agreed(uint32_t addr, uint32_t size, bool yes)
{
	con_printf("The following area will be erased:\nStart address = 0x%08x\nSize          = 0x%08x\n", addr, size);
	return yes || shell_confirm();
}

/* A block at a time, with a dot each.  */
static int erase_area(uint32_t addr, uint32_t size)
{
	enum flash_error f = FLASH_OK;
	unsigned column = 0;

	con_printf("Erasing...");
	for (; size && f == FLASH_OK; addr += FLASH_BLOCK, size -= FLASH_BLOCK) {
		if (con_break())
			return shell_broken();
		f = flash_erase(addr, FLASH_BLOCK);
		if (f == FLASH_OK)
			con_printf(column++ % 64 ? "." : "\n.");
	}
	con_printf(f == FLASH_OK ? "\nDone\n" : "\n");
	return f == FLASH_OK ? SHELL_OK : shell_error("%s: block at 0x%08x", flash_error_text(f), addr - FLASH_BLOCK);
}

static int erase_env(bool yes)
{
	if (!agreed(FLASH_ENV, FLASH_ENV_SIZE, yes))
		return SHELL_OK;
	con_printf("Erasing...");
	if (!env_erase()) {
		con_printf("\n");
		return shell_error("The flash could not be erased: the values of a new board last until the next reset");
	}
	con_printf("Done\n");
	return SHELL_OK;
}

static int erase(int argc, char **argv)
{
	uint32_t addr = (uint32_t)(uintptr_t)kseg1(FLASH_BASE), size = USER_FLASH_SIZE;
	bool yes = false, env = false, system = false;
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		bool *option = !strcmp(argv[i], "-y") ? &yes : !strcmp(argv[i], "-e") ? &env : !strcmp(argv[i], "-s") ? &system : NULL;

		if (!option)
			return shell_usage(argv[0]);
		*option = true;
	}
	if ((argc != i && argc - i != 2) || env + system + (argc - i == 2) > 1)
		return shell_usage(argv[0]);
	if (env)
		return erase_env(yes);
	if (argc - i == 2) {
		if (!shell_range(argv + i, &addr, &size))
			return SHELL_FAILED;
		if (!size || !flash_contains(addr) || !flash_contains(addr + (size - 1)))
			return shell_error("Range is not in the flash");
		if (flash_protected(addr, size))
			return shell_error("%s", flash_error_text(FLASH_PROTECTED));
		if ((addr | size) & (FLASH_BLOCK - 1u)) {
			shell_error("%s", flash_error_text(FLASH_ALIGNMENT));
			shell_hint("Blocks have 0x%x bytes", FLASH_BLOCK);
			return SHELL_FAILED;
		}
	}
	return agreed(addr, size, yes) ? erase_area(addr, size) : SHELL_OK;
}

const struct command erase_command = {
	"erase", "[-y] [-s | -e | addr size]", "Erase flash",
	"-y       do not ask\n"
	"-s       all flash below the monitor (default)\n"
	"-e       the environment: all variables get the values of a new board\n"
	"addr     whole blocks of 0x40000 bytes\n",
	erase,
};

static void print_area(uint32_t base, uint32_t size, const char *what)
{
	con_printf("0x%08x-0x%08x  %2u.%02u MByte  %-22s %s\n", base, base + size - 1, size >> 20, (size >> 10) % 1024 * 100 / 1024, what,
		flash_erased(base, size) ? "erased" : "in use");
}

static int fl(int argc, char **argv)
{
	struct flash_info info;

	if (argc > 1)
		return shell_usage(argv[0]);
	for (unsigned bank = 0; bank < FLASH_SIZE / FLASH_BANK_SIZE; bank++) {
		flash_identify(bank, &info);
		con_printf("Bank %u: 0x%08x-0x%08x, ", bank, info.base, info.base + info.size - 1);
		if (info.present)
			con_printf("2 chips of 16 bits, maker 0x%04x, device 0x%04x, %u blocks of %u KByte\n", info.maker, info.device,
				info.size / info.block, info.block >> 10);
		else
			con_printf("no flash answers: it can be read only\n");
	}
	con_printf("\n");
	print_area(FLASH_BASE, USER_FLASH_SIZE, "user");
	print_area(FLASH_MONITOR, FLASH_MONITOR_SIZE, "monitor, protected");
	print_area(FLASH_KERNEL, FLASH_KERNEL_SIZE, "raw kernel");
	print_area(FLASH_ENV, FLASH_ENV_SIZE, "environment, protected");
	return SHELL_OK;
}

const struct command fl_command = { "fl", "", "Show the flash: chips, blocks, and what is where", NULL, fl };
