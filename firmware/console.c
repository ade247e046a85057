/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the serial lines of console.h.  Formatting is format.c's.
 */
#include "firmware/console.h"

#include "firmware/cp0.h"
#include "firmware/guard.h"
#include "firmware/io.h"
#include "firmware/shell.h"
#include "firmware/string.h"
#include "firmware/timer.h"

#define KEPT 256u /* a power of two */
#define CTRL_C 3
#define BAUD_MIN 110u /* the divisor has 16 bits: at 99 MHz, 75 baud is out of reach */
#define BAUD_MAX 921600u

static const uint32_t uart[CON_TTYS] = { AU_UART0, AU_UART3 };

/* What con_break has read that is not Ctrl-C.  */
static struct {
	unsigned char kept[KEPT];
	unsigned head, n;
	bool broken;
} input;

struct mode {
	uint32_t baud, lcr;
};

/* The line control register: 16550.  */
static bool mode_parse(const char *text, struct mode *m)
{
	static const char after[] = ",n,8,1,none";
	uint32_t baud = 0;
	unsigned digits = 0, bits;
	char parity;

	for (; *text >= '0' && *text <= '9' && digits < 7; text++, digits++)
		baud = baud * 10 + (uint32_t)(*text - '0');
	if (baud < BAUD_MIN || baud > BAUD_MAX || strlen(text) < sizeof(after) - 1 - 2)
		return false;
	parity = text[1];
	bits = (unsigned)(text[3] - '0');
	if (text[0] != ',' || text[2] != ',' || text[4] != ',' || text[6] != ',' || (bits != 7 && bits != 8) || !strchr("noe", parity) || !parity)
		return false;
	if ((text[5] != '1' && text[5] != '2') || (strcmp(text + 7, "none") && strcmp(text + 7, "hw") && strcmp(text + 7, "xonxoff")))
		return false;
	m->baud = baud;
	m->lcr = (bits - 5) | (text[5] == '2' ? 0x04u : 0u) | (parity == 'n' ? 0u : parity == 'o' ? 0x08u : 0x18u);
	return true;
}

bool con_mode_valid(const char *mode)
{
	struct mode m;

	return mode_parse(mode, &m);
}

static void uart_start(uint32_t base, const struct mode *m)
{
	if ((io_read32(base + UART_MODULE) & 3) != 3) {
		io_write32(base + UART_MODULE, 0);
		io_write32(base + UART_MODULE, 1);
		io_write32(base + UART_MODULE, 3);
	}
	io_write32(base + UART_IER, 0);
	io_write32(base + UART_LCR, m->lcr);
	io_write32(base + UART_FCR, 1); /* FIFOs on; what has been received stays */
	io_write32(base + UART_MCR, 3); /* DTR, RTS */
	io_write32(base + UART_DIV, (timer_periph_hz() / 16 + m->baud / 2) / m->baud);
}

void con_init(void)
{
	static const struct mode standard = { 115200, 3 };

	for (unsigned i = 0; i < CON_TTYS; i++)
		uart_start(uart[i], &standard);
}

bool con_set_mode(unsigned tty, const char *mode)
{
	struct mode m;

	if (tty >= CON_TTYS || !mode_parse(mode, &m))
		return false;
	con_drain(tty);
	uart_start(uart[tty], &m);
	return true;
}

uint32_t con_baud(unsigned tty)
{
	uint32_t div = io_read32(uart[tty] + UART_DIV) & 0xffff;

	return div ? timer_periph_hz() / 16 / div : 0;
}

/* A transmitter that does not get ready, e.g. because a program has stopped its clock, costs a character and not the monitor.  */
void con_putc(unsigned tty, char c)
{
	for (unsigned tries = 0; !(io_read32(uart[tty] + UART_LSR) & LSR_THRE) && tries < 1000000; tries++)
		;
	io_write32(uart[tty] + UART_TX, (unsigned char)c);
}

void con_drain(unsigned tty)
{
	for (unsigned tries = 0; !(io_read32(uart[tty] + UART_LSR) & LSR_TEMT) && tries < 1000000; tries++)
		;
}

static int uart_getc(unsigned tty)
{
	if (!(io_read32(uart[tty] + UART_LSR) & LSR_DR))
		return -1;
	return (int)(io_read32(uart[tty] + UART_RX) & 0xff);
}

int con_getc(unsigned tty)
{
	if (tty == 0 && input.n) {
		int c = input.kept[input.head];

		input.head = (input.head + 1) % KEPT;
		input.n--;
		return c;
	}
	return uart_getc(tty);
}

/* UART0's "data received" is a level (CFG 101).  It is an interrupt only in here: programs find the controller masked.  */
void con_wait(void)
{
	static const uint16_t set[] = { IC_CFG0SET, IC_CFG1CLR, IC_CFG2SET, IC_SRCSET, IC_ASSIGNSET, IC_MASKSET };
	uint32_t status = cp0_read(CP0_STATUS);

	if (input.n || io_read32(AU_UART0 + UART_LSR) & LSR_DR)
		return;
	for (size_t i = 0; i < ARRAY_LEN(set); i++)
		io_write32(AU_IC0 + set[i], IC0_UART0);
	io_write32(AU_UART0 + UART_IER, 1);
	guard_wait(STATUS_IM2);
	cp0_write(CP0_STATUS, status);
	io_write32(AU_UART0 + UART_IER, 0);
	io_write32(AU_IC0 + IC_MASKCLR, IC0_UART0);
}

bool con_break(void)
{
	bool was;

	for (int c; (c = uart_getc(0)) >= 0;) {
		if (c == CTRL_C) {
			input.n = 0;
			input.broken = true;
			continue;
		}
		if (input.n == KEPT) {
			input.head = (input.head + 1) % KEPT;
			input.n--;
		}
		input.kept[(input.head + input.n++) % KEPT] = (unsigned char)c;
	}
	was = input.broken;
	input.broken = false;
	return was;
}

void con_write(const char *s, size_t n)
{
	for (; n--; s++) {
		if (*s == '\n')
			con_putc(0, '\r');
		con_putc(0, *s);
	}
}
