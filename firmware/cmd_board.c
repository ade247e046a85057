/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the commands on the board's devices: reset, sleep, stty, date.
 */
#include "firmware/board.h"
#include "firmware/console.h"
#include "firmware/env.h"
#include "firmware/io.h"
#include "firmware/shell.h"
#include "firmware/string.h"
#include "firmware/timer.h"

static int reset(int argc, char **argv)
{
	if (argc > 1)
		return shell_usage(argv[0]);
	con_drain(0);
	board_reset();
}

const struct command reset_command = { "reset", "", "Reset the board", NULL, reset };

static int sleep(int argc, char **argv)
{
	uint32_t ms, from = timer_ms();

	if (argc != 2)
		return shell_usage(argv[0]);
	if (!shell_number(argv[1], &ms))
		return shell_bad_number(argv[1]);
	while (timer_ms() - from < ms)
		if (con_break())
			return shell_broken();
	return SHELL_OK;
}

const struct command sleep_command = {
	"sleep", "time", "Wait for a time, in milliseconds", "Numbers are hexadecimal: a second is sleep 10/1000.\n", sleep,
};

static int stty(int argc, char **argv)
{
	static const char *const variable[CON_TTYS] = { "modetty0", "modetty1" };
	unsigned tty = 0;
	int i = 1;

	if (i < argc && (!strcmp(argv[i], "-tty0") || !strcmp(argv[i], "-tty1")))
		tty = (unsigned)(argv[i++][4] - '0');
	if (argc - i > 1)
		return shell_usage(argv[0]);
	if (argc == i) {
		con_printf("tty%u: %u baud", tty, con_baud(tty));
		con_printf(env_get(variable[tty]) ? ", %s = %s\n" : "\n", variable[tty], env_get(variable[tty]));
		return SHELL_OK;
	}
	if (con_set_mode(tty, argv[i]))
		return SHELL_OK;
	shell_error("Illegal mode: %s", argv[i]);
	shell_hint("baud,n|o|e,7|8,1|2,none|hw|xonxoff, e.g. 115200,n,8,1,none");
	return SHELL_FAILED;
}

const struct command stty_command = {
	"stty", "[-tty0|-tty1] [mode]", "Show or set the speed of a serial line",
	"mode     baud,parity,bits,stop,flow, e.g. 115200,n,8,1,none; until the next reset\n"
	"         The variables modetty0 and modetty1 are for every start.\n",
	stty,
};

struct date {
	uint32_t year, month, day, hour, minute, second, weekday; /* month, day from 1; weekday 0: Sunday */
};

static bool leap(uint32_t y) { return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0; }

static uint32_t days_of(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year) ? 1u : 0u);
}

static void date_of(uint32_t seconds, struct date *d)
{
	uint32_t days = seconds / 86400, rest = seconds % 86400;

	d->hour = rest / 3600;
	d->minute = rest / 60 % 60;
	d->second = rest % 60;
	d->weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday */
	for (d->year = 1970; days >= (leap(d->year) ? 366u : 365u); d->year++)
		days -= leap(d->year) ? 366 : 365;
	for (d->month = 1; days >= days_of(d->year, d->month); d->month++)
		days -= days_of(d->year, d->month);
	d->day = days + 1;
}

static uint32_t seconds_of(const struct date *d)
{
	uint32_t days = d->day - 1;

	for (uint32_t y = 1970; y < d->year; y++)
		days += leap(y) ? 366 : 365;
	for (uint32_t m = 1; m < d->month; m++)
		days += days_of(d->year, m);
	return ((days * 24 + d->hour) * 60 + d->minute) * 60 + d->second;
}

static bool two_digits(const char *s, uint32_t *v)
{
	*v = (uint32_t)(s[0] - '0') * 10 + (uint32_t)(s[1] - '0');
	return s[0] >= '0' && s[0] <= '9' && s[1] >= '0' && s[1] <= '9';
}

/* yyyymmddhhmm[.ss], between 1970 and what 32 bits of seconds reach.  */
static bool date_parse(const char *s, struct date *d)
{
	uint32_t century, *const field[] = { &century, &d->year, &d->month, &d->day, &d->hour, &d->minute };
	size_t n = strlen(s);

	if (n != 12 && (n != 15 || s[12] != '.'))
		return false;
	for (unsigned i = 0; i < ARRAY_LEN(field); i++)
		if (!two_digits(s + 2 * i, field[i]))
			return false;
	d->second = 0;
	if (n == 15 && !two_digits(s + 13, &d->second))
		return false;
	d->year += century * 100;
	return d->year >= 1970 && d->year < 2106 && d->month >= 1 && d->month <= 12 && d->day >= 1 && d->day <= days_of(d->year, d->month) &&
		d->hour < 24 && d->minute < 60 && d->second < 60;
}

/* The counter of the clock of day holds seconds since 1970, as Linux's driver has it.  */
static int date(int argc, char **argv)
{
	static const char weekdays[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct date d;

	if (argc > 2)
		return shell_usage(argv[0]);
	if (argc == 2) {
		if (!date_parse(argv[1], &d)) {
			shell_error("Illegal date: %s", argv[1]);
			shell_hint("yyyymmddhhmm[.ss], from 1970 to 2105");
			return SHELL_FAILED;
		}
		io_write32(AU_SYS + SYS_TOYWRITE, seconds_of(&d));
		return SHELL_OK;
	}
	date_of(io_read32(AU_SYS + SYS_TOYREAD), &d);
	con_printf("%.3s %.3s %2u %02u:%02u:%02u UTC %u\n", weekdays + 3 * d.weekday, months + 3 * (d.month - 1), d.day, d.hour, d.minute,
		d.second, d.year);
	return SHELL_OK;
}

const struct command date_command = { "date", "[yyyymmddhhmm[.ss]]", "Show or set date and time (UTC)", NULL, date };
