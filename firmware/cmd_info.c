/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the command info.
 */
#include "firmware/board.h"
#include "firmware/console.h"
#include "firmware/cp0.h"
#include "firmware/env.h"
#include "firmware/io.h"
#include "firmware/main.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"
#include "firmware/timer.h"

static void info_board(void)
{
	uint16_t who = io_read16(PB_BCSR + BCSR_WHOAMI);

	con_printf("Board =                          %s (WHOAMI 0x%04x)\n", board_name(), who);
	con_printf("Board status =                   0x%04x\n", io_read16(PB_BCSR + BCSR_STATUS));
	con_printf("Switches =                       0x%04x\n", io_read16(PB_BCSR + BCSR_SWITCHES));
	con_printf("Monitor =                        Athanor boot monitor, revision " MONITOR_REVISION "\n");
}

static void info_cpu(void)
{
	uint32_t prid = cp0_read(CP0_PRID), config = cp0_read(CP0_CONFIG);

	con_printf("Processor =                      Au1500, PRId 0x%08x\n", prid);
	con_printf("Architecture release =           %u\n", (config >> 10 & 7) + 1);
	con_printf("Endianness =                     %s\n", config >> 15 & 1 ? "Big" : "Little");
	con_printf("TLB entries =                    %u\n", TLB_ENTRIES);
	con_printf("Floating point =                 none\n");
}

/* MIPS32 Architecture III, Config1: sets, line size, ways */
static void print_cache(const char *name, uint32_t field)
{
	uint32_t sets = 64u << (field >> 6 & 7), line = field >> 3 & 7, ways = (field & 7) + 1;

	line = line ? 2u << line : 0;
	con_printf("%s              %u KByte, %u ways, %u sets, lines of %u bytes\n", name, sets * ways * line >> 10, ways, sets, line);
}

static void info_cache(void)
{
	uint32_t config1 = cp0_read_sel(CP0_CONFIG, 1);

	print_cache("Instruction cache =", config1 >> 16 & 0x1ff);
	print_cache("Data cache =       ", config1 >> 7 & 0x1ff);
}

static void info_memory(void)
{
	con_printf("SDRAM =                          %u MByte, 0x00000000-0x%08x\n", memory_size() >> 20, memory_size() - 1);
	con_printf("First free SDRAM address =       0x%08x\n", APP_BASE);
	con_printf("Flash =                          %u MByte, 0x%08x-0x%08x\n", FLASH_SIZE >> 20, FLASH_BASE, FLASH_BASE + FLASH_SIZE - 1);
	con_printf("Monitor flash =                  0x%08x-0x%08x\n", FLASH_MONITOR, FLASH_MONITOR + FLASH_MONITOR_SIZE - 1);
	con_printf("Environment flash =              0x%08x-0x%08x\n", FLASH_ENV, FLASH_ENV + FLASH_ENV_SIZE - 1);
}

static void info_clock(void)
{
	con_printf("CPU clock =                      %u MHz\n", timer_cpu_hz() / 1000000);
	con_printf("System bus clock =               %u MHz\n", timer_bus_hz() / 1000000);
	con_printf("Peripheral bus clock =           %u MHz\n", timer_periph_hz() / 1000000);
	con_printf("Auxiliary clock =                %u MHz\n", (io_read32(AU_SYS + SYS_AUXPLL) & 0x3f) * (SYS_OSC_HZ / 1000000));
	con_printf("Console =                        %u baud\n", con_baud(0));
}

static void info_env(void)
{
	uint32_t ip;
	uint8_t mac[6];

	if (env_mac(mac))
		con_printf("MAC address =                    %M\n", mac);
	if (env_ip("ipaddr", &ip))
		con_printf("IP address =                     %I\n", ip);
	if (env_ip("bootserver", &ip))
		con_printf("Boot server =                    %I\n", ip);
}

static int info(int argc, char **argv)
{
	static const struct { const char *name; void (*print)(void); } parts[] = {
		{ "board", info_board }, { "cpu", info_cpu }, { "cache", info_cache }, { "memory", info_memory }, { "clock", info_clock },
		{ "env", info_env },
	};
	const char *which = argc == 2 ? argv[1] : "all";
	bool known = false;

	if (argc > 2)
		return shell_usage(argv[0]);
	con_printf("\n");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (strcmp(which, "all") && strcmp(which, parts[i].name))
			continue;
		parts[i].print();
		known = true;
	}
	return known ? SHELL_OK : shell_error("There is no information on %s", which);
}

const struct command info_command = { "info", "[all|board|cpu|cache|memory|clock|env]", "Show what the board is", NULL, info };
