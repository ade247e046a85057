/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One address space of a machine: what answers where.  The guest physical map holds RAM and ROM (one memory file behind all
 * of it) and devices; the same structure serves an I/O port space that has devices only.
 * Not responsible for: which RAM pages hold translated code (the engine keeps that in the flag bytes).
 * Invariants: no two regions intersect; nothing is added after mem_freeze; no access aborts.
 */
#ifndef ATHANOR_MEM_MAP_H
#define ATHANOR_MEM_MAP_H

#include "base/err.h"
#include "base/types.h"
#include "dbt-runtime/mem/bus.h"

struct mem_map;
struct ram_bank; /* isa/cpu.h */

struct mem_cfg {
	const char *name;      /* in messages; borrowed */
	bool big_endian;       /* the processor's byte order */
	uint32_t unmapped;     /* what an access to nothing reads; cut to the width */
};

/* A flash bank as its device sees it: an array without an address.  */
struct mem_flash {
	struct mem_map *map;
	gpa base;
};

enum status mem_create(const struct mem_cfg *cfg, struct mem_map **out, struct err *e) MUST_CHECK;
void mem_destroy(struct mem_map *m); /* accepts NULL */

/*
 * Regions.  @name and @io are borrowed for the life of the map.  @base and @size of RAM, ROM and flash are multiples of the page size.
 * Errors: ST_USAGE intersects another region (both are named), bad size, map is frozen; ST_FULL; ST_NOMEM
 */
enum status mem_add_ram(struct mem_map *m, const char *name, gpa base, uint64_t size, struct err *e) MUST_CHECK;
enum status mem_add_rom(struct mem_map *m, const char *name, gpa base, uint64_t size, struct err *e) MUST_CHECK;
enum status mem_add_io(struct mem_map *m, gpa base, const struct io *io, struct err *e) MUST_CHECK;
/*
 * NOR flash: memory that the processor reads and executes as ROM, and whose stores are commands for @io.  What it answers while it is not
 * read as an array (mem_flash_show) is @io's too.  @out is what the device needs of it; valid once the map is frozen.
 */
enum status mem_add_flash(struct mem_map *m, gpa base, const struct io *io, struct mem_flash *out, struct err *e) MUST_CHECK;
/* Accesses go to @target + offset; what is there is found at access time, one level deep.  */
enum status mem_add_alias(struct mem_map *m, const char *name, gpa base, uint64_t size, gpa target, struct err *e) MUST_CHECK;
/* Known to be nothing: reads as unmapped, writes are dropped, neither is logged.  */
enum status mem_add_hole(struct mem_map *m, const char *name, gpa base, uint64_t size, struct err *e) MUST_CHECK;

/**
 * mem_freeze - allocate the memory file and end set-up
 * Errors: ST_HOST the host gives no memory; ST_USAGE already frozen; ST_FULL more banks than struct cpu has
 */
enum status mem_freeze(struct mem_map *m, struct err *e) MUST_CHECK;

int mem_ram_fd(const struct mem_map *m);                             /* -1: no RAM */
unsigned mem_banks(const struct mem_map *m);
/* i < mem_banks(); pages of ROM and flash carry PAGE_ROM, those of flash PAGE_BLANK too.  */
void mem_bank(const struct mem_map *m, unsigned i, struct ram_bank *out);

/**
 * mem_flash_show - the processor reads and executes the array, or asks the device each time
 * May be called from within an access to the device, by an instruction that stands in the flash.  Never fails.
 */
void mem_flash_show(const struct mem_flash *f, bool array);
/* mem_flash_bytes - @len bytes of the array; they are ones at first, and have no memory before somebody looks at them.  Whoever changes
   some calls mem_flash_changes before: code there is about to be stale (I4).  */
uint8_t *mem_flash_bytes(const struct mem_flash *f, uint64_t off, uint64_t len);
void mem_flash_changes(const struct mem_flash *f, uint64_t off, uint64_t len);

/**
 * mem_load, mem_store - one access of the processor
 * @width: 1, 2 or 4; @pa is a multiple of it
 * The value is as the guest register sees it.  A store to ROM is dropped; to RAM it calls notify first.  Accesses to nothing are
 * logged (-d unimp) once per program counter and address.  Never fail.  vCPU thread only.
 */
uint32_t mem_load(struct mem_map *m, gpa pa, unsigned width);
void mem_store(struct mem_map *m, gpa pa, unsigned width, uint32_t val);

/**
 * mem_write - put bytes into RAM, ROM or the array of a flash: for loaders.  A bus master, which reaches RAM only, uses mem_borrow.
 * Calls notify for each bank's part before it changes.
 * Errors: ST_NOTFOUND part of the range is none of these; then nothing was written
 */
enum status mem_write(struct mem_map *m, gpa pa, const void *bytes, uint64_t len, struct err *e) MUST_CHECK;
enum status mem_fill(struct mem_map *m, gpa pa, uint8_t byte, uint64_t len, struct err *e) MUST_CHECK;
enum status mem_read(struct mem_map *m, gpa pa, void *bytes, uint64_t len, struct err *e) MUST_CHECK;
bool mem_is_ram(const struct mem_map *m, gpa pa, uint64_t len); /* all of it is RAM (not ROM) */

/**
 * mem_borrow - where the host sees RAM [pa, pa+len), for one transfer of a bus master
 * @write: it is about to change; notify is called
 * NULL: not all of it is RAM, of one bank; @len is 0.  Valid until the processor runs again.
 */
uint8_t *mem_borrow(struct mem_map *m, gpa pa, uint64_t len, bool write);

/* mem_set_notify - called before RAM changes other than by the processor's own stores, and behind a change of PAGE_DEVICE: code there is
   about to be stale (I4).  */
void mem_set_notify(struct mem_map *m, void (*notify)(void *opaque, gpa pa, uint64_t len), void *opaque);

/* mem_set_site - where the guest is, for log lines; without it none is printed.  */
void mem_set_site(struct mem_map *m, uint32_t (*pc)(void *opaque), void *opaque);

/* mem_share_site - @m, an inner space, takes the program counter for its log lines from @outer, which outlives it.  */
void mem_share_site(struct mem_map *m, const struct mem_map *outer);


#endif
