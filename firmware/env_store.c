/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for variables in flash, across a loss of power at any moment.
 *
 * A block is a header of two words and records.  A record is a word with its size in bits 31:16 and its state in bits 7:0, the check
 * sum of its bytes, and its bytes: name and value, each ended by 0, padded with 0 to whole words.  Records are only appended: a new
 * value is complete (its state is written last) before the old one is marked as deleted, and where both are found the later counts.
 *
 * When the block is full, all variables are written to a spare block, whose header is written last; then the block's own header is
 * spoilt, the block erased and written in the same way.  At any time one of the two has a header, and all variables.
 */
#include "firmware/env_store.h"

#include "firmware/env.h"
#include "firmware/pb1500.h"
#include "firmware/string.h"

#define MAGIC0 0x41544841u
#define MAGIC1 0x31564e45u
#define HEADER 8u
#define STATE_MASK    0xffu
#define STATE_USED    0x42u
#define STATE_DELETED 0x00u
#define RECORD_HEADER 8u
#define DATA_MAX (ENV_NAME_MAX + ENV_VALUE_MAX + 5u)

struct record {
	uint32_t at;   /* from the start of the block */
	uint32_t size; /* of the data */
	uint32_t state;
	const char *name, *value; /* set by record_live */
};

static uint32_t load_word(uint32_t pa) { return *(const volatile uint32_t *)flash_env_memory(pa); }

static bool block_valid(uint32_t block) { return load_word(block) == MAGIC0 && load_word(block + 4) == MAGIC1; }

/* CRC-32 (IEEE 802.3), bit by bit: a record is short.  */
static uint32_t checksum(const unsigned char *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	while (n--) {
		crc ^= *p++;
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

/* The record at r->at.  False: there is none, and r->at is where one may be appended; or past the block if what is there is spoilt.  */
static bool record_read(uint32_t block, struct record *r)
{
	uint32_t head;

	if (r->at > FLASH_BLOCK - RECORD_HEADER)
		return false;
	head = load_word(block + r->at);
	if (head == UINT32_MAX)
		return false;
	r->size = head >> 16;
	r->state = head & STATE_MASK;
	if (!r->size || (r->size & 3) || r->size > DATA_MAX + 3 || r->size > FLASH_BLOCK - RECORD_HEADER - r->at) {
		r->at = FLASH_BLOCK;
		return false;
	}
	return true;
}

/* Is it a variable: in use, its data matching the check sum, and two strings?  */
static bool record_live(uint32_t block, struct record *r)
{
	const char *data = flash_env_memory(block + r->at + RECORD_HEADER), *end = data + r->size;

	if (r->state != STATE_USED || checksum((const unsigned char *)data, r->size) != load_word(block + r->at + 4))
		return false;
	r->name = data;
	while (data < end && *data)
		data++;
	r->value = data + 1;
	return data + 1 < end && end[-1] == 0;
}

static void record_next(struct record *r) { r->at += RECORD_HEADER + r->size; }

static enum flash_error program_word(uint32_t pa, uint32_t value) { return flash_env_program(pa, &value, 4); }

/* FLASH_NOT_ERASED: there is no room.  */
static enum flash_error append(uint32_t block, uint32_t at, const char *name, const char *value, uint32_t *next)
{
	unsigned char data[DATA_MAX + 3] = { 0 };
	size_t n = strlen(name) + 1, size = (n + strlen(value) + 1 + 3) & ~(size_t)3;
	uint32_t head[2];
	enum flash_error f;

	if (at > FLASH_BLOCK - RECORD_HEADER || size > FLASH_BLOCK - RECORD_HEADER - at)
		return FLASH_NOT_ERASED;
	memcpy(data, name, n);
	memcpy(data + n, value, strlen(value));
	head[0] = (uint32_t)size << 16 | 0xffff;
	head[1] = checksum(data, size);
	f = flash_env_program(block + at, head, sizeof(head));
	if (f == FLASH_OK)
		f = flash_env_program(block + at + RECORD_HEADER, data, size);
	if (f == FLASH_OK)
		f = program_word(block + at, (uint32_t)size << 16 | 0xff00 | STATE_USED);
	*next = at + RECORD_HEADER + (uint32_t)size;
	return f;
}

/* Erases @block and writes all variables, the header last.  */
static enum flash_error write_block(uint32_t block, env_store_list *all)
{
	uint32_t off = HEADER;
	const char *name, *value;
	enum flash_error f = FLASH_OK;

	if (block_valid(block))
		f = program_word(block, 0);
	if (f == FLASH_OK)
		f = flash_env_erase(block);
	for (unsigned i = 0; f == FLASH_OK && all(i, &name, &value); i++)
		f = append(block, off, name, value, &off);
	if (f == FLASH_OK)
		f = program_word(block + 4, MAGIC1);
	return f == FLASH_OK ? program_word(block, MAGIC0) : f;
}

/* Marks all records of @name before @end as deleted.  */
static enum flash_error mark_deleted(const char *name, uint32_t end)
{
	enum flash_error f = FLASH_OK;

	for (struct record r = { .at = HEADER }; f == FLASH_OK && r.at < end && record_read(FLASH_ENV, &r); record_next(&r))
		if (record_live(FLASH_ENV, &r) && !strcmp(r.name, name))
			f = program_word(FLASH_ENV + r.at, r.size << 16 | 0xff00 | STATE_DELETED);
	return f;
}

/* With the spare alone, the block itself was being written.  */
void env_store_read(void (*take)(const char *name, const char *value), env_store_list *all)
{
	uint32_t block = block_valid(FLASH_ENV) ? FLASH_ENV : block_valid(FLASH_ENV_SPARE) ? FLASH_ENV_SPARE : 0;

	if (!block)
		return;
	for (struct record r = { .at = HEADER }; record_read(block, &r); record_next(&r))
		if (record_live(block, &r))
			take(r.name, r.value);
	if (block == FLASH_ENV_SPARE)
		write_block(FLASH_ENV, all);
}

enum flash_error env_store_put(const char *name, const char *value, env_store_list *all)
{
	struct record r = { .at = HEADER };
	enum flash_error f;
	uint32_t next;

	if (block_valid(FLASH_ENV)) {
		while (record_read(FLASH_ENV, &r))
			record_next(&r);
		f = append(FLASH_ENV, r.at, name, value, &next);
		if (f != FLASH_NOT_ERASED)
			return f == FLASH_OK ? mark_deleted(name, r.at) : f;
		f = write_block(FLASH_ENV_SPARE, all);
		if (f != FLASH_OK)
			return f;
	}
	return write_block(FLASH_ENV, all);
}

enum flash_error env_store_remove(const char *name)
{
	return block_valid(FLASH_ENV) ? mark_deleted(name, FLASH_BLOCK) : FLASH_OK;
}

enum flash_error env_store_erase(void)
{
	enum flash_error f = flash_env_erase(FLASH_ENV_SPARE);

	return f == FLASH_OK ? flash_env_erase(FLASH_ENV) : f;
}
