/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The serial lines, and formatted output on the first of them.  Only con_wait waits for input; output waits for the transmitter.
 */
#ifndef ATHANOR_FIRMWARE_CONSOLE_H
#define ATHANOR_FIRMWARE_CONSOLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CON_TTYS 2 /* tty0 is UART0, the console; tty1 is UART3 */

/* Programs clock, divisor, 8 data bits, no parity.  Again after a program that was run may have changed them.  */
void con_init(void);
/* The line as "baud,parity,bits,stop,flow" says, e.g. "115200,n,8,1,none".  False: that is no such text; nothing has changed.  */
bool con_set_mode(unsigned tty, const char *mode);
bool con_mode_valid(const char *mode);
uint32_t con_baud(unsigned tty); /* as the divisor has it */

/* Sends one character as it is.  */
void con_putc(unsigned tty, char c);
/* Waits until everything is sent.  */
void con_drain(unsigned tty);
/* The next character, or -1: none has come.  On tty0 this also gives what con_break has kept.  */
int con_getc(unsigned tty);
/* Returns when con_getc(0) has something, or somewhat earlier.  Meanwhile the processor sleeps.  */
void con_wait(void);
/* Has Ctrl-C been typed on tty0 since the last call?  Other characters are kept for con_getc, the last ones if they are many.  */
bool con_break(void);
/* Forgets what has been typed on tty0.  */

/* On tty0; \n is sent as CR LF.  Formats: %d %u %x %X %c %s %% with width, 0, -, and for %s a precision; * for both.  %M prints the
   six bytes of an Ethernet address as 00.00.1a.19.15.00, %I a uint32_t IP address, first byte uppermost, as 10.0.2.15.  */
void con_printf(const char *fmt, ...);
void con_vprintf(const char *fmt, va_list ap);
void con_write(const char *s, size_t n);
/* The same into @buf; always terminated.  Returns the length it would have had.  */
size_t con_format(char *buf, size_t size, const char *fmt, ...);

#endif
