/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the benchmarks need instead of a libc on MIPS Linux: start, two system calls, the string functions in use and those
 * the compiler calls by itself.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define SYS_EXIT 4001
#define SYS_WRITE 4004

int main(int argc, char **argv);
void bench_start(uintptr_t *stack) __attribute__((noreturn, used));

/* o32: at entry sp points to argc; argument space for the callee is 16 bytes.  */
__asm__(".text\n"
	".globl __start\n"
	".ent __start\n"
	"__start:\n"
	"	move $4, $29\n"
	"	li $2, -8\n"
	"	and $29, $29, $2\n"
	"	addiu $29, $29, -16\n"
	"	jal bench_start\n"
	".end __start\n");

static long syscall3(long number, long a, long b, long c)
{
	register long v0 __asm__("$2") = number;
	register long a0 __asm__("$4") = a;
	register long a1 __asm__("$5") = b;
	register long a2 __asm__("$6") = c;
	register long a3 __asm__("$7");

	__asm__ volatile("syscall"
			 : "+r"(v0), "=r"(a3)
			 : "r"(a0), "r"(a1), "r"(a2)
			 : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo", "memory");
	return a3 ? -1 : v0;
}

ssize_t write(int fd, const void *buf, size_t n) { return (ssize_t)syscall3(SYS_WRITE, fd, (long)buf, (long)n); }

void bench_start(uintptr_t *stack)
{
	int status = main((int)stack[0], (char **)(stack + 1));

	for (;;)
		syscall3(SYS_EXIT, status, 0, 0);
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *t = to;
	const unsigned char *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int c, size_t n)
{
	unsigned char *t = to;

	while (n--)
		*t++ = (unsigned char)c;
	return to;
}
