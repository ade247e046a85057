/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Object file in memory -> unit: code, entry points, fault table and relocations, and the stubs LLVM code leaves through.
 *
 * An object may hold what the lifter knows to make, and nothing else: any other section with contents, symbol or relocation
 * means that LLVM had an idea of its own, and the run is refused.
 */
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sbt/lift_build.h"

struct reader {
	const struct lift_build *b;
	struct unit *u;
	struct err *e;
	Elf *elf;
	Elf_Data *text, *fault, *text_rela, *fault_rela, *syms;
	size_t text_index, strings, sym_strings;
};

static enum status refuse(struct reader *r, const char *why, const char *what)
{
	return err_set(r->e, ST_UNSUPPORTED, "0x%08x: object file: %s%s%s", r->b->run->start, why, what[0] ? " " : "", what);
}

/* --- code buffer --- */

static bool put(struct unit *u, const void *bytes, size_t n)
{
	if (n > u->code_cap - u->code_len)
		return false;
	memcpy(u->code + u->code_len, bytes, n);
	u->code_len += (uint32_t)n;
	return true;
}

static void poke32(struct unit *u, uint32_t off, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		u->code[off + i] = (uint8_t)(v >> (8 * i));
}

static bool put32(struct unit *u, uint32_t v)
{
	uint8_t bytes[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) };

	return put(u, bytes, sizeof bytes);
}

static bool add_reloc(struct unit *u, enum unit_reloc_kind kind, uint32_t off, uint32_t arg, uint32_t stub)
{
	if (u->nrelocs == u->relocs_cap)
		return false;
	u->relocs[u->nrelocs++] = (struct unit_reloc){ .off = off, .arg = arg, .stub = stub, .kind = (uint8_t)kind };
	return true;
}

/* jmp or call rel32 to an engine entry point.  */
static bool put_xabi(struct unit *u, uint8_t opcode, enum xabi_entry to)
{
	return put(u, &opcode, 1) && add_reloc(u, RELOC_XABI, u->code_len, to, 0) && put32(u, 0);
}

static bool put_jmp(struct unit *u, uint32_t to)
{
	static const uint8_t opcode = 0xe9;

	return put(u, &opcode, 1) && put32(u, to - (u->code_len + 4));
}

/* --- stubs --- */

/* mov dword [r12+pc], @pc; jmp MISS */
static bool put_link_stub(struct unit *u, gva pc)
{
	const uint8_t mov[5] = { 0x41, 0xc7, 0x44, 0x24, (uint8_t)XABI_OFF(pc) };

	return put(u, mov, sizeof mov) && add_reloc(u, RELOC_GPC, u->code_len, 0, 0) && put32(u, pc) && put_xabi(u, 0xe9, XABI_MISS);
}

/* The indirect jump of pcmap/xabi.h to the guest address in eax, whose upper half is zero.  */
static bool put_indirect_stub(struct unit *u)
{
	const uint8_t head[] = {
		0x41, 0x89, 0x44, 0x24, (uint8_t)XABI_OFF(pc),     /* mov [r12+pc], eax */
		0xc1, 0xc8, 0x02,                                  /* ror eax, 2 */
		0x4d, 0x8b, 0x54, 0x24, (uint8_t)XABI_OFF(mirror), /* mov r10, [r12+mirror] */
		0x41, 0x8b, 0x04, 0x82,                            /* mov eax, [r10+rax*4] */
		0x48, 0x05,                                        /* add rax, imm32 */
	};
	static const uint8_t jump[] = { 0xff, 0xe0 };              /* jmp rax */

	_Static_assert(XABI_CODE_BASE <= INT32_MAX, "the code base is a positive imm32");
	return put(u, head, sizeof head) && put32(u, (uint32_t)XABI_CODE_BASE) && put(u, jump, sizeof jump);
}

/* cmp byte [r12+tier], K; je L; call TO_K; jmp L */
static bool put_tier_check(struct unit *u, uint32_t link)
{
	bool xo = u->flags & UNIT_XO;
	const uint8_t cmp[] = { 0x41, 0x80, 0x7c, 0x24, (uint8_t)XABI_OFF(tier), xo ? TIER_XO : TIER_TEMPLATE };
	static const uint8_t je[] = { 0x0f, 0x84 };

	return put(u, cmp, sizeof cmp) && put(u, je, sizeof je) && put32(u, link - (u->code_len + 4)) &&
	       put_xabi(u, 0xe8, xo ? XABI_TO_XO : XABI_TO_TEMPLATE) && put_jmp(u, link);
}

/* --- sections --- */

static enum status take_section(struct reader *r, Elf_Scn *scn, const GElf_Shdr *sh)
{
	const char *name = elf_strptr(r->elf, r->strings, sh->sh_name);
	Elf_Data *d = elf_getdata(scn, NULL);

	if (!name)
		return refuse(r, "a section without a name", "");
	if (strcmp(name, ".text") == 0) {
		r->text = d;
		r->text_index = elf_ndxscn(scn);
	} else if (strcmp(name, ".rela.text") == 0) {
		r->text_rela = d;
	} else if (strcmp(name, LIFT_FAULT_SECTION) == 0) {
		r->fault = d;
	} else if (strcmp(name, ".rela" LIFT_FAULT_SECTION) == 0) {
		r->fault_rela = d;
	} else if (sh->sh_type == SHT_SYMTAB) {
		r->syms = d;
		r->sym_strings = sh->sh_link;
	} else if (sh->sh_type != SHT_STRTAB && sh->sh_size) {
		return refuse(r, "unexpected section", name);
	}
	return ST_OK;
}

static enum status find_sections(struct reader *r)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr sh;
	enum status st;

	if (elf_getshdrstrndx(r->elf, &r->strings) != 0)
		return refuse(r, "no section names", "");
	while ((scn = elf_nextscn(r->elf, scn)) != NULL) {
		if (!gelf_getshdr(scn, &sh))
			return refuse(r, "unreadable section header", "");
		st = take_section(r, scn, &sh);
		if (st != ST_OK)
			return st;
	}
	if (!r->text || !r->syms || !r->text->d_buf || !r->syms->d_buf)
		return refuse(r, "no code", "");
	return ST_OK;
}

static const char *symbol(struct reader *r, GElf_Xword info, GElf_Sym *sym)
{
	if (!gelf_getsym(r->syms, (int)GELF_R_SYM(info), sym))
		return NULL;
	return elf_strptr(r->elf, r->sym_strings, sym->st_name);
}

/* --- relocations of the code --- */

static bool starts(const char *s, const char *prefix) { return strncmp(s, prefix, strlen(prefix)) == 0; }

static enum status resolve(struct reader *r, uint32_t off, const char *name)
{
	static const char *const xabi[XABI_ENTRY_COUNT] = {
#define XABI(n, how, what) LIFT_SYM_XABI #n,
#include "pcmap/xabi.def"
#undef XABI
	};
	struct unit *u = r->u;
	uint32_t stub = u->code_len;

	for (unsigned i = 0; i < XABI_ENTRY_COUNT; i++)
		if (strcmp(name, xabi[i]) == 0)
			return add_reloc(u, RELOC_XABI, off, i, 0) ? ST_OK : ST_FULL;
	if (strcmp(name, LIFT_SYM_INDIRECT) == 0) {
		/* One stub a jump: the host predicts indirect jumps by their addresses.  */
		poke32(u, off, stub - (off + 4));
		return put_indirect_stub(u) ? ST_OK : ST_FULL;
	}
	if (starts(name, LIFT_SYM_LINK)) {
		gva pc = (gva)strtoul(name + strlen(LIFT_SYM_LINK), NULL, 16);

		poke32(u, off, stub - (off + 4));
		return add_reloc(u, RELOC_LINK, off, pc, stub) && put_link_stub(u, pc) ? ST_OK : ST_FULL;
	}
	return refuse(r, "unknown symbol", name);
}

static enum status code_relocs(struct reader *r)
{
	struct unit *u = r->u;
	size_t n = r->text_rela ? r->text_rela->d_size / sizeof(Elf64_Rela) : 0;
	enum status st;

	for (size_t i = 0; i < n; i++) {
		GElf_Rela rela;
		GElf_Sym sym;
		const char *name;
		uint32_t off;

		name = gelf_getrela(r->text_rela, (int)i, &rela) ? symbol(r, rela.r_info, &sym) : NULL;
		if (!name)
			return refuse(r, "unreadable relocation", "");
		off = (uint32_t)rela.r_offset;
		if (rela.r_offset < 2 || rela.r_offset > r->text->d_size - 4 || rela.r_addend != -4 ||
		    (GELF_R_TYPE(rela.r_info) != R_X86_64_PLT32 && GELF_R_TYPE(rela.r_info) != R_X86_64_PC32))
			return refuse(r, "unexpected relocation for", name);
		if (u->code[off - 1] != 0xe9 && !(u->code[off - 2] == 0x0f && (u->code[off - 1] & 0xf0) == 0x80))
			return refuse(r, "not a jump to", name);
		if (sym.st_shndx == r->text_index) {
			poke32(u, off, (uint32_t)sym.st_value - (off + 4));
			continue;
		}
		if (sym.st_shndx != SHN_UNDEF)
			return refuse(r, "relocation against", name);
		st = resolve(r, off, name);
		if (st != ST_OK)
			return st;
	}
	return ST_OK;
}

/* --- tables --- */

static int by_off(const void *a, const void *b)
{
	uint32_t x = ((const struct unit_fault *)a)->off, y = ((const struct unit_fault *)b)->off;

	return (x > y) - (x < y);
}

static enum status fault_table(struct reader *r)
{
	struct unit *u = r->u;
	size_t n = r->fault ? r->fault->d_size / LIFT_FAULT_SIZE : 0;
	size_t nrela = r->fault_rela ? r->fault_rela->d_size / sizeof(Elf64_Rela) : 0;

	if (n > u->faults_cap)
		return ST_FULL;
	if (nrela != 2 * n)
		return refuse(r, "incomplete fault table", "");
	for (size_t i = 0; i < n; i++) {
		const uint8_t *word = (const uint8_t *)r->fault->d_buf + i * LIFT_FAULT_SIZE + 16;

		u->faults[i] = (struct unit_fault){ .word = (uint16_t)(word[0] | word[1] << 8) };
	}
	for (size_t i = 0; i < nrela; i++) {
		struct unit_fault *f;
		GElf_Rela rela;
		GElf_Sym sym;
		uint64_t at, row, field;

		if (!gelf_getrela(r->fault_rela, (int)i, &rela) || !gelf_getsym(r->syms, (int)GELF_R_SYM(rela.r_info), &sym))
			return refuse(r, "unreadable fault table", "");
		row = rela.r_offset / LIFT_FAULT_SIZE;
		field = rela.r_offset % LIFT_FAULT_SIZE;
		at = sym.st_value + (uint64_t)rela.r_addend;
		if (GELF_R_TYPE(rela.r_info) != R_X86_64_64 || sym.st_shndx != r->text_index || row >= n || at >= r->text->d_size ||
		    (field != 0 && field != 8))
			return refuse(r, "unexpected fault table relocation", "");
		f = &u->faults[row];
		if (field)
			f->recover = (uint32_t)at;
		else
			f->off = (uint32_t)at;
	}
	u->nfaults = (uint32_t)n;
	qsort(u->faults, n, sizeof *u->faults, by_off);
	return ST_OK;
}

static enum status entry_table(struct reader *r)
{
	struct unit *u = r->u;
	size_t n = r->syms->d_size / sizeof(Elf64_Sym);
	uint32_t link[GUEST_PAGE_WORDS];

	memset(link, 0xff, sizeof link);
	for (size_t i = 0; i < n; i++) {
		GElf_Sym sym;
		const char *name = symbol(r, GELF_R_INFO(i, 0), &sym);
		unsigned long word;

		if (!name || sym.st_shndx != r->text_index || !starts(name, LIFT_SYM_ENTRY))
			continue;
		word = strtoul(name + strlen(LIFT_SYM_ENTRY), NULL, 16);
		if (word >= GUEST_PAGE_WORDS || sym.st_value >= r->text->d_size)
			return refuse(r, "bad entry", name);
		link[word] = (uint32_t)sym.st_value;
	}
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++) {
		if (link[w] == UINT32_MAX)
			continue;
		if (u->nentries == u->entries_cap)
			return ST_FULL;
		u->entries[u->nentries++] = (struct unit_entry){ .off = u->code_len, .link = link[w], .word = (uint16_t)w };
		if (!put_tier_check(u, link[w]))
			return ST_FULL;
	}
	return u->nentries ? ST_OK : refuse(r, "no entry points", "");
}

enum status lift_obj_read(const struct lift_build *b, const void *obj, size_t len, struct unit *out, struct err *e)
{
	struct reader r = { .b = b, .u = out, .e = e };
	enum status st;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return err_set(e, ST_UNSUPPORTED, "libelf: version mismatch");
	/* libelf takes a writable image; nothing is written to it.  */
	r.elf = elf_memory((char *)(uintptr_t)obj, len);
	if (!r.elf)
		return err_set(e, ST_UNSUPPORTED, "object file: %s", elf_errmsg(-1));
	st = find_sections(&r);
	if (st == ST_OK)
		st = put(out, r.text->d_buf, r.text->d_size) ? ST_OK : ST_FULL;
	if (st == ST_OK)
		st = code_relocs(&r);
	if (st == ST_OK)
		st = fault_table(&r);
	if (st == ST_OK)
		st = entry_table(&r);
	elf_end(r.elf);
	return st == ST_FULL ? err_set(e, st, "0x%08x: a buffer of the unit is too small", b->run->start) : st;
}
