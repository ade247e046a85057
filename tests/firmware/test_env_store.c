/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The monitor's environment in flash, with the power cut before each word that is programmed and within each erasure: afterwards every
 * variable has its value, and the one that was being changed its old or its new one.
 *
 * The flash is an array.  Programming clears bits and no more; an erasure that is cut leaves a mixture of what was there and ones.
 */
#include <check.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/env.h"
#include "firmware/env_store.h"
#include "firmware/pb1500.h"

Suite *env_store_suite(void);

#define NVARS 6u

static struct {
	_Alignas(4) uint8_t spare[FLASH_BLOCK], env[FLASH_BLOCK];
	unsigned long left;  /* operations until the power goes; 0: it does not */
	unsigned long done;
	bool broken;         /* nothing can be written any more */
	jmp_buf cut;
} flash;

/* What the monitor has in RAM, and what it should find after the next start.  */
struct vars {
	char name[NVARS][ENV_NAME_MAX + 1];
	char value[NVARS][ENV_VALUE_MAX + 1];
	bool set[NVARS];
};

static struct vars ram, found;

/* ck_assert writes to a file each time it is right: too slow for what is done with every word.  */
static void must(bool right)
{
	if (!right)
		ck_abort_msg("an access outside the environment");
}

static uint8_t *at(uint32_t pa)
{
	if (pa - FLASH_ENV < FLASH_BLOCK)
		return flash.env + (pa - FLASH_ENV);
	must(pa - FLASH_ENV_SPARE < FLASH_BLOCK);
	return flash.spare + (pa - FLASH_ENV_SPARE);
}

static bool power_goes(void)
{
	flash.done++;
	return flash.left && !--flash.left;
}

const void *flash_env_memory(uint32_t pa) { return at(pa); }

enum flash_error flash_env_erase(uint32_t pa)
{
	bool cut = power_goes();

	must(pa % FLASH_BLOCK == 0);
	if (flash.broken)
		return FLASH_TIMEOUT;
	for (uint32_t i = 0; i < FLASH_BLOCK; i++)
		if (!cut || rand() & 1)
			*at(pa + i) = 0xff;
	if (cut)
		longjmp(flash.cut, 1);
	return FLASH_OK;
}

enum flash_error flash_env_program(uint32_t pa, const void *from, size_t n)
{
	const uint8_t *bytes = from;

	must(((pa | n) & 3) == 0);
	if (flash.broken)
		return FLASH_TIMEOUT;
	for (; n; n -= 4, pa += 4, bytes += 4) {
		for (unsigned i = 0; i < 4; i++)
			if ((at(pa)[i] & bytes[i]) != bytes[i])
				return FLASH_NOT_ERASED;
		if (power_goes())
			longjmp(flash.cut, 1);
		memcpy(at(pa), bytes, 4);
	}
	return FLASH_OK;
}

static unsigned index_of(const char *name)
{
	ck_assert(name[0] == 'v' && name[1] >= '0' && name[1] < (char)('0' + NVARS) && !name[2]);
	return (unsigned)(name[1] - '0');
}

static void take(const char *name, const char *value)
{
	unsigned i = index_of(name);

	ck_assert_uint_le(strlen(value), ENV_VALUE_MAX);
	strcpy(found.value[i], value);
	found.set[i] = true;
}

static bool list(const struct vars *v, unsigned n, const char **name, const char **value)
{
	for (unsigned i = 0; i < NVARS; i++) {
		if (!v->set[i] || n--)
			continue;
		*name = v->name[i];
		*value = v->value[i];
		return true;
	}
	return false;
}

static bool list_ram(unsigned n, const char **name, const char **value) { return list(&ram, n, name, value); }
static bool list_found(unsigned n, const char **name, const char **value) { return list(&found, n, name, value); }

static void vars_clear(struct vars *v)
{
	memset(v, 0, sizeof(*v));
	for (unsigned i = 0; i < NVARS; i++) {
		v->name[i][0] = 'v';
		v->name[i][1] = (char)('0' + i);
	}
}

static void new_board(void)
{
	memset(flash.env, 0xff, sizeof(flash.env));
	memset(flash.spare, 0xff, sizeof(flash.spare));
	flash.left = 0;
	flash.broken = false;
	vars_clear(&ram);
	srand(1);
}

static enum flash_error set(unsigned i, const char *value)
{
	strcpy(ram.value[i], value);
	ram.set[i] = true;
	return env_store_put(ram.name[i], value, list_ram);
}

static enum flash_error unset(unsigned i)
{
	ram.set[i] = false;
	return env_store_remove(ram.name[i]);
}

static void start(void)
{
	vars_clear(&found);
	env_store_read(take, list_found);
}

/* After a start: what is found is @want, but for variable @but (NVARS: none), which may be as in @other.  */
static void check_found(const struct vars *want, unsigned but, const struct vars *other)
{
	for (unsigned i = 0; i < NVARS; i++) {
		bool same = found.set[i] == want->set[i] && (!found.set[i] || !strcmp(found.value[i], want->value[i]));
		bool as_other = i == but && found.set[i] == other->set[i] && (!found.set[i] || !strcmp(found.value[i], other->value[i]));

		if (!same && !as_other)
			ck_abort_msg("v%u is %s after %lu operations", i, found.set[i] ? found.value[i] : "not set", flash.done);
	}
}

static void long_value(char *value, char letter)
{
	memset(value, letter, ENV_VALUE_MAX);
	value[ENV_VALUE_MAX] = 0;
}

/* Fills the block until a record of full size does not fit any more.  */
static void fill_block(void)
{
	char value[ENV_VALUE_MAX + 1];

	for (unsigned i = 0; i < FLASH_BLOCK / (ENV_VALUE_MAX + 12); i++) {
		long_value(value, (char)('a' + i % 26));
		ck_assert_int_eq(set(i % 3, value), FLASH_OK);
	}
	ck_assert_int_eq(set(4, "short"), FLASH_OK);
}

/* Runs @change with the power cut before its n-th operation, for every n, from the same flash.  Returns how many there are.  */
static unsigned long cut_everywhere(void (*change)(void), unsigned changed)
{
	static uint8_t env[FLASH_BLOCK], spare[FLASH_BLOCK];
	static struct vars before, after;
	unsigned long total;

	memcpy(env, flash.env, FLASH_BLOCK);
	memcpy(spare, flash.spare, FLASH_BLOCK);
	before = ram;
	flash.done = 0;
	change();
	total = flash.done;
	after = ram;
	ck_assert_uint_gt(total, 0);
	for (unsigned long n = 1; n <= total; n++) {
		memcpy(flash.env, env, FLASH_BLOCK);
		memcpy(flash.spare, spare, FLASH_BLOCK);
		ram = before;
		flash.left = n;
		flash.done = 0;
		if (!setjmp(flash.cut))
			change();
		flash.left = 0;
		start();
		check_found(&before, changed, &after);
		/* What was found is what stays, also when more is changed.  */
		ram = found;
		ck_assert_int_eq(set(3, "afterwards"), FLASH_OK);
		ck_assert_int_eq(unset(4), FLASH_OK);
		start();
		check_found(&ram, NVARS, NULL);
	}
	return total;
}

static void change_first(void) { ck_assert_int_eq(set(0, "first"), FLASH_OK); }
static void change_value(void) { ck_assert_int_eq(set(4, "another"), FLASH_OK); }
static void change_remove(void) { ck_assert_int_eq(unset(1), FLASH_OK); }

static void change_full(void)
{
	char value[ENV_VALUE_MAX + 1];

	long_value(value, 'Z');
	ck_assert_int_eq(set(1, value), FLASH_OK);
}

START_TEST(power_lost_on_a_new_board)
{
	new_board();
	cut_everywhere(change_first, 0);
}
END_TEST

START_TEST(power_lost_with_a_new_value)
{
	new_board();
	ck_assert_int_eq(set(0, ""), FLASH_OK);
	ck_assert_int_eq(set(4, "a value"), FLASH_OK);
	cut_everywhere(change_value, 4);
}
END_TEST

START_TEST(power_lost_in_a_removal)
{
	new_board();
	ck_assert_int_eq(set(1, "old"), FLASH_OK);
	ck_assert_int_eq(set(2, "other"), FLASH_OK);
	/* Two values of one name, as they are when the power goes between the new one and the old one's end.  */
	flash.left = 5;
	if (!setjmp(flash.cut))
		ck_assert_int_eq(set(1, "new"), FLASH_OK);
	flash.left = 0;
	start();
	ram = found;
	ck_assert_int_eq(set(1, "new"), FLASH_OK);
	cut_everywhere(change_remove, 1);
}
END_TEST

START_TEST(power_lost_when_the_block_is_full)
{
	new_board();
	fill_block();
	ck_assert_int_eq(set(5, "stays"), FLASH_OK);
	/* All variables, three of them long, are written twice.  */
	ck_assert_uint_gt(cut_everywhere(change_full, 1), 2 * 3 * ENV_VALUE_MAX / 4);
}
END_TEST

START_TEST(values_of_every_length)
{
	char value[ENV_VALUE_MAX + 1] = "";

	new_board();
	for (unsigned n = 0; n <= ENV_VALUE_MAX; n++) {
		memset(value, 'x', n);
		value[n] = 0;
		ck_assert_int_eq(set(n % NVARS, value), FLASH_OK);
		start();
		check_found(&ram, NVARS, NULL);
	}
}
END_TEST

/* Whatever is in the flash: reading ends, stays in the block, and a new value can be written.  */
START_TEST(rubbish)
{
	new_board();
	for (unsigned round = 0; round < 300; round++) {
		bool header = round & 1;

		new_board();
		srand(round);
		ck_assert_int_eq(set(0, "value"), FLASH_OK);
		ck_assert_int_eq(set(1, "another value"), FLASH_OK);
		for (unsigned i = 0; i < 1 + round % 20; i++)
			flash.env[(header ? 8u : 0u) + (unsigned)rand() % 56] ^= (uint8_t)(1u << (rand() & 7));
		vars_clear(&found);
		env_store_read(take, list_found);
		ram = found;
		ck_assert_int_eq(set(5, "more"), FLASH_OK);
		start();
		check_found(&ram, NVARS, NULL);
	}
}
END_TEST

START_TEST(flash_that_cannot_be_written)
{
	new_board();
	ck_assert_int_eq(set(0, "value"), FLASH_OK);
	flash.broken = true;
	ck_assert_int_ne(set(1, "lost"), FLASH_OK);
	ck_assert_int_ne(unset(0), FLASH_OK);
	ck_assert_int_ne(env_store_erase(), FLASH_OK);
	start();
	ck_assert(found.set[0] && !found.set[1]);
}
END_TEST

START_TEST(erased)
{
	new_board();
	fill_block();
	change_full();
	ck_assert_int_eq(env_store_erase(), FLASH_OK);
	start();
	vars_clear(&ram);
	check_found(&ram, NVARS, NULL);
	ck_assert_int_eq(set(2, "again"), FLASH_OK);
	start();
	check_found(&ram, NVARS, NULL);
}
END_TEST

Suite *env_store_suite(void)
{
	Suite *s = suite_create("env_store");
	TCase *t = tcase_create("env_store");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, power_lost_on_a_new_board);
	tcase_add_test(t, power_lost_with_a_new_value);
	tcase_add_test(t, power_lost_in_a_removal);
	tcase_add_test(t, power_lost_when_the_block_is_full);
	tcase_add_test(t, values_of_every_length);
	tcase_add_test(t, rubbish);
	tcase_add_test(t, flash_that_cannot_be_written);
	tcase_add_test(t, erased);
	suite_add_tcase(s, t);
	return s;
}
