/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stack machine whose program is a sieve of Eratosthenes with a checksum: fetch, dispatch through a table, repeat.
 */
#include "tests/bench/bench.h"

enum op { PUSH, GET, SET, ADD, MUL, LESS, LOAD, STORE, JZ, JMP, XOR, HALT };

#define LIMIT 30000u

/* Variables: 0 i, 1 j, 2 sum.  The numbers in front are positions, for the jumps.  */
static const uint16_t code[] = {
	/*  0 */ PUSH, 2, SET, 0,
	/*  4 */ GET, 0, PUSH, LIMIT, LESS, JZ, 65,
	/* 11 */ GET, 0, LOAD, JZ, 18, JMP, 56,
	/* 18 */ GET, 2, PUSH, 31, MUL, GET, 0, XOR, SET, 2,
	/* 28 */ GET, 0, PUSH, 2, MUL, SET, 1,
	/* 35 */ GET, 1, PUSH, LIMIT, LESS, JZ, 56,
	/* 42 */ PUSH, 1, GET, 1, STORE, GET, 1, GET, 0, ADD, SET, 1, JMP, 35,
	/* 56 */ GET, 0, PUSH, 1, ADD, SET, 0, JMP, 4,
	/* 65 */ HALT,
};
static uint8_t memory[LIMIT];

static uint32_t execute(void)
{
	static const void *const labels[] = { &&push, &&get, &&set, &&add, &&mul, &&less, &&load, &&store, &&jz, &&jmp, &&xor_, &&halt };
	uint32_t stack[16], variables[3] = { 0, 0, 0 }, *sp = stack;
	const uint16_t *pc = code;

#define NEXT goto *labels[*pc++]
	NEXT;
push:
	*sp++ = *pc++;
	NEXT;
get:
	*sp++ = variables[*pc++];
	NEXT;
set:
	variables[*pc++] = *--sp;
	NEXT;
add:
	sp--;
	sp[-1] += *sp;
	NEXT;
mul:
	sp--;
	sp[-1] *= *sp;
	NEXT;
less:
	sp--;
	sp[-1] = sp[-1] < *sp;
	NEXT;
load:
	sp[-1] = memory[sp[-1]];
	NEXT;
store:
	sp -= 2;
	memory[sp[1]] = (uint8_t)sp[0];
	NEXT;
jz:
	pc = *--sp ? pc + 1 : code + *pc;
	NEXT;
jmp:
	pc = code + *pc;
	NEXT;
xor_:
	sp--;
	sp[-1] ^= *sp;
	NEXT;
halt:
	return variables[2];
#undef NEXT
}

uint32_t bench_vm(uint32_t rounds)
{
	uint32_t sum = 5;

	for (uint32_t r = 0; r < rounds * 50; r++) {
		for (uint32_t i = 0; i < LIMIT; i++)
			memory[i] = 0;
		sum = bench_mix(sum, execute());
	}
	return sum;
}
