/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Windows inside the VM: what the engine's host table asks for, done by writing page tables at CPL 3 (the tables are mapped for it, outside
 * every window), and memory for the mirrors.
 *
 * A mirror page has no memory until it is touched; it then gets a zero-filled page of the pool, and gives it back when the engine
 * zeroes the range.  Pages the engine has not bound are all zeros (engine/window.c), so when the pool is empty they are taken
 * back: it is larger than what can be bound at one time.
 */
#include "dbt-runtime/inside/inside.h"
#include "pcmap/xabi.h"

#define DATA_FLAGS (PTE_USER | PTE_NX)

/* The processor forgets what the tables do not say any more.  */
static void settle(struct pages *p)
{
	if (p->stale == STALE_ONE)
		inside_forget(p->stale_addr);
	else if (p->stale == STALE_MANY)
		inside_forget(0);
	p->stale = STALE_NONE;
}

static bool host_map(void *opaque, uint64_t addr, uint64_t offset, uint64_t length, unsigned prot)
{
	struct box *b = opaque;
	bool ok = pages_map(&b->pages, addr, b->ram_pa + offset, length, DATA_FLAGS | (prot & HOST_WRITE ? PTE_WRITE : 0));

	settle(&b->pages);
	return ok;
}

static bool host_protect(void *opaque, uint64_t addr, uint64_t length, unsigned prot)
{
	struct box *b = opaque;
	bool ok = pages_protect(&b->pages, addr, length, prot == HOST_NONE ? 0 : PTE_PRESENT | (prot & HOST_WRITE ? PTE_WRITE : 0));

	settle(&b->pages);
	return ok;
}

static bool host_unmap(void *opaque, uint64_t addr, uint64_t length)
{
	struct box *b = opaque;
	bool ok = pages_unmap(&b->pages, addr, length);

	settle(&b->pages);
	return ok;
}

/* --- mirrors --- */

static void mirror_page_free(struct mirrors *m, uint64_t entry)
{
	uint32_t i = (uint32_t)(((entry & PTE_ADDRESS) - m->pa) / GUEST_PAGE_SIZE);

	*(uint32_t *)(m->at + (uint64_t)i * GUEST_PAGE_SIZE) = m->free;
	m->free = i + 1;
}

static void visit_free(void *opaque, uint64_t addr, uint64_t *entry)
{
	struct box *b = opaque;

	(void)addr;
	mirror_page_free(&b->mirrors, *entry);
}

static void visit_free_zeros(void *opaque, uint64_t addr, uint64_t *entry)
{
	struct box *b = opaque;
	const uint64_t *at = (const uint64_t *)(const void *)(b->mirrors.at + ((*entry & PTE_ADDRESS) - b->mirrors.pa));
	unsigned i;

	(void)addr;
	for (i = 0; i < GUEST_PAGE_SIZE / sizeof *at; i++)
		if (at[i])
			return;
	mirror_page_free(&b->mirrors, *entry);
	*entry = 0;
	b->pages.stale = STALE_MANY;
}

static void mirrors_reclaim(struct box *b)
{
	unsigned w;

	for (w = 0; w < XABI_WINDOWS_MAX; w++)
		pages_each(&b->pages, XABI_WINDOW_BASE + w * XABI_WINDOW_STRIDE + XABI_WINDOW_MIRROR, 1ull << 32, visit_free_zeros, b);
	settle(&b->pages);
}

/* Physical address of a page of zeros; 0: there is none.  */
static uint64_t mirror_page_new(struct mirrors *m)
{
	uint32_t i = m->free;
	uint8_t *page;

	if (!i)
		return m->used < m->npages ? m->pa + (uint64_t)m->used++ * GUEST_PAGE_SIZE : 0;
	page = m->at + (uint64_t)(i - 1) * GUEST_PAGE_SIZE;
	m->free = *(uint32_t *)page;
	__builtin_memset(page, 0, GUEST_PAGE_SIZE);
	return m->pa + (uint64_t)(i - 1) * GUEST_PAGE_SIZE;
}

bool mirror_fill(struct box *b, uint64_t addr)
{
	uint64_t rel = addr - XABI_WINDOW_BASE, page;

	if (rel / XABI_WINDOW_STRIDE >= XABI_WINDOWS_MAX || rel % XABI_WINDOW_STRIDE - XABI_WINDOW_MIRROR >= 1ull << 32)
		return false;
	page = mirror_page_new(&b->mirrors);
	if (!page) {
		mirrors_reclaim(b);
		page = mirror_page_new(&b->mirrors);
	}
	return page && pages_map(&b->pages, addr & ~(uint64_t)GUEST_PAGE_MASK, page, GUEST_PAGE_SIZE, DATA_FLAGS | PTE_WRITE);
}

static void host_zero(void *opaque, uint64_t addr, uint64_t length)
{
	struct box *b = opaque;

	pages_each(&b->pages, addr, length, visit_free, b);
	(void)pages_unmap(&b->pages, addr, length); /* mirrors have no large page to be cut */
	settle(&b->pages);
}

void windows_host(struct box *b, struct engine_host *h)
{
	h->opaque = b;
	h->map = host_map;
	h->protect = host_protect;
	h->unmap = host_unmap;
	h->zero = host_zero;
}
