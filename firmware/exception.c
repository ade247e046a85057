/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the exception vectors in RAM, for the report of an unexpected exception, and for what is said of an expected one.
 */
#include "firmware/exception.h"

#include "firmware/board.h"
#include "firmware/console.h"
#include "firmware/cp0.h"
#include "firmware/guard.h"
#include "firmware/io.h"
#include "firmware/layout.h"
#include "firmware/memory.h"
#include "firmware/shell.h"
#include "firmware/string.h"

extern const char exception_stub[], exception_stub_end[];

static const char *const code_text[32] = {
	[0] = "Interrupt", [1] = "TLB modification", [2] = "TLB (load or instruction fetch)", [3] = "TLB (store)",
	[4] = "Address error (load or instruction fetch)", [5] = "Address error (store)", [6] = "Bus error (instruction fetch)",
	[7] = "Bus error (data load or store)", [8] = "Syscall", [9] = "Breakpoint", [10] = "Reserved instruction",
	[11] = "Coprocessor unusable", [12] = "Arithmetic overflow", [13] = "Trap", [15] = "Floating point", [23] = "Watch",
	[24] = "Machine check", [30] = "Cache error",
};

const char *guard_text(int code) { return code_text[code & 31] ? code_text[code & 31] : "unknown exception"; }

/* The addresses of bus errors are not kept by the processor.  */
int shell_bad_access(int code)
{
	if (code >= 1 && code <= 5)
		return shell_error("%s: address 0x%08x", guard_text(code), cp0_read(CP0_BADVADDR));
	return shell_error("%s", guard_text(code));
}

void exception_init(void)
{
	static const uint16_t at[] = { 0x000, 0x100, 0x180, 0x200 };

	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		memcpy(kseg1(at[i]), exception_stub, (size_t)(exception_stub_end - exception_stub));
	*(volatile uint32_t *)kseg1(ALIVE_AT) = ALIVE;
	memory_flush_all();
	cp0_write(CP0_STATUS, 0);
}

static void print_registers(const struct exception *e)
{
	static const char names[] = "zratv0v1a0a1a2a3t0t1t2t3t4t5t6t7s0s1s2s3s4s5s6s7t8t9k0k1gpsps8ra";

	for (unsigned row = 0; row < 8; row++) {
		for (unsigned n = row; n < 32; n += 8)
			con_printf(" $%2u(%.2s):0x%08x", n, names + 2 * n, e->gpr[n]);
		con_printf("\n");
	}
}

void exception_report(const struct exception *e)
{
	static bool reporting;

	/* The report itself fails: only a start from flash helps.  */
	if (reporting)
		board_reset();
	reporting = true;
	con_init();
	con_printf("\n* Exception%s : %s *\n\nCAUSE    = 0x%08x  STATUS   = 0x%08x\nEPC      = 0x%08x  ERROREPC = 0x%08x\nBADVADDR = 0x%08x\n\n",
		e->epc - KSEG0_BASE < APP_BASE - KSEG0_BASE ? "" : " (user)", guard_text((int)(e->cause >> 2 & 31)), e->cause, e->status, e->epc,
		e->errorepc, e->badvaddr);
	print_registers(e);
	con_printf("\n");
	reporting = false;
	shell_restart();
}
