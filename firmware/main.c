/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the order in which the monitor comes up, its banner, and the command it may start by itself.
 */
#include "firmware/main.h"

#include "firmware/board.h"
#include "firmware/console.h"
#include "firmware/cp0.h"
#include "firmware/env.h"
#include "firmware/exception.h"
#include "firmware/flash.h"
#include "firmware/io.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"
#include "firmware/timer.h"

extern char image_start[], rodata_end[], stack_top[], bss_end[];
extern const char image_lma[];
void restart_on(char *stack, void (*fn)(void)) __attribute__((noreturn));

static void banner(void)
{
	uint32_t prid = cp0_read(CP0_PRID);
	uint8_t mac[6];

	con_printf("\nAthanor boot monitor, Revision " MONITOR_REVISION "%s.\nYAMON-compatible commands, environment and program interface.\n"
		"For a list of available commands, type 'help'.\n\n", board_name());
	if (env_mac(mac))
		con_printf("MAC address =                    %M\n", mac);
	con_printf("Processor Company ID =           0x%02x\nProcessor ID/revision =          0x%02x / 0x%02x\n", prid >> 16 & 0xff,
		prid >> 8 & 0xff, prid & 0xff);
	con_printf("Endianness =                     Little\nCPU =                            %u MHz\n", timer_cpu_hz() / 1000000);
	con_printf("Flash memory size =              %u MByte\nSDRAM size =                     %u MByte\n", FLASH_SIZE >> 20,
		memory_size() >> 20);
	con_printf("First free SDRAM address =       0x%08x\n\n", APP_BASE);
}

/* The variable start, or bootcmd, as a command, unless somebody types Ctrl-C first.  */
static void autoboot(void)
{
	const char *name = "start", *command = env_get(name), *delay = env_get("startdelay");
	uint32_t seconds = 2, from;
	char line[SHELL_LINE_MAX];

	if (!command || !*command)
		command = env_get(name = "bootcmd");
	if (!command || !*command)
		return;
	if (delay)
		shell_decimal(delay, &seconds);
	con_printf("Environment variable '%s' exists. After %u seconds\nit will be interpreted as a YAMON command and executed.\n"
		"Press Ctrl-C to bypass this.\n\n", name, seconds);
	from = timer_ms();
	do {
		if (con_break())
			return;
	} while (timer_ms() - from < seconds * 1000);
	strput(line, sizeof(line), command);
	shell_run(line);
	con_printf("\n");
}

void main_restart(void (*fn)(void)) { restart_on(stack_top, fn); }

static void start(void)
{
	autoboot();
	shell_loop();
}

void monitor_main(uint32_t ram_size)
{
	const char *mode;

	board_ram_size = ram_size;
	exception_init();
	board_init();
	con_init();
	env_init(ram_size);
	mode = env_get("modetty0");
	if (mode)
		con_set_mode(0, mode);
	mode = env_get("modetty1");
	if (mode)
		con_set_mode(1, mode);
	banner();
	main_restart(start);
}

/* What must not have changed is compared with the flash it was copied from.  */
static bool image_intact(void)
{
	const volatile uint32_t *flash = (const volatile uint32_t *)(const volatile void *)image_lma;
	const uint32_t *ram = (const uint32_t *)(const void *)image_start, *end = (const uint32_t *)(const void *)rodata_end;

	flash_read_arrays();
	while (ram < end)
		if (*ram++ != *flash++)
			return false;
	return true;
}

void main_recover(void)
{
	const char *mode = env_get("modetty0");

	exception_init();
	board_init();
	con_init();
	if (mode)
		con_set_mode(0, mode);
	if (image_intact())
		return;
	con_printf("\nError : The memory of the monitor has been overwritten: it starts again\n");
	con_drain(0);
	board_reset();
}
