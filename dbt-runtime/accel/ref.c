/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reference accelerator: the engine with translation switched off.  Slow, needs nothing of the host, and is what the others are
 * compared with.  Not responsible for meaning (isa/interp.c) nor for interrupts and deadlines (the engine).
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>

#include "base/log.h"
#include "dbt-runtime/accel/accel.h"
#include "dbt-runtime/accel/event_log.h"

struct accel {
	struct engine_host host;
	struct engine *engine;
	uint8_t *arena;
	size_t arena_size;
};

static enum status ref_probe(struct err *e)
{
	(void)e; /* an interpreter asks nothing of the host */
	return ST_OK;
}

static void ref_destroy(struct accel *a)
{
	if (!a)
		return;
	if (a->arena)
		munmap(a->arena, a->arena_size);
	free(a);
}

static enum status ref_create(const struct accel_cfg *cfg, struct accel **out, struct err *e)
{
	struct accel *a = calloc(1, sizeof *a);
	struct engine_cfg ec;
	enum status s;
	void *arena;

	if (!a)
		return err_set(e, ST_NOMEM, "ref: out of memory");
	a->host = (struct engine_host){ .machine = cfg->opaque, .io_load = cfg->io_load, .io_store = cfg->io_store, .now_ns = cfg->now_ns,
					.timer_set = cfg->timer_set, .log = event_log };
	a->arena_size = engine_arena_min(); /* most of it is for translation and is never touched here */
	arena = mmap(NULL, a->arena_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (arena == MAP_FAILED) {
		ref_destroy(a);
		return err_set(e, ST_NOMEM, "ref: out of memory");
	}
	a->arena = arena;
	ec = (struct engine_cfg){ .cpu = cfg->cpu, .model = cfg->model, .big_endian = cfg->big_endian, .translate = false,
				  .arena = a->arena, .arena_size = a->arena_size, .host = &a->host, .log = log_mask };
	s = engine_create(&ec, &a->engine);
	if (s != ST_OK) {
		err_set(e, s, "ref: the engine cannot start: %s", status_text(s));
		ref_destroy(a);
		return s;
	}
	*out = a;
	return ST_OK;
}

static enum accel_exit ref_run(struct accel *a, uint64_t deadline_ns, uint64_t insns)
{
	return accel_exit_of(engine_run(a->engine, deadline_ns, insns));
}

static void ref_ram_write(struct accel *a, gpa pa, uint64_t len) { engine_ram_write(a->engine, pa, len); }
static void ref_reset(struct accel *a) { engine_reset(a->engine); }
static void ref_disturb(struct accel *a, uint32_t random) { engine_disturb(a->engine, random); }
static struct engine *ref_engine(struct accel *a) { return a->engine; }

const struct accel_ops accel_ref = {
	.name = "ref",
	.probe = ref_probe,
	.create = ref_create,
	.destroy = ref_destroy,
	.run = ref_run,
	.ram_write = ref_ram_write,
	.reset = ref_reset,
	.disturb = ref_disturb,
	.engine = ref_engine,
};
