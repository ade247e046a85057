/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for profile files: format, checking, merging.  Not for gathering profiles nor for using them.
 * Invariant: a profile that was read or written is sorted by (page, flags, contents) without equals.
 *
 * Header, 40 bytes:  "ATHANORP", u32 version, u32 ISA release, u32 records, u32 zero, u64 length of the file, u32 zero, u32 CRC of the
 *                    36 bytes ahead
 * Record:            u32 length of what follows, u32 CRC of it; then
 *   u32 page, u32 flags, u16 leaders, u16 sites, u16 sampled words, u16 words that are not zero
 *   u16 word of each leader; {u16 word, u16 flags} of each site; {u16 word, u16 count} of each sampled word
 *   32 u32: bit of each word that is not zero; their four bytes each, in guest order
 */
#include "pcmap/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32.h"
#include "base/file.h"

#define MAGIC "ATHANORP"
#define HEADER_SIZE 40u
#define HEADER_CRC 36u
#define RECORD_FIXED 16u
#define BITMAP_SIZE (GUEST_PAGE_WORDS / 8u)
#define RECORD_MAX (RECORD_FIXED + GUEST_PAGE_WORDS * (2u + 4u + 4u) + BITMAP_SIZE + GUEST_PAGE_SIZE)
#define PAGE_FLAGS ((uint32_t)(UNIT_KERNEL | UNIT_MAPPED | UNIT_BE))
#define SITE_FLAGS ((unsigned)(SITE_USER | SITE_SLOW))

/* --- bytes in, checked --- */

struct cursor {
	const char *path;
	const uint8_t *at, *end;
	const uint8_t *start; /* of the file */
	const struct crc32 *crc;
	struct err *e;
};

static enum status bad(const struct cursor *c, const uint8_t *where, const char *why)
{
	return err_set(c->e, ST_FORMAT, "%s: offset 0x%zx: %s", c->path, (size_t)(where - c->start), why);
}

/* Callers have checked that there is enough.  */
static uint32_t take16(struct cursor *c)
{
	uint32_t v = c->at[0] | (uint32_t)c->at[1] << 8;

	c->at += 2;
	return v;
}

static uint32_t take32(struct cursor *c)
{
	uint32_t lo = take16(c);

	return lo | take16(c) << 16;
}

static size_t left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static enum status read_header(struct cursor *c, struct profile *p, uint32_t *nrecords)
{
	uint64_t length, size = left(c);
	uint32_t rev;

	if (size < HEADER_SIZE)
		return bad(c, c->end, size && memcmp(c->at, MAGIC, size < 8 ? size : 8) ? "not a profile" : "cut short in its header");
	if (memcmp(c->at, MAGIC, 8) != 0)
		return bad(c, c->at, "not a profile");
	c->at += 8;
	if (take32(c) != PROFILE_VERSION)
		return err_set(c->e, ST_STALE, "%s: offset 0x8: another version of the profile format: %u, known is %u", c->path,
			       (unsigned)c->start[8], PROFILE_VERSION);
	rev = take32(c);
	*nrecords = take32(c);
	c->at += 4;
	length = take32(c);
	length |= (uint64_t)take32(c) << 32;
	c->at += 4;
	if (take32(c) != crc32_of(c->crc, c->start, HEADER_CRC))
		return bad(c, c->start + HEADER_CRC, "the header's checksum does not fit: the file is damaged");
	if (length != size)
		return bad(c, c->end, length > size ? "cut short" : "goes on behind its end");
	if (rev != ISA_R1 && rev != ISA_R2)
		return bad(c, c->start + 12, "unknown ISA release");
	if (*nrecords > PROFILE_PAGES_MAX)
		return bad(c, c->start + 16, "too many pages");
	p->rev = (enum isa_rev)rev;
	return ST_OK;
}

/* A list of @n words in ascending order; @put stores the value that follows each, if @paired.  */
enum list { LIST_LEADERS, LIST_SITES, LIST_SAMPLES };

static enum status read_list(struct cursor *c, enum list kind, unsigned n, struct profile_page *p)
{
	unsigned next = 0;

	if (left(c) < n * (kind == LIST_LEADERS ? 2u : 4u))
		return bad(c, c->at, "a list is longer than its record");
	for (unsigned i = 0; i < n; i++) {
		unsigned word = take16(c), value = kind == LIST_LEADERS ? 1 : take16(c);

		if (word < next || word >= GUEST_PAGE_WORDS || !value)
			return bad(c, c->at, "a list is not sorted, or empty in places");
		next = word + 1;
		switch (kind) {
		case LIST_LEADERS: page_bit_set(p->leaders, word); break;
		case LIST_SITES: p->sites[word] = (uint8_t)value; break;
		case LIST_SAMPLES: p->samples[word] = (uint16_t)value; break;
		}
		if (kind == LIST_SITES && (value & ~SITE_FLAGS))
			return bad(c, c->at, "unknown site flags");
	}
	return ST_OK;
}

static enum status read_bytes(struct cursor *c, unsigned n, struct profile_page *p)
{
	page_bits set;

	if (left(c) != BITMAP_SIZE + 4u * (size_t)n)
		return bad(c, c->at, "the record's length does not fit its lists");
	for (unsigned i = 0; i < ARRAY_LEN(set); i++)
		set[i] = take32(c);
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++) {
		static const uint8_t zero[4];

		if (!page_bit(set, w))
			continue;
		if (left(c) < 4 || memcmp(c->at, zero, 4) == 0)
			return bad(c, c->at, "the words do not fit their bitmap");
		memcpy(p->bytes + 4u * w, c->at, 4);
		c->at += 4;
	}
	return left(c) ? bad(c, c->at, "the words do not fit their bitmap") : ST_OK;
}

static enum status read_record(struct cursor *c, struct profile_page *p)
{
	unsigned nleaders, nsites, nsamples, nwords;
	enum status s;

	memset(p, 0, sizeof *p);
	p->page = take32(c);
	p->flags = take32(c);
	nleaders = take16(c);
	nsites = take16(c);
	nsamples = take16(c);
	nwords = take16(c);
	if ((p->page & GUEST_PAGE_MASK) || (p->flags & ~PAGE_FLAGS))
		return bad(c, c->at, "impossible page address or flags");
	s = read_list(c, LIST_LEADERS, nleaders, p);
	if (s == ST_OK)
		s = read_list(c, LIST_SITES, nsites, p);
	if (s == ST_OK)
		s = read_list(c, LIST_SAMPLES, nsamples, p);
	if (s == ST_OK)
		s = read_bytes(c, nwords, p);
	return s;
}

static int compare(const void *a, const void *b)
{
	const struct profile_page *x = a, *y = b;

	if (x->page != y->page)
		return x->page < y->page ? -1 : 1;
	if (x->flags != y->flags)
		return x->flags < y->flags ? -1 : 1;
	return memcmp(x->bytes, y->bytes, sizeof x->bytes);
}

static enum status read_records(struct cursor *c, struct profile *p, uint32_t nrecords)
{
	/* One past the end is the page being read.  */
	p->pages = calloc(nrecords + 1u, sizeof *p->pages);
	p->cap = nrecords + 1;
	if (!p->pages)
		return err_set(c->e, ST_NOMEM, "%s: no memory for %u pages", c->path, nrecords);
	for (; p->npages < nrecords; p->npages++) {
		struct cursor r = *c;
		uint32_t length, crc;
		enum status s;

		if (left(c) < 8)
			return bad(c, c->at, "cut short: a record is missing");
		length = take32(c);
		crc = take32(c);
		if (length < RECORD_FIXED || length > RECORD_MAX || length > left(c))
			return bad(c, c->at, "impossible length of a record");
		if (crc32_of(c->crc, c->at, length) != crc)
			return bad(c, c->at, "the record's checksum does not fit: the file is damaged");
		r.at = c->at;
		r.end = c->at + length;
		s = read_record(&r, &p->pages[p->npages]);
		if (s != ST_OK)
			return s;
		if (p->npages && compare(&p->pages[p->npages - 1], &p->pages[p->npages]) >= 0)
			return bad(c, c->at, "records are not sorted");
		c->at += length;
	}
	return left(c) ? bad(c, c->at, "more than the header states") : ST_OK;
}

enum status profile_parse(const char *path, const uint8_t *bytes, size_t size, struct profile *out, struct err *e)
{
	struct crc32 crc;
	struct cursor c = { .path = path, .at = bytes, .end = bytes + size, .start = bytes, .crc = &crc, .e = e };
	uint32_t nrecords = 0;
	enum status s;

	crc32_init(&crc);
	memset(out, 0, sizeof *out);
	s = read_header(&c, out, &nrecords);
	/* A record takes more than 8 bytes: the count cannot make us allocate much more than the file is long.  */
	if (s == ST_OK && nrecords > left(&c) / (8 + RECORD_FIXED + BITMAP_SIZE))
		s = bad(&c, bytes + 16, "more pages than the file has room for");
	if (s == ST_OK)
		s = read_records(&c, out, nrecords);
	if (s != ST_OK)
		profile_free(out);
	return s;
}

enum status profile_read(const char *path, struct profile *out, struct err *e)
{
	struct file_bytes b = { 0 };
	enum status s;

	memset(out, 0, sizeof *out);
	s = file_read(path, HEADER_SIZE + (size_t)PROFILE_PAGES_MAX * (8 + RECORD_MAX), &b, e);
	if (s == ST_OK)
		s = profile_parse(path, b.at, b.size, out, e);
	file_bytes_free(&b);
	return s;
}

void profile_free(struct profile *p)
{
	free(p->pages);
	memset(p, 0, sizeof *p);
}

enum status profile_add(struct profile *p, const struct profile_page *page, struct err *e)
{
	if (p->npages == p->cap) {
		unsigned cap = p->cap ? p->cap * 2 : 64;
		struct profile_page *more = realloc(p->pages, cap * sizeof *more);

		if (!more)
			return err_set(e, ST_NOMEM, "no memory for a profile of %u pages", cap);
		p->pages = more;
		p->cap = cap;
	}
	p->pages[p->npages++] = *page;
	return ST_OK;
}

static void unite(struct profile_page *into, const struct profile_page *from)
{
	for (unsigned i = 0; i < ARRAY_LEN(into->leaders); i++)
		into->leaders[i] |= from->leaders[i];
	for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++) {
		uint32_t sum = (uint32_t)into->samples[i] + from->samples[i];

		into->sites[i] |= from->sites[i];
		into->samples[i] = (uint16_t)(sum > UINT16_MAX ? UINT16_MAX : sum);
	}
}

void profile_sort(struct profile *p)
{
	unsigned n = 0;

	if (!p->npages)
		return;
	qsort(p->pages, p->npages, sizeof *p->pages, compare);
	for (unsigned i = 1; i < p->npages; i++)
		if (compare(&p->pages[n], &p->pages[i]) == 0)
			unite(&p->pages[n], &p->pages[i]);
		else if (++n != i)
			p->pages[n] = p->pages[i];
	p->npages = n + 1;
}

/* --- bytes out --- */

static uint8_t *give16(uint8_t *at, uint32_t v)
{
	at[0] = (uint8_t)v;
	at[1] = (uint8_t)(v >> 8);
	return at + 2;
}

static uint8_t *give32(uint8_t *at, uint32_t v)
{
	return give16(give16(at, v), v >> 16);
}

/* Write the record of @p to @at, which has RECORD_MAX + 8 bytes; returns its length.  */
static size_t make_record(uint8_t *at, const struct profile_page *p, const struct crc32 *crc)
{
	unsigned n[4] = { 0 };
	uint8_t *counts = at + 16, *to = at + 8 + RECORD_FIXED;
	page_bits set = { 0 };

	give32(give32(at + 8, p->page), p->flags);
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
		if (page_bit(p->leaders, w)) {
			to = give16(to, w);
			n[0]++;
		}
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
		if (p->sites[w] & SITE_FLAGS) {
			to = give16(give16(to, w), p->sites[w] & SITE_FLAGS);
			n[1]++;
		}
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
		if (p->samples[w]) {
			to = give16(give16(to, w), p->samples[w]);
			n[2]++;
		}
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
		if (p->bytes[4 * w] || p->bytes[4 * w + 1] || p->bytes[4 * w + 2] || p->bytes[4 * w + 3]) {
			page_bit_set(set, w);
			n[3]++;
		}
	for (unsigned i = 0; i < ARRAY_LEN(set); i++)
		to = give32(to, set[i]);
	for (unsigned w = 0; w < GUEST_PAGE_WORDS; w++)
		if (page_bit(set, w)) {
			memcpy(to, p->bytes + 4 * w, 4);
			to += 4;
		}
	for (unsigned i = 0; i < ARRAY_LEN(n); i++)
		counts = give16(counts, n[i]);
	give32(at, (uint32_t)(to - at - 8));
	give32(at + 4, crc32_of(crc, at + 8, (size_t)(to - at - 8)));
	return (size_t)(to - at);
}

static void make_header(uint8_t *at, const struct profile *p, uint64_t length, const struct crc32 *crc)
{
	memcpy(at, MAGIC, 8);
	at = give32(give32(give32(give32(at + 8, PROFILE_VERSION), (uint32_t)p->rev), p->npages), 0);
	at = give32(give32(give32(at, (uint32_t)length), (uint32_t)(length >> 32)), 0);
	give32(at, crc32_of(crc, at - HEADER_CRC, HEADER_CRC));
}

static enum status write_file(const char *path, const struct profile *p, struct err *e)
{
	uint8_t *record = malloc(8 + RECORD_MAX), header[HEADER_SIZE];
	uint64_t length = HEADER_SIZE;
	struct file_out *f = NULL;
	struct crc32 crc;
	enum status s;

	if (!record)
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	crc32_init(&crc);
	for (unsigned i = 0; i < p->npages; i++)
		length += make_record(record, &p->pages[i], &crc);
	make_header(header, p, length, &crc);
	s = file_out_open(path, &f, e);
	if (s == ST_OK)
		s = file_out_write(f, header, sizeof header, e);
	for (unsigned i = 0; i < p->npages && s == ST_OK; i++)
		s = file_out_write(f, record, make_record(record, &p->pages[i], &crc), e);
	free(record);
	if (s != ST_OK) {
		file_out_abort(f);
		return s;
	}
	return file_out_commit(f, e);
}

static uint32_t heat(const struct profile_page *p)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < GUEST_PAGE_WORDS; i++)
		sum += p->samples[i];
	return sum;
}

static int hotter(const void *a, const void *b)
{
	uint32_t x = heat(a), y = heat(b);

	return x != y ? (x < y ? 1 : -1) : compare(a, b);
}

/* Add the pages of @old that still fit, hottest first.  */
static enum status add_old(struct profile *p, struct profile *old, struct err *e)
{
	enum status s = ST_OK;
	unsigned n = old->npages;

	/* Only to decide who goes: a page that is in both needs no room, but counting it as if it did is no harm.  */
	if (p->npages + n > PROFILE_PAGES_MAX) {
		qsort(old->pages, n, sizeof *old->pages, hotter);
		n = p->npages < PROFILE_PAGES_MAX ? PROFILE_PAGES_MAX - p->npages : 0;
	}
	for (unsigned i = 0; i < n && s == ST_OK; i++)
		s = profile_add(p, &old->pages[i], e);
	return s;
}

enum status profile_write(const char *path, struct profile *p, struct err *e)
{
	struct profile old = { 0 };
	enum status s = ST_OK;

	profile_sort(p);
	if (access(path, F_OK) == 0)
		s = profile_read(path, &old, e);
	else if (errno != ENOENT && errno != ENOTDIR)
		s = err_set(e, ST_IO, "%s: cannot open: %s", path, strerror(errno));
	if (s == ST_OK && old.npages && old.rev != p->rev)
		s = err_set(e, ST_STALE, "%s: offset 0xc: recorded with a processor of ISA release %u, this one has %u", path,
			    (unsigned)old.rev, (unsigned)p->rev);
	if (s == ST_OK && p->npages > PROFILE_PAGES_MAX) {
		qsort(p->pages, p->npages, sizeof *p->pages, hotter);
		p->npages = PROFILE_PAGES_MAX;
	}
	if (s == ST_OK)
		s = add_old(p, &old, e);
	profile_free(&old);
	if (s != ST_OK)
		return s;
	profile_sort(p);
	return write_file(path, p, e);
}
