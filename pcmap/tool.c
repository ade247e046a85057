/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pcmap: looks into .xo files.  Responsible for the command line and for printing; all of the file is checked before anything is
 * shown, whatever the command.
 * Exit status: 0; 1 wrong usage, an unreadable or damaged file, nothing found, or a unit that is not what the translator makes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/opts.h"
#include "emit/template.h"
#include "pcmap/key.h"
#include "pcmap/xo_file.h"
#include "version.h"

#define CODE_MAX (1u << 20)
#define ROWS_MAX (1u << 14)

enum option { O_VERSION, O_HELP };

static const struct opt rows[] = {
	{ "version", NULL, "print the version", O_VERSION },
	{ "help", NULL, "print this list", O_HELP },
};

struct tool {
	const char *path;
	struct xo_view v;
	struct xo_file *file;
	char **args; /* behind FILE */
	int nargs;
};

/* --- parts of the file --- */

static enum isa_rev rev_of(const struct xo_view *v)
{
	return v->key.isa_rev == ISA_R1 ? ISA_R1 : ISA_R2;
}

static insn_word word_at(const struct xo_view *v, const struct xo_tables *t, unsigned word)
{
	const uint8_t *b = t->src + 4u * word;

	if (v->key.big_endian)
		return (insn_word)b[0] << 24 | (insn_word)b[1] << 16 | (insn_word)b[2] << 8 | b[3];
	return (insn_word)b[3] << 24 | (insn_word)b[2] << 16 | (insn_word)b[1] << 8 | b[0];
}

static const char *mode_name(uint32_t flags)
{
	if (flags & UNIT_KERNEL)
		return flags & UNIT_MAPPED ? "kernel, mapped" : "kernel";
	return flags & UNIT_MAPPED ? "user" : "user, unmapped";
}

static const char *kind_name(uint32_t flags)
{
	return flags & UNIT_LLVM ? "LLVM" : "template";
}

static const struct unit_entry *entry_at(const struct xo_tables *t, const struct xo_unit *u, unsigned word)
{
	for (uint32_t i = u->entry; i < u->entry + u->nentries; i++)
		if (t->entries[i].word == word)
			return &t->entries[i];
	return NULL;
}

static void print_unit(const struct xo_page *p, const struct xo_tables *t, const struct xo_unit *u)
{
	gva at = p->page + 4u * u->first;

	printf("  u_%08x  0x%08x-0x%08x  %4u words  .text+0x%08x  %6u bytes  %3u entries  %3u faults  %3u links  %s%s\n", at, at,
	       at + 4u * u->nwords - 1, u->nwords, t->text_at + u->code, u->code_len, u->nentries, u->nfaults, u->nlinks,
	       kind_name(u->flags), u->flags & UNIT_FIXED ? ", fixed" : "");
}

static void print_words(const struct xo_view *v, const struct xo_page *p, const struct xo_tables *t, const struct xo_unit *u)
{
	for (unsigned w = u->first; w < (unsigned)u->first + u->nwords; w++) {
		const struct unit_entry *n = entry_at(t, u, w);
		insn_word word = word_at(v, t, w);
		uint8_t site = xo_site_flags(t, w);
		char text[80];

		insn_disasm(text, sizeof text, word, p->page + 4 * w, rev_of(v));
		printf("    %08x  %08x  %-32s", p->page + 4 * w, word, text);
		if (n)
			printf("  .text+0x%08x, linked +0x%08x", t->text_at + u->code + n->off, t->text_at + u->code + n->link);
		printf("%s%s\n", site & SITE_USER ? "  user site" : "", site & SITE_SLOW ? "  device site" : "");
	}
}

/* --- commands --- */

/* Hexadecimal whether 0x stands in front or not, as dump and disassemblers show it.  */
static enum status address(const char *text, gva *out, struct err *e)
{
	const char *digits = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : text;
	size_t n = strspn(digits, "0123456789abcdefABCDEF");

	if (!n || digits[n])
		return err_set(e, ST_USAGE, "'%.60s' is not an address, in hexadecimal", text);
	if (strspn(digits, "0") + 8 < n)
		return err_set(e, ST_USAGE, "'%.60s' is beyond 32 bits", text);
	*out = (gva)strtoul(digits, NULL, 16);
	return ST_OK;
}

static enum status cmd_dump(struct tool *t, struct err *e)
{
	gva only = 0;
	bool found = false;
	struct xo_tables tables;

	if (t->nargs > 1)
		return err_set(e, ST_USAGE, "dump takes one page at most");
	if (t->nargs && address(t->args[0], &only, e) != ST_OK)
		return e->status;
	only &= ~GUEST_PAGE_MASK;
	for (uint32_t i = 0; i < t->v.npages; i++) {
		const struct xo_page *p = &t->v.pages[i];

		if (t->nargs && p->page != only)
			continue;
		if (xo_read(t->file, i, &tables, e) != ST_OK)
			return e->status;
		found = true;
		printf("page 0x%08x  %s, %s-endian, %u units\n", p->page, mode_name(p->flags),
		       p->flags & UNIT_BE ? "big" : "little", tables.nunits);
		for (uint32_t k = 0; k < tables.nunits; k++) {
			print_unit(p, &tables, &tables.units[k]);
			if (t->nargs)
				print_words(&t->v, p, &tables, &tables.units[k]);
		}
	}
	if (t->nargs && !found)
		return err_set(e, ST_NOTFOUND, "%s: no page 0x%08x in it", t->path, only);
	return ST_OK;
}

/* The unit that covers @at, as the engine would see it.  */
static bool lookup_in(const struct xo_view *v, const struct xo_page *p, const struct xo_tables *t, const struct xo_unit *u, gva at)
{
	unsigned w = (at & GUEST_PAGE_MASK) / 4;
	uint32_t code = t->text_at + u->code;
	const struct unit_entry *n;
	char text[80];

	if (w < u->first || w - u->first >= u->nwords)
		return false;
	n = entry_at(t, u, w);
	insn_disasm(text, sizeof text, word_at(v, t, w), at, rev_of(v));
	printf("0x%08x  u_%08x (%s, %s)  ", at, p->page + 4u * u->first, mode_name(p->flags), kind_name(u->flags));
	if (n)
		printf(".text+0x%08x, linked .text+0x%08x", code + n->off, code + n->link);
	else
		printf("inside .text+0x%08x-0x%08x, no entry", code, code + u->code_len - 1);
	printf("  %s\n", text);
	return true;
}

static enum status lookup(struct tool *t, gva at, struct err *e)
{
	struct xo_tables tables;
	bool found = false;

	for (uint32_t i = 0; i < t->v.npages; i++) {
		const struct xo_page *p = &t->v.pages[i];

		if (p->page != (at & ~GUEST_PAGE_MASK))
			continue;
		if (xo_read(t->file, i, &tables, e) != ST_OK)
			return e->status;
		for (uint32_t k = 0; k < tables.nunits; k++)
			found |= lookup_in(&t->v, p, &tables, &tables.units[k], at);
	}
	return found ? ST_OK : err_set(e, ST_NOTFOUND, "%s: nothing for 0x%08x", t->path, at);
}

static enum status cmd_lookup(struct tool *t, struct err *e)
{
	enum status s = ST_OK;

	if (!t->nargs)
		return err_set(e, ST_USAGE, "lookup needs a guest address");
	for (int i = 0; i < t->nargs; i++) {
		enum status one;
		gva at = 0;

		if (address(t->args[i], &at, e) != ST_OK)
			return e->status;
		if (at & 3u)
			return err_set(e, ST_USAGE, "0x%08x is not the address of an instruction: it must be a multiple of 4", at);
		one = lookup(t, at, e);
		s = one == ST_OK ? s : one;
	}
	return s;
}

static void print_key(const struct xo_key *k)
{
	printf("format         %u, xabi %u, cpu bias %u\nisa hash       ", k->format, k->xabi, k->cpu_bias);
	for (size_t i = 0; i < sizeof k->isa_hash; i++)
		printf("%02x", k->isa_hash[i]);
	printf("\nguest          MIPS32 release %u, %s-endian\nhost features  %s\n", k->isa_rev, k->big_endian ? "big" : "little",
	       k->host_features & XO_HOST_BMI2 ? "bmi2" : "none");
}

/* Units, guest words and bytes of code: of templates, of LLVM.  */
struct sums { unsigned units[2]; uint64_t words[2], bytes[2]; };

static enum status sum_up(struct tool *t, struct sums *sum, struct err *e)
{
	struct xo_tables tables;

	for (uint32_t i = 0; i < t->v.npages; i++) {
		if (xo_read(t->file, i, &tables, e) != ST_OK)
			return e->status;
		for (const struct xo_unit *u = tables.units; u < tables.units + tables.nunits; u++) {
			bool llvm = u->flags & UNIT_LLVM;

			sum->units[llvm]++;
			sum->words[llvm] += u->nwords;
			sum->bytes[llvm] += u->code_len;
		}
	}
	return ST_OK;
}

static enum status cmd_stat(struct tool *t, struct err *e)
{
	const struct xo_view *v = &t->v;
	const uint32_t *all = v->pages[v->npages].first;
	struct sums sum = { 0 };
	struct xo_key ours;
	struct err why = ERR_INIT;

	if (t->nargs)
		return err_set(e, ST_USAGE, "stat takes a file only");
	if (sum_up(t, &sum, e) != ST_OK)
		return e->status;
	print_key(&v->key);
	key_fill(&ours, rev_of(v), v->key.big_endian, key_host_features());
	printf("usable here    %s\n", key_check(&v->key, &ours, &why) == ST_OK ? "yes" : why.text);
	printf("pages          %u\n", v->npages);
	for (unsigned llvm = 0; llvm < 2; llvm++)
		printf("%s units %6u: %llu guest words, %llu bytes, %.1f bytes a word\n", llvm ? "LLVM    " : "template", sum.units[llvm],
		       (unsigned long long)sum.words[llvm], (unsigned long long)sum.bytes[llvm],
		       sum.words[llvm] ? (double)sum.bytes[llvm] / (double)sum.words[llvm] : 0.0);
	printf("entries        %u\nfaults         %u\nlinks          %u\nrelocations    %u\nsites          %u\n", all[XO_PART_PCMAP],
	       all[XO_PART_FAULT], all[XO_PART_LINK], all[XO_PART_RELA], all[XO_PART_SITE]);
	printf(".text          %u bytes\n.src           %u bytes\n", all[XO_PART_TEXT], all[XO_PART_SRC]);
	return ST_OK;
}

/* --- verify: what a template unit was made from makes the same unit again --- */

struct again {
	struct unit u;
	struct run run;
	insn_word words[GUEST_PAGE_WORDS];
	uint8_t sites[GUEST_PAGE_WORDS];
	page_bits leaders;
};

static int by_off(const void *a, const void *b)
{
	const struct unit_reloc *x = a, *y = b;

	return (x->off > y->off) - (x->off < y->off);
}

/* The relocations of @u, XABI ones apart, are those of the file.  */
static bool same_relocs(const struct xo_tables *t, const struct xo_unit *x, struct unit *u)
{
	uint32_t link = x->link, rela = x->rela;

	qsort(u->relocs, u->nrelocs, sizeof *u->relocs, by_off);
	if (u->nrelocs != x->nlinks + x->nrelas)
		return false;
	for (uint32_t i = 0; i < u->nrelocs; i++) {
		const struct unit_reloc *r = &u->relocs[i];

		if (r->kind == RELOC_XABI) {
			if (rela == x->rela + x->nrelas || t->relas[rela].offset != (uint64_t)t->text_at + x->code + r->off ||
			    t->relas[rela].info >> 32 != r->arg + 1)
				return false;
			rela++;
		} else {
			if (link == x->link + x->nlinks || memcmp(&t->links[link], r, sizeof *r) != 0)
				return false;
			link++;
		}
	}
	return true;
}

static const char *differs(const struct xo_tables *t, const struct xo_unit *x, struct unit *u)
{
	if (u->code_len != x->code_len || memcmp(u->code, t->text + x->code, x->code_len) != 0)
		return "code";
	if (u->nentries != x->nentries || memcmp(u->entries, t->entries + x->entry, x->nentries * sizeof *u->entries) != 0)
		return "entries";
	if (u->nfaults != x->nfaults || (u->nfaults && memcmp(u->faults, t->faults + x->fault, x->nfaults * sizeof *u->faults) != 0))
		return "faults";
	return same_relocs(t, x, u) ? NULL : "relocations";
}

/* NULL: the same; else what differs.  */
static const char *translate_again(const struct xo_view *v, const struct xo_page *p, const struct xo_tables *t, const struct xo_unit *x,
				   struct again *a)
{
	struct run_opts ro = { .rev = rev_of(v), .kernel = x->flags & UNIT_KERNEL, .leaders = a->leaders, .through = true };
	struct template_opts to = { .flags = x->flags, .sites = a->sites, .bmi2 = v->key.host_features & XO_HOST_BMI2 };
	const char *what = NULL;

	memset(a->leaders, 0, sizeof a->leaders);
	for (uint32_t i = x->entry; i < x->entry + x->nentries; i++)
		page_bit_set(a->leaders, t->entries[i].word);
	/* A run that ended because the page does, at a branch without its slot, was not limited: the second try.  */
	for (int limited = 1; limited >= 0; limited--) {
		ro.max_words = limited ? x->nwords : 0;
		run_scan(a->words, p->page + 4u * x->first, &ro, &a->run);
		if (a->run.nwords != x->nwords)
			continue;
		if (template_translate(&a->run, &to, &a->u) != ST_OK)
			return "translatability";
		what = differs(t, x, &a->u);
		if (!what)
			return NULL;
	}
	return what ? what : "extent";
}

static enum status verify_page(struct tool *t, uint32_t page, struct again *a, unsigned *checked, struct err *e)
{
	const struct xo_page *p = &t->v.pages[page];
	struct xo_tables tables;

	if (xo_read(t->file, page, &tables, e) != ST_OK)
		return e->status;
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++) {
		a->words[w] = word_at(&t->v, &tables, w);
		a->sites[w] = xo_site_flags(&tables, w);
	}
	for (const struct xo_unit *u = tables.units; u < tables.units + tables.nunits; u++) {
		const char *what;

		if (u->flags & UNIT_LLVM)
			continue;
		what = translate_again(&t->v, p, &tables, u, a);
		if (what)
			return err_set(e, ST_FORMAT, "%s: unit 0x%08x (%s): translating its source again gives other %s", t->path,
				       p->page + 4u * u->first, mode_name(p->flags), what);
		++*checked;
	}
	return ST_OK;
}

static enum status verify_units(struct tool *t, struct again *a, unsigned *checked, struct err *e)
{
	enum status s = ST_OK;

	for (uint32_t i = 0; s == ST_OK && i < t->v.npages; i++)
		s = verify_page(t, i, a, checked, e);
	return s;
}

static enum status cmd_verify(struct tool *t, struct err *e)
{
	struct again *a = calloc(1, sizeof *a);
	struct xo_key ours;
	unsigned checked = 0;
	enum status s;

	if (!a)
		return err_set(e, ST_NOMEM, "out of memory");
	a->u = (struct unit){ .code_cap = CODE_MAX, .entries_cap = GUEST_PAGE_WORDS, .faults_cap = ROWS_MAX, .relocs_cap = ROWS_MAX };
	a->u.code = malloc(CODE_MAX);
	a->u.entries = calloc(a->u.entries_cap, sizeof *a->u.entries);
	a->u.faults = calloc(ROWS_MAX, sizeof *a->u.faults);
	a->u.relocs = calloc(ROWS_MAX, sizeof *a->u.relocs);
	/* Another build's translator may well make other code: nothing would follow from a difference.  */
	key_fill(&ours, rev_of(&t->v), t->v.key.big_endian, t->v.key.host_features);
	if (t->nargs)
		s = err_set(e, ST_USAGE, "verify takes a file only");
	else if (!a->u.code || !a->u.entries || !a->u.faults || !a->u.relocs)
		s = err_set(e, ST_NOMEM, "out of memory");
	else if (key_check(&t->v.key, &ours, e) != ST_OK)
		s = err_context(e, "%s: structure is good, but its units cannot be compared", t->path);
	else
		s = verify_units(t, a, &checked, e);
	if (s == ST_OK)
		printf("%s: good: %u pages, %u units; %u template units translated again to the same bytes\n", t->path, t->v.npages,
		       t->v.pages[t->v.npages].first[XO_PART_UNIT], checked);
	free(a->u.code);
	free(a->u.entries);
	free(a->u.faults);
	free(a->u.relocs);
	free(a);
	return s;
}

/* --- command line --- */

static const struct command {
	const char *name, *args, *help;
	enum status (*run)(struct tool *, struct err *);
} commands[] = {
	{ "dump", "FILE [PAGE]", "list pages and units; with PAGE, its units word by word", cmd_dump },
	{ "lookup", "FILE GVA...", "where the translation of a guest address is", cmd_lookup },
	{ "stat", "FILE", "key and sizes", cmd_stat },
	{ "verify", "FILE", "check all of it, and translate template units again to compare", cmd_verify },
};

static void help(void)
{
	printf("pcmap COMMAND FILE ...\nLooks into translated images (.xo).\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		printf("  %-8s%-16s %s\n", commands[i].name, commands[i].args, commands[i].help);
	printf("\n");
	opts_print(stdout, rows, ARRAY_LEN(rows));
}

static const char *command_name(const void *opaque, unsigned i)
{
	(void)opaque;
	return i < ARRAY_LEN(commands) ? commands[i].name : NULL;
}

static enum status find_command(const char *name, const struct command **out, struct err *e)
{
	const char *near;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(name, commands[i].name) == 0) {
			*out = &commands[i];
			return ST_OK;
		}
	near = opts_nearest(name, command_name, NULL);
	if (near)
		return err_set(e, ST_USAGE, "unknown command '%.60s'; did you mean '%s'?", name, near);
	return err_set(e, ST_USAGE, "unknown command '%.60s'; there are dump, lookup, stat, verify", name);
}

static enum status run(struct opts *o, struct err *e)
{
	const char *words[2] = { NULL, NULL }; /* command, file */
	const struct command *c = NULL;
	struct tool t = { 0 };
	enum status s = ST_OK;

	t.args = calloc((size_t)o->argc + 1, sizeof *t.args);
	if (!t.args)
		return err_set(e, ST_NOMEM, "out of memory");
	for (int n = 0; s == ST_OK; n++) {
		const struct opt *row;
		const char *value;

		s = opts_next(o, &row, &value, e);
		if (s != ST_OK || (!row && !value))
			break;
		if (row) {
			if (row->id == O_VERSION)
				printf("pcmap %s\n", ATHANOR_VERSION);
			else
				help();
			goto out;
		}
		if (n < 2)
			words[n] = value;
		else
			t.args[t.nargs++] = o->argv[o->at - 1];
	}
	if (s == ST_OK && !words[0])
		s = err_set(e, ST_USAGE, "a command is needed: dump, lookup, stat or verify; -help explains them");
	if (s == ST_OK)
		s = find_command(words[0], &c, e);
	if (s == ST_OK && !words[1])
		s = err_set(e, ST_USAGE, "%s needs a file", words[0]);
	t.path = words[1];
	if (s == ST_OK)
		s = xo_open_whole(t.path, &t.v, &t.file, e);
	if (s == ST_OK)
		s = c->run(&t, e);
out:
	xo_close(t.file);
	free(t.args);
	return s;
}

int main(int argc, char **argv)
{
	struct opts o = { .rows = rows, .nrows = ARRAY_LEN(rows), .argc = argc, .argv = argv, .at = 1 };
	struct err e = ERR_INIT;
	enum status s;

	if (!file_std_open())
		return 1;
	s = run(&o, &e);
	if (fflush(stdout) != 0 && s == ST_OK)
		s = err_set(&e, ST_IO, "standard output: write error");
	if (s != ST_OK)
		fprintf(stderr, "pcmap: %s\n", e.text);
	return status_exit_code(s);
}
