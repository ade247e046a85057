/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for where the bytes of kernel, RAM disk, device tree and monitor go.  Not for ELF itself (base/elf32.c), nor for the
 * arguments a kernel is entered with (the board).
 */
#include "dbt-runtime/vm/loader.h"

#include <elf.h>
#include <string.h>

#define FILE_LIMIT (1u << 30)
#define FDT_MAGIC 0xd00dfeedu /* Devicetree Specification 0.4, section 5.2 */
#define FDT_HEADER 40u

/* kseg0 and kseg1 show physical 0-512 MiB (MIPS32 volume III, section 4.6).  */
static bool unmapped_segment(uint32_t va, uint32_t size, gpa *pa)
{
	*pa = va & 0x1fffffffu;
	return va >= 0x80000000u && va < 0xc0000000u && size <= 0x20000000u - *pa;
}

static enum status check_segments(struct loader *l, struct err *e)
{
	const struct elf32 *k = l->kernel;
	bool entry_found = false;

	if (!k->nsegments)
		return err_set(e, ST_FORMAT, "%s: no segment to load", k->path);
	for (unsigned i = 0; i < k->nsegments; i++) {
		const struct elf32_segment *s = &k->segments[i];
		gpa pa, other;

		if (!unmapped_segment(s->vaddr, s->memsz, &pa))
			return err_set(e, ST_FORMAT, "%s: offset 0x%x: segment at 0x%08x (0x%x bytes) is not inside kseg0 or kseg1", k->path,
				s->offset, s->vaddr, s->memsz);
		for (unsigned j = 0; j < i; j++) {
			other = k->segments[j].vaddr & 0x1fffffffu;
			if (pa < other + k->segments[j].memsz && other < pa + s->memsz)
				return err_set(e, ST_FORMAT, "%s: offset 0x%x: segments at 0x%08x and 0x%08x overlap in physical memory",
					k->path, s->offset, k->segments[j].vaddr, s->vaddr);
		}
		if (k->entry - s->vaddr < s->memsz)
			entry_found = true;
		if (pa + s->memsz > l->kernel_end)
			l->kernel_end = pa + s->memsz;
	}
	if (!entry_found || (k->entry & 3u))
		return err_set(e, ST_FORMAT, "%s: offset 0x18: entry point 0x%08x is not in a loaded segment", k->path, k->entry);
	return ST_OK;
}

static enum status check_flags(const struct elf32 *k, struct err *e)
{
	switch (k->flags & EF_MIPS_ARCH) {
	case EF_MIPS_ARCH_1: case EF_MIPS_ARCH_2: case EF_MIPS_ARCH_32: case EF_MIPS_ARCH_32R2:
		return ST_OK;
	default:
		return err_set(e, ST_UNSUPPORTED, "%s: offset 0x24: made for another MIPS than MIPS32 release 1 or 2 (flags 0x%08x)", k->path,
			k->flags);
	}
}

static enum status check_dtb(const struct loader *l, struct err *e)
{
	const uint8_t *b = l->dtb.at;
	uint32_t magic, size;

	if (l->dtb.size < FDT_HEADER)
		return err_set(e, ST_FORMAT, "%s: offset 0x%zx: file ends inside the device tree header", l->path.dtb, l->dtb.size);
	magic = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	size = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];
	if (magic != FDT_MAGIC)
		return err_set(e, ST_FORMAT, "%s: offset 0x0: not a device tree blob (wrong magic number)", l->path.dtb);
	if (size > l->dtb.size || size < FDT_HEADER)
		return err_set(e, ST_FORMAT, "%s: offset 0x4: device tree of %u bytes in a file of %zu", l->path.dtb, size, l->dtb.size);
	return ST_OK;
}

static enum status open_kernel(struct loader *l, struct err *e)
{
	enum status s = elf32_open(l->path.kernel, &l->kernel, e);

	if (s == ST_OK)
		s = check_flags(l->kernel, e);
	if (s == ST_OK)
		s = check_segments(l, e);
	if (s == ST_OK)
		l->big_endian = l->kernel->big_endian;
	return s;
}

/* Physical address of a monitor's segment.  A load address is a physical one, or one of kseg0 or kseg1.  */
static gpa monitor_at(const struct elf32_segment *s) { return s->paddr & 0x1fffffffu; }

/* What is in the file is placed by load address; what is not (bss) is the monitor's own affair.  */
static enum status check_monitor(const struct loader *l, const struct board_ops *b, struct err *e)
{
	const struct elf32 *m = l->monitor;
	bool start = false;

	for (unsigned i = 0; i < m->nsegments; i++) {
		const struct elf32_segment *s = &m->segments[i];
		uint64_t off = monitor_at(s) - b->monitor;

		if (!s->filesz)
			continue;
		if (off >= b->monitor_size || s->filesz > b->monitor_size - off)
			return err_set(e, ST_FORMAT, "%s: offset 0x%x: segment with load address 0x%08x (0x%x bytes) is outside the monitor's "
				"flash at 0x%08llx (0x%llx bytes)", m->path, s->offset, s->paddr, s->filesz, (unsigned long long)b->monitor,
				(unsigned long long)b->monitor_size);
		start |= off == 0;
	}
	if (!start)
		return err_set(e, ST_FORMAT, "%s: no segment with the load address of the reset vector, 0x%08llx", m->path,
			(unsigned long long)b->monitor);
	return ST_OK;
}

static enum status open_monitor(struct loader *l, const struct board_ops *b, struct err *e)
{
	struct file_bytes f;
	enum status s = file_read(l->path.monitor, FILE_LIMIT, &f, e);

	if (s != ST_OK)
		return s;
	if (elf32_is_elf(f.at, f.size)) {
		s = elf32_parse(l->path.monitor, f.at, f.size, &l->monitor, e);
		file_bytes_free(&f);
		if (s == ST_OK)
			s = check_flags(l->monitor, e);
		if (s == ST_OK)
			l->big_endian = l->monitor->big_endian;
		return s == ST_OK ? check_monitor(l, b, e) : s;
	}
	l->raw_monitor = f;
	if (!f.size)
		return err_set(e, ST_FORMAT, "%s: empty", l->path.monitor);
	if (f.size > b->monitor_size)
		return err_set(e, ST_FORMAT, "%s: %zu bytes; a raw monitor of board %s has at most %llu", l->path.monitor, f.size, b->name,
			(unsigned long long)b->monitor_size);
	return ST_OK;
}

enum status loader_open(struct loader *l, const struct loader_files *files, const struct board_ops *board, struct err *e)
{
	enum status s;

	*l = (struct loader){ .path = *files };
	s = files->monitor ? open_monitor(l, board, e) : files->kernel ? open_kernel(l, e) : ST_OK;
	if (s == ST_OK && files->initrd)
		s = file_read(files->initrd, FILE_LIMIT, &l->initrd, e);
	if (s == ST_OK && files->initrd && !l->initrd.size)
		s = err_set(e, ST_FORMAT, "%s: empty", files->initrd);
	if (s == ST_OK && files->dtb)
		s = file_read(files->dtb, FILE_LIMIT, &l->dtb, e);
	if (s == ST_OK && files->dtb)
		s = check_dtb(l, e);
	if (s != ST_OK)
		loader_close(l);
	return s;
}

void loader_close(struct loader *l)
{
	elf32_close(l->kernel);
	elf32_close(l->monitor);
	l->kernel = l->monitor = NULL;
	file_bytes_free(&l->initrd);
	file_bytes_free(&l->dtb);
	file_bytes_free(&l->raw_monitor);
}

static enum status place_kernel(const struct loader *l, struct board *b, struct err *e)
{
	for (unsigned i = 0; i < l->kernel->nsegments; i++) {
		const struct elf32_segment *seg = &l->kernel->segments[i];
		gpa pa = seg->vaddr & 0x1fffffffu;
		enum status s;

		if (!mem_is_ram(b->map, pa, seg->memsz))
			return err_set(e, ST_FORMAT, "%s: offset 0x%x: segment at 0x%08x (0x%x bytes) does not fit into the %llu MiB of RAM",
				l->path.kernel, seg->offset, seg->vaddr, seg->memsz, (unsigned long long)(b->cfg.ram_size >> 20));
		s = mem_write(b->map, pa, seg->bytes, seg->filesz, e);
		if (s == ST_OK && seg->memsz > seg->filesz)
			s = mem_fill(b->map, pa + seg->filesz, 0, seg->memsz - seg->filesz, e);
		if (s != ST_OK) {
			err_context(e, "%s", l->path.kernel);
			return s;
		}
	}
	return ST_OK;
}

typedef enum status place_fn(struct board *, uint64_t low, uint64_t size, gpa *at, struct err *e);

/* A file of the user's, at an address of the board's.  */
static enum status place_file(struct board *b, place_fn *where, uint64_t low, const struct file_bytes *f, const char *path, gpa *at,
			      struct err *e)
{
	enum status s;

	if (!f->size)
		return ST_OK;
	s = where(b, low, f->size, at, e);
	if (s == ST_OK)
		s = mem_write(b->map, *at, f->at, f->size, e);
	if (s != ST_OK)
		err_context(e, "%s", path);
	return s;
}

enum status loader_place(const struct loader *l, struct board *b, const char *append, struct board_entry *entry, struct err *e)
{
	struct board_boot boot = {
		.entry = l->kernel->entry, .initrd_size = l->initrd.size, .dtb_size = l->dtb.size, .append = append, .kernel = l->path.kernel,
	};
	enum status s = place_kernel(l, b, e);

	if (s == ST_OK)
		s = place_file(b, b->ops->place_initrd, l->kernel_end, &l->initrd, l->path.initrd, &boot.initrd, e);
	if (s == ST_OK)
		s = place_file(b, b->ops->place_dtb, l->kernel_end, &l->dtb, l->path.dtb, &boot.dtb, e);
	if (s == ST_OK)
		s = b->ops->boot(b, &boot, entry, e);
	return s;
}

/* Started from what is in the flash: there must be something, else the processor would go round in it without a word.  */
static enum status check_flash(const struct board *b, struct err *e)
{
	uint32_t all = 0xffffffff, any = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t word = mem_load(b->map, b->ops->monitor + 4 * i, 4);

		all &= word;
		any |= word;
	}
	if (any != 0 && all != 0xffffffffu)
		return ST_OK;
	return err_set(e, ST_FORMAT, "the flash is empty where board %s starts, at 0x%08llx: nothing to run: give -bios FILE, or -kernel FILE",
		b->ops->name, (unsigned long long)b->ops->monitor);
}

enum status loader_place_monitor(const struct loader *l, struct board *b, struct err *e)
{
	enum status s = ST_OK;

	if (!l->path.kernel && !l->path.monitor)
		return check_flash(b, e);
	if (l->raw_monitor.size)
		s = mem_write(b->map, b->ops->monitor, l->raw_monitor.at, l->raw_monitor.size, e);
	for (unsigned i = 0; s == ST_OK && l->monitor && i < l->monitor->nsegments; i++) {
		const struct elf32_segment *seg = &l->monitor->segments[i];

		s = mem_write(b->map, monitor_at(seg), seg->bytes, seg->filesz, e);
	}
	if (s != ST_OK)
		err_context(e, "%s", l->path.monitor);
	return s;
}
