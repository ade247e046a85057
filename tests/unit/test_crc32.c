/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The CRC, eight bytes a step, against its definition, bit by bit.
 */
#include <check.h>

#include "base/crc32.h"
#include "tests/harness/random.h"

Suite *crc32_suite(void);

static uint32_t defined(const uint8_t *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t bit = 0; bit < 8 * n; bit++)
		crc = crc >> 1 ^ ((crc ^ (uint32_t)p[bit / 8] >> bit % 8) & 1 ? 0xedb88320u : 0);
	return ~crc;
}

START_TEST(as_defined)
{
	uint64_t state = 0xc2c;
	struct crc32 crc;
	uint8_t bytes[80];

	crc32_init(&crc);
	ck_assert_uint_eq(crc32_of(&crc, (const uint8_t *)"123456789", 9), 0xcbf43926);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)random32(&state);
	for (size_t from = 0; from < 8; from++)
		for (size_t n = 0; n <= sizeof bytes - from; n++)
			ck_assert_uint_eq(crc32_of(&crc, bytes + from, n), defined(bytes + from, n));
}
END_TEST

Suite *crc32_suite(void)
{
	Suite *s = suite_create("crc32");
	TCase *t = tcase_create("crc32");

	tcase_add_test(t, as_defined);
	suite_add_tcase(s, t);
	return s;
}
