/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An open-addressing table with deletion by marking: insert, look up, remove, count.
 */
#include "tests/bench/bench.h"

#define SLOTS_LOG2 15u
#define SLOTS (1u << SLOTS_LOG2)
#define KEYS 20000u
#define PASSES 24u
#define GONE 0xffffffffu

static struct slot {
	uint32_t key, count;
} slots[SLOTS];

static struct slot *find(uint32_t key, int insert)
{
	uint32_t i = (key * 0x9e3779b1u) >> (32 - SLOTS_LOG2);
	struct slot *gone = 0;

	for (;; i = (i + 1) & (SLOTS - 1)) {
		struct slot *s = &slots[i];

		if (s->key == key)
			return s;
		if (s->key == GONE && !gone)
			gone = s;
		if (!s->key) {
			if (!insert)
				return 0;
			s = gone ? gone : s;
			s->key = key;
			s->count = 0;
			return s;
		}
	}
}

uint32_t bench_hash(uint32_t rounds)
{
	uint32_t sum = 7;

	for (uint32_t r = 0; r < rounds * 60; r++) {
		for (uint32_t i = 0; i < SLOTS; i++)
			slots[i].key = slots[i].count = 0;
		for (uint32_t pass = 0; pass < PASSES; pass++) {
			uint32_t seed = 99 + pass % 5;

			for (uint32_t i = 0; i < KEYS; i++) {
				uint32_t key = (bench_random(&seed) & 0x3fffu) + 1;
				struct slot *s;

				if (i % 3 == 2) {
					s = find(key, 0);
					if (s && s->count > 2)
						s->key = GONE;
					continue;
				}
				s = find(key, 1);
				s->count += i;
				sum = bench_mix(sum, s->count);
			}
		}
	}
	return sum;
}
