/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * XXH64 against values of the reference implementation (libxxhash 0.8.1), at all lengths that take another way.
 */
#include <stdlib.h>
#include <string.h>

#include "base/types.h"
#include "pcmap/xxh64.h"
#include "tests/harness/suites.h"

#define SEED 0x9e3779b97f4a7c15u

static const struct { size_t size; uint64_t plain, seeded; } vectors[] = {
	{ 0, 0xef46db3751d8e999, 0xc4349fc93c010000 },  { 1, 0x1f25c8d0bc1f4bb6, 0x79826bcd749d267a },
	{ 3, 0x31d2363f52e564c9, 0x78efd77575e26575 },  { 4, 0x9bb64b7d66ee9fda, 0x6f0a6c97d68bf353 },
	{ 7, 0x9a7b149959ce60d8, 0xd97ede93c9d66a0d },  { 8, 0xdab99d95c6f90092, 0xa2f1e28437a78a1b },
	{ 15, 0x1b47cb8243cc8e32, 0xe2ec50a544faec61 }, { 31, 0xa2aa5f33cc4a6119, 0x755437271d1d0a84 },
	{ 32, 0x23c3c17ef790fd97, 0xbf624b932c090428 }, { 33, 0x50a7cfc7ba588784, 0x7aceaf1e9d34ea35 },
	{ 63, 0x5e3e54b431c7493c, 0x2c8ddce5c85d0d9d }, { 64, 0x0eb64b3ef6eeb01f, 0x4af341f14e3a6fc9 },
	{ 299, 0x5e6f8a0c9110e74e, 0x685e9545c69ded1c },
};

START_TEST(vector)
{
	const size_t n = vectors[_i].size;
	uint8_t *bytes = malloc(n + 1); /* exactly as long, and unaligned */

	for (size_t i = 0; i < n; i++)
		bytes[i + 1] = (uint8_t)(i * 7 + 3);
	ck_assert_uint_eq(xxh64(bytes + 1, n, 0), vectors[_i].plain);
	ck_assert_uint_eq(xxh64(bytes + 1, n, SEED), vectors[_i].seeded);
	free(bytes);
}
END_TEST

START_TEST(nothing)
{
	ck_assert_uint_eq(xxh64(NULL, 0, 0), vectors[0].plain);
}
END_TEST

Suite *xxh64_suite(void);
Suite *xxh64_suite(void)
{
	Suite *s = suite_create("xxh64");
	TCase *t = tcase_create("xxh64");

	tcase_add_loop_test(t, vector, 0, (int)ARRAY_LEN(vectors));
	tcase_add_test(t, nothing);
	suite_add_tcase(s, t);
	return s;
}
