/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the table of regions, the memory file behind RAM and ROM, and the dispatch of single accesses.
 * Not for moving address windows: a bridge that can be reprogrammed owns all of the space its windows can be in.
 * Invariants: regions are sorted by base and disjoint; RAM contents are in guest byte order; bytes of RAM change only after
 * notify was called (I4), other than by the processor's own stores.
 */
#define _GNU_SOURCE
#include "dbt-runtime/mem/map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alignment.h"
#include "base/log.h"
#include "isa/cpu.h"

#define REGIONS_MAX 64
#define SITES 4096 /* places remembered as logged; a power of two */

enum region_kind { REGION_RAM, REGION_ROM, REGION_FLASH, REGION_IO, REGION_ALIAS, REGION_HOLE };

struct region {
	const char *name;
	gpa base;
	uint64_t size;
	enum region_kind kind;
	const struct io *io;
	bool asked;       /* FLASH: loads go to io */
	gpa target;       /* ALIAS */
	uint64_t offset;  /* banks: in the memory file */
	uint8_t *host;
	uint8_t *flags;
};

struct mem_map {
	struct mem_cfg cfg;
	bool frozen;
	unsigned nregions, nbanks;
	struct region region[REGIONS_MAX];
	unsigned last;    /* region of the last access */
	uint8_t *host;    /* all banks */
	uint64_t host_size;
	uint8_t *flags;
	int fd;
	void (*notify)(void *opaque, gpa pa, uint64_t len);
	void *notify_opaque;
	uint32_t (*pc)(void *opaque);
	void *pc_opaque;
	const struct mem_map *site_of; /* whose pc to ask; NULL: the own one */
	uint64_t site[SITES];
};

enum status mem_create(const struct mem_cfg *cfg, struct mem_map **out, struct err *e)
{
	struct mem_map *m = calloc(1, sizeof *m);

	if (!m)
		return err_set(e, ST_NOMEM, "memory map %s", cfg->name);
	m->cfg = *cfg;
	m->fd = -1;
	*out = m;
	return ST_OK;
}

void mem_destroy(struct mem_map *m)
{
	if (!m)
		return;
	if (m->host)
		munmap(m->host, m->host_size);
	if (m->fd >= 0)
		close(m->fd);
	free(m->flags);
	free(m);
}

static bool is_bank(const struct region *r) { return r->kind == REGION_RAM || r->kind == REGION_ROM || r->kind == REGION_FLASH; }

static enum status add(struct mem_map *m, const struct region *r, struct err *e)
{
	unsigned at = 0;

	if (m->frozen)
		return err_set(e, ST_USAGE, "%s: region %s comes after the map was frozen", m->cfg.name, r->name);
	if (!r->size || r->size - 1 > UINT64_MAX - r->base)
		return err_set(e, ST_USAGE, "%s: region %s at 0x%08llx has an impossible size", m->cfg.name, r->name,
			(unsigned long long)r->base);
	if (is_bank(r) && ((r->base | r->size) & GUEST_PAGE_MASK))
		return err_set(e, ST_USAGE, "%s: memory %s is not made of whole pages", m->cfg.name, r->name);
	for (unsigned i = 0; i < m->nregions; i++) {
		const struct region *o = &m->region[i];

		if (r->base - o->base < o->size || o->base - r->base < r->size)
			return err_set(e, ST_USAGE, "%s: region %s at 0x%08llx intersects %s at 0x%08llx", m->cfg.name, r->name,
				(unsigned long long)r->base, o->name, (unsigned long long)o->base);
		if (o->base < r->base)
			at = i + 1;
	}
	if (m->nregions == REGIONS_MAX)
		return err_set(e, ST_FULL, "%s: no room for region %s", m->cfg.name, r->name);
	memmove(&m->region[at + 1], &m->region[at], (m->nregions - at) * sizeof m->region[0]);
	m->region[at] = *r;
	m->nregions++;
	return ST_OK;
}

enum status mem_add_ram(struct mem_map *m, const char *name, gpa base, uint64_t size, struct err *e)
{
	return add(m, &(struct region){ .name = name, .base = base, .size = size, .kind = REGION_RAM }, e);
}

enum status mem_add_rom(struct mem_map *m, const char *name, gpa base, uint64_t size, struct err *e)
{
	return add(m, &(struct region){ .name = name, .base = base, .size = size, .kind = REGION_ROM }, e);
}

enum status mem_add_io(struct mem_map *m, gpa base, const struct io *io, struct err *e)
{
	return add(m, &(struct region){ .name = io->name, .base = base, .size = io->span, .kind = REGION_IO, .io = io }, e);
}

enum status mem_add_flash(struct mem_map *m, gpa base, const struct io *io, struct mem_flash *out, struct err *e)
{
	*out = (struct mem_flash){ .map = m, .base = base };
	return add(m, &(struct region){ .name = io->name, .base = base, .size = io->span, .kind = REGION_FLASH, .io = io }, e);
}

enum status mem_add_alias(struct mem_map *m, const char *name, gpa base, uint64_t size, gpa target, struct err *e)
{
	return add(m, &(struct region){ .name = name, .base = base, .size = size, .kind = REGION_ALIAS, .target = target }, e);
}

enum status mem_add_hole(struct mem_map *m, const char *name, gpa base, uint64_t size, struct err *e)
{
	return add(m, &(struct region){ .name = name, .base = base, .size = size, .kind = REGION_HOLE }, e);
}

enum status mem_freeze(struct mem_map *m, struct err *e)
{
	uint64_t size = 0;

	if (m->frozen)
		return err_set(e, ST_USAGE, "%s: frozen twice", m->cfg.name);
	for (unsigned i = 0; i < m->nregions; i++)
		if (is_bank(&m->region[i])) {
			m->region[i].offset = size;
			size += m->region[i].size;
			m->nbanks++;
		}
	if (m->nbanks > RAM_BANKS_MAX)
		return err_set(e, ST_FULL, "%s: %u pieces of memory, %u are possible", m->cfg.name, m->nbanks, RAM_BANKS_MAX);
	m->frozen = true;
	if (!size)
		return ST_OK;
	m->fd = memfd_create("guest-ram", MFD_CLOEXEC);
	if (m->fd < 0 || ftruncate(m->fd, (off_t)size) < 0)
		return err_set(e, ST_HOST, "%s: no file for %llu MiB of memory: %s", m->cfg.name, (unsigned long long)(size >> 20), strerror(errno));
	m->host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, m->fd, 0);
	if (m->host == MAP_FAILED) {
		m->host = NULL;
		return err_set(e, ST_HOST, "%s: cannot map %llu MiB of memory: %s", m->cfg.name, (unsigned long long)(size >> 20), strerror(errno));
	}
	m->host_size = size;
	m->flags = calloc(size >> GUEST_PAGE_LOG2, 1);
	if (!m->flags)
		return err_set(e, ST_NOMEM, "%s: page flags", m->cfg.name);
	for (unsigned i = 0; i < m->nregions; i++) {
		struct region *r = &m->region[i];

		if (!is_bank(r))
			continue;
		r->host = m->host + r->offset;
		r->flags = m->flags + (r->offset >> GUEST_PAGE_LOG2);
		if (r->kind != REGION_RAM)
			memset(r->flags, r->kind == REGION_ROM ? PAGE_ROM : PAGE_ROM | PAGE_DEVICE | PAGE_BLANK, r->size >> GUEST_PAGE_LOG2);
	}
	return ST_OK;
}

int mem_ram_fd(const struct mem_map *m) { return m->fd; }
unsigned mem_banks(const struct mem_map *m) { return m->frozen ? m->nbanks : 0; }

void mem_bank(const struct mem_map *m, unsigned n, struct ram_bank *out)
{
	for (unsigned i = 0; i < m->nregions; i++) {
		const struct region *r = &m->region[i];

		if (!is_bank(r) || n--)
			continue;
		*out = (struct ram_bank){ .base = r->base, .size = r->size, .offset = r->offset, .host = r->host, .flags = r->flags };
		return;
	}
}

/* The region that holds @pa, or NULL.  */
static struct region *find(struct mem_map *m, gpa pa)
{
	unsigned lo = 0, hi = m->nregions;

	if (m->last < m->nregions && pa - m->region[m->last].base < m->region[m->last].size)
		return &m->region[m->last];
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (m->region[mid].base <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo || pa - m->region[lo - 1].base >= m->region[lo - 1].size)
		return NULL;
	m->last = lo - 1;
	return &m->region[m->last];
}

/* As find, through one alias; @pa becomes the target's address.  */
static struct region *resolve(struct mem_map *m, gpa *pa)
{
	struct region *r = find(m, *pa);

	if (!r || r->kind != REGION_ALIAS)
		return r;
	*pa = r->target + (*pa - r->base);
	r = find(m, *pa);
	return r && r->kind != REGION_ALIAS ? r : NULL;
}

/* Once per program counter and address.  A slot already taken by another place is reused: then a line may repeat.  */
static void log_unmapped(struct mem_map *m, gpa pa, unsigned width, const char *what)
{
	const struct mem_map *o = m->site_of ? m->site_of : m;
	uint32_t pc = o->pc ? o->pc(o->pc_opaque) : 0;
	uint64_t key = ((uint64_t)pc << 32 ^ pa * UINT64_C(0x9e3779b97f4a7c15)) | 1;
	uint64_t *slot = &m->site[(key * UINT64_C(0xff51afd7ed558ccd)) >> 52 & (SITES - 1)];

	if (!log_enabled(LOG_unimp) || *slot == key)
		return;
	*slot = key;
	if (o->pc)
		log_line(LOG_unimp, "pc 0x%08x: %s: %s of %u bytes at 0x%08llx: nothing there", pc, m->cfg.name, what, width,
			(unsigned long long)pa);
	else
		log_line(LOG_unimp, "%s: %s of %u bytes at 0x%08llx: nothing there", m->cfg.name, what, width, (unsigned long long)pa);
}

static bool swapped(const struct mem_map *m, const struct io *io) { return m->cfg.big_endian && io->order == IO_LITTLE; }

static uint32_t ram_load(const struct mem_map *m, const uint8_t *p, unsigned width)
{
	uint32_t val = 0;

	for (unsigned i = 0; i < width; i++)
		val |= (uint32_t)p[m->cfg.big_endian ? width - 1 - i : i] << (8 * i);
	return val;
}

static void ram_store(const struct mem_map *m, uint8_t *p, unsigned width, uint32_t val)
{
	for (unsigned i = 0; i < width; i++)
		p[m->cfg.big_endian ? width - 1 - i : i] = (uint8_t)(val >> (8 * i));
}

/* Erased flash has no memory before somebody looks at it: the blank pages of a range get it.  */
static void unblank(const struct mem_map *m, const struct region *r, uint64_t off, uint64_t len)
{
	bool filled = false;

	if (r->kind != REGION_FLASH)
		return;
	for (uint64_t p = off >> GUEST_PAGE_LOG2; p <= (off + len - 1) >> GUEST_PAGE_LOG2; p++) {
		if (!(r->flags[p] & PAGE_BLANK))
			continue;
		memset(r->host + (p << GUEST_PAGE_LOG2), 0xff, GUEST_PAGE_SIZE);
		r->flags[p] &= (uint8_t)~(r->asked ? PAGE_BLANK : PAGE_BLANK | PAGE_DEVICE);
		filled = true;
	}
	if (filled && m->notify)
		m->notify(m->notify_opaque, r->base + off, len);
}

static uint32_t device_load(const struct mem_map *m, const struct region *r, uint32_t off, unsigned width)
{
	return swapped(m, r->io) ? io_swap(io_read(r->io, off, width), width) : io_read(r->io, off, width);
}

uint32_t mem_load(struct mem_map *m, gpa pa, unsigned width)
{
	gpa at = pa;
	const struct region *r = resolve(m, &at);

	if (!r || r->size - (at - r->base) < width) {
		log_unmapped(m, pa, width, "read");
		return m->cfg.unmapped & io_mask(width);
	}
	switch (r->kind) {
	case REGION_RAM:
	case REGION_ROM:
		return ram_load(m, r->host + (at - r->base), width);
	case REGION_FLASH:
		if (r->asked)
			return device_load(m, r, (uint32_t)(at - r->base), width);
		unblank(m, r, at - r->base, width);
		return ram_load(m, r->host + (at - r->base), width);
	case REGION_IO:
		return device_load(m, r, (uint32_t)(at - r->base), width);
	case REGION_HOLE:
	case REGION_ALIAS:
		break;
	}
	return m->cfg.unmapped & io_mask(width);
}

void mem_store(struct mem_map *m, gpa pa, unsigned width, uint32_t val)
{
	gpa at = pa;
	const struct region *r = resolve(m, &at);

	if (!r || r->size - (at - r->base) < width) {
		log_unmapped(m, pa, width, "write");
		return;
	}
	switch (r->kind) {
	case REGION_RAM:
		if (m->notify)
			m->notify(m->notify_opaque, at, width);
		ram_store(m, r->host + (at - r->base), width, val);
		return;
	case REGION_FLASH:
	case REGION_IO:
		io_write(r->io, (uint32_t)(at - r->base), width, swapped(m, r->io) ? io_swap(val & io_mask(width), width) : val & io_mask(width));
		return;
	case REGION_ROM:
	case REGION_HOLE:
	case REGION_ALIAS:
		return;
	}
}

/* --- flash --- */

static struct region *flash_region(const struct mem_flash *f) { return find(f->map, f->base); }

void mem_flash_show(const struct mem_flash *f, bool array)
{
	struct region *r = flash_region(f);

	r->asked = !array;
	for (uint64_t i = 0; i < r->size >> GUEST_PAGE_LOG2; i++)
		r->flags[i] = (uint8_t)((r->flags[i] & ~PAGE_DEVICE) | (array && !(r->flags[i] & PAGE_BLANK) ? 0 : PAGE_DEVICE));
	mem_flash_changes(f, 0, r->size);
}

uint8_t *mem_flash_bytes(const struct mem_flash *f, uint64_t off, uint64_t len)
{
	const struct region *r = flash_region(f);

	unblank(f->map, r, off, len);
	return r->host + off;
}

void mem_flash_changes(const struct mem_flash *f, uint64_t off, uint64_t len)
{
	if (f->map->notify)
		f->map->notify(f->map->notify_opaque, f->base + off, len);
}

/* Memory of a bank from @pa on: how many of @len bytes one bank holds; 0: none.  */
static uint64_t bank_part(const struct mem_map *m, gpa pa, uint64_t len, const struct region **out)
{
	for (unsigned i = 0; i < m->nregions; i++) {
		const struct region *r = &m->region[i];

		if (!is_bank(r) || !r->host || pa - r->base >= r->size)
			continue;
		*out = r;
		return len < r->size - (pa - r->base) ? len : r->size - (pa - r->base);
	}
	return 0;
}

static enum status check_range(const struct mem_map *m, gpa pa, uint64_t len, struct err *e)
{
	const struct region *r = NULL;
	uint64_t n;

	for (gpa at = pa; len; at += n, len -= n) {
		n = bank_part(m, at, len, &r);
		if (!n)
			return err_set(e, ST_NOTFOUND, "%s: no memory at 0x%08llx", m->cfg.name, (unsigned long long)at);
	}
	return ST_OK;
}

enum status mem_write(struct mem_map *m, gpa pa, const void *bytes, uint64_t len, struct err *e)
{
	const uint8_t *from = bytes;
	const struct region *r = NULL;
	enum status s = check_range(m, pa, len, e);
	uint64_t n;

	alignment_check_off();
	for (; s == ST_OK && len; pa += n, from += n, len -= n) {
		n = bank_part(m, pa, len, &r);
		unblank(m, r, pa - r->base, n);
		if (m->notify)
			m->notify(m->notify_opaque, pa, n);
		memcpy(r->host + (pa - r->base), from, n);
	}
	return s;
}

enum status mem_fill(struct mem_map *m, gpa pa, uint8_t byte, uint64_t len, struct err *e)
{
	const struct region *r = NULL;
	enum status s = check_range(m, pa, len, e);
	uint64_t n;

	alignment_check_off();
	for (; s == ST_OK && len; pa += n, len -= n) {
		n = bank_part(m, pa, len, &r);
		unblank(m, r, pa - r->base, n);
		if (m->notify)
			m->notify(m->notify_opaque, pa, n);
		memset(r->host + (pa - r->base), byte, n);
	}
	return s;
}

enum status mem_read(struct mem_map *m, gpa pa, void *bytes, uint64_t len, struct err *e)
{
	uint8_t *to = bytes;
	const struct region *r = NULL;
	enum status s = check_range(m, pa, len, e);
	uint64_t n;

	alignment_check_off();
	for (; s == ST_OK && len; pa += n, to += n, len -= n) {
		n = bank_part(m, pa, len, &r);
		unblank(m, r, pa - r->base, n);
		memcpy(to, r->host + (pa - r->base), n);
	}
	return s;
}

bool mem_is_ram(const struct mem_map *m, gpa pa, uint64_t len)
{
	const struct region *r = NULL;
	uint64_t n;

	for (; len; pa += n, len -= n) {
		n = bank_part(m, pa, len, &r);
		if (!n || r->kind != REGION_RAM)
			return false;
	}
	return true;
}

uint8_t *mem_borrow(struct mem_map *m, gpa pa, uint64_t len, bool write)
{
	const struct region *r = NULL;

	if (!len || bank_part(m, pa, len, &r) != len || r->kind != REGION_RAM)
		return NULL;
	if (write && m->notify)
		m->notify(m->notify_opaque, pa, len);
	return r->host + (pa - r->base);
}

void mem_set_notify(struct mem_map *m, void (*notify)(void *opaque, gpa pa, uint64_t len), void *opaque)
{
	m->notify = notify;
	m->notify_opaque = opaque;
}

void mem_set_site(struct mem_map *m, uint32_t (*pc)(void *opaque), void *opaque)
{
	m->pc = pc;
	m->pc_opaque = opaque;
}

void mem_share_site(struct mem_map *m, const struct mem_map *outer) { m->site_of = outer; }
