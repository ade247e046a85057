/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the form of the statistics.  Not for counting.
 * Invariant: guest_instructions is the sum of the tiers.
 */
#define _GNU_SOURCE
#include "dbt-runtime/vm/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "dbt-runtime/engine/engine.h"

/* JSON strings: RFC 8259, section 7.  Bytes beyond ASCII pass as they came: a marker is what the user typed.  */
static void put_string(FILE *f, const char *text)
{
	putc('"', f);
	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(f, "\\%c", *p);
		else if (*p < 0x20 || *p == 0x7f)
			fprintf(f, "\\u%04x", *p);
		else
			putc(*p, f);
	}
	putc('"', f);
}

static void put_object(FILE *f, const struct accel_count *n, size_t count)
{
	putc('{', f);
	for (size_t i = 0; i < count; i++)
		fprintf(f, "%s\"%s\": %" PRIu64, i ? ", " : "", n[i].name, n[i].n);
	putc('}', f);
}

static void put_numbers(FILE *f, const char *name, const struct accel_count *n, size_t count)
{
	fprintf(f, "  \"%s\": ", name);
	put_object(f, n, count);
}

static const char *const tier_names[TIER_COUNT] = { [TIER_XO] = "xo", [TIER_TEMPLATE] = "template", [TIER_INTERP] = "interp" };

static void put_tiers(FILE *f, const uint64_t *tiers)
{
	putc('{', f);
	for (unsigned i = 0; i < TIER_COUNT; i++)
		fprintf(f, "%s\"%s\": %" PRIu64, i ? ", " : "", tier_names[i], tiers[i]);
	putc('}', f);
}

typedef void put_mark_fn(FILE *f, const struct stats *s, const struct stats_mark *m);

static void put_mark_time(FILE *f, const struct stats *s, const struct stats_mark *m)
{
	(void)s;
	fprintf(f, "%.6f", (double)m->ns / 1e9);
}

static void put_mark_insns(FILE *f, const struct stats *s, const struct stats_mark *m)
{
	(void)s;
	fprintf(f, "%" PRIu64, m->insns);
}

static void put_mark_tiers(FILE *f, const struct stats *s, const struct stats_mark *m)
{
	(void)s;
	put_tiers(f, m->tiers);
}

static void put_mark_counts(FILE *f, const struct stats *s, const struct stats_mark *m) { put_object(f, m->count, s->ncounts); }

/* An object of what each marker has to tell.  @counted: only those whose numbers were taken.  */
static void put_marks(FILE *f, const struct stats *s, const char *name, bool counted, put_mark_fn *put)
{
	const char *comma = "";

	fprintf(f, ",\n  \"%s\": {", name);
	for (unsigned i = 0; i < s->nmarks; i++) {
		const struct stats_mark *m = &s->mark[i];

		if (!(counted ? m->counted : m->seen))
			continue;
		fputs(comma, f);
		put_string(f, m->text);
		fputs(": ", f);
		put(f, s, m);
		comma = ", ";
	}
	putc('}', f);
}

/* Over the whole run.  What counts nanoseconds thus shows the share of the time.  */
static void put_rates(FILE *f, const struct stats *s)
{
	double seconds = (double)s->total_ns / 1e9;

	fputs(",\n  \"vm_per_second\": {", f);
	for (unsigned i = 0; i < s->ncounts; i++)
		fprintf(f, "%s\"%s\": %.1f", i ? ", " : "", s->count[i].name, seconds > 0 ? (double)s->count[i].n / seconds : 0.0);
	putc('}', f);
}

static void put_counts(FILE *f, const struct stats *s, const struct engine_stats *es)
{
	const struct accel_count exits[] = {
		{ "miss", es->exit_miss }, { "poll", es->exit_poll }, { "step", es->exit_step }, { "recover", es->exit_recover },
		{ "fault", es->exit_fault }, { "outside", s->exits_poll }, { "wait", s->exits_wait }, { "stop", s->exits_stop },
		{ "device_load", es->device_loads }, { "device_store", es->device_stores },
		{ "cache_flush", es->cache_flushes }, { "window_eviction", es->window_evictions },
	};
	const struct accel_count faults[] = {
		{ "hidden", es->fault_hidden }, { "guest", es->fault_guest }, { "code_write", es->fault_code_write },
		{ "device", es->fault_device }, { "service_alignment", es->fault_alignment },
	};
	const struct accel_count units[] = {
		{ "mapped", es->units_mapped }, { "enabled", es->units_enabled }, { "disabled", es->units_disabled },
		{ "translated", es->units_translated }, { "refused", es->units_refused },
	};

	const struct accel_count chaos[] = { { "disturbed", s->disturbed }, { "migrated", s->migrated } };

	put_numbers(f, "chaos", chaos, ARRAY_LEN(chaos));
	fputs(",\n", f);
	put_numbers(f, "exits", exits, ARRAY_LEN(exits));
	fputs(",\n", f);
	put_numbers(f, "faults", faults, ARRAY_LEN(faults));
	fputs(",\n", f);
	put_numbers(f, "units", units, ARRAY_LEN(units));
	if (s->ncounts) {
		fputs(",\n", f);
		put_numbers(f, "vm", s->count, s->ncounts);
		put_rates(f, s);
	}
}

enum status stats_write(const char *path, const struct stats *s, const struct cpu *c, const struct engine_stats *es, struct err *e)
{
	uint64_t tiers[TIER_COUNT], sum = 0;
	enum status status;
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	for (unsigned i = 0; i < TIER_COUNT; i++) {
		tiers[i] = s->tiers[i] + c->tier_insns[i];
		sum += tiers[i];
	}
	fputs("{\n  \"machine\": ", f);
	put_string(f, s->machine);
	fputs(", \"cpu\": ", f);
	put_string(f, s->cpu);
	fputs(", \"accel\": ", f);
	put_string(f, s->accel);
	fprintf(f, ", \"resets\": %u,\n  \"guest_instructions\": %" PRIu64 ",\n  \"tiers\": ", s->resets, sum);
	put_tiers(f, tiers);
	fputs(",\n", f);
	put_counts(f, s, es);
	fprintf(f, ",\n  \"seconds\": {\"total\": %.6f, \"translating\": %.6f, \"waiting\": %.6f}", (double)s->total_ns / 1e9,
		(double)es->translate_ns / 1e9, (double)s->waiting_ns / 1e9);
	put_marks(f, s, "uptime_at", false, put_mark_time);
	put_marks(f, s, "instructions_at", false, put_mark_insns);
	put_marks(f, s, "tiers_at", true, put_mark_tiers);
	if (s->ncounts)
		put_marks(f, s, "vm_at", true, put_mark_counts);
	fputs("\n}\n", f);
	if (fclose(f) != 0) {
		free(text);
		return err_set(e, ST_NOMEM, "%s: out of memory", path);
	}
	status = file_write(path, text, size, e);
	free(text);
	return status;
}
