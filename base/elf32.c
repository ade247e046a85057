/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for reading ELF32 files safely.  Not for loading them anywhere, nor for what their code means.
 *
 * libelf converts byte order and knows the record layouts.  It is given nothing this file has not bounded first: the header is checked
 * by hand, every table is checked against the file's size before libelf is asked for its entries, and every range that comes back is
 * checked again before use.  Byte ranges handed out point into `bytes`.
 */
#include "base/elf32.h"

#include <elf.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

struct reader {
	struct elf32 pub;       /* first: what callers see */
	struct file_bytes file; /* as read: what `bytes` fields point into */
	uint8_t *work;          /* libelf's copy: it may convert in place */
	Elf *elf;
	struct elf32_segment *segments;
	struct elf32_section *sections;
	struct elf32_symbol *symbols;
	char *names;            /* string table of the symbols, zero-terminated copy */
	char *section_names;
	size_t section_names_size;
};

static enum status bad(const struct reader *r, uint64_t offset, const char *reason, struct err *e)
{
	return err_set(e, ST_FORMAT, "%s: offset 0x%llx: %s", r->pub.path, (unsigned long long)offset, reason);
}

static bool inside(const struct reader *r, uint64_t offset, uint64_t size)
{
	return offset <= r->file.size && size <= r->file.size - offset;
}

bool elf32_is_elf(const uint8_t *bytes, size_t size)
{
	return size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

/* What identifies the file, before libelf sees it.  */
static enum status check_ident(struct reader *r, struct err *e)
{
	const uint8_t *b = r->file.at;

	if (!elf32_is_elf(b, r->file.size))
		return bad(r, 0, r->file.size < SELFMAG ? "too short for an ELF file" : "not an ELF file (wrong magic number)", e);
	if (r->file.size < sizeof(Elf32_Ehdr))
		return bad(r, r->file.size, "file ends inside the ELF header", e);
	if (b[EI_CLASS] == ELFCLASS64)
		return err_set(e, ST_UNSUPPORTED, "%s: offset 0x4: a 64-bit ELF file; MIPS32 needs a 32-bit one", r->pub.path);
	if (b[EI_CLASS] != ELFCLASS32)
		return bad(r, EI_CLASS, "neither a 32-bit nor a 64-bit ELF file", e);
	if (b[EI_DATA] != ELFDATA2LSB && b[EI_DATA] != ELFDATA2MSB)
		return bad(r, EI_DATA, "unknown byte order", e);
	if (b[EI_VERSION] != EV_CURRENT)
		return bad(r, EI_VERSION, "unknown ELF version", e);
	r->pub.big_endian = b[EI_DATA] == ELFDATA2MSB;
	return ST_OK;
}

static uint32_t get16(const struct reader *r, size_t offset)
{
	const uint8_t *b = r->file.at + offset;

	return r->pub.big_endian ? (uint32_t)b[0] << 8 | b[1] : (uint32_t)b[1] << 8 | b[0];
}

static uint32_t get32(const struct reader *r, size_t offset)
{
	uint32_t first = get16(r, offset), second = get16(r, offset + 2);

	return r->pub.big_endian ? first << 16 | second : second << 16 | first;
}

#define EH(field) offsetof(Elf32_Ehdr, field)

static enum status check_header(struct reader *r, struct err *e)
{
	uint32_t machine = get16(r, EH(e_machine)), type = get16(r, EH(e_type));
	uint32_t phoff = get32(r, EH(e_phoff)), shoff = get32(r, EH(e_shoff));
	uint32_t phnum = get16(r, EH(e_phnum)), shnum = get16(r, EH(e_shnum));

	if (machine != EM_MIPS && machine != EM_MIPS_RS3_LE)
		return err_set(e, ST_UNSUPPORTED, "%s: offset 0x%zx: made for ELF machine %u, not for MIPS (8)", r->pub.path,
			EH(e_machine), machine);
	if (type != ET_EXEC && type != ET_DYN)
		return err_set(e, ST_UNSUPPORTED, "%s: offset 0x%zx: ELF type %u; an executable (2) or shared object (3) is needed",
			r->pub.path, EH(e_type), type);
	if (phnum > ELF32_SEGMENTS_MAX)
		return bad(r, EH(e_phnum), "too many program headers", e);
	if (phnum && get16(r, EH(e_phentsize)) != sizeof(Elf32_Phdr))
		return bad(r, EH(e_phentsize), "program headers have an unknown size", e);
	if (phnum && !inside(r, phoff, (uint64_t)phnum * sizeof(Elf32_Phdr)))
		return bad(r, phoff, "program headers reach beyond the end of the file", e);
	if (shnum && get16(r, EH(e_shentsize)) != sizeof(Elf32_Shdr))
		return bad(r, EH(e_shentsize), "section headers have an unknown size", e);
	if (shnum && !inside(r, shoff, (uint64_t)shnum * sizeof(Elf32_Shdr)))
		return bad(r, shoff, "section headers reach beyond the end of the file", e);
	if ((phnum && (phoff & 3u)) || (shnum && (shoff & 3u)))
		return bad(r, phnum && (phoff & 3u) ? phoff : shoff, "header table is not aligned to 4 bytes", e);
	/* Number 0 with a table means "see section 0", for more than 65279 sections: no guest image has that.  */
	if (!shnum && shoff)
		return bad(r, EH(e_shnum), "extended section numbering is not supported", e);
	r->pub.executable = type == ET_EXEC;
	r->pub.flags = get32(r, EH(e_flags));
	r->pub.entry = get32(r, EH(e_entry));
	return ST_OK;
}

static enum status read_segments(struct reader *r, struct err *e)
{
	uint32_t n = get16(r, EH(e_phnum));
	uint64_t table = get32(r, EH(e_phoff));
	const Elf32_Phdr *ph = n ? elf32_getphdr(r->elf) : NULL;

	if (n && !ph)
		return bad(r, table, elf_errmsg(-1), e);
	r->segments = calloc(n ? n : 1, sizeof *r->segments);
	if (!r->segments)
		return err_set(e, ST_NOMEM, "%s: out of memory", r->pub.path);
	for (uint32_t i = 0; i < n; i++) {
		uint64_t at = table + i * sizeof *ph;
		struct elf32_segment *s = &r->segments[r->pub.nsegments];

		if (ph[i].p_type != PT_LOAD)
			continue;
		if (ph[i].p_filesz > ph[i].p_memsz)
			return bad(r, at, "segment has more bytes in the file than in memory", e);
		if (!inside(r, ph[i].p_offset, ph[i].p_filesz))
			return bad(r, at, "segment reaches beyond the end of the file", e);
		if (ph[i].p_memsz > UINT32_MAX - ph[i].p_vaddr || ph[i].p_memsz > UINT32_MAX - ph[i].p_paddr)
			return bad(r, at, "segment reaches beyond the end of the address space", e);
		if (!ph[i].p_memsz)
			continue;
		for (unsigned k = 0; k < r->pub.nsegments; k++)
			if (ph[i].p_vaddr < r->segments[k].vaddr + r->segments[k].memsz && r->segments[k].vaddr < ph[i].p_vaddr + ph[i].p_memsz)
				return bad(r, at, "segment overlaps an earlier one", e);
		*s = (struct elf32_segment){
			.vaddr = ph[i].p_vaddr, .paddr = ph[i].p_paddr, .filesz = ph[i].p_filesz, .memsz = ph[i].p_memsz,
			.perm = ph[i].p_flags & (PF_X | PF_W | PF_R), .offset = ph[i].p_offset, .bytes = r->file.at + ph[i].p_offset,
		};
		r->pub.nsegments++;
	}
	r->pub.segments = r->segments;
	return ST_OK;
}

/* A zero-terminated copy of a string table; *out is NULL if the section is none.  */
static enum status copy_strings(const struct reader *r, uint32_t index, uint64_t at, char **out, size_t *size, struct err *e)
{
	uint32_t n = get16(r, EH(e_shnum));
	size_t sh = get32(r, EH(e_shoff)) + (size_t)index * sizeof(Elf32_Shdr);
	uint32_t offset, bytes;

	if (index >= n)
		return bad(r, at, "names a string table that does not exist", e);
	offset = get32(r, sh + offsetof(Elf32_Shdr, sh_offset));
	bytes = get32(r, sh + offsetof(Elf32_Shdr, sh_size));
	if (get32(r, sh + offsetof(Elf32_Shdr, sh_type)) != SHT_STRTAB)
		return bad(r, sh, "used as a string table, but is none", e);
	if (!inside(r, offset, bytes))
		return bad(r, sh, "string table reaches beyond the end of the file", e);
	*out = malloc((size_t)bytes + 1);
	if (!*out)
		return err_set(e, ST_NOMEM, "%s: out of memory", r->pub.path);
	memcpy(*out, r->file.at + offset, bytes);
	(*out)[bytes] = 0;
	*size = bytes;
	return ST_OK;
}

static bool symbol_wanted(const Elf32_Sym *s)
{
	unsigned type = ELF32_ST_TYPE(s->st_info);

	return s->st_shndx != SHN_UNDEF && type != STT_SECTION && type != STT_FILE && type != STT_TLS;
}

static enum status read_symbols(struct reader *r, Elf_Scn *scn, const Elf32_Shdr *sh, uint64_t at, struct err *e)
{
	uint32_t n = sh->sh_size / (uint32_t)sizeof(Elf32_Sym);
	size_t names_size;
	Elf_Data *records;
	enum status s;

	if (sh->sh_entsize != sizeof(Elf32_Sym) || sh->sh_size % sizeof(Elf32_Sym))
		return bad(r, at, "symbol table with records of an unknown size", e);
	if (sh->sh_offset & 3u)
		return bad(r, at, "symbol table is not aligned to 4 bytes", e);
	if (n > ELF32_SYMBOLS_MAX)
		return bad(r, at, "too many symbols", e);
	s = copy_strings(r, sh->sh_link, at, &r->names, &names_size, e);
	if (s != ST_OK || !n)
		return s;
	records = elf_getdata(scn, NULL);
	if (!records || !records->d_buf || records->d_size < (size_t)n * sizeof(Elf32_Sym))
		return bad(r, sh->sh_offset, "symbol table cannot be read", e);
	r->symbols = calloc(n, sizeof *r->symbols);
	if (!r->symbols)
		return err_set(e, ST_NOMEM, "%s: out of memory", r->pub.path);
	for (uint32_t i = 0; i < n; i++) {
		const Elf32_Sym *sym = (const Elf32_Sym *)records->d_buf + i;
		unsigned type = ELF32_ST_TYPE(sym->st_info);

		if (!symbol_wanted(sym))
			continue;
		if (sym->st_name > names_size)
			return bad(r, sh->sh_offset + (uint64_t)i * sizeof *sym, "symbol's name lies outside the string table", e);
		r->symbols[r->pub.nsymbols++] = (struct elf32_symbol){
			.name = r->names + sym->st_name, .value = sym->st_value, .size = sym->st_size,
			.kind = type == STT_FUNC ? ELF32_FUNC : type == STT_OBJECT ? ELF32_OBJECT : ELF32_OTHER,
			.global = ELF32_ST_BIND(sym->st_info) != STB_LOCAL,
		};
	}
	r->pub.symbols = r->symbols;
	return ST_OK;
}

static enum status take_section(struct reader *r, const Elf32_Shdr *sh, uint64_t at, struct err *e)
{
	struct elf32_section *s = &r->sections[r->pub.nsections];

	if (sh->sh_type == SHT_NULL || !(sh->sh_flags & SHF_ALLOC) || !sh->sh_size)
		return ST_OK; /* the fields of a null header mean nothing (ELF-32, "Section header"): its range was not checked */
	if (sh->sh_size > UINT32_MAX - sh->sh_addr)
		return bad(r, at, "section reaches beyond the end of the address space", e);
	*s = (struct elf32_section){
		.name = sh->sh_name <= r->section_names_size ? r->section_names + sh->sh_name : "",
		.addr = sh->sh_addr, .size = sh->sh_size, .offset = sh->sh_offset,
		.executable = sh->sh_flags & SHF_EXECINSTR, .writable = sh->sh_flags & SHF_WRITE,
		.bytes = sh->sh_type == SHT_NOBITS ? NULL : r->file.at + sh->sh_offset,
	};
	r->pub.nsections++;
	return ST_OK;
}

static enum status read_sections(struct reader *r, struct err *e)
{
	uint32_t n = get16(r, EH(e_shnum)), names = get16(r, EH(e_shstrndx));
	uint64_t table = get32(r, EH(e_shoff));
	Elf_Scn *symtab = NULL;
	uint32_t symtab_type = 0;
	uint64_t symtab_at = 0;
	enum status s;

	if (!n)
		return ST_OK;
	if (names != SHN_UNDEF) {
		s = copy_strings(r, names, EH(e_shstrndx), &r->section_names, &r->section_names_size, e);
		if (s != ST_OK)
			return s;
	}
	if (!r->section_names)
		r->section_names = calloc(1, 1);
	if (!r->section_names)
		return err_set(e, ST_NOMEM, "%s: out of memory", r->pub.path);
	r->sections = calloc(n, sizeof *r->sections);
	if (!r->sections)
		return err_set(e, ST_NOMEM, "%s: out of memory", r->pub.path);
	r->pub.sections = r->sections;
	for (uint32_t i = 1; i < n; i++) {
		uint64_t at = table + (uint64_t)i * sizeof(Elf32_Shdr);
		Elf_Scn *scn = elf_getscn(r->elf, i);
		const Elf32_Shdr *sh = scn ? elf32_getshdr(scn) : NULL;

		if (!sh)
			return bad(r, at, elf_errmsg(-1), e);
		if (sh->sh_type != SHT_NOBITS && sh->sh_type != SHT_NULL && !inside(r, sh->sh_offset, sh->sh_size))
			return bad(r, at, "section reaches beyond the end of the file", e);
		s = take_section(r, sh, at, e);
		if (s != ST_OK)
			return s;
		if (sh->sh_type == SHT_SYMTAB ? symtab_type != SHT_SYMTAB : sh->sh_type == SHT_DYNSYM && !symtab) {
			symtab = scn;
			symtab_type = sh->sh_type;
			symtab_at = at;
		}
	}
	return symtab ? read_symbols(r, symtab, elf32_getshdr(symtab), symtab_at, e) : ST_OK;
}

static enum status parse(struct reader *r, struct err *e)
{
	enum status s = check_ident(r, e);

	if (s == ST_OK)
		s = check_header(r, e);
	if (s != ST_OK)
		return s;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return err_set(e, ST_HOST, "libelf: %s", elf_errmsg(-1));
	r->work = malloc(r->file.size);
	if (!r->work)
		return err_set(e, ST_NOMEM, "%s: out of memory", r->pub.path);
	memcpy(r->work, r->file.at, r->file.size);
	r->elf = elf_memory((char *)r->work, r->file.size);
	if (!r->elf)
		return bad(r, 0, elf_errmsg(-1), e);
	s = read_segments(r, e);
	return s == ST_OK ? read_sections(r, e) : s;
}

/* Takes @file.  */
static enum status open_bytes(const char *path, struct file_bytes *file, struct elf32 **out, struct err *e)
{
	struct reader *r = calloc(1, sizeof *r);
	enum status s;

	if (!r) {
		file_bytes_free(file);
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	}
	r->file = *file;
	r->pub.path = path;
	s = parse(r, e);
	if (r->elf)
		elf_end(r->elf);
	r->elf = NULL;
	free(r->work);
	r->work = NULL;
	if (s != ST_OK) {
		elf32_close(&r->pub);
		return s;
	}
	*out = &r->pub;
	return ST_OK;
}

enum status elf32_open(const char *path, struct elf32 **out, struct err *e)
{
	struct file_bytes file = { NULL, 0 };
	enum status s = file_read(path, ELF32_FILE_MAX, &file, e);

	return s == ST_OK ? open_bytes(path, &file, out, e) : s;
}

enum status elf32_parse(const char *path, const uint8_t *bytes, size_t size, struct elf32 **out, struct err *e)
{
	struct file_bytes file = { malloc(size ? size : 1), size };

	if (!file.at)
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	if (size)
		memcpy(file.at, bytes, size);
	return open_bytes(path, &file, out, e);
}

void elf32_close(struct elf32 *elf)
{
	struct reader *r = (struct reader *)elf;

	if (!r)
		return;
	free(r->segments);
	free(r->sections);
	free(r->symbols);
	free(r->names);
	free(r->section_names);
	file_bytes_free(&r->file);
	free(r);
}
