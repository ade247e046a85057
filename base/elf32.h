/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ELF32 files of the guest: executables and kernels, either byte order.  The file is hostile until proven otherwise:
 * whatever elf32_open returns has been checked to lie inside the file and inside the 32-bit address space.
 */
#ifndef ATHANOR_BASE_ELF32_H
#define ATHANOR_BASE_ELF32_H

#include "base/err.h"
#include "base/types.h"

/* Limits that no sane guest image meets; they bound what a hostile one can cost.  */
#define ELF32_FILE_MAX (1u << 30)
#define ELF32_SEGMENTS_MAX 256u
#define ELF32_SYMBOLS_MAX (1u << 22)

enum elf32_perm { ELF32_X = 1, ELF32_W = 2, ELF32_R = 4 };

/* A PT_LOAD segment with memsz > 0.  */
struct elf32_segment {
	uint32_t vaddr, paddr;
	uint32_t filesz, memsz;  /* filesz <= memsz; vaddr + memsz does not wrap */
	uint32_t perm;           /* enum elf32_perm */
	uint32_t offset;         /* in the file */
	const uint8_t *bytes;    /* filesz of them */
};

/* A section with an address and contents, of use where segments are too coarse (which words are code).  */
struct elf32_section {
	const char *name;
	uint32_t addr, size;
	bool executable, writable;
	uint32_t offset;
	const uint8_t *bytes;    /* NULL: occupies no file space */
};

enum elf32_kind { ELF32_FUNC, ELF32_OBJECT, ELF32_OTHER };

struct elf32_symbol {
	const char *name;
	uint32_t value, size;
	enum elf32_kind kind;
	bool global;
};

struct elf32 {
	const char *path;
	bool big_endian;
	bool executable;         /* ET_EXEC; else ET_DYN */
	uint32_t flags;          /* e_flags */
	uint32_t entry;
	unsigned nsegments, nsections, nsymbols;
	const struct elf32_segment *segments; /* in file order; none overlaps another in virtual memory */
	const struct elf32_section *sections; /* in file order */
	const struct elf32_symbol *symbols;   /* defined ones; .symtab, or else .dynsym; in file order */
};

/**
 * elf32_open - read and check a MIPS ELF32 file
 * @path: borrowed until elf32_close
 * @out:  owns everything it points to
 * Errors: ST_IO; ST_NOMEM; ST_FORMAT malformed; ST_UNSUPPORTED another machine, class or type.
 * The text is "path: offset 0x...: reason" wherever the reason is a place in the file.
 */
enum status elf32_open(const char *path, struct elf32 **out, struct err *e) MUST_CHECK;

/* elf32_parse - the same for a file that is in memory: @bytes is copied.  @path is for messages.  */
enum status elf32_parse(const char *path, const uint8_t *bytes, size_t size, struct elf32 **out, struct err *e) MUST_CHECK;

/* elf32_close - accepts NULL.  */
void elf32_close(struct elf32 *elf);

/* elf32_is_elf - the first bytes are ELF's magic number.  */
bool elf32_is_elf(const uint8_t *bytes, size_t size);

#endif
