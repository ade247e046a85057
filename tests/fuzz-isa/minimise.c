/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  Words become NOP, set-up becomes 0, loops run once; a candidate that the dry run does not want is none.
 */
#include "tests/fuzz-isa/minimise.h"

#include <string.h>

#define END_WORDS 4u

struct search {
	struct dry *d;
	struct program *p;
	bool (*differs)(void *opaque, const struct program *p);
	void *opaque;
	unsigned tries, most;
};

/* Take @candidate if it will do.  */
static bool try(struct search *s, const struct program *candidate)
{
	unsigned culprit;

	if (s->tries >= s->most || !memcmp(candidate, s->p, sizeof *candidate) || !dry_run(s->d, candidate, &culprit, NULL))
		return false;
	s->tries++;
	if (!s->differs(s->opaque, candidate))
		return false;
	*s->p = *candidate;
	return true;
}

static bool shrink_code(struct search *s)
{
	bool any = false;

	for (unsigned n = 64; n; n /= 2)
		for (unsigned at = 0; at + END_WORDS < s->p->nwords; at += n) {
			struct program c = *s->p;
			unsigned end = at + n < c.nwords - END_WORDS ? at + n : c.nwords - END_WORDS;

			memset(c.code + at, 0, 4 * (end - at));
			any |= try(s, &c);
		}
	return any;
}

/* @n words of the program become @value.  */
static bool set_words(struct search *s, size_t offset, unsigned n, uint32_t value)
{
	struct program c = *s->p;

	for (unsigned i = 0; i < n; i++)
		memcpy((char *)&c + offset + 4 * i, &value, 4);
	return try(s, &c);
}

static bool shrink_each(struct search *s, size_t offset, unsigned rows, unsigned words)
{
	bool any = set_words(s, offset, rows * words, 0);

	for (unsigned i = 0; !any && i < rows; i++)
		any |= set_words(s, offset + 4 * i * words, words, 0);
	return any;
}

static bool shrink_set_up(struct search *s)
{
	static const uint8_t plain[] = { SET_CAUSE, SET_CONTEXT, SET_PAGEMASK, SET_INDEX, SET_LO0, SET_LO1, SET_HWRENA, SET_ERROREPC };
	bool any = set_words(s, offsetof(struct program, gpr[30]), 1, 1); /* the outer loop */

	any |= shrink_each(s, offsetof(struct program, irq), ARRAY_LEN(s->p->irq), 1);
	any |= shrink_each(s, offsetof(struct program, resume), EXCEPTIONS_MAX, 1);
	any |= shrink_each(s, offsetof(struct program, tlb), TLB_SET, 4);
	any |= shrink_each(s, offsetof(struct program, pte), 2 * PTE_PAIRS, 2);
	any |= shrink_each(s, offsetof(struct program, gpr), 34, 1); /* and HI, LO */
	for (unsigned i = 0; i < ARRAY_LEN(plain); i++)
		any |= set_words(s, offsetof(struct program, cp0) + 4 * plain[i], 1, 0);
	return any;
}

unsigned minimise(struct dry *d, struct program *p, bool (*differs)(void *opaque, const struct program *p), void *opaque, unsigned tries)
{
	struct search s = { .d = d, .p = p, .differs = differs, .opaque = opaque, .most = tries };

	while (shrink_code(&s) | shrink_set_up(&s))
		;
	return s.tries;
}

/* --- printing --- */

/* Designated, zeros left out.  */
static void print_words(FILE *f, const char *field, const uint32_t *w, unsigned n)
{
	int column = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!w[i])
			continue;
		if (!column)
			column = fprintf(f, "\t.%s = {", field);
		else if (column > 110)
			column = fprintf(f, "\n\t\t");
		column += fprintf(f, " [%u] = 0x%x,", i, w[i]);
	}
	if (column)
		fprintf(f, " },\n");
}

static void print_rows(FILE *f, const uint32_t *w, unsigned rows, unsigned words)
{
	for (unsigned i = 0; i < rows; i++) {
		bool zero = true;

		for (unsigned k = 0; k < words; k++)
			zero &= !w[i * words + k];
		if (zero)
			continue;
		fprintf(f, "[%u] = {", i);
		for (unsigned k = 0; k < words; k++)
			fprintf(f, "%s 0x%x", k ? "," : "", w[i * words + k]);
		fprintf(f, " }, ");
	}
}

void program_print(FILE *f, const struct program *p, const char *name)
{
	char line[80];

	fprintf(f, "CASE(\"%s\", {\n\t.seed = 0x%llx, .flags = %u, .slot = %u, .base = 0x%08x,\n", name, (unsigned long long)p->seed, p->flags,
		p->slot, p->base);
	fprintf(f, "\t.first = %u, .nwords = %u, .hi = 0x%x, .lo = 0x%x,\n\t.code = {\n", p->first, p->nwords, p->hi, p->lo);
	for (unsigned i = 0; i < p->nwords; i++) {
		if (!p->code[i])
			continue;
		insn_disasm(line, sizeof line, p->code[i], p->base + 4 * (p->first + i), ISA_R2);
		fprintf(f, "\t\t[%u] = 0x%08x, /* %08x %s */\n", i, p->code[i], p->base + 4 * (p->first + i), line);
	}
	fprintf(f, "\t},\n");
	print_words(f, "gpr", p->gpr, 32);
	print_words(f, "cp0", p->cp0, SETUP_WORDS);
	print_words(f, "resume", p->resume, EXCEPTIONS_MAX);
	print_words(f, "irq", p->irq, ARRAY_LEN(p->irq));
	fprintf(f, "\t.tlb = { ");
	print_rows(f, p->tlb[0], TLB_SET, 4);
	fprintf(f, " },\n\t.pte = { [0] = { ");
	print_rows(f, p->pte[0][0], PTE_PAIRS, 2);
	fprintf(f, " }, [1] = { ");
	print_rows(f, p->pte[1][0], PTE_PAIRS, 2);
	fprintf(f, " } },\n})\n");
}
