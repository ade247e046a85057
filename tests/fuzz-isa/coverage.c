/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the programs have executed: adding up, printing, and what is missing.
 */
#include <stdio.h>
#include <string.h>

#include "tests/fuzz-isa/dry.h"

static const char *const events[EVENTS] = {
	[EV_INT] = "interrupt", [EV_MOD] = "Mod", [EV_REFILL_LOAD] = "TLBL refill, load", [EV_REFILL_STORE] = "TLBS refill",
	[EV_REFILL_FETCH] = "TLBL refill, fetch", [EV_TLBL] = "TLBL invalid, load", [EV_TLBL_FETCH] = "TLBL invalid, fetch",
	[EV_TLBS] = "TLBS invalid", [EV_ADEL] = "AdEL, load", [EV_ADEL_FETCH] = "AdEL, fetch", [EV_ADES] = "AdES", [EV_SYS] = "Sys",
	[EV_BP] = "Bp", [EV_RI] = "RI", [EV_CPU0] = "CpU 0", [EV_CPU1] = "CpU 1", [EV_CPU2] = "CpU 2", [EV_OV] = "Ov", [EV_TR] = "Tr",
	[EV_MCHECK] = "MCheck", [EV_OTHER] = "others",
};

/* Cells that nothing reaches, and why.  */
static const struct { uint8_t event, slot, user; const char *why; } unreachable[] = {
	{ EV_INT, 1, 0, "interrupts are taken between steps: a branch and its slot are one" },
	{ EV_INT, 1, 1, "interrupts are taken between steps: a branch and its slot are one" },
	{ EV_ADEL_FETCH, 1, 0, "a slot is as aligned as its branch, and kernel mode may fetch from all segments" },
	{ EV_CPU0, 0, 0, "CP0 is always usable in kernel mode" },
	{ EV_CPU0, 1, 0, "CP0 is always usable in kernel mode" },
	{ EV_OTHER, 0, 0, "no bus errors on these machines, no FPU, no watch exceptions" },
	{ EV_OTHER, 1, 0, "no bus errors on these machines, no FPU, no watch exceptions" },
	{ EV_OTHER, 0, 1, "no bus errors on these machines, no FPU, no watch exceptions" },
	{ EV_OTHER, 1, 1, "no bus errors on these machines, no FPU, no watch exceptions" },
};

/* Rows that no program may execute to any purpose.  */
static const struct { uint16_t op; const char *why; } unused[] = {
	{ INSN_WAIT, "nothing would wake it in QEMU at a definite time; tests/engine and tests/isa have it" },
};

static const struct { const char *what, *why; } explanations[EXPLAINED_COUNT] = {
#define EXPLAINED(name, what, why) { what, why },
#include "tests/fuzz-isa/explained.def"
#undef EXPLAINED
};

void coverage_add(struct coverage *to, const struct coverage *from)
{
	uint64_t *t = (uint64_t *)to;
	const uint64_t *f = (const uint64_t *)from;

	_Static_assert(sizeof(struct coverage) % sizeof(uint64_t) == 0, "numbers only");
	for (size_t i = 0; i < sizeof *to / sizeof(uint64_t); i++)
		t[i] += f[i];
}

static const char *why_unreachable(unsigned event, unsigned slot, unsigned user)
{
	for (size_t i = 0; i < ARRAY_LEN(unreachable); i++)
		if (unreachable[i].event == event && unreachable[i].slot == slot && unreachable[i].user == user)
			return unreachable[i].why;
	return NULL;
}

static const char *why_unused(unsigned op)
{
	for (size_t i = 0; i < ARRAY_LEN(unused); i++)
		if (unused[i].op == op)
			return unused[i].why;
	return NULL;
}

const char *coverage_missing(const struct coverage *v)
{
	static char text[120];

	for (unsigned op = INSN_INVALID; op < INSN_COUNT; op++)
		if (!v->rows[op] && !why_unused(op)) {
			snprintf(text, sizeof text, "%s was never executed", op ? insn_mnemonic((enum insn_op)op) : "no reserved encoding");
			return text;
		}
	for (unsigned e = 0; e < EVENTS; e++)
		for (unsigned cell = 0; cell < 4; cell++)
			if (!v->events[e][cell & 1][cell >> 1] && !why_unreachable(e, cell & 1, cell >> 1)) {
				snprintf(text, sizeof text, "%s was never seen %s in %s mode", events[e], cell & 1 ? "in a slot" : "outside of a slot",
					 cell >> 1 ? "user" : "kernel");
				return text;
			}
	return NULL;
}

static void print_rows(const struct coverage *v)
{
	unsigned n = 0, executed = 0, in_slots = 0;

	for (unsigned op = 1; op < INSN_COUNT; op++) {
		executed += v->rows[op] != 0;
		in_slots += v->slots[op] != 0;
	}
	printf("rows of isa/mips32.def: %u of %u executed, %u of them in a delay slot too; times executed (in a slot):\n", executed,
	       INSN_COUNT - 1, in_slots);
	for (unsigned op = 1; op < INSN_COUNT; op++)
		printf("  %-8s %8llu (%llu)%s", insn_mnemonic((enum insn_op)op), (unsigned long long)v->rows[op], (unsigned long long)v->slots[op],
		       ++n % 5 ? "" : "\n");
	printf("\n");
	for (size_t i = 0; i < ARRAY_LEN(unused); i++)
		printf("  not %s: %s\n", insn_mnemonic((enum insn_op)unused[i].op), unused[i].why);
}

static void print_events(const struct coverage *v)
{
	printf("exceptions              kernel    in a slot         user    in a slot    with EXL\n");
	for (unsigned e = 0; e < EVENTS; e++) {
		printf("  %-18s", events[e]);
		for (unsigned cell = 0; cell < 4; cell++) {
			if (why_unreachable(e, cell & 1, cell >> 1) && !v->events[e][cell & 1][cell >> 1])
				printf("            -");
			else
				printf(" %12llu", (unsigned long long)v->events[e][cell & 1][cell >> 1]);
		}
		printf(" %11llu\n", (unsigned long long)v->nested[e]);
	}
	for (size_t i = 0; i < ARRAY_LEN(unreachable); i++)
		if (!i || unreachable[i].event != unreachable[i - 1].event)
			printf("  - %s: %s\n", events[unreachable[i].event], unreachable[i].why);
}

void coverage_print(const struct coverage *v)
{
	printf("%llu programs, %llu instructions of theirs, %llu exceptions, %llu stores to their own code\n", (unsigned long long)v->programs,
	       (unsigned long long)v->insns, (unsigned long long)v->exceptions, (unsigned long long)v->code_writes);
	printf("instructions in kseg0 and kseg1 %llu, in mapped kernel code %llu, in user mode %llu\n", (unsigned long long)v->modes[0],
	       (unsigned long long)v->modes[1], (unsigned long long)v->modes[2]);
	print_rows(v);
	print_events(v);
	printf("explained differences with QEMU, and how often the generator met and removed one:\n");
	for (unsigned i = 0; i < EXPLAINED_COUNT; i++)
		printf("  %8llu  %s\n            %s\n", (unsigned long long)v->explained[i], explanations[i].what, explanations[i].why);
}
