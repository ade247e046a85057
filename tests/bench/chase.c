/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Loads that depend on loads: a list whose order is a random permutation, and look-ups in an unbalanced binary tree.
 */
#include "tests/bench/bench.h"

#define NODES 40000u
#define LAPS 40u
#define LOOKUPS 60000u

static struct node {
	struct node *next, *left, *right;
	uint32_t value;
} nodes[NODES];
static uint32_t order[NODES];

static void shuffle(uint32_t *seed)
{
	for (uint32_t i = 0; i < NODES; i++)
		order[i] = i;
	for (uint32_t i = NODES - 1; i; i--) {
		uint32_t j = bench_random(seed) % (i + 1), t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
	for (uint32_t i = 0; i < NODES; i++) {
		nodes[order[i]].next = &nodes[order[(i + 1) % NODES]];
		nodes[order[i]].value = bench_random(seed);
	}
}

static struct node *tree_build(void)
{
	struct node *root = &nodes[0];

	for (uint32_t i = 0; i < NODES; i++)
		nodes[i].left = nodes[i].right = 0;
	for (uint32_t i = 1; i < NODES; i++) {
		struct node *n = root, *add = &nodes[i];

		for (;;) {
			struct node **side = add->value < n->value ? &n->left : &n->right;

			if (!*side) {
				*side = add;
				break;
			}
			n = *side;
		}
	}
	return root;
}

uint32_t bench_chase(uint32_t rounds)
{
	uint32_t sum = 3, seed = 4711;

	for (uint32_t r = 0; r < rounds * 14; r++) {
		struct node *n = &nodes[0], *root;

		shuffle(&seed);
		for (uint32_t i = 0; i < LAPS * NODES; i++) {
			sum += n->value;
			n = n->next;
		}
		root = tree_build();
		for (uint32_t i = 0; i < LOOKUPS; i++) {
			uint32_t key = i & 1 ? nodes[i % NODES].value : bench_random(&seed), depth = 0;

			for (n = root; n && n->value != key; n = key < n->value ? n->left : n->right)
				depth++;
			sum = bench_mix(sum, depth);
		}
	}
	return sum;
}
