/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Faults and traps: the signal, its code and address, and the program counter the handler sees.  Each faulting instruction
 * stands once alone and once in the delay slot of a branch, where the counter must be the branch's.
 */
#define _GNU_SOURCE
#include "tests/guest/guest.h"

#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define PAGE 4096u

static sigjmp_buf back;
static volatile int seen_signal, seen_code;
static volatile uint32_t seen_address, seen_pc;
static void *volatile fix_page;

static void jump_back(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *u = context;

	seen_signal = sig;
	seen_code = info->si_code;
	seen_address = (uint32_t)(uintptr_t)info->si_addr;
	seen_pc = (uint32_t)u->uc_mcontext.pc;
	siglongjmp(back, 1);
}

/* Makes the page accessible and lets the instruction run again.  */
static void fix_and_retry(int sig, siginfo_t *info, void *context)
{
	(void)context;
	seen_signal = sig;
	seen_address = (uint32_t)(uintptr_t)info->si_addr;
	if (mprotect(fix_page, PAGE, PROT_READ | PROT_WRITE))
		_exit(9);
}

static void handle(int sig, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction a;

	memset(&a, 0, sizeof(a));
	a.sa_sigaction = handler;
	a.sa_flags = SA_SIGINFO | SA_NODEFER;
	if (sigaction(sig, &a, NULL))
		broken("sigaction");
}

/* Instructions that fault, with a label on the one whose address is expected.  */
#define FAULTING(name, text) \
	__asm__(".text\n.set push\n.set noreorder\n.set noat\n.globl " #name "\n.globl " #name "_pc\n.ent " #name "\n" #name ":\n" text \
		"\n.end " #name "\n.set pop\n"); \
	uint32_t name(uint32_t a0, uint32_t a1); \
	extern const char name##_pc[];

FAULTING(f_load, "f_load_pc: lw $2,0($4)\n jr $31\n nop")
FAULTING(f_load_slot, "addiu $2,$0,1\n f_load_slot_pc: bne $2,$0,1f\n lw $2,0($4)\n 1: jr $31\n nop")
FAULTING(f_load_return, "f_load_return_pc: jr $31\n lw $2,0($4)")
FAULTING(f_store, "f_store_pc: sw $5,0($4)\n jr $31\n addu $2,$5,$0")
FAULTING(f_store_slot, "f_store_slot_pc: beq $0,$0,1f\n sb $5,0($4)\n nop\n 1: jr $31\n addu $2,$5,$0")
FAULTING(f_likely, "f_likely_pc: beql $0,$0,1f\n sw $5,0($4)\n nop\n 1: jr $31\n addu $2,$5,$0")
FAULTING(f_overflow, "f_overflow_pc: add $2,$4,$5\n jr $31\n nop")
FAULTING(f_overflow_slot, "f_overflow_slot_pc: beq $0,$0,1f\n add $2,$4,$5\n 1: jr $31\n nop")
FAULTING(f_divide, "f_divide_pc: teq $5,$0,7\n div $0,$4,$5\n mflo $2\n jr $31\n nop")
FAULTING(f_reserved, "f_reserved_pc: .word 0x0000003a\n jr $31\n nop")
FAULTING(f_break, "f_break_pc: break 0\n jr $31\n nop")
FAULTING(f_cp0, "f_cp0_pc: mfc0 $2,$12\n jr $31\n nop")
FAULTING(f_jump, "f_jump_pc: jr $4\n nop")

#define HERE(name) ((uint32_t)(uintptr_t)name##_pc)

#define ANY_CODE (-1)

struct expected {
	int sig, code; /* ANY_CODE: not compared */
	bool address_known;
	uint32_t address, pc;
};

static void expect(const char *name, uint32_t (*f)(uint32_t, uint32_t), uint32_t a0, uint32_t a1, struct expected x)
{
	seen_signal = 0;
	if (!sigsetjmp(back, 1))
		f(a0, a1);
	check(name, seen_signal == x.sig && (x.code == ANY_CODE || seen_code == x.code) &&
			    (!x.address_known || seen_address == x.address) && seen_pc == x.pc);
}

#define EXPECT(label, f, a0, a1, sig, code, known, address) \
	expect(label, f, a0, a1, (struct expected){ sig, code, known, address, HERE(f) })

static uint32_t store_often(uint32_t readonly)
{
	static volatile uint32_t i, right;

	for (i = 0, right = 0; i < 50; i++) {
		seen_signal = 0;
		if (!sigsetjmp(back, 1))
			f_store(readonly + 4 * i, i);
		right += seen_signal == SIGSEGV && seen_address == readonly + 4 * i;
	}
	return right;
}

static void segv(void)
{
	char *readable = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t r = (uint32_t)(uintptr_t)readable;

	if (readable == MAP_FAILED) {
		broken("segv");
		return;
	}
	EXPECT("load_null", f_load, 0, 0, SIGSEGV, SEGV_MAPERR, true, 0);
	EXPECT("load_unmapped", f_load, 0x1234, 0, SIGSEGV, SEGV_MAPERR, true, 0x1234);
	EXPECT("load_slot", f_load_slot, 0x5678, 0, SIGSEGV, SEGV_MAPERR, true, 0x5678);
	EXPECT("load_return_slot", f_load_return, 0x9abc, 0, SIGSEGV, SEGV_MAPERR, true, 0x9abc);
	EXPECT("store_null", f_store, 8, 1, SIGSEGV, SEGV_MAPERR, true, 8);
	EXPECT("store_readonly", f_store, r + 16, 1, SIGSEGV, SEGV_ACCERR, true, r + 16);
	EXPECT("store_slot", f_store_slot, r + 21, 1, SIGSEGV, SEGV_ACCERR, true, r + 21);
	EXPECT("store_likely_slot", f_likely, r + 24, 1, SIGSEGV, SEGV_ACCERR, true, r + 24);
	check_eq("store_often", store_often(r), 50); /* the site is known to fault by then */
	expect("jump_unmapped", f_jump, 0x2000, 0, (struct expected){ SIGSEGV, SEGV_MAPERR, true, 0x2000, 0x2000 });
}

static void others(void)
{
	static uint32_t word;

	EXPECT("overflow", f_overflow, 0x7fffffff, 1, SIGFPE, FPE_INTOVF, false, 0);
	EXPECT("overflow_slot", f_overflow_slot, 0x80000000u, 0xffffffffu, SIGFPE, FPE_INTOVF, false, 0);
	check_eq("no_overflow", f_overflow(0x7ffffffe, 1), 0x7fffffff);
	EXPECT("divide_by_zero", f_divide, 5, 0, SIGFPE, FPE_INTDIV, false, 0);
	check_eq("divide", f_divide(0xfffffff9u, 2), 0xfffffffdu);
	EXPECT("reserved", f_reserved, 0, 0, SIGILL, ANY_CODE, false, 0);
	EXPECT("breakpoint", f_break, 0, 0, SIGTRAP, ANY_CODE, false, 0);
	EXPECT("privileged", f_cp0, 0, 0, SIGILL, ANY_CODE, false, 0);
	EXPECT("load_kernel", f_load, 0x80000000u, 0, SIGBUS, ANY_CODE, false, 0);
	EXPECT("store_kernel", f_store, 0xc0001000u, 0, SIGBUS, ANY_CODE, false, 0);
	seen_signal = 0;
	if (!sigsetjmp(back, 1))
		f_jump((uint32_t)(uintptr_t)&word | 2u, 0);
	check("jump_misaligned", seen_signal == SIGBUS);
}

static void past_end(void)
{
	int fd = memfd_create("short", 0);
	uint32_t end;
	char *p;

	if (fd < 0 || ftruncate(fd, 100) || (p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED) {
		broken("past_end");
		return;
	}
	end = (uint32_t)(uintptr_t)p + PAGE;
	EXPECT("past_end_load", f_load, end, 0, SIGBUS, BUS_ADRERR, true, end);
	EXPECT("past_end_store", f_store_slot, end + 7, 0, SIGBUS, BUS_ADRERR, true, end + 7);
}

static void retry(void)
{
	uint32_t *p = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t (*const stores[])(uint32_t, uint32_t) = { f_store, f_store_slot, f_likely };
	bool right = p != MAP_FAILED;

	fix_page = p;
	handle(SIGSEGV, fix_and_retry);
	for (unsigned i = 0; right && i < 30; i++) {
		right &= mprotect(p, PAGE, i % 2 ? PROT_READ : PROT_NONE) == 0;
		seen_signal = 0;
		right &= stores[i % 3]((uint32_t)(uintptr_t)(p + i), 0x40 + i) == 0x40 + i;
		right &= seen_signal == SIGSEGV && seen_address == (uint32_t)(uintptr_t)(p + i) && p[i] == 0x40 + i;
		right &= mprotect(p, PAGE, PROT_NONE) == 0;
		right &= f_load_slot((uint32_t)(uintptr_t)(p + i), 0) == 0x40 + i;
	}
	check("fix_and_retry", right);
	handle(SIGSEGV, jump_back);
}

void test_signals(void)
{
	static const int all[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		handle(all[i], jump_back);
	segv();
	others();
	past_end();
	retry();
}
