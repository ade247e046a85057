/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench NAME [ROUNDS] - runs one kernel and prints "NAME CHECKSUM"; without a name, lists them.  Time is taken from outside,
 * between the markers "@start NAME" and "@end NAME CHECKSUM".
 */
#include "tests/bench/bench.h"

#include <string.h>
#include <unistd.h>

struct kernel {
	const char *name, *what;
	uint32_t (*run)(uint32_t rounds);
};

static const struct kernel kernels[] = {
#define KERNEL_ROW(name, what) { #name, what, bench_##name },
	KERNELS(KERNEL_ROW)
#undef KERNEL_ROW
};

static void put(const char *s)
{
	size_t left = strlen(s);

	while (left) {
		ssize_t n = write(1, s, left);

		if (n <= 0)
			return;
		s += n;
		left -= (size_t)n;
	}
}

static void put_hex(uint32_t v)
{
	char text[9];

	for (int i = 0; i < 8; i++)
		text[i] = "0123456789abcdef"[(v >> (28 - 4 * i)) & 15u];
	text[8] = 0;
	put(text);
}

static uint32_t number(const char *s)
{
	uint32_t v = 0;

	while (*s >= '0' && *s <= '9')
		v = v * 10u + (uint32_t)(*s++ - '0');
	return v;
}

static void run(const struct kernel *k, uint32_t rounds)
{
	uint32_t sum;

	put("@start ");
	put(k->name);
	put("\n");
	sum = k->run(rounds);
	put("@end ");
	put(k->name);
	put(" ");
	put_hex(sum);
	put("\n");
}

int main(int argc, char **argv)
{
	uint32_t rounds = argc > 2 ? number(argv[2]) : 1;

	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		if (argc < 2) {
			put(kernels[i].name);
			put("\t");
			put(kernels[i].what);
			put("\n");
		} else if (!strcmp(argv[1], kernels[i].name)) {
			run(&kernels[i], rounds);
			return 0;
		}
	}
	if (argc < 2)
		return 0;
	put("bench: no such kernel\n");
	return 1;
}
